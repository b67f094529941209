"""The files of another status page, read from disk: bounded, and only read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from commands.kuma_database import is_database, monitors_as_backup
from commands.processes import CannotRun
from importers.cstate.site import is_site_file

MEGABYTES = 20
MAX_BYTES = MEGABYTES * 1_000_000
MAX_FILES = 20_000


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file by its path as it was named, or below the folder that was, with "/" on every system;
    `database` is where a database is, of which the text holds only a part."""

    name: str
    text: str
    database: Path | None = None


def read_file(path: Path, source: str) -> SourceFile:
    """One file. Raises CannotRun."""
    if path.is_dir():
        raise CannotRun(f"{path} is a folder; name the files in it")
    if source == "uptime-kuma" and is_database(path):
        return SourceFile(str(path), monitors_as_backup(path), path)
    return SourceFile(str(path), _text(path, MAX_BYTES, f"it is longer than {MEGABYTES} MB"))


def read_site(path: Path) -> list[SourceFile]:
    """A folder with the site of a Hugo: its configuration and its content. Raises CannotRun."""
    if not path.is_dir():
        raise CannotRun(f"{path} is no folder; name the one with config.yml and content in it")
    files: list[SourceFile] = []
    left = MAX_BYTES
    for name in _site_files(path):
        text = _text(path / name, left, f"with it the folder's files have more than {MEGABYTES} MB")
        files.append(SourceFile(name, text))
        left -= len(text.encode())
        if len(files) > MAX_FILES:
            raise CannotRun(f"{path} has more than {MAX_FILES} files")
    return files


def _site_files(path: Path) -> Iterator[str]:
    """The files that are read, by their path below the folder."""
    for folder, folders, names in os.walk(path):
        relative_folder = Path(folder).relative_to(path)
        folders[:] = sorted(
            f for f in folders if relative_folder.parts or f in ("config", "content")
        )
        for name in sorted(names):
            file = (relative_folder / name).as_posix()
            if is_site_file(file) and not (path / file).is_symlink():
                yield file


def _text(path: Path, limit: int, too_long: str) -> str:
    try:
        with path.open("rb") as source:
            content = source.read(limit + 1)
    except OSError as error:
        raise CannotRun(f"{path} cannot be read: {error.strerror}") from None
    if len(content) > limit:
        raise CannotRun(f"{path}: {too_long}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CannotRun(f"{path} is no text in UTF-8 (byte {error.start + 1})") from None
