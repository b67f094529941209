"""Values of mail policies, each as the standard has it: MTA-STS, TLS-RPT, BIMI, TLSA."""

from __future__ import annotations

import pytest

from standards.mail_policies import (
    MtaStsPolicy,
    TlsaRecord,
    is_mta_sts_record,
    mta_sts_record_problem,
    parse_bimi_record,
    parse_mta_sts_policy,
    parse_tags,
    parse_tlsa,
    tls_rpt_record_problem,
)


def test_tags_are_read_in_order_and_sixty_four_at_most():
    assert parse_tags(" v = a=b ;; C;=d; ") == [("v", "a=b"), ("C", ""), ("", "d")]
    assert len(parse_tags("a=b;" * 64)) == 64
    assert len(parse_tags("a=b;" * 70)) == 64


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("v=STSv1; id=a", ""),
        ("v=STSv1", "id"),
        ("v=STSv1; id=b-; id=a", "id"),
        ("x=y; v=STSv1; id=a", "version"),
        ("", "version"),
        ("v=STSv1;" + "a=b;" * 62 + "id=a", ""),
        ("v=STSv1;" + "a=b;" * 63 + "id=a", "id"),
    ],
)
def test_the_first_fault_of_an_mta_sts_record_is_named(text, problem):
    assert mta_sts_record_problem(text) == problem


def test_what_counts_as_a_record_need_not_be_right():
    assert all(map(is_mta_sts_record, ("v=STSv1", "v=STSv1 ;", "v=STSv1;id=-")))
    assert not any(map(is_mta_sts_record, ("v=STSv12;", "v=stsv1;", "v=STSv1 id=a")))


POLICY = "version: STSv1\nmode: Testing\nmx: MX.x.example\nmx: *.y.example\nmx: mx.x.example\nmax_age: 10"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("Testing", "testing", ""),
        ("Testing", "none", ""),
        ("Testing", "Testing", "mode"),
        ("version: STSv1\nmode: Testing", "mode: x", "version"),
        ("STSv1\nmode: Testing", "STSv1\nmode: testing\nmode: x", ""),
        ("Testing", "testing\nodd", "line"),
        ("STSv1", "STSv2\nodd", "version"),
        ("Testing\nmx: MX.x.example", "testing\nmx: 192.0.2.1", "mx"),
    ],
)
def test_the_first_fault_of_a_policy_is_named(old, new, problem):
    policy = parse_mta_sts_policy(POLICY.replace(old, new))
    assert policy.problem == problem
    assert policy.max_age == 10


def test_a_policy_is_read_whole():
    assert parse_mta_sts_policy(POLICY.replace("Testing", "testing")) == MtaStsPolicy(
        "testing", 10, ("mx.x.example", "*.y.example")
    )
    assert parse_mta_sts_policy("") == MtaStsPolicy(problem="version")
    bare = "version: STSv1\nmode: {}\nmax_age: {}"
    assert parse_mta_sts_policy(bare.format("none", 0)).problem == ""
    assert parse_mta_sts_policy(bare.format("enforce", 0)).problem == "mx"
    ages = {"31557600": 31557600, "31557601": 31557601, "": 0, "-1": 0, "²": 0, "1" * 11: 0}
    for age, seconds in ages.items():
        policy = parse_mta_sts_policy(bare.format("none", age) + "\nx: y")
        assert policy.max_age == seconds
        wanted = "" if age == "31557600" else "line" if age == "" else "max_age"
        assert policy.problem == wanted, age


def test_lines_after_the_four_hundredth_are_not_read():
    head = "version: STSv1\nmode: none\n"
    for empty, problem in ((397, ""), (398, "max_age")):
        assert parse_mta_sts_policy(head + "\n" * empty + "max_age: 1").problem == problem


def test_a_wildcard_stands_for_exactly_one_label():
    policy = MtaStsPolicy(mx=("mx.x.example", "*.y.example"))
    names = (
        "MX.x.example.",
        "a.Y.example",
        "y.example",
        "a.b.y.example",
        "x.example",
        ".y.example",
    )
    assert [policy.covers(name) for name in names] == [True, True, False, False, False, True]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("v=TLSRPTv1; rua=mailto:a@x.example", ""),
        ("v=TLSRPTv1; rua=mailto:a@x.example, https://x.example/", ""),
        ("v=TLSRPTv1; rua=mailto:a@x.example,b", "rua"),
        ("v=TLSRPTv1", "rua"),
        ("rua=mailto:a@x.example", "version"),
    ],
)
def test_the_first_fault_of_a_reports_record_is_named(text, problem):
    assert tls_rpt_record_problem(text) == problem


def test_a_bimi_record_begins_with_its_version():
    assert parse_bimi_record("v=BIMI1; l=https://x/a.svg; a=") == {
        "v": "BIMI1", "l": "https://x/a.svg", "a": "",
    }  # fmt: skip
    assert [parse_bimi_record(t) for t in ("", "l=x; v=BIMI1", "v=bimi1; l=x")] == [{}] * 3


@pytest.mark.parametrize(
    ("value", "record"),
    [
        ("3 1 1 " + "AB" * 32, TlsaRecord(3, 1, 1, "ab" * 32, "")),
        ("2 0 2 " + "ab" * 32 + " " + "cd" * 32, TlsaRecord(2, 0, 2, "ab" * 32 + "cd" * 32, "")),
        ("3 1 0 ab", TlsaRecord(3, 1, 0, "ab", "")),
        ("1 1 1 " + "ab" * 32, TlsaRecord(1, 1, 1, "ab" * 32, "usage")),
        ("4 1 1 ab", TlsaRecord(4, 1, 1, "ab", "usage")),
        ("3 2 1 ab", TlsaRecord(3, 2, 1, "ab", "selector")),
        ("3 1 3 ab", TlsaRecord(3, 1, 3, "ab", "matching")),
        ("3 1 1 " + "ab" * 31, TlsaRecord(3, 1, 1, "ab" * 31, "length")),
        ("3 1 2 " + "ab" * 32, TlsaRecord(3, 1, 2, "ab" * 32, "length")),
        ("999 1 1 ab", TlsaRecord(999, 1, 1, "ab", "usage")),
        *((value, TlsaRecord()) for value in (
            "", "3 1 1", "3 1", "3 1 1 abc", "3 1 1 xy", "3 x 1 ab", "² 1 1 ab", "1000 1 1 ab",
        )),
    ],
)  # fmt: skip
def test_a_tlsa_record_is_read_as_a_mail_sender_does(value, record):
    assert parse_tlsa(value) == record
    assert TlsaRecord() == TlsaRecord(-1, -1, -1, "", "form")
