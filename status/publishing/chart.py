"""Response times as pictures: paths of an SVG, what stands at its axes, what is shaded. Pure.

The line is the median of each part, the band reaches from the fastest answer to the 95th of 100.
Where nothing answered there is neither. A few parts that are far above all others are cut at the
upper edge, so that the others can be read. Heights are of 100 units, widths of 1000: the template
stretches the picture and writes the words beside it, which keep their size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from math import ceil
from zoneinfo import ZoneInfo

from status.model import Condition, Interruption
from status.timeseries.response_times import ComponentTimes, Part, ResponseSeries
from status.timeseries.windows import DAY_WINDOW

WIDTH, HEIGHT = 1000, 100
NARROWEST = 2  # of what is shaded: a few minutes of 90 days must still be seen
_STRIP = 8  # the height of maintenance: colour is not all that tells it from an outage
_STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)
_LABELLED_HOURS = 6
_DAYS_BETWEEN = {7: 2, 30: 10}
_MONTHLY = 90
_USUAL = 0.9  # the share of parts that are always whole
_ABOVE = 4  # how many times as high as those the picture is at most


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment at the lower axis, `x` percent from the left."""

    at: datetime
    x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class ShadedSpan:
    """Where a component was in an outage or in maintenance."""

    condition: Condition
    x: float
    width: float
    height: int


@dataclass(frozen=True, slots=True)
class Chart:
    """One window. `top` is the milliseconds at the upper edge, 0 when nothing answered; `highest`
    what the picture would reach if nothing were cut there."""

    series: ResponseSeries
    line: str
    band: str
    top: float
    highest: float
    ticks: tuple[Tick, ...]
    shades: tuple[ShadedSpan, ...]
    outages: int
    out: timedelta  # together
    maintenances: int
    maintained: timedelta

    @property
    def name(self) -> str:
        """Of its window."""
        return self.series.window.name

    @property
    def is_cut(self) -> bool:
        """Does a part reach above the upper edge?"""
        return self.highest > self.top

    @property
    def whole(self) -> Part:
        """All of it as one."""
        return self.series.whole


@dataclass(frozen=True, slots=True)
class ComponentCharts:
    """The charts of a component, the shortest window first."""

    times: ComponentTimes
    interruptions: tuple[Interruption, ...]
    charts: tuple[Chart, ...]

    @property
    def key(self) -> tuple[object, ...]:
        """What readers would see change."""
        return self.times.until, self.interruptions, self.charts[-1].line


def draw(
    times: ComponentTimes, interruptions: tuple[Interruption, ...], zone: str
) -> ComponentCharts:
    """The pictures of response times; days are those of the zone."""
    charts = tuple(_chart(series, interruptions, ZoneInfo(zone)) for series in times.series)
    return ComponentCharts(times, interruptions, charts)


# Between two publications hardly any changes.
component_charts = lru_cache(maxsize=4096)(draw)


def _chart(
    series: ResponseSeries, interruptions: tuple[Interruption, ...], zone: ZoneInfo
) -> Chart:
    highs = sorted(part.high for part in series.parts if part.high is not None)
    highest = highs[-1] if highs else 0.0
    usual = highs[ceil(_USUAL * len(highs)) - 1] if highs else 0.0
    top = scale(min(highest, _ABOVE * usual))
    runs = tuple(_runs(series.parts))
    whole = series.whole
    within = [span for i in interruptions if (span := _clip(i, whole)) is not None]
    planned = [s for s in within if s[0] is Condition.UNDER_MAINTENANCE]
    outages = [s for s in within if s[0] is not Condition.UNDER_MAINTENANCE]
    return Chart(
        series,
        "".join(_line(run, whole, top) for run in runs),
        "".join(_band(run, whole, top) for run in runs),
        top,
        highest,
        tuple(_ticks(series, zone)),
        tuple(_shaded_span(span, whole) for span in within),
        _episodes(outages),
        sum((ends - begins for _, begins, ends in outages), timedelta()),
        _episodes(planned),
        sum((ends - begins for _, begins, ends in planned), timedelta()),
    )


def scale(highest: float) -> float:
    """The round number of milliseconds that a picture reaches up to."""
    if highest <= 0:
        return 0.0
    power = 10.0 ** (len(str(int(highest))) - 1 if highest >= 1 else -2)
    return next(round(s * power, 3) for s in _steps() if s * power >= highest)


def _steps() -> Iterator[float]:
    yield from _STEPS
    yield from (10 * step for step in _STEPS)
    yield from (100 * step for step in _STEPS)


# ------------------------------------------------------------------ what is drawn
def _runs(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Parts without a gap between them."""
    run: list[Part] = []
    for part in parts:
        if part.median is not None:
            run.append(part)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _line(run: Sequence[Part], whole: Part, top: float) -> str:
    return "M" + _stairs(run, [_y(part.median, top) for part in run], whole)


def _band(run: Sequence[Part], whole: Part, top: float) -> str:
    upper = _stairs(run, [_y(part.high, top) for part in run], whole)
    lower = [_y(part.fastest, top) for part in reversed(run)]
    back = "".join(
        f"V{y}H{_x(part.begins, whole)}" for part, y in zip(reversed(run), lower, strict=True)
    )
    return f"M{upper}{back}Z"


def _stairs(run: Sequence[Part], heights: Sequence[str], whole: Part) -> str:
    """A level for each part: between two moments nobody knows more."""
    path = f"{_x(run[0].begins, whole)} {heights[0]}"
    before = heights[0]
    for part, y in zip(run, heights, strict=True):
        path += "" if y == before else f"V{y}"
        path += f"H{_x(part.ends, whole)}"
        before = y
    return path


def _position(at: datetime, whole: Part) -> float:
    return (at - whole.begins) / (whole.ends - whole.begins)


def _x(at: datetime, whole: Part) -> str:
    return f"{WIDTH * _position(at, whole):.0f}"


def _y(milliseconds: float | None, top: float) -> str:
    return f"{round(max(0.0, HEIGHT - HEIGHT * (milliseconds or 0.0) / top), 2):g}"


# ------------------------------------------------------------------ what is shaded
Span = tuple[Condition, datetime, datetime]


def _clip(interruption: Interruption, whole: Part) -> Span | None:
    begins = max(interruption.begins, whole.begins)
    ends = min(interruption.ends or whole.ends, whole.ends)
    return (interruption.condition, begins, ends) if begins < ends else None


def _episodes(spans: Sequence[Span]) -> int:
    """How many there were: an outage that was a partial one at first is one."""
    ends = {span[2] for span in spans}
    return sum(begins not in ends for _, begins, _ in spans)


def _shaded_span(span: Span, whole: Part) -> ShadedSpan:
    condition, begins, ends = span
    left = WIDTH * _position(begins, whole)
    width = max(WIDTH * _position(ends, whole) - left, NARROWEST)
    height = _STRIP if condition is Condition.UNDER_MAINTENANCE else HEIGHT
    return ShadedSpan(condition, round(min(left, WIDTH - width), 1), round(width, 1), height)


# ------------------------------------------------------------------ what stands at the axis
def _ticks(series: ResponseSeries, zone: ZoneInfo) -> Iterator[Tick]:
    for at in _labelled(series, zone):
        x = round(100 * _position(at, series.whole), 1)
        yield Tick(at, x, "start" if x < 10 else "end" if x > 90 else "middle")


def _labelled(series: ResponseSeries, zone: ZoneInfo) -> Iterator[datetime]:
    local = [part.begins.astimezone(zone) for part in series.parts]
    if series.window is DAY_WINDOW:
        yield from (at for at in local if at.hour % _LABELLED_HOURS == 0 and at.minute == 0)
        return
    first_of_day = [at for n, at in enumerate(local) if n == 0 or at.date() != local[n - 1].date()]
    if series.window.days == _MONTHLY:
        yield from (at for at in first_of_day if at.day == 1)
        return
    yield from first_of_day[:: _DAYS_BETWEEN[series.window.days]]
