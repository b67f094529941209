"""Writes jasno.example.toml from the schema: each key with its `#:` comment, and its default or an example."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import get_args, get_type_hints

import msgspec
from msgspec import Struct
from msgspec.structs import FieldInfo

from settings.durations import as_duration
from settings.schema import Settings
from settings.toml_text import toml_line

_MARK = "#:"
_HEADER = """\
# Jasno: every setting there is, with its default or an example behind "#".
# Copy to jasno.toml and keep what you need. Each key may also come from the environment, as
# JASNO_<SECTION>_<KEY>; secrets also as JASNO_…_FILE with the path of a file that holds them.
# Durations are numbers of seconds or "30s", "5m", "2h", "1d", "1w".

"""


@dataclass(frozen=True, slots=True)
class DocumentedKey:
    """One key, or with `key` empty the head of a section; `section` is empty at the top level.
    `words` and `lines` are lines of the example: what the key means, and how it is written."""

    section: str
    key: str
    words: tuple[str, ...]
    lines: tuple[str, ...]


def example(kinds: Mapping[str, str]) -> str:
    """The whole file; `kinds` are the words of wiring/kind_words.py."""
    return _HEADER + "\n".join(_lines(kinds)).lstrip("\n") + "\n"


def _lines(kinds: Mapping[str, str]) -> Iterator[str]:
    for entry in documented_keys(kinds):
        if not entry.key:
            yield ""
        yield from (f"# {line}" for line in entry.words)
        yield from entry.lines


def section_type(kind: object) -> type[Struct] | None:
    """The table that a key of Settings holds, once or many times; None for a plain value."""
    for candidate in (kind, *get_args(kind)):
        if isinstance(candidate, type) and issubclass(candidate, Struct):
            return candidate
    return None


def documented_keys(kinds: Mapping[str, str]) -> Iterator[DocumentedKey]:
    """Every key and every head of a section, in order; `kinds`, by section, is what `{kinds}` stands for."""
    hints = get_type_hints(Settings)
    for name, words, lines in _explained(Settings):
        section = section_type(hints[name])
        if section is None and not lines[0].startswith(("[", "#[")):
            yield DocumentedKey("", name, words, lines)
            continue
        yield DocumentedKey(name, "", words, lines)
        for key, key_words, key_lines in _explained(section) if section else ():
            filled = (line.replace("{kinds}", kinds.get(name, "")) for line in key_words)
            yield DocumentedKey(name, key, tuple(filled), key_lines)


def _explained(table: type[Struct]) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Each key of a table as the example names it, its words, and its lines there."""
    comments = _comments(table)
    for field in msgspec.structs.fields(table):
        comment = comments.get(field.name, [])
        words = tuple(line for line in comment if not _is_toml(line))
        lines = tuple(line for line in comment if _is_toml(line)) or (_default_line(field),)
        (key,) = tomllib.loads(lines[0].removeprefix("#"))
        yield key, words, lines


def _comments(table: type[Struct]) -> dict[str, list[str]]:
    """The lines of the `#:` comment above each key of a table."""
    comments: dict[str, list[str]] = {}
    lines: list[str] = []
    for source in map(str.strip, inspect.getsource(table).splitlines()):
        if source.startswith(_MARK):
            lines.append(source.removeprefix(_MARK).strip())
        elif lines:
            comments[source.partition(":")[0]], lines = lines, []
    return comments


def _is_toml(line: str) -> bool:
    """A line of TOML, on or off. Sentences are none."""
    try:
        return bool(tomllib.loads(line.removeprefix("#")))
    except tomllib.TOMLDecodeError:
        return False


def _default_line(field: FieldInfo) -> str:
    """How a key that has no line of its own is written: off, with its default; a section by its head."""
    if section := section_type(field.type):
        return f"[{field.name}]" if section is field.type else f"[[{field.name}]]"
    if field.required:
        raise ValueError(
            f'"{field.name}" is required: its comment needs a line such as {field.name} = "x"'
        )
    default = (
        field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
    )
    if isinstance(default, timedelta):
        default = as_duration(default.total_seconds())
    return f"#{toml_line(field.name, 'none' if default is None else default)}"
