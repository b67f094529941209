"""Requests with a body, a few at a time: who sends one slowly holds a thread, and must not hold
them all. Pages, which have no body, are never refused here."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from web.security import HEADERS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

EACH = 6  # of one address at a time
_SAID = b"Too many requests are being sent at this moment. Please try again in a few seconds.\n"


class RequestBodyLimit:
    """WSGI: at most `most` requests with a body at a time, and a few of one address.

    `is_proxy` tells which addresses are our own proxies and stand for many people.
    """

    def __init__(self, inner: WSGIApplication, most: int, is_proxy: Callable[[str], bool]) -> None:
        self._inner = inner
        self._most = max(1, most)
        self._is_proxy = is_proxy
        self._lock = threading.Lock()
        self._now: Counter[str] = Counter()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """One request."""
        length = environ.get("CONTENT_LENGTH") or "0"
        if length == "0" and not environ.get("HTTP_TRANSFER_ENCODING"):
            return self._inner(environ, start)
        address = environ.get("REMOTE_ADDR", "")
        if not self._enter(address):
            headers = [("Content-Type", "text/plain"), ("Retry-After", "5"), *HEADERS.items()]
            size = ("Content-Length", str(len(_SAID)))
            start("503 Service Unavailable", [*headers, size, ("Connection", "close")])
            return [_SAID]
        try:
            return self._inner(environ, start)
        finally:
            self._leave(address)

    def _enter(self, address: str) -> bool:
        each = self._most if self._is_proxy(address) else EACH
        with self._lock:
            if self._now.total() >= self._most or self._now[address] >= each:
                return False
            self._now[address] += 1
            return True

    def _leave(self, address: str) -> None:
        with self._lock:
            self._now[address] -= 1
            if not self._now[address]:
                del self._now[address]
