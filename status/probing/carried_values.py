"""Values that one request of an http probe leaves for the next (a token, a cookie): found and put in. Pure.

A value is text of at most 16,384 characters without control characters, whatever a server sends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import msgspec

from facts import Exchange
from status.probing.probe_kind import parse_pattern
from status.probing.response_conditions import ABSENT, parse_path, value_at

MAX_VALUE = 16_384  # tokens of sign-ins with many groups are long
NAME = re.compile(r"[a-z_][a-z0-9_]{0,39}")
_FIELD = re.compile(r"\{\{(\w+)\}\}|\{([a-z_][a-z0-9_]{0,39})\}")  # "{{x}}" stands for "{x}" itself
_SLASH = re.compile(r"[/\\]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class NoValue(ValueError):
    """A value that cannot be found, kept or sent; the message says why and does not show it."""


@dataclass(frozen=True, slots=True)
class ValueSource:
    """Where a value is found: "json" with a path, "regex", "header" or "cookie" with a name."""

    kind: str
    argument: str

    def __str__(self) -> str:
        return f"{self.kind} {self.argument}"


def parse_source(text: str) -> ValueSource:
    """A source as settings write it. Raises ValueError with a plain reason."""
    kind, _, argument = text.strip().partition(" ")
    argument = argument.strip()
    if kind not in {"json", "regex", "header", "cookie"} or not argument:
        raise ValueError(
            f'{text!r} is no source such as "json data.token", "regex name=\\"csrf\\" value=\\"(.+?)\\"", '
            '"header X-Token" or "cookie session"'
        )
    if kind == "json":
        parse_path(argument)
    if kind == "regex" and parse_pattern(argument).groups != 1:
        raise ValueError(f"{argument!r} needs one group (in brackets): what is in it is carried on")
    return ValueSource(kind, argument)


def find_value(source: ValueSource, answer: Exchange, cookies: Mapping[str, str]) -> str:
    """The value in an answer, or in the cookies after it. Raises NoValue."""
    value: str | None = None
    match source.kind:
        case "json":
            value = _json_value(source, answer)
        case "regex":
            if match := parse_pattern(source.argument).search(answer.excerpt):
                value = match[1]
        case "header":
            value = answer.header(source.argument)
        case _:
            value = cookies.get(source.argument)
    if not value:
        raise NoValue(f"{source}: there is no such value")
    return checked_value(value, str(source))


def checked_value(value: str, where: str) -> str:
    """The value, when it may be sent on. Raises NoValue."""
    if len(value) > MAX_VALUE:
        raise NoValue(f"{where}: the value is longer than {MAX_VALUE} characters")
    if _CONTROL.search(value):
        raise NoValue(f"{where}: the value holds control characters")
    return value


def _json_value(source: ValueSource, answer: Exchange) -> str | None:
    if answer.truncated:
        raise NoValue(f"{source}: the answer is longer than 2 MB, too long to be read as JSON")
    try:
        document = msgspec.json.decode(answer.excerpt)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise NoValue(f"{source}: the answer is not JSON") from None
    value = value_at(document, parse_path(source.argument))
    if value is ABSENT or value is None:
        return None
    if isinstance(value, dict | list):
        raise NoValue(f"{source}: the value is neither text nor number")
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


# ------------------------------------------------------------------ putting them in
def names_in(text: object) -> set[str]:
    """The values that a text, or the texts in a JSON value, ask for."""
    if isinstance(text, str):
        return {match[2] for match in _FIELD.finditer(text) if match[2]}
    if isinstance(text, Mapping):
        return {name for pair in text.items() for part in pair for name in names_in(part)}
    if isinstance(text, list | tuple):
        return {name for part in text for name in names_in(part)}
    return set()


def fill(text: str, values: Mapping[str, str], spell: Callable[[str], str] = str) -> str:
    """The text with the values in place, each as `spell` writes it."""
    return _FIELD.sub(lambda m: f"{{{m[1]}}}" if m[1] else spell(values[m[2]]), text)


def fill_url(text: str, values: Mapping[str, str]) -> str:
    """An address with the values in place, percent-encoded: none can lead to another host or, by
    "..", to another path. Raises NoValue."""
    for segment in re.split(r"[?#]", text, maxsplit=1)[0].split("/"):
        names = names_in(segment)
        if names and {".", ".."} & set(_SLASH.split(fill(segment, values))):
            stated = ", ".join(f"{{{name}}}" for name in sorted(names))
            raise NoValue(f'{stated} is or holds "." or "..", which would lead to another path')
    return fill(text, values, lambda value: quote(value, safe=""))


def fill_header(text: str, values: Mapping[str, str]) -> str:
    """A header's value. Raises NoValue for what no header can hold."""
    for name in sorted(names_in(text)):
        if not values[name].isascii():
            raise NoValue(f"{{{name}}} holds characters that no header can hold")
    return fill(text, values)


def fill_pairs(fields: Mapping[str, str], values: Mapping[str, str]) -> list[tuple[str, str]]:
    """Fields of a form, whose names have values in place too; two may become the same."""
    return [(fill(name, values), fill(text, values)) for name, text in fields.items()]


def fill_json(value: object, values: Mapping[str, str]) -> object:
    """A JSON value whose texts have the values in place."""
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, Mapping):
        return {fill(str(k), values): fill_json(v, values) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [fill_json(part, values) for part in value]
    return value
