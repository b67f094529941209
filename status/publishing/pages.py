"""From a Snapshot to the published files: every page in every language, JSON, icon.

Pure apart from reading templates. No session, no nonce, no personal data may enter here.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

import msgspec

from render.languages import NAMES
from render.message_format import fill, rounded_share
from render.templates import TemplateRenderer, moment_iso
from status import words
from status.model import (
    Component,
    ComponentStatus,
    Condition,
    Incident,
    Snapshot,
    group_name,
)
from status.publishing.bars import UptimeBars, bars, worst_days
from status.publishing.chart import ComponentCharts, component_charts
from status.publishing.data_files import (
    PublishedFile,
    content_tag,
    data_files,
    json_file,
    page_address,
)
from status.sla.export import method_sentences
from status.state import maintenance_windows, uptime
from status.state.composition import worst
from status.state.statements import open_incidents
from status.state.uptime import DEFAULT_METHOD, UptimeMethod, UptimeShare
from status.timeseries.document import times_document
from status.timeseries.response_times import Times
from web.site import Site

HTML = "text/html; charset=utf-8"
NO_TIMES: Times = {}
HISTORY_MONTHS = 3  # months on the first page of the history
UPTIME_WINDOWS = (7, 30, 90)  # days that /uptime tells about
MAX_LISTED = 50  # up to so many components are listed one by one on the first page
_CHECKED = "\ue000checked\ue001"  # stands for the check time while a page's identity is taken
_CHECKED_ISO = "\ue000checked-iso\ue001"
_TONE = "\ue000tone\ue001"  # the same for the tone of the icon, so that other pages need not change


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """A component as it is drawn."""

    state: ComponentStatus
    word: str
    bars: UptimeBars
    shares: tuple[UptimeShare, ...]  # one for each of WINDOWS
    cause: Component | None
    charts: ComponentCharts | None = None  # when readers see how fast it answers

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


RenderedTexts = dict[
    tuple[str, str, bytes], tuple[str, str]
]  # what was rendered before, by its inputs


def published_files(
    snapshot: Snapshot,
    site: Site,
    pages: TemplateRenderer,
    texts: RenderedTexts | None = None,
    method: UptimeMethod = DEFAULT_METHOD,
    *,
    times: Times = NO_TIMES,
) -> dict[str, PublishedFile]:
    """Path → file, of everything that is published.

    `texts` remembers rendered pages from one call to the next: most publications only move the
    check time. It is kept small here.
    """
    published: dict[str, PublishedFile] = {}
    groups = group_components(snapshot, method, times, site.time_zone)
    before = dict(texts or {})
    rendered: RenderedTexts = {}
    content_key = _content_key(snapshot, groups)
    tones = tuple(words.headline(snapshot, aged=old).tone for old in (False, True))
    for lang in site.languages:
        shown = tuple(_group_in(group, lang) for group in groups)
        for path, template, values in _plan_pages(snapshot, shown, method, site.time_zone):
            key = (lang, path, _page_inputs(snapshot, values) or content_key)
            fresh_and_aged = before.get(key) or _render(
                snapshot, site, pages, (lang, path, template), values
            )
            rendered[key] = fresh_and_aged
            published[f"/{lang}{path}"] = _published_file(
                fresh_and_aged, tones, snapshot, lang, site.time_zone
            )
    if texts is not None:
        texts.clear()
        texts.update(rendered)
    return published | data_files(snapshot, site) | _times_files(groups, site.time_zone)


Plan = tuple[str, str, dict[str, object]]


def _plan_pages(
    snapshot: Snapshot, groups: tuple[Group, ...], method: UptimeMethod, zone: str
) -> list[Plan]:
    months = by_month(snapshot.incidents, zone)
    history = "status/publishing/history.html"
    plan: list[Plan] = [
        ("/", "status/publishing/index.html", {"collapsed": len(snapshot.states) > MAX_LISTED}),
        ("/history", history, {"months": months[:HISTORY_MONTHS], "all_months": months}),
        ("/maintenance", "status/publishing/maintenance.html", {}),
        ("/embed", "status/publishing/embed.html", {}),
        (
            "/uptime",
            "status/publishing/uptime.html",
            {"windows": UPTIME_WINDOWS, "rules": partial(method_sentences, method)},
        ),
    ]
    plan += [
        (f"/history/{m[0]:%Y-%m}", history, {"months": (m,), "all_months": months}) for m in months
    ]
    plan += [(f"/group/{g.id}", "status/publishing/group.html", {"group": g}) for g in groups]
    plan += [
        (
            f"/component/{row.state.component.id}",
            "status/publishing/component.html",
            {"group": group, "row": row},
        )
        for group in groups
        for row in group.rows
        if row.charts
    ]
    plan += [
        (f"/incidents/{i.id}", "status/publishing/incident.html", {"incident": i})
        for i in snapshot.incidents
    ]
    return [(path, template, {"groups": groups, **values}) for path, template, values in plan]


def _page_inputs(snapshot: Snapshot, values: dict[str, object]) -> bytes:
    """All that a page of one incident or one group depends on; empty for the other pages."""
    incident, group, row = values.get("incident"), values.get("group"), values.get("row")
    no_data = not any(s.checked_at for s in snapshot.states)
    if isinstance(incident, Incident):
        names = snapshot.names_in("")
        component_names = [names.get(c, c) for c in incident.components]
        return msgspec.json.encode((incident, component_names, snapshot.cut_off, no_data))
    if isinstance(group, Group) and isinstance(row, ComponentRow):
        uptime_shown = _rounded(row.share)[0]
        seen = (group.id, group.name, row.state.component, row.state.condition, uptime_shown)
        return _digest((seen, row.charts and row.charts.key, snapshot.cut_off, no_data))
    if isinstance(group, Group):
        return _digest((_visible_state(group), snapshot.cut_off, no_data))
    return b""


def _content_key(snapshot: Snapshot, groups: tuple[Group, ...]) -> bytes:
    """All that the other pages depend on, as far as a reader could see a difference."""
    windows = [(w, maintenance_windows.state(w, snapshot.at)) for w in snapshot.maintenances]
    statements = (snapshot.incidents, snapshot.announcements, words.headline(snapshot))
    former = sorted((k.component, k.name) for k in snapshot.known_components)
    visible = [_visible_state(g) for g in groups]
    return _digest((visible, windows, statements, former, snapshot.cut_off))


def _digest(value: object) -> bytes:
    return hashlib.sha256(msgspec.json.encode(value)).digest()


def _visible_state(group: Group) -> tuple[object, ...]:
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
        [_rounded(share) for share in row.shares],
        row.charts and row.charts.key,
    )


def _group_in(group: Group, lang: str) -> Group:
    """A group and its components as readers of a language know them; its address stays."""
    rows = tuple(_row_in(row, lang) for row in group.rows)
    if all(shown is row for shown, row in zip(rows, group.rows, strict=True)):
        return group
    name = group_name(group.name, (row.state.component for row in group.rows), lang)
    return replace(group, name=name, rows=rows)


def _row_in(row: ComponentRow, lang: str) -> ComponentRow:
    component, cause = row.state.component, row.cause
    shown = component.in_language(lang)
    shown_cause = cause.in_language(lang) if cause else None
    if shown is component and shown_cause is cause:
        return row
    return replace(row, state=replace(row.state, component=shown), cause=shown_cause)


def _rounded(share: UptimeShare) -> tuple[float | None, float]:
    up = None if share.uptime is None else rounded_share(share.uptime)
    return up, rounded_share(share.coverage)


def _render(
    snapshot: Snapshot,
    site: Site,
    pages: TemplateRenderer,
    target: tuple[str, str, str],
    values: dict[str, object],
) -> tuple[str, str]:
    lang, path, template = target
    names = snapshot.names_in(lang)
    shared: dict[str, object] = {
        **page_frame(site, path),
        "snapshot": snapshot,
        "names": lambda ids: [names.get(i, i) for i in ids],
        "unseen": not any(s.checked_at for s in snapshot.states),
        "checked": _CHECKED,
        "checked_iso": _CHECKED_ISO,
        "open_incidents": open_incidents(snapshot.incidents),
        "planned": maintenance_windows.upcoming(snapshot.maintenances, snapshot.at),
        "further": maintenance_windows.later_occurrences(snapshot.maintenances, snapshot.at),
        "states": words.STATES,
        "conditions": words.CONDITIONS,
        "letters": words.CONDITION_CODES,
        "impacts": words.IMPACTS,
        "window_titles": words.WINDOWS,
        "maintenance_state": lambda maintenance: maintenance_windows.state(
            maintenance, snapshot.at
        ),
        "over": [
            w.id for w in snapshot.maintenances if maintenance_windows.is_over(w, snapshot.at)
        ],
        "maintenance_updates": lambda maintenance: maintenance_windows.timeline(
            maintenance, snapshot.at
        ),
        "automatic_texts": words.AUTOMATIC_TEXTS,
        **values,
    }

    def text(*, aged: bool) -> str:
        headline = words.headline(snapshot, aged=aged)
        return pages.render(template, lang, headline=headline, aged=aged, tone=_TONE, **shared)

    return text(aged=False), text(aged=True)


def page_frame(site: Site, path: str) -> dict[str, object]:
    """What the frame of every published page needs."""
    return {
        "site": site,
        "address": page_address(site),
        "page_path": path,
        "languages": {code: NAMES[code] for code in site.languages},
    }


def _published_file(
    texts: tuple[str, str], tones: tuple[str, ...], snapshot: Snapshot, lang: str, zone: str
) -> PublishedFile:
    fresh, aged = (text.replace(_TONE, tone) for text, tone in zip(texts, tones, strict=True))
    tag = content_tag(fresh.encode())
    fresh_body, aged_body = (_with_check_time(text, snapshot, lang, zone) for text in (fresh, aged))
    return PublishedFile(HTML, fresh_body, aged_body, tag, lang)


def _with_check_time(text: str, snapshot: Snapshot, lang: str, zone: str) -> bytes:
    shown = fill("{at:datetime}", {"at": snapshot.checked_at}, lang, zone)
    iso = moment_iso(snapshot.checked_at, zone)
    return text.replace(_CHECKED_ISO, iso).replace(_CHECKED, shown).encode()


def group_components(
    snapshot: Snapshot,
    method: UptimeMethod = DEFAULT_METHOD,
    times: Times = NO_TIMES,
    zone: str = "UTC",
) -> tuple[Group, ...]:
    """The components under their headings, in the operator's order."""
    names = list(dict.fromkeys(s.component.group for s in snapshot.states))
    parts = {s.component.id: s.component for s in snapshot.states}
    groups: list[Group] = []
    for name in names:
        rows = tuple(
            ComponentRow(
                state=s,
                word=words.CONDITIONS[s.condition],
                bars=bars(s.days),
                shares=tuple(
                    uptime.uptime_share(s.days[-n:], snapshot.at, method) for n in UPTIME_WINDOWS
                ),
                cause=parts.get(s.caused_by),
                charts=_charts(s, times, zone),
            )
            for s in snapshot.states
            if s.component.group == name
        )
        condition = worst(r.state.condition for r in rows)
        days = worst_days([r.state.days for r in rows])
        same_slug = sum(slug(g.name) == slug(name) for g in groups)
        group_id = f"{slug(name)}-{same_slug + 1}" if same_slug else slug(name)
        label = words.CONDITIONS[condition]
        groups.append(Group(group_id, name, condition, label, rows, bars(days)))
    return tuple(groups)


def _charts(state: ComponentStatus, times: Times, zone: str) -> ComponentCharts | None:
    component_times = times.get(state.component.id) if state.component.charts else None
    return component_charts(component_times, state.interruptions, zone) if component_times else None


def _times_files(groups: Iterable[Group], zone: str) -> dict[str, PublishedFile]:
    """The figures behind the charts."""
    charts = [row.charts for group in groups for row in group.rows if row.charts]
    return {
        f"/component/{c.times.measured.component}/response-times.json": json_file(
            times_document(c.times, c.interruptions, zone)
        )
        for c in charts
    }


def slug(name: str) -> str:
    """A heading as a piece of an address."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "services"


def by_month(
    incidents: Iterable[Incident], zone: str
) -> tuple[tuple[date, tuple[Incident, ...]], ...]:
    """Incidents by the month they began in, by the wall clock of the zone, newest first."""
    tz = ZoneInfo(zone)
    months: dict[date, list[Incident]] = {}
    for incident in incidents:
        day = incident.started_at.astimezone(tz).date()
        months.setdefault(day.replace(day=1), []).append(incident)
    return tuple((month, tuple(months[month])) for month in sorted(months, reverse=True))
