"""The engine's side of status: look, judge, damp, keep, compose, publish.

Keeps every state in memory, so probing and publishing go on while the database is away; what
could not be written waits in a bounded buffer. One Watch belongs to one event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from db.engine import DatabaseAway
from jobs.model import Handler, Job
from observe.network import Network
from status import compose, damping, figures, memory, uptime
from status.connection import OwnConnection
from status.damping import Settled, Tick
from status.keeper import Keeper
from status.look import Seen, look, unreliable
from status.model import (
    Component,
    Grade,
    Observation,
    Probe,
    Snapshot,
    Transition,
)
from status.opening import View, waits
from status.probes import kind_of
from status.probes.kind import NOTHING, Inside, Pushed
from status.publish import Publisher
from status.store import PUBLISH, Batch, StatusStore
from status.uptime import Book
from status.vantages.agree import agreed

log = logging.getLogger(__name__)
PUBLISH_EVERY = timedelta(seconds=30)
WORDS_EVERY = timedelta(seconds=15)  # in case nobody could wake us
TELL_EVERY = timedelta(seconds=10)
PUSHED_KEPT = timedelta(seconds=2)  # words that were sent in are read at most so often
BUFFER = 20_000  # observations that wait for the database; the oldest go first
CHUNK = 2_000  # observations in one transaction
RETRY = timedelta(seconds=5)
LATE = timedelta(seconds=10)


@dataclass(slots=True)
class Watch:
    """Watches components. Call `start` once, `tick` for each probe when due, `beat` each second.

    `references` are URLs outside our own network; when none answers, we are cut off ourselves.
    `pushed` and `arrived` ask the database, blocking: words sent in by probe, and observations
    of other vantages that have come since it was last asked.
    """

    components: tuple[Component, ...]
    probes: tuple[Probe, ...]
    net: Network
    store: StatusStore
    publisher: Publisher
    references: tuple[str, ...] = ()
    pushed: Callable[[], Mapping[str, Pushed]] = dict
    arrived: Callable[[], Iterable[Observation]] = tuple
    keeper: Keeper | None = None
    words: compose.Words = field(default_factory=compose.Words)
    away: str = ""  # why the database cannot be used; "" when it can
    unpublished: str = ""  # why the last publication failed; "" when it did not
    dropped: int = 0
    seen: dict[tuple[str, str], Seen] = field(default_factory=dict)  # the last look, by vantage
    _settled: dict[str, Settled] = field(default_factory=dict)
    _votes: dict[str, dict[str, Settled]] = field(default_factory=dict)
    _inside: Inside = field(default_factory=Inside)
    _inside_at: datetime | None = None
    _books: dict[str, Book] = field(default_factory=dict)
    _verdicts: dict[str, compose.Verdict] = field(default_factory=dict)
    _probed: dict[str, compose.Verdict] = field(default_factory=dict)
    _buffer: deque[Observation] = field(default_factory=deque)
    _moved: deque[Transition] = field(default_factory=lambda: deque(maxlen=BUFFER))
    _dirty: dict[str, date] = field(default_factory=dict)
    _published_at: datetime | None = None
    _words_at: datetime | None = None
    _retry_at: datetime | None = None
    _told_at: datetime | None = None
    _connection: OwnConnection = field(init=False)
    _urgent: bool = True
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _keeper: Keeper = field(init=False)
    _waits: dict[str, timedelta] = field(default_factory=dict)
    _probe: dict[str, Probe] = field(default_factory=dict)
    _probes_of: dict[str, list[Probe]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._connection = OwnConnection(self.net, self.references)
        self._probe = {p.name: p for p in self.probes}
        for probe in self.probes:
            self._probes_of.setdefault(probe.component, []).append(probe)
        self._keeper = self.keeper or Keeper(self.store)
        patience = {
            part: max(p.interval * p.fail_after + p.timeout for p in probes)
            for part, probes in self._probes_of.items()
        }
        self._waits = waits(self.components, patience)

    @property
    def cut_off(self) -> bool:
        """Is our own way out gone?"""
        return self._connection.cut_off

    # ------------------------------------------------------------------ starting

    async def start(self) -> None:
        """Take up where the last engine stopped, from the file and the database, and publish."""
        now = self.net.clock.now()
        known = await asyncio.to_thread(memory.recall, self.publisher.folder)
        if known is not None:
            self._settled = {n: s for n, s in known.settled.items() if n in self._probe}
            self._votes = {n: dict(v) for n, v in known.votes.items() if n in self._probe}
            shot = known.snapshot
            self.words = compose.Words(shot.incidents, shot.maintenances)
            for state in shot.states:
                days = tuple(d for d in state.days if d.seconds)
                self._books[state.component.id] = Book(
                    state.condition, uptime.whole(state.since), uptime.whole(shot.at), days
                )
        await self._recall_days(now)
        self._books = {c.id: self._books.get(c.id) or uptime.opened(now) for c in self.components}
        await self._refresh_words(now)
        self._weigh(now)
        await self.publish()

    async def _recall_days(self, now: datetime) -> None:
        since = now.date() - timedelta(days=uptime.DAYS)
        try:
            stored = await asyncio.to_thread(self.store.days, since)
        except DatabaseAway as gone:
            self._lost(gone, now)
            return
        for component, days in stored.items():
            book = self._books.get(component) or uptime.opened(now)
            merged = uptime.merged(book.days, days)
            self._books[component] = Book(book.condition, book.since, book.until, merged)

    # ------------------------------------------------------------------ looking

    async def tick(self, name: str, due: datetime) -> Observation:
        """Look once. `due` is when this look should have begun."""
        probe = self._probe[name]
        began = self.net.clock.now()
        told = kind_of(probe.kind).told
        found = await look(self.net, probe, began, inside=await self._known() if told else NOTHING)
        seen = replace(found.observation, at=min(began, self.net.clock.now()))
        if seen.signal.grade in (Grade.DOWN, Grade.DEGRADED) and not told:
            late = began - due > min(LATE, probe.interval)
            offline = seen.signal.grade is Grade.DOWN and await self._cut_off()
            if late or offline:
                seen = unreliable(seen)
        elif seen.signal.grade is Grade.UP and self.cut_off and not told:
            self._connection.cut_off, self._urgent = False, True
        self._take(probe, seen)
        self.seen[probe.name, seen.vantage] = Seen(seen, found.figures)
        return seen

    async def _known(self) -> Inside:
        """What needs no socket: words sent in, and the conditions of components."""
        now = self.net.clock.now()
        if self._inside_at is None or now - self._inside_at >= PUSHED_KEPT:
            self._inside_at = now
            pushed: Mapping[str, Pushed] | None = None
            with contextlib.suppress(DatabaseAway):
                pushed = await asyncio.to_thread(self.pushed)
            self._inside = Inside(pushed)
        conditions = {c: v.condition for c, v in self._verdicts.items()}
        return Inside(self._inside.pushed, conditions)

    async def _cut_off(self) -> bool:
        before = self.cut_off
        found = await self._connection.lost()
        self._urgent |= found is not before
        return found

    def _take(self, probe: Probe, seen: Observation) -> None:
        if len(self._buffer) >= BUFFER:
            self._buffer.popleft()
            self.dropped += 1
        self._buffer.append(seen)
        if not seen.reliable or seen.signal.grade is Grade.UNKNOWN:
            return
        if probe.vantages and seen.vantage not in probe.vantages:
            return
        whole = self._settled.get(probe.name, Settled())
        before = whole
        if probe.vantages:
            before = self._votes.setdefault(probe.name, {}).get(seen.vantage, Settled())
        if whole.last_at and seen.at - whole.last_at > damping.patience(probe):
            self._weigh(seen.at)  # the silence is written down before it ends
        after = damping.damp(
            before, damping.policy_of(probe), Tick(seen.at, seen.signal.grade), seen.signal.reason
        )
        if probe.vantages:
            votes = self._votes[probe.name]
            votes[seen.vantage] = after
            after = agreed(probe, votes, whole, max(seen.at, whole.last_at or seen.at))
        self._settled[probe.name] = after
        if after.verdict is not whole.verdict:
            self._urgent = True

    async def _hear(self, now: datetime) -> None:
        """Take what other vantages have seen."""
        if self._retry_at and now < self._retry_at:
            return
        try:
            arrived = await asyncio.to_thread(self.arrived)
        except DatabaseAway as gone:
            self._lost(gone, now)
            return
        for seen in arrived:
            if probe := self._probe.get(seen.probe):
                self._take(probe, seen)
                self.seen[probe.name, seen.vantage] = Seen(seen)

    # ------------------------------------------------------------------ once a second

    async def beat(self) -> None:
        """Write what waits, hear what operators said, publish when something changed."""
        async with self._lock:
            now = self.net.clock.now()
            if self._words_at is None or now - self._words_at >= WORDS_EVERY:
                await self._refresh_words(now)
            await self._hear(now)
            self._weigh(now)
            await self._flush(now)
            await self._keep(now)
            await self._tell(now)
            last = self._published_at
            if self._urgent or last is None or now - last >= PUBLISH_EVERY:
                await self._publish(now)

    def stepped(self, by: timedelta) -> None:
        """The wall clock was set: what is remembered moves with it, what is due is due now."""
        now = self.net.clock.now()
        for known in (self._settled, *self._votes.values()):
            known.update({name: damping.shifted(s, by, now) for name, s in known.items()})
        self._books = {c: uptime.stepped(book, by) for c, book in self._books.items()}
        self._published_at = self._words_at = self._retry_at = self._inside_at = None
        self._connection.forget()
        self._urgent = True

    async def publish(self) -> None:
        """Hear what operators said and publish now."""
        async with self._lock:
            now = self.net.clock.now()
            await self._refresh_words(now)
            self._weigh(now)
            await self._publish(now)

    def snapshot(self) -> Snapshot:
        """What would be published at this moment."""
        now = self.net.clock.now()
        self._weigh(now)
        return compose.snapshot(
            self.components, self._verdicts, self._books, self.words, now, cut_off=self.cut_off
        )

    def handlers(self) -> Mapping[str, Handler]:
        """The job that asks for a publication."""

        async def run(_: Job) -> None:
            await self.publish()

        return {PUBLISH: Handler(run)}

    def ready(self) -> str:
        """ "" when all is well, else one sentence for /readyz."""
        waiting = len(self._buffer)
        if self.away:
            return f"{self.away}; {waiting} observations wait, {self.dropped} were dropped"
        if self.unpublished:
            return f"publishing failed: {self.unpublished}"
        return "our own connection is down" if self.cut_off else ""

    def _weigh(self, now: datetime) -> None:
        """Bring every component's verdict and book up to date."""
        for name, votes in self._votes.items():  # one that fell silent has lost its vote
            before_all = self._settled.get(name, Settled())
            self._settled[name] = agreed(self._probe[name], votes, before_all, now)
        for component in self.components:
            probes = self._probes_of.get(component.id, ())
            seen = [(p, self._settled.get(p.name, Settled())) for p in probes]
            self._probed[component.id] = compose.probed(component, seen, now)
            verdict = compose.effective(component, self._probed[component.id], self.words, now)
            before = self._books[component.id]
            after = compose.kept(before, verdict, now)
            self._verdicts[component.id] = verdict
            self._books[component.id] = after
            if after.condition is not before.condition:
                self._urgent = True
                self._moved.append(
                    Transition(
                        component.id, before.condition, after.condition, after.since, verdict.reason
                    )
                )
            first = min(before.until, after.since if after is not before else before.until)
            known = self._dirty.get(component.id, first.date())
            self._dirty[component.id] = min(known, first.date())

    async def _keep(self, now: datetime) -> None:
        """Say what is due by itself: incidents that probes tell, scheduled news, reminders."""
        if self.away:
            return
        view = View(self.components, self._probed, self.words, now, self._waits)
        try:
            said = await self._keeper.keep(view)
        except DatabaseAway as gone:
            self._lost(gone, now)
            return
        if said:
            await self._refresh_words(now)

    async def _refresh_words(self, now: datetime) -> None:
        self._words_at = now
        try:
            words = await asyncio.to_thread(self.store.words, now)
        except DatabaseAway as gone:
            self._lost(gone, now)
            return
        if words != self.words:
            self.words, self._urgent = words, True

    async def _flush(self, now: datetime) -> None:
        if self._retry_at and now < self._retry_at:
            return
        while self._buffer or self._moved:
            taken = tuple(itertools.islice(self._buffer, CHUNK))
            moved = tuple(self._moved)
            touched = self._components_of(taken) | {m.component for m in moved}
            days = {
                c: tuple(d for d in self._books[c].days if d.on >= self._dirty.get(c, d.on))
                for c in touched
            }
            try:
                await asyncio.to_thread(self.store.write, Batch(taken, days, moved))
            except DatabaseAway as gone:
                self._lost(gone, now)
                return
            except Exception:  # a row nobody can store must not stand in the way of the others
                log.exception("%d observations could not be written and are dropped", len(taken))
            self._written(taken, moved)
            self._dirty.update(dict.fromkeys(touched, now.date()))
        self.away, self._retry_at = "", None

    def _written(self, taken: tuple[Observation, ...], moved: tuple[Transition, ...]) -> None:
        """Take from the buffers what was written; new rows may have pushed out old ones since."""
        gone = {id(row) for row in (*taken, *moved)}
        while self._buffer and id(self._buffer[0]) in gone:
            self._buffer.popleft()
        while self._moved and id(self._moved[0]) in gone:
            self._moved.popleft()

    def _components_of(self, seen: tuple[Observation, ...]) -> set[str]:
        return {self._probe[o.probe].component for o in seen} & set(self._books)

    def _lost(self, gone: DatabaseAway, now: datetime) -> None:
        if not self.away:
            log.warning("the database is away (%s); observations wait in memory", gone)
        self.away = str(gone)
        self._retry_at = now + RETRY

    async def _tell(self, now: datetime) -> None:
        """Write the numbers of the last looks for /metrics."""
        if self._told_at is not None and now - self._told_at < TELL_EVERY:
            return
        self._told_at = now
        seen, settled = dict(self.seen), dict(self._settled)
        try:
            await asyncio.to_thread(
                figures.write, self.publisher.folder, self._probe, seen, settled
            )
        except OSError as failed:
            log.warning("the numbers of probes could not be written: %s", failed)

    async def _publish(self, now: datetime) -> None:
        shot = compose.snapshot(
            self.components, self._verdicts, self._books, self.words, now, cut_off=self.cut_off
        )
        votes = {name: dict(found) for name, found in self._votes.items()}
        kept = memory.Memory(shot, dict(self._settled), votes)
        try:
            await asyncio.to_thread(self.publisher.publish, shot)
            await asyncio.to_thread(memory.remember, self.publisher.folder, kept)
        except OSError as failed:
            log.warning("publishing failed (%s); the last publication stays", failed)
            self.unpublished = str(failed)
            return
        self.unpublished, self._published_at, self._urgent = "", now, False
