"""From a Snapshot to the published files: every page in every language, JSON, icon.

Pure apart from reading templates. No session, no nonce, no personal data may enter here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

import msgspec

from render.languages import NAMES
from render.message_format import fill
from render.templates import TemplateRenderer, moment_iso
from status import labels
from status.model import Incident, Interruption, Snapshot
from status.publishing.data_files import (
    DocumentMemory,
    PublishedFile,
    content_tag,
    data_files,
    json_file,
    page_address,
)
from status.publishing.groups import (
    NO_TIMES,
    WINDOWS,
    ComponentRow,
    Group,
    GroupMemory,
    group_components,
    group_in,
)
from status.sla.export import method_sentences
from status.state import maintenance_windows, statements
from status.state.maintenance_windows import MaintenanceListing
from status.state.statements import open_incidents
from status.state.uptime import DEFAULT_METHOD, UptimeMethod
from status.timeseries.document import times_document
from status.timeseries.response_times import ComponentTimes, Times
from web.site import Site

HTML = "text/html; charset=utf-8"
HISTORY_MONTHS = 3  # months on the first page of the history
UPTIME = "status/publishing/uptime.html"
# These tell what people said; whoever changes what they read changes this.
STATEMENT_PAGES = {f"status/publishing/{name}.html" for name in ("history", "maintenance")}
MAX_LISTED = 50  # up to so many components are listed one by one on the first page
_CHECKED = "\ue000checked\ue001"  # stands for the check time while a page's identity is taken
_CHECKED_ISO = "\ue000checked-iso\ue001"
Inputs = tuple[object, ...]


@dataclass(slots=True)
class PageParts:
    """Parts of a page by their name, with what they show: `kept` in templates. A part that shows
    the very same thing as the last time is not rendered again."""

    before: Mapping[str, tuple[object, str]] = field(default_factory=dict)
    rendered: dict[str, tuple[object, str]] = field(default_factory=dict)

    def kept(self, name: str, shown: object, caller: Callable[[], str]) -> str:
        """A part: of the page's other variant, of the last publication, or rendered now."""
        for parts in (self.rendered, self.before):
            part = parts.get(name)
            if part is not None and part[0] is shown:
                break
        else:
            part = shown, caller()
        self.rendered[name] = part
        return part[1]


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A page as it was rendered from some inputs, and the file it became at some check time."""

    inputs: Inputs
    file: PublishedFile
    parts: Mapping[str, tuple[object, str]]
    texts: tuple[str, str] | None  # fresh and aged, of pages that bear the check time
    checked: tuple[str, str] = ("", "")


@dataclass(slots=True)
class PageMemory:
    """What one publication leaves to the next: most of them only move the check time."""

    groups: GroupMemory = field(default_factory=GroupMemory)
    translated: dict[tuple[str, str], tuple[Group, Group]] = field(default_factory=dict)
    pages: dict[tuple[str, str], RenderedPage] = field(default_factory=dict)  # by language and path
    documents: DocumentMemory = field(default_factory=DocumentMemory)

    def group_in(self, group: Group, lang: str) -> Group:
        """A group as readers of a language know it, the same as long as the group is."""
        last = self.translated.get((lang, group.id))
        if last is None or last[0] is not group:
            last = self.translated[lang, group.id] = group, group_in(group, lang)
        return last[1]


def published_files(
    snapshot: Snapshot,
    site: Site,
    pages: TemplateRenderer,
    memory: PageMemory | None = None,
    method: UptimeMethod = DEFAULT_METHOD,
    *,
    times: Times = NO_TIMES,
) -> dict[str, PublishedFile]:
    """Path → file, of everything that is published.

    A page is rendered when something changed that it reads, and its file is made anew when the
    check time moved; else it is the very same object as the last time.
    """
    published: dict[str, PublishedFile] = {}
    memory = memory or PageMemory()
    groups = group_components(snapshot, method, times, site.time_zone, memory.groups)
    listing = maintenance_windows.maintenance_listing(snapshot.maintenances, snapshot.at)
    inputs = PageInputs(snapshot, listing)
    rendered: dict[tuple[str, str], RenderedPage] = {}
    headlines = tuple((labels.headline(snapshot, aged=old), old) for old in (False, True))
    for lang in site.languages:
        shared = _shared_values(snapshot, listing, lang)
        translated_groups = tuple(memory.group_in(group, lang) for group in groups)
        checked = _check_time(snapshot, lang, site.time_zone)
        for path, template, values in _plan_pages(
            snapshot, translated_groups, method, site.time_zone
        ):
            key, read = (lang, path), inputs.of(template, values)
            page = memory.pages.get(key)
            if page is None or page.inputs != read:
                parts = PageParts(page.parts if page else {})
                read_by_page = {**page_frame(site, path), **shared, **values, "kept": parts.kept}
                fresh, aged = (
                    pages.render(template, lang, headline=headline, aged=old, **read_by_page)
                    for headline, old in headlines
                )
                page = _rendered(read, (fresh, aged), lang, parts.rendered)
            page = rendered[key] = _bearing(page, checked)
            published[f"/{lang}{path}"] = page.file
    memory.pages = rendered
    return (
        published
        | data_files(snapshot, site, memory.documents)
        | _times_files(groups, site.time_zone)
    )


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
            UPTIME,
            {"windows": WINDOWS, "rules": partial(method_sentences, method)},
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
        if row.shows_times
    ]
    plan += [
        (f"/incidents/{i.id}", "status/publishing/incident.html", {"incident": i})
        for i in snapshot.incidents
    ]
    return [(path, template, {"groups": groups, **values}) for path, template, values in plan]


class PageInputs:
    """All that pages of one publication depend on, as far as a reader could see a difference."""

    def __init__(self, snapshot: Snapshot, listing: MaintenanceListing) -> None:
        self._names = snapshot.names_in("")
        self._ourselves = (snapshot.cut_off, not any(s.checked_at for s in snapshot.states))
        former = sorted((k.component, k.name) for k in snapshot.known_components)
        names = [s.component for s in snapshot.states]
        news = (snapshot.incidents, snapshot.announcements, listing)
        self._statements: Inputs = (*news, former, names, self._ourselves)
        self._open = open_incidents(snapshot.incidents)
        self._listing = listing
        self._headline = labels.headline(snapshot)

    def of(self, template: str, values: Mapping[str, object]) -> Inputs:
        """What a page reads: its own incident or group, or statements, or all."""
        incident, group, row = values.get("incident"), values.get("group"), values.get("row")
        if isinstance(incident, Incident):
            component_names = [self._names.get(c, c) for c in incident.components]
            return incident, component_names, self._ourselves
        if isinstance(group, Group) and isinstance(row, ComponentRow):
            return (*self._service(group, row), self._ourselves)
        if isinstance(group, Group):
            return group, self._ourselves
        if template in STATEMENT_PAGES:
            return self._statements
        if template == UPTIME:
            return (values["groups"],)
        return (*self._statements, values["groups"], self._headline)

    def _service(self, group: Group, row: ComponentRow) -> Inputs:
        """What the page of one service shows."""
        states, name = self._listing.states, row.state.component.id
        incidents = [(i.id, i.title, i.state) for i in statements.naming(self._open, name)]
        planned = [
            (w.id, w.title, states[w.id], w.starts_at, w.ends_at)
            for w in statements.naming(self._listing.planned, name)
        ]
        return group.id, group.name, row, incidents, planned


def _shared_values(snapshot: Snapshot, listing: MaintenanceListing, lang: str) -> dict[str, object]:
    """What every page of a language may ask for."""
    names = snapshot.names_in(lang)
    return {
        "snapshot": snapshot,
        "names": lambda ids: [names.get(i, i) for i in ids],
        "unseen": not any(s.checked_at for s in snapshot.states),
        "checked": _CHECKED,
        "checked_iso": _CHECKED_ISO,
        "open_incidents": open_incidents(snapshot.incidents),
        "naming": statements.naming,
        "service_headline": labels.service_headline,
        "planned": listing.planned,
        "further": listing.further,
        "past": listing.past,
        "states": labels.STATES,
        "conditions": labels.CONDITIONS,
        "letters": labels.CONDITION_CODES,
        "impacts": labels.IMPACTS,
        "window_titles": labels.WINDOWS,
        "maintenance_state": lambda maintenance: listing.states[maintenance.id],
        "maintenance_updates": lambda maintenance: listing.timelines[maintenance.id],
        "automatic_texts": labels.AUTOMATIC_TEXTS,
    }


def page_frame(site: Site, path: str) -> dict[str, object]:
    """What the frame of every published page needs."""
    return {
        "site": site,
        "address": page_address(site),
        "page_path": path,
        "languages": {code: NAMES[code] for code in site.languages},
    }


def _check_time(snapshot: Snapshot, lang: str, zone: str) -> tuple[str, str]:
    """The moment of the newest check, to the minute: for programs and for readers."""
    minute = snapshot.checked_at.replace(second=0, microsecond=0)
    return moment_iso(minute, zone), fill("{at:datetime}", {"at": minute}, lang, zone)


def _rendered(
    inputs: Inputs, texts: tuple[str, str], lang: str, parts: Mapping[str, tuple[object, str]]
) -> RenderedPage:
    fresh, aged = (text.encode() for text in texts)
    # an aged page even where it says the same: a server in front looks for no other then
    file = PublishedFile(HTML, fresh, aged, content_tag(fresh), lang)
    bears_time = any(_CHECKED in text for text in texts)
    return RenderedPage(inputs, file, parts, texts if bears_time else None)


def _bearing(page: RenderedPage, checked: tuple[str, str]) -> RenderedPage:
    """A page whose file bears the check time, where it shows one."""
    if page.texts is None or page.checked == checked:
        return page
    iso, time_text = checked
    fresh, aged = (
        text.replace(_CHECKED_ISO, iso).replace(_CHECKED, time_text).encode() for text in page.texts
    )
    file = msgspec.structs.replace(page.file, fresh=fresh, aged=aged)
    return replace(page, checked=checked, file=file)


def _times_files(groups: Iterable[Group], zone: str) -> dict[str, PublishedFile]:
    """The figures behind the charts."""
    charts = [row.charts for group in groups for row in group.rows if row.charts]
    return {
        f"/component/{c.times.measured.component}/response-times.json": _times_file(
            c.times, c.interruptions, zone
        )
        for c in charts
    }


@lru_cache(maxsize=4096)  # between two publications hardly any changes
def _times_file(
    times: ComponentTimes, interruptions: tuple[Interruption, ...], zone: str
) -> PublishedFile:
    return json_file(times_document(times, interruptions, zone))


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
