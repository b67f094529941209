"""Collects reverse names of mail servers with their forward confirmation, and greeting names.

Questions to the DNS only. The provider's sending addresses are looked at for the account's own
domains; they concern nobody else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from diagnostics.collectors.mail.servers import may_greet
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.keys import MAIL
from diagnostics.evidence.mail import REVERSE, GreetingName, ReverseName, ReverseNames
from diagnostics.model import Missing
from observe.dns import dns_client
from observe.guard import parse_address
from render.i18n import N_
from standards.dns_types import Trouble

MAX_ADDRESSES = 16  # addresses looked at
MAX_MX_ADDRESSES = 6


async def collect(context: CollectionContext) -> ReverseNames | NotCollected:
    """PTR of each address, then the addresses of its names (RFC 1912, 2.1)."""
    mail = (await context.gather(MAIL)).value
    hosts = mail.hosts if mail is not None else ()
    outgoing_addresses = (
        expand_addresses(context.sources.expected.outgoing) if may_greet(context) else ()
    )
    mx_addresses = [(a, h.name) for h in hosts for a in h.addresses][:MAX_MX_ADDRESSES]
    dialogues = [h.dialogue for h in hosts if h.dialogue is not None and h.dialogue.code == 220]
    greeting_names = [(t.host, greeting_name(t.greeting)) for t in dialogues]
    if not (outgoing_addresses or mx_addresses or greeting_names):
        return NotCollected(Missing.SKIPPED, "no_address")
    outgoing_names, mx_names, greetings = await asyncio.gather(
        asyncio.gather(*(_reverse_name(context, address, "") for address in outgoing_addresses)),
        asyncio.gather(*(_reverse_name(context, address, host) for address, host in mx_addresses)),
        asyncio.gather(
            *(_resolve_greeting_name(context, host, name) for host, name in greeting_names if name)
        ),
    )
    return ReverseNames(tuple(outgoing_names), tuple(mx_names), tuple(greetings))


def expand_addresses(networks: Iterable[str]) -> tuple[str, ...]:
    """Single addresses out of addresses and small networks; a large one names no machine."""
    single_addresses: list[str] = []
    for text in networks:
        try:
            network = ip_network(text, strict=False)
        except ValueError:
            continue
        if network.num_addresses <= MAX_ADDRESSES:
            is_single = network.num_addresses == 1
            single_addresses += [str(a) for a in ([network[0]] if is_single else network.hosts())]
    return tuple(dict.fromkeys(single_addresses))[:MAX_ADDRESSES]


def greeting_name(greeting: str) -> str:
    """The name a greeting begins with (RFC 5321, 4.2): its first word, lower case."""
    words = greeting.split()
    return words[0].strip("[]").rstrip(".").lower()[:253] if words else ""


async def _reverse_name(context: CollectionContext, address: str, host: str) -> ReverseName:
    pointer = ip_address(address).reverse_pointer
    ptr = await dns_client.resolve(context.network, context.budget, pointer, "PTR")
    names = [name.rstrip(".").lower() for name in ptr.values()][:3]
    resolved = await asyncio.gather(
        *(dns_client.addresses(context.network, context.budget, n) for n in names)
    )
    forward = tuple(
        dict.fromkeys(a for forward_addresses, _ in resolved for a in forward_addresses)
    )
    troubles = [t for _, t in resolved if t not in (None, Trouble.NXDOMAIN)]
    return ReverseName(address, ptr, forward, troubles[0] if troubles else None, host)


async def _resolve_greeting_name(context: CollectionContext, host: str, name: str) -> GreetingName:
    if "." not in name or parse_address(name):
        return GreetingName(host, name)
    addresses_found, trouble = await dns_client.addresses(context.network, context.budget, name)
    return GreetingName(host, name, addresses_found, trouble)


COLLECTOR = Collector(REVERSE, N_("Asking for the names of the mail servers"), collect)
