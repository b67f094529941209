"""Where a host of the subject answers: by its own servers when they say, else by the resolvers.

Shared by the collectors that connect. Keeps apart what we cannot use from here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from diagnostics.collectors.dns import zone_servers
from diagnostics.collectors.model import Collection
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


async def of(ask: Collection, host: str) -> HostAddresses:
    """Fresh from the authoritative servers where possible, so that a change made a minute ago is
    seen and no cache stands between. Asks only for the addresses, by the parent's glue, and waits
    neither for the rest of the records nor for a server that is silent while another has answered;
    the run's memo makes sure that nothing is asked twice."""
    walked = await zone_servers.reached(ask)
    if walked.outcome is Delegated.YES:
        questions = ((host, "A"), (host, "AAAA"))
        lookups = await zones.ask_first_answering(ask.network, ask.budget, walked, questions)
        records = Records(walked.zone, lookups)
        own = records.values(host, "A") + records.values(host, "AAAA")
        if own:
            return HostAddresses(own, usable(own, ask.network.vantage))
        names = records.answered(host, "A")
        if names and all(x.rcode == "NXDOMAIN" for x in names):
            return HostAddresses((), (), Trouble.NXDOMAIN)
    found, trouble = await dns_client.addresses(ask.network, ask.budget, host)
    return HostAddresses(found, usable(found, ask.network.vantage), trouble)


def usable(found: tuple[str, ...], vantage: Vantage) -> tuple[str, ...]:
    """Only what our vantage can reach."""
    return tuple(a for a in found if (vantage.ipv6 if ":" in a else vantage.ipv4))


async def known(ask: Collection, hosts: Sequence[str]) -> dict[str, str]:
    """Where names of the subject are: a walk from one of them to another then needs no resolver,
    and meets no old record in its cache."""
    found = await asyncio.gather(*(of(ask, host) for host in hosts))
    pairs = zip(hosts, found, strict=True)
    return {host: seen.usable[0] for host, seen in pairs if seen.usable}
