"""Values out of other programs' files: bounded, each entry with its place, and notes on what was not brought. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec
import yaml

from render.characters import one_line

Fields = Mapping[str, object]  # of what another program wrote down
MAX_CHARACTERS = 5_000_000  # of YAML
MAX_VALUES = 500_000  # with every alias written out
_MAX_SHOWN = 100
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UnreadableSource(Exception):
    """A file is not what it was said to be, or all of them together are not; the message is one line.
    `file` is the name of the one, "" for all."""

    file = ""


class NotImported(Exception):
    """Something that we do not have; the message says which field, why, and what to do."""


@dataclass(frozen=True, slots=True)
class ImportNote:
    """What was not brought as it was: where it stands in the source, and what to do about it."""

    where: str
    text: str

    def __str__(self) -> str:
        return "".join(map(_shown, f"{self.where}: {self.text}"))


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One entry of a list; `location` is the file, the list and its number there."""

    location: str
    fields: Fields

    def where(self, name: str) -> str:
        """Its place and its name."""
        entry_name = one_line(name)[:_MAX_SHOWN]
        return f"{self.location}, {entry_name}" if entry_name else self.location


@contextmanager
def reading_file(name: str) -> Iterator[None]:
    """What cannot be read within is of this file. Raises UnreadableSource."""
    try:
        yield
    except UnreadableSource as error:
        error.file = name
        raise


@contextmanager
def noting(where: str, notes: list[ImportNote]) -> Iterator[None]:
    """What is not imported within is noted with its reason, and the rest goes on."""
    try:
        yield
    except NotImported as reason:
        notes.append(ImportNote(where, f"not brought: {reason}"))


def listed_entries(given: object, location: str, notes: list[ImportNote]) -> Iterator[SourceEntry]:
    """The entries of a list; what is none is noted."""
    if given is not None and not isinstance(given, list):
        notes.append(ImportNote(location, "not brought: it is no list"))
    for number, entry in enumerate(given if isinstance(given, list) else (), 1):
        if isinstance(entry, dict):
            yield SourceEntry(f"{location} {number}", entry)
        else:
            notes.append(ImportNote(f"{location} {number}", "not brought: it has no keys"))


def text_of(value: object) -> str:
    """A text or a number as it is written; "" for what is neither."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number or isinstance(value, str) else ""


def quoted(value: object) -> str:
    """A value as a note shows it: on one line, and not long."""
    return f'"{one_line(str(value))[:40]}"'


def _shown(character: str) -> str:
    """What a terminal may be given: a control character as its code."""
    return character if character.isprintable() else ascii(character)[1:-1]


# ------------------------------------------------------------------ formats
def parse_json(text: str) -> object:
    """What it says. Raises UnreadableSource."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableSource(f"this is no JSON: {str(error)[:200]}") from None


def parse_toml(text: str) -> object:
    """What it says. Raises UnreadableSource."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UnreadableSource(f"this is no TOML: {str(error)[:200]}") from None


def parse_yaml(text: str) -> object:
    """What it says. Raises UnreadableSource."""
    if len(text) > MAX_CHARACTERS:
        raise UnreadableSource(f"it is longer than {MAX_CHARACTERS // 1_000_000} MB of YAML")
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            if _written_out(node, {}) > MAX_VALUES:
                raise UnreadableSource(f"with its aliases it has more than {MAX_VALUES} values")
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = str(error).replace("\n", " ")[:200]
        raise UnreadableSource(f"this is no YAML: {line}") from None


def _written_out(node: yaml.Node, counted: dict[int, int]) -> int:
    """How many values a node stands for. A node within itself stands for too many."""
    if id(node) in counted:
        return counted[id(node)]
    counted[id(node)] = MAX_VALUES + 1  # until its own are added up
    inner: list[yaml.Node] = []
    if isinstance(node, yaml.SequenceNode):
        inner = node.value
    elif isinstance(node, yaml.MappingNode):
        inner = [each for pair in node.value for each in pair]
    counted[id(node)] = 1 + sum(_written_out(each, counted) for each in inner)
    return counted[id(node)]
