"""What operators do on pages, for programs. Serves nothing by itself: see routes.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from render.i18n import N_
from status.api import documents as d
from status.incidents.incidents import (
    AT_ONCE,
    AnnouncementText,
    Backdating,
    IncidentEditor,
    NotFound,
    RuleViolation,
)
from status.incidents.maintenance import Recurrence
from status.incidents.templates import IncidentTemplates
from status.model import Component, ComponentStatus, Incident, Maintenance, Override, Probe
from status.monitoring import state_file
from status.sla import forms
from status.sla.report import period
from status.sla.store import SlaStore
from status.storage.store import StatusStore
from web.api.operations import ApiRequest, moment
from web.problems import invalid, not_found

MOST = 1000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StatusApi:
    """The calls and what they are made of. `folder` is where the engine publishes."""

    incidents: IncidentEditor
    store: StatusStore
    probes: tuple[Probe, ...]
    folder: Path
    sla: SlaStore
    wordings: IncidentTemplates

    # ------------------------------------------------------------------ components

    def components(self, asked: ApiRequest) -> list[d.ComponentDocument]:
        """All of them, as configured."""
        del asked
        return [self._component(c) for c in self.incidents.components]

    def component(self, asked: ApiRequest) -> d.ComponentDocument:
        """One of them."""
        return self._component(self._known(asked))

    def transitions(self, asked: ApiRequest) -> list[d.TransitionDocument]:
        """What it went through, newest first."""
        found = self.store.transitions(self._known(asked).id, asked.count("limit", 50, MOST))
        return [d.transition(one) for one in found]

    def override(self, asked: ApiRequest) -> d.OverrideDocument:
        """Set it by hand."""
        sent = asked.sent(d.OverrideWanted)
        until = moment("until", sent.until) or sent.until
        one = self._known(asked)
        if until <= self.incidents.now():
            raise invalid({"until": N_("This is over already.")})
        return d.said(
            tried(
                lambda: self.incidents.override(
                    one.id, sent.condition, until, asked.by, sent.reason
                )
            )
        )

    def relent(self, asked: ApiRequest) -> None:
        """Take an operator's word back."""
        one = self._known(asked)
        known = self._overrides().get(one.id)
        if known is None:
            raise not_found()
        now = self.incidents.now()
        tried(lambda: self.incidents.override(one.id, known.condition, now, asked.by))

    def observations(self, asked: ApiRequest) -> list[d.ObservationDocument]:
        """A probe's newest looks, with the evidence of those that were not good."""
        name = asked.args["name"]
        if name not in {p.name for p in self.probes}:
            raise not_found()
        failed = asked.query.get("failed", "") in ("1", "true")
        found = self.store.observations(name, limit=asked.count("limit", 50, MOST), failed=failed)
        return [d.observation(one) for one in found]

    def _known(self, asked: ApiRequest) -> Component:
        found = (c for c in self.incidents.components if c.id == asked.args["id"])
        one = next(found, None)
        if one is None:
            raise not_found()
        return one

    def _component(self, one: Component) -> d.ComponentDocument:
        probes = (p.name for p in self.probes if p.component == one.id)
        return d.component(one, probes, self._states().get(one.id), self._overrides().get(one.id))

    def _states(self) -> dict[str, ComponentStatus]:
        known = state_file.recall(self.folder)
        return {s.component.id: s for s in known.snapshot.states} if known else {}

    def _overrides(self) -> dict[str, Override]:
        return {o.component: o for o in self.incidents.overrides()}

    def uptime(self, asked: ApiRequest) -> d.SlaDocument:
        """The report of a month, a quarter or a year."""
        try:
            over = period(asked.args["period"], self.sla.now().date())
        except ValueError:
            raise not_found() from None
        return msgspec.convert(forms.document(self.sla.report(over)), d.SlaDocument)

    # ------------------------------------------------------------------ incidents

    def templates(self, asked: ApiRequest) -> list[d.TemplateDocument]:
        """Ready words, the operator's own first; services stand as {parts:list}."""
        del asked
        return [d.template(one) for one in self.wordings.offered]

    def all(self, asked: ApiRequest) -> list[d.IncidentDocument]:
        """Open, recent, scheduled and draft incidents, newest first."""
        del asked
        return [d.incident(one) for one in self.incidents.all()]

    def incident(self, asked: ApiRequest) -> d.IncidentDocument:
        """One, however old."""
        return d.incident(self._incident(asked))

    def open(self, asked: ApiRequest) -> d.IncidentDocument:
        """Tell the public that something is wrong."""
        sent = asked.sent(d.IncidentWanted)
        when = Backdating(
            moment("started_at", sent.started_at),
            moment("publish_at", sent.publish_at),
            moment("ended_at", sent.ended_at),
        )
        news = AnnouncementText(sent.text, sent.state, sent.components)
        return d.incident(
            tried(
                lambda: self.incidents.open(
                    sent.title,
                    news,
                    asked.by,
                    impact=sent.impact,
                    draft=sent.draft,
                    when=when if when != Backdating() else AT_ONCE,
                )
            )
        )

    def update(self, asked: ApiRequest) -> d.IncidentDocument:
        """One more entry in the timeline; `resolved` ends it, `postmortem` says what happened."""
        sent = asked.sent(d.UpdateWanted)
        news = AnnouncementText(sent.text, sent.state, sent.components or None, sent.take_over)
        at = moment("at", sent.at)
        return d.incident(
            tried(lambda: self.incidents.update(asked.args["id"], news, asked.by, at=at))
        )

    def resolve(self, asked: ApiRequest) -> d.IncidentDocument:
        """It is over; its components are well again."""
        text = asked.sent(d.TextWanted).text
        return d.incident(tried(lambda: self.incidents.resolve(asked.args["id"], text, asked.by)))

    def postmortem(self, asked: ApiRequest) -> d.IncidentDocument:
        """What happened and what we learned."""
        text = asked.sent(d.TextWanted).text
        return d.incident(
            tried(lambda: self.incidents.postmortem(asked.args["id"], text, asked.by))
        )

    def approve(self, asked: ApiRequest) -> d.IncidentDocument:
        """Publish a draft."""
        self._incident(asked)
        self.incidents.approve(asked.args["id"], asked.by)
        return d.incident(self._incident(asked))

    def discard(self, asked: ApiRequest) -> d.IncidentDocument:
        """Put a draft away; what is no draft is refused."""
        done = tried(lambda: self.incidents.discard(asked.args["id"], asked.by))
        if not done:
            raise invalid({"id": N_("This is not a draft.")})
        return d.incident(self._incident(asked))

    def publish(self, asked: ApiRequest) -> d.IncidentDocument:
        """Publish at once what was scheduled."""
        tried(lambda: self.incidents.publish_now(asked.args["id"], asked.by))
        return d.incident(self._incident(asked))

    def _incident(self, asked: ApiRequest) -> Incident:
        return tried(lambda: self.incidents.get(asked.args["id"]))

    # ------------------------------------------------------------------ planned work

    def works(self, asked: ApiRequest) -> list[d.MaintenanceDocument]:
        """Planned, running and recent work, latest start first; recurring work by its dates."""
        del asked
        return [self._planned(one) for one in self.incidents.maintenances()]

    def work(self, asked: ApiRequest) -> d.MaintenanceDocument:
        """One-off work, a date of a series, or a series."""
        return self._planned(self._work(asked.args["id"]))

    def plan(self, asked: ApiRequest) -> d.MaintenanceDocument:
        """Announce work."""
        sent = asked.sent(d.MaintenanceWanted)
        moment("starts_at", sent.starts_at)
        moment("ends_at", sent.ends_at)
        window, again = (sent.starts_at, sent.ends_at), Recurrence(sent.rrule, sent.zone)
        return self._planned(
            tried(
                lambda: self.incidents.plan(
                    sent.title, sent.text, window, sent.components, asked.by, again=again
                )
            )
        )

    def move(self, asked: ApiRequest) -> d.MaintenanceDocument:
        """Another window for work that has not begun."""
        sent = asked.sent(d.WindowWanted)
        moment("starts_at", sent.starts_at)
        moment("ends_at", sent.ends_at)
        window = (sent.starts_at, sent.ends_at)
        id_ = asked.args["id"]
        tried(lambda: self.incidents.reschedule(id_, window, asked.by))
        return self._planned(self._work(id_))

    def note(self, asked: ApiRequest) -> d.MaintenanceDocument:
        """A word on it, and whether the result is being checked."""
        sent, id_ = asked.sent(d.NoteWanted), asked.args["id"]
        tried(lambda: self.incidents.note(id_, sent.text, sent.state or "", asked.by))
        return self._planned(self._work(id_))

    def finish(self, asked: ApiRequest) -> d.MaintenanceDocument:
        """End running work now, or cancel what is to come."""
        id_ = asked.args["id"]
        tried(lambda: self.incidents.finish(id_, asked.by))
        return self._planned(self._work(id_))

    def _work(self, id: str) -> Maintenance:
        return tried(lambda: self.incidents.work(id))

    def _planned(self, one: Maintenance) -> d.MaintenanceDocument:
        return d.planned(one, self.incidents.now())

    # ------------------------------------------------------------------ announcements

    def announcements(self, asked: ApiRequest) -> list[d.AnnouncementDocument]:
        """What is shown and what will be, newest first."""
        del asked
        return [d.announcement(one) for one in self.incidents.announcements()]

    def announce(self, asked: ApiRequest) -> d.AnnouncementDocument:
        """News that is no incident."""
        sent = asked.sent(d.AnnouncementWanted)
        return d.announcement(
            tried(
                lambda: self.incidents.announce(
                    sent.title,
                    sent.text,
                    asked.by,
                    starts_at=moment("starts_at", sent.starts_at),
                    ends_at=moment("ends_at", sent.ends_at),
                )
            )
        )

    def withdraw(self, asked: ApiRequest) -> None:
        """Take it off the pages."""
        tried(lambda: self.incidents.withdraw(asked.args["id"], asked.by))


def tried(act: Callable[[], T]) -> T:
    """An act, with its refusals as problems."""
    try:
        return act()
    except RuleViolation as refused:
        raise invalid(refused.fields) from refused
    except NotFound:
        raise not_found() from None
