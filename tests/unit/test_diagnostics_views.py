"""Comparing, hiding, deciding who sees what, and putting reports into words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from accounts.model import NOBODY, Assurance, Contact, ContactRole, Person, StaffRole, Visitor
from diagnostics.checks import CHECKS
from diagnostics.evidence.keys import (
    HOSTING,
    KEYS,
    KNOWN_INCIDENT,
    MAIL,
    REGISTRATION,
    MatchingIncident,
)
from diagnostics.evidence.mail import BLOCKLISTS, REVERSE
from diagnostics.evidence.mail_authentication import DKIM, Dkim, Selector
from diagnostics.evidence.web import WEB
from diagnostics.model import Evidence, FindingStatus, Missing, Run, RunState, Scope
from kb.model import Article
from standards.dns_types import Lookup, Trouble
from subject import Subject, SubjectKind
from tests.checks_fixtures import AT, OURS, Scene
from tests.checks_parts import ends, full_disk
from wizard.reports import phrases
from wizard.reports.report import document, headline, report_lines, unchecked_groups
from wizard.reports.traces import query_traces
from wizard.reports.views import progress, report_page
from wizard.runs import access, privacy
from wizard.runs.handler import Evaluator

MARA = Person("mara", "m@people.example", "Mara", contacts=(Contact("A100", ContactRole.OWNER),))
VERA = Person("vera", "v@people.example", "Vera", contacts=(Contact("A100", ContactRole.BILLING),))
FULL = "hosting.disk.over"
BEN = Person("ben", "b@people.example", "Ben", staff=StaffRole.AGENT)
ZED = Person("zed", "z@people.example", "Zed", contacts=(Contact("A200", ContactRole.OWNER),))


def signed(person, assurance=Assurance.SIGNED_IN):
    return Visitor(person, assurance, "s1")


def run_of(scene, scope=Scope.STAFF, **more):
    values = {"state": RunState.DONE, "account": "A100", **more}
    return Run("r1", "h", scene.subject(), scope, "", created_at=AT, **values)


# ---------------------------------------------------------------- who may look how far
@pytest.mark.parametrize(
    ("visitor", "account", "expected"),
    [
        (NOBODY, "A100", (Scope.PUBLIC, "")),
        (signed(ZED), "A100", (Scope.PUBLIC, "")),
        (signed(MARA), "A100", (Scope.CONTACT, "A100")),
        (signed(VERA), "A100", (Scope.CONTACT, "A100")),
        (signed(MARA, Assurance.LINK), "A100", (Scope.PUBLIC, "")),
        (signed(MARA), "", (Scope.PUBLIC, "")),
        (signed(BEN), "A100", (Scope.STAFF, "A100")),
        (signed(BEN), "", (Scope.STAFF, "")),
    ],
)
def test_scope_comes_from_the_session(visitor, account, expected) -> None:
    assert access.scope_for(visitor, account) == expected


@pytest.mark.parametrize(
    ("visitor", "scope", "cookie", "allowed"),
    [
        (NOBODY, Scope.PUBLIC, "", False),
        (NOBODY, Scope.PUBLIC, "cookie", True),
        (NOBODY, Scope.PUBLIC, "another", False),
        (NOBODY, Scope.CONTACT, "cookie", False),
        (signed(ZED), Scope.CONTACT, "cookie", False),
        (signed(ZED), Scope.STAFF, "cookie", False),
        (signed(MARA), Scope.CONTACT, "", True),
        (signed(VERA), Scope.CONTACT, "", True),
        (signed(MARA, Assurance.LINK), Scope.CONTACT, "", False),
        (signed(BEN), Scope.CONTACT, "", True),
        (signed(BEN), Scope.PUBLIC, "", True),
    ],
)
def test_who_sees_the_full_view(visitor, scope, cookie, allowed) -> None:
    run = run_of(Scene(), scope, session="cookie", person="mara")
    seen = access.view_for(visitor, run, cookie)
    assert (seen is not access.View.PUBLIC) is allowed


def test_a_run_without_a_cookie_is_nobodys() -> None:
    run = run_of(Scene(), Scope.PUBLIC, session="")
    assert access.view_for(NOBODY, run, "") is access.View.PUBLIC


# ---------------------------------------------------------------- the public view
def test_the_public_view_holds_nothing_of_the_account() -> None:
    scene = Scene(
        url="https://cafe.example/secret?key=1",
        kind=SubjectKind.URL,
        known_incidents=MatchingIncident("i1", {"en": "Storage of web7 is away"}, AT),
    )
    run = run_of(scene, person="mara", answers={"since": "monday"})
    seen = privacy.public_evidence(run, scene.evidence())
    assert {k for k, i in seen.items.items() if i.missing is Missing.WITHHELD} == {
        "hosting",
        "expected",
        "known",
        "instructed",
        "mail_ports",
    }
    assert seen[REVERSE].outgoing == ()
    assert {x.sort for x in seen[BLOCKLISTS].listings} == {"domain"}
    assert HOSTING not in seen
    assert KNOWN_INCIDENT not in seen
    assert all(host.dialogue is None for host in seen[MAIL].hosts)
    assert seen[REGISTRATION].raw == ""
    published = msgspec.json.encode(
        document(Evaluator(_At()).public(run, scene.evidence()), "en")
    ).decode()
    for private in ("secret", "key=1", "web7", "/www/cafe", "Mara", "A100", "monday"):
        assert private not in published, private


def test_the_public_view_tells_nothing_that_only_the_panel_or_the_operator_knows() -> None:
    key = ('"v=DKIM1; p=abc"',)
    scene = Scene()
    scene.registered(entered_expires=AT.date())
    kept = scene.evidence()
    selectors = (
        Selector("default", "usual", key, panel=True),
        Selector("google", "usual", key),
        Selector("k1", "usual", exists=False, panel=True),
        Selector("plesk77", "panel", key, panel=True),
    )
    looked = tuple(
        Lookup(f"{s.name}._domainkey.cafe.example", "TXT", "192.0.2.53", AT) for s in selectors
    )
    item = replace(kept.items["dkim"], value=Dkim("cafe.example", selectors, looked))
    kept = Evidence({**kept.items, "dkim": item})
    seen = privacy.public_evidence(run_of(scene), kept)
    assert [(s.name, s.panel, s.source) for s in seen[DKIM].selectors] == [
        ("default", False, "usual"),
        ("google", False, "usual"),
    ]
    assert [x.name.partition(".")[0] for x in seen[DKIM].lookups] == ["default", "google"]
    assert seen[REGISTRATION].entered_expires is None


def test_the_public_view_drops_cookies_of_a_walk() -> None:
    scene = Scene()
    scene.every_walk(lambda url: (_with_cookie(url),))
    seen = privacy.public_evidence(run_of(scene, Scope.PUBLIC), scene.evidence())
    assert "session=1" not in str(seen[WEB])


def _with_cookie(url):
    chain = Scene().evidence()[WEB].chains[0]
    return replace(chain.hops[0], url=url, headers=(("set-cookie", "session=1"),))


def test_a_mailbox_and_a_typed_text_are_not_told_to_strangers() -> None:
    subject = Subject(
        SubjectKind.MAILBOX, "m@cafe.example", "cafe.example", "cafe.example", "", "m@cafe.example"
    )
    public = privacy.public_subject(subject)
    assert (public.text, public.mailbox, public.kind) == ("cafe.example", "", SubjectKind.DOMAIN)


# ---------------------------------------------------------------- in words
def test_the_verdict_names_the_first_problem_and_counts_the_rest() -> None:
    scene = Scene()
    full_disk(scene)
    ends(scene, 14)
    verdict = headline(scene.report(), "en")
    assert verdict is not None
    assert (verdict.id, verdict.status, verdict.more) == (FULL, FindingStatus.FAIL, 1)


def test_while_running_there_is_no_verdict() -> None:
    report = replace(Scene().report(), complete=False)
    assert headline(report, "en") is None
    assert document(report, "en")["headline"] is None


def test_a_healthy_domain_is_told_so() -> None:
    verdict = headline(Scene().report(), "en")
    assert verdict is not None
    assert (verdict.id, verdict.status) == ("run.all_clear", FindingStatus.PASS)


def test_doubt_is_not_called_all_clear() -> None:
    scene = Scene(missing={"registration": Missing.LATE})
    verdict = headline(scene.report(), "en")
    assert verdict is not None
    assert verdict.id == "run.partly_clear"


def test_when_nothing_was_seen_we_say_that() -> None:
    scene = Scene(missing=dict.fromkeys((key.name for key in KEYS), Missing.TROUBLE))
    verdict = headline(scene.report(), "en")
    assert verdict is not None
    assert (verdict.id, verdict.status) == ("run.nothing_seen", FindingStatus.UNKNOWN)


def test_followers_stand_inside_their_cause() -> None:
    scene = Scene()
    full_disk(scene)
    scene.every_walk(lambda url: (replace(_with_cookie(url), status=500),))
    (cause,) = [x for x in report_lines(scene.report(), "en") if x.id == FULL]
    assert "web.site.server_error" in [f.id for f in cause.followers]


def test_gaps_are_grouped_by_reason() -> None:
    scene = Scene()
    scene.public()
    findings = unchecked_groups(report_lines(scene.report(), "en"))
    signed_out = [gap for gap in findings if gap.why == phrases.WITHHELD]
    assert len(signed_out) == 1
    assert "There is free disk space" in signed_out[0].titles


def test_every_reason_not_to_know_has_its_own_words() -> None:
    reasons = set()
    for missing in (Missing.WITHHELD, Missing.LATE, Missing.SKIPPED):
        scene = Scene(missing={"registration": missing})
        reasons |= {gap.why for gap in unchecked_groups(report_lines(scene.report(), "en"))}
    assert len(reasons) == 3
    assert not [r for r in reasons if "{" in r]


def test_the_document_has_the_fields_of_the_contract() -> None:
    scene = Scene()
    full_disk(scene)
    article = Article("disk-full", "en", "Free some space", "disk", (), (), "")
    fields = document(scene.report(), "en", lambda name, _: (article,) if "disk" in name else ())
    assert set(fields) >= {
        "schema",
        "subject",
        "scope",
        "symptom",
        "state",
        "started_at",
        "finished_at",
        "headline",
        "findings",
        "evidence",
        "incident",
    }
    (finding,) = [f for f in fields["findings"] if f["id"] == FULL]
    assert (finding["status"], finding["severity"], finding["articles"]) == (
        "fail",
        "critical",
        ["disk-full"],
    )
    assert set(finding) >= {"owner", "args", "title", "seen", "why", "steps", "evidence"}
    assert fields["evidence"]["registration"]["value"]["expires"] == "2026-11-11"
    assert msgspec.json.decode(msgspec.json.encode(fields))["subject"]["domain"] == "cafe.example"


def test_a_page_shows_evidence_with_server_question_answer_and_time() -> None:
    rows = query_traces(Scene().evidence(), ("records",), {"name": "www.cafe.example"})
    assert rows[0].query.startswith("www.cafe.example ")
    assert "ns1.host.example" in rows[0].server
    assert OURS in rows[0].answer
    assert rows[0].at == AT


def test_progress_names_each_check_with_its_state() -> None:
    scene = Scene()
    full_disk(scene)
    evidence = replace(scene.evidence(), items={"hosting": scene.evidence().items["hosting"]})
    run = run_of(scene, state=RunState.RUNNING)
    judge = Evaluator(_At())
    steps = progress(judge.report(run, evidence), CHECKS, "en", 0)
    states = {step.title: step.state for step in steps.steps}
    assert states["There is free disk space"] == "fail"
    assert states["The domain is registered"] == "waiting"
    assert [line.id for line in steps.lines] == [FULL]
    assert steps.done < len(steps.steps)


class _At:
    def now(self):
        return datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


def test_a_page_offers_each_article_once_and_five_at_most() -> None:
    scene = Scene()
    full_disk(scene)
    many = tuple(Article(f"a{n}", "en", f"Article {n}", "t", (), (), "") for n in range(7))
    page = report_page(scene.report(), "en", lambda _id, _lang: many, changes=None, fixed=())
    assert [a.slug for a in page.articles] == ["a0", "a1", "a2", "a3", "a4"]


def test_trouble_is_named_in_the_gap() -> None:
    scene = Scene()
    evidence = scene.evidence()
    items = {**evidence.items}
    items["registration"] = replace(
        items["registration"], value=None, missing=Missing.TROUBLE, trouble=Trouble.TIMEOUT
    )
    report = Evaluator(_At()).report(run_of(scene), replace(evidence, items=items))
    assert "No answer came in time." in [
        gap.why for gap in unchecked_groups(report_lines(report, "en"))
    ]


def test_of_a_zone_without_keys_nothing_about_keys_is_in_order() -> None:
    """To say that the signatures are valid, beside that there are none, would be false."""
    scene = Scene()
    scene.ds = scene.dnskey = ()
    lines = report_lines(scene.report(), "en")
    about_keys = {f.id: f.status for f in lines if f.id.startswith("dnssec.")}
    assert about_keys["dnssec.unsigned.with_no_ds"] is FindingStatus.NOTICE
    assert [name for name in about_keys if name.endswith(".ok")] == ["dnssec.resolver.ok"]
