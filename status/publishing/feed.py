"""Feeds of incidents and announcements: Atom (RFC 4287), one entry an incident, revised in place;
RSS 2.0, one item an update, for readers that show only what is new. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from urllib.parse import urlsplit

from render.i18n import N_, translate
from render.message_format import fill
from status import words
from status.model import Announcement, Incident, Snapshot, Update, localized

MAX_ENTRIES = 50  # entries of a feed
HISTORY = N_("History of incidents")


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says of itself. `place` is "" or "/<lang>"; entries have the same ids
    wherever they stand."""

    name: str
    url: str
    lang: str
    place: str = ""
    time_zone: str = "UTC"

    @property
    def host(self) -> str:
        """The authority of all ids (RFC 4151)."""
        return urlsplit(self.url).hostname or "status"

    @property
    def pages(self) -> str:
        """Where the pages of its language are."""
        return f"{self.url}{self.place}"


def atom(snapshot: Snapshot, feed: Feed) -> bytes:
    """The feed's XML. `updated` moves with the incidents, not with the checks."""
    updated = [_updated_at(i) for i in snapshot.incidents]
    since = max(updated, default=snapshot.at.replace(hour=0, minute=0, second=0, microsecond=0))
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<feed xml:lang="{feed.lang}" xmlns="http://www.w3.org/2005/Atom">'
        f"<id>tag:{feed.host},2005:{feed.place}/history</id>"
        f'<link rel="alternate" type="text/html" href="{escape(feed.pages)}/history"/>'
        f'<link rel="self" type="application/atom+xml" href="{escape(feed.pages)}/history.atom"/>'
        f"<title>{escape(feed.name)}</title><updated>{_iso(since)}</updated>"
        f"<author><name>{escape(feed.name)}</name></author>"
    )
    entries = "".join(_entry(i, feed) for i in snapshot.incidents[:MAX_ENTRIES])
    return f"{head}{entries}</feed>\n".encode()


def _entry(incident: Incident, feed: Feed) -> str:
    lang = feed.lang
    body = "".join(
        f'<p><small><time datetime="{_iso(u.at)}">{_time_text(u.at, feed)}</time></small><br>'
        f"<strong>{escape(translate(lang, words.STATES.get(u.state, u.state)))}</strong> - "
        f"{escape(localized(u.text, lang))}</p>"
        for u in sorted(incident.updates, key=lambda u: u.at, reverse=True)
    )
    page = f"{feed.pages}/incidents/{incident.id}"
    return (
        f"<entry><id>tag:{feed.host},2005:Incident/{incident.id}</id>"
        f"<published>{_iso(incident.started_at)}</published>"
        f"<updated>{_iso(_updated_at(incident))}</updated>"
        f'<link rel="alternate" type="text/html" href="{escape(page)}"/>'
        f"<title>{escape(localized(incident.title, lang))}</title>"
        f'<content type="html">{escape(body)}</content></entry>'
    )


def rss(snapshot: Snapshot, feed: Feed) -> bytes:
    """The same as RSS; announcements too."""
    items = [(u.at, _update_item(i, u, feed)) for i in snapshot.incidents for u in i.updates]
    items += [(a.starts_at, _announcement_item(a, feed)) for a in snapshot.announcements]
    items.sort(key=lambda item: item[0], reverse=True)
    midnight = snapshot.at.replace(hour=0, minute=0, second=0, microsecond=0)
    built = items[0][0] if items else midnight
    about = translate(feed.lang, HISTORY)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        f"<title>{escape(feed.name)}</title><link>{escape(feed.pages)}/history</link>"
        f"<description>{escape(about)}</description><language>{feed.lang}</language>"
        f"<lastBuildDate>{format_datetime(built)}</lastBuildDate><ttl>1</ttl>"
        f'<atom:link href="{escape(feed.pages)}/history.rss" rel="self" type="application/rss+xml"/>'
        f"{''.join(text for _, text in items[:MAX_ENTRIES])}</channel></rss>\n"
    ).encode()


def _update_item(incident: Incident, update: Update, feed: Feed) -> str:
    state = translate(feed.lang, words.STATES.get(update.state, update.state))
    title = f"{localized(incident.title, feed.lang)} ({state})"
    return _rss_item(
        (title, localized(update.text, feed.lang)),
        f"{feed.pages}/incidents/{incident.id}",
        f"tag:{feed.host},2005:Update/{update.id}",
        update.at,
    )


def _announcement_item(news: Announcement, feed: Feed) -> str:
    texts = localized(news.title, feed.lang), localized(news.text, feed.lang)
    guid = f"tag:{feed.host},2005:News/{news.id}"
    return _rss_item(texts, f"{feed.pages}/", guid, news.starts_at)


def _rss_item(texts: tuple[str, str], link: str, guid: str, at: datetime) -> str:
    title, text = (escape(t) for t in texts)
    return (
        f"<item><title>{title}</title><link>{escape(link)}</link>"
        f'<guid isPermaLink="false">{escape(guid)}</guid>'
        f"<pubDate>{format_datetime(at)}</pubDate><description>{text}</description></item>"
    )


def _updated_at(incident: Incident) -> datetime:
    return max((u.at for u in incident.updates), default=incident.started_at)


def _time_text(at: datetime, feed: Feed) -> str:
    return fill("{at:datetime}", {"at": at}, feed.lang, feed.time_zone)


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
