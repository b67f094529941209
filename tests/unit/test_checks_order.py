"""Servers rotate what they say, and the quickest of them answers first: no verdict hangs on order.

Each case's evidence is judged again with its answers, records and servers shuffled.
"""

from __future__ import annotations

import random
from dataclasses import fields, is_dataclass, replace
from functools import cache

import pytest

from diagnostics.checks import CHECKS
from diagnostics.model import Case, Evidence, Finding
from facts import NameServer
from standards.dns_types import Lookup, Record
from tests.checks_fixtures import Expected
from tests.checks_parts import AT
from tests.unit.test_checks_cases import CASES

ROTATES = (Lookup, NameServer, Record)
STEPS = {"dnssec"}  # a walk from the root: its order is what was seen


@cache
def field_names(kind: type) -> tuple[str, ...]:
    """What a dataclass of this kind is made from; () of any other kind."""
    return tuple(f.name for f in fields(kind) if f.init) if is_dataclass(kind) else ()


def shuffled(value: object, dice: random.Random) -> object:
    """The same value with everything that servers rotate in another order."""
    if isinstance(value, tuple):
        rows = [shuffled(v, dice) for v in value]
        if len(rows) > 1 and all(isinstance(r, ROTATES) for r in rows):
            dice.shuffle(rows)
        return tuple(rows)
    changes = {}
    for name in field_names(type(value)):
        part = getattr(value, name)
        if isinstance(part, tuple) or field_names(type(part)):
            changes[name] = shuffled(part, dice)
    return replace(value, **changes) if changes else value


def plain(finding: Finding) -> tuple[object, ...]:
    """A finding without the order of what it lists."""
    args = {k: sorted(v) if isinstance(v, list) else v for k, v in finding.args.items()}
    return finding.id, sorted(args.items()), sorted(r.value for r in finding.records)


def judged(case: Case) -> list[tuple[object, ...]]:
    return [
        plain(finding)
        for check in CHECKS
        if all(key in case.evidence for key in check.needs)
        for finding in check.judge(case)
    ]


def by_id(findings: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return sorted(findings, key=str)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_no_verdict_hangs_on_the_order_of_answers(case: Expected) -> None:
    scene = case.scene()
    items = scene.evidence().items
    first = by_id(judged(Case(scene.subject(), Evidence(items), AT)))
    for seed in range(4):
        dice = random.Random(seed)
        other = {
            k: i if k in STEPS else replace(i, value=shuffled(i.value, dice))
            for k, i in items.items()
        }
        again = by_id(judged(Case(scene.subject(), Evidence(other), AT)))
        assert again == first
