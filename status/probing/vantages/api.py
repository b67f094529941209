"""/api/vantage/probes and /api/vantage/observations: what a remote vantage asks for and brings.

Knows flask. A bearer token says which vantage it is; what is pushed counts as that one's only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import msgspec
from flask import Blueprint, Response, request

from status.model import Probe
from status.probing.vantages import model
from status.probing.vantages.store import VantageStore
from web import visitor
from web.limits import Rate
from web.problems import invalid, not_found
from web.site import plumbing

WRONG = Rate(20, timedelta(minutes=10))


@dataclass(frozen=True, slots=True)
class VantageApi:
    """Both addresses."""

    store: VantageStore
    probes: tuple[Probe, ...]

    def work(self) -> Response:
        """GET /api/vantage/probes."""
        return _json(model.work(self._who(), self.probes))

    def take(self) -> Response:
        """POST /api/vantage/observations."""
        name = self._who()
        try:
            brought = msgspec.json.decode(request.get_data(cache=False), type=model.ObservationPush)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise invalid({"observations": str(error)}) from error
        if brought.schema != model.SCHEMA or len(brought.observations) > model.MOST:
            raise invalid({"observations": f"schema {model.SCHEMA}, at most {model.MOST} at once"})
        known = {p.name: p for p in self.probes}
        now = plumbing().clock.now()
        taken = model.acceptable(brought.observations, name, known, now)
        if taken:
            self.store.push(name, taken)
        refused = len(brought.observations) - len(taken)
        return _json({"taken": len(taken), "refused": refused})

    def _who(self) -> str:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        name = self.store.greet(token) if scheme.lower() == "bearer" and token else ""
        if not name:
            plumbing().limiter.check("vantage-wrong", visitor.address(), WRONG)
            raise not_found()
        return name


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), content_type="application/json")


def blueprint(store: VantageStore, probes: tuple[Probe, ...]) -> Blueprint:
    """The two addresses."""
    api = VantageApi(store, probes)
    made = Blueprint("vantages", __name__)
    made.add_url_rule("/api/vantage/probes", view_func=api.work)
    made.add_url_rule("/api/vantage/observations", view_func=api.take, methods=["POST"])
    return made
