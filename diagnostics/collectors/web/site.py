"""What a browser meets at each web name of the subject, hop by hop."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from diagnostics.collectors.dns import addresses
from diagnostics.collectors.dns.zone_servers import located
from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.web import WEB, WebWalks
from diagnostics.model import Missing
from facts import Exchange, RedirectChain
from observe.http import http_client
from render.i18n import N_
from standards.dns_types import Trouble
from subject import Subject

MAX_PAGE = 20_000  # bytes of a page, unpacked; what checks read of it
MAX_CONTACT = 4_000
MAX_BETWEEN = 500  # characters of a page that redirects
WALK = timedelta(seconds=13)  # for all hops together; below the collector's own deadline


def starts(subject: Subject) -> tuple[str, ...]:
    """Where the walks begin: the typed address, then both schemes of the apex, www, the host."""
    domain = subject.domain
    hosts = dict.fromkeys((domain, f"www.{domain}", subject.host))
    urls = (f"{scheme}://{host}/" for host in hosts for scheme in ("http", "https"))
    return tuple(dict.fromkeys(url for url in (subject.url, *urls) if url))


async def collect(ask: Collection) -> WebWalks | NotCollected:
    """Every walk side by side. Names without a usable address here are told so, not dialled."""
    walks = asyncio.gather(*(_bounded(ask, url) for url in starts(await located(ask))))
    chains, families, contact = await asyncio.gather(
        walks, _families(ask, ask.subject.host), _contact(ask)
    )
    seen = tuple(chain for chain in chains if chain is not None)
    return (
        WebWalks(seen, families, contact)
        if seen
        else NotCollected(Missing.TROUBLE, "no_ipv6_here", Trouble.UNREACHABLE)
    )


async def _families(ask: Collection, host: str) -> tuple[Exchange, ...]:
    """The same page over IPv4 and over IPv6, at the same moment."""
    found = (await addresses.of(ask, host)).usable
    pair = [next((a for a in found if (":" in a) is six), "") for six in (False, True)]
    if not all(pair):
        return ()
    looks = (
        http_client.fetch(ask.network, ask.budget, f"https://{host}/", ip=ip, max_body=MAX_BETWEEN)
        for ip in pair
    )
    return tuple(await asyncio.gather(*looks))


async def _contact(ask: Collection) -> Exchange | None:
    """The domain's security.txt, where its site answers at all."""
    host = ask.subject.domain
    found = (await addresses.of(ask, host)).usable
    if not found:
        return None
    url = f"https://{host}/.well-known/security.txt"
    return await http_client.fetch(
        ask.network, ask.budget, url, ip=found[0], max_body=MAX_CONTACT, timeout=5.0
    )


async def _bounded(ask: Collection, url: str) -> RedirectChain | None:
    """One walk under its own limit, so that a slow one does not cost the others."""
    at = ask.network.clock.now()
    try:
        async with asyncio.timeout(WALK.total_seconds()):
            return await _walk(ask, url)
    except TimeoutError:
        return RedirectChain(url, (Exchange(url, at, trouble=Trouble.TIMEOUT),), "trouble")


async def _walk(ask: Collection, url: str) -> RedirectChain | None:
    host = url.split("/")[2].partition(":")[0]
    found = await addresses.of(ask, host)
    if found.usable:
        walked = await http_client.follow_redirects(
            ask.network,
            ask.budget,
            url,
            ip=found.usable[0],
            max_body=MAX_PAGE,
            known_addresses=await addresses.known(ask, _hosts(ask.subject)),
        )
        return _lean(walked)
    if found.all:
        return None
    at = ask.network.clock.now()
    return RedirectChain(
        url, (Exchange(url, at, trouble=found.trouble or Trouble.NXDOMAIN),), "trouble"
    )


def _hosts(subject: Subject) -> tuple[str, ...]:
    return tuple(dict.fromkeys(url.split("/")[2].partition(":")[0] for url in starts(subject)))


def _lean(chain: RedirectChain) -> RedirectChain:
    """Pages that only send on are kept by their beginning; the last one is judged."""
    *between, last = chain.hops
    cut = (replace(hop, excerpt=hop.excerpt[:MAX_BETWEEN]) for hop in between)
    return replace(chain, hops=(*cut, last))


COLLECTOR = Collector(WEB, N_("Opening the website"), collect)
