"""How long answers took, counted by classes of time: added up without loss, read as percentiles. Pure.

A class is a tenth wider than the one below it, so a percentile is at most 5 % beside the answer it
stands for. Written as "6e 6f12": class in hexadecimal, and how many unless it is one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

GROWTH = 1.1
HIGHEST = 255  # ten hours
_LOG = math.log(GROWTH)
Counts = dict[int, int]  # class → how many answers


def class_of(took_us: int) -> int:
    """The class of a time in microseconds: the smallest whose upper end it does not exceed."""
    if took_us <= 1:
        return 0
    return min(HIGHEST, math.ceil(math.log(took_us) / _LOG - 1e-9))


def middle_of(number: int) -> float:
    """The microseconds that a class stands for, as near as can be to both of its ends."""
    return 2 * GROWTH**number / (GROWTH + 1)


def add(counts: Counts, more: Mapping[int, int]) -> None:
    """Add counts to others."""
    for number, count in more.items():
        counts[number] = counts.get(number, 0) + count


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """The microseconds within which this share of the answers came (nearest rank)."""
    rank = max(1, math.ceil(share * sum(counts.values()) - 1e-9))
    for number in sorted(counts):
        rank -= counts[number]
        if rank <= 0:
            return middle_of(number)
    return None


def count(times_us: Iterable[int]) -> Counts:
    """Some times in microseconds, by class."""
    counts: Counts = {}
    for took in times_us:
        number = class_of(took)
        counts[number] = counts.get(number, 0) + 1
    return counts


def encode(counts: Mapping[int, int]) -> str:
    """As it is stored."""
    return " ".join(
        f"{number:02x}{n if n > 1 else ''}" for number, n in sorted(counts.items()) if n
    )


def decode(text: str) -> Counts:
    """What `encode` wrote."""
    return {int(entry[:2], 16): int(entry[2:] or 1) for entry in text.split(" ") if entry}
