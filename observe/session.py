"""Blocking HTTP sessions (requests) with guarded connections, for clients of web services.

Connects only to addresses the guard permits, or to the one service the operator configured.
Redirects are not followed; body size and total time are limited.
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

CONNECT_TIMEOUT = 5.0
TOTAL_TIMEOUT = 20.0
MAX_BODY = 5_000_000
SHIPPED_ROOTS = requests.utils.DEFAULT_CA_BUNDLE_PATH  # the trust roots that come with requests


class ForbiddenAddress(requests.exceptions.InvalidURL):
    """The address is outside what the session may request."""


class BodyTooLarge(requests.exceptions.ContentDecodingError):
    """The response body exceeds the limit."""


class ExchangeTooSlow(requests.exceptions.ReadTimeout):
    """The exchange exceeded its total time."""


class PinnedSession(requests.Session):
    """A session whose requests are limited and guarded.

    With `base_url`, only to that service: same scheme, host and port, and below its path.
    """

    def __init__(self, net: Network, base_url: str, *, seconds: float, max_body: int) -> None:
        super().__init__()
        self._base = parse_url(base_url) if base_url else None
        self._seconds = seconds
        self.trust_env = False
        self.max_redirects = 0
        if net.ca_bundle:
            self.verify = net.ca_bundle
        adapter = _Adapter(_Dialler(net, operator=bool(base_url)), max_body)
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None: callers follow redirects themselves, through this session."""
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
        except BadUrl as error:
            raise ForbiddenAddress(str(error)) from error
        if self._base is None:
            if not is_web_port(url.port):
                raise ForbiddenAddress("not a port for web pages")
        elif not _is_below(url, self._base):
            raise ForbiddenAddress("this session may only talk to the configured service")


def open_session(
    net: Network, *, base_url: str = "", seconds: float = TOTAL_TIMEOUT, max_body: int = MAX_BODY
) -> PinnedSession:
    """A new session: for foreign addresses, or for the operator's service at `base_url`.

    `seconds` bounds each whole exchange, `max_body` its decoded body in bytes. Raises urls.BadUrl
    when `base_url` is no web address.
    """
    return PinnedSession(net, base_url, seconds=seconds, max_body=max_body)


@dataclass(frozen=True, slots=True)
class JsonService:
    """A client of one JSON service of the operator's; failures are returned, not raised."""

    net: Network
    base_url: str

    def call(self, method: str, path: str, token: str, body: bytes = b"") -> tuple[int, bytes, str]:
        """(status, answer, ""), or (0, b"", why) when it could not be asked. Blocks."""
        headers = {"Authorization": f"Bearer {token}"}
        if body:
            headers["Content-Type"] = "application/json"
        try:
            with open_session(self.net, base_url=self.base_url) as http:
                url = self.base_url.rstrip("/") + path
                answer = http.request(method, url, data=body or None, headers=headers)
                return answer.status_code, answer.content, ""
        except requests.RequestException as error:
            return 0, b"", type(error).__name__


def _is_below(url: Url, base: Url) -> bool:
    same_origin = (url.scheme, url.host, url.port) == (base.scheme, base.host, base.port)
    return (
        same_origin and url.target.startswith(base.target.rstrip("/")) and "/.." not in url.target
    )


class _Dialler:
    """Finds the route for a connection: resolves once, then asks the guard."""

    def __init__(self, net: Network, *, operator: bool) -> None:
        self._net = net
        self._operator = operator

    def route(self, host: str, port: int) -> Route:
        """The route to a host. Raises OSError when no address may be dialled."""
        guard = Guard(self._net)
        if self._operator:
            operator_route = guard.operator_route(host, port, host)
            if operator_route.ip != host:
                return operator_route
        refusal: Trouble | None = None
        for address in self._addresses(host):
            if self._operator:
                return guard.operator_route(address, port, host)
            route = guard.route(address, port, host)
            if isinstance(route, Route):
                return route
            refusal = route
        raise OSError(f"{host}: {refusal or 'no address'}")

    def _addresses(self, host: str) -> list[str]:
        with suppress(ValueError):
            return [str(ipaddress.ip_address(host.strip("[]")))]
        if host == "localhost":
            return ["127.0.0.1"]
        if self._net.resolvers:
            return list(self._resolved(host))
        if self._net.closed:
            return []
        address_info = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return [str(entry[4][0]) for entry in address_info]

    def _resolved(self, host: str) -> Iterator[str]:
        resolver = dns.resolver.Resolver(configure=False)
        resolver.lifetime = CONNECT_TIMEOUT
        resolver.nameservers = [
            dns.nameserver.Do53Nameserver(*endpoint(text, 53)) for text in self._net.resolvers
        ]
        for kind in ("A", "AAAA"):
            with suppress(dns.exception.DNSException):
                yield from (str(record) for record in resolver.resolve(host, kind, search=False))


class _Deadline:
    """Shuts down the connections of an exchange when its total time is over."""

    def __init__(self) -> None:
        self._local = threading.local()

    @contextmanager
    def within(self, seconds: float) -> Iterator[float]:
        """Run an exchange; yields the moment (monotonic) it must end."""
        until = time.monotonic() + seconds
        sockets: list[socket.socket] = []
        self._local.sockets = sockets
        timer = threading.Timer(seconds, _shut_down, (sockets,))
        timer.daemon = True
        timer.start()
        try:
            yield until
        finally:
            timer.cancel()
            self._local.sockets = None
            for copy in sockets:
                copy.close()

    def watch(self, sock: socket.socket) -> None:
        """Remember a connection by a copy of its descriptor, which TLS does not take away."""
        sockets = getattr(self._local, "sockets", None)
        if sockets is not None:
            sockets.append(sock.dup())


def _shut_down(sockets: list[socket.socket]) -> None:
    for copy in list(sockets):
        with suppress(OSError):
            copy.shutdown(socket.SHUT_RDWR)


class _Adapter(HTTPAdapter):
    """requests' transport with guarded connections and limited bodies."""

    def __init__(self, dialler: _Dialler, max_body: int) -> None:
        self._dialler = dialler
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
        manager.pool_classes_by_scheme = _pools(self._dialler, self._deadline)
        self.poolmanager = manager
        del maxsize, kwargs

    def send(self, request: requests.PreparedRequest, **kwargs: object) -> requests.Response:  # type: ignore[override] # keywords pass through
        seconds = float(cast("float", kwargs["timeout"]))
        kwargs["timeout"] = (min(CONNECT_TIMEOUT, seconds), seconds)
        request.headers["Connection"] = "close"
        request.headers["Accept-Encoding"] = "gzip, deflate"
        with self._deadline.within(seconds) as until:
            try:
                response = super().send(request, **kwargs)  # type: ignore[arg-type] # as above
                response._content = self._body(response.raw, until)  # noqa: SLF001 - read under our own bounds
                response._content_consumed = True  # type: ignore[attr-defined]  # noqa: SLF001
            except (requests.RequestException, HTTPError, OSError) as error:
                if time.monotonic() >= until:
                    raise ExchangeTooSlow("the exchange took too long", request=request) from error
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
                    raise BodyTooLarge("the answer is too large")
                if time.monotonic() >= until:
                    raise ExchangeTooSlow("the exchange took too long")
        finally:
            raw.close()
        if time.monotonic() >= until:  # cut off: what came may be a part
            raise ExchangeTooSlow("the exchange took too long")
        return bytes(body)


def _pools(dialler: _Dialler, deadline: _Deadline) -> dict[str, type]:
    """Pools whose connections are opened by the dialler; TLS verifies the requested name."""

    def open_socket(connection: HTTPConnection) -> socket.socket:
        wait = (
            connection.timeout if isinstance(connection.timeout, int | float) else CONNECT_TIMEOUT
        )
        try:
            route = dialler.route(connection.host, int(connection.port or 80))
            sock = socket.create_connection((route.ip, route.port), timeout=wait)
        except OSError as error:
            raise NoConnection(connection, f"cannot connect: {error}") from error
        deadline.watch(sock)
        return sock

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return open_socket(self)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return open_socket(self)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
