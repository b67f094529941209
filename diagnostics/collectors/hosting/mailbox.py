"""Collects the mailbox's state from the panel, and whether its firewall locks the customer out."""

from __future__ import annotations

from dataclasses import replace

from diagnostics.collectors.blocking_calls import SourceBlocked
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.mail import MAILBOX, MailboxFacts
from diagnostics.model import NOT_MEANT, Missing, Scope
from hosting.panel import PanelError
from render.i18n import N_
from standards.dns_types import Trouble


async def collect(context: CollectionContext) -> MailboxFacts | NotCollected:
    """One mailbox of the account, and the address from which the customer asks for a test."""
    login_test, panel, address = (
        context.sources.login_test,
        context.sources.panel,
        context.subject.mailbox,
    )
    visitor = login_test.visitor if login_test else ""
    if not (address or visitor):
        return NotCollected(Missing.SKIPPED, NOT_MEANT)
    if panel is None or not context.account:
        return NotCollected(Missing.SKIPPED, "no_panel" if panel is None else "no_account")

    def ask_panel() -> MailboxFacts:
        mailbox = panel.mailbox(context.account, address) if address else None
        lockout = panel.lockout(context.account, visitor) if visitor else None
        if lockout is not None and not lockout.locked:
            lockout = replace(lockout, address="")  # nobody need keep where they came from
        return MailboxFacts(mailbox, lockout)

    try:
        facts = await context.sources.panel_calls.run(ask_panel)
    except SourceBlocked as hangs:
        return NotCollected(Missing.TROUBLE, str(hangs), Trouble.TIMEOUT)
    except PanelError as failure:
        return NotCollected(Missing.TROUBLE, str(failure)[:200], Trouble.PROTOCOL)
    return facts if facts.mailbox or facts.lockout else NotCollected(Missing.SKIPPED, NOT_MEANT)


COLLECTOR = Collector(MAILBOX, N_("Asking the panel about the mailbox"), collect, Scope.CONTACT)
