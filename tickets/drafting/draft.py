"""Composes a ticket's subject, text and facts from a report, an account and answers. Pure."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from accounts.model import Visitor
from diagnostics.model import Report
from render.i18n import N_
from tickets.access import authentication_snapshot
from tickets.departments.routing import Priority
from tickets.drafting.completeness import questions_for
from tickets.model import Draft

Words = Callable[[str, Mapping[str, object]], str]

CONSENTS: Mapping[str, str] = {
    "diagnose_only": N_("Only find out what is wrong and tell me. Change nothing."),
    "may_change": N_("You may change settings of this service to solve it."),
    "backup_first": N_("Make a backup before any change."),
}
LABELS: Mapping[str, str] = {
    "service": N_("Service"),
    "account": N_("Account"),
    "category": N_("Category"),
    "findings": N_("Found by the self-check"),
}


@dataclass(frozen=True, slots=True)
class TicketRequest:
    """What the form says, cleaned: every text bounded, every choice a known one."""

    category: str
    service: str
    text: str
    account: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    consents: Mapping[str, bool] = field(default_factory=dict)
    run: str = ""


@dataclass(frozen=True, slots=True)
class DraftFact:
    """A row of the ticket's table of facts; `label` is a msgid, values are as given."""

    label: str
    values: tuple[str, ...]


def failing_finding_ids(report: Report | None) -> tuple[str, ...]:
    """Ids of what failed, causes only, each once and in reading order."""
    if report is None:
        return ()
    finding_ids = (judged.finding.id for judged in report.failing() if not judged.cause)
    return tuple(dict.fromkeys(finding_ids))


def fingerprint(request: TicketRequest, person: str, findings: tuple[str, ...], on: date) -> str:
    """The same person asking the same on the same day is the same ticket, however often sent."""
    words = unicodedata.normalize("NFKC", request.text).casefold().split()
    same = [
        person,
        request.account,
        request.service.casefold(),
        request.category,
        sorted(findings),
        " ".join(words),
        on.isoformat(),
    ]
    return hashlib.sha256(json.dumps(same).encode()).hexdigest()


def subject(service: str, headline: str, category: str, words: Words) -> str:
    """What the ticket is called, in the customer's language."""
    if headline:
        return words(N_("{service}: {problem}"), {"service": service, "problem": headline})
    return words(N_("{service}: {category}"), {"service": service, "category": category})


def compose(
    request: TicketRequest,
    visitor: Visitor,
    report: Report | None,
    *,
    headline: str,
    category: str,
    department: str,
    priority: Priority,
    lang: str,
    at: datetime,
    words: Words,
) -> Draft:
    """The ticket. `headline` and `category` are already in the reader's language; `words` fills
    a msgid in that language. The visitor must be signed in."""
    person = visitor.person.id if visitor.person else ""
    finding_ids = failing_finding_ids(report)
    question_names = {ask.name for ask in questions_for(request.category)}
    return Draft(
        fingerprint=fingerprint(request, person, finding_ids, at.date()),
        person=person,
        account=request.account,
        service=request.service,
        category=request.category,
        department=department,
        priority=priority.name.lower(),
        subject=subject(request.service, headline, category, words)[:200],
        text=request.text,
        statement=authentication_snapshot(visitor, request.account, at),
        lang=lang,
        answers={k: v for k, v in request.answers.items() if k in question_names and v},
        consents={k: bool(request.consents.get(k)) for k in CONSENTS},
        run=request.run,
        findings=finding_ids,
    )


def facts(draft: Draft, category: str) -> tuple[DraftFact, ...]:
    """The table of facts, first what every ticket has, then what was asked for."""
    fixed = (
        DraftFact(LABELS["service"], (draft.service,)),
        DraftFact(LABELS["account"], (draft.account,)),
        DraftFact(LABELS["category"], (category,)),
    )
    asked = (
        DraftFact(a.label, (draft.answers.get(a.name, ""),)) for a in questions_for(draft.category)
    )
    return tuple(fact for fact in (*fixed, *asked) if fact.values[0])
