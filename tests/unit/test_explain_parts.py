"""How each piece of a report is read: fields, addresses, stages, marks of machines, and what follows
from them."""

from __future__ import annotations

import pytest

from explain.bounces import bounce
from explain.bounces.classification import classify_failure
from explain.bounces.delivery_report import (
    address_in,
    failures,
    mailbox_in,
    recipient_in,
    server_name,
)
from explain.bounces.message import parse_message
from explain.bounces.transcript import smtp_stage
from explain.model import DeliveryFailure, Reason
from explain.responders import Layer, Responder, identify_responder
from explain.sign_in_refusals import SignInRefusal, classify_refusal
from facts import Exchange
from tests.status_fixtures import AT

A, B = "a@x.net", "b@x.net"


def fields(failure: DeliveryFailure) -> tuple[str, ...]:
    """Recipient, action, reply, status, server, and the server's words."""
    return (
        failure.recipient,
        failure.action,
        failure.reply,
        failure.status,
        failure.remote,
        failure.diagnostic,
    )


@pytest.mark.parametrize(
    ("report", "read"),
    [
        (f"Final-Recipient: rfc822; {A}", [(A, "", "", "", "", "")]),
        (f"Original-Recipient: rfc822; {A}", [(A, "", "", "", "", "")]),
        ("Action: failed", [("", "failed", "", "", "", "")]),
        ("Diagnostic-Code: smtp; 550 5.1.1 no", [("", "", "550", "5.1.1", "", "550 5.1.1 no")]),
        ("Status: 5.1.1", [("", "", "", "5.1.1", "", "")]),
        ("Reporting-MTA: dns; out.host.net\nArrival-Date: x", []),
        (
            f"Status: 5.1.1\n\nFinal-Recipient: rfc822; {A}\nAction: failed",
            [("", "", "", "5.1.1", "", ""), (A, "failed", "", "", "", "")],
        ),
        (f"Final-Recipient: rfc822; {A}\n\nStatus: 5.1.1", [(A, "", "", "5.1.1", "", "")]),
        (
            f"Final-Recipient: rfc822; {A}\nStatus: 5.1.1\n\nStatus: 4.2.2",
            [(A, "", "", "5.1.1", "", ""), ("", "", "", "4.2.2", "", "")],
        ),
        (
            (
                f"Final-Recipient: rfc822;{A}\nAction: Failed; x\nStatus: 5.0.0\n"
                "Diagnostic-Code: smtp; 550 5.1.1 no such user\nRemote-MTA: dns; mx.x.net (192.0.9.1)"
            ),
            [(A, "failed", "550", "5.1.1", "mx.x.net", "550 5.1.1 no such user")],
        ),
        (
            (
                f"Reporting-MTA: dns; out.host.net\n\nOriginal-Recipient: rfc822;{A}\nAction: delayed\n"
                f"Status: 4.4.1 (timed out)\n\nAction: failed\nX-Actual-Recipient: rfc822;{B}\n\n"
                "Diagnostic-Code: x-unix; 67\nRemote-MTA: [192.0.9.2]"
            ),
            [
                (A, "delayed", "", "4.4.1", "out.host.net", "timed out"),
                (B, "failed", "", "", "out.host.net", ""),
                ("", "", "", "", "192.0.9.2", "user unknown 67"),
            ],
        ),
        (
            (
                f"Diagnostic-Code: smtp; 550\n no such user {A}\nFinal-Recipient: rfc822; {A}\n"
                f"Final-Recipient: rfc822; {B}"
            ),
            [(A, "", "550", "", "", f"550 no such user {A}"), (B, "", "", "", "", "")],
        ),
    ],
)
def test_fields_of_a_delivery_report(report: str, read: list[tuple[str, ...]]) -> None:
    assert [fields(failure) for failure in failures(report)] == read


@pytest.mark.parametrize(
    ("text", "recipient", "first", "mailbox"),
    [
        (f"to <{A}>", A, A, A),
        (f"from <s@y.net> to <{A}>", A, "s@y.net", A),
        (f"from <s@y.net> {A}", A, "s@y.net", "s@y.net"),
        (f'"a.b"@x.net {B}', '"a.b"@x.net', '"a.b"@x.net', '"a.b"@x.net'),
        (f"sender: s@y.net {B}", B, "s@y.net", "s@y.net"),
        (f"<= s@y.net => {B}", B, "s@y.net", "s@y.net"),
        (f"s@y.net for {B}", B, "s@y.net", "s@y.net"),
        (f"Message-ID: <s@y.net> {B}", B, "s@y.net", "s@y.net"),
        (f"In-Reply-To : <s@y.net> {B}", B, "s@y.net", "s@y.net"),
        (f"References: <s@y.net> {B}", B, "s@y.net", "s@y.net"),
        (f"message-id=<s@y.net>: {B}", B, "s@y.net", "s@y.net"),
        (f"rcpt to:<{B}>", B, B, B),
        (f"smtp:{B}", B, B, B),
        (f"'{B}'.", B, B, B),
        ("b@[192.0.9.1]", "b@[192.0.9.1]", "b@[192.0.9.1]", "b@[192.0.9.1]"),
        ("none", "", "", ""),
    ],
)
def test_addresses_in_a_line(text: str, recipient: str, first: str, mailbox: str) -> None:
    assert (recipient_in(text), address_in(text), mailbox_in(text)) == (recipient, first, mailbox)


@pytest.mark.parametrize(
    ("field", "server"),
    [
        ("dns; mx.x.net (192.0.9.1)", "mx.x.net"),
        ("[192.0.9.1]", "192.0.9.1"),
        ("smtp; MX.X.NET.", "mx.x.net"),
        ("dns;[2001:db8::1]", "2001:db8::1"),
        ("x", ""),
    ],
)
def test_servers_in_a_field(field: str, server: str) -> None:
    assert server_name(field) == server


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        (f">>> RCPT TO:<{A}>\n<<< 550 no", "rcpt"),
        (">>> DATA\n<<< 554 no", "ahead"),
        (f">>> RCPT TO:<{A}>\n>>> DATA\n<<< 503 no", "ahead"),
        (f">>> MAIL FROM:<{A}>\n<<< 553 no", "mail"),
        (">>> EHLO x\n<<< 421 no", "connect"),
        (">>> HELO x -> 550", "connect"),
        ("(in reply to RCPT TO command)", "rcpt"),
        ("(in reply to end of DATA command)", "data"),
        ("(in reply to MAIL FROM command)", "mail"),
        ("host mx refused to talk to me: 554", "connect"),
        ("550 no", ""),
    ],
)
def test_what_was_answered(text: str, stage: str) -> None:
    assert smtp_stage(text) == stage


UNKNOWN, GONE = Reason.RECIPIENT_UNKNOWN, Reason.RECIPIENT_DOMAIN_UNKNOWN
NOT_ONE, DENIED, POLICY = Reason.NOT_A_FAILURE, Reason.RELAY_DENIED, Reason.POLICY_OR_SPAM
NOBODY = "no such user"


@pytest.mark.parametrize(
    ("failure", "reason", "permanent"),
    [
        ({"action": "delayed", "diagnostic": f"550 5.1.1 {NOBODY}"}, UNKNOWN, False),
        ({"reply": "450", "diagnostic": NOBODY}, UNKNOWN, False),
        ({"reply": "450", "action": "failed", "diagnostic": NOBODY}, UNKNOWN, True),
        ({"reply": "550", "diagnostic": NOBODY}, UNKNOWN, True),
        ({"reply": "550", "status": "5.2.1", "diagnostic": NOBODY}, UNKNOWN, False),
        ({"reply": "550", "status": "5.2.1", "stage": "rcpt", "diagnostic": NOBODY}, UNKNOWN, True),
        ({"reply": "550", "status": "5.7.1", "diagnostic": NOBODY}, UNKNOWN, False),
        ({"reply": "550", "stage": "data", "diagnostic": NOBODY}, UNKNOWN, False),
        ({"reply": "550", "stage": "ahead", "diagnostic": NOBODY}, UNKNOWN, False),
        (
            {"reply": "550", "status": "5.1.1", "stage": "ahead", "diagnostic": NOBODY},
            UNKNOWN,
            True,
        ),
        ({"reply": "550", "status": "5.1.2", "diagnostic": "domain not found"}, GONE, True),
        ({"reply": "450", "status": "4.1.2", "diagnostic": "domain not found"}, GONE, False),
        ({"reply": "550", "status": "5.1.10", "diagnostic": "null mx"}, DENIED, True),
        ({"reply": "550", "diagnostic": "relay access denied"}, DENIED, False),
        ({"reply": "552", "diagnostic": "mailbox full"}, Reason.MAILBOX_FULL, False),
        ({"around": "mailbox is full"}, Reason.MAILBOX_FULL, False),
        ({"reply": "550", "stage": "mail", "diagnostic": NOBODY}, POLICY, False),
        ({"diagnostic": "550 sender address rejected: user unknown"}, POLICY, False),
        ({"reply": "550", "stage": "connect", "diagnostic": "go away"}, Reason.BLOCKED_IP, False),
        ({"reply": "554", "stage": "data", "diagnostic": "blocked"}, POLICY, False),
        ({"stage": "data", "diagnostic": "your ip is blocked"}, Reason.BLOCKED_IP, False),
        ({"status": "2.0.0"}, NOT_ONE, False),
        ({"action": "delivered"}, NOT_ONE, False),
        ({"action": "relayed"}, NOT_ONE, False),
        ({"action": "expanded"}, NOT_ONE, False),
        ({"action": "deliverable"}, NOT_ONE, False),
        ({"status": "2.0.0", "action": "failed"}, Reason.UNCLEAR, None),
        ({"action": "delayed"}, Reason.NETWORK_OR_TIMEOUT, False),
        ({}, Reason.UNCLEAR, None),
    ],
)
def test_what_a_failure_means_and_whether_it_is_for_ever(failure, reason, permanent) -> None:
    reading = classify_failure(DeliveryFailure(**failure))
    assert (reading.reason, reading.permanent) == (reason, permanent)


def message(*headers: str, body: str = "550 5.1.1 no such user") -> str:
    date = "Date: Thu, 15 Jan 2026 12:00:00 +0000\nMIME-Version: 1.0"
    return "\n".join((*headers, date, "", body, ""))


@pytest.mark.parametrize("sender", ["From", "Sender", "Od"])
@pytest.mark.parametrize("subject", ["Subject", "Predmet", "Předmět", "Temat", "Betreff"])
def test_a_mail_system_is_known_by_its_name_and_subject(sender: str, subject: str) -> None:
    named = f"{sender}: Mail System <x@host.net>"
    report = message(named, f"{subject}: Undeliverable mail")
    assert bounce.is_machine_report(parse_message(report.encode()))
    chat = message(named, f"{subject}: Lunch on Friday")
    assert not bounce.is_machine_report(parse_message(chat.encode()))


@pytest.mark.parametrize(
    ("mark", "is_automatic"),
    [
        ("Auto-Submitted: Auto-Replied", True),
        ("X-Autoreply: yes", True),
        ("X-Autorespond: yes", True),
        ("X-Auto-Response-Suppress: All", True),
        ("X-Autoreply-From: a@x.net", True),
        ("Precedence: Auto_Reply", True),
        ("Precedence: auto-reply", True),
        ("Auto-Submitted: no", False),
        ("Precedence: bulk", False),
        ("X-Other: 1", False),
    ],
)
def test_marks_of_automatic_replies(mark: str, is_automatic: bool) -> None:  # noqa: FBT001
    head = ("From: Jana <jana@x.net>", "To: mara@y.net", "Subject: Re: your order", mark)
    received = parse_message(message(*head, body="We have received request 12.").encode())
    read = [(f.recipient, f.action) for f in bounce.failures(received)]
    assert read == ([("jana@x.net", "delivered")] if is_automatic else [])
    failed = parse_message(message(*head, body="Undelivered: 550 5.1.1 no such user").encode())
    assert [f.action for f in bounce.failures(failed)] != ["delivered"]


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?utf-8?q?Z=C3=A1silka?= one", "Zásilka one"),
        (b"=?windows-1250?b?6OntIQ==?=", "čéí!"),
        (b"caf\xe9", "caf\ufffd"),
        (b"=?none?q?a?=", "a"),
        ("Zásilka".encode(), "Zásilka"),
    ],
)
def test_headers_in_readable_letters(raw: bytes, subject: str) -> None:
    head = b"From: a@x.net\nTo: b@x.net\nSubject: " + raw + b"\n\nhello"
    assert parse_message(head).header("subject") == subject


@pytest.mark.parametrize(
    ("reply", "refusal"),
    [
        ("not tried: the line was not private", SignInRefusal.NOT_TRIED),
        ("534-5.7.9 Application-specific password required", SignInRefusal.APP_PASSWORD),
        ("Too many failed logins", SignInRefusal.FIREWALL),
        ("[LIMIT] connections", SignInRefusal.TOO_MANY),
        ("account is suspended", SignInRefusal.DISABLED),
        ("Plaintext authentication disallowed", SignInRefusal.NEEDS_TLS),
        ("454 4.7.0 Temporary authentication failure", SignInRefusal.UNAVAILABLE),
        ("[AUTHENTICATIONFAILED] Authentication failed.", SignInRefusal.WRONG),
        ("it was not tried: so", SignInRefusal.OTHER),
    ],
)
def test_why_a_sign_in_was_refused(reply: str, refusal: SignInRefusal) -> None:
    assert classify_refusal(reply) is refusal


APPLICATION, CDN, SERVER = Layer.APPLICATION, Layer.CDN, Layer.SERVER
PAGE = "x" * 1984 + "<address>Apache"  # the mark ends with the 1,999th character


@pytest.mark.parametrize(
    ("headers", "excerpt", "responder"),
    [
        ((("x-redirect-by", "WordPress"),), "", Responder(APPLICATION, "WordPress")),
        ((("x-generator", "D" * 41),), "", Responder(APPLICATION, "D" * 40)),
        ((("x-powered-by", "P" * 41),), "", Responder(APPLICATION, "P" * 40)),
        ((("x-powered-by", "PleskLin"), ("server", "nginx/1 x")), "", Responder(SERVER, "nginx/1")),
        ((("set-cookie", "PHPSESSID=1"),), "", Responder(APPLICATION, "PHP")),
        ((("cookie", "PHPSESSID=1"),), "", Responder(Layer.UNKNOWN)),
        ((("cf-ray", "1"),), "", Responder(CDN, "Cloudflare")),
        (
            (("cf-ray", "1"), ("cf-cache-status", "MISS"), ("server", "s" * 41)),
            "",
            Responder(SERVER, "s" * 40),
        ),
        ((("x-served-by", "cache-prg"),), "", Responder(CDN, "Fastly")),
        ((("x-served-by", "web1"),), "", Responder(Layer.UNKNOWN)),
        ((), "<hr><center>nginx", Responder(SERVER, "nginx")),
        ((), PAGE, Responder(SERVER, "Apache")),
        ((), f"x{PAGE}", Responder(SERVER, "Apache")),
        ((), f"xx{PAGE}", Responder(Layer.UNKNOWN)),
        ((), "hello", Responder(Layer.UNKNOWN)),
    ],
)
def test_who_answered(headers, excerpt: str, responder: Responder) -> None:
    answer = Exchange("http://x.net/", AT, headers=headers, excerpt=excerpt)
    assert identify_responder(answer) == responder
