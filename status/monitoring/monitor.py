"""The monitoring loop of the engine: probe, judge, damp, store, compose, publish.

Keeps every state in memory, so probing and publishing go on while the database is away
(write_buffer.py); component states and their uptime are in state/component_states.py. One Monitor
belongs to one event loop.
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
from status.incidents.incident_automation import IncidentAutomation
from status.incidents.probe_incidents import MonitoredState, opening_delays
from status.model import Component, Grade, Observation, Probe, Snapshot
from status.monitoring import metrics, state_file
from status.monitoring.metrics import MetricsExposition
from status.monitoring.state_file import StateFile
from status.monitoring.write_buffer import WriteBuffer
from status.probing.connectivity import OwnConnection
from status.probing.kinds import kind_of
from status.probing.observe import ProbeResult, as_unreliable, run_probe
from status.probing.probe_kind import NO_INTERNAL_FACTS, InternalFacts, PushedSignal
from status.publishing.publisher import Publisher
from status.state import composition, damping, uptime
from status.state.component_states import HERE, ComponentStates
from status.state.damping import DampingSample, DebouncedState
from status.state.quorum import quorum_state
from status.state.statements import PublicStatements
from status.storage.store import PUBLISH, StatusStore

log = logging.getLogger(__name__)
PUBLISH_EVERY = timedelta(seconds=30)
STATEMENTS_EVERY = timedelta(seconds=15)  # in case nobody could wake us
METRICS_EVERY = timedelta(seconds=10)
PUSHED_CACHED = timedelta(seconds=2)  # words that were sent in are read at most so often
LATE_AFTER = timedelta(seconds=10)


@dataclass(slots=True)
class Monitor:
    """Watches components. Call `start` once, `tick` for each probe when due, `run_cycle` each second.

    `references` are URLs outside our own network; when none answers, we are cut off ourselves.
    `pushed` and `pushed_observations` ask the database, blocking: words sent in by probe, and observations
    of other vantages that have come since it was last asked.
    """

    components: tuple[Component, ...]
    probes: tuple[Probe, ...]
    net: Network
    store: StatusStore
    publisher: Publisher
    references: tuple[str, ...] = ()
    pushed: Callable[[], Mapping[str, PushedSignal]] = dict
    pushed_observations: Callable[[], Iterable[Observation]] = tuple
    automation: IncidentAutomation | None = None
    statements: PublicStatements = field(default_factory=PublicStatements)
    unpublished: str = ""  # why the last publication failed; "" when it did not
    _debounced: dict[str, DebouncedState] = field(default_factory=dict)
    _votes: dict[str, dict[str, DebouncedState]] = field(default_factory=dict)
    _internal: InternalFacts = field(default_factory=InternalFacts)
    _internal_at: datetime | None = None
    _component_states: ComponentStates = field(init=False)
    _buffer: WriteBuffer = field(init=False)
    _metrics: MetricsExposition = field(init=False)
    _published_at: datetime | None = None
    _statements_at: datetime | None = None
    _metrics_at: datetime | None = None
    _connection: OwnConnection = field(init=False)
    _urgent: bool = True
    _cut_off: bool = False  # as it was published last
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _automation: IncidentAutomation = field(init=False)
    _opening_delays: dict[str, timedelta] = field(default_factory=dict)
    _probes_by_name: dict[str, Probe] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._connection = OwnConnection(self.net, self.references)
        self._probes_by_name = {p.name: p for p in self.probes}
        probes_by_component: dict[str, list[Probe]] = {}
        for probe in self.probes:
            probes_by_component.setdefault(probe.component, []).append(probe)
        self._component_states = ComponentStates(self.components, probes_by_component)
        self._buffer = WriteBuffer(self.store, self._component_states, self._probes_by_name)
        self._metrics = MetricsExposition(self._probes_by_name)
        self._automation = self.automation or IncidentAutomation(self.store)
        patience = {
            component: max(p.interval * p.fail_after + p.timeout for p in probes)
            for component, probes in probes_by_component.items()
        }
        self._opening_delays = opening_delays(self.components, patience)

    @property
    def database_error(self) -> str:
        """Why the database cannot be used; "" when it can."""
        return self._buffer.database_error

    @property
    def dropped(self) -> int:
        """Observations that were lost while it was away."""
        return self._buffer.dropped

    # ------------------------------------------------------------------ starting

    async def start(self) -> None:
        """Take up where the last engine stopped, from the file and the database, and publish."""
        now = self.net.clock.now()
        saved = await asyncio.to_thread(state_file.load, self.publisher.folder)
        if saved is not None:
            self._restore(saved)
        await self._recall(now, saved.snapshot.at if saved else None)
        accumulators = self._component_states.accumulators
        self._component_states.accumulators = {
            c.id: accumulators.get(c.id) or uptime.new_accumulator(now) for c in self.components
        }
        await self._refresh_statements(now)
        self._refresh_verdicts(now)
        await self.publish()

    def _restore(self, saved: StateFile) -> None:
        """Where the last engine stood when it wrote its file."""
        for name, debounced in saved.settled.items():
            if name in self._probes_by_name:
                self._set_debounced(name, debounced)
        self._votes = {n: dict(v) for n, v in saved.votes.items() if n in self._probes_by_name}
        self.statements = state_file.statements_of(saved)
        states = self._component_states
        states.timelines = state_file.timelines_of(saved, self._probes_by_name)
        states.claims = dict(saved.claims)
        states.accumulators = state_file.accumulators_of(saved, states)

    async def _recall(self, now: datetime, written_at: datetime | None) -> None:
        """What the database has beyond the file: days, and the looks since it was written."""
        since = now.date() - timedelta(days=uptime.DAYS)
        looks: tuple[Observation, ...] = ()
        try:
            stored = await asyncio.to_thread(self.store.days, since)
            if written_at is not None:
                looks = await asyncio.to_thread(
                    self.store.observations_since, tuple(self._probes_by_name), written_at
                )
        except DatabaseAway as error:
            self._buffer.note_outage(error, now)
            return
        accumulators = self._component_states.accumulators
        for component, days in stored.items():
            ours = accumulators.get(component) or uptime.new_accumulator(now)
            accumulators[component] = uptime.recall(ours, days, now)
        for look in looks:
            self._judge(self._probes_by_name[look.probe], look)

    # ------------------------------------------------------------------ looking

    async def tick(self, name: str, due: datetime) -> Observation:
        """Look once. `due` is when this look should have begun."""
        probe = self._probes_by_name[name]
        started_at = self.net.clock.now()
        is_passive = kind_of(probe.kind).is_passive
        result = await run_probe(
            self.net,
            probe,
            started_at,
            internal=await self._internal_facts() if is_passive else NO_INTERNAL_FACTS,
        )
        if not is_passive:
            result = await self._without_own_faults(
                result, late=started_at - due > min(LATE_AFTER, probe.interval)
            )
        at = min(started_at, self.net.clock.now())  # the clock may have been set back meanwhile
        if result.observation.at != at:
            result = replace(result, observation=replace(result.observation, at=at))
        self._record_observation(probe, result.observation)
        self._metrics.record_result(result)
        return result.observation

    async def _without_own_faults(self, result: ProbeResult, *, late: bool) -> ProbeResult:
        """A look as far as it tells of the target, and not of ourselves."""
        trouble_before = self._connection.trouble
        attributed = await self._connection.without_own_faults(result)
        trouble = self._connection.trouble
        if trouble != trouble_before:
            self._urgent = True
            log.warning("we cannot see: %s", trouble) if trouble else log.info("we see again")
        if late and attributed.observation.signal.grade in (Grade.DOWN, Grade.DEGRADED):
            return replace(attributed, observation=as_unreliable(attributed.observation))
        return attributed

    async def _internal_facts(self) -> InternalFacts:
        """What needs no socket: words sent in, and the conditions of components."""
        now = self.net.clock.now()
        if self._internal_at is None or now - self._internal_at >= PUSHED_CACHED:
            self._internal_at = now
            pushed: Mapping[str, PushedSignal] | None = None
            with contextlib.suppress(DatabaseAway):
                pushed = await asyncio.to_thread(self.pushed)
            self._internal = InternalFacts(pushed)
        conditions = {c: v.condition for c, v in self._component_states.verdicts.items()}
        return InternalFacts(self._internal.pushed, conditions)

    def _record_observation(self, probe: Probe, observation: Observation) -> None:
        self._buffer.add(observation)
        self._judge(probe, observation)

    def _judge(self, probe: Probe, observation: Observation) -> None:
        """What a look changes in what we hold to be true."""
        if not observation.reliable or observation.signal.grade is Grade.UNKNOWN:
            return
        if probe.vantages and observation.vantage not in probe.vantages:
            return
        overall = self._debounced.get(probe.name, DebouncedState())
        before = overall
        if probe.vantages:
            before = self._votes.setdefault(probe.name, {}).get(
                observation.vantage, DebouncedState()
            )
        after = damping.damp(
            before,
            damping.policy_of(probe),
            DampingSample(observation.at, observation.signal.grade),
            observation.signal.reason,
        )
        vantage = observation.vantage if probe.vantages else HERE
        self._component_states.observe(probe, vantage, before, after)
        if probe.vantages:
            votes = self._votes[probe.name]
            votes[observation.vantage] = after
            after = quorum_state(
                probe, votes, overall, max(observation.at, overall.last_at or observation.at)
            )
        self._set_debounced(probe.name, after)

    async def _collect_pushed(self, now: datetime) -> None:
        """Take what other vantages have seen, of probes that name any."""
        if self._buffer.is_backing_off(now) or not any(p.vantages for p in self.probes):
            return
        try:
            observations = await asyncio.to_thread(self.pushed_observations)
        except DatabaseAway as error:
            self._buffer.note_outage(error, now)
            return
        for observation in observations:
            if probe := self._probes_by_name.get(observation.probe):
                self._record_observation(probe, observation)
                self._metrics.record_result(ProbeResult(observation))

    # ------------------------------------------------------------------ once a second

    async def run_cycle(self) -> None:
        """Write what waits, hear what operators said, publish when something changed."""
        async with self._lock:
            now = self.net.clock.now()
            if self._statements_at is None or now - self._statements_at >= STATEMENTS_EVERY:
                await self._refresh_statements(now)
            await self._collect_pushed(now)
            self._refresh_verdicts(now)
            await self._buffer.flush(now)
            await self._run_automation(now)
            await self._write_metrics(now)
            last = self._published_at
            self._urgent |= self._connection.is_blind(now) is not self._cut_off
            if self._urgent or last is None or now - last >= PUBLISH_EVERY:
                await self._publish(now)

    def clock_stepped(self, by: timedelta) -> None:
        """The wall clock was set: what is remembered moves with it, what is due is due now."""
        now = self.net.clock.now()
        for states in (self._debounced, *self._votes.values()):
            states.update({name: damping.shift_clock(s, by, now) for name, s in states.items()})
        self._component_states.clock_stepped(by, now)
        self._published_at = self._statements_at = self._internal_at = None
        self._buffer.retry()
        self._connection.reset()
        self._urgent = True

    async def publish(self) -> None:
        """Hear what operators said and publish now."""
        async with self._lock:
            now = self.net.clock.now()
            await self._refresh_statements(now)
            self._refresh_verdicts(now)
            await self._publish(now)

    def snapshot(self) -> Snapshot:
        """What would be published at this moment."""
        now = self.net.clock.now()
        self._refresh_verdicts(now)
        return self._compose(now)

    def _compose(self, now: datetime) -> Snapshot:
        self._component_states.accumulate(now)
        states = self._component_states
        return composition.snapshot(
            self.components,
            states.verdicts,
            states.accumulators,
            self.statements,
            now,
            cut_off=self._cut_off,
        )

    def handlers(self) -> Mapping[str, Handler]:
        """The job that asks for a publication."""

        async def run(_: Job) -> None:
            await self.publish()

        return {PUBLISH: Handler(run)}

    def health_message(self) -> str:
        """ "" when all is well, else one sentence for /readyz."""
        if self.database_error:
            return f"{self.database_error}; {len(self._buffer)} observations wait, {self.dropped} were dropped"
        if self.unpublished:
            return f"publishing failed: {self.unpublished}"
        return self._connection.trouble

    def unworkable_probes(self) -> str:
        return self._metrics.unworkable()

    def _refresh_verdicts(self, now: datetime) -> None:
        """Bring every component's verdict up to date."""
        for name, votes in self._votes.items():  # one that fell silent has lost its vote
            before = self._debounced.get(name, DebouncedState())
            self._set_debounced(name, quorum_state(self._probes_by_name[name], votes, before, now))
        self._urgent |= self._component_states.evaluate(self.statements, now)

    def _set_debounced(self, name: str, after: DebouncedState) -> None:
        """Where the damping of a probe stands now."""
        before = self._debounced.get(name)
        if after is before:
            return
        self._debounced[name] = after
        self._component_states.reasons[name] = after.reason
        if before is None or after.verdict is not before.verdict:
            self._urgent = True
            self._metrics.set_verdict(name, after.verdict)

    async def _run_automation(self, now: datetime) -> None:
        """Run the automation: incidents opened by probes, scheduled publication, reminders."""
        if self.database_error:
            return
        view = MonitoredState(
            self.components,
            self._component_states.measured,
            self.statements,
            now,
            self._opening_delays,
        )
        try:
            changed = await self._automation.run(view)
        except DatabaseAway as error:
            self._buffer.note_outage(error, now)
            return
        if changed:
            await self._refresh_statements(now)

    async def _refresh_statements(self, now: datetime) -> None:
        self._statements_at = now
        try:
            statements = await asyncio.to_thread(self.store.statements, now)
        except DatabaseAway as error:
            self._buffer.note_outage(error, now)
            return
        if statements != self.statements:
            self.statements, self._urgent = statements, True

    async def _write_metrics(self, now: datetime) -> None:
        """Write the numbers of the last looks for /metrics."""
        if self._metrics_at is not None and now - self._metrics_at < METRICS_EVERY:
            return
        self._metrics_at = now
        try:
            await asyncio.to_thread(metrics.write, self.publisher.folder, self._metrics, now)
        except OSError as error:
            log.warning("the numbers of probes could not be written: %s", error)

    async def _publish(self, now: datetime) -> None:
        self._cut_off = self._connection.is_blind(now)
        snapshot = self._compose(now)
        votes = {name: dict(states) for name, states in self._votes.items()}
        state = state_file.new_state_file(
            snapshot, dict(self._debounced), votes, self._component_states, self.statements
        )
        self._urgent = False  # what comes up while it is written wants the next publication
        try:
            await asyncio.to_thread(self.publisher.publish, snapshot)
            await asyncio.to_thread(state_file.save, self.publisher.folder, state)
        except OSError as error:
            log.warning("publishing failed (%s); the last publication stays", error)
            self.unpublished, self._urgent = str(error), True
            return
        self.unpublished, self._published_at = "", now
