"""Evaluates evidence into a report: runs the checks, grades their findings, orders them.

Pure: no sockets, clock, settings or locale. A check that breaks becomes inconclusive and is logged.
"""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from diagnostics.evidence.keys import DELEGATION, located_subject
from diagnostics.model import (
    NOT_MEANT,
    Assessment,
    Case,
    Check,
    Evidence,
    Finding,
    FindingMessage,
    FindingStatus,
    Key,
    Missing,
    Report,
    Run,
    Severity,
    Symptom,
)
from diagnostics.visibility import (
    blindness,
    common_trouble,
    is_unseen,
    rests_on_looking,
    silent_keys,
)
from kb.owners import Owner
from standards.dns_types import Trouble

log = logging.getLogger(__name__)

STATUS: Mapping[Severity, FindingStatus] = {
    Severity.CRITICAL: FindingStatus.FAIL,
    Severity.ERROR: FindingStatus.FAIL,
    Severity.WARNING: FindingStatus.WARN,
    Severity.NOTICE: FindingStatus.NOTICE,
    Severity.INFO: FindingStatus.NOTICE,
}
_STATUS_ORDER = (
    FindingStatus.FAIL,
    FindingStatus.WARN,
    FindingStatus.NOTICE,
    FindingStatus.UNKNOWN,
    FindingStatus.PASS,
)
_SEVERITY_ORDER = tuple(Severity)
_PARENT_OWNERS = (Owner.REGISTRAR, Owner.REGISTRY)


@dataclass(frozen=True, slots=True)
class Profile:
    """The operator's own word on how bad a finding is, by finding id."""

    severities: Mapping[str, Severity] = field(default_factory=dict)

    def severity(self, message: FindingMessage) -> Severity:
        return self.severities.get(message.id, message.severity)


DEFAULT_PROFILE = Profile()


def select_checks(checks: Sequence[Check], symptom: Symptom | None) -> tuple[Check, ...]:
    """The checks a symptom calls for, most telling first; all of them without a symptom.

    An entry ending in "." stands for every check of that area, in the catalogue's order.
    """
    if symptom is None:
        return tuple(checks)
    selected: dict[str, Check] = {}
    for entry in symptom.checks:
        for check in checks:
            if check.id == entry or (entry.endswith(".") and check.id.startswith(entry)):
                selected.setdefault(check.id, check)
    return tuple(selected.values())


def required_keys(checks: Iterable[Check]) -> tuple[Key[object], ...]:
    """The evidence these checks look at, each key once."""
    return tuple(
        {key.name: key for check in checks for key in (*check.needs, *check.tolerates)}.values()
    )


def evaluate(
    run: Run,
    evidence: Evidence,
    at: datetime,
    *,
    checks: Sequence[Check],
    symptom: Symptom | None = None,
    profile: Profile = DEFAULT_PROFILE,
    complete: bool = True,
) -> Report:
    """The report of what has been gathered. Until `complete`, checks that still wait say nothing."""
    run = replace(run, subject=located_subject(run.subject, evidence.get(DELEGATION)))
    selected = [c for c in select_checks(checks, symptom) if is_applicable(c, run)]
    case = Case(run.subject, evidence, at, run.answers, symptom.category if symptom else "")
    ready = [c for c in selected if complete or not pending_keys(c, evidence)]
    silent = silent_keys(evidence)
    assessments = [
        assessment for check in ready for assessment in _run_check(check, case, profile, silent)
    ]
    if complete and (reason := blindness(evidence)):
        assessments = [_as_blind(j, reason) for j in assessments]
    refuted = _refuted_checks(assessments, selected)
    assessments = [
        j for j in assessments if j.status is not FindingStatus.PASS or j.check not in refuted
    ]
    tentative = {m.id for check in selected for m in check.messages if m.tentative}
    explained = _with_causes(assessments, _hides_by_message(selected), tentative)
    order = {check.id: position for position, check in enumerate(selected)}
    idle = tentative - {j.cause for j in explained}
    ordered = tuple(_in_reading_order(explained, order, idle))
    return Report(run, evidence, ordered, complete, refuted)


def _refuted_checks(assessments: Sequence[Assessment], checks: Iterable[Check]) -> frozenset[str]:
    """The checks whose clean result a finding of the same report shows to be untrue."""
    silent = (FindingStatus.PASS, FindingStatus.UNKNOWN)
    ids = {j.finding.id for j in assessments if j.status not in silent}
    clean = {j.check for j in assessments if j.status is FindingStatus.PASS}
    return frozenset(
        check.id
        for check in checks
        if check.id in clean and any(_is_named_by(check.refuted_by, id) for id in ids)  # noqa: A001
    )


def is_applicable(check: Check, run: Run) -> bool:
    """Whether a check has the answer that it is about, or needs none."""
    return not check.asks or any(run.answers.get(id) for id in check.asks)  # noqa: A001


def pending_keys(check: Check, evidence: Evidence) -> tuple[str, ...]:
    """The keys a check still waits for."""
    keys = (*check.needs, *check.tolerates)
    return tuple(key.name for key in keys if key.name not in evidence.items)


def _run_check(
    check: Check, case: Case, profile: Profile, silent: Mapping[str, Trouble]
) -> Iterator[Assessment]:
    gaps = [key for key in check.needs if key not in case.evidence]
    if gaps:
        gap_finding = _gap_finding(check, gaps[0], case.evidence)
        if gap_finding.args["detail"] != NOT_MEANT:
            yield _unknown_assessment(check, gap_finding)
        return
    try:
        findings = tuple(check.judge(case))
        yield from _assess(check, findings, profile, below=bool(case.subject.above))
        if not findings:
            yield from _nothing_found(check, case, silent)
    except Exception:
        log.exception("check %s failed on %s", check.id, case.subject.domain)
        yield _unknown_assessment(check, Finding(f"{check.id}.unknown", {"missing": "broken"}))


def _as_blind(assessment: Assessment, reason: Mapping[str, str]) -> Assessment:
    """What a run that saw nothing has to say of the domain: that it is not known."""
    finding = assessment.finding
    is_unknown = assessment.status is FindingStatus.UNKNOWN
    if not (is_unseen(finding) if is_unknown else rests_on_looking(finding)):
        return assessment
    args = {"missing": Missing.TROUBLE.value, **reason}
    unknown = Finding(f"{assessment.check}.unknown", args, finding.evidence)
    return replace(
        assessment,
        finding=unknown,
        status=FindingStatus.UNKNOWN,
        severity=Severity.INFO,
        owner=Owner.NOBODY,
    )


def _assess(
    check: Check, findings: tuple[Finding, ...], profile: Profile, *, below: bool
) -> tuple[Assessment, ...]:
    messages = {message.id: message for message in check.messages}
    assessments: list[Assessment] = []
    for finding in findings:
        if finding.args.get("detail") == NOT_MEANT:
            return ()
        if finding.id == f"{check.id}.unknown":
            args = {"missing": Missing.TROUBLE.value, **finding.args}
            assessments.append(_unknown_assessment(check, replace(finding, args=args)))
            continue
        message = messages[finding.id]
        base_severity = finding.severity or message.severity
        severity = profile.severity(replace(message, severity=base_severity))
        owner = message.owner
        if below and owner in _PARENT_OWNERS and finding.id.startswith(("dns.", "dnssec.")):
            owner = Owner.DNS_OPERATOR  # above a delegated subdomain stands an ordinary zone
        assessments.append(Assessment(finding, check.id, STATUS[severity], severity, owner))
    return tuple(assessments)


def _nothing_found(check: Check, case: Case, silent: Mapping[str, Trouble]) -> Iterator[Assessment]:
    """A clean result, doubt where every look that it would rest on failed, or neither where there
    was nothing to look at."""
    basis = check.seen(case) if check.seen else True
    if not basis:
        return
    keys = tuple(key.name for key in check.needs)
    troubles = {key: silent[key] for key in keys if key in silent}
    if trouble := common_trouble(basis):
        troubles.setdefault(keys[-1], trouble)
    for key, trouble in troubles.items():
        args = {"what": key, "missing": Missing.TROUBLE.value, "trouble": trouble.value}
        yield _unknown_assessment(check, Finding(f"{check.id}.unknown", args, (key,)))
        return
    passed = Finding(f"{check.id}.ok", {}, keys)
    yield Assessment(passed, check.id, FindingStatus.PASS, Severity.INFO, Owner.NOBODY)


def _gap_finding(check: Check, key: Key[object], evidence: Evidence) -> Finding:
    """Why a check could not judge: the first missing key and the reason as its collector gave it."""
    item = evidence.missing(key)
    reason = item.missing if item and item.missing else Missing.LATE
    args = {
        "what": key.name,
        "missing": reason.value,
        "trouble": item.trouble.value if item and item.trouble else "",
        "detail": item.detail if item else "",
    }
    return Finding(f"{check.id}.unknown", args, (key.name,))


def _unknown_assessment(check: Check, finding: Finding) -> Assessment:
    return Assessment(finding, check.id, FindingStatus.UNKNOWN, Severity.INFO, Owner.NOBODY)


def _hides_by_message(checks: Iterable[Check]) -> dict[str, tuple[str, ...]]:
    return {m.id: m.hides for check in checks for m in check.messages if m.hides}


def _is_named_by(patterns: tuple[str, ...], id: str) -> bool:
    return any(id == p or (p.endswith(".") and id.startswith(p)) for p in patterns)


def _with_causes(
    assessments: list[Assessment],
    hides: Mapping[str, tuple[str, ...]],
    tentative: Container[str] = (),
) -> list[Assessment]:
    """Each follower with the id of its first cause; causes of causes lead to the root.

    What only may be the cause comes after every proven one. A pass follows too: where the cause has taken away what there was to look at, it means nothing.
    """
    narrowed = {j.finding.id: j.finding.hides for j in assessments if j.finding.hides is not None}
    hides = {**hides, **narrowed}
    present = sorted(
        (j.finding.id for j in assessments if hides.get(j.finding.id)),
        key=lambda name: name in tentative,
    )

    def parent(id: str) -> str:
        return next((c for c in present if c != id and _is_named_by(hides[c], id)), "")

    def root(id: str) -> str:
        path = [id]
        while (cause := parent(path[-1])) and cause not in path:
            path.append(cause)
        # Two findings that hide each other: the one found first stays visible.
        if cause:
            loop = path[path.index(cause) :]
            first = min(loop, key=present.index)
            return "" if first == id else first
        return path[-1] if len(path) > 1 else ""

    return [replace(j, cause=root(j.finding.id)) for j in assessments]


def _in_reading_order(
    assessments: list[Assessment], order: Mapping[str, int], idle: Container[str]
) -> Iterator[Assessment]:
    """What to do first comes first; followers stand right after their cause.

    `idle` are possible causes that explain nothing here: they stand behind every other problem.
    """
    last_problem = _STATUS_ORDER.index(FindingStatus.WARN)

    def rank(j: Assessment) -> tuple[int, bool]:
        status = _STATUS_ORDER.index(j.status)
        is_idle = j.finding.id in idle
        return (max(status, last_problem) if is_idle else status, is_idle)

    sorted_assessments = sorted(
        assessments,
        key=lambda j: (
            rank(j),
            j.severity is not Severity.CRITICAL,
            order[j.check],
            _SEVERITY_ORDER.index(j.severity),
        ),
    )
    followers = [j for j in sorted_assessments if j.cause]
    reported: set[str] = set()
    for head in (j for j in sorted_assessments if not j.cause):
        yield head
        if head.finding.id not in reported:
            reported.add(head.finding.id)
            yield from (j for j in followers if j.cause == head.finding.id)
