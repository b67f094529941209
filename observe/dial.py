"""Opening a TCP connection to a vetted address, and speaking TLS over it. Owns stream sockets.

The address that the guard judged is the one connected to; a name is never resolved twice.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from dataclasses import dataclass
from datetime import timedelta

from facts import NO_TIME, Trouble
from observe import dns, failures, guard
from observe.budget import Budget
from observe.datagram import duration
from observe.guard import Guard, Route
from observe.network import Network

CHUNK = 16384
MAX_ADDRESSES = 3  # of one host, tried in order until one connects
HANDSHAKE_ROUNDS = 64


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no connection. `ip` is the address that was tried or refused."""

    trouble: Trouble
    detail: str = ""
    ip: str = ""
    resolve: timedelta = NO_TIME
    connect: timedelta = NO_TIME


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection; `ip` is the address before any mapping."""

    connection: Connection
    ip: str
    resolve: timedelta
    connect: timedelta


class Connection:
    """A byte stream, plain at first; `secure` puts TLS over it. Always close it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.tls: ssl.SSLObject | None = None

    async def read(self, size: int = CHUNK) -> bytes:
        """Some bytes, or b"" at the end of the stream."""
        if self.tls is None:
            return await self._reader.read(size)
        while True:
            try:
                return self.tls.read(size)
            except ssl.SSLWantReadError:
                await self._pump()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    async def write(self, payload: bytes) -> None:
        if self.tls is None:
            self._writer.write(payload)
            await self._writer.drain()
            return
        self.tls.write(payload)
        await self._flush()

    async def secure(self, context: ssl.SSLContext, server_name: str | None) -> ssl.SSLObject:
        """Shake hands. Raises ssl.SSLError or OSError; `tls` is set even then."""
        self.tls = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_name or None
        )
        for _ in range(HANDSHAKE_ROUNDS):
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._pump()
            except ssl.SSLError:
                await self._flush()  # our alert
                raise
            else:
                await self._flush()
                return self.tls
        raise ConnectionResetError("handshake without end")

    def close(self) -> None:
        self._writer.transport.abort()

    async def _pump(self) -> None:
        await self._flush()
        received = await self._reader.read(CHUNK)
        if received:
            self._incoming.write(received)
        else:
            self._incoming.write_eof()

    async def _flush(self) -> None:
        pending = self._outgoing.read()
        if pending:
            self._writer.write(pending)
            await self._writer.drain()


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def connect(
    net: Network,
    budget: Budget,
    host: str,
    port: int,
    *,
    ip: str = "",
    operator: bool = False,
    timeout: float = 5.0,  # noqa: ASYNC109 - split between addresses below
) -> Opened | Failure:
    """Connect to a host's first address that answers; to `ip` alone when it is given.

    `operator` marks a service from our own configuration, which the guard need not judge.
    """
    start = net.clock.monotonic()
    found, why = await _candidates(net, budget, host, ip)
    resolved = duration(start, net.clock.monotonic())
    if not found:
        detail = "" if why else "the name has no address"
        return Failure(why or Trouble.NXDOMAIN, detail, resolve=resolved)
    failure: Failure | None = None
    began = net.clock.monotonic()
    usable = [a for a in found if ip or dns.reachable(net.vantage, a)][:MAX_ADDRESSES]
    for address in usable or found[:MAX_ADDRESSES]:
        route = _route(net, host, address, port, operator=operator)
        if isinstance(route, Trouble):
            refused = Failure(route, guard.WHY.get(route, ""), address, resolved)
            failure = failure or refused
            continue
        if address not in usable:
            detail = "only addresses of a family we lack here"
            failure = failure or Failure(Trouble.UNREACHABLE, detail, address, resolved)
            continue
        share = timeout if address == usable[-1] else timeout / 2
        opened = await _open(budget, route, share)
        spent = duration(began, net.clock.monotonic())
        if isinstance(opened, Connection):
            return Opened(opened, address, resolved, spent)
        failure = Failure(opened[0], opened[1], address, resolved, spent)
    return failure or Failure(Trouble.UNREACHABLE, resolve=resolved)


async def _candidates(
    net: Network, budget: Budget, host: str, ip: str
) -> tuple[tuple[str, ...], Trouble | None]:
    if ip or is_address(host):
        return (ip or host,), None
    if host == "localhost":
        return ("127.0.0.1",), None
    return await dns.addresses(net, budget, host)


def _route(net: Network, host: str, address: str, port: int, *, operator: bool) -> Route | Trouble:
    guard = Guard(net)
    return guard.operator(address, port, host) if operator else guard.route(address, port, host)


async def _open(budget: Budget, route: Route, wait: float) -> Connection | tuple[Trouble, str]:
    if not budget.spend_connection():
        return Trouble.OVERBUDGET, ""
    try:
        async with asyncio.timeout(budget.within(wait)):
            reader, writer = await asyncio.open_connection(route.ip, route.port, limit=65536)
    except OSError as error:
        trouble = failures.trouble(error)
        return budget.blame(trouble) or trouble, failures.reason(error)
    return Connection(reader, writer)
