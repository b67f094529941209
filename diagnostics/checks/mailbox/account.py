"""Checks of the mailbox's state, quota and sending limit, by the panel and by its own server.

The figures of the customer's own sign-in go before the panel's, which may be hours old.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from diagnostics.checks.readings import unknown_finding
from diagnostics.evidence.mail import MAILBOX, SIGN_IN
from diagnostics.model import NOT_MEANT, Case, Check, Finding, FindingMessage, Severity
from facts import Folder, Quota
from hosting.model import Mailbox, MailboxState
from kb.owners import Owner
from render.i18n import N_

NEAR_SHARE = 0.9
MEGABYTE = 1024 * 1024  # as panels count, and `render.byte_sizes`
MAX_FOLDERS = 5

MISSING = FindingMessage(
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
SUSPENDED = FindingMessage(
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
FORWARD = FindingMessage(
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
QUOTA_OVER = FindingMessage(
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
QUOTA_NEAR = FindingMessage(
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
QUOTA_FIGURES = FindingMessage(
    id="mailbox.quota.figures",
    severity=Severity.INFO,
    owner=Owner.NOBODY,
    title=N_("How full the mailbox {mailbox} is"),
    seen=N_("{used:bytes} of {limit:bytes} are used, which is {share:percent}. {biggest:said}"),
    why=N_("That is within the limit for its size."),
    steps=(),
)
MESSAGES_OVER = FindingMessage(
    id="mailbox.quota.messages_over",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The mailbox {mailbox} holds as many messages as it may"),
    seen=N_("{used:number} messages of {limit:number} allowed are in it. {biggest:said}"),
    why=N_("New messages are refused, however much space is left."),
    steps=(
        N_("Empty Trash and Spam; they count too."),
        N_("Delete old messages that you no longer need, or move them to your computer."),
        N_("If you need them all, ask support for a mailbox that may hold more."),
    ),
)
MESSAGES_NEAR = FindingMessage(
    id="mailbox.quota.messages_near",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The mailbox {mailbox} holds almost as many messages as it may"),
    seen=N_("{used:number} messages of {limit:number} allowed are in it. {biggest:said}"),
    why=N_("At the limit new messages are refused, however much space is left."),
    steps=(N_("Empty Trash and Spam, and delete old messages that you no longer need."),),
)
SENT_OVER = FindingMessage(
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
SENT_NEAR = FindingMessage(
    id="mailbox.sending.near",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("{mailbox} is close to its limit for sending"),
    seen=N_("{sent:number} messages were sent within the hour; {limit:number} are allowed."),
    why=N_("Past the limit, messages are refused until the hour is over."),
    steps=(N_("Send the rest in an hour. If you did not send so much, change the password."),),
)
LOCKED = FindingMessage(
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
FULLEST_FOLDERS = N_("The folders with the most messages: {folders:list}.")


def judge(case: Case) -> Iterable[Finding]:
    facts = case.evidence[MAILBOX]
    mailbox, lockout = facts.mailbox, facts.lockout
    if lockout is not None and lockout.locked:
        yield LOCKED(
            evidence=("mailbox",),
            address=lockout.address,
            since=(lockout.since or lockout.as_of).isoformat(),
            service=lockout.service or "?",
            reason=lockout.reason or "?",
        )
    if mailbox is not None:
        yield from _state_findings(mailbox)
        yield from _sending_findings(mailbox)


def _state_findings(mailbox: Mailbox) -> Iterator[Finding]:
    if mailbox.state is MailboxState.ABSENT:
        yield MISSING(evidence=("mailbox",), mailbox=mailbox.address)
    elif mailbox.state is MailboxState.SUSPENDED:
        yield SUSPENDED(
            evidence=("mailbox",), mailbox=mailbox.address, reason=mailbox.reason or "?"
        )
    elif mailbox.state is MailboxState.FORWARD:
        forwards = list(mailbox.forwards) or ["?"]
        yield FORWARD(evidence=("mailbox",), mailbox=mailbox.address, forwards=forwards)


def _sending_findings(mailbox: Mailbox) -> Iterator[Finding]:
    if mailbox.sent is None or not mailbox.send_limit:
        return
    share = mailbox.sent / mailbox.send_limit
    message = SENT_OVER if share >= 1 else SENT_NEAR if share >= NEAR_SHARE else None
    if message is not None:
        yield message(
            evidence=("mailbox",),
            mailbox=mailbox.address,
            sent=mailbox.sent,
            limit=mailbox.send_limit,
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
    message_quota = _fullest_quota(case, "MESSAGE")
    if message_quota is not None:
        yield from _message_count_findings(case, message_quota)
    usage = mailbox_usage(case)
    if usage is None:
        if message_quota is None:
            yield unknown_finding(QUOTA.id, detail=NOT_MEANT)
        return
    share = usage.used / usage.limit
    folders = largest_folders(usage.folders)
    message = QUOTA_OVER if share >= 1 else QUOTA_NEAR if share >= NEAR_SHARE else None
    if message is None and usage.source == "sign_in":
        message = QUOTA_FIGURES
    if message is not None:
        yield message(
            evidence=(usage.source,),
            mailbox=usage.mailbox,
            used=usage.used,
            limit=usage.limit,
            share=round(share, 4),
            biggest=FOLDERS if folders else "",
            folders=folders,
        )


def _message_count_findings(case: Case, quota: Quota) -> Iterator[Finding]:
    share = quota.used / quota.limit
    message = MESSAGES_OVER if share >= 1 else MESSAGES_NEAR if share >= NEAR_SHARE else None
    if message is not None:
        sign_in = case.evidence[SIGN_IN]
        folders = fullest_folders(sign_in.imap.folders if sign_in.imap else ())
        yield message(
            evidence=("sign_in",),
            mailbox=sign_in.address,
            used=quota.used,
            limit=quota.limit,
            biggest=FULLEST_FOLDERS if folders else "",
            folders=folders,
        )


def _fullest_quota(case: Case, resource: str) -> Quota | None:
    """The fullest limit of a resource that the mailbox's own server tells (RFC 9208, 5)."""
    sign_in = case.evidence.get(SIGN_IN)
    quotas = sign_in.imap.quotas if sign_in is not None and sign_in.imap is not None else ()
    limited_quotas = [q for q in quotas if q.resource == resource and q.limit > 0]
    return max(limited_quotas, key=lambda q: q.used / q.limit, default=None)


def mailbox_usage(case: Case) -> MailboxUsage | None:
    """The freshest figures with a limit; None where nobody tells or nothing is limited."""
    sign_in, facts = case.evidence.get(SIGN_IN), case.evidence.get(MAILBOX)
    quota = _fullest_quota(case, "STORAGE")
    if quota is not None and sign_in is not None and sign_in.imap is not None:
        folders = sign_in.imap.folders
        return MailboxUsage(sign_in.address, quota.used, quota.limit, "sign_in", folders)
    mailbox = facts.mailbox if facts else None
    if mailbox is None or mailbox.used is None or not mailbox.limit:
        return None
    return MailboxUsage(mailbox.address, mailbox.used, mailbox.limit, "mailbox")


def largest_folders(folders: tuple[Folder, ...]) -> list[str]:
    """The folders that take most, with their size in whole megabytes."""
    sizes = [(f.size, f.name) for f in folders if f.size]
    largest = sorted(sizes, reverse=True)[:MAX_FOLDERS]
    return [f"{name} ({max(1, round(size / MEGABYTE))} MB)" for size, name in largest]


def fullest_folders(folders: tuple[Folder, ...]) -> list[str]:
    """The folders that hold most messages, with their number."""
    counts = sorted(((f.messages, f.name) for f in folders if f.messages), reverse=True)
    return [f"{name} ({count})" for count, name in counts[:MAX_FOLDERS]]


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
    messages=(QUOTA_OVER, QUOTA_NEAR, QUOTA_FIGURES, MESSAGES_OVER, MESSAGES_NEAR),
    judge=judge_quota,
)
