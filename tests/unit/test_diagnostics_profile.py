"""Judging: what may judge, what is unknown, what hides what, and in which order it is told."""

from __future__ import annotations

from datetime import UTC, datetime

from diagnostics.disclosure import Audience
from diagnostics.evaluation import Profile, evaluate, required_keys, select_checks
from diagnostics.model import (
    Check,
    Evidence,
    Finding,
    Item,
    Key,
    Message,
    Missing,
    Run,
    RunState,
    Scope,
    Severity,
    Status,
    Symptom,
)
from kb.owners import Owner
from standards.dns_types import Trouble
from subject import Subject, SubjectKind

AT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
SUBJECT = Subject(SubjectKind.DOMAIN, "shop.example", "shop.example", "shop.example")
RUN = Run("r1", "", SUBJECT, Scope.PUBLIC, "", RunState.DONE, AT)
ONE, TWO = Key("one", str, Audience.EVERYONE), Key("two", str, Audience.EVERYONE)


def message(id, severity=Severity.ERROR, hides=()):
    return Message(id, severity, Owner.CUSTOMER, "t", "s", "w", ("step",), hides)


def check(id, *messages, needs=(ONE,), says=None, tolerates=()):
    said = [m() for m in messages] if says is None else says
    return Check(id, f"about {id}", needs, messages, lambda _case: said, tolerates)


def have(**values):
    return Evidence({k: Item(k, v, AT) for k, v in values.items()})


def told(report):
    return [(j.finding.id, j.status.value, j.cause) for j in report.findings]


def judged(checks, evidence, **more):
    return evaluate(RUN, evidence, AT, checks=checks, **more)


def test_a_clean_check_passes() -> None:
    assert told(judged([check("a.b", says=[])], have(one="x"))) == [("a.b.ok", "pass", "")]


def test_status_comes_from_severity() -> None:
    ids = {s: f"a.b.{s.value}" for s in Severity}
    every = check("a.b", *(message(ids[s], s) for s in Severity))
    found = {j.severity: j.status for j in judged([every], have(one="x")).findings}
    assert found == {
        Severity.CRITICAL: Status.FAIL,
        Severity.ERROR: Status.FAIL,
        Severity.WARNING: Status.WARN,
        Severity.NOTICE: Status.NOTICE,
        Severity.INFO: Status.NOTICE,
    }


def test_the_operator_may_grade_anew() -> None:
    profile = Profile({"a.b.c": Severity.NOTICE})
    report = judged([check("a.b", message("a.b.c"))], have(one="x"), profile=profile)
    assert told(report) == [("a.b.c", "notice", "")]


def test_evidence_that_failed_to_arrive_is_never_judged() -> None:
    def must_not_be_called(_case):
        raise AssertionError

    blind = Check("a.b", "", (ONE, TWO), (message("a.b.c"),), must_not_be_called)
    evidence = Evidence(
        {
            "one": Item("one", "x", AT),
            "two": Item("two", None, AT, missing=Missing.TROUBLE, trouble=Trouble.TIMEOUT),
        }
    )
    (only,) = judged([blind], evidence).findings
    assert (only.finding.id, only.status) == ("a.b.unknown", Status.UNKNOWN)
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
    report = judged([check("a.b", message("a.b.c"), tolerates=(TWO,))], evidence)
    assert told(report) == [("a.b.c", "fail", "")]


def test_before_the_end_a_waiting_check_says_nothing() -> None:
    checks = [check("a.b", message("a.b.c")), check("d.e", message("d.e.f"), needs=(TWO,))]
    assert told(judged(checks, have(one="x"), complete=False)) == [("a.b.c", "fail", "")]


def test_at_the_end_what_never_landed_is_late() -> None:
    (only,) = judged([check("a.b", message("a.b.c"))], have()).findings
    assert only.finding.args["missing"] == "late"


def test_a_check_that_breaks_is_inconclusive_and_the_rest_stands(caplog) -> None:
    def broken(_case):
        raise ZeroDivisionError

    checks = [Check("a.b", "", (ONE,), (), broken), check("d.e", message("d.e.f"))]
    assert told(judged(checks, have(one="x"))) == [
        ("d.e.f", "fail", ""),
        ("a.b.unknown", "unknown", ""),
    ]
    assert "a.b" in caplog.text


def test_a_check_may_say_itself_that_it_could_not_tell() -> None:
    report = judged([check("a.b", says=[Finding("a.b.unknown", {"what": "A"})])], have(one="x"))
    (only,) = report.findings
    assert (only.status, only.finding.args["missing"]) == (Status.UNKNOWN, "trouble")


def test_a_finding_nobody_declared_is_a_broken_check(caplog) -> None:
    report = judged([check("a.b", says=[Finding("a.b.surprise")])], have(one="x"))
    assert told(report) == [("a.b.unknown", "unknown", "")]
    assert "surprise" in caplog.text


def test_one_cause_hides_its_followers_and_none_vanishes() -> None:
    checks = [
        check("web.site", message("web.site.down")),
        check("dns.ns", message("dns.ns.dead", hides=("web.",))),
        check("tls.name", says=[]),
        check("domain.expiry", message("domain.expiry.over", hides=("dns.", "tls."))),
    ]
    assert told(judged(checks, have(one="x"))) == [
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
    assert told(judged(checks, have(one="x"))) == [
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
        check("a.b", needs=(ONE,)),
        check("c.d", needs=(TWO,), tolerates=(ONE,)),
        check("a.x"),
    ]
    picked = select_checks(checks, Symptom("s", "", ("c.d", "a.")))
    assert [c.id for c in picked] == ["c.d", "a.b", "a.x"]
    assert [k.name for k in required_keys(picked)] == ["two", "one"]
