"""Status by hand from the terminal."""

from __future__ import annotations

import argparse
from datetime import timedelta

import pytest

import lab
from commands.main import main
from db.engine import connect
from jobs.database_queue import DatabaseSender
from observe.network import Network
from status.incidents import cli as telling
from status.incidents.incident_editing import IncidentEditor
from status.model import Condition, IncidentState
from status.probing import cli
from status.publishing.exports.cli import publish
from status.publishing.publisher import Publisher
from status.state.statements import open_incidents
from status.storage.store import StatusStore
from tests.engine.test_status_watch import PROBE, WORLD
from tests.status_fixtures import MAIL, SITE, WEB, pages, probe, snapshot


@pytest.fixture
def incidents(sqlite_url, clock):
    database = connect(sqlite_url, clock=clock)
    yield IncidentEditor(StatusStore(database, clock, DatabaseSender()), clock, (WEB, MAIL))
    database.close()


@pytest.fixture
def run(incidents):
    def incident(*argv):
        parser = argparse.ArgumentParser()
        telling.incident_options(parser)
        return telling.incident(parser.parse_args(argv), incidents)

    return incident


@pytest.fixture
def plan(incidents):
    def maintenance(*argv):
        parser = argparse.ArgumentParser()
        telling.maintenance_options(parser)
        return telling.maintenance(parser.parse_args(argv), incidents)

    return maintenance


def run_command(options, act, incidents, *argv):
    parser = argparse.ArgumentParser()
    options(parser)
    return act(parser.parse_args(argv), incidents)


def test_an_incident_with_ready_words_other_times_and_an_epilogue(run, incidents, capsys):
    opened = run("open", "--template", "outage", "--on", "mail=major_outage", "--text", "cs=Nejde.")
    assert opened == 0
    (incident,) = incidents.all()
    assert incident.title["en"] == "Outage: Mailboxes"
    assert incident.updates[0].text["cs"] == "Nejde."
    assert "Mailboxes: not available" in incident.updates[0].text["en"]
    assert run("resolve", incident.id, "--template", "resolved") == 0
    assert run("postmortem", incident.id, "--text", "A disk.") == 0
    assert incidents.get(incident.id).state is IncidentState.POSTMORTEM
    past = ("--started", "2026-01-15 08:00", "--ended", "2026-01-15 09:00")
    assert run("open", "--title", "Past", "--text", "x", *past) == 0
    later = ("--publish-at", "2026-01-16 08:00")
    assert run("open", "--title", "Later", "--text", "x", *later) == 0
    capsys.readouterr()
    assert run("list") == 0
    listed = capsys.readouterr().out
    assert "resolved\t2026-01-15 08:00 UTC\tPast" in listed
    made_id = next(line for line in listed.splitlines() if "scheduled" in line).split("\t")[0]
    assert run("release", made_id) == 0
    assert run("release", made_id) == 2
    assert run("open", "--template", "outage") == 2
    assert "choose the services" in capsys.readouterr().err
    assert run("templates") == 0
    assert "outage\tSomething is down" in capsys.readouterr().out
    assert run("open", "--template", "nothing", "--title", "x") == 2
    assert "known: outage" in capsys.readouterr().err


def test_recurring_work_is_planned_listed_moved_and_ended(plan, incidents, capsys):
    window = ("--from", "2026-01-18 01:00", "--until", "2026-01-18 02:00")
    words = ("--title", "Updates", "--text", "x", "--on", "web")
    assert plan("plan", *words, *window, "--rrule", "FREQ=WEEKLY", "--zone", "Europe/Prague") == 0
    made_id = capsys.readouterr().out.split("\t")[0]
    assert plan("list") == 0
    listed = capsys.readouterr().out
    assert f"{made_id}\tevery FREQ=WEEKLY (Europe/Prague)" in listed
    date = f"{made_id}-20260125t0000"
    assert f"{date}\tscheduled\t2026-01-25 00:00 UTC" in listed
    assert plan("list", "--zone", "Europe/Prague") == 0
    assert f"{date}\tscheduled\t2026-01-25 01:00 CET" in capsys.readouterr().out
    moved = ("--from", "2026-01-26 01:00", "--until", "2026-01-26 02:00")
    assert plan("move", date, *moved) == 0
    plan("list")
    assert f"{date}\tscheduled\t2026-01-26 01:00 UTC" in capsys.readouterr().out
    assert plan("finish", made_id) == 0
    assert incidents.series() == ()
    assert plan("plan", *words, *window, "--rrule", "sometimes") == 2
    assert "FREQ=WEEKLY" in capsys.readouterr().err


def test_the_culprit_is_named(run, plan, capsys):
    assert run("open", "--title", "x", "--text", "x", "--on", "wbe=major_outage") == 2
    assert (
        "--on wbe: This service or its state is not known here. Did you mean web?"
        in capsys.readouterr().err
    )
    window = ("--from", "2026-01-18 01:00", "--until", "2026-01-18 02:00")
    words = ("--title", "x", "--text", "x", "--on", "web", *window)
    assert plan("plan", *words, "--rrule", "sometimes") == 2
    refused = capsys.readouterr().err
    assert refused.startswith("--rrule: This is no rule")
    assert "zone" not in refused


def test_times_are_by_the_sites_clock_and_name_their_zone(tmp_path, sqlite_url, capsys):
    (tmp_path / "jasno.toml").write_text(
        f'[site]\nname = "Skyhost"\ntime_zone = "Europe/Prague"\n[database]\nurl = "{sqlite_url}"\n'
        '[[component]]\nid = "web"\nname = "Web"\n'
    )
    config = ("--config", str(tmp_path / "jasno.toml"))
    words = ("--title", "Switches", "--text", "x", "--on", "web")
    window = ("--from", "2035-07-01 02:00", "--until", "2035-07-01T02:00:00+00:00")
    assert main(["maintenance", "plan", *words, *window, *config]) == 0
    capsys.readouterr()
    assert main(["maintenance", "list", *config]) == 0
    assert "2035-07-01 02:00 CEST to 2035-07-01 04:00 CEST" in capsys.readouterr().out
    assert main(["maintenance", "list", "--zone", "UTC", *config]) == 0
    assert "2035-07-01 00:00 UTC to 2035-07-01 02:00 UTC" in capsys.readouterr().out
    assert main(["maintenance", "list", "--zone", "Europe/Prag", *config]) == 2
    assert "did you mean Europe/Prague?" in capsys.readouterr().err


def test_an_operators_word_from_the_terminal(incidents, capsys):
    act = (telling.override_options, telling.override, incidents)
    assert (
        run_command(*act, "set", "mail", "major_outage", "--hours", "2", "--reason", "I saw it")
        == 0
    )
    assert run_command(*act, "list") == 0
    assert "mail\tmajor_outage\t2026-01-15 14:00 UTC\tcli\tI saw it" in capsys.readouterr().out
    assert run_command(*act, "clear", "mail") == 0
    assert incidents.overrides() == ()
    assert run_command(*act, "set", "nothing", "operational") == 2
    assert run_command(*act, "set", "mail", "operational", "--hours", "9999") == 2
    assert "within a month" in capsys.readouterr().err
    for hours in ("-2", "0", "nan"):
        assert run_command(*act, "set", "mail", "operational", "--hours", hours) == 2
        assert "--hours" in capsys.readouterr().err
    assert incidents.overrides() == ()


def test_news_from_the_terminal(incidents, capsys):
    act = (telling.announce_options, telling.announce, incidents)
    assert run_command(*act, "publish", "--title", "We move", "--text", "On Monday.") == 0
    made_id = capsys.readouterr().out.split("\t")[0]
    assert run_command(*act, "list") == 0
    assert f"{made_id}\t2026-01-15 12:00 UTC\tWe move" in capsys.readouterr().out
    assert run_command(*act, "withdraw", made_id) == 0
    assert incidents.announcements() == ()
    assert run_command(*act, "withdraw", "nothing") == 2


def test_an_incident_from_beginning_to_end(run, incidents, capsys):
    opened = run(
        *("open", "--title", "Mail is slow", "--title", "cs=Pošta je pomalá"),
        *("--text", "a = b", "--text", "cs=Disk.", "--on", "mail=partial_outage"),
    )
    assert opened == 0
    made_id, state, title = capsys.readouterr().out.strip().split("\t")
    assert (state, title) == ("investigating", "Mail is slow")
    incident = incidents.get(made_id)
    assert incident.title == {"en": "Mail is slow", "cs": "Pošta je pomalá"}
    assert incident.updates[0].text == {"en": "a = b", "cs": "Disk."}
    assert incident.updates[0].components == {"mail": Condition.PARTIAL_OUTAGE}
    assert run("update", made_id, "--text", "en=Found it.", "--state", "identified") == 0
    assert run("update", made_id, "--text", "Still at it.") == 0
    assert incidents.get(made_id).state is IncidentState.IDENTIFIED
    assert run("resolve", made_id, "--text", "Done.") == 0
    assert open_incidents(incidents.all()) == ()
    capsys.readouterr()
    assert run("list") == 0
    assert f"{made_id}\tresolved\t2026-01-15 12:00 UTC\tMail is slow" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("open", "--title", "x", "--text", "y", "--on", "mail=broken"), "a state is one of"),
        (("open", "--title", "x", "--text", "y", "--on", "nope=major_outage"), "not known"),
        (("open", "--title", "x", "--text", "y", "--state", "resolved"), "over already"),
        (("update", "nothing", "--text", "x"), "no incident nothing"),
        (("approve", "nothing"), "there is no incident nothing"),
    ],
)
def test_mistakes_are_told_in_a_line(run, incidents, capsys, argv, message):
    assert run(*argv) == 2
    output = capsys.readouterr()
    assert message in output.err
    assert output.err.count("\n") == 1
    assert output.out == ""
    assert incidents.all() == ()


def test_work_is_planned_listed_and_cancelled(plan, incidents, capsys):
    words = ("--title", "New switches", "--text", "Short breaks.", "--on", "web")
    assert plan("plan", *words, "--from", "2026-01-16 22:00", "--until", "2026-01-17 01:00") == 0
    work_id = capsys.readouterr().out.split("\t")[0]
    assert plan("list") == 0
    assert "scheduled\t2026-01-16 22:00 UTC to 2026-01-17 01:00 UTC" in capsys.readouterr().out
    assert plan("finish", work_id) == 0
    assert incidents.maintenances()[0].cancelled
    assert plan("plan", *words, "--from", "soon", "--until", "later") == 2
    assert "--from: Give a date and a time" in capsys.readouterr().err


def test_a_probe_is_run_once_and_shows_what_it_saw(capsys, clock):
    with lab.running(WORLD, clock=clock) as up:
        net = Network.from_table(up.network, clock=clock)
        assert cli.probe(PROBE.name, [PROBE], net) == 0
        output = capsys.readouterr().out
        assert output.startswith("up\t")
        assert '"status": 200' in output
        up.fault("web1.sklep.example", "error")
        assert cli.probe(PROBE.name, [PROBE], net) == 1
        named = probe("names", kind="dns", target="www.sklep.example")
        assert cli.probe("names", [named], net) == 0
        port = probe("port", kind="tcp", target="www.sklep.example:80")
        assert cli.probe("port", [port], net) == 0
        capsys.readouterr()
        private = probe("private", target="http://10.0.0.1/")
        assert cli.probe("private", [private], net) == 2
        assert "blocked" in capsys.readouterr().out
        assert cli.probe("nothing", [PROBE], net) == 2
        assert 'no probe "nothing"; known: web-http' in capsys.readouterr().err


def test_the_publication_is_exported_without_an_engine(tmp_path, capsys):
    folder = tmp_path / "published"
    assert publish(folder, tmp_path / "out", SITE) == 2
    assert "nothing has been published" in capsys.readouterr().err
    Publisher(folder, SITE, pages()).publish(snapshot())
    (tmp_path / "out").mkdir()
    (tmp_path / "out/theirs.txt").write_text("kept")
    assert publish(folder, tmp_path / "out", SITE) == 0
    top, below = (tmp_path / "out/index.html", tmp_path / "out/en/index.html")
    assert below.read_text().replace('"../', '"./') == top.read_text()
    assert (tmp_path / "out/api/v2/summary.json").exists()
    assert (tmp_path / "out/theirs.txt").read_text() == "kept"


def test_hours_that_clocks_skip_or_show_twice_are_asked_about(plan, incidents, capsys):
    words = ("--title", "Updates", "--text", "x", "--on", "web", "--zone", "Europe/Prague")
    skipped = ("--from", "2026-03-29 02:15", "--until", "2026-03-29 03:00")
    assert plan("plan", *words, *skipped) == 2
    assert "put forward from 02:00 to 03:00. Give a time that exists." in capsys.readouterr().err
    twice = ("--from", "2026-10-25 02:00", "--until", "2026-10-25 03:30")
    assert plan("plan", *words, *twice) == 2
    assert "2026-10-25 02:00+02:00 or 2026-10-25 02:00+01:00" in capsys.readouterr().err
    assert plan("plan", *words, "--from", "2026-10-25 02:00+01:00", *twice[2:]) == 0
    (planned,) = incidents.maintenances()
    assert planned.ends_at - planned.starts_at == timedelta(minutes=90)


@pytest.mark.parametrize(
    ("argv", "lines"),
    [
        (("--on", "nope=major_outage", "--title", "x", "--text", "y"), ["--on nope: This service or its state is not known here."]),
        (("--title", "x", "--text", "y", "--title", "de=x", "--text", "de=y"), ["--title de: The status page does not speak this language.", "--text de: The status page does not speak this language."]),
        (("--title", "cs=x", "--text", "en=y"), ["--title: English: there is a text, but no headline. Write one, or leave out the text.", "--text: Čeština: there is a headline, but no text. Write one, or leave out the headline."]),
        (("--title", "x", "--text", "y", "--started", "2099-01-01"), ["--started: It cannot begin in the future."]),
        (("--title", "x", "--text", "y", "--ended", "2099-01-01"), ["--ended: The end must come after the beginning, and not after now."]),
    ],
)  # fmt: skip
def test_what_is_refused_is_told_once_by_its_options(run, capsys, argv, lines):
    assert run("open", *argv) == 2
    assert capsys.readouterr().err.splitlines() == lines


def test_an_override_and_work_name_what_was_typed(incidents, plan, capsys):
    act = (telling.override_options, telling.override, incidents)
    assert run_command(*act, "set", "nope", "operational") == 2
    assert capsys.readouterr().err == "nope: This service or its state is not known here.\n"
    assert run_command(*act, "set", "mail", "operational", "--hours", "9999") == 2
    assert capsys.readouterr().err == "--hours: An override must end within a month.\n"
    window = ("--from", "2026-01-18 03:00", "--until", "2026-01-18 02:00")
    assert plan("plan", "--title", "x", "--text", "y", "--on", "web", *window) == 2
    assert capsys.readouterr().err == "--until: The end must come after the beginning.\n"
