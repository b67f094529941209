"""How a ticket's author is known when it is written: kept for the record, so right to the last field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.model import NOBODY, Assurance, Contact, ContactRole, Person, StaffRole, Visitor
from tickets.access import authentication_snapshot
from tickets.model import AuthenticationSnapshot

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
SIGNED_IN = AT - timedelta(hours=3)
CONTACTS = (Contact("A1", ContactRole.BILLING), Contact("B1", ContactRole.OWNER))
VERA = Person("vera", "vera@shop.example", "Vera", contacts=CONTACTS)
BEN = Person("ben", "ben@host.example", "Ben", staff=StaffRole.AGENT)


@pytest.mark.parametrize(
    ("person", "account", "role"),
    [
        (VERA, "A1", "billing"),
        (VERA, "B1", "owner"),
        (VERA, "C1", "stranger"),
        (VERA, "", "stranger"),
        (BEN, "A1", "staff"),
        (BEN, "", "staff"),
    ],
)
def test_an_author_is_known_by_name_way_and_role_on_the_account(person, account, role):
    visitor = Visitor(person, Assurance.STRONG, method="passkey", since=SIGNED_IN)
    assert authentication_snapshot(visitor, account, AT) == AuthenticationSnapshot(
        name=person.name,
        email=person.email,
        role=role,
        method="passkey",
        assurance=3,
        at=SIGNED_IN,
    )


def test_a_contact_who_is_staff_writes_as_the_contact():
    both = Person("d", "d@host.example", "Dana", contacts=CONTACTS, staff=StaffRole.AGENT)
    visitor = Visitor(both, Assurance.SIGNED_IN)
    assert authentication_snapshot(visitor, "A1", AT).role == "billing"
    assert authentication_snapshot(visitor, "C1", AT).role == "staff"


def test_somebody_who_has_not_signed_in_is_known_from_now_on():
    snapshot = authentication_snapshot(NOBODY, "A1", AT)
    assert (snapshot.name, snapshot.email, snapshot.role) == ("", "", "stranger")
    assert (snapshot.method, snapshot.assurance, snapshot.at) == (NOBODY.method, 0, AT)
