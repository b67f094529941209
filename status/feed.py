"""Feeds of incidents and announcements: Atom (RFC 4287), one entry an incident, revised in place;
RSS 2.0, one item an update, for readers that show only what is new. Pure."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from html import escape
from urllib.parse import urlsplit

from render.i18n import N_, translate
from status import words
from status.model import Announcement, Incident, Snapshot, Update
from status.statuspage import said

MOST = 50  # entries of a feed
HISTORY = N_("History of incidents")


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
    entries = "".join(_entry(i, host, url, lang) for i in snapshot.incidents[:MOST])
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


def rss(snapshot: Snapshot, name: str, url: str, lang: str) -> bytes:
    """The same as RSS; announcements too."""
    host = urlsplit(url).hostname or "status"
    items = [(u.at, _item(i, u, host, url, lang)) for i in snapshot.incidents for u in i.updates]
    items += [(a.starts_at, _news(a, host, url, lang)) for a in snapshot.announcements]
    items.sort(key=lambda item: item[0], reverse=True)
    midnight = snapshot.at.replace(hour=0, minute=0, second=0, microsecond=0)
    built = items[0][0] if items else midnight
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        f"<title>{escape(name)}</title><link>{escape(url)}/history</link>"
        f"<description>{escape(translate(lang, HISTORY))}</description><language>{lang}</language>"
        f"<lastBuildDate>{format_datetime(built)}</lastBuildDate><ttl>1</ttl>"
        f'<atom:link href="{escape(url)}/history.rss" rel="self" type="application/rss+xml"/>'
        f"{''.join(text for _, text in items[:MOST])}</channel></rss>\n"
    ).encode()


def _item(incident: Incident, update: Update, host: str, url: str, lang: str) -> str:
    state = translate(lang, words.STATES.get(update.state, update.state))
    title = f"{said(incident.title, lang)} ({state})"
    return _entry_of(
        (title, said(update.text, lang)),
        f"{url}/incidents/{incident.id}",
        f"tag:{host},2005:Update/{update.id}",
        update.at,
    )


def _news(news: Announcement, host: str, url: str, lang: str) -> str:
    told = said(news.title, lang), said(news.text, lang)
    return _entry_of(told, f"{url}/", f"tag:{host},2005:News/{news.id}", news.starts_at)


def _entry_of(told: tuple[str, str], link: str, guid: str, at: datetime) -> str:
    title, text = (escape(t) for t in told)
    return (
        f"<item><title>{title}</title><link>{escape(link)}</link>"
        f'<guid isPermaLink="false">{escape(guid)}</guid>'
        f"<pubDate>{format_datetime(at)}</pubDate><description>{text}</description></item>"
    )


def _moved(incident: Incident) -> datetime:
    return max((u.at for u in incident.updates), default=incident.started_at)


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
