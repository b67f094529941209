"""How often a watch rechecks a report, and how many good looks end it. Pure."""

from __future__ import annotations

from datetime import timedelta

MAX_LOOKS = 40  # looks
GOOD_LOOKS_NEEDED = 2  # good looks in a row before it is called well
CONFIRMING_PAUSE = timedelta(minutes=2)  # between the first good look and the second
FIRST_PAUSE = timedelta(minutes=2)
MAX_PAUSE = timedelta(hours=6)


def pause_after(looks: int) -> timedelta:
    """How long to wait after a number of looks: 2, 4, 8 … minutes, six hours at most."""
    return min(FIRST_PAUSE * (1 << min(looks, 10)), MAX_PAUSE)
