"""What an open incident has to say beside what was seen: a proven cause goes before it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diagnostics.collection import collect_evidence
from diagnostics.collectors.blocking_calls import BlockingCalls
from diagnostics.collectors.hosting import account as account_facts
from diagnostics.collectors.hosting import open_incident
from diagnostics.collectors.hosting.open_incident import areas_served
from diagnostics.collectors.model import Sources
from diagnostics.evidence.keys import HOSTING, KNOWN_INCIDENT, MatchingIncident
from diagnostics.model import Missing, Scope
from hosting.model import Account, HostedService, HostedSite, HostingFacts, Resource, ServiceKind
from hosting.panel import PanelError
from observe.network import Network
from standards.dns_types import Trouble
from subject import parse_subject
from tests.cases.checks_dns import servers
from tests.cases.checks_web import all_dead
from tests.checks_fixtures import AT, GIGABYTE, Scene, in_days
from wizard.reports import phrases
from wizard.reports.changes import compare_reports
from wizard.reports.report import headline, report_lines

INCIDENT = MatchingIncident("i1", {"en": "Storage is away"}, AT)
OF_MAIL = replace(INCIDENT, title={"en": "Mail is slow"}, areas=("mail",))


def expired(scene):
    scene.registered(expires=in_days(-5))
    scene.services = (replace(scene.services[0], expires=in_days(-5)), *scene.services[1:])


def full_disk(scene):
    scene.use(Resource.DISK, 10 * GIGABYTE, 10 * GIGABYTE)


def full_databases(scene):
    scene.use(Resource.DATABASE, GIGABYTE, GIGABYTE)


def unreachable(scene):
    all_dead(Trouble.TIMEOUT)(scene)


def server_expired(scene):
    domain, server, *rest = scene.services
    scene.services = (domain, replace(server, expires=in_days(-1)), *rest)
    unreachable(scene)


def no_spf(scene):
    scene.zone[scene.domain, "TXT"] = ()


def verdict(*changes, incident=INCIDENT, symptom="site_down"):
    scene = Scene(known_incidents=incident, symptom=symptom)
    for change in changes:
        change(scene)
    report = scene.report()
    return headline(report, "en"), report


@pytest.mark.parametrize(
    ("changes", "symptom", "id_"),
    [
        ((expired,), "site_down", "domain.expiry.expired"),
        ((expired, unreachable), "site_down", "domain.expiry.expired"),
        ((server_expired,), "site_down", "service.server.expired"),
        ((full_disk,), "site_error", "hosting.disk.over"),
        ((full_databases,), "site_error", "hosting.database.over"),
        ((full_databases,), "", "hosting.database.over"),
    ],
)
@pytest.mark.parametrize("planned", [False, True])
def test_a_proven_cause_goes_before_an_incident(changes, symptom, id_, planned) -> None:
    incident = replace(INCIDENT, planned=planned)
    message, report = verdict(*changes, incident=incident, symptom=symptom)
    assert message.id == id_
    assert report.findings[0].finding.id == id_
    heads = [j.finding.id for j in report.findings if not j.cause]
    assert f"incident.known.{'work' if planned else 'open'}" in heads


def test_an_incident_that_explains_what_was_seen_is_the_verdict() -> None:
    message, report = verdict(unreachable, full_databases)
    assert message.id == "incident.open"
    assert "Storage is away" in message.text
    assert message.more == 1
    causes = {j.finding.id: j.cause for j in report.findings}
    assert causes["web.site.unreachable"] == "incident.known.open"


def test_what_is_only_slow_is_not_called_broken() -> None:
    for changes in ((), (unreachable,)):
        message, report = verdict(*changes, incident=replace(INCIDENT, is_outage=False))
        assert message.id == "incident.open"
        (line,) = (x for x in report_lines(report, "en") if x.id == "incident.known.open")
        assert line.status == "warn"
    (down,) = (x for x in report_lines(verdict()[1], "en") if x.id == "incident.known.open")
    assert down.status == "fail"


def test_planned_work_is_no_incident() -> None:
    message, _ = verdict(unreachable, incident=replace(INCIDENT, planned=True))
    assert (message.id, message.text) == (
        "incident.work",
        "Planned work is under way that may explain it: Storage is away",
    )


def test_an_incident_of_the_mail_does_not_explain_the_website() -> None:
    message, report = verdict(unreachable, incident=OF_MAIL)
    assert message.id == "web.site.unreachable"
    (aside,) = (j for j in report.findings if j.check == "incident.known")
    assert (aside.finding.id, aside.severity) == ("incident.known.elsewhere", "notice")
    assert verdict(incident=OF_MAIL)[0].id == "run.remarks"
    assert verdict(incident=OF_MAIL, symptom="mail_not_arriving")[0].id == "incident.open"


def test_an_incident_of_the_mail_leaves_the_website_to_itself_without_a_symptom() -> None:
    message, report = verdict(unreachable, incident=OF_MAIL, symptom="")
    assert message.id == "web.site.unreachable"
    assert "incident.known.open" in [j.finding.id for j in report.findings if not j.cause]


def test_our_own_dead_name_servers_are_explained() -> None:
    silent = servers(trouble=Trouble.TIMEOUT)
    message, report = verdict(silent)
    causes = {j.finding.id: j.cause for j in report.findings}
    assert (message.id, causes["dns.ns.none_working"]) == ("incident.open", "incident.known.open")

    def served_elsewhere(scene):
        silent(scene)
        scene.expected = replace(scene.expected, nameservers=("ns.other.example",))

    assert verdict(served_elsewhere)[0].id == "dns.ns.none_working"


def test_a_warning_of_something_else_leaves_the_verdict_to_itself() -> None:
    message, _ = verdict(no_spf, symptom="mail_not_sent")
    assert message.id.startswith("mail.spf.")


def test_what_an_account_has_on_a_machine() -> None:
    services = (
        HostedService("1", ServiceKind.DOMAIN, "cafe.example", server="registry"),
        HostedService("2", ServiceKind.PROJECT, "cafe.example", server="WEB7"),
        HostedService("3", ServiceKind.MAIL, "cafe.example", server="mx1"),
        HostedService("4", ServiceKind.SERVER, "vps9", server="vps9"),
    )
    sites = (HostedSite("cafe.example", "/www", (), "web8"),)
    facts = HostingFacts(Account("A1", "Mara", ()), services, (), (), (), sites, AT)
    served = {name: areas_served(facts, (name,)) for name in ("web7", "web8", "mx1", "vps9")}
    assert served == {
        "web7": ("web",),
        "web8": ("web",),
        "mx1": ("mail",),
        "vps9": ("mail", "web"),
    }
    assert areas_served(facts, ("registry",)) == areas_served(facts, ()) == ()


async def _collected(scope, account, any_incident, matched=None, panel=None):
    """What a run learns of incidents, and how its report words it."""
    calls = BlockingCalls("a source", 1)
    sources = Sources(
        Network.from_table({"closed": True}), panel=panel, incident=lambda machines, domain: matched,
        any_incident=any_incident, panel_calls=calls, incident_calls=calls,
    )  # fmt: skip
    evidence = await collect_evidence(
        parse_subject("shop.example"), scope, sources=sources, account=account,
        collectors=(account_facts.COLLECTOR, open_incident.COLLECTOR),
        keys=(HOSTING, KNOWN_INCIDENT),
    )  # fmt: skip
    calls.close()
    return evidence.items[KNOWN_INCIDENT.name]


class Panel:
    def __init__(self, facts=None):
        self._facts = facts

    def facts(self, account, domain):
        if self._facts is None:
            raise PanelError("away")
        return self._facts


OURS = HostingFacts(Account("A-1", "Us", ()), (), (), (), (), (), AT)


@pytest.mark.parametrize(
    ("scope", "account", "panel", "missing"),
    [
        (Scope.PUBLIC, "", None, Missing.WITHHELD),
        (Scope.PUBLIC, "A-1", Panel(OURS), Missing.WITHHELD),
        (Scope.CONTACT, "A-1", Panel(), Missing.TROUBLE),
        (Scope.CONTACT, "A-1", Panel(OURS), None),
        (Scope.STAFF, "", None, None),
    ],
)
async def test_what_is_open_and_cannot_be_matched_is_not_called_absent(
    scope, account, panel, missing
) -> None:
    """A stranger's run after a customer's said that the incident was solved."""
    item = await _collected(scope, account, lambda: INCIDENT, panel=panel)
    assert item.missing is missing
    if missing:
        text = phrases.reason({"missing": item.missing, "detail": item.detail})
        assert text.startswith("Our status page tells of trouble or work on our side just now.")
    quiet = await _collected(scope, account, lambda: None, panel=panel)
    assert quiet.value == MatchingIncident()


def test_a_run_that_cannot_match_an_incident_calls_none_solved() -> None:
    _, before = verdict(full_disk)
    scene = Scene(symptom="site_down")
    scene.missing["known"] = Missing.WITHHELD
    changes = compare_reports(before, scene.report())
    assert "incident.known.open" in [j.finding.id for j in changes.unseen]
    assert "incident.known.open" not in [j.finding.id for j in changes.fixed]
