"""The catalogue keeps its promises: ids, words, causes, and a case for every finding."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from diagnostics.checks import CHECKS
from diagnostics.evidence.keys import KEYS
from diagnostics.model import Finding, FindingMessage, Severity
from diagnostics.symptoms import SYMPTOMS
from kb.owners import Owner
from render.message_format import KINDS, sentence
from tests.unit.test_checks_cases import CASES
from wizard.reports.checks_reference import reference

ROOT = Path(__file__).resolve().parent.parent.parent
MESSAGES = {m.id: m for check in CHECKS for m in check.messages}
FIELD = re.compile(r"\{(\w+)(?::(\w+))?\}")
pytestmark = pytest.mark.xdist_group("cases")


@cache
def case_findings() -> list[tuple[str, Finding]]:
    """What every case yields, with the case's name."""
    return [
        (case.name, judged.finding)
        for case in CASES
        for judged in case.report.findings
        if judged.finding.id in MESSAGES
    ]


def texts(message: FindingMessage) -> tuple[str, ...]:
    return (message.title, message.seen, message.why, *message.steps)


def fields(template: str, finding: Finding) -> set[tuple[str, str]]:
    """Every field of a template, those of the sentences named inside it included."""
    names = set(FIELD.findall(template))
    for name, kind in tuple(names):
        if kind == "said" and isinstance(template_text := finding.args.get(name), str):
            names |= set(FIELD.findall(template_text))
    return names


def test_ids_have_three_parts_and_are_told_once() -> None:
    ids = [m.id for check in CHECKS for m in check.messages]
    assert [i for i in ids if not re.fullmatch(r"[a-z0-9]+(\.[a-z0-9_]+){2}", i)] == []
    assert [i for i, times in Counter(ids).items() if times > 1] == []


def test_checks_have_two_parts_and_are_listed_once() -> None:
    ids = [check.id for check in CHECKS]
    assert [i for i in ids if not re.fullmatch(r"[a-z0-9]+\.[a-z0-9_]+", i)] == []
    assert [i for i, times in Counter(ids).items() if times > 1] == []
    assert len(CHECKS) >= 30


def test_checks_declare_known_evidence() -> None:
    for check in CHECKS:
        assert check.needs or check.tolerates, check.id
        assert check.title, check.id
        assert set(check.needs) | set(check.tolerates) <= set(KEYS), check.id
        assert not set(check.needs) & set(check.tolerates), check.id


@pytest.mark.parametrize("message", MESSAGES.values(), ids=lambda m: m.id)
def test_words_are_complete(message: FindingMessage) -> None:
    assert isinstance(message.severity, Severity)
    assert isinstance(message.owner, Owner)
    assert all(len(text) > 10 and text[0] not in " ." for text in texts(message))
    assert message.steps or message.severity is Severity.INFO
    assert not message.title.endswith("."), "a title is no sentence"
    assert all(
        text.endswith((".", "?", ":said}")) for text in (message.seen, message.why, *message.steps)
    )
    kinds = {kind for text in texts(message) for _, kind in FIELD.findall(text)}
    assert kinds <= {*KINDS, "said"}


@pytest.mark.parametrize("id", MESSAGES)
def test_every_finding_has_a_case(id: str) -> None:
    assert any(finding.id == id for _, finding in case_findings())


def test_arguments_fill_every_field() -> None:
    gaps = {
        (finding.id, name)
        for _, finding in case_findings()
        for text in texts(MESSAGES[finding.id])
        for name, _ in fields(text, finding)
        if finding.args.get(name) is None
    }
    # Empty is allowed only where a whole sentence may be left out.
    assert gaps == set()


def test_findings_read_well_in_english() -> None:
    for name, finding in case_findings():
        for text in texts(MESSAGES[finding.id]):
            read = sentence("en", text, finding.args)
            assert "{" not in read.replace("%{", ""), (name, read)  # SPF macros
            assert "–" not in read or "–" in text, (name, read)
            assert "  " not in read.strip(), (name, read)


def test_findings_rest_on_evidence_that_there_is() -> None:
    """What a reader opens under “how do you know” has a key of ours."""
    known_keys = {key.name for key in KEYS}
    unfounded = {
        (finding.id, key)
        for _, finding in case_findings()
        for key in finding.evidence or ("nothing",)
        if key not in known_keys
    }
    assert unfounded == set()


def test_arguments_are_plain_json() -> None:
    for name, finding in case_findings():
        for key, value in finding.args.items():
            plain = isinstance(value, str | int | float | bool | type(None))
            listed = isinstance(value, list) and all(isinstance(v, str) for v in value)
            by_language = isinstance(value, dict) and all(
                isinstance(part, str) for pair in value.items() for part in pair
            )
            assert plain or listed or by_language, (name, finding.id, key, value)


@pytest.mark.parametrize("message", MESSAGES.values(), ids=lambda m: m.id)
def test_causes_hide_something(message: FindingMessage) -> None:
    for pattern in message.hides:
        others = [i for i in MESSAGES if i != message.id] + [f"{c.id}.ok" for c in CHECKS]
        hit = [i for i in others if i == pattern or (pattern[-1] == "." and i.startswith(pattern))]
        assert hit, pattern


def test_the_reference_page_is_current() -> None:
    page = (ROOT / "docs/checks.md").read_text("utf-8")
    assert page == reference(CHECKS, SYMPTOMS), "make it anew: python docs/generate.py"
