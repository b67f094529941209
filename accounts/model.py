"""Who is asking, and how sure we are. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class Assurance(IntEnum):
    """How sure we are that a person is who they say (S0-37 … S0-56)."""

    UNVERIFIED = 0  # an e-mail address, a stranger
    LINK = 1  # a link sent to a known mailbox
    SIGNED_IN = 2  # password or single sign-on
    STRONG = 3  # signed in, and a second factor or a code confirmed by an agent


class ContactRole(StrEnum):
    """What a person is to a hosting account (S0-42 … S0-45)."""

    OWNER = "owner"
    TECHNICAL = "technical"
    BILLING = "billing"


class StaffRole(StrEnum):
    """What a person is at the provider. An operator may do all that an agent may."""

    AGENT = "agent"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Contact:
    """A person's role on one hosting account."""

    account: str
    role: ContactRole


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who can sign in."""

    id: str
    email: str
    name: str
    lang: str = ""
    staff: StaffRole | None = None
    contacts: tuple[Contact, ...] = ()

    def is_staff(self) -> bool:
        return self.staff is not None

    def is_operator(self) -> bool:
        return self.staff is StaffRole.OPERATOR

    def role_on(self, account: str) -> ContactRole | None:
        """The person's role on a hosting account, or None for a stranger."""
        return next((c.role for c in self.contacts if c.account == account), None)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever sends a request: a person with an assurance, or nobody."""

    person: Person | None = None
    assurance: Assurance = Assurance.UNVERIFIED
    session: str = ""  # the session's id, never its token
    since: datetime | None = None  # when they signed in
    method: str = ""  # "password", "link", "oidc"


NOBODY = Visitor()
