"""Which certificate each web name of the subject presents, and whether it could be renewed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from diagnostics.collector import Absent, Ask, Collector
from diagnostics.collectors import addresses
from diagnostics.collectors.place import located
from diagnostics.evidence import TLS, Tls
from diagnostics.model import Missing
from facts import Chain, Exchange, Handshake, Trouble
from observe import http, tls
from render.i18n import N_

CHALLENGE = "/.well-known/acme-challenge/jasno-self-check"  # a token that nobody has
CHALLENGE_HOPS = 5
CHALLENGE_WAIT = 8.0  # seconds for the whole walk


async def collect(ask: Ask) -> Tls | Absent:
    """One handshake for each name that has an address: apex, www, the typed host; beside it the
    walk that a certificate authority would make."""
    domain = (await located(ask)).domain
    hosts = tuple(dict.fromkeys((domain, f"www.{domain}", ask.subject.host)))
    known = await addresses.known(ask, hosts)
    found = await asyncio.gather(*(_look(ask, host, known) for host in hosts))
    seen = [pair for pair in found if pair is not None]
    if not seen:
        return Absent(Missing.SKIPPED, "no_address")
    return Tls(tuple(shake for shake, _ in seen), tuple(walk for _, walk in seen))


async def _look(ask: Ask, host: str, known: Mapping[str, str]) -> tuple[Handshake, Chain] | None:
    ip = known.get(host)
    if ip is None:
        return None
    return await asyncio.gather(_handshake(ask, host, ip), _challenge(ask, host, known))


async def _handshake(ask: Ask, host: str, ip: str) -> Handshake:
    """As a browser would; when that fails, once more with the protocols that browsers gave up."""
    seen = await tls.handshake(ask.network, ask.budget, host, 443, ip=ip)
    if seen.trouble not in (Trouble.TLS, Trouble.RESET, Trouble.PROTOCOL):
        return seen
    again = await tls.handshake(ask.network, ask.budget, host, 443, ip=ip, old=True)
    return again if again.chain else seen


async def _challenge(ask: Ask, host: str, known: Mapping[str, str]) -> Chain:
    url, at, ip = f"http://{host}{CHALLENGE}", ask.network.clock.now(), known[host]
    try:
        async with asyncio.timeout(CHALLENGE_WAIT):
            walked = await http.follow(
                ask.network,
                ask.budget,
                url,
                ip=ip,
                max_hops=CHALLENGE_HOPS,
                max_body=500,
                known=known,
            )
    except TimeoutError:
        return Chain(url, (Exchange(url, at, ip=ip, trouble=Trouble.TIMEOUT),), "trouble")
    return replace(walked, hops=tuple(replace(hop, excerpt="") for hop in walked.hops))


COLLECTOR = Collector(TLS, N_("Looking at the certificates"), collect)
