"""Incidents, work and news from the terminal: every line that is printed, and every refusal."""

from __future__ import annotations

import argparse
import re
from datetime import timedelta

import pytest

from db.engine import connect
from jobs.database_queue import DatabaseSender
from status.incidents import cli
from status.incidents.incident_editing import IncidentEditor
from status.storage.store import StatusStore
from tests.status_fixtures import MAIL, WEB

ACTS = {
    "incident": (cli.incident_options, cli.incident),
    "maintenance": (cli.maintenance_options, cli.maintenance),
    "override": (cli.override_options, cli.override),
    "announce": (cli.announce_options, cli.announce),
}


class Terminal:
    """Runs commands and remembers what they print, with short names in place of fresh ids."""

    def __init__(self, incidents, capsys) -> None:
        self.incidents, self._capsys, self._names = incidents, capsys, {}

    def _ids(self) -> list[str]:
        """Those of all that is stored, in the order in which it came."""
        store = self.incidents
        entries = [entry for kept in store.all() for entry in (*kept.updates[::-1], kept)]
        works = {work.id.partition("-")[0] for work in (*store.series(), *store.maintenances())}
        return [kept.id for kept in (*entries, *store.announcements())] + sorted(works)

    def _named(self, text: str) -> str:
        for fresh in self._ids():
            if fresh in text and fresh not in self._names:
                self._names[fresh] = f"<{len(self._names) + 1}>"
        for fresh, short in self._names.items():
            text = text.replace(fresh, short)
        return text

    def id(self, name: str) -> str:
        return next(fresh for fresh, short in self._names.items() if short == name)

    def __call__(self, line: str) -> list[str]:
        """The lines that a command prints; those of a refusal begin with its status."""
        line = re.sub(r"<\d+>", lambda match: self.id(match[0]), line)
        words = [
            w.replace("_", " ") if w[0].isupper() or w == "power_cut" else w for w in line.split()
        ]
        options, act = ACTS[words[0]]
        parser = argparse.ArgumentParser()
        options(parser)
        status = act(parser.parse_args(words[1:]), self.incidents)
        printed = self._capsys.readouterr()
        lines = self._named(printed.out).splitlines()
        return [*lines, *(f"{status}: {line}" for line in self._named(printed.err).splitlines())]


@pytest.fixture
def terminal(sqlite_url, clock, capsys):
    database = connect(sqlite_url, clock=clock)
    store = StatusStore(database, clock, DatabaseSender())
    yield Terminal(IncidentEditor(store, clock, (WEB, MAIL)), capsys)
    database.close()


def test_an_incident_is_told_line_by_line(terminal, clock):
    opened = "incident open --title Mail_is_slow --text We_look. --on mail=partial_outage --state identified"
    assert terminal(opened) == ["<1>\tidentified\tMail is slow"]
    clock.advance(timedelta(minutes=90))
    assert terminal("incident update <1> --text Still. --on web=degraded_performance") == [
        "<1>\tidentified\tMail is slow"
    ]
    assert terminal("incident update <1> --text Then. --at 2026-01-15T13:00") == [
        "2: --at: It must lie between the entry before it and now."
    ]
    assert terminal("incident correct <1> --title Mail_was_slow") == [
        "<1>\tidentified\tMail was slow"
    ]
    assert terminal("incident resolve <1> --text Over.") == ["<1>\tresolved\tMail was slow"]
    assert terminal("incident show <1>") == [
        "2026-01-15 13:30 UTC\tresolved\tmail=operational, web=operational\tOver.\t<4>",
        "2026-01-15 13:30 UTC\tidentified\tweb=degraded_performance\tStill.\t<3>",
        "2026-01-15 12:00 UTC\tidentified\tmail=partial_outage\tWe look.\t<2>",
    ]
    assert terminal("incident correct <1> --entry <2> --text We_looked.") == [
        "<1>\tresolved\tMail was slow"
    ]
    assert "We looked." in terminal("incident show <1> --zone Europe/Prague")[2]
    assert terminal("incident postmortem <1> --text A_disk.") == ["<1>\tpostmortem\tMail was slow"]
    assert terminal("incident list --zone Europe/Prague") == [
        "<1>\tpostmortem\t2026-01-15 13:00 CET\tMail was slow"
    ]


def test_drafts_and_what_is_scheduled_are_told_apart(terminal):
    for words in ("--draft", "--publish-at 2026-01-16T08:00", "--draft"):
        terminal(f"incident open --title T --text x {words}")
    listed = terminal("incident list")
    assert sorted(line.split("\t")[1] for line in listed) == ["draft", "draft", "scheduled"]
    published, dropped = [line.split("\t")[0] for line in listed if "\tdraft" in line]
    (later,) = [line.split("\t")[0] for line in listed if "\tscheduled" in line]
    for command, refusal in (
        (f"approve {published}", f"2: {published} is no draft"),
        (f"discard {dropped}", f"2: {dropped} is no draft"),
        (f"release {later}", f"2: {later} is not waiting for a time"),
    ):
        assert terminal(f"incident {command}") == []
        assert terminal(f"incident {command}") == [refusal]
    past = "--started 2026-01-15T08:00 --ended 2026-01-15T09:00"
    assert terminal(f"incident open --title Past --text x {past}")[0].endswith("\tresolved\tPast")


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        ("incident show nothing", "there is no incident nothing"),
        ("incident approve nothing", "there is no incident nothing"),
        ("incident release nothing", "there is no incident nothing"),
        ("maintenance show nothing", "there is no maintenance nothing"),
        ("announce withdraw nothing", "there is no announcement nothing"),
        ("override set mail operational --hours 0", "--hours: say how long it holds, such as 2 or 0.5"),
        ("incident open --title x --text y --on mail", ("--on: 'mail': a state is one of operational, "
         "degraded_performance, partial_outage, major_outage")),
        ("incident open --template none", ("--template: 'none' is not there; known: outage, slow, network, "
         "attack, identified, monitoring, resolved")),
    ],
)  # fmt: skip
def test_a_refusal_says_what_to_do(terminal, command, refusal):
    assert terminal(command) == [f"2: {refusal}"]


def test_ready_words_are_listed_and_begin_an_incident(terminal):
    assert terminal("incident templates") == [
        "outage\tSomething is down",
        "slow\tSomething is slow",
        "network\tThe network is disturbed",
        "attack\tAn attack is under way",
        "identified\tThe cause is known",
        "monitoring\tIt is fixed and watched",
        "resolved\tIt is over",
    ]
    assert terminal("incident open --template outage --on web=major_outage") == [
        "<1>\tinvestigating\tOutage: Web servers"
    ]
    assert terminal("incident update <1> --template identified") == [
        "<1>\tidentified\tOutage: Web servers"
    ]
    assert terminal("incident update <1> --template monitoring --state investigating") == [
        "<1>\tinvestigating\tOutage: Web servers"
    ]


def test_work_is_told_line_by_line(terminal, clock):
    window = "--from 2026-01-15T13:00 --until 2026-01-15T15:00"
    assert terminal(f"maintenance plan --title Disks --text New_ones. --on web {window}") == [
        "<1>\tDisks"
    ]
    line = "<1>\tscheduled\t2026-01-15 13:00 UTC to 2026-01-15 15:00 UTC\tDisks"
    assert terminal("maintenance list") == [line]
    assert terminal("maintenance move <1> --from 2026-01-15T13:00 --until 2026-01-15T14:00") == []
    assert terminal("maintenance correct <1> --title Drives") == []
    clock.advance(timedelta(minutes=90))
    assert terminal("maintenance note <1> --text Half_way. --state verifying") == []
    output = terminal("maintenance show <1>")
    assert output[0] == "<1>\tverifying\t2026-01-15 13:00 UTC to 2026-01-15 14:00 UTC\tDrives"
    assert [row.split("\t")[1:4] for row in output[1:]] == [
        ["verifying", "", "Half way."],
        ["in_progress", "web=under_maintenance", ""],
        ["scheduled", "", "New ones."],
    ]
    assert terminal("maintenance finish <1>") == []
    assert terminal("maintenance list") == [
        "<1>\tcompleted\t2026-01-15 13:00 UTC to 2026-01-15 13:30 UTC\tDrives"
    ]


def test_words_on_services_and_news_are_told_line_by_line(terminal):
    assert terminal("override set mail major_outage --reason power_cut") == [
        "mail\tmajor_outage\t2026-01-15 16:00 UTC"
    ]
    assert terminal("override list --zone Europe/Prague") == [
        "mail\tmajor_outage\t2026-01-15 17:00 CET\tcli\tpower cut"
    ]
    assert terminal("override clear mail") == []
    assert terminal("override list") == []
    window = "--from 2026-01-15T12:30 --until 2026-01-15T13:00"
    assert terminal(f"announce publish --title New_prices --text From_May. {window}") == [
        "<1>\tNew prices"
    ]
    assert terminal("announce correct <1> --title Newer_prices") == []
    assert terminal("announce list") == ["<1>\t2026-01-15 12:30 UTC\tNewer prices"]
    assert terminal("announce withdraw <1>") == []
    assert terminal("announce list") == []
