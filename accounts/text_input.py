"""What people type, made safe to keep: text without control characters, of bounded length.

Pure. Escaping for a page is the page's own work; nothing is escaped here.
"""

from __future__ import annotations

import unicodedata

from render.characters import printable

# Marks that turn the reading direction of what follows; letters of any script stay.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LONGEST_ADDRESS = 254


def line(text: str, longest: int = 300) -> str:
    """One line: spaces for line breaks, no control or direction-turning characters, cut."""
    words = " ".join(_clean(text[: longest * 4]).split())
    return words[:longest].rstrip()


def text(typed: str, longest: int = 20_000) -> str:
    """Several lines: breaks as LF, tabs kept, no control or direction-turning characters, cut."""
    lines = typed[: longest * 2].replace("\r\n", "\n").replace("\r", "\n")
    return _clean(lines)[:longest].strip()


def too_long(typed: str, longest: int = 20_000) -> bool:
    """Whether `text` would lose something of it, which the writer should be told."""
    return len(typed) > longest


def address(typed: str) -> str:
    """An e-mail address as it is compared: trimmed, NFC, lower case. "" when it cannot be one."""
    folded = unicodedata.normalize("NFC", typed[: LONGEST_ADDRESS + 2].strip()).lower()
    local, at, domain = folded.rpartition("@")
    whole = bool(at and local and domain) and len(folded) <= LONGEST_ADDRESS
    plain = not any(c.isspace() or unicodedata.category(c)[0] == "C" for c in folded)
    return folded if whole and plain and not set(domain) & set('<>,;:"@\\()') else ""


def _clean(raw: str) -> str:
    normal = printable(unicodedata.normalize("NFC", raw))
    return "".join(
        c
        for c in normal
        if c in "\n\t" or (unicodedata.category(c) not in ("Cc", "Cs") and c not in _TURNING)
    )
