"""From what was written to typed settings; every refusal names the key, the place, what is allowed
and the nearest right name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from settings.durations import EXAMPLES, parse_duration
from settings.near_names import did_you_mean
from settings.schema import IDENTIFIER, URL, WEB_ORIGIN, ProbeSection, Settings
from settings.type_words import plain_reason
from settings.value_checks import KeyPath, dependency_circle, wrong_values

ENV = "JASNO_"
MOST_MISTAKES = 20  # told at a time
PATTERNS = {
    IDENTIFIER: 'allowed are small letters, digits, "-" and "_", at most 63',
    WEB_ORIGIN: "allowed is an address such as https://status.example.com, without a path",
    URL: "allowed is an address that begins with http:// or https://, without spaces",
}


class SettingsError(Exception):
    """The configuration cannot be used; the message names the key, the place and what is allowed."""


def variable(dotted: str) -> str:
    """The environment variable of a key."""
    return ENV + dotted.replace(".", "_").upper()


def hint(name: str, allowed: object) -> str:
    names = sorted(str(a) for a in allowed) if isinstance(allowed, (list, dict, tuple)) else []
    meant = did_you_mean(name, names) or "."
    return f"{meant} Allowed: {', '.join(names)}" if len(names) <= 30 else meant


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where in the file a key stands, for messages."""

    file: str
    text: str

    def of(self, path: KeyPath) -> str:
        """ "jasno.toml:12: " for a path such as ("probe", 1, "interval"); as near as can be told."""
        if not self.file:
            return ""
        names = [step for step in path[1:] if isinstance(step, str)]
        lines = [self._line(path, name) for name in reversed(names or [str(path[-1])])]
        exact = [number for number, is_exact in lines if is_exact]
        near = [number for number, _ in lines if number]
        return f"{self.file}:{(exact or near)[0]}: " if exact or near else f"{self.file}: "

    def _line(self, path: KeyPath, key: str) -> tuple[int, bool]:
        """The line of a key in the table of a path, and whether it is that key's own; 0 for none."""
        section, index = str(path[0]), path[1] if len(path) > 1 else ""
        position, inside, best = -1, len(path) == 1, 0
        for number, line in enumerate(self.text.splitlines(), 1):
            if head := re.match(r"\s*\[+\s*([\w.\-]+)", line):
                position += head[1] == section
                inside = head[1] == section and (not isinstance(index, int) or position == index)
                best = number if inside or head[1] == key else best
            elif inside and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line):
                return number, True
        return best, False


def dotted_key(path: KeyPath) -> str:
    if len(path) > 1 and isinstance(path[1], int):
        return f"[[{path[0]}]] number {path[1] + 1}"
    return f"[{path[0]}]" if path else "the top level"


def convert(raw: dict[str, object], place: KeyPlace, env: Mapping[str, object]) -> Settings:
    """The settings. Raises SettingsError that tells every mistake, a line for each."""
    mistakes = list(_walk(raw, Settings, (), place))
    set_aside: set[KeyPath] = set()  # keys that are there, and wrong
    while True:
        try:
            settings = msgspec.convert(raw, Settings, str_keys=True)
            break
        except msgspec.ValidationError as error:
            mistake = _Mistake.of(str(error))
            if mistake.key_path not in set_aside:
                mistakes.append(mistake.text(place, env))
            set_aside.add(mistake.key_path)
            if len(mistakes) >= MOST_MISTAKES or not mistake.set_aside(raw):
                break
    refuse(mistakes)
    return settings


def refuse(mistakes: Sequence[str]) -> None:
    """Raise one SettingsError for all mistakes; nothing when there is none."""
    if mistakes:
        raise SettingsError("\n".join(mistakes))


@dataclass(frozen=True, slots=True)
class _Mistake:
    """What msgspec found wrong first: why, and where."""

    reason: str
    path: KeyPath
    is_key: bool  # the key of a table is wrong, not its value

    @classmethod
    def of(cls, message: str) -> _Mistake:
        match = re.fullmatch(r"(?s)(.*?)(?: - at (`key` in )?`\$(.*)`)?", message)
        reason, key, where = match.groups() if match else (message, None, None)
        path = tuple(
            int(number) if number else name
            for name, number in re.findall(r"\.?([A-Za-z_][\w\-]*)|\[(\d+)\]", where or "")
        )
        return cls(reason, path, bool(key))

    @property
    def lacking(self) -> str:
        """The key that a table lacks, or ""."""
        match = re.fullmatch(r"Object missing required field `([^`]*)`", self.reason)
        return match[1] if match else ""

    @property
    def key_path(self) -> KeyPath:
        """The path of the key that is wrong or lacking."""
        return (*self.path, self.lacking) if self.lacking else self.path

    def text(self, place: KeyPlace, env: Mapping[str, object]) -> str:
        """The message: where, which key, why, and what is allowed."""
        key_path = self.path
        while len(key_path) > 2 and isinstance(key_path[-1], int):
            key_path = key_path[:-1]  # the list, not the number of its item
        if self.lacking:
            return (
                f'{place.of(self.key_path)}{dotted_key(self.path)} lacks the key "{self.lacking}"'
            )
        dotted = ".".join(str(p) for p in key_path)
        at = f"{variable(dotted)}: " if dotted in env else place.of(key_path or ("",))
        if self.is_key:
            wrong, allowed = self._wrong_key(), list(_words(self.path))
            return f'{at}"{key_path[-1]}" in {dotted_key(key_path)} has no key "{wrong}"{hint(wrong, allowed)}'
        key = f'"{key_path[-1]}" in {dotted_key(key_path)}' if len(key_path) > 1 else f'"{dotted}"'
        key = dotted_key(key_path) if isinstance((key_path or ("",))[-1], int) else key
        if self.reason == "Expected `array`, got `object`" and len(key_path) == 1:
            return f"{at}[{dotted}] is wrong: write [[{dotted}]], once for each"
        reason = plain_reason(self.reason[:1].lower() + self.reason[1:])
        for pattern, allowed_text in PATTERNS.items():
            if repr(pattern) in reason:
                return f"{at}{key} is wrong: {allowed_text}"
        words = list(_words(self.path)) if "enum" in reason else []
        allowed_words = f"; allowed: {', '.join(words)}" if words else ""
        return f"{at}{key} is wrong: {reason}{allowed_words}"

    def _wrong_key(self) -> str:
        quoted = re.search(r"'([^']*)'", self.reason)
        return quoted[1] if quoted else ""

    def set_aside(self, raw: dict[str, object]) -> bool:
        """Take out what is wrong, so that the next mistake can be found; False when it cannot be."""
        *way, last = self.path or ("",)
        table: object = raw
        for step in way:
            table = _inside(table, step)
        if self.is_key:
            table, last = _inside(table, last), self._wrong_key()
        elif self.lacking:
            item = _inside(table, last)
            if isinstance(item, dict):
                item[self.lacking] = {} if self.lacking == "text" else f"missing-{id(item)}"
            return isinstance(item, dict)
        if isinstance(table, dict) and last in table:
            del table[last]
            return True
        if isinstance(table, list) and isinstance(last, int) and way:
            parent: object = raw
            for step in way[:-1]:
                parent = _inside(parent, step)
            if isinstance(parent, dict) and way[-1] in parent:  # the whole list: numbers stay true
                del parent[way[-1]]
                return True
        return False


def _inside(table: object, step: str | int) -> object:
    if isinstance(table, dict):
        return table.get(step)
    if isinstance(table, list) and isinstance(step, int) and step < len(table):
        return table[step]
    return None


def _literals(kind: object) -> Iterator[str]:
    if get_origin(kind) is Literal:
        yield from (str(value) for value in get_args(kind))
    else:
        for inner in get_args(kind):
            yield from _literals(inner)


def _words(path: KeyPath) -> Iterator[str]:
    """What may stand at a path that takes one of a few words."""
    kind: object = Settings
    for step in path:
        table = next((k for k in (kind, *get_args(kind)) if hasattr(k, "__struct_fields__")), None)
        if isinstance(step, str) and isinstance(table, type):
            kind = get_type_hints(table, include_extras=True).get(step)
    yield from _literals(kind)


def _walk(
    raw: dict[str, object], kind: type[Struct], path: KeyPath, place: KeyPlace
) -> Iterator[str]:
    """Take out unknown keys and tell each with the nearest right name; turn "30s" into seconds."""
    hints = get_type_hints(kind, include_extras=True)
    for key in list(raw):
        if key not in hints or (kind is ProbeSection and key == "settings"):
            if kind is ProbeSection and key != "settings":
                own = raw.setdefault("settings", {})
                if isinstance(own, dict):
                    own[key] = raw.pop(key)
                continue
            del raw[key]
            where = f'{place.of((*path, key))}{dotted_key(path)} has no key "{key}"'
            yield where + hint(key, list(hints))
        else:
            yield from _descend(raw, key, hints[key], (*path, key), place)


def _descend(
    raw: dict[str, object], key: str, type_hint: object, path: KeyPath, place: KeyPlace
) -> Iterator[str]:
    value, types = raw[key], (type_hint, *get_args(type_hint))
    inner = next((t for t in types if isinstance(t, type) and issubclass(t, Struct)), None)
    if timedelta in types:
        try:
            raw[key] = parse_seconds(value, path, place)
        except SettingsError as error:
            del raw[key]
            yield str(error)
    elif inner is not None and isinstance(value, dict):
        yield from _walk(value, inner, path, place)
    elif inner is not None and isinstance(value, list):
        for number, table in enumerate(value):
            if isinstance(table, dict):
                yield from _walk(table, inner, (*path, number), place)


def parse_seconds(value: object, path: KeyPath, place: KeyPlace) -> object:
    if value in ("", "none"):
        return None
    try:
        length = parse_duration(value)
    except ValueError:
        length = timedelta()
    if not length:
        raise SettingsError(
            f'{place.of(path)}"{path[-1]}" in {dotted_key(path)} is {value!r};'
            f" allowed is a positive duration such as {EXAMPLES}, up to 100 years"
        )
    return length


def check(settings: Settings, place: KeyPlace) -> None:
    """What types cannot say: names that must exist, be unique, or be readable. Raises SettingsError
    that tells every mistake."""
    refuse([*_names(settings, place), *_values(settings, place)])


def _values(settings: Settings, place: KeyPlace) -> Iterator[str]:
    host, _, port = settings.server.bind.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        where = place.of(("server", "bind"))
        yield f'{where}"bind" is {settings.server.bind!r}; allowed is address:port'
    for path, reason in wrong_values(settings):
        yield f'{place.of(path)}"{path[-1]}" in {dotted_key(path)}: {reason}'


def _names(settings: Settings, place: KeyPlace) -> Iterator[str]:
    ids = [c.id for c in settings.component]
    for section, names in (("component", ids), ("probe", [p.name for p in settings.probe])):
        for number, name in enumerate(names):
            if name in names[:number]:
                where = place.of((section, number, "id" if section == "component" else "name"))
                yield f'{where}[[{section}]] "{name}" is there twice'
    for number, probe in enumerate(settings.probe):
        if probe.component not in ids:
            where = place.of(("probe", number, "component"))
            message = f'[[probe]] "{probe.name}" names the component "{probe.component}", which is not there'
            yield where + message + hint(probe.component, ids)
    for number, component in enumerate(settings.component):
        where = place.of(("component", number, "depends_on"))
        for other in component.depends_on:
            if other == component.id:
                yield f'{where}"{component.id}" cannot depend on itself'
            elif other not in ids:
                yield f'{where}"{component.id}" cannot depend on "{other}"{hint(other, ids)}'
    if circle := dependency_circle(settings):
        where = place.of(("component", ids.index(circle[0]), "depends_on"))
        yield f"{where}these depend on each other in a circle: {', '.join(circle)}"
