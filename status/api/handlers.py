"""Handlers of the operators' status API; their routes are in routes.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from render.i18n import N_
from status.api import documents as d
from status.api.sla_documents import SlaDocument
from status.incidents.incident_editing import (
    NOT_BACKDATED,
    AnnouncementText,
    Backdating,
    IncidentEditor,
    NotFound,
    RuleViolation,
)
from status.incidents.maintenance_editing import Recurrence
from status.incidents.templates import IncidentTemplates
from status.incidents.validation import ChangedMeanwhile
from status.model import (
    Component,
    ComponentStatus,
    Incident,
    IncidentState,
    Maintenance,
    Override,
    Probe,
)
from status.monitoring import state_file
from status.operator_pages.incident_concerns import IncidentConcerns
from status.sla import export
from status.sla.report import parse_period
from status.sla.store import SlaStore
from status.storage.store import StatusStore
from web.api.operations import ApiRequest, moment
from web.problems import changed_meanwhile, invalid, not_found

MAX_ITEMS = 1000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StatusApi:
    """The calls and what they are made of. `folder` is where the engine publishes."""

    incidents: IncidentEditor
    store: StatusStore
    probes: tuple[Probe, ...]
    folder: Path
    sla: SlaStore
    incident_templates: IncidentTemplates

    # ------------------------------------------------------------------ components

    def components(self, request: ApiRequest) -> list[d.ComponentDocument]:
        """All of them, as configured."""
        del request
        return [self._component_document(c) for c in self.incidents.components]

    def component(self, request: ApiRequest) -> d.ComponentDocument:
        """One of them."""
        return self._component_document(self._requested_component(request))

    def transitions(self, request: ApiRequest) -> list[d.TransitionDocument]:
        """What it went through, newest first."""
        changes = self.store.transitions(
            self._requested_component(request).id, request.count("limit", 50, MAX_ITEMS)
        )
        return [d.transition_document(transition) for transition in changes]

    def override(self, request: ApiRequest) -> d.OverrideDocument:
        """Set it by hand."""
        body = request.sent(d.OverrideInput)
        until = moment("until", body.until) or body.until
        component = self._requested_component(request)
        if until <= self.incidents.now():
            raise invalid({"until": N_("This is over already.")})
        seen_version = request.version_seen(body.version, lambda: self._override_version(component))
        return d.override_document(
            or_problem(
                lambda: self.incidents.override(
                    component.id,
                    body.condition,
                    until,
                    request.by,
                    body.reason,
                    version=seen_version,
                )
            )
        )

    def _override_version(self, component: Component) -> int:
        override = self._overrides().get(component.id)
        return override.version if override else 0

    def clear_override(self, request: ApiRequest) -> None:
        """Take an operator's word back."""
        component = self._requested_component(request)
        override = self._overrides().get(component.id)
        if override is None:
            raise not_found()
        now, condition = self.incidents.now(), override.condition
        seen_version = request.version_seen(None, lambda: override.version)
        or_problem(
            lambda: self.incidents.override(
                component.id, condition, now, request.by, version=seen_version
            )
        )

    def observations(self, request: ApiRequest) -> list[d.ObservationDocument]:
        """A probe's newest looks, with the evidence of those that were not good."""
        name = request.args["name"]
        if name not in {p.name for p in self.probes}:
            raise not_found()
        observations = self.store.observations(
            name, limit=request.count("limit", 50, MAX_ITEMS), failed=request.flag("failed")
        )
        return [d.observation_document(observation) for observation in observations]

    def _requested_component(self, request: ApiRequest) -> Component:
        matches = (c for c in self.incidents.components if c.id == request.args["id"])
        component = next(matches, None)
        if component is None:
            raise not_found()
        return component

    def _component_document(self, component: Component) -> d.ComponentDocument:
        probes = (p.name for p in self.probes if p.component == component.id)
        return d.component_document(
            component, probes, self._states().get(component.id), self._overrides().get(component.id)
        )

    def _states(self) -> dict[str, ComponentStatus]:
        saved = state_file.load(self.folder)
        return {s.component.id: s for s in saved.snapshot.states} if saved else {}

    def _overrides(self) -> dict[str, Override]:
        return {o.component: o for o in self.incidents.overrides()}

    def uptime(self, request: ApiRequest) -> SlaDocument:
        """The report of a month, a quarter or a year."""
        try:
            requested = parse_period(request.args["period"], self.sla.now().date())
        except ValueError:
            raise not_found() from None
        return msgspec.convert(export.document(self.sla.report(requested)), SlaDocument)

    # ------------------------------------------------------------------ incidents

    def templates(self, request: ApiRequest) -> list[d.TemplateDocument]:
        """Ready words, the operator's own first; services stand as {parts:list}."""
        del request
        templates = self.incident_templates
        return [d.template_document(t, templates.languages) for t in templates.offered]

    def all(self, request: ApiRequest) -> list[d.IncidentDocument]:
        """Open, recent, scheduled and draft incidents, newest first."""
        del request
        return [d.incident_document(incident) for incident in self.incidents.all()]

    def incident(self, request: ApiRequest) -> d.IncidentDocument:
        """One, however old."""
        return d.incident_document(self._incident(request))

    def open(self, request: ApiRequest) -> d.IncidentDocument:
        """Tell the public that something is wrong."""
        body = request.sent(d.IncidentInput)
        when = Backdating(
            moment("started_at", body.started_at),
            moment("publish_at", body.publish_at),
            moment("ended_at", body.ended_at),
        )
        entry = AnnouncementText(body.text, body.state, body.components)
        concerns = () if body.draft else self._concerns.opening(entry, request.lang)
        opened = or_problem(
            lambda: self.incidents.open(
                body.title,
                entry,
                request.by,
                impact=body.impact,
                draft=body.draft,
                when=when if when != Backdating() else NOT_BACKDATED,
            )
        )
        return d.incident_document(opened, concerns, request.lang)

    def update(self, request: ApiRequest) -> d.IncidentDocument:
        """One more entry in the timeline; `resolved` ends it, `postmortem` says what happened."""
        body = request.sent(d.UpdateInput)
        entry = AnnouncementText(body.text, body.state, body.components or None, body.take_over)
        at, seen_version = moment("at", body.at), self._version_seen(request, body.version)
        return self._updated(request, entry, at, seen_version)

    def _updated(
        self,
        request: ApiRequest,
        entry: AnnouncementText,
        at: datetime | None,
        seen_version: int | None,
    ) -> d.IncidentDocument:
        concerns = self._concerns.updating(self._incident(request), entry, request.lang)
        updated = or_problem(
            lambda: self.incidents.update(
                request.args["id"], entry, request.by, at=at, version=seen_version
            )
        )
        return d.incident_document(updated, concerns, request.lang)

    @property
    def _concerns(self) -> IncidentConcerns:
        return IncidentConcerns(self.incidents, self.probes, self.folder)

    def resolve(self, request: ApiRequest) -> d.IncidentDocument:
        """It is over; its components are well again."""
        text, seen_version = request.sent(d.AnnouncementTextInput).text, self._version_seen(request)
        entry = AnnouncementText(text, IncidentState.RESOLVED)
        return self._updated(request, entry, None, seen_version)

    def postmortem(self, request: ApiRequest) -> d.IncidentDocument:
        """What happened and what we learned."""
        text, seen_version = request.sent(d.AnnouncementTextInput).text, self._version_seen(request)
        return d.incident_document(
            or_problem(
                lambda: self.incidents.postmortem(
                    request.args["id"], text, request.by, version=seen_version
                )
            )
        )

    def approve(self, request: ApiRequest) -> d.IncidentDocument:
        """Publish a draft."""
        concerns = self._concerns.publishing(self._incident(request), request.lang)
        seen_version = self._version_seen(request)
        or_problem(
            lambda: self.incidents.approve(request.args["id"], request.by, version=seen_version)
        )
        return d.incident_document(self._incident(request), concerns, request.lang)

    def discard(self, request: ApiRequest) -> d.IncidentDocument:
        """Put a draft away; what is no draft is refused."""
        seen_version = self._version_seen(request)
        discarded = or_problem(
            lambda: self.incidents.discard(request.args["id"], request.by, version=seen_version)
        )
        if not discarded:
            raise invalid({"id": N_("This is not a draft.")})
        return d.incident_document(self._incident(request))

    def publish(self, request: ApiRequest) -> d.IncidentDocument:
        """Publish at once what was scheduled."""
        concerns = self._concerns.publishing(self._incident(request), request.lang)
        seen_version = self._version_seen(request)
        or_problem(
            lambda: self.incidents.publish_now(request.args["id"], request.by, version=seen_version)
        )
        return d.incident_document(self._incident(request), concerns, request.lang)

    def _version_seen(self, request: ApiRequest, version: int | None = None) -> int | None:
        return request.version_seen(version, lambda: self._incident(request).version)

    def _incident(self, request: ApiRequest) -> Incident:
        return or_problem(lambda: self.incidents.get(request.args["id"]))

    # ------------------------------------------------------------------ planned work

    def maintenances(self, request: ApiRequest) -> list[d.MaintenanceDocument]:
        """Planned, running and recent work, latest start first; recurring work by its dates."""
        del request
        return [
            self._maintenance_document(maintenance) for maintenance in self.incidents.maintenances()
        ]

    def maintenance(self, request: ApiRequest) -> d.MaintenanceDocument:
        """One-off work, a date of a series, or a series."""
        return self._maintenance_document(self._maintenance(request.args["id"]))

    def plan(self, request: ApiRequest) -> d.MaintenanceDocument:
        """Announce work."""
        body = request.sent(d.MaintenanceInput)
        moment("starts_at", body.starts_at)
        moment("ends_at", body.ends_at)
        window, recurrence = (body.starts_at, body.ends_at), Recurrence(body.rrule, body.zone)
        return self._maintenance_document(
            or_problem(
                lambda: self.incidents.plan(
                    body.title,
                    body.text,
                    window,
                    body.components,
                    request.by,
                    recurrence=recurrence,
                )
            )
        )

    def move(self, request: ApiRequest) -> d.MaintenanceDocument:
        """Another window for work that has not begun."""
        body = request.sent(d.WindowInput)
        moment("starts_at", body.starts_at)
        moment("ends_at", body.ends_at)
        window = (body.starts_at, body.ends_at)
        maintenance_id, seen_version = request.args["id"], self._work_seen(request, body.version)
        or_problem(
            lambda: self.incidents.reschedule(
                maintenance_id, window, request.by, version=seen_version
            )
        )
        return self._maintenance_document(self._maintenance(maintenance_id))

    def note(self, request: ApiRequest) -> d.MaintenanceDocument:
        """A word on it, and whether the result is being checked."""
        body, maintenance_id = request.sent(d.NoteInput), request.args["id"]
        seen_version = self._work_seen(request, body.version)
        or_problem(
            lambda: self.incidents.note(
                maintenance_id, body.text, body.state or "", request.by, version=seen_version
            )
        )
        return self._maintenance_document(self._maintenance(maintenance_id))

    def finish(self, request: ApiRequest) -> d.MaintenanceDocument:
        """End running work now, or cancel what is to come."""
        maintenance_id, seen_version = request.args["id"], self._work_seen(request)
        or_problem(lambda: self.incidents.finish(maintenance_id, request.by, version=seen_version))
        return self._maintenance_document(self._maintenance(maintenance_id))

    def _work_seen(self, request: ApiRequest, version: int | None = None) -> int | None:
        return request.version_seen(version, lambda: self._maintenance(request.args["id"]).version)

    def _maintenance(self, id: str) -> Maintenance:
        return or_problem(lambda: self.incidents.get_maintenance(id))

    def _maintenance_document(self, maintenance: Maintenance) -> d.MaintenanceDocument:
        return d.maintenance_document(maintenance, self.incidents.now())

    # ------------------------------------------------------------------ announcements

    def announcements(self, request: ApiRequest) -> list[d.AnnouncementDocument]:
        """What is shown and what will be, newest first."""
        del request
        return [
            d.announcement_document(announcement) for announcement in self.incidents.announcements()
        ]

    def announce(self, request: ApiRequest) -> d.AnnouncementDocument:
        """News that is no incident."""
        body = request.sent(d.AnnouncementInput)
        return d.announcement_document(
            or_problem(
                lambda: self.incidents.announce(
                    body.title,
                    body.text,
                    request.by,
                    starts_at=moment("starts_at", body.starts_at),
                    ends_at=moment("ends_at", body.ends_at),
                )
            )
        )

    def withdraw(self, request: ApiRequest) -> None:
        """Take it off the pages."""
        or_problem(lambda: self.incidents.withdraw(request.args["id"], request.by))


def or_problem(action: Callable[[], T]) -> T:
    """An act, with its refusals as problems."""
    try:
        return action()
    except ChangedMeanwhile as refused:
        raise changed_meanwhile(refused.fields) from refused
    except RuleViolation as refused:
        raise invalid(refused.fields) from refused
    except NotFound:
        raise not_found() from None
