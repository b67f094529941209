"""Values of any evidence type with a mark planted in every text, and who would see each mark."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum

AT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
DEPTH = 6  # trees are planted this deep


class Planter:
    """Plants marks such as `qz7q`; `marks` says where each one stands: `key.field.field`."""

    def __init__(self):
        self.marks = {}

    def value(self, kind, path):  # noqa: PLR0911 - one line for each kind of type
        origin, args = typing.get_origin(kind), typing.get_args(kind)
        if origin in (types.UnionType, typing.Union):
            return self.value(next(a for a in args if a is not type(None)), path)
        if origin is tuple:
            return self._tuple(args, path)
        if origin is not None and issubclass(origin, Mapping):
            return {self._mark(path): self.value(args[1], path)}
        if kind is str:
            return self._mark(path)
        if dataclasses.is_dataclass(kind):
            return self._record(kind, path)
        if issubclass(kind, Enum):
            return next(iter(kind))
        return {bool: True, int: 7, float: 7.0, datetime: AT, date: AT.date()}.get(
            kind, timedelta(seconds=7)
        )

    def _tuple(self, args, path):
        if len(path.split(".")) > DEPTH:
            return ()
        kinds = args[:1] if len(args) == 2 and args[1] is Ellipsis else args
        return tuple(self.value(kind, path) for kind in kinds)

    def _record(self, kind, path):
        if len(path.split(".")) > DEPTH + 2:
            return None
        hints = typing.get_type_hints(kind)
        fields = {f.name for f in dataclasses.fields(kind)}
        return kind(**{n: self.value(hints[n], f"{path}.{n}") for n in fields})

    def _mark(self, path):
        mark = f"qz{len(self.marks)}q"
        self.marks[mark] = path
        return mark


def marked(text, marks):
    """Where the marks found in a text were planted."""
    return sorted({where for mark, where in marks.items() if mark in text})
