"""Leader election: of several engines on one database only one probes, publishes and notifies.

A row with a fence decides (engine/store.py). While the database is away a lock on the data
folder does, so that an engine alone goes on, or starts, without one. Work by jobs is shared.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from clock import Clock
from db.engine import Database, DatabaseAway
from engine import worker_identity
from engine.store import RoleHolder, RoleStore

LOCK = "engine.lock"
SILENCE = 8.0  # seconds without a beat after which a holder on another machine counts as gone


@dataclass(slots=True)
class LeaderElection:
    """The wish of one engine to watch. `acquire` is called each second; it blocks."""

    store: RoleStore
    var: Path
    clock: Clock
    name: str = field(default_factory=worker_identity.name)
    is_dead: Callable[[str], bool] = worker_identity.is_dead
    silence: float = SILENCE
    leading: bool = False
    holder: str = ""  # who leads instead
    _fence: int | None = None
    _seen: tuple[RoleHolder | None, float] | None = None
    _away_since: float | None = None
    _answered: bool = False
    _lock: int | None = None

    def acquire(self) -> bool:
        """Keep the role, or take it when it is free; whether we lead now."""
        try:
            self.leading = self._renewed() if self._fence is not None else self._taken_over()
        except DatabaseAway:
            self.leading = self.leading or self._leads_without_database()
            return self.leading
        self._away_since, self._answered = None, True
        if self.leading:
            self.lock_folder()
        return self.leading

    def guarded(self, db: Database) -> Database:
        """The same database, refusing what is written when we lead no longer."""
        return db.guarded(self.store.guard(lambda: self._fence))

    def release(self) -> None:
        """Lay the role down at the end. Raises DatabaseAway."""
        self._unlock()
        fence, self._fence, self.leading = self._fence, None, False
        if fence is not None:
            self.store.release(self.name, fence)

    @property
    def has_folder_lock(self) -> bool:
        """Whether no other engine works in this data folder."""
        return self._lock is not None

    def lock_folder(self) -> bool:
        """Whether the data folder is ours alone; taken when it is free."""
        if self._lock is None:
            try:
                self._lock = os.open(self.var / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self._unlock()
        return self._lock is not None

    def _renewed(self) -> bool:
        if self._fence is not None and self.store.renew(self.name, self._fence):
            return True
        self._fence = None
        self._unlock()
        return False

    def _taken_over(self) -> bool:
        holder = self.store.holder()
        if holder is not None and self._is_alive(holder):
            self.holder = holder.owner
            if worker_identity.is_here(holder.owner):
                self._unlock()
            else:
                self.lock_folder()
            return False
        self._fence = self.store.take(self.name, holder)
        return self._fence is not None

    def _is_alive(self, holder: RoleHolder) -> bool:
        """By the kernel on this machine; elsewhere while its number grows."""
        if not holder.owner or self.is_dead(holder.owner):
            return False
        now = self.clock.monotonic()
        if self._seen is None or self._seen[0] != holder:
            self._seen = holder, now
        return now - self._seen[1] < self.silence

    def _leads_without_database(self) -> bool:
        """Without a database: an engine that has just started leads when the folder is free,
        one that stood by does so after a while."""
        now = self.clock.monotonic()
        if self._away_since is None:
            self._away_since = now
        patient = self._answered and now - self._away_since < self.silence
        return not patient and self.lock_folder()

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
