"""What observing needs beside the watch itself: words sent in, vantages, roll-ups."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from clock import Clock
from db.engine import Database
from settings.schema import Retention
from status.model import Probe
from status.probing.heartbeats.store import HeartbeatStore
from status.probing.vantages.store import VantageStore
from status.timeseries.response_times import ResponseTimes
from status.timeseries.store import RetentionPeriods, TimeseriesStore


@dataclass(frozen=True, slots=True)
class ObservationStores:
    """The stores, made at once; they open nothing by themselves."""

    heartbeats: HeartbeatStore
    vantages: VantageStore
    series: TimeseriesStore
    clock: Clock

    def speeds(self, probes: Iterable[Probe]) -> ResponseTimes:
        """How fast components answered."""
        return ResponseTimes(self.series, self.clock, tuple(probes))


def watching(db: Database, clock: Clock, told: Retention) -> ObservationStores:
    """The stores over one database."""
    keep = RetentionPeriods(told.raw, told.five_minutes, told.hours, told.days)
    return ObservationStores(
        HeartbeatStore(db, clock), VantageStore(db, clock), TimeseriesStore(db, clock, keep), clock
    )
