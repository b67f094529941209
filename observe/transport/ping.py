"""ICMP echo (RFC 792, 4443) over an unprivileged datagram socket. Owns that socket.

Linux gives it to the groups of net.ipv4.ping_group_range; where it does not, the fact says that
pinging is not available here, which is nobody's fault but ours.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from observe import failures, guard
from observe.budget import Budget
from observe.dns import dns_client
from observe.dns.exchange import duration
from observe.guard import Guard
from observe.network import Network
from observe.transport.dial import is_address
from standards.dns_types import NO_TIME, Trouble

PAYLOAD = 32
MAX_STRANGERS = 64
NOT_HERE = "pinging is not available here"


@dataclass(frozen=True, slots=True)
class PingResult:
    """Echoes asked and answered. `times` are the round trips, in the order they came."""

    host: str
    at: datetime
    ip: str = ""
    sent: int = 0
    times: tuple[timedelta, ...] = ()
    resolve: timedelta = NO_TIME
    available: bool = True
    trouble: Trouble | None = None
    detail: str = ""

    @property
    def lost(self) -> float:
        """The share that was lost, 0 to 1."""
        return 1 - len(self.times) / self.sent if self.sent else 1.0


def available(*, v6: bool = False) -> bool:
    """May this process ping without being root?"""
    try:
        _socket(v6=v6).close()
    except OSError:
        return False
    return True


def _socket(*, v6: bool) -> socket.socket:
    family = socket.AF_INET6 if v6 else socket.AF_INET
    protocol = socket.IPPROTO_ICMPV6 if v6 else socket.IPPROTO_ICMP
    return socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, protocol)


def request(sequence: int, payload: bytes, *, v6: bool) -> bytes:
    """An echo request; the kernel fills in the identifier and the IPv6 checksum."""
    kind = 128 if v6 else 8
    header = struct.pack("!BBHHH", kind, 0, 0, 0, sequence)
    return struct.pack("!BBHHH", kind, 0, checksum(header + payload), 0, sequence) + payload


def checksum(packet: bytes) -> int:
    """The internet checksum (RFC 1071)."""
    padded = packet + b"\0" * (len(packet) % 2)
    total = sum(int.from_bytes(padded[i : i + 2]) for i in range(0, len(padded), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def answered(packet: bytes, payload: bytes, *, v6: bool) -> int | None:
    """The sequence number of the echo reply to us, or None when it is something else."""
    if len(packet) < 8 + len(payload) or packet[0] != (129 if v6 else 0) or packet[1] != 0:
        return None
    if packet[8 : 8 + len(payload)] != payload:
        return None
    return int.from_bytes(packet[6:8])


async def ping(
    net: Network,
    budget: Budget,
    host: str,
    *,
    count: int = 3,
    timeout: float = 2.0,  # noqa: ASYNC109 - of each echo
) -> PingResult:
    """Ask for `count` echoes, one after the other."""
    seen = PingResult(host, net.clock.now())
    start = net.clock.monotonic()
    found: tuple[str, ...] = (host,)
    if not is_address(host):
        found, why = await dns_client.addresses(net, budget, host)
        seen = replace(seen, resolve=duration(start, net.clock.monotonic()))
        found = tuple(a for a in found if dns_client.reachable(net.vantage, a)) or found
        if not found:
            return replace(seen, trouble=why or Trouble.NXDOMAIN)
    seen = replace(seen, ip=found[0])
    route = Guard(net).route(found[0], 1, host)
    if isinstance(route, Trouble):
        return replace(seen, trouble=route, detail=guard.WHY.get(route, ""))
    v6 = ":" in route.ip
    try:
        line = _socket(v6=v6)
    except OSError:
        return replace(seen, available=False, trouble=Trouble.BLOCKED, detail=NOT_HERE)
    with line:
        try:
            line.connect((route.ip, 0))
        except OSError as error:
            return replace(seen, trouble=failures.trouble(error), detail=failures.reason(error))
        return await _echoes(net, budget, line, seen, count=count, wait=timeout, v6=v6)


async def _echoes(
    net: Network,
    budget: Budget,
    line: socket.socket,
    seen: PingResult,
    *,
    count: int,
    wait: float,
    v6: bool,
) -> PingResult:
    loop = asyncio.get_running_loop()
    payload = secrets.token_bytes(PAYLOAD)
    for number in range(1, count + 1):
        began = net.clock.monotonic()
        seen = replace(seen, sent=number)
        try:
            async with asyncio.timeout(budget.within(wait)):
                await loop.sock_sendall(line, request(number, payload, v6=v6))
                for _ in range(MAX_STRANGERS):
                    packet = await loop.sock_recv(line, 2048)
                    if answered(packet, payload, v6=v6) == number:
                        took = duration(began, net.clock.monotonic())
                        seen = replace(seen, times=(*seen.times, took))
                        break
        except TimeoutError:
            continue
        except OSError as error:
            seen = replace(seen, trouble=failures.trouble(error), detail=failures.reason(error))
    if seen.times:
        return replace(seen, trouble=None, detail="")
    return seen if seen.trouble else replace(seen, trouble=Trouble.TIMEOUT)
