"""A report in words: its lines in a language, and its JSON document.

Pure: the language and the articles are handed over. Must not decide anything about severity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from diagnostics.checks.dns.instructions import plan_changes
from diagnostics.evidence.keys import INSTRUCTED, KNOWN_INCIDENT, MatchingIncident
from diagnostics.model import (
    Assessment,
    Evidence,
    FindingMessage,
    FindingStatus,
    Item,
    Report,
    Severity,
)
from instructions.model import ChangeStep, RecordChange
from kb.model import Article
from kb.owners import OWNERS, Owner
from render.message_format import Argument, in_language, sentence
from standards.dns_types import Record
from subject import Subject
from wizard.reports import phrases
from wizard.reports.catalogue import CATALOGUE, FindingCatalogue
from wizard.reports.changes import Changes, compare_reports
from wizard.reports.headline import ReportHeadline, headline
from wizard.reports.stored_evidence import EVIDENCE

__all__ = [
    "Changes",
    "GatheredItem",
    "ReportHeadline",
    "ReportLine",
    "UncheckedGroup",
    "change_requests",
    "compare_reports",
    "document",
    "gathered_items",
    "headline",
    "report_line",
    "report_lines",
    "requested_changes",
    "unchecked_groups",
]

SCHEMA = 1
Articles = Callable[[str, str], Sequence[Article]]  # (finding id, language)


def no_articles(id: str, lang: str) -> Sequence[Article]:
    """When there is no knowledge base at hand."""
    del id, lang
    return ()


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One finding in words, its arguments too. `followers` are findings that this one explains."""

    id: str
    check: str
    status: FindingStatus
    severity: Severity
    owner: Owner
    who: str
    title: str
    seen: str
    why: str
    steps: tuple[str, ...]
    records: tuple[Record, ...]
    articles: tuple[Article, ...]
    evidence: tuple[str, ...]
    args: Mapping[str, Argument]
    cause: str = ""
    followers: tuple[ReportLine, ...] = ()
    mark: str = ""


def report_lines(
    report: Report,
    lang: str,
    articles: Articles = no_articles,
    *,
    since: Changes | None = None,
    catalogue: FindingCatalogue = CATALOGUE,
    zone: str = "UTC",
) -> tuple[ReportLine, ...]:
    """Every finding in words, in reading order, followers inside their causes; moments in `zone`."""
    top_lines: list[ReportLine] = []
    for assessment in report.findings:
        line = report_line(assessment, lang, articles, since=since, catalogue=catalogue, zone=zone)
        cause_index = next((i for i, m in enumerate(top_lines) if assessment.cause == m.id), None)
        if assessment.cause and cause_index is not None:
            cause = top_lines[cause_index]
            top_lines[cause_index] = replace(cause, followers=(*cause.followers, line))
        else:
            top_lines.append(line)
    return tuple(top_lines)


@dataclass(frozen=True, slots=True)
class UncheckedGroup:
    """Things that could not be checked, together with their one reason."""

    why: str
    titles: tuple[str, ...]


def unchecked_groups(report_lines: Iterable[ReportLine]) -> tuple[UncheckedGroup, ...]:
    """Grouped by reason, so that one sign-in hint stands for all that it would open."""
    titles_by_reason: dict[str, list[str]] = {}
    for line in report_lines:
        if line.status is FindingStatus.UNKNOWN:
            titles_by_reason.setdefault(line.seen, []).append(line.title)
    return tuple(UncheckedGroup(why, tuple(titles)) for why, titles in titles_by_reason.items())


def report_line(
    assessment: Assessment,
    lang: str,
    articles: Articles = no_articles,
    *,
    since: Changes | None = None,
    catalogue: FindingCatalogue = CATALOGUE,
    zone: str = "UTC",
) -> ReportLine:
    """One finding in words, without its followers."""
    finding, args = assessment.finding, assessment.finding.args
    check = catalogue.checks.get(assessment.check)
    message = catalogue.messages.get(finding.id)
    if message:
        texts = _message_texts(message, args, lang, zone)
    else:
        unknown = assessment.status is FindingStatus.UNKNOWN
        title, seen = check.title if check else finding.id, phrases.reason(args) if unknown else ""
        plain = {"title": title, "seen": seen}
        texts = {name: sentence(lang, text, args, zone) for name, text in plain.items()}
    return ReportLine(
        id=finding.id,
        check=assessment.check,
        status=assessment.status,
        severity=assessment.severity,
        owner=assessment.owner,
        who=sentence(lang, OWNERS[assessment.owner]),
        title=texts["title"],
        seen=texts.get("seen", ""),
        why=texts.get("why", ""),
        steps=tuple(text for name, text in texts.items() if name.startswith("step")),
        records=finding.records,
        articles=tuple(articles(finding.id, lang)) if message else (),
        evidence=finding.evidence,
        args={name: in_language(value, lang) for name, value in args.items()},
        cause=assessment.cause,
        mark=since.mark(assessment) if since is not None else "",
    )


def _message_texts(
    message: FindingMessage, args: Mapping[str, Argument], lang: str, zone: str
) -> dict[str, str]:
    """The texts of a message in a language, by field."""
    return {name: sentence(lang, text, args, zone) for name, text in message.texts().items()}


@dataclass(frozen=True, slots=True)
class GatheredItem:
    """A piece of evidence: what it is called, and why there is none of it, else "" (msgids)."""

    title: str
    missing: str
    at: datetime


def gathered_items(evidence: Evidence) -> tuple[GatheredItem, ...]:
    """What was looked at, in the order it began."""
    items = sorted(evidence.items.values(), key=lambda item: item.at)
    return tuple(GatheredItem(_title(item.key), _missing(item), item.at) for item in items)


def _title(key: str) -> str:
    return phrases.EVIDENCE.get(key, key)


def _missing(item: Item[object]) -> str:
    args = {"missing": item.missing, "trouble": item.trouble, "detail": item.detail}
    return phrases.reason(args) if item.missing else ""


def subject_note(subject: Subject, lang: str) -> str:
    """What the typed text was understood as, when it is no domain of its own; else ""."""
    text, args = phrases.note(subject)
    return sentence(lang, text, args) if text else ""


def document(
    report: Report,
    lang: str,
    articles: Articles = no_articles,
    *,
    catalogue: FindingCatalogue = CATALOGUE,
) -> dict[str, object]:
    """The report as plain JSON values, in the shape the contract fixes."""
    run, verdict = report.run, headline(report, lang, catalogue)
    incident = report.evidence.get(KNOWN_INCIDENT)
    report_lines = [
        report_line(assessment, lang, articles, catalogue=catalogue)
        for assessment in report.findings
    ]
    return {
        "schema": SCHEMA,
        "evidence_schema": EVIDENCE.schema,
        "subject": {**_plain_mapping(run.subject), "note": subject_note(run.subject, lang)},
        "scope": run.scope.value,
        "symptom": run.symptom,
        "answers": dict(run.answers),
        "state": run.state.value,
        "started_at": msgspec.to_builtins(run.started_at),
        "finished_at": msgspec.to_builtins(run.finished_at),
        "headline": {"id": verdict.id, "text": verdict.text} if verdict else None,
        "findings": [_line_document(line) for line in report_lines],
        "evidence": {
            key: {k: v for k, v in _plain_mapping(item).items() if k != "key"}
            for key, item in report.evidence.items.items()
        },
        "incident": _incident_document(incident, lang),
        **(
            {"changes": msgspec.to_builtins(changed)}
            if (changed := requested_changes(report))
            else {}
        ),
    }


def requested_changes(report: Report) -> tuple[RecordChange, ...]:
    """What instructions of another provider would change, in their order; () without any."""
    instructed = report.evidence.get(INSTRUCTED)
    return plan_changes(instructed).changes if instructed is not None else ()


def change_requests(report: Report) -> tuple[str, ...]:
    """The changes that are due as lines for a request: name, type, before → after."""
    due_changes = (
        c
        for c in requested_changes(report)
        if c.step in (ChangeStep.ADD, ChangeStep.REPLACE, ChangeStep.REMOVE)
    )
    return tuple(
        f"{c.name} {c.type}: {' | '.join(c.before) or '–'} → {' | '.join(c.after) or '–'}"
        for c in due_changes
    )


def _plain_mapping(value: object) -> dict[str, object]:
    plain = msgspec.to_builtins(value)
    return plain if isinstance(plain, dict) else {}


def _line_document(line: ReportLine) -> dict[str, object]:
    return {
        "id": line.id,
        "check": line.check,
        "status": line.status.value,
        "severity": line.severity.value,
        "owner": line.owner.value,
        "args": dict(line.args),
        "title": line.title,
        "seen": line.seen,
        "why": line.why,
        "steps": list(line.steps),
        "articles": [article.slug for article in line.articles],
        "evidence": list(line.evidence),
        "records": msgspec.to_builtins(line.records),
        "cause": line.cause,
    }


def _incident_document(incident: MatchingIncident | None, lang: str) -> dict[str, object] | None:
    if incident is None or not incident.id:
        return None
    return {name: in_language(value, lang) for name, value in _plain_mapping(incident).items()}
