"""Name servers that try to hurt who asks: mazes of referrals and aliases, answers as large as can be.

Each must end soon, within the budget of one run, with a clear outcome and without an exception.
"""

from __future__ import annotations

import time

import pytest

import lab
from diagnostics.collection import collect_evidence
from diagnostics.collectors import COLLECTORS
from diagnostics.collectors.model import Sources
from diagnostics.evidence.keys import DELEGATION, DNSSEC, RECORDS, SERVERS
from diagnostics.model import Scope
from facts import Delegated
from lab.world import Domain, LabNameserver, ServerFault, World
from observe.budget import Budget
from observe.dns import dns_client
from observe.dns import zone as zones
from observe.network import Network
from subject import parse_subject

ILLS = (ServerFault.MAZE, ServerFault.AMPLIFIES, ServerFault.ENDLESS_CNAME, ServerFault.LAME, ServerFault.WRONG_ID, ServerFault.WRONG_QUESTION,
        ServerFault.TRICKLES)  # fmt: skip


def named(ill: ServerFault) -> str:
    return ill.value.replace("_", "-")


WORLD = World(
    nameservers=(
        *(
            LabNameserver(
                name=f"ns.{named(ill)}-host.test", addresses=(f"31.66.1.{at}",), fault=ill
            )
            for at, ill in enumerate(ILLS, 1)
        ),
        LabNameserver(name="ns.circle-host.test", addresses=("31.66.1.99",)),
        *(
            LabNameserver(name=f"ns{n}.choir-host.test", addresses=(f"31.66.2.{n + 1}",))
            for n in range(30)
        ),
    ),
    domains=(
        *(
            Domain(name=f"{named(ill)}.test", servers=(f"ns.{named(ill)}-host.test",))
            for ill in ILLS
        ),
        # Two zones that can be reached only through each other.
        Domain(name="left.test", servers=("ns.circle-host.test",), own_ns=("ns.right.test",)),
        Domain(name="right.test", servers=("ns.circle-host.test",), own_ns=("ns.left.test",)),
        # A thousand name servers that do not exist.
        Domain(
            name="crowd.test",
            servers=("ns.circle-host.test",),
            own_ns=tuple(f"ns{n}.nowhere{n}.test" for n in range(1000)),
        ),
        # Thirty that do, and all of them answer.
        Domain(
            name="choir.test",
            servers=tuple(f"ns{n}.choir-host.test" for n in range(30)),
        ),
    ),
)
NAMES = (*(f"{named(ill)}.test" for ill in ILLS), "left.test", "crowd.test", "choir.test")


@pytest.fixture(scope="module")
def running():
    with lab.running(WORLD) as up:
        yield up


@pytest.mark.parametrize("name", NAMES)
async def test_it_ends_soon_and_within_bounds(running, name: str) -> None:
    network = Network.from_table(running.network)
    running.questions.clear()
    began = time.monotonic()
    evidence = await collect_evidence(
        parse_subject(name),
        Scope.PUBLIC,
        sources=Sources(network),
        collectors=COLLECTORS,
        keys=(DELEGATION, RECORDS, DNSSEC, SERVERS),
    )
    assert time.monotonic() - began < 12
    assert len(running.questions) < 700
    for item in evidence.items.values():
        assert item.detail != "broken", item
        assert item.value is not None or item.missing is not None


async def test_an_amplified_answer_is_paid_from_the_budget(running) -> None:
    """Fifty kilobytes an answer: a run that may take a hundred stops asking, and says why."""
    network = Network.from_table(running.network)
    budget = Budget(network.clock, bytes=100_000)
    lookups = [
        await dns_client.ask(network, budget, f"n{n}.amplifies.test", "TXT", "31.66.1.2")
        for n in range(5)
    ]
    assert lookups[0].transport == "tcp"
    assert len(lookups[0].answers) == 250
    assert [str(x.trouble or "") for x in lookups] == ["", "overbudget", "overbudget", "overbudget",
                                                   "overbudget"]  # fmt: skip


async def test_zones_that_need_each_other_are_told_as_unreachable(running) -> None:
    network = Network.from_table(running.network)
    delegation = await zones.delegation(network, Budget(network.clock), "left.test")
    assert delegation.outcome is Delegated.YES
    assert [s.addresses for s in delegation.servers] == [()]
    assert delegation.servers[0].trouble is not None
