"""One HTTP request as a fact, and the walk along redirects, each hop vetted anew (RFC 9110, 9112).

answer.py speaks the protocol; bodies, headers and time are bounded whatever the server does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie

from facts import Exchange, Handshake, Phases, RedirectChain
from observe import failures
from observe.budget import Budget, OverBudget
from observe.dns.exchange import duration
from observe.guard import is_web_port
from observe.http import content_coding
from observe.http.response import ResponseHead, ResponseReader, question
from observe.network import Network
from observe.transport import tls
from observe.transport.dial import DialFailure, OpenConnection, connect
from standards import text, urls
from standards.dns_types import Trouble

AGENT = "Mozilla/5.0 (compatible; Jasno/1; hosting self-check)"
MAX_BODY = 65536
MAX_HOPS = 10
NOTHING_KNOWN: Mapping[str, str] = {}
MAX_COOKIES = 20
CONNECT_WAIT = 5.0
REDIRECTS = (301, 302, 303, 307, 308)
Headers = Sequence[tuple[str, str]]
Jar = dict[tuple[str, str], str]  # (host or .domain, name) → value


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
    except urls.BadUrl as wrong:
        return Exchange(url, at, method, trouble=Trouble.PROTOCOL, detail=str(wrong))
    seen = Exchange(url, at, method, port=target.port)
    if not operator and not is_web_port(target.port):
        return replace(seen, trouble=Trouble.BLOCKED, detail="not a port for web pages")
    wait = min(timeout, CONNECT_WAIT)
    opened = await connect(
        net, budget, target.host, target.port, ip=ip, operator=operator, timeout=wait
    )
    if isinstance(opened, DialFailure):
        phases = Phases(opened.resolve, opened.connect)
        seen = replace(seen, ip=opened.ip, phases=phases)
        return replace(seen, trouble=opened.trouble, detail=opened.detail)
    talk = _Talk(net, budget, target, opened, asked=seen, max_body=max_body)
    try:
        async with asyncio.timeout(budget.within(timeout)):
            await talk.run(headers, body)
    except (OSError, EOFError, ValueError, OverBudget) as error:
        talk.fail(failures.trouble(error), failures.reason(error))
    finally:
        opened.connection.close()
    return talk.told()


class _Talk:
    """One request on one connection, and what came of it so far."""

    def __init__(
        self,
        net: Network,
        budget: Budget,
        target: urls.Url,
        opened: OpenConnection,
        *,
        asked: Exchange,
        max_body: int,
    ) -> None:
        self._net = net
        self._budget = budget
        self._target = target
        self._opened = opened
        self._line = opened.connection
        self._asked = asked
        self._max_body = max_body
        self._mark = net.clock.monotonic()
        self._spent: dict[str, timedelta] = {}
        self._head: ResponseHead | None = None
        self._headers: tuple[tuple[str, str], ...] = ()
        self._body = bytearray()
        self._truncated = False
        self._handshake: Handshake | None = None
        self._trouble: Trouble | None = None
        self._detail = ""

    def told(self) -> Exchange:
        """The fact with its phases, and with the body read so far."""
        asked, kept = self._asked, bytes(self._body[: self._max_body])
        return Exchange(
            asked.url,
            asked.at,
            asked.method,
            self._opened.ip,
            asked.port,
            status=self._head.status if self._head else 0,
            reason=text.decode_undeclared(self._head.reason)[:200] if self._head else "",
            headers=self._headers,
            excerpt=text.decode_text(kept, _charset(self._header("content-type"))) if kept else "",
            body_bytes=len(kept),
            truncated=self._truncated,
            phases=Phases(self._opened.resolve, self._opened.connect, **self._spent),
            handshake=self._handshake,
            trouble=self._trouble,
            detail=self._detail,
        )

    async def run(self, headers: Headers, body: bytes) -> None:
        if self._target.scheme == "https" and not await self._secure():
            return
        method = self._asked.method
        await self._line.write(_question(method, self._target, tuple(headers), body))
        answer = ResponseReader(method)
        await self._read(answer)
        self._phase("body")

    def fail(self, trouble: Trouble, detail: str) -> None:
        """The talk broke off: what had arrived is kept."""
        if self._head is not None:
            self._phase("body")
        self._trouble, self._detail = self._budget.blame(trouble), detail
        self._truncated = bool(self._body)

    async def _secure(self) -> bool:
        shaken = await tls.secure(
            self._net,
            self._budget,
            self._line,
            host=self._target.host,
            ip=self._opened.ip,
            port=self._target.port,
            wait=CONNECT_WAIT,
        )
        self._phase("tls")
        self._handshake = shaken
        self._trouble, self._detail = shaken.trouble, shaken.detail
        return shaken.trouble is None

    async def _read(self, answer: ResponseReader) -> None:
        decoder: content_coding.Inflater | None = None
        raw = 0
        while not answer.done:
            received = await self._line.read()
            if not self._budget.spend_bytes(len(received)):
                raise OverBudget
            found = answer.feed(received)
            if decoder is None and answer.head is not None:
                decoder = content_coding.Inflater(self._begun(answer.head))
            if decoder is not None and found:
                raw += len(found)
                self._body += decoder.feed(found, self._max_body - len(self._body) + 1)
                if len(self._body) > self._max_body or raw > 4 * self._max_body:
                    self._truncated = True
                    return
        if answer.fault is not None:
            raise answer.fault

    def _begun(self, head: ResponseHead) -> str:
        """Take the head; answers how the body is coded."""
        self._phase("first_byte")
        self._head = head
        self._headers = tuple((k.decode(), text.decode_undeclared(v)) for k, v in head.fields)
        return self._header("content-encoding")

    def _header(self, name: str) -> str:
        return next((v for k, v in self._headers if k == name), "")

    def _phase(self, name: str) -> None:
        now = self._net.clock.monotonic()
        self._spent[name] = duration(self._mark, now)
        self._mark = now


@lru_cache(maxsize=1024)
def _question(
    method: str, target: urls.Url, headers: tuple[tuple[str, str], ...], body: bytes
) -> bytes:
    own = {
        "host": target.authority,
        "user-agent": AGENT,
        "accept": "text/html,application/xhtml+xml,*/*;q=0.8",
        "accept-encoding": "gzip, deflate, br",
        "connection": "close",
    }
    if body:
        own["content-length"] = str(len(body))
    own.update((name.lower(), value) for name, value in headers)
    return question(method, target.target, tuple(own.items()), body)


def _charset(content_type: str) -> str:
    return content_type.lower().partition("charset=")[2].split(";")[0].strip(" \"'")


async def follow(
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
    known: Mapping[str, str] = NOTHING_KNOWN,
) -> RedirectChain:
    """Walk along redirects. Each hop is resolved and vetted anew; `ip` is for the first host only,
    `known` are addresses of hosts that a walk may come by.

    Cookies of a host go back to it within the walk, so a page that sets one and sends the visitor
    to itself is no loop; the same request a second time is.
    """
    hops: list[Exchange] = []
    jar: Jar = {}
    seen: set[tuple[str, str]] = set()
    first, at = _normal(url)
    while len(hops) <= max_hops:
        host, at = _normal(at)
        crumbs = _crumbs(jar, host)
        if (at, crumbs) in seen:
            return RedirectChain(url, tuple(hops), "loop")
        seen.add((at, crumbs))
        exchange = await fetch(
            net,
            budget,
            at,
            ip=ip if host == first and ip else known.get(host, ""),
            headers=(*headers, ("cookie", crumbs)) if crumbs else headers,
            max_body=max_body,
            timeout=timeout,
            operator=operator and host == first,
        )
        hops.append(exchange)
        if exchange.status not in REDIRECTS or not exchange.header("location"):
            arrived = exchange.trouble is None or bool(exchange.status)
            return RedirectChain(url, tuple(hops), "arrived" if arrived else "trouble")
        try:
            following = urls.resolve_location(urls.parse_url(at), exchange.header("location"))
        except urls.BadUrl:
            return RedirectChain(url, tuple(hops), "bad_target")
        _keep(jar, host, exchange)
        at = str(following)
    return RedirectChain(url, tuple(hops), "too_many")


def _normal(url: str) -> tuple[str, str]:
    """The host and the one way to write an address; as it came when it cannot be read."""
    try:
        parsed = urls.parse_url(url)
    except urls.BadUrl:
        return "", url
    return parsed.host, str(parsed)


def _crumbs(jar: Jar, host: str) -> str:
    sent = {
        name: value
        for (domain, name), value in sorted(jar.items())
        if host == domain or (domain.startswith(".") and f".{host}".endswith(domain))
    }
    return "; ".join(f"{name}={value}" for name, value in sent.items())


def _keep(jar: Jar, host: str, exchange: Exchange) -> None:
    """Remember the cookies of one answer; most attributes do not matter within one walk."""
    for name, value in exchange.headers:
        if name != "set-cookie" or len(jar) >= MAX_COOKIES or len(value) > 4096:
            continue
        try:
            parsed = SimpleCookie(value)
        except CookieError:
            continue
        for key, morsel in parsed.items():
            domain = _domain(str(morsel["domain"]), host)
            if morsel["max-age"] == "0":
                jar.pop((domain, key), None)
            elif morsel.coded_value.isascii() and morsel.coded_value.isprintable():
                jar[(domain, key)] = morsel.coded_value


def _domain(attribute: str, host: str) -> str:
    """Where a cookie goes back to: its own host, or all below a parent that host may name."""
    wider = "." + attribute.strip().strip(".").lower()
    return wider if wider.count(".") > 1 and f".{host}".endswith(wider) else host
