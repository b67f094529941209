"""The fast path: published files from memory, before Flask, without a database.

A WSGI middleware. It looks up whole paths in a table, so no path can lead out of it. It rereads
the publication when its file has changed and serves the aged variant past `valid_until`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from werkzeug.exceptions import NotFound

from clock import Clock
from room_ports import RoomPort
from web.language import LANG_COOKIE, negotiate
from web.middleware.request_headers import best_encoding, names_tag
from web.publication_format import FILE, OtherVersion, Publication, decode, take_over
from web.security import HEADERS, HSTS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)
LONGEST = 500  # of a header that we remember
LOOK_EVERY = 0.2  # seconds between two looks at the publication's file
# What scripts of any origin may read: documents, badges, and feeds in every language.
_ANY_ORIGIN = re.compile(
    r"/api/v2/|/badge/|/freshness\.json$"
    r"|(?:/[A-Za-z-]{2,10})?/(?:history\.(?:atom|rss|json)|feed\.json|maintenance\.ics)$"
)
EMBED = "/embed"  # the one page that may stand in a frame elsewhere
CACHE = "public, max-age=10, stale-while-revalidate=30, stale-if-error=86400"
# One address, one Vary (RFC 9110, 12.5.5): else a cache gives the page of others to who has chosen.
NEGOTIATED = "Accept-Encoding, Accept-Language, Cookie"
CACHE_AGED = "public, max-age=5"
PRIVATE = "private, no-cache"
WsgiHeaders = list[tuple[str, str]]
CORS = ("Access-Control-Allow-Origin", "*")
PREFLIGHT: WsgiHeaders = [  # what a browser asks before a script's GET with If-None-Match
    ("Allow", "GET, HEAD, OPTIONS"),
    CORS,
    ("Access-Control-Allow-Methods", "GET, HEAD"),
    ("Access-Control-Allow-Headers", "*"),
    ("Access-Control-Max-Age", "86400"),
]


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """Ready bytes: what to say with 200, and what with 304."""

    headers: WsgiHeaders
    body: list[bytes]
    etag: str
    unchanged: WsgiHeaders


Variants = dict[str, CachedResponse]  # by encoding: "", "br", "gzip"


@dataclass(slots=True)
class RouteTable:
    """All answers of one publication. `negotiated` and `chosen` hold pages under their path without
    language: by what the browser prefers, and by what its reader has picked (a cookie)."""

    exact: dict[str, Variants] = field(default_factory=dict)
    negotiated: dict[str, dict[str, Variants]] = field(default_factory=dict)
    chosen: dict[str, dict[str, Variants]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServedPublication:
    """Where a publication lies, and a page per language for the time before there is one."""

    folder: Path
    waiting: Mapping[str, bytes]


PUBLICATION: RoomPort[ServedPublication] = RoomPort("publication")


class PublishedMiddleware:
    """WSGI middleware serving a publication; what is not in it goes to `app`.

    `waiting` is a page per language for the moment before the first publication exists.
    """

    def __init__(
        self,
        app: WSGIApplication,
        folder: Path,
        clock: Clock,
        *,
        waiting: Mapping[str, bytes] | None = None,
        secure: bool = False,
    ) -> None:
        self._app = app
        take_over(folder)
        self._file = folder / FILE
        self._clock = clock
        self._waiting = dict(waiting or {})
        self._common: WsgiHeaders = [*HEADERS.items()]
        if secure:
            self._common.append(("Strict-Transport-Security", HSTS))
        self._stamp: tuple[int, int] | None = None
        self._looked = float("-inf")
        self._tables: tuple[RouteTable, RouteTable] | None = None  # fresh, aged
        self._valid = (0.0, 0.0)  # from and until, by the wall clock
        self._expires = 0.0  # the same, by the clock that nobody sets

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO") or "/"
        variants = self._variants(path, environ)
        if variants is None:
            return self._elsewhere(path, environ, start)
        method = environ["REQUEST_METHOD"]
        if method == "OPTIONS" and _ANY_ORIGIN.match(path):
            start("204 No Content", [*PREFLIGHT, *self._common])
            return []
        if method not in {"GET", "HEAD"}:
            refused = [
                ("Allow", "GET, HEAD"),
                ("Content-Length", "0"),
                ("Cache-Control", "no-store"),
            ]
            start("405 Method Not Allowed", [*refused, *self._common])
            return []
        answer = variants[best_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))]
        known_etag = environ.get("HTTP_IF_NONE_MATCH")
        if known_etag and (known_etag == answer.etag or names_tag(known_etag, answer.etag[3:-1])):
            start("304 Not Modified", answer.unchanged)
            return []
        start("200 OK", answer.headers)
        return [] if method == "HEAD" else answer.body

    def ready(self) -> str:
        """ "fresh", "aged" or "none": what visitors get right now, for /readyz."""
        table = self._routes()
        if table is None or self._tables is None:
            return "none"
        return "aged" if table is self._tables[1] else "fresh"

    def readiness_message(self) -> str:
        """The same for a readiness check: "" while it is fresh."""
        state = self.ready()
        return "" if state == "fresh" else f"is {state}"

    def _variants(self, path: str, environ: WSGIEnvironment) -> Variants | None:
        routes = self._routes()
        if routes is None:
            return None
        variants = routes.exact.get(path)
        if variants is not None:
            return variants
        by_lang = routes.negotiated.get(path)
        if by_lang is None:
            return None
        cookie = environ.get("HTTP_COOKIE", "")
        if LANG_COOKIE in cookie:
            chosen = _chosen(cookie)
            if chosen in by_lang:
                return routes.chosen[path][chosen]
        return by_lang[_language(environ.get("HTTP_ACCEPT_LANGUAGE", "")[:LONGEST], tuple(by_lang))]

    def _elsewhere(
        self, path: str, environ: WSGIEnvironment, start: StartResponse
    ) -> Iterable[bytes]:
        if path.startswith("/api/v2/"):
            none = [("Content-Length", "0"), CORS]
            start("404 Not Found", [*none, ("Cache-Control", "no-store"), *self._common])
            return []
        bare = path.removesuffix("/")  # a static copy's pages are folders
        moved = bare != path and not bare.endswith("/")
        if moved and self._variants(bare, environ) is not None:
            query = environ.get("QUERY_STRING", "")
            location = ("Location", f"{bare}?{query}" if query else bare)
            start("308 Permanent Redirect", [location, ("Content-Length", "0"), *self._common])
            return []
        if self._waiting and self._routes() is None and self._is_front(path):
            accepted_languages = environ.get("HTTP_ACCEPT_LANGUAGE", "")[:LONGEST]
            body = self._waiting[_language(accepted_languages, tuple(self._waiting))]
            headers = [("Content-Type", "text/html; charset=utf-8"), ("Retry-After", "2")]
            headers += [("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
            start("503 Service Unavailable", [*headers, *self._common])
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
        return self._app(environ, start)

    def _is_front(self, path: str) -> bool:
        return path == "/" or path.strip("/") in self._waiting

    def _routes(self) -> RouteTable | None:
        now = self._clock.monotonic()
        if now - self._looked >= LOOK_EVERY:
            self._looked = now
            self._reread()
        if self._tables is None:
            return None
        fresh, aged = self._tables
        since, until = self._valid
        in_time = since <= self._clock.now().timestamp() <= until and now <= self._expires
        return fresh if in_time else aged

    def _reread(self) -> None:
        try:
            stat = self._file.stat()
            stamp = (stat.st_mtime_ns, stat.st_ino)
            if stamp == self._stamp:
                return
            publication = decode(self._file.read_bytes())
        except FileNotFoundError:
            return  # what was published stays published
        except OtherVersion as error:
            log.warning("the publication stays as it was served last: %s", error)
            self._stamp = stamp  # until the file is another
            return
        except (OSError, msgspec.DecodeError):
            log.exception("the publication cannot be read; the last one stays")
            return
        self._stamp = stamp
        fresh = route_table(publication, self._common, aged=False)
        aged = route_table(publication, self._common, aged=True)
        self._tables = fresh, aged
        at, until = publication.at.timestamp(), publication.valid_until.timestamp()
        self._valid = at - (until - at), until  # from before `at`: two clocks may differ a little
        left = min(until - self._clock.now().timestamp(), until - at)
        self._expires = self._clock.monotonic() + left


def publication_message(folder: Path, clock: Clock) -> str:
    """What `readiness_message` says, for those who serve nothing themselves."""
    return PublishedMiddleware(NotFound(), folder, clock).readiness_message()


def route_table(publication: Publication, common: WsgiHeaders, *, aged: bool) -> RouteTable:
    table = RouteTable()
    cache = CACHE_AGED if aged else CACHE
    for path, entry in publication.files.items():
        table.exact[path] = _page(publication, common, path, aged=aged, cache=cache)
        if not entry.lang:
            continue
        bare = path.removeprefix(f"/{entry.lang}")
        page = _page(publication, common, path, aged=aged, cache=cache, vary=NEGOTIATED)
        table.negotiated.setdefault(bare, {})[entry.lang] = page
        mine = _page(publication, common, path, aged=aged, cache=PRIVATE, vary=NEGOTIATED)
        table.chosen.setdefault(bare, {})[entry.lang] = mine
        if bare == "/":
            table.exact[f"/{entry.lang}"] = table.exact[path]
    return table


def _page(
    publication: Publication,
    common: WsgiHeaders,
    path: str,
    *,
    aged: bool,
    cache: str,
    vary: str = "Accept-Encoding",
) -> Variants:
    entry = publication.files[path]
    old = aged and entry.aged is not None
    body = entry.aged if aged and entry.aged is not None else entry.fresh
    extra: WsgiHeaders = [
        ("Cache-Control", cache),
        ("Vary", vary),
        ("Jasno-Checked-At", publication.checked_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")),
    ]
    if entry.lang:
        extra.append(("Content-Language", entry.lang))
    if _ANY_ORIGIN.match(path):
        extra += [CORS, ("Access-Control-Expose-Headers", "ETag, Jasno-Checked-At")]
    tag = f"{entry.tag}-aged" if old else entry.tag
    kind: WsgiHeaders = [
        ("Content-Type", entry.type),
        *(_framed(common) if _embeds(path) else common),
    ]
    plain = _answer(kind, body.plain, "", tag, extra)
    return {
        "": plain,
        "br": _answer(kind, body.br, "br", tag, extra) if body.br else plain,
        "gzip": _answer(kind, body.gz, "gzip", tag, extra) if body.gz else plain,
    }


def _embeds(path: str) -> bool:
    return path.endswith(EMBED) and path.count("/") <= 2


def _framed(common: WsgiHeaders) -> WsgiHeaders:
    """The same headers for a page that any site may frame."""
    free = {
        name: value.replace("frame-ancestors 'none'", "frame-ancestors *").replace(
            "script-src 'self'", "script-src 'none'"
        )
        for name, value in common
        if name != "Cross-Origin-Opener-Policy"
    }
    return list(free.items())


def _answer(
    kind: WsgiHeaders, body: bytes, encoding: str, tag: str, extra: WsgiHeaders
) -> CachedResponse:
    etag = f'W/"{tag}"'
    common: WsgiHeaders = [("ETag", etag), *extra]
    headers: WsgiHeaders = [*kind, ("Content-Length", str(len(body))), *common]
    if encoding:
        headers.append(("Content-Encoding", encoding))
    return CachedResponse(headers, [body], etag, common)


def _chosen(header: str) -> str:
    for part in header[:4000].split(";"):
        name, _, value = part.strip().partition("=")
        if name == LANG_COOKIE:
            return value.strip()
    return ""


@lru_cache(maxsize=1024)
def _language(header: str, shipped: tuple[str, ...]) -> str:
    return negotiate(header, shipped)
