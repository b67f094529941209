"""What counts as having seen something of a domain: value by value, without a whole run."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from diagnostics.disclosure import (
    Audience,
    PartialDisclosure,
    UndeclaredField,
    each,
    public_headers,
)
from diagnostics.evidence.keys import (
    DELEGATION,
    MAIL,
    RECORDS,
    STANDPOINT,
    MailHost,
    MailServers,
    Records,
)
from diagnostics.evidence.mail import PORTS, MailPorts
from diagnostics.evidence.web import WEB, WebWalks
from diagnostics.model import NOT_MEANT, Evidence, Finding, Item, Key, Missing, Run, RunState, Scope
from diagnostics.visibility import (
    NOBODY_TO_ASK,
    WITHOUT_LOOKING,
    blindness,
    common_trouble,
    has_mail_answered,
    has_page_shown,
    has_site_answered,
    is_unseen,
    own_fault,
    rests_on_looking,
    silent_keys,
)
from facts import MailboxDialogue, RedirectChain, SmtpDialogue, Standpoint, Vantage
from standards.dns_types import Lookup, Record, Trouble
from subject import Subject, SubjectKind
from tests.checks_fixtures import AT
from tests.checks_parts import hop
from wizard.runs.privacy import public_item, public_subject

NAME, ADDRESS = "mx1.cafe.example", "192.0.9.25"
DOWN = Trouble.TIMEOUT
URL = "https://cafe.example/"


def evidence(**values):
    """Evidence by key; of an item that is none, why it is missing."""
    return Evidence(
        {
            name: value if isinstance(value, Item) else Item(name, value, AT)
            for name, value in values.items()
        }
    )


def missing(key, why, trouble=None):
    return Item(key.name, None, AT, missing=why, trouble=trouble)


def look(*, answers=(), trouble=None, rcode="NOERROR"):
    return Lookup("cafe.example", "MX", ADDRESS, AT, rcode=rcode, answers=answers, trouble=trouble)


MX_ANSWER = look(answers=(Record("cafe.example", "MX", 300, f"10 {NAME}."),))
LOST = missing(DELEGATION, Missing.TROUBLE, DOWN)
GREETED = SmtpDialogue(NAME, ADDRESS, 25, AT, code=220)
REFUSED = SmtpDialogue(NAME, ADDRESS, 25, AT, trouble=DOWN)
OPENED = MailboxDialogue("imap", NAME, ADDRESS, 143, AT)


def walks(*hops, outcome="arrived"):
    return WebWalks((RedirectChain(URL, hops, outcome), RedirectChain(URL, (), "trouble")))


def mail(dialogue=None, mx=()):
    return MailServers(
        "cafe.example", mx, (MailHost(NAME, 10), MailHost(NAME, 20, dialogue=dialogue))
    )


# ------------------------------------------------------------------ blind runs
@pytest.mark.parametrize(
    ("seen", "is_blind"),
    [
        ({}, True),
        (
            {"mail": mail(mx=(look(trouble=DOWN),)), "records": Records("cafe.example", (look(),))},
            True,
        ),
        ({"mail": mail(mx=(look(), MX_ANSWER))}, False),
        ({"records": Records("cafe.example", (look(), MX_ANSWER))}, False),
        ({"web": walks(hop(URL, ip=""))}, True),
        ({"web": walks(hop(URL, ip=""), hop(URL))}, False),
    ],
)
def test_a_run_is_blind_when_it_met_no_answer_and_no_address(seen, is_blind):
    reason = blindness(evidence(delegation=LOST, **seen))
    expected = {"what": "delegation", "trouble": "timeout", "detail": ""}
    assert reason == (expected if is_blind else None)


@pytest.mark.parametrize(
    ("why", "is_blind"),
    [
        (Missing.TROUBLE, True),
        (Missing.LATE, True),
        (Missing.SKIPPED, False),
        (Missing.WITHHELD, False),
    ],
)
def test_a_walk_that_nobody_meant_makes_no_run_blind(why, is_blind):
    reason = blindness(evidence(delegation=missing(DELEGATION, why)))
    assert reason == ({"what": "delegation", "trouble": "", "detail": ""} if is_blind else None)
    assert blindness(evidence()) is None


def test_our_own_fault_is_told_as_that():
    silent = Lookup(".", "SOA", "127.0.0.9", AT, trouble=DOWN)
    working = replace(silent, trouble=None, rcode="NOERROR")

    def place(*, roots, resolvers):
        return evidence(standpoint=Standpoint(Vantage("here"), AT, roots, resolvers))

    assert own_fault(evidence()) == ""
    assert own_fault(place(roots=(silent,), resolvers=(silent,))) == "cut_off"
    assert own_fault(place(roots=(working,), resolvers=(silent,))) == "resolvers_silent"
    blind = place(roots=(working,), resolvers=(silent,))
    assert blindness(blind) == {"what": "delegation", "trouble": "", "detail": "resolvers_silent"}
    assert STANDPOINT.name in WITHOUT_LOOKING


# ------------------------------------------------------------------ what answered
def test_a_site_has_answered_with_any_status_and_shown_a_page_with_a_good_one():
    for status, outcome, trouble, answered, has_page in (
        (200, "arrived", None, True, True),
        (299, "arrived", None, True, True),
        (199, "arrived", None, True, False),
        (300, "arrived", None, True, False),
        (500, "arrived", None, True, False),
        (200, "loop", None, True, False),
        (200, "arrived", DOWN, True, False),
        (0, "arrived", DOWN, False, False),
    ):
        seen = evidence(web=walks(replace(hop(URL, status), trouble=trouble), outcome=outcome))
        assert (has_site_answered(seen), has_page_shown(seen)) == (answered, has_page), status
    assert not has_site_answered(evidence())
    assert not has_page_shown(evidence())


@pytest.mark.parametrize(
    ("values", "answered"),
    [
        ({}, False),
        ({"mail": mail()}, False),
        ({"mail": mail(REFUSED)}, False),
        ({"mail": mail(GREETED)}, True),
        ({"mail_ports": MailPorts(())}, False),
        ({"mail_ports": MailPorts((), (replace(OPENED, trouble=DOWN),))}, False),
        ({"mail_ports": MailPorts((), (replace(OPENED, trouble=DOWN), OPENED))}, True),
        ({"mail_ports": MailPorts((), (), (REFUSED,))}, False),
        ({"mail_ports": MailPorts((), (), (REFUSED, GREETED))}, True),
    ],
)
def test_mail_has_answered_when_a_server_spoke(values, answered):
    assert {MAIL.name, PORTS.name, WEB.name, RECORDS.name} == {
        "mail",
        "mail_ports",
        "web",
        "records",
    }
    assert has_mail_answered(evidence(**values)) is answered


# ------------------------------------------------------------------ unseen findings
@pytest.mark.parametrize(
    ("args", "unseen"),
    [
        ({}, False),
        ({"what": "mail"}, False),
        ({"what": "mail", "missing": "trouble"}, True),
        ({"what": "mail", "missing": "late"}, False),
        ({"what": "mail", "missing": "trouble", "detail": "broken"}, False),
        ({"what": "hosting", "missing": "trouble"}, False),
        ({"what": "mail", "missing": "skipped"}, False),
        ({"what": "mail", "missing": "skipped", "detail": "not_meant"}, False),
        *(({"what": "mail", "missing": "skipped", "detail": why}, True) for why in NOBODY_TO_ASK),
        *(({"what": "mail", "missing": "late", "detail": why}, False) for why in NOBODY_TO_ASK),
    ],
)
def test_what_was_not_seen_is_what_a_look_came_to_nothing_of(args, unseen):
    assert is_unseen(Finding("mail.mx.unknown", args)) is unseen


def test_a_finding_rests_on_looking_by_its_evidence():
    assert rests_on_looking(Finding("x", evidence=("mail", "records")))
    assert not rests_on_looking(Finding("x"))
    assert not rests_on_looking(Finding("x", evidence=("hosting", "mail")))


def test_evidence_is_silent_when_every_look_in_it_failed():
    refused = look(trouble=Trouble.REFUSED)
    assert common_trouble(Records("z", (look(trouble=DOWN), refused))) is DOWN
    assert common_trouble(Records("z", (refused, look()))) is None
    assert common_trouble(Records("z", (look(rcode="SERVFAIL"),))) is Trouble.SERVFAIL
    assert common_trouble(Records("z", (look(rcode="NXDOMAIN"),))) is None
    assert common_trouble(Records("z", ())) is None
    seen = evidence(records=Records("z", (refused,)), mail=mail(mx=(MX_ANSWER,)))
    assert silent_keys(seen) == {"records": Trouble.REFUSED}


# ------------------------------------------------------------------ what strangers see
@dataclass(frozen=True)
class Inner:
    text: str
    secret: str


@dataclass(frozen=True)
class Outer:
    parts: tuple[Inner, ...]


SUBJECT = Subject(SubjectKind.DOMAIN, "cafe.example", "cafe.example", "cafe.example")
INNER = PartialDisclosure(
    Inner,
    shown=(),
    withheld={"secret": "…"},
    reduced={"text": lambda inner, subject: f"{inner.text} at {subject.domain}"},
)
OUTER = PartialDisclosure(Outer, shown=(), reduced={"parts": each("parts", INNER)})


def test_each_part_is_reduced_by_its_own_declaration_and_the_subject():
    outer = Outer((Inner("a", "1"), Inner("b", "2")))
    public_outer = Outer((Inner("a at cafe.example", "…"), Inner("b at cafe.example", "…")))
    assert OUTER.public(outer, SUBJECT) == public_outer


@pytest.mark.parametrize(
    ("cookie", "public_cookie"),
    [
        ("a=1", "a="),
        ("a=1; Path=/; Secure", "a="),
        ("a=1=2", "a="),
        ("a=", "a="),
        ("a", ""),
        ("=1", "="),
        ("a; b=1", ""),
        ("", ""),
    ],
)
def test_of_a_cookie_strangers_see_the_name(cookie, public_cookie):
    headers = (("set-cookie", cookie), ("x-secret", "1"), ("server", "nginx"))
    assert public_headers(headers) == (("set-cookie", public_cookie), ("server", "nginx"))


def test_a_declaration_that_forgets_fields_names_them():
    with pytest.raises(UndeclaredField, match=r"^Inner: say once who sees secret, text$"):
        PartialDisclosure(Inner, shown=())
    with pytest.raises(UndeclaredField, match=r"^Inner: say once who sees other, secret$"):
        PartialDisclosure(Inner, shown=("text", "secret", "other"), withheld={"secret": ""})


def test_what_is_withheld_says_when_it_was_looked_for():
    run = Run("r1", "t", SUBJECT, Scope.CONTACT, "", RunState.DONE, AT)
    key, item = Key("outer", Outer, Audience.ACCOUNT), Item("outer", Outer(()), AT, detail="x")
    assert public_item(run, item, key) == Item("outer", None, AT, missing=Missing.WITHHELD)
    meant = replace(item, value=None, missing=Missing.SKIPPED, detail=NOT_MEANT)
    assert public_item(run, meant, key) == meant


@pytest.mark.parametrize(
    ("host", "kind"),
    [("cafe.example", SubjectKind.DOMAIN), ("shop.cafe.example", SubjectKind.HOST)],
)
def test_strangers_see_the_name_of_what_was_asked(host, kind):
    url = f"https://{host}/typed?secret"
    subject = Subject(SubjectKind.URL, url, host, "cafe.example", url=url, caution="c")
    assert public_subject(subject) == Subject(kind, host, host, "cafe.example", caution="c")


@pytest.mark.parametrize("seen_by", [OUTER, Audience.EVERYONE])
def test_why_something_is_missing_is_no_secret(seen_by):
    key = Key("outer", Outer, seen_by)
    item = Item("outer", None, AT, missing=Missing.TROUBLE, trouble=DOWN, detail="x")
    run = Run("r1", "t", SUBJECT, Scope.CONTACT, "", RunState.DONE, AT)
    assert public_item(run, item, key) == item
    assert public_item(run, replace(item, value=Outer(())), key).value == Outer(())
