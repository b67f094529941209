"""Each case's evidence yields exactly the findings it lists: alone, following, and not known."""

from __future__ import annotations

import pytest

from tests.cases import (
    checks_dns,
    checks_dnssec,
    checks_domain,
    checks_families,
    checks_faults,
    checks_hops,
    checks_hosting,
    checks_instructions,
    checks_mail,
    checks_mail_auth,
    checks_mail_spf,
    checks_mailbox,
    checks_post,
    checks_secure,
    checks_statuses,
    checks_symptoms,
    checks_web,
    checks_zone,
)
from tests.checks_fixtures import Expected

CASES = (
    *checks_domain.CASES,
    *checks_dns.CASES,
    *checks_zone.CASES,
    *checks_dnssec.CASES,
    *checks_hosting.CASES,
    *checks_web.CASES,
    *checks_families.CASES,
    *checks_faults.CASES,
    *checks_hops.CASES,
    *checks_secure.CASES,
    *checks_mail.CASES,
    *checks_post.CASES,
    *checks_mail_spf.CASES,
    *checks_mail_auth.CASES,
    *checks_mailbox.CASES,
    *checks_symptoms.CASES,
    *checks_statuses.CASES,
    *checks_instructions.CASES,
)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_exactly_these_findings(case: Expected) -> None:
    heads, followers, unknown = case.scene().problems((*case.heads, *case.followers))
    assert (heads, followers) == (sorted(case.heads), sorted(case.followers))
    if case.unknown is not None:
        assert unknown == sorted(case.unknown)


def test_names_of_cases_are_unique() -> None:
    names = [case.name for case in CASES]
    assert sorted(names) == sorted(set(names))


def test_a_server_is_blamed_only_by_majority_or_an_older_version() -> None:
    """Two against each other with the same serial: both are told, and neither is called wrong."""
    told = {
        case.name: judged.finding.args
        for case in CASES
        for judged in case.scene().report().findings
        if judged.finding.id == "dns.records.differ"
    }
    assert "cannot be told" in str(told["stale address"]["what"])
    assert told["stale address"]["rest"] == ["ns1.host.example"]
    for name in ("one of three is stale", "stale and behind"):
        assert "the others say" in str(told[name]["what"])
        assert told[name]["servers"] == ["ns2.host.example"]
