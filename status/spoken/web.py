"""Operator pages under /ops for announcements and for moving planned work. Knows flask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from render.i18n import LANGUAGES
from status.forms import Typed, moment, previews, typed
from status.incidents import Incidents
from status.saying import Refused, Unknown
from status.statuspage import said
from status.web import operator
from web.page import page
from web.problems import not_found


@dataclass(frozen=True, slots=True)
class NewsPages:
    """Announcements, and other windows for planned work."""

    incidents: Incidents

    def announcements(self) -> AnyResponse:
        """GET and POST /ops/announcements: what is shown, and one more."""
        by = operator()
        form = typed(request.form.to_dict())
        if request.method == "GET":
            return self._page(form, {})
        if form.go == "preview":
            return self._page(form, {}, shown=True)
        try:
            starts = _at("starts_at", form.starts_at)
            ends = _at("ends_at", form.ends_at)
            self.incidents.announce(form.title, form.text, by, starts_at=starts, ends_at=ends)
        except Refused as refused:
            return self._page(form, dict(refused.fields), status=422)
        return redirect("/ops/announcements", 303)

    def withdraw(self, id: str) -> AnyResponse:
        """POST /ops/announcements/<id>/withdraw."""
        by = operator()
        try:
            self.incidents.withdraw(id, by)
        except Unknown:
            raise not_found() from None
        return redirect("/ops/announcements", 303)

    def move(self, id: str) -> AnyResponse:
        """GET and POST /ops/maintenance/<id>/move: another window for work, or one date of it."""
        by = operator()
        form = typed(request.form.to_dict())
        try:
            work = self.incidents.work(id)
            if request.method == "GET":
                return self._move(id, form, {})
            self.incidents.reschedule(id, form.window, by)
        except Unknown:
            raise not_found() from None
        except Refused as refused:
            return self._move(work.id, form, dict(refused.fields), 422)
        return redirect("/ops", 303)

    def _move(self, id: str, form: Typed, errors: dict[str, str], status: int = 200) -> AnyResponse:
        work = self.incidents.work(id)
        values = {
            "starts_at": form.starts_at or f"{work.starts_at:%Y-%m-%dT%H:%M}",
            "ends_at": form.ends_at or f"{work.ends_at:%Y-%m-%dT%H:%M}",
        }
        return page(
            "status/ops_move.html", status, work=work, values=values, errors=errors, said=said
        )

    def _page(
        self, form: Typed, errors: dict[str, str], *, shown: bool = False, status: int = 200
    ) -> AnyResponse:
        return page(
            "status/ops_announcements.html",
            status,
            form=form,
            errors=errors,
            news=self.incidents.announcements(),
            now=self.incidents.now(),
            previews=previews(form) if shown else (),
            said=said,
            shipped=LANGUAGES,
        )


def _at(field: str, text: str) -> datetime | None:
    return moment(field, text) if text else None


def blueprint(incidents: Incidents) -> Blueprint:
    """The pages."""
    pages = NewsPages(incidents)
    made = Blueprint("status-news", __name__)
    both = ["GET", "POST"]
    made.add_url_rule("/ops/announcements", view_func=pages.announcements, methods=both)
    made.add_url_rule(
        "/ops/announcements/<id>/withdraw", view_func=pages.withdraw, methods=["POST"]
    )
    made.add_url_rule("/ops/maintenance/<id>/move", view_func=pages.move, methods=both)
    return made
