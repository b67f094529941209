"""HTTP client: one request as a fact, and redirect chains with each hop guarded (RFC 9110, 9112).

response.py parses the protocol; bodies, headers and time are limited whatever the server does.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

from facts import Exchange, Handshake, Phases, RedirectChain
from observe import failures
from observe.budget import Budget, OverBudget
from observe.dns.exchange import duration
from observe.guard import is_web_port
from observe.http import content_coding
from observe.http.cookies import CookieJar, cookie_header, store_cookies
from observe.http.response import Malformed, ResponseHead, ResponseReader, build_request
from observe.network import Network
from observe.transport import tls
from observe.transport.dial import DialFailure, OpenConnection, connect
from standards import text, urls
from standards.dns_types import Trouble

USER_AGENT = "Mozilla/5.0 (compatible; Jasno/1; hosting self-check)"
MAX_BODY = 65536
MAX_HOPS = 10
MAX_REASON = 200  # characters after the status that are kept
NO_ADDRESSES: Mapping[str, str] = {}
CONNECT_TIMEOUT = 5.0
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
REDIRECTS = (301, 302, 303, 307, 308)
WITH_CONTENT = ("POST", "PUT", "PATCH")  # they tell a length also of nothing (RFC 9110, 8.6)
AS_GET = (301, 302, 303)  # whatever was sent before (RFC 9110, 15.4)
Headers = Sequence[tuple[str, str]]
# What may be told to every server that a redirect names; all else stays with the first origin.
PUBLIC_HEADERS = frozenset(
    {"accept", "accept-encoding", "accept-language", "cache-control", "pragma", "user-agent"}
)


async def fetch(
    net: Network,
    budget: Budget,
    url: str,
    *,
    method: str = "GET",
    ip: str = "",
    headers: Headers = (),
    max_body: int = MAX_BODY,
    timeout: float = 10.0,  # noqa: ASYNC109 - the total, which keeps what had arrived
    operator: bool = False,
    body: bytes = b"",
) -> Exchange:
    """One request; redirects are not followed. `timeout` bounds everything after resolving.

    With `ip` that address alone is tried. A certificate nobody trusts does not stop the request:
    it is told in `handshake`. When time runs out in the body, the status and its beginning stay.
    """
    at = net.clock.now()
    try:
        target = urls.parse_url(url)
    except urls.BadUrl as error:
        return Exchange(url, at, method, trouble=Trouble.PROTOCOL, detail=str(error))
    exchange = Exchange(url, at, method, port=target.port)
    if not operator and not is_web_port(target.port):
        return replace(exchange, trouble=Trouble.BLOCKED, detail="not a port for web pages")
    wait = min(timeout, CONNECT_TIMEOUT)
    opened = await connect(
        net, budget, target.host, target.port, ip=ip, operator=operator, timeout=wait
    )
    if isinstance(opened, DialFailure):
        phases = Phases(opened.resolve, opened.connect)
        exchange = replace(exchange, ip=opened.ip, phases=phases)
        return replace(exchange, trouble=opened.trouble, detail=opened.detail)
    conversation = _HttpConversation(
        net, budget, target, opened, request=exchange, max_body=max_body
    )
    try:
        async with asyncio.timeout(budget.within(timeout)):
            await conversation.run(headers, body)
    except (OSError, EOFError, ValueError, OverBudget) as error:
        conversation.fail(failures.trouble(error), failures.reason(error))
    finally:
        opened.connection.close()
    return conversation.to_exchange()


class _HttpConversation:
    """One request on one connection, and its outcome so far."""

    def __init__(
        self,
        net: Network,
        budget: Budget,
        target: urls.Url,
        opened: OpenConnection,
        *,
        request: Exchange,
        max_body: int,
    ) -> None:
        self._net = net
        self._budget = budget
        self._target = target
        self._opened = opened
        self._connection = opened.connection
        self._request = request
        self._max_body = max_body
        self._phase_start = net.clock.monotonic()
        self._durations: dict[str, timedelta] = {}
        self._head: ResponseHead | None = None
        self._headers: tuple[tuple[str, str], ...] = ()
        self._body = bytearray()
        self._truncated = False
        self._handshake: Handshake | None = None
        self._trouble: Trouble | None = None
        self._detail = ""

    def to_exchange(self) -> Exchange:
        """The exchange with its phases and the body read so far."""
        request, read_body = self._request, bytes(self._body[: self._max_body])
        return Exchange(
            request.url,
            request.at,
            request.method,
            self._opened.ip,
            request.port,
            status=self._head.status if self._head else 0,
            reason=text.decode_undeclared(self._head.reason)[:MAX_REASON] if self._head else "",
            headers=self._headers,
            excerpt=text.decode_page(read_body, self._header("content-type")) if read_body else "",
            body_bytes=len(read_body),
            truncated=self._truncated,
            phases=Phases(self._opened.resolve, self._opened.connect, **self._durations),
            handshake=self._handshake,
            trouble=self._trouble,
            detail=self._detail,
            passed_over=self._opened.passed_over,
        )

    async def run(self, headers: Headers, body: bytes) -> None:
        if self._target.scheme == "https" and not await self._secure():
            return
        method = self._request.method
        await self._connection.write(_request_bytes(method, self._target, tuple(headers), body))
        reader = ResponseReader(method)
        await self._read(reader)
        self._end_phase("body")

    def fail(self, trouble: Trouble, detail: str) -> None:
        """Record a failure; what has arrived is kept."""
        if self._head is not None:
            self._end_phase("body")
        self._trouble, self._detail = self._budget.classify_timeout(trouble), detail
        self._truncated = bool(self._body)

    async def _secure(self) -> bool:
        handshake = await tls.start_tls(
            self._net,
            self._budget,
            self._connection,
            host=self._target.host,
            ip=self._opened.ip,
            port=self._target.port,
            wait=CONNECT_TIMEOUT,
        )
        self._end_phase("tls")
        self._handshake = handshake
        self._trouble, self._detail = handshake.trouble, handshake.detail
        return handshake.trouble is None

    async def _read(self, reader: ResponseReader) -> None:
        decoder: content_coding.Inflater | None = None
        encoded_bytes = 0
        while not reader.done:
            received = await self._connection.read()
            if not self._budget.spend_bytes(len(received)):
                raise OverBudget
            chunk = reader.feed(received)
            if decoder is None and reader.head is not None:
                decoder = content_coding.Inflater(self._take_head(reader.head))
            if decoder is not None and chunk:
                encoded_bytes += len(chunk)
                self._body += decoder.feed(chunk, self._max_body - len(self._body) + 1)
                if decoder.fault:
                    raise Malformed(decoder.fault)
                if len(self._body) > self._max_body or encoded_bytes > 4 * self._max_body:
                    self._truncated = True
                    return
        if reader.fault is not None:
            raise reader.fault
        if decoder is not None and decoder.finish():
            raise Malformed(decoder.fault)

    def _take_head(self, head: ResponseHead) -> str:
        """Keep the head; returns the content coding of the body."""
        self._end_phase("first_byte")
        self._head = head
        self._headers = tuple((k.decode(), _header_text(k, v)) for k, v in head.fields)
        return self._header("content-encoding")

    def _header(self, name: str) -> str:
        return next((v for k, v in self._headers if k == name), "")

    def _end_phase(self, name: str) -> None:
        now = self._net.clock.monotonic()
        self._durations[name] = duration(self._phase_start, now)
        self._phase_start = now


def _header_text(name: bytes, value: bytes) -> str:
    """A header's value. In an address bytes that are no UTF-8 are escaped, as browsers, curl and
    Go do, so that the same bytes are asked for."""
    if name == b"location" and not _is_utf8(value):
        value = _NOT_ASCII.sub(lambda m: b"%%%02X" % m[0][0], value)
    return text.decode_undeclared(value)


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@lru_cache(maxsize=1024)
def _request_bytes(
    method: str, target: urls.Url, headers: tuple[tuple[str, str], ...], body: bytes
) -> bytes:
    default_headers = {
        "host": target.authority,
        "user-agent": USER_AGENT,
        "accept": "text/html,application/xhtml+xml,*/*;q=0.8",
        "accept-encoding": "gzip, deflate, br",
        "connection": "close",
    }
    if body or method in WITH_CONTENT:
        default_headers["content-length"] = str(len(body))
    default_headers.update((name.lower(), value) for name, value in headers)
    return build_request(method, target.target, tuple(default_headers.items()), body)


async def follow_redirects(
    net: Network,
    budget: Budget,
    url: str,
    *,
    max_hops: int = MAX_HOPS,
    ip: str = "",
    headers: Headers = (),
    max_body: int = MAX_BODY,
    timeout: float = 10.0,  # noqa: ASYNC109 - of each hop; the budget bounds the walk
    operator: bool = False,
    known_addresses: Mapping[str, str] = NO_ADDRESSES,
    method: str = "GET",
    body: bytes = b"",
    jar: CookieJar | None = None,
) -> RedirectChain:
    """Follow redirects. Each hop is resolved and guarded anew; `ip` is for the first host only,
    `known_addresses` maps further hosts to the address to use.

    Cookies of a host go back to it within the walk, so a page that sets one and sends the visitor
    to itself is no loop; the same request a second time is. Once the walk leaves the first origin
    (scheme, host and port), only PUBLIC_HEADERS are sent, also when it comes back. What is sent with
    another method becomes a GET at 301, 302 and 303; a body that 307 or 308 would take to another
    origin is not sent. `jar` holds the cookies of walks before, and is left with those of this one.
    """
    hops: list[Exchange] = []
    jar = {} if jar is None else jar
    requested: set[tuple[str, str, str]] = set()
    first_host, location = _normalise(url)
    first_origin = origin(location)
    while len(hops) <= max_hops:
        host, location = _normalise(location)
        if origin(location) != first_origin:
            headers = tuple(h for h in headers if h[0].lower() in PUBLIC_HEADERS)
        is_secure = location.startswith("https:")
        cookies = cookie_header(jar, host, headers, is_secure=is_secure)
        if (method, location, cookies) in requested:
            return RedirectChain(url, tuple(hops), "loop")
        requested.add((method, location, cookies))
        exchange = await fetch(
            net,
            budget,
            location,
            ip=ip if host == first_host and ip else known_addresses.get(host, ""),
            method=method,
            headers=(*headers, ("cookie", cookies)) if cookies else headers,
            body=body,
            max_body=max_body,
            timeout=timeout,
            operator=operator and host == first_host,
        )
        hops.append(exchange)
        store_cookies(jar, host, exchange)
        outcome, location, (method, body) = _next_request(
            exchange, location, (method, body), first_origin
        )
        if outcome:
            return RedirectChain(url, tuple(hops), outcome)
    return RedirectChain(url, tuple(hops), "too_many")


def _next_request(
    exchange: Exchange, location: str, request: tuple[str, bytes], first_origin: str
) -> tuple[str, str, tuple[str, bytes]]:
    """How a walk ends ("" when it goes on), and else where it leads and what is sent there."""
    if exchange.status not in REDIRECTS or not exchange.header("location"):
        arrived = exchange.trouble is None or bool(exchange.status)
        return "arrived" if arrived else "trouble", location, request
    try:
        location = str(urls.resolve_location(urls.parse_url(location), exchange.header("location")))
    except urls.BadUrl:
        return "bad_target", location, request
    if exchange.status in AS_GET and request[0] != "HEAD":
        request = "GET", b""
    leaves = bool(request[1]) and origin(location) != first_origin
    return "elsewhere" if leaves else "", location, request


def _normalise(url: str) -> tuple[str, str]:
    """The host and the normalised URL; "" and the text as it is when it cannot be parsed."""
    try:
        parsed = urls.parse_url(url)
    except urls.BadUrl:
        return "", url
    return parsed.host, str(parsed)


def origin(url: str) -> str:
    """Scheme, host and port of a normalised URL."""
    return "/".join(url.split("/", 3)[:3])
