"""Which condition incidents, maintenance and overrides claim for a component, and from when to when. Pure.

Statements are read as they stand now: what was dated back counts from the moment it names, a
draft that was approved counts from its beginning, and what has ended goes on to count for the
time in which it held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from status.model import Component, Condition, Incident, IncidentState, Maintenance, Override
from status.state.statements import CLOSED, PublicStatements, is_visible
from status.state.timeline import truncate_to_second


class Authority(IntEnum):
    """Whose word stands above whose: an incident and the probes are weighed against each other,
    planned work stands above both, and an operator's override above all."""

    INCIDENT = 1
    MAINTENANCE = 2
    OVERRIDE = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """A condition that a statement gives a component, over whole seconds; `ends_at` is None while
    it goes on. `source` is the id of the statement."""

    source: str
    authority: Authority
    condition: Condition
    starts_at: datetime
    ends_at: datetime | None = None
    reason: str = ""

    def holds_at(self, at: datetime) -> bool:
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


Claims = tuple[Claim, ...]


def claims_by_component(
    components: Iterable[Component], statements: PublicStatements, now: datetime
) -> dict[str, Claims]:
    """Component → all that was claimed of it. What readers may not see yet claims nothing."""
    by_id = {c.id: c for c in components}
    claims: dict[str, list[Claim]] = {}
    for component, claim in _all_claims(by_id, statements, now):
        if component in by_id and (claim.ends_at is None or claim.starts_at < claim.ends_at):
            claims.setdefault(component, []).append(claim)
    return {component: tuple(listed) for component, listed in claims.items()}


def next_publication(statements: PublicStatements, now: datetime) -> datetime | None:
    """When readers will see something that is scheduled."""
    moments = (i.publish_at for i in statements.incidents if i.publish_at and i.publish_at > now)
    return min(moments, default=None)


def sources_of(statements: PublicStatements) -> set[str]:
    """What claims of these statements name as their source."""
    return {
        *(_override_source(override) for override in statements.overrides),
        *(maintenance.id for maintenance in statements.maintenances),
        *(incident.id for incident in statements.incidents),
    }


def _all_claims(
    components: dict[str, Component], statements: PublicStatements, now: datetime
) -> Iterator[tuple[str, Claim]]:
    for override in statements.overrides:
        yield override.component, _override_claim(override)
    for maintenance in statements.maintenances:
        yield from _maintenance_claims(maintenance)
    for incident in statements.incidents:
        if is_visible(incident, now):
            for component_id in incident.components:
                if component := components.get(component_id):
                    yield from (
                        (component_id, claim) for claim in _incident_claims(incident, component)
                    )


def _override_claim(override: Override) -> Claim:
    return Claim(
        _override_source(override),
        Authority.OVERRIDE,
        override.condition,
        truncate_to_second(override.since),
        truncate_to_second(override.until),
        override.reason,
    )


def _override_source(override: Override) -> str:
    return f"{override.component}:{override.since.isoformat()}"


def _maintenance_claims(maintenance: Maintenance) -> Iterator[tuple[str, Claim]]:
    """Work counts as planned from its announcement on, and never before it."""
    if maintenance.cancelled:
        return
    claim = Claim(
        maintenance.id,
        Authority.MAINTENANCE,
        Condition.UNDER_MAINTENANCE,
        truncate_to_second(max(maintenance.starts_at, maintenance.created_at)),
        truncate_to_second(maintenance.ends_at),
    )
    for component in maintenance.components:
        yield component, claim


def _incident_claims(incident: Incident, component: Component) -> Iterator[Claim]:
    """What each entry says of a component holds until the next that names it, or until the end.

    What probes tell of themselves claims nothing where they are believed: only what people have
    said after they took over. A first entry that tells of the end says what was until then.
    """
    believed = component.policy == "auto"
    if believed and incident.cause:
        return
    claimed_from = incident.probes_until if believed else None
    condition, since = None, incident.started_at
    updates = sorted(incident.updates, key=lambda u: u.at)
    for position, update in enumerate(updates):
        is_end = IncidentState(update.state) in CLOSED
        if is_end and position == 0:
            condition = update.components.get(component.id)
        if condition is not None:
            yield from _between(incident, condition, since, update.at, claimed_from)
        if is_end:
            condition = None
        else:
            condition, since = update.components.get(component.id, condition), update.at
    if condition is not None:
        yield from _between(incident, condition, since, None, claimed_from)


def _between(
    incident: Incident,
    condition: Condition,
    since: datetime,
    until: datetime | None,
    claimed_from: datetime | None,
) -> Iterator[Claim]:
    begin = max(since, claimed_from) if claimed_from else since
    if until is None or begin < until:
        yield Claim(
            incident.id,
            Authority.INCIDENT,
            condition,
            truncate_to_second(begin),
            truncate_to_second(until) if until else None,
            incident.id,
        )
