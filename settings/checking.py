"""From what was written to typed settings; every refusal names the key, the place, what is allowed
and the nearest right name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from settings.schema import ProbeSection, Settings

ENV = "JASNO_"


class SettingsError(Exception):
    """The configuration cannot be used; the message names the key, the place and what is allowed."""


def variable(dotted: str) -> str:
    """The environment variable of a key."""
    return ENV + dotted.replace(".", "_").upper()


def hint(name: str, allowed: object) -> str:
    names = sorted(str(a) for a in allowed) if isinstance(allowed, (list, dict, tuple)) else []
    near = difflib.get_close_matches(name, names, 1, 0.5)
    meant = f"; did you mean {near[0]}?" if near else ""
    return f"{meant} Allowed: {', '.join(names)}" if len(names) <= 30 else (meant or ".")


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where in the file a key stands, for messages."""

    file: str
    text: str

    def of(self, path: tuple[str | int, ...]) -> str:
        """ "jasno.toml:12: " for a path such as ("probe", 1, "interval"); as near as can be told."""
        if not self.file:
            return ""
        section, index = str(path[0]), path[1] if len(path) > 1 else ""
        key = str(path[-1])
        position, inside, best = -1, len(path) == 1, 0
        for number, line in enumerate(self.text.splitlines(), 1):
            if head := re.match(r"\s*\[+\s*([\w.\-]+)", line):
                position += head[1] == section
                inside = head[1] == section and (not isinstance(index, int) or position == index)
                best = number if inside or head[1] == key else best
            elif inside and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line):
                return f"{self.file}:{number}: "
        return f"{self.file}:{best}: " if best else f"{self.file}: "


def dotted_key(path: tuple[str | int, ...]) -> str:
    if len(path) > 1 and isinstance(path[1], int):
        return f"[[{path[0]}]] number {path[1] + 1}"
    return f"[{path[0]}]" if path else "the top level"


def convert(raw: dict[str, object], place: KeyPlace, env: Mapping[str, object]) -> Settings:
    _walk(raw, Settings, (), place)
    try:
        return msgspec.convert(raw, Settings, str_keys=True)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$")
        path = tuple(
            int(number) if number else key
            for key, number in re.findall(r"\.?([A-Za-z_][\w\-]*)|\[(\d+)\]", where.rstrip("`"))
        )
        dotted = ".".join(str(p) for p in path)
        at = f"{variable(dotted)}: " if dotted in env else place.of(path or ("",))
        key = f'"{path[-1]}" in {dotted_key(path)}' if len(path) > 1 else f'"{dotted}"'
        allowed = _allowed(path) if "enum" in reason else ""
        raise SettingsError(
            f"{at}{key} is wrong: {reason[:1].lower()}{reason[1:]}{allowed}"
        ) from error


def _literals(kind: object) -> Iterator[str]:
    if get_origin(kind) is Literal:
        yield from (str(value) for value in get_args(kind))
    else:
        for inner in get_args(kind):
            yield from _literals(inner)


def _allowed(path: tuple[str | int, ...]) -> str:
    """What may stand at a path that takes one of a few words."""
    kind: object = Settings
    for step in path:
        table = next((k for k in (kind, *get_args(kind)) if hasattr(k, "__struct_fields__")), None)
        if isinstance(step, str) and isinstance(table, type):
            kind = get_type_hints(table, include_extras=True).get(step)
    words = list(_literals(kind))
    return f"; allowed: {', '.join(words)}" if words else ""


def _walk(
    raw: dict[str, object], kind: type[Struct], path: tuple[str | int, ...], place: KeyPlace
) -> None:
    """Refuse unknown keys with the nearest right name; turn "30s" into seconds."""
    hints = get_type_hints(kind, include_extras=True)
    for key in list(raw):
        if key not in hints or (kind is ProbeSection and key == "settings"):
            if kind is ProbeSection and key != "settings":
                own = raw.setdefault("settings", {})
                if isinstance(own, dict):
                    own[key] = raw.pop(key)
                continue
            where = f'{place.of((*path, key))}{dotted_key(path)} has no key "{key}"'
            raise SettingsError(where + hint(key, list(hints)))
        _descend(raw, key, hints[key], (*path, key), place)


def _descend(
    raw: dict[str, object],
    key: str,
    wanted: object,
    path: tuple[str | int, ...],
    place: KeyPlace,
) -> None:
    value = raw[key]
    inner = next(
        (a for a in (wanted, *get_args(wanted)) if isinstance(a, type) and issubclass(a, Struct)),
        None,
    )
    if timedelta in (wanted, *get_args(wanted)):
        raw[key] = parse_seconds(value, path, place)
    elif inner is not None and isinstance(value, dict):
        _walk(value, inner, path, place)
    elif inner is not None and isinstance(value, list):
        for number, table in enumerate(value):
            if isinstance(table, dict):
                _walk(table, inner, (*path, number), place)


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "": 1}


def parse_seconds(value: object, path: tuple[str | int, ...], place: KeyPlace) -> object:
    if value in ("", "none"):
        return None
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhd]?)\s*", str(value))
    if match is None or isinstance(value, bool) or float(match[1]) <= 0:
        raise SettingsError(
            f'{place.of(path)}"{path[-1]}" in {dotted_key(path)} is {value!r};'
            ' allowed is a positive duration such as 30, "30s", "5m" or "1h"'
        )
    return timedelta(seconds=float(match[1]) * _UNITS[match[2]])


def check(settings: Settings, place: KeyPlace) -> None:
    """What types cannot say: names that must exist, be unique, or be readable."""
    host, _, port = settings.server.bind.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        where = place.of(("server", "bind"))
        raise SettingsError(f'{where}"bind" is {settings.server.bind!r}; allowed is address:port')
    ids = [c.id for c in settings.component]
    for section, names in (("component", ids), ("probe", [p.name for p in settings.probe])):
        for number, name in enumerate(names):
            if name in names[:number]:
                where = place.of((section, number, "id" if section == "component" else "name"))
                raise SettingsError(f'{where}[[{section}]] "{name}" is there twice')
    for number, probe in enumerate(settings.probe):
        if probe.component not in ids:
            where = place.of(("probe", number, "component"))
            message = f'[[probe]] "{probe.name}" names the component "{probe.component}", which is not there'
            raise SettingsError(where + message + hint(probe.component, ids))
    for number, component in enumerate(settings.component):
        for other in component.depends_on:
            if other not in ids or other == component.id:
                where = place.of(("component", number, "depends_on"))
                raise SettingsError(
                    f'{where}"{component.id}" cannot depend on "{other}"{hint(other, ids)}'
                )
