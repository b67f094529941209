"""The files of another status page, read from disk: bounded, and only read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from commands.kuma_database import is_database, monitors_as_backup
from commands.processes import CannotRun

MAX_BYTES = 20_000_000
MAX_FILES = 20_000
SITE_FILES = (".md", ".yml", ".yaml", ".toml", ".json")
LEFT_OUT = frozenset({"themes", "public", "resources", "static", "node_modules", "layouts", "i18n"})


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
    return SourceFile(str(path), _text(path, MAX_BYTES))


def read_site(path: Path) -> list[SourceFile]:
    """A folder with the site of a Hugo: its configuration and its content. Raises CannotRun."""
    if not path.is_dir():
        raise CannotRun(f"{path} is no folder; name the one with config.yml and content in it")
    files: list[SourceFile] = []
    left = MAX_BYTES
    for name in _site_files(path):
        file = SourceFile(name.relative_to(path).as_posix(), _text(name, left))
        left -= len(file.text.encode())
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


def _text(path: Path, limit: int) -> str:
    try:
        with path.open("rb") as source:
            content = source.read(limit + 1)
    except OSError as error:
        raise CannotRun(f"{path}: {error.strerror}") from None
    if len(content) > limit:
        raise CannotRun(f"{path} is longer than {MAX_BYTES // 1_000_000} MB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CannotRun(f"{path} is no text in UTF-8 (byte {error.start + 1})") from None
