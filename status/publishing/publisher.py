"""Writing what is published: one edition for our own web, and plain files for any other server.

Every file is replaced atomically; a full disk leaves the last publication standing.
The public root holds nothing private; the engine's memory lies beside it, never inside.
"""

from __future__ import annotations

import dataclasses
import logging
import os
from collections.abc import Callable, Container, Mapping
from datetime import timedelta
from pathlib import Path

from render.templates import TemplateRenderer
from status.model import Snapshot
from status.publishing.pages import PublishedFile, RenderedTexts, default_language, published_files
from status.state.uptime import DEFAULT_METHOD, UptimeMethod
from status.timeseries.response_times import Speeds
from web import publication_format
from web.publication_format import EncodedBody, Publication, PublishedEntry, compressed
from web.site import Site

log = logging.getLogger(__name__)
FRESH_FOR = timedelta(seconds=150)  # without a new publication the page then says it is old
PUBLIC = "public"


class Publisher:
    """Publishes snapshots into a folder: `edition.bin`, and `public/` for nginx or a CDN."""

    def __init__(
        self,
        folder: Path,
        site: Site,
        pages: TemplateRenderer,
        *,
        fresh_for: timedelta = FRESH_FOR,
        method: UptimeMethod = DEFAULT_METHOD,
        speeds: Callable[[], Speeds] = dict,
    ) -> None:
        self.folder = folder
        self._site = site
        self._pages = pages
        self._fresh_for = fresh_for
        self._method = method
        self._speeds = speeds
        self._bodies: dict[bytes, EncodedBody] = {}
        self._files: dict[Path, bytes] = {}  # as we wrote them last
        self._texts: RenderedTexts = {}

    def publish(self, snapshot: Snapshot) -> Publication:
        """Compose and write everything. Raises OSError when the folder cannot be written."""
        snapshot = dataclasses.replace(snapshot, speeds=self._speeds())
        contents = published_files(snapshot, self._site, self._pages, self._texts, self._method)
        entries = self._entries(contents)
        edition = Publication(
            at=snapshot.at,
            checked_at=snapshot.checked_at,
            valid_until=snapshot.at + self._fresh_for,
            languages=self._site.languages,
            files=entries,
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        replace_file(self.folder / publication_format.FILE, publication_format.encode(edition))
        self._export(edition)
        return edition

    def _export(self, edition: Publication) -> None:
        """The plain files; those of the last publication are known and need not be read."""
        public, before = self.folder / PUBLIC, self._files
        self._files = {}
        written = export_files(edition, public, default_language(self._site), before)
        if written.keys() != before.keys():
            _remove_unpublished(public, written)
        self._files = written

    def _entries(self, contents: dict[str, PublishedFile]) -> dict[str, PublishedEntry]:
        before, self._bodies = self._bodies, {}

        def body(content: bytes) -> EncodedBody:
            encoded = before.get(content) or self._bodies.get(content) or compressed(content)
            self._bodies[content] = encoded
            return encoded

        return {
            path: PublishedEntry(
                type=file.type,
                tag=file.tag,
                fresh=body(file.fresh),
                aged=body(file.aged) if file.aged else None,
                lang=file.lang,
            )
            for path, file in contents.items()
        }


def export_files(
    edition: Publication, root: Path, default_lang: str, written: Mapping[Path, bytes] | None = None
) -> dict[Path, bytes]:
    """The edition as plain files: `index.html` in folders, `.br` and `.gz` beside each.

    Pages lie under their language; the default language also at the top. Other files in the
    folder are left alone. Answers the files that belong to the edition; `known` are those that
    were written before. Raises OSError.
    """
    contents: dict[Path, bytes] = {}
    for path, entry in edition.files.items():
        for target in _target_paths(path, entry, root, default_lang):
            contents |= _encoded_files(target, entry.fresh)
            if entry.aged is not None:
                contents |= _encoded_files(
                    target.with_name(f"{target.stem}.aged{target.suffix}"), entry.aged
                )
    for target, content in contents.items():
        if not _holds(target, content, (written or {}).get(target)):
            target.parent.mkdir(parents=True, exist_ok=True)
            replace_file(target, content, sync=False)
    return contents


def _remove_unpublished(root: Path, wanted: Container[Path]) -> None:
    """Remove what is no longer published from our own folder."""
    for place in root.rglob("*"):
        if place.is_file() and place not in wanted:
            place.unlink(missing_ok=True)


def _encoded_files(place: Path, body: EncodedBody) -> dict[Path, bytes]:
    forms = {place: body.plain}
    if body.br:
        forms[place.with_name(place.name + ".br")] = body.br
    if body.gz:
        forms[place.with_name(place.name + ".gz")] = body.gz
    return forms


def _target_paths(path: str, entry: PublishedEntry, root: Path, default_lang: str) -> list[Path]:
    paths = [path]
    if entry.lang == default_lang:
        paths.append(path.removeprefix(f"/{entry.lang}"))
    if not entry.lang:
        return [root / path.lstrip("/")]
    return [root / p.strip("/") / "index.html" for p in paths]


def _holds(place: Path, content: bytes, written: bytes | None) -> bool:
    """Whether a file holds this already; `known` is what we wrote there last."""
    try:
        if place.stat().st_size != len(content):
            return False
        return content == written if written is not None else place.read_bytes() == content
    except OSError:
        return False


def replace_file(place: Path, content: bytes, *, sync: bool = True) -> None:
    """Put a file in place whole or not at all. Raises OSError and leaves the old one."""
    fresh = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with fresh.open("wb") as out:
            out.write(content)
            if sync:
                out.flush()
                os.fsync(out.fileno())
        fresh.replace(place)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
