"""TCP connections to guarded addresses, with TLS on top. Owns stream sockets.

The address that the guard has seen is the one connected to; a name is never resolved twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from observe import failures, guard
from observe.budget import Budget
from observe.dns import dns_client
from observe.dns.exchange import duration
from observe.guard import Guard, Route
from observe.network import Network
from standards.dns_types import NO_TIME, Trouble

READ_SIZE = 16384
MAX_UNREAD = 65536  # bytes that may arrive before they are read
MAX_ADDRESSES = 3  # of one host, tried until one connects
HEAD_START = 0.25  # seconds before the next address is tried as well (RFC 8305, 5)
MAX_HANDSHAKE_ROUNDS = 64


@dataclass(frozen=True, slots=True)
class DialFailure:
    """Why there is no connection. `ip` is the address that was tried or refused."""

    trouble: Trouble
    detail: str = ""
    ip: str = ""
    resolve: timedelta = NO_TIME
    connect: timedelta = NO_TIME


@dataclass(frozen=True, slots=True)
class OpenConnection:
    """A connection; `ip` is the address before any mapping. `passed_over` are addresses that were
    tried before it, each with why it failed, or None when it had not answered yet."""

    connection: GuardedConnection
    ip: str
    resolve: timedelta
    connect: timedelta
    passed_over: tuple[tuple[str, Trouble | None], ...] = ()


class GuardedConnection(asyncio.Protocol):
    """A byte stream, in clear at first; `secure` starts TLS. Always close it.

    What has arrived is read before the end of the stream, or the failure that ended it, is
    reported. One reader and one writer at a time.
    """

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._inbound = bytearray()
        self._ended = self._lost = self._read_paused = self._write_paused = False
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.tls: ssl.SSLObject | None = None

    async def read(self, size: int = READ_SIZE) -> bytes:
        """Some bytes, or b"" at the end of the stream."""
        if self.tls is None:
            return await self._receive(size)
        while True:
            try:
                return self.tls.read(size)
            except ssl.SSLWantReadError:
                await self._pump()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    async def write(self, payload: bytes) -> None:
        if self.tls is None:
            await self._send(payload)
            return
        self.tls.write(payload)
        await self._flush()

    async def secure(self, context: ssl.SSLContext, server_name: str | None) -> ssl.SSLObject:
        """Do the TLS handshake. Raises ssl.SSLError or OSError; `tls` is set even then."""
        self.tls = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_name or None
        )
        for _ in range(MAX_HANDSHAKE_ROUNDS):
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._pump()
            except ssl.SSLError:
                with contextlib.suppress(OSError):  # they may be gone; the reason is the handshake
                    await self._flush()  # our alert
                raise
            else:
                await self._flush()
                return self.tls
        raise ConnectionResetError("handshake without end")

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    async def _pump(self) -> None:
        await self._flush()
        received = await self._receive(READ_SIZE)
        if received:
            self._incoming.write(received)
        else:
            self._incoming.write_eof()

    async def _flush(self) -> None:
        pending = self._outgoing.read()
        if pending:
            await self._send(pending)

    async def _receive(self, size: int) -> bytes:
        while not self._inbound and not self._ended:
            await self._wait_for_change()
        if not self._inbound and self._error is not None:
            raise self._error
        taken = bytes(self._inbound[:size])
        del self._inbound[:size]
        if self._read_paused and self._transport is not None and len(self._inbound) < MAX_UNREAD:
            self._read_paused = False
            self._transport.resume_reading()
        return taken

    async def _send(self, payload: bytes) -> None:
        if self._transport is not None and not self._lost:
            self._transport.write(payload)
        while self._write_paused and not self._lost:
            await self._wait_for_change()
        if self._lost:
            raise self._error or ConnectionResetError(errno.ECONNRESET, "the connection is gone")

    async def _wait_for_change(self) -> None:
        """Wait for the next event of the stream."""
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # ------------------------------------------------------------------ called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._inbound += data
        if len(self._inbound) > MAX_UNREAD and self._transport is not None:
            self._read_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        self._ended = True
        self._wake()
        return True  # they have said all; we may still speak

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = self._lost = True
        self._error = exc
        self._wake()

    def pause_writing(self) -> None:
        self._write_paused = True

    def resume_writing(self) -> None:
        self._write_paused = False
        self._wake()


def is_address(host: str) -> bool:
    return guard.parse_address(host) is not None


async def connect(
    net: Network,
    budget: Budget,
    host: str,
    port: int,
    *,
    ip: str = "",
    operator: bool = False,
    timeout: float = 5.0,  # noqa: ASYNC109 - of all addresses together
) -> OpenConnection | DialFailure:
    """Connect to a host's first address that answers (RFC 8305); to `ip` alone when it is given.

    `operator` marks a service from our own configuration, which the guard need not judge.
    """
    start = net.clock.monotonic()
    addresses, trouble = await _addresses_to_try(net, budget, host, ip)
    resolve_time = duration(start, net.clock.monotonic())
    if not addresses:
        detail = _no_address_detail(budget, trouble)
        return DialFailure(trouble or Trouble.NXDOMAIN, detail, resolve=resolve_time)
    failure: DialFailure | None = None
    connect_start = net.clock.monotonic()
    usable = [a for a in addresses if ip or dns_client.can_reach(net.vantage, a)][:MAX_ADDRESSES]
    routes: dict[str, Route] = {}
    for address in usable or addresses[:MAX_ADDRESSES]:
        route = _route(net, host, address, port, operator=operator)
        if isinstance(route, Trouble):
            refusal = DialFailure(route, guard.REFUSAL_DETAIL.get(route, ""), address, resolve_time)
            failure = failure or refusal
            continue
        if address not in usable:
            detail = "only addresses of a family we lack here"
            failure = failure or DialFailure(Trouble.UNREACHABLE, detail, address, resolve_time)
            continue
        routes[address] = route
    outcomes = await _race(budget, routes, timeout)
    connect_time = duration(connect_start, net.clock.monotonic())
    passed_over: list[tuple[str, Trouble | None]] = []
    for address in routes:
        opened = outcomes.get(address)
        if isinstance(opened, GuardedConnection):
            return OpenConnection(opened, address, resolve_time, connect_time, tuple(passed_over))
        passed_over.append((address, opened and opened[0]))
        if opened is not None:
            failure = DialFailure(opened[0], opened[1], address, resolve_time, connect_time)
    return failure or DialFailure(Trouble.UNREACHABLE, resolve=resolve_time)


def _no_address_detail(budget: Budget, trouble: Trouble | None) -> str:
    if trouble is Trouble.OVERBUDGET:
        return budget.spent
    return "" if trouble else "the name has no address"


async def _addresses_to_try(
    net: Network, budget: Budget, host: str, ip: str
) -> tuple[tuple[str, ...], Trouble | None]:
    if ip or is_address(host):
        return (ip or host,), None
    if host == "localhost":
        return ("127.0.0.1",), None
    return await dns_client.addresses(net, budget, host)


def _route(net: Network, host: str, address: str, port: int, *, operator: bool) -> Route | Trouble:
    guard = Guard(net)
    return (
        guard.operator_route(address, port, host) if operator else guard.route(address, port, host)
    )


_Outcome = GuardedConnection | tuple[Trouble, str]


async def _race(budget: Budget, routes: Mapping[str, Route], wait: float) -> dict[str, _Outcome]:
    """Try addresses in order, each with a head start before the next, until one has connected:
    what became of them by then. At most one connection is left open."""
    outcomes: dict[str, _Outcome] = {}
    waiting = list(routes)
    running: dict[asyncio.Task[_Outcome], str] = {}
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait
    try:
        while waiting or running:
            if waiting:
                address = waiting.pop(0)
                connection_attempt = _open_connection(
                    budget, routes[address], deadline - loop.time()
                )
                running[asyncio.create_task(connection_attempt)] = address
            head_start = HEAD_START if waiting else None
            done, _ = await asyncio.wait(
                running, timeout=head_start, return_when=asyncio.FIRST_COMPLETED
            )
            for task in sorted(done, key=list(running).index):
                outcomes[running[task]] = task.result()
                del running[task]
                if isinstance(task.result(), GuardedConnection):
                    running |= dict.fromkeys(done - {task}, "")
                    return outcomes
        return outcomes
    finally:
        for task in running:
            task.cancel()
        for late in await asyncio.gather(*running, return_exceptions=True):
            if isinstance(late, GuardedConnection):
                late.close()


async def _open_connection(budget: Budget, route: Route, wait: float) -> _Outcome:
    if not budget.spend_connection():
        return Trouble.OVERBUDGET, budget.spent
    try:
        async with asyncio.timeout(budget.within(wait)):
            loop = asyncio.get_running_loop()
            _, connection = await loop.create_connection(GuardedConnection, route.ip, route.port)
    except OSError as error:
        trouble = failures.trouble(error)
        return budget.classify_timeout(trouble) or trouble, failures.reason(error)
    return connection
