"""Collects listings of our sending addresses and of the domain on the configured blocklists (RFC 5782).

Each list is asked for its test entries too, so that one that lists everything or nothing is not
believed. The sending addresses are asked about for the account's own domains.
"""

from __future__ import annotations

import asyncio
from ipaddress import ip_address

from diagnostics.collectors.mail.host_names import expand_addresses
from diagnostics.collectors.mail.servers import may_greet
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.blocklist_answers import find_blocklist
from diagnostics.evidence.mail import BLOCKLISTS, Blocklists, Listing, ListTest
from diagnostics.model import NOT_MEANT, Missing
from observe.dns import dns_client
from render.i18n import N_
from standards.dns_types import Lookup

MAX_LISTS = 30
TEST_ENTRIES = {
    "ipv4": ("127.0.0.2", "127.0.0.1"),
    "ipv6": ("::ffff:7f00:2", "::ffff:7f00:1"),
    "domain": ("test", "invalid"),
}


async def collect(context: CollectionContext) -> Blocklists | NotCollected:
    """Every list, about every subject of its kind, side by side."""
    zones = tuple(dict.fromkeys(z.strip().strip(".").lower() for z in context.network.dnsbl))[
        :MAX_LISTS
    ]
    if not zones:
        return NotCollected(Missing.SKIPPED, NOT_MEANT)
    outgoing_addresses = (
        expand_addresses(context.sources.expected.outgoing) if may_greet(context) else ()
    )
    subjects = [(address_sort(a), a) for a in outgoing_addresses] + [
        ("domain", context.subject.domain)
    ]
    questions = [(zone, s, subject) for zone in zones for s, subject in subjects if covers(zone, s)]
    list_sorts = tuple(dict.fromkeys((zone, sort) for zone, sort, _ in questions))
    tests, listings = await asyncio.gather(
        asyncio.gather(*(_test_list(context, zone, sort) for zone, sort in list_sorts)),
        asyncio.gather(*(_query_listing(context, *question) for question in questions)),
    )
    return Blocklists(tuple(tests), tuple(listings))


def address_sort(address: str) -> str:
    """ "ipv6" or "ipv4"."""
    return "ipv6" if ":" in address else "ipv4"


def covers(zone: str, sort: str) -> bool:
    """Whether a list is asked about this sort; of an unknown list its test entries will tell."""
    blocklist = find_blocklist(zone)
    return blocklist is None or not blocklist.sorts or sort in blocklist.sorts


def query_name(zone: str, sort: str, subject: str) -> str:
    """The name to ask for (RFC 5782, 2.1, 2.4 and 3.1)."""
    if sort == "domain":
        return f"{subject}.{zone}"
    turned = ip_address(subject).reverse_pointer
    return f"{turned.rpartition('.')[0].rpartition('.')[0]}.{zone}"


async def _test_list(context: CollectionContext, zone: str, sort: str) -> ListTest:
    blocklist = find_blocklist(zone)
    must, never = TEST_ENTRIES[sort]
    if blocklist is not None and sort == "domain" and blocklist.test:
        must = blocklist.test
    lookups = await asyncio.gather(
        *(_resolve(context, query_name(zone, sort, point)) for point in (must, never))
    )
    return ListTest(zone, sort, *lookups)


async def _query_listing(context: CollectionContext, zone: str, sort: str, subject: str) -> Listing:
    name = query_name(zone, sort, subject)
    lookup = await _resolve(context, name)
    if not lookup.values():
        return Listing(zone, sort, subject, lookup)
    text = await dns_client.resolve(context.network, context.budget, name, "TXT")
    reason = " ".join(v.replace('" "', "").strip('"') for v in text.values())
    return Listing(zone, sort, subject, lookup, reason[:300])


async def _resolve(context: CollectionContext, name: str) -> Lookup:
    return await dns_client.resolve(context.network, context.budget, name, "A")


COLLECTOR = Collector(BLOCKLISTS, N_("Asking the blocklists"), collect)
