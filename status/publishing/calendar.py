"""Planned work as a calendar (RFC 5545): every window an event with a stable UID. Pure.

Recurring work is published as its dates, so that a moved or cancelled one needs no exception rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from render.languages import localized
from status.model import Maintenance, MaintenanceState, Snapshot
from status.publishing.feed import Feed
from status.state import maintenance_windows

TYPE = "text/calendar; charset=utf-8"
MOST = 200  # events


def calendar(snapshot: Snapshot, feed: Feed) -> bytes:
    """The calendar's text, with CRLF and lines of at most 75 octets."""
    name, lang = feed.name, feed.lang
    head = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//Jasno//{_text(name)}//{lang.upper()}",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    )
    names = snapshot.names_in(lang)
    maintenances = sorted(snapshot.maintenances, key=lambda w: w.starts_at, reverse=True)[:MOST]
    lines = [*head]
    for maintenance in maintenances:
        parts = [names[c] for c in maintenance.components if c in names]
        cancelled = (
            maintenance_windows.state(maintenance, snapshot.at) is MaintenanceState.CANCELLED
        )
        lines += (
            "BEGIN:VEVENT",
            f"UID:{maintenance.id}@{feed.host}",
            f"URL:{feed.pages}/maintenance#{maintenance.id}",
            f"STATUS:{'CANCELLED' if cancelled else 'CONFIRMED'}",
            *_event(maintenance, parts, lang),
            "END:VEVENT",
        )
    lines.append("END:VCALENDAR")
    return "".join(folded(line) for line in lines).encode()


def _event(maintenance: Maintenance, parts: Iterable[str], lang: str) -> Iterator[str]:
    changed = maintenance.changed_at or maintenance.created_at
    description = localized(maintenance.text, lang)
    affected = ", ".join(parts)
    yield f"SEQUENCE:{maintenance.sequence}"
    yield f"DTSTAMP:{_utc(changed)}"
    yield f"CREATED:{_utc(maintenance.created_at)}"
    yield f"LAST-MODIFIED:{_utc(changed)}"
    yield f"DTSTART:{_utc(maintenance.starts_at)}"
    yield f"DTEND:{_utc(maintenance.ends_at)}"
    yield f"SUMMARY:{_text(localized(maintenance.title, lang))}"
    yield f"DESCRIPTION:{_text(f'{description}{chr(10)}{chr(10)}{affected}' if affected else description)}"
    yield "CATEGORIES:MAINTENANCE"
    yield "TRANSP:TRANSPARENT"


def folded(line: str) -> str:
    """A content line in pieces of at most 75 octets, never within a character (3.1)."""
    out, size = [], 0
    for letter in line:
        width = len(letter.encode())
        if size + width > 75:
            out.append("\r\n ")
            size = 1
        out.append(letter)
        size += width
    return "".join(out) + "\r\n"


def _text(text: str) -> str:
    plain = "".join(c for c in text if c == "\n" or c >= " ")
    escaped = plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\n", "\\n")


def _utc(at: datetime) -> str:
    return at.strftime("%Y%m%dT%H%M%SZ")
