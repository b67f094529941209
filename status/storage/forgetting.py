"""Deletes from the status tables what readers never saw or nobody needs any more, after its time.

Published history stays.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from db.batched_delete import delete_in_slices
from db.engine import Database
from db.tables import status as t

DISCARDED_KEPT = timedelta(days=30)


def forget_discarded_drafts(db: Database, before: datetime) -> int:
    """Delete drafts that were discarded before a moment, with their updates; how many. One that
    probes tell stays until all has been well for as long, lest the same be drafted again."""
    row = t.incidents.c
    where = row.draft.is_(True) & row.discarded.is_(True) & (row.resolved_at < before)
    return delete_in_slices(db, t.incidents, where)


def forget_override_authors(db: Database, before: datetime) -> int:
    """Forget who said what overrode a component, and why, of those that ended before a moment; of
    how many. That the component was so stays."""
    row = t.overrides.c
    where = (row.until < before) & ((row.by != "") | (row.reason != ""))
    with db.write() as conn:
        return conn.execute(update(t.overrides).where(where).values(by="", reason="")).rowcount
