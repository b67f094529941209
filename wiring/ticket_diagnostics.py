"""The joint between diagnoses and tickets: what tickets may call of the other room."""

from __future__ import annotations

from accounts.model import Visitor
from diagnostics import symptoms
from diagnostics.model import Report, Run
from subject import Rejected, Subject, parse_subject
from tickets.reports import Diagnoses, NotASubject, ReportedSymptom
from web import visitor as asking
from wizard.page_context import cookie_hash, may_see
from wizard.reports.report import Articles, Changes, ReportLine, headline, lines
from wizard.runs.handler import Reports
from wizard.runs.start import RunRequester, RunStarter


def diagnoses(
    start: RunStarter, reports: Reports, articles: Articles, zone: str = "UTC"
) -> Diagnoses:
    """The callables of tickets.reports.Diagnoses on the real thing."""
    runs = reports.store

    def told(report: Report, lang: str, *, since: Changes | None = None) -> tuple[ReportLine, ...]:
        return lines(report, lang, articles, since=since, zone=zone)

    def started(
        text: str, symptom: str, visitor: Visitor, *, invite: str = "", fresh: bool = False
    ) -> tuple[Run, str]:
        asker = RunRequester(visitor, asking.asker(), cookie_hash())
        return start.run(recognised(text), symptom, asker, invite=invite, fresh=fresh)

    return Diagnoses(
        by_token=runs.by_token,
        by_id=runs.by_id,
        report=reports.full,
        may_see=may_see,
        start=started,
        recognise=recognised,
        told=told,
        headline=headline,
        symptoms=tuple((s.id, s.title) for s in symptoms.SYMPTOMS),
        complaint=complaint,
    )


def complaint(run: Run, lang: str) -> ReportedSymptom:
    """What the wizard was told when a run began, as tickets take it over."""
    symptom = symptoms.find(run.symptom)
    answers = symptoms.answered(run.symptom, run.answers, lang)
    return ReportedSymptom(symptom.category if symptom else "other", answers)


def recognised(text: str) -> Subject:
    """What a text names. Raises NotASubject with the parser's own reason."""
    found = parse_subject(text)
    if isinstance(found, Rejected):
        raise NotASubject(found.reason, found.args)
    return found
