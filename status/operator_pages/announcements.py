"""Operator pages under /ops for announcements. Knows flask."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from render.i18n import FilledText
from status.incidents.forms import SubmittedForm
from status.incidents.incident_editing import IncidentEditor
from status.incidents.validation import NotFound
from status.operator_pages.previews import Preview, announcement_previews
from status.operator_pages.web import ops_page, require_operator, submitted_form
from web.forms.csrf import SAFE
from web.problems import not_found


@dataclass(frozen=True, slots=True)
class AnnouncementPages:
    """What is shown, one more, one less."""

    incidents: IncidentEditor

    def announcements(self) -> AnyResponse:
        """GET and POST /ops/announcements: what is shown, and one more."""
        by = require_operator()
        form = submitted_form()
        if request.method in SAFE:
            return self._page(form, {})
        starts, ends = form.moment("starts_at"), form.moment("ends_at")
        errors = form.errors(
            self.incidents.announce_problems(form.title, form.text, starts_at=starts, ends_at=ends)
        )
        now = self.incidents.now()
        concerns = form.concerns(form.text) + form.concerns_about_time(now)
        if form.go == "preview" and not errors:
            composed = self.incidents.compose_announcement(
                form.title, form.text, starts_at=starts, ends_at=ends
            )
            previews = announcement_previews(composed)
            return self._page(form, {}, previews=previews, concerns=concerns)
        if errors or concerns:
            return self._page(form, errors, concerns=concerns)
        self.incidents.announce(form.title, form.text, by, starts_at=starts, ends_at=ends)
        return redirect("/ops/announcements", 303)

    def withdraw(self, id: str) -> AnyResponse:
        """POST /ops/announcements/<id>/withdraw."""
        by = require_operator()
        try:
            self.incidents.withdraw(id, by)
        except NotFound:
            raise not_found() from None
        return redirect("/ops/announcements", 303)

    def _page(
        self,
        form: SubmittedForm,
        errors: dict[str, str],
        *,
        previews: tuple[Preview, ...] = (),
        concerns: tuple[FilledText, ...] = (),
    ) -> AnyResponse:
        return ops_page(
            "status/operator_pages/announcements.html",
            422 if errors else 200,
            form=form,
            errors=errors,
            concerns=concerns,
            news=self.incidents.announcements(),
            now=self.incidents.now(),
            previews=previews,
        )


def blueprint(incidents: IncidentEditor) -> Blueprint:
    """The pages."""
    pages = AnnouncementPages(incidents)
    routes = Blueprint("status-news", __name__)
    methods = ["GET", "POST"]
    routes.add_url_rule("/ops/announcements", view_func=pages.announcements, methods=methods)
    routes.add_url_rule(
        "/ops/announcements/<id>/withdraw", view_func=pages.withdraw, methods=["POST"]
    )
    return routes
