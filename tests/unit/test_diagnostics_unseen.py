"""What nobody saw is never called in order, and no headline reassures of it."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass, replace

import pytest

from diagnostics.checks import CHECKS
from diagnostics.evaluation import evaluate
from diagnostics.evidence.keys import KEYS
from diagnostics.model import Evidence, FindingStatus, Missing
from diagnostics.symptoms import SYMPTOMS
from facts import Delegated, Standpoint, Vantage
from hosting.model import HostedService, ServiceKind
from standards.dns_types import Lookup, Trouble
from tests.checks_fixtures import AT, MX, Scene
from tests.checks_parts import hop
from wizard.reports.report import headline, report_lines, unchecked_groups

RESOLVER = "127.0.0.9"
SILENT = Lookup(".", "SOA", RESOLVER, AT, trouble=Trouble.TIMEOUT)
KNOWS_NOTHING = Lookup(".", "SOA", RESOLVER, AT, rcode="NXDOMAIN")
ROOT = Lookup(".", "SOA", "198.41.0.4", AT, rcode="NOERROR")
SYMPTOM_IDS = ["", *(s.id for s in SYMPTOMS)]
OUR_LOOKUPS = "Our own look-ups in the DNS do not work just now"


def nxdomain(url):
    return (hop(url, trouble=Trouble.NXDOMAIN, ip=""),)


def unreached(scene):
    """Nobody above the domain answered, and our resolvers say of every name that there is none."""
    scene.undelegated(Delegated.NXDOMAIN)
    # What the collectors bring home there: the domain's mail has no server, and no record stands.
    for key in ("delegation", "records", "dnssec", "servers"):
        scene.missing[key] = Missing.TROUBLE
    for key in ("mail", "mail_setup", "dkim", "dmarc", "sts", "dane", "bimi"):
        scene.missing.pop(key, None)
    scene.registration = None
    scene.public()


def places(*, resolver=KNOWS_NOTHING, roots=()):
    return Standpoint(Vantage("here"), AT, roots, (resolver,))


def cut_off():
    return places(resolver=SILENT, roots=(SILENT,))


STANDPOINTS = (places(), cut_off(), places(resolver=SILENT, roots=(ROOT,)), Scene().standpoint)


MX_NAME = "mx.host.example"
PROTECTED = (
    ("content-security-policy", "frame-ancestors 'self'"),
    ("strict-transport-security", "max-age=31536000"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
)
# What the healthy domain has nothing of: a change under way, a mailbox asked about, …
NOT_MEANT = {
    *("dnssec.announced", "dns.change", "web.wanted", "instructions.records"),
    *("mailbox.account", "mailbox.quota", "mailbox.sign_in"),
}


def healthy():
    """A domain of which everything there is to see was seen, and is in order."""
    scene = Scene()
    scene.every_walk(lambda url: (hop(url, headers=PROTECTED),))
    scene.walks[f"https://www.{scene.domain}/"] = (
        hop(f"https://www.{scene.domain}/", 301, to=f"https://{scene.domain}/"),
        hop(f"https://{scene.domain}/", headers=PROTECTED),
    )
    scene.families = tuple(hop(f"https://{scene.domain}/") for _ in "46")
    scene.post.taking = {"192.0.9.25": (MX_NAME,)}
    scene.post.leads[MX_NAME] = ("192.0.9.25",)
    scene.sites = (replace(scene.sites[0], php="8.4"),)
    scene.services += (HostedService("4", ServiceKind.MAIL, scene.domain),)
    policy = f'"v=DMARC1; p=reject; rua=mailto:reports@{scene.domain}"'
    scene.zone[f"_dmarc.{scene.domain}", "TXT"] = (policy,)
    return scene


def report_of(scene, evidence):
    return evaluate(scene.report().run, evidence, AT, checks=CHECKS)


def without(evidence, key, missing):
    gone = replace(evidence.items[key], value=None, missing=missing)
    return Evidence({**evidence.items, key: gone})


def changed(evidence, key, value):
    return Evidence({**evidence.items, key: replace(evidence.items[key], value=value)})


def silenced(value):
    """The same with every look in it answered by nobody."""
    if isinstance(value, tuple):
        return tuple(map(silenced, value))
    if not is_dataclass(value):
        return value
    parts = {f.name: silenced(getattr(value, f.name)) for f in fields(value)}
    if "trouble" in parts:
        blank = {f.name: f.default for f in fields(value) if f.default is not MISSING}
        told_before = ("host", "server_name", "transport")
        parts |= {name: blank[name] for name in blank if name not in told_before}
        parts["trouble"] = Trouble.TIMEOUT
    return replace(value, **parts)


def said_to_be_in_order(report):
    return {j.check for j in report.findings if j.status is FindingStatus.PASS}


def test_everything_is_in_order_of_a_healthy_domain_that_was_seen() -> None:
    report = healthy().report()
    assert {c.id for c in CHECKS} - said_to_be_in_order(report) == NOT_MEANT
    verdict = headline(report, "en")
    assert verdict is not None
    assert verdict.id == "run.all_clear"


SEEN_KEYS = [name for name, item in healthy().evidence().items.items() if item.value is not None]


def resting_on(key, report):
    passed = (j for j in report.findings if j.status is FindingStatus.PASS)
    return [j.check for j in passed if key in j.finding.evidence]


@pytest.mark.parametrize("missing", [Missing.TROUBLE, Missing.LATE])
@pytest.mark.parametrize("key", SEEN_KEYS)
def test_without_a_piece_of_evidence_nothing_that_rests_on_it_is_in_order(key, missing) -> None:
    scene = healthy()
    report = report_of(scene, without(scene.evidence(), key, missing))
    assert resting_on(key, report) == []
    verdict = headline(report, "en")
    assert verdict is not None
    assert verdict.id != "run.all_clear"


LOOKED_FOR = [
    key.name
    for key in KEYS
    if key.name in SEEN_KEYS
    and silenced(healthy().evidence()[key]) != healthy().evidence()[key]
    and key.name != "registration"  # a registry's trouble is a state of its own
]


@pytest.mark.parametrize("key", LOOKED_FOR)
def test_where_every_look_failed_nothing_that_rests_on_it_is_in_order(key) -> None:
    scene = healthy()
    evidence = scene.evidence()
    report = report_of(scene, changed(evidence, key, silenced(evidence.items[key].value)))
    assert resting_on(key, report) == []
    verdict = headline(report, "en")
    assert verdict is not None
    assert verdict.id != "run.all_clear"


@pytest.mark.parametrize(
    ("key", "part", "checks"),
    [
        ("delegation", "soa", {"dns.soa"}),
        ("delegation", "ns", {"dns.nsset"}),
        ("delegation", "parents", {"dns.parents"}),
        ("dnssec", "dnskey", {"dnssec.signature", "dnssec.methods"}),
        ("servers", "tcp", {"dns.transport"}),
        ("servers", "ptr", {"dns.reverse"}),
        ("mail_names", "outgoing", {"mail.outgoing"}),
        ("mail_names", "hosts", {"mail.reverse"}),
        ("web", "families", {"web.family"}),
        ("tls", "handshakes", {"tls.certificate", "tls.strength", "tls.hsts"}),
        ("mail", "hosts", {"mail.greeting", "mail.starttls"}),
        ("mail_ports", "boxes", {"mail.ports"}),
        ("mail_ports", "submissions", {"mail.ports"}),
    ],
)
def test_what_one_check_looks_at_may_be_dark_while_the_rest_was_seen(key, part, checks) -> None:
    scene = healthy()
    evidence = scene.evidence()
    value = evidence.items[key].value
    dark = replace(value, **{part: silenced(getattr(value, part))})
    report = report_of(scene, changed(evidence, key, dark))
    assert not said_to_be_in_order(report) & checks
    assert resting_on(key, report) or key == "mail_ports"  # which one check alone looks at


@pytest.mark.parametrize("standpoint", STANDPOINTS)
@pytest.mark.parametrize("symptom", SYMPTOM_IDS)
def test_where_nothing_was_seen_nothing_outside_is_in_order_or_advised(standpoint, symptom) -> None:
    """Every check of every symptom, in a world that none of them could look at."""
    scene = Scene(standpoint=standpoint, symptom=symptom)
    unreached(scene)
    report = scene.report()
    assert said_to_be_in_order(report) <= {"incident.known", "incident.vantage"}
    seen = {j.status for j in report.findings}
    assert seen <= {FindingStatus.PASS, FindingStatus.UNKNOWN}  # no advice of what is not known
    verdict = headline(report, "en")
    assert verdict is not None
    if any(j.status is FindingStatus.UNKNOWN for j in report.findings):
        assert (verdict.id, verdict.status) == ("run.nothing_seen", FindingStatus.UNKNOWN)
    whys = " ".join(gap.why for gap in unchecked_groups(report_lines(report, "en")))
    assert "The name does not exist" not in whys
    assert "leads to no name servers" not in whys


@pytest.mark.parametrize(
    ("standpoint", "begins"),
    [
        (places(), OUR_LOOKUPS),
        (places(resolver=SILENT, roots=(ROOT,)), OUR_LOOKUPS),
        (cut_off(), "Our own connection does not work just now"),
        (Scene().standpoint, "We could not see enough of cafe.example"),
    ],
)
@pytest.mark.parametrize("symptom", ["", "site_down", "mail_not_arriving"])
def test_our_own_fault_is_said_first(standpoint, begins, symptom) -> None:
    scene = Scene(standpoint=standpoint, symptom=symptom)
    unreached(scene)
    verdict = headline(scene.report(), "en")
    assert verdict is not None
    assert verdict.text.startswith(begins)


def test_what_the_panel_says_stands_though_we_see_nothing_outside() -> None:
    scene = Scene(standpoint=places())
    unreached(scene)
    for key in ("hosting", "mailbox"):
        scene.missing.pop(key, None)
    verdict = headline(scene.report(), "en")
    assert "hosting.disk" in said_to_be_in_order(scene.report())
    assert verdict is not None
    assert verdict.id == "run.nothing_seen"


@pytest.mark.parametrize("outcome", [Delegated.NXDOMAIN, Delegated.NO])
def test_of_a_domain_that_leads_nowhere_nothing_is_in_order(outcome) -> None:
    scene = Scene(registration=None)
    scene.undelegated(outcome)
    scene.registration = None
    scene.public()
    report = scene.report()
    verdict = headline(report, "en")
    assert verdict is not None
    assert verdict.status is FindingStatus.FAIL
    heads = {j.check for j in report.findings if j.status is FindingStatus.PASS and not j.cause}
    assert heads == {"incident.known", "incident.vantage"}
    unseen_checks = {
        "dns.ns",
        "dns.provider",
        "dns.nsset",
        "dns.machines",
        "dns.soa",
        "dns.delegation",
    }
    assert not said_to_be_in_order(report) & unseen_checks
    assert not [c for c in said_to_be_in_order(report) if c.startswith("web.")]


def without_site(scene):
    scene.every_walk(nxdomain, "trouble")
    scene.families = ()
    scene.missing["tls"] = Missing.SKIPPED


def dead_over_both_families(scene):
    without_site(scene)
    scene.families = tuple(hop(f"https://{scene.domain}/", trouble=Trouble.TIMEOUT) for _ in "46")


@pytest.mark.parametrize("change", [without_site, dead_over_both_families])
def test_of_a_site_that_gave_no_answer_nothing_is_in_order(change) -> None:
    scene = Scene()
    change(scene)
    web = {c for c in said_to_be_in_order(scene.report()) if c.startswith(("web.", "tls."))}
    assert web == {"web.root"}  # which the panel tells
    assert "hosting.php" not in said_to_be_in_order(scene.report())


def without_mx(scene):
    scene.zone[scene.domain, "MX"] = ()


def silent_mail_host(scene):
    scene.greetings = {MX: {"trouble": Trouble.TIMEOUT}}


def mail_host_without_address(scene):
    scene.mail_addresses = {}


@pytest.mark.parametrize("change", [without_mx, silent_mail_host, mail_host_without_address])
def test_of_mail_servers_that_did_not_speak_nothing_is_in_order(change) -> None:
    scene = Scene()
    change(scene)
    about_servers = {"mail.greeting", "mail.starttls", "mail.reverse"}
    assert not said_to_be_in_order(scene.report()) & about_servers


def test_it_works_is_said_only_where_that_answered_which_was_asked_about() -> None:
    def verdict(symptom, *changes):
        scene = Scene(symptom=symptom)
        scene.zone[f"_dmarc.{scene.domain}", "TXT"] = ()
        for change in changes:
            change(scene)
        message = headline(scene.report(), "en")
        assert message is not None
        return message.id

    def port_25_is_shut(scene):
        scene.greetings, scene.unasked = {"*": {}}, "port25"
        scene.missing["mail_ports"] = Missing.WITHHELD

    assert verdict("") == "run.remarks"
    assert verdict("", port_25_is_shut) == "run.remarks"  # the site answered
    assert verdict("mail_not_sent") == "run.remarks"
    assert verdict("mail_not_sent", port_25_is_shut) == "run.partly_remarks"


def test_a_site_that_could_not_be_looked_at_is_no_clear_picture() -> None:
    """The domain is sound, but our guard did not let us open the one thing that was asked about."""
    scene = Scene(symptom="site_down")
    scene.every_walk(lambda url: (hop(url, trouble=Trouble.OVERBUDGET, ip=""),), "trouble")
    scene.missing["tls"] = Missing.TROUBLE
    verdict = headline(scene.report(), "en")
    assert verdict is not None
    assert verdict.id == "run.nothing_seen"


@pytest.mark.parametrize("symptom", ["", "site_down", "site_error"])
@pytest.mark.parametrize(
    ("status", "title"), [(401, "Shop"), (429, "Too many requests"), (200, "Just a moment…")]
)
def test_of_a_site_whose_page_is_kept_from_us_no_headline_says_that_it_works(
    status, title, symptom
) -> None:
    scene = Scene(symptom=symptom)
    scene.every_walk(lambda url: (hop(url, status, title=title),))
    verdict = headline(scene.report(), "en")
    assert verdict is not None
    assert verdict.id == "run.partly_clear"
    assert verdict.text.endswith("is in order; some things we could not check.")
