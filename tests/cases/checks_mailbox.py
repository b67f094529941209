"""Cases: the mailbox by the panel, its quota, a sign-in the customer asked for, the firewall."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from diagnostics.evidence.mail import MailboxFacts, SignIns
from diagnostics.model import Missing
from facts import Folder, MailboxDialogue, Quota, SmtpDialogue
from hosting.model import FirewallLockout, Mailbox, MailboxState
from standards.dns_types import Trouble
from tests.cases.checks_hosting import both
from tests.cases.checks_mail_servers import certified, programs
from tests.checks_fixtures import Expected
from tests.checks_parts import AT
from tests.checks_scene_mail import PROGRAMS

BOX = "mara@cafe.example"
GIGABYTE = 10**9
READ = MailboxDialogue("imap", PROGRAMS, "192.0.9.40", 993, AT, greeting="ready", signed_in=True)
SEND = SmtpDialogue(
    PROGRAMS, "192.0.9.40", 465, AT, greeting="hi", code=220, connected=True, signed_in=True
)


def box(state: MailboxState = MailboxState.ACTIVE, **more: object):
    facts = MailboxFacts(Mailbox(BOX, state, AT, **more))
    return lambda s: setattr(s.post, "mailbox", facts)


def lockout(*, locked: bool):
    firewall_lockout = FirewallLockout(
        "93.184.216.34", locked, AT, "imap", "too many failures", AT - timedelta(hours=1)
    )
    return lambda s: setattr(s.post, "mailbox", MailboxFacts(None, firewall_lockout))


def tried(read: MailboxDialogue | None, send: SmtpDialogue | None = None, **more: object):
    return lambda s: setattr(s.post, "sign_in", SignIns(BOX, read, send, **more))


def refused(refusal: str):
    return tried(replace(READ, signed_in=False, refused=refusal))


def filled(used: int, limit: int = GIGABYTE, *folders: Folder):
    return tried(replace(READ, quotas=(Quota("User", "STORAGE", used, limit),), quota_told=True,
                         folders=folders), SEND)  # fmt: skip


def counted(messages: int, *folders: Folder, space: int = GIGABYTE):
    quotas = (Quota("User", "STORAGE", 10**8, space), Quota("User", "MESSAGE", messages, 10_000))
    return tried(replace(READ, quotas=quotas, quota_told=True, folders=folders), SEND)


WORKS = "mailbox.sign_in.works"
FIGURES = "mailbox.quota.figures"
CASES = (
    # -------------------------------------------------------- by the panel
    Expected("mailbox open", box()),
    Expected("mailbox absent", box(MailboxState.ABSENT), ("mailbox.account.missing",)),
    Expected("mailbox absent, and its password is called wrong",
             both(box(MailboxState.ABSENT), refused("a3 NO [AUTHENTICATIONFAILED] no")),
             ("mailbox.account.missing",), ("mailbox.sign_in.wrong_password",)),
    Expected("mailbox suspended", box(MailboxState.SUSPENDED, reason="unpaid"),
             ("mailbox.account.suspended",)),
    Expected("mailbox suspended, and nobody gets in",
             both(box(MailboxState.SUSPENDED), refused("a3 NO Account disabled")),
             ("mailbox.account.suspended",), ("mailbox.sign_in.disabled",)),
    Expected("mailbox forwards", box(MailboxState.FORWARD, forwards=("m@else.example",)),
             ("mailbox.account.forward_only",)),
    Expected("mailbox full by the panel", box(used=GIGABYTE, limit=GIGABYTE), ("mailbox.quota.over",)),
    Expected("mailbox nearly full by the panel", box(used=95 * 10**7, limit=GIGABYTE),
             ("mailbox.quota.near",)),
    Expected("mailbox not nearly full", box(used=89 * 10**7, limit=GIGABYTE)),
    Expected("mailbox without a limit", box(used=GIGABYTE, limit=None)),
    Expected("mailbox whose limit is written as nought", box(used=GIGABYTE, limit=0)),
    Expected("hourly limit reached", box(sent=200, send_limit=200), ("mailbox.sending.over",)),
    Expected("hourly limit near", box(sent=180, send_limit=200), ("mailbox.sending.near",)),
    Expected("hourly limit far", box(sent=179, send_limit=200)),
    Expected("nothing sent, nothing allowed that we know of", box(sent=500, send_limit=None)),
    Expected("address locked out", lockout(locked=True), ("mailbox.lockout.locked",)),
    Expected("address not locked out", lockout(locked=False)),
    Expected("mailbox, stranger", lambda s: s.missing.update(mailbox=Missing.WITHHELD), (), (),
             ("mailbox.account.unknown",)),
    # -------------------------------------------------------- by a sign-in
    Expected("sign-in works", tried(READ, SEND), (WORKS,)),
    Expected("sign-in works, sending not seen", tried(READ), (WORKS,)),
    Expected("sign-in works, sending refused",
             tried(READ, replace(SEND, signed_in=False, refused="535 5.7.8 no")),
             ("mailbox.sign_in.sending", WORKS)),
    Expected("password wrong", refused("a3 NO [AUTHENTICATIONFAILED] Authentication failed."),
             ("mailbox.sign_in.wrong_password",)),
    Expected("mailbox disabled", refused("a3 NO [CONTACTADMIN] Account is disabled"),
             ("mailbox.sign_in.disabled",)),
    Expected("encryption wanted", refused("a3 NO [PRIVACYREQUIRED] Plaintext authentication disallowed"),
             ("mailbox.sign_in.needs_tls",)),
    Expected("too many programs",
             refused("a3 NO [LIMIT] Maximum number of connections from user+IP exceeded"),
             ("mailbox.sign_in.too_many",)),
    Expected("too many failed tries", refused("a3 NO Too many failed logins, temporarily blocked"),
             ("mailbox.sign_in.firewall",)),
    Expected("too many failed tries, and the firewall says so",
             both(lockout(locked=True), refused("a3 NO Too many failed logins, temporarily blocked")),
             ("mailbox.lockout.locked",), ("mailbox.sign_in.firewall",)),
    Expected("a password for programs", refused("a3 NO [ALERT] Application-specific password required"),
             ("mailbox.sign_in.app_password",)),
    Expected("server out of order", refused("a3 NO [UNAVAILABLE] Temporary authentication failure."),
             ("mailbox.sign_in.unavailable",)),
    Expected("refused in words nobody knows", refused("a3 NO computer says no"),
             ("mailbox.sign_in.refused",)),
    Expected("turned away before the greeting",
             tried(replace(READ, signed_in=None, greeting="* BYE your address is banned",
                           trouble=Trouble.PROTOCOL)), ("mailbox.sign_in.firewall",)),
    Expected("password not sent: no proof",
             tried(replace(READ, signed_in=None,
                           refused="not tried: the server's certificate does not prove who it is")),
             ("mailbox.sign_in.not_tried",)),
    Expected("password not sent: no proof, as the ports show",
             both(certified(verified=False),
                  tried(replace(READ, signed_in=None, refused="not tried: the line is not private"))),
             ("mail.ports.untrusted",), ("mailbox.sign_in.not_tried",)),
    Expected("mailbox server refuses",
             tried(replace(READ, signed_in=None, greeting="", trouble=Trouble.REFUSED)),
             ("mailbox.sign_in.unreachable",)),
    Expected("mailbox server refuses, as the ports show",
             both(programs(trouble=Trouble.REFUSED),
                  tried(replace(READ, signed_in=None, greeting="", trouble=Trouble.REFUSED))),
             ("mail.ports.closed",), ("mailbox.sign_in.unreachable",)),
    Expected("mailbox server silent",
             tried(replace(READ, signed_in=None, greeting="", trouble=Trouble.TIMEOUT)), (), (),
             ("mailbox.sign_in.unknown",)),
    Expected("password gone", tried(None, gone=True), ("mailbox.sign_in.again",)),
    Expected("nowhere to sign in", tried(None, elsewhere=True), (), (), ("mailbox.sign_in.unknown",)),
    # -------------------------------------------------------- how full, by the sign-in
    Expected("room by the server", filled(4 * 10**8, GIGABYTE, Folder("INBOX", 3, 3 * 10**8)),
             (FIGURES, WORKS)),
    Expected("full by the server", filled(GIGABYTE, GIGABYTE, Folder("Odeslaná", 9, 9 * 10**8),
                                          Folder("INBOX", 3, None)),
             ("mailbox.quota.over", WORKS)),
    Expected("nearly full by the server", filled(92 * 10**7), ("mailbox.quota.near", WORKS)),
    Expected("full by the panel, emptied since",
             both(box(used=GIGABYTE, limit=GIGABYTE), filled(10**8)), (FIGURES, WORKS)),
    Expected("as many messages as it may hold, with space left",
             counted(10_000, Folder("INBOX", 9_000, 10**6), Folder("Koš", 1_000, 10**5)),
             ("mailbox.quota.messages_over", FIGURES, WORKS)),
    Expected("almost as many messages as it may hold", counted(9_500),
             ("mailbox.quota.messages_near", FIGURES, WORKS)),
    Expected("fewer messages than it may hold", counted(8_000), (FIGURES, WORKS)),
    Expected("only messages are limited", counted(10_000, space=0),
             ("mailbox.quota.messages_over", WORKS)),
    Expected("no limit by the server", filled(GIGABYTE, 0), (WORKS,)),
)  # fmt: skip
