"""The eight documents of Statuspage API v2, from a Snapshot. Pure.

Shapes as recorded from public pages that speak it; times in UTC with milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

import msgspec

from render.languages import localized
from render.message_format import sentence
from status import labels
from status.model import (
    Component,
    ComponentStatus,
    Condition,
    Impact,
    Incident,
    Maintenance,
    MaintenanceState,
    Snapshot,
    Update,
    group_name,
    stable_id,
)
from status.state import maintenance_windows
from status.state.composition import worst
from status.state.statements import open_incidents
from status.state.uptime import midnight

Json = Mapping[str, object]
LIMIT = 50
_UNSEEN = "Some Systems Not Seen"  # the format has no word for it, and "none" would be a claim


@dataclass(frozen=True, slots=True)
class PageAddress:
    """What the documents say of the page itself; `lang` chooses the incidents' words."""

    name: str
    url: str
    lang: str
    time_zone: str = "UTC"


def stamp(at: datetime | None) -> str | None:
    """A moment as the API writes it."""
    return (
        None if at is None else at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"
    )


def documented_state(snapshot: Snapshot) -> tuple[object, ...]:
    """All that the documents of a snapshot follow from, the page's own time aside."""
    at, works = snapshot.at, snapshot.maintenances
    return (
        [(s.component, s.condition, s.since, _first_day(s)) for s in snapshot.states],
        snapshot.known_components,
        snapshot.incidents,
        works,
        [(maintenance_windows.state(w, at), maintenance_windows.timeline(w, at)) for w in works],
    )


def documents(snapshot: Snapshot, page: PageAddress) -> dict[str, bytes]:
    """Path → JSON bytes of all eight documents."""
    head = _page_object(snapshot, page)
    by_id = component_objects(snapshot, page)
    components = msgspec.Raw(msgspec.json.encode(_components(snapshot, page, by_id)))
    incidents = [incident_document(i, page, by_id) for i in snapshot.incidents[:LIMIT]]
    unresolved = [
        incident_document(i, page, by_id) for i in open_incidents(snapshot.incidents)[:LIMIT]
    ]
    maintenances = sorted(snapshot.maintenances, key=lambda w: w.starts_at, reverse=True)
    by_state: dict[MaintenanceState, list[Json]] = {s: [] for s in MaintenanceState}
    for maintenance in maintenances:
        now = maintenance_windows.state(maintenance, snapshot.at)
        by_state[now].append(maintenance_document(maintenance, snapshot.at, page, by_id))
    upcoming = by_state[MaintenanceState.SCHEDULED][-LIMIT:]  # the soonest
    active = by_state[MaintenanceState.IN_PROGRESS] + by_state[MaintenanceState.VERIFYING]
    active = active[:LIMIT]
    all_maintenances = [
        maintenance_document(w, snapshot.at, page, by_id) for w in maintenances[:LIMIT]
    ]
    status = indicator(snapshot)
    bodies: dict[str, Json] = {
        "summary": {
            "page": head,
            "components": components,
            "incidents": unresolved,
            "scheduled_maintenances": upcoming + active,
            "status": status,
        },
        "status": {"page": head, "status": status},
        "components": {"page": head, "components": components},
        "incidents": {"page": head, "incidents": incidents},
        "incidents/unresolved": {"page": head, "incidents": unresolved},
        "scheduled-maintenances": {"page": head, "scheduled_maintenances": all_maintenances},
        "scheduled-maintenances/upcoming": {"page": head, "scheduled_maintenances": upcoming},
        "scheduled-maintenances/active": {"page": head, "scheduled_maintenances": active},
    }
    return {f"/api/v2/{name}.json": msgspec.json.encode(body) for name, body in bodies.items()}


def indicator(snapshot: Snapshot) -> Json:
    """The whole page in two words, by the table that Statuspage and its peers publish. The words are
    values of that format, which clients compare: no texts that somebody may put otherwise."""
    conditions = [s.condition for s in snapshot.states]
    count = {c: conditions.count(c) for c in Condition}
    total = len(conditions)
    rules = (
        (total and count[Condition.MAJOR_OUTAGE] == total, "critical", "Major System Outage"),
        (
            count[Condition.MAJOR_OUTAGE] or (total and count[Condition.PARTIAL_OUTAGE] == total),
            "major",
            "Partial System Outage",
        ),
        (count[Condition.PARTIAL_OUTAGE], "minor", "Minor Service Outage"),
        (
            total and count[Condition.DEGRADED_PERFORMANCE] == total,
            "minor",
            "Degraded System Service",
        ),
        (count[Condition.DEGRADED_PERFORMANCE], "minor", "Partially Degraded Service"),
        (count[Condition.UNDER_MAINTENANCE], "maintenance", "Service Under Maintenance"),
        *_by_incidents(snapshot),
        (count[Condition.NO_DATA], "minor", _UNSEEN),
    )
    for holds, name, description in rules:
        if holds:
            return {"indicator": name, "description": description}
    return {"indicator": "none", "description": "All Systems Operational"}


def _by_incidents(snapshot: Snapshot) -> list[tuple[bool, str, str]]:
    """While all components look well: an open incident still is no "All Systems Operational"."""
    open_ = {i.impact for i in open_incidents(snapshot.incidents)}
    return [
        (Impact.CRITICAL in open_, "critical", "Major System Outage"),
        (Impact.MAJOR in open_, "major", "Partial System Outage"),
        (bool(open_), "minor", "Partially Degraded Service"),
    ]


def public_condition(condition: Condition) -> Condition:
    """The format has no word for "no data"; what nobody can see is not claimed to be well."""
    return Condition.DEGRADED_PERFORMANCE if condition is Condition.NO_DATA else condition


def _page_object(snapshot: Snapshot, page: PageAddress) -> Json:
    return {
        "id": stable_id("page", page.url),
        "name": page.name,
        "url": page.url,
        "time_zone": "Etc/UTC" if page.time_zone == "UTC" else page.time_zone,
        "updated_at": stamp(snapshot.checked_at),
    }


def _components(snapshot: Snapshot, page: PageAddress, by_id: Mapping[str, Json]) -> list[Json]:
    since = _first_seen(snapshot)
    members: dict[str, list[ComponentStatus]] = {}
    for state in snapshot.states:
        members.setdefault(state.component.group, []).append(state)
    singles = [by_id[s.component.id] for s in snapshot.states]
    groups = [group for group in members if group]
    return singles + [_group(g, n, members[g], since, page) for n, g in enumerate(groups, 1)]


@lru_cache(maxsize=16_384)  # hardly any changes between two publications
def _component(
    component: Component,
    condition: Condition,
    *,
    since: datetime,
    first_seen: datetime,
    position: int,
    page: PageAddress,
) -> Json:
    translated = component.in_language(page.lang)
    group = stable_id("group", component.group) if component.group else None
    return {
        "id": stable_id("component", component.id),
        "name": translated.name,
        "status": public_condition(condition),
        "created_at": stamp(first_seen),
        "updated_at": stamp(since),
        "position": position,
        "description": translated.description or None,
        "showcase": True,
        "start_date": first_seen.date().isoformat(),
        "group_id": group,
        "page_id": stable_id("page", page.url),
        "group": False,
        "only_show_if_degraded": False,
    }


def _group(
    name: str,
    position: int,
    members: Sequence[ComponentStatus],
    since: Mapping[str, datetime],
    page: PageAddress,
) -> Json:
    return {
        "id": stable_id("group", name),
        "name": group_name(name, (s.component for s in members), page.lang),
        "status": worst(public_condition(s.condition) for s in members),
        "created_at": stamp(min(since[s.component.id] for s in members)),
        "updated_at": stamp(max(s.since for s in members)),
        "position": position,
        "description": None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": stable_id("page", page.url),
        "group": True,
        "only_show_if_degraded": False,
        "components": [stable_id("component", s.component.id) for s in members],
    }


def _first_seen(snapshot: Snapshot) -> Mapping[str, datetime]:
    """Since when each component is known; its first day that is told, where nothing is older."""
    since = {s.component.id: _first_day(s) for s in snapshot.states}
    for former in snapshot.known_components:
        if former.component in since:
            since[former.component] = min(since[former.component], former.first_seen)
    return since


def _first_day(state: ComponentStatus) -> datetime:
    first = next((d.on for d in state.days if d.seconds), state.since.date())
    return midnight(first)


def component_objects(snapshot: Snapshot, page: PageAddress) -> dict[str, Json]:
    """Our component → the object that stands for it in the documents; groups under group:<id>."""
    since = _first_seen(snapshot)
    singles = {
        s.component.id: _component(
            s.component,
            s.condition,
            since=s.since,
            first_seen=since[s.component.id],
            position=n,
            page=page,
        )
        for n, s in enumerate(snapshot.states, 1)
    }
    members: dict[str, list[Component]] = {}
    for state in snapshot.states:
        members.setdefault(state.component.group, []).append(state.component)
    folders: dict[str, Json] = {}
    for group in filter(None, members):
        translated_name = group_name(group, members[group], page.lang)
        folders[f"group:{stable_id('group', group)}"] = {"name": translated_name}
    return {**singles, **folders}


def _full_name(components: Mapping[str, Json], component_id: str) -> str:
    """ "Group - Component", as the format names a component that stands in a group."""
    own = components[component_id]
    folder = components.get(f"group:{own['group_id']}")
    return f"{folder['name']} - {own['name']}" if folder else str(own["name"])


def incident_document(
    incident: Incident, page: PageAddress, components: Mapping[str, Json]
) -> Json:
    """One incident with its updates; `components` as `parts` gives them."""
    updates = sorted(incident.updates, key=lambda u: u.at, reverse=True)
    monitoring = next((u.at for u in updates if u.state == "monitoring"), None)
    key = incident.id
    return {
        "id": key,
        "name": localized(incident.title, page.lang),
        "status": incident.state,
        "created_at": stamp(min((u.published_at for u in updates), default=incident.started_at)),
        "updated_at": stamp(incident.changed_at),
        "monitoring_at": stamp(monitoring),
        "resolved_at": stamp(incident.resolved_at),
        "impact": incident.impact,
        "shortlink": f"{page.url}/incidents/{key}",
        "started_at": stamp(incident.started_at),
        "page_id": stable_id("page", page.url),
        "incident_updates": _updates(updates, key, page, components),
        "components": [components[c] for c in incident.components if c in components],
        "reminder_intervals": None,
    }


def _updates(
    updates: Sequence[Update], incident: str, page: PageAddress, components: Mapping[str, Json]
) -> list[Json]:
    conditions: dict[str, Condition] = {}
    entries: list[Json] = []
    for update in reversed(updates):
        is_resolved = update.state == "resolved"  # told only afterwards: what it had been
        affected = [
            {
                "code": components[c]["id"],
                "name": _full_name(components, c),
                "old_status": conditions.get(c, now if is_resolved else Condition.OPERATIONAL),
                "new_status": Condition.OPERATIONAL if is_resolved else now,
            }
            for c, now in update.components.items()
            if c in components
        ]
        conditions |= update.components
        entries.append(
            {
                "id": update.id,
                "status": update.state,
                "body": localized(update.text, page.lang),
                "incident_id": incident,
                "created_at": stamp(update.published_at),
                "updated_at": stamp(update.changed_at),
                "display_at": stamp(update.at),
                "affected_components": affected or None,
                "deliver_notifications": True,
                "custom_tweet": None,
                "tweet_id": None,
            }
        )
    return entries[::-1]


def _maintenance_update(update: Update, page: PageAddress) -> Update:
    """An entry of planned work as clients get it: cancelled is finished, and nothing is unsaid."""
    is_automatic = ":" in update.id
    state = MaintenanceState(update.state)
    automatic_text = sentence(page.lang, labels.AUTOMATIC_TEXTS.get(state, ""))
    text = update.text or {page.lang: automatic_text}
    state = MaintenanceState.COMPLETED if state is MaintenanceState.CANCELLED else state
    return replace(
        update,
        id=stable_id("work", update.id) if is_automatic else update.id,
        state=state,
        text=text,
    )


def maintenance_document(
    maintenance: Maintenance, at: datetime, page: PageAddress, components: Mapping[str, Json]
) -> Json:
    """Planned work as it stands at a moment; `components` as `parts` gives them."""
    now = maintenance_windows.state(maintenance, at)
    state = MaintenanceState.COMPLETED if now is MaintenanceState.CANCELLED else now
    started = maintenance.starts_at if now is not MaintenanceState.SCHEDULED else None
    done = maintenance.ends_at if now is MaintenanceState.COMPLETED else None
    updates = [_maintenance_update(u, page) for u in maintenance_windows.timeline(maintenance, at)]
    updated_at = max(
        updates[0].at if updates else maintenance.created_at,
        maintenance.changed_at or maintenance.created_at,
    )
    return {
        "id": maintenance.id,
        "name": localized(maintenance.title, page.lang),
        "status": state,
        "created_at": stamp(maintenance.created_at),
        "updated_at": stamp(updated_at),
        "monitoring_at": None,
        "resolved_at": stamp(done),
        "impact": "maintenance",
        "shortlink": f"{page.url}/maintenance#{maintenance.id}",
        "started_at": stamp(started or maintenance.created_at),
        "page_id": stable_id("page", page.url),
        "incident_updates": _updates(updates, maintenance.id, page, components),
        "components": [components[c] for c in maintenance.components if c in components],
        "reminder_intervals": None,
        "scheduled_for": stamp(maintenance.starts_at),
        "scheduled_until": stamp(maintenance.ends_at),
    }
