"""What the registry says of a domain: RDAP, then WHOIS. Yields a Registration.

The operator's servers come before all others, then IANA's, then a short list of our own. Referrals
are followed once: to the registrar for a date the registry does not give or that may have jumped,
and from IANA to the WHOIS server of an ending we do not know. Nothing waits past its deadline.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from facts import Registration
from observe import registry_pacing, registry_table
from observe.budget import Budget
from observe.network import Network
from observe.registry import rdap as registry_rdap
from observe.registry import whois
from observe.registry_table import SPECIAL, RegistryServer, endings
from standards.dns_types import Trouble
from standards.registration.model import RegistryState
from standards.urls import BadUrl, ascii_host, parse_url

IANA = "whois.iana.org"
HIDDEN = frozenset(
    ("at", "be", "ch", "de", "eu", "li", "lu", "nl", "no")
)  # publish no expiry at all
SECOND_WAIT = 3.0  # what a registrar may take; the registry's answer is not lost over it
JUMPED = timedelta(days=46)  # how long after a renewal by itself a registrar can still undo it


Asking = Callable[[Network, Budget, Registration, RegistryServer], Awaitable[Registration]]


async def registration(
    net: Network, budget: Budget, domain: str, *, fresh: bool = False
) -> Registration:
    """Ask the registry about a registrable domain. State UNKNOWN and `trouble` when it fails.

    THROTTLED is a state of its own: the registry is there and asks us to come back later. An
    answer of the last day is repeated unless `fresh`; an older one while the registry is silent.
    """
    now = net.clock.now()
    nothing = Registration(domain, RegistryState.UNKNOWN, now)
    try:
        domain = ascii_host(domain)
    except BadUrl as wrong:
        return replace(nothing, trouble=Trouble.PROTOCOL, detail=str(wrong))
    before = await net.registries.known(domain, now, at_most=registry_pacing.STALE)
    if before and not fresh and now - before.asked_at < registry_pacing.lasts(before):
        return before
    found = await _asked(net, budget, replace(nothing, domain=domain))
    await net.registries.keep(found)
    silent = found.state in (RegistryState.UNKNOWN, RegistryState.THROTTLED)
    return before if before and silent else found


async def _asked(net: Network, budget: Budget, nothing: Registration) -> Registration:
    table, domain = net.registries.table(), nothing.domain
    rdap = _own(domain, net.rdap) or _listed(table.rdap_of(domain))
    by_whois = _own(domain, net.whois) or _listed(table.whois_of(domain), table.question)
    if by_whois and by_whois.operator and rdap and not rdap.operator:
        rdap = None  # the operator's word for this ending comes before the built-in table
    first = await _politely(registry_rdap.ask, net, budget, nothing, rdap) if rdap else nothing
    free = first.state is RegistryState.AVAILABLE
    # RDAP may not serve an ending that somebody else runs below it: its “no” is heard out twice.
    deeper = free and domain.count(".") > 1 and by_whois
    if first.state is RegistryState.RESERVED or (free and not deeper):
        return first
    first = await _seconded(net, budget, first)
    hidden = first.state is RegistryState.REGISTERED and domain.rpartition(".")[2] in HIDDEN
    if first.expires or hidden:
        return first
    by_whois = by_whois or await _referred(net, budget, domain)
    if by_whois is None:
        none = "" if rdap else "no registry service is known for this ending"
        return replace(first, detail=first.detail or none)
    second = await _politely(whois.ask, net, budget, nothing, by_whois)
    if first.state is RegistryState.REGISTERED:
        ends = second.registrar_expires or first.registrar_expires
        return replace(first, expires=second.expires, registrar_expires=ends)
    if second.state is RegistryState.REGISTERED:
        return await _seconded(net, budget, second)
    settled = second.state in registry_pacing.SETTLED
    return second if settled or not rdap or second.state is RegistryState.THROTTLED else first


def _own(domain: str, own: Mapping[str, str]) -> RegistryServer | None:
    """The operator's server for the longest ending."""
    return next((RegistryServer(own[s], operator=True) for s in endings(domain) if s in own), None)


def _listed(place: str, question: Mapping[str, str] | None = None) -> RegistryServer | None:
    return (
        RegistryServer(place, question=(question or {}).get(place, "{domain}")) if place else None
    )


async def _politely(
    ask: Asking, net: Network, budget: Budget, nothing: Registration, server: RegistryServer
) -> Registration:
    """Ask unless the server wants to be left alone; few at once; note when it tells us off."""
    now, place = net.clock.now(), _key(server.place)
    if until := net.registries.rests_until(place, now):
        busy = replace(nothing, state=RegistryState.THROTTLED, server=server.place)
        return replace(busy, detail=f"not asked again before {until:%Y-%m-%d %H:%M} UTC")
    gate = net.registries.gate(place)
    try:
        async with asyncio.timeout(budget.left()):
            await gate.acquire()
    except TimeoutError:
        return replace(nothing, trouble=Trouble.OVERBUDGET, detail="others are asking this server")
    try:
        found = await ask(net, budget, nothing, server)
    finally:
        gate.release()
    if found.state is RegistryState.THROTTLED:
        net.registries.told_off(place, now, found.retry_after)
    elif not found.trouble:
        net.registries.answered(place)
    return found


def _key(place: str) -> str:
    """One key for a server, whatever path its address has."""
    try:
        return parse_url(place).authority
    except BadUrl:
        return place.lower()


async def _seconded(net: Network, budget: Budget, first: Registration) -> Registration:
    """The answer with the registrar's own date beside it, where that one could tell more."""
    if not first.referral or not _doubtful(first, net.clock.now().date()):
        return first
    nothing = Registration(first.domain, RegistryState.UNKNOWN, first.asked_at)
    ask = registry_rdap.ask if "://" in first.referral else whois.ask
    try:
        async with asyncio.timeout(budget.within(SECOND_WAIT)):
            second = await _politely(ask, net, budget, nothing, RegistryServer(first.referral))
    except TimeoutError:
        return first
    ends = second.registrar_expires or second.expires
    return replace(first, registrar_expires=ends or first.registrar_expires)


def _doubtful(found: Registration, today: date) -> bool:
    """Is there no date, or one that may have moved a year ahead before anybody paid?"""
    if found.state is not RegistryState.REGISTERED or found.registrar_expires:
        return False
    if found.expires is None:
        return True
    jumped = timedelta(days=365) - JUMPED <= found.expires - today <= timedelta(days=366)
    return jumped or "autoRenewPeriod" in found.epp


async def _referred(net: Network, budget: Budget, domain: str) -> RegistryServer | None:
    """The WHOIS server that IANA names for the ending, asked once for each ending."""
    ending = domain.rpartition(".")[2]
    if ending in SPECIAL or "." not in domain:
        return None
    place = net.registries.referred(ending)
    if place is None:
        root = _root(net.whois)
        text = await whois.text(net, budget, root, ending)
        if not isinstance(text, str):
            return None
        place = registry_table.referral(text)
        net.registries.refer(ending, place)
    return _listed(place, net.registries.table().question)


def _root(own: Mapping[str, str]) -> RegistryServer:
    """IANA's WHOIS server, or the operator's for the root (".")."""
    return RegistryServer(own[""], operator=True) if "" in own else RegistryServer(IANA)
