"""Fields of delivery reports (RFC 3464): groups, what is read of each, what words beside them add."""

from __future__ import annotations

import pytest

from explain.bounces import bounce, delivery_report
from explain.bounces.message import parse_message
from explain.model import DeliveryFailure

FailureRow = tuple[str, ...]


def failure_rows(failures: list[DeliveryFailure]) -> list[FailureRow]:
    """Recipient, action, reply, status, server, stage and words of each."""
    return [
        (f.recipient, f.action, f.reply, f.status, f.remote, f.stage, f.diagnostic)
        for f in failures
    ]


GROUPS = [  # fields, as a report has them and as they are read of pasted text
    ("Action: failed\nStatus: 5.1.1\n continued", [{"action": "failed", "status": "5.1.1 continued"}], [{"action": "failed", "status": "5.1.1"}]),
    ("Action: failed\n\nAction: delayed", [{"action": "failed"}, {"action": "delayed"}], [{"action": "failed"}, {"action": "delayed"}]),
    ("Diagnostic-Code: a\nb\n  c\nStatus: 5.0.0\nd", [{"diagnostic-code": "a b c", "status": "5.0.0 d"}], [{"diagnostic-code": "a b c", "status": "5.0.0"}]),
    ("Action: a\nAction: b", [{"action": "a"}, {"action": "b"}], [{"action": "a"}, {"action": "b"}]),
    ("Original-Recipient: a\nOriginal-Recipient: b", [{"original-recipient": "a"}, {"original-recipient": "b"}], [{"original-recipient": "a"}, {"original-recipient": "b"}]),
    ("Status: 5.0.0\nStatus: 5.1.1", [{"status": "5.0.0"}], [{"status": "5.0.0"}]),
    ("X-Foo: 1\nX-Foo: 2\nfoo", [{"x-foo": "1 foo"}], [{"x-foo": "1"}]),
    ("Final-Recipient: a\r\nAction: failed\r\n\r\nFinal-Recipient: b", [{"final-recipient": "a", "action": "failed"}, {"final-recipient": "b"}], [{"final-recipient": "a", "action": "failed"}, {"final-recipient": "b"}]),
    ("hello", [], []),
    ("    Action: x", [{"action": "x"}], [{"action": "x"}]),
    ("     Action: x", [], []),
    ("ACTION : y", [{"action": "y"}], [{"action": "y"}]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "strict", "pasted"), GROUPS)
def test_groups_of_fields(
    text: str, strict: list[dict[str, str]], pasted: list[dict[str, str]]
) -> None:
    for is_strict, groups in ((True, strict), (False, pasted)):
        read = delivery_report.field_groups(text, strict=is_strict)
        assert [group.fields for group in read] == groups


def test_groups_of_fields_are_read_to_their_limits() -> None:
    for before, count in ((3999, 1), (4000, 0)):
        groups = delivery_report.field_groups("x\n" * before + "Action: y", strict=True)
        assert len([*groups]) == count
    (group,) = delivery_report.field_groups("Status: yy\n" + " z\n" * 3000, strict=True)
    assert group.get("status") == "yy" + " z" * 1999
    many = "\n\n".join(["Action: failed"] * (delivery_report.MAX_RECIPIENTS + 1))
    assert len(delivery_report.failures(many)) == delivery_report.MAX_RECIPIENTS


WITH_FIELDS = [
    ("Final-Recipient: a@x.net\nAction: x", True),
    ("Original-Recipient: a\nStatus: b", True),
    ("Diagnostic-Code: x\nAction: y", True),
    ("Action: x\nStatus: y", False),
    ("Final-Recipient: a", False),
    ("Final-Recipient: a\nX-Foo: b", False),
    ("hello Action: x\nStatus", False),
]


@pytest.mark.parametrize(("text", "has_fields"), WITH_FIELDS)
def test_what_has_fields(text: str, has_fields: bool) -> None:  # noqa: FBT001
    assert delivery_report.has_fields(text) is has_fields


FAILURES = [
    ("Action: failed\nDiagnostic-Code: X-Unix; 67 a", [("", "failed", "", "", "", "", "user unknown 67")]),
    ("Action: failed\nDiagnostic-Code: x-unix; 68", [("", "failed", "", "", "", "", "host unknown 68")]),
    ("Action: failed\nDiagnostic-Code: x-unix; 75\ttab", [("", "failed", "", "", "", "", "temporary failure 75")]),
    ("Action: failed\nDiagnostic-Code: x-unix; 1", [("", "failed", "", "", "", "", "unknown mailer error 1")]),
    ("Action: failed\nDiagnostic-Code: x-unix; abc", [("", "failed", "", "", "", "", "abc")]),
    ("Action: failed\nDiagnostic-Code: smtp ; 550 5.1.1 <a@x.net> no", [("a@x.net", "failed", "550", "5.1.1", "", "", "550 5.1.1 <a@x.net> no")]),
    ("Status: 5.0.0 (user (x) unknown)\nAction: failed", [("", "failed", "", "5.0.0", "", "", "")]),
    ("Status: 5.0.0\nDiagnostic-Code: smtp;550 5.2.2 full", [("", "", "550", "5.2.2", "", "", "550 5.2.2 full")]),
    ("Status: 5.1.1\nDiagnostic-Code: smtp;550 5.2.2 full", [("", "", "550", "5.1.1", "", "", "550 5.2.2 full")]),
    ("Status: 5.0.0\nDiagnostic-Code: smtp;full", [("", "", "", "5.0.0", "", "", "full")]),
    ("Final-Recipient: a@x.net", [("a@x.net", "", "", "", "", "", "")]),
    ("Final-Recipient: x\nOriginal-Recipient: rfc822;b@x.net", [("b@x.net", "", "", "", "", "", "")]),
    ("X-Actual-Recipient: rfc822;c@x.net\nAction: failed", [("c@x.net", "failed", "", "", "", "", "")]),
    ("Action: failed\nDiagnostic-Code: smtp; 550 no such a@x.net", [("a@x.net", "failed", "550", "", "", "", "550 no such a@x.net")]),
    ("Reporting-MTA: dns; r.net\n\nAction: failed\nRemote-MTA: x\n\nReporting-MTA: dns; s.net\nAction: failed", [("", "failed", "", "", "r.net", "", ""), ("", "failed", "", "", "s.net", "", "")]),
    ("Final-Recipient: utf-8; jana@h\\x{E1}\\x{10D}ky.net", [("jana@háčky.net", "", "", "", "", "", "")]),
    ("Original-Recipient: UTF-8 ;j\\x{E1}ra@x.net", [("jára@x.net", "", "", "", "", "", "")]),
    ("Final-Recipient: utf-8; süd@münchen.net", [("süd@münchen.net", "", "", "", "", "", "")]),
    ("Final-Recipient: utf-8; a\\x{FFFFFF}@x.net", [("a\\x{FFFFFF}@x.net", "", "", "", "", "", "")]),
    ("Final-Recipient: rfc822; j\\x{E1}ra@x.net", [("j\\x{E1}ra@x.net", "", "", "", "", "", "")]),
    ("Action: ;Failed,. x", [("", "failed", "", "", "", "", "")]),
    ("Status: 5.1.1\n\nStatus: 4.0.0\n\nArrival-Date: x", [("", "", "", "5.1.1", "", "", ""), ("", "", "", "4.0.0", "", "", "")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "read"), FAILURES)
def test_failures_in_fields(text: str, read: list[FailureRow]) -> None:
    assert failure_rows(delivery_report.failures(text)) == read


REPORTS = [  # words, fields, what is read of both
    ("<a@x.net>: host mx.x.net[192.0.9.1] said: 550 5.1.1 no such user (in reply to RCPT TO command)", "Final-Recipient: rfc822;a@x.net\nAction: failed\nStatus: 5.1.1", [("a@x.net", "failed", "550", "5.1.1", "mx.x.net", "rcpt", "550 5.1.1 no such user (in reply to RCPT TO command)")]),
    ("<a@x.net>: mailbox full", "Final-Recipient: rfc822;a@x.net\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 no\nRemote-MTA: dns; r.net", [("a@x.net", "failed", "550", "5.0.0", "r.net", "", "550 no")]),
    ("<b@x.net>: 552 5.2.2 mailbox full", "Final-Recipient: rfc822;a@x.net\nAction: failed", [("a@x.net", "failed", "552", "5.2.2", "", "", "<b@x.net>: 552 5.2.2 mailbox full")]),
    ("<b@x.net>: 552 5.2.2 mailbox full\n<c@x.net>: 550 5.1.1 no", "Final-Recipient: rfc822;a@x.net\nAction: failed", [("a@x.net", "failed", "", "", "", "", "")]),
    ("hello", "Final-Recipient: rfc822;A@X.NET\nAction: failed", [("A@X.NET", "failed", "", "", "", "", "hello")]),
    ("550 5.1.1 no such a@x.net", "Action: failed", [("a@x.net", "failed", "550", "5.1.1", "", "", "550 5.1.1 no such a@x.net")]),
    ("", "Final-Recipient: rfc822;a@x.net\nAction: delayed\nStatus: 4.4.1", [("a@x.net", "delayed", "", "4.4.1", "", "", "")]),
    ("<a@x.net>: 550 5.1.1 no\n<b@x.net>: 552 5.2.2 full", "Final-Recipient: rfc822;a@x.net\nAction: failed\n\nFinal-Recipient: rfc822;b@x.net\nAction: failed", [("a@x.net", "failed", "550", "5.1.1", "", "", "<a@x.net>: 550 5.1.1 no"), ("b@x.net", "failed", "552", "5.2.2", "", "", "<b@x.net>: 552 5.2.2 full")]),
]  # fmt: skip


@pytest.mark.parametrize(("words", "fields", "read"), REPORTS)
def test_words_beside_fields(words: str, fields: str, read: list[FailureRow]) -> None:
    head = "From: mailer-daemon@x.net\nSubject: failure notice\n"
    kind = "Content-Type: multipart/report; boundary=b\n\n--b\n\n"
    status = f"--b\nContent-Type: message/delivery-status\n\n{fields}\n--b--"
    failures = bounce.failures(parse_message(f"{head}{kind}{words}\n{status}".encode()))
    assert failure_rows(failures) == read
    assert {failure.around for failure in failures} == {f"\n{words}" if words else ""}


PASTED = [
    ("Hello\nFinal-Recipient: rfc822;a@x.net\nAction: failed\nDiagnostic-Code: smtp; 550 5.1.1 no\nsuch user\n\nOriginal message\nFinal-Recipient: z@x.net", [("a@x.net", "failed", "550", "5.1.1", "", "", "550 5.1.1 no such user")]),
    ("x\nOriginal message\nFinal-Recipient: rfc822;a@x.net\nAction: failed\nStatus: 5.1.1", [("a@x.net", "failed", "", "5.1.1", "", "", "x")]),
    ("Final-Recipient: rfc822;a@x.net", []),
    ("Final-Recipient: rfc822;nobody\nAction: failed", [("", "failed", "", "", "", "", "Final-Recipient: rfc822;nobody Action: failed")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "read"), PASTED)
def test_pasted_fields(text: str, read: list[FailureRow]) -> None:
    assert failure_rows(bounce.failures(parse_message(text.encode()))) == read
