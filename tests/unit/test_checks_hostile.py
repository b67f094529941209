"""Whatever strangers put into DNS, HTTP, mail, registry and panel answers, judging never breaks."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from enum import Enum

import pytest

from diagnostics.checks import CHECKS
from diagnostics.model import Case, Evidence, Item
from render.message_format import sentence
from tests.checks_fixtures import Scene
from tests.checks_parts import AT
from tests.unit.test_checks_catalogue import MESSAGES, texts

NASTY = (
    "",
    " ",
    ".",
    "..",
    "\x00\xff",
    "[",
    "http://[",
    "https://[::1",
    "http://a:b:c/",
    "{domain}",
    "{0.__class__}",
    "%s%n",
    "<script>alert(1)</script>",
    "é" * 300,
    "x" * 5000,
    "10",
    "-1 -1",
    "10 mail. extra fields here",
    "99999999999999999999 13 2 zz",
    "257 3 13 not-base64!",
    "SOA 13 2 300 99999999999999 1 1 . x",
    "::ffff:10.0.0.1",
    "127.0.0.1:80",
    "xn--",
    "xn--.xn--",
)


def spoil(value: object, dice: random.Random, *, rate: float) -> object:
    """The same value with some of its texts and numbers made nasty."""
    if isinstance(value, Enum | bool):
        return value
    if isinstance(value, str | int):
        nasty = NASTY if isinstance(value, str) else (-1, 0, 10**18, 999)
        return dice.choice(nasty) if dice.random() < rate else value
    if isinstance(value, tuple):
        words = all(isinstance(v, str) for v in value)  # a header's name and value stay a pair
        return tuple(spoil(v, dice, rate=rate) for v in value if words or dice.random() > rate / 3)
    if is_dataclass(value):
        kept = {f.name: spoil(getattr(value, f.name), dice, rate=rate) for f in fields(value)}
        return replace(value, **kept)
    return value


def signed(scene: Scene) -> None:
    scene.ds, scene.dnskey = ("1 13 2 AB",), ("257 3 13 a2V5",)
    scene.signatures = {"SOA": "SOA 13 2 300 20260201000000 20251201000000 1 cafe.example. eA=="}


SCENES: tuple[Callable[[Scene], object], ...] = (lambda _: None, signed, lambda s: s.public())


@pytest.mark.parametrize("seed", range(60))
def test_judging_hostile_evidence(seed: int) -> None:
    dice = random.Random(seed)
    scene = Scene()
    SCENES[seed % len(SCENES)](scene)
    items: dict[str, Item[object]] = {}
    for key, item in scene.evidence().items.items():
        spoiled = spoil(item.value, dice, rate=dice.choice((0.02, 0.2, 0.7)))
        # A collector never yields a walk without a hop.
        if key == "web" and item.value is not None:
            chains = zip(item.value.chains, spoiled.chains, strict=False)
            sound = tuple(new if new.hops else old for old, new in chains)
            spoiled = replace(spoiled, chains=sound)
        items[key] = replace(item, value=spoiled)
    case = Case(scene.subject(), Evidence(items), AT)
    for check in CHECKS:
        if any(key not in case.evidence for key in check.needs):
            continue
        for finding in check.judge(case):
            if message := MESSAGES.get(finding.id):
                for text in texts(message):
                    assert isinstance(sentence("cs", text, finding.args), str)
            else:
                assert finding.id == f"{check.id}.unknown"
