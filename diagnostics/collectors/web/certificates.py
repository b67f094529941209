"""Which certificate each web name of the subject presents, and whether it could be renewed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from diagnostics.collectors.dns import addresses
from diagnostics.collectors.dns.zone_servers import located, reached
from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.keys import proof_name
from diagnostics.evidence.web import TLS, TlsHandshakes
from diagnostics.model import Missing
from facts import Delegated, Exchange, Handshake, RedirectChain
from observe.dns import dns_client
from observe.dns import zone as zones
from observe.http import http_client
from observe.transport import tls
from render.i18n import N_
from standards.dns_types import Lookup, Trouble

CHALLENGE = "/.well-known/acme-challenge/jasno-self-check"  # a token that nobody has
CHALLENGE_HOPS = 5
CHALLENGE_WAIT = 8.0  # seconds for the whole walk
OLD_WAIT = 2.0  # seconds; some servers say nothing at all to an old offer


async def collect(ask: Collection) -> TlsHandshakes | NotCollected:
    """One handshake for each name that has an address: apex, www, the typed host; beside it the
    walk that a certificate authority would make."""
    domain = (await located(ask)).domain
    hosts = tuple(dict.fromkeys((domain, f"www.{domain}", ask.subject.host)))
    known = await addresses.known(ask, hosts)
    looks = asyncio.gather(*(_look(ask, host, known) for host in hosts))
    asked, old, found = await asyncio.gather(_permission(ask, hosts), _old(ask, known), looks)
    seen = [pair for pair in found if pair is not None]
    if not seen:
        return NotCollected(Missing.SKIPPED, "no_address")
    return TlsHandshakes(
        tuple(shake for shake, _ in seen), tuple(walk for _, walk in seen), asked, old
    )


async def _permission(ask: Collection, hosts: tuple[str, ...]) -> tuple[Lookup, ...]:
    """CAA and the place of the proof by DNS, from the zone's own servers; where an alias leads out of
    the zone, by the resolvers, as an authority would."""
    walked = await reached(ask)
    if walked.outcome is not Delegated.YES:
        return ()
    wanted = tuple((host, "CAA") for host in hosts)
    wanted += tuple((proof_name(host), "TXT") for host in hosts)
    told = await zones.ask_first_answering(ask.network, ask.budget, walked, wanted)
    led = dict.fromkeys((x.name, x.type) for x in told if x.values("CNAME") and not x.values())
    further = (dns_client.resolve(ask.network, ask.budget, *question) for question in led)
    return (*told, *await asyncio.gather(*further))


async def _look(
    ask: Collection, host: str, known: Mapping[str, str]
) -> tuple[Handshake, RedirectChain] | None:
    ip = known.get(host)
    if ip is None:
        return None
    return await asyncio.gather(_handshake(ask, host, ip), _challenge(ask, host, known))


async def _handshake(ask: Collection, host: str, ip: str) -> Handshake:
    """As a browser would; when that fails, once more with the protocols that browsers gave up."""
    seen = await tls.handshake(ask.network, ask.budget, host, 443, ip=ip)
    if seen.trouble not in (Trouble.TLS, Trouble.RESET, Trouble.PROTOCOL):
        return seen
    again = await tls.handshake(ask.network, ask.budget, host, 443, ip=ip, offer=tls.TlsOffer.OLD)
    return again if again.chain else seen


async def _old(ask: Collection, known: Mapping[str, str]) -> tuple[Handshake, ...]:
    """What each address agrees to when it is offered only what browsers gave up."""
    first: dict[str, str] = {}
    for host, ip in known.items():
        first.setdefault(ip, host)
    shaken = (
        tls.handshake(
            ask.network, ask.budget, host, ip=ip, timeout=OLD_WAIT, offer=tls.TlsOffer.OLD
        )
        for ip, host in first.items()
    )
    return tuple(await asyncio.gather(*shaken))


async def _challenge(ask: Collection, host: str, known: Mapping[str, str]) -> RedirectChain:
    url, at, ip = f"http://{host}{CHALLENGE}", ask.network.clock.now(), known[host]
    try:
        async with asyncio.timeout(CHALLENGE_WAIT):
            walked = await http_client.follow_redirects(
                ask.network,
                ask.budget,
                url,
                ip=ip,
                max_hops=CHALLENGE_HOPS,
                max_body=500,
                known_addresses=known,
            )
    except TimeoutError:
        return RedirectChain(url, (Exchange(url, at, ip=ip, trouble=Trouble.TIMEOUT),), "trouble")
    return replace(walked, hops=tuple(replace(hop, excerpt="") for hop in walked.hops))


COLLECTOR = Collector(TLS, N_("Looking at the certificates"), collect)
