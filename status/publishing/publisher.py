"""Writes what is published: one publication file for our own web, and plain files for any other server.

Every file is replaced atomically; a full disk leaves the last publication standing.
The public root holds nothing private; the engine's memory lies beside it, never inside.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from render.templates import TemplateRenderer
from status.model import Snapshot
from status.publishing.data_files import PublishedFile, default_language
from status.publishing.exports.plain_files import PlainFolder, mark_validity
from status.publishing.files import allow_traversal, public_folder, replace_file
from status.publishing.pages import PageMemory, published_files
from status.publishing.standby_pages import away_pages
from status.state.uptime import DEFAULT_METHOD, UptimeMethod
from status.timeseries.response_times import Times
from web import publication_format
from web.publication_format import EncodedBody, Publication, PublishedEntry, compressed
from web.site import Site

FRESH_FOR = timedelta(seconds=150)  # without a new publication the page then says it is old
PUBLIC = "public"
VALIDITY = "valid"  # beside it: when what is there is out of date
AWAY = "away"  # beside it: pages for a server in front whose web process is away


class Publisher:
    """Publishes snapshots into a folder: `publication.bin`, and `public/` for nginx or a CDN."""

    def __init__(
        self,
        folder: Path,
        site: Site,
        pages: TemplateRenderer,
        *,
        fresh_for: timedelta = FRESH_FOR,
        method: UptimeMethod = DEFAULT_METHOD,
        response_times: Callable[[], Times] = dict,
    ) -> None:
        self.folder = folder
        self._site = site
        self._pages = pages
        self._fresh_for = fresh_for
        self._method = method
        self._response_times = response_times
        self._contents: dict[str, PublishedFile] = {}  # as we published them last
        self._entries: dict[str, PublishedEntry] = {}
        self._plain = PlainFolder(folder / PUBLIC, default_language(site))
        self._has_away_pages = False
        self._memory = PageMemory()

    def publish(self, snapshot: Snapshot) -> Publication:
        """Compose and write everything. Raises OSError when the folder cannot be written."""
        contents = published_files(
            snapshot,
            self._site,
            self._pages,
            self._memory,
            self._method,
            times=self._response_times(),
        )
        publication = Publication(
            at=snapshot.at,
            checked_at=snapshot.checked_at,
            valid_until=snapshot.at + self._fresh_for,
            languages=self._site.languages,
            files=self._encoded(contents),
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        allow_traversal(self.folder)
        replace_file(self.folder / publication_format.FILE, publication_format.encode(publication))
        if not self._has_away_pages:
            self._export_away_pages()
            self._has_away_pages = True
        self._plain.write(publication)
        mark_validity(self.folder / VALIDITY, publication.at, publication.valid_until)
        return publication

    def _export_away_pages(self) -> None:
        """What the server in front shows for pages that only the web process has."""
        away = self.folder / AWAY
        public_folder(away, away)
        for lang, page in away_pages(self._site, self._pages).items():
            replace_file(away / f"{lang}.html", page, sync=False, public=True)

    def _encoded(self, contents: dict[str, PublishedFile]) -> dict[str, PublishedEntry]:
        """Entries with compressed bodies; what is as it was is the very same entry."""
        entries: dict[str, PublishedEntry] = {}
        for path, file in contents.items():
            before = self._entries.get(path)
            last = self._contents.get(path)
            if before is None or (last is not file and last != file):
                before = _entry(file, before)
            entries[path] = before
        self._contents, self._entries = contents, entries
        return entries


def _entry(file: PublishedFile, before: PublishedEntry | None) -> PublishedEntry:
    bodies = [body for body in (before and before.fresh, before and before.aged) if body]

    def body(content: bytes) -> EncodedBody:
        encoded = next((b for b in bodies if b.plain == content), None)
        if encoded is None:
            encoded = compressed(content)
            bodies.append(encoded)
        return encoded

    return PublishedEntry(
        type=file.type,
        tag=file.tag,
        fresh=body(file.fresh),
        aged=body(file.aged) if file.aged else None,
        lang=file.lang,
    )
