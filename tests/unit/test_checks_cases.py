"""Each case's evidence yields exactly the findings it lists: alone, following, and not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diagnostics.checks.dns.existence import EXISTS
from diagnostics.checks.web import site
from diagnostics.model import Case, Evidence, Missing, Severity
from diagnostics.symptoms import find
from facts import Delegated
from render.message_format import sentence
from standards.dns_types import Trouble
from tests.agreed_lines import read
from tests.cases import checks_hosting, checks_web, checks_zone
from tests.checks_fixtures import NS1, NS2, Expected, Scene
from tests.checks_parts import AT, OTHER
from tests.finding_values import FOLDER, cases_by_file, lines_of

FILES = cases_by_file()
CASES: tuple[Expected, ...] = tuple(case for cases in FILES.values() for case in cases)
AGREED = read(FOLDER)

# Beside the catalogue, which looks at the same reports.
pytestmark = pytest.mark.xdist_group("cases")


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_exactly_these_findings(case: Expected) -> None:
    heads, followers, unknown = case.problems()
    assert (heads, followers) == (sorted(case.heads), sorted(case.followers))
    if case.unknown is not None:
        assert unknown == sorted(case.unknown)


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=f"{file}: {case.name}") for file in FILES for case in FILES[file]],
)
def test_findings_have_the_values_agreed_to(case: Expected) -> None:
    assert lines_of(case) == AGREED.get(case.name, []), "agreed? python -m tests.finding_values"


def test_no_agreed_line_is_left_of_a_case_that_is_gone() -> None:
    assert sorted(AGREED.keys() - {case.name for case in CASES}) == []


@pytest.mark.parametrize(
    ("case", "symptom"),
    [(c, s) for c in CASES for s in c.first_findings],
    ids=lambda x: getattr(x, "name", x),
)
def test_the_symptom_tells_this_first(case: Expected, symptom: str) -> None:
    assert find(symptom) is not None
    scene = case.scene()
    scene.symptom = symptom
    assert scene.report().findings[0].finding.id == case.first_findings[symptom]


@pytest.mark.parametrize(
    ("trouble", "began", "problem"),
    [
        (Trouble.PROTOCOL, False, site.NOT_HTTP),
        (Trouble.PROTOCOL, True, site.REST_BROKEN),
        (Trouble.RESET, True, site.CUT_OFF),
        (Trouble.TIMEOUT, True, site.NEVER_ENDS),
    ],
)
def test_a_broken_answer_is_told_as_it_was(trouble, began, problem) -> None:
    """What is no HTTP further on, or badly compressed, did not break off."""
    scene = Scene()
    checks_web.all_dead(trouble, began=began)(scene)
    broken = next(j.finding for j in scene.report().findings if j.finding.id == checks_web.BROKEN)
    assert broken.args["problem"] == problem


def test_names_of_cases_are_unique() -> None:
    names = [case.name for case in CASES]
    assert sorted(names) == sorted(set(names))


def test_a_server_is_blamed_only_by_majority_or_an_older_version() -> None:
    """Two against each other with the same serial: both are told, and neither is called wrong,
    unless the account is known and one of them leads to it."""
    named = {case.name: case for case in CASES}
    args_by_case = {
        name: judged.finding.args
        for name in ("one of three is stale", "stale and behind")
        for judged in named[name].report.findings
        if judged.finding.id == "dns.records.differ"
    }
    assert len(args_by_case) == 2
    stranger = Scene()
    stranger.public()
    stranger.odd[NS2] = {("cafe.example", "A"): (OTHER,)}
    seen = {j.finding.id: j.finding.args for j in stranger.report().findings}["dns.records.differ"]
    assert "cannot be told" in str(seen["what"])
    assert seen["rest"] == [NS1]
    for args in args_by_case.values():
        assert "the others say" in str(args["what"])
        assert args["servers"] == ["ns2.host.example"]


@pytest.mark.parametrize("odd", [NS1, NS2])
def test_of_two_servers_the_one_that_leads_elsewhere_is_named(odd: str) -> None:
    scene = Scene()
    scene.odd[odd] = {("cafe.example", "A"): (OTHER,)}
    findings = next(j for j in scene.report().findings if j.finding.id == "dns.records.differ")
    assert findings.finding.args["servers"] == [odd]
    assert findings.finding.args["theirs"] == OTHER


@pytest.mark.parametrize(
    ("parent", "message"), [("example", "for .example"), (".", "ends in .example")]
)
def test_an_ending_that_does_not_exist_is_said_to_be_so(parent: str, message: str) -> None:
    scene = Scene()
    scene.undelegated(Delegated.NXDOMAIN)
    scene.missing["registration"] = Missing.TROUBLE
    items = scene.evidence().items
    walk = items["delegation"]
    above = replace(walk, value=replace(walk.value, parent=parent))
    case = Case(scene.subject(), Evidence({**items, "delegation": above}), AT)
    (finding,) = EXISTS.judge(case)
    assert message in sentence("en", finding.args["what"], finding.args)


def test_a_redirect_to_no_web_address_is_called_what_it_is() -> None:
    named = {case.name: case for case in CASES}
    report = named["to an address that begins with javas"].report
    finding = next(j.finding for j in report.findings if j.finding.id == "web.redirect.wrong_host")
    assert (finding.args["scheme"], finding.args["problem"]) == (
        "javascript",
        "That is no address of a website, for it begins with “{scheme}:”.",
    )


def test_a_wildcard_weighs_more_where_the_typed_name_has_no_site() -> None:
    weight = {
        case.name: judged.severity
        for case in checks_zone.CASES
        for judged in case.report.findings
        if judged.finding.id == "dns.host.wildcard_only"
    }
    assert weight["a typing mistake that a wildcard leads to a common place"] is Severity.WARNING
    assert weight["a typing mistake that a wildcard answers"] is Severity.NOTICE


def test_of_a_limit_nobody_knows_no_effect_is_told() -> None:
    named = {case.name: case for case in checks_hosting.CASES}
    for name, is_told in (("a limit we do not know", False), ("disk speed", True)):
        report = named[name].report
        hit = next(j.finding for j in report.findings if j.finding.id == "hosting.limit.hit")
        assert bool(hit.args["effect"]) is is_told
