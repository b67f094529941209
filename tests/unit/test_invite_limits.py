"""How long and for how many runs a check link works, at each limit and beyond it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from tests.status_fixtures import AT
from tickets.invites.validity import LONGEST, SHORTEST, allowed_runs, expiry, is_valid

TICK = timedelta(microseconds=1)


@pytest.mark.parametrize("span", [SHORTEST, LONGEST, timedelta(days=7)])
def test_a_link_lives_as_long_as_it_may(span: timedelta) -> None:
    assert expiry(AT, span) == AT + span


@pytest.mark.parametrize("span", [SHORTEST - TICK, LONGEST + TICK])
def test_a_link_lives_neither_shorter_nor_longer(span: timedelta) -> None:
    with pytest.raises(ValueError, match=r"^a check link lives from 0:05:00 to 30 days, 0:00:00, "):
        expiry(AT, span)


@pytest.mark.parametrize("runs", [1, 2, 50])
def test_a_link_has_as_many_runs_as_it_may(runs: int) -> None:
    assert allowed_runs(runs) == runs


@pytest.mark.parametrize("runs", [0, 51])
def test_a_link_has_neither_fewer_nor_more(runs: int) -> None:
    with pytest.raises(ValueError, match=f"^a check link has 1 to 50 runs, not {runs}$"):
        allowed_runs(runs)


@dataclass(frozen=True)
class Link:
    """What decides of a check link."""

    expires_at: datetime = AT + TICK
    runs_left: int = 1


@pytest.mark.parametrize(
    ("link", "works"),
    [(Link(), True), (Link(expires_at=AT), False), (Link(runs_left=0), False)],
)
def test_a_link_works_until_its_moment_and_its_last_run(link, works) -> None:
    assert is_valid(link, AT) is works
