"""Groups of components with their days, as pages show them. Pure, but for cached days."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime

from render.message_format import rounded_share
from status import labels
from status.labels import CONDITION_CODES
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
    UptimeTotals,
    elapsed_seconds,
    seconds_by_condition,
    weigh_seconds,
)
from status.timeseries.response_times import Times

WINDOWS = (7, 30, 90)  # days that uptime is told of
NO_TIMES: Times = {}


@dataclass(frozen=True, slots=True)
class PastDays:
    """All days of a component but the last: a letter a day, and what each window comes to."""

    days: tuple[UptimeDay, ...]
    letters: str
    totals: tuple[UptimeTotals, ...]


@dataclass(slots=True)
class GroupMemory:
    """The past days of components as they were counted last, and rows and groups as they were drawn
    last: where a reader would see no difference they are the very same objects."""

    _past: dict[str, PastDays] = field(default_factory=dict)
    _rows: dict[str, tuple[tuple[object, ...], ComponentRow]] = field(default_factory=dict)
    _groups: dict[str, Group] = field(default_factory=dict)

    def row(
        self,
        state: ComponentStatus,
        cause: Component | None,
        at: datetime,
        *,
        method: UptimeMethod,
        times: Times,
        zone: str,
    ) -> ComponentRow:
        """A component as it is drawn; the same row as long as a reader would see no difference."""
        component, days = state.component, state.days
        first = days[0].on
        past = self.past(component.id, days[:-1], method)
        letters = past.letters + CONDITION_CODES[days[-1].worst]
        uptimes, coverage = _uptimes(days, past.totals, at, method)
        shows_times = component.charts and component.id in times
        charts = _charts(state, times, zone)
        seen = (component, state.condition, state.since, cause, first, letters, uptimes)
        visible = (*seen, coverage, shows_times, charts and charts.key)
        last = self._rows.get(component.id)
        if last is not None and last[0] == visible:
            return last[1]
        word, pictures = labels.CONDITIONS[state.condition], bars(first, letters)
        row = ComponentRow(state, word, pictures, uptimes, coverage, cause, shows_times, charts)
        self._rows[component.id] = visible, row
        return row

    def group(self, group: Group) -> Group:
        """A group, or the one that shows the same. All else of it follows from its rows."""
        last = self._groups.get(group.id)
        if last is None or (last.name, last.rows) != (group.name, group.rows):
            last = self._groups[group.id] = group
        return last

    def past(self, component: str, days: tuple[UptimeDay, ...], method: UptimeMethod) -> PastDays:
        """What days that are over come to. Days that nobody rewrote are the very same objects, so
        that comparing ninety of them is next to nothing."""
        counted = self._past.get(component)
        if counted is None or counted.days != days:
            windows = (days[max(0, len(days) + 1 - n) :] for n in WINDOWS)
            totals = tuple(weigh_seconds(seconds_by_condition(w), method) for w in windows)
            counted = self._past[component] = PastDays(days, letters_of(days), totals)
        return counted


@dataclass(frozen=True, slots=True, eq=False)
class ComponentRow:
    """A component as it is drawn."""

    state: ComponentStatus
    word: str
    bars: UptimeBars
    uptimes: tuple[float | None, ...]  # one for each of WINDOWS, as readers are told it
    coverage: float  # of the longest
    cause: Component | None
    shows_times: bool = False  # to readers, as soon as some are counted
    charts: ComponentCharts | None = None

    @property
    def uptime(self) -> float | None:
        """Of the longest window."""
        return self.uptimes[-1]


@dataclass(frozen=True, slots=True, eq=False)
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
    memory: GroupMemory | None = None,
) -> tuple[Group, ...]:
    """The components under their headings, in the operator's order."""
    memory = memory or GroupMemory()
    members: dict[str, list[ComponentStatus]] = {}
    for state in snapshot.states:
        members.setdefault(state.component.group, []).append(state)
    parts = {s.component.id: s.component for s in snapshot.states}
    groups: list[Group] = []
    slugs: Counter[str] = Counter()
    for name, states in members.items():
        rows = tuple(
            memory.row(
                s, parts.get(s.caused_by), snapshot.at, method=method, times=times, zone=zone
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
        groups.append(memory.group(Group(group_id, name, condition, label, rows, pictures)))
    return tuple(groups)


def _charts(state: ComponentStatus, times: Times, zone: str) -> ComponentCharts | None:
    component_times = times.get(state.component.id) if state.component.charts else None
    return component_charts(component_times, state.interruptions, zone) if component_times else None


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


def _uptimes(
    days: tuple[UptimeDay, ...], past: tuple[UptimeTotals, ...], at: datetime, method: UptimeMethod
) -> tuple[tuple[float | None, ...], float]:
    """Uptime of each window that ends with these days, and coverage of the longest, as a reader is
    told them."""
    today = weigh_seconds(days[-1].seconds, method)
    uptimes: list[float | None] = []
    coverage = 0.0
    for count, totals in zip(WINDOWS, past, strict=True):
        elapsed = elapsed_seconds(days[max(0, len(days) - count)].on, days[-1].on, at)
        share = totals.rounded(today, elapsed)
        uptimes.append(None if share.uptime is None else rounded_share(share.uptime))
        coverage = rounded_share(share.coverage)
    return tuple(uptimes), coverage


def slug(name: str) -> str:
    """A heading as a piece of an address."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "services"
