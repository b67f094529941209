"""Writing what is published: one publication file for our own web, and plain files for any other server.

Every file is replaced atomically; a full disk leaves the last publication standing.
The public root holds nothing private; the engine's memory lies beside it, never inside.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from render.templates import TemplateRenderer
from status.model import Snapshot
from status.publishing.data_files import PublishedFile, default_language
from status.publishing.files import allow_traversal, public_folder, replace_file, unchanged_since
from status.publishing.pages import PageMemory, published_files
from status.publishing.standby_pages import away_pages
from status.state.uptime import DEFAULT_METHOD, UptimeMethod
from status.timeseries.response_times import Times
from web import publication_format
from web.publication_format import EncodedBody, Publication, PublishedEntry, compressed
from web.site import Site

log = logging.getLogger(__name__)
FRESH_FOR = timedelta(seconds=150)  # without a new publication the page then says it is old
PUBLIC = "public"
VALIDITY = "valid"  # beside it: when what is there is out of date
AWAY = "away"  # beside it: pages for a server in front whose web process is away
SLICE = 10  # seconds that a file in VALIDITY stands for


@dataclass(frozen=True, slots=True)
class PublicFile:
    """A plain file as it was written: what is in it, what it identifies, the time it bears."""

    content: bytes
    tag: str
    modified: int


PublicFiles = Mapping[Path, PublicFile]


@dataclass(frozen=True, slots=True)
class ExportedEntry:
    """An entry and the plain files that it was written to."""

    entry: PublishedEntry
    files: PublicFiles


Export = Mapping[str, ExportedEntry]  # by path


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
        self._exported: Export = {}
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
        if not self._exported:
            self._export_away_pages()
        self._export(publication)
        return publication

    def _export(self, publication: Publication) -> None:
        """The plain files; those of the last publication are known and need not be read."""
        public, before = self.folder / PUBLIC, self._exported
        self._exported = {}
        exported = export_files(publication, public, default_language(self._site), before)
        obsolete = places(before) if before else {p for p in public.rglob("*") if p.is_file()}
        for path in obsolete - places(exported):
            path.unlink(missing_ok=True)
        self._exported = exported
        mark_validity(self.folder / VALIDITY, publication.at, publication.valid_until)

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
            if before is None or self._contents[path] != file:
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


NOTHING_EXPORTED: Export = {}


def export_files(
    publication: Publication, root: Path, default_lang: str, written: Export = NOTHING_EXPORTED
) -> dict[str, ExportedEntry]:
    """The publication as plain files: `index.html` in folders, `.br` and `.gz` beside each.

    Pages lie under their language; the default language also at the top. Other files in the
    folder are left alone. Answers what belongs to the publication by its path; `written` is what the
    last call answered, whose files are only looked at. Raises OSError.
    """
    exported: dict[str, ExportedEntry] = {}
    opened: set[Path] = set()
    for path, entry in publication.files.items():
        last = written.get(path)
        if last is None or last.entry is not entry:
            before = last.files if last else {}
            targets = _target_paths(path, entry, root, default_lang)
            public_files = _public_files(publication, entry, targets, before)
            files = {
                p: _put(p, file, before.get(p), root, opened) for p, file in public_files.items()
            }
            last = ExportedEntry(entry, files)
        else:
            for target, file in last.files.items():
                _put(target, file, file, root, opened)
        exported[path] = last
    return exported


def places(export: Export) -> set[Path]:
    """Of all files."""
    return {path for entry in export.values() for path in entry.files}


def _public_files(
    publication: Publication, entry: PublishedEntry, targets: list[Path], before: PublicFiles
) -> PublicFiles:
    """The plain files of one entry by their place."""
    files: dict[Path, PublicFile] = {}
    variants = [("", entry.tag, entry.fresh)]
    if entry.aged is not None:
        variants.append((".aged", f"{entry.tag}-aged", entry.aged))
    for target in targets:
        for suffix, tag, body in variants:
            path = target.with_name(f"{target.stem}{suffix}{target.suffix}")
            modified = _modified(publication, entry, tag, before.get(path))
            for form, content in (("", body.plain), (".br", body.br), (".gz", body.gz)):
                if content or not form:
                    files[path.with_name(path.name + form)] = PublicFile(content, tag, modified)
    return files


def _put(
    path: Path, file: PublicFile, before: PublicFile | None, root: Path, opened: set[Path]
) -> PublicFile:
    """Write a file unless it stands there already, for all to read: as it was written `before`, or
    by whoever published before us, whose time it then keeps. `opened` are folders that others may
    read already."""
    remembered = (before.content, before.modified) if before else None
    if (since := unchanged_since(path, file.content, remembered)) is not None:
        return file if before is file else replace(file, modified=since)
    if path.parent not in opened:
        public_folder(path.parent, root)
        opened.add(path.parent)
    replace_file(path, file.content, sync=False, public=True, modified=file.modified)
    return file


def mark_validity(folder: Path, since: datetime, until: datetime) -> None:
    """Files named for the tens of seconds, since 1970, in which a publication is not out of date.

    A web server that knows nothing but the time finds the current one there, or shows the aged
    pages. Raises OSError.
    """
    public_folder(folder, folder)
    span = range(int(since.timestamp()) // SLICE, int(until.timestamp()) // SLICE)
    names = {str(n) for n in span}
    present = {path.name for path in folder.iterdir()}
    for name in names - present:
        replace_file(folder / name, b"", sync=False, public=True)
    for name in present - names:
        (folder / name).unlink(missing_ok=True)


def _modified(
    publication: Publication, entry: PublishedEntry, tag: str, before: PublicFile | None
) -> int:
    """The time a file bears, of which servers make its ETag: it moves with the tag only, and is
    another one for each language and for the aged variant."""
    if before is not None and before.tag == tag:
        return before.modified
    languages = len(publication.languages) + 1
    number = (
        publication.languages.index(entry.lang) + 1 if entry.lang in publication.languages else 0
    )
    if tag != entry.tag:
        number += languages
    modified = int(publication.at.timestamp()) - number
    if before is not None and modified <= before.modified:  # twice in a second, or a set clock
        modified = before.modified + 2 * languages
    return modified


def _target_paths(path: str, entry: PublishedEntry, root: Path, default_lang: str) -> list[Path]:
    paths = [path]
    if entry.lang == default_lang:
        paths.append(path.removeprefix(f"/{entry.lang}"))
    if not entry.lang:
        return [root / path.lstrip("/")]
    return [root / p.strip("/") / "index.html" for p in paths]
