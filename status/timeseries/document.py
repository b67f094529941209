"""Response times as JSON documents, published and in the operators' API. Field names never change. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from status.model import Condition, Interruption
from status.timeseries.response_times import ComponentTimes, Part


class PartDocument(Struct):
    """The good looks of a span; milliseconds, null where nothing answered. `p95_ms` is the time
    within which 95 of 100 came; it and the median are at most 5 % beside an answer."""

    begins: datetime
    ends: datetime
    answers: int
    failures: int
    fastest_ms: float | None
    median_ms: float | None
    p95_ms: float | None
    slowest_ms: float | None


class WindowDocument(Struct):
    """One of 24h, 7d, 30d, 90d: as a whole, and part by part."""

    window: str
    whole: PartDocument
    parts: tuple[PartDocument, ...]


class InterruptionDocument(Struct):
    """An outage or maintenance; `ends` is null while it goes on."""

    begins: datetime
    ends: datetime | None
    condition: Condition


class ResponseTimesDocument(Struct):
    """How fast a component answered until a moment, by its probes of one kind. Days are those of
    `time_zone`."""

    component: str
    kind: str
    probes: int
    until: datetime
    time_zone: str
    windows: tuple[WindowDocument, ...]
    interruptions: tuple[InterruptionDocument, ...]


def times_document(
    times: ComponentTimes, interruptions: Iterable[Interruption], zone: str
) -> ResponseTimesDocument:
    """A component's response times, with the interruptions that reach into the longest window."""
    first = min(series.whole.begins for series in times.series)
    return ResponseTimesDocument(
        times.measured.component,
        times.measured.kind,
        len(times.measured.probes),
        times.until,
        zone,
        tuple(
            WindowDocument(s.window.name, _part(s.whole), tuple(map(_part, s.parts)))
            for s in times.series
        ),
        tuple(
            InterruptionDocument(i.begins, i.ends, i.condition)
            for i in interruptions
            if i.ends is None or i.ends > first
        ),
    )


def _part(part: Part) -> PartDocument:
    return PartDocument(
        part.begins,
        part.ends,
        part.answers,
        part.failures,
        *(None if ms is None else round(ms, 3) for ms in _milliseconds(part)),
    )


def _milliseconds(part: Part) -> tuple[float | None, float | None, float | None, float | None]:
    return part.fastest, part.median, part.high, part.slowest
