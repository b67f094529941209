"""Who may look how far, as a whole table: the scope of a new run, the view of an old one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from accounts.model import NOBODY, Assurance, Contact, ContactRole, Person, StaffRole, Visitor
from diagnostics.model import Run, RunState, Scope
from subject import Subject, SubjectKind
from tickets.reports import can_see_report
from wizard.runs.access import View, can_see_watch, scope_for, view_for, view_of_person

SUBJECT = Subject(SubjectKind.DOMAIN, "shop.example", "shop.example", "shop.example")
PUBLIC, CONTACT, STAFF = Scope.PUBLIC, Scope.CONTACT, Scope.STAFF
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
CAST = {
    "mara": Person("mara", "m@x.example", "M", contacts=(Contact("A1", ContactRole.OWNER),)),
    "vera": Person("vera", "v@x.example", "V", contacts=(Contact("A1", ContactRole.BILLING),)),
    "zed": Person("zed", "z@x.example", "Z", contacts=(Contact("B1", ContactRole.OWNER),)),
    "ben": Person("ben", "b@x.example", "B", staff=StaffRole.AGENT),
}


def can_see_all(visitor, run, cookie_hash=""):
    """Whether a visitor may look into a run beyond its public view, and act on it."""
    return view_for(visitor, run, cookie_hash) is not View.PUBLIC


def visitor(name, assurance=Assurance.SIGNED_IN):
    return Visitor(CAST[name], assurance)


def run(scope=PUBLIC, account="", person="", session=""):
    stored_run = Run("r1", "", SUBJECT, scope, "site_down", RunState.DONE, AT)
    return replace(stored_run, account=account, person=person, session=session)


@pytest.mark.parametrize(
    ("who", "account", "scope", "may_look_into"),
    [
        ("mara", "A1", CONTACT, "A1"),
        ("vera", "A1", CONTACT, "A1"),
        ("mara", "B1", PUBLIC, ""),
        ("mara", "", PUBLIC, ""),
        ("zed", "A1", PUBLIC, ""),
        ("ben", "A1", STAFF, "A1"),
        ("ben", "", STAFF, ""),
    ],
)
def test_how_far_a_new_run_looks(who, account, scope, may_look_into):
    assert scope_for(visitor(who), account) == (scope, may_look_into)
    assert scope_for(visitor(who, Assurance.STRONG), account) == (scope, may_look_into)
    for unsure in (Assurance.UNVERIFIED, Assurance.LINK):
        assert scope_for(visitor(who, unsure), account) == (PUBLIC, "")


def test_nobody_in_particular_looks_as_anybody():
    assert scope_for(NOBODY, "A1") == (PUBLIC, "")


@pytest.mark.parametrize(
    ("old", "seen_by"),
    [
        (run(), {"ben"}),
        (run(person="mara"), {"mara", "ben"}),
        (run(CONTACT, "A1", "mara"), {"mara", "vera", "ben"}),
        (run(CONTACT, "A1", "zed"), {"mara", "vera", "ben"}),  # a contact once, none any more
        (run(STAFF, "A1", "ben"), {"mara", "vera", "ben"}),
        (run(STAFF, "", "ben"), {"ben"}),
        (run(CONTACT, "B1"), {"zed", "ben"}),
    ],
)
def test_who_sees_all_of_an_old_run(old, seen_by):
    assert {name for name in CAST if can_see_all(visitor(name), old)} == seen_by
    assert {name for name in CAST if can_see_all(visitor(name, Assurance.LINK), old)} == set()
    assert not can_see_all(NOBODY, old)


@pytest.mark.parametrize(
    ("old", "whole"),
    [
        (run(), {"ben"}),
        (run(person="mara"), {"mara", "ben"}),
        (run(CONTACT, "A1", "mara"), {"mara", "ben"}),
        (run(CONTACT, "A1", "zed"), {"ben"}),
        (run(STAFF, "A1", "ben"), {"ben"}),
        (run(CONTACT, "A1"), {"ben"}),
    ],
)
def test_who_sees_what_the_asker_typed(old, whole):
    assert {name for name in CAST if view_for(visitor(name), old) is View.WHOLE} == whole
    seen = {name for name in CAST if can_see_all(visitor(name), old)}
    account = {name for name in CAST if view_for(visitor(name), old) is View.ACCOUNT}
    assert account == seen - whole
    assert {view_for(visitor(name, Assurance.LINK), old) for name in CAST} == {View.PUBLIC}


def test_a_contact_who_is_not_here_sees_as_they_would_if_they_were():
    for old in (run(CONTACT, "A1", "mara"), run(CONTACT, "A1", "vera"), run(CONTACT, "A1")):
        for name in ("mara", "vera"):
            assert view_of_person(old, name) is view_for(visitor(name), old)
    assert view_of_person(run(CONTACT, "A1"), "") is View.ACCOUNT


def test_a_browser_s_own_cookie_opens_its_own_public_run_only():
    mine = run(session="hash-1")
    assert can_see_all(NOBODY, mine, "hash-1")
    assert can_see_all(visitor("zed"), mine, "hash-1")
    assert not can_see_all(NOBODY, mine, "hash-2")
    assert not can_see_all(NOBODY, mine, "")
    assert not can_see_all(NOBODY, run(session=""), "")
    for scope in (CONTACT, STAFF):
        assert not can_see_all(NOBODY, run(scope, "A1", session="hash-1"), "hash-1")
        assert not can_see_all(visitor("zed"), run(scope, "A1", session="hash-1"), "hash-1")


def test_who_may_know_that_a_run_is_watched():
    public = run(session="hash-1")
    assert {name for name in CAST if can_see_watch(visitor(name), public, "mara")} == {
        "mara",
        "ben",
    }
    assert not can_see_watch(visitor("mara", Assurance.LINK), public, "mara")
    assert not can_see_watch(NOBODY, public, "")
    assert can_see_watch(NOBODY, run(CONTACT, "A1"), "mara")  # who sees it at all is a contact


@pytest.mark.parametrize(
    ("attached", "seen_by"),
    [
        (run(), {"mara", "vera", "zed", "ben", None}),
        (run(CONTACT, "A1", "zed"), {"mara", "vera", "ben"}),
        (run(CONTACT, "B1"), {"zed", "ben"}),
        (run(STAFF, "A1", "ben"), {"ben"}),
    ],
)
def test_who_reads_a_report_that_was_put_into_a_ticket(attached, seen_by):
    cast = {**CAST, None: None}
    assert {name for name, person in cast.items() if can_see_report(attached, person)} == seen_by
