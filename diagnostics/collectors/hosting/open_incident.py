"""Collects an open incident that may explain the problem, through a callable from wiring.

What concerns everybody is told even while the panel, which knows the customer's machines, hangs.
"""

from __future__ import annotations

import asyncio

from diagnostics.collectors.blocking_calls import SourceBlocked
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected, OpenIncident
from diagnostics.evidence.keys import HOSTING, KNOWN_INCIDENT, MatchingIncident
from diagnostics.model import Missing, Scope
from hosting.model import HostingFacts, ServiceKind
from render.i18n import N_
from standards.dns_types import Trouble

SOON = 2.0  # seconds in which a panel that is well has answered
PATIENCE = 9.0  # seconds after which we go without the machines
UNMATCHED = "incident_unmatched"  # something is open, and whom it touches cannot be told here
_AREAS = {
    ServiceKind.PROJECT: {"web"},
    ServiceKind.MAIL: {"mail"},
    ServiceKind.SERVER: {"web", "mail"},
}


async def collect(context: CollectionContext) -> MatchingIncident | NotCollected:
    """The customer's own machines in contact or staff scope; what concerns everybody otherwise."""
    try:
        incident, facts = await _incident(context)
        if incident is None:
            return MatchingIncident() if facts else await _unmatched(context)
    except SourceBlocked as hangs:
        return NotCollected(Missing.TROUBLE, str(hangs), Trouble.TIMEOUT)
    return MatchingIncident(
        incident.id,
        dict(incident.title),
        incident.since,
        dict(incident.url),
        incident.planned,
        areas_served(facts, incident.servers) if facts else (),
        incident.is_outage,
    )


async def _incident(ask: CollectionContext) -> tuple[OpenIncident | None, HostingFacts | None]:
    """What is open, and what the panel said by then of the machines that it was asked for."""
    if ask.sources.incident is None:
        return None, None
    if not (ask.account and ask.scope.covers(Scope.CONTACT)):
        return await _ask(ask, ()), None
    facts = await _facts(ask, SOON)
    incident = await _ask(ask, account_machines(facts) if facts else ())
    if incident is None and facts is None:
        facts = await _facts(ask, PATIENCE - SOON)
        incident = await _ask(ask, account_machines(facts)) if facts else None
    return incident, facts


async def _unmatched(context: CollectionContext) -> MatchingIncident | NotCollected:
    """Nothing concerns everybody, and the machines are not known: what is open may be on them."""
    is_public = not context.scope.covers(Scope.CONTACT)
    if not (is_public or context.account):  # no customer of ours
        return MatchingIncident()
    if await context.sources.incident_calls.run(context.sources.any_incident) is None:
        return MatchingIncident()
    return NotCollected(Missing.WITHHELD if is_public else Missing.TROUBLE, UNMATCHED)


async def _facts(ask: CollectionContext, seconds: float) -> HostingFacts | None:
    """What the panel says, if it does in time."""
    try:
        async with asyncio.timeout(seconds):
            return (await ask.gather(HOSTING)).value
    except TimeoutError:
        return None


async def _ask(ask: CollectionContext, machines: tuple[str, ...]) -> OpenIncident | None:
    find = ask.sources.incident
    if find is None:
        return None
    return await ask.sources.incident_calls.run(find, machines, ask.subject.domain)


def account_machines(facts: HostingFacts) -> tuple[str, ...]:
    """The provider's machines that serve the account."""
    names = [s.server for s in facts.services] + [s.server for s in facts.sites]
    return tuple(dict.fromkeys(name for name in names if name))


def areas_served(facts: HostingFacts, machines: tuple[str, ...]) -> tuple[str, ...]:
    """What the account has on these machines: "web", "mail"; () when that cannot be told."""
    touched = {name.lower() for name in machines}
    areas = {"web" for site in facts.sites if site.server.lower() in touched}
    for service in facts.services:
        if service.server.lower() in touched:
            areas |= _AREAS.get(service.kind, set())
    return tuple(sorted(areas))


COLLECTOR = Collector(KNOWN_INCIDENT, N_("Looking for an incident that is already known"), collect)
