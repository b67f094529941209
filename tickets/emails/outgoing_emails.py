"""E-mails of tickets: which are sent, and rendering them from the rows when they are sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.random_tokens import hashed
from accounts.store import AccountStore
from messages import EmailRef, EmailRenderers, OutgoingEmail
from tickets.emails import email_texts
from tickets.invites.store import InviteStore, link_placeholder
from tickets.model import NoteKind, Ticket
from tickets.store import TicketStore
from web.site import Site

REPLY = "ticket.reply"
CHECK_LINK = "ticket.check_link"
RECEIPT = "ticket.receipt"
ARRIVAL = "ticket.arrival"
LINK_NOTE = "event:invite:"  # how the key of a note begins that tells of a check link


def reply_ref(ticket: str, note: str) -> EmailRef:
    """The letter with an agent's answer; `note` is the key of the note."""
    return EmailRef(f"{ticket}:{note}", REPLY, {"ticket": ticket, "note": note})


def check_link_ref(invite: str) -> EmailRef:
    """The letter with a check link."""
    return EmailRef(f"invite:{invite}", CHECK_LINK, {"invite": invite})


def arrival_refs(ticket: str, addresses: Iterable[str]) -> tuple[EmailRef, ...]:
    """The letters once a desk has a ticket: to the customer, and to those who answer."""
    receipt = EmailRef(f"{ticket}:receipt", RECEIPT, {"ticket": ticket})
    return receipt, *(
        EmailRef(
            f"{ticket}:arrival:{_reader_id(a)}",
            ARRIVAL,
            {"ticket": ticket, "reader": _reader_id(a)},
        )
        for a in addresses
    )


def _reader_id(address: str) -> str:
    """Stands for an address of settings in a job."""
    return hashed(address)[:16]


def email_key(ticket: str, kind: NoteKind, note: str) -> str:
    """The key of the letter that went out with a note of that kind and key; "" when none does."""
    if kind is NoteKind.REPLY:
        return reply_ref(ticket, note).key
    if note.startswith(LINK_NOTE):
        return check_link_ref(note.removeprefix(LINK_NOTE)).key
    return ""


@dataclass(frozen=True, slots=True)
class TicketEmails:
    """Moments are by the clock of `site`. Those at `addresses` hear of new tickets, in `lang`."""

    tickets: TicketStore
    invites: InviteStore
    accounts: AccountStore
    site: Site
    addresses: tuple[str, ...]
    lang: str

    def renderers(self) -> EmailRenderers:
        """Who writes what."""
        return {
            REPLY: self.reply,
            CHECK_LINK: self.check_link,
            RECEIPT: self.receipt,
            ARRIVAL: self.arrival,
        }

    def receipt(self, ref: EmailRef) -> OutgoingEmail | None:
        """Word to the customer that the request is here."""
        ticket = self.tickets.ticket(ref.ids["ticket"])
        reader = self.reader(ticket) if ticket else None
        if ticket is None or reader is None:
            return None
        url = f"{self.site.url}/tickets/{ticket.id}"
        return email_texts.receipt(
            reader, key=ref.key, number=str(ticket.number), subject=ticket.draft.subject, url=url
        )

    def arrival(self, ref: EmailRef) -> OutgoingEmail | None:
        """Word to those who answer; None when settings no longer name the reader."""
        ticket = self.tickets.ticket(ref.ids["ticket"])
        to = next((a for a in self.addresses if _reader_id(a) == ref.ids["reader"]), None)
        if ticket is None or to is None:
            return None
        reader = email_texts.EmailReader(to, "", self.lang, self.site.time_zone)
        url = f"{self.site.url}/desk/tickets/{ticket.id}"
        return email_texts.arrival(
            reader, key=ref.key, number=str(ticket.number), subject=ticket.draft.subject, url=url
        )

    def reply(self, ref: EmailRef) -> OutgoingEmail | None:
        """An agent's answer."""
        ticket = self.tickets.ticket(ref.ids["ticket"])
        note = self.tickets.note(ref.ids["ticket"], ref.ids["note"])
        reader = self.reader(ticket) if ticket else None
        if ticket is None or note is None or reader is None:
            return None
        return email_texts.reply(
            reader,
            key=ref.key,
            number=str(ticket.number),
            subject=ticket.draft.subject,
            agent=self._name(note.author),
            text=note.text,
            url=f"{self.site.url}/tickets/{ticket.id}",
        )

    def check_link(self, ref: EmailRef) -> OutgoingEmail | None:
        """An agent's check link."""
        invite = self.invites.by_id(ref.ids["invite"])
        ticket = self.tickets.ticket(invite.ticket) if invite else None
        reader = self.reader(ticket) if ticket else None
        if invite is None or ticket is None or reader is None:
            return None
        return email_texts.check_link(
            reader,
            key=ref.key,
            number=str(ticket.number),
            subject=ticket.draft.subject,
            agent=self._name(invite.created_by),
            message=invite.message,
            target=invite.subject,
            url=link_placeholder(invite),
            expires=invite.expires_at,
        )

    def reader(self, ticket: Ticket) -> email_texts.EmailReader | None:
        """Who gets a ticket's letters; None when nobody has a mailbox."""
        person = self.accounts.person(ticket.draft.person)
        if person is None or not person.email:
            return None
        lang = person.lang or ticket.draft.lang
        return email_texts.EmailReader(person.email, person.name, lang, self.site.time_zone)

    def _name(self, person: str) -> str:
        agent = self.accounts.person(person)
        return agent.name if agent else ""
