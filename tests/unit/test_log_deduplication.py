"""Deduplication of log messages: each is logged once, and no count is lost."""

from __future__ import annotations

import io
import logging

import pytest

from clock import ManualClock
from web.logs.deduplication import MOST_WORDINGS, WINDOW, DeduplicatingHandler


@pytest.fixture
def calm(clock: ManualClock):
    """A logger and what was written of it."""
    out = io.StringIO()
    log = logging.getLogger(f"jasno.test.{id(clock)}")
    log.propagate = False
    log.setLevel(logging.INFO)
    handler = DeduplicatingHandler(out, now=clock.monotonic)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    log.addHandler(handler)
    log.lines = lambda: out.getvalue().splitlines()
    log.handler = handler
    yield log
    log.removeHandler(handler)


def later(clock, seconds):
    clock._elapsed += seconds


def test_ten_thousand_repetitions_are_one_line_and_one_count(calm, clock):
    for _ in range(10_000):
        calm.warning("the database is away (%s)", "it is locked")
    assert calm.lines() == ["WARNING the database is away (it is locked)"]
    later(clock, WINDOW)
    calm.info("another matter")
    assert calm.lines()[1:] == [
        "WARNING 9999 more like this in ten minutes: the database is away (it is locked)",
        "INFO another matter",
    ]
    calm.warning("the database is away (%s)", "it is locked")
    assert calm.lines()[-1] == "WARNING the database is away (it is locked)"


def test_one_wording_about_many_things_is_told_of_five(calm, clock):
    for number in range(500):
        calm.warning("probe %s broke", number)
    assert len(calm.lines()) == 5
    later(clock, WINDOW)
    calm.info("x")
    assert calm.lines()[5] == "WARNING 495 more like this in ten minutes: probe 499 broke"


def test_the_end_tells_what_was_counted(calm):
    for _ in range(3):
        calm.error("it broke")
    calm.handler.close()
    assert calm.lines() == ["ERROR it broke", "ERROR 2 more like this in ten minutes: it broke"]


def test_another_defect_in_the_same_place_is_another_line(calm):
    for broken in ("one", 1, "another"):
        try:
            int(broken) / 0
        except (ValueError, ZeroDivisionError):
            calm.exception("the beat broke")
    text = "\n".join(calm.lines())
    assert text.count("the beat broke") == 2
    assert text.count("ZeroDivisionError") == 1


def test_what_is_no_warning_is_never_held_back(calm):
    for _ in range(50):
        calm.info("the engine runs")
    assert len(calm.lines()) == 50


def test_its_memory_is_bounded(calm):
    for number in range(3 * MOST_WORDINGS):
        calm.warning(f"wording {number}")
    assert len(calm.handler._messages) <= MOST_WORDINGS + 1
    assert len(calm.lines()) == 3 * MOST_WORDINGS
