"""Normalises text for search: case and marks folded, words cut into grams. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

# These do not decompose under NFKD, and people leave their strokes out.
_STROKES = str.maketrans({"ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ß": "ss", "ø": "o"})
_WORD = re.compile(r"[^\W_]+")  # of any script
SIZES = (3, 4, 5)
_DENSE_SIZES = (1, 2, 3)  # where a character is a syllable or a word, and words are not parted
_DENSE = re.compile(r"[\u2e80-\ud7ff\U00020000-\U0003ffff]")
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


def grams(word: str) -> Iterator[str]:
    """The grams of a folded word, with its edges marked so that beginnings weigh more."""
    marked = f"_{word}_"
    sizes = _DENSE_SIZES if not word.isascii() and _DENSE.search(word) else SIZES
    if len(word) <= SIZES[0]:
        yield marked
    for size in sizes:
        for start in range(len(marked) - size + 1):
            yield marked[start : start + size]


def gramset(tokens: Iterable[str]) -> list[str]:
    """All grams of some words, each counted as often as it occurs."""
    return [gram for token in tokens for gram in grams(token)]
