"""The mailbox by the panel and by its own server: is it there, is it open, how full, how much sent.

The figures of the customer's own sign-in go before the panel's, which may be hours old.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from diagnostics.checks.readings import unknown
from diagnostics.evidence.mail import MAILBOX, SIGN_IN
from diagnostics.model import NOT_MEANT, Case, Check, Finding, Message, Severity
from facts import Folder
from hosting.model import Mailbox, MailboxState
from kb.owners import Owner
from render.i18n import N_

NEAR = 0.9
MEGABYTE = 1_000_000
BIGGEST = 5

MISSING = Message(
    id="mailbox.account.missing",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The mailbox {mailbox} does not exist"),
    seen=N_("The hosting panel knows the domain, but no mailbox of this name."),
    why=N_("Mail to it comes back to the senders, and nobody can sign in."),
    steps=(
        N_("Compare the address letter by letter with the list of mailboxes in the panel."),
        N_("If it was deleted, create it anew; its old messages may be in a backup."),
    ),
    hides=("mailbox.sign_in.", "mailbox.account.forward_only"),
)
SUSPENDED = Message(
    id="mailbox.account.suspended",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The mailbox {mailbox} is suspended"),
    seen=N_("The hosting panel keeps it closed. The reason given is “{reason}”."),
    why=N_("Nobody can sign in, and in most cases it takes no mail either."),
    steps=(
        N_("If the reason is an unpaid service, pay it; the mailbox opens by itself."),
        N_("If it was abused, change its password, and send us this report to have it opened."),
    ),
    hides=("mailbox.sign_in.", "mailbox.sending."),
)
FORWARD = Message(
    id="mailbox.account.forward_only",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("{mailbox} keeps nothing and hands everything on"),
    seen=N_("Its mail goes to {forwards:list}; there is no mailbox of this name to sign in to."),
    why=N_("If you look for messages, they are there, or were refused by that place."),
    steps=(
        N_("Look for the messages at {forwards:list}, in Spam too."),
        N_("If you want to keep them here, create a mailbox of this name in the panel."),
    ),
    hides=("mailbox.sign_in.",),
)
QUOTA_OVER = Message(
    id="mailbox.quota.over",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The mailbox {mailbox} is full"),
    seen=N_("{used:bytes} of {limit:bytes} are used. {biggest:said}"),
    why=N_("New messages are refused and come back to their senders."),
    steps=(
        N_("Empty Trash and Spam; they count too."),
        N_("Delete large messages in the biggest folders, or move them to your computer."),
        N_("If you need them all, make the mailbox larger in the hosting panel."),
    ),
)
QUOTA_NEAR = Message(
    id="mailbox.quota.near",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The mailbox {mailbox} is almost full"),
    seen=N_("{used:bytes} of {limit:bytes} are used, which is {share:percent}. {biggest:said}"),
    why=N_("When it is full, new messages come back to their senders."),
    steps=(
        N_("Empty Trash and Spam, and delete large messages in the biggest folders."),
        N_("Or make the mailbox larger in the hosting panel."),
    ),
)
QUOTA_FIGURES = Message(
    id="mailbox.quota.figures",
    severity=Severity.INFO,
    owner=Owner.NOBODY,
    title=N_("How full the mailbox {mailbox} is"),
    seen=N_("{used:bytes} of {limit:bytes} are used, which is {share:percent}. {biggest:said}"),
    why=N_("There is room for new messages."),
    steps=(),
)
SENT_OVER = Message(
    id="mailbox.sending.over",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("{mailbox} has reached its limit for sending"),
    seen=N_("{sent:number} messages were sent within the hour; {limit:number} are allowed."),
    why=N_("Further messages are refused until the hour is over."),
    steps=(
        N_("Wait an hour, then send again what was refused."),
        N_("If you did not send so much, somebody else knows the password: change it at once."),
        N_("For newsletters use a service made for them."),
    ),
)
SENT_NEAR = Message(
    id="mailbox.sending.near",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("{mailbox} is close to its limit for sending"),
    seen=N_("{sent:number} messages were sent within the hour; {limit:number} are allowed."),
    why=N_("Past the limit, messages are refused until the hour is over."),
    steps=(N_("Send the rest in an hour. If you did not send so much, change the password."),),
)
LOCKED = Message(
    id="mailbox.lockout.locked",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("Our firewall keeps your internet address out"),
    seen=N_("{address} is locked out since {since:datetime}, for {service}: “{reason}”."),
    why=N_(
        "Mail programs behind this address cannot connect, while elsewhere, as on mobile data, "
        "everything works. Mostly a program with an old password has caused it."
    ),
    steps=(
        N_("Find the device with the old password: a telephone, a printer, a second computer."),
        N_("Correct the password there, or it will be locked out again."),
        N_("Send us this report with “Send to support”; we let the address in again."),
    ),
    hides=("mailbox.sign_in.firewall",),
)

FOLDERS = N_("The biggest folders: {folders:list}.")


def judge(case: Case) -> Iterable[Finding]:
    facts = case.evidence[MAILBOX]
    box, lockout = facts.mailbox, facts.lockout
    if lockout is not None and lockout.locked:
        yield LOCKED(
            evidence=("mailbox",),
            address=lockout.address,
            since=(lockout.since or lockout.as_of).isoformat(),
            service=lockout.service or "?",
            reason=lockout.reason or "?",
        )
    if box is not None:
        yield from _state(box)
        yield from _sending(box)


def _state(box: Mailbox) -> Iterator[Finding]:
    if box.state is MailboxState.ABSENT:
        yield MISSING(evidence=("mailbox",), mailbox=box.address)
    elif box.state is MailboxState.SUSPENDED:
        yield SUSPENDED(evidence=("mailbox",), mailbox=box.address, reason=box.reason or "?")
    elif box.state is MailboxState.FORWARD:
        forwards = list(box.forwards) or ["?"]
        yield FORWARD(evidence=("mailbox",), mailbox=box.address, forwards=forwards)


def _sending(box: Mailbox) -> Iterator[Finding]:
    if box.sent is None or not box.send_limit:
        return
    share = box.sent / box.send_limit
    message = SENT_OVER if share >= 1 else SENT_NEAR if share >= NEAR else None
    if message is not None:
        yield message(
            evidence=("mailbox",), mailbox=box.address, sent=box.sent, limit=box.send_limit
        )


@dataclass(frozen=True, slots=True)
class MailboxUsage:
    """How full a mailbox is, and by whom that is told."""

    mailbox: str
    used: int
    limit: int
    source: str
    folders: tuple[Folder, ...] = ()


def judge_quota(case: Case) -> Iterable[Finding]:
    filled = told(case)
    if filled is None:
        yield unknown(QUOTA.id, detail=NOT_MEANT)
        return
    share = filled.used / filled.limit
    folders = biggest(filled.folders)
    message = QUOTA_OVER if share >= 1 else QUOTA_NEAR if share >= NEAR else None
    if message is None and filled.source == "sign_in":
        message = QUOTA_FIGURES
    if message is not None:
        yield message(
            evidence=(filled.source,),
            mailbox=filled.mailbox,
            used=filled.used,
            limit=filled.limit,
            share=round(share, 4),
            biggest=FOLDERS if folders else "",
            folders=folders,
        )


def told(case: Case) -> MailboxUsage | None:
    """The freshest figures with a limit; None where nobody tells or nothing is limited."""
    tried, facts = case.evidence.get(SIGN_IN), case.evidence.get(MAILBOX)
    if tried is not None and tried.imap is not None:
        sized = [q for q in tried.imap.quotas if q.resource == "STORAGE" and q.limit > 0]
        if sized:
            fullest = max(sized, key=lambda q: q.used / q.limit)
            return MailboxUsage(
                tried.address, fullest.used, fullest.limit, "sign_in", tried.imap.folders
            )
    box = facts.mailbox if facts else None
    if box is None or box.used is None or not box.limit:
        return None
    return MailboxUsage(box.address, box.used, box.limit, "mailbox")


def biggest(folders: tuple[Folder, ...]) -> list[str]:
    """The folders that take most, with their size in whole megabytes."""
    sized = [(f.size, f.name) for f in folders if f.size]
    top = sorted(sized, reverse=True)[:BIGGEST]
    return [f"{name} ({max(1, round(size / MEGABYTE))} MB)" for size, name in top]


ACCOUNT = Check(
    id="mailbox.account",
    title=N_("The mailbox is there and open"),
    needs=(MAILBOX,),
    messages=(LOCKED, MISSING, SUSPENDED, FORWARD, SENT_OVER, SENT_NEAR),
    judge=judge,
)
QUOTA = Check(
    id="mailbox.quota",
    title=N_("There is room in the mailbox"),
    needs=(),
    tolerates=(MAILBOX, SIGN_IN),
    messages=(QUOTA_OVER, QUOTA_NEAR, QUOTA_FIGURES),
    judge=judge_quota,
)
