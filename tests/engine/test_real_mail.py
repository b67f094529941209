"""Against Debian's Postfix and Dovecot: what we see of them, and what their own bounces mean to us."""

from __future__ import annotations

import email
import smtplib
from contextlib import suppress
from email.message import EmailMessage
from types import SimpleNamespace

import pytest

from clock import SystemClock
from diagnostics.checks.mail.client_ports import CHECK as PORTS_CHECK
from diagnostics.checks.mailbox import sign_in
from diagnostics.evidence.mail import PORTS, SIGN_IN, MailPorts, ProgramHost, SignIns
from diagnostics.model import Case, Evidence, Item
from explain import explain
from explain.model import ExplanationKind, Reason
from observe.budget import Budget
from observe.mail import imap, pop3, smtp
from observe.mail.mailbox import NOT_AUTHENTICATED, Security, SignIn
from subject import parse_subject
from tests.real_mail import NAME, PASSWORD, missing, running, wait

pytestmark = [pytest.mark.real, pytest.mark.timeout(240), pytest.mark.xdist_group("real-mail")]
IP = "31.0.0.25"


@pytest.fixture(scope="module")
def mail():
    """The servers, or None where they cannot run."""
    if missing():
        yield None
        return
    with running() as up:
        yield up


@pytest.fixture(autouse=True)
def _there(mail, not_run):
    if mail is None:
        not_run("Postfix and Dovecot", missing())


def who(user="mara@real.test", password=PASSWORD):
    return SignIn(user, password, require_authentic=True, read_quota=True)


async def met(mail, greet, port, **how):
    return await greet(mail.network(), Budget(SystemClock()), NAME, port, ip=IP, timeout=20, **how)


def judged(check, key, value):
    clock = SystemClock()
    evidence = Evidence({key.name: Item(key.name, value, clock.now())})
    case = Case(parse_subject("real.test"), evidence, clock.now())
    return {f.id for f in check.judge(case)}


# ------------------------------------------------------------------ routing and ports
async def test_postfix_on_port_25(mail):
    seen = await met(mail, smtp.greet, 25)
    assert (seen.code, seen.starttls, seen.trouble) == (220, True, None), mail.log_tail()
    assert seen.greeting.startswith(NAME)
    assert (seen.handshake.verified, seen.handshake.name_matches) == (True, True)
    assert "STARTTLS" not in seen.secured
    assert "PIPELINING" in seen.secured
    assert seen.methods == ()


async def test_every_port_of_mail_programs_is_in_order(mail):
    boxes = [
        await met(mail, greet, port, security=security)
        for greet, port, security in (
            (imap.greet, 993, Security.TLS), (imap.greet, 143, Security.STARTTLS),
            (pop3.greet, 995, Security.TLS), (pop3.greet, 110, Security.STARTTLS),
        )
    ]  # fmt: skip
    sends = [await met(mail, smtp.greet, port, implicit=port == 465) for port in (465, 587)]
    assert [b.trouble for b in (*boxes, *sends)] == [None] * 6, mail.log_tail()
    assert all("PLAIN" in s.methods for s in sends)
    ports = MailPorts((ProgramHost(NAME, own=False, addresses=(IP,)),), tuple(boxes), tuple(sends))
    assert judged(PORTS_CHECK, PORTS, ports) == set()


# ------------------------------------------------------------------ signing in
async def test_a_right_password_opens_reading_and_sending(mail):
    read = await met(mail, imap.greet, 993, sign_in=who())
    sends = [
        await met(mail, smtp.greet, port, implicit=port == 465, sign_in=who())
        for port in (465, 587)
    ]
    assert (read.signed_in, [s.signed_in for s in sends]) == (True, [True, True]), mail.log_tail()
    assert PASSWORD not in repr((read, sends))
    findings = judged(sign_in.CHECK, SIGN_IN, SignIns("mara@real.test", read, sends[0]))
    assert findings == {"mailbox.sign_in.works"}
    assert (await met(mail, pop3.greet, 995, sign_in=who())).signed_in is True


@pytest.mark.parametrize(
    ("user", "password", "finding"),
    [
        ("mara@real.test", "wrong", "mailbox.sign_in.wrong_password"),
        ("nobody@real.test", PASSWORD, "mailbox.sign_in.wrong_password"),
        ("shut@real.test", PASSWORD, "mailbox.sign_in.disabled"),
    ],
)
async def test_dovecot_says_why_not(mail, user, password, finding):
    read = await met(mail, imap.greet, 993, sign_in=who(user, password))
    assert read.signed_in is False, mail.log_tail()
    findings = judged(sign_in.CHECK, SIGN_IN, SignIns(user, read))
    assert findings == {finding}, read.refused


async def test_dovecot_counts_connections(mail):
    sessions = [mail.box("sender@real.test") for _ in range(2)]
    try:
        read = await met(mail, imap.greet, 993, sign_in=who("sender@real.test"))
    finally:
        for item in sessions:
            item.logout()
    findings = judged(sign_in.CHECK, SIGN_IN, SignIns("sender@real.test", read))
    assert findings == {"mailbox.sign_in.too_many"}, read


async def test_sending_with_a_wrong_password_is_refused_as_such(mail):
    read = await met(mail, imap.greet, 993, sign_in=who())
    send = await met(mail, smtp.greet, 587, sign_in=who(password="wrong"))
    assert send.signed_in is False
    assert send.refused.startswith("535 5.7.8"), send.refused
    findings = judged(sign_in.CHECK, SIGN_IN, SignIns("mara@real.test", read, send))
    assert "mailbox.sign_in.sending" in findings


async def test_no_password_goes_to_another_name(mail):
    network = mail.network()
    read = await imap.greet(
        network, Budget(SystemClock()), "mail.forged.test", 993, ip=IP, sign_in=who(), timeout=20
    )
    assert (read.signed_in, read.refused) == (None, NOT_AUTHENTICATED)


# ------------------------------------------------------------------ quota and folders
async def test_quota_and_folders_as_dovecot_counts_them(mail):
    box = mail.box("mara@real.test")
    letter = b"Subject: x\r\n\r\n" + b"y" * 60_000
    for name in ("Odeslan&AOE-", "Archiv"):
        box.create(name)
    for folder, count in (("INBOX", 2), ("Odeslan&AOE-", 5)):
        for _ in range(count):
            assert box.append(folder, None, None, letter)[0] == "OK", mail.log_tail()
    box.logout()
    seen = await met(mail, imap.greet, 993, sign_in=who())
    storage = next(q for q in seen.quotas if q.resource == "STORAGE")
    assert (storage.limit, storage.root) == (1024 * 1024, "User quota")
    assert 420_000 < storage.used < 500_000
    sizes = {f.name: (f.messages, f.size) for f in seen.folders}
    assert sizes["Odeslaná"][0] == 5
    assert sizes["Odeslaná"][1] > sizes["INBOX"][1] > 120_000
    assert sizes["Archiv"] == (0, 0)


# ------------------------------------------------------------------ bounces that Postfix makes
# recipient: (what it is, is the address itself dead, size of the letter)
CASES = {
    "nobody@real.test": ({Reason.RECIPIENT_UNKNOWN}, True, 100),
    "gone@far.test": ({Reason.RECIPIENT_UNKNOWN}, True, 100),
    "full@real.test": ({Reason.MAILBOX_FULL}, False, 30_000),
    "big@far.test": ({Reason.TOO_BIG}, None, 60_000),
    "somebody@other.test": ({Reason.RELAY_DENIED}, None, 100),
    # A receiver's own policy, or "later, please": either way another try helps.
    "grey@far.test": ({Reason.RATE_LIMITED, Reason.POLICY_OR_SPAM}, False, 100),
}


@pytest.fixture(scope="module")
def bounces(mail):
    """One letter to each recipient that cannot take it, and what came back, by recipient."""
    if mail is None:
        return SimpleNamespace(by={}, log_tail="")
    with smtplib.SMTP("127.0.0.1", mail.ports["smtp"], timeout=30) as sender:
        for recipient, (_, _, size) in CASES.items():
            letter = EmailMessage()
            letter["From"], letter["To"] = "sender@real.test", recipient
            letter["Subject"] = f"Order for {recipient}"
            letter.set_content("y" * 60 + "\n" + ("x" * 70 + "\n") * (size // 71))
            sender.send_message(letter)
    bounces_by_name = {}

    def arrived():
        for path in mail.home.glob("mail/sender@real.test/Maildir/*/*"):
            with suppress(OSError):
                raw = path.read_bytes()
                for recipient in CASES:
                    if b"Final-Recipient: rfc822; " + recipient.encode() in raw:
                        bounces_by_name[recipient] = raw
        return len(bounces_by_name) == len(CASES)

    with suppress(AssertionError):
        wait(arrived, mail, "all bounces", 60)
    return SimpleNamespace(by=bounces_by_name, log_tail=mail.log_tail())


@pytest.mark.parametrize("recipient", CASES)
def test_each_bounce_is_understood(bounces, recipient):
    assert recipient in bounces.by, bounces.log_tail
    raw = bounces.by[recipient]
    (item,) = explain(raw)
    assert (item.kind, item.recipient) == (ExplanationKind.BOUNCE, recipient)
    reasons, permanent, _ = CASES[recipient]
    assert item.reason in reasons, raw.decode("utf-8", "replace")[:3000]
    assert permanent in (None, item.permanent), raw.decode("utf-8", "replace")[:3000]


@pytest.mark.parametrize("recipient", CASES)
def test_each_bounce_is_understood_from_its_words_alone(bounces, recipient):
    """As customers paste it: the readable part, without headers and machine parts."""
    assert recipient in bounces.by, bounces.log_tail
    parts = email.message_from_bytes(bounces.by[recipient]).walk()
    text = next(p for p in parts if p.get_content_type() == "text/plain")
    (item,) = explain(text.get_payload(decode=True).decode())
    assert item.reason in CASES[recipient][0], text.get_payload()
