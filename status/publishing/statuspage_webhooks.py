"""The body of Statuspage's webhooks, from a Snapshot and what was said. Pure."""

from __future__ import annotations

from status.model import Incident, Maintenance, Snapshot, Transition, localized, stable_id
from status.publishing.statuspage import (
    Json,
    PageAddress,
    incident_document,
    indicator,
    parts,
    public,
    stamp,
    work_document,
)

_ALWAYS: dict[str, object] = {
    "impact_override": None,
    "backfilled": False,
    "scheduled_for": None,
    "scheduled_until": None,
    "scheduled_remind_prior": False,
    "scheduled_reminded_at": None,
    "scheduled_auto_in_progress": False,
    "scheduled_auto_completed": False,
    "postmortem_body": None,
    "postmortem_body_last_updated_at": None,
    "postmortem_ignored": False,
    "postmortem_published_at": None,
    "postmortem_notified_subscribers": False,
    "postmortem_notified_twitter": False,
}


def incident_hook(snapshot: Snapshot, page: PageAddress, about: Incident) -> Json:
    """`page` and `incident` as Statuspage sends them; `meta` is the sender's."""
    body: dict[str, object] = {
        **_ALWAYS,
        **incident_document(about, page, parts(snapshot, page)),
    }
    told = next((u for u in about.updates if u.state == "postmortem"), None)
    if told is not None:
        body |= {
            "postmortem_body": localized(told.text, page.lang),
            "postmortem_body_last_updated_at": stamp(told.at),
            "postmortem_published_at": stamp(told.at),
            "postmortem_notified_subscribers": True,
        }
    return {"page": _page(snapshot, page), "incident": body}


def maintenance_hook(snapshot: Snapshot, page: PageAddress, about: Maintenance) -> Json:
    """Planned work in the same shape: Statuspage sends it as an incident with a window."""
    auto = {"scheduled_auto_in_progress": True, "scheduled_auto_completed": True}
    body = {**_ALWAYS, **auto, **work_document(about, snapshot.at, page, parts(snapshot, page))}
    return {"page": _page(snapshot, page), "incident": body}


def component_hook(snapshot: Snapshot, page: PageAddress, moved: Transition) -> Json:
    """A component that changed by itself: `component_update` and `component`."""
    known = parts(snapshot, page).get(moved.component)
    if known is None:
        return page_hook(snapshot, page)
    update = {
        "id": stable_id("moved", f"{moved.component}:{stamp(moved.since)}"),
        "component_id": known["id"],
        "component_type": "Component",
        "created_at": stamp(moved.since),
        "old_status": public(moved.before),
        "new_status": public(moved.after),
    }
    return {"page": _page(snapshot, page), "component_update": update, "component": known}


def page_hook(snapshot: Snapshot, page: PageAddress) -> Json:
    """Only how the page stands; for news that Statuspage has no shape for."""
    return {"page": _page(snapshot, page)}


def _page(snapshot: Snapshot, page: PageAddress) -> Json:
    told = indicator(snapshot)
    return {
        "id": stable_id("page", page.url),
        "status_indicator": told["indicator"],
        "status_description": told["description"],
    }
