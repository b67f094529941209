"""/ops/heartbeats: heartbeats and their addresses, manual signals, vantages and their tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from accounts.form_fields import FormFields
from portal.heartbeat_administration import HeartbeatAdministration
from render.i18n import N_
from status.operator_pages.web import require_operator
from web.forms.results import redirect_with_result, take_result
from web.language import lang
from web.page import page
from web.problems import not_found

BECAUSE = 500  # characters
BAD_VANTAGE = N_(
    "Please begin with a letter or a digit; letters, digits, dots, dashes and underscores may follow,"
    " 60 characters in all."
)
STATES = {
    "up": N_("Good"),
    "degraded": N_("Slow"),
    "down": N_("Failed"),
    "start": N_("Begun"),
    "log": N_("Log"),
}
PHASES = {
    "new": N_("Not heard from yet"),
    "started": N_("Running"),
    "up": N_("As planned"),
    "late": N_("Late"),
    "down": N_("Down"),
}


@dataclass(frozen=True, slots=True)
class HeartbeatPages:
    """The pages and what they show. Secrets are shown once, after they were made."""

    administration: HeartbeatAdministration

    def show(self) -> AnyResponse:
        """GET /ops/heartbeats."""
        require_operator()
        result = take_result()
        return self._page(
            probe=result.get("probe", ""),
            address=result if "probe" in result else None,
            vantage=result.get("vantage", ""),
            token=result.get("token", ""),
        )

    def signals(self, probe: str) -> AnyResponse:
        """GET /ops/heartbeats/<probe>: what a job sent in, and when its next word is due."""
        require_operator()
        status, signals = self.administration.status(probe), self.administration.signals(probe)
        if status is None or signals is None:
            raise not_found()
        return page(
            "portal/ops_heartbeat.html",
            heartbeat=status,
            signals=signals,
            names=self.administration.component_names(lang()),
            states=STATES,
            phases=PHASES,
        )

    def address(self, probe: str) -> AnyResponse:
        """POST /ops/heartbeats/<probe>/address: a new address for a job."""
        by, before = require_operator(), self.administration.status(probe)
        address = self.administration.address(probe, by)
        if address is None:
            raise not_found()
        address_document = {
            "heartbeat": address.heartbeat,
            "ping": address.ping,
            "push": address.push,
            "renewed": "yes" if before and before.made_at else "",
        }
        return redirect_with_result("/ops/heartbeats", {"probe": probe, **address_document})

    def drop_address(self, probe: str) -> AnyResponse:
        """POST /ops/heartbeats/<probe>/address/drop."""
        if not self.administration.drop_address(probe, require_operator()):
            raise not_found()
        return redirect("/ops/heartbeats", 303)

    def record_by_hand(self, probe: str) -> AnyResponse:
        """POST /ops/heartbeats/<probe>/word: a word by hand."""
        by = require_operator()
        fields = FormFields(request.form)
        because = fields.line("because", BECAUSE)
        if fields.errors:
            return self._page(
                status=422,
                probe=probe,
                word=because,
                because_error=fields.messages(lang())["because"],
            )
        try:
            if not self.administration.record_by_hand(
                probe, request.form.get("state", ""), because, by
            ):
                raise not_found()
        except ValueError:
            state_error = N_("Choose one of the offered states.")
            return self._page(status=422, error=state_error, probe=probe, word=because)
        return redirect("/ops/heartbeats", 303)

    def vantage(self) -> AnyResponse:
        """POST /ops/heartbeats/vantages: a new token, for a new vantage or one that is known."""
        by = require_operator()
        name = FormFields(request.form).line("name", BECAUSE)
        try:
            token = self.administration.vantage(name, by)
        except ValueError:
            return self._page(status=422, vantage=name, name_error=BAD_VANTAGE)
        return redirect_with_result("/ops/heartbeats", {"vantage": name, "token": token})

    def drop_vantage(self, name: str) -> AnyResponse:
        """POST /ops/heartbeats/vantages/<name>/drop."""
        if not self.administration.drop_vantage(name, require_operator()):
            raise not_found()
        return redirect("/ops/heartbeats", 303)

    def _page(
        self,
        *,
        status: int = 200,
        probe: str = "",
        address: Mapping[str, str] | None = None,
        vantage: str = "",
        token: str = "",
        error: str = "",
        name_error: str = "",
        word: str = "",
        because_error: str = "",
    ) -> AnyResponse:
        return page(
            "portal/ops_heartbeats.html",
            status,
            heartbeats=self.administration.statuses(),
            vantages=self.administration.vantages(),
            unnamed=self.administration.unnamed_vantages(),
            names=self.administration.component_names(lang()),
            states=STATES,
            phases=PHASES,
            probe=probe,
            address=address,
            vantage_name=vantage,
            token=token,
            error=error,
            name_error=name_error,
            word=word,
            because_error=because_error,
        )


def _moved(probe: str = "") -> AnyResponse:
    """GET /ops/told, /ops/told/<probe>: where these pages stood before; bookmarks lead on."""
    require_operator()
    if not probe:
        return redirect("/ops/heartbeats", 301)
    return redirect(url_for("heartbeat_administration.signals", probe=probe), 301)


def blueprint(administration: HeartbeatAdministration) -> Blueprint:
    """The pages."""
    pages = HeartbeatPages(administration)
    heartbeat_pages = Blueprint("heartbeat_administration", __name__)
    heartbeat_pages.add_url_rule("/ops/heartbeats", view_func=pages.show)
    heartbeat_pages.add_url_rule("/ops/heartbeats/<probe>", view_func=pages.signals)
    heartbeat_pages.add_url_rule("/ops/told", view_func=_moved)
    heartbeat_pages.add_url_rule("/ops/told/<probe>", view_func=_moved)
    acts: dict[str, Callable[..., AnyResponse]] = {
        "/ops/heartbeats/<probe>/address": pages.address,
        "/ops/heartbeats/<probe>/address/drop": pages.drop_address,
        "/ops/heartbeats/<probe>/word": pages.record_by_hand,
        "/ops/heartbeats/vantages": pages.vantage,
        "/ops/heartbeats/vantages/<name>/drop": pages.drop_vantage,
    }
    for rule, act in acts.items():
        heartbeat_pages.add_url_rule(rule, view_func=act, methods=["POST"])
    return heartbeat_pages
