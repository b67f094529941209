"""What the customer answered beside what the lab answers over the wire."""

from __future__ import annotations

import pytest

import lab
from diagnostics.checks import CHECKS
from diagnostics.collection import collect_evidence
from diagnostics.collectors import COLLECTORS
from diagnostics.collectors.model import Sources
from diagnostics.evaluation import evaluate
from diagnostics.evidence.keys import CACHES, RECORDS
from diagnostics.model import Run, RunState, Scope
from lab.demo import DEMO_DOMAINS, WORLD
from observe.network import Network
from subject import parse_subject

REMEMBERED = next(r.name for r in DEMO_DOMAINS if r.finding == "dns.cache.old_record")


@pytest.fixture(scope="module")
def network():
    with lab.running(WORLD) as up:
        yield Network.from_table(up.network)


async def looked(network, name):
    subject = parse_subject(name)
    sources = Sources(network)
    return subject, await collect_evidence(
        subject, Scope.PUBLIC, sources=sources, collectors=COLLECTORS
    )


def finding_ids(network, looked, **answers):
    """Ids told by the checks that an answer calls."""
    subject, evidence = looked
    at = network.clock.now()
    run = Run("r", "h", subject, Scope.PUBLIC, "", RunState.DONE, at, answers=answers)
    findings = evaluate(run, evidence, at, checks=CHECKS).findings
    return [j.finding.id for j in findings if j.check in ("dns.change", "web.wanted")]


async def test_a_change_is_looked_for_at_the_name_servers(network) -> None:
    orchard = await looked(network, "orchard.example")
    address = orchard[1][RECORDS].values("orchard.example", "A")[0]
    assert finding_ids(network, orchard, value=address) == ["dns.change.published"]
    assert finding_ids(network, orchard, value="31.53.99.99") == ["dns.change.not_published"]
    soon = finding_ids(network, orchard, value="31.53.99.99", changed_at="hour")
    assert soon == ["dns.change.too_soon"]
    assert finding_ids(network, orchard, changed_at="hour") == ["dns.change.may_be_remembered"]


async def test_a_change_that_resolvers_have_not_seen(network) -> None:
    seen = await looked(network, REMEMBERED)
    records, caches = seen[1][RECORDS], seen[1][CACHES]
    stale = next(
        x
        for x in caches.lookups
        if x.values() and not set(x.values()) & set(records.values(x.name, x.type))
    )
    now = records.values(stale.name, stale.type)[0]
    assert finding_ids(network, seen, value=now) == ["dns.change.remembered"]


async def test_where_visitors_should_arrive(network) -> None:
    detour = await looked(network, "detour.example")
    assert finding_ids(network, detour, wanted="detour.example") == ["web.wanted.elsewhere"]
    assert finding_ids(network, detour, wanted="https://tower.example/") == ["web.wanted.right"]
