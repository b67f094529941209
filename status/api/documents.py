"""Request and response documents of the operators' status API. Field names never change. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from render.i18n import FilledText
from render.languages import DEFAULT
from render.message_format import sentence
from status.incidents.templates import IncidentTemplate
from status.incidents.validation import TEXT, TITLE
from status.model import (
    Announcement,
    Component,
    ComponentStatus,
    Condition,
    Impact,
    Incident,
    IncidentState,
    Maintenance,
    MaintenanceState,
    Observation,
    Override,
    Transition,
)
from status.state import maintenance_windows as work
from web.api.openapi import LANGUAGE

_LANGUAGES = {"propertyNames": {"$ref": LANGUAGE}}
TextByLanguage = Annotated[
    dict[str, Annotated[str, Meta(max_length=TEXT)]],
    Meta(
        min_length=1,
        description="Language code to text; at least one that says something.",
        extra_json_schema=_LANGUAGES,
    ),
]
TitleByLanguage = Annotated[
    dict[str, Annotated[str, Meta(max_length=TITLE)]],
    Meta(
        min_length=1,
        description="Language code to a headline; at least one that says something.",
        extra_json_schema=_LANGUAGES,
    ),
]


class RequestBody(Struct, forbid_unknown_fields=True, kw_only=True):
    """A body that programs send."""


# ------------------------------------------------------------------ components
class OverrideDocument(Struct):
    """An operator's word on a component."""

    component: str
    condition: Condition
    until: datetime
    by: str
    reason: str = ""
    version: int = 1


class ComponentDocument(Struct):
    """A component, what it is in, and what people said of it."""

    id: str
    name: str
    group: str
    description: str
    policy: str
    depends_on: tuple[str, ...]
    probes: tuple[str, ...]
    condition: Condition
    since: datetime | None
    checked_at: datetime | None
    caused_by: str
    override: OverrideDocument | None


class OverrideInput(RequestBody):
    """Set a component by hand until a moment; a month ahead at most."""

    condition: Condition
    until: datetime
    reason: Annotated[str, Meta(max_length=200)] = ""
    version: int | None = None  # of the word it takes the place of, 0 for none


class ObservationDocument(Struct):
    """One look of a probe. `fact` is its evidence, kept when the look was not plainly good."""

    probe: str
    vantage: str
    at: datetime
    elapsed_ms: float
    grade: str
    reason: str
    reliable: bool
    fact: str


class TransitionDocument(Struct):
    """A change of a component's condition."""

    component: str
    before: Condition
    after: Condition
    since: datetime
    reason: str


# ------------------------------------------------------------------ incidents
class UpdateDocument(Struct):
    """One entry of an incident's timeline."""

    id: str
    state: str
    at: datetime
    text: dict[str, str]
    components: dict[str, Condition]
    corrected_at: datetime | None = None


class IncidentDocument(Struct):
    """An incident; updates newest first. `cause` is set while probes tell it by themselves.
    `concerns` say, of what was just written, that probes still see trouble with services which are
    told to be well, or that another open incident tells of them."""

    id: str
    title: dict[str, str]
    state: IncidentState
    impact: Impact
    started_at: datetime
    resolved_at: datetime | None
    publish_at: datetime | None
    draft: bool
    discarded: bool
    cause: str
    components: tuple[str, ...]
    updates: tuple[UpdateDocument, ...]
    version: int = 1
    concerns: tuple[str, ...] = ()


class IncidentInput(RequestBody):
    """A new incident. With `ended_at` it was over before it is told."""

    title: TitleByLanguage
    text: TextByLanguage
    state: IncidentState = IncidentState.INVESTIGATING
    components: dict[str, Condition] = {}
    impact: Impact | None = None
    draft: bool = False
    started_at: datetime | None = None
    publish_at: datetime | None = None
    ended_at: datetime | None = None


class UpdateInput(RequestBody):
    """One more entry. `take_over` ends the telling by probes; `at` backdates it."""

    text: TextByLanguage
    state: IncidentState
    components: dict[str, Condition] = {}
    take_over: bool = False
    at: datetime | None = None
    version: int | None = None  # what was read; refused with 409 when it has changed since


class AnnouncementTextInput(RequestBody):
    """Words by language."""

    text: TextByLanguage


# ------------------------------------------------------------------ planned work, announcements
class MaintenanceDocument(Struct):
    """Planned work: one-off, one date of recurring work (`series`), or the series (`rrule`).
    `updates` are newest first; what the clock brought has no text."""

    id: str
    title: dict[str, str]
    text: dict[str, str]
    state: MaintenanceState
    starts_at: datetime
    ends_at: datetime
    components: tuple[str, ...]
    created_at: datetime
    cancelled: bool
    sequence: int
    rrule: str
    zone: str
    series: str
    updates: tuple[UpdateDocument, ...]
    version: int = 1


class MaintenanceInput(RequestBody):
    """New planned work; with `rrule` (RFC 5545) it recurs by the wall clock of `zone`."""

    title: TitleByLanguage
    text: TextByLanguage
    starts_at: datetime
    ends_at: datetime
    components: tuple[str, ...]
    rrule: str = ""
    zone: str = "UTC"


class NoteInput(RequestBody):
    """A word on planned work; `verifying` says that the result is being checked."""

    text: TextByLanguage
    state: MaintenanceState | None = None
    version: int | None = None


class WindowInput(RequestBody):
    """Another window."""

    starts_at: datetime
    ends_at: datetime
    version: int | None = None


class AnnouncementDocument(Struct):
    """News that is no incident."""

    id: str
    title: dict[str, str]
    text: dict[str, str]
    starts_at: datetime
    ends_at: datetime | None
    version: int = 1


class AnnouncementInput(RequestBody):
    """New news; shown at once and until it is withdrawn unless moments are given."""

    title: TitleByLanguage
    text: TextByLanguage
    starts_at: datetime | None = None
    ends_at: datetime | None = None


# ------------------------------------------------------------------ ready words
class TemplateDocument(Struct):
    """Ready words by language, and the state they go with."""

    id: str
    name: str
    state: str
    title: dict[str, str]
    text: dict[str, str]


# ------------------------------------------------------------------ from our values
def template_document(source: IncidentTemplate, languages: Iterable[str]) -> TemplateDocument:
    """Ready words, with {parts:list} still standing where services will be named."""
    return TemplateDocument(
        source.id,
        source.name,
        source.state,
        source.unfilled(source.title, languages),
        source.unfilled(source.text, languages),
    )


def component_document(
    source: Component,
    probes: Iterable[str],
    state: ComponentStatus | None,
    override: Override | None,
) -> ComponentDocument:
    """A component as programs see it."""
    return ComponentDocument(
        id=source.id,
        name=source.name,
        group=source.group,
        description=source.description,
        policy=source.policy,
        depends_on=source.depends_on,
        probes=tuple(probes),
        condition=state.condition if state else Condition.NO_DATA,
        since=state.since if state else None,
        checked_at=state.checked_at if state else None,
        caused_by=state.caused_by if state else "",
        override=override_document(override) if override else None,
    )


def override_document(override: Override) -> OverrideDocument:
    """An operator's word."""
    return OverrideDocument(
        override.component,
        override.condition,
        override.until,
        override.by,
        override.reason,
        override.version,
    )


def observation_document(source: Observation) -> ObservationDocument:
    """One look."""
    return ObservationDocument(
        source.probe,
        source.vantage,
        source.at,
        round(source.elapsed.total_seconds() * 1000, 3),
        source.signal.grade.value,
        source.signal.reason,
        source.reliable,
        source.fact,
    )


def transition_document(source: Transition) -> TransitionDocument:
    """One change."""
    return TransitionDocument(
        source.component, source.before, source.after, source.since, source.reason
    )


def incident_document(
    source: Incident, concerns: Iterable[FilledText] = (), lang: str = DEFAULT
) -> IncidentDocument:
    """An incident with its timeline, and what its writer should know of it."""
    document = msgspec.convert(source, IncidentDocument, from_attributes=True)
    document.concerns = tuple(sentence(lang, concern) for concern in concerns)
    return document


def maintenance_document(maintenance: Maintenance, now: datetime) -> MaintenanceDocument:
    """Planned work as it stands at a moment."""
    return MaintenanceDocument(
        id=maintenance.id,
        title=dict(maintenance.title),
        text=dict(maintenance.text),
        state=work.state(maintenance, now),
        starts_at=maintenance.starts_at,
        ends_at=maintenance.ends_at,
        components=maintenance.components,
        created_at=maintenance.created_at,
        cancelled=maintenance.cancelled,
        sequence=maintenance.sequence,
        rrule=maintenance.rrule,
        zone=maintenance.zone,
        series=maintenance.series,
        updates=()
        if maintenance.rrule
        else msgspec.convert(
            work.timeline(maintenance, now), tuple[UpdateDocument, ...], from_attributes=True
        ),
        version=maintenance.version,
    )


def announcement_document(source: Announcement) -> AnnouncementDocument:
    """News."""
    return msgspec.convert(source, AnnouncementDocument, from_attributes=True)
