"""RSS, Atom and JSON feeds: which incidents and announcements they list, and what is a new item. Pure.
Atom (RFC 4287) and JSON Feed 1.1: one entry an incident, revised in place. RSS 2.0: one item an
update, for readers that show only what is new.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

import msgspec

from render.characters import printable
from render.i18n import N_, translate
from render.languages import localized
from render.message_format import fill
from status import labels
from status.model import Announcement, Incident, Snapshot, Update

MAX_ENTRIES = 50  # entries of a feed
MAX_UPDATES = 20  # of one incident, so that a long one leaves room for the others
_BLANK_LINES = re.compile(r"\n[ \t]*\n")
_NAMESPACES = {
    "xmlns:atom": "http://www.w3.org/2005/Atom",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
}
HISTORY = N_("History of incidents")


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says of itself. `base_path` is "" or "/<lang>"; entries have the same ids
    wherever they stand."""

    name: str
    url: str
    lang: str
    base_path: str = ""
    time_zone: str = "UTC"

    @property
    def host(self) -> str:
        """The authority of all ids (RFC 4151)."""
        return urlsplit(self.url).hostname or "status"

    @property
    def pages(self) -> str:
        """Where the pages of its language are."""
        return f"{self.url}{self.base_path}"


def atom(snapshot: Snapshot, feed: Feed) -> bytes:
    """The feed's XML. `updated` moves with the incidents, not with the checks."""
    updated = [i.changed_at for i in snapshot.incidents]
    since = max(updated, default=snapshot.at.replace(hour=0, minute=0, second=0, microsecond=0))
    root = Element("feed", {"xml:lang": feed.lang, "xmlns": "http://www.w3.org/2005/Atom"})
    _add(root, "id", f"tag:{feed.host},2005:{feed.base_path}/history")
    _add(root, "link", rel="alternate", type="text/html", href=f"{feed.pages}/history")
    here = f"{feed.pages}/history.atom"
    _add(root, "link", rel="self", type="application/atom+xml", href=here)
    _add(root, "title", feed.name)
    _add(root, "updated", _iso(since))
    _add(_add(root, "author"), "name", feed.name)
    for incident in snapshot.incidents[:MAX_ENTRIES]:
        _add_entry(root, incident, feed)
    return _document(root)


def _add_entry(root: Element, incident: Incident, feed: Feed) -> None:
    entry = _add(root, "entry")
    _add(entry, "id", f"tag:{feed.host},2005:Incident/{incident.id}")
    _add(entry, "published", _iso(incident.started_at))
    _add(entry, "updated", _iso(incident.changed_at))
    page = f"{feed.pages}/incidents/{incident.id}"
    _add(entry, "link", rel="alternate", type="text/html", href=page)
    _add(entry, "title", localized(incident.title, feed.lang))
    _add(entry, "content", _timeline(incident, feed), type="html")


def _timeline(incident: Incident, feed: Feed) -> str:
    """The updates as HTML, the newest first."""
    lang = feed.lang
    return "".join(
        f'<p><small><time datetime="{_iso(u.at)}">{_time_text(u.at, feed)}</time></small><br>'
        f"<strong>{escape(translate(lang, labels.STATES.get(u.state, u.state)))}</strong>"
        f"{_after_state(localized(u.text, lang))}</p>"
        for u in sorted(incident.updates, key=lambda u: u.at, reverse=True)
    )


def _after_state(text: str) -> str:
    return f" - {_html(text)}" if text else ""


def json_feed(snapshot: Snapshot, feed: Feed) -> bytes:
    """The entries of Atom and the announcements, as JSON Feed (jsonfeed.org/version/1.1)."""
    items = [_json_incident(i, feed) for i in snapshot.incidents]
    items += [_json_announcement(a, feed) for a in snapshot.announcements]
    items.sort(key=lambda item: item["date_published"], reverse=True)
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.name,
        "description": translate(feed.lang, HISTORY),
        "home_page_url": f"{feed.pages}/history",
        "feed_url": f"{feed.pages}/history.json",
        "language": feed.lang,
        "authors": [{"name": feed.name, "url": f"{feed.pages}/"}],
        "items": items[:MAX_ENTRIES],
    }
    return msgspec.json.encode(document) + b"\n"


def _json_incident(incident: Incident, feed: Feed) -> dict[str, str]:
    return {
        "id": f"tag:{feed.host},2005:Incident/{incident.id}",
        "url": f"{feed.pages}/incidents/{incident.id}",
        "title": localized(incident.title, feed.lang),
        "content_html": _timeline(incident, feed),
        "date_published": _iso(incident.started_at),
        "date_modified": _iso(incident.changed_at),
    }


def _json_announcement(news: Announcement, feed: Feed) -> dict[str, str]:
    item = _announcement_item(news, feed)
    return {
        "id": item.guid,
        "url": item.link,
        "title": item.title,
        "content_html": item.html,
        "date_published": _iso(item.at),
        "date_modified": _iso(item.changed_at),
    }


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One item of RSS, as its elements."""

    title: str
    html: str
    link: str
    guid: str
    at: datetime
    corrected_at: datetime | None = None

    @property
    def changed_at(self) -> datetime:
        """When readers could last see something new in it."""
        return max(self.at, self.corrected_at or self.at)


def rss(snapshot: Snapshot, feed: Feed) -> bytes:
    """The same as RSS; announcements too."""
    items = [
        _update_item(incident, update, feed)
        for incident in snapshot.incidents
        for update in sorted(incident.updates, key=lambda u: u.at)[-MAX_UPDATES:]
    ]
    items += [_announcement_item(a, feed) for a in snapshot.announcements]
    items.sort(key=lambda item: item.at, reverse=True)
    midnight = snapshot.at.replace(hour=0, minute=0, second=0, microsecond=0)
    root = Element("rss", {"version": "2.0", **_NAMESPACES})
    channel = _add(root, "channel")
    _add(channel, "title", feed.name)
    _add(channel, "link", f"{feed.pages}/history")
    _add(channel, "description", translate(feed.lang, HISTORY))
    _add(channel, "language", feed.lang)
    built_at = max((item.changed_at for item in items), default=midnight)
    _add(channel, "lastBuildDate", format_datetime(built_at))
    _add(channel, "ttl", "1")
    here = f"{feed.pages}/history.rss"
    _add(channel, "atom:link", href=here, rel="self", type="application/rss+xml")
    for item in items[:MAX_ENTRIES]:
        _add_item(channel, item, feed.name)
    return _document(root)


def _update_item(incident: Incident, update: Update, feed: Feed) -> FeedItem:
    state = translate(feed.lang, labels.STATES.get(update.state, update.state))
    return FeedItem(
        f"{localized(incident.title, feed.lang)} ({state})",
        f"<p>{_html(localized(update.text, feed.lang))}</p>",
        f"{feed.pages}/incidents/{incident.id}",
        f"tag:{feed.host},2005:Update/{update.id}",
        update.published_at,
        update.corrected_at,
    )


def _announcement_item(news: Announcement, feed: Feed) -> FeedItem:
    html = f"<p>{_html(localized(news.text, feed.lang))}</p>"
    guid = f"tag:{feed.host},2005:News/{news.id}"
    return FeedItem(
        localized(news.title, feed.lang),
        html,
        f"{feed.pages}/",
        guid,
        news.starts_at,
        news.corrected_at,
    )


def _html(text: str) -> str:
    """Plain text as the inside of a paragraph: readers take a description for HTML, where words
    in angle brackets and empty lines would vanish."""
    lines = printable(text).replace("\r\n", "\n")
    paragraphs = [part.strip() for part in _BLANK_LINES.split(lines)]
    return "</p><p>".join(escape(p).replace("\n", "<br>") for p in paragraphs if p)


def _add_item(channel: Element, item: FeedItem, author: str) -> None:
    element = _add(channel, "item")
    _add(element, "title", item.title)
    _add(element, "link", item.link)
    _add(element, "guid", item.guid, isPermaLink="false")
    _add(element, "pubDate", format_datetime(item.at))
    if item.corrected_at:
        _add(element, "atom:updated", _iso(item.changed_at))
    _add(element, "dc:creator", author)
    _add(element, "description", item.html)


def _add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """A child with its text, without the characters that no XML 1.0 document may hold."""
    child = SubElement(parent, tag, {n: printable(v) for n, v in attributes.items()})
    child.text = printable(text) or None
    return child


def _document(root: Element) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, "unicode")}\n'.encode()


def _time_text(at: datetime, feed: Feed) -> str:
    return fill("{at:datetime}", {"at": at}, feed.lang, feed.time_zone)


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
