"""How settings write a duration: 30, "90s", "5m", "1.5h", "1d", "2w". Pure."""

from __future__ import annotations

import re
from datetime import timedelta

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw]?)")
LONGEST = 100 * 365.25 * 86_400  # seconds
EXAMPLES = '30, "30s", "5m", "1.5h", "1d" or "2w"'  # a number and one unit, seconds to weeks
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400, "": 1}


def parse_duration(value: object) -> timedelta:
    """The length of a duration, at most a hundred years, so that dates can be counted on with it.
    Raises ValueError."""
    match = _DURATION.fullmatch(str(value).strip())
    if match is None or isinstance(value, bool):
        raise ValueError(f"{value!r} is no duration such as {EXAMPLES}")
    seconds = float(match[1]) * _SECONDS[match[2]]
    if seconds > LONGEST:
        raise ValueError(f"{value!r} is longer than a hundred years")
    return timedelta(seconds=seconds)


def as_duration(length: float) -> str:
    """Seconds as settings write a duration."""
    length = max(length, 0.001)
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if length >= size and length % size == 0:
            return f"{length / size:g}{unit}"
    return f"{length:.10g}s"
