"""Collects the registration: RDAP, then WHOIS."""

from __future__ import annotations

from dataclasses import replace

from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.keys import REGISTRATION
from diagnostics.model import Missing, Scope
from facts import Registration
from observe.registry import registry_client
from render.i18n import N_
from standards.registration.model import RegistryState


async def collect(context: CollectionContext) -> Registration | NotCollected:
    """The registry's answer; one that tells nothing because of a failure is no answer."""
    name = context.subject.registrable
    registration = await registry_client.registration(
        context.network, context.budget, name, fresh=context.fresh
    )
    if registration.trouble and registration.state is RegistryState.UNKNOWN:
        return NotCollected(Missing.TROUBLE, registration.detail, registration.trouble)
    if (
        registration.expires
        or registration.registrar_expires
        or not context.scope.covers(Scope.CONTACT)
    ):
        return registration
    return replace(registration, entered_expires=context.sources.ends.get(name))


COLLECTOR = Collector(REGISTRATION, N_("Asking the registry about the domain"), collect)
