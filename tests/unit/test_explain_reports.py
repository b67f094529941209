"""Reports and replies of mail servers piece by piece: what is read of each form, whole.

A failure is shown as recipient, action, reply, status, server, stage and the server's words.
"""

from __future__ import annotations

import json

import pytest

from explain.bounces.delivery_report import MAX_RECIPIENTS, ses_failures
from explain.bounces.smtp_reply import (
    MAX_SHORT_TEXT,
    explains_codes,
    find_coded_reply,
    find_short_reply,
    find_uncoded_reply,
)
from explain.bounces.transcript import failures, remote_server, without_original
from explain.model import DeliveryFailure

A = "a@x.net"
FailureRow = tuple[str, ...]


def failure_row(failure: DeliveryFailure | None) -> FailureRow | None:
    if failure is None:
        return None
    f = failure
    return (f.recipient, f.action, f.reply, f.status, f.remote, f.stage, f.diagnostic)


NOTIFICATIONS = [
    ({"notificationType": "Bounce", "bounce": {"bounceSubType": "General", "reportingMTA": "dns; out.ses.net", "bouncedRecipients": [{"emailAddress": "a@x.net", "action": "Failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 no such user"}, {"emailAddress": "b@x.net"}]}}, [("a@x.net", "failed", "550", "5.1.1", "out.ses.net", "", "550 5.1.1 no such user"), ("b@x.net", "failed", "", "", "out.ses.net", "", "General")]),
    ({"eventType": "Bounce", "bounce": {"remoteMtaIp": "192.0.9.1", "reportingMTA": "dns; out.ses.net", "bouncedRecipients": [{"emailAddress": "a@x.net", "action": "delayed", "diagnosticCode": "smtp ; 450 4.2.2 full"}]}}, [("a@x.net", "delayed", "450", "4.2.2", "192.0.9.1", "", "450 4.2.2 full")]),
    ({"Type": "Notification", "Message": '{"notificationType": "Bounce", "bounce": {"bouncedRecipients": [{"emailAddress": "a@x.net"}]}}'}, [("a@x.net", "failed", "", "", "", "", "")]),
    ({"notificationType": "Delivery", "delivery": {"recipients": ["a@x.net", "b@x.net"]}}, [("a@x.net", "delivered", "", "", "", "", "delivery")]),
    ({"notificationType": "Complaint", "complaint": {}}, [("", "delivered", "", "", "", "", "complaint")]),
    ({"eventType": "Send", "send": {"recipients": []}}, [("", "delivered", "", "", "", "", "send")]),
    ({"eventType": "Open"}, [("", "delivered", "", "", "", "", "open")]),
    ({"eventType": "Click"}, [("", "delivered", "", "", "", "", "click")]),
    ({"eventType": "Rendering"}, []),
    ({"notificationType": "Bounce", "bounce": "x"}, []),
    ({"notificationType": "Bounce", "bounce": {"bouncedRecipients": "x"}}, []),
    ({"notificationType": "Bounce", "bounce": {"bouncedRecipients": ["x", {"status": "5.2.2 (mailbox full)"}]}}, [("", "failed", "", "5.2.2 (mailb", "", "", "")]),
]  # fmt: skip


@pytest.mark.parametrize(("notification", "read"), NOTIFICATIONS)
def test_notifications_of_ses(notification: dict[str, object], read: list[FailureRow]) -> None:
    plain = json.dumps(notification)
    indented = json.dumps(notification, indent=1).replace("\n", "\r\n")
    for text in (f"Hello {plain} bye", indented):
        assert [failure_row(failure) for failure in ses_failures(text)] == read


EVENT: dict[str, object] = {"eventType": "Bounce", "bounce": {"bouncedRecipients": [{}]}}


def test_notifications_inside_others() -> None:
    quoted = json.dumps(EVENT).replace('"', '\\"')
    for text in (f'{{"x": "{quoted}", "Notification": 1', f'{{"Message": "{json.dumps(EVENT)}"}}'):
        assert len(ses_failures(text)) == ("Message" in text)
    nested = EVENT
    for depth in range(5):
        assert len(ses_failures(json.dumps(nested))) == (depth <= 3)
        nested = {"Type": "Notification", "Message": json.dumps(nested)}


def test_notifications_are_read_to_their_limits() -> None:
    long = {"emailAddress": "a" * 321, "action": "x" * 21, "diagnosticCode": "y" * 4001}
    bounce = {"bouncedRecipients": [long, *[{}] * MAX_RECIPIENTS]}
    read = ses_failures(json.dumps({**EVENT, "bounce": bounce}))
    assert len(read) == MAX_RECIPIENTS
    assert (len(read[0].recipient), len(read[0].action), len(read[0].diagnostic)) == (320, 20, 4000)
    plain = json.dumps(EVENT)
    for space, count in ((100_000 - len(plain), 1), (100_001 - len(plain), 0)):
        assert len(ses_failures("{" + " " * space + plain[1:])) == count
    for text in ("eventType", "{}", '{"a": otification', '["eventType"] {}'):
        assert ses_failures(text) == []


CODED = [
    ("Jan 1 mx postfix/smtp[1]: 4ABC: to=<a@x.net>, relay=mx.x.net[192.0.9.1]:25, delay=1, dsn=5.1.1, status=bounced (host mx.x.net[192.0.9.1] said: 550 5.1.1 no such user (in reply to RCPT TO command))", ("a@x.net", "failed", "550", "5.1.1", "mx.x.net", "rcpt", "host mx.x.net[192.0.9.1] said: 550 5.1.1 no such user (in reply to RCPT TO command)")),
    ("to=<a@x.net>, dsn=4.4.1, status=deferred (connect to mx.x.net[192.0.9.1]:25: Connection timed out)", ("a@x.net", "delayed", "", "4.4.1", "mx.x.net", "", "connect to mx.x.net[192.0.9.1]:25: Connection timed out")),
    ("to=<a@x.net>, orig_to=<b@y.net>, dsn=5.0.0, status=expired (x yz)", ("a@x.net", "failed", "", "5.0.0", "", "", "x yz")),
    ("status=undeliverable (mail for a@x.net loops back to myself)", ("a@x.net", "failed", "", "", "", "", "mail for a@x.net loops back to myself")),
    ("status=sent (250 ok)", None),
    ("to=<a@x.net> status=bounced (ab)", None),
    ("to=<a@x.net>, status=bounced (552 full after end of data)", ("a@x.net", "failed", "552", "", "", "data", "552 full after end of data")),
    ("2026-01-01 10:00:00 1abcde-0000ab-XY ** a@x.net R=dnslookup T=remote_smtp H=mx.x.net [192.0.9.1]: SMTP error from remote mail server after RCPT TO:<a@x.net>: 550 5.1.1 no such user", ("a@x.net", "failed", "550", "5.1.1", "mx.x.net", "rcpt", "SMTP error from remote mail server after RCPT TO:<a@x.net>: 550 5.1.1 no such user")),
    ("2026-01-01 10:00:00 1abcde-0000ab-XY == a@x.net R=dnslookup T=remote_smtp defer (110): Connection timed out", ("a@x.net", "delayed", "", "", "", "", "Connection timed out")),
    ("2026-01-01 10:00:00 1abcde-0000ab-XY == a@x.net R=dnslookup: 451 4.7.1 greylisted after initial connection", ("a@x.net", "delayed", "451", "4.7.1", "", "connect", "451 4.7.1 greylisted after initial connection")),
    ("2026-01-01 1abcde ** a@x.net R=x", ("a@x.net", "failed", "", "", "", "", "R=x")),
    ("a b c d e f ** a@x.net R=x: 550 no", None),
    ("2026 => a@x.net R=x: 550", None),
    ("2026 ** a@x.net no route: 550 x", None),
    ("550 5.1.1 <a@x.net>: no such user", ("a@x.net", "", "550", "5.1.1", "", "", "550 5.1.1 <a@x.net>: no such user")),
    ("550-5.1.1 no such\n550 5.1.1 user a@x.net", ("a@x.net", "", "550", "5.1.1", "", "", "550-5.1.1 no such 550 5.1.1 user a@x.net")),
    ("The server said: 550 no such user here", ("", "", "550", "", "", "", "The server said: 550 no such user here")),
    ("server responded\n550 mailbox a@x.net unavailable\nmx", ("a@x.net", "", "550", "", "", "", "550 mailbox a@x.net unavailable mx")),
    ("one\ntwo\nthree a@x.net\n550 5.1.1 no\nfive\nsix\nseven\neight b@y.net", ("a@x.net", "", "550", "5.1.1", "", "", "550 5.1.1 no five six seven")),
    ("error: 550 no such user", ("", "", "550", "", "", "", "error: 550 no such user")),
    ("<<< 550 no such user", ("", "", "550", "", "", "", "<<< 550 no such user")),
    ("550: no such user", ("", "", "550", "", "", "", "550: no such user")),
    ("550 bananas", None),
    ("5.1.1 no such user", ("", "", "", "5.1.1", "", "", "5.1.1 no such user")),
    ("Version 5.1.1 of the mailbox", None),
    ("Hello, 550 5.1.1 apples, thanks", None),
    ("Hello, 550 5.1.1 no such user a@x.net, thanks", ("a@x.net", "", "550", "5.1.1", "", "", "Hello, 550 5.1.1 no such user a@x.net, thanks")),
    ("host mx.x.net[192.0.9.1] said: 421 too busy, try later (in reply to end of DATA command)", None),
    ("mailbox error 452 and 4.2.2", ("", "", "452", "4.2.2", "", "", "mailbox error 452 and 4.2.2")),
    ("user unknown 250 2.1.5", ("", "", "250", "2.1.5", "", "", "user unknown 250 2.1.5")),
    ("To: a@x.net\n\n550 5.1.1 no such user", ("a@x.net", "", "550", "5.1.1", "", "", "550 5.1.1 no such user")),
    ("452-4.2.2 over quota\nrecipient a@x.net", ("a@x.net", "", "452", "4.2.2", "", "", "452-4.2.2 over quota recipient a@x.net")),
    ("error 554 5.7.1: spam (a@x.net)", ("a@x.net", "", "554", "5.7.1", "", "", "error 554 5.7.1: spam (a@x.net)")),
    ("Chyba: 550 schránka neexistuje", ("", "", "550", "", "", "", "Chyba: 550 schránka neexistuje")),
    ("remote host said: 571 blocked smtp", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "read"), CODED)
def test_replies_with_a_code(text: str, read: FailureRow | None) -> None:
    assert failure_row(find_coded_reply(text)) == read


def test_a_reply_is_looked_for_in_so_many_lines() -> None:
    reply = "550 5.1.1 no"
    assert failure_row(find_coded_reply("x\n" * 399 + reply)) == (
        "",
        "",
        "550",
        "5.1.1",
        "",
        "",
        reply,
    )
    assert find_coded_reply("x\n" * 400 + reply) is None


UNCODED = [
    ("connect to mx.x.net[192.0.9.1]:25: Connection refused", ("", "", "", "", "mx.x.net", "", "connect to mx.x.net[192.0.9.1]:25: Connection refused")),
    ("a@x.net: retry timeout exceeded", ("a@x.net", "", "", "", "", "", "a@x.net: retry timeout exceeded")),
    ("unrouteable address", ("", "", "", "", "", "", "unrouteable address")),
    ("Hello, unrouteable address?", None),
    ("nothing", None),
    ("TLS is required, but was not offered by host mx.x.net[192.0.9.1]", ("", "", "", "", "mx.x.net", "", "TLS is required, but was not offered by host mx.x.net[192.0.9.1]")),
    ("Name service error for name=x.net type=MX: Host not found", ("", "", "", "", "", "", "Name service error for name=x.net type=MX: Host not found")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "read"), UNCODED)
def test_replies_without_a_code(text: str, read: FailureRow | None) -> None:
    assert failure_row(find_uncoded_reply(text)) == read


SHORT = [  # None: is no reply; else its recipient
    ("no such user a@x.net", "a@x.net"),
    ("mailbox full", ""),
    ("Mailbox full?", None),
    ("my mailbox is full", None),
    ("relay access denied", ""),
    ("if mailbox full", None),
    ("DMARC", None),
    ("DMARC failed", ""),
    ("dmarc was rejected", ""),
    ("too many messages", ""),
    ("subject: mailbox full", None),
    ("spam", None),
    ("cannot find your hostname", ""),
    ("zásilka: schránka je plná", None),
    ("schránka je plná", ""),
    ("click here mailbox full", None),
    ("account disabled", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "recipient"), SHORT)
def test_short_replies(text: str, recipient: str | None) -> None:
    read = find_short_reply(text)
    assert (read.recipient if read else None) == recipient


def test_a_short_reply_names_its_cause_at_once() -> None:
    for length, is_reply in ((MAX_SHORT_TEXT - 1, True), (MAX_SHORT_TEXT, False)):
        assert bool(find_short_reply(f"{'mailbox full ':x<{length}}")) is is_reply
    for before, is_reply in ((67, True), (68, False)):
        assert bool(find_short_reply(f"{'x' * before} mailbox full")) is is_reply


DOCUMENTATION = [
    ("550 5.1.1 means that", True),
    ("550 5.1.1 means that?", False),
    ("what 5.1.1 means", False),
    ("Code 450 4.2.2 mailbox full stands for", True),
    ("550 5.1.1 no such user", False),
]


@pytest.mark.parametrize(("text", "explains"), DOCUMENTATION)
def test_what_explains_codes_is_no_reply(text: str, explains: bool) -> None:  # noqa: FBT001
    assert explains_codes(text) is explains


SERVERS = [
    ("host mx.x.net[192.0.9.1] said: 550", "mx.x.net"),
    ("host MX.X.NET [192.0.9.1]:25 refused to talk", "mx.x.net"),
    ("while talking to mx.x.net.:", "mx.x.net"),
    ("by server mx.x.net. [192.0.9.1]", "mx.x.net"),
    ("from mx.x.net [192.0.9.1]", "mx.x.net"),
    ("mx.x.net [192.0.9.1] did not like our RCPT", "mx.x.net"),
    ("smtp server <mx.x.net>", "mx.x.net"),
    ("remote server at mx.x.net", "mx.x.net"),
    ("Remote-MTA: dns; mx.x.net", "mx.x.net"),
    ("receiving server: mx.x.net", "mx.x.net"),
    ("connected to mx.x.net", "mx.x.net"),
    ("connection with mx.x.net", "mx.x.net"),
    ("refused by mx.x.net", "mx.x.net"),
    ("timed out with mx.x.net", "mx.x.net"),
    ("mx.x.net rejected your message", "mx.x.net"),
    ("mx.x.net gave this error", "mx.x.net"),
    ("192.0.9.1 does not like recipient", "192.0.9.1"),
    ("192.0.9.1 failed after", "192.0.9.1"),
    ("generating server: out.y.net", "out.y.net"),
    ("Reporting-MTA: dns; out.y.net", "out.y.net"),
    ("H=mx.x.net [192.0.9.1]:", "mx.x.net"),
    ("host localhost[127.0.0.1] said: and host mx.x.net[192.0.9.1] said", "mx.x.net"),
    ("host 127.0.0.1[127.0.0.1] said:", ""),
    ("host unknown[192.0.9.1] said:", ""),
    ("connection to mx.x.net, host my.y.net[192.0.9.1] said:", "my.y.net"),
    ("nothing", ""),
]


@pytest.mark.parametrize(("text", "server"), SERVERS)
def test_servers_in_words(text: str, server: str) -> None:
    assert remote_server(text) == server


ORIGINALS = [
    ("report\n--- Below this line is a copy of the message.\nSubject: x", "report"),
    ("report\nOriginal message follows\nx", "report"),
    ("report\nThe original message was received at\nx", "report\nThe original message was received at\nx"),
    ("report\noriginal message could not\nx", "report\noriginal message could not\nx"),
    ("Original message\nreport", "Original message\nreport"),
    ("a\nb\nc\nReceived: from x\nSubject: y\nz", "a\nb\nc\nReceived: from x\nSubject: y\nz"),
    ("a\nb\nReceived: from x\nSubject: y", "a\nb\nReceived: from x\nSubject: y"),
    ("a\nb\nc\nReceived: from x\nno header\nz", "a\nb\nc\nReceived: from x\nno header\nz"),
    ("a\nb\nc\nReceived: from x", "a\nb\nc\nReceived: from x"),
    ("a\nb\nc\nReceived: from x\n\n\n", "a\nb\nc"),
    ("report\nmessage headers:\nx", "report"),
    ("report\nPůvodní zpráva\nx", "report"),
    ("report\n- body\nx", "report"),
    ("report\n-----Original message-----\nx", "report"),
    ("report\n  > included is a copy of the headers\nx", "report"),
    ("report\ncopy of your message\nx", "report"),
    ("report\nDelivery failed for the original message\nx", "report\nDelivery failed for the original message\nx"),
    ("a\nb\nc\nDKIM-Signature: v=1\n continued\nz: 1", "a\nb\nc\nDKIM-Signature: v=1\n continued\nz: 1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "report"), ORIGINALS)
def test_the_returned_message_is_left_out(text: str, report: str) -> None:
    assert without_original(text) == report


def test_a_heading_of_the_returned_message_is_short() -> None:
    heading = f"{'Original message ':x<90}"
    assert without_original(f"report\n{heading}\ny") == "report"
    assert without_original(f"report\n{heading}x\ny") == f"report\n{heading}x\ny"


TRANSCRIPTS = [
    ("<a@x.net>: host mx.x.net[192.0.9.1] said: 550 5.1.1 no such user (in reply to RCPT TO command)\n\n<b@x.net>: mailbox full", [("a@x.net", "", "550", "5.1.1", "mx.x.net", "rcpt", "550 5.1.1 no such user (in reply to RCPT TO command)"), ("b@x.net", "", "", "", "mx.x.net", "", "<b@x.net>: mailbox full")]),
    ("a@x.net\n550 5.1.1 no\nb@x.net\n552 5.2.2 full", [("a@x.net", "", "550", "5.1.1", "", "", "a@x.net 550 5.1.1 no"), ("b@x.net", "", "552", "5.2.2", "", "", "b@x.net 552 5.2.2 full")]),
    ("a@x.net\nb@x.net\nWe could not deliver", [("a@x.net", "", "", "", "", "", "a@x.net b@x.net We could not deliver"), ("b@x.net", "", "", "", "", "", "a@x.net b@x.net We could not deliver")]),
    ("a@x.net\nWe could not deliver", [("a@x.net", "", "", "", "", "", "a@x.net We could not deliver")]),
    ("a@x.net\n550 5.1.1 no\nb@x.net\nhello", [("a@x.net", "", "550", "5.1.1", "", "", "a@x.net 550 5.1.1 no")]),
    ("  a@x.net\nA@X.NET\n550 5.1.1 no\nB@x.net: 452 4.2.2 full\nb@x.net more", [("a@x.net", "", "550", "5.1.1", "", "", "a@x.net A@X.NET 550 5.1.1 no"), ("B@x.net", "", "452", "4.2.2", "", "", "B@x.net: 452 4.2.2 full b@x.net more")]),
    ("Your message to a@x.net was refused: 550 5.1.1 no", [("a@x.net", "", "550", "5.1.1", "", "", "Your message to a@x.net was refused: 550 5.1.1 no")]),
    ("Recipient: <a@x.net>\n550 5.1.1 no\nRecipient address: b@x.net\n552 5.2.2 full", [("a@x.net", "", "550", "5.1.1", "", "", "Recipient: <a@x.net> 550 5.1.1 no"), ("b@x.net", "", "552", "5.2.2", "", "", "Recipient address: b@x.net 552 5.2.2 full")]),
    ("550 5.1.1 <a@x.net> no\n552 5.2.2 <b@x.net> full", [("a@x.net", "", "550", "5.1.1", "", "", "550 5.1.1 <a@x.net> no"), ("b@x.net", "", "552", "5.2.2", "", "", "552 5.2.2 <b@x.net> full")]),
    ("550-5.1.1 no\n550 5.1.1 a@x.net gone\n552 5.2.2 b@x.net full", [("a@x.net", "", "550", "5.1.1", "", "", "550-5.1.1 no 550 5.1.1 a@x.net gone"), ("b@x.net", "", "552", "5.2.2", "", "", "552 5.2.2 b@x.net full")]),
    ("550 5.1.1 no\na@x.net\n552 5.2.2 full\nb@x.net", [("a@x.net", "", "552", "5.2.2", "", "", "a@x.net 552 5.2.2 full")]),
    ("postmaster@x.net\nabuse@x.net: 550 5.1.1 no", [("abuse@x.net", "", "550", "5.1.1", "", "", "abuse@x.net: 550 5.1.1 no")]),
    ("nothing at all", [("", "", "", "", "", "", "nothing at all")]),
    ("From: s@y.net\nTo: t@x.net\nWe failed: 550 5.1.1 no", [("t@x.net", "", "550", "5.1.1", "", "", "To: t@x.net We failed: 550 5.1.1 no")]),
    ("Dear s@y.net, mail to a@x.net failed", [("a@x.net", "", "", "", "", "", "Dear s@y.net, mail to a@x.net failed")]),
    ("MAIL FROM:<s@y.net>\ns@y.net a@x.net", [("s@y.net", "", "", "", "", "", "MAIL FROM:<s@y.net> s@y.net a@x.net")]),
    ("mailer-daemon@x.net told a@x.net", [("a@x.net", "", "", "", "", "", "mailer-daemon@x.net told a@x.net")]),
    ("delivered to <odd address>", [("", "", "", "", "", "", "delivered to <odd address>")]),
    ("smtp:a@x.net", [("a@x.net", "", "", "", "", "", "smtp:a@x.net")]),
    ("'a@x.net'.", [("a@x.net", "", "", "", "", "", "'a@x.net'.")]),
    ('"a b"@x.net "ab"@x.net', [('"ab"@x.net', "", "", "", "", "", '"a b"@x.net "ab"@x.net')]),
    ("a@x.net\n(reason: 550 5.1.1 no such user)", [("a@x.net", "", "550", "5.1.1", "", "", "550 5.1.1 no such user")]),
    ("a@x.net\n(reason: 550 5.1.1... no)\n>>> RCPT\n<<< 550 5.1.1 really no such user\n>>> QUIT", [("a@x.net", "", "550", "5.1.1", "", "rcpt", "550 5.1.1... no 550 5.1.1 really no such user")]),
    ("a@x.net\nThe error that the server returned was: '550 5.1.1 no such user'", [("a@x.net", "", "550", "5.1.1", "", "", "550 5.1.1 no such user'")]),
    ("a@x.net\nconnect failed, host mx.x.net[192.0.9.1] said nothing 5.1.1", [("a@x.net", "", "", "5.1.1", "mx.x.net", "", "a@x.net connect failed, host mx.x.net[192.0.9.1] said nothing 5.1.1")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "read"), TRANSCRIPTS)
def test_recipients_of_a_transcript(text: str, read: list[FailureRow]) -> None:
    assert [failure_row(failure) for failure in failures(text)] == read
    assert {failure.around for failure in failures(text)} == {without_original(text)}


def test_a_transcript_is_read_to_its_limits() -> None:
    assert len(failures("\n".join(f"u{n}@x.net\n550 5.1.1 no" for n in range(101)))) == 100
    for lines, recipients in ((38, [A, "b@x.net"]), (39, ["b@x.net"])):
        text = f"{A}\n" + "line\n" * lines + "550 5.1.1 no\nb@x.net\n550 5.1.1 no"
        assert [failure.recipient for failure in failures(text)] == recipients
    (read,) = failures(f"{A}\n{'y' * 250} 550 5.1.1 no")
    assert read.diagnostic == f"{'y' * 199} 550 5.1.1 no"
    (read,) = failures(f"{A}\n{'z ' * 2500}")
    assert len(read.diagnostic) == 4000


def test_what_else_is_known_of_a_transcript() -> None:
    (read,) = failures("no address 550 5.1.1 x", known_recipients=("k@x.net", "l@x.net"))
    assert read.recipient == "k@x.net"
    (read,) = failures(f"{A} 550 5.1.1 no\nOriginal message\nb", whole=False)
    assert read.diagnostic == f"{A} 550 5.1.1 no Original message b"
