"""The eight documents of Statuspage API v2, from a Snapshot. Pure.

Shapes as recorded from public pages that speak it; times in UTC with milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from render.message_format import sentence
from status import words
from status.model import (
    ComponentStatus,
    Condition,
    Impact,
    Incident,
    Maintenance,
    MaintenanceState,
    Snapshot,
    Update,
    localized,
    stable_id,
)
from status.state import maintenance_windows
from status.state.composition import open_incidents, worst

Json = Mapping[str, object]
LIMIT = 50


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


def documents(snapshot: Snapshot, page: PageAddress) -> dict[str, bytes]:
    """Path → JSON bytes of all eight documents."""
    head = _head(snapshot, page)
    components = _components(snapshot, page)
    by_id = parts(snapshot, page)
    incidents = [incident_document(i, page, by_id) for i in snapshot.incidents[:LIMIT]]
    unresolved = [
        incident_document(i, page, by_id) for i in open_incidents(snapshot.incidents)[:LIMIT]
    ]
    works = sorted(snapshot.maintenances, key=lambda w: w.starts_at, reverse=True)
    by_state: dict[MaintenanceState, list[Json]] = {s: [] for s in MaintenanceState}
    for work in works:
        now = maintenance_windows.state(work, snapshot.at)
        by_state[now].append(work_document(work, snapshot.at, page, by_id))
    upcoming = by_state[MaintenanceState.SCHEDULED][-LIMIT:]  # the soonest
    active = by_state[MaintenanceState.IN_PROGRESS] + by_state[MaintenanceState.VERIFYING]
    active = active[:LIMIT]
    every = [work_document(w, snapshot.at, page, by_id) for w in works[:LIMIT]]
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
        "scheduled-maintenances": {"page": head, "scheduled_maintenances": every},
        "scheduled-maintenances/upcoming": {"page": head, "scheduled_maintenances": upcoming},
        "scheduled-maintenances/active": {"page": head, "scheduled_maintenances": active},
    }
    return {f"/api/v2/{name}.json": msgspec.json.encode(body) for name, body in bodies.items()}


def indicator(snapshot: Snapshot) -> Json:
    """The whole page in two words, by the table that Statuspage and its peers publish."""
    conditions = [public(s.condition) for s in snapshot.states]
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


def public(condition: Condition) -> Condition:
    """The format has no word for "no data"; what nobody can see is not claimed to be well."""
    return Condition.DEGRADED_PERFORMANCE if condition is Condition.NO_DATA else condition


def _head(snapshot: Snapshot, page: PageAddress) -> Json:
    return {
        "id": stable_id("page", page.url),
        "name": page.name,
        "url": page.url,
        "time_zone": "Etc/UTC" if page.time_zone == "UTC" else page.time_zone,
        "updated_at": stamp(snapshot.checked_at),
    }


def _components(snapshot: Snapshot, page: PageAddress) -> list[Json]:
    groups = list(dict.fromkeys(s.component.group for s in snapshot.states if s.component.group))
    singles = [_component(s, n, page) for n, s in enumerate(snapshot.states, 1)]
    folders = [_group(g, n, snapshot.states, page) for n, g in enumerate(groups, 1)]
    return singles + folders


def _component(state: ComponentStatus, position: int, page: PageAddress) -> Json:
    part = state.component
    group = stable_id("group", part.group) if part.group else None
    return {
        "id": stable_id("component", part.id),
        "name": part.name,
        "status": public(state.condition),
        "created_at": stamp(_first_seen(state)),
        "updated_at": stamp(state.since),
        "position": position,
        "description": part.description or None,
        "showcase": True,
        "start_date": _first_seen(state).date().isoformat(),
        "group_id": group,
        "page_id": stable_id("page", page.url),
        "group": False,
        "only_show_if_degraded": False,
    }


def _group(name: str, position: int, states: Sequence[ComponentStatus], page: PageAddress) -> Json:
    members = [s for s in states if s.component.group == name]
    return {
        "id": stable_id("group", name),
        "name": name,
        "status": worst(public(s.condition) for s in members),
        "created_at": stamp(min(_first_seen(s) for s in members)),
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


def _first_seen(state: ComponentStatus) -> datetime:
    first = next((d.on for d in state.days if d.seconds), None)
    midnight = state.since.replace(hour=0, minute=0, second=0, microsecond=0)
    return (
        midnight
        if first is None
        else midnight.replace(year=first.year, month=first.month, day=first.day)
    )


def parts(snapshot: Snapshot, page: PageAddress) -> dict[str, Json]:
    """Our component → the object that stands for it in the documents; groups under group:<id>."""
    singles = {s.component.id: _component(s, n, page) for n, s in enumerate(snapshot.states, 1)}
    names = dict.fromkeys(s.component.group for s in snapshot.states if s.component.group)
    folders = {f"group:{stable_id('group', n)}": {"name": n} for n in names}
    return {**singles, **folders}


def _full_name(components: Mapping[str, Json], part: str) -> str:
    """ "Group - Component", as the format names a component that stands in a group."""
    own = components[part]
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
        "created_at": stamp(updates[-1].at if updates else incident.started_at),
        "updated_at": stamp(updates[0].at if updates else incident.started_at),
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
    told: dict[str, Condition] = {}
    out: list[Json] = []
    for update in reversed(updates):
        over = update.state == "resolved"  # told only afterwards: what it had been
        affected = [
            {
                "code": components[c]["id"],
                "name": _full_name(components, c),
                "old_status": told.get(c, now if over else Condition.OPERATIONAL),
                "new_status": Condition.OPERATIONAL if over else now,
            }
            for c, now in update.components.items()
            if c in components
        ]
        told |= update.components
        out.append(
            {
                "id": update.id,
                "status": update.state,
                "body": localized(update.text, page.lang),
                "incident_id": incident,
                "created_at": stamp(update.at),
                "updated_at": stamp(update.at),
                "display_at": stamp(update.at),
                "affected_components": affected or None,
                "deliver_notifications": True,
                "custom_tweet": None,
                "tweet_id": None,
            }
        )
    return out[::-1]


def _entry(update: Update, page: PageAddress) -> Update:
    """An entry of planned work as clients get it: cancelled is finished, and nothing is unsaid."""
    known = ":" in update.id
    state = MaintenanceState(update.state)
    turn = sentence(page.lang, words.TURNS.get(state, ""))
    told = update.text or {page.lang: turn}
    state = MaintenanceState.COMPLETED if state is MaintenanceState.CANCELLED else state
    return replace(
        update, id=stable_id("work", update.id) if known else update.id, state=state, text=told
    )


def work_document(
    work: Maintenance, at: datetime, page: PageAddress, components: Mapping[str, Json]
) -> Json:
    """Planned work as it stands at a moment; `components` as `parts` gives them."""
    now = maintenance_windows.state(work, at)
    state = MaintenanceState.COMPLETED if now is MaintenanceState.CANCELLED else now
    started = work.starts_at if now is not MaintenanceState.SCHEDULED else None
    done = work.ends_at if now is MaintenanceState.COMPLETED else None
    told = [_entry(u, page) for u in maintenance_windows.timeline(work, at)]
    moved = max(told[0].at if told else work.created_at, work.changed_at or work.created_at)
    return {
        "id": work.id,
        "name": localized(work.title, page.lang),
        "status": state,
        "created_at": stamp(work.created_at),
        "updated_at": stamp(moved),
        "monitoring_at": None,
        "resolved_at": stamp(done),
        "impact": "maintenance",
        "shortlink": f"{page.url}/maintenance#{work.id}",
        "started_at": stamp(started or work.created_at),
        "page_id": stable_id("page", page.url),
        "incident_updates": _updates(told, work.id, page, components),
        "components": [components[c] for c in work.components if c in components],
        "reminder_intervals": None,
        "scheduled_for": stamp(work.starts_at),
        "scheduled_until": stamp(work.ends_at),
    }
