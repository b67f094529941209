"""What an importer found: components and probes as `jasno.toml` has them, and what is left to do."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

Fields = Mapping[str, object]  # of what another program wrote down
Accepts = Callable[[str, Mapping[str, object]], None]
"""Return when a probe of a kind may have such settings; raise ValueError with a plain reason."""
_ID = re.compile(r"[^a-z0-9]+")
MAX_ID = 63


class UnreadableSource(Exception):
    """The file is not what it was said to be; the message is one line."""


class NotBrought(Exception):
    """Something that our probes do not have; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class ImportedProbe:
    """A component with its one probe; `values` are the keys of `[[probe]]` beside the common ones."""

    id: str
    name: str
    group: str
    kind: str
    target: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Leftover:
    """What was not brought as it was: where it stands in the source, and what to do about it."""

    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


@dataclass(frozen=True, slots=True)
class ImportedConfiguration:
    """The whole."""

    probes: tuple[ImportedProbe, ...]
    leftovers: tuple[Leftover, ...]


def identifier(text: str, taken: Iterable[str]) -> str:
    """An id made of a name, unlike those that are taken."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    stem = _ID.sub("-", plain).strip("-")[: MAX_ID - 4].strip("-") or "service"
    used, chosen, number = frozenset(taken), stem, 2
    while chosen in used:
        chosen, number = f"{stem}-{number}", number + 1
    return chosen


def to_toml(configuration: ImportedConfiguration, source: str) -> str:
    """The components and probes, to be put into `jasno.toml`."""
    lines = [f"# Brought from {source}. Look through it, then run: python app.py config check"]
    for probe in configuration.probes:
        lines += ["", "[[component]]", _line("id", probe.id), _line("name", probe.name)]
        lines += [_line("group", probe.group)] if probe.group else []
        lines += ["[[probe]]", _line("name", probe.id), _line("kind", probe.kind)]
        lines += [_line("component", probe.id)]
        lines += [_line("target", probe.target)] if probe.target else []
        lines += [_line(key, value) for key, value in probe.values.items()]
    return "\n".join(lines) + "\n"


def _line(key: str, value: object) -> str:
    return f"{key} = {_toml(value)}"


def _toml(value: object) -> str:
    """A value as TOML 1.0 writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        pairs = (f"{_quoted(str(key))} = {_toml(inner)}" for key, inner in value.items())
        return f"{{ {', '.join(pairs)} }}" if value else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(inner) for inner in value)}]"
    return _quoted(str(value))


def _quoted(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, and DEL must be one."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
