"""Cleans one typed text (a line, several lines, an e-mail address): no control characters, bounded length.

Pure. Escaping for a page is the page's own work; nothing is escaped here.
"""

from __future__ import annotations

import unicodedata

from render.characters import printable
from render.i18n import N_

# Marks that turn the reading direction of what follows; letters of any script stay.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LONGEST_ADDRESS = 254
_MAILTO = "mailto:"
INVISIBLE = N_("This address holds a character that nobody can see. Please type it by hand.")


def line(text: str, longest: int = 300) -> str:
    """One line: spaces for line breaks, no control or direction-turning characters, cut."""
    return clean_line(text[: longest * 4])[:longest].rstrip()


def clean_line(typed: str) -> str:
    """The same, whole."""
    return " ".join(_clean(typed).split())


def text(typed: str, longest: int = 20_000) -> str:
    """Several lines: breaks as LF, tabs kept, no control or direction-turning characters, cut."""
    return clean_text(typed[: longest * 2])[:longest].strip()


def clean_text(typed: str) -> str:
    """The same, whole."""
    return _clean(typed.replace("\r\n", "\n").replace("\r", "\n")).strip()


def bare_address(typed: str) -> str:
    """An address out of what mail programs copy: `Jana Nová <jana@firma.cz>` with or without its
    name, `mailto:` before it. Anything else as it was typed, trimmed."""
    trimmed = typed.strip()
    _, opening, inside = trimmed.rstrip(",; ").partition("<")
    bracketed = inside.removesuffix(">").strip()
    has_one = opening and inside.endswith(">") and not set(bracketed) & set("<> \t\r\n")
    bare = bracketed if has_one else trimmed
    is_link = bare[: len(_MAILTO)].lower() == _MAILTO
    return bare[len(_MAILTO) :] if is_link else bare


def address(typed: str) -> str:
    """An e-mail address as it is compared: without a name beside it, trimmed, NFC, lower case. ""
    when it cannot be one."""
    bare = bare_address(typed)
    folded = unicodedata.normalize("NFC", bare[: LONGEST_ADDRESS + 2].strip()).lower()
    local, at, domain = folded.rpartition("@")
    is_quoted = len(local) > 1 and local[0] == local[-1] == '"'
    whole = bool(at and local and domain) and len(folded) <= LONGEST_ADDRESS
    whole = whole and ("@" not in local or is_quoted)
    plain = not any(c.isspace() or unicodedata.category(c)[0] == "C" for c in folded)
    return folded if whole and plain and not set(domain) & set('<>,;:"@\\()') else ""


def has_invisible(typed: str) -> bool:
    """Whether it holds characters that nobody sees, such as marks that turn the direction: where
    each counts, as in an address, they are asked about rather than left out."""
    return any(unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs") for c in typed.strip())


def _clean(raw: str) -> str:
    normal = printable(unicodedata.normalize("NFC", raw))
    return "".join(
        c
        for c in normal
        if c in "\n\t" or (unicodedata.category(c) not in ("Cc", "Cs") and c not in _TURNING)
    )
