"""/heartbeat/<token>, /ping/<uuid> and /api/push/<token>: where cron jobs and push agents report.
/ping as programs for healthchecks speak it, /api/push as agents of Uptime Kuma do.

Knows flask. The token in the address is all that is asked for; a wrong one learns nothing.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import msgspec
from flask import Blueprint, Response, request

from status.probing.heartbeats.signals import (
    LOG,
    MAX_SNIPPET,
    START,
    HeartbeatSignal,
    snippet_of,
    without_secrets,
)
from status.probing.heartbeats.store import HeartbeatStore, canonical_uuid
from web import visitor
from web.problems import bad_request, not_found
from web.rate_limits import Rate
from web.site import plumbing

WRONG_TOKENS = Rate(30, timedelta(minutes=10))  # wrong tokens from one address
SIGNALS_PER_TOKEN = Rate(60, timedelta(minutes=1))  # words for one token
MAX_READ = 200_000  # bytes of a body that are looked at, half of them from its end
MAX_TAKEN = 20 * 1024 * 1024  # as in deploy/nginx.conf; read whole, so that the sender hears us
WORDS = {"": "up", "start": START, "fail": "down", "log": LOG}


@dataclass(frozen=True, slots=True)
class HeartbeatEndpoints:
    """The addresses. `ping_key` opens the heartbeats in `names`; "" opens none."""

    store: HeartbeatStore
    ping_key: str = ""
    names: frozenset[str] = frozenset()

    def heartbeat(self, token: str | UUID, word: str = "") -> Response:
        """GET, POST, HEAD /heartbeat/<token>[/start|/fail|/log|/<exit status>]; a body is what the
        job wrote, `rid` tells runs apart."""
        if not self._send(_as_stored(str(token)), lambda: _signal(word)):
            raise not_found()
        return _taken()

    def named(self, key: str, name: str, word: str = "") -> Response:
        """The same at /ping/<ping key>/<name>[/…]: one key for all, as healthchecks has it."""
        right = self.ping_key and hmac.compare_digest(key.encode(), self.ping_key.encode())
        if not right or name not in self.names:
            plumbing().limiter.check("heartbeat-wrong", visitor.address(), WRONG_TOKENS)
            raise not_found()
        plumbing().limiter.check("heartbeat-named", name, SIGNALS_PER_TOKEN)
        self.store.receive_by_name(name, _signal(word))
        return _taken()

    def push(self, token: str) -> Response:
        """GET, POST /api/push/<token>?status=up|down&msg=&ping= : Uptime Kuma's form."""
        if self._send(token, _pushed_signal):
            return _json({"ok": True}, 200)
        return _json({"ok": False, "msg": "Monitor not found or not active."}, 404)

    def _send(self, token: str, read_signal: Callable[[], HeartbeatSignal]) -> bool:
        """Take a signal, which is read only for a token that somebody holds."""
        plumbing().limiter.check("heartbeat", token, SIGNALS_PER_TOKEN)
        is_known = len(token) <= 100 and self.store.is_known(token)
        if is_known and self.store.receive(token, read_signal()):
            return True
        plumbing().limiter.check("heartbeat-wrong", visitor.address(), WRONG_TOKENS)
        return False


def _signal(word: str) -> HeartbeatSignal:
    """What this request says. Raises not_found, bad_request."""
    state, exit_status = _meaning(word)
    snippet = snippet_of(*_body())
    message = snippet or without_secrets(request.args.get("msg", ""))
    if state == "down" and not message:
        message = f"exit code {word}" if exit_status else "the job said that it failed"
    return HeartbeatSignal(state, message, _ping(), _run(), exit_status, snippet)


def _pushed_signal() -> HeartbeatSignal:
    """What this request says in Uptime Kuma's form."""
    state = "up" if request.args.get("status", "") in ("", "up") else "down"  # as Kuma reads it
    return HeartbeatSignal(state, without_secrets(request.args.get("msg", "")), _ping())


def _taken() -> Response:
    answer = _plain("OK")
    answer.headers["Ping-Body-Limit"] = str(MAX_SNIPPET)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _meaning(word: str) -> tuple[str, int | None]:
    """The state that the end of an address says, and the exit status in it. Raises not_found."""
    if word in WORDS:
        return WORDS[word], None
    if not (word.isascii() and word.isdigit() and len(word) < 4 and int(word) < 256):
        raise not_found()
    return "up" if int(word) == 0 else "down", int(word)


def _body() -> tuple[bytes, bytes, int]:
    """The beginning of a body, its end, and how many bytes lay between. All of it is read: what a
    job wrote may be long, and its word must not be lost for that."""
    if request.method != "POST":
        return b"", b"", 0
    request.max_content_length = MAX_TAKEN
    begin, end, skipped = request.stream.read(MAX_READ // 2), b"", 0
    while chunk := request.stream.read(65_536):
        end += chunk
        skipped += max(0, len(end) - MAX_READ // 2)
        end = end[-(MAX_READ // 2) :]
    return begin, end, skipped


def _run() -> str:
    """The id of a run. Raises bad_request."""
    given = request.args.get("rid")
    if given is None:
        return ""
    try:
        return canonical_uuid(given)
    except ValueError:
        raise bad_request() from None


def _as_stored(token: str) -> str:
    """A UUID in either case is the same one; any other token stays as it is."""
    try:
        return canonical_uuid(token)
    except ValueError:
        return token


def _ping() -> timedelta | None:
    """`ping` in milliseconds, when it is one."""
    try:
        milliseconds = float(request.args.get("ping", ""))
    except ValueError:
        return None
    return timedelta(milliseconds=milliseconds) if 0 <= milliseconds < 86_400_000 else None


def _plain(text: str) -> Response:
    return Response(text, content_type="text/plain; charset=utf-8")


def _json(body: object, status: int) -> Response:
    return Response(msgspec.json.encode(body), status, content_type="application/json")


def blueprint(
    store: HeartbeatStore, ping_key: str = "", names: frozenset[str] = frozenset()
) -> Blueprint:
    """All addresses, each also with a slash at its end: a redirect would lose the word. Programs
    call them, so there is no form and no session."""
    pages = HeartbeatEndpoints(store, ping_key, names)
    routes = Blueprint("heartbeats", __name__)
    for rule, view in (
        ("/heartbeat/<token>", pages.heartbeat),
        ("/heartbeat/<token>/<word>", pages.heartbeat),
        ("/ping/<uuid:token>", pages.heartbeat),
        ("/ping/<uuid:token>/<word>", pages.heartbeat),
        ("/ping/<key>/<name>", pages.named),
        ("/ping/<key>/<name>/<word>", pages.named),
        ("/api/push/<token>", pages.push),
    ):
        routes.add_url_rule(rule, view_func=view, methods=["GET", "POST"], strict_slashes=False)
    return routes
