"""DMARC over real DNS on loopback, beside checkdmarc: whose record applies, and what it asks for."""

from __future__ import annotations

import asyncio

import dns.resolver
import pytest
from checkdmarc.dmarc import check_dmarc

from lab.flat_resolver import FlatTable, serving
from observe.budget import Budget
from observe.dns.dns_client import resolve
from observe.network import Network
from standards.dmarc import tree_walk
from standards.queries import reply_from_lookup

REJECT = '"v=DMARC1; p=reject; rua=mailto:d@apex.example"'
ZONE: dict[tuple[str, str], tuple[str, ...]] = {
    ("_dmarc.apex.example", "TXT"): (REJECT,),
    ("_dmarc.none.example", "TXT"): ('"v=DMARC1; p=none"',),
    ("_dmarc.below.example", "TXT"): ('"v=DMARC1; p=reject; sp=quarantine"',),
    ("_dmarc.shop.own.example", "TXT"): ('"v=DMARC1; p=quarantine"',),
    ("_dmarc.own.example", "TXT"): ('"v=DMARC1; p=reject"',),
    ("_dmarc.bare.example", "TXT"): ('"v=DMARC1; rua=mailto:d@apex.example"',),
    ("_dmarc.unknown.example", "TXT"): ('"v=DMARC1; p=reject; x=y; pct=50; rf=afrf"',),
    ("_dmarc.two.example", "TXT"): ('"v=DMARC1; p=none"', '"v=DMARC1; p=reject"'),
    ("_dmarc.typo.example", "TXT"): ('"v=DMARC1; p=rejekt"',),
    ("_dmarc.testing.example", "TXT"): ('"v=DMARC1; p=reject; t=y"',),
    ("_dmarc.split.example", "TXT"): ('"v=DMARC1; p=" "reject"',),
    ("_dmarc.spf.example", "TXT"): ('"v=spf1 -all"',),
    ("apex.example", "MX"): ("10 mx.apex.example.",),
    ("mx.apex.example", "A"): ("192.0.9.25",),
    ("mail.below.example", "A"): ("192.0.9.26",),
    ("deep.shop.own.example", "A"): ("192.0.9.27",),
}
DOMAINS = (
    *("apex.example", "none.example", "mail.below.example", "shop.own.example"),
    *("deep.shop.own.example", "bare.example", "unknown.example", "two.example", "typo.example"),
    *("testing.example", "split.example", "spf.example", "nobody.example"),
)


async def ours(endpoint: str, domain: str) -> tuple[str, str]:
    """(whose record applies, its p); "" for nobody's."""
    net = Network(resolvers=(endpoint,), closed=True)
    budget, steps = Budget(net.clock), tree_walk.walk(domain)
    batch = next(steps)
    try:
        while True:
            replies = [
                reply_from_lookup(await resolve(net, budget, a.name, a.type), a) for a in batch
            ]
            batch = steps.send(tuple(replies))
    except StopIteration as end:
        seen: tree_walk.DmarcTree = end.value
    return seen.holder, (seen.policy.p or "none") if seen.policy else ""


async def theirs(endpoint: str, domain: str) -> tuple[str, str]:
    host, port = endpoint.split(":")
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = [host], int(port)
    checked = await asyncio.to_thread(check_dmarc, domain, resolver=resolver)
    if not checked["valid"]:
        return "", ""
    return str(checked["location"]).removeprefix("_dmarc."), str(
        checked["tags"]["p"]["value"] or "none"
    )


@pytest.mark.parametrize("domain", DOMAINS)
async def test_checkdmarc_agrees(domain: str) -> None:
    async with serving(FlatTable(ZONE)) as endpoint:
        mine, other = await ours(endpoint, domain), await theirs(endpoint, domain)
    assert mine == other
