"""Our own place looks at itself: which address families work, do our resolvers answer, may we speak
to port 25 elsewhere? What fails here is ours, and is left out of what others are judged by.

Asks only the root servers, our own resolvers, and the mail servers that the operator names.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from facts import Reach, Standpoint
from observe.budget import Budget
from observe.dns import dns_client
from observe.network import Network, endpoint
from observe.transport.tcp import touch
from standards.dns_types import Lookup, Trouble

KEPT = timedelta(minutes=5)
SECONDS = 3.0  # for all of it
ROOTS = 3  # of each family
# Says nothing about the way out: refused by our own guard, or out of our own limits.
MOOT = (Trouble.BLOCKED, Trouble.OVERBUDGET)


@dataclass(slots=True)
class OwnStandpoint:
    """Our own standpoint, looked at once in five minutes. `mail` are servers elsewhere that are
    known to answer at port 25; without any the setting `port25` is believed."""

    net: Network
    mail: tuple[str, ...] = ()
    _seen: Standpoint | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self) -> Standpoint:
        """What is known, or a fresh look when that has grown old."""
        async with self._lock:
            now = self.net.clock.now()
            if self._seen is None or not timedelta(0) <= now - self._seen.at < KEPT:
                self._seen = await looked(self.net, self.mail)
        return self._seen


async def looked(net: Network, mail: tuple[str, ...] = ()) -> Standpoint:
    """One look around, everything side by side."""
    at, budget = net.clock.now(), Budget(net.clock, seconds=SECONDS)
    roots, resolvers, ports = await asyncio.gather(
        asyncio.gather(*(_root(net, budget, address) for address in _some_roots(net))),
        asyncio.gather(*(_resolver(net, budget, server) for server in _own_resolvers(net))),
        asyncio.gather(*(_port25(net, budget, host) for host in mail)),
    )
    claimed = net.vantage
    vantage = replace(
        claimed,
        ipv6=claimed.ipv6 and _works(x for x in roots if _is_v6(x.server)),
        port25=claimed.port25 and (not ports or any(p.trouble is None for p in ports)),
    )
    return Standpoint(vantage, at, tuple(roots), tuple(resolvers), tuple(ports))


def _works(answers: Iterable[Lookup]) -> bool:
    """Whether any answered; when none could tell, the setting is believed."""
    telling = [x for x in answers if x.trouble not in MOOT]
    return not telling or any(x.trouble is None for x in telling)


def _own_resolvers(net: Network) -> list[str]:
    """Those that runs lean on; the public ones are only compared with."""
    public = set(net.public_resolvers) - set(net.resolvers)
    return [server for server in dns_client.resolvers(net) if server not in public]


def _some_roots(net: Network) -> list[str]:
    four = [a for _, a in net.root_hints if not _is_v6(a)][:ROOTS]
    six = [a for _, a in net.root_hints if _is_v6(a)][:ROOTS] if net.vantage.ipv6 else []
    return four + six


def _is_v6(server: str) -> bool:
    return ":" in endpoint(server, 53)[0]


async def _root(net: Network, budget: Budget, server: str) -> Lookup:
    return await dns_client.ask(net, budget, ".", "SOA", server, operator=net.own_hints)


async def _resolver(net: Network, budget: Budget, server: str) -> Lookup:
    return await dns_client.ask(net, budget, ".", "SOA", server, recurse=True, operator=True)


async def _port25(net: Network, budget: Budget, host: str) -> Reach:
    seen = await touch(net, budget, host, 25, timeout=SECONDS)
    return Reach(host, 25, seen.ip, seen.trouble)
