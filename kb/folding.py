"""Folds text for comparing: case and marks go, words are parted. Pure."""

from __future__ import annotations

import re
import unicodedata

# These do not decompose under NFKD, and people leave their strokes out.
_STROKES = str.maketrans({"ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ß": "ss", "ø": "o"})
_WORD = re.compile(r"[^\W_]+")  # of any script
MAX_TEXT = 100_000


def fold(text: str) -> str:
    """Lower case without diacritics: "Přesměrování" → "presmerovani", "łódź" → "lodz"."""
    plain = unicodedata.normalize("NFKD", text[:MAX_TEXT].translate(_STROKES))
    if not plain.isascii():
        plain = "".join(c for c in plain if not unicodedata.combining(c))
    return plain.casefold()


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return _WORD.findall(fold(text))
