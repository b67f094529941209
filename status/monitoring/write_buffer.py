"""Buffer of observations on their way into the database: bounded while it is away."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from db.engine import DatabaseAway
from status.model import Observation, Probe, Transition
from status.state.component_states import MAX_BUFFERED, ComponentStates
from status.storage.store import ObservationBatch, StatusStore

log = logging.getLogger(__name__)
CHUNK = 2_000  # observations in one transaction
RETRY = timedelta(seconds=5)
SAVE_ALL_EVERY = timedelta(minutes=1)
MAX_REFUSALS = 3  # before the rows at fault are looked for


@dataclass(slots=True)
class WriteBuffer:
    """Observations that wait, the oldest first; of more than BUFFER the oldest are dropped."""

    store: StatusStore
    component_states: ComponentStates
    probes: Mapping[str, Probe]
    database_error: str = ""  # why the database cannot be used; "" when it can
    dropped: int = 0
    _pending: deque[Observation] = field(default_factory=deque)
    _retry_at: datetime | None = None
    _saved_lately: set[str] = field(default_factory=set)
    _all_saved_at: datetime | None = None
    _refusals: int = 0  # of the same batch, one after the other

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, observation: Observation) -> None:
        """Keep it for the next flush."""
        if len(self._pending) >= MAX_BUFFERED:
            self._pending.popleft()
            self.dropped += 1
        self._pending.append(observation)

    def is_backing_off(self, now: datetime) -> bool:
        """Whether the database is left alone for now, because it was away just before."""
        return self._retry_at is not None and now < self._retry_at

    def retry(self) -> None:
        """Try again at once."""
        self._retry_at = None

    def note_outage(self, error: DatabaseAway, now: datetime) -> None:
        """The database is away; said once."""
        if not self.database_error:
            log.warning("the database is away (%s); observations wait in memory", error)
        self.database_error = str(error)
        self._retry_at = now + RETRY

    async def flush(self, now: datetime) -> None:
        """Write what waits, with the days it belongs to."""
        if self.is_backing_off(now):
            return
        quiet = self._quiet_components(now)
        while self._pending or self.component_states.transitions or quiet:
            batch = tuple(itertools.islice(self._pending, CHUNK))
            transitions = tuple(self.component_states.transitions)
            components = {self.probes[o.probe].component for o in batch} & set(
                self.component_states.accumulators
            )
            components |= {m.component for m in transitions} | quiet
            self.component_states.accumulate(now, components)
            days = {c: self.component_states.unsaved_days(c) for c in components}
            try:
                await self._write(ObservationBatch(batch, days, transitions))
            except DatabaseAway as error:
                self.note_outage(error, now)
                return
            except Exception as error:  # a deadlock passes; what is no row's fault must not be lost
                self._refusals += 1
                self.database_error = f"the database refused a write: {type(error).__name__}"
                self._retry_at = now + RETRY
                log.exception("%d observations wait: the database refused them", len(batch))
                return
            self._refusals = 0
            self._discard_written(batch, transitions)
            self.component_states.mark_saved(components, now.date())
            self._saved_lately |= components
            quiet = set()
        self.database_error, self._retry_at = "", None

    def _quiet_components(self, now: datetime) -> set[str]:
        """Components whose past was rewritten; and once a minute those without looks of late."""
        quiet = set(self.component_states.rewritten)
        if self._all_saved_at is None or now - self._all_saved_at >= SAVE_ALL_EVERY:
            self._all_saved_at = now
            quiet |= self.component_states.accumulators.keys() - self._saved_lately
            self._saved_lately.clear()
        return quiet

    async def _write(self, batch: ObservationBatch) -> None:
        """Write a batch; one that was refused again and again without the rows that are at fault.

        Days and transitions are never dropped: while they are refused, everything waits.
        """
        if self._refusals < MAX_REFUSALS:
            await asyncio.to_thread(self.store.write, batch)
            return
        await asyncio.to_thread(self.store.write, replace(batch, observations=()))
        await self._write_halved(batch.observations)

    async def _write_halved(self, observations: tuple[Observation, ...]) -> None:
        """Write what can be written, in halves and their halves; a single row that cannot be
        stored is dropped and counted."""
        if not observations:
            return
        try:
            await asyncio.to_thread(self.store.write, ObservationBatch(observations))
        except DatabaseAway:
            raise
        except Exception:
            middle = len(observations) // 2
            if middle:
                await self._write_halved(observations[:middle])
                await self._write_halved(observations[middle:])
                return
            self.dropped += 1
            log.exception("an observation of %s cannot be stored", observations[0].probe)

    def _discard_written(
        self, observations: tuple[Observation, ...], transitions: tuple[Transition, ...]
    ) -> None:
        """Take away what was written; new rows may have pushed out old ones since."""
        written_ids = {id(row) for row in (*observations, *transitions)}
        for rows in (self._pending, self.component_states.transitions):
            while rows and id(rows[0]) in written_ids:
                rows.popleft()
