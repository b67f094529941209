"""What the panel says of the mailbox, and whether its firewall keeps the customer out."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.mail import MAILBOX, MailboxFacts
from diagnostics.model import NOT_MEANT, Missing, Scope
from hosting.panel import PanelError
from render.i18n import N_
from standards.dns_types import Trouble


async def collect(ask: Collection) -> MailboxFacts | NotCollected:
    """One mailbox of the account, and the address from which the customer asks for a test."""
    trial, panel, address = ask.sources.trial, ask.sources.panel, ask.subject.mailbox
    visitor = trial.visitor if trial else ""
    if not (address or visitor):
        return NotCollected(Missing.SKIPPED, NOT_MEANT)
    if panel is None or not ask.account:
        return NotCollected(Missing.SKIPPED, "no_panel" if panel is None else "no_account")

    def asked() -> MailboxFacts:
        mailbox = panel.mailbox(ask.account, address) if address else None
        found = panel.lockout(ask.account, visitor) if visitor else None
        if found is not None and not found.locked:
            found = replace(found, address="")  # nobody need keep where they came from
        return MailboxFacts(mailbox, found)

    try:
        found = await asyncio.get_running_loop().run_in_executor(ask.sources.executor, asked)
    except PanelError as failure:
        return NotCollected(Missing.TROUBLE, str(failure)[:200], Trouble.PROTOCOL)
    return found if found.mailbox or found.lockout else NotCollected(Missing.SKIPPED, NOT_MEANT)


COLLECTOR = Collector(MAILBOX, N_("Asking the panel about the mailbox"), collect, Scope.CONTACT)
