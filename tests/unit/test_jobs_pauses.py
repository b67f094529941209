"""How long a job that failed waits: longer each time, never for ever, and not all at one moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jobs.worker import pause


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(1, 2), (2, 4), (3, 8), (4, 16), (9, 512), (10, 900), (13, 900), (10_000, 900)],
)
def test_pauses_double_up_to_a_quarter_of_an_hour_and_are_spread(attempts, seconds):
    pauses = [pause(attempts) / timedelta(seconds=seconds) for _ in range(400)]
    assert 0.75 <= min(pauses) < 0.85
    assert 1.15 < max(pauses) <= 1.25
