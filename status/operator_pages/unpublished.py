"""Components and planned work that readers still see as they were before operators' newest change. Pure."""

from __future__ import annotations

from datetime import datetime

from status.model import Incident, Update
from status.state.statements import PublicStatements


def unpublished_components(
    statements: PublicStatements, published_at: datetime, now: datetime
) -> frozenset[str]:
    """The components that an override or an entry of an incident was written about, or an override
    ended for, since the publication of that moment."""
    overrides = {
        override.component
        for override in statements.overrides
        if any(published_at < moment <= now for moment in (override.since, override.until))
    }
    entries = {
        component
        for incident in statements.incidents
        if not incident.draft
        for update in incident.updates
        if published_at < _shown_from(incident, update) <= now
        for component in update.components
    }
    return frozenset(overrides | entries)


def _shown_from(incident: Incident, update: Update) -> datetime:
    return max(update.published_at, incident.publish_at or update.published_at)


def unpublished_works(
    statements: PublicStatements, published_at: datetime, now: datetime
) -> frozenset[str]:
    """The planned work that was written or changed since the publication of that moment."""
    return frozenset(
        work.id
        for work in statements.maintenances
        if published_at < (work.changed_at or work.created_at) <= now
    )
