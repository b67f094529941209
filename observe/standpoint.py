"""Checks our own connectivity: address families, resolvers, outgoing port 25.

What fails here is our own fault and is left out of what others are judged by. Asks only the root
servers, our resolvers and the mail servers that the operator names.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from facts import Reachability, Standpoint
from observe.budget import Budget
from observe.dns import dns_client
from observe.network import Network, endpoint
from observe.transport.tcp import probe_port
from standards.dns_types import Lookup, Trouble

MAX_AGE = timedelta(minutes=5)
TIMEOUT = 3.0  # for all of it
MAX_ROOTS_PER_FAMILY = 3  # of each family
# Troubles of our own guard and limits, which say nothing about connectivity.
INCONCLUSIVE = (Trouble.BLOCKED, Trouble.OVERBUDGET)


@dataclass(slots=True)
class OwnStandpoint:
    """Our own connectivity, checked at most once in MAX_AGE. `mail` are servers elsewhere that are
    known to answer at port 25; without any the setting `port25` is trusted."""

    net: Network
    mail: tuple[str, ...] = ()
    _last: Standpoint | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def current(self) -> Standpoint:
        """The last check, or a new one when that is older than MAX_AGE."""
        async with self._lock:
            now = self.net.clock.now()
            if self._last is None or not timedelta(0) <= now - self._last.at < MAX_AGE:
                self._last = await observe_standpoint(self.net, self.mail)
        return self._last


async def observe_standpoint(net: Network, mail: tuple[str, ...] = ()) -> Standpoint:
    """Check connectivity once, everything in parallel."""
    at, budget = net.clock.now(), Budget(net.clock, seconds=TIMEOUT)
    roots, resolvers, ports = await asyncio.gather(
        asyncio.gather(*(_ask_root(net, budget, address) for address in _sampled_roots(net))),
        asyncio.gather(*(_ask_resolver(net, budget, server) for server in _own_resolvers(net))),
        asyncio.gather(*(_probe_port25(net, budget, host) for host in mail)),
    )
    configured = net.vantage
    vantage = replace(
        configured,
        ipv6=configured.ipv6 and _any_answers(lookup for lookup in roots if _is_v6(lookup.server)),
        port25=configured.port25 and (not ports or any(p.trouble is None for p in ports)),
    )
    return Standpoint(vantage, at, tuple(roots), tuple(resolvers), tuple(ports))


def _any_answers(lookups: Iterable[Lookup]) -> bool:
    """Whether any server answered; True when all results are inconclusive."""
    conclusive = [lookup for lookup in lookups if lookup.trouble not in INCONCLUSIVE]
    return not conclusive or any(lookup.trouble is None for lookup in conclusive)


def _own_resolvers(net: Network) -> list[str]:
    """The resolvers that runs use, without the public ones for comparison."""
    public = set(net.public_resolvers) - set(net.resolvers)
    return [server for server in dns_client.resolvers(net) if server not in public]


def _sampled_roots(net: Network) -> list[str]:
    ipv4 = [a for _, a in net.root_hints if not _is_v6(a)][:MAX_ROOTS_PER_FAMILY]
    ipv6 = (
        [a for _, a in net.root_hints if _is_v6(a)][:MAX_ROOTS_PER_FAMILY]
        if net.vantage.ipv6
        else []
    )
    return ipv4 + ipv6


def _is_v6(server: str) -> bool:
    return ":" in endpoint(server, 53)[0]


async def _ask_root(net: Network, budget: Budget, server: str) -> Lookup:
    return await dns_client.ask(net, budget, ".", "SOA", server, operator=net.has_own_root)


async def _ask_resolver(net: Network, budget: Budget, server: str) -> Lookup:
    return await dns_client.ask(net, budget, ".", "SOA", server, recurse=True, operator=True)


async def _probe_port25(net: Network, budget: Budget, host: str) -> Reachability:
    probe = await probe_port(net, budget, host, 25, timeout=TIMEOUT)
    return Reachability(host, 25, probe.ip, probe.trouble)
