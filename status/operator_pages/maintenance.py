"""Operator pages under /ops for planned work: announcing, telling, moving, ending. Knows flask."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from render.i18n import FilledText
from status.incidents.forms import WINDOW, SubmittedForm
from status.incidents.incident_editing import IncidentEditor
from status.incidents.repetition import REPETITIONS
from status.incidents.validation import NotFound, RuleViolation
from status.model import Maintenance
from status.operator_pages.previews import Preview, work_previews
from status.operator_pages.web import ops_page, require_operator, submitted_form
from status.state import maintenance_windows, recurrence
from web.forms.csrf import SAFE
from web.language import lang
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
        window, recurrence = form.window, form.recurrence
        refusals = self.incidents.plan_problems(
            form.title, form.text, window, form.component_ids, recurrence=recurrence
        )
        errors, now = form.errors(refusals, *WINDOW), self.incidents.now()
        concerns = form.concerns(form.text) + form.concerns_about_time(now)
        if form.go == "preview" and window and not errors:
            work = self.incidents.compose_work(
                form.title, form.text, window, form.component_ids, recurrence=recurrence
            )
            previews = work_previews(work, self.incidents.components, now)
            return self._form(form, {}, previews=previews, concerns=concerns)
        if window is None or errors or concerns:
            return self._form(form, errors, concerns=concerns)
        planned = self.incidents.plan(
            form.title, form.text, window, form.component_ids, by, recurrence=recurrence
        )
        return redirect(f"/ops/maintenance/{planned.id}", 303)

    def work(self, id: str) -> AnyResponse:
        """GET and POST /ops/maintenance/<id>: what was said of it, and one more word."""
        by = require_operator()
        planned, form = self._get(id), submitted_form()
        if request.method in SAFE:
            return self._page(planned, form, {})
        errors = self.incidents.note_problems(planned, form.text, form.state)
        concerns = form.concerns(planned.title)
        if errors or concerns:
            return self._page(planned, form, errors, concerns=concerns)
        try:
            self.incidents.note(id, form.text, form.state, by, version=form.version)
        except RuleViolation as refused:
            return self._page(self._get(id), form, dict(refused.fields))
        return redirect(f"/ops/maintenance/{id}", 303)

    def move(self, id: str) -> AnyResponse:
        """GET and POST /ops/maintenance/<id>/move: another window for work, or one date of it."""
        by = require_operator()
        planned, form = self._get(id), submitted_form()
        if request.method in SAFE:
            return self._move_page(planned, form.with_window(planned), {})
        window, errors = form.moved_window(planned), form.problems(*WINDOW)
        concerns = form.concerns_about_time(self.incidents.now())
        if window is None or concerns:
            return self._move_page(planned, form, errors, concerns=concerns)
        try:
            self.incidents.reschedule(id, window, by, version=form.version)
        except RuleViolation as refused:
            return self._move_page(self._get(id), form, dict(refused.fields))
        return redirect(f"/ops/maintenance/{id}", 303)

    def finish(self, id: str) -> AnyResponse:
        """POST /ops/maintenance/<id>/finish: end what runs, cancel what has not begun."""
        by = require_operator()
        planned, form = self._get(id), submitted_form()
        try:
            self.incidents.finish(planned.id, by, version=form.version)
        except RuleViolation as refused:
            return self._page(self._get(id), form, dict(refused.fields))
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
        previews: tuple[Preview, ...] = (),
        concerns: tuple[FilledText, ...] = (),
    ) -> AnyResponse:
        return ops_page(
            "status/operator_pages/maintenance_new.html",
            422 if errors else 200,
            form=form,
            errors=errors,
            concerns=concerns,
            repetitions=REPETITIONS,
            components=self.incidents.components_in(lang()),
            previews=previews,
        )

    def _page(
        self,
        planned: Maintenance,
        form: SubmittedForm,
        errors: dict[str, str],
        *,
        concerns: tuple[FilledText, ...] = (),
    ) -> AnyResponse:
        now = self.incidents.now()
        names = self.incidents.component_names(planned.components, lang())
        return ops_page(
            "status/operator_pages/maintenance.html",
            422 if errors else 200,
            maintenance=planned,
            form=form,
            errors=errors,
            concerns=concerns,
            state=maintenance_windows.state(planned, now),
            parts=list(names.values()),
            updates=maintenance_windows.timeline(planned, now) if not planned.rrule else (),
            dates=recurrence.occurrences(planned, now) if planned.rrule else (),
            window=recurrence.next_occurrence(planned, now) if planned.rrule else planned,
            date_state=lambda occurrence: maintenance_windows.state(occurrence, now),
            running=[s.value for s in maintenance_windows.RUNNING],
        )

    def _move_page(
        self,
        planned: Maintenance,
        form: SubmittedForm,
        errors: dict[str, str],
        *,
        concerns: tuple[FilledText, ...] = (),
    ) -> AnyResponse:
        return ops_page(
            "status/operator_pages/maintenance_move.html",
            422 if errors else 200,
            maintenance=planned,
            form=form,
            errors=errors,
            concerns=concerns,
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
