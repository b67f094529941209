"""/api/vantage/probes and /api/vantage/observations: the API of remote vantages.

Knows flask. A bearer token says which vantage it is; what is pushed counts as that one's only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import msgspec
from flask import Blueprint, Response, request

from render.characters import printable_json
from status.model import Probe
from status.probing.vantages import model
from status.probing.vantages.store import VantageStore
from web import visitor
from web.problems import invalid, not_found
from web.rate_limits import Rate
from web.site import plumbing

WRONG_TOKENS = Rate(20, timedelta(minutes=10))


@dataclass(frozen=True, slots=True)
class VantageApi:
    """Both addresses."""

    store: VantageStore
    probes: tuple[Probe, ...]

    def assignment(self) -> Response:
        """GET /api/vantage/probes."""
        return _json(model.assignment_for(self._vantage(), self.probes))

    def receive(self) -> Response:
        """POST /api/vantage/observations."""
        name = self._vantage()
        try:
            pushed = msgspec.json.decode(
                printable_json(request.get_data(cache=False)), type=model.ObservationPush
            )
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise invalid({"observations": str(error)}) from error
        if pushed.schema != model.SCHEMA or len(pushed.observations) > model.MAX_OBSERVATIONS:
            raise invalid(
                {"observations": f"schema {model.SCHEMA}, at most {model.MAX_OBSERVATIONS} at once"}
            )
        probes_by_name = {p.name: p for p in self.probes}
        now = plumbing().clock.now()
        accepted = model.acceptable(pushed.observations, name, probes_by_name, now)
        if accepted:
            self.store.push(name, accepted)
        refused = len(pushed.observations) - len(accepted)
        return _json({"taken": len(accepted), "refused": refused})

    def _vantage(self) -> str:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        name = self.store.authenticate(token) if scheme.lower() == "bearer" and token else ""
        if not name:
            plumbing().limiter.check("vantage-wrong", visitor.address(), WRONG_TOKENS)
            raise not_found()
        return name


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), content_type="application/json")


def blueprint(store: VantageStore, probes: tuple[Probe, ...]) -> Blueprint:
    """The two addresses."""
    api = VantageApi(store, probes)
    routes = Blueprint("vantages", __name__)
    routes.add_url_rule("/api/vantage/probes", view_func=api.assignment)
    routes.add_url_rule("/api/vantage/observations", view_func=api.receive, methods=["POST"])
    return routes
