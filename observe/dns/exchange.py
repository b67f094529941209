"""One DNS exchange with a server over UDP, and over TCP when needed. Owns those sockets.

Datagrams that do not match the query are ignored; a malformed matching one is PROTOCOL trouble.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from dataclasses import dataclass, replace
from datetime import timedelta

from observe import failures
from observe.dns import wire
from observe.guard import Route
from observe.reading_threads import in_reading_thread
from standards.dns_types import Trouble

LATE_READ_SECONDS = 0.05  # to read what has arrived while our own loop was busy
SHORT_ANSWER = 1500  # bytes
MAX_UNMATCHED = 64  # datagrams that are not our answer, before we stop listening
TCP_TIMEOUT = 2.0
FIRST_TRY_SHARE = 0.45  # of the wait goes to the first try


@dataclass(frozen=True, slots=True)
class WireQuestion:
    name: str
    type: str
    dnssec: bool = False
    recurse: bool = False
    tries: int = 2
    stream: bool = False  # over TCP from the start


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """The outcome of an exchange; `message` is None exactly when there is trouble."""

    message: wire.DnsMessage | None = None
    transport: str = "udp"
    size: int = 0
    trouble: Trouble | None = None
    detail: str = ""


EDNS_UNSUPPORTED = "answers only without EDNS"
MALFORMED = WireAnswer(trouble=Trouble.PROTOCOL, detail="malformed answer")


def duration(start: float, end: float) -> timedelta:
    return timedelta(seconds=max(0.0, end - start))


class _DatagramSocket(asyncio.DatagramProtocol):
    """Datagrams and errors of one connected socket, in order."""

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[bytes | OSError] = asyncio.Queue(maxsize=MAX_UNMATCHED)

    def datagram_received(self, data: bytes, addr: object) -> None:
        del addr  # the socket is connected: the kernel passes only this peer's datagrams
        self._put(data)

    def error_received(self, exc: Exception) -> None:
        self._put(exc if isinstance(exc, OSError) else OSError(str(exc)))

    def _put(self, item: bytes | OSError) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self.inbox.put_nowait(item)


async def exchange(route: Route, question: WireQuestion, wait: float) -> WireAnswer:
    """Send a query; wait at most `wait` seconds for UDP, and TCP_TIMEOUT for a retry by TCP."""
    try:
        if question.stream:
            return await _exchange_tcp(route, question, wait)
        answer = await _exchange_udp(route, question, wait, edns=True)
        if answer.message is not None and answer.message.rcode in ("FORMERR", "BADVERS"):
            without_edns = await _exchange_udp(route, question, wait, edns=False)
            answer = (
                replace(without_edns, detail=EDNS_UNSUPPORTED)
                if without_edns.message is not None
                else answer
            )
        if answer.detail == "letter case" or _is_truncated(answer):
            return await _exchange_tcp(route, question, min(wait, TCP_TIMEOUT))
    except wire.BadName as error:
        return WireAnswer(
            trouble=Trouble.PROTOCOL, detail=f"not a name DNS can carry: {error}"[:200]
        )
    return answer


def _is_truncated(answer: WireAnswer) -> bool:
    return answer.message is not None and "tc" in answer.message.flags


async def _exchange_udp(
    route: Route, question: WireQuestion, wait: float, *, edns: bool
) -> WireAnswer:
    query = wire.build_query(
        question.name,
        question.type,
        dnssec=question.dnssec,
        recurse=question.recurse,
        edns=edns,
    )
    loop = asyncio.get_running_loop()
    try:
        transport, socket = await loop.create_datagram_endpoint(
            _DatagramSocket, remote_addr=(route.ip, route.port)
        )
        resend = loop.call_later(wait * FIRST_TRY_SHARE, transport.sendto, query)
        if question.tries < 2:
            resend.cancel()
        try:
            transport.sendto(query)
            return await _receive(socket, query, wait)
        finally:
            resend.cancel()
            transport.close()
    except OSError as error:  # TimeoutError is one
        return WireAnswer(trouble=failures.trouble(error), detail=failures.reason(error))


async def _receive(socket: _DatagramSocket, query: bytes, wait: float) -> WireAnswer:
    """The answer within `wait` seconds, or one that has arrived while our event loop was busy.
    Raises TimeoutError."""
    try:
        async with asyncio.timeout(wait):
            return await _receive_matching(socket, query)
    except TimeoutError:
        await asyncio.sleep(0)
        if socket.inbox.empty():
            raise
        async with asyncio.timeout(LATE_READ_SECONDS):
            return await _receive_matching(socket, query)


async def _receive_matching(socket: _DatagramSocket, query: bytes) -> WireAnswer:
    """Wait for the matching answer, ignoring up to MAX_UNMATCHED others."""
    for _ in range(MAX_UNMATCHED):
        item = await socket.inbox.get()
        if isinstance(item, OSError):
            raise item
        match = wire.matches(query, item)
        if match is wire.MessageMatch.CASE:
            return WireAnswer(trouble=Trouble.PROTOCOL, detail="letter case")
        if match is wire.MessageMatch.YES:
            message = await decode(item)
            return MALFORMED if message is None else WireAnswer(message, size=len(item))
    return MALFORMED


async def decode(answer: bytes) -> wire.DnsMessage | None:
    """A short answer at once; a long one, which takes a while, beside the event loop."""
    if len(answer) <= SHORT_ANSWER:
        return wire.read_message(answer)
    return await in_reading_thread(wire.read_message, answer)


async def _exchange_tcp(route: Route, question: WireQuestion, wait: float) -> WireAnswer:
    query = wire.build_query(
        question.name, question.type, dnssec=question.dnssec, recurse=question.recurse
    )
    answer = WireAnswer(transport="tcp")
    try:
        async with asyncio.timeout(wait):
            raw = await _exchange_stream(route, query)
    except (OSError, EOFError, TimeoutError) as error:
        return replace(answer, trouble=failures.trouble(error), detail=failures.reason(error))
    is_ours = wire.matches(query, raw) is not wire.MessageMatch.NO
    message = await decode(raw) if is_ours else None
    if message is None:
        return replace(MALFORMED, transport="tcp", size=len(raw))
    return replace(answer, message=message, size=len(raw))


async def _exchange_stream(route: Route, query: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(route.ip, route.port, limit=65536)
    try:
        writer.write(struct.pack("!H", len(query)) + query)
        (length,) = struct.unpack("!H", await reader.readexactly(2))
        return await reader.readexactly(length)
    finally:
        writer.transport.abort()
