"""How fast components answered, hour by hour over the last day, from roll-ups of their probes.

Asked at each publication, looked up every ten minutes; without a database the last answer stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clock import Clock
from db.engine import DatabaseAway
from status.model import Probe
from status.timeseries.store import TimeseriesStore

HOURS = 24
CACHED = timedelta(minutes=10)
Speeds = Mapping[str, tuple[int | None, ...]]


@dataclass(slots=True)
class ResponseTimes:
    """Component → milliseconds for each of the last 24 hours, oldest first; None is no answer."""

    series: TimeseriesStore
    clock: Clock
    probes: Iterable[Probe]
    _latest: Speeds = field(default_factory=dict)
    _asked_at: datetime | None = None

    def __call__(self) -> Speeds:
        now = self.clock.now()
        if self._asked_at is None or now - self._asked_at >= CACHED:
            self._asked_at = now
            with suppress(DatabaseAway):  # the engine tells so itself; a chart may be old
                self._latest = mean_by_component(self.probes, self.series.hourly(since(now)), now)
        return self._latest


def since(now: datetime) -> datetime:
    """The first of the hours that are shown."""
    return now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)


def mean_by_component(
    probes: Iterable[Probe], hourly: Mapping[str, Mapping[datetime, tuple[int, int]]], now: datetime
) -> dict[str, tuple[int | None, ...]]:
    """All probes of a component in one line: the mean of their answers, weighed by number."""
    first = since(now)
    hours = [first + timedelta(hours=n) for n in range(HOURS)]
    sums: dict[str, dict[datetime, tuple[int, int]]] = {}
    for probe in probes:
        totals = sums.setdefault(probe.component, {})
        for at, (micros, count) in hourly.get(probe.name, {}).items():
            before = totals.get(at, (0, 0))
            totals[at] = (before[0] + micros, before[1] + count)
    lines: dict[str, tuple[int | None, ...]] = {}
    for component, totals in sums.items():
        line = tuple(_mean(*totals.get(at, (0, 0))) for at in hours)
        if sum(v is not None for v in line) >= 2:
            lines[component] = line
    return lines


def _mean(micros: int, count: int) -> int | None:
    return round(micros / count / 1000) if count else None
