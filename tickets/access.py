"""Who may read a ticket, how its author is known, and which accounts tickets may look up. Pure.

An account's owner sees all of its tickets; the technical contact all but accounting; the billing
contact accounting; everybody what they wrote themselves while they are a contact. Staff see all.
Which entries of a ticket somebody sees, internal notes apart, is `thread` in store.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from accounts.model import ContactRole, Person, Visitor
from hosting.model import Account
from tickets.model import STAFF, AuthenticationSnapshot, Draft

BILLING = "billing"


class AccountDirectory(Protocol):
    """Hosting accounts as the house stores them, without asking the panel."""

    def account(self, id: str, /) -> Account | None: ...
    def account_of(self, domain: str, /) -> Account | None: ...


def may_read(person: Person | None, draft: Draft) -> bool:
    """Whether the ticket exists for this person at all."""
    return person is not None and (person.is_staff() or is_customer(person, draft))


def is_customer(person: Person, draft: Draft) -> bool:
    """Whether the ticket is this person's own or of an account of theirs, so that what they write
    there is the customer's word. An agent may be a customer too, but is none of everybody's."""
    if not draft.account:
        return draft.person == person.id
    role = person.role_on(draft.account)
    if role is None:
        return False
    if role is ContactRole.OWNER or draft.person == person.id:
        return True
    return (draft.category == BILLING) == (role is ContactRole.BILLING)


def authentication_snapshot(visitor: Visitor, account: str, at: datetime) -> AuthenticationSnapshot:
    """How the author is known at this moment, for the record."""
    person = visitor.person
    role = person.role_on(account) if person else None
    staff = person is not None and person.is_staff()
    return AuthenticationSnapshot(
        name=person.name if person else "",
        email=person.email if person else "",
        role=role.value if role else STAFF if staff else "stranger",
        method=visitor.method,
        assurance=int(visitor.assurance),
        at=visitor.since or at,
    )
