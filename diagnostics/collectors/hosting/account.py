"""Collects the hosting account's facts from the panel. For staff and the account's contacts only."""

from __future__ import annotations

from diagnostics.collectors.blocking_calls import SourceBlocked
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.keys import HOSTING
from diagnostics.model import Missing, Scope
from hosting.model import HostingFacts
from hosting.panel import PanelError
from render.i18n import N_
from standards.dns_types import Trouble


async def collect(context: CollectionContext) -> HostingFacts | NotCollected:
    """Services, quotas, limits, redirects and sites."""
    panel = context.sources.panel
    if panel is None:
        return NotCollected(Missing.SKIPPED, "no_panel")
    if not context.account:
        return NotCollected(Missing.SKIPPED, "no_account")
    calls = context.sources.panel_calls
    try:
        return await calls.run(panel.facts, context.account, context.subject.registrable)
    except SourceBlocked as hangs:
        return NotCollected(Missing.TROUBLE, str(hangs), Trouble.TIMEOUT)
    except PanelError as failure:
        return NotCollected(Missing.TROUBLE, str(failure)[:200], Trouble.PROTOCOL)


COLLECTOR = Collector(
    HOSTING, N_("Looking into your hosting account"), collect, scope=Scope.CONTACT
)
