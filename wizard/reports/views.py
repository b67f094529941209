"""View models of a run's pages: progress steps, report parts. Pure.
No words of its own but the choice of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from diagnostics.evaluation import pending_keys
from diagnostics.evidence.keys import SPF
from diagnostics.evidence.mail_authentication import Spf
from diagnostics.model import (
    Assessment,
    Check,
    Evidence,
    FindingStatus,
    Item,
    Report,
    RunState,
    Severity,
)
from instructions.model import RecordChange
from kb.model import Article
from kb.owners import OWNERS
from standards.dns_types import NO_TIME
from standards.spf.lookup_tree import RecordNode
from wizard.reports import phrases
from wizard.reports.redirect_walks import RedirectWalk, redirect_walks
from wizard.reports.report import (
    Articles,
    Changes,
    ReportHeadline,
    ReportLine,
    UncheckedGroup,
    headline,
    report_lines,
    requested_changes,
    unchecked_groups,
)
from wizard.reports.traces import QueryTrace, query_traces

PROBLEMS = (FindingStatus.FAIL, FindingStatus.WARN, FindingStatus.NOTICE)
MAX_ARTICLES = 5
MAX_TRACES = 200
MAX_RAW = 100_000


@dataclass(frozen=True, slots=True)
class ProgressStep:
    """A check while the run is under way; `state` is "waiting" or a finding's status."""

    title: str
    state: str
    took: timedelta


@dataclass(frozen=True, slots=True)
class Progress:
    """A run that has not ended: what has been looked at, what stands so far, who is before."""

    steps: tuple[ProgressStep, ...]
    lines: tuple[ReportLine, ...]
    ahead: int
    started: bool

    @property
    def done(self) -> int:
        return sum(step.state != "waiting" for step in self.steps)


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding with what stands behind it."""

    line: ReportLine
    traces: tuple[QueryTrace, ...]
    tree: RecordNode | None = None  # the look-up tree of SPF, where the finding is about it


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A finished report, ready for its template."""

    headline: ReportHeadline
    who: str
    findings: tuple[ShownFinding, ...]
    passed: tuple[ReportLine, ...]
    gaps: tuple[UncheckedGroup, ...]
    articles: tuple[Article, ...]
    changes: Changes | None
    fixed: tuple[str, ...]
    plan: tuple[RecordChange, ...] = ()  # what instructions of another provider would change
    walks: tuple[RedirectWalk, ...] = ()

    @property
    def notes(self) -> tuple[ShownFinding, ...]:
        """Mere information, told after the rest and folded."""
        return tuple(s for s in self.findings if _is_note(s.line))

    @property
    def pressing(self) -> tuple[ShownFinding, ...]:
        """What there is to deal with."""
        return tuple(s for s in self.findings if not _is_note(s.line))

    @property
    def problems(self) -> int:
        return sum(s.line.status in (FindingStatus.FAIL, FindingStatus.WARN) for s in self.findings)


def _is_note(line: ReportLine) -> bool:
    return line.severity is Severity.INFO and not line.mark


def progress(
    report: Report, checks: Sequence[Check], lang: str, waiting_before: int, zone: str = "UTC"
) -> Progress:
    """The checks by name with their state, and the findings so far."""
    problem_lines = [
        line for line in report_lines(report, lang, zone=zone) if line.status in PROBLEMS
    ]
    started = report.run.state is not RunState.QUEUED
    steps = tuple(_progress_step(check, report) for check in checks)
    return Progress(steps, tuple(problem_lines), waiting_before, started)


def _progress_step(check: Check, report: Report) -> ProgressStep:
    if pending_keys(check, report.evidence):
        return ProgressStep(check.title, "waiting", NO_TIME)
    own_assessments = [j for j in report.findings if j.check == check.id]
    items = (report.evidence.items[k.name] for k in check.needs if k.name in report.evidence.items)
    took = max((item.elapsed for item in items), default=NO_TIME)
    return ProgressStep(check.title, _worst_status(own_assessments).value, took)


def _worst_status(assessments: Sequence[Assessment]) -> FindingStatus:
    order = tuple(FindingStatus)
    return min((j.status for j in assessments), key=order.index, default=FindingStatus.PASS)


def report_page(
    report: Report,
    lang: str,
    articles: Articles,
    *,
    changes: Changes | None,
    fixed: Sequence[str],
    zone: str = "UTC",
) -> ReportPage:
    """All parts of a finished report, its moments in `zone`."""
    all_lines = report_lines(report, lang, articles, since=changes, zone=zone)
    verdict = headline(report, lang, zone=zone) or ReportHeadline(
        "run.failed", phrases.FAILED, FindingStatus.UNKNOWN
    )
    findings = tuple(
        _shown_finding(line, report.evidence) for line in all_lines if line.status in PROBLEMS
    )
    passed = tuple(line for line in all_lines if line.status is FindingStatus.PASS)
    return ReportPage(
        headline=verdict,
        who=OWNERS[verdict.owner],
        findings=findings,
        passed=passed,
        gaps=unchecked_groups(all_lines),
        articles=_distinct_articles(all_lines),
        changes=changes,
        fixed=tuple(fixed),
        plan=requested_changes(report),
        walks=redirect_walks(report.evidence),
    )


@dataclass(frozen=True, slots=True)
class ReportPart:
    """All that one collector brought, for experts; `missing` is a msgid."""

    key: str
    title: str
    at: datetime
    took: timedelta
    missing: str
    traces: tuple[QueryTrace, ...]
    raw: str
    tree: RecordNode | None = None


def evidence_parts(evidence: Evidence) -> tuple[ReportPart, ...]:
    """Everything a run saw, collector by collector, in the order they began."""
    items = sorted(evidence.items.values(), key=lambda item: item.at)
    return tuple(_report_part(evidence, item) for item in items)


def _report_part(evidence: Evidence, item: Item[object]) -> ReportPart:
    args = {"missing": item.missing, "trouble": item.trouble, "detail": item.detail}
    spf = item.value if isinstance(item.value, Spf) else None
    raw = msgspec.json.format(msgspec.json.encode(item.value), indent=1).decode()
    return ReportPart(
        item.key,
        phrases.EVIDENCE.get(item.key, item.key),
        item.at,
        item.elapsed,
        phrases.reason(args) if item.missing else "",
        query_traces(evidence, (item.key,), limit=MAX_TRACES),
        "" if item.value is None else raw[:MAX_RAW],
        spf.tree if spf else None,
    )


def _shown_finding(line: ReportLine, evidence: Evidence) -> ShownFinding:
    spf = evidence.get(SPF) if SPF.name in line.evidence else None
    line_traces = query_traces(evidence, line.evidence, line.args)
    return ShownFinding(_without_passes(line), line_traces, spf.tree if spf else None)


def _without_passes(line: ReportLine) -> ReportLine:
    followers = tuple(f for f in line.followers if f.status is not FindingStatus.PASS)
    return replace(line, followers=followers)


def _distinct_articles(all_lines: Sequence[ReportLine]) -> tuple[Article, ...]:
    """Those of the findings, in reading order, each once."""
    by_slug = {a.slug: a for line in all_lines if line.status in PROBLEMS for a in line.articles}
    return tuple(by_slug.values())[:MAX_ARTICLES]
