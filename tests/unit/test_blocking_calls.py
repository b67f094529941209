"""A source that hangs holds up no other: each has threads of its own, and is left when all hang."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from diagnostics.collection import collect_evidence
from diagnostics.collectors.blocking_calls import BlockingCalls, SourceBlocked
from diagnostics.collectors.hosting import account, open_incident
from diagnostics.collectors.model import Sources
from diagnostics.evidence.keys import HOSTING, KNOWN_INCIDENT
from diagnostics.model import Missing, Scope
from hosting.model import Account, HostedService, HostingFacts, ServiceKind
from hosting.panel import PanelError
from observe.network import Network
from subject import parse_subject
from tests.process_fixtures import until

SHOP = "cafe.example"


@dataclass(frozen=True)
class Outage:
    id: str = "7"
    title: Mapping[str, str] = field(default_factory=lambda: {"en": "Mail does not arrive"})
    since: object = None
    url: Mapping[str, str] = field(default_factory=dict)
    planned: bool = False
    is_outage: bool = True
    servers: tuple[str, ...] = ()


class HangingPanel:
    """Answers nobody until it is let go."""

    def __init__(self):
        self.free = threading.Event()
        self.calls = 0

    def facts(self, account_id, domain):
        self.calls += 1
        self.free.wait(60)
        raise PanelError("too late")


@pytest.fixture
def panel():
    hanging_panel = HangingPanel()
    yield hanging_panel
    hanging_panel.free.set()


@pytest.fixture
def sources(clock, panel):
    new_sources = Sources(
        Network.from_table({"closed": True}, clock=clock),
        panel=panel,
        incident=lambda machines, domain: Outage(),
        panel_calls=BlockingCalls("the panel", 4),
        incident_calls=BlockingCalls("the publication", 1),
    )
    yield new_sources
    new_sources.panel_calls.close()
    new_sources.incident_calls.close()


COLLECTORS = (
    replace(account.COLLECTOR, deadline=timedelta(seconds=4)),
    open_incident.COLLECTOR,
)


async def run(sources, landed):
    """One run of a contact; when each of its items landed, in seconds."""
    began = time.monotonic()

    async def note(item):
        landed.append((item.key, time.monotonic() - began, item))

    return await collect_evidence(
        parse_subject(SHOP), Scope.CONTACT, sources=sources, collectors=COLLECTORS,
        keys=(HOSTING, KNOWN_INCIDENT), account="A-1", on_item=note,
    )  # fmt: skip


async def test_a_hanging_panel_never_makes_a_known_incident_late(sources, panel):
    """A dozen people ask in the hour of the incident, and the panel takes all its threads."""
    landed = []
    await asyncio.gather(*(run(sources, landed) for _ in range(12)))
    assert Counter(key for key, _, _ in landed) == {HOSTING.name: 12, KNOWN_INCIDENT.name: 12}
    incidents = [(at, item.value.id) for key, at, item in landed if key == KNOWN_INCIDENT.name]
    assert {id for _, id in incidents} == {"7"}  # noqa: A001
    assert max(at for at, _ in incidents) < open_incident.SOON + 1.5
    assert panel.calls == 4, "never more threads than it may have"
    # the panel holds all its threads: who comes now is told at once that it was not seen
    landed.clear()
    await run(sources, landed)
    assert all(at < 1 for _, at, _ in landed)
    (hosting,) = (item for key, _, item in landed if key == HOSTING.name)
    assert (hosting.missing, hosting.detail) == (Missing.TROUBLE, "the panel does not answer")
    assert panel.calls == 4


async def test_machines_are_asked_for_when_the_panel_is_slow_but_answers(sources, panel, clock):
    calls = []

    def find(machines, domain):
        calls.append(machines)
        return Outage() if machines else None

    web = HostedService("1", ServiceKind.PROJECT, "Web hosting", server="web7")
    facts = HostingFacts(Account("A-1", "Café", (SHOP,)), (web,), (), (), (), (), clock.now())
    panel.facts = lambda account_id, domain: time.sleep(open_incident.SOON + 0.5) or facts
    landed = []
    evidence = await run(replace(sources, incident=find), landed)
    assert calls == [(), ("web7",)]
    assert evidence.get(KNOWN_INCIDENT).id == "7"


async def test_threads_that_come_back_are_used_again(panel):
    calls = BlockingCalls("the panel", 1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await calls.run(panel.facts, "A-1", SHOP)
    with pytest.raises(SourceBlocked, match="the panel does not answer"):
        await calls.run(panel.facts, "A-1", SHOP)
    panel.free.set()
    await asyncio.to_thread(until, lambda: not calls.hangs)
    assert await calls.run(sorted, [2, 1]) == [1, 2]
    with pytest.raises(PanelError):
        await calls.run(panel.facts, "A-1", SHOP)
    calls.close()


async def test_a_call_that_was_given_up_before_it_began_never_runs(panel):
    calls = BlockingCalls("the panel", 1)
    first = asyncio.create_task(calls.run(panel.facts, "A-1", SHOP))
    second = asyncio.create_task(calls.run(panel.facts, "A-1", SHOP))
    await asyncio.sleep(0.05)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert not calls.hangs
    panel.free.set()
    with pytest.raises(PanelError):
        await first
    assert panel.calls == 1
    calls.close()
