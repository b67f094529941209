"""One DNS exchange with one server over UDP, then TCP when it must be. Owns those sockets only.

Answers that do not match the question are not ours and are passed over; a malformed one is told.
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
from standards.dns_types import Trouble

GRACE = 0.05  # to read what has arrived while our own loop was busy
MAX_STRANGERS = 64  # datagrams that are not our answer, before we stop listening
TCP_WAIT = 2.0
FIRST_SHARE = 0.45  # of the wait goes to the first try


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
    """What came back; `told` is None exactly when there is trouble."""

    told: wire.DnsMessage | None = None
    transport: str = "udp"
    size: int = 0
    trouble: Trouble | None = None
    detail: str = ""


NO_EDNS = "answers only without EDNS"
MALFORMED = WireAnswer(trouble=Trouble.PROTOCOL, detail="malformed answer")


def duration(start: float, end: float) -> timedelta:
    return timedelta(seconds=max(0.0, end - start))


class _Socket(asyncio.DatagramProtocol):
    """Datagrams and errors of one connected socket, in order."""

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[bytes | OSError] = asyncio.Queue(maxsize=MAX_STRANGERS)

    def datagram_received(self, data: bytes, addr: object) -> None:
        del addr  # the socket is connected: the kernel passes only this peer's datagrams
        self._put(data)

    def error_received(self, exc: Exception) -> None:
        self._put(exc if isinstance(exc, OSError) else OSError(str(exc)))

    def _put(self, item: bytes | OSError) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self.inbox.put_nowait(item)


async def exchange(route: Route, question: WireQuestion, wait: float) -> WireAnswer:
    """Put a question and wait at most `wait` seconds for UDP, and TCP_WAIT for a TCP retry."""
    try:
        if question.stream:
            return await _tcp(route, question, wait)
        answer = await _udp(route, question, wait, edns=True)
        if answer.told is not None and answer.told.rcode in ("FORMERR", "BADVERS"):
            plain = await _udp(route, question, wait, edns=False)
            answer = replace(plain, detail=NO_EDNS) if plain.told is not None else answer
        if answer.detail == "letter case" or _truncated(answer):
            return await _tcp(route, question, min(wait, TCP_WAIT))
    except wire.BadName as wrong:
        return WireAnswer(
            trouble=Trouble.PROTOCOL, detail=f"not a name DNS can carry: {wrong}"[:200]
        )
    return answer


def _truncated(answer: WireAnswer) -> bool:
    return answer.told is not None and "tc" in answer.told.flags


async def _udp(route: Route, question: WireQuestion, wait: float, *, edns: bool) -> WireAnswer:
    query = wire.question(
        question.name,
        question.type,
        dnssec=question.dnssec,
        recurse=question.recurse,
        edns=edns,
    )
    loop = asyncio.get_running_loop()
    try:
        transport, socket = await loop.create_datagram_endpoint(
            _Socket, remote_addr=(route.ip, route.port)
        )
        again = loop.call_later(wait * FIRST_SHARE, transport.sendto, query)
        if question.tries < 2:
            again.cancel()
        try:
            transport.sendto(query)
            return await _heard(socket, query, wait)
        finally:
            again.cancel()
            transport.close()
    except OSError as error:  # TimeoutError is one
        return WireAnswer(trouble=failures.trouble(error), detail=failures.reason(error))


async def _heard(socket: _Socket, query: bytes, wait: float) -> WireAnswer:
    """The answer within `wait`, or one that lies ready when a busy loop gets round to looking:
    our own lateness is not a server's silence. Raises TimeoutError."""
    try:
        async with asyncio.timeout(wait):
            return await _listen(socket, query)
    except TimeoutError:
        await asyncio.sleep(0)
        if socket.inbox.empty():
            raise
        async with asyncio.timeout(GRACE):
            return await _listen(socket, query)


async def _listen(socket: _Socket, query: bytes) -> WireAnswer:
    """Wait for the answer to our question, passing over what is not."""
    for _ in range(MAX_STRANGERS):
        item = await socket.inbox.get()
        if isinstance(item, OSError):
            raise item
        match = wire.matches(query, item)
        if match is wire.MessageMatch.CASE:
            return WireAnswer(trouble=Trouble.PROTOCOL, detail="letter case")
        if match is wire.MessageMatch.YES:
            told = wire.read(item)
            return MALFORMED if told is None else WireAnswer(told, size=len(item))
    return MALFORMED


async def _tcp(route: Route, question: WireQuestion, wait: float) -> WireAnswer:
    query = wire.question(
        question.name, question.type, dnssec=question.dnssec, recurse=question.recurse
    )
    answer = WireAnswer(transport="tcp")
    try:
        async with asyncio.timeout(wait):
            raw = await _stream(route, query)
    except (OSError, EOFError, TimeoutError) as error:
        return replace(answer, trouble=failures.trouble(error), detail=failures.reason(error))
    told = None if wire.matches(query, raw) is wire.MessageMatch.NO else wire.read(raw)
    if told is None:
        return replace(MALFORMED, transport="tcp", size=len(raw))
    return replace(answer, told=told, size=len(raw))


async def _stream(route: Route, query: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(route.ip, route.port, limit=65536)
    try:
        writer.write(struct.pack("!H", len(query)) + query)
        (length,) = struct.unpack("!H", await reader.readexactly(2))
        return await reader.readexactly(length)
    finally:
        writer.transport.abort()
