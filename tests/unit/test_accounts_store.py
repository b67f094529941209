"""People, sessions and the audit log, on both databases."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text

from accounts import cli
from accounts.model import NOBODY, Assurance, ContactRole, StaffRole
from accounts.passwords import Passwords
from accounts.store import IDLE, LIFETIME, AccountStore, EmailTaken
from db.engine import connect
from tests.desk_fixtures import FAST, SECRET


@pytest.fixture
def store(database, clock):
    return AccountStore(database, clock)


def open_session(store, person, token="t1", **kw):
    return store.open_session(person, token, method="password", assurance=Assurance.SIGNED_IN, **kw)


def test_a_person_comes_back_with_all_roles(store):
    person = store.add_person("Mara@Shop.example", "Mara", lang="cs")
    store.set_contact(person.id, "A1", ContactRole.OWNER)
    store.set_contact(person.id, "A1", ContactRole.TECHNICAL)
    store.set_contact(person.id, "B1", ContactRole.BILLING)
    stored = store.person(person.id)
    assert (stored.email, stored.lang) == ("mara@shop.example", "cs")
    assert stored.role_on("A1") is ContactRole.TECHNICAL
    assert stored.role_on("B1") is ContactRole.BILLING
    assert [p.id for p in store.contacts_of("A1")] == [person.id]
    store.set_contact(person.id, "A1", None)
    assert store.contacts_of("A1") == ()
    with pytest.raises(EmailTaken):
        store.add_person("MARA@shop.example", "Another")
    with pytest.raises(ValueError, match="not an e-mail"):
        store.add_person("mara", "x")


def test_a_session_ends_when_idle_and_at_its_age(store, clock):
    person = store.add_person("mara@shop.example", "Mara")
    open_session(store, person)
    assert store.visitor("t1").person.id == person.id
    clock.advance(IDLE - timedelta(minutes=1))
    assert store.visitor("t1").person is not None  # and is seen again
    clock.advance(IDLE - timedelta(minutes=1))
    assert store.visitor("t1").person is not None
    clock.advance(IDLE)
    assert store.visitor("t1") == NOBODY
    open_session(store, person, "t2")
    for _ in range(int(LIFETIME / timedelta(hours=10))):
        assert store.visitor("t2").person is not None
        clock.advance(timedelta(hours=10))
    assert store.visitor("t2") == NOBODY
    assert store.sessions(person.id) == ()


def test_only_a_hash_of_the_token_is_kept(store, database):
    person = store.add_person("mara@shop.example", "Mara")
    open_session(store, person, "very-secret-token")
    with database.read() as conn:
        rows = [str(tuple(r)) for r in conn.execute(text("SELECT * FROM accounts_sessions"))]
    assert len(rows) == 1
    assert "very-secret-token" not in rows[0]
    for wrong in ("", "VERY-SECRET-TOKEN", "very-secret-token ", "x" * 100_000, "\0", "ž"):
        assert store.visitor(wrong) == NOBODY


def test_signing_in_again_replaces_the_old_session(store):
    person = store.add_person("mara@shop.example", "Mara")
    open_session(store, person, "old")
    open_session(store, person, "new", replaces="old")
    assert store.visitor("old") == NOBODY
    assert store.visitor("new").person.id == person.id


def test_sessions_are_ended_only_by_their_owner(store):
    mara = store.add_person("mara@shop.example", "Mara")
    zed = store.add_person("zed@other.example", "Zed")
    session = open_session(store, mara)
    assert not store.end_session(session.id, zed.id)
    assert store.visitor("t1").person is not None
    assert store.end_session(session.id, mara.id)
    assert store.visitor("t1") == NOBODY


def test_a_new_password_signs_out_everywhere(store):
    person = store.add_person("mara@shop.example", "Mara", password="h1")
    open_session(store, person)
    store.renew_hash(person.id, "h1", "h2")
    assert store.visitor("t1").person is not None
    store.renew_hash(person.id, "h1", "h3")  # it was changed meanwhile
    assert store.credentials("mara@shop.example")[1] == "h2"
    store.set_password(person.id, "h4")
    assert store.visitor("t1") == NOBODY


def test_acts_are_answerable(store, clock):
    store.audit("ben", "ticket.replied", "ticket:1", {"to": "mara"})
    clock.advance(timedelta(minutes=1))
    store.audit("ben", "ticket.closed", "ticket:1")
    entries = store.audited("ticket:1")
    assert [e.action for e in entries] == ["ticket.closed", "ticket.replied"]
    assert entries[1].detail == {"to": "mara"}
    assert entries[0].at == clock.now()


def test_people_by_command(store, capsys):
    passwords = Passwords(FAST)
    assert (
        cli.add(store, passwords, "ben@host.example", "Ben", password=lambda: SECRET, staff="agent")
        == 0
    )
    assert store.credentials("ben@host.example")[0].staff is StaffRole.AGENT
    assert cli.add(store, passwords, "ben@host.example", "Ben", password=lambda: SECRET) == 2
    assert cli.add(store, passwords, "x@host.example", "X", password=lambda: "short") == 2
    assert cli.add(store, passwords, "nonsense", "X", password=lambda: SECRET) == 2
    assert cli.contact(store, "ben@host.example", "A1", "owner") == 0
    assert cli.contact(store, "ben@host.example", "A1", "emperor") == 2
    assert cli.contact(store, "who@host.example", "A1", "owner") == 2
    assert (
        cli.passwd(store, passwords, "ben@host.example", password=lambda: "another long one") == 0
    )
    assert cli.passwd(store, passwords, "who@host.example", password=lambda: SECRET) == 2
    assert passwords.check(store.credentials("ben@host.example")[1], "another long one")
    assert cli.listing(store) == 0
    out, err = capsys.readouterr()
    assert "ben@host.example\tBen\tagent\tA1:owner" in out
    assert "at least 10 characters" in err
    assert SECRET not in out + err


def never_asked() -> str:
    raise AssertionError("a password was asked for")


def test_a_password_is_asked_for_once_all_else_fits(store, capsys):
    passwords = Passwords(FAST)
    store.add_person("ben@host.example", "Ben")
    for email, name in (
        ("nonsense", "X"),
        ("x@host.example", " \u200b"),
        ("Ben@Host.example", "B"),
    ):
        assert cli.add(store, passwords, email, name, password=never_asked, staff="operator") == 2
    assert cli.passwd(store, passwords, "who@host.example", password=never_asked) == 2
    assert cli.contact(store, "ben@host.example", " ", "owner") == 2
    assert capsys.readouterr().err.splitlines() == [
        "not an e-mail address: 'nonsense'",
        "somebody who signs in needs a name: user add EMAIL NAME",
        "somebody signs in with Ben@Host.example already",
        "nobody signs in with who@host.example",
        "name the hosting account: user contact EMAIL ACCOUNT ROLE",
    ]
    assert [person.email for person in store.people()] == ["ben@host.example"]


def test_somebody_who_is_removed_leaves_no_way_in_and_no_address(store, capsys):
    person = store.add_person("mara@shop.example", "Mara")
    store.set_contact(person.id, "A1", ContactRole.OWNER)
    open_session(store, person)
    assert cli.remove(store, "mara@shop.example") == 0
    assert store.visitor("t1") == NOBODY
    assert (store.people(), store.contacts_of("A1")) == ((), ())
    assert store.credentials("mara@shop.example")[0] is None
    (entry, *_) = store.audited(f"person:{person.id}")
    assert (entry.action, dict(entry.detail)) == ("person.removed", {})
    assert cli.remove(store, "mara@shop.example") == 2
    assert not store.remove_person(person.id)
    assert "nobody signs in with mara@shop.example" in capsys.readouterr().err


def test_a_database_that_only_reads_does_not_sign_anybody_out(sqlite_url, clock):
    database = connect(sqlite_url, clock=clock)
    store = AccountStore(database, clock)
    open_session(store, store.add_person("mara@shop.example", "Mara"))
    database.close()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")  # somebody else writes and does not end
    impatient = connect(sqlite_url, clock=clock)
    event.listen(impatient.engine, "connect", lambda c, _: c.execute("PRAGMA busy_timeout=50"))
    clock.advance(timedelta(minutes=30))
    assert AccountStore(impatient, clock).visitor("t1").person.name == "Mara"
    holder.close()
    impatient.close()
