"""Status by hand from the terminal."""

from __future__ import annotations

import argparse

import pytest

import lab
from db.engine import connect
from observe.network import Network
from status import cli
from status.incidents import Incidents
from status.model import Condition, IncidentState
from status.publish import Publisher
from status.spoken import cli as telling
from status.store import StatusStore
from tests.engine.test_status_watch import PROBE, WORLD
from tests.status_fixtures import MAIL, SITE, WEB, pages, probe, snapshot


@pytest.fixture
def incidents(sqlite_url, clock):
    database = connect(sqlite_url, clock=clock)
    yield Incidents(StatusStore(database, clock), clock, (WEB, MAIL))
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


def test_an_incident_from_beginning_to_end(run, incidents, capsys):
    opened = run(
        *("open", "--title", "Mail is slow", "--title", "cs=Pošta je pomalá"),
        *("--text", "a = b", "--on", "mail=partial_outage"),
    )
    assert opened == 0
    made_id, state, title = capsys.readouterr().out.strip().split("\t")
    assert (state, title) == ("investigating", "Mail is slow")
    made = incidents.get(made_id)
    assert made.title == {"en": "Mail is slow", "cs": "Pošta je pomalá"}
    assert made.updates[0].text == {"en": "a = b"}
    assert made.updates[0].components == {"mail": Condition.PARTIAL_OUTAGE}
    assert run("update", made_id, "--text", "en=Found it.", "--state", "identified") == 0
    assert run("update", made_id, "--text", "Still at it.") == 0
    assert incidents.get(made_id).state is IncidentState.IDENTIFIED
    assert run("resolve", made_id, "--text", "Done.") == 0
    assert incidents.open_ones() == ()
    capsys.readouterr()
    assert run("list") == 0
    assert f"{made_id}\tresolved\t2026-01-15 12:00\tMail is slow" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("open", "--title", "x", "--text", "y", "--on", "mail=broken"), "a state is one of"),
        (("open", "--title", "x", "--text", "y", "--on", "nope=major_outage"), "not known"),
        (("open", "--title", "x", "--text", "y", "--state", "resolved"), "over already"),
        (("update", "nothing", "--text", "x"), "no incident nothing"),
        (("approve", "nothing"), "no draft"),
    ],
)
def test_mistakes_are_told_in_a_line(run, incidents, capsys, argv, said):
    assert run(*argv) == 1
    told = capsys.readouterr()
    assert said in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert incidents.all() == ()


def test_work_is_planned_listed_and_cancelled(plan, incidents, capsys):
    words = ("--title", "New switches", "--text", "Short breaks.", "--on", "web")
    assert plan("plan", *words, "--from", "2026-01-16 22:00", "--until", "2026-01-17 01:00") == 0
    work_id = capsys.readouterr().out.split("\t")[0]
    assert plan("list") == 0
    assert "scheduled\t2026-01-16 22:00 to 2026-01-17 01:00" in capsys.readouterr().out
    assert plan("finish", work_id) == 0
    assert incidents.maintenances()[0].cancelled
    assert plan("plan", *words, "--from", "soon", "--until", "later") == 1
    assert "--from: Give a date and a time" in capsys.readouterr().err


def test_a_probe_is_run_once_and_shows_what_it_saw(capsys, clock):
    with lab.running(WORLD, clock=clock) as up:
        net = Network.of(up.network, clock=clock)
        assert cli.probe(PROBE.name, [PROBE], net) == 0
        told = capsys.readouterr().out
        assert told.startswith("up\t")
        assert '"status": 200' in told
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
    assert cli.publish(folder, tmp_path / "out", SITE) == 2
    assert "nothing has been published" in capsys.readouterr().err
    Publisher(folder, SITE, pages()).publish(snapshot())
    (tmp_path / "out").mkdir()
    (tmp_path / "out/theirs.txt").write_text("kept")
    assert cli.publish(folder, tmp_path / "out", SITE) == 0
    assert (tmp_path / "out/index.html").read_bytes() == (
        (tmp_path / "out/en/index.html").read_bytes()
    )
    assert (tmp_path / "out/api/v2/summary.json").exists()
    assert (tmp_path / "out/theirs.txt").read_text() == "kept"
