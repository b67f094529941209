"""Self-checks as tickets may call them."""

from __future__ import annotations

from dataclasses import replace

from accounts.model import Visitor
from diagnostics import symptoms
from diagnostics.model import Report, Run
from subject import RejectedSubject, Subject
from tickets.reports import Diagnoses, NotASubject, ReportedSymptom
from wizard.page_context import may_see, reader_view, requester_with_cookie
from wizard.reports.report import Changes, ReportLine, headline, report_lines
from wizard.room import WizardRoom


def diagnoses(wizard: WizardRoom) -> Diagnoses:
    """The callables of tickets.reports.Diagnoses on the real thing."""
    zone = wizard.ctx.site.time_zone

    def recognise(text: str) -> Subject:
        """What a text names. Raises NotASubject with the parser's own reason."""
        subject = wizard.starter.subject_of(text)
        if isinstance(subject, RejectedSubject):
            raise NotASubject(subject.reason, subject.args)
        return subject

    def localised_lines(
        report: Report, lang: str, *, since: Changes | None = None
    ) -> tuple[ReportLine, ...]:
        return report_lines(report, lang, wizard.kb.articles_for, since=since, zone=zone)

    def start(
        text: str, symptom: str, visitor: Visitor, *, invite: str = "", fresh: bool = False
    ) -> tuple[Run, str]:
        requester = replace(requester_with_cookie(), visitor=visitor)
        return wizard.starter.run(recognise(text), symptom, requester, invite=invite, fresh=fresh)

    return Diagnoses(
        by_token=wizard.runs.by_token,
        by_id=wizard.runs.by_id,
        report=wizard.reports.full,
        may_see=may_see,
        report_for_reader=lambda run: wizard.reports.visible(run, reader_view(run)),
        start=start,
        recognise=recognise,
        report_lines=localised_lines,
        headline=lambda report, lang: headline(report, lang, zone=zone),
        symptoms=tuple((s.id, s.title) for s in symptoms.SYMPTOMS),
        reported_symptom=reported_symptom,
    )


def reported_symptom(run: Run, lang: str) -> ReportedSymptom:
    """What the wizard was told when a run began, as tickets take it over."""
    symptom = symptoms.find(run.symptom)
    answers = symptoms.answered(run.symptom, run.answers, lang)
    return ReportedSymptom(symptom.category if symptom else "other", answers)
