"""Commands `diagnose`, `judge` and `registration`: in staff scope, without a database.

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
from diagnostics.collection import collect_evidence
from diagnostics.collectors import COLLECTORS
from diagnostics.collectors.model import Sources
from diagnostics.evaluation import required_keys
from diagnostics.model import FindingStatus, Item, Missing, Report, Run, RunState, Scope
from exit_status import CANNOT, FINE, PROBLEM
from hosting.panel import Panel, PanelError
from observe.budget import Budget
from observe.network import Network
from observe.registry import registry_client
from render.i18n import N_
from render.languages import DEFAULT
from render.message_format import sentence
from standards.registration.model import RegistryState
from standards.registration.registry_time_zones import registry_today
from subject import RejectedSubject, Subject
from wizard.reports.headline import NOTHING_SEEN
from wizard.reports.registration import document as registered
from wizard.reports.report import (
    Articles,
    ReportLine,
    change_requests,
    document,
    headline,
    no_articles,
    report_lines,
    subject_note,
    unchecked_groups,
)
from wizard.reports.saved import NotSaved, read_saved
from wizard.runs.handler import Evaluator
from wizard.runs.start import subject_within

MARKS = {
    FindingStatus.FAIL: "✗",
    FindingStatus.WARN: "!",
    FindingStatus.NOTICE: "·",
    FindingStatus.UNKNOWN: "?",
    FindingStatus.PASS: "✓",
}
NO_SYMPTOM = N_("There is no symptom {id}. Known: {known:list}.")
SEVERAL = N_("It names several: {names:list}.")
COULD_NOT = N_("Could not check")
WHO_CAN_FIX = N_("Who can fix it: {who}")


def diagnose(
    target: str,
    sources: Sources,
    evaluator: Evaluator,
    *,
    symptom: str = "",
    lang: str = DEFAULT,
    zone: str = "UTC",
    as_json: bool = False,
    articles: Articles = no_articles,
    answers: Mapping[str, str] | None = None,
    out: TextIO = sys.stdout,
    err: TextIO = sys.stderr,
) -> int:
    """Check one target; moments are printed in `zone`. 0: nothing failed or warned;
    1: problems found; 2: could not run, or see enough to tell."""
    symptom_id = symptom or symptoms.SOMETHING_ELSE
    if not symptoms.is_known(symptom_id):
        known_symptoms = [s.id for s in symptoms.SYMPTOMS] + [symptoms.SOMETHING_ELSE]
        print(sentence(lang, NO_SYMPTOM, {"id": symptom_id, "known": known_symptoms}), file=err)
        return CANNOT
    subject = subject_within(target, sources.network.demo_domains)
    if isinstance(subject, RejectedSubject):
        print(_rejection_text(subject, lang), file=err)
        return CANNOT
    run = replace(_run(subject, symptom_id, sources, evaluator), answers=answers or {})
    report = asyncio.run(_collect_and_evaluate(run, sources, evaluator, lang, err))
    return _print_report(report, lang, articles, out, zone=zone, as_json=as_json)


def judge_file(
    raw: bytes,
    evaluator: Evaluator,
    *,
    lang: str = DEFAULT,
    zone: str = "UTC",
    as_json: bool = False,
    articles: Articles = no_articles,
    out: TextIO = sys.stdout,
    err: TextIO = sys.stderr,
) -> int:
    """Judge saved evidence again, offline, as of the day it was gathered. 0, 1, 2 as diagnose."""
    try:
        saved = read_saved(raw)
    except NotSaved as error:
        print(f"this is not a saved diagnosis: {error}", file=err)
        return CANNOT
    if saved.unknown:
        print(f"passed over, not known to this version: {', '.join(saved.unknown)}", file=err)
    report = evaluator.report(saved.run, saved.evidence)
    return _print_report(report, lang, articles, out, zone=zone, as_json=as_json)


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
    subject = subject_within(target, network.demo_domains)
    if isinstance(subject, RejectedSubject):
        print(_rejection_text(subject, lang), file=err)
        return CANNOT
    name = subject.registrable
    answer = asyncio.run(
        registry_client.registration(network, Budget(network.clock), name, fresh=True)
    )
    document_fields = registered(answer, name, registry_today(name, network.clock.now()), lang)
    if as_json:
        print(msgspec.json.encode(document_fields).decode(), file=out)
    else:
        for key, value in document_fields.items():
            for text in _field_lines(value):
                print(f"{key:17} {text}", file=out)
    is_sure = answer.state not in (RegistryState.UNKNOWN, RegistryState.THROTTLED)
    return FINE if is_sure else PROBLEM


def _field_lines(value: object) -> Iterator[str]:
    """A value of the registration document as lines of text; nothing for what is not known."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield f"{item['on']}  {item['what']}"
        elif item is not None:
            yield str(item)


def _print_report(
    report: Report, lang: str, articles: Articles, out: TextIO, *, zone: str, as_json: bool
) -> int:
    if as_json:
        print(msgspec.json.encode(document(report, lang, articles)).decode(), file=out)
    else:
        for text in _report_text(report, lang, articles, zone):
            print(text, file=out)
    if next(report.failing(), None):
        return PROBLEM
    verdict = headline(report, lang, zone=zone)
    return CANNOT if verdict and verdict.id == NOTHING_SEEN else FINE


def _rejection_text(rejected: RejectedSubject, lang: str) -> str:
    reason = sentence(lang, rejected.reason, rejected.args)
    if rejected.choices:
        reason += " " + sentence(lang, SEVERAL, {"names": list(rejected.choices)})
    return reason


def _run(subject: Subject, symptom: str, sources: Sources, evaluator: Evaluator) -> Run:
    account = _account(sources.panel, subject.domain)
    return Run(
        "local",
        "",
        subject,
        Scope.STAFF,
        symptom,
        RunState.RUNNING,
        evaluator.clock.now(),
        account=account,
        fresh=True,
        started_at=evaluator.clock.now(),
    )


def _account(panel: Panel | None, domain: str) -> str:
    """The hosting account of the domain; a silent panel is told by its own collector."""
    if panel is None:
        return ""
    try:
        account = panel.account_of(domain)
    except PanelError:
        return ""
    return account.id if account else ""


async def _collect_and_evaluate(
    run: Run, sources: Sources, evaluator: Evaluator, lang: str, err: TextIO
) -> Report:
    titles = {c.key.name: c.title for c in COLLECTORS}

    async def print_item(item: Item[object]) -> None:
        mark = "✓" if item.missing is None else "–" if item.missing is Missing.SKIPPED else "?"
        took = item.elapsed / timedelta(milliseconds=1)
        print(f"  {mark} {sentence(lang, titles[item.key])} ({took:.0f} ms)", file=err, flush=True)

    evidence = await collect_evidence(
        run.subject,
        run.scope,
        sources=sources,
        collectors=COLLECTORS,
        keys=required_keys(evaluator.selected_checks(run)),
        account=run.account,
        fresh=True,
        on_item=print_item,
        answers=run.answers,
    )
    finished_run = replace(run, state=RunState.DONE, finished_at=evaluator.clock.now())
    return evaluator.report(finished_run, evidence)


def _report_text(report: Report, lang: str, articles: Articles, zone: str) -> Iterator[str]:
    verdict = headline(report, lang, zone=zone)
    yield ""
    yield verdict.text if verdict else ""
    if note := subject_note(report.run.subject, lang):
        yield note
    shown_lines = report_lines(report, lang, articles, zone=zone)
    for line in shown_lines:
        if line.status in (FindingStatus.FAIL, FindingStatus.WARN, FindingStatus.NOTICE):
            yield from _finding_text(line, lang)
    yield ""
    yield from change_requests(report)
    for line in shown_lines:
        if line.status is FindingStatus.PASS:
            yield f"{MARKS[line.status]} {line.title}"
    unchecked = unchecked_groups(shown_lines)
    if unchecked:
        yield f"\n{sentence(lang, COULD_NOT)}:"
        yield from (f"? {gap.why} {'; '.join(gap.titles)}." for gap in unchecked)


def _finding_text(line: ReportLine, lang: str, indent: str = "") -> Iterator[str]:
    yield f"\n{indent}{MARKS[line.status]} {line.title}  [{line.id}]"
    for text in (line.seen, line.why):
        if text:
            yield f"{indent}  {text}"
    yield f"{indent}  {sentence(lang, WHO_CAN_FIX, {'who': line.who})}"
    yield from (f"{indent}  {n}. {step}" for n, step in enumerate(line.steps, 1))
    for record in line.records:
        yield f"{indent}     {record.name} {record.ttl} {record.type} {record.value}"
    for article in line.articles:
        yield f"{indent}  → {article.title} (/kb/{article.slug})"
    for follower in _visible_followers(line.followers):
        yield f"{indent}    {MARKS[follower.status]} {follower.title}"


def _visible_followers(followers: Sequence[ReportLine]) -> Iterator[ReportLine]:
    return (f for f in followers if f.status is not FindingStatus.PASS)
