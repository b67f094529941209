"""The page of a new ticket, /tickets/new: fields kept over signing in, a duplicate offered. Knows flask.

What was typed comes back whole with every answer; form.py reads and judges it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from accounts.model import Person, Visitor
from accounts.order_policy import (
    LABELS,
    LEVELS,
    POLICY,
    ROLES,
    Action,
    PolicyDecision,
    PolicyRule,
    may,
)
from accounts.web import signed_in, who
from db.act_step import set_step
from diagnostics.model import Report, Run
from hosting.model import Account
from render.i18n import translate
from render.message_format import sentence
from tickets.access import AccountDirectory, authentication_snapshot, is_customer
from tickets.departments.routing import (
    CATEGORIES,
    PRIORITIES,
    Department,
    Priority,
    department,
    priority_of,
)
from tickets.drafting import form as forms
from tickets.drafting.completeness import EXAMPLES, measure_completeness, questions_for
from tickets.drafting.draft import compose
from tickets.drafting.kept_words import buttons, field_label
from tickets.kept_drafts.store import KeptDrafts
from tickets.labels import hours_text
from tickets.model import Draft, Ticket
from tickets.reports import Diagnoses
from tickets.service import customer_message
from tickets.store import TicketStore
from web import visitor as asking
from web.forms.kept_forms import KEEPING, KEEPING_LIMIT, is_words, kept_form
from web.forms.local_paths import safe_next
from web.language import lang
from web.page import page
from web.problems import kept_no_longer
from web.rate_limits import Rate
from web.site import plumbing

PER_PERSON = Rate(30, timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class NewTicketPages:
    """The form and what it is made of."""

    tickets: TicketStore
    drafts: KeptDrafts
    hosting: AccountDirectory
    diagnoses: Diagnoses
    departments: tuple[Department, ...] = ()
    rules: Mapping[Action, PolicyRule] = field(default_factory=lambda: POLICY)

    def new(self) -> AnyResponse:
        """GET /tickets/new."""
        kept = request.args.get("kept", "")
        saved = self.drafts.load(kept) if kept else {}
        if kept and not saved:
            raise kept_no_longer()
        form = self._prefilled(forms.read(saved or request.args.to_dict()))
        return self._form(form, {}, kept=kept)

    def send(self) -> AnyResponse:
        """POST /tickets/new."""
        typed_form = forms.read(request.form.to_dict())
        if typed_form.go == "look":
            return self._form(self._prefilled(typed_form), {})
        visitor = who()
        if visitor.person is None:
            with plumbing().limiter.counted(KEEPING, asking.rate_limit_key(), KEEPING_LIMIT):
                token = self.drafts.save(typed_form.values())
            return redirect("/sign-in?" + urlencode({"next": f"/tickets/new?kept={token}"}), 303)
        form = replace(typed_form, account=self._account(typed_form, visitor.person))
        errors = forms.errors(form, self._may_change(visitor, form))
        if errors:
            return self._form(form, errors, 422)
        with plumbing().limiter.counted("tickets.new", visitor.person.id, PER_PERSON):
            return self._submit(form, visitor)

    def kept(self) -> AnyResponse:
        """GET /kept?kept=<token>: any room's form that was sent after its writer's session had
        ended, to read once more and to send; only for the person it was kept for."""
        person = signed_in()
        token = request.args.get("kept", "")
        form = kept_form(self.drafts.load(token), person.id)
        if form is None or not safe_next(form.action):
            raise kept_no_longer()
        return page(
            "tickets/kept.html",
            action=form.action,
            token=token,
            back=safe_next(form.page),
            words=[(n, field_label(n, lang()), value) for n, value in form.fields if is_words(n)],
            choices=[(n, value) for n, value in form.fields if not is_words(n) and n != "go"],
            buttons=buttons(form.fields),
        )

    def _submit(self, form: forms.TicketForm, visitor: Visitor) -> AnyResponse:
        run, report = self._run(form.run)
        draft, priority = self._draft(form, visitor, run, report)
        if kept := request.form.get("kept", ""):
            set_step(self.drafts.drop_step(kept))  # it is sent once
        duplicate = self._open_duplicate(draft, visitor.person)
        if duplicate and form.go == "append":
            self._append(duplicate, visitor, f"again:{draft.fingerprint}", draft.text, draft.run)
            return redirect(f"/tickets/{duplicate.id}", 303)
        if duplicate and form.go != "new":
            return self._form(form, {}, duplicate=duplicate)
        answer_by = self._department(draft.category).answer_by(priority, plumbing().clock.now())
        ticket, is_new = self.tickets.submit(draft, priority=int(priority), answer_by=answer_by)
        if not is_new and (not ticket.open or draft.run != ticket.draft.run):
            # not a double click: the same words, but after the end or with a newer report
            newer = draft.run != ticket.draft.run
            key = f"again:{draft.run if newer else ticket.closed_at}"
            self._append(ticket, visitor, key, draft.text, draft.run)
        return redirect(f"/tickets/{ticket.id}?sent=1", 303)

    def _append(self, ticket: Ticket, visitor: Visitor, key: str, text: str, run: str) -> None:
        now = plumbing().clock.now()
        self.tickets.apply(ticket.id, customer_message(ticket, visitor, key, text, now, run=run))

    def _draft(
        self, form: forms.TicketForm, visitor: Visitor, run: Run | None, report: Report | None
    ) -> tuple[Draft, Priority]:
        priority = priority_of(form.category, report)
        reader = lang()
        draft = compose(
            form.request(run.id if run else ""),
            visitor,
            report,
            headline=self.diagnoses.view(report, reader).title,
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
        is_own = duplicate and person and is_customer(person, duplicate.draft)
        return duplicate if is_own else None

    def _prefilled(self, form: forms.TicketForm) -> forms.TicketForm:
        person = who().person
        run, report = self._run(form.run)
        complaint = self.diagnoses.reported_symptom(run, lang()) if run else forms.NO_COMPLAINT
        full = forms.prefilled(form, run, report, complaint)
        if full.work == forms.CHANGE and full.facts.get("values") and not full.text:
            full = replace(full, text=translate(lang(), forms.PLEASE_SET))
        return replace(full, account=self._account(full, person))

    def _run(self, given: str) -> tuple[Run | None, Report | None]:
        """The diagnosis to attach, judged again at every step by who asks now."""
        run = self.diagnoses.by_token(given) or self.diagnoses.by_id(given) if given else None
        if run is None or not self.diagnoses.may_see(run):
            return None, None
        report = self.diagnoses.report_for_reader(run)
        return report.run if report else run, report

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
        kept: str | None = None,
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
            kept=request.form.get("kept", "") if kept is None else kept,
            errors=errors,
            questions=questions_for(form.category) if form.category else (),
            completeness=measure_completeness(form.category, form.facts, form.text, form.service),
            example=EXAMPLES.get(form.category, EXAMPLES["other"]),
            categories=CATEGORIES,
            team=answering_department,
            hours=hours_text(answering_department.hours.guaranteed, lang()),
            zone=answering_department.hours.zone,
            answer_by=answering_department.answer_by(priority, now),
            priority=PRIORITIES[priority],
            report_view=self.diagnoses.view(report, lang()),
            run=run,
            by_token=bool(run and form.run != run.id),
            like=duplicate,
            accounts=[
                self.hosting.account(c.account) or unnamed_account(c.account) for c in contacts
            ],
            role=ROLES[authentication_snapshot(visitor, form.account, now).role],
            level=LEVELS[visitor.assurance],
            allowed_actions=[LABELS[a] for a in allowed],
            may_change=self._may_change(visitor, form),
        )


def unnamed_account(id: str) -> Account:
    return Account(id, id, ())


def blueprint(pages: NewTicketPages) -> Blueprint:
    """/tickets/new, and /kept for forms of every page."""
    routes = Blueprint("new_ticket", __name__)
    routes.add_url_rule("/tickets/new", "new", pages.new)
    routes.add_url_rule("/tickets/new", "send", pages.send, methods=["POST"])
    routes.add_url_rule("/kept", "kept", pages.kept)
    return routes
