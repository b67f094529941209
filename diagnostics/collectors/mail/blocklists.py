"""What the configured blocklists say of our sending addresses and of the domain (RFC 5782).

Each list is asked for its test entries too, so that one that lists everything or nothing is not
believed. The sending addresses are asked about for the account's own domains.
"""

from __future__ import annotations

import asyncio
from ipaddress import ip_address

from diagnostics.collectors.mail.host_names import addresses
from diagnostics.collectors.mail.servers import may_greet
from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.blocklists import known
from diagnostics.evidence.mail import BLOCKLISTS, Blocklists, Listing, ListTest
from diagnostics.model import NOT_MEANT, Missing
from observe.dns import dns_client
from render.i18n import N_
from standards.dns_types import Lookup

LISTS = 30
POINTS = {
    "ipv4": ("127.0.0.2", "127.0.0.1"),
    "ipv6": ("::ffff:7f00:2", "::ffff:7f00:1"),
    "domain": ("test", "invalid"),
}


async def collect(ask: Collection) -> Blocklists | NotCollected:
    """Every list, about every subject of its kind, side by side."""
    zones = tuple(dict.fromkeys(z.strip().strip(".").lower() for z in ask.network.dnsbl))[:LISTS]
    if not zones:
        return NotCollected(Missing.SKIPPED, NOT_MEANT)
    sending = addresses(ask.sources.expected.outgoing) if may_greet(ask) else ()
    subjects = [(sort_of(a), a) for a in sending] + [("domain", ask.subject.domain)]
    asked = [(zone, s, subject) for zone in zones for s, subject in subjects if takes(zone, s)]
    pairs = tuple(dict.fromkeys((zone, sort) for zone, sort, _ in asked))
    tests, listings = await asyncio.gather(
        asyncio.gather(*(_test(ask, zone, sort) for zone, sort in pairs)),
        asyncio.gather(*(_listing(ask, *question) for question in asked)),
    )
    return Blocklists(tuple(tests), tuple(listings))


def sort_of(address: str) -> str:
    """ "ipv6" or "ipv4"."""
    return "ipv6" if ":" in address else "ipv4"


def takes(zone: str, sort: str) -> bool:
    """Whether a list is asked about this sort; of an unknown list its test entries will tell."""
    told = known(zone)
    return told is None or not told.sorts or sort in told.sorts


def question(zone: str, sort: str, subject: str) -> str:
    """The name to ask for (RFC 5782, 2.1, 2.4 and 3.1)."""
    if sort == "domain":
        return f"{subject}.{zone}"
    turned = ip_address(subject).reverse_pointer
    return f"{turned.rpartition('.')[0].rpartition('.')[0]}.{zone}"


async def _test(ask: Collection, zone: str, sort: str) -> ListTest:
    told = known(zone)
    must, never = POINTS[sort]
    if told is not None and sort == "domain" and told.test:
        must = told.test
    looked = await asyncio.gather(
        *(_look(ask, question(zone, sort, point)) for point in (must, never))
    )
    return ListTest(zone, sort, *looked)


async def _listing(ask: Collection, zone: str, sort: str, subject: str) -> Listing:
    name = question(zone, sort, subject)
    found = await _look(ask, name)
    if not found.values():
        return Listing(zone, sort, subject, found)
    text = await dns_client.resolve(ask.network, ask.budget, name, "TXT")
    reason = " ".join(v.replace('" "', "").strip('"') for v in text.values())
    return Listing(zone, sort, subject, found, reason[:300])


async def _look(ask: Collection, name: str) -> Lookup:
    return await dns_client.resolve(ask.network, ask.budget, name, "A")


COLLECTOR = Collector(BLOCKLISTS, N_("Asking the blocklists"), collect)
