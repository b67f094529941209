"""MTA-STS and TLS-RPT beside checkdmarc: what is a usable record or policy, and which server it names."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from checkdmarc.mta_sts import (
    MTASTSError,
    mx_in_mta_sts_patterns,
    parse_mta_sts_record,
)
from checkdmarc.mta_sts import (
    parse_mta_sts_policy as parse_policy_of_checkdmarc,
)
from checkdmarc.smtp_tls_reporting import SMTPTLSReportingError, parse_smtp_tls_reporting_record

from standards.mail_policies import (
    MtaStsPolicy,
    is_mta_sts_record,
    mta_sts_record_problem,
    parse_mta_sts_policy,
    tls_rpt_record_problem,
)

RECORDS = (
    *("v=STSv1; id=20260101", "v=STSv1; id=20260101;", "v=STSv1;id=a", "v=STSv1 ; id=a"),
    *("v=stsv1; id=a", "v=STSv2; id=a", "id=a; v=STSv1", "v=STSv1", "v=STSv1;", "v=STSv1; id="),
    *("v=STSv1; id=2026-01-01", f"v=STSv1; id={'a' * 32}", f"v=STSv1; id={'a' * 33}"),
    *("v=STSv1; id=a; id=b-", "v=STSv1; id=a-; id=b", "v=STSv1; ID=a", "v=STSv1; id=a; x=y"),
    *("v=STSv1; x=y; id=a", "v=STSv1; id = a", "v=STSv1; id=a b", "v=STSv1 id=a", "v=STSv1, id=a"),
)
MAILTO = "rua=mailto:a@x.example"
REPORTS = (
    *(f"v=TLSRPTv1; {MAILTO}", f"v=TLSRPTv1;{MAILTO};", "v=TLSRPTv1; rua=https://r.example/v1"),
    *(f"v=TLSRPTv1; {MAILTO},https://r.example/", f"v=TLSRPTv1; {MAILTO} , mailto:b@x.example"),
    *("v=TLSRPTv1; rua=", "v=TLSRPTv1;", "v=TLSRPTv1", "v=TLSRPTv1; rua=a@x.example"),
    *("v=TLSRPTv1; rua=http://r.example/", f"v=tlsrptv1; {MAILTO}", f"v=TLSRPTv2; {MAILTO}"),
    *(f"{MAILTO}; v=TLSRPTv1", f"v=TLSRPTv1; {MAILTO}; x=y", "v=TLSRPTv1; RUA=mailto:a@x.example"),
    *(f"v=TLSRPTv1; {MAILTO}; rua=mailto:b@x.example", f"v=TLSRPTv1; {MAILTO}; rua=b"),
    *(f"v=TLSRPTv1 ; {MAILTO}", "v=TLSRPTv1; rua=mailto:", f"v=TLSRPTv1; {MAILTO},"),
    *("v=TLSRPTv1; rua = mailto:a@x.example", "v=TLSRPTv1; rua=ftp://x.example/"),
    *(f"v=TLSRPTv1; {MAILTO} mailto:b@x.example", f"v=TLSRPTv1; {MAILTO}!10m"),
    *("v=TLSRPTv1; rua=mailto:a%2Bb@x.example", "v=TLSRPTv1; rua=https://"),
)
VERSION, MODE, MX, AGE = "version: STSv1", "mode: enforce", "mx: mx.x.example", "max_age: 86400"
POLICIES = (
    *((VERSION, MODE, MX, AGE), (VERSION, MODE, AGE), (VERSION, "mode: none", AGE)),
    *((MODE, MX, AGE), (VERSION, MX, AGE), (VERSION, MODE, MX), (AGE, MX, MODE, VERSION)),
    *((VERSION, MODE, MX, f"max_age: {age}") for age in ("31557600", "31557601", "-1", "1d", "+5")),
    ("version:STSv1", "mode:testing", "mx:*.x.example", "max_age:1"),
    *((v, MODE, MX, AGE) for v in ("version: STSv2", "Version: STSv1", f" {VERSION}")),
    *((VERSION, m, MX, AGE) for m in ("mode: Enforce", "mode: report", "mode : enforce")),
    *((VERSION, MODE, f"mx: {mx}", AGE) for mx in ("*.x.example", "*", "*.*.x.example", "")),
    *((VERSION, MODE, f"mx: {mx}", AGE) for mx in ("mx_1.x.example", "a.*.example", "localhost")),
    *((VERSION, MODE, f"mx: {mx}", AGE) for mx in ("mx.x.example.", "a.example, b.example")),
    *((VERSION, MODE, MX, AGE, more) for more in ("max_age: x", "note: hello", "ext:", "a b: c")),
    *((VERSION, MODE, MX, AGE, more) for more in ("nonsense", "MX: b.example", "mode: none", "")),
    *(("",), ("<html></html>",), (VERSION, "mode: enforce  ", MX, AGE), ("", VERSION, MODE, MX, AGE)),
)  # fmt: skip
NAMED = (
    *(("mx.x.example", "mx.x.example"), ("MX.X.example", "mx.x.example"), ("x.example", "*.x.example")),
    *(("a.x.example", "*.x.example"), ("a.b.x.example", "*.x.example"), ("bad-x.example", "x.example")),
    *(("mx.x.example", "x.example"), ("mxax.example", "mx.x.example")),
)  # fmt: skip


def takes(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except (MTASTSError, SMTPTLSReportingError):
        return False
    return True


@pytest.mark.parametrize("text", RECORDS)
def test_a_record_is_usable_for_both(text):
    assert (is_mta_sts_record(text) and not mta_sts_record_problem(text)) == takes(
        parse_mta_sts_record, text
    )


@pytest.mark.parametrize("text", REPORTS)
def test_a_reports_record_is_usable_for_both(text):
    assert (not tls_rpt_record_problem(text)) == takes(parse_smtp_tls_reporting_record, text)


def test_what_follows_an_address_is_for_the_letter_and_for_us_alone_no_fault():
    """RFC 8460, 3 takes a mailto URI whole (RFC 6068); checkdmarc wants the address alone."""
    text = "v=TLSRPTv1; rua=mailto:a@x.example?subject=x"
    assert not tls_rpt_record_problem(text)
    assert not takes(parse_smtp_tls_reporting_record, text)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("lines", POLICIES)
def test_a_policy_is_usable_for_both(lines, end):
    text = end.join(lines) + end
    assert (not parse_mta_sts_policy(text).problem) == takes(parse_policy_of_checkdmarc, text)


@pytest.mark.parametrize(("host", "pattern"), NAMED)
def test_a_server_is_named_for_both(host, pattern):
    assert MtaStsPolicy(mx=(pattern,)).covers(host) == mx_in_mta_sts_patterns(host, [pattern])


# ------------------------------------------------------------------ where we differ on purpose
def test_an_empty_field_at_the_end_does_no_harm():
    text = "v=STSv1; id=a;;"
    assert mta_sts_record_problem(text) == ""
    assert not takes(parse_mta_sts_record, text)


def test_a_record_that_begins_with_a_space_is_discarded():
    """RFC 8461, 3.1: senders discard what does not begin with “v=STSv1;”."""
    text = " v=STSv1; id=a"
    assert not is_mta_sts_record(text)
    assert takes(parse_mta_sts_record, text)


def test_a_policy_that_names_an_address_names_no_mail_server():
    text = f"{VERSION}\n{MODE}\nmx: 192.0.2.1\n{AGE}"
    assert parse_mta_sts_policy(text).problem == "mx"
    assert takes(parse_policy_of_checkdmarc, text)
