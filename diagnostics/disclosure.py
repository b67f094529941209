"""Who may see a piece of evidence: declared with its key, down to the fields of its value. Pure.

`wizard/runs/privacy.py` makes the views from these declarations and from nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, cast

from subject import Subject

# (the value that has the field, the subject of the run) → what strangers see in the field.
Reduction = Callable[[Any, Subject], object]


class Audience(StrEnum):
    """Who sees a value, all of it."""

    EVERYONE = "everyone"  # whoever holds a link to the report
    RUN_SCOPE = "run_scope"  # everyone when the run looked as a stranger; else as ACCOUNT
    ACCOUNT = "account"  # contacts of the account, and staff
    ASKER = "asker"  # who began the run, and staff: it holds what they typed


class UndeclaredField(TypeError):
    """A declaration that leaves a field of its type out, or names one that the type lacks."""


@dataclass(frozen=True, slots=True)
class Partly:
    """A value of which strangers see a part. Each field of the type is named exactly once:

    `shown` as it is; `withheld` with what stands in its place; `reduced` by a function.
    Raises UndeclaredField where one is missing, so that a new field cannot be forgotten.
    """

    type: type[Any]
    shown: tuple[str, ...]
    withheld: Mapping[str, object] = field(default_factory=dict)
    reduced: Mapping[str, Reduction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        declared = [*self.shown, *self.withheld, *self.reduced]
        field_names = {f.name for f in fields(self.type)}
        misdeclared = field_names.symmetric_difference(declared)
        misdeclared |= {name for name in declared if declared.count(name) > 1}
        if misdeclared:
            names = ", ".join(sorted(misdeclared))
            raise UndeclaredField(f"{self.type.__name__}: say once who sees {names}")

    def public(self, value: object, subject: Subject) -> object:
        """The value as strangers may see it."""
        changes = {name: reduce(value, subject) for name, reduce in self.reduced.items()}
        return replace(cast("Any", value), **self.withheld, **changes)


Disclosure = Audience | Partly


def each(name: str, part: Partly) -> Reduction:
    """A reduction of a tuple field: each of its values by their own declaration."""
    return lambda value, subject: tuple(part.public(v, subject) for v in getattr(value, name))
