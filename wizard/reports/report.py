"""A judged run in words: the lines of a report in a language, and its JSON document.

Pure: the language and the articles are handed over. Must not decide anything about severity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from diagnostics.checks import CHECKS
from diagnostics.checks.dns.instructions import plan
from diagnostics.evidence.keys import INSTRUCTED, KNOWN, STANDPOINT, KnownIncidents
from diagnostics.model import Assessment, Check, Message, Report, RunState, Severity, Status
from instructions.model import ChangeStep, RecordChange
from kb.model import Article
from kb.owners import OWNERS, Owner
from render.message_format import Argument, sentence
from standards.dns_types import Record
from subject import Subject
from wizard.reports import phrases
from wizard.reports.changes import Changes, changes
from wizard.reports.stored_evidence import EVIDENCE

__all__ = [
    "Changes",
    "ReportHeadline",
    "ReportLine",
    "UncheckedGroup",
    "changes",
    "document",
    "gaps",
    "headline",
    "lines",
    "requested",
    "wishes",
    "worded",
]

SCHEMA = 1
Articles = Callable[[str, str], Sequence[Article]]  # (finding id, language)


def no_articles(id: str, lang: str) -> Sequence[Article]:
    """When there is no knowledge base at hand."""
    del id, lang
    return ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The words of every check, by id."""

    checks: Mapping[str, Check]
    messages: Mapping[str, Message]

    @classmethod
    def of(cls, checks: Iterable[Check]) -> Catalogue:
        found = tuple(checks)
        return cls({c.id: c for c in found}, {m.id: m for c in found for m in c.messages})


CATALOGUE = Catalogue.of(CHECKS)


@dataclass(frozen=True, slots=True)
class ReportHeadline:
    """The verdict in one sentence, and whose move it is."""

    id: str
    text: str
    status: Status
    owner: Owner = Owner.NOBODY
    more: int = 0  # how many further things stand below


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One finding in words. `followers` are findings that this one explains."""

    id: str
    check: str
    status: Status
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


def headline(report: Report, lang: str, catalogue: Catalogue = CATALOGUE) -> ReportHeadline | None:
    """The verdict of a finished run; None while findings only stand "so far"."""
    if report.run.state is RunState.FAILED:
        return ReportHeadline("run.failed", sentence(lang, phrases.FAILED), Status.UNKNOWN)
    if not report.complete:
        return None
    known = report.evidence.get(KNOWN)
    problems = [
        j for j in report.findings if not j.cause and j.status in (Status.FAIL, Status.WARN)
    ]
    if known is not None and known.id:
        text = sentence(lang, phrases.INCIDENT, {"title": known.title})
        return ReportHeadline("incident.open", text, Status.FAIL, Owner.PROVIDER, len(problems))
    if not problems:
        return _calm(report, lang)
    first = problems[0]
    message = catalogue.messages[first.finding.id]
    context = message.context("title")
    text = sentence(lang, message.title, first.finding.args, context=context)
    return ReportHeadline(first.finding.id, text, first.status, first.owner, len(problems) - 1)


def _calm(report: Report, lang: str) -> ReportHeadline:
    """The verdict when nothing failed: how much of it we really saw."""
    told = [j for j in report.findings if not j.cause and not _not_asked(j) and not _mere(j)]
    # That we are well ourselves says nothing of the domain.
    seen = {j.status for j in told if j.status is not Status.PASS or not _of_us(j)}
    name, text, status = "run.all_clear", phrases.ALL_CLEAR, Status.PASS
    if Status.NOTICE in seen:
        name, text, status = "run.remarks", phrases.REMARKS, Status.NOTICE
    elif Status.PASS not in seen or _cut_off(report):
        name, text, status = "run.nothing_seen", phrases.NOTHING_SEEN, Status.UNKNOWN
    elif Status.UNKNOWN in seen:
        name, text = "run.partly_clear", phrases.PARTLY_CLEAR
    return ReportHeadline(name, sentence(lang, text, {"domain": report.run.subject.domain}), status)


def _of_us(judged: Assessment) -> bool:
    return judged.check.startswith("incident.")


def _cut_off(report: Report) -> bool:
    """Whether our own connection was down: what passed then says next to nothing."""
    here = report.evidence.get(STANDPOINT)
    return here is not None and here.cut_off


def _mere(judged: Assessment) -> bool:
    """A piece of information: told, but it takes nothing away from “all is well”."""
    return judged.status is Status.NOTICE and judged.severity is Severity.INFO


def _not_asked(judged: Assessment) -> bool:
    """Left out on purpose, so it casts no doubt on the rest."""
    return judged.finding.args.get("missing") in ("withheld", "skipped")


def lines(
    report: Report,
    lang: str,
    articles: Articles = no_articles,
    *,
    since: Changes | None = None,
    catalogue: Catalogue = CATALOGUE,
    zone: str = "UTC",
) -> tuple[ReportLine, ...]:
    """Every finding in words, in reading order, followers inside their causes; moments in `zone`."""
    made: list[ReportLine] = []
    for judged in report.findings:
        line = worded(judged, lang, articles, since=since, catalogue=catalogue, zone=zone)
        owner = next((i for i, m in enumerate(made) if judged.cause == m.id), None)
        if judged.cause and owner is not None:
            cause = made[owner]
            made[owner] = replace(cause, followers=(*cause.followers, line))
        else:
            made.append(line)
    return tuple(made)


@dataclass(frozen=True, slots=True)
class UncheckedGroup:
    """Things that could not be checked, together with their one reason."""

    why: str
    titles: tuple[str, ...]


def gaps(told: Iterable[ReportLine]) -> tuple[UncheckedGroup, ...]:
    """Grouped by reason, so that one sign-in hint stands for all that it would open."""
    grouped: dict[str, list[str]] = {}
    for line in told:
        if line.status is Status.UNKNOWN:
            grouped.setdefault(line.seen, []).append(line.title)
    return tuple(UncheckedGroup(why, tuple(titles)) for why, titles in grouped.items())


def worded(
    judged: Assessment,
    lang: str,
    articles: Articles = no_articles,
    *,
    since: Changes | None = None,
    catalogue: Catalogue = CATALOGUE,
    zone: str = "UTC",
) -> ReportLine:
    """One finding in words, without its followers."""
    finding, args = judged.finding, judged.finding.args
    check = catalogue.checks.get(judged.check)
    message = catalogue.messages.get(finding.id)
    if message:
        said = _said(message, args, lang, zone)
    else:
        unknown = judged.status is Status.UNKNOWN
        title, seen = check.title if check else finding.id, phrases.reason(args) if unknown else ""
        plain = {"title": title, "seen": seen}
        said = {name: sentence(lang, text, args, zone) for name, text in plain.items()}
    return ReportLine(
        id=finding.id,
        check=judged.check,
        status=judged.status,
        severity=judged.severity,
        owner=judged.owner,
        who=sentence(lang, OWNERS[judged.owner]),
        title=said["title"],
        seen=said.get("seen", ""),
        why=said.get("why", ""),
        steps=tuple(text for name, text in said.items() if name.startswith("step")),
        records=finding.records,
        articles=tuple(articles(finding.id, lang)) if message else (),
        evidence=finding.evidence,
        args=args,
        cause=judged.cause,
        mark=since.mark(judged) if since is not None else "",
    )


def _said(message: Message, args: Mapping[str, Argument], lang: str, zone: str) -> dict[str, str]:
    """The texts of a message in a language, by field."""
    return {
        name: sentence(lang, text, args, zone, context=message.context(name))
        for name, text in message.texts().items()
    }


def noted(subject: Subject, lang: str) -> str:
    """What the typed text was understood as, when it is no domain of its own; else ""."""
    text, args = phrases.note(subject)
    return sentence(lang, text, args) if text else ""


def document(
    report: Report,
    lang: str,
    articles: Articles = no_articles,
    *,
    catalogue: Catalogue = CATALOGUE,
) -> dict[str, object]:
    """The report as plain JSON values, in the shape the contract fixes."""
    run, verdict = report.run, headline(report, lang, catalogue)
    known = report.evidence.get(KNOWN)
    told = [worded(judged, lang, articles, catalogue=catalogue) for judged in report.findings]
    return {
        "schema": SCHEMA,
        "evidence_schema": EVIDENCE.schema,
        "subject": {**_builtins(run.subject), "note": noted(run.subject, lang)},
        "scope": run.scope.value,
        "symptom": run.symptom,
        "answers": dict(run.answers),
        "state": run.state.value,
        "started_at": msgspec.to_builtins(run.started_at),
        "finished_at": msgspec.to_builtins(run.finished_at),
        "headline": {"id": verdict.id, "text": verdict.text} if verdict else None,
        "findings": [_plain(line) for line in told],
        "evidence": {
            key: {k: v for k, v in _builtins(item).items() if k != "key"}
            for key, item in report.evidence.items.items()
        },
        "incident": _incident(known),
        **({"changes": msgspec.to_builtins(changed)} if (changed := requested(report)) else {}),
    }


def requested(report: Report) -> tuple[RecordChange, ...]:
    """What instructions of another provider would change, in their order; () without any."""
    told = report.evidence.get(INSTRUCTED)
    return plan(told).changes if told is not None else ()


def wishes(report: Report) -> tuple[str, ...]:
    """The changes that are due as lines for a request: name, type, before → after."""
    due = (
        c
        for c in requested(report)
        if c.step in (ChangeStep.ADD, ChangeStep.REPLACE, ChangeStep.REMOVE)
    )
    return tuple(
        f"{c.name} {c.type}: {' | '.join(c.before) or '–'} → {' | '.join(c.after) or '–'}"
        for c in due
    )


def _builtins(value: object) -> dict[str, object]:
    plain = msgspec.to_builtins(value)
    return plain if isinstance(plain, dict) else {}


def _plain(line: ReportLine) -> dict[str, object]:
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


def _incident(known: KnownIncidents | None) -> dict[str, object] | None:
    return _builtins(known) if known is not None and known.id else None
