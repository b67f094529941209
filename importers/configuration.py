"""Imported configuration: components and probes as `jasno.toml` has them, and notes on the rest."""

from __future__ import annotations

import copy
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from importers.source import ImportNote, NotImported
from render.characters import one_line
from settings import SettingsError
from settings.conversion import check, convert
from settings.mistakes import KeyPlace
from settings.toml_text import toml_line
from status.probing.configuration import configured_probes

MAX_NAME = 100
_ID = re.compile(r"[^a-z0-9]+")
MAX_ID = 63


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
class ImportedService:
    """A component without a probe, of which people tell."""

    id: str
    name: str
    group: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class ImportedConfiguration:
    """The whole."""

    probes: tuple[ImportedProbe, ...]
    leftovers: tuple[ImportNote, ...]
    services: tuple[ImportedService, ...] = ()


class ProbeReading(Protocol):
    """One entry of the source, read once; `where` is its place and its name, `id_words` are what its
    id is made of, `notes` says what was left out or changed."""

    where: str
    name: str
    group: str
    id_words: str
    notes: list[str]

    def look(self) -> tuple[str, str, Mapping[str, object]]:
        """The kind, the target and the other keys of our probe. Raises NotImported."""


@dataclass(slots=True)
class ConfigurationBuilder:
    """What has been brought so far, and what was left."""

    probes: list[ImportedProbe] = field(default_factory=list)
    leftovers: list[ImportNote] = field(default_factory=list)
    services: list[ImportedService] = field(default_factory=list)

    def add_service(self, name: str, group: str, description: str) -> ImportedService:
        """One more component without a probe. Raises NotImported."""
        display_name = _shown_name(name)
        id_ = identifier(f"{group} {display_name}", (s.id for s in self.services))
        service = ImportedService(
            id_, display_name, one_line(group)[:MAX_NAME], one_line(description)
        )
        self.services.append(service)
        return service

    def add(self, reading: ProbeReading) -> ImportedProbe | None:
        """One more entry, if the configuration accepts what comes of it."""
        try:
            probe = self._accepted(reading)
        except NotImported as reason:
            self.leftovers.append(ImportNote(reading.where, f"not brought: {reason}"))
            return None
        self.probes.append(probe)
        self.leftovers += [ImportNote(reading.where, note) for note in reading.notes]
        return probe

    def _accepted(self, reading: ProbeReading) -> ImportedProbe:
        name, group = _shown_name(reading.name), one_line(reading.group)[:MAX_NAME]
        kind, target, values = reading.look()
        id_ = identifier(reading.id_words, (p.id for p in self.probes))
        probe = ImportedProbe(id_, name, group, kind, target, values)
        check_probe(probe)
        return probe

    def built(self) -> ImportedConfiguration:
        """All of it."""
        return ImportedConfiguration(
            tuple(self.probes), tuple(self.leftovers), tuple(self.services)
        )


def check_probe(probe: ImportedProbe) -> None:
    """Raise NotImported with the reason when the configuration would refuse it."""
    try:
        settings = convert(copy.deepcopy(_sections(probe)), NOWHERE)
        check(settings, NOWHERE)
        configured_probes(settings)
    except SettingsError as error:
        reason = str(error).splitlines()[0]
        raise NotImported(reason.removeprefix(f'[[probe]] "{probe.id}": ')) from None


def _sections(probe: ImportedProbe) -> dict[str, object]:
    """As `jasno.toml` has it."""
    component = {"id": probe.id, "name": probe.name, "group": probe.group}
    common = {"name": probe.id, "kind": probe.kind, "component": probe.id, "target": probe.target}
    return {"component": [component], "probe": [common | dict(probe.values)]}


NOWHERE = KeyPlace("", "")


def _shown_name(text: str) -> str:
    """A name as readers see it. Raises NotImported when there is nothing to see."""
    if not text:
        raise NotImported("it has no name")
    if not (name := one_line(text)):
        raise NotImported("its name is made of characters that nobody sees")
    return name[:MAX_NAME]


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
    for service in configuration.services:
        lines += ["", "[[component]]", toml_line("id", service.id), toml_line("name", service.name)]
        lines += [toml_line("group", service.group)] if service.group else []
        lines += [toml_line("description", service.description)] if service.description else []
        lines += [toml_line("policy", "manual")]
    for probe in configuration.probes:
        lines += ["", "[[component]]", toml_line("id", probe.id), toml_line("name", probe.name)]
        lines += [toml_line("group", probe.group)] if probe.group else []
        lines += ["[[probe]]", toml_line("name", probe.id), toml_line("kind", probe.kind)]
        lines += [toml_line("component", probe.id)]
        lines += [toml_line("target", probe.target)] if probe.target else []
        lines += [toml_line(key, value) for key, value in probe.values.items()]
    return "\n".join(lines) + "\n"
