"""What the registry says of the domain: RDAP, then WHOIS."""

from __future__ import annotations

from dataclasses import replace

from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.keys import REGISTRATION
from diagnostics.model import Missing, Scope
from facts import Registration
from observe.registry import registry_client
from render.i18n import N_
from standards.registration.model import RegistryState


async def collect(ask: Collection) -> Registration | NotCollected:
    """The registry's answer; one that tells nothing because of a failure is no answer."""
    name = ask.subject.registrable
    found = await registry_client.registration(ask.network, ask.budget, name, fresh=ask.fresh)
    if found.trouble and found.state is RegistryState.UNKNOWN:
        return NotCollected(Missing.TROUBLE, found.detail, found.trouble)
    if found.expires or found.registrar_expires or not ask.scope.covers(Scope.CONTACT):
        return found
    return replace(found, entered_expires=ask.sources.ends.get(name))


COLLECTOR = Collector(REGISTRATION, N_("Asking the registry about the domain"), collect)
