"""Moments are told by the clock of the site, with its zone: in letters and on the command line."""

from __future__ import annotations

import io
from dataclasses import replace

import msgspec

from clock import ManualClock
from diagnostics.model import Scope
from hosting.model import Resource
from render.message_format import terminal_moment
from tests.checks_fixtures import AT, GIGABYTE, Scene
from web.site import Site
from wizard.cli import judge_file
from wizard.reports.report import document, headline
from wizard.runs.handler import Evaluator
from wizard.watches import email_texts
from wizard.watches.model import Watch, WatchState

PRAGUE = "Europe/Prague"


def full_disk():
    scene = Scene()
    scene.use(Resource.DISK, 10 * GIGABYTE, 10 * GIGABYTE)
    report = scene.report()
    return replace(report, run=replace(report.run, started_at=AT, finished_at=AT))


def test_a_report_on_the_command_line_tells_times_of_the_zone() -> None:
    raw = msgspec.json.encode(document(full_disk(), "en"))

    def printed(**options) -> str:
        out = io.StringIO()
        judge_file(raw, Evaluator(ManualClock()), out=out, **options)
        return out.getvalue()

    assert "(counted 15 Jan 2026, 13:00 CET)" in printed(zone=PRAGUE)
    assert "(counted 15 Jan 2026, 12:00 UTC)" in printed()
    assert headline(full_disk(), "en", zone=PRAGUE).text == "Your disk space is full"


def test_a_letter_of_a_watch_tells_the_clock_of_the_site() -> None:
    mara = ("mara", "mara@people.example", "en")
    watch = Watch(
        "w1", "r1", "cafe.example", Scope.PUBLIC, "", *mara, WatchState.ACTIVE, AT, until=AT
    )
    letter = email_texts.begun(watch, Site("Sunny", time_zone=PRAGUE))
    assert "15 Jan 2026, 13:00 CET" in letter.text
    assert letter.subject == "Sunny: we are watching cafe.example"


def test_lists_in_the_terminal_name_their_zone() -> None:
    assert terminal_moment(AT, PRAGUE) == "2026-01-15 13:00:00 CET"
    assert terminal_moment(AT, "UTC") == "2026-01-15 12:00:00 UTC"
