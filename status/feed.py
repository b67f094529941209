"""The Atom feed of incidents (RFC 4287): one entry an incident, revised in place. Pure."""

from __future__ import annotations

from datetime import datetime
from html import escape
from urllib.parse import urlsplit

from render.i18n import translate
from status import words
from status.model import Incident, Snapshot
from status.statuspage import said


def atom(snapshot: Snapshot, name: str, url: str, lang: str) -> bytes:
    """The feed's XML. `updated` moves with the incidents, not with the checks."""
    host = urlsplit(url).hostname or "status"
    moved = [_moved(i) for i in snapshot.incidents]
    since = max(moved, default=snapshot.at.replace(hour=0, minute=0, second=0, microsecond=0))
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<feed xml:lang="{lang}" xmlns="http://www.w3.org/2005/Atom">'
        f"<id>tag:{host},2005:/history</id>"
        f'<link rel="alternate" type="text/html" href="{escape(url)}"/>'
        f'<link rel="self" type="application/atom+xml" href="{escape(url)}/history.atom"/>'
        f"<title>{escape(name)}</title><updated>{_iso(since)}</updated>"
        f"<author><name>{escape(name)}</name></author>"
    )
    entries = "".join(_entry(i, host, url, lang) for i in snapshot.incidents)
    return f"{head}{entries}</feed>\n".encode()


def _entry(incident: Incident, host: str, url: str, lang: str) -> str:
    body = "".join(
        f'<p><small><time datetime="{_iso(u.at)}">{u.at:%Y-%m-%d %H:%M} UTC</time></small><br>'
        f"<strong>{escape(translate(lang, words.STATES.get(u.state, u.state)))}</strong> - "
        f"{escape(said(u.text, lang))}</p>"
        for u in sorted(incident.updates, key=lambda u: u.at, reverse=True)
    )
    return (
        f"<entry><id>tag:{host},2005:Incident/{incident.id}</id>"
        f"<published>{_iso(incident.started_at)}</published>"
        f"<updated>{_iso(_moved(incident))}</updated>"
        f'<link rel="alternate" type="text/html" href="{escape(url)}/incidents/{incident.id}"/>'
        f"<title>{escape(said(incident.title, lang))}</title>"
        f'<content type="html">{escape(body)}</content></entry>'
    )


def _moved(incident: Incident) -> datetime:
    return max((u.at for u in incident.updates), default=incident.started_at)


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
