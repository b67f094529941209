"""The words of every check and finding, by id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from diagnostics.checks import CHECKS
from diagnostics.model import Check, FindingMessage


@dataclass(frozen=True, slots=True)
class FindingCatalogue:
    """The words of every check, by id."""

    checks: Mapping[str, Check]
    messages: Mapping[str, FindingMessage]

    @classmethod
    def of(cls, checks: Iterable[Check]) -> FindingCatalogue:
        all_checks = tuple(checks)
        return cls({c.id: c for c in all_checks}, {m.id: m for c in all_checks for m in c.messages})


CATALOGUE = FindingCatalogue.of(CHECKS)
