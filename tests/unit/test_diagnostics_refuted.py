"""No clean result stands beside a finding of the same report that shows it to be untrue."""

from __future__ import annotations

import pytest

from diagnostics.checks import CHECKS
from diagnostics.checks.readings import NO_ORDINARY_PAGE
from tests.cases import checks_web
from tests.checks_fixtures import Scene
from tests.checks_parts import hop
from tests.finding_values import cases_by_file
from tests.report_contradictions import CONTRADICTIONS, TITLES, clean_titles, contradictions

CASES = [case for cases in cases_by_file().values() for case in cases]


def test_every_title_of_the_table_is_one_of_a_check() -> None:
    assert set(TITLES.values()) >= CONTRADICTIONS.keys()


def test_no_report_says_what_a_finding_of_it_refutes() -> None:
    assert [(case.name, pair) for case in CASES for pair in contradictions(case.report)] == []


MESSAGE_IDS = {message.id for check in CHECKS for message in check.messages}


def test_only_findings_that_there_are_refute_anything() -> None:
    patterns = {pattern for check in CHECKS for pattern in check.refuted_by}
    assert [p for p in sorted(patterns) if not any(id.startswith(p) for id in MESSAGE_IDS)] == []  # noqa: A001


def test_every_fault_of_the_site_but_its_slowness_says_that_no_ordinary_page_was_seen() -> None:
    faults = {id for id in MESSAGE_IDS if id.startswith("web.site.")}  # noqa: A001
    assert faults - {"web.site.slow"} == {p for p in NO_ORDINARY_PAGE if p in faults}


def test_a_slow_site_loses_one_clean_result_only() -> None:
    titles = []
    for wait in (0, 4):
        scene = Scene()
        scene.every_walk(lambda url, wait=wait: (hop(url, wait=wait),))
        titles.append(clean_titles(scene.report()))
    assert titles[0] - titles[1] == {"The website answers"}


@pytest.mark.parametrize("status", [401, 403, 404, 421, 429, 500, 503, 508])
def test_of_a_site_without_a_page_none_is_called_in_order(status) -> None:
    scene = Scene()
    scene.every_walk(lambda url: (hop(url, status),))
    scene.families = tuple(hop(f"https://{scene.domain}/", status) for _ in "46")
    about_pages = {title for title, faults in CONTRADICTIONS.items() if faults[0] == "web.site."}
    assert not clean_titles(scene.report()) & about_pages


def test_a_loop_shows_no_site_over_any_kind_of_address() -> None:
    scene = Scene()
    checks_web.loop(scene)
    scene.families = tuple(
        hop(f"https://{scene.domain}/", 301, to=f"https://www.{scene.domain}/") for _ in "46"
    )
    assert "IPv4 and IPv6 show the same site" not in clean_titles(scene.report())


def test_browsers_insist_only_where_they_were_told_to() -> None:
    title = "Browsers that insist on https get a valid certificate"
    scene = Scene()
    assert title not in clean_titles(scene.report())
    odd = (("strict-transport-security", "max-age=²"),)
    scene.every_walk(lambda url: (hop(url, headers=odd),))
    report = scene.report()
    assert title not in clean_titles(report)
    assert not [j for j in report.findings if j.finding.args.get("missing") == "broken"]
    hsts = (("strict-transport-security", "max-age=31536000"),)
    scene.every_walk(lambda url: (hop(url, headers=hsts),))
    assert title in clean_titles(scene.report())
