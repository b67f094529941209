"""The log says a thing once, not ten thousand times, and loses no count."""

from __future__ import annotations

import io
import logging

import pytest

from clock import ManualClock
from web.logs.deduplication import KNOWN, WINDOW, DeduplicatingHandler


@pytest.fixture
def said(clock: ManualClock):
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


def test_ten_thousand_repetitions_are_one_line_and_one_count(said, clock):
    for _ in range(10_000):
        said.warning("the database is away (%s)", "it is locked")
    assert said.lines() == ["WARNING the database is away (it is locked)"]
    later(clock, WINDOW)
    said.info("another matter")
    assert said.lines()[1:] == [
        "WARNING 9999 more like this in ten minutes: the database is away (it is locked)",
        "INFO another matter",
    ]
    said.warning("the database is away (%s)", "it is locked")
    assert said.lines()[-1] == "WARNING the database is away (it is locked)"


def test_one_wording_about_many_things_is_told_of_five(said, clock):
    for number in range(500):
        said.warning("probe %s broke", number)
    assert len(said.lines()) == 5
    later(clock, WINDOW)
    said.info("x")
    assert said.lines()[5] == "WARNING 495 more like this in ten minutes: probe 499 broke"


def test_the_end_tells_what_was_counted(said):
    for _ in range(3):
        said.error("it broke")
    said.handler.close()
    assert said.lines() == ["ERROR it broke", "ERROR 2 more like this in ten minutes: it broke"]


def test_another_defect_in_the_same_place_is_another_line(said):
    for broken in ("one", 1, "another"):
        try:
            int(broken) / 0
        except (ValueError, ZeroDivisionError):
            said.exception("the beat broke")
    text = "\n".join(said.lines())
    assert text.count("the beat broke") == 2
    assert text.count("ZeroDivisionError") == 1


def test_what_is_no_warning_is_never_held_back(said):
    for _ in range(50):
        said.info("the engine runs")
    assert len(said.lines()) == 50


def test_its_memory_is_bounded(said):
    for number in range(3 * KNOWN):
        said.warning(f"wording {number}")
    assert len(said.handler._messages) <= KNOWN + 1
    assert len(said.lines()) == 3 * KNOWN
