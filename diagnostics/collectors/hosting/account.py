"""What the hosting panel says of the account. For staff and the account's contacts only."""

from __future__ import annotations

from diagnostics.collectors.blocking_calls import SourceHangs
from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.keys import HOSTING
from diagnostics.model import Missing, Scope
from hosting.model import HostingFacts
from hosting.panel import PanelError
from render.i18n import N_
from standards.dns_types import Trouble


async def collect(ask: Collection) -> HostingFacts | NotCollected:
    """Services, quotas, limits, redirects and sites."""
    panel = ask.sources.panel
    if panel is None:
        return NotCollected(Missing.SKIPPED, "no_panel")
    if not ask.account:
        return NotCollected(Missing.SKIPPED, "no_account")
    calls = ask.sources.panel_calls
    try:
        return await calls.run(panel.facts, ask.account, ask.subject.registrable)
    except SourceHangs as hangs:
        return NotCollected(Missing.TROUBLE, str(hangs), Trouble.TIMEOUT)
    except PanelError as failure:
        return NotCollected(Missing.TROUBLE, str(failure)[:200], Trouble.PROTOCOL)


COLLECTOR = Collector(
    HOSTING, N_("Looking into your hosting account"), collect, scope=Scope.CONTACT
)
