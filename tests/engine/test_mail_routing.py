"""Mail looked at over the wire: who is spoken to for whom, our own limits, lists that lie."""

from __future__ import annotations

from dataclasses import replace

import pytest

import lab
from clock import SystemClock
from diagnostics.checks import CHECKS
from diagnostics.collection import collect_evidence
from diagnostics.collectors import COLLECTORS
from diagnostics.collectors.mail.blocklists import query_name
from diagnostics.collectors.model import Sources
from diagnostics.evaluation import evaluate
from diagnostics.evidence.keys import KEYS, MAIL
from diagnostics.evidence.mail import BLOCKLISTS, PORTS, REVERSE, SETUP
from diagnostics.model import FindingStatus, Missing, Run, RunState, Scope
from hosting.model import Expectations
from hosting.panel import PanelAccess
from hosting.panels.http import HttpPanel
from lab.demo import PROVIDER, WORLD
from observe.network import Network
from subject import parse_subject

ACCOUNT = "A-3003"
WANTED = tuple(k for k in KEYS if k.name.startswith("mail") or k.name == "blocklists")


class Looking:
    def __init__(self, up):
        self.up, self.clock = up, SystemClock()
        self.network = Network.from_table(up.network, clock=self.clock)
        panel = HttpPanel.connect(PanelAccess(up.panel_url, up.panel_token), self.network)
        provider = {k: tuple(v) for k, v in PROVIDER.items()}
        expected = Expectations(
            provider["nameservers"], provider["addresses"], provider["mail_hosts"],
            mailbox_hosts=provider["mailbox_hosts"], outgoing=provider["outgoing_addresses"],
        )  # fmt: skip
        self.sources = Sources(self.network, expected, panel)

    async def __call__(self, name, scope=Scope.CONTACT, account=ACCOUNT, **changes):
        """The evidence, and the findings by status."""
        self.up.link.mail_connections.clear()
        sources = self.sources
        if "dnsbl" in changes or "vantage" in changes:
            sources = replace(sources, network=replace(self.network, **changes))
        elif changes:
            sources = replace(sources, expected=replace(sources.expected, **changes))
        subject = parse_subject(name)
        evidence = await collect_evidence(
            subject, scope, sources=sources, collectors=COLLECTORS, account=account, keys=WANTED
        )
        run = Run("run", "hash", subject, scope, "", RunState.DONE, self.clock.now())
        checks = [c for c in CHECKS if set(c.needs) <= set(WANTED)]
        report = evaluate(run, evidence, self.clock.now(), checks=checks)
        gathered = {}
        for judged in report.findings:
            if not judged.cause:
                gathered.setdefault(judged.status, set()).add(judged.finding.id)
        return evidence, gathered


@pytest.fixture(scope="module")
def looking():
    with lab.running(WORLD) as up:
        yield Looking(up)


def problems(findings):
    return set().union(
        *(
            findings.get(s, ())
            for s in (FindingStatus.FAIL, FindingStatus.WARN, FindingStatus.NOTICE)
        )
    )


# ------------------------------------------------------------------ who is spoken to
@pytest.mark.parametrize(("scope", "account"), [(Scope.PUBLIC, ""), (Scope.STAFF, "")])
async def test_nobody_speaks_to_mail_servers_of_other_people(looking, scope, account):
    """Zed, and staff looking at a domain that is nobody's here: DNS and the website, no mail."""
    evidence, findings = await looking("robin.example", scope, account)
    assert list(looking.up.link.mail_connections) == []
    assert evidence[MAIL].hosts[0].addresses
    assert all(host.dialogue is None for host in evidence[MAIL].hosts)
    assert PORTS not in evidence
    assert evidence[REVERSE].outgoing == ()
    assert {x.sort for x in evidence[BLOCKLISTS].listings} == {"domain"}
    assert "mail.greeting.unknown" in findings[FindingStatus.UNKNOWN]
    assert "mail.greeting.ok" not in findings.get(FindingStatus.PASS, ())


async def test_a_contact_gets_the_whole_look(looking):
    evidence, findings = await looking("robin.example")
    assert {name.split()[1] for name in looking.up.link.mail_connections} == {
        "smtp", "submission", "imap", "pop3",
    }  # fmt: skip
    assert evidence[REVERSE].outgoing[0].forward
    assert len(evidence[PORTS].boxes) == 8  # the provider's host and the domain's own name
    assert problems(findings) == {"mail.ports.own_name"}


async def test_no_letter_and_no_recipient_is_ever_named(looking):
    looking.up.letters.clear()
    await looking("robin.example")
    assert list(looking.up.letters) == []


# ------------------------------------------------------------------ our own limits
async def test_our_closed_port_25_is_our_own_limit(looking):
    vantage = replace(looking.network.vantage, port25=False)
    evidence, findings = await looking("robin.example", vantage=vantage)
    assert evidence[MAIL].unasked == "port25"
    assert not [name for name in looking.up.link.mail_connections if name.endswith(" smtp")]
    assert "mail.greeting.unknown" in findings[FindingStatus.UNKNOWN]
    assert "mail.greeting.unreachable" not in problems(findings)


async def test_a_closed_line_is_noticed_by_our_own_mail_server(looking):
    """Everybody's port 25 is silent for us, our own included: nobody is blamed."""
    hosts = {k: v for k, v in looking.network.hosts.items() if not k.endswith(":25")}
    sources = replace(looking.network, hosts=hosts)
    here = Looking.__call__
    before, looking.network = looking.network, sources
    try:
        evidence, findings = await here(looking, "cello.example", dnsbl=())
    finally:
        looking.network = before
    assert evidence[MAIL].reference is not None
    assert not evidence[MAIL].reference.connected
    assert "mail.greeting.unknown" in findings[FindingStatus.UNKNOWN]
    assert "mail.greeting.unreachable" not in problems(findings)


# ------------------------------------------------------------------ an ill provider
async def test_a_sending_address_without_a_name(looking):
    _, findings = await looking("robin.example", outgoing=("31.78.25.38",))
    assert "mail.outgoing.no_ptr" in problems(findings)


async def test_a_refusing_server_for_mail_programs(looking):
    _, findings = await looking(
        "orchard.example", account="A-1001", mailbox_hosts=("mx.shut.example",)
    )
    assert problems(findings) == {"mail.ports.closed"}


async def test_a_certificate_for_another_name(looking):
    hosts = {**looking.network.hosts}
    for port in (993, 143, 465, 587):
        hosts[f"31.78.25.33:{port}"] = hosts[f"31.53.25.30:{port}"]
    before, looking.network = looking.network, replace(looking.network, hosts=hosts)
    sources = looking.sources
    looking.sources = replace(
        sources, expected=replace(sources.expected, mailbox_hosts=("mx.renamed.example",))
    )
    try:
        _, findings = await looking("orchard.example", account="A-1001", dnsbl=())
    finally:
        looking.network, looking.sources = before, sources
    assert problems(findings) == {"mail.ports.name"}


# ------------------------------------------------------------------ blocklists
@pytest.mark.parametrize(
    ("zone", "name", "finding"),
    [
        ("bl.lists.example", "robin.example", ""),
        ("bl.lists.example", "raven.example", "mail.blocklist.domain"),
        ("senders.lists.example", "orchard.example", "mail.blocklist.address"),
        ("refuses.lists.example", "raven.example", "mail.blocklist.refused"),
        ("all.lists.example", "raven.example", "mail.blocklist.unbelieved"),
        ("bygone.lists.example", "raven.example", "mail.blocklist.unbelieved"),
        ("nowhere.test", "raven.example", "mail.blocklist.unbelieved"),
    ],
)
async def test_lists_that_tell_and_lists_that_lie(looking, zone, name, finding):
    account = "A-1001" if name.startswith("orchard") else ACCOUNT
    evidence, findings = await looking(name, account=account, dnsbl=(zone,))
    listings = {x for x in problems(findings) if x.startswith("mail.blocklist")}
    assert listings == ({finding} if finding else set())
    if finding == "mail.blocklist.domain":
        assert "seen-in-unwanted-mail" in [x.reason for x in evidence[BLOCKLISTS].listings]


@pytest.mark.parametrize(
    ("sort", "subject", "query"),
    [
        ("ipv4", "192.0.2.99", "99.2.0.192.bl.example"),
        ("domain", "shop.example", "shop.example.bl.example"),
        (
            "ipv6",
            "2001:db8:1:2:3:4:567:89ab",
            "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.bl.example",
        ),
    ],
)
def test_questions_have_the_form_of_rfc_5782(sort, subject, query):
    assert query_name("bl.example", sort, subject) == query


# ------------------------------------------------------------------ set-up
async def test_servers_of_a_set_up_are_followed(looking):
    evidence, findings = await looking("starling.example")
    assert [(t.source, t.name, t.port) for t in evidence[SETUP].targets] == [
        ("srv", "imap.bygone.example", 993)
    ]
    assert problems(findings) == {"mail.setup.dead_server"}
    assert evidence.items["blocklists"].missing is not Missing.TROUBLE
