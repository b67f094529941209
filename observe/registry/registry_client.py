"""Registry client: the registration of a domain by RDAP, then WHOIS.

The operator's servers come before all others, then IANA's, then a short list of our own. Referrals
are followed once: to the registrar for a date the registry does not give or has renewed by itself,
and from IANA to the WHOIS server of an unknown TLD.
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
from observe.registry.cache_lifetime import STALE_LIFETIME, cache_lifetime
from observe.registry_table import SPECIAL_USE_TLDS, RegistryServer, suffixes
from standards.dns_types import Trouble
from standards.registration.model import RegistryState
from standards.urls import BadUrl, ascii_host, parse_url

IANA_WHOIS = "whois.iana.org"
TLDS_WITHOUT_EXPIRY = frozenset(
    ("at", "be", "ch", "de", "eu", "li", "lu", "nl", "no")
)  # publish no expiry at all
REGISTRAR_TIMEOUT = 3.0  # what a registrar may take; the registry's answer is not lost over it
AUTO_RENEW_GRACE = timedelta(
    days=46
)  # how long after a renewal by itself a registrar can still undo it


RegistryLookup = Callable[[Network, Budget, Registration, RegistryServer], Awaitable[Registration]]


async def registration(
    net: Network, budget: Budget, domain: str, *, fresh: bool = False
) -> Registration:
    """Query the registry about a registrable domain. State UNKNOWN and `trouble` when it fails.

    THROTTLED is a state of its own: the registry asks us to come back later. A cached answer of
    the last day is reused unless `fresh`; an older one while the registry does not answer.
    """
    now = net.clock.now()
    blank = Registration(domain, RegistryState.UNKNOWN, now)
    try:
        domain = ascii_host(domain)
    except BadUrl as error:
        return replace(blank, trouble=Trouble.PROTOCOL, detail=str(error))
    cached = await net.registries.cached(domain, now, max_age=STALE_LIFETIME)
    if cached and not fresh and now - cached.asked_at < cache_lifetime(cached):
        return cached
    registration_ = await _ask_registry(net, budget, replace(blank, domain=domain))
    await net.registries.store(registration_)
    inconclusive = registration_.state in (RegistryState.UNKNOWN, RegistryState.THROTTLED)
    return cached if cached and inconclusive else registration_


async def _ask_registry(net: Network, budget: Budget, blank: Registration) -> Registration:
    table, domain = net.registries.table(), blank.domain
    rdap_server = _configured_server(domain, net.rdap) or _listed_server(table.rdap_of(domain))
    whois_server = _configured_server(domain, net.whois) or _listed_server(
        table.whois_of(domain), table.question
    )
    if whois_server and whois_server.operator and rdap_server and not rdap_server.operator:
        rdap_server = None  # the operator's word for this ending comes before the built-in table
    first = (
        await _ask_paced(registry_rdap.ask, net, budget, blank, rdap_server)
        if rdap_server
        else blank
    )
    is_available = first.state is RegistryState.AVAILABLE
    # RDAP may not serve an ending that somebody else runs below it: its “no” is heard out twice.
    check_whois_too = is_available and domain.count(".") > 1 and whois_server
    if first.state is RegistryState.RESERVED or (is_available and not check_whois_too):
        return first
    first = await _with_registrar_date(net, budget, first)
    publishes_no_expiry = (
        first.state is RegistryState.REGISTERED and domain.rpartition(".")[2] in TLDS_WITHOUT_EXPIRY
    )
    if first.expires or publishes_no_expiry:
        return first
    whois_server = whois_server or await _whois_server_by_iana(net, budget, domain)
    if whois_server is None:
        detail = "" if rdap_server else "no registry service is known for this ending"
        return replace(first, detail=first.detail or detail)
    second = await _ask_paced(whois.ask, net, budget, blank, whois_server)
    if first.state is RegistryState.REGISTERED:
        registrar_expires = second.registrar_expires or first.registrar_expires
        return replace(first, expires=second.expires, registrar_expires=registrar_expires)
    if second.state is RegistryState.REGISTERED:
        return await _with_registrar_date(net, budget, second)
    conclusive = second.state in registry_pacing.CONCLUSIVE_STATES
    return (
        second
        if conclusive or not rdap_server or second.state is RegistryState.THROTTLED
        else first
    )


def _configured_server(domain: str, configured: Mapping[str, str]) -> RegistryServer | None:
    """The operator's server for the longest suffix."""
    return next(
        (
            RegistryServer(configured[suffix], operator=True)
            for suffix in suffixes(domain)
            if suffix in configured
        ),
        None,
    )


def _listed_server(
    address: str, question: Mapping[str, str] | None = None
) -> RegistryServer | None:
    return (
        RegistryServer(address, question=(question or {}).get(address, "{domain}"))
        if address
        else None
    )


async def _ask_paced(
    ask: RegistryLookup, net: Network, budget: Budget, blank: Registration, server: RegistryServer
) -> Registration:
    """Query unless the server is in back-off, few at once; note throttling."""
    now, key = net.clock.now(), _server_key(server.address)
    if until := net.registries.backs_off_until(key, now):
        throttled = replace(blank, state=RegistryState.THROTTLED, server=server.address)
        return replace(throttled, detail=f"not asked again before {until:%Y-%m-%d %H:%M} UTC")
    semaphore = net.registries.semaphore(key)
    try:
        async with asyncio.timeout(budget.left()):
            await semaphore.acquire()
    except TimeoutError:
        return replace(blank, trouble=Trouble.OVERBUDGET, detail="others are asking this server")
    try:
        registration_ = await ask(net, budget, blank, server)
    finally:
        semaphore.release()
    if registration_.state is RegistryState.THROTTLED:
        net.registries.note_throttled(key, now, registration_.retry_after)
    elif not registration_.trouble:
        net.registries.note_answered(key)
    return registration_


def _server_key(address: str) -> str:
    """The pacing key of a server: its authority, whatever its path."""
    try:
        return parse_url(address).authority
    except BadUrl:
        return address.lower()


async def _with_registrar_date(net: Network, budget: Budget, first: Registration) -> Registration:
    """The answer with the registrar's own date, where the registry's is missing or doubtful."""
    if not first.referral or not _is_date_doubtful(first, net.clock.now().date()):
        return first
    blank = Registration(first.domain, RegistryState.UNKNOWN, first.asked_at)
    ask = registry_rdap.ask if "://" in first.referral else whois.ask
    try:
        async with asyncio.timeout(budget.within(REGISTRAR_TIMEOUT)):
            second = await _ask_paced(ask, net, budget, blank, RegistryServer(first.referral))
    except TimeoutError:
        return first
    registrar_expires = second.registrar_expires or second.expires
    return replace(first, registrar_expires=registrar_expires or first.registrar_expires)


def _is_date_doubtful(registration_: Registration, today: date) -> bool:
    """Whether the expiry date is missing or may be an unpaid automatic renewal."""
    if registration_.state is not RegistryState.REGISTERED or registration_.registrar_expires:
        return False
    if registration_.expires is None:
        return True
    may_be_auto_renewed = (
        timedelta(days=365) - AUTO_RENEW_GRACE
        <= registration_.expires - today
        <= timedelta(days=366)
    )
    return may_be_auto_renewed or "autoRenewPeriod" in registration_.epp


async def _whois_server_by_iana(net: Network, budget: Budget, domain: str) -> RegistryServer | None:
    """The WHOIS server that IANA names for the TLD, asked once for each TLD."""
    ending = domain.rpartition(".")[2]
    if ending in SPECIAL_USE_TLDS or "." not in domain:
        return None
    server = net.registries.whois_referral(ending)
    if server is None:
        root = _root_whois_server(net.whois)
        text = await whois.query_text(net, budget, root, ending)
        if not isinstance(text, str):
            return None
        server = registry_table.parse_iana_referral(text)
        net.registries.remember_referral(ending, server)
    return _listed_server(server, net.registries.table().question)


def _root_whois_server(configured: Mapping[str, str]) -> RegistryServer:
    """IANA's WHOIS server, or the operator's for the root (".")."""
    return (
        RegistryServer(configured[""], operator=True)
        if "" in configured
        else RegistryServer(IANA_WHOIS)
    )
