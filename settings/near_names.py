"""Offers the right name for a mistyped key, value or id; none when nothing is near."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_NEAR, _NEAR_WHEN_SHORT = 0.6, 0.5  # share of letters in common; of "cz" and "cs" it is half
_SHORT = 3


def near_name(name: str, names: Iterable[str]) -> str:
    """The nearest name, whatever its letter case; "" when none is near."""
    by_folded = {right.casefold(): right for right in names}
    cutoff = _NEAR_WHEN_SHORT if len(name) <= _SHORT else _NEAR
    near = difflib.get_close_matches(name.casefold(), by_folded, 1, cutoff)
    return by_folded[near[0]] if near else ""


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """ "; did you mean cs?" to append to a sentence about a wrong name, or ""."""
    near = near_name(name, names)
    return f"; did you mean {near}?" if near else ""
