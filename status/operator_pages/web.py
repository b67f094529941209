"""Operator pages of status under /ops: incidents, components and their evidence.

Knows flask. Operators only: an agent is refused, a customer is told that there is nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from accounts.web import signed_in
from render.i18n import N_, FilledText
from status import labels
from status.incidents.forms import (
    CHOICES,
    SubmittedForm,
    parse_form,
    time_concerns,
    version_of,
    word_concerns,
)
from status.incidents.incident_editing import IncidentEditor, NotFound, RuleViolation
from status.incidents.override_editing import reason_problems
from status.incidents.probe_incidents import latest_conditions
from status.incidents.templates import IncidentTemplates
from status.model import (
    Component,
    ComponentStatus,
    Condition,
    Incident,
    IncidentState,
    Probe,
)
from status.monitoring import state_file
from status.monitoring.state_file import StateFile, interruptions_of
from status.operator_pages.incident_concerns import IncidentConcerns
from status.operator_pages.previews import Preview, incident_previews
from status.operator_pages.reasons import shown_reason
from status.operator_pages.unpublished import unpublished_components, unpublished_works
from status.probing import evidence
from status.probing.kinds import kind_of
from status.publishing.chart import Chart, draw
from status.state import maintenance_windows
from status.state.damping import DebouncedState
from status.state.statements import active_overrides, is_visible, open_incidents
from status.storage.store import StatusStore
from status.timeseries.response_times import TimesReader
from status.timeseries.windows import WINDOWS, TimeWindow
from web.forms.csrf import SAFE
from web.language import lang
from web.page import page
from web.problems import forbidden, not_found
from web.site import plumbing

PUBLISHING = ("approve", "release")  # acts on an incident that waits
OVERRIDE_HOURS = (1, 4, 24, 72)  # how long an override may hold
INVALID_SPAN = N_("Choose one of the offered times.")


@dataclass(frozen=True, slots=True)
class StatusOperatorPages:
    """The pages and what they are made of. `folder` is where the engine publishes."""

    incidents: IncidentEditor
    store: StatusStore
    probes: tuple[Probe, ...]
    folder: Path
    templates: IncidentTemplates = field(default_factory=IncidentTemplates)
    times: TimesReader | None = None

    # ------------------------------------------------------------------ overview

    def overview(self) -> AnyResponse:
        """GET /ops."""
        require_operator()
        now = plumbing().clock.now()
        statements = self.store.statements()
        saved = state_file.load(self.folder)
        states, published_at = _states(saved), saved.snapshot.at if saved else now
        return ops_page(
            "status/operator_pages/overview.html",
            unpublished=unpublished_components(statements, published_at, now),
            unpublished_works=unpublished_works(statements, published_at, now),
            drafts=[i for i in statements.incidents if i.draft and not i.discarded],
            live=[i for i in open_incidents(statements.incidents) if is_visible(i, now)],
            over=[i for i in statements.incidents if i.resolved_at and not i.draft][:10],
            later=[i for i in statements.incidents if not i.draft and not is_visible(i, now)],
            series=self.incidents.series(),
            maintenances=maintenance_windows.upcoming(statements.maintenances, now),
            maintenance_state=lambda maintenance: maintenance_windows.state(maintenance, now),
            overrides={o.component: o for o in active_overrides(statements.overrides, now)},
            rows=[(c, states.get(c.id)) for c in self.incidents.components_in(lang())],
            fresh=saved,
        )

    # ------------------------------------------------------------------ incidents

    def new_incident(self) -> AnyResponse:
        """GET and POST /ops/incidents/new."""
        by = require_operator()
        form = self._with_template(submitted_form())
        if request.method in SAFE:
            return self._incident_form(form, {})
        draft = form.go == "draft"
        entry, when = form.announcement_text, form.backdating
        errors = form.errors(self.incidents.open_problems(form.title, entry, when=when))
        concerns = form.concerns_about_time(self.incidents.now())
        if not draft:
            concerns += form.concerns(form.text, needs_services=True)
            concerns += self._concerns.opening(entry, lang()) if form.asks else ()
        if form.go == "preview" and not errors:
            composed = self.incidents.compose(form.title, entry, when=when)
            previews = incident_previews(composed, self.incidents.components)
            return self._incident_form(form, {}, previews=previews, concerns=concerns)
        if errors or concerns:
            return self._incident_form(form, errors, concerns=concerns)
        opened = self.incidents.open(form.title, entry, by, when=when, draft=draft)
        return redirect(f"/ops/incidents/{opened.id}", 303)

    def incident(self, id: str) -> AnyResponse:
        """GET and POST /ops/incidents/<id>: the timeline, and one more entry."""
        by = require_operator()
        before = self._get_incident(id)
        form = self._with_template(submitted_form())
        if request.method in SAFE:
            return self._incident_page(before, form, {})
        if form.go in (*PUBLISHING, "discard"):
            return self._act_on_waiting(before, form, by)
        entry, at = form.announcement_text, form.moment("at")
        errors = form.errors(self.incidents.update_problems(before, entry, at=at))
        concerns = form.concerns(before.title)
        concerns += self._concerns.updating(before, entry, lang()) if form.asks else ()
        if form.go == "preview" and not errors:
            composed = self.incidents.compose_update(before, entry, at=at)
            previews = incident_previews(composed, self.incidents.components)
            return self._incident_page(before, form, {}, previews=previews, concerns=concerns)
        if errors or concerns:
            return self._incident_page(before, form, errors, concerns=concerns)
        try:
            self.incidents.update(id, entry, by, at=at, version=form.version)
        except RuleViolation as refused:
            return self._incident_page(self._get_incident(id), form, dict(refused.fields))
        return redirect(f"/ops/incidents/{id}", 303)

    def _act_on_waiting(self, waiting: Incident, form: SubmittedForm, by: str) -> AnyResponse:
        """Show readers what waits, or put it away."""
        actions = {
            "approve": self.incidents.approve,
            "discard": self.incidents.discard,
            "release": self.incidents.publish_now,
        }
        if form.asks and form.go in PUBLISHING:
            concerns = self._concerns_about_waiting(waiting, form.go)
            if concerns:
                return self._incident_page(waiting, form, {}, concerns=concerns)
        try:
            actions[form.go](waiting.id, by, version=form.version)
        except RuleViolation as refused:
            return self._incident_page(self._get_incident(waiting.id), form, dict(refused.fields))
        return redirect(f"/ops/incidents/{waiting.id}", 303)

    def _concerns_about_waiting(self, waiting: Incident, go: str) -> tuple[FilledText, ...]:
        moments = [waiting.publish_at] if waiting.publish_at and go == "approve" else []
        return (
            *time_concerns(moments, self.incidents.now()),
            *word_concerns(
                waiting.title,
                waiting.updates[0].text,
                plumbing().site.languages,
                names_services=bool(waiting.components),
            ),
            *self._concerns.publishing(waiting, lang()),
        )

    @property
    def _concerns(self) -> IncidentConcerns:
        zone = plumbing().site.time_zone
        return IncidentConcerns(self.incidents, self.probes, self.folder, zone)

    def _with_template(self, form: SubmittedForm) -> SubmittedForm:
        """The form with the template that the address asks for."""
        template = self.templates.find(request.args.get("template", ""))
        return form.with_template(template) if template and request.method in SAFE else form

    def _get_incident(self, id: str) -> Incident:
        try:
            return self.incidents.get(id)
        except NotFound:
            raise not_found() from None

    def _incident_form(
        self,
        form: SubmittedForm,
        errors: dict[str, str],
        *,
        previews: tuple[Preview, ...] = (),
        concerns: tuple[FilledText, ...] = (),
    ) -> AnyResponse:
        return ops_page(
            "status/operator_pages/incident_new.html",
            422 if errors else 200,
            form=form,
            errors=errors,
            concerns=concerns,
            components=self.incidents.components_in(lang()),
            templates=[t for t in self.templates.offered if t.title],
            previews=previews,
        )

    def _incident_page(
        self,
        incident: Incident,
        form: SubmittedForm,
        errors: dict[str, str],
        *,
        previews: tuple[Preview, ...] = (),
        concerns: tuple[FilledText, ...] = (),
    ) -> AnyResponse:
        return ops_page(
            "status/operator_pages/incident.html",
            422 if errors else 200,
            concerns=concerns,
            names=self.incidents.component_names(
                {*incident.components, *(c for u in incident.updates for c in u.components)}, lang()
            ),
            latest_conditions=latest_conditions(incident),
            incident=incident,
            form=form,
            errors=errors,
            components=self.incidents.components_in(lang()),
            templates=self.templates.offered,
            previews=previews,
        )

    # ------------------------------------------------------------------ components

    def component(self, id: str) -> AnyResponse:
        """GET and POST /ops/components/<id>: its probes with evidence; an operator's word on it."""
        by = require_operator()
        component = self._component(id)
        if request.method == "POST":
            return self._override(component, by)
        return self._component_page(component, {})

    def _override(self, component: Component, by: str) -> AnyResponse:
        form = request.form
        hours = form.get("hours", "")
        problems = {}
        taken_back = hours == "0"  # also what only a program could set
        if form.get("condition", "") not in (set(Condition) if taken_back else CHOICES):
            problems["condition"] = labels.INVALID_STATE
        if hours not in {"0", *map(str, OVERRIDE_HOURS)}:
            problems["hours"] = INVALID_SPAN
        problems |= reason_problems(form.get("reason", ""))
        if problems:
            return self._component_page(component, problems, 422)
        until = plumbing().clock.now() + timedelta(hours=int(hours))
        reason = form.get("reason", "").replace("\0", "")
        try:
            condition, seen = Condition(form["condition"]), version_of(form)
            self.incidents.override(component.id, condition, until, by, reason, version=seen)
        except RuleViolation as refused:
            return self._component_page(component, dict(refused.fields), 422)
        return redirect(f"/ops/components/{component.id}", 303)

    def _component_page(
        self, component: Component, errors: dict[str, str], status: int = 200
    ) -> AnyResponse:
        saved = state_file.load(self.folder)
        debounced = saved.settled if saved else {}
        probes = [p for p in self.probes if p.component == component.id]
        return ops_page(
            "status/operator_pages/component.html",
            status,
            component=component.in_language(lang()),
            state=_states(saved).get(component.id),
            is_unpublished=saved is not None and component.id in self._unpublished(saved),
            probes=[
                (
                    p,
                    debounced.get(p.name, DebouncedState()),
                    self.store.observations(p.name, limit=1),
                    self.store.observations(p.name, limit=10, failed=True),
                    sorted(saved.votes.get(p.name, {}).items()) if saved else (),
                )
                for p in probes
            ],
            evidence=evidence.describe_observation,
            shown_reason=shown_reason,
            charts=self._charts(probes, saved),
            windows=WINDOWS,
            window=_window(),
            transitions=self.store.transitions(component.id),
            override={o.component: o for o in self.incidents.overrides()}.get(component.id),
            hours=OVERRIDE_HOURS,
            errors=errors,
            typed=request.form if errors else {},
        )

    def _charts(self, probes: list[Probe], saved: StateFile | None) -> dict[str, Chart]:
        """The response times of each probe that has any."""
        charts = {}
        for probe in probes if self.times else ():
            timed = kind_of(probe.kind).has_response_time
            if timed and self.times and (read := self.times.probe(probe, _window())):
                interruptions = interruptions_of(saved, probe.component) if saved else ()
                charts[probe.name] = draw(read, interruptions, self.times.zone).charts[0]
        return charts

    def _component(self, id: str) -> Component:
        component = next((c for c in self.incidents.components if c.id == id), None)
        if component is None:
            raise not_found()
        return component

    def _unpublished(self, saved: StateFile) -> frozenset[str]:
        now = plumbing().clock.now()
        return unpublished_components(self.store.statements(), saved.snapshot.at, now)


def _states(saved: StateFile | None) -> dict[str, ComponentStatus]:
    """The state of each component as it was published last."""
    return {s.component.id: s for s in saved.snapshot.states} if saved else {}


def _window() -> TimeWindow:
    """The window that the address asks for."""
    window_name = request.args.get("window", "")
    return next((w for w in WINDOWS if w.name == window_name), WINDOWS[0])


def require_operator() -> str:
    """The id of the operator who asks. Raises sign_in_needed, forbidden, not_found."""
    person = signed_in()
    if person.is_operator():
        return person.id
    raise forbidden() if person.is_staff() else not_found()


def submitted_form() -> SubmittedForm:
    """The form of this request."""
    parts, site = tuple(request.form.getlist("parts")), plumbing().site
    return parse_form(request.form.to_dict(), parts, site.time_zone, languages=site.languages)


def ops_page(template: str, status: int = 200, **values: object) -> AnyResponse:
    """An operators' page with the words that all of them need."""
    shared: dict[str, object] = {
        "conditions": labels.CONDITIONS,
        "choices": CHOICES,
        "states": labels.STATES,
        "window_titles": labels.WINDOWS,
        "automatic_texts": labels.AUTOMATIC_TEXTS,
        "incident_states": tuple(IncidentState),
        "grades": labels.GRADES,
        "corrected": "corrected" in request.args,
    }
    return page(template, status, **shared, **values)


def blueprint(
    incidents: IncidentEditor,
    store: StatusStore,
    probes: tuple[Probe, ...],
    folder: Path,
    templates: IncidentTemplates | None = None,
    *,
    times: TimesReader | None = None,
) -> Blueprint:
    """The pages under /ops that belong to status."""
    ready_words = templates or IncidentTemplates()
    pages = StatusOperatorPages(incidents, store, probes, folder, ready_words, times)
    routes = Blueprint("status", __name__)
    methods = ["GET", "POST"]
    routes.add_url_rule("/ops", view_func=pages.overview)
    routes.add_url_rule("/ops/incidents/new", view_func=pages.new_incident, methods=methods)
    routes.add_url_rule("/ops/incidents/<id>", view_func=pages.incident, methods=methods)
    routes.add_url_rule("/ops/components/<id>", view_func=pages.component, methods=methods)
    return routes
