"""The engine's side of status: look, judge, damp, keep, compose, publish.

Keeps every state in memory, so probing and publishing go on while the database is away
(buffer.py); what is true of components, and their time, is in ledger.py. One Watch belongs to one
event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from db.engine import DatabaseAway
from jobs.model import Handler, Job
from observe.network import Network
from status.incidents.automation import IncidentAutomation
from status.incidents.probe_incidents import MonitoredState, waits
from status.model import Component, Grade, Observation, Probe, Snapshot
from status.monitoring import metrics, state_file
from status.monitoring.metrics import MetricsExposition
from status.monitoring.write_buffer import WriteBuffer
from status.probing.connectivity import OwnConnection
from status.probing.kinds import kind_of
from status.probing.observe import ProbeResult, look, unreliable
from status.probing.probe_kind import NOTHING, InternalFacts, PushedSignal
from status.publishing.publisher import Publisher
from status.state import composition, damping, uptime
from status.state.damping import DampingSample, DebouncedState
from status.state.ledger import ComponentStates
from status.state.quorum import agreed
from status.state.uptime import UptimeAccumulator
from status.storage.store import PUBLISH, StatusStore

log = logging.getLogger(__name__)
PUBLISH_EVERY = timedelta(seconds=30)
WORDS_EVERY = timedelta(seconds=15)  # in case nobody could wake us
TELL_EVERY = timedelta(seconds=10)
PUSHED_KEPT = timedelta(seconds=2)  # words that were sent in are read at most so often
LATE = timedelta(seconds=10)


@dataclass(slots=True)
class Monitor:
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
    pushed: Callable[[], Mapping[str, PushedSignal]] = dict
    arrived: Callable[[], Iterable[Observation]] = tuple
    keeper: IncidentAutomation | None = None
    words: composition.PublicStatements = field(default_factory=composition.PublicStatements)
    unpublished: str = ""  # why the last publication failed; "" when it did not
    _settled: dict[str, DebouncedState] = field(default_factory=dict)
    _votes: dict[str, dict[str, DebouncedState]] = field(default_factory=dict)
    _inside: InternalFacts = field(default_factory=InternalFacts)
    _inside_at: datetime | None = None
    _ledger: ComponentStates = field(init=False)
    _buffer: WriteBuffer = field(init=False)
    _numbers: MetricsExposition = field(init=False)
    _published_at: datetime | None = None
    _words_at: datetime | None = None
    _told_at: datetime | None = None
    _connection: OwnConnection = field(init=False)
    _urgent: bool = True
    _cut_off: bool = False  # as it was published last
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _keeper: IncidentAutomation = field(init=False)
    _waits: dict[str, timedelta] = field(default_factory=dict)
    _probe: dict[str, Probe] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._connection = OwnConnection(self.net, self.references)
        self._probe = {p.name: p for p in self.probes}
        by_part: dict[str, list[Probe]] = {}
        for probe in self.probes:
            by_part.setdefault(probe.component, []).append(probe)
        self._ledger = ComponentStates(self.components, by_part)
        self._buffer = WriteBuffer(self.store, self._ledger, self._probe)
        self._numbers = MetricsExposition(self._probe)
        self._keeper = self.keeper or IncidentAutomation(self.store)
        patience = {
            part: max(p.interval * p.fail_after + p.timeout for p in probes)
            for part, probes in by_part.items()
        }
        self._waits = waits(self.components, patience)

    @property
    def away(self) -> str:
        """Why the database cannot be used; "" when it can."""
        return self._buffer.away

    @property
    def dropped(self) -> int:
        """Observations that were lost while it was away."""
        return self._buffer.dropped

    # ------------------------------------------------------------------ starting

    async def start(self) -> None:
        """Take up where the last engine stopped, from the file and the database, and publish."""
        now = self.net.clock.now()
        known = await asyncio.to_thread(state_file.recall, self.publisher.folder)
        if known is not None:
            for name, settled in known.settled.items():
                if name in self._probe:
                    self._settle(name, settled)
            self._votes = {n: dict(v) for n, v in known.votes.items() if n in self._probe}
            shot = known.snapshot
            self.words = composition.PublicStatements(shot.incidents, shot.maintenances)
            for state in shot.states:
                days = tuple(d for d in state.days if d.seconds)
                self._ledger.books[state.component.id] = UptimeAccumulator(
                    state.condition, uptime.whole(state.since), uptime.whole(shot.at), days
                )
        await self._recall_days(now)
        books = self._ledger.books
        self._ledger.books = {c.id: books.get(c.id) or uptime.opened(now) for c in self.components}
        await self._refresh_words(now)
        self._weigh(now)
        await self.publish()

    async def _recall_days(self, now: datetime) -> None:
        since = now.date() - timedelta(days=uptime.DAYS)
        try:
            stored = await asyncio.to_thread(self.store.days, since)
        except DatabaseAway as gone:
            self._buffer.lost(gone, now)
            return
        for component, days in stored.items():
            book = self._ledger.books.get(component) or uptime.opened(now)
            merged = uptime.merged(book.days, days)
            self._ledger.books[component] = replace(book, days=merged)

    # ------------------------------------------------------------------ looking

    async def tick(self, name: str, due: datetime) -> Observation:
        """Look once. `due` is when this look should have begun."""
        probe = self._probe[name]
        began = self.net.clock.now()
        told = kind_of(probe.kind).told
        seen = await look(self.net, probe, began, inside=await self._known() if told else NOTHING)
        if not told:
            seen = await self._judged(seen, late=began - due > min(LATE, probe.interval))
        at = min(began, self.net.clock.now())  # the clock may have been set back meanwhile
        if seen.observation.at != at:
            seen = replace(seen, observation=replace(seen.observation, at=at))
        self._take(probe, seen.observation)
        self._numbers.take(seen)
        return seen.observation

    async def _judged(self, seen: ProbeResult, *, late: bool) -> ProbeResult:
        """A look as far as it tells of the target, and not of ourselves."""
        before = self._connection.trouble
        found = await self._connection.judged(seen)
        trouble = self._connection.trouble
        if trouble != before:
            self._urgent = True
            log.warning("we cannot see: %s", trouble) if trouble else log.info("we see again")
        if late and found.observation.signal.grade in (Grade.DOWN, Grade.DEGRADED):
            return replace(found, observation=unreliable(found.observation))
        return found

    async def _known(self) -> InternalFacts:
        """What needs no socket: words sent in, and the conditions of components."""
        now = self.net.clock.now()
        if self._inside_at is None or now - self._inside_at >= PUSHED_KEPT:
            self._inside_at = now
            pushed: Mapping[str, PushedSignal] | None = None
            with contextlib.suppress(DatabaseAway):
                pushed = await asyncio.to_thread(self.pushed)
            self._inside = InternalFacts(pushed)
        conditions = {c: v.condition for c, v in self._ledger.verdicts.items()}
        return InternalFacts(self._inside.pushed, conditions)

    def _take(self, probe: Probe, seen: Observation) -> None:
        self._buffer.add(seen)
        if not seen.reliable or seen.signal.grade is Grade.UNKNOWN:
            return
        if probe.vantages and seen.vantage not in probe.vantages:
            return
        whole = self._settled.get(probe.name, DebouncedState())
        before = whole
        if probe.vantages:
            before = self._votes.setdefault(probe.name, {}).get(seen.vantage, DebouncedState())
        if whole.last_at and seen.at - whole.last_at > damping.patience(probe):
            self._weigh(seen.at)  # the silence is written down before it ends
        after = damping.damp(
            before,
            damping.policy_of(probe),
            DampingSample(seen.at, seen.signal.grade),
            seen.signal.reason,
        )
        if probe.vantages:
            votes = self._votes[probe.name]
            votes[seen.vantage] = after
            after = agreed(probe, votes, whole, max(seen.at, whole.last_at or seen.at))
        self._settle(probe.name, after)

    async def _hear(self, now: datetime) -> None:
        """Take what other vantages have seen."""
        if self._buffer.resting(now):
            return
        try:
            arrived = await asyncio.to_thread(self.arrived)
        except DatabaseAway as gone:
            self._buffer.lost(gone, now)
            return
        for seen in arrived:
            if probe := self._probe.get(seen.probe):
                self._take(probe, seen)
                self._numbers.take(ProbeResult(seen))

    # ------------------------------------------------------------------ once a second

    async def beat(self) -> None:
        """Write what waits, hear what operators said, publish when something changed."""
        async with self._lock:
            now = self.net.clock.now()
            if self._words_at is None or now - self._words_at >= WORDS_EVERY:
                await self._refresh_words(now)
            await self._hear(now)
            self._weigh(now)
            await self._buffer.flush(now)
            await self._keep(now)
            await self._tell(now)
            last = self._published_at
            self._urgent |= self._connection.blind(now) is not self._cut_off
            if self._urgent or last is None or now - last >= PUBLISH_EVERY:
                await self._publish(now)

    def stepped(self, by: timedelta) -> None:
        """The wall clock was set: what is remembered moves with it, what is due is due now."""
        now = self.net.clock.now()
        for known in (self._settled, *self._votes.values()):
            known.update({name: damping.shifted(s, by, now) for name, s in known.items()})
        self._ledger.stepped(by, now)
        self._published_at = self._words_at = self._inside_at = None
        self._buffer.retry()
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
        return self._composed(now)

    def _composed(self, now: datetime) -> Snapshot:
        self._ledger.written(now)
        told = self._ledger
        return composition.snapshot(
            self.components, told.verdicts, told.books, self.words, now, cut_off=self._cut_off
        )

    def handlers(self) -> Mapping[str, Handler]:
        """The job that asks for a publication."""

        async def run(_: Job) -> None:
            await self.publish()

        return {PUBLISH: Handler(run)}

    def ready(self) -> str:
        """ "" when all is well, else one sentence for /readyz."""
        if self.away:
            return (
                f"{self.away}; {len(self._buffer)} observations wait, {self.dropped} were dropped"
            )
        if self.unpublished:
            return f"publishing failed: {self.unpublished}"
        return self._connection.trouble

    def _weigh(self, now: datetime) -> None:
        """Bring every component's verdict up to date."""
        for name, votes in self._votes.items():  # one that fell silent has lost its vote
            before = self._settled.get(name, DebouncedState())
            self._settle(name, agreed(self._probe[name], votes, before, now))
        self._urgent |= self._ledger.weigh(self._settled, self.words, now)

    def _settle(self, name: str, after: DebouncedState) -> None:
        """Where the damping of a probe stands now."""
        before = self._settled.get(name)
        if after is before:
            return
        self._settled[name] = after
        self._ledger.touch(self._probe[name].component)
        if before is None or after.verdict is not before.verdict:
            self._urgent = True
            self._numbers.settle(name, after.verdict)

    async def _keep(self, now: datetime) -> None:
        """Say what is due by itself: incidents that probes tell, scheduled news, reminders."""
        if self.away:
            return
        view = MonitoredState(self.components, self._ledger.probed, self.words, now, self._waits)
        try:
            said = await self._keeper.keep(view)
        except DatabaseAway as gone:
            self._buffer.lost(gone, now)
            return
        if said:
            await self._refresh_words(now)

    async def _refresh_words(self, now: datetime) -> None:
        self._words_at = now
        try:
            words = await asyncio.to_thread(self.store.words, now)
        except DatabaseAway as gone:
            self._buffer.lost(gone, now)
            return
        if words != self.words:
            self.words, self._urgent = words, True

    async def _tell(self, now: datetime) -> None:
        """Write the numbers of the last looks for /metrics."""
        if self._told_at is not None and now - self._told_at < TELL_EVERY:
            return
        self._told_at = now
        try:
            await asyncio.to_thread(metrics.write, self.publisher.folder, self._numbers, now)
        except OSError as failed:
            log.warning("the numbers of probes could not be written: %s", failed)

    async def _publish(self, now: datetime) -> None:
        self._cut_off = self._connection.blind(now)
        shot = self._composed(now)
        votes = {name: dict(found) for name, found in self._votes.items()}
        kept = state_file.StateFile(shot, dict(self._settled), votes)
        self._urgent = False  # what comes up while it is written wants the next publication
        try:
            await asyncio.to_thread(self.publisher.publish, shot)
            await asyncio.to_thread(state_file.remember, self.publisher.folder, kept)
        except OSError as failed:
            log.warning("publishing failed (%s); the last publication stays", failed)
            self.unpublished, self._urgent = str(failed), True
            return
        self.unpublished, self._published_at = "", now
