"""Names of mail servers both ways: reverse DNS with its forward confirmation, and greeting names.

Questions to the DNS only. The provider's sending addresses are looked at for the account's own
domains; they concern nobody else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from diagnostics.collectors.mail.servers import may_greet
from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.keys import MAIL
from diagnostics.evidence.mail import REVERSE, GreetingName, ReverseName, ReverseNames
from diagnostics.model import Missing
from observe.dns import dns_client
from render.i18n import N_
from standards.dns_types import Trouble

OUTGOING = 16  # addresses looked at
HOSTS = 6


async def collect(ask: Collection) -> ReverseNames | NotCollected:
    """PTR of each address, then the addresses of its names (RFC 1912, 2.1)."""
    mail = (await ask.gather(MAIL)).value
    hosts = mail.hosts if mail is not None else ()
    sending = addresses(ask.sources.expected.outgoing) if may_greet(ask) else ()
    taking = [(a, h.name) for h in hosts for a in h.addresses][:HOSTS]
    talks = [h.dialogue for h in hosts if h.dialogue is not None and h.dialogue.code == 220]
    named = [(t.host, greeting_name(t.greeting)) for t in talks]
    if not (sending or taking or named):
        return NotCollected(Missing.SKIPPED, "no_address")
    outgoing, reverse, greetings = await asyncio.gather(
        asyncio.gather(*(_named(ask, address, "") for address in sending)),
        asyncio.gather(*(_named(ask, address, host) for address, host in taking)),
        asyncio.gather(*(_greeted(ask, host, name) for host, name in named if name)),
    )
    return ReverseNames(tuple(outgoing), tuple(reverse), tuple(greetings))


def addresses(told: Iterable[str]) -> tuple[str, ...]:
    """Single addresses out of addresses and small networks; a large one names no machine."""
    found: list[str] = []
    for text in told:
        try:
            network = ip_network(text, strict=False)
        except ValueError:
            continue
        if network.num_addresses <= OUTGOING:
            single = network.num_addresses == 1
            found += [str(a) for a in ([network[0]] if single else network.hosts())]
    return tuple(dict.fromkeys(found))[:OUTGOING]


def greeting_name(greeting: str) -> str:
    """The name a greeting begins with (RFC 5321, 4.2): its first word, lower case."""
    words = greeting.split()
    return words[0].strip("[]").rstrip(".").lower()[:253] if words else ""


async def _named(ask: Collection, address: str, host: str) -> ReverseName:
    pointer = ip_address(address).reverse_pointer
    ptr = await dns_client.resolve(ask.network, ask.budget, pointer, "PTR")
    names = [name.rstrip(".").lower() for name in ptr.values()][:3]
    looked = await asyncio.gather(
        *(dns_client.addresses(ask.network, ask.budget, n) for n in names)
    )
    forward = tuple(dict.fromkeys(a for found, _ in looked for a in found))
    troubles = [t for _, t in looked if t not in (None, Trouble.NXDOMAIN)]
    return ReverseName(address, ptr, forward, troubles[0] if troubles else None, host)


async def _greeted(ask: Collection, host: str, name: str) -> GreetingName:
    if "." not in name or _is_address(name):
        return GreetingName(host, name)
    found, trouble = await dns_client.addresses(ask.network, ask.budget, name)
    return GreetingName(host, name, found, trouble)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


COLLECTOR = Collector(REVERSE, N_("Asking for the names of the mail servers"), collect)
