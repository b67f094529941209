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
from status.timeseries.response_times import Speedometer
from status.timeseries.store import Keep, SeriesStore


@dataclass(frozen=True, slots=True)
class Watching:
    """The stores, made at once; they open nothing by themselves."""

    heartbeats: HeartbeatStore
    vantages: VantageStore
    series: SeriesStore
    clock: Clock

    def speeds(self, probes: Iterable[Probe]) -> Speedometer:
        """How fast components answered."""
        return Speedometer(self.series, self.clock, tuple(probes))


def watching(db: Database, clock: Clock, told: Retention) -> Watching:
    """The stores over one database."""
    keep = Keep(told.raw, told.five_minutes, told.hours, told.days)
    return Watching(
        HeartbeatStore(db, clock), VantageStore(db, clock), SeriesStore(db, clock, keep), clock
    )
