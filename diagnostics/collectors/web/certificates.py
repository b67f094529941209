"""Collects the certificate of each web name, and whether it could be renewed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from diagnostics.collectors.dns import addresses
from diagnostics.collectors.dns.zone_servers import located_subject, walk_to_zone
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.keys import acme_challenge_name
from diagnostics.evidence.web import TLS, TlsHandshakes
from diagnostics.model import Missing
from facts import Delegated, Exchange, Handshake, RedirectChain
from observe.dns import dns_client
from observe.dns import zone as zones
from observe.http import http_client
from observe.transport import tls
from render.i18n import N_
from standards.dns_types import Lookup, Trouble

CHALLENGE_PATH = "/.well-known/acme-challenge/jasno-self-check"  # a token that nobody has
MAX_CHALLENGE_HOPS = 5
CHALLENGE_TIMEOUT = 8.0  # seconds for the whole walk
OUTDATED_TIMEOUT = 2.0  # seconds; some servers say nothing at all to an old offer


async def collect(context: CollectionContext) -> TlsHandshakes | NotCollected:
    """One handshake for each name that has an address: apex, www, the typed host; beside it the
    walk that a certificate authority would make."""
    domain = (await located_subject(context)).domain
    hosts = tuple(dict.fromkeys((domain, f"www.{domain}", context.subject.host)))
    address_by_host = await addresses.resolve_hosts(context, hosts)
    looks_at_hosts = asyncio.gather(
        *(_look_at_host(context, host, address_by_host) for host in hosts)
    )
    issuance_lookups, outdated, looks_done = await asyncio.gather(
        _issuance_lookups(context, hosts),
        _outdated_handshakes(context, address_by_host),
        looks_at_hosts,
    )
    looks_made = [pair for pair in looks_done if pair is not None]
    if not looks_made:
        return NotCollected(Missing.SKIPPED, "no_address")
    return TlsHandshakes(
        tuple(handshake for handshake, _ in looks_made),
        tuple(walk for _, walk in looks_made),
        issuance_lookups,
        outdated,
    )


async def _issuance_lookups(
    context: CollectionContext, hosts: tuple[str, ...]
) -> tuple[Lookup, ...]:
    """CAA and the place of the proof by DNS, from the zone's own servers; where an alias leads out of
    the zone, by the resolvers, as an authority would."""
    walk = await walk_to_zone(context)
    if walk.outcome is not Delegated.YES:
        return ()
    queries = tuple((host, "CAA") for host in hosts)
    queries += tuple((acme_challenge_name(host), "TXT") for host in hosts)
    lookups = await zones.ask_first_answering(context.network, context.budget, walk, queries)
    aliased = dict.fromkeys(
        (x.name, x.type) for x in lookups if x.values("CNAME") and not x.values()
    )
    resolver_lookups = (
        dns_client.resolve(context.network, context.budget, *question) for question in aliased
    )
    return (*lookups, *await asyncio.gather(*resolver_lookups))


async def _look_at_host(
    context: CollectionContext, host: str, address_by_host: Mapping[str, str]
) -> tuple[Handshake, RedirectChain] | None:
    ip = address_by_host.get(host)
    if ip is None:
        return None
    return await asyncio.gather(
        _handshake(context, host, ip), _walk_challenge(context, host, address_by_host)
    )


async def _handshake(context: CollectionContext, host: str, ip: str) -> Handshake:
    """As a browser would; when that fails, once more with the protocols that browsers gave up."""
    handshake = await tls.handshake(context.network, context.budget, host, 443, ip=ip)
    if handshake.trouble not in (Trouble.TLS, Trouble.RESET, Trouble.PROTOCOL):
        return handshake
    outdated = await tls.handshake(
        context.network, context.budget, host, 443, ip=ip, offer=tls.TlsOffer.OLD
    )
    return outdated if outdated.chain else handshake


async def _outdated_handshakes(
    context: CollectionContext, address_by_host: Mapping[str, str]
) -> tuple[Handshake, ...]:
    """What each address agrees to when it is offered only what browsers gave up."""
    host_by_address: dict[str, str] = {}
    for host, ip in address_by_host.items():
        host_by_address.setdefault(ip, host)
    handshakes = (
        tls.handshake(
            context.network,
            context.budget,
            host,
            ip=ip,
            timeout=OUTDATED_TIMEOUT,
            offer=tls.TlsOffer.OLD,
        )
        for ip, host in host_by_address.items()
    )
    return tuple(await asyncio.gather(*handshakes))


async def _walk_challenge(
    context: CollectionContext, host: str, address_by_host: Mapping[str, str]
) -> RedirectChain:
    url, at, ip = (
        f"http://{host}{CHALLENGE_PATH}",
        context.network.clock.now(),
        address_by_host[host],
    )
    try:
        async with asyncio.timeout(CHALLENGE_TIMEOUT):
            walk = await http_client.follow_redirects(
                context.network,
                context.budget,
                url,
                ip=ip,
                max_hops=MAX_CHALLENGE_HOPS,
                max_body=500,
                known_addresses=address_by_host,
            )
    except TimeoutError:
        return RedirectChain(url, (Exchange(url, at, ip=ip, trouble=Trouble.TIMEOUT),), "trouble")
    return replace(walk, hops=tuple(replace(hop, excerpt="") for hop in walk.hops))


COLLECTOR = Collector(TLS, N_("Looking at the certificates"), collect)
