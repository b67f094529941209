"""Does a port answer? One TCP connection, opened and closed. Yields a Touch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from facts import NO_TIME, Trouble
from observe.budget import Budget
from observe.dial import Failure, connect
from observe.network import Network


@dataclass(frozen=True, slots=True)
class Touch:
    """What happened at a port. `ip` is the address before any mapping."""

    host: str
    port: int
    at: datetime
    ip: str = ""
    resolve: timedelta = NO_TIME
    connect: timedelta = NO_TIME
    trouble: Trouble | None = None
    detail: str = ""


async def touch(
    net: Network,
    budget: Budget,
    host: str,
    port: int,
    *,
    ip: str = "",
    timeout: float = 5.0,  # noqa: ASYNC109 - split between addresses
) -> Touch:
    """Open a connection and close it."""
    at = net.clock.now()
    opened = await connect(net, budget, host, port, ip=ip, timeout=timeout)
    if isinstance(opened, Failure):
        return Touch(
            host,
            port,
            at,
            opened.ip,
            opened.resolve,
            opened.connect,
            opened.trouble,
            opened.detail,
        )
    opened.connection.close()
    return Touch(host, port, at, opened.ip, opened.resolve, opened.connect)
