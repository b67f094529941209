"""Person, contact and staff roles, session, assurance of a sign-in, audit entry, as values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum


class Assurance(IntEnum):
    """How sure we are that a person is who they say."""

    UNVERIFIED = 0  # an e-mail address, a stranger
    LINK = 1  # a link sent to a known mailbox
    SIGNED_IN = 2  # password or single sign-on
    STRONG = 3  # signed in, and a code confirmed by an agent


class ContactRole(StrEnum):
    """What a person is to a hosting account."""

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


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser, as its owner may see and end it. The token is not part of it."""

    id: str
    person: str
    method: str
    assurance: Assurance
    created_at: datetime
    seen_at: datetime
    address: str = ""  # where it was opened from
    agent: str = ""  # the browser's own name


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act that must be answerable later. `detail` is plain JSON, without message bodies."""

    at: datetime
    actor: str  # person id; "" when nobody was signed in
    action: str  # "session.opened", "ticket.replied", …
    subject: str  # "person:…", "ticket:…"
    detail: Mapping[str, str] = field(default_factory=dict)
