"""Looking around: once per run, side by side, in scope, under a hard end."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest

from diagnostics.collection import collect_evidence
from diagnostics.collectors.model import Collector, NotCollected, Sources
from diagnostics.disclosure import Audience
from diagnostics.model import Key, Missing, Scope
from observe.network import Network
from standards.dns_types import Trouble
from subject import Subject, SubjectKind

SUBJECT = Subject(SubjectKind.DOMAIN, "shop.example", "shop.example", "shop.example")
SOURCES = Sources(Network(closed=True))
A, B, C, D = (Key(name, str, Audience.EVERYONE) for name in "abcd")
PRIVATE = Key("private", str, Audience.ACCOUNT)


class Panel:
    """A panel that must not be reached."""


def after(seconds, value="seen"):
    async def collect(_ask):
        await asyncio.sleep(seconds)
        return value

    return collect


async def look(*collectors, scope=Scope.PUBLIC, **more):
    return await collect_evidence(SUBJECT, scope, sources=SOURCES, collectors=collectors, **more)


async def test_independent_collectors_run_side_by_side() -> None:
    began = time.monotonic()
    evidence = await look(
        Collector(A, "", after(0.2)),
        Collector(B, "", after(0.2)),
        Collector(C, "", after(0.1), after=(A,)),
    )
    assert time.monotonic() - began < 0.45
    assert {k: i.value for k, i in evidence.items.items()} == dict.fromkeys("abc", "seen")


async def test_each_fact_is_gathered_once() -> None:
    calls = []

    async def first(_ask):
        calls.append("a")
        await asyncio.sleep(0.01)
        return "seen"

    async def second(ask):
        both = await asyncio.gather(ask.gather(A), ask.gather(A))
        return both[0].value

    evidence = await look(
        Collector(A, "", first), Collector(B, "", second, after=(A,)), Collector(C, "", second)
    )
    assert calls == ["a"]
    assert evidence.get(C) == "seen"


async def test_only_what_is_wanted_and_what_that_needs_is_gathered() -> None:
    landed = []

    async def note(item):
        landed.append(item.key)

    evidence = await look(
        Collector(A, "", after(0)),
        Collector(B, "", after(0), after=(A,)),
        Collector(C, "", after(0)),
        keys=(B,),
        on_item=note,
    )
    assert landed == ["a", "b"]
    assert set(evidence.items) == {"a", "b"}


async def test_a_failing_collector_is_a_value(caplog) -> None:
    async def broken(_ask):
        raise RuntimeError("boom")

    async def silent(_ask):
        return NotCollected(Missing.TROUBLE, "ns1", Trouble.TIMEOUT)

    evidence = await look(
        Collector(A, "", broken), Collector(B, "", silent), Collector(C, "", after(0))
    )
    assert (evidence.items["a"].missing, evidence.items["a"].detail) == (Missing.TROUBLE, "broken")
    assert (evidence.items["b"].trouble, evidence.items["b"].detail) == (Trouble.TIMEOUT, "ns1")
    assert evidence.get(C) == "seen"
    assert "boom" in caplog.text


async def test_a_slow_collector_ends_at_its_own_deadline() -> None:
    slow = Collector(A, "", after(5), deadline=timedelta(milliseconds=50))
    evidence = await look(slow, Collector(B, "", after(0)))
    assert (evidence.items["a"].missing, evidence.items["a"].trouble) == (
        Missing.TROUBLE,
        Trouble.TIMEOUT,
    )


async def test_the_hard_end_holds_whatever_a_collector_does() -> None:
    async def stubborn(_ask):
        while True:
            try:
                await asyncio.sleep(2)
            except asyncio.CancelledError:
                await asyncio.sleep(0)
                raise

    began = time.monotonic()
    evidence = await look(
        Collector(A, "", stubborn),
        Collector(B, "", after(0), after=(A,)),
        Collector(C, "", after(0)),
        hard_end=timedelta(milliseconds=100),
    )
    assert time.monotonic() - began < 1
    assert {k: i.missing for k, i in evidence.items.items()} == {
        "a": Missing.LATE,
        "b": Missing.LATE,
        "c": None,
    }


async def test_items_land_as_they_come() -> None:
    order = []

    async def note(item):
        order.append(item.key)

    await look(Collector(A, "", after(0.1)), Collector(B, "", after(0)), on_item=note)
    assert order == ["b", "a"]


async def test_when_keeping_fails_nothing_is_left_running() -> None:
    async def note(_item):
        raise OSError("the database is away")

    with pytest.raises(OSError, match="away"):
        await look(Collector(A, "", after(0)), Collector(B, "", after(60)), on_item=note)
    assert [t for t in asyncio.all_tasks() if t is not asyncio.current_task()] == []


async def test_public_scope_never_comes_near_the_panel() -> None:
    calls = []

    async def peek(ask):
        calls.append((ask.sources.panel, ask.account))
        return "seen"

    async def forbidden(_ask):
        raise AssertionError

    sources = await collect_evidence(
        SUBJECT,
        Scope.PUBLIC,
        sources=Sources(Network(closed=True), panel=Panel()),
        collectors=(Collector(A, "", peek), Collector(PRIVATE, "", forbidden, scope=Scope.CONTACT)),
        account="A100",
    )
    assert calls == [(None, "")]
    assert sources.items["private"].missing is Missing.WITHHELD


async def test_what_everybody_sees_is_gathered_as_for_a_stranger() -> None:
    calls = []

    async def peek(ask):
        calls.append((ask.sources.panel, ask.account, ask.scope, dict(ask.answers)))
        return (await ask.gather(PRIVATE)).value

    collectors = (
        Collector(A, "", peek),
        Collector(PRIVATE, "", after(0, "panel says"), scope=Scope.CONTACT),
    )
    sources = await collect_evidence(
        SUBJECT,
        Scope.STAFF,
        sources=Sources(Network(closed=True), panel=Panel()),
        collectors=collectors,
        account="A100",
        answers={"records": "pasted"},
    )
    assert calls == [(None, "", Scope.PUBLIC, {})]
    assert sources.items["a"].detail == "broken"  # it asked for what it would have shown to all
    assert sources.items["private"].value == "panel says"
