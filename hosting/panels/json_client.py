"""The JSON client of the panel adapters: one pinned session, bounded, with a circuit breaker.

Bodies and times are bounded by the session. Answers, tokens and addresses stay out of messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
import requests

from clock import Clock, SystemClock
from hosting.panel import PanelAccess, PanelError
from hosting.panels.circuit_breaker import CircuitBreaker
from observe.network import Network
from observe.session import open_session

MAX_BODY = 2_000_000
MAX_DEPTH = 20


class JsonClient:
    """One panel's door. Safe to use from several threads."""

    def __init__(
        self,
        access: PanelAccess,
        network: Network,
        headers: Mapping[str, str],
        clock: Clock | None = None,
    ) -> None:
        """Raises ValueError when the address is no web address or a header cannot be sent."""
        sent = (access.token, *headers.values())
        if not access.token or not all(v.isascii() and v.isprintable() for v in sent):
            raise ValueError("token: it is empty, or holds what no header can carry")
        self._base = access.url.rstrip("/")
        self._session = open_session(
            network,
            base_url=self._base + "/",
            seconds=access.timeout.total_seconds(),
            max_body=MAX_BODY,
        )
        self._session.headers.update({"Accept": "application/json", **headers})
        self._breaker = CircuitBreaker(clock or SystemClock())

    def get(self, path: str, query: Mapping[str, str]) -> object:
        """The decoded answer to a question. Raises PanelError."""
        return decoded(self._ask("GET", f"{path}?{urlencode(query)}", None))

    def post(self, path: str, form: Mapping[str, str]) -> bytes:
        """The answer to a form as it came. Raises PanelError."""
        kind = "application/x-www-form-urlencoded"
        return self._ask("POST", path, urlencode(form).encode(), kind)

    def call(self, path: str, question: object) -> object:
        """The decoded answer to a question in JSON. Raises PanelError."""
        body = msgspec.json.encode(question)
        return decoded(self._ask("POST", path, body, "application/json"))

    def _ask(self, method: str, target: str, body: bytes | None, kind: str = "") -> bytes:
        self._breaker.check()
        try:
            url, sent = self._base + target, {"Content-Type": kind} if kind else {}
            answer = self._session.request(method, url, data=body, headers=sent)
        except requests.RequestException as error:
            self._breaker.record_failure()
            raise PanelError(f"the panel cannot be reached ({type(error).__name__})") from None
        self._breaker.record_status(answer.status_code)
        if answer.status_code in (401, 403):
            raise PanelError("the panel refuses our token", permanent=True)
        if answer.status_code != 200:
            raise PanelError(f"the panel answered with HTTP {answer.status_code}")
        return answer.content


def decoded(body: bytes) -> object:
    """JSON of a sane depth, as plain values. Raises PanelError."""
    try:
        document: object = msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise PanelError("the panel's answer is not JSON") from error
    if not _is_shallow(document):
        raise PanelError("the panel's answer is not in a form we know")
    return document


def _is_shallow(value: object) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        if not level:
            return True
        inner: list[object] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        level = inner
    return False
