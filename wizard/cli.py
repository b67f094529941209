"""`diagnose`, `judge`, `registration`: looking from the terminal, in staff scope, without a database.

Progress goes to standard error, the report (or one JSON document) to standard output.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TextIO

import msgspec

from diagnostics import symptoms
from diagnostics.collection import examine
from diagnostics.collectors import COLLECTORS
from diagnostics.collectors.model import Sources
from diagnostics.evaluation import wanted
from diagnostics.model import Item, Missing, Report, Run, RunState, Scope, Status
from hosting.panel import Panel, PanelError
from observe.budget import Budget
from observe.network import Network
from observe.registry import registry_client
from render.i18n import N_
from render.languages import DEFAULT
from render.message_format import sentence
from standards.registration.model import RegistryState
from standards.registration.time_zones import registry_today
from subject import Rejected, Subject, parse_subject
from wizard.reports.registration import document as registered
from wizard.reports.report import (
    Articles,
    ReportLine,
    document,
    gaps,
    headline,
    lines,
    no_articles,
    noted,
    wishes,
)
from wizard.reports.saved import NotSaved, read
from wizard.runs.handler import Evaluator

CLEAN, PROBLEMS, NOT_RUN = 0, 1, 2
MARKS = {
    Status.FAIL: "✗",
    Status.WARN: "!",
    Status.NOTICE: "·",
    Status.UNKNOWN: "?",
    Status.PASS: "✓",
}
NO_SYMPTOM = N_("There is no symptom {id}. Known: {known:list}.")
SEVERAL = N_("It names several: {names:list}.")
COULD_NOT = N_("Could not check")
WHO = N_("Who can fix it: {who}")


def diagnose(
    target: str,
    sources: Sources,
    judging: Evaluator,
    *,
    symptom: str = "",
    lang: str = DEFAULT,
    as_json: bool = False,
    articles: Articles = no_articles,
    answers: Mapping[str, str] | None = None,
    out: TextIO = sys.stdout,
    err: TextIO = sys.stderr,
) -> int:
    """Check one target. 0: nothing failed or warned; 1: problems found; 2: could not run."""
    chosen = symptom or symptoms.SOMETHING_ELSE
    if not symptoms.is_known(chosen):
        known = [s.id for s in symptoms.SYMPTOMS] + [symptoms.SOMETHING_ELSE]
        print(sentence(lang, NO_SYMPTOM, {"id": chosen, "known": known}), file=err)
        return NOT_RUN
    subject = parse_subject(target)
    if isinstance(subject, Rejected):
        print(_refusal(subject, lang), file=err)
        return NOT_RUN
    run = replace(_run(subject, chosen, sources, judging), answers=answers or {})
    report = asyncio.run(_examined(run, sources, judging, lang, err))
    return _shown_report(report, lang, articles, out, as_json=as_json)


def judge_file(
    raw: bytes,
    judging: Evaluator,
    *,
    lang: str = DEFAULT,
    as_json: bool = False,
    articles: Articles = no_articles,
    out: TextIO = sys.stdout,
    err: TextIO = sys.stderr,
) -> int:
    """Judge saved evidence again, offline, as of the day it was gathered. 0, 1, 2 as diagnose."""
    try:
        saved = read(raw)
    except NotSaved as error:
        print(f"this is not a saved diagnosis: {error}", file=err)
        return NOT_RUN
    if saved.unknown:
        print(f"passed over, not known to this version: {', '.join(saved.unknown)}", file=err)
    return _shown_report(
        judging.report(saved.run, saved.evidence), lang, articles, out, as_json=as_json
    )


def registration(
    target: str,
    network: Network,
    *,
    lang: str = DEFAULT,
    as_json: bool = False,
    out: TextIO = sys.stdout,
    err: TextIO = sys.stderr,
) -> int:
    """What the registry says of a domain. 0: it answered; 1: it says nothing sure; 2: no domain."""
    subject = parse_subject(target)
    if isinstance(subject, Rejected):
        print(_refusal(subject, lang), file=err)
        return NOT_RUN
    name = subject.registrable
    found = asyncio.run(
        registry_client.registration(network, Budget(network.clock), name, fresh=True)
    )
    told = registered(found, name, registry_today(name, network.clock.now()), lang)
    if as_json:
        print(msgspec.json.encode(told).decode(), file=out)
    else:
        for key, value in told.items():
            for text in _rows(value):
                print(f"{key:17} {text}", file=out)
    sure = found.state not in (RegistryState.UNKNOWN, RegistryState.THROTTLED)
    return CLEAN if sure else PROBLEMS


def _rows(value: object) -> Iterator[str]:
    """A value of the registration document as lines of text; nothing for what is not known."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield f"{one['on']}  {one['what']}"
        elif one is not None:
            yield str(one)


def _shown_report(
    report: Report, lang: str, articles: Articles, out: TextIO, *, as_json: bool
) -> int:
    if as_json:
        print(msgspec.json.encode(document(report, lang, articles)).decode(), file=out)
    else:
        for text in _told(report, lang, articles):
            print(text, file=out)
    return PROBLEMS if next(report.failing(), None) else CLEAN


def _refusal(rejected: Rejected, lang: str) -> str:
    reason = sentence(lang, rejected.reason, rejected.args)
    if rejected.choices:
        reason += " " + sentence(lang, SEVERAL, {"names": list(rejected.choices)})
    return reason


def _run(subject: Subject, symptom: str, sources: Sources, judging: Evaluator) -> Run:
    account = _account(sources.panel, subject.domain)
    return Run(
        "local",
        "",
        subject,
        Scope.STAFF,
        symptom,
        RunState.RUNNING,
        judging.clock.now(),
        account=account,
        fresh=True,
        started_at=judging.clock.now(),
    )


def _account(panel: Panel | None, domain: str) -> str:
    """The hosting account of the domain; a silent panel is told by its own collector."""
    if panel is None:
        return ""
    try:
        found = panel.account_of(domain)
    except PanelError:
        return ""
    return found.id if found else ""


async def _examined(
    run: Run, sources: Sources, judging: Evaluator, lang: str, err: TextIO
) -> Report:
    titles = {c.key.name: c.title for c in COLLECTORS}

    async def landed(item: Item[object]) -> None:
        mark = "✓" if item.missing is None else "–" if item.missing is Missing.SKIPPED else "?"
        took = item.elapsed / timedelta(milliseconds=1)
        print(f"  {mark} {sentence(lang, titles[item.key])} ({took:.0f} ms)", file=err, flush=True)

    evidence = await examine(
        run.subject,
        run.scope,
        sources=sources,
        collectors=COLLECTORS,
        wanted=wanted(judging.called(run)),
        account=run.account,
        fresh=True,
        landed=landed,
        answers=run.answers,
    )
    ended = replace(run, state=RunState.DONE, finished_at=judging.clock.now())
    return judging.report(ended, evidence)


def _told(report: Report, lang: str, articles: Articles) -> Iterator[str]:
    verdict = headline(report, lang)
    yield ""
    yield verdict.text if verdict else ""
    if note := noted(report.run.subject, lang):
        yield note
    told = lines(report, lang, articles)
    for line in told:
        if line.status in (Status.FAIL, Status.WARN, Status.NOTICE):
            yield from _finding(line, lang)
    yield ""
    yield from wishes(report)
    for line in told:
        if line.status is Status.PASS:
            yield f"{MARKS[line.status]} {line.title}"
    unknown = gaps(told)
    if unknown:
        yield f"\n{sentence(lang, COULD_NOT)}:"
        yield from (f"? {gap.why} {'; '.join(gap.titles)}." for gap in unknown)


def _finding(line: ReportLine, lang: str, indent: str = "") -> Iterator[str]:
    yield f"\n{indent}{MARKS[line.status]} {line.title}  [{line.id}]"
    for text in (line.seen, line.why):
        if text:
            yield f"{indent}  {text}"
    yield f"{indent}  {sentence(lang, WHO, {'who': line.who})}"
    yield from (f"{indent}  {n}. {step}" for n, step in enumerate(line.steps, 1))
    for record in line.records:
        yield f"{indent}     {record.name} {record.ttl} {record.type} {record.value}"
    for article in line.articles:
        yield f"{indent}  → {article.title} (/kb/{article.slug})"
    for follower in _shown(line.followers):
        yield f"{indent}    {MARKS[follower.status]} {follower.title}"


def _shown(followers: Sequence[ReportLine]) -> Iterator[ReportLine]:
    return (f for f in followers if f.status is not Status.PASS)
