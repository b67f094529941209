"""/heartbeat/<token> for cron jobs, and /api/push/<token> as agents of Uptime Kuma speak it.

Knows flask. The token in the address is all that is asked for; a wrong one learns nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import msgspec
from flask import Blueprint, Response, request

from status.probing.heartbeats.store import HeartbeatSignal, HeartbeatStore
from web import visitor
from web.problems import not_found
from web.rate_limits import Rate
from web.site import plumbing

WRONG_TOKENS = Rate(30, timedelta(minutes=10))  # wrong tokens from one address
SIGNALS_PER_TOKEN = Rate(60, timedelta(minutes=1))  # words for one token
MAX_BODY = 10_000


@dataclass(frozen=True, slots=True)
class HeartbeatEndpoints:
    """The two addresses."""

    store: HeartbeatStore

    def heartbeat(self, token: str, word: str = "") -> Response:
        """GET, POST, HEAD /heartbeat/<token>[/start|/fail|/log|/<exit code>]; a body is the message."""
        if word == "log":
            plumbing().limiter.check("heartbeat", token, SIGNALS_PER_TOKEN)
            return _plain("OK")
        state = {"": "up", "start": "start", "fail": "down"}.get(word)
        if state is None:
            number = word.isascii() and word.isdigit() and len(word) < 4
            if not (number and int(word) < 256):
                raise not_found()
            state = "up" if int(word) == 0 else "down"
        body = request.get_data(cache=False)[:MAX_BODY].decode("utf-8", "replace").strip()
        message = body or request.args.get("msg", "")
        if state == "down" and not message:
            message = f"exit code {word}" if word.isdigit() else "the job said that it failed"
        if not self._send(token, HeartbeatSignal(state, message, _ping())):
            raise not_found()
        return _plain("OK")

    def push(self, token: str) -> Response:
        """GET, POST /api/push/<token>?status=up|down&msg=&ping= : Uptime Kuma's form."""
        state = "up" if request.args.get("status", "") in ("", "up") else "down"  # as Kuma reads it
        if self._send(token, HeartbeatSignal(state, request.args.get("msg", ""), _ping())):
            return _json({"ok": True}, 200)
        return _json({"ok": False, "msg": "Monitor not found or not active."}, 404)

    def _send(self, token: str, signal: HeartbeatSignal) -> bool:
        plumbing().limiter.check("heartbeat", token, SIGNALS_PER_TOKEN)
        if len(token) <= 100 and self.store.receive(token, signal):
            return True
        plumbing().limiter.check("heartbeat-wrong", visitor.address(), WRONG_TOKENS)
        return False


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


def blueprint(store: HeartbeatStore) -> Blueprint:
    """Both addresses; programs call them, so there is no form and no session."""
    pages = HeartbeatEndpoints(store)
    routes = Blueprint("heartbeats", __name__)
    methods = ["GET", "POST"]
    routes.add_url_rule("/heartbeat/<token>", view_func=pages.heartbeat, methods=methods)
    routes.add_url_rule("/heartbeat/<token>/<word>", view_func=pages.heartbeat, methods=methods)
    routes.add_url_rule("/api/push/<token>", view_func=pages.push, methods=methods)
    return routes
