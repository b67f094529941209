"""What our own place cannot see is never the customer's fault: a healthy domain stays healthy."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import dns.message
import dns.rcode
import pytest

import lab
from clock import ManualClock
from diagnostics.checks import CHECKS
from diagnostics.collection import collect_evidence
from diagnostics.collectors import COLLECTORS
from diagnostics.collectors.model import Sources
from diagnostics.evaluation import evaluate
from diagnostics.evidence.keys import SERVERS, STANDPOINT
from diagnostics.model import FindingStatus, Run, RunState, Scope
from facts import Vantage
from observe.network import Network
from observe.standpoint import MAX_AGE, OwnStandpoint, observe_standpoint
from subject import parse_subject
from tests.diagnostics_world import EXPECTED, WORLD
from wizard.reports.report import headline, report_lines, unchecked_groups

DEAD = "127.0.0.1:1"


@pytest.fixture(scope="module")
def world():
    with lab.running(WORLD) as running:
        yield running


async def seen(network, **more):
    """A healthy domain as it looks from a place."""
    subject = parse_subject("fine.example")
    evidence = await collect_evidence(
        subject,
        Scope.PUBLIC,
        sources=Sources(network, EXPECTED, **more),
        collectors=COLLECTORS,
    )
    at = network.clock.now()
    run = Run("r", "h", subject, Scope.PUBLIC, "", RunState.DONE, at)
    return evaluate(run, evidence, at, checks=CHECKS)


def blamed(report):
    return [
        j.finding.id
        for j in report.findings
        if j.status in (FindingStatus.FAIL, FindingStatus.WARN)
    ]


def reasons(report):
    return [gap.why for gap in unchecked_groups(report_lines(report, "en"))]


async def test_from_a_sound_place_all_is_well_and_our_own_connection_is_in_order(world) -> None:
    report = await seen(Network.from_table(world.network))
    assert blamed(report) == []
    assert "incident.vantage.ok" in [j.finding.id for j in report.findings]
    here = report.evidence[STANDPOINT]
    assert (here.cut_off, here.resolving) == (False, True)
    assert [x.rcode for x in here.roots] == ["NOERROR"] * len(here.roots)


async def test_dead_resolvers_of_ours_are_said_and_nobody_is_blamed(world) -> None:
    report = await seen(Network.from_table({**world.network, "resolvers": [DEAD]}))
    assert blamed(report) == []
    assert any("Our own look-ups in the DNS do not work" in why for why in reasons(report))


class KnowsNothing(asyncio.DatagramProtocol):
    """A resolver that says of every name, even of the root, that there is none."""

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr) -> None:
        answer = dns.message.make_response(dns.message.from_wire(data), recursion_available=True)
        answer.set_rcode(dns.rcode.NXDOMAIN)
        self.transport.sendto(answer.to_wire(), addr)


async def test_a_resolver_that_knows_of_nothing_reassures_nobody(world) -> None:
    """As in a closed network: no root to be reached, and a resolver that denies every name."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(KnowsNothing, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    try:
        report = await seen(
            Network.from_table(
                {**world.network, "resolvers": [f"127.0.0.1:{port}"], "root_hints": [DEAD]}
            )
        )
    finally:
        transport.close()
    statuses = {j.finding.id: j.status for j in report.findings}
    in_order = {name for name, status in statuses.items() if status is FindingStatus.PASS}
    assert in_order <= {"incident.known.ok", "domain.registration.ok", "domain.expiry.ok"}
    assert set(statuses.values()) == {FindingStatus.PASS, FindingStatus.UNKNOWN}
    verdict = headline(report, "en")
    assert verdict is not None
    assert verdict.text.startswith("Our own look-ups in the DNS do not work just now")


async def test_cut_off_ourselves_we_say_so_and_see_nothing(world) -> None:
    away = dict.fromkeys(world.network["hosts"], DEAD)
    report = await seen(
        Network.from_table(
            {**world.network, "resolvers": [DEAD], "root_hints": [DEAD], "hosts": away}
        )
    )
    assert blamed(report) == []
    assert any("Our own connection does not work" in why for why in reasons(report))
    verdict = headline(report, "en")
    assert verdict is not None
    assert verdict.id == "run.nothing_seen"


async def test_ipv6_that_is_claimed_and_does_not_work_is_not_used(world) -> None:
    hints = {**world.network["root_hints"], "six.root-lab.test": "[::1]:1"}
    network = Network.from_table(
        {**world.network, "root_hints": hints}, vantage=Vantage("here", ipv6=True)
    )
    here = await observe_standpoint(network)
    assert here.vantage.ipv6 is False
    report = await seen(network, standpoint=OwnStandpoint(network).current)
    assert report.evidence[STANDPOINT].vantage.ipv6 is False
    assert blamed(report) == []
    assert not [x for x in report.evidence[SERVERS].tcp if "2a0e:" in x.server]


async def test_port_25_is_believed_until_servers_elsewhere_are_named(world) -> None:
    network = Network.from_table(world.network)
    assert (await observe_standpoint(network)).vantage.port25
    assert (await observe_standpoint(network, ("mx1.fine.example",))).vantage.port25
    shut = Network.from_table(
        {**world.network, "hosts": {**world.network["hosts"], "elsewhere.example": DEAD}}
    )
    here = await observe_standpoint(shut, ("elsewhere.example",))
    assert not here.vantage.port25
    report = await seen(shut, standpoint=OwnStandpoint(shut, ("elsewhere.example",)).current)
    assert any("mail servers elsewhere" in why for why in reasons(report))
    assert blamed(report) == []


async def test_the_look_is_kept_for_a_while(world) -> None:
    clock = ManualClock()
    own = OwnStandpoint(replace(Network.from_table(world.network), clock=clock))
    first = await own.current()
    clock.advance(MAX_AGE - timedelta(seconds=1))
    assert await own.current() is first
    clock.advance(timedelta(seconds=2))
    assert (await own.current()).at > first.at
