"""Evidence to report: which checks may judge, what their findings amount to, and in which order.

Pure: no sockets, clock, settings or locale. A check that breaks becomes inconclusive and is logged.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from diagnostics.evidence.keys import DELEGATION, located
from diagnostics.model import (
    NOT_MEANT,
    Assessment,
    Case,
    Check,
    Evidence,
    Finding,
    Key,
    Message,
    Missing,
    Report,
    Run,
    Severity,
    Status,
    Symptom,
)
from kb.owners import Owner

log = logging.getLogger(__name__)

STATUS: Mapping[Severity, Status] = {
    Severity.CRITICAL: Status.FAIL,
    Severity.ERROR: Status.FAIL,
    Severity.WARNING: Status.WARN,
    Severity.NOTICE: Status.NOTICE,
    Severity.INFO: Status.NOTICE,
}
_STATUS_ORDER = (Status.FAIL, Status.WARN, Status.NOTICE, Status.UNKNOWN, Status.PASS)
_SEVERITY_ORDER = tuple(Severity)
_ABOVE = (Owner.REGISTRAR, Owner.REGISTRY)


@dataclass(frozen=True, slots=True)
class Profile:
    """The operator's own word on how bad a finding is, by finding id."""

    severities: Mapping[str, Severity] = field(default_factory=dict)

    def severity(self, message: Message) -> Severity:
        return self.severities.get(message.id, message.severity)


NEUTRAL = Profile()


def chosen(checks: Sequence[Check], symptom: Symptom | None) -> tuple[Check, ...]:
    """The checks a symptom calls for, most telling first; all of them without a symptom.

    An entry ending in "." stands for every check of that area, in the catalogue's order.
    """
    if symptom is None:
        return tuple(checks)
    found: dict[str, Check] = {}
    for entry in symptom.checks:
        for check in checks:
            if check.id == entry or (entry.endswith(".") and check.id.startswith(entry)):
                found.setdefault(check.id, check)
    return tuple(found.values())


def wanted(checks: Iterable[Check]) -> tuple[Key[object], ...]:
    """The evidence these checks look at, each key once."""
    return tuple(
        {key.name: key for check in checks for key in (*check.needs, *check.tolerates)}.values()
    )


def judge(
    run: Run,
    evidence: Evidence,
    at: datetime,
    *,
    checks: Sequence[Check],
    symptom: Symptom | None = None,
    profile: Profile = NEUTRAL,
    complete: bool = True,
) -> Report:
    """The report of what has been gathered. Until `complete`, checks that still wait say nothing."""
    run = replace(run, subject=located(run.subject, evidence.get(DELEGATION)))
    called = [c for c in chosen(checks, symptom) if is_asked(c, run)]
    case = Case(run.subject, evidence, at, run.answers)
    judged = [found for check in called for found in _judged(check, case, profile, complete)]
    explained = _explained(judged, _hidden_by(called))
    order = {check.id: place for place, check in enumerate(called)}
    return Report(run, evidence, tuple(_in_order(explained, order)), complete)


def is_asked(check: Check, run: Run) -> bool:
    """Whether a check has the answer that it is about, or needs none."""
    return not check.asks or any(run.answers.get(id) for id in check.asks)  # noqa: A001


def waiting(check: Check, evidence: Evidence) -> tuple[str, ...]:
    """The keys a check still waits for."""
    keys = (*check.needs, *check.tolerates)
    return tuple(key.name for key in keys if key.name not in evidence.items)


def _judged(check: Check, case: Case, profile: Profile, complete: bool) -> Iterator[Assessment]:  # noqa: FBT001 - private
    if waiting(check, case.evidence) and not complete:
        return
    gaps = [key for key in check.needs if key not in case.evidence]
    if gaps:
        gap = _gap(check, gaps[0], case.evidence)
        if gap.args["detail"] != NOT_MEANT:
            yield _unknown(check, gap)
        return
    try:
        findings = tuple(check.judge(case))
        yield from _graded(check, findings, profile, below=bool(case.subject.above))
    except Exception:
        log.exception("check %s failed on %s", check.id, case.subject.domain)
        yield _unknown(check, Finding(f"{check.id}.unknown", {"missing": "broken"}))


def _graded(
    check: Check, findings: tuple[Finding, ...], profile: Profile, *, below: bool
) -> tuple[Assessment, ...]:
    messages = {message.id: message for message in check.messages}
    graded: list[Assessment] = []
    for finding in findings:
        if finding.args.get("detail") == NOT_MEANT:
            return ()
        if finding.id == f"{check.id}.unknown":
            args = {"missing": Missing.TROUBLE.value, **finding.args}
            graded.append(_unknown(check, replace(finding, args=args)))
            continue
        message = messages[finding.id]
        own = finding.severity or message.severity
        severity = profile.severity(replace(message, severity=own))
        owner = message.owner
        if below and owner in _ABOVE and finding.id.startswith(("dns.", "dnssec.")):
            owner = Owner.DNS_OPERATOR  # above a delegated subdomain stands an ordinary zone
        graded.append(Assessment(finding, check.id, STATUS[severity], severity, owner))
    if not graded:
        passed = Finding(f"{check.id}.ok", {}, tuple(key.name for key in check.needs))
        graded.append(Assessment(passed, check.id, Status.PASS, Severity.INFO, Owner.NOBODY))
    return tuple(graded)


def _gap(check: Check, key: Key[object], evidence: Evidence) -> Finding:
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


def _unknown(check: Check, finding: Finding) -> Assessment:
    return Assessment(finding, check.id, Status.UNKNOWN, Severity.INFO, Owner.NOBODY)


def _hidden_by(checks: Iterable[Check]) -> dict[str, tuple[str, ...]]:
    return {m.id: m.hides for check in checks for m in check.messages if m.hides}


def _hides(patterns: tuple[str, ...], id: str) -> bool:
    return any(id == p or (p.endswith(".") and id.startswith(p)) for p in patterns)


def _explained(judged: list[Assessment], hides: Mapping[str, tuple[str, ...]]) -> list[Assessment]:
    """Each follower with the id of its first cause; causes of causes lead to the root.

    A pass follows too: where the cause has taken away what there was to look at, it means nothing.
    """
    less = {j.finding.id: j.finding.hides for j in judged if j.finding.hides is not None}
    hides = {**hides, **less}
    present = [j.finding.id for j in judged if hides.get(j.finding.id)]

    def parent(id: str) -> str:
        return next((c for c in present if c != id and _hides(hides[c], id)), "")

    def root(id: str) -> str:
        seen = [id]
        while (cause := parent(seen[-1])) and cause not in seen:
            seen.append(cause)
        # Two findings that hide each other: the one found first stays visible.
        if cause:
            circle = seen[seen.index(cause) :]
            first = min(circle, key=present.index)
            return "" if first == id else first
        return seen[-1] if len(seen) > 1 else ""

    return [replace(j, cause=root(j.finding.id)) for j in judged]


def _in_order(judged: list[Assessment], order: Mapping[str, int]) -> Iterator[Assessment]:
    """What to do first comes first; followers stand right after their cause."""
    ranked = sorted(
        judged,
        key=lambda j: (
            _STATUS_ORDER.index(j.status),
            j.severity is not Severity.CRITICAL,
            order[j.check],
            _SEVERITY_ORDER.index(j.severity),
        ),
    )
    followers = [j for j in ranked if j.cause]
    told: set[str] = set()
    for head in (j for j in ranked if not j.cause):
        yield head
        if head.finding.id not in told:
            told.add(head.finding.id)
            yield from (j for j in followers if j.cause == head.finding.id)
