"""Conditions on what an answer says: status sets, headers, text, JSON by path. Pure.

A JSON condition is one line: `path`, `path == value`, `!=`, `<`, `<=`, `>`, `>=`, `~ regex`; a path
is names and numbers, `checks[0].latency` or `a["odd name"]`; `len(path)` counts.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

import msgspec

from status.probing.probe_kind import pattern

_CONDITION = re.compile(r"^\s*(.+?)\s*(?:(==|!=|<=|>=|<|>|~)\s*(.+?)\s*)?$")
_STEP = re.compile(r"""\.?([A-Za-z_][\w\-]*)|\[(\d+)\]|\["([^"]*)"\]|\['([^']*)'\]""")
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class JsonCondition:
    """One line, read. `steps` lead to the value; an empty `operator` asks that it is there."""

    text: str
    steps: tuple[str | int, ...]
    counted: bool
    operator: str
    value: object


def statuses(sets: Iterable[int | str]) -> frozenset[int]:
    """Codes from 200, "2xx", "200-299". Raises ValueError."""
    found: set[int] = set()
    for one in sets:
        text = str(one)
        if match := re.fullmatch(r"([1-5])xx", text):
            found.update(range(int(match[1]) * 100, int(match[1]) * 100 + 100))
        elif match := re.fullmatch(r"([1-5]\d\d)(?:-([1-5]\d\d))?", text):
            found.update(range(int(match[1]), int(match[2] or match[1]) + 1))
        else:
            raise ValueError(f'{one!r} is no status such as 200, "2xx" or "200-299"')
    return frozenset(found)


def json_condition(text: str) -> JsonCondition:
    """One condition. Raises ValueError with what is wrong."""
    found = _CONDITION.match(text)
    if not found:
        raise ValueError(f"{text!r} is no JSON condition")
    path, compared, raw = found[1], found[2] or "", found[3] or ""
    counted = path.startswith("len(") and path.endswith(")")
    steps = _steps(path[4:-1] if counted else path, text)
    value: object = raw
    if compared == "~":
        pattern(raw.strip("\"'"))
        value = raw.strip("\"'")
    elif compared:
        try:
            value = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            value = raw.strip("'")
    return JsonCondition(text, steps, counted, compared, value)


def _steps(path: str, text: str) -> tuple[str | int, ...]:
    steps: list[str | int] = []
    rest = path.strip().removeprefix("$").strip()
    while rest:
        found = _STEP.match(rest)
        if not found or not found[0]:
            raise ValueError(f"{text!r}: the path cannot be read at {rest!r}")
        name, number, quoted, single = found.groups()
        steps.append(int(number) if number is not None else name or quoted or single or "")
        rest = rest[found.end() :]
    return tuple(steps)


def unmet(body: str, asked: Iterable[JsonCondition]) -> str:
    """ "" when the body meets every condition, else why not."""
    wanted = tuple(asked)
    if not wanted:
        return ""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return "the answer is not JSON"
    for one in wanted:
        value = _at(document, one.steps)
        if one.counted and isinstance(value, dict | list | str):
            value = len(value)
        if value is _ABSENT:
            return f"JSON: {one.text}: there is no such value"
        if not _holds(value, one):
            return f"JSON: {one.text} does not hold, it is {str(value)[:80]!r}"
    return ""


def _at(document: object, steps: tuple[str | int, ...]) -> object:
    for step in steps:
        listed = isinstance(document, list) and isinstance(step, int) and step < len(document)
        named = isinstance(document, dict) and step in document
        if not (listed or named):
            return _ABSENT
        document = cast("Mapping[str | int, object]", document)[step]
    return document


_COMPARED = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _holds(value: object, asked: JsonCondition) -> bool:
    match asked.operator:
        case "":
            return value is not None
        case "==":
            return value == asked.value
        case "!=":
            return value != asked.value
        case "~":
            return bool(re.search(str(asked.value), str(value)))
    if not isinstance(value, int | float) or not isinstance(asked.value, int | float):
        return False
    return bool(_COMPARED[asked.operator](value, asked.value))


def header_unmet(headers: Iterable[tuple[str, str]], asked: Mapping[str, str]) -> str:
    """ "" when every header matches its expression; "!" before it: must not match; "" absent."""
    seen: dict[str, list[str]] = {}
    for name, value in headers:
        seen.setdefault(name, []).append(value)
    for name, wanted in asked.items():
        values = seen.get(name.lower(), [])
        if not wanted:
            if values:
                return f"the header {name} is there"
            continue
        negated, text = wanted.startswith("!"), wanted.removeprefix("!")
        matched = any(re.search(text, value) for value in values)
        if matched is negated:
            shown = ", ".join(values)[:80] or "absent"
            return f"the header {name} is {shown!r}, {'not ' if negated else ''}wanted {text!r}"
    return ""
