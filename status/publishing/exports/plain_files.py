"""The publication as plain files for nginx or a CDN: `index.html` in folders, `.br` and `.gz` beside each.
Pages lie under their language, and those of the default language at the top as well.

Only what changed is written. Each file is replaced atomically; what is published no longer goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from status.publishing.files import public_folder, replace_file, unchanged_since
from web.publication_format import Publication, PublishedEntry

CHECKED_IN_TURN = 400  # entries whose files are looked at in each publication, changed or not
SLICE = 10  # seconds that a file of `mark_validity` stands for


@dataclass(frozen=True, slots=True)
class PlainFile:
    """A plain file as it was written: what is in it, what it identifies, the time it bears."""

    content: bytes
    tag: str
    modified: int


PlainFiles = Mapping[str, PlainFile]  # by place


@dataclass(frozen=True, slots=True)
class WrittenEntry:
    """An entry and the plain files that it was written to."""

    entry: PublishedEntry
    files: PlainFiles


NOTHING: PlainFiles = {}


@dataclass(slots=True)
class PlainFolder:
    """The folder of plain files. It knows what it wrote last, and need not look at all of it: who
    puts, renames or removes a file changes the time of its folder, and what somebody wrote into a
    file, or did while we were writing, is found in turn."""

    root: Path
    default_lang: str
    _written: dict[str, WrittenEntry] = field(default_factory=dict)  # by path of the publication
    _folders: dict[str, int] = field(default_factory=dict)  # opened for all; when we left them
    _turn: int = 0  # the entry that is looked at next

    def write(self, publication: Publication) -> None:
        """Write what is not there yet, and remove what is published no longer. Raises OSError."""
        before, self._written = self._written, {}  # after a failure nothing is known
        doubtful = self._doubtful(before)
        written: dict[str, WrittenEntry] = {}
        for path, entry in publication.files.items():
            last = before.get(path)
            if last is None or last.entry is not entry:
                last = self._write_entry(publication, path, entry, last)
            elif path in doubtful:
                for place, file in last.files.items():
                    self._put(place, file, file)
            written[path] = last
        standing = _places(before) or {str(p) for p in self.root.rglob("*") if p.is_file()}
        for place in standing - _places(written):
            Path(place).unlink(missing_ok=True)
        self._folders = {folder: _time_of(folder) for folder in self._folders}
        self._written = written

    def _doubtful(self, written: Mapping[str, WrittenEntry]) -> set[str]:
        """Of what stands unchanged, the entries whose files are to be looked at: where somebody has
        changed a folder, and some others in turn."""
        paths = list(written)
        end = self._turn + CHECKED_IN_TURN
        doubtful = set(paths[self._turn : end])
        self._turn = end if end < len(paths) else 0
        changed = {folder for folder, at in self._folders.items() if _time_of(folder) != at}
        for folder in changed:
            del self._folders[folder]
        if changed:
            doubtful |= {
                path
                for path, entry in written.items()
                if any(_folder(place) in changed for place in entry.files)
            }
        return doubtful

    def _write_entry(
        self,
        publication: Publication,
        path: str,
        entry: PublishedEntry,
        last: WrittenEntry | None,
    ) -> WrittenEntry:
        before = last.files if last else NOTHING
        targets = _targets(path, entry, str(self.root), self.default_lang)
        files = _plain_files(publication, entry, targets, before)
        return WrittenEntry(
            entry, {p: self._put(p, file, before.get(p)) for p, file in files.items()}
        )

    def _put(self, place: str, file: PlainFile, before: PlainFile | None) -> PlainFile:
        """Write a file unless it stands there already, for all to read: as it was written `before`,
        or by whoever published before us, whose time it then keeps."""
        if (folder := _folder(place)) not in self._folders:
            public_folder(Path(folder), self.root)
            self._folders[folder] = -1  # a time that none has
        remembered = (before.content, before.modified) if before else None
        if (since := unchanged_since(place, file.content, remembered)) is not None:
            return file if before is file else replace(file, modified=since)
        replace_file(place, file.content, sync=False, public=True, modified=file.modified)
        return file


def _places(written: Mapping[str, WrittenEntry]) -> set[str]:
    return {place for entry in written.values() for place in entry.files}


def _folder(place: str) -> str:
    return place.rpartition("/")[0]


def _time_of(folder: str) -> int:
    try:
        return Path(folder).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _plain_files(
    publication: Publication, entry: PublishedEntry, targets: list[str], before: PlainFiles
) -> PlainFiles:
    """The plain files of one entry by their place."""
    files: dict[str, PlainFile] = {}
    variants = [("", entry.tag, entry.fresh)]
    if entry.aged is not None:
        variants.append((".aged", f"{entry.tag}-aged", entry.aged))
    for target in targets:
        stem, dot, end = target.rpartition(".")
        for suffix, tag, body in variants:
            place = f"{stem}{suffix}{dot}{end}"
            modified = _modified(publication, entry, tag, before.get(place))
            for form, content in (("", body.plain), (".br", body.br), (".gz", body.gz)):
                if content or not form:
                    files[place + form] = PlainFile(content, tag, modified)
    return files


def _modified(
    publication: Publication, entry: PublishedEntry, tag: str, before: PlainFile | None
) -> int:
    """The time a file bears, of which servers make its ETag: it moves with the tag only, and is
    another one for each language and for the aged variant."""
    if before is not None and before.tag == tag:
        return before.modified
    languages = ["", *publication.languages]
    number = languages.index(entry.lang) if entry.lang in languages else 0
    if tag != entry.tag:
        number += len(languages)
    modified = int(publication.at.timestamp()) - number
    if before is not None and modified <= before.modified:  # twice in a second, or a set clock
        modified = before.modified + 2 * len(languages)
    return modified


def _targets(path: str, entry: PublishedEntry, root: str, default_lang: str) -> list[str]:
    if not entry.lang:
        return [f"{root}/{path.lstrip('/')}"]
    paths = [path]
    if entry.lang == default_lang:
        paths.append(path.removeprefix(f"/{entry.lang}"))
    return [f"{root}/{p.strip('/')}/index.html".replace("//", "/") for p in paths]


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
