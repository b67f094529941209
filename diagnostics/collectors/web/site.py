"""Collects the redirect walk from each web address of the subject."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from diagnostics.collectors.dns import addresses
from diagnostics.collectors.dns.zone_servers import located_subject
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
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
WALK_TIMEOUT = timedelta(seconds=13)  # for all hops together; below the collector's own deadline


def start_urls(subject: Subject) -> tuple[str, ...]:
    """Where the walks begin: the typed address, then both schemes of the apex, www, the host."""
    domain = subject.domain
    hosts = dict.fromkeys((domain, f"www.{domain}", subject.host))
    urls = (f"{scheme}://{host}/" for host in hosts for scheme in ("http", "https"))
    return tuple(dict.fromkeys(url for url in (subject.url, *urls) if url))


async def collect(context: CollectionContext) -> WebWalks | NotCollected:
    """Every walk side by side. Names without a usable address here are told so, not dialled."""
    walks = asyncio.gather(
        *(_walk_with_timeout(context, url) for url in start_urls(await located_subject(context)))
    )
    chains, families, contact = await asyncio.gather(
        walks, _fetch_both_families(context, context.subject.host), _fetch_contact(context)
    )
    walked_chains = tuple(chain for chain in chains if chain is not None)
    return (
        WebWalks(walked_chains, families, contact)
        if walked_chains
        else NotCollected(Missing.TROUBLE, "no_ipv6_here", Trouble.UNREACHABLE)
    )


async def _fetch_both_families(context: CollectionContext, host: str) -> tuple[Exchange, ...]:
    """The same page over IPv4 and over IPv6, at the same moment."""
    addresses_found = (await addresses.resolve_host(context, host)).usable
    pair = [next((a for a in addresses_found if (":" in a) is six), "") for six in (False, True)]
    if not all(pair):
        return ()
    requests = (
        http_client.fetch(
            context.network, context.budget, f"https://{host}/", ip=ip, max_body=MAX_BETWEEN
        )
        for ip in pair
    )
    return tuple(await asyncio.gather(*requests))


async def _fetch_contact(context: CollectionContext) -> Exchange | None:
    """The domain's security.txt, where its site answers at all."""
    host = context.subject.domain
    addresses_found = (await addresses.resolve_host(context, host)).usable
    if not addresses_found:
        return None
    url = f"https://{host}/.well-known/security.txt"
    return await http_client.fetch(
        context.network,
        context.budget,
        url,
        ip=addresses_found[0],
        max_body=MAX_CONTACT,
        timeout=5.0,
    )


async def _walk_with_timeout(context: CollectionContext, url: str) -> RedirectChain | None:
    """One walk under its own limit, so that a slow one does not cost the others."""
    at = context.network.clock.now()
    try:
        async with asyncio.timeout(WALK_TIMEOUT.total_seconds()):
            return await _walk(context, url)
    except TimeoutError:
        return RedirectChain(url, (Exchange(url, at, trouble=Trouble.TIMEOUT),), "trouble")


async def _walk(context: CollectionContext, url: str) -> RedirectChain | None:
    host = url.split("/")[2].partition(":")[0]
    host_addresses = await addresses.resolve_host(context, host)
    if host_addresses.usable:
        chain = await http_client.follow_redirects(
            context.network,
            context.budget,
            url,
            ip=host_addresses.usable[0],
            max_body=MAX_PAGE,
            known_addresses=await addresses.resolve_hosts(context, _hosts(context.subject)),
        )
        return _trimmed(chain)
    if host_addresses.all:
        return None
    at = context.network.clock.now()
    return RedirectChain(
        url, (Exchange(url, at, trouble=host_addresses.trouble or Trouble.NXDOMAIN),), "trouble"
    )


def _hosts(subject: Subject) -> tuple[str, ...]:
    return tuple(dict.fromkeys(url.split("/")[2].partition(":")[0] for url in start_urls(subject)))


def _trimmed(chain: RedirectChain) -> RedirectChain:
    """Pages that only send on are kept by their beginning; the last one is judged."""
    *between, last = chain.hops
    cut = (replace(hop, excerpt=hop.excerpt[:MAX_BETWEEN]) for hop in between)
    return replace(chain, hops=(*cut, last))


COLLECTOR = Collector(WEB, N_("Opening the website"), collect)
