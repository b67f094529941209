"""Resolves a host of the subject: by its own name servers where they answer, else by resolvers.

Shared by the collectors that connect. Keeps apart what we cannot use from here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from diagnostics.collectors.dns import zone_servers
from diagnostics.collectors.model import CollectionContext
from diagnostics.evidence.keys import Records
from facts import Delegated, Vantage
from observe.dns import dns_client
from observe.dns import zone as zones
from standards.dns_types import Trouble


@dataclass(frozen=True, slots=True)
class HostAddresses:
    """A host's addresses; `trouble` when there are none. `usable` are those we can dial: our own
    missing IPv6 is a gap of ours, not a fault of theirs."""

    all: tuple[str, ...]
    usable: tuple[str, ...]
    trouble: Trouble | None = None


async def resolve_host(context: CollectionContext, host: str) -> HostAddresses:
    """Fresh from the authoritative servers where possible, so that a change made a minute ago is
    seen and no cache stands between. Asks only for the addresses, by the parent's glue, and waits
    neither for the rest of the records nor for a server that is silent while another has answered;
    the run's memo makes sure that nothing is asked twice."""
    walk = await zone_servers.walk_to_zone(context)
    if walk.outcome is Delegated.YES:
        questions = ((host, "A"), (host, "AAAA"))
        lookups = await zones.ask_first_answering(context.network, context.budget, walk, questions)
        records = Records(walk.zone, lookups)
        zone_addresses = records.values(host, "A") + records.values(host, "AAAA")
        if zone_addresses:
            return HostAddresses(
                zone_addresses, usable_addresses(zone_addresses, context.network.vantage)
            )
        answers = records.answered(host, "A")
        if answers and all(x.rcode == "NXDOMAIN" for x in answers):
            return HostAddresses((), (), Trouble.NXDOMAIN)
    resolved, trouble = await dns_client.addresses(context.network, context.budget, host)
    return HostAddresses(resolved, usable_addresses(resolved, context.network.vantage), trouble)


def usable_addresses(addresses: tuple[str, ...], vantage: Vantage) -> tuple[str, ...]:
    """Only what our vantage can reach."""
    return tuple(a for a in addresses if (vantage.ipv6 if ":" in a else vantage.ipv4))


async def resolve_hosts(context: CollectionContext, hosts: Sequence[str]) -> dict[str, str]:
    """Where names of the subject are: a walk from one of them to another then needs no resolver,
    and meets no old record in its cache."""
    resolved = await asyncio.gather(*(resolve_host(context, host) for host in hosts))
    pairs = zip(hosts, resolved, strict=True)
    return {
        host: host_addresses.usable[0] for host, host_addresses in pairs if host_addresses.usable
    }
