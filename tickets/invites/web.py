"""/invite/<token>: GET shows what will be looked at, POST consents and runs; and the ticket of such a run.

The scope comes from the session of whoever runs it; staff run it as nobody, so that it never
becomes more than a contact's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from accounts.model import NOBODY, Visitor
from accounts.store import AccountStore
from accounts.web import who
from diagnostics.model import Run
from hosting.model import Account
from render.i18n import N_
from tickets.access import AccountDirectory, authentication_snapshot, may_read
from tickets.invites.store import InviteStore
from tickets.invites.validity import is_valid
from tickets.model import Invite, Ticket
from tickets.reports import Diagnoses, NotASubject
from tickets.store import TicketStore
from web import visitor as asking
from web.page import page
from web.problems import not_found
from web.rate_limits import Rate
from web.site import plumbing
from wizard.ticket_link import TicketLink

PER_ASKER = Rate(20, timedelta(hours=1))
CONSENT = N_("Please tick that you agree; without it we look at nothing.")


@dataclass(frozen=True, slots=True)
class InvitePages:
    """The page behind a check link."""

    invites: InviteStore
    tickets: TicketStore
    accounts: AccountStore
    hosting: AccountDirectory
    diagnoses: Diagnoses

    def show(self, token: str) -> AnyResponse:
        """GET /invite/<token>."""
        invite = self._invite(token)
        ticket = self._ticket(invite)
        return (
            self._page(token, invite, "") if self._works(invite, ticket) else ended(token, ticket)
        )

    def run(self, token: str) -> AnyResponse:
        """POST /invite/<token>."""
        invite = self._invite(token)
        ticket = self._ticket(invite)
        if not self._works(invite, ticket):
            return ended(token, ticket)
        if not request.form.get("consent"):
            return self._page(token, invite, CONSENT)
        with plumbing().limiter.counted("invite", asking.rate_limit_key(), PER_ASKER):
            report = self._start(invite, ticket)
        return redirect(f"/r/{report}", 303) if report else ended(token, ticket)

    def _start(self, invite: Invite, ticket: Ticket) -> str:
        """A run of the link by who sends this request: the token of its report, "" when somebody
        else took the last run. One of its runs is used up only when it was started."""
        visitor = who()
        snapshot = authentication_snapshot(visitor, ticket.draft.account, plumbing().clock.now())
        claim = self.invites.claim(invite, snapshot)
        if claim is None:
            return ""
        runner = NOBODY if visitor.person and visitor.person.is_staff() else visitor
        try:
            _, report = self.diagnoses.start(
                invite.subject, invite.symptom, runner, invite=claim.id, fresh=True
            )
        except Exception as error:
            self.invites.release_claim(claim)
            if isinstance(error, NotASubject):
                raise not_found() from error
            raise
        return report

    def _page(self, token: str, invite: Invite, error: str) -> AnyResponse:
        visitor = who()
        agent = self.accounts.person(invite.created_by)
        symptom = dict(self.diagnoses.symptoms).get(invite.symptom, "")
        return page(
            "tickets/invite.html",
            422 if error else 200,
            token=token,
            invite=invite,
            agent=agent.name if agent else "",
            symptom=symptom,
            includes_account=self._includes_account(visitor, invite),
            error=error,
        )

    def _works(self, invite: Invite, ticket: Ticket) -> bool:
        """A link ends with its ticket: nobody waits for its result then. It works again when the
        ticket is opened again."""
        return ticket.open and is_valid(invite, plumbing().clock.now())

    def _invite(self, token: str) -> Invite:
        invite = self.invites.by_token(token)
        if invite is None:
            raise not_found()
        return invite

    def _ticket(self, invite: Invite) -> Ticket:
        ticket = self.tickets.ticket(invite.ticket)
        if ticket is None:
            raise not_found()
        return ticket

    def _includes_account(self, visitor: Visitor, invite: Invite) -> bool:
        """Whether this visitor's run will look into a hosting account: only that of a domain
        they are a contact of. A stranger causes no look-up here."""
        person = visitor.person
        if person is None or person.is_staff() or not person.contacts:
            return False
        try:
            subject = self.diagnoses.recognise(invite.subject)
        except NotASubject:
            return False
        owner: Account | None = self.hosting.account_of(subject.domain)
        return owner is not None and person.role_on(owner.id) is not None


def ended(token: str, ticket: Ticket) -> AnyResponse:
    """What a link leads to that no longer works: the ticket, for who may read it. Others are not
    told of it."""
    is_reader = may_read(who().person, ticket.draft)
    return page("tickets/invite_ended.html", 410, token=token, ticket=ticket if is_reader else None)


def blueprint(pages: InvitePages) -> Blueprint:
    """/invite/<token>."""
    pages_blueprint = Blueprint("invites", __name__)
    pages_blueprint.add_url_rule("/invite/<token>", "show", pages.show)
    pages_blueprint.add_url_rule("/invite/<token>", "run", pages.run, methods=["POST"])
    return pages_blueprint


def ticket_of_run(run: Run, invites: InviteStore, tickets: TicketStore) -> TicketLink | None:
    """The ticket by whose check link a run was started, for who may read it."""
    person = who().person
    claimed = invites.claim_with_invite(run.invite) if person and run.invite else None
    ticket = tickets.ticket(claimed[1].ticket) if claimed else None
    if ticket is None or not may_read(person, ticket.draft):
        return None
    return TicketLink(f"/tickets/{ticket.id}", ticket.number)
