"""What was seen, on its way into the database: bounded while that is away, written once it is back."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from db.engine import DatabaseAway
from status.model import Observation, Probe, Transition
from status.state.ledger import BUFFER, ComponentStates
from status.storage.store import ObservationBatch, StatusStore

log = logging.getLogger(__name__)
CHUNK = 2_000  # observations in one transaction
RETRY = timedelta(seconds=5)


@dataclass(slots=True)
class WriteBuffer:
    """Observations that wait, the oldest first; of more than BUFFER the oldest are dropped."""

    store: StatusStore
    ledger: ComponentStates
    probes: Mapping[str, Probe]
    away: str = ""  # why the database cannot be used; "" when it can
    dropped: int = 0
    _rows: deque[Observation] = field(default_factory=deque)
    _retry_at: datetime | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, seen: Observation) -> None:
        """Keep it for the next flush."""
        if len(self._rows) >= BUFFER:
            self._rows.popleft()
            self.dropped += 1
        self._rows.append(seen)

    def resting(self, now: datetime) -> bool:
        """Whether the database is left alone for now, because it was away just before."""
        return self._retry_at is not None and now < self._retry_at

    def retry(self) -> None:
        """Try again at once."""
        self._retry_at = None

    def lost(self, gone: DatabaseAway, now: datetime) -> None:
        """The database is away; said once."""
        if not self.away:
            log.warning("the database is away (%s); observations wait in memory", gone)
        self.away = str(gone)
        self._retry_at = now + RETRY

    async def flush(self, now: datetime) -> None:
        """Write what waits, with the days it belongs to."""
        if self.resting(now):
            return
        while self._rows or self.ledger.moved:
            taken = tuple(itertools.islice(self._rows, CHUNK))
            moved = tuple(self.ledger.moved)
            touched = {self.probes[o.probe].component for o in taken} & set(self.ledger.books)
            touched |= {m.component for m in moved}
            self.ledger.written(now, touched)
            days = {c: self.ledger.days(c) for c in touched}
            try:
                await asyncio.to_thread(self.store.write, ObservationBatch(taken, days, moved))
            except DatabaseAway as gone:
                self.lost(gone, now)
                return
            except Exception:  # a row nobody can store must not stand in the way of the others
                log.exception("%d observations could not be written and are dropped", len(taken))
            self._written(taken, moved)
            self.ledger.stored(touched, now.date())
        self.away, self._retry_at = "", None

    def _written(self, taken: tuple[Observation, ...], moved: tuple[Transition, ...]) -> None:
        """Take away what was written; new rows may have pushed out old ones since."""
        gone = {id(row) for row in (*taken, *moved)}
        for rows in (self._rows, self.ledger.moved):
            while rows and id(rows[0]) in gone:
                rows.popleft()
