"""The demo's table and the company around it are in order: every finding has a domain, strangers
see less, hostile neighbours hurt nobody, and what the company watches answers."""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from dataclasses import replace

import pytest

import demo
import lab
from clock import SystemClock
from diagnostics.checks import CHECKS
from diagnostics.collection import collect_evidence
from diagnostics.collectors import COLLECTORS
from diagnostics.collectors.model import Sources
from diagnostics.evaluation import required_keys
from diagnostics.model import FindingStatus, Run, RunState, Scope, Severity
from hosting.model import Expectations
from hosting.panel import PanelAccess
from hosting.panels import connect
from lab.demo import ACCOUNTS, DEMO_DOMAINS, HOSTILE_DOMAINS, PEOPLE, PROVIDER, WATCHED, WORLD
from observe.budget import Budget
from observe.dns import dns_client
from observe.http import http_client
from observe.network import Network
from subject import parse_subject
from wizard.runs.handler import Evaluator

# Findings that no demo domain shows by itself to somebody who sees its account: where they are
# produced over the wire instead, or why nowhere. Every other finding has its demo domain.
STRANGER = "a stranger's look at a demo domain, below"
ANSWERED = "an answer beside a demo domain, tests/engine/test_answers_live.py"
IPV6 = "a look over both families, tests/engine/test_demo_findings.py"
FOLLOWS = "follows a greater cause at its demo domain"
ILL = "a provider that is ill itself, tests/engine/test_mail_routing.py"
PRODUCED_ELSEWHERE = {
    "dns.address.hosted_elsewhere": STRANGER,
    "dns.change.may_be_remembered": ANSWERED,
    "dns.change.not_published": ANSWERED,
    "dns.change.published": ANSWERED,
    "dns.change.remembered": ANSWERED,
    "dns.change.too_soon": ANSWERED,
    "dns.host.missing": "a name below a demo domain, below",
    "dns.host.wildcard_only": "a name below a demo domain, below",
    "dns.ns.parked": "the lab has no parking service; exact cases in tests/cases/checks_dns.py",
    "dns.soa.serial_differs": FOLLOWS,
    "instructions": "a pasted text beside a zone, tests/web/test_instructions_pages.py",
    "incident.known": "the status room tells of it, tests/engine/test_diagnostics_runs.py",
    "mail.blocklist.address": ILL,
    "mail.blocklist.refused": ILL,
    "mail.blocklist.unbelieved": ILL,
    "mail.greeting.slow": ILL,
    "mail.outgoing.no_ptr": ILL,
    "mail.outgoing.ptr_differs": ILL,
    "mail.ports.closed": ILL,
    "mail.ports.name": ILL,
    "mail.mx.inconsistent": FOLLOWS,
    "mail.dmarc.depends_on_receiver": "a public suffix with a record, tests/cases/checks_mail_auth.py",
    "mail.dmarc.reports_unsure": "very many destinations, tests/cases/checks_mail_auth.py",
    "mail.routing.local_mismatch": FOLLOWS,
    "mail.spf.differs_between_ns": FOLLOWS,
    "mailbox": "a mailbox, not a domain, tests/engine/test_mailbox_login_test.py",
    "dnssec.renewal.late": "of today only; exact cases in tests/cases/checks_dnssec.py",
    "tls.certificate.chain_expired": "of authorities; exact cases in tests/cases/checks_web.py",
    "tls.certificate.not_yet_valid": "of tomorrow; exact cases in tests/cases/checks_web.py",
    "mail.starttls.not_yet_valid": "of tomorrow; exact cases in tests/cases/checks_mail_servers.py",
    "mail.ports.not_yet_valid": "of tomorrow; exact cases in tests/cases/checks_mail_servers.py",
    "web.family.differs": IPV6,
    "web.family.one_dead": IPV6,
    "web.redirect.foreign_host": STRANGER,
    "web.site.suspended_page": STRANGER,
    "web.wanted.elsewhere": ANSWERED,
    "web.wanted.right": ANSWERED,
}
VISIBLE_STATUSES = (FindingStatus.FAIL, FindingStatus.WARN, FindingStatus.NOTICE)


@pytest.fixture(scope="module")
def running():
    with lab.running(WORLD) as up:
        yield up


@pytest.fixture(scope="module")
def network(running):
    return Network.from_table(running.network)


def sources(running, network):
    expected = Expectations(
        *(tuple(PROVIDER[k]) for k in ("nameservers", "addresses", "mail_hosts")),
        mailbox_hosts=tuple(PROVIDER["mailbox_hosts"]),
        outgoing=tuple(PROVIDER["outgoing_addresses"]),
    )
    access = PanelAccess(running.panel_url, running.panel_token)
    return Sources(network, expected, connect("http", access, network))


async def finding_ids(name, account, scope, where):
    """The ids of the findings that stand on their own, in the report of a whole run."""
    judging, subject = Evaluator(SystemClock()), parse_subject(name)
    now = judging.clock.now()
    run = Run("x", "", subject, scope, "", RunState.RUNNING, now, account=account, fresh=True)
    evidence = await collect_evidence(
        subject,
        scope,
        sources=where,
        collectors=COLLECTORS,
        keys=required_keys(judging.selected_checks(run)),
        account=account,
        fresh=True,
    )
    ended = replace(run, state=RunState.DONE, finished_at=judging.clock.now())
    report = judging.report(ended, evidence)
    return {
        f.finding.id
        for f in report.findings
        if f.status in VISIBLE_STATUSES and not f.cause and f.severity is not Severity.INFO
    }


def test_every_finding_has_a_demo_domain():
    """What tests/engine/test_demo_findings.py then finds over the wire, one by one."""
    finding_ids = {m.id for check in CHECKS for m in check.messages}
    shown_ids = {i for row in DEMO_DOMAINS for i in (row.finding, *row.also) if i}
    assert shown_ids <= finding_ids
    without_demo = {
        i for i in finding_ids if any(i == e or i.startswith(f"{e}.") for e in PRODUCED_ELSEWHERE)
    }
    assert finding_ids - shown_ids <= without_demo, "no demo domain leads there"
    stale = [
        e for e in PRODUCED_ELSEWHERE if not any(i == e or i.startswith(e) for i in finding_ids)
    ]
    assert stale == []


async def test_a_stranger_sees_less_and_the_panel_is_not_asked(running, network):
    running.panel_requests.clear()
    where = sources(running, network)
    seen = await finding_ids("gallery.example", "", Scope.PUBLIC, where)
    assert seen == {"web.site.storage_full"}
    assert "dns.address.hosted_elsewhere" in await finding_ids(
        "bakery.example", "", Scope.PUBLIC, where
    )
    assert "mail.mx.hosted_elsewhere" in await finding_ids("choir.example", "", Scope.PUBLIC, where)
    assert "web.redirect.foreign_host" in await finding_ids(
        "detour.example", "", Scope.PUBLIC, where
    )
    assert "web.site.suspended_page" in await finding_ids("cinema.example", "", Scope.PUBLIC, where)
    assert not running.panel_requests


async def test_a_subdomain_that_is_missing(running, network):
    where = sources(running, network)
    assert await finding_ids("blog.orchard.example", "A-1001", Scope.STAFF, where) == {
        "dns.host.missing"
    }


async def test_a_name_that_only_a_wildcard_answers(running, network):
    where = sources(running, network)
    seen = await finding_ids("rumour.example", "A-3003", Scope.STAFF, where)
    assert seen == {"dns.cache.old_record"}


async def test_hostile_neighbours_end_in_a_report(running, network):
    where = sources(running, network)
    quick = (
        "endless",
        "gzip-bomb",
        "reset",
        "garbage",
        "huge-header",
        "inward",
        "loopback",
        "mapped",
    )
    names = [r.name for r in HOSTILE_DOMAINS if r.name.removesuffix(".test") in quick]
    assert len(names) == len(quick)
    seen = await asyncio.gather(*(finding_ids(n, "", Scope.PUBLIC, where) for n in names))
    assert all(item for item in seen)


async def test_what_the_company_watches_answers(running, network):
    for watched in WATCHED:
        budget = Budget(network.clock)
        if watched.kind == "http":
            exchange = await http_client.fetch(network, budget, watched.target)
            assert exchange.status == 200, watched.id
            assert exchange.handshake.verified, watched.id
            slow = exchange.phases.first_byte.total_seconds() >= 1
            assert slow == (watched.id == "webmail")
        else:
            name, kind = watched.question.split()
            lookup = await dns_client.ask(network, budget, name, kind, watched.target)
            assert "aa" in lookup.flags, watched.id


def test_names_are_told_once():
    names = Counter(row.name for row in DEMO_DOMAINS + HOSTILE_DOMAINS)
    assert [n for n, count in names.items() if count > 1] == []
    booked = Counter(d.name for a in ACCOUNTS for d in a.domains)
    assert set(booked.values()) == {1}


def test_every_published_address_looks_public_unless_the_story_is_about_it(running):
    for place in running.network["hosts"]:
        address = place.rpartition(":")[0].strip("[]")
        assert ipaddress.ip_address(address).is_global, place


def test_accounts_belong_to_the_cast_and_zed_has_none():
    owners = {c.email for a in ACCOUNTS for c in a.contacts}
    zed = next(p for p in PEOPLE if p.name.startswith("Zed"))
    assert zed.account == ""
    assert zed.email not in owners
    roles = {c.role: c.name.split()[0] for c in ACCOUNTS[0].contacts}
    assert roles == {"owner": "Mara", "technical": "Tomáš", "billing": "Věra"}


def test_each_kind_of_customer_problem_of_the_journey_is_there():
    shown_ids = {i for row in DEMO_DOMAINS for i in (row.finding, *row.also)}
    for wanted_id in (
        "",
        "domain.expiry.expired",
        "dns.ns.not_ours",
        "web.redirect.loop",
        "hosting.disk.over",
        "mail.mx.elsewhere",
        "tls.certificate.wrong_name",
    ):
        assert wanted_id in shown_ids


def test_czech_readers_know_the_company_s_services_by_czech_names() -> None:
    names = {name: demo.in_czech(name) for w in WATCHED for name in (w.name, w.group)}
    assert [name for name, czech in names.items() if name == czech] == ["Webmail"]
    assert names["Web server 13"] == "Webový server 13"
