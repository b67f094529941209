"""Who may read a ticket, and which accounts tickets may look up. Pure.

An account's owner sees all of its tickets; the technical contact all but accounting; the billing
contact accounting; everybody what they wrote themselves while they are a contact. Staff see all.
"""

from __future__ import annotations

from typing import Protocol

from accounts.model import ContactRole, Person
from hosting.model import Account
from tickets.model import Draft

BILLING = "billing"


class AccountDirectory(Protocol):
    """Hosting accounts as the house stores them, without asking the panel."""

    def account(self, id: str, /) -> Account | None: ...
    def account_of(self, domain: str, /) -> Account | None: ...


def may_read(person: Person | None, draft: Draft) -> bool:
    """Whether the ticket exists for this person at all."""
    if person is None:
        return False
    if person.is_staff():
        return True
    if not draft.account:
        return draft.person == person.id
    role = person.role_on(draft.account)
    if role is None:
        return False
    if role is ContactRole.OWNER or draft.person == person.id:
        return True
    return (draft.category == BILLING) == (role is ContactRole.BILLING)
