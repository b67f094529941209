"""What the tests of status/ share: a small company, its days, a publisher."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from render.templates import TemplateRenderer, environment
from status.model import (
    Component,
    Condition,
    Impact,
    Incident,
    IncidentState,
    Maintenance,
    Probe,
    Snapshot,
    Update,
)
from status.state import composition, uptime
from status.state.statements import PublicStatements
from web.site import Site

AT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
SITE = Site("Sklep Hosting", "https://portal.example", "https://status.example")
WEB = Component("web", "Web servers", "Hosting", servers=("web1.sklep.example",))
MAIL = Component("mail", "Mailboxes", "E-mail", servers=("mx1.sklep.example",))
RACK = Component("rack", "Data centre", "Hosting")


def pages() -> TemplateRenderer:
    return TemplateRenderer(environment())


def probe(name: str, component: str = "web", **more) -> Probe:
    values = {
        "kind": "http",
        "target": "http://web1.sklep.example/",
        "interval": timedelta(seconds=60),
        "timeout": timedelta(seconds=10),
        **more,
    }
    return Probe(name=name, component=component, **values)


def incident(**more) -> Incident:
    values = {
        "id": "abc123def456",
        "title": {"en": "Mail is slow", "cs": "Pošta je pomalá"},
        "state": IncidentState.IDENTIFIED,
        "impact": Impact.MINOR,
        "started_at": AT - timedelta(hours=2),
        "updates": (
            Update(
                "u2",
                "identified",
                AT - timedelta(hours=1),
                {"en": "A disk is failing.", "cs": "Odchází disk."},
                {"mail": Condition.DEGRADED_PERFORMANCE},
            ),
            Update("u1", "investigating", AT - timedelta(hours=2), {"en": "We look into it."}),
        ),
        "components": ("mail",),
        **more,
    }
    return Incident(**values)


def work(**more) -> Maintenance:
    values = {
        "id": "work12345678",
        "title": {"en": "New switches"},
        "text": {"en": "Short breaks are possible."},
        "starts_at": AT + timedelta(days=1),
        "ends_at": AT + timedelta(days=1, hours=2),
        "components": ("rack",),
        "created_at": AT - timedelta(days=1),
        **more,
    }
    return Maintenance(**values)


def snapshot(
    conditions: dict[Component, Condition] | None = None,
    *,
    words: PublicStatements | None = None,
    at: datetime = AT,
    **more,
) -> Snapshot:
    """Components that have been in their condition for an hour, and well before that."""
    chosen = (
        {WEB: Condition.OPERATIONAL, MAIL: Condition.OPERATIONAL}
        if conditions is None
        else conditions
    )
    verdicts, books = {}, {}
    for component, condition in chosen.items():
        verdict = composition.ComponentVerdict(
            condition, at - timedelta(hours=1), "", at - timedelta(seconds=20)
        )
        if condition is Condition.NO_DATA:
            verdict = composition.ComponentVerdict(condition, at)
            book = uptime.new_accumulator(at)
        else:
            old = at - timedelta(days=40)
            book = uptime.UptimeAccumulator(Condition.OPERATIONAL, old, old)
            book = uptime.rewrite(book, ((verdict.since, condition),), at)
        verdicts[component.id], books[component.id] = verdict, book
    return composition.snapshot(
        tuple(chosen), verdicts, books, words or PublicStatements(), at, **more
    )
