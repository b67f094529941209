"""The addresses below /api/ops that status answers, each with what it takes and gives."""

from __future__ import annotations

from status.api import documents as d
from status.api.handlers import MOST, StatusApi
from web.api.operations import Operation, Parameter

READ, WRITE = "read", "write"
PARTS = "/api/ops/components"
TOLD = "/api/ops/incidents"
WORKS = "/api/ops/maintenances"
NEWS = "/api/ops/announcements"
_LIMIT = Parameter("limit", "How many, at most 1000; 50 when left out.", "integer", MOST)
_FAILED = Parameter("failed", '"1": only looks that were not good.')


def operations(api: StatusApi) -> tuple[Operation, ...]:
    """All operations of status, for serving and describing."""
    return (*_components(api), *_incidents(api), *_works(api), *_news(api))


def _components(api: StatusApi) -> tuple[Operation, ...]:
    one = f"{PARTS}/{{id}}"
    return (
        Operation(
            "GET", PARTS, "components", "All components and what they are in",
            list[d.ComponentDocument], role=READ, view=api.components,
        ),
        Operation(
            "GET", one, "component", "One component",
            d.ComponentDocument, role=READ, view=api.component,
        ),
        Operation(
            "GET", f"{one}/transitions", "transitions", "What a component went through, newest first",
            list[d.TransitionDocument], role=READ, view=api.transitions, query=(_LIMIT,), errors=(422,),
        ),
        Operation(
            "PUT", f"{one}/override", "override", "Set a component by hand until a moment",
            d.OverrideDocument, d.OverrideWanted, WRITE, api.override,
        ),
        Operation(
            "DELETE", f"{one}/override", "relent", "Believe the probes again",
            role=WRITE, view=api.relent,
        ),
        Operation(
            "GET", "/api/ops/probes/{name}/observations", "observations",
            "A probe's newest looks, with the evidence of those that were not good",
            list[d.ObservationDocument], role=READ, view=api.observations,
            query=(_LIMIT, _FAILED), errors=(422,),
        ),
        Operation(
            "GET", "/api/ops/uptime/{period}", "uptime",
            "The uptime report of a month (2026-03), a quarter (2026-Q1) or a year (2026)",
            d.SlaDocument, role=READ, view=api.uptime,
        ),
    )  # fmt: skip


def _incidents(api: StatusApi) -> tuple[Operation, ...]:
    one = f"{TOLD}/{{id}}"
    return (
        Operation(
            "GET", "/api/ops/templates", "templates", "Ready words for incidents, in every language",
            list[d.TemplateDocument], role=READ, view=api.templates,
        ),
        Operation(
            "GET", TOLD, "incidents", "Open, recent, scheduled and draft incidents, newest first",
            list[d.IncidentDocument], role=READ, view=api.all,
        ),
        Operation(
            "POST", TOLD, "openIncident", "Tell the public that something is wrong",
            d.IncidentDocument, d.IncidentWanted, WRITE, api.open, 201,
        ),
        Operation("GET", one, "incident", "One incident", d.IncidentDocument, role=READ, view=api.incident),
        Operation(
            "POST", f"{one}/updates", "updateIncident",
            "One more entry; the state `resolved` ends it, `postmortem` says what happened",
            d.IncidentDocument, d.UpdateWanted, WRITE, api.update, 201,
        ),
        Operation(
            "POST", f"{one}/resolve", "resolveIncident", "It is over; its components are well again",
            d.IncidentDocument, d.TextWanted, WRITE, api.resolve,
        ),
        Operation(
            "POST", f"{one}/postmortem", "postmortem", "What happened and what was learned",
            d.IncidentDocument, d.TextWanted, WRITE, api.postmortem, 201,
        ),
        Operation(
            "POST", f"{one}/approve", "approveIncident", "Publish a draft",
            d.IncidentDocument, role=WRITE, view=api.approve,
        ),
        Operation(
            "POST", f"{one}/discard", "discardIncident",
            "Put a draft away; readers never see it, and the same trouble is not drafted again",
            d.IncidentDocument, role=WRITE, view=api.discard, errors=(422,),
        ),
        Operation(
            "POST", f"{one}/publish", "publishIncident", "Publish at once what was scheduled",
            d.IncidentDocument, role=WRITE, view=api.publish,
        ),
    )  # fmt: skip


def _works(api: StatusApi) -> tuple[Operation, ...]:
    one = f"{WORKS}/{{id}}"
    return (
        Operation(
            "GET", WORKS, "maintenances", "Planned, running and recent work, latest start first",
            list[d.MaintenanceDocument], role=READ, view=api.works,
        ),
        Operation(
            "POST", WORKS, "planMaintenance", "Announce work, one-off or recurring",
            d.MaintenanceDocument, d.MaintenanceWanted, WRITE, api.plan, 201,
        ),
        Operation(
            "GET", one, "maintenance", "Work, one of its dates, or a series",
            d.MaintenanceDocument, role=READ, view=api.work,
        ),
        Operation(
            "PUT", f"{one}/window", "moveMaintenance",
            "Move work that has not begun, or the end of what runs",
            d.MaintenanceDocument, d.WindowWanted, WRITE, api.move,
        ),
        Operation(
            "POST", f"{one}/updates", "noteMaintenance",
            "A word on work; the state `verifying` says that its result is being checked",
            d.MaintenanceDocument, d.NoteWanted, WRITE, api.note, 201,
        ),
        Operation(
            "POST", f"{one}/finish", "finishMaintenance",
            "End running work now, or cancel what is to come",
            d.MaintenanceDocument, role=WRITE, view=api.finish,
        ),
    )  # fmt: skip


def _news(api: StatusApi) -> tuple[Operation, ...]:
    return (
        Operation(
            "GET", NEWS, "announcements", "What is shown and what will be, newest first",
            list[d.AnnouncementDocument], role=READ, view=api.announcements,
        ),
        Operation(
            "POST", NEWS, "announce", "News that is no incident",
            d.AnnouncementDocument, d.AnnouncementWanted, WRITE, api.announce, 201,
        ),
        Operation(
            "DELETE", f"{NEWS}/{{id}}", "withdrawAnnouncement", "Take news off the pages",
            role=WRITE, view=api.withdraw,
        ),
    )  # fmt: skip
