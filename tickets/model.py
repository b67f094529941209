"""Types of tickets: draft, ticket, note, check link, who wrote and how that was known. Pure values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class TicketState(StrEnum):
    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"  # for the customer
    TECHNICIANS = "technicians"  # handed over
    CLOSED = "closed"


class NoteKind(StrEnum):
    """Who wrote it and who may read it."""

    CUSTOMER = "customer"
    REPLY = "reply"
    INTERNAL = "internal"
    EVENT = "event"


_UNREADABLE = "unreadable"


STAFF = "staff"  # what an agent or operator is who is no contact of the account


@dataclass(frozen=True, slots=True)
class AuthenticationSnapshot:
    """How the author was known when it was written; never edited later."""

    name: str
    email: str
    role: str  # contact role on the account, STAFF, or "stranger"
    method: str  # how signed in
    assurance: int
    at: datetime

    @classmethod
    def unreadable(cls, at: datetime) -> AuthenticationSnapshot:
        """Stands for one that this release cannot read; of no rights, and it says what it is."""
        return cls("", "", "stranger", _UNREADABLE, 0, at)

    @property
    def is_staff(self) -> bool:
        """Whether it was written as one of the provider's people."""
        return self.role == STAFF

    @property
    def is_readable(self) -> bool:
        """Whether it tells anything of the author."""
        return self.method != _UNREADABLE


@dataclass(frozen=True, slots=True)
class Draft:
    """A ticket about to be opened. `fingerprint` makes a retry the same ticket."""

    fingerprint: str
    person: str
    account: str
    service: str
    category: str
    department: str
    priority: str
    subject: str
    text: str
    statement: AuthenticationSnapshot
    lang: str
    answers: dict[str, str] = field(default_factory=dict)  # what was asked for, by fact name
    consents: dict[str, bool] = field(default_factory=dict)
    run: str = ""  # the diagnosis inside
    report_url: str = ""
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketRef:
    """A ticket on some desk. `number` is what people say aloud."""

    desk: str
    id: str
    number: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """One entry of a ticket's thread. `key` makes appending twice the same note."""

    key: str
    kind: NoteKind
    author: str
    text: str
    at: datetime
    run: str = ""
    statement: AuthenticationSnapshot | None = None


@dataclass(frozen=True, slots=True)
class Invite:
    """An agent's check link: bound to a symptom and a subject, expiring and counted."""

    id: str
    token_hash: str
    ticket: str
    subject: str
    symptom: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    runs_left: int
    message: str = ""


@dataclass(frozen=True, slots=True)
class CustomerClaim:
    """One run of an invite: claimed before the run starts, so that its result finds the way
    home. `id` is what the run carries as its invite; `statement` says who ran it."""

    id: str
    invite: str
    at: datetime
    statement: AuthenticationSnapshot


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as it stands. `ref` is None until a desk has taken it; `number` is ours."""

    id: str
    number: int
    draft: Draft
    state: TicketState
    priority: int
    opened_at: datetime
    updated_at: datetime
    answer_by: datetime | None = None  # by when an answer is promised
    answered_at: datetime | None = None  # the first reply
    closed_at: datetime | None = None
    outcome: str = ""  # an Outcome, once closed
    agent: str = ""  # person id of who answers it
    ref: TicketRef | None = None
    version: int = 1  # grows with each act; who acts names the one they saw

    @property
    def open(self) -> bool:
        return self.state is not TicketState.CLOSED


class TicketOutcome(StrEnum):
    """How a ticket ended."""

    FIRST_CONTACT = "first_contact"  # solved by the first answer
    LATER = "later"  # solved, after more than one
    UNSOLVED = "unsolved"


def is_same_matter(draft: Draft, other: Draft) -> bool:
    """Whether an open ticket is about the same: one service, and a problem or a category shared."""
    if draft.account != other.account or draft.service.casefold() != other.service.casefold():
        return False
    if draft.findings and other.findings:
        return bool(set(draft.findings) & set(other.findings))
    return draft.category == other.category
