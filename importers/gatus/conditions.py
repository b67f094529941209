"""Gatus' conditions, one line each, as keys of our probes. Pure."""

from __future__ import annotations

import json
import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from importers.source import NotImported

_COMPARISON = re.compile(r" (==|!=|<=|>=|<|>) ")
_GO_DURATION = re.compile(r"(?<![\d.])(\d{1,12}(?:\.\d{1,12})?+)(ns|us|µs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_DAY = 86_400
UNLIKE = "has no match here"
_ALL_STATUSES = frozenset(range(100, 600))
_COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt,
    "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


@dataclass(slots=True)
class ProbeConditions:
    """Keys of a probe as conditions are added, and what changed its meaning."""

    kind: str
    values: dict[str, object] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    statuses: frozenset[int] = _ALL_STATUSES

    def add(self, condition: str) -> None:
        """One more. Raises NotImported."""
        parts = _COMPARISON.split(condition, maxsplit=1)
        if len(parts) != 3:
            raise NotImported("is no condition")
        subject, comparison, value = (part.strip() for part in parts)
        if subject == "[STATUS]" and self.kind == "http":
            self._add_statuses(_statuses(comparison, value))
        elif subject == "[RESPONSE_TIME]" and comparison in ("<", "<="):
            self._set("slow_after", _number(value) / 1000)
            self.changes.append("slower is degraded here, where Gatus has it down")
        elif subject == "[CERTIFICATE_EXPIRATION]" and comparison in (">", ">="):
            self._set("certificate_days_down", math.ceil(seconds(value) / _DAY))
        elif subject == "[CONNECTED]" and (comparison, value) == ("==", "true"):
            return  # every kind asks for that
        elif subject == "[DNS_RCODE]" and (comparison, value) == ("==", "NOERROR"):
            return
        elif subject == "[DOMAIN_EXPIRATION]":
            raise NotImported(
                'a domain has a probe of its own here: kind = "domain", days_down = …'
            )
        elif subject.startswith(("[BODY]", "len([BODY]", "has([BODY]")):
            self._add_body(subject, comparison, value)
        else:
            raise NotImported(UNLIKE)

    def _add_body(self, subject: str, comparison: str, value: str) -> None:
        if self.kind == "dns" and (subject, comparison) == ("[BODY]", "=="):
            if _alternatives(value):
                raise NotImported("any of several values: here all that are named must be there")
            self._set("expect", [value])
        elif self.kind != "http":
            raise NotImported(UNLIKE)
        elif subject == "[BODY]" or (subject == "len([BODY])" and comparison == "=="):
            self._add_text(subject, comparison, value)
        else:
            conditions = self.values.setdefault("json", [])
            assert isinstance(conditions, list)
            conditions.append(_json_condition(subject, comparison, value))

    def _add_text(self, subject: str, comparison: str, value: str) -> None:
        if subject != "[BODY]" or comparison not in ("==", "!="):
            raise NotImported(UNLIKE)
        pattern = _pattern(value)
        inner = re.fullmatch(r"pat\(\*([^*?\[\]\\]+)\*\)", value)
        if inner:
            self._set("contains" if comparison == "==" else "lacks", inner[1])
        else:
            expression = rf"\A{pattern}\Z" if pattern else rf"\A\s*{re.escape(value)}\s*\Z"
            self._set("matches" if comparison == "==" else "lacks_match", expression)

    def _add_statuses(self, statuses: frozenset[int]) -> None:
        """All that speak of it must agree: the statuses that each of them allows."""
        allowed = statuses & self.statuses
        if not allowed:
            raise NotImported("no status is left by it and the conditions before it")
        self.statuses = allowed
        self.values["status"] = list(_ranges(allowed))

    def _set(self, key: str, value: object) -> None:
        if key in self.values:
            raise NotImported(f"`{key}` is taken by another condition")
        self.values[key] = value


def seconds(duration: str) -> float:
    """A duration of Go, "1h30m". Raises NotImported."""
    parts = _GO_DURATION.findall(duration)
    if not parts or "".join(n + u for n, u in parts) != duration.strip():
        raise NotImported(f'"{duration}" is no duration')
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise NotImported(f'"{text}" is no number') from None


def _statuses(comparison: str, value: str) -> frozenset[int]:
    """The statuses that a comparison allows."""
    if several := _alternatives(value):
        if comparison != "==":
            raise NotImported(UNLIKE)
        return frozenset(int(_number(code)) for code in several)
    holds, number = _COMPARED[comparison], _number(value)
    return frozenset(status for status in _ALL_STATUSES if holds(status, number))


def _ranges(statuses: frozenset[int]) -> Iterator[int | str]:
    """Statuses as settings write them: each, and where several follow each other, from and to."""
    for first in sorted(s for s in statuses if s - 1 not in statuses):
        last = next(s for s in range(first, 1000) if s + 1 not in statuses)
        yield first if first == last else f"{first}-{last}"


def _json_condition(subject: str, comparison: str, value: str) -> str:
    function = re.fullmatch(r"(len|has)\(\[BODY\]\.?(.+)\)", subject)
    path = function[2] if function else re.sub(r"^\[BODY\]\.?", "", subject)
    if "[BODY]" in value or "[*]" in path:
        raise NotImported("compares two values, or many at once")
    if function and function[1] == "has":
        if (comparison, value) == ("==", "true"):
            return path
        raise NotImported(UNLIKE)
    counted = f"len({path})" if function else path
    if several := _alternatives(value):
        if comparison != "==":
            raise NotImported(UNLIKE)
        return f"{counted} ~ ^(?:{'|'.join(map(re.escape, several))})$"
    if pattern := _pattern(value):
        if comparison != "==":
            raise NotImported(UNLIKE)
        return f"{counted} ~ (?s)^{pattern}$"
    return f"{counted} {comparison} {_literal(value)}"


def _literal(value: str) -> str:
    """A value as JSON writes it: Gatus compares as text or number, whatever fits."""
    if value in ("true", "false", "null") or re.fullmatch(r"-?\d+(\.\d+)?", value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _alternatives(value: str) -> list[str]:
    match = re.fullmatch(r"any\((.*)\)", value)
    return [part.strip() for part in match[1].split(",")] if match else []


def _pattern(value: str) -> str:
    """The expression that says what `pat(…)` does; "" when it is none."""
    match = re.fullmatch(r"pat\((.*)\)", value, re.DOTALL)
    return "".join(_glob(match[1])) if match else ""


def _glob(text: str) -> Iterable[str]:
    for character in text:
        yield {"*": r"[\s\S]*", "?": r"[\s\S]"}.get(character, re.escape(character))
