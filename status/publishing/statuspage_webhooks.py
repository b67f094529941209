"""The body of Statuspage's webhooks, from a Snapshot and what was said. Pure."""

from __future__ import annotations

from render.languages import localized
from status.model import Incident, Maintenance, Snapshot, Transition, stable_id
from status.publishing.statuspage import (
    Json,
    PageAddress,
    component_objects,
    incident_document,
    indicator,
    maintenance_document,
    public_condition,
    stamp,
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


def incident_hook(snapshot: Snapshot, page: PageAddress, incident: Incident) -> Json:
    """`page` and `incident` as Statuspage sends them; `meta` is the sender's."""
    body: dict[str, object] = {
        **_ALWAYS,
        **incident_document(incident, page, component_objects(snapshot, page)),
    }
    postmortem = next((u for u in incident.updates if u.state == "postmortem"), None)
    if postmortem is not None:
        body |= {
            "postmortem_body": localized(postmortem.text, page.lang),
            "postmortem_body_last_updated_at": stamp(postmortem.changed_at),
            "postmortem_published_at": stamp(postmortem.published_at),
            "postmortem_notified_subscribers": True,
        }
    return {"page": _page(snapshot, page), "incident": body}


def maintenance_hook(snapshot: Snapshot, page: PageAddress, maintenance: Maintenance) -> Json:
    """Planned work in the same shape: Statuspage sends it as an incident with a window."""
    auto = {"scheduled_auto_in_progress": True, "scheduled_auto_completed": True}
    body = {
        **_ALWAYS,
        **auto,
        **maintenance_document(maintenance, snapshot.at, page, component_objects(snapshot, page)),
    }
    return {"page": _page(snapshot, page), "incident": body}


def component_hook(snapshot: Snapshot, page: PageAddress, transition: Transition) -> Json:
    """A component that changed by itself: `component_update` and `component`."""
    component = component_objects(snapshot, page).get(transition.component)
    if component is None:
        return page_hook(snapshot, page)
    update = {
        "id": stable_id("moved", f"{transition.component}:{stamp(transition.since)}"),
        "component_id": component["id"],
        "component_type": "Component",
        "created_at": stamp(transition.since),
        "old_status": public_condition(transition.before),
        "new_status": public_condition(transition.after),
    }
    return {"page": _page(snapshot, page), "component_update": update, "component": component}


def page_hook(snapshot: Snapshot, page: PageAddress) -> Json:
    """Only how the page stands; for news that Statuspage has no shape for."""
    return {"page": _page(snapshot, page)}


def _page(snapshot: Snapshot, page: PageAddress) -> Json:
    summary = indicator(snapshot)
    return {
        "id": stable_id("page", page.url),
        "status_indicator": summary["indicator"],
        "status_description": summary["description"],
    }
