"""Previews of incidents, announcements and maintenance in each language, before they are published.

Knows flask.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from markupsafe import Markup

from render.languages import DEFAULT, NAMES, localized
from status import labels
from status.model import Announcement, Component, Incident, Maintenance
from status.state import maintenance_windows, recurrence
from web.site import plumbing


@dataclass(frozen=True, slots=True)
class Preview:
    """What readers of one language will see. `borrowed` is the language it falls back to;
    `shown_from` when readers see dates that lie far ahead."""

    lang: str
    name: str
    borrowed: str
    card: Markup
    shown_from: datetime | None = None


def incident_previews(incident: Incident, components: Sequence[Component]) -> tuple[Preview, ...]:
    """An incident with its newest entry."""
    return tuple(
        _preview(
            code, incident.updates[0].text, components, incident=replace(incident, id=f"new-{code}")
        )
        for code in plumbing().site.languages
    )


def announcement_previews(news: Announcement) -> tuple[Preview, ...]:
    """News that is no incident."""
    return tuple(
        _preview(code, news.text, (), announcement=replace(news, id=f"new-{code}"))
        for code in plumbing().site.languages
    )


def work_previews(
    planned: Maintenance, components: Sequence[Component], now: datetime
) -> tuple[Preview, ...]:
    """Planned work with its window; of recurring work all dates that readers are shown at first."""
    shown_from = None
    windows = recurrence.expand_occurrences((planned,), now)
    if not any(w.ends_at > now for w in windows):
        shown_from = planned.starts_at - recurrence.AHEAD
        windows = recurrence.expand_occurrences((planned,), planned.starts_at)
    previews = []
    for code in plumbing().site.languages:
        windows_with_ids = tuple(
            replace(w, id=f"new-{code}-{w.starts_at:%Y%m%d%H%M}") for w in windows
        )
        preview = _preview(
            code,
            planned.text,
            components,
            planned=maintenance_windows.upcoming(windows_with_ids, now),
            further=maintenance_windows.later_occurrences(windows_with_ids, now),
            maintenance_state=lambda item: maintenance_windows.state(item, now),
            maintenance_updates=lambda item: maintenance_windows.timeline(item, now),
        )
        previews.append(replace(preview, shown_from=shown_from))
    return tuple(previews)


def _preview(
    lang: str, text: Mapping[str, str], components: Sequence[Component], **news: object
) -> Preview:
    names = {c.id: c.in_language(lang).name for c in components}
    values: dict[str, object] = {
        "incident": None,
        "announcement": None,
        "names": lambda ids: [names.get(i, i) for i in ids],
        "states": labels.STATES,
        "conditions": labels.CONDITIONS,
        "automatic_texts": labels.AUTOMATIC_TEXTS,
        "localized": localized,
        **news,
    }
    card = plumbing().pages.render("status/operator_pages/preview.html", lang, **values)
    return Preview(lang, NAMES[lang], _fallback_language(text, lang), Markup(card))  # noqa: S704 - escaped by the template


def _fallback_language(text: Mapping[str, str], code: str) -> str:
    if not text or code in text:
        return ""
    return NAMES[DEFAULT if DEFAULT in text else next(iter(text))]
