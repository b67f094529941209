"""WSGI middleware that refuses requests for other host names than ours. The outermost one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from render.i18n import N_, translate
from web.security import HEADERS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WRONG_HOST = N_("We do not answer under this name.")
_HEADERS = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Cache-Control", "no-store"),
    *HEADERS.items(),
]
OPEN = "/healthz"  # load balancers ask by address


_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s\[\]:/@,]+?)\.?(?::[0-9]{1,5})?")


def bare_host(host: str) -> str:
    """A Host header without its port, lower-case; "" when it is none."""
    match = _HOST.fullmatch(host.lower())
    return match[1] if match else ""


class AllowedHosts:
    """WSGI: passes on what names one of `hosts`, answers 421 to the rest, in all `languages`: there
    is no page yet, and so no reader."""

    def __init__(
        self, inner: WSGIApplication, hosts: Iterable[str], languages: Iterable[str]
    ) -> None:
        self._inner = inner
        self._refusal = "".join(f"{translate(code, WRONG_HOST)}\n" for code in languages).encode()
        self._hosts = frozenset(bare_host(h) for h in hosts)
        self._accepted_headers: set[str] = set()  # whole Host headers already judged; bounded

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """One request."""
        sent = environ.get("HTTP_HOST", "")
        if sent not in self._accepted_headers and environ.get("PATH_INFO") != OPEN:
            if bare_host(sent) not in self._hosts:
                start(
                    "421 Misdirected Request",
                    [*_HEADERS, ("Content-Length", str(len(self._refusal)))],
                )
                return [self._refusal]
            if len(self._accepted_headers) < 1000:
                self._accepted_headers.add(sent)
        return self._inner(environ, start)
