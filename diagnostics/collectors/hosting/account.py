"""What the hosting panel says of the account. For staff and the account's contacts only."""

from __future__ import annotations

import asyncio

from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.keys import HOSTING
from diagnostics.model import Missing, Scope
from hosting.model import HostingFacts
from hosting.panel import PanelError
from render.i18n import N_
from standards.dns_types import Trouble


async def collect(ask: Collection) -> HostingFacts | NotCollected:
    """Services, quotas, limits, redirects and sites, in an executor: panels are blocking."""
    panel = ask.sources.panel
    if panel is None:
        return NotCollected(Missing.SKIPPED, "no_panel")
    if not ask.account:
        return NotCollected(Missing.SKIPPED, "no_account")
    loop = asyncio.get_running_loop()
    try:
        return await loop.run_in_executor(
            ask.sources.executor, panel.facts, ask.account, ask.subject.registrable
        )
    except PanelError as failure:
        return NotCollected(Missing.TROUBLE, str(failure)[:200], Trouble.PROTOCOL)


COLLECTOR = Collector(
    HOSTING, N_("Looking into your hosting account"), collect, scope=Scope.CONTACT
)
