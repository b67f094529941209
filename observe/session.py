"""The only maker of requests.Session: for blocking code that talks to a web service.

Each connection goes to an address the guard has vetted (or to the one service the operator named);
redirects are never followed by themselves; body and total time are capped.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import cast

import dns.exception
import dns.resolver
import requests
import requests.utils
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.exceptions import NewConnectionError as NoConnection
from urllib3.poolmanager import PoolManager
from urllib3.response import BaseHTTPResponse

from observe.guard import Guard, Route, is_web_port
from observe.network import Network, endpoint
from standards.dns_types import Trouble
from standards.urls import BadUrl, Url, parse_url

CONNECT_WAIT = 5.0
TOTAL_WAIT = 20.0
MAX_BODY = 5_000_000
SHIPPED_ROOTS = requests.utils.DEFAULT_CA_BUNDLE_PATH  # the trust roots that come with requests


class Forbidden(requests.exceptions.InvalidURL):
    """The session may not go to this address."""


class TooLong(requests.exceptions.ContentDecodingError):
    """The answer is larger than we take."""


class TooSlow(requests.exceptions.ReadTimeout):
    """The whole exchange took longer than allowed."""


class PinnedSession(requests.Session):
    """A session whose every request is bounded and goes where the guard agrees.

    With `exactly`, only to that service: same scheme, host and port, and below its path.
    """

    def __init__(self, net: Network, exactly: str, *, seconds: float, max_body: int) -> None:
        super().__init__()
        self._only = parse_url(exactly) if exactly else None
        self._seconds = seconds
        self.trust_env = False
        self.max_redirects = 0
        if net.ca_bundle:
            self.verify = net.ca_bundle
        adapter = _Adapter(_Door(net, operator=bool(exactly)), max_body)
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Never: whoever wants to follow does so by hand, through this session again."""
        del resp
        return None

    def send(self, request: requests.PreparedRequest, **kwargs: object) -> requests.Response:
        """Send one request. Raises requests.RequestException, Forbidden among them."""
        self._permit(request.url or "")
        kwargs["timeout"] = kwargs.get("timeout") or self._seconds
        kwargs["stream"] = True
        kwargs["allow_redirects"] = False
        return super().send(request, **kwargs)  # type: ignore[arg-type] # requests' own keywords

    def _permit(self, text: str) -> None:
        try:
            url = parse_url(text)
        except BadUrl as wrong:
            raise Forbidden(str(wrong)) from wrong
        if self._only is None:
            if not is_web_port(url.port):
                raise Forbidden("not a port for web pages")
        elif not _below(url, self._only):
            raise Forbidden("this session may only talk to the configured service")


def session(
    net: Network, *, exactly: str = "", seconds: float = TOTAL_WAIT, max_body: int = MAX_BODY
) -> PinnedSession:
    """A new session: for strangers' addresses, or for `exactly` one operator's service.

    `seconds` bounds each whole exchange, `max_body` its decoded body. Raises urls.BadUrl when
    `exactly` is no web address.
    """
    return PinnedSession(net, exactly, seconds=seconds, max_body=max_body)


@dataclass(frozen=True, slots=True)
class Service:
    """One JSON service that the operator named, for callers who want no exceptions."""

    net: Network
    base_url: str

    def call(self, method: str, path: str, token: str, body: bytes = b"") -> tuple[int, bytes, str]:
        """(status, answer, ""), or (0, b"", why) when it could not be asked. Blocks."""
        headers = {"Authorization": f"Bearer {token}"}
        if body:
            headers["Content-Type"] = "application/json"
        try:
            with session(self.net, exactly=self.base_url) as opened:
                url = self.base_url.rstrip("/") + path
                answer = opened.request(method, url, data=body or None, headers=headers)
                return answer.status_code, answer.content, ""
        except requests.RequestException as error:
            return 0, b"", type(error).__name__


def _below(url: Url, base: Url) -> bool:
    same = (url.scheme, url.host, url.port) == (base.scheme, base.host, base.port)
    return same and url.target.startswith(base.target.rstrip("/")) and "/.." not in url.target


class _Door:
    """Finds the address for a connection: resolves once, judges, maps."""

    def __init__(self, net: Network, *, operator: bool) -> None:
        self._net = net
        self._operator = operator

    def route(self, host: str, port: int) -> Route:
        """Raises OSError when there is no address we may dial."""
        guard = Guard(self._net)
        if self._operator:
            mapped = guard.operator(host, port, host)
            if mapped.ip != host:
                return mapped
        refused: Trouble | None = None
        for address in self._addresses(host):
            if self._operator:
                return guard.operator(address, port, host)
            route = guard.route(address, port, host)
            if isinstance(route, Route):
                return route
            refused = route
        raise OSError(f"{host}: {refused or 'no address'}")

    def _addresses(self, host: str) -> list[str]:
        with suppress(ValueError):
            return [str(ipaddress.ip_address(host.strip("[]")))]
        if host == "localhost":
            return ["127.0.0.1"]
        if self._net.resolvers:
            return list(self._asked(host))
        if self._net.closed:
            return []
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return [str(entry[4][0]) for entry in found]

    def _asked(self, host: str) -> Iterator[str]:
        resolver = dns.resolver.Resolver(configure=False)
        resolver.lifetime = CONNECT_WAIT
        resolver.nameservers = [
            dns.nameserver.Do53Nameserver(*endpoint(text, 53)) for text in self._net.resolvers
        ]
        for kind in ("A", "AAAA"):
            with suppress(dns.exception.DNSException):
                yield from (str(record) for record in resolver.resolve(host, kind, search=False))


class _Deadline:
    """Cuts the connections of one exchange when its time is over, whatever they are doing."""

    def __init__(self) -> None:
        self._mine = threading.local()

    @contextmanager
    def within(self, seconds: float) -> Iterator[float]:
        """Run an exchange; yields the moment (monotonic) it must end."""
        until = time.monotonic() + seconds
        sockets: list[socket.socket] = []
        self._mine.sockets = sockets
        timer = threading.Timer(seconds, _cut, (sockets,))
        timer.daemon = True
        timer.start()
        try:
            yield until
        finally:
            timer.cancel()
            self._mine.sockets = None
            for copy in sockets:
                copy.close()

    def watch(self, sock: socket.socket) -> None:
        """Remember a connection by a copy of its descriptor, which TLS does not take away."""
        sockets = getattr(self._mine, "sockets", None)
        if sockets is not None:
            sockets.append(sock.dup())


def _cut(sockets: list[socket.socket]) -> None:
    for copy in list(sockets):
        with suppress(OSError):
            copy.shutdown(socket.SHUT_RDWR)


class _Adapter(HTTPAdapter):
    """requests' transport, with connections opened by the door and bodies read by us."""

    def __init__(self, door: _Door, max_body: int) -> None:
        self._door = door
        self._deadline = _Deadline()
        self._max_body = max_body
        super().__init__(max_retries=0)

    def init_poolmanager(
        self,
        connections: int,
        maxsize: int,
        block: bool = False,  # noqa: FBT001, FBT002 - requests' own signature
        **kwargs: object,
    ) -> None:
        manager = PoolManager(num_pools=connections, maxsize=1, block=block)
        manager.pool_classes_by_scheme = _pools(self._door, self._deadline)
        self.poolmanager = manager
        del maxsize, kwargs

    def send(self, request: requests.PreparedRequest, **kwargs: object) -> requests.Response:  # type: ignore[override] # keywords pass through
        seconds = float(cast("float", kwargs["timeout"]))
        kwargs["timeout"] = (min(CONNECT_WAIT, seconds), seconds)
        request.headers["Connection"] = "close"
        request.headers["Accept-Encoding"] = "gzip, deflate"
        with self._deadline.within(seconds) as until:
            try:
                response = super().send(request, **kwargs)  # type: ignore[arg-type] # as above
                response._content = self._body(response.raw, until)  # noqa: SLF001 - read under our own bounds
                response._content_consumed = True  # type: ignore[attr-defined]  # noqa: SLF001
            except (requests.RequestException, HTTPError, OSError) as error:
                if time.monotonic() >= until:
                    raise TooSlow("the exchange took too long", request=request) from error
                if isinstance(error, requests.RequestException):
                    raise
                raise requests.ConnectionError(str(error), request=request) from error
            return response

    def _body(self, raw: BaseHTTPResponse, until: float) -> bytes:
        body = bytearray()
        try:
            while chunk := raw.read1(16384, decode_content=True):
                body += chunk
                if len(body) > self._max_body:
                    raise TooLong("the answer is too large")
                if time.monotonic() >= until:
                    raise TooSlow("the exchange took too long")
        finally:
            raw.close()
        if time.monotonic() >= until:  # cut off: what came may be a part
            raise TooSlow("the exchange took too long")
        return bytes(body)


def _pools(door: _Door, deadline: _Deadline) -> dict[str, type]:
    """Pools whose connections ask the door where to go. TLS still verifies the name asked for."""

    def opened(connection: HTTPConnection) -> socket.socket:
        wait = connection.timeout if isinstance(connection.timeout, int | float) else CONNECT_WAIT
        try:
            route = door.route(connection.host, int(connection.port or 80))
            sock = socket.create_connection((route.ip, route.port), timeout=wait)
        except OSError as error:
            raise NoConnection(connection, f"cannot connect: {error}") from error
        deadline.watch(sock)
        return sock

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return opened(self)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return opened(self)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
