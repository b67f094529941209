"""Hours and promises, routing, facts asked for, drafts, access and letters: all pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.model import Assurance, Contact, ContactRole, Person, StaffRole, Visitor
from diagnostics.model import (
    Evidence,
    Finding,
    FindingStatus,
    Report,
    Run,
    RunState,
    Scope,
    Severity,
)
from diagnostics.symptoms import FollowUpAnswer
from render.message_format import sentence
from subject import Subject, SubjectKind
from tests.desk_fixtures import judged
from tickets.access import may_read
from tickets.departments.opening_hours import (
    ALWAYS,
    OpeningHours,
    answer_expected,
    open_spans,
    parse_week,
)
from tickets.departments.routing import (
    AREAS,
    CATEGORIES,
    Department,
    Priority,
    category_of,
    department,
    priority_of,
)
from tickets.drafting.completeness import ASKS, EXAMPLES, measure_completeness, questions_for
from tickets.drafting.draft import TicketRequest, compose, facts, failing_finding_ids, fingerprint
from tickets.drafting.form import TicketForm, prefilled, read
from tickets.emails import email_texts as emails
from tickets.labels import hours_text
from tickets.model import is_same_matter
from tickets.reports import ReportedSymptom
from wizard.reports.catalogue import CATALOGUE

OFFICE = OpeningHours("Europe/Prague", parse_week("Mon-Fri 08:00-16:30"), ALWAYS, "CZ")
DAY = timedelta(hours=8, minutes=30)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("received", "within", "expected"),
    [
        ("2026-01-15T09:00", timedelta(hours=4), "2026-01-15T13:00"),  # Thursday, in hours
        ("2026-01-15T14:30", timedelta(hours=4), "2026-01-16T10:00"),  # 1 h left, then Friday
        ("2026-01-16T15:30", timedelta(hours=1), "2026-01-19T08:00"),  # Friday night → Monday
        ("2026-01-17T10:00", DAY, "2026-01-19T15:30"),  # Saturday, one working day
        ("2026-12-23T15:30", timedelta(hours=1), "2026-12-28T08:00"),  # over Czech Christmas
        ("2026-03-27T15:00", timedelta(hours=1), "2026-03-30T06:30"),  # clocks go forward on Sunday
    ],
)
def test_a_promise_is_counted_in_guaranteed_hours(received, within, expected):
    assert answer_expected(OFFICE, within, at(received)) == at(expected)


def test_around_the_clock_a_day_is_a_day_and_no_promise_is_none():
    assert answer_expected(OpeningHours(), timedelta(hours=24), at("2026-01-17T23:00")) == at(
        "2026-01-18T23:00"
    )
    assert answer_expected(OpeningHours(), None, at("2026-01-17T23:00")) is None
    assert (
        answer_expected(OpeningHours(guaranteed={}), timedelta(hours=1), at("2026-01-17T23:00"))
        is None
    )


def test_the_hours_from_now_on_begin_now_when_it_is_open():
    def first(hours, week, moment):
        return next(open_spans(hours, week, at(moment)), None)

    noon, evening = "2026-01-15T11:00", "2026-01-15T20:00"
    assert first(OFFICE, OFFICE.guaranteed, noon)[0] == at(noon)
    assert first(OFFICE, OFFICE.guaranteed, evening)[0] > at(evening)
    assert first(OFFICE, OFFICE.available, evening)[0] == at(evening)
    night = parse_week("Fri 22:00-06:00")
    saturday = first(OpeningHours(), night, "2026-01-17T05:00")
    assert saturday == (at("2026-01-17T05:00"), at("2026-01-17T06:00"))


@pytest.mark.parametrize("bad", ["sometimes", "Mon 8", "Xyz 08:00-09:00", "Mon-Fri 08:00-25:99"])
def test_hours_that_cannot_be_read_say_so(bad):
    with pytest.raises(ValueError, match="not like"):
        parse_week(bad)


def test_hours_in_words():
    assert hours_text(parse_week("Mon-Fri 07:00-23:00, Sat-Sun 12:00-20:00"), "en") == (
        "Mon–Fri 07:00–23:00; Sat–Sun 12:00–20:00"
    )
    assert hours_text(parse_week("Wed 09-12, Wed 13-15"), "en") == "Wed 09:00–12:00 and 13:00–15:00"
    assert hours_text(ALWAYS, "en") == "around the clock, every day"
    assert hours_text({}, "en") == ""


def report(*findings, symptom="site_down", scope=Scope.PUBLIC):
    subject = Subject(SubjectKind.DOMAIN, "shop.example", "shop.example", "shop.example")
    run = Run("r1", "", subject, scope, symptom, RunState.DONE, at("2026-01-15T12:00"))
    return Report(run, Evidence(), findings, complete=True)


def test_the_department_follows_the_category():
    web, money, rest = (
        Department("web", {"en": "Web"}, ("web", "mail")),
        Department("money", {"en": "Money"}, ("billing",)),
        Department("rest", {"en": "Rest"}),
    )
    teams = (web, money, rest)
    assert [department(teams, c).id for c in ("mail", "billing", "other", "", "nonsense")] == [
        "web", "money", "rest", "rest", "rest",
    ]  # fmt: skip
    assert department((), "web").id == "support"
    assert department((web,), "other").id == "web"
    assert web.name("cs") == "Web"


def test_urgency_follows_what_was_seen_not_what_is_claimed():
    critical = judged("domain.registration.expired", severity=Severity.CRITICAL)
    assert priority_of("web", report(critical)) is Priority.OUTAGE
    assert priority_of("web", report(judged("web.redirect.loop"))) is Priority.HIGH
    warned = report(judged("quota.disk.near", FindingStatus.WARN, Severity.WARNING))
    assert priority_of("web", warned) is Priority.NORMAL
    assert priority_of("billing", None) is Priority.LOW
    assert priority_of("web", None) is Priority.NORMAL


def test_a_category_is_suggested_by_the_first_cause():
    assert category_of(report(judged("mail.mx.missing"))) == "mail"
    assert category_of(report(judged("dns.ns.lame"), judged("web.redirect.loop"))) == "domain"
    assert category_of(report(judged("mailbox.lockout.locked"))) == "mail"
    assert category_of(report(), "mail") == "mail"
    assert category_of(report(), "no such category") == "other"
    assert category_of(None) == ""


def test_every_area_of_findings_has_a_category_but_incidents():
    areas = {message.split(".")[0] for message in CATALOGUE.messages}
    assert set(AREAS) == areas - {"incident"}
    assert set(AREAS.values()) <= set(CATEGORIES)


def test_every_category_asks_and_shows_a_good_and_a_bad_example():
    assert set(ASKS) == set(EXAMPLES) == set(CATEGORIES)
    for category in CATEGORIES:
        for ask in questions_for(category):
            assert ask.enough(ask.good), (category, ask.name)
    assert questions_for("nonsense") == questions_for("other")


def test_the_gauge_names_what_is_missing():
    poor = measure_completeness("mail", {}, "ne radi mi mail", "shop.example")
    assert {a.name for a in poor.missing} == {"mailbox", "direction", "error", "client", "since"}
    assert (poor.have, poor.needed, poor.level) == (2, 7, "fail")
    vague = measure_completeness("mail", {"mailbox": "jana", "error": "chyba"}, "")
    assert {"mailbox", "error"} <= {a.name for a in vague.missing}
    answers = {a.name: a.good for a in questions_for("mail")}
    full = measure_completeness("mail", answers, "Sending fails since yesterday", "shop.example")
    assert (full.missing, full.level, full.have) == ((), "ok", full.needed)
    url = {**{a.name: a.good for a in questions_for("web")}, "url": "shop.example/page"}
    only_url = measure_completeness("web", url, "It does not open", "shop.example")
    assert [a.name for a in only_url.missing] == ["url"]  # the scheme matters


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_gauge_lists_as_many_as_it_counts(category):
    for text, service in (("", ""), ("help", "shop.example"), ("It does not open", "")):
        gauge = measure_completeness(category, {}, text, service)
        listed = [ask.field for ask in gauge.missing]
        assert gauge.have + len(listed) == gauge.needed
        assert len(set(listed)) == len(listed)
        assert ("text" in listed, "service" in listed) == (len(text) < 12, not service)


def visitor(role=None, account="A1", staff=None, id="mara"):
    contacts = (Contact(account, role),) if role else ()
    person = Person(id, f"{id}@people.example", id.title(), "", staff, contacts)
    return Visitor(person, Assurance.SIGNED_IN, "s", at("2026-01-15T11:00"), "password")


def draft(request, who=None, report=None):
    return compose(
        request,
        who or visitor(ContactRole.OWNER),
        report,
        headline="The site redirects in a circle" if report else "",
        category="Web site",
        department="web",
        priority=Priority.HIGH,
        lang="en",
        at=at("2026-01-15T12:00"),
        words=lambda text, args: sentence("en", text, args),
    )


REQUEST = TicketRequest(
    "web", "shop.example", "It fails", "A1",
    answers={"url": "https://shop.example/", "mailbox": "not asked here", "since": ""},
    consents={"may_change": True},
    run="r1",
)  # fmt: skip


def test_a_draft_says_who_asked_how_they_were_known_and_what_was_found():
    findings = draft(
        REQUEST, report=report(judged("web.redirect.loop"), judged("web.redirect.loop"))
    )
    assert findings.subject == "shop.example: The site redirects in a circle"
    assert findings.findings == ("web.redirect.loop",)
    assert (findings.statement.role, findings.statement.method) == ("owner", "password")
    assert findings.statement.assurance == 2
    assert findings.answers == {"url": "https://shop.example/"}
    assert findings.consents == {"diagnose_only": False, "may_change": True, "backup_first": False}
    values_by_label = {f.label: f.values for f in facts(findings, "Web site")}
    assert values_by_label["Service"] == ("shop.example",)
    assert values_by_label["The complete address of the page, with http or https"] == (
        "https://shop.example/",
    )
    assert draft(REQUEST).subject == "shop.example: Web site"
    assert draft(REQUEST, visitor()).statement.role == "stranger"
    assert draft(REQUEST, visitor(staff=StaffRole.AGENT)).statement.role == "staff"


def test_the_same_words_on_the_same_day_are_the_same_ticket():
    day = date(2026, 1, 15)
    first = fingerprint(REQUEST, "mara", ("a", "b"), day)
    respelt = TicketRequest("web", "SHOP.example", "  it\n FAILS ", "A1")
    assert first == fingerprint(respelt, "mara", ("b", "a"), day)
    assert first != fingerprint(REQUEST, "zed", ("a", "b"), day)
    assert first != fingerprint(REQUEST, "mara", ("a",), day)
    assert first != fingerprint(REQUEST, "mara", ("a", "b"), date(2026, 1, 16))


def test_what_counts_as_the_same_thing():
    findings = draft(REQUEST, report=report(judged("web.redirect.loop")))
    again = draft(REQUEST, report=report(judged("web.redirect.loop"), judged("quota.disk.full")))
    other = draft(REQUEST, report=report(judged("quota.disk.full")))
    assert is_same_matter(findings, again)
    assert not is_same_matter(findings, other)
    assert is_same_matter(findings, draft(REQUEST))
    elsewhere = draft(TicketRequest("web", "other.example", "It fails", "A1"))
    assert not is_same_matter(findings, elsewhere)


def test_followers_and_passes_are_no_problems():
    findings = report(judged("web.redirect.loop"), judged("quota.disk.near", FindingStatus.NOTICE))
    assert failing_finding_ids(findings) == ("web.redirect.loop",)
    assert failing_finding_ids(None) == ()


def test_who_may_read_a_ticket():
    technical = draft(REQUEST)
    bill = draft(TicketRequest("billing", "2026-1", "Wrong name", "A1"))
    loose = draft(TicketRequest("web", "other.example", "It fails"), visitor(id="zed"))

    def reads(who):
        return [may_read(who.person, d) for d in (technical, bill, loose)]

    assert reads(visitor(ContactRole.OWNER, id="m2")) == [True, True, False]
    assert reads(visitor(ContactRole.TECHNICAL, id="tomas")) == [True, False, False]
    assert reads(visitor(ContactRole.BILLING, id="vera")) == [False, True, False]
    assert reads(visitor(id="zed")) == [False, False, True]
    assert reads(visitor(ContactRole.OWNER, account="B7", id="other")) == [False, False, False]
    assert reads(visitor(id="mara")) == [False, False, False]  # no longer a contact
    assert reads(visitor(staff=StaffRole.AGENT, id="ben")) == [True, True, True]
    assert not may_read(None, technical)


def test_a_letter_is_one_heading_and_plain_text():
    letter = emails.reply(
        emails.EmailReader("mara@people.example", "Mara", "en", "Europe/Prague"),
        key="k",
        number="7",
        subject="{name}\r\nBcc: all@people.example",
        agent="Ben",
        text="Set {this} <now>",
        url="https://portal.example/tickets/1",
    )
    assert "\n" not in letter.subject
    assert letter.subject.startswith("Answer to your request 7: {name} Bcc:")
    assert "Set {this} <now>" in letter.text
    assert letter.text.count("Mara") == 1


def test_the_form_keeps_only_known_choices():
    form = read({"category": "root", "work": "rm", "go": "away", "fact_evil": "x", "text": " a "})
    assert (form.category, form.work, form.go, form.facts) == ("", "diagnose", "", {})
    assert form.text == "a"
    assert read(form.values()).values() == form.values()
    assert read({"filled": "1"}).backup is False
    assert read({}).backup is True


def answers(*pairs):
    return ReportedSymptom(
        "web", tuple(FollowUpAnswer(fact, f"{fact}?", answer) for fact, answer in pairs)
    )


def test_what_the_wizard_asked_is_not_asked_again():
    """Each answer is in its field; those without one begin the text, and nothing typed is lost."""
    symptom = answers(("since", "Since Monday"), ("error", "503 from the shop"), ("paid", "No. 45"))
    full = prefilled(TicketForm(), report().run, report(), symptom)
    assert full.category == "web"
    assert (full.facts["since"], full.facts["error"]) == ("Since Monday", "503 from the shop")
    assert full.text == "paid? No. 45"
    typed = TicketForm(text="It hurts", facts={"since": "Tuesday"})
    full = prefilled(typed, report().run, report(), symptom)
    assert (full.text, full.facts["since"]) == ("It hurts", "Tuesday")


def with_args(id, **args):
    assessment = judged(id)
    return replace(assessment, finding=Finding(id, args))


@pytest.mark.parametrize(
    ("findings", "error"),
    [
        ([with_args("web.site.unavailable", status="503", reason="Busy")], "503 Busy"),
        ([with_args("web.site.database_error", words="No database")], "No database"),
        ([with_args("mail.delivery.refused", reply="554 no"), judged("web.site.loop")], "554 no"),
        ([judged("mail.mx.missing"), with_args("web.site.program_error", words="Fatal")], None),
        ([judged("web.redirect.loop")], None),
    ],
)
def test_the_error_that_the_report_quotes_is_not_asked_for(findings, error):
    """But another one, of something else, is."""
    attached = report(*findings)
    assert prefilled(TicketForm(), attached.run, attached).facts.get("error") == error
    answered = prefilled(TicketForm(), attached.run, attached, answers(("error", "As I saw it")))
    assert answered.facts["error"] == "As I saw it"
