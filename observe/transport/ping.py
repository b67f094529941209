"""ICMP echo (RFC 792, 4443) over an unprivileged datagram socket. Owns that socket.

Linux allows it to the groups of net.ipv4.ping_group_range; where it does not, the fact says that
pinging is not available here.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from observe import failures, guard
from observe.budget import Budget
from observe.dns import dns_client
from observe.dns.exchange import duration
from observe.guard import Guard
from observe.network import Network
from observe.transport.dial import is_address
from standards.dns_types import NO_TIME, Trouble

PAYLOAD = 32
MAX_UNMATCHED = 64
UNAVAILABLE = "pinging is not available here"


@dataclass(frozen=True, slots=True)
class PingResult:
    """Echo requests and replies. `times` are the round trips, in order."""

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
        """The packet loss, 0 to 1."""
        return 1 - len(self.times) / self.sent if self.sent else 1.0


def open_icmp_socket(*, v6: bool) -> socket.socket:
    """An ICMP datagram socket that does not block. Raises OSError where we may have none."""
    family = socket.AF_INET6 if v6 else socket.AF_INET
    protocol = socket.IPPROTO_ICMPV6 if v6 else socket.IPPROTO_ICMP
    return socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, protocol)


class OpenSocket(Protocol):
    """As open_icmp_socket."""

    def __call__(self, *, v6: bool) -> socket.socket: ...


def build_echo_request(sequence: int, payload: bytes, *, v6: bool) -> bytes:
    """An echo request; the kernel fills in the identifier and the IPv6 checksum."""
    kind = 128 if v6 else 8
    header = struct.pack("!BBHHH", kind, 0, 0, 0, sequence)
    return (
        struct.pack("!BBHHH", kind, 0, internet_checksum(header + payload), 0, sequence) + payload
    )


def internet_checksum(packet: bytes) -> int:
    """The internet checksum (RFC 1071)."""
    padded = packet + b"\0" * (len(packet) % 2)
    total = sum(int.from_bytes(padded[i : i + 2]) for i in range(0, len(padded), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def parse_echo_reply(packet: bytes, payload: bytes, *, v6: bool) -> int | None:
    """The sequence number of a matching echo reply, else None."""
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
    open_socket: OpenSocket = open_icmp_socket,
) -> PingResult:
    """Send `count` echo requests, one after the other."""
    result = PingResult(host, net.clock.now())
    start = net.clock.monotonic()
    addresses: tuple[str, ...] = (host,)
    if not is_address(host):
        addresses, trouble = await dns_client.addresses(net, budget, host)
        result = replace(result, resolve=duration(start, net.clock.monotonic()))
        addresses = tuple(a for a in addresses if dns_client.can_reach(net.vantage, a)) or addresses
        if not addresses:
            detail = budget.spent if trouble is Trouble.OVERBUDGET else ""
            return replace(result, trouble=trouble or Trouble.NXDOMAIN, detail=detail)
    result = replace(result, ip=addresses[0])
    route = Guard(net).route(addresses[0], 1, host)
    if isinstance(route, Trouble):
        return replace(result, trouble=route, detail=guard.REFUSAL_DETAIL.get(route, ""))
    v6 = ":" in route.ip
    try:
        icmp_socket = open_socket(v6=v6)
    except OSError:
        return replace(result, available=False, trouble=Trouble.BLOCKED, detail=UNAVAILABLE)
    with icmp_socket:
        try:
            icmp_socket.connect((route.ip, 0))
        except OSError as error:
            return replace(result, trouble=failures.trouble(error), detail=failures.reason(error))
        return await _send_echoes(
            net, budget, icmp_socket, result, count=count, wait=timeout, v6=v6
        )


async def _send_echoes(
    net: Network,
    budget: Budget,
    icmp_socket: socket.socket,
    result: PingResult,
    *,
    count: int,
    wait: float,
    v6: bool,
) -> PingResult:
    loop = asyncio.get_running_loop()
    payload = secrets.token_bytes(PAYLOAD)
    for number in range(1, count + 1):
        start = net.clock.monotonic()
        result = replace(result, sent=number)
        try:
            async with asyncio.timeout(budget.within(wait)):
                await loop.sock_sendall(icmp_socket, build_echo_request(number, payload, v6=v6))
                for _ in range(MAX_UNMATCHED):
                    packet = await loop.sock_recv(icmp_socket, 2048)
                    if parse_echo_reply(packet, payload, v6=v6) == number:
                        round_trip = duration(start, net.clock.monotonic())
                        result = replace(result, times=(*result.times, round_trip))
                        break
        except TimeoutError:
            continue
        except OSError as error:
            result = replace(result, trouble=failures.trouble(error), detail=failures.reason(error))
    if result.times:
        return replace(result, trouble=None, detail="")
    return result if result.trouble else replace(result, trouble=Trouble.TIMEOUT)
