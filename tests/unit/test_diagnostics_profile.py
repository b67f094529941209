"""Judging: what may judge, what is unknown, what hides what, and in which order it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from diagnostics.disclosure import Audience
from diagnostics.evaluation import Profile, evaluate, required_keys, select_checks
from diagnostics.model import (
    NOT_MEANT,
    Case,
    Check,
    Evidence,
    Finding,
    FindingMessage,
    FindingStatus,
    Item,
    Key,
    Missing,
    Run,
    RunState,
    Scope,
    Severity,
    Symptom,
)
from facts import Delegated, Delegation
from kb.owners import Owner
from standards.dns_types import Trouble
from subject import Subject, SubjectKind

AT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
SUBJECT = Subject(SubjectKind.DOMAIN, "shop.example", "shop.example", "shop.example")
RUN = Run("r1", "", SUBJECT, Scope.PUBLIC, "", RunState.DONE, AT)
FIRST, SECOND = Key("one", str, Audience.EVERYONE), Key("two", str, Audience.EVERYONE)


def message(id, severity=Severity.ERROR, hides=()):
    return FindingMessage(id, severity, Owner.CUSTOMER, "t", "s", "w", ("step",), hides)


def check(id, *messages, needs=(FIRST,), says=None, tolerates=()):
    declared = [m() for m in messages] if says is None else says
    return Check(id, f"about {id}", needs, messages, lambda _case: declared, tolerates)


def have(**values):
    return Evidence({k: Item(k, v, AT) for k, v in values.items()})


def outcomes(report):
    return [(j.finding.id, j.status.value, j.cause) for j in report.findings]


def judged(checks, evidence, **more):
    return evaluate(RUN, evidence, AT, checks=checks, **more)


def test_a_clean_check_passes() -> None:
    assert outcomes(judged([check("a.b", says=[])], have(one="x"))) == [("a.b.ok", "pass", "")]


def test_status_comes_from_severity() -> None:
    ids = {s: f"a.b.{s.value}" for s in Severity}
    every = check("a.b", *(message(ids[s], s) for s in Severity))
    findings = {j.severity: j.status for j in judged([every], have(one="x")).findings}
    assert findings == {
        Severity.CRITICAL: FindingStatus.FAIL,
        Severity.ERROR: FindingStatus.FAIL,
        Severity.WARNING: FindingStatus.WARN,
        Severity.NOTICE: FindingStatus.NOTICE,
        Severity.INFO: FindingStatus.NOTICE,
    }


def test_the_operator_may_grade_anew() -> None:
    profile = Profile({"a.b.c": Severity.NOTICE})
    report = judged([check("a.b", message("a.b.c"))], have(one="x"), profile=profile)
    assert outcomes(report) == [("a.b.c", "notice", "")]


def test_evidence_that_failed_to_arrive_is_never_judged() -> None:
    def must_not_be_called(_case):
        raise AssertionError

    blind = Check("a.b", "", (FIRST, SECOND), (message("a.b.c"),), must_not_be_called)
    evidence = Evidence(
        {
            "one": Item("one", "x", AT),
            "two": Item("two", None, AT, missing=Missing.TROUBLE, trouble=Trouble.TIMEOUT),
        }
    )
    (only,) = judged([blind], evidence).findings
    assert (only.finding.id, only.status) == ("a.b.unknown", FindingStatus.UNKNOWN)
    assert only.finding.args == {
        "what": "two",
        "missing": "trouble",
        "trouble": "timeout",
        "detail": "",
    }


def test_a_tolerated_gap_does_not_stop_a_check() -> None:
    evidence = Evidence(
        {"one": Item("one", "x", AT), "two": Item("two", None, AT, missing=Missing.LATE)}
    )
    report = judged([check("a.b", message("a.b.c"), tolerates=(SECOND,))], evidence)
    assert outcomes(report) == [("a.b.c", "fail", "")]


def test_before_the_end_a_waiting_check_says_nothing() -> None:
    checks = [check("a.b", message("a.b.c")), check("d.e", message("d.e.f"), needs=(SECOND,))]
    assert outcomes(judged(checks, have(one="x"), complete=False)) == [("a.b.c", "fail", "")]


def test_at_the_end_what_never_landed_is_late() -> None:
    (only,) = judged([check("a.b", message("a.b.c"))], have()).findings
    assert only.finding.args["missing"] == "late"


def test_a_check_that_breaks_is_inconclusive_and_the_rest_stands(caplog) -> None:
    def broken(_case):
        raise ZeroDivisionError

    checks = [Check("a.b", "", (FIRST,), (), broken), check("d.e", message("d.e.f"))]
    assert outcomes(judged(checks, have(one="x"))) == [
        ("d.e.f", "fail", ""),
        ("a.b.unknown", "unknown", ""),
    ]
    assert "a.b" in caplog.text


def test_a_check_may_say_itself_that_it_could_not_tell() -> None:
    report = judged([check("a.b", says=[Finding("a.b.unknown", {"what": "A"})])], have(one="x"))
    (only,) = report.findings
    assert (only.status, only.finding.args["missing"]) == (FindingStatus.UNKNOWN, "trouble")


def test_a_finding_nobody_declared_is_a_broken_check(caplog) -> None:
    report = judged([check("a.b", says=[Finding("a.b.surprise")])], have(one="x"))
    assert outcomes(report) == [("a.b.unknown", "unknown", "")]
    assert "surprise" in caplog.text


def test_one_cause_hides_its_followers_and_none_vanishes() -> None:
    checks = [
        check("web.site", message("web.site.down")),
        check("dns.ns", message("dns.ns.dead", hides=("web.",))),
        check("tls.name", says=[]),
        check("domain.expiry", message("domain.expiry.over", hides=("dns.", "tls."))),
    ]
    assert outcomes(judged(checks, have(one="x"))) == [
        ("domain.expiry.over", "fail", ""),
        ("web.site.down", "fail", "domain.expiry.over"),
        ("dns.ns.dead", "fail", "domain.expiry.over"),
        ("tls.name.ok", "pass", "domain.expiry.over"),
    ]


def test_two_findings_that_hide_each_other_do_not_both_vanish() -> None:
    checks = [
        check("a.b", message("a.b.c", hides=("d.e.f",))),
        check("d.e", message("d.e.f", hides=("a.b.c",))),
    ]
    assert outcomes(judged(checks, have(one="x"))) == [
        ("a.b.c", "fail", ""),
        ("d.e.f", "fail", "a.b.c"),
    ]


def test_what_to_do_first_comes_first() -> None:
    symptom = Symptom("s", "", ("web.", "dns.ns"))
    checks = [
        check("dns.ns", message("dns.ns.c", Severity.CRITICAL)),
        check("web.a", message("web.a.w", Severity.WARNING)),
        check("web.b", message("web.b.n", Severity.NOTICE), message("web.b.e")),
        check("mail.mx", message("mail.mx.c", Severity.CRITICAL)),
    ]
    ids = [j.finding.id for j in judged(checks, have(one="x"), symptom=symptom).findings]
    assert ids == ["dns.ns.c", "web.b.e", "web.a.w", "web.b.n"]


def test_a_symptom_chooses_checks_and_their_evidence() -> None:
    checks = [
        check("a.b", needs=(FIRST,)),
        check("c.d", needs=(SECOND,), tolerates=(FIRST,)),
        check("a.x"),
    ]
    picked = select_checks(checks, Symptom("s", "", ("c.d", "a.")))
    assert [c.id for c in picked] == ["c.d", "a.b", "a.x"]
    assert [k.name for k in required_keys(picked)] == ["two", "one"]


# ------------------------------------------------------------------ what a check is handed, and hands back
def test_a_check_is_handed_the_evidence_the_time_and_the_answers() -> None:
    cases = []
    run = replace(RUN, answers={"records": "pasted"})
    curious = Check("a.b", "", (FIRST,), (), lambda case: cases.append(case) or ())
    evidence = have(one="x")
    report = evaluate(run, evidence, AT, checks=[curious])
    assert cases == [Case(SUBJECT, evidence, AT, {"records": "pasted"})]
    assert (report.run, report.evidence, report.complete) == (run, evidence, True)
    assert evaluate(run, evidence, AT, checks=[], complete=False).complete is False


def test_a_check_that_asks_is_called_when_one_of_its_questions_was_answered() -> None:
    asking = replace(check("a.b", message("a.b.c")), asks=("device", "error"))

    def ids(**answers):
        report = evaluate(replace(RUN, answers=answers), have(one="x"), AT, checks=[asking])
        return [a.finding.id for a in report.findings]

    assert ids() == ids(device="", other="yes") == []
    assert ids(error="550") == ids(device="phone") == ["a.b.c"]


def test_what_a_check_found_carries_its_owner_and_what_it_looked_at() -> None:
    (bad,) = judged([check("a.b", message("a.b.c"))], have(one="x")).findings
    assert (bad.finding.id, bad.check, bad.severity, bad.owner) == (
        "a.b.c",
        "a.b",
        Severity.ERROR,
        Owner.CUSTOMER,
    )
    (well,) = judged([check("a.b", needs=(FIRST, SECOND))], have(one="x", two="y")).findings
    assert well.finding == Finding("a.b.ok", {}, ("one", "two"))
    assert (well.check, well.severity, well.owner) == ("a.b", Severity.INFO, Owner.NOBODY)


def test_a_check_may_grade_its_own_finding_and_the_operator_has_the_last_word() -> None:
    mild = [check("a.b", message("a.b.c"), says=[Finding("a.b.c", severity=Severity.NOTICE)])]
    (finding,) = judged(mild, have(one="x")).findings
    assert (finding.severity, finding.status) == (Severity.NOTICE, FindingStatus.NOTICE)
    profile = Profile({"a.b.c": Severity.CRITICAL})
    (finding,) = judged(mild, have(one="x"), profile=profile).findings
    assert (finding.severity, finding.status) == (Severity.CRITICAL, FindingStatus.FAIL)


def test_what_is_not_meant_for_this_domain_is_not_told_at_all() -> None:
    own_word = Finding("a.b.unknown", {"detail": NOT_MEANT})
    assert outcomes(judged([check("a.b", says=[own_word])], have(one="x"))) == []
    skipped = Item("one", None, AT, missing=Missing.SKIPPED, detail=NOT_MEANT)
    assert outcomes(judged([check("a.b")], Evidence({"one": skipped}))) == []


def test_a_doubt_does_not_end_what_a_check_has_to_say() -> None:
    doubtful = [check("a.b", message("a.b.c"), says=[Finding("a.b.unknown"), Finding("a.b.c")])]
    assert outcomes(judged(doubtful, have(one="x"))) == [
        ("a.b.c", "fail", ""),
        ("a.b.unknown", "unknown", ""),
    ]


def test_why_a_check_could_not_judge_is_told_as_its_collector_gave_it() -> None:
    silent = Item("one", None, AT, missing=Missing.TROUBLE, trouble=Trouble.REFUSED, detail="ns1")
    (gap,) = judged([check("a.b")], Evidence({"one": silent})).findings
    args = {"what": "one", "missing": "trouble", "trouble": "refused", "detail": "ns1"}
    assert gap.finding == Finding("a.b.unknown", args, ("one",))
    assert (gap.check, gap.severity, gap.owner) == ("a.b", Severity.INFO, Owner.NOBODY)
    (late,) = judged([check("a.b")], have()).findings
    args = {"what": "one", "missing": "late", "trouble": "", "detail": ""}
    assert late.finding == Finding("a.b.unknown", args, ("one",))


def test_a_broken_check_is_told_as_broken_and_logged_with_its_domain(caplog) -> None:
    broken = Check("a.b", "", (FIRST,), (), lambda _case: 1 / 0)
    (only,) = judged([broken], have(one="x")).findings
    assert only.finding == Finding("a.b.unknown", {"missing": "broken"})
    assert caplog.messages == ["check a.b failed on shop.example"]


# ------------------------------------------------------------------ below a delegated subdomain
def owners_below(host, zone, outcome=Delegated.YES):
    """Who answers for a registry's findings when the walk ended at this zone."""
    subject = Subject(SubjectKind.DOMAIN, host, host, "shop.example")
    delegation = Item("delegation", Delegation(zone, "shop.example", outcome), AT)
    evidence = Evidence({"delegation": delegation, "one": Item("one", "x", AT)})
    owned = {
        "dns.ns.a": Owner.REGISTRAR,
        "dnssec.ds.a": Owner.REGISTRY,
        "domain.expiry.a": Owner.REGISTRAR,
        "dns.web.a": Owner.CUSTOMER,
    }
    checks = [
        check(name.removesuffix(".a"), replace(message(name), owner=owner))
        for name, owner in owned.items()
    ]
    report = evaluate(replace(RUN, subject=subject), evidence, AT, checks=checks)
    return report.run.subject.domain, {a.finding.id: a.owner for a in report.findings}


def test_above_a_delegated_subdomain_no_registry_answers_for_its_dns() -> None:
    domain, owners = owners_below("www.team.shop.example", "team.shop.example")
    assert domain == "team.shop.example"
    assert owners == {
        "dns.ns.a": Owner.DNS_OPERATOR,
        "dnssec.ds.a": Owner.DNS_OPERATOR,
        "domain.expiry.a": Owner.REGISTRAR,
        "dns.web.a": Owner.CUSTOMER,
    }


@pytest.mark.parametrize(
    ("zone", "outcome"),
    [("shop.example", Delegated.YES), ("team.shop.example", Delegated.NO)],
)
def test_without_such_a_delegation_they_do(zone, outcome) -> None:
    domain, owners = owners_below("team.shop.example", zone, outcome)
    assert domain == "shop.example"
    assert owners == {
        "dns.ns.a": Owner.REGISTRAR,
        "dnssec.ds.a": Owner.REGISTRY,
        "domain.expiry.a": Owner.REGISTRAR,
        "dns.web.a": Owner.CUSTOMER,
    }


# ------------------------------------------------------------------ causes and their order
def test_of_two_that_hide_each_other_the_one_that_was_looked_at_first_stays() -> None:
    checks = [
        check("z.z", message("z.z.z", hides=("a.a.a",))),
        check("a.a", message("a.a.a", hides=("z.z.z",))),
    ]
    assert outcomes(judged(checks, have(one="x"))) == [
        ("z.z.z", "fail", ""),
        ("a.a.a", "fail", "z.z.z"),
    ]


def test_a_cause_that_was_found_twice_is_followed_once() -> None:
    twice = [Finding("dns.ns.dead", {"server": name}) for name in ("ns1", "ns2")]
    checks = [
        check("dns.ns", message("dns.ns.dead", hides=("web.",)), says=twice),
        check("web.site", message("web.site.down")),
    ]
    assert outcomes(judged(checks, have(one="x"))) == [
        ("dns.ns.dead", "fail", ""),
        ("web.site.down", "fail", "dns.ns.dead"),
        ("dns.ns.dead", "fail", ""),
    ]


def test_a_finding_may_explain_less_than_its_message() -> None:
    checks = [
        check(
            "dns.ns",
            message("dns.ns.slow", hides=("web.",)),
            says=[Finding("dns.ns.slow", hides=("web.other.down",))],
        ),
        check("web.site", message("web.site.down")),
    ]
    assert outcomes(judged(checks, have(one="x"))) == [
        ("dns.ns.slow", "fail", ""),
        ("web.site.down", "fail", ""),
    ]
