"""Operator pages under /ops for announcements. Knows flask."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from render.languages import LANGUAGES
from status.incidents.forms import SubmittedForm, previews
from status.incidents.incidents import IncidentEditor
from status.incidents.rules import NotFound, RuleViolation
from status.model import localized
from status.operator_pages.web import operator, sent
from web.csrf import SAFE
from web.page import page
from web.problems import not_found


@dataclass(frozen=True, slots=True)
class AnnouncementPages:
    """What is shown, one more, one less."""

    incidents: IncidentEditor

    def announcements(self) -> AnyResponse:
        """GET and POST /ops/announcements: what is shown, and one more."""
        by = operator()
        form = sent()
        if request.method in SAFE:
            return self._page(form, {})
        if form.go == "preview":
            return self._page(form, {}, shown=True)
        try:
            starts = form.maybe("starts_at", form.starts_at)
            ends = form.maybe("ends_at", form.ends_at)
            self.incidents.announce(form.title, form.text, by, starts_at=starts, ends_at=ends)
        except RuleViolation as refused:
            return self._page(form, dict(refused.fields), status=422)
        return redirect("/ops/announcements", 303)

    def withdraw(self, id: str) -> AnyResponse:
        """POST /ops/announcements/<id>/withdraw."""
        by = operator()
        try:
            self.incidents.withdraw(id, by)
        except NotFound:
            raise not_found() from None
        return redirect("/ops/announcements", 303)

    def _page(
        self, form: SubmittedForm, errors: dict[str, str], *, shown: bool = False, status: int = 200
    ) -> AnyResponse:
        return page(
            "status/ops_announcements.html",
            status,
            form=form,
            errors=errors,
            news=self.incidents.announcements(),
            now=self.incidents.now(),
            previews=previews(form) if shown else (),
            localized=localized,
            shipped=LANGUAGES,
        )


def blueprint(incidents: IncidentEditor) -> Blueprint:
    """The pages."""
    pages = AnnouncementPages(incidents)
    made = Blueprint("status-news", __name__)
    both = ["GET", "POST"]
    made.add_url_rule("/ops/announcements", view_func=pages.announcements, methods=both)
    made.add_url_rule(
        "/ops/announcements/<id>/withdraw", view_func=pages.withdraw, methods=["POST"]
    )
    return made
