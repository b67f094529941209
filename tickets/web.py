"""The customer's tickets: the list and the thread. A new one is in drafting/web.py. Knows flask.

Whoever may not read a ticket is told that there is nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from accounts import text_input
from accounts.form_fields import FormFields
from accounts.order_policy import LEVELS, ROLES
from accounts.random_tokens import fresh_id
from accounts.store import AccountStore
from accounts.web import signed_in, who
from render.i18n import translate
from tickets.access import is_customer, may_read
from tickets.departments.routing import (
    CATEGORIES,
    Department,
    department,
)
from tickets.drafting import form as forms
from tickets.drafting.draft import CONSENTS, facts
from tickets.invites.check_results import (
    check_result,
    customer_thread,
    is_link_result,
)
from tickets.invites.store import InviteStore
from tickets.labels import MARKS, OUTCOMES, STATES, WHAT_NEXT
from tickets.model import Ticket
from tickets.reports import Diagnoses, can_see_report
from tickets.service import customer_message, is_overdue
from tickets.store import PAGE, TicketStore
from web.language import lang
from web.page import page
from web.problems import forbidden, invalid, not_found
from web.rate_limits import Rate
from web.site import plumbing

PER_PERSON = Rate(30, timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class TicketPages:
    """The pages and what they are made of."""

    tickets: TicketStore
    accounts: AccountStore
    diagnoses: Diagnoses
    invites: InviteStore
    departments: tuple[Department, ...] = ()

    def index(self) -> AnyResponse:
        """GET /tickets."""
        person = signed_in()
        after = self.tickets.ticket(request.args.get("after", "")[:64])
        tickets = self.tickets.tickets_of(person, after)
        readable = [t for t in tickets if may_read(person, t.draft)]
        return page(
            "tickets/list.html",
            open=[t for t in readable if t.open],
            closed=[t for t in readable if not t.open],
            more=tickets[-1].id if len(tickets) == PAGE else "",
            states=STATES,
            marks=MARKS,
        )

    def ticket(self, id: str) -> AnyResponse:
        """GET /tickets/<id>. An agent reads and answers at the desk."""
        ticket = self._readable_ticket(id)
        if not is_customer(signed_in(), ticket.draft):
            return redirect(f"/desk/tickets/{ticket.id}", 303)
        return self._page(ticket)

    def _page(self, ticket: Ticket, error: str = "", text: str = "") -> AnyResponse:
        notes, reader = self.tickets.thread(ticket.id, internal=True), signed_in()
        thread = customer_thread(notes)
        usable_invites = self.invites.usable_invites(ticket.id)
        agents = {ticket.agent, *(i.created_by for i in usable_invites)}
        people = self.accounts.people({n.author for n in thread} | agents)
        run = self.diagnoses.by_id(ticket.draft.run) if ticket.draft.run else None
        may_see_report = run is not None and can_see_report(run, reader)
        report = self.diagnoses.report_for_reader(run) if run and may_see_report else None
        return page(
            "tickets/ticket.html",
            422 if error else 200,
            ticket=ticket,
            thread=thread,
            results={
                n.key: check_result(n, ticket.draft, reader, self.diagnoses, lang())
                for n in notes
                if is_link_result(n)
            },
            symptoms=dict(self.diagnoses.symptoms),
            names={p.id: p.name for p in people},
            facts=facts(ticket.draft, translate(lang(), CATEGORIES.get(ticket.draft.category, ""))),
            consents=[v for k, v in CONSENTS.items() if ticket.draft.consents.get(k)],
            report_view=self.diagnoses.view(report, lang()),
            team=department(self.departments, ticket.draft.category),
            states=STATES,
            marks=MARKS,
            outcomes=OUTCOMES,
            roles=ROLES,
            levels=LEVELS,
            what_next=WHAT_NEXT,
            overdue=is_overdue(ticket, plumbing().clock.now()),
            sent=bool(request.args.get("sent")),
            error=error,
            text=text,
            key=fresh_id(),
            links=[(i, self.invites.token(i.id)) for i in usable_invites],
        )

    def check(self, id: str, run: str) -> AnyResponse:
        """GET /tickets/<id>/checks/<run>: the report of a check that was run by the ticket's link."""
        ticket, reader = self._readable_ticket(id), signed_in()
        if not is_customer(reader, ticket.draft):
            return redirect(f"/desk/runs/{run}", 303)
        thread = self.tickets.thread(ticket.id, internal=True)
        note = next((n for n in thread if n.run == run and is_link_result(n)), None)
        result = note and check_result(note, ticket.draft, reader, self.diagnoses, lang())
        if not result or result.run is None:
            raise not_found()
        report = self.diagnoses.report_for_reader(result.run)
        view = self.diagnoses.view(report, lang())
        return page("tickets/check.html", ticket=ticket, run=result.run, report_view=view)

    def add_message(self, id: str) -> AnyResponse:
        """POST /tickets/<id>: the customer writes on."""
        ticket, visitor = self._readable_ticket(id), who()
        if not is_customer(signed_in(), ticket.draft):
            raise forbidden()
        fields = FormFields(request.form)
        text = fields.text("text", forms.LONGEST_TEXT)
        if fields.errors or not text:
            return self._page(ticket, forms.TOO_LONG if text else forms.MISSING_TEXT, text)
        person = signed_in()
        key = text_input.line(request.form.get("key", ""), 64)
        if not key:
            raise invalid({"key": forms.MISSING_TEXT})
        now = plumbing().clock.now()
        command = customer_message(ticket, visitor, f"said:{person.id}:{key}", text, now)
        with plumbing().limiter.counted("tickets.say", person.id, PER_PERSON):
            is_new = self.tickets.apply(ticket.id, command)
        if not is_new and self.tickets.has_other_words(ticket.id, f"said:{person.id}:{key}", text):
            return self._page(ticket, forms.SENT_BEFORE, text)
        return redirect(f"/tickets/{ticket.id}#thread", 303)

    def _readable_ticket(self, id: str) -> Ticket:
        person = signed_in()
        ticket = self.tickets.ticket(id[:64])
        if ticket is None or not may_read(person, ticket.draft):
            raise not_found()
        return ticket


def blueprint(pages: TicketPages) -> Blueprint:
    """/tickets, /tickets/<id> and the reports of its checks."""
    pages_blueprint = Blueprint("tickets", __name__)
    pages_blueprint.add_url_rule("/tickets", "index", pages.index)
    pages_blueprint.add_url_rule("/tickets/<id>", "ticket", pages.ticket)
    pages_blueprint.add_url_rule("/tickets/<id>/checks/<run>", "check", pages.check)
    pages_blueprint.add_url_rule("/tickets/<id>", "say", pages.add_message, methods=["POST"])
    return pages_blueprint
