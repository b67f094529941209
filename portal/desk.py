"""/desk: the agents' queue and tickets. Staff only; every act is an audit row.

Puts tickets, customers, hosting facts and reports side by side; the acts are those of tickets/service.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from accounts.form_fields import FormFields
from accounts.model import Assurance, ContactRole, Person
from accounts.order_policy import LEVELS, POLICY, ROLES, Action, PolicyRule, orders
from accounts.random_tokens import fresh_id
from accounts.store import AccountStore
from accounts.web import signed_in, who
from db.versions import StaleVersion
from messages import EmailRefusal
from portal.me import KINDS, RESOURCES, SERVICE_STATES, KnownHosting, meters, rows
from portal.panel_facts import LIMITS, known_facts
from render.i18n import N_, translate
from render.message_format import sentence
from tickets.departments.routing import CATEGORIES, PRIORITIES, Department, department
from tickets.drafting.draft import CONSENTS, facts
from tickets.drafting.form import SENT_BEFORE
from tickets.emails.outgoing_emails import email_key
from tickets.invites.thread_reports import ThreadReports
from tickets.invites.validity import LONGEST, MOST_RUNS, USUAL, USUAL_RUNS
from tickets.labels import ACTS, MARKS, OUTCOMES, REFUSALS, STAFF_STATES
from tickets.model import AuthenticationSnapshot, Note, NoteKind, Ticket, TicketOutcome, TicketState
from tickets.reports import Diagnoses, NotASubject
from tickets.service import TicketService, form_key
from tickets.store import PAGE
from web.language import lang
from web.page import page
from web.problems import forbidden, not_found
from web.site import plumbing

OPEN = (TicketState.NEW, TicketState.OPEN, TicketState.TECHNICIANS, TicketState.WAITING)
SHOWN = 3  # reports unfolded into a ticket's page, the newest ones
MOST = 20_000
CHANGED = N_(
    "Somebody has written or changed something here since you opened this ticket. Look at what is "
    "new, then send yours again; what you typed is still here."
)
EMPTY = N_("Please write something first.")
LOOK_AGAIN = N_("Something below needs another look. It is marked; nothing was sent yet.")
SUBJECT = 500  # characters


Refusals = Callable[[Iterable[str]], Mapping[str, EmailRefusal]]  # by the keys of letters


def no_refusals(keys: Iterable[str]) -> Mapping[str, EmailRefusal]:
    """For desks that send no letters."""
    del keys
    return {}


@dataclass(frozen=True, slots=True)
class PromisedAnswer:
    """A ticket's clock: how long until (or since) the promised answer."""

    level: str  # ok, warn, fail; "" when there is nothing to wait for
    at: datetime | None


def due(ticket: Ticket, now: datetime) -> PromisedAnswer:
    """The clock of the first answer; it stops with that answer."""
    if ticket.answered_at or not ticket.open or ticket.answer_by is None:
        return PromisedAnswer("", None)
    left = ticket.answer_by - now
    if left < timedelta(0):
        return PromisedAnswer("fail", ticket.answer_by)
    whole = ticket.answer_by - ticket.opened_at
    return PromisedAnswer("warn" if left * 4 < whole else "ok", ticket.answer_by)


def of_service(known_domains: Iterable[str], service: str) -> str:
    """Which of an account's domains a service, host or mailbox belongs to; "" for none."""
    host = service.lower().rpartition("@")[2]
    fits = (d for d in known_domains if host == d or host.endswith("." + d))
    return max(fits, key=len, default="")


def staff() -> Person:
    """The agent behind the request. Raises sign_in_needed or forbidden."""
    person = signed_in()
    if not person.is_staff():
        raise forbidden()
    return person


@dataclass(frozen=True, slots=True)
class DeskPages:
    """The pages and what they are made of."""

    service: TicketService
    accounts: AccountStore
    hosting: KnownHosting
    diagnoses: Diagnoses
    departments: tuple[Department, ...] = ()
    rules: Mapping[Action, PolicyRule] = field(default_factory=lambda: POLICY)
    refusals: Refusals = no_refusals
    verifies_callers: bool = False  # by codes; portal/callers.py

    # reading

    def queue(self) -> AnyResponse:
        """GET /desk."""
        staff()
        store, closed = self.service.tickets, request.args.get("state") == "closed"
        after, now = store.ticket(request.args.get("after", "")[:64]), plumbing().clock.now()
        tickets = store.closed(after) if closed else store.queue(OPEN, after)
        return page(
            "portal/desk.html",
            200,
            tickets=tickets,
            closed=closed,
            count=store.count((TicketState.CLOSED,) if closed else OPEN),
            more=tickets[-1].id if len(tickets) == PAGE else "",
            due={t.id: due(t, now) for t in tickets},
            unreached=self._unreached(tickets),
            names=self._names({t.agent for t in tickets}),
            departments={d.id: d.name(lang()) for d in self.departments},
            categories=CATEGORIES,
            verifies_callers=self.verifies_callers,
            **_WORDS,
        )

    def ticket(self, id: str) -> AnyResponse:
        """GET /desk/tickets/<id>."""
        staff()
        ticket = self._ticket(id)
        return self._page(ticket, link=self._link_just_sent(ticket))

    def _link_just_sent(self, ticket: Ticket) -> str:
        """The check link that this page was led to after sending it; "" for none of its own."""
        asked, invites = request.args.get("invited", ""), self.service.invites
        sent = [i for i in invites.usable_invites(ticket.id) if i.id == asked]
        return f"{plumbing().site.url}/invite/{invites.token(asked)}" if sent else ""

    def run(self, id: str) -> AnyResponse:
        """GET /desk/runs/<id>: a whole report, for staff."""
        staff()
        run = self.diagnoses.by_id(id[:64])
        if run is None:
            raise not_found()
        report = self.diagnoses.report(run)
        return page("portal/run.html", run=run, report_view=self.diagnoses.view(report, lang()))

    def _page(self, ticket: Ticket, error: str = "", **more: object) -> AnyResponse:
        reader, draft = lang(), ticket.draft
        thread = self.service.tickets.thread(ticket.id, internal=True)
        reports = ThreadReports(thread, self.diagnoses, reader)
        audit = self.accounts.audited(f"ticket:{ticket.id}")
        facts_by_domain = self.hosting.facts_by_domain(draft.account) if draft.account else {}
        domain = of_service(facts_by_domain, draft.service)
        services = self.hosting.services(draft.account) if draft.account else ()
        return page(
            "portal/ticket.html",
            422 if error else 200,
            ticket=ticket,
            thread=thread,
            reports={n.key: reports.view(n.run) for n in [n for n in thread if n.run][-SHOWN:]},
            results=reports.result_texts(),
            refused=self._refused(ticket, thread),
            customer=self.accounts.person(draft.person),
            names=self._names(
                {ticket.agent, *(n.author for n in thread), *(e.actor for e in audit)}
            ),
            facts=facts(draft, translate(reader, CATEGORIES.get(draft.category, ""))),
            consents=[text for k, text in CONSENTS.items() if draft.consents.get(k)],
            orders=_orders(draft.statement, self.rules),
            usual_days=USUAL.days,
            usual_runs=USUAL_RUNS,
            due=due(ticket, plumbing().clock.now()),
            hosting=facts_by_domain.get(domain),
            known_facts=known_facts({domain: facts_by_domain[domain]}) if domain else {},
            domain=domain,
            rows=[
                row
                for row in rows(services, plumbing().clock.now().date())
                if row.urgent or row.service.name == domain
            ],
            meters=meters({domain: facts_by_domain[domain]}) if domain else (),
            today=plumbing().clock.now().date(),
            earlier=self.service.tickets.earlier_tickets(ticket),
            invites=self.service.invites.invites_of(ticket.id),
            team=department(self.departments, draft.category),
            symptoms=self.diagnoses.symptoms,
            symptom=self._symptom(ticket),
            audit=audit,
            key=fresh_id(),
            error=error,
            verifies_callers=self.verifies_callers,
            **{
                "link": "",
                "text": "",
                "form": {},
                "errors": {},
                "own_check": {},
                "own_error": "",
                **more,
            },
            **_WORDS,
        )

    def _refused(self, ticket: Ticket, thread: tuple[Note, ...]) -> dict[str, EmailRefusal]:
        """Of the letters that went out with notes, those that were refused, by note."""
        keys = {note.key: email_key(ticket.id, note.kind, note.key) for note in thread}
        refusals = self.refusals(filter(None, keys.values()))
        return {note: refusals[key] for note, key in keys.items() if key in refusals}

    def _unreached(self, tickets: Iterable[Ticket]) -> frozenset[str]:
        """Of these tickets, those whose newest letter was refused: nobody has read the answer."""
        newest: dict[str, str] = {}
        for ticket, keys in self.service.tickets.note_keys(t.id for t in tickets).items():
            letters = [key for kind, note in keys if (key := email_key(ticket, kind, note))]
            newest |= {letters[-1]: ticket} if letters else {}
        return frozenset(newest[key] for key in self.refusals(newest))

    def _symptom(self, ticket: Ticket) -> str:
        run = self.diagnoses.by_id(ticket.draft.run) if ticket.draft.run else None
        return run.symptom if run else ""

    def _names(self, ids: set[str]) -> dict[str, str]:
        return {p.id: p.name for p in self.accounts.people(ids)}

    def _ticket(self, id: str) -> Ticket:
        ticket = self.service.tickets.ticket(id[:64])
        if ticket is None:
            raise not_found()
        return ticket

    # acting

    def reply(self, id: str) -> AnyResponse:
        """POST /desk/tickets/<id>/reply; with `note` pressed, an internal note instead."""
        agent, ticket = staff(), self._ticket(id)
        fields = FormFields(request.form)
        text = fields.text("text", MOST)
        if not text:
            return self._page(ticket, EMPTY)
        if fields.errors:
            return self._refused_form(ticket, fields, text=text)
        kind, key = NoteKind.REPLY, _key()
        try:
            if request.form.get("go") == "note":
                kind = NoteKind.INTERNAL
                is_new = self.service.note(ticket, agent, text, key)
            else:
                is_new = self.service.reply(ticket, agent, text, key, seen=_version_of_form())
        except StaleVersion:
            return self._page(self._ticket(id), CHANGED, text=text)
        if not is_new and self.service.has_other_words(ticket, kind, key, text):
            return self._page(ticket, SENT_BEFORE, text=text)
        return _back(ticket)

    def hand_over(self, id: str) -> AnyResponse:
        """POST /desk/tickets/<id>/hand-over."""
        agent, ticket = staff(), self._ticket(id)
        try:
            self.service.hand_over(ticket, agent, _key(), seen=_version_of_form())
        except StaleVersion:
            return self._page(self._ticket(id), CHANGED)
        return _back(ticket)

    def close(self, id: str) -> AnyResponse:
        """POST /desk/tickets/<id>/close."""
        agent, ticket = staff(), self._ticket(id)
        outcome = request.form.get("outcome", "")
        if outcome not in list(TicketOutcome):
            return self._page(ticket, N_("Please choose how it ended."))
        try:
            self.service.close(
                ticket, agent, TicketOutcome(outcome), _key(), seen=_version_of_form()
            )
        except StaleVersion:
            return self._page(self._ticket(id), CHANGED)
        return _back(ticket)

    def invite(self, id: str) -> AnyResponse:
        """POST /desk/tickets/<id>/invite."""
        agent, ticket = staff(), self._ticket(id)
        fields, form = FormFields(request.form), request.form
        subject, message = fields.line("subject", SUBJECT), fields.text("message", 2000)
        days = fields.number("days", 1, LONGEST.days, absent=USUAL.days)
        runs = fields.number("runs", 1, MOST_RUNS, absent=USUAL_RUNS)
        if fields.errors:
            return self._refused_form(ticket, fields, form=form)
        symptom = self._known_symptom(form.get("symptom", ""))
        try:
            invite, _ = self.service.invite(
                ticket,
                agent,
                subject=subject,
                symptom=symptom,
                message=message,
                valid=timedelta(days=days),
                runs=runs,
            )
        except NotASubject as error:
            refusal = {"subject": _refusal_sentence(error)}
            return self._page(ticket, LOOK_AGAIN, form=form, errors=refusal)
        return redirect(f"/desk/tickets/{ticket.id}?invited={invite.id}", 303)

    def check(self, id: str) -> AnyResponse:
        """POST /desk/tickets/<id>/check."""
        staff()
        ticket = self._ticket(id)
        fields = FormFields(request.form)
        subject = fields.line("subject", SUBJECT)
        own_check = {
            "subject": subject,
            "symptom": self._known_symptom(request.form.get("symptom", "")),
        }
        refusal = fields.messages(lang()).get("subject", "")
        try:
            if not refusal:
                self.service.check(ticket, who(), **own_check)
        except NotASubject as error:
            refusal = _refusal_sentence(error)
        if refusal:
            return self._page(ticket, LOOK_AGAIN, own_check=own_check, own_error=refusal)
        return _back(ticket)

    def _refused_form(self, ticket: Ticket, fields: FormFields, **more: object) -> AnyResponse:
        """The page with what was typed, and beside each field what needs another look."""
        return self._page(ticket, LOOK_AGAIN, errors=fields.messages(lang()), **more)

    def _known_symptom(self, symptom: str) -> str:
        symptom_ids = [name for name, _ in self.diagnoses.symptoms]
        return symptom if symptom in symptom_ids else next(iter(symptom_ids), "")


_WORDS: dict[str, object] = {
    "acts": ACTS,
    "states": STAFF_STATES,
    "marks": MARKS,
    "outcomes": OUTCOMES,
    "priorities": {int(p): name for p, name in PRIORITIES.items()},
    "roles": ROLES,
    "levels": LEVELS,
    "kinds": KINDS,
    "service_states": SERVICE_STATES,
    "refusals": REFUSALS,
    "resources": RESOURCES,
    "limit_names": LIMITS,
}


def _orders(
    snapshot: AuthenticationSnapshot, rules: Mapping[Action, PolicyRule]
) -> tuple[tuple[str, str], ...]:
    """What the writer may order, and why not the rest."""
    role = ContactRole(snapshot.role) if snapshot.role in list(ContactRole) else None
    return orders(role, Assurance(snapshot.assurance), rules)


def _version_of_form() -> int | None:
    """The version of the ticket that the form was made from; None when it does not say."""
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _key() -> str:
    return form_key(request.form.get("key", ""))


def _refusal_sentence(error: NotASubject) -> str:
    return sentence(lang(), error.reason, error.fields)


def _back(ticket: Ticket) -> AnyResponse:
    return redirect(f"/desk/tickets/{ticket.id}#thread", 303)


def blueprint(pages: DeskPages) -> Blueprint:
    """/desk and what is below it."""
    desk_pages = Blueprint("desk", __name__)
    desk_pages.add_url_rule("/desk", "queue", pages.queue)
    desk_pages.add_url_rule("/desk/runs/<id>", "run", pages.run)
    desk_pages.add_url_rule("/desk/tickets/<id>", "ticket", pages.ticket)
    acts: tuple[tuple[str, Callable[[str], AnyResponse]], ...] = (
        ("reply", pages.reply),
        ("hand-over", pages.hand_over),
        ("close", pages.close),
        ("invite", pages.invite),
        ("check", pages.check),
    )
    for name, view in acts:
        desk_pages.add_url_rule(f"/desk/tickets/<id>/{name}", name, view, methods=["POST"])
    return desk_pages
