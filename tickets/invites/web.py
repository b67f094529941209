"""/invite/<token>: GET shows what will be looked at and changes nothing; POST consents and runs.

The scope comes from the session of whoever runs it, and is never more than a contact's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from accounts.model import Visitor
from accounts.store import AccountStore
from accounts.web import who
from diagnostics.model import Scope
from hosting.model import Account
from render.i18n import N_
from tickets.draft import statement
from tickets.invites.store import InviteStore
from tickets.model import Invite, Ticket
from tickets.reports import Diagnoses, NotASubject
from tickets.store import TicketStore
from tickets.web import Hosting
from web import visitor as asking
from web.limits import Rate
from web.page import page
from web.problems import not_found
from web.site import plumbing

PER_ASKER = Rate(20, timedelta(hours=1))
CONSENT = N_("Please tick that you agree; without it we look at nothing.")


@dataclass(frozen=True, slots=True)
class InvitePages:
    """The page behind a check link."""

    invites: InviteStore
    tickets: TicketStore
    accounts: AccountStore
    hosting: Hosting
    diagnoses: Diagnoses

    def show(self, token: str) -> AnyResponse:
        """GET /invite/<token>."""
        return self._page(token, self._living(token), "")

    def run(self, token: str) -> AnyResponse:
        """POST /invite/<token>."""
        invite = self._living(token)
        if not request.form.get("consent"):
            return self._page(token, invite, CONSENT)
        plumbing().limiter.check("invite", asking.asker(), PER_ASKER, shared=True)
        ticket, visitor = self._ticket(invite), who()
        account = self._account(visitor, ticket, invite)
        said = statement(visitor, ticket.draft.account, plumbing().clock.now())
        claim = self.invites.claim(invite, said)
        if claim is None:
            raise not_found()
        try:
            _, report = self.diagnoses.start(
                invite.subject,
                Scope.CONTACT if account else Scope.PUBLIC,
                invite.symptom,
                account=account,
                person=visitor.person.id if visitor.person else "",
                session=visitor.session,
                invite=claim.id,
                fresh=True,
            )
        except NotASubject as error:
            self.invites.give_back(claim)
            raise not_found() from error
        return redirect(f"/r/{report}", 303)

    def _page(self, token: str, invite: Invite, error: str) -> AnyResponse:
        ticket, visitor = self._ticket(invite), who()
        agent = self.accounts.person(invite.created_by)
        symptom = dict(self.diagnoses.symptoms).get(invite.symptom, "")
        return page(
            "tickets/invite.html",
            422 if error else 200,
            token=token,
            invite=invite,
            agent=agent.name if agent else "",
            symptom=symptom,
            full=bool(self._account(visitor, ticket, invite)),
            error=error,
        )

    def _living(self, token: str) -> Invite:
        invite = self.invites.by_token(token)
        if invite is None:
            raise not_found()
        return invite

    def _ticket(self, invite: Invite) -> Ticket:
        ticket = self.tickets.ticket(invite.ticket)
        if ticket is None:
            raise not_found()
        return ticket

    def _account(self, visitor: Visitor, ticket: Ticket, invite: Invite) -> str:
        """The account that may be looked into: the ticket's, for its contacts, and only when the
        subject belongs to it. A stranger causes no look-up."""
        account = ticket.draft.account
        if not account or visitor.person is None or visitor.person.role_on(account) is None:
            return ""
        try:
            subject = self.diagnoses.recognise(invite.subject)
        except NotASubject:
            return ""
        owner: Account | None = self.hosting.account_of(subject.domain)
        return account if owner is not None and owner.id == account else ""


def blueprint(pages: InvitePages) -> Blueprint:
    """/invite/<token>."""
    made = Blueprint("invites", __name__)
    made.add_url_rule("/invite/<token>", "show", pages.show)
    made.add_url_rule("/invite/<token>", "run", pages.run, methods=["POST"])
    return made
