"""Parses and tests conditions on headers and JSON of an answer, and sets of statuses, for http_conditions.py. Pure.

A JSON condition is one line: `path`, `path == value`, `!=`, `<`, `<=`, `>`, `>=`, `~ regex`; a path
is names and numbers, `checks[0].latency`, `checks[-1].state` (the last one) or `a["odd name"]`;
`len(path)` counts.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeGuard, cast

import msgspec

from status.probing.probe_kind import parse_pattern

_CONDITION = re.compile(r"^\s*(.+?)\s*(?:(==|!=|<=|>=|<|>|~)\s*(.+?)\s*)?$")
_STEP = re.compile(r"""\.?([A-Za-z_][\w\-]*)|\[(-?\d{1,9})\]|\["([^"]*)"\]|\['([^']*)'\]""")
ABSENT = object()


@dataclass(frozen=True, slots=True)
class JsonCondition:
    """One line, read. `steps` lead to the value; an empty `operator` asks that it is there."""

    text: str
    steps: tuple[str | int, ...]
    counted: bool
    operator: str
    value: object


def parse_statuses(sets: Iterable[int | str]) -> frozenset[int]:
    """Codes from 200, "2xx", "200-299". Raises ValueError."""
    codes: set[int] = set()
    for item in sets:
        text = str(item)
        if match := re.fullmatch(r"([1-5])xx", text):
            codes.update(range(int(match[1]) * 100, int(match[1]) * 100 + 100))
        elif match := re.fullmatch(r"([1-5]\d\d)(?:-([1-5]\d\d))?", text):
            codes.update(range(int(match[1]), int(match[2] or match[1]) + 1))
        else:
            raise ValueError(f'{item!r} is no status such as 200, "2xx" or "200-299"')
    return frozenset(codes)


def parse_json_condition(text: str) -> JsonCondition:
    """One condition. Raises ValueError with what is wrong."""
    match = _CONDITION.match(text)
    if not match:
        raise ValueError(f"{text!r} is no JSON condition")
    path, comparison, raw = match[1], match[2] or "", match[3] or ""
    counted = path.startswith("len(") and path.endswith(")")
    steps = parse_path(path[4:-1] if counted else path, text)
    value: object = raw
    if comparison == "~":
        parse_pattern(raw.strip("\"'"))
        value = raw.strip("\"'")
    elif comparison:
        try:
            value = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            value = raw.strip("'")
    return JsonCondition(text, steps, counted, comparison, value)


def parse_path(path: str, text: str = "") -> tuple[str | int, ...]:
    """The names and numbers that lead to a value. Raises ValueError that quotes `text`."""
    steps: list[str | int] = []
    rest = path.strip().removeprefix("$").strip()
    while rest:
        match = _STEP.match(rest)
        if not match or not match[0]:
            raise ValueError(f"{text or path!r}: the path cannot be read at {rest!r}")
        name, number, quoted, single = match.groups()
        steps.append(int(number) if number is not None else name or quoted or single or "")
        rest = rest[match.end() :]
    return tuple(steps)


Quoted = Callable[[str], str]


def unmet_json_condition(
    body: str, conditions: Iterable[JsonCondition], quoted: Quoted = str
) -> str:
    """ "" when the body meets every condition, else why not; `quoted` says what may be told of a
    text that is in it."""
    required = tuple(conditions)
    if not required:
        return ""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return "the answer is not JSON"
    for condition in required:
        value = value_at(document, condition.steps)
        if condition.counted and isinstance(value, dict | list | str):
            value = len(value)
        if value is ABSENT:
            return f"JSON: {condition.text}: there is no such value"
        if not _holds(value, condition):
            seen = quoted(f", it is {_text_of(value)[:80]!r}")
            return f"JSON: {condition.text} does not hold{seen}"
    return ""


def value_at(document: object, steps: tuple[str | int, ...]) -> object:
    """The value in a JSON document; ABSENT when there is none."""
    for step in steps:
        is_index = (
            isinstance(document, list)
            and isinstance(step, int)
            and -len(document) <= step < len(document)
        )
        is_key = isinstance(document, dict) and step in document
        if not (is_index or is_key):
            return ABSENT
        document = cast("Mapping[str | int, object]", document)[step]
    return document


_COMPARED = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _holds(value: object, condition: JsonCondition) -> bool:
    match condition.operator:
        case "":
            return value is not None
        case "==":
            return _is_same(value, condition.value)
        case "!=":
            return not _is_same(value, condition.value)
        case "~":
            return bool(re.search(str(condition.value), _text_of(value)))
    if not _is_number(value) or not _is_number(condition.value):
        return False
    return bool(_COMPARED[condition.operator](value, condition.value))


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_same(left: object, right: object) -> bool:
    """Equal as JSON values: `true` is no number, 1 and 1.0 are one number."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_is_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_is_same(left[k], right[k]) for k in left)
    return left == right


def _text_of(value: object) -> str:
    """A string as it is, any other value as JSON writes it."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def unmet_header(
    headers: Iterable[tuple[str, str]], expected: Mapping[str, str], quoted: Quoted = str
) -> str:
    """ "" when every header matches its expression; "!" before it: must not match; "" absent.
    `quoted` says what may be told of a text that is in one."""
    values_by_name: dict[str, list[str]] = {}
    for name, value in headers:
        values_by_name.setdefault(name, []).append(value)
    for name, expression in expected.items():
        values = values_by_name.get(name.lower(), [])
        if not expression:
            if values:
                return f"the header {name} is there"
            continue
        negated, text = expression.startswith("!"), expression.removeprefix("!")
        matched = any(re.search(text, value) for value in values)
        if matched is negated:
            seen = quoted(f"is {(', '.join(values)[:80] or 'absent')!r}") or (
                "is another" if values else "is absent"
            )
            return f"the header {name} {seen}, {'not ' if negated else ''}wanted {text!r}"
    return ""
