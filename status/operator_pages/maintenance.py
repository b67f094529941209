"""Operator pages under /ops for planned work: announcing, telling, moving, ending. Knows flask."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from status.incidents.forms import Concern, SubmittedForm, local_input, previews
from status.incidents.incident_editing import IncidentEditor
from status.incidents.repetition import REPETITIONS
from status.incidents.validation import NotFound, RuleViolation
from status.model import Maintenance
from status.operator_pages.web import ops_page, require_operator, submitted_form
from status.state import maintenance_windows
from web.csrf import SAFE
from web.problems import not_found


@dataclass(frozen=True, slots=True)
class MaintenancePages:
    """Planned work, one-off and recurring."""

    incidents: IncidentEditor

    def new(self) -> AnyResponse:
        """GET and POST /ops/maintenance/new."""
        by = require_operator()
        form = submitted_form()
        if request.method in SAFE:
            return self._form(form, {})
        if form.go == "preview":
            return self._form(form, {}, shown=True)
        if concerns := form.concerns(form.text):
            return self._form(form, {}, concerns=concerns)
        try:
            planned = self.incidents.plan(
                form.title,
                form.text,
                form.window,
                form.component_ids,
                by,
                recurrence=form.recurrence,
            )
        except RuleViolation as refused:
            return self._form(form, dict(refused.fields), status=422)
        return redirect(f"/ops/maintenance/{planned.id}", 303)

    def work(self, id: str) -> AnyResponse:
        """GET and POST /ops/maintenance/<id>: what was said of it, and one more word."""
        by = require_operator()
        planned, form = self._get(id), submitted_form()
        if request.method in SAFE:
            return self._page(planned, form, {})
        if concerns := form.concerns(planned.title):
            return self._page(planned, form, {}, concerns=concerns)
        try:
            self.incidents.note(id, form.text, form.state, by, version=form.version)
        except RuleViolation as refused:
            return self._page(self._get(id), form, dict(refused.fields), 422)
        return redirect(f"/ops/maintenance/{id}", 303)

    def move(self, id: str) -> AnyResponse:
        """GET and POST /ops/maintenance/<id>/move: another window for work, or one date of it."""
        by = require_operator()
        planned, form = self._get(id), submitted_form()
        if request.method in SAFE:
            return self._move_page(planned, form, {})
        try:
            self.incidents.reschedule(id, form.window, by, version=form.version)
        except RuleViolation as refused:
            return self._move_page(self._get(id), form, dict(refused.fields), 422)
        return redirect(f"/ops/maintenance/{id}", 303)

    def finish(self, id: str) -> AnyResponse:
        """POST /ops/maintenance/<id>/finish: end what runs, cancel what has not begun."""
        by = require_operator()
        planned, form = self._get(id), submitted_form()
        try:
            self.incidents.finish(planned.id, by, version=form.version)
        except RuleViolation as refused:
            return self._page(self._get(id), form, dict(refused.fields), 422)
        return redirect(f"/ops/maintenance/{id}", 303)

    def _get(self, id: str) -> Maintenance:
        try:
            return self.incidents.get_maintenance(id)
        except NotFound:
            raise not_found() from None

    def _form(
        self,
        form: SubmittedForm,
        errors: dict[str, str],
        *,
        shown: bool = False,
        concerns: tuple[Concern, ...] = (),
        status: int = 200,
    ) -> AnyResponse:
        return ops_page(
            "status/operator_pages/maintenance_new.html",
            status,
            form=form,
            errors=errors,
            concerns=concerns,
            repetitions=REPETITIONS,
            components=self.incidents.components,
            previews=previews(form.naming(self.incidents.components)) if shown else (),
        )

    def _page(
        self,
        planned: Maintenance,
        form: SubmittedForm,
        errors: dict[str, str],
        status: int = 200,
        *,
        concerns: tuple[Concern, ...] = (),
    ) -> AnyResponse:
        now = self.incidents.now()
        names = self.incidents.component_names(planned.components)
        return ops_page(
            "status/operator_pages/maintenance.html",
            status,
            maintenance=planned,
            form=form,
            errors=errors,
            concerns=concerns,
            state=maintenance_windows.state(planned, now),
            parts=list(names.values()),
            updates=maintenance_windows.timeline(planned, now) if not planned.rrule else (),
            dates=maintenance_windows.occurrences(planned, now) if planned.rrule else (),
            date_state=lambda occurrence: maintenance_windows.state(occurrence, now),
            running=[s.value for s in maintenance_windows.RUNNING],
        )

    def _move_page(
        self, planned: Maintenance, form: SubmittedForm, errors: dict[str, str], status: int = 200
    ) -> AnyResponse:
        values = {
            "starts_at": form.starts_at or local_input(planned.starts_at, form.zone_of_moments),
            "ends_at": form.ends_at or local_input(planned.ends_at, form.zone_of_moments),
        }
        return ops_page(
            "status/operator_pages/maintenance_move.html",
            status,
            maintenance=planned,
            values=values,
            errors=errors,
        )


def blueprint(incidents: IncidentEditor) -> Blueprint:
    """The pages."""
    pages = MaintenancePages(incidents)
    routes = Blueprint("status-maintenance", __name__)
    methods, item = ["GET", "POST"], "/ops/maintenance/<id>"
    routes.add_url_rule("/ops/maintenance/new", view_func=pages.new, methods=methods)
    routes.add_url_rule(item, view_func=pages.work, methods=methods)
    routes.add_url_rule(f"{item}/move", view_func=pages.move, methods=methods)
    routes.add_url_rule(f"{item}/finish", view_func=pages.finish, methods=["POST"])
    return routes
