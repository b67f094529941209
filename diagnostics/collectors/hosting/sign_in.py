"""One sign-in to the mailbox with the password that the customer typed for it, and a look inside.

The password goes to the provider's own hosts only, over TLS with a certificate that proves them, once
for reading and once for sending. It is in no fact. No message is read or sent.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Iterable
from dataclasses import replace
from typing import TypeVar

from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.mail import SIGN_IN, SignIns
from diagnostics.model import NOT_MEANT, Missing, Scope
from facts import MailboxDialogue, SmtpDialogue
from observe.mail import imap, smtp
from observe.mail.mailbox import Security, SignIn
from render.i18n import N_

Seen = TypeVar("Seen", MailboxDialogue | None, SmtpDialogue | None)
Dialogue = TypeVar("Dialogue", MailboxDialogue, SmtpDialogue)
HOSTS = 3
WAIT = 9.0
READING = ((993, Security.TLS), (143, Security.STARTTLS))
SENDING = ((465, True), (587, False))


async def collect(ask: Collection) -> SignIns | NotCollected:
    """IMAP first; sending only when that did not refuse, so that no try is wasted."""
    trial, address = ask.sources.trial, ask.subject.mailbox
    if trial is None or not (trial.password or trial.gone) or not address:
        return NotCollected(Missing.SKIPPED, NOT_MEANT)
    hosts = ask.sources.expected.mailbox_hosts[:HOSTS]
    if trial.gone or not ask.account:
        return SignIns(address, gone=True)
    if not hosts:
        return SignIns(address, elsewhere=True)
    who = SignIn(address, trial.password, require_authentic=True, read_quota=True)
    read = unechoed(who, await _read(ask, hosts, who))
    if read is not None and read.signed_in is False:
        return SignIns(address, read)
    return SignIns(address, read, unechoed(who, await _send(ask, hosts, who)))


def unechoed(who: SignIn, seen: Seen) -> Seen:
    """The fact without the password, should a server repeat what it was told. Pure.

    Up to three characters are left: their places in a sentence would tell them.
    """
    forms = (f"\0{who.user}\0{who.password}", who.password)
    marks = [base64.b64encode(form.encode()).decode() for form in forms] + [who.password]

    def clean(text: str) -> str:
        for mark in marks if len(who.password) > 3 else ():
            text = text.replace(mark, "…")
        return text

    if seen is None:
        return seen
    seen = replace(seen, refused=clean(seen.refused), detail=clean(seen.detail))
    if isinstance(seen, MailboxDialogue):
        heard = tuple(
            line if line.sent else replace(line, text=clean(line.text)) for line in seen.lines
        )
        seen = replace(seen, lines=heard)
    return seen


async def _read(ask: Collection, hosts: tuple[str, ...], who: SignIn) -> MailboxDialogue | None:
    return await _first(
        imap.greet(
            ask.network, ask.budget, host, port, security=security, sign_in=who, timeout=WAIT
        )
        for port, security in READING
        for host in hosts
    )


async def _send(ask: Collection, hosts: tuple[str, ...], who: SignIn) -> SmtpDialogue | None:
    return await _first(
        smtp.greet(
            ask.network, ask.budget, host, port, sign_in=who, timeout=WAIT, implicit=implicit
        )
        for port, implicit in SENDING
        for host in hosts
    )


async def _first(looks: Iterable[Awaitable[Dialogue]]) -> Dialogue | None:
    """The first that was greeted, looked at one after another; the last failure when none was."""
    seen: Dialogue | None = None
    for look in looks:
        seen = await look
        if seen.greeting:
            return seen
    return seen


COLLECTOR = Collector(SIGN_IN, N_("Signing in to the mailbox"), collect, Scope.CONTACT)
