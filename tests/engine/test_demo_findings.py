"""Each demo domain, looked at for real over the lab, tells exactly what its story says.

Staff scope with the owning account: panel, mail greetings and all. Followers that a cause explains
are not counted; anything else beyond the story fails.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

import lab
from diagnostics.checks import CHECKS
from diagnostics.collection import collect_evidence
from diagnostics.collectors import COLLECTORS
from diagnostics.collectors.model import Sources
from diagnostics.evaluation import evaluate
from diagnostics.model import FindingStatus, Report, Run, RunState, Scope, Severity
from hosting.model import Expectations
from hosting.panel import PanelAccess
from hosting.panels.http import HttpPanel
from lab.demo import DEMO_DOMAINS, PROVIDER, WORLD, DemoDomain
from observe.network import Network
from render.message_format import sentence
from subject import RejectedSubject, parse_subject
from tests.report_contradictions import contradictions

REPORTED = (FindingStatus.FAIL, FindingStatus.WARN, FindingStatus.NOTICE)
MESSAGES = {m.id: m for check in CHECKS for m in check.messages}


@dataclass
class OneMoment:
    """The wall stands still, so that “today” cannot end in the middle; spans go on."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return time.monotonic()


@pytest.fixture(scope="module")
def looking():
    """A function that examines a domain over a running lab."""
    clock = OneMoment()
    with lab.running(WORLD, clock=clock) as up:
        network = Network.from_table(up.network, clock=clock)
        expected = Expectations(
            tuple(PROVIDER["nameservers"]),
            tuple(PROVIDER["addresses"]),
            tuple(PROVIDER["mail_hosts"]),
            mailbox_hosts=tuple(PROVIDER["mailbox_hosts"]),
            spf_include=str(PROVIDER["spf_include"]),
            dkim_selectors=tuple(PROVIDER["dkim_selectors"]),
            outgoing=tuple(PROVIDER["outgoing_addresses"]),
        )
        panel = HttpPanel.connect(PanelAccess(up.panel_url, up.panel_token), network)
        sources = Sources(network, expected, panel)

        async def look(name: str, scope: Scope, account: str, *, ipv6: bool = False) -> Report:
            subject = parse_subject(name)
            assert not isinstance(subject, RejectedSubject)
            here = replace(network, vantage=replace(network.vantage, ipv6=ipv6))
            from_here = replace(sources, network=here)
            evidence = await collect_evidence(
                subject, scope, sources=from_here, collectors=COLLECTORS, account=account
            )
            run = Run("run", "hash", subject, scope, "", RunState.DONE, clock.now())
            return evaluate(run, evidence, clock.now(), checks=CHECKS)

        yield look


def heads(report: Report, expected: tuple[str, ...] = ()) -> list[str]:
    """What stands on its own. Pieces of information count only where the story is about them."""
    failing = [j for j in report.findings if j.status in REPORTED and not j.cause]
    return sorted(
        j.finding.id for j in failing if j.severity is not Severity.INFO or j.finding.id in expected
    )


@pytest.mark.parametrize("row", DEMO_DOMAINS, ids=lambda row: row.name)
async def test_the_story_is_found(looking, row: DemoDomain) -> None:
    report = await looking(row.name, Scope.STAFF, row.account)
    expected = (row.finding, *row.also) if row.finding else row.also
    assert heads(report, expected) == sorted(expected)
    assert contradictions(report) == []
    for judged in report.findings:
        if message := MESSAGES.get(judged.finding.id):
            for text in (message.title, message.seen, message.why, *message.steps):
                read = sentence("en", text, judged.finding.args)
                assert "{" not in read.replace("%{", ""), read  # SPF macros
                assert "–" not in read or "–" in text, read


async def test_a_stranger_learns_nothing_of_the_account(looking) -> None:
    """Gallery's disk is full: the stranger sees the error it causes, and not why."""
    report = await looking("gallery.example", Scope.PUBLIC, "")
    assert heads(report) == ["web.site.storage_full"]
    assert not any(
        j.finding.id.startswith(("hosting.", "service.")) for j in report.findings
        if j.status in REPORTED
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "finding"),
    [("mirrors.example", "web.family.differs"), ("lopsided.example", "web.family.one_dead")],
)
async def test_both_address_families_are_compared_where_we_have_both(looking, name, finding):
    seen = heads(await looking(name, Scope.STAFF, "A-3003", ipv6=True))
    assert [x for x in seen if x.startswith("web.")] == [finding]
