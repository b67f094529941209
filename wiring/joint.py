"""The joint between diagnoses and tickets: what tickets may call of the other room."""

from __future__ import annotations

from diagnostics import symptoms
from diagnostics.model import Report, Run, Scope, Subject
from diagnostics.parse import Rejected, parse
from diagnostics.report import Articles, Changes, Line, headline, lines
from diagnostics.runs import Reports
from diagnostics.store import RunStore
from diagnostics.web import cookie_hash
from tickets.reports import Diagnoses, NotASubject


def diagnoses(runs: RunStore, reports: Reports, articles: Articles) -> Diagnoses:
    """The callables of tickets.reports.Diagnoses on the real thing."""

    def told(report: Report, lang: str, *, since: Changes | None = None) -> tuple[Line, ...]:
        return lines(report, lang, articles, since=since)

    def start(
        text: str,
        scope: Scope,
        symptom: str,
        *,
        account: str = "",
        person: str = "",
        session: str = "",
        invite: str = "",
        previous: str = "",
        fresh: bool = False,
    ) -> tuple[Run, str]:
        del session  # a report is opened again by the browser's own cookie
        return runs.create(
            recognised(text),
            scope,
            symptom,
            account=account,
            person=person,
            session=cookie_hash(),
            invite=invite,
            previous=previous,
            fresh=fresh,
        )

    return Diagnoses(
        by_token=runs.by_token,
        by_id=runs.by_id,
        report=reports.full,
        start=start,
        recognise=recognised,
        told=told,
        headline=headline,
        symptoms=tuple((s.id, s.title) for s in symptoms.SYMPTOMS),
    )


def recognised(text: str) -> Subject:
    """What a text names. Raises NotASubject with the parser's own reason."""
    found = parse(text)
    if isinstance(found, Rejected):
        raise NotASubject(found.reason, found.args)
    return found
