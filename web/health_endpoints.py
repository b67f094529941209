"""/healthz, /readyz and /metrics: which faults make the portal "not ready" (503), and who may ask.

/healthz is for all, the others for this machine or whoever holds the token.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Mapping

import msgspec
from flask import Blueprint, Response, request

from render.exposition import CONTENT_TYPE, Sample, exposition
from web import visitor
from web.problems import not_found
from web.site import plumbing

log = logging.getLogger("jasno.web")
# Told here and by the metrics, but no reason to send visitors elsewhere.
ADVISORY = frozenset({"documents", "probes", "unknown_jobs", "vantages"})


def blueprint() -> Blueprint:
    """The three addresses."""
    pages = Blueprint("health", __name__)
    pages.add_url_rule("/healthz", view_func=healthz)
    pages.add_url_rule("/readyz", view_func=readyz)
    pages.add_url_rule("/metrics", view_func=metrics)
    return pages


def require_local_or_token() -> None:
    token = plumbing().metrics_token
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(sent.encode(), token.encode()):
        return
    if not visitor.is_local():
        raise not_found()


def healthz() -> Response:
    """Alive: this process answers."""
    return Response("ok\n", content_type="text/plain")


def readyz() -> Response:
    """Ready, part by part: 200 when all are well, 503 with the reasons when not."""
    require_local_or_token()
    messages = check_messages(plumbing().checks)
    ready = not any(message for name, message in messages.items() if name not in ADVISORY)
    body = {
        "ready": ready,
        "parts": {
            name: {"ok": not message, "detail": message} for name, message in messages.items()
        },
    }
    return Response(
        msgspec.json.encode(body), 200 if ready else 503, content_type="application/json"
    )


def check_messages(checks: Mapping[str, Callable[[], str]]) -> dict[str, str]:
    """What each part says is wrong, "" when it is well; a broken check is told too."""
    return {name: _message(name, check) for name, check in checks.items()}


def _message(name: str, check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception as error:  # a broken part is what this page is for
        log.exception("part %s cannot be asked", name)
        return f"cannot be asked: {type(error).__name__}"


def metrics() -> Response:
    """Prometheus text format 0.0.4."""
    require_local_or_token()
    ready = [
        Sample(
            "jasno_part_ready",
            0.0 if message else 1.0,
            (("part", name),),
            "1 when well",
        )
        for name, message in check_messages(plumbing().checks).items()
    ]
    return Response(exposition(ready) + plumbing().metrics(), content_type=CONTENT_TYPE)
