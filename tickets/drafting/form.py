"""The ticket form as typed: reading, filling in from a report, judging. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from accounts import text_input
from accounts.form_fields import FormFields
from accounts.order_policy import PolicyDecision
from diagnostics.model import Report, Run
from render.i18n import N_
from tickets.departments.routing import CATEGORIES, category_of, category_of_finding
from tickets.drafting.completeness import ASKS, questions_for
from tickets.drafting.draft import TicketRequest
from tickets.reports import ReportedSymptom
from wizard.reports.report import change_requests

LONGEST_TEXT = 20_000
LONGEST_FACT = 4_000
LONGEST_SERVICE = 253
DIAGNOSE, CHANGE = "diagnose", "change"
GOES = ("send", "look", "append", "new")
PLEASE_SET = N_("Please set these records, as another provider asks me to.")
MISSING_TEXT = N_("Please tell us in a few words what is wrong.")
MISSING_SERVICE = N_("Please name the service: a domain, a mailbox, or an order number.")
TOO_LONG = N_(
    "This is longer than we can take. Please shorten it to the part that matters; the beginning of an error usually does."
)
SENT_BEFORE = N_(
    "This form was sent before, with other words: they stand in the thread. What is written below has"
    " not been sent yet."
)
NO_COMPLAINT = ReportedSymptom()
_FACTS = tuple({ask.name: None for asks in ASKS.values() for ask in asks})


@dataclass(frozen=True, slots=True)
class TicketForm:
    """What the fields hold. `run` is a report's token or a run's id, as given."""

    run: str = ""
    category: str = ""
    service: str = ""
    account: str = ""
    text: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    work: str = DIAGNOSE
    backup: bool = True
    go: str = ""
    long: tuple[str, ...] = ()  # fields that were too long

    def values(self) -> dict[str, str]:
        """The fields as a form sends them."""
        return {
            "run": self.run,
            "category": self.category,
            "service": self.service,
            "account": self.account,
            "text": self.text,
            "work": self.work,
            "backup": "1" if self.backup else "",
            "filled": "1",
            **{f"fact_{name}": value for name, value in self.facts.items()},
        }

    def request(self, run: str) -> TicketRequest:
        """As a request for help; `run` is the id of the attached diagnosis, or ""."""
        change = self.work == CHANGE
        return TicketRequest(
            category=self.category or "other",
            service=self.service,
            text=self.text,
            account=self.account,
            answers={a.name: self.facts.get(a.name, "") for a in questions_for(self.category)},
            consents={
                "diagnose_only": not change,
                "may_change": change,
                "backup_first": change and self.backup,
            },
            run=run,
        )


def read(fields: Mapping[str, str]) -> TicketForm:
    """The fields, cleaned. Unknown choices become none; nothing here is refused yet."""
    typed = FormFields(fields)
    facts = {name: typed.text(f"fact_{name}", LONGEST_FACT) for name in _FACTS}
    service, text = typed.line("service", LONGEST_SERVICE), typed.text("text", LONGEST_TEXT)
    category, work, go = fields.get("category", ""), fields.get("work", ""), fields.get("go", "")
    return TicketForm(
        run=text_input.line(fields.get("run", ""), 200),
        category=category if category in CATEGORIES else "",
        service=service,
        account=text_input.line(fields.get("account", ""), 100),
        text=text,
        facts={name: value for name, value in facts.items() if value},
        work=work if work in (DIAGNOSE, CHANGE) else DIAGNOSE,
        backup=bool(fields.get("backup")) or not fields.get("filled"),
        go=go if go in GOES else "",
        long=tuple(typed.errors),
    )


def prefilled(
    form: TicketForm,
    run: Run | None,
    report: Report | None,
    complaint: ReportedSymptom = NO_COMPLAINT,
) -> TicketForm:
    """The form with what a diagnosis and the wizard's questions know, where nothing was typed."""
    if run is None:
        return form
    category = form.category or category_of(report, complaint.category)
    from_run = {
        "url": run.subject.url or (f"https://{run.subject.host}/" if run.subject.host else ""),
        "mailbox": run.subject.mailbox,
        "domain": run.subject.domain,
        "values": "\n".join(change_requests(report)) if report else "",
        "error": _quoted_error(report, category) if report else "",
    }
    answers = {a.fact: a.answer for a in complaint.answers if a.fact}
    facts = {**{k: v for k, v in from_run.items() if v}, **answers, **form.facts}
    return replace(
        form,
        category=category,
        service=form.service or text_input.line(run.subject.mailbox or run.subject.host, 253),
        facts=facts,
        text=form.text or _leftover_answers(category, complaint),
    )


def _quoted_error(report: Report, category: str) -> str:
    """The error that the report quotes in what the category is about, "" for none: a page's or a
    server's own words, else how the website answered."""
    for judged in report.failing():
        if category_of_finding(judged.finding.id) != category:
            continue
        args = judged.finding.args
        for quoted in (args.get("words"), args.get("reply")):
            if quoted and isinstance(quoted, str):
                return quoted
        if "status" in args and "reason" in args:
            return f"{args['status']} {args['reason']}".strip()
    return ""


def _leftover_answers(category: str, complaint: ReportedSymptom) -> str:
    """Answers that this category has no field for, so that none is lost."""
    fields = {ask.name for ask in questions_for(category)}
    left = [a for a in complaint.answers if a.fact not in fields]
    return "\n".join(f"{a.question} {a.answer}" for a in left)


def errors(form: TicketForm, may_change: PolicyDecision) -> dict[str, str]:
    """What stands in the way of sending, by field, as msgids."""
    messages = dict.fromkeys(form.long, TOO_LONG)
    if not form.text:
        messages.setdefault("text", MISSING_TEXT)
    if not form.service:
        messages["service"] = MISSING_SERVICE
    if form.work == CHANGE and not may_change.allowed:
        messages["work"] = may_change.reason
    return messages
