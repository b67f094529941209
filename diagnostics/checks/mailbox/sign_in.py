"""Check of the sign-in that the customer asked for: the server's answer, and what to do about it.

What a refusal means is read by explain/sign_in_refusals.py."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics.checks.readings import OUR_LIMITS, unknown_finding
from diagnostics.evidence.mail import SIGN_IN, SignIns
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from explain.sign_in_refusals import SignInRefusal, classify_refusal
from facts import MailboxDialogue, SmtpDialogue
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Trouble

SEEN = N_("{host} answered: “{words}”.")
NO_ENTRY = N_("Neither reading nor sending works with this mailbox until then.")

WORKS = FindingMessage(
    id="mailbox.sign_in.works",
    severity=Severity.INFO,
    owner=Owner.NOBODY,
    title=N_("Name and password of {mailbox} are right"),
    seen=N_("{host} let us in. {sending:said}"),
    why=N_("If a mail program still asks for the password, an old one is stored in it."),
    steps=(
        N_("In the mail program, delete the stored password and type the one you have just used."),
        N_("Use {host} as the server, the whole address as the user name, and SSL/TLS."),
    ),
)
WRONG = FindingMessage(
    id="mailbox.sign_in.wrong_password",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The password of {mailbox} is not accepted"),
    seen=SEEN,
    why=NO_ENTRY,
    steps=(
        N_("Type it once more, with an eye on capital letters, the keyboard and y/z."),
        N_("If that fails too, set a new password in the hosting panel and test again."),
        N_("Then write the new one into every program and telephone, or they lock you out."),
    ),
)
DISABLED = FindingMessage(
    id="mailbox.sign_in.disabled",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("Nobody may sign in to {mailbox} at the moment"),
    seen=SEEN,
    why=NO_ENTRY,
    steps=(
        N_("Look in the hosting panel whether the mailbox or the service is suspended."),
        N_("If you see no reason there, send us this report."),
    ),
)
NEEDS_TLS = FindingMessage(
    id="mailbox.sign_in.needs_tls",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The server wants encryption and does not offer it properly"),
    seen=SEEN,
    why=NO_ENTRY,
    steps=(
        N_("In your mail program, choose SSL/TLS: IMAP at port 993, sending at port 465."),
        N_("If that does not help, send us this report."),
    ),
)
TOO_MANY = FindingMessage(
    id="mailbox.sign_in.too_many",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("Too many programs are connected to {mailbox}"),
    seen=SEEN,
    why=N_("The server lets in no further program until another one leaves."),
    steps=(
        N_("Close the mail on devices you do not use; each program holds several connections."),
        N_("In the mail programs, lower the number of connections kept open at a time."),
        N_("Wait a quarter of an hour and test again."),
    ),
)
FIREWALL = FindingMessage(
    id="mailbox.sign_in.firewall",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The server keeps {mailbox} locked after too many failed tries"),
    seen=SEEN,
    why=N_("Mostly a program with an old password has caused it, again and again."),
    steps=(
        N_("Find the device with the old password: a telephone, a printer, a second computer."),
        N_("Correct the password there, wait half an hour, and test again."),
        N_("If it stays locked, send us this report; we unlock it."),
    ),
)
APP_PASSWORD = FindingMessage(
    id="mailbox.sign_in.app_password",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("Mail programs need a password of their own for {mailbox}"),
    seen=SEEN,
    why=N_("The account is protected by a second factor, which mail programs cannot give."),
    steps=(
        N_("In the settings of the account, make an application password."),
        N_("Use it in the mail program in place of the usual one."),
    ),
)
UNAVAILABLE = FindingMessage(
    id="mailbox.sign_in.unavailable",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The server cannot check passwords at the moment"),
    seen=SEEN,
    why=N_("It is a fault of the server; your password may well be right."),
    steps=(
        N_("Wait ten minutes and test again."),
        N_("If it goes on, look at our status page, and send us this report."),
    ),
)
REFUSED = FindingMessage(
    id="mailbox.sign_in.refused",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The server does not let anybody in to {mailbox}"),
    seen=SEEN,
    why=NO_ENTRY,
    steps=(N_("Send us this report; the server's own words help us to find the reason."),),
)
SENDING = FindingMessage(
    id="mailbox.sign_in.sending",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("Reading {mailbox} works, sending does not"),
    seen=SEEN,
    why=N_("You see your mail, but what you write is refused."),
    steps=(
        N_("Look in the hosting panel whether sending is blocked, or its limit reached."),
        N_("If you see no reason there, send us this report."),
    ),
)
NOT_TRIED = FindingMessage(
    id="mailbox.sign_in.not_tried",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("We did not send your password, because the server did not prove who it is"),
    seen=N_("{host} has no encryption with a valid certificate for its name."),
    why=N_("A password must not go to a server that might be somebody else's."),
    steps=(N_("Send us this report; the certificate of our server is our matter."),),
)
UNREACHABLE = FindingMessage(
    id="mailbox.sign_in.unreachable",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The server for mailboxes does not answer"),
    seen=N_("{host} refused the connection."),
    why=N_("Nobody can read mail there until it is back. Your password is not the cause."),
    steps=(
        N_("Look at our status page for an open incident."),
        N_("If there is none, send us this report."),
    ),
)
AGAIN = FindingMessage(
    id="mailbox.sign_in.again",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("Please type the password once more"),
    seen=N_("Before we could sign in, the password had already been deleted, as it should be."),
    why=N_("We keep a password for a minute at most, and the test had to wait longer."),
    steps=(N_("Start the test of {mailbox} again."),),
)

SENT = N_("Sending was accepted too.")
UNSENT = N_("Whether sending works could not be seen.")
BY_REASON = {
    SignInRefusal.WRONG: WRONG,
    SignInRefusal.DISABLED: DISABLED,
    SignInRefusal.NEEDS_TLS: NEEDS_TLS,
    SignInRefusal.TOO_MANY: TOO_MANY,
    SignInRefusal.FIREWALL: FIREWALL,
    SignInRefusal.APP_PASSWORD: APP_PASSWORD,
    SignInRefusal.UNAVAILABLE: UNAVAILABLE,
    SignInRefusal.OTHER: REFUSED,
}
Dialogue = MailboxDialogue | SmtpDialogue


def judge(case: Case) -> Iterable[Finding]:
    sign_in = case.evidence[SIGN_IN]
    if sign_in.gone:
        yield AGAIN(evidence=("sign_in",), mailbox=sign_in.address)
    elif sign_in.imap is None:
        yield unknown_finding(CHECK.id, what="sign_in", detail="not_configured", missing="skipped")
    else:
        yield from _reading_findings(sign_in, sign_in.imap)


def _reading_findings(sign_in: SignIns, read: MailboxDialogue) -> Iterator[Finding]:
    if read.signed_in:
        yield from _sending_findings(sign_in, read)
    elif refusal := _refusal_text(read):
        yield _refusal_finding(sign_in.address, read, refusal)
    elif read.trouble in (Trouble.REFUSED, Trouble.RESET):
        yield UNREACHABLE(evidence=("sign_in",), host=read.host)
    else:
        yield unknown_finding(
            CHECK.id, what="sign_in", trouble=(read.trouble or Trouble.PROTOCOL).value
        )


def _sending_findings(sign_in: SignIns, read: MailboxDialogue) -> Iterator[Finding]:
    """Reading works: what about sending?"""
    smtp = sign_in.smtp
    is_refused = smtp is not None and smtp.signed_in is False
    if smtp is not None and is_refused:
        yield _finding_with_reply(SENDING, sign_in.address, smtp, smtp.refused)
    yield WORKS(
        evidence=("sign_in",),
        mailbox=sign_in.address,
        host=read.host,
        sending="" if is_refused else SENT if smtp is not None and smtp.signed_in else UNSENT,
    )


def _refusal_text(read: MailboxDialogue) -> str:
    """The server's refusal, or the words it began with instead of a greeting."""
    if read.refused:
        return read.refused
    is_our_limit = read.trouble in OUR_LIMITS
    is_interrupted = bool(read.greeting) and read.trouble is Trouble.PROTOCOL
    return read.greeting if is_interrupted and not is_our_limit else ""


def _refusal_finding(address: str, dialogue: Dialogue, reply: str) -> Finding:
    refusal = classify_refusal(reply)
    if refusal is SignInRefusal.NOT_TRIED:
        return NOT_TRIED(evidence=("sign_in",), host=dialogue.host)
    return _finding_with_reply(BY_REASON[refusal], address, dialogue, reply)


def _finding_with_reply(
    message: FindingMessage, address: str, dialogue: Dialogue, reply: str
) -> Finding:
    """With the server's own words, without the tag that an IMAP answer begins with."""
    shown_reply = reply.split(" ", 1)[1] if reply.startswith(("a2 ", "a3 ")) else reply
    return message(
        evidence=("sign_in",),
        mailbox=address,
        host=dialogue.host,
        words=shown_reply[:200].rstrip(". "),
    )


CHECK = Check(
    id="mailbox.sign_in",
    title=N_("The mailbox lets you in"),
    needs=(SIGN_IN,),
    messages=(
        *(AGAIN, NOT_TRIED, UNREACHABLE, WRONG, APP_PASSWORD, FIREWALL, DISABLED, TOO_MANY),
        *(NEEDS_TLS, UNAVAILABLE, REFUSED, SENDING, WORKS),
    ),
    judge=judge,
)
