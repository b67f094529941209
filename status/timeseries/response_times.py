"""How fast components answered over the windows of windows.py, from roll-ups of their probes.

Asked at each publication; the roll-ups are looked up every few minutes, and only those parts of a
window that may have changed. Without a database the last answer stands.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from clock import Clock
from db.engine import DatabaseAway
from status.model import Component, Probe
from status.timeseries import distribution
from status.timeseries.store import FIVE, HOUR, RECOUNT, TimeseriesStore, TimesRow
from status.timeseries.windows import WINDOWS, TimeWindow, edges

CACHED = timedelta(minutes=5)
FIRST = timedelta(seconds=25)  # the same while nothing is counted: each publication asks
SETTLED = RECOUNT + timedelta(minutes=10)  # what is older is not counted anew
HIGH = 0.95  # the share of answers within the upper edge of what is drawn
SLICE = 0.3  # seconds that one call may take for reading; the rest follows with the next


@dataclass(slots=True)
class Tally:
    """What the looks of some span amount to; times in microseconds."""

    answers: int = 0
    failures: int = 0
    fastest_us: int = 0
    slowest_us: int = 0
    times: distribution.Counts = field(default_factory=dict)

    def add(self, more: TimesRow | Tally) -> None:
        """Count more looks in."""
        if more.answers:
            fastest = min(self.fastest_us, more.fastest_us) if self.answers else more.fastest_us
            self.fastest_us, self.slowest_us = fastest, max(self.slowest_us, more.slowest_us)
        self.answers += more.answers
        self.failures += more.failures
        distribution.add(self.times, more.times)

    def within(self, share: float) -> float | None:
        """The milliseconds within which this share of the answers came; None without any."""
        took = distribution.percentile(self.times, share)
        if took is None:
            return None
        return min(max(took, self.fastest_us), self.slowest_us) / 1000

    def packed(self) -> PackedTally:
        """The same in a quarter of the memory."""
        times = distribution.encode(self.times)
        return self.answers, self.failures, self.fastest_us, self.slowest_us, times

    @classmethod
    def unpacked(cls, packed: PackedTally) -> Tally:
        """What was packed."""
        return cls(*packed[:4], distribution.decode(packed[4]))


PackedTally = tuple[int, int, int, int, str]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a window: milliseconds of its answers, None where nothing answered."""

    begins: datetime
    ends: datetime
    answers: int
    failures: int
    fastest: float | None
    median: float | None
    high: float | None
    slowest: float | None


@dataclass(frozen=True, slots=True)
class ResponseSeries:
    """A window with its parts, and all of it as one."""

    window: TimeWindow
    whole: Part
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class MeasuredComponent:
    """Whose times are counted: the probes of one kind. Of several kinds, that of the first probe."""

    component: str
    kind: str
    probes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ComponentTimes:
    """How fast a component answered, up to when its looks are counted. One object as long as
    nothing changes."""

    measured: MeasuredComponent
    until: datetime
    series: tuple[ResponseSeries, ...]


Times = Mapping[str, ComponentTimes | None]  # None: measured, and nothing is counted yet


def measured_components(
    components: Iterable[Component], probes: Iterable[Probe], timed: Collection[str]
) -> tuple[MeasuredComponent, ...]:
    """Which probes tell how fast each component answers; `timed` are the kinds that can tell."""
    by_component: dict[str, list[Probe]] = {}
    for probe in probes:
        if probe.kind in timed:
            by_component.setdefault(probe.component, []).append(probe)
    return tuple(
        MeasuredComponent(
            c.id, first.kind, tuple(p.name for p in candidates if p.kind == first.kind)
        )
        for c in components
        if (candidates := by_component.get(c.id)) and (first := candidates[0])
    )


class ComponentReader:
    """Reads one component's times, and remembers the parts that will not change any more."""

    def __init__(self, measured: MeasuredComponent, store: TimeseriesStore, zone: ZoneInfo) -> None:
        self.measured = measured
        self._store = store
        self._zone = zone
        self._settled: dict[TimeWindow, dict[datetime, PackedTally]] = {}

    def read(self, until: datetime, windows: Collection[TimeWindow] = WINDOWS) -> ComponentTimes:
        """Its times up to a moment. Raises DatabaseAway."""
        rows: dict[tuple[int, datetime], list[TimesRow]] = {}
        moments = {window: edges(window, until, self._zone) for window in windows}
        missing = {window: self._first_missing(window, at) for window, at in moments.items()}
        spans = {window: _span(at) for window, at in moments.items()}
        series = []
        for window, at in moments.items():
            span = spans[window]
            since = min(missing[w] for w in windows if spans[w] == span)
            if (span, since) not in rows:
                rows[span, since] = self._rows(span, since)
            tallies = self._tallies(window, at, missing[window], rows[span, since])
            series.append(_series(window, at, tallies))
        return ComponentTimes(self.measured, until, tuple(series))

    def _first_missing(self, window: TimeWindow, at: tuple[datetime, ...]) -> datetime:
        settled = self._settled.setdefault(window, {})
        for begins in set(settled) - set(at):
            del settled[begins]
        return next((begins for begins in at[:-1] if begins not in settled), at[-1])

    def _rows(self, span: int, since: datetime) -> list[TimesRow]:
        probes = self.measured.probes
        return [row for name in probes for row in self._store.response_times(name, span, since)]

    def _tallies(
        self, window: TimeWindow, at: tuple[datetime, ...], missing: datetime, rows: list[TimesRow]
    ) -> list[Tally]:
        settled, until = self._settled[window], at[-1]
        fresh = {begins: Tally() for begins in at[:-1] if begins >= missing}
        for row in rows:
            if missing <= row.at < until:
                fresh[at[bisect_right(at, row.at) - 1]].add(row)
        tallies = [fresh.get(begins) or Tally.unpacked(settled[begins]) for begins in at[:-1]]
        for begins, ends in pairwise(at):
            if begins in fresh and ends <= until - SETTLED:
                settled[begins] = fresh[begins].packed()
        return tallies


def _span(at: tuple[datetime, ...]) -> int:
    """The longest roll-ups that fit between all the edges."""
    return HOUR if all(not moment.minute for moment in at[:-1]) else FIVE


def _series(window: TimeWindow, at: tuple[datetime, ...], tallies: list[Tally]) -> ResponseSeries:
    whole = Tally()
    for tally in tallies:
        whole.add(tally)
    parts = tuple(
        _part(begins, ends, tally) for begins, ends, tally in zip(at, at[1:], tallies, strict=False)
    )
    return ResponseSeries(window, _part(at[0], at[-1], whole), parts)


def _part(begins: datetime, ends: datetime, tally: Tally) -> Part:
    median, high = tally.within(0.5), tally.within(HIGH)
    fastest, slowest = tally.fastest_us / 1000, tally.slowest_us / 1000
    if median is None:
        return Part(begins, ends, tally.answers, tally.failures, None, None, None, None)
    return Part(begins, ends, tally.answers, tally.failures, fastest, median, high, slowest)


@dataclass(frozen=True, slots=True)
class TimesReader:
    """Reads the times of one component or probe at once, for operators."""

    store: TimeseriesStore
    measured: tuple[MeasuredComponent, ...]
    zone: str
    clock: Clock

    def component(self, id: str) -> ComponentTimes | None:
        """A component's times; None when there are none. Raises DatabaseAway."""
        measured = next((m for m in self.measured if m.component == id), None)
        return self._read(measured, WINDOWS) if measured else None

    def probe(self, probe: Probe, window: TimeWindow) -> ComponentTimes | None:
        """The times of one probe over a window; None when there are none. Raises DatabaseAway."""
        return self._read(MeasuredComponent(probe.component, probe.kind, (probe.name,)), (window,))

    def _read(
        self, measured: MeasuredComponent, windows: tuple[TimeWindow, ...]
    ) -> ComponentTimes | None:
        until = self.store.counted_until(measured.probes)
        if until is None:
            return None
        until = min(until, self.clock.now())
        return ComponentReader(measured, self.store, ZoneInfo(self.zone)).read(until, windows)


class ResponseTimes:
    """The times of some components, for whoever publishes them."""

    def __init__(
        self,
        store: TimeseriesStore,
        clock: Clock,
        measured: Iterable[MeasuredComponent],
        zone: str,
    ) -> None:
        self._store = store
        self._clock = clock
        self._readers = [ComponentReader(m, store, ZoneInfo(zone)) for m in measured]
        self._latest: Times = {r.measured.component: None for r in self._readers}
        self._waiting: deque[ComponentReader] = deque()
        self._until: datetime | None = None
        self._asked_at: datetime | None = None

    def __call__(self) -> Times:
        """Component → its times; those that are not read yet are None or of before."""
        if self._readers:
            with suppress(DatabaseAway):  # the engine tells so itself; a chart may be old
                self._look_up()
        return self._latest

    def _look_up(self) -> None:
        now, began = self._clock.now(), self._clock.monotonic()
        cached = CACHED if self._until else FIRST
        if self._asked_at is None or not timedelta(0) <= now - self._asked_at < cached:
            self._asked_at = now
            probes = (name for reader in self._readers for name in reader.measured.probes)
            until = self._store.counted_until(probes)
            if until is not None and until != self._until:
                self._until, self._waiting = until, deque(self._readers)
        while self._until and self._waiting and self._clock.monotonic() - began < SLICE:
            reader = self._waiting[0]
            times = reader.read(min(self._until, now))
            self._waiting.popleft()
            if times.series[-1].whole.answers:
                self._latest = {**self._latest, reader.measured.component: times}
