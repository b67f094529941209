"""A name below the registered domain: a zone of its own is looked at as one, a mere host is not."""

from __future__ import annotations

import pytest

import lab
from diagnostics.checks import CHECKS
from diagnostics.collection import collect_evidence
from diagnostics.collectors import COLLECTORS
from diagnostics.collectors.model import Sources
from diagnostics.evaluation import evaluate
from diagnostics.evidence.keys import DELEGATION, REGISTRATION
from diagnostics.model import FindingStatus, Report, Run, RunState, Scope, Severity
from kb.owners import Owner
from lab.answer import page
from lab.world import Domain, Ds, LabNameserver, LabSite, ServerFault, Signing, WebServer, World
from observe.network import Network
from subject import parse_subject
from wizard.reports.report import document

WEB = "31.53.12.12"
OWN = ("ns1.dept.example", "ns2.dept.example")
RECORDS = (f"@ A {WEB}", "@ MX 10 mail", f"mail A {WEB}", '@ TXT "v=spf1 mx -all"')


def zone(name: str, **more: object) -> Domain:
    return Domain(**({"name": name, "servers": OWN, "records": RECORDS, "registered": None} | more))


WORLD = World(
    nameservers=(
        LabNameserver(name=OWN[0], addresses=("31.60.0.1",)),
        LabNameserver(name=OWN[1], addresses=("31.60.0.2",)),
    ),
    web_servers=(WebServer(name="web.lab.example", addresses=(WEB,)),),
    sites=(
        LabSite(
            names=("shop.example", "www.shop.example", "sound.shop.example", "deep.sound.shop.example"),
            server="web.lab.example",
            http=page("Shop"),
        ),
    ),
    domains=(
        Domain(
            name="shop.example",
            records=(*RECORDS, f"www A {WEB}", f"plain A {WEB}"),
            signing=Signing.GOOD,
        ),
        # Its parent is unsigned: the server that holds both then confuses nobody's validator.
        Domain(name="depot.example", records=RECORDS),
        zone("sound.shop.example", records=(*RECORDS, f"deep A {WEB}"), signing=Signing.GOOD),
        zone("moved.shop.example", ds=Ds.LEFT_BEHIND),
        zone("lame.shop.example", faults={OWN[1]: ServerFault.LAME}),
        zone("differs.depot.example", own_ns=OWN, parent_ns=(OWN[0], "ns1.dns-lab.example"),
             servers=(*OWN, "ns1.dns-lab.example")),
        zone("dead.shop.example", faults=dict.fromkeys(OWN, ServerFault.REFUSES)),
        # Nobody holds a zone between the top and this one.
        zone("team.office.test"),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def looking():
    with lab.running(WORLD) as up:
        network = Network.from_table(up.network)

        async def look(name: str) -> Report:
            subject = parse_subject(name)
            evidence = await collect_evidence(
                subject, Scope.PUBLIC, sources=Sources(network), collectors=COLLECTORS
            )
            at = network.clock.now()
            run = Run("run", "hash", subject, Scope.PUBLIC, "", RunState.DONE, at)
            return evaluate(run, evidence, at, checks=CHECKS)

        yield look


def heads(report: Report) -> list[str]:
    graded = (FindingStatus.FAIL, FindingStatus.WARN, FindingStatus.NOTICE)
    return sorted(
        j.finding.id
        for j in report.findings
        if j.status in graded and not j.cause and j.severity is not Severity.INFO
        and j.finding.id.startswith(("dns.", "dnssec."))
    )  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "zone", "finding_id"),
    [
        ("sound.shop.example", "sound.shop.example", []),
        ("deep.sound.shop.example", "sound.shop.example", []),
        ("https://deep.sound.shop.example/x", "sound.shop.example", []),
        ("gone.sound.shop.example", "sound.shop.example", ["dns.host.missing"]),
        ("me@sound.shop.example", "sound.shop.example", []),
        ("moved.shop.example", "moved.shop.example", ["dnssec.ds.without_signed_zone"]),
        ("lame.shop.example", "lame.shop.example", ["dns.ns.lame"]),
        ("differs.depot.example", "differs.depot.example", ["dns.ns.parent_child_differ"]),
        ("dead.shop.example", "dead.shop.example", ["dns.ns.none_working"]),
        ("plain.shop.example", "shop.example", []),
        ("absent.shop.example", "shop.example", ["dns.host.missing"]),
        ("team.office.test", "team.office.test", []),
    ],
)
async def test_the_zone_that_holds_the_name_is_judged(looking, typed, zone, finding_id) -> None:
    report = await looking(typed)
    assert report.evidence[DELEGATION].domain == zone
    assert heads(report) == finding_id
    note = document(report, "en")["subject"]["note"]
    assert ("zone of its own" in note) == (zone.count(".") > 1)


async def test_the_registry_is_asked_for_the_registered_domain(looking) -> None:
    report = await looking("sound.shop.example")
    assert report.evidence[REGISTRATION].domain == "shop.example"
    assert report.run.subject.above == "shop.example"


async def test_above_a_subdomain_it_is_the_dns_operators_move(looking) -> None:
    report = await looking("moved.shop.example")
    left = next(j for j in report.findings if j.finding.id == "dnssec.ds.without_signed_zone")
    assert left.owner is Owner.DNS_OPERATOR
