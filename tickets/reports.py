"""Diagnoses as tickets need them: callables that wiring hands over, and a report in words.

Attaching a run to a ticket needs the full view of it, which diagnostics decides for each request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from accounts.model import Person, Visitor
from diagnostics.model import FindingStatus, Report, Run, Scope
from subject import Subject
from wizard.reports.report import (
    Changes,
    GatheredItem,
    ReportHeadline,
    ReportLine,
    compare_reports,
    gathered_items,
)


class NotASubject(Exception):
    """The text names nothing that can be looked at. `reason` is a msgid, filled by `fields`."""

    def __init__(self, reason: str, fields: Mapping[str, object] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fields = fields or {}


class StartRun(Protocol):
    """Starts a run for a visitor of the running request, within the limits of diagnosing. The
    scope follows from the visitor and whose the domain is, never from the request."""

    def __call__(
        self, text: str, symptom: str, visitor: Visitor, *, invite: str = "", fresh: bool = False
    ) -> tuple[Run, str]:
        """The run and the token of its report. Raises NotASubject, and problems of web/."""
        ...


class ReportLines(Protocol):
    """Puts the findings of a report into words; `since` marks what is new or changed."""

    def __call__(
        self, report: Report, lang: str, *, since: Changes | None = None
    ) -> tuple[ReportLine, ...]:
        """The lines in reading order, followers inside their causes."""
        ...


class FollowUpAnswerLike(Protocol):
    """A question that the wizard asked, and its answer in the reader's words."""

    @property
    def fact(self) -> str: ...
    @property
    def question(self) -> str: ...
    @property
    def answer(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ReportedSymptom:
    """What a customer complained about when starting a run: the category it suggests, and the
    answers to the wizard's questions."""

    category: str = "other"
    answers: tuple[FollowUpAnswerLike, ...] = ()


def no_reported_symptom(run: Run, lang: str) -> ReportedSymptom:
    """When nothing was said."""
    del run, lang
    return ReportedSymptom()


@dataclass(frozen=True, slots=True)
class Diagnoses:
    """What wiring hands over; `report_lines` and `headline` are those of wizard.reports.report."""

    by_token: Callable[[str], Run | None]
    by_id: Callable[[str], Run | None]
    may_see: Callable[[Run], bool]  # whether the running request may see all of a run
    report: Callable[[Run], Report | None]
    # the same without what the asker pasted, unless that is who sends the running request, or staff
    report_for_reader: Callable[[Run], Report | None]
    start: StartRun
    recognise: Callable[[str], Subject]  # raises NotASubject
    report_lines: ReportLines
    headline: Callable[[Report, str], ReportHeadline | None]
    symptoms: tuple[tuple[str, str], ...] = ()  # id, title (msgid)
    reported_symptom: Callable[[Run, str], ReportedSymptom] = no_reported_symptom  # in a language

    def view(self, report: Report | None, lang: str, earlier: Sequence[Report] = ()) -> ReportView:
        """A report in words, marked against earlier ones, newest first; empty without a report."""
        if report is None:
            return ReportView()
        since = compare_reports(earlier[0], report, *earlier[1:]) if earlier else None
        verdict = self.headline(report, lang)
        return ReportView(
            verdict.text if verdict else "",
            self.report_lines(report, lang, since=since),
            since,
            report,
        )


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report in a language, as tickets show it."""

    headline: str = ""
    lines: tuple[ReportLine, ...] = ()
    since: Changes | None = None
    report: Report | None = None

    @property
    def title(self) -> str:
        """The verdict, or the first problem while there is no verdict; "" when nothing failed."""
        return next((line.title for line in self.problems), "")

    @property
    def problems(self) -> tuple[ReportLine, ...]:
        """What failed or warned."""
        return tuple(x for x in self.lines if x.status in (FindingStatus.FAIL, FindingStatus.WARN))

    @property
    def others(self) -> tuple[ReportLine, ...]:
        """The rest: notices, what could not be looked at, what is in order."""
        return tuple(
            x for x in self.lines if x.status not in (FindingStatus.FAIL, FindingStatus.WARN)
        )

    @property
    def gathered(self) -> tuple[GatheredItem, ...]:
        """What was looked at, in the order it began."""
        return gathered_items(self.report.evidence) if self.report else ()

    def titles(self) -> Mapping[str, str]:
        """Every finding's title by its id, followers included."""
        return {x.id: x.title for line in self.lines for x in (line, *line.followers)}


def can_see_report(run: Run, person: Person | None) -> bool:
    """Whether a reader of a ticket sees the report that was put into it: a public one always,
    one with facts from an account when they are a contact of it, one made by staff never."""
    if person is not None and person.is_staff():
        return True
    if run.scope is Scope.CONTACT:
        return person is not None and person.role_on(run.account) is not None
    return run.scope is Scope.PUBLIC
