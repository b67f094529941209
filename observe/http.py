"""One HTTP request as a fact, and the walk along redirects, each hop vetted anew (RFC 9110, 9112).

h11 speaks the protocol; bodies, headers and time are bounded whatever the server does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from http.cookies import CookieError, SimpleCookie

import h11

from facts import Chain, Exchange, Phases, Trouble
from observe import failures, inflate, texts, tls, urls
from observe.budget import Budget, OverBudget
from observe.datagram import duration
from observe.dial import Connection, Failure, Opened, connect
from observe.guard import is_web_port
from observe.network import Network

AGENT = "Mozilla/5.0 (compatible; Jasno/1; hosting self-check)"
MAX_BODY = 65536
MAX_HOPS = 10
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
    seen = Exchange(url, net.clock.now(), method)
    try:
        target = urls.parse(url)
    except urls.BadUrl as wrong:
        return replace(seen, trouble=Trouble.PROTOCOL, detail=str(wrong))
    seen = replace(seen, port=target.port)
    if not operator and not is_web_port(target.port):
        return replace(seen, trouble=Trouble.BLOCKED, detail="not a port for web pages")
    wait = min(timeout, CONNECT_WAIT)
    opened = await connect(
        net, budget, target.host, target.port, ip=ip, operator=operator, timeout=wait
    )
    if isinstance(opened, Failure):
        phases = Phases(opened.resolve, opened.connect)
        seen = replace(seen, ip=opened.ip, phases=phases)
        return replace(seen, trouble=opened.trouble, detail=opened.detail)
    talk = _Talk(net, budget, target, opened, seen=seen, max_body=max_body)
    try:
        async with asyncio.timeout(budget.within(timeout)):
            await talk.run(method, headers, body)
    except (OSError, EOFError, h11.ProtocolError, ValueError, OverBudget) as error:
        talk.fail(failures.trouble(error), failures.reason(error))
    finally:
        opened.connection.close()
    return talk.told()


class _Talk:
    """One request on one connection; `seen` is the fact as far as it got."""

    def __init__(
        self,
        net: Network,
        budget: Budget,
        target: urls.Url,
        opened: Opened,
        *,
        seen: Exchange,
        max_body: int,
    ) -> None:
        self._net = net
        self._budget = budget
        self._target = target
        self._line: Connection = opened.connection
        self._max_body = max_body
        self._began = net.clock.monotonic()
        self._mark = self._began
        self._body = bytearray()
        self._spent = {"resolve": opened.resolve, "connect": opened.connect}
        self.seen = replace(seen, ip=opened.ip)

    def told(self) -> Exchange:
        """The fact with its phases, and with the body read so far."""
        phases = Phases(**self._spent)
        if not self.seen.status:
            return replace(self.seen, phases=phases)
        kept = bytes(self._body[: self._max_body])
        text = texts.decoded(kept, _charset(self.seen.header("content-type")))
        return replace(self.seen, phases=phases, excerpt=text, body_bytes=len(kept))

    async def run(self, method: str, headers: Headers, body: bytes) -> None:
        if self._target.scheme == "https" and not await self._secure():
            return
        speaker = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_BODY)
        await self._send(speaker, method, headers, body)
        response = await self._head(speaker)
        self._phase("first_byte")
        self._note(response)
        if method != "HEAD" and response.status_code not in (204, 304):
            await self._read_body(speaker)
        self._finish()

    def fail(self, trouble: Trouble, detail: str) -> None:
        """The talk broke off: keep what had arrived."""
        self._finish()
        blamed = self._budget.blame(trouble)
        self.seen = replace(self.seen, trouble=blamed, detail=detail, truncated=bool(self._body))

    async def _secure(self) -> bool:
        shaken = await tls.secure(
            self._net,
            self._budget,
            self._line,
            host=self._target.host,
            ip=self.seen.ip,
            port=self._target.port,
            wait=CONNECT_WAIT,
        )
        self._phase("tls")
        self.seen = replace(
            self.seen, handshake=shaken, trouble=shaken.trouble, detail=shaken.detail
        )
        return shaken.trouble is None

    async def _send(
        self, speaker: h11.Connection, method: str, headers: Headers, body: bytes
    ) -> None:
        own = {
            "host": self._target.authority,
            "user-agent": AGENT,
            "accept": "text/html,application/xhtml+xml,*/*;q=0.8",
            "accept-encoding": "gzip, deflate, br",
            "connection": "close",
        }
        if body:
            own["content-length"] = str(len(body))
        own.update((name.lower(), value) for name, value in headers)
        request = h11.Request(method=method, target=self._target.target, headers=list(own.items()))
        payload = speaker.send(request) or b""
        if body:
            payload += speaker.send(h11.Data(data=body)) or b""
        await self._line.write(payload + (speaker.send(h11.EndOfMessage()) or b""))

    async def _event(self, speaker: h11.Connection) -> h11.Event | type[h11.NEED_DATA | h11.PAUSED]:
        while True:
            event = speaker.next_event()
            if event is not h11.NEED_DATA:
                return event
            received = await self._line.read()
            if not self._budget.spend_bytes(len(received)):
                raise OverBudget
            if not received and not self.seen.status and not speaker.trailing_data[0]:
                raise EOFError
            speaker.receive_data(received)

    async def _head(self, speaker: h11.Connection) -> h11.Response:
        for _ in range(10):
            event = await self._event(speaker)
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse):
                break
        raise EOFError

    def _note(self, response: h11.Response) -> None:
        fields = tuple((k.decode("latin-1"), texts.either(v)) for k, v in response.headers)
        self.seen = replace(
            self.seen,
            status=response.status_code,
            reason=texts.either(bytes(response.reason))[:200],
            headers=fields,
        )

    async def _read_body(self, speaker: h11.Connection) -> None:
        decoder = inflate.Inflater(self.seen.header("content-encoding"))
        raw = 0
        while isinstance(event := await self._event(speaker), h11.Data):
            raw += len(event.data)
            room = self._max_body - len(self._body)
            self._body += decoder.feed(bytes(event.data), room + 1)
            if len(self._body) > self._max_body or raw > 4 * self._max_body:
                self.seen = replace(self.seen, truncated=True)
                return

    def _phase(self, name: str) -> None:
        now = self._net.clock.monotonic()
        spent = duration(self._mark, now)
        self._mark = now
        self._spent[name] = spent

    def _finish(self) -> None:
        """The body has come, or no more of it will."""
        if self.seen.status:
            self._phase("body")


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
) -> Chain:
    """Walk along redirects. Each hop is resolved and vetted anew; `ip` is for the first host only.

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
            return Chain(url, tuple(hops), "loop")
        seen.add((at, crumbs))
        exchange = await fetch(
            net,
            budget,
            at,
            ip=ip if host == first else "",
            headers=(*headers, ("cookie", crumbs)) if crumbs else headers,
            max_body=max_body,
            timeout=timeout,
            operator=operator and host == first,
        )
        hops.append(exchange)
        if exchange.status not in REDIRECTS or not exchange.header("location"):
            arrived = exchange.trouble is None or bool(exchange.status)
            return Chain(url, tuple(hops), "arrived" if arrived else "trouble")
        try:
            following = urls.join(urls.parse(at), exchange.header("location"))
        except urls.BadUrl:
            return Chain(url, tuple(hops), "bad_target")
        _keep(jar, host, exchange)
        at = str(following)
    return Chain(url, tuple(hops), "too_many")


def _normal(url: str) -> tuple[str, str]:
    """The host and the one way to write an address; as it came when it cannot be read."""
    try:
        parsed = urls.parse(url)
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
