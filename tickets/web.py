"""The customer's tickets: the form, the list, the thread. Knows flask.

Whoever may not read a ticket is told that there is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from accounts import text_input
from accounts.model import Person, Visitor
from accounts.policy import LABELS, LEVELS, POLICY, ROLES, Action, PolicyDecision, PolicyRule, may
from accounts.store import AccountStore
from accounts.tokens import fresh_id
from accounts.web import signed_in, who
from diagnostics.model import Report, Run
from hosting.model import Account
from render.i18n import translate
from render.message_format import sentence
from tickets.access import AccountDirectory, may_read
from tickets.drafting import form as forms
from tickets.drafting.completeness import EXAMPLES, asks, gauge
from tickets.drafting.draft import CONSENTS, authentication_snapshot, compose, facts
from tickets.invites.store import InviteStore
from tickets.labels import MARKS, OUTCOMES, STATES, WHAT_NEXT, hours_text
from tickets.model import Draft, Note, NoteKind, Ticket, TicketState
from tickets.reports import Diagnoses, goes_with
from tickets.routing import (
    CATEGORIES,
    PRIORITIES,
    Department,
    Priority,
    department,
    priority_of,
)
from tickets.store import TicketCommand, TicketStore
from web import visitor as asking
from web.language import lang
from web.limits import Rate
from web.page import page
from web.problems import invalid, not_found
from web.site import plumbing

PER_PERSON = Rate(30, timedelta(hours=1))
KEEPING = Rate(20, timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class TicketPages:
    """The pages and what they are made of."""

    tickets: TicketStore
    accounts: AccountStore
    hosting: AccountDirectory
    diagnoses: Diagnoses
    invites: InviteStore
    departments: tuple[Department, ...] = ()
    rules: Mapping[Action, PolicyRule] = field(default_factory=lambda: POLICY)

    # the form

    def new(self) -> AnyResponse:
        """GET /tickets/new."""
        fields = self.tickets.saved_draft(request.args.get("kept", "")) or request.args.to_dict()
        return self._form(self._prefilled(forms.read(fields)), {})

    def send(self) -> AnyResponse:
        """POST /tickets/new."""
        typed_form = forms.read(request.form.to_dict())
        if typed_form.go == "look":
            return self._form(self._prefilled(typed_form), {})
        visitor = who()
        if visitor.person is None:
            plumbing().limiter.check("tickets.keep", asking.asker(), KEEPING, shared=True)
            token = self.tickets.save_draft(typed_form.values())
            return redirect("/sign-in?" + urlencode({"next": f"/tickets/new?kept={token}"}), 303)
        plumbing().limiter.check("tickets.new", visitor.person.id, PER_PERSON, shared=True)
        form = replace(typed_form, account=self._account(typed_form, visitor.person))
        errors = forms.errors(form, self._may_change(visitor, form))
        if errors:
            return self._form(form, errors, 422)
        return self._submit(form, visitor)

    def _submit(self, form: forms.TicketForm, visitor: Visitor) -> AnyResponse:
        run, report = self._run(form.run)
        draft, priority = self._draft(form, visitor, run, report)
        duplicate = self._open_duplicate(draft, visitor.person)
        if duplicate and form.go == "append":
            self._add_message(
                duplicate, visitor, f"again:{draft.fingerprint}", draft.text, draft.run
            )
            return redirect(f"/tickets/{duplicate.id}", 303)
        if duplicate and form.go != "new":
            return self._form(form, {}, duplicate=duplicate)
        answer_by = self._department(draft.category).answer_by(priority, plumbing().clock.now())
        ticket, is_new = self.tickets.submit(draft, priority=int(priority), answer_by=answer_by)
        if not is_new and (not ticket.open or draft.run != ticket.draft.run):
            # not a double click: the same words, but after the end or with a newer report
            newer = draft.run != ticket.draft.run
            key = f"again:{draft.run if newer else ticket.closed_at}"
            self._add_message(ticket, visitor, key, draft.text, draft.run)
        self.tickets.delete_draft(request.form.get("kept", ""))
        return redirect(f"/tickets/{ticket.id}?sent=1", 303)

    def _draft(
        self, form: forms.TicketForm, visitor: Visitor, run: Run | None, report: Report | None
    ) -> tuple[Draft, Priority]:
        priority = priority_of(form.category, report)
        reader = lang()
        draft = compose(
            form.request(run.id if run else ""),
            visitor,
            report,
            headline=self.diagnoses.seen(report, reader).title,
            category=translate(reader, CATEGORIES.get(form.category, CATEGORIES["other"])),
            department=self._department(form.category).id,
            priority=priority,
            lang=reader,
            at=plumbing().clock.now(),
            words=lambda text, args: sentence(reader, text, args),
        )
        url = f"{plumbing().site.url}/desk/runs/{run.id}" if run else ""
        return replace(draft, report_url=url), priority

    def _open_duplicate(self, draft: Draft, person: Person | None) -> Ticket | None:
        duplicate = self.tickets.find_open_duplicate(draft)
        return duplicate if duplicate and may_read(person, duplicate.draft) else None

    def _prefilled(self, form: forms.TicketForm) -> forms.TicketForm:
        person = who().person
        run, report = self._run(form.run)
        complaint = self.diagnoses.complaint(run, lang()) if run else forms.NO_COMPLAINT
        full = forms.prefilled(form, run, report, complaint)
        if full.work == forms.CHANGE and full.facts.get("values") and not full.text:
            full = replace(full, text=translate(lang(), forms.PLEASE_SET))
        return replace(full, account=self._account(full, person))

    def _run(self, given: str) -> tuple[Run | None, Report | None]:
        """The diagnosis to attach, judged again at every step by who asks now."""
        run = self.diagnoses.by_token(given) or self.diagnoses.by_id(given) if given else None
        if run is None or not self.diagnoses.may_see(run):
            return None, None
        return run, self.diagnoses.report(run)

    def _account(self, form: forms.TicketForm, person: Person | None) -> str:
        """The account it concerns: as chosen, else the one the service belongs to. Only an
        account the person is a contact of; a stranger causes no look-up at all."""
        own_accounts = [c.account for c in person.contacts] if person else []
        if form.account in own_accounts or not own_accounts:
            return form.account if form.account in own_accounts else ""
        domain = form.facts.get("domain") or form.service.rpartition("@")[2]
        names = domain.lower().split(".")
        for cut in range(max(1, len(names) - 1)):
            account = self.hosting.account_of(".".join(names[cut:]))
            if account and account.id in own_accounts:
                return account.id
        # an order or invoice number says nothing of the account; a foreign domain does
        return own_accounts[0] if len(own_accounts) == 1 and len(names) == 1 else ""

    def _may_change(self, visitor: Visitor, form: forms.TicketForm) -> PolicyDecision:
        action = Action.BILLING if form.category == "billing" else Action.CONFIGURE
        return may(visitor, form.account, action, self.rules)

    def _department(self, category: str) -> Department:
        return department(self.departments, category)

    def _form(
        self,
        form: forms.TicketForm,
        errors: dict[str, str],
        status: int = 200,
        duplicate: Ticket | None = None,
    ) -> AnyResponse:
        visitor = who()
        run, report = self._run(form.run)
        if duplicate is None and visitor.person and report and not errors:
            draft, _ = self._draft(form, visitor, run, report)
            duplicate = self._open_duplicate(draft, visitor.person)
        answering_department, priority = (
            self._department(form.category),
            priority_of(form.category, report),
        )
        now = plumbing().clock.now()
        contacts = visitor.person.contacts if visitor.person else ()
        allowed = [a for a in LABELS if may(visitor, form.account, a, self.rules).allowed]
        return page(
            "tickets/new.html",
            status,
            form=form,
            kept=request.values.get("kept", ""),
            errors=errors,
            asks=asks(form.category) if form.category else (),
            gauge=gauge(form.category, form.facts, form.text),
            example=EXAMPLES.get(form.category, EXAMPLES["other"]),
            categories=CATEGORIES,
            team=answering_department,
            hours=hours_text(answering_department.hours.guaranteed, lang()),
            zone=answering_department.hours.zone,
            answer_by=answering_department.answer_by(priority, now),
            priority=PRIORITIES[priority],
            seen=self.diagnoses.seen(report, lang()),
            run=run,
            by_token=bool(run and form.run != run.id),
            like=duplicate,
            accounts=[
                self.hosting.account(c.account) or unnamed_account(c.account) for c in contacts
            ],
            role=ROLES[authentication_snapshot(visitor, form.account, now).role],
            level=LEVELS[visitor.assurance],
            may=[LABELS[a] for a in allowed],
            may_change=self._may_change(visitor, form),
        )

    # the list and the thread

    def index(self) -> AnyResponse:
        """GET /tickets."""
        person = signed_in()
        readable = [t for t in self.tickets.tickets_of(person) if may_read(person, t.draft)]
        return page(
            "tickets/list.html",
            open=[t for t in readable if t.open],
            closed=[t for t in readable if not t.open],
            states=STATES,
            marks=MARKS,
        )

    def ticket(self, id: str) -> AnyResponse:
        """GET /tickets/<id>."""
        return self._page(self._readable_ticket(id))

    def _page(self, ticket: Ticket, error: str = "", text: str = "") -> AnyResponse:
        thread = self.tickets.thread(ticket.id, internal=False)
        people = self.accounts.people({n.author for n in thread} | {ticket.agent})
        run = self.diagnoses.by_id(ticket.draft.run) if ticket.draft.run else None
        shown = run is not None and goes_with(run, who().person)
        report = self.diagnoses.report(run) if run and shown else None
        return page(
            "tickets/ticket.html",
            422 if error else 200,
            ticket=ticket,
            thread=thread,
            names={p.id: p.name for p in people},
            facts=facts(ticket.draft, translate(lang(), CATEGORIES.get(ticket.draft.category, ""))),
            consents=[v for k, v in CONSENTS.items() if ticket.draft.consents.get(k)],
            seen=self.diagnoses.seen(report, lang()),
            team=self._department(ticket.draft.category),
            states=STATES,
            marks=MARKS,
            outcomes=OUTCOMES,
            roles=ROLES,
            levels=LEVELS,
            what_next=WHAT_NEXT,
            overdue=_overdue(ticket),
            sent=bool(request.args.get("sent")),
            error=error,
            text=text,
            key=fresh_id(),
            links=[(i, self.invites.token(i.id)) for i in self.invites.usable_invites(ticket.id)],
        )

    def add_message(self, id: str) -> AnyResponse:
        """POST /tickets/<id>: the customer writes on."""
        ticket, visitor = self._readable_ticket(id), who()
        raw = request.form.get("text", "")
        text = text_input.text(raw, forms.LONGEST_TEXT)
        if not text or text_input.too_long(raw, forms.LONGEST_TEXT):
            return self._page(ticket, forms.TOO_LONG if text else forms.MISSING_TEXT, text)
        person = signed_in()
        plumbing().limiter.check("tickets.say", person.id, PER_PERSON, shared=True)
        key = text_input.line(request.form.get("key", ""), 64)
        if not key:
            raise invalid({"key": forms.MISSING_TEXT})
        self._add_message(ticket, visitor, f"said:{person.id}:{key}", text)
        return redirect(f"/tickets/{ticket.id}#thread", 303)

    def _add_message(
        self, ticket: Ticket, visitor: Visitor, key: str, text: str, run: str = ""
    ) -> None:
        now = plumbing().clock.now()
        person = visitor.person.id if visitor.person else ""
        note = Note(
            key,
            NoteKind.CUSTOMER,
            person,
            text,
            now,
            run,
            authentication_snapshot(visitor, ticket.draft.account, now),
        )
        reopens = ticket.state in (TicketState.WAITING, TicketState.CLOSED)
        raises_priority = _overdue(ticket) and ticket.priority > Priority.HIGH
        command = TicketCommand(
            person,
            "ticket.said",
            note,
            TicketState.OPEN if reopens else None,
            priority=ticket.priority - 1 if raises_priority else None,
            notify_desk=True,
        )
        self.tickets.apply(ticket.id, command)

    def _readable_ticket(self, id: str) -> Ticket:
        person = signed_in()
        ticket = self.tickets.ticket(id[:64])
        if ticket is None or not may_read(person, ticket.draft):
            raise not_found()
        return ticket


def unnamed_account(id: str) -> Account:
    return Account(id, id, ())


def _overdue(ticket: Ticket) -> bool:
    late = ticket.answer_by is not None and plumbing().clock.now() > ticket.answer_by
    return late and ticket.answered_at is None and ticket.open


def blueprint(pages: TicketPages) -> Blueprint:
    """/tickets, /tickets/new and /tickets/<id>."""
    pages_blueprint = Blueprint("tickets", __name__)
    pages_blueprint.add_url_rule("/tickets", "index", pages.index)
    pages_blueprint.add_url_rule("/tickets/new", "new", pages.new)
    pages_blueprint.add_url_rule("/tickets/new", "send", pages.send, methods=["POST"])
    pages_blueprint.add_url_rule("/tickets/<id>", "ticket", pages.ticket)
    pages_blueprint.add_url_rule("/tickets/<id>", "say", pages.add_message, methods=["POST"])
    return pages_blueprint
