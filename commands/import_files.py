"""The files of another status page, read from disk: bounded, and only read."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from commands.processes import CannotRun
from importers import uptime_kuma

MAX_BYTES = 20_000_000
MAX_FILES = 20_000
SQLITE = b"SQLite format 3\0"
SITE_FILES = (".md", ".yml", ".yaml", ".toml", ".json")
LEFT_OUT = frozenset({"themes", "public", "resources", "static", "node_modules", "layouts", "i18n"})


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file by its path, with "/" on every system, below the folder that was named."""

    name: str
    text: str


def read_file(path: Path, source: str) -> SourceFile:
    """One file. Raises CannotRun."""
    if path.is_dir():
        raise CannotRun(f"{path} is a folder; name the files in it")
    if source == "uptime-kuma" and _is_database(path):
        return SourceFile(path.name, _kuma_database(path))
    return SourceFile(path.name, _text(path, MAX_BYTES))


def read_site(path: Path) -> list[SourceFile]:
    """A folder with the site of a Hugo: its configuration and its content. Raises CannotRun."""
    if not path.is_dir():
        raise CannotRun(f"{path} is no folder; name the one with config.yml and content in it")
    files: list[SourceFile] = []
    left = MAX_BYTES
    for name in _site_files(path):
        file = SourceFile(name.relative_to(path).as_posix(), _text(name, left))
        left -= len(file.text)
        files.append(file)
        if len(files) > MAX_FILES:
            raise CannotRun(f"{path} has more than {MAX_FILES} files")
    return files


def _site_files(path: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(f for f in folders if f not in LEFT_OUT and not f.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if name.endswith(SITE_FILES) and not file.is_symlink():
                yield file


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as source:
            return source.read(len(SQLITE)) == SQLITE
    except OSError as error:
        raise CannotRun(f"{path}: {error.strerror}") from None


def _kuma_database(path: Path) -> str:
    """The monitors of an Uptime Kuma's own database, which is only read."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            answer = database.execute("SELECT * FROM monitor ORDER BY id")
            columns = [column[0] for column in answer.description]
            rows = [dict(zip(columns, row, strict=True)) for row in answer]
    except sqlite3.Error as error:
        raise CannotRun(f"{path}: {error}") from None
    return uptime_kuma.backup_of(rows)


def _text(path: Path, limit: int) -> str:
    try:
        with path.open("rb") as source:
            content = source.read(limit + 1)
    except OSError as error:
        raise CannotRun(f"{path}: {error.strerror}") from None
    if len(content) > limit:
        raise CannotRun(f"{path} is longer than {MAX_BYTES // 1_000_000} MB")
    return content.decode("utf-8-sig", "replace")
