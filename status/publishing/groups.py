"""Groups of components with their days, as pages show them. Pure, but for cached days."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from render.message_format import rounded_share
from status import labels
from status.model import (
    Component,
    ComponentStatus,
    Condition,
    Snapshot,
    UptimeDay,
    group_name,
)
from status.publishing.bars import UptimeBars, bars, letters_of, worst_of_each_day
from status.publishing.chart import ComponentCharts, component_charts
from status.state.composition import worst
from status.state.uptime import (
    DEFAULT_METHOD,
    UptimeMethod,
    UptimeShare,
    seconds_by_condition,
    share_of,
)
from status.timeseries.response_times import Times

WINDOWS = (7, 30, 90)  # days that uptime is told of
NO_TIMES: Times = {}
Seconds = Mapping[Condition, int]


@dataclass(frozen=True, slots=True)
class PastDays:
    """All days of a component but the last: a letter a day, and the seconds of each window."""

    days: tuple[UptimeDay, ...]
    letters: str
    seconds: tuple[Seconds, ...]


@dataclass(slots=True)
class DayMemory:
    """The past days of components by their id, as they were counted last."""

    _past: dict[str, PastDays] = field(default_factory=dict)

    def past(self, component: str, days: tuple[UptimeDay, ...]) -> PastDays:
        """What days that are over come to. Days that nobody rewrote are the very same objects, so
        that comparing ninety of them is next to nothing."""
        counted = self._past.get(component)
        if counted is None or counted.days != days:
            seconds = tuple(
                seconds_by_condition(days[max(0, len(days) + 1 - n) :]) for n in WINDOWS
            )
            counted = self._past[component] = PastDays(days, letters_of(days), seconds)
        return counted

    def shown(
        self, component: str, days: tuple[UptimeDay, ...], at: datetime, method: UptimeMethod
    ) -> tuple[UptimeBars, tuple[UptimeShare, ...]]:
        """The picture of some consecutive days, and the uptime of each window that ends with them."""
        today = days[-1]
        past = self.past(component, days[:-1])
        shares = []
        for count, before in zip(WINDOWS, past.seconds, strict=True):
            seconds = dict(before)
            for condition, spent in today.seconds.items():
                seconds[condition] = seconds.get(condition, 0) + spent
            first = days[max(0, len(days) - count)].on
            shares.append(share_of(seconds, first, today.on, at, method))
        return bars(days[0].on, past.letters + letters_of((today,))), tuple(shares)


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """A component as it is drawn."""

    state: ComponentStatus
    word: str
    bars: UptimeBars
    shares: tuple[UptimeShare, ...]  # one for each of WINDOWS
    cause: Component | None
    shows_times: bool = False  # to readers, as soon as some are counted
    charts: ComponentCharts | None = None

    @property
    def share(self) -> UptimeShare:
        """Of the longest window."""
        return self.shares[-1]


@dataclass(frozen=True, slots=True)
class Group:
    """Components that stand under one heading."""

    id: str
    name: str
    condition: Condition
    word: str
    rows: tuple[ComponentRow, ...]
    bars: UptimeBars


def group_components(
    snapshot: Snapshot,
    method: UptimeMethod = DEFAULT_METHOD,
    times: Times = NO_TIMES,
    zone: str = "UTC",
    days: DayMemory | None = None,
) -> tuple[Group, ...]:
    """The components under their headings, in the operator's order."""
    memory = days or DayMemory()
    members: dict[str, list[ComponentStatus]] = {}
    for state in snapshot.states:
        members.setdefault(state.component.group, []).append(state)
    parts = {s.component.id: s.component for s in snapshot.states}
    groups: list[Group] = []
    slugs: Counter[str] = Counter()
    for name, states in members.items():
        rows = tuple(
            ComponentRow(
                s,
                labels.CONDITIONS[s.condition],
                *memory.shown(s.component.id, s.days, snapshot.at, method),
                cause=parts.get(s.caused_by),
                shows_times=s.component.charts and s.component.id in times,
                charts=_charts(s, times, zone),
            )
            for s in states
        )
        condition = worst(r.state.condition for r in rows)
        letters = worst_of_each_day(tuple(r.bars.letters for r in rows))
        short = slug(name)
        slugs[short] += 1
        group_id = f"{short}-{slugs[short]}" if slugs[short] > 1 else short
        label = labels.CONDITIONS[condition]
        pictures = bars(rows[0].bars.first, letters)
        groups.append(Group(group_id, name, condition, label, rows, pictures))
    return tuple(groups)


def _charts(state: ComponentStatus, times: Times, zone: str) -> ComponentCharts | None:
    component_times = times.get(state.component.id) if state.component.charts else None
    return component_charts(component_times, state.interruptions, zone) if component_times else None


def visible_state(group: Group) -> tuple[object, ...]:
    """What a reader sees of a group."""
    return group.id, group.name, group.condition, [_visible_row(row) for row in group.rows]


def _visible_row(row: ComponentRow) -> tuple[object, ...]:
    return (
        row.state.component,
        row.state.condition,
        row.state.since,
        row.state.caused_by,
        row.state.checked_at is None,
        row.bars.letters,
        row.bars.first,
        [rounded(share) for share in row.shares],
        row.shows_times,
        row.charts and row.charts.key,
    )


def group_in(group: Group, lang: str) -> Group:
    """A group and its components as readers of a language know them; its address stays."""
    rows = tuple(_row_in(row, lang) for row in group.rows)
    if all(translated is row for translated, row in zip(rows, group.rows, strict=True)):
        return group
    name = group_name(group.name, (row.state.component for row in group.rows), lang)
    return replace(group, name=name, rows=rows)


def _row_in(row: ComponentRow, lang: str) -> ComponentRow:
    component, cause = row.state.component, row.cause
    translated = component.in_language(lang)
    shown_cause = cause.in_language(lang) if cause else None
    if translated is component and shown_cause is cause:
        return row
    return replace(row, state=replace(row.state, component=translated), cause=shown_cause)


def rounded(share: UptimeShare) -> tuple[float | None, float]:
    up = None if share.uptime is None else rounded_share(share.uptime)
    return up, rounded_share(share.coverage)


def slug(name: str) -> str:
    """A heading as a piece of an address."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "services"
