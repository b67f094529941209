"""Operator pages under /ops for planned work: announcing, telling, moving, ending. Knows flask."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from status.incidents.forms import SubmittedForm, previews, wall
from status.incidents.incidents import IncidentEditor
from status.incidents.rules import NotFound, RuleViolation
from status.model import Maintenance
from status.operator_pages.web import operator, sent, show
from status.state import maintenance_windows
from web.csrf import SAFE
from web.problems import not_found


@dataclass(frozen=True, slots=True)
class MaintenancePages:
    """Planned work, one-off and recurring."""

    incidents: IncidentEditor

    def new(self) -> AnyResponse:
        """GET and POST /ops/maintenance/new."""
        by = operator()
        form = sent()
        if request.method in SAFE:
            return self._form(form, {})
        if form.go == "preview":
            return self._form(form, {}, shown=True)
        try:
            made = self.incidents.plan(
                form.title, form.text, form.window, form.parts, by, again=form.again
            )
        except RuleViolation as refused:
            return self._form(form, dict(refused.fields), status=422)
        return redirect(f"/ops/maintenance/{made.id}", 303)

    def work(self, id: str) -> AnyResponse:
        """GET and POST /ops/maintenance/<id>: what was said of it, and one more word."""
        by = operator()
        work, form = self._known(id), sent()
        if request.method in SAFE:
            return self._page(work, form, {})
        try:
            self.incidents.note(id, form.text, form.state, by)
        except RuleViolation as refused:
            return self._page(work, form, dict(refused.fields), 422)
        return redirect(f"/ops/maintenance/{id}", 303)

    def move(self, id: str) -> AnyResponse:
        """GET and POST /ops/maintenance/<id>/move: another window for work, or one date of it."""
        by = operator()
        work, form = self._known(id), sent()
        if request.method in SAFE:
            return self._move(work, form, {})
        try:
            self.incidents.reschedule(id, form.window, by)
        except RuleViolation as refused:
            return self._move(work, form, dict(refused.fields), 422)
        return redirect(f"/ops/maintenance/{id}", 303)

    def finish(self, id: str) -> AnyResponse:
        """POST /ops/maintenance/<id>/finish: end what runs, cancel what has not begun."""
        by = operator()
        try:
            self.incidents.finish(id, by)
        except NotFound:
            raise not_found() from None
        return redirect(f"/ops/maintenance/{id}", 303)

    def _known(self, id: str) -> Maintenance:
        try:
            return self.incidents.work(id)
        except NotFound:
            raise not_found() from None

    def _form(
        self, form: SubmittedForm, errors: dict[str, str], *, shown: bool = False, status: int = 200
    ) -> AnyResponse:
        return show(
            "status/ops_maintenance.html",
            status,
            form=form,
            errors=errors,
            components=self.incidents.components,
            previews=previews(form) if shown else (),
        )

    def _page(
        self, work: Maintenance, form: SubmittedForm, errors: dict[str, str], status: int = 200
    ) -> AnyResponse:
        now = self.incidents.now()
        names = {c.id: c.name for c in self.incidents.components}
        return show(
            "status/ops_work.html",
            status,
            work=work,
            form=form,
            errors=errors,
            state=maintenance_windows.state(work, now),
            parts=[names.get(c, c) for c in work.components],
            told=maintenance_windows.timeline(work, now) if not work.rrule else (),
            dates=maintenance_windows.occurrences(work, now) if work.rrule else (),
            date_state=lambda one: maintenance_windows.state(one, now),
            running=[s.value for s in maintenance_windows.RUNNING],
        )

    def _move(
        self, work: Maintenance, form: SubmittedForm, errors: dict[str, str], status: int = 200
    ) -> AnyResponse:
        values = {
            "starts_at": form.starts_at or wall(work.starts_at, form.clock),
            "ends_at": form.ends_at or wall(work.ends_at, form.clock),
        }
        return show("status/ops_move.html", status, work=work, values=values, errors=errors)


def blueprint(incidents: IncidentEditor) -> Blueprint:
    """The pages."""
    pages = MaintenancePages(incidents)
    made = Blueprint("status-works", __name__)
    both, one = ["GET", "POST"], "/ops/maintenance/<id>"
    made.add_url_rule("/ops/maintenance/new", view_func=pages.new, methods=both)
    made.add_url_rule(one, view_func=pages.work, methods=both)
    made.add_url_rule(f"{one}/move", view_func=pages.move, methods=both)
    made.add_url_rule(f"{one}/finish", view_func=pages.finish, methods=["POST"])
    return made
