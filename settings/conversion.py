"""Turns what was written in TOML or the environment into typed settings, or refuses it.
Every refusal names the key, the place, what is allowed and the nearest right name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from settings.durations import EXAMPLES, parse_duration
from settings.mistakes import UNNAMED, KeyPath, KeyPlace, WrongKeys, numbered, refuse
from settings.near_names import did_you_mean
from settings.schema import IDENTIFIER, URL, WEB_ORIGIN, ProbeSection, Settings
from settings.type_words import plain_reason
from settings.value_checks import dependency_circle, wrong_values

MOST_MISTAKES = 200  # told at a time
PATTERNS = {
    IDENTIFIER: 'allowed are small letters, digits, "-" and "_", at most 63',
    WEB_ORIGIN: "allowed is an address such as https://status.example.com, without a path",
    URL: "allowed is an address that begins with http:// or https://, without spaces",
}


def hint(name: str, allowed: object) -> str:
    names = sorted({str(a) for a in allowed}) if isinstance(allowed, (list, dict, tuple)) else []
    meant = did_you_mean(name, names) or "."
    return f"{meant} Allowed: {', '.join(names)}" if len(names) <= 30 else meant


def dotted_key(path: KeyPath) -> str:
    if len(path) > 1 and isinstance(path[1], int):
        return f"[[{path[0]}]] number {path[1] + 1}"
    return f"[{path[0]}]" if path else "the top level"


@dataclass(frozen=True, slots=True)
class ReadTables:
    """What could be read: settings in which nothing wrong is left, None when too much is wrong; what
    is wrong, a text for each with its place, and the keys that are, with what they held."""

    settings: Settings | None
    mistakes: tuple[str, ...]
    wrong: WrongKeys


def convert(raw: dict[str, object], place: KeyPlace) -> Settings:
    """The settings. Raises SettingsError that tells every mistake, a line for each."""
    tables = read_tables(raw, place)
    refuse(place.in_order(tables.mistakes))
    return tables.settings or Settings()


def read_tables(raw: dict[str, object], place: KeyPlace) -> ReadTables:
    """The settings without what is wrong, and what that was. Takes wrong keys out of `raw`."""
    unknown = list(_walk(raw, Settings, ()))
    mistakes = [f"{place.of(path)}{text}" for path, text in unknown]
    wrong: dict[KeyPath, object] = dict.fromkeys(path for path, _ in unknown)
    settings = None
    while settings is None:
        try:
            settings = msgspec.convert(raw, Settings, str_keys=True)
        except msgspec.ValidationError as error:
            mistake = _Mistake.of(str(error))
            if mistake.key_path not in wrong:
                mistakes.append(mistake.text(place))
                wrong[mistake.key_path] = mistake.value(raw)
            if len(mistakes) >= MOST_MISTAKES or not mistake.set_aside(raw):
                break
    return ReadTables(settings, tuple(mistakes), wrong)


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

    def text(self, place: KeyPlace) -> str:
        """The message: where, which key, why, and what is allowed."""
        key_path = self.path
        while len(key_path) > 2 and isinstance(key_path[-1], int):
            key_path = key_path[:-1]  # the list, not the number of its item
        if self.lacking:
            return (
                f'{place.of(self.key_path)}{dotted_key(self.path)} lacks the key "{self.lacking}"'
            )
        dotted = ".".join(str(p) for p in key_path)
        at = place.of(key_path or ("",))
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

    def value(self, raw: object) -> object:
        """What stands at the path."""
        for step in self.path:
            raw = _inside(raw, step)
        return raw

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
                unnamed = f"{UNNAMED}{last + 1 if isinstance(last, int) else 0}"
                item[self.lacking] = {} if self.lacking == "text" else unnamed
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
    raw: dict[str, object], kind: type[Struct], path: KeyPath
) -> Iterator[tuple[KeyPath, str]]:
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
            names = [name for name in hints if kind is not ProbeSection or name != "settings"]
            yield (*path, key), f'{dotted_key(path)} has no key "{key}"{hint(key, names)}'
        else:
            yield from _descend(raw, key, hints[key], (*path, key))


def _descend(
    raw: dict[str, object], key: str, type_hint: object, path: KeyPath
) -> Iterator[tuple[KeyPath, str]]:
    value, types = raw[key], (type_hint, *get_args(type_hint))
    inner = next((t for t in types if isinstance(t, type) and issubclass(t, Struct)), None)
    if timedelta in types:
        try:
            raw[key] = parse_seconds(value, path)
        except ValueError as error:
            del raw[key]
            yield path, str(error)
    elif inner is not None and isinstance(value, dict):
        yield from _walk(value, inner, path)
    elif inner is not None and isinstance(value, list):
        for number, table in enumerate(value):
            if isinstance(table, dict):
                yield from _walk(table, inner, (*path, number))


def parse_seconds(value: object, path: KeyPath) -> object:
    """A duration. Raises ValueError with the key and what is allowed."""
    if value in ("", "none"):
        return None
    try:
        length = parse_duration(value)
    except ValueError:
        length = timedelta()
    if not length:
        raise ValueError(
            f'"{path[-1]}" in {dotted_key(path)} is {value!r};'
            f" allowed is a positive duration such as {EXAMPLES}, up to 100 years"
        )
    return length


def check(settings: Settings, place: KeyPlace) -> None:
    """What types cannot say: names that must exist, be unique, or be readable. Raises SettingsError
    that tells every mistake."""
    refuse(place.in_order(wrong_settings(settings, place, {})))


def wrong_settings(settings: Settings, place: KeyPlace, wrong: WrongKeys) -> Iterator[str]:
    """The same mistakes, but none that follows from keys that were wrong already and set aside."""
    for path, text in (*_names(settings), *_values(settings)):
        if not is_about(path, text, wrong):
            yield f"{place.of(path)}{numbered(text)}"


def is_about(path: KeyPath, text: str, wrong: WrongKeys) -> bool:
    """Whether a mistake only says again that keys are wrong which were set aside."""
    if path in wrong or (path and path[-1] == "kind" and UNNAMED in text):
        return True
    wrong_ids = (
        f'"{value}"' for p, value in wrong.items() if p[0] == "component" and p[-1] == "id"
    )
    components = ("component",) in wrong or any(id_ in text for id_ in wrong_ids)
    if (
        components
        and path[-1:]
        and path[-1] in ("component", "components", "groups", "of", "depends_on")
    ):
        return True
    siblings = (p for p in wrong if len(p) > 1 and p[:-1] == path[: len(p) - 1])
    return any(re.search(rf"\b{re.escape(str(p[-1]))}\b", text) for p in siblings)


def _values(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    host, _, port = settings.server.bind.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        yield (
            ("server", "bind"),
            f'"bind" in [server] is {settings.server.bind!r}; allowed is address:port',
        )
    for path, reason in wrong_values(settings):
        yield path, f'"{path[-1]}" in {dotted_key(path)}: {reason}'


def _names(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    ids = [c.id for c in settings.component]
    named = (
        ("component", "id", ids),
        ("probe", "name", [p.name for p in settings.probe]),
        ("channel", "id", [c.id for c in settings.channel]),
        ("department", "id", [d.id for d in settings.department]),
        ("template", "id", [t.id for t in settings.template]),
    )
    for section, key, names in named:
        for number, name in enumerate(names):
            if name in names[:number]:
                yield (section, number, key), f'[[{section}]] "{name}" is there twice'
    for number, probe in enumerate(settings.probe):
        if probe.component not in ids:
            message = f'[[probe]] "{probe.name}" names the component "{probe.component}", which is not there'
            yield ("probe", number, "component"), message + hint(probe.component, ids)
    for number, component in enumerate(settings.component):
        where: KeyPath = ("component", number, "depends_on")
        for other in component.depends_on:
            if other == component.id:
                yield where, f'"{component.id}" cannot depend on itself'
            elif other not in ids:
                yield where, f'"{component.id}" cannot depend on "{other}"{hint(other, ids)}'
    if circle := dependency_circle(settings):
        where = ("component", ids.index(circle[0]), "depends_on")
        yield where, f"these depend on each other in a circle: {', '.join(circle)}"
