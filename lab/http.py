"""HTTP/1.1 servers of the lab (RFC 9112): one exchange after another, correct or faulty on purpose.

Serves web sites by name, and carries the registry's and the panel's answers too.
"""

from __future__ import annotations

import asyncio
import gzip
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import brotli
import h11

from lab.answer import Answer, Flow
from lab.net import Link, Port, RequestLog, reset

MAX_REQUEST = 65_536
BOMB_SIZE = 50_000_000
IDLE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class LabRequest:
    """One request as a server of the lab received it; `server` is its name."""

    server: str
    scheme: str
    method: str
    host: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def header(self, name: str) -> str:
        """The first value of a header, or ""."""
        return next((v for k, v in self.headers if k == name.lower()), "")


HttpResponder = Callable[[LabRequest], Answer]


class HttpListener(Port):
    """One HTTP port of one machine."""

    def __init__(
        self,
        machine: str,
        respond: HttpResponder,
        link: Link,
        diary: RequestLog[LabRequest],
        *,
        tls: ssl.SSLContext | None = None,
        scheme: str = "",
    ) -> None:
        self.machine = machine
        self.respond = respond
        self.link = link
        self.diary = diary
        self.scheme = scheme or ("https" if tls else "http")
        super().__init__(tls)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault = self.link.switches.of(self.machine)
        if fault == "down":
            reset(writer)
            return
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_REQUEST)
        while True:
            received = await _request(connection, reader)
            if received is None:
                if connection.their_state is h11.ERROR:  # as servers answer a TLS hello
                    writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
                    await writer.drain()
                return
            request = self._recorded(received)
            self.diary.append(request)
            answer = self._answer_for(request)
            await asyncio.sleep((answer.wait + self.link.wait(self.machine)).total_seconds())
            if not await _send(connection, writer, answer, request):
                return
            if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                return
            connection.start_next_cycle()

    def _recorded(self, received: h11.Request) -> LabRequest:
        headers = tuple((k.decode(), v.decode("latin-1")) for k, v in received.headers)
        host = next((v for k, v in headers if k == "host"), "")
        return LabRequest(
            self.machine,
            self.scheme,
            received.method.decode(),
            re.sub(r":\d+$", "", host).lower(),
            received.target.decode("latin-1"),
            headers,
        )

    def _answer_for(self, request: LabRequest) -> Answer:
        fault = self.link.switches.of(self.machine)
        if fault == "hang":
            return Answer(flow=Flow.HANG)
        if fault == "error":
            return Answer(status=503, body="Service Unavailable")
        return self.respond(request)


async def _request(connection: h11.Connection, reader: asyncio.StreamReader) -> h11.Request | None:
    """The next whole request; None when the client is done or speaks something else."""
    received: h11.Request | None = None
    while True:
        try:
            event = connection.next_event()
        except h11.RemoteProtocolError:
            return None
        if event is h11.NEED_DATA:
            data = await asyncio.wait_for(reader.read(MAX_REQUEST), IDLE.total_seconds())
            connection.receive_data(data)
        elif isinstance(event, h11.Request):
            received = event
        elif isinstance(event, h11.EndOfMessage):
            return received
        elif isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED:
            return None


async def _send(
    connection: h11.Connection, writer: asyncio.StreamWriter, answer: Answer, request: LabRequest
) -> bool:
    """Send one answer; False when the connection cannot go on."""
    send_hostile = POISONS.get(answer.flow)
    if send_hostile is not None:
        await send_hostile(writer, answer)
        return False
    body, encoding = _body(answer)
    headers = [(k, _fill_location(v, request) if k == "Location" else v) for k, v in answer.headers]
    headers += [("Content-Length", str(len(body))), ("Server", "lab")]
    if encoding:
        headers.append(("Content-Encoding", encoding))
    head = h11.Response(status_code=answer.status, headers=headers, reason=b"")
    writer.write(connection.send(head) or b"")
    if request.method != "HEAD":
        writer.write(connection.send(h11.Data(data=body)) or b"")
    writer.write(connection.send(h11.EndOfMessage()) or b"")
    await writer.drain()
    return True


def _body(answer: Answer) -> tuple[bytes, str]:
    if answer.flow is Flow.GZIP_BOMB:
        return _gzip_bomb(), "gzip"
    if answer.flow is Flow.BROTLI_BOMB:
        return _brotli_bomb(), "br"
    return answer.body.encode(), ""


@cache
def _gzip_bomb() -> bytes:
    return gzip.compress(bytes(BOMB_SIZE), 1)


@cache
def _brotli_bomb() -> bytes:
    bomb: bytes = brotli.compress(bytes(BOMB_SIZE), quality=1)
    return bomb


def _fill_location(location: str, request: LabRequest) -> str:
    """A Location with the request's own parts put in."""
    number = re.search(r"(\d+)/?$", request.path)
    following = str(int(number.group(1)) + 1) if number else "1"
    return (
        location.replace("{scheme}", request.scheme)
        .replace("{host}", request.host)
        .replace("{path}", request.target)
        .replace("{next}", following)
    )


async def _endless(writer: asyncio.StreamWriter, answer: Answer) -> None:
    await _pour(writer, answer, _forever(b"<p>and on</p>\n" * 1000, 0.005))


async def _trickle(writer: asyncio.StreamWriter, answer: Answer) -> None:
    await _pour(writer, answer, _forever(b"x", 0.2))


async def _pour(writer: asyncio.StreamWriter, answer: Answer, chunks: AsyncIterator[bytes]) -> None:
    writer.write(f"HTTP/1.1 {answer.status} OK\r\nContent-Type: text/html\r\n".encode())
    writer.write(b"Connection: close\r\n\r\n")
    async for chunk in chunks:
        writer.write(chunk)
        await writer.drain()


async def _forever(chunk: bytes, pause: float) -> AsyncIterator[bytes]:
    while True:
        yield chunk
        await asyncio.sleep(pause)


async def _hang(_: asyncio.StreamWriter, __: Answer) -> None:
    await asyncio.sleep(3600)


async def _reset(writer: asyncio.StreamWriter, _: Answer) -> None:
    reset(writer)


async def _garbage(writer: asyncio.StreamWriter, _: Answer) -> None:
    writer.write(b"\x00\xff\xfeSSH-2.0-not-http\r\n\r\n\x00\x01")
    await writer.drain()


async def _cut(writer: asyncio.StreamWriter, answer: Answer) -> None:
    writer.write(f"HTTP/1.1 {answer.status} OK\r\nContent-Length: 5000\r\n\r\n<html>".encode())
    await writer.drain()


async def _huge_header(writer: asyncio.StreamWriter, answer: Answer) -> None:
    writer.write(f"HTTP/1.1 {answer.status} OK\r\nX-Long: ".encode() + b"a" * 1_000_000)
    writer.write(b"\r\nContent-Length: 2\r\n\r\nok")
    await writer.drain()


POISONS: dict[Flow, Callable[[asyncio.StreamWriter, Answer], Awaitable[None]]] = {
    Flow.ENDLESS: _endless,
    Flow.TRICKLE: _trickle,
    Flow.HANG: _hang,
    Flow.RESET: _reset,
    Flow.GARBAGE: _garbage,
    Flow.CUT: _cut,
    Flow.HUGE_HEADER: _huge_header,
}
