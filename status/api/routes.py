"""Routes of status below /api/ops, each with its request and response documents."""

from __future__ import annotations

from status.api import corrections
from status.api import documents as d
from status.api.handlers import MAX_ITEMS, StatusApi
from status.api.sla_documents import SlaDocument
from web.api.operations import Operation, Parameter

READ, WRITE = "read", "write"
COMPONENTS = "/api/ops/components"
INCIDENTS = "/api/ops/incidents"
MAINTENANCES = "/api/ops/maintenances"
ANNOUNCEMENTS = "/api/ops/announcements"
_LIMIT = Parameter("limit", "How many, at most 1000; 50 when left out.", "integer", MAX_ITEMS)
_FAILED = Parameter("failed", '"true" or "1": only looks that were not good.')


def operations(api: StatusApi) -> tuple[Operation, ...]:
    """All operations of status, for serving and describing."""
    return (
        *_components(api),
        *_incidents(api),
        *_maintenances(api),
        *_announcements(api),
        *corrections.operations(api.incidents),
    )


def _components(api: StatusApi) -> tuple[Operation, ...]:
    item = f"{COMPONENTS}/{{id}}"
    return (
        Operation(
            "GET", COMPONENTS, "components", "All components and what they are in",
            list[d.ComponentDocument], role=READ, view=api.components,
        ),
        Operation(
            "GET", item, "component", "One component",
            d.ComponentDocument, role=READ, view=api.component,
        ),
        Operation(
            "GET", f"{item}/transitions", "transitions", "What a component went through, newest first",
            list[d.TransitionDocument], role=READ, view=api.transitions, query=(_LIMIT,), errors=(422,),
        ),
        Operation(
            "PUT", f"{item}/override", "override", "Set a component by hand until a moment",
            d.OverrideDocument, d.OverrideInput, WRITE, api.override, conditional=True,
        ),
        Operation(
            "DELETE", f"{item}/override", "relent", "Believe the probes again",
            role=WRITE, view=api.clear_override, conditional=True,
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
            SlaDocument, role=READ, view=api.uptime,
        ),
    )  # fmt: skip


def _incidents(api: StatusApi) -> tuple[Operation, ...]:
    item = f"{INCIDENTS}/{{id}}"
    return (
        Operation(
            "GET", "/api/ops/templates", "templates", "Ready words for incidents, in every language",
            list[d.TemplateDocument], role=READ, view=api.templates,
        ),
        Operation(
            "GET", INCIDENTS, "incidents", "Open, recent, scheduled and draft incidents, newest first",
            list[d.IncidentDocument], role=READ, view=api.all,
        ),
        Operation(
            "POST", INCIDENTS, "openIncident", "Tell the public that something is wrong",
            d.IncidentDocument, d.IncidentInput, WRITE, api.open, 201,
        ),
        Operation("GET", item, "incident", "One incident", d.IncidentDocument, role=READ, view=api.incident),
        Operation(
            "POST", f"{item}/updates", "updateIncident",
            "One more entry; the state `resolved` ends it, `postmortem` says what happened",
            d.IncidentDocument, d.UpdateInput, WRITE, api.update, 201, conditional=True,
        ),
        Operation(
            "POST", f"{item}/resolve", "resolveIncident", "It is over; its components are well again",
            d.IncidentDocument, d.AnnouncementTextInput, WRITE, api.resolve, errors=(409,),
            conditional=True,
        ),
        Operation(
            "POST", f"{item}/postmortem", "postmortem", "What happened and what was learned",
            d.IncidentDocument, d.AnnouncementTextInput, WRITE, api.postmortem, 201, errors=(409,),
            conditional=True,
        ),
        Operation(
            "POST", f"{item}/approve", "approveIncident", "Publish a draft",
            d.IncidentDocument, role=WRITE, view=api.approve, conditional=True,
        ),
        Operation(
            "POST", f"{item}/discard", "discardIncident",
            "Put a draft away; readers never see it, and the same trouble is not drafted again",
            d.IncidentDocument, role=WRITE, view=api.discard, errors=(422,), conditional=True,
        ),
        Operation(
            "POST", f"{item}/publish", "publishIncident", "Publish at once what was scheduled",
            d.IncidentDocument, role=WRITE, view=api.publish, conditional=True,
        ),
    )  # fmt: skip


def _maintenances(api: StatusApi) -> tuple[Operation, ...]:
    item = f"{MAINTENANCES}/{{id}}"
    return (
        Operation(
            "GET", MAINTENANCES, "maintenances", "Planned, running and recent work, latest start first",
            list[d.MaintenanceDocument], role=READ, view=api.maintenances,
        ),
        Operation(
            "POST", MAINTENANCES, "planMaintenance", "Announce work, one-off or recurring",
            d.MaintenanceDocument, d.MaintenanceInput, WRITE, api.plan, 201,
        ),
        Operation(
            "GET", item, "maintenance", "Work, one of its dates, or a series",
            d.MaintenanceDocument, role=READ, view=api.maintenance,
        ),
        Operation(
            "PUT", f"{item}/window", "moveMaintenance",
            "Move work that has not begun, or the end of what runs",
            d.MaintenanceDocument, d.WindowInput, WRITE, api.move, conditional=True,
        ),
        Operation(
            "POST", f"{item}/updates", "noteMaintenance",
            "A word on work; the state `verifying` says that its result is being checked",
            d.MaintenanceDocument, d.NoteInput, WRITE, api.note, 201, conditional=True,
        ),
        Operation(
            "POST", f"{item}/finish", "finishMaintenance",
            "End running work now, or cancel what is to come",
            d.MaintenanceDocument, role=WRITE, view=api.finish, errors=(409,), conditional=True,
        ),
    )  # fmt: skip


def _announcements(api: StatusApi) -> tuple[Operation, ...]:
    return (
        Operation(
            "GET", ANNOUNCEMENTS, "announcements", "What is shown and what will be, newest first",
            list[d.AnnouncementDocument], role=READ, view=api.announcements,
        ),
        Operation(
            "POST", ANNOUNCEMENTS, "announce", "News that is no incident",
            d.AnnouncementDocument, d.AnnouncementInput, WRITE, api.announce, 201,
        ),
        Operation(
            "DELETE", f"{ANNOUNCEMENTS}/{{id}}", "withdrawAnnouncement", "Take news off the pages",
            role=WRITE, view=api.withdraw,
        ),
    )  # fmt: skip
