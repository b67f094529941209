"""`diagnose` at the terminal, over the lab."""

from __future__ import annotations

import io
import json

import pytest

import lab
from clock import SystemClock
from diagnostics.collectors.model import Sources
from hosting.panel import PanelAccess, PanelError
from hosting.panels.http import HttpPanel
from kb.model import Article
from observe.network import Network
from tests.diagnostics_world import EXPECTED, WORLD
from wizard.cli import diagnose
from wizard.runs.handler import Evaluator

ARTICLE = Article("disk-full", "en", "Make room on your disk", "disk", (), (), "")


@pytest.fixture(scope="module")
def sources():
    with lab.running(WORLD) as running:
        network = Network.from_table(running.network)
        panel = HttpPanel(PanelAccess(url=running.panel_url, token=running.panel_token), network)
        yield Sources(network, EXPECTED, panel)


def check(sources, *args, **more):
    out, err = io.StringIO(), io.StringIO()
    code = diagnose(*args, sources, Evaluator(SystemClock()), out=out, err=err, **more)
    return code, out.getvalue(), err.getvalue()


def test_instructions_are_compared_with_the_zone(sources) -> None:
    """Every server is asked for the names in the text; set ones are told as set."""
    text = "@ A 31.53.12.12\nshop CNAME shops.builder.net\n"
    code, out, _ = check(
        sources, "fine.example", symptom="instructions", answers={"records": text}, as_json=True
    )
    document = json.loads(out)
    steps = {(c["name"], c["type"]): c["step"] for c in document["changes"]}
    assert code == 1
    assert steps == {("fine.example", "A"): "same", ("shop.fine.example", "CNAME"): "add"}
    assert document["headline"]["id"] == "instructions.records.to_set"


def test_a_healthy_domain_exits_0(sources) -> None:
    code, out, err = check(sources, "fine.example")
    assert code == 0
    assert "fine.example works. There are only small remarks." in out
    assert "Opening the website" in err
    assert "Opening the website" not in out


def test_problems_exit_1_and_are_explained(sources) -> None:
    code, out, _ = check(
        sources, "full.example", articles=lambda id_, _lang: (ARTICLE,) if "disk" in id_ else ()
    )
    assert code == 1
    for text in ("hosting.disk.over", "Who can fix it", "1. ", "→ Make room on your disk"):
        assert text in out, text


def test_json_is_one_document_and_nothing_else(sources) -> None:
    code, out, _ = check(sources, "full.example", as_json=True, symptom="site_down")
    document = json.loads(out)
    assert code == 1
    assert out.count("\n") == 1
    assert (document["scope"], document["symptom"], document["state"]) == (
        "staff",
        "site_down",
        "done",
    )
    assert document["headline"]["id"] == "hosting.disk.over"
    assert document["evidence"]["hosting"]["value"]["account"]["id"] == "A-1001"


@pytest.mark.parametrize("target", ["", "192.0.2.1", "com", "no name here", "a.example b.example"])
def test_what_cannot_be_checked_exits_2_with_a_plain_line(sources, target) -> None:
    code, out, err = check(sources, target)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_an_unknown_symptom_exits_2_and_names_the_known(sources) -> None:
    code, out, err = check(sources, "fine.example", symptom="nonsense")
    assert (code, out) == (2, "")
    assert "site_down" in err


def test_a_silent_panel_does_not_stop_the_check(sources) -> None:
    class Silent:
        name = "silent"

        def account_of(self, _domain):
            raise PanelError("no answer")

    code, out, _ = check(Sources(sources.network, EXPECTED, Silent()), "fine.example")
    assert code == 0
    assert "Could not check" in out


def test_a_name_nobody_registered_is_one_finding(sources) -> None:
    _, out, _ = check(sources, "nobody-has-it.example", as_json=True)
    heads = [
        f["id"]
        for f in json.loads(out)["findings"]
        if f["status"] in ("fail", "warn") and not f["cause"]
    ]
    assert heads == ["domain.registration.available"]


def test_in_czech_the_words_are_czech_or_english(sources) -> None:
    code, out, _ = check(sources, "fine.example", lang="cs")
    assert code == 0
    assert "{" not in out
