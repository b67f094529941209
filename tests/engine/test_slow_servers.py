"""A dead name server holds up nobody but those who wait for its word, and is told in the end."""

from __future__ import annotations

import asyncio

import pytest

import lab
from clock import SystemClock
from diagnostics.checks import CHECKS
from diagnostics.collection import collect_evidence
from diagnostics.collectors import COLLECTORS
from diagnostics.collectors.model import Sources
from diagnostics.evaluation import evaluate
from diagnostics.evidence.keys import DELEGATION, SERVERS
from diagnostics.evidence.web import WEB
from diagnostics.model import FindingStatus, Item, Run, RunState, Scope
from lab.answer import page
from lab.world import Domain, LabNameserver, LabSite, ServerFault, WebServer, World
from observe.budget import Budget
from observe.network import Network
from subject import parse_subject

NS = ("ns1.host.example", "ns2.host.example", "ns3.host.example")
WORLD = World(
    nameservers=tuple(
        LabNameserver(name=name, addresses=(f"31.60.0.{at}",)) for at, name in enumerate(NS, 1)
    ),
    web_servers=(WebServer(name="web.lab.example", addresses=("31.53.12.12",)),),
    sites=(LabSite(names=("half.example",), server="web.lab.example", http=page("Half")),),
    domains=(
        Domain(
            name="half.example",
            servers=NS[:2],
            records=("@ A 31.53.12.12", "www A 31.53.12.12"),
            faults={NS[1]: ServerFault.SILENT},
        ),
        # The zone names a third server, which the registry does not; it refuses.
        Domain(
            name="third.example",
            servers=NS[:2],
            records=("@ A 31.53.12.12", "www A 31.53.12.12"),
            own_ns=NS,
            parent_ns=NS[:2],
        ),
    ),
)


@pytest.fixture(scope="module")
def network():
    with lab.running(WORLD) as up:
        yield Network.from_table(up.network)


async def look(network: Network, name: str, landed=None):
    subject = parse_subject(name)
    evidence = await collect_evidence(
        subject, Scope.PUBLIC, sources=Sources(network), collectors=COLLECTORS, on_item=landed
    )
    at = network.clock.now()
    run = Run("run", "hash", subject, Scope.PUBLIC, "", RunState.DONE, at)
    report = evaluate(run, evidence, at, checks=CHECKS)
    graded = (FindingStatus.FAIL, FindingStatus.WARN, FindingStatus.NOTICE)
    return evidence, {j.finding.id: j.finding.args for j in report.findings if j.status in graded}


async def test_the_first_findings_do_not_wait_for_a_dead_server(network) -> None:
    order: list[str] = []

    async def landed(item: Item[object]) -> None:
        order.append(item.key)

    evidence, findings = await look(network, "half.example", landed)
    first = evidence[DELEGATION]
    assert {x.server_name for x in first.soa} == {NS[0]}
    assert order.index("delegation") < order.index("web") < order.index("records")
    assert evidence[WEB].chains[0].last.status == 200
    assert {x.server_name for x in evidence[SERVERS].whole.soa} == set(NS[:2])
    assert findings["dns.ns.no_response"]["servers"] == [NS[1]]


async def test_a_server_that_only_the_zone_names_is_asked_too(network) -> None:
    _, evidence = await look(network, "third.example")
    assert evidence["dns.ns.refused"]["servers"] == [NS[2]]
    assert evidence["dns.ns.parent_child_differ"]["child"] == list(NS)


async def test_what_is_shared_survives_the_one_who_leaves() -> None:
    budget = Budget(SystemClock())
    began, go = asyncio.Event(), asyncio.Event()
    requests = []

    async def ask() -> str:
        requests.append(1)
        began.set()
        await go.wait()
        return "told"

    leaving = asyncio.ensure_future(budget.shared("key", ask))
    staying = asyncio.ensure_future(budget.shared("key", ask))
    await began.wait()
    leaving.cancel()
    await asyncio.wait([leaving])
    go.set()
    assert await staying == "told"
    assert requests == [1]


async def test_nothing_goes_on_when_everybody_has_left() -> None:
    budget, ended = Budget(SystemClock()), asyncio.Event()

    async def ask() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    alone = asyncio.ensure_future(budget.shared("key", ask))
    budget.run_in_background(budget.shared("other", ask))
    await asyncio.sleep(0)
    alone.cancel()
    await asyncio.wait_for(ended.wait(), 5)
    ended.clear()
    await budget.close()
    await asyncio.wait_for(ended.wait(), 5)
