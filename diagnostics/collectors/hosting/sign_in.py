"""Signs in to the mailbox once with the password that the customer typed for it.

The password goes to the provider's own hosts only, over TLS with a certificate that proves them, once
for reading and once for sending. It is in no fact. No message is read or sent.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Iterable
from dataclasses import replace
from typing import TypeVar

from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.mail import SIGN_IN, SignIns
from diagnostics.model import NOT_MEANT, Missing, Scope
from facts import MailboxDialogue, SmtpDialogue
from observe.mail import imap, smtp
from observe.mail.mailbox import Security, SignIn
from render.i18n import N_

AnyDialogue = TypeVar("AnyDialogue", MailboxDialogue | None, SmtpDialogue | None)
DialogueT = TypeVar("DialogueT", MailboxDialogue, SmtpDialogue)
MAX_HOSTS = 3
TIMEOUT = 9.0
READING_PORTS = ((993, Security.TLS), (143, Security.STARTTLS))
SENDING_PORTS = ((465, True), (587, False))


async def collect(context: CollectionContext) -> SignIns | NotCollected:
    """IMAP first; sending only when that did not refuse, so that no try is wasted."""
    login_test, address = context.sources.login_test, context.subject.mailbox
    if login_test is None or not (login_test.password or login_test.expired) or not address:
        return NotCollected(Missing.SKIPPED, NOT_MEANT)
    hosts = context.sources.expected.mailbox_hosts[:MAX_HOSTS]
    if login_test.expired or not context.account:
        return SignIns(address, gone=True)
    if not hosts:
        return SignIns(address, elsewhere=True)
    credentials = SignIn(address, login_test.password, require_authentic=True, read_quota=True)
    imap_dialogue = without_password(credentials, await _try_reading(context, hosts, credentials))
    if imap_dialogue is not None and imap_dialogue.signed_in is False:
        return SignIns(address, imap_dialogue)
    return SignIns(
        address,
        imap_dialogue,
        without_password(credentials, await _try_sending(context, hosts, credentials)),
    )


def without_password(credentials: SignIn, dialogue: AnyDialogue) -> AnyDialogue:
    """The fact without the password, should a server repeat what it was told. Pure.

    Up to three characters are left: their places in a sentence would tell them.
    """
    plain_forms = (f"\0{credentials.user}\0{credentials.password}", credentials.password)
    secrets = [base64.b64encode(form.encode()).decode() for form in plain_forms] + [
        credentials.password
    ]

    def clean(text: str) -> str:
        for secret in secrets if len(credentials.password) > 3 else ():
            text = text.replace(secret, "…")
        return text

    if dialogue is None:
        return dialogue
    dialogue = replace(dialogue, refused=clean(dialogue.refused), detail=clean(dialogue.detail))
    if isinstance(dialogue, MailboxDialogue):
        lines = tuple(
            line if line.sent else replace(line, text=clean(line.text)) for line in dialogue.lines
        )
        dialogue = replace(dialogue, lines=lines)
    return dialogue


async def _try_reading(
    context: CollectionContext, hosts: tuple[str, ...], credentials: SignIn
) -> MailboxDialogue | None:
    return await _first_greeted(
        imap.greet(
            context.network,
            context.budget,
            host,
            port,
            security=security,
            sign_in=credentials,
            timeout=TIMEOUT,
        )
        for port, security in READING_PORTS
        for host in hosts
    )


async def _try_sending(
    context: CollectionContext, hosts: tuple[str, ...], credentials: SignIn
) -> SmtpDialogue | None:
    return await _first_greeted(
        smtp.greet(
            context.network,
            context.budget,
            host,
            port,
            sign_in=credentials,
            timeout=TIMEOUT,
            implicit=implicit,
        )
        for port, implicit in SENDING_PORTS
        for host in hosts
    )


async def _first_greeted(attempts: Iterable[Awaitable[DialogueT]]) -> DialogueT | None:
    """The first that was greeted, looked at one after another; the last failure when none was."""
    dialogue: DialogueT | None = None
    for attempt in attempts:
        dialogue = await attempt
        if dialogue.greeting:
            return dialogue
    return dialogue


COLLECTOR = Collector(SIGN_IN, N_("Signing in to the mailbox"), collect, Scope.CONTACT)
