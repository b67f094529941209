"""What msgspec finds wrong with a value, in words for people who write TOML."""

from __future__ import annotations

import re

_TYPES = {
    "array": "a list in square brackets",
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "null": "nothing",
    "object": "a table of keys and values",
    "str": "a text in quotation marks",
}
_REASON = re.compile(r"[Ee]xpected `([^`]+)`(?:, got `([^`]+)`|( .+))?")
_BOUNDS = (
    (re.compile(r"of length >= (\d+)"), "of {0} or more"),
    (re.compile(r"of length <= (\d+)"), "of at most {0}"),
    (re.compile(r">= (\S+)"), "of {0} or more"),
    (re.compile(r"<= (\S+)"), "of at most {0}"),
    (re.compile(r"> (\S+)"), "above {0}"),
    (re.compile(r"< (\S+)"), "below {0}"),
)
_COUNTED = {"str": " characters", "array": " entries", "object": " keys"}


def plain_reason(reason: str) -> str:
    """The reason in plain words; one that is no matter of types or bounds stays as it is."""
    match = _REASON.fullmatch(reason)
    if match is None or not all(name in _TYPES for name in match[1].split(" | ")):
        return reason
    expected = [name for name in match[1].split(" | ") if name != "null"]
    if match[3]:
        return f"{_words(expected)}{_bound(match[3].strip(), expected[0])} belongs here"
    instead = f", not {_TYPES.get(match[2], match[2])}" if match[2] else ""
    return f"{_words(expected)} belongs here{instead}"


def _words(names: list[str]) -> str:
    return " or ".join(_TYPES[name] for name in names) or _TYPES["null"]


def _bound(text: str, name: str) -> str:
    for pattern, words in _BOUNDS:
        if bound := pattern.fullmatch(text):
            if text == "of length >= 1":
                return " that is not empty"
            return f" {words.format(bound[1])}{_COUNTED.get(name, '')}"
    return f" {text}"


def plain_message(message: str) -> str:
    """A whole message of msgspec, with the key that is meant: '"secrets": a text … belongs here'."""
    reason, _, path = message.partition(" - at `$.")
    key = path.removesuffix("`").replace("[...]", "")
    return f'"{key}": {plain_reason(reason)}' if key else plain_reason(message)
