"""What is published for programs: Statuspage's documents, feeds, calendar, badges, freshness. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import lru_cache

import msgspec

from render.languages import DEFAULT
from status import labels
from status.model import Condition, Snapshot
from status.publishing import calendar, statuspage
from status.publishing.badges import SVG, WHOLE_PAGE, badge, favicon
from status.publishing.feed import Feed, atom, json_feed, rss
from status.state.composition import worst
from web.site import Site

JSON = "application/json; charset=utf-8"
JSON_FEED = "application/feed+json; charset=utf-8"


class PublishedFile(msgspec.Struct, frozen=True):
    """One published file. `aged` replaces `fresh` once the publication is out of date.

    `tag` identifies the content without the check time.
    """

    type: str
    fresh: bytes
    aged: bytes = b""
    tag: str = ""
    lang: str = ""


def page_address(site: Site) -> str:
    """Where the status page lives; it may have a domain of its own."""
    return (site.status_url or site.url).rstrip("/")


def default_language(site: Site) -> str:
    """The language of what has no reader yet: feeds and JSON."""
    return DEFAULT if DEFAULT in site.languages else site.languages[0]


def content_tag(content: bytes) -> str:
    """What identifies some content."""
    return hashlib.sha256(content).hexdigest()[:20]


def json_file(document: object) -> PublishedFile:
    """A document that bears no check time."""
    return _timeless_file(JSON, msgspec.json.encode(document))


@dataclass(slots=True)
class DocumentMemory:
    """Statuspage's documents as they were made last, by what they tell: the time of the page, which
    comes first in them, moves by itself. `aged` is served once they are out of date."""

    state: tuple[object, ...] = ()
    time: bytes = b""
    fresh: dict[str, bytes] = field(default_factory=dict)
    aged: dict[str, bytes] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def data_files(
    snapshot: Snapshot, site: Site, memory: DocumentMemory | None = None
) -> dict[str, PublishedFile]:
    """Path → file, of everything that is published and no page."""
    icon = favicon(labels.headline(snapshot).tone)
    return {
        **_statuspage_documents(snapshot, site, memory or DocumentMemory()),
        "/favicon.svg": PublishedFile(SVG, icon, favicon("stale"), content_tag(icon)),
        **{f"/favicon-{t}.svg": _timeless_file(SVG, favicon(t)) for t in (*Condition, "stale")},
        **_feed_files(snapshot, site),
        **_badge_files(snapshot, site),
        "/freshness.json": _freshness(snapshot),
    }


def _statuspage_documents(
    snapshot: Snapshot, site: Site, memory: DocumentMemory
) -> dict[str, PublishedFile]:
    page = statuspage.PageAddress(
        site.name, page_address(site), default_language(site), site.time_zone
    )
    time = b'"updated_at":' + msgspec.json.encode(statuspage.stamp(snapshot.checked_at))
    if (state := statuspage.documented_state(snapshot)) != memory.state:
        fresh = statuspage.documents(snapshot, page)
        memory.state, memory.time, memory.fresh = state, time, fresh
        memory.aged = statuspage.documents(unconfirmed(snapshot), page)
        memory.tags = {p: content_tag(body.replace(time, b"", 1)) for p, body in fresh.items()}
    files: dict[str, PublishedFile] = {}
    for path, last in memory.fresh.items():
        body = last.replace(memory.time, time, 1)
        files[path] = PublishedFile(JSON, body, _unless(body, memory.aged[path]), memory.tags[path])
    return files


def unconfirmed(snapshot: Snapshot) -> Snapshot:
    """What may still be said once nothing has been published for a while: of trouble what was known
    last, and of nothing that it works. It is as old as the last change, so that it stays the same
    while only the check time moves."""
    states = tuple(
        replace(s, condition=unconfirmed_condition(s.condition)) for s in snapshot.states
    )
    return replace(
        snapshot,
        states=states,
        checked_at=max((s.since for s in states), default=snapshot.checked_at),
    )


def unconfirmed_condition(condition: Condition) -> Condition:
    """Of one component."""
    return Condition.NO_DATA if condition is Condition.OPERATIONAL else condition


def _unless(fresh: bytes, aged: bytes) -> bytes:
    """A variant where it says something else."""
    return aged if aged != fresh else b""


def _freshness(snapshot: Snapshot) -> PublishedFile:
    def body(*, fresh: bool) -> bytes:
        return msgspec.json.encode(
            {
                "published_at": statuspage.stamp(snapshot.at),
                "checked_at": statuspage.stamp(snapshot.checked_at),
                "fresh": fresh and not snapshot.cut_off,
                "cut_off": snapshot.cut_off,
            }
        )

    fresh = body(fresh=True)
    return PublishedFile(JSON, fresh, body(fresh=False), content_tag(fresh))


def _feed_files(snapshot: Snapshot, site: Site) -> dict[str, PublishedFile]:
    """What other programs read: feeds and the calendar in each language."""
    documents: dict[str, tuple[str, bytes]] = {}
    for lang in ("", *site.languages):
        prefix = f"/{lang}" if lang else ""
        feed = Feed(
            site.name, page_address(site), lang or default_language(site), prefix, site.time_zone
        )
        documents |= {
            f"{prefix}/history.atom": ("application/atom+xml; charset=utf-8", atom(snapshot, feed)),
            f"{prefix}/history.rss": ("application/rss+xml; charset=utf-8", rss(snapshot, feed)),
            f"{prefix}/history.json": (JSON_FEED, json_feed(snapshot, feed)),
            f"{prefix}/feed.json": (JSON_FEED, json_feed(snapshot, feed)),  # as readers guess it
            f"{prefix}/maintenance.ics": (calendar.TYPE, calendar.calendar(snapshot, feed)),
        }
    return {path: _timeless_file(kind, body) for path, (kind, body) in documents.items()}


def _badge_files(snapshot: Snapshot, site: Site) -> dict[str, PublishedFile]:
    lang = default_language(site)
    files: dict[str, PublishedFile] = {}
    whole = worst(s.condition for s in snapshot.states)
    whole_aged = worst(unconfirmed_condition(s.condition) for s in snapshot.states)
    rows = [
        (s.component.id, s.component.name, s.condition, unconfirmed_condition(s.condition))
        for s in snapshot.states
    ]
    for id_, label, condition, aged in (*rows, (WHOLE_PAGE, site.name, whole, whole_aged)):
        svg, shields = _badge(label, condition, aged, lang)
        files[f"/badge/{id_}.svg"], files[f"/badge/{id_}.json"] = svg, shields
    return files


@lru_cache(maxsize=8192)  # hardly any changes between two publications
def _badge(
    label: str, condition: Condition, aged_condition: Condition, lang: str
) -> tuple[PublishedFile, PublishedFile]:
    """A badge as SVG and as shields.io reads it."""
    fresh, aged = badge(label, condition, lang), badge(label, aged_condition, lang)
    svg, shields = (
        _timeless_file(kind, body, _unless(body, old))
        for kind, body, old in zip((SVG, JSON), fresh, aged, strict=True)
    )
    return svg, shields


def _timeless_file(kind: str, body: bytes, aged: bytes = b"") -> PublishedFile:
    return PublishedFile(kind, body, aged, content_tag(body))
