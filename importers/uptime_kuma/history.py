"""The past in an Uptime Kuma database: posts of status pages, single maintenance, uptime of its looks. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from importers.configuration import ConfigurationBuilder
from importers.history import TICK, HistoryBuilder, HistoryTarget, ImportedHistory
from importers.moments import MomentReader
from importers.source import Fields, ImportNote, NotImported, SourceEntry, noting, text_of
from importers.uptime_kuma.days import Heartbeat, days_of, interval_of
from importers.uptime_kuma.monitors import services
from status.model import (
    Impact,
    Incident,
    IncidentState,
    Maintenance,
    Update,
    UptimeDay,
    stable_id,
)

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class KumaTables:
    """The rows of a database. `looks` gives a monitor's heartbeats, oldest first; `counts` how many
    its statistics count for each day, since version 2 keeps most of them no longer than a day."""

    monitors: tuple[Fields, ...]
    posts: tuple[Fields, ...]
    maintenances: tuple[Fields, ...]
    monitors_of: Mapping[str, tuple[str, ...]]  # by maintenance
    looks: Callable[[str], Iterable[Heartbeat]]
    counts: Callable[[str], Mapping[date, int]]


def read_history(tables: KumaTables, target: HistoryTarget, *, uptime: bool) -> ImportedHistory:
    """Everything; uptime only when it is wanted, for there may be millions of looks."""
    monitors = services(_rows("monitor", tables.monitors), ConfigurationBuilder())
    builder = HistoryBuilder("uptime-kuma", target, monitors)
    for entry in _rows("incident", tables.posts):
        where = entry.where(text_of(entry.fields.get("title")))
        with noting(where, builder.leftovers):
            builder.add_incident(_incident(entry.fields, where, builder), where)
    for entry in _rows("maintenance", tables.maintenances):
        where = entry.where(text_of(entry.fields.get("title")))
        with noting(where, builder.leftovers):
            keys = tables.monitors_of.get(text_of(entry.fields.get("id")), ())
            builder.add_maintenance(_maintenance(entry.fields, where, keys, builder))
    history = builder.built()
    return _with_days(history, builder, tables) if uptime else history


def _rows(table: str, rows: Iterable[Fields]) -> tuple[SourceEntry, ...]:
    """The rows of a table with their place: the table and the id."""
    return tuple(SourceEntry(f"{table} {text_of(row.get('id'))}", row) for row in rows)


# ------------------------------------------------------------------ posts and maintenance
def _incident(row: Fields, where: str, builder: HistoryBuilder) -> Incident:
    """A post, which names no services: open while it is pinned, over when it was resolved. One that
    was only taken off has no end that anybody wrote down, so it is news of one moment."""
    written_at = _utc(row, "created_date")
    if written_at is None or written_at > builder.target.now:
        raise NotImported("created_date: it is no time that has passed")
    is_resolved, is_pinned = not row.get("active", True), bool(row.get("pin", True))
    ended_at = _utc(row, "last_updated_date") if is_resolved else None
    key = f"{row.get('id')}:{row.get('created_date')}"
    is_open = is_pinned and not is_resolved
    state = IncidentState.INVESTIGATING if ended_at or is_open else IncidentState.RESOLVED
    text = builder.text(row.get("content"), where)
    updates = [Update(stable_id("uptime-kuma.update", key), state, written_at, text)]
    if ended_at is not None:
        ended_at = max(ended_at, written_at + TICK)
        end = stable_id("uptime-kuma.end", key)
        updates.insert(0, Update(end, IncidentState.RESOLVED, ended_at, {}))
    return Incident(
        id=stable_id("uptime-kuma.incident", key),
        title=builder.title(row.get("title"), where),
        state=IncidentState(updates[0].state),
        impact=Impact.NONE,
        started_at=written_at,
        updates=tuple(updates),
        resolved_at=ended_at or (None if is_open else written_at),
    )


def _maintenance(
    row: Fields, where: str, keys: Iterable[str], builder: HistoryBuilder
) -> Maintenance:
    if row.get("strategy") != "single":
        raise NotImported(
            "strategy: only single dates are; plan it anew: app.py maintenance plan --rrule"
        )
    if not row.get("active", True):
        raise NotImported("active: it is switched off")
    moments = _clock_of(row, builder)
    starts_at, ends_at = (moments.read(row.get(k), k) for k in ("start_date", "end_date"))
    if starts_at is None or ends_at is None or ends_at <= starts_at:
        raise NotImported("start_date, end_date: they do not say from when until when")
    announced_at = min(starts_at, builder.target.now)  # nobody wrote down when it was
    return Maintenance(
        id=stable_id("uptime-kuma.maintenance", f"{row.get('id')}:{starts_at.isoformat()}"),
        title=builder.title(row.get("title"), where),
        text=builder.text(row.get("description"), where),
        starts_at=starts_at,
        ends_at=ends_at,
        components=tuple(dict.fromkeys(builder.component(key, starts_at) for key in keys)),
        created_at=announced_at,
        changed_at=announced_at,
    )


def _clock_of(row: Fields, builder: HistoryBuilder) -> MomentReader:
    """Maintenance is entered by the clock of a zone, or of the server, which is not in the rows."""
    try:
        return MomentReader(ZoneInfo(text_of(row.get("timezone")) or "SAME_AS_SERVER"))
    except (ValueError, OSError, LookupError):
        return builder.moments


def _utc(row: Fields, column: str) -> datetime | None:
    """A moment as its other tables have it, always in UTC."""
    return MomentReader(_UTC).read(row.get(column), column)


# ------------------------------------------------------------------ uptime
def _with_days(
    history: ImportedHistory, builder: HistoryBuilder, tables: KumaTables
) -> ImportedHistory:
    """With the days of each monitor whose component is configured here."""
    days: dict[str, tuple[UptimeDay, ...]] = {}
    leftovers = list(history.leftovers)
    for row in tables.monitors:
        service = builder.services.get(key := text_of(row.get("id")))
        component = builder.configured(service) if service else ""
        if service is None or not component or component in days:
            continue
        interval, before = interval_of(row.get("interval")), builder.target.now.date()
        days[component], left_out = days_of(tables.looks(key), tables.counts(key), interval, before)
        if left_out:
            text = f"{left_out} days have too few looks for a true uptime: they stay without data"
            leftovers.append(ImportNote(service.name, text))
    return replace(history, days=days, leftovers=tuple(leftovers))
