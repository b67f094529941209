"""Compares a report with earlier ones of its subject. Pure; used by report, tickets and desk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from diagnostics.model import Assessment, FindingStatus, Report, Severity
from render.message_format import Argument

# Arguments that move with the hands of the clock: another value is no other state of things.
MOMENTARY = frozenset({"as_of", "left", "waited"})
PROBLEMS = (FindingStatus.FAIL, FindingStatus.WARN, FindingStatus.NOTICE)


@dataclass(frozen=True, slots=True)
class Changes:
    """`fixed` are findings of the earlier report that are gone because their check now passes;
    `unseen` are gone because it could not look. `changed` still stand with other particulars;
    `first_seen` may be older than they look, as the earlier report could not look at all of it."""

    fixed: tuple[Assessment, ...] = ()
    new: tuple[Assessment, ...] = ()
    changed: tuple[Assessment, ...] = ()
    still: tuple[Assessment, ...] = ()
    unseen: tuple[Assessment, ...] = ()
    first_seen: tuple[Assessment, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to tell besides what still stands."""
        return bool(self.fixed or self.new or self.changed or self.unseen or self.first_seen)

    def mark(self, assessment: Assessment) -> str:
        """ "new", "changed", "still" or "" for a finding of the later report."""
        for mark in ("new", "changed", "still"):
            if assessment in getattr(self, mark):
                return mark
        return ""


def compare_reports(before: Report, after: Report, *older: Report) -> Changes:
    """Compare a report with the one before it, and each check that could not look there with the
    newest of the `older` ones where it could. Equal findings first, then those of one id with other
    arguments."""
    earlier_reports = (before, *older)
    checks = {j.check for report in (*earlier_reports, after) for j in report.findings}
    baselines = {check: _last_look(check, earlier_reports, after) for check in checks}
    earlier = [
        j
        for report in earlier_reports
        for j in report.findings
        if j.status in PROBLEMS and baselines[j.check] is report
    ]
    later = [j for j in after.findings if j.status in PROBLEMS]
    checks_done = after.refuted | {j.check for j in after.findings if _has_seen_all(j.check, after)}
    still = [j for j in later if _remove_match(earlier, j, with_args=True)]
    not_same = [j for j in later if j not in still]
    changed = [j for j in not_same if _remove_match(earlier, j, with_args=False)]
    others = [j for j in not_same if j not in changed]
    return Changes(
        fixed=tuple(j for j in earlier if j.check in checks_done),
        new=tuple(j for j in others if _has_seen_all(j.check, baselines[j.check])),
        changed=tuple(changed),
        still=tuple(still),
        unseen=tuple(j for j in earlier if j.check not in checks_done),
        first_seen=tuple(j for j in others if not _has_seen_all(j.check, baselines[j.check])),
    )


def _last_look(check: str, earlier_reports: Iterable[Report], after: Report) -> Report | None:
    """The newest report in which a check could look."""
    return next((report for report in earlier_reports if _has_looked(check, report, after)), None)


def _has_looked(check: str, report: Report, after: Report) -> bool:
    """Whether a check could look. One that says nothing had nothing to tell, provided that the run
    was about the same trouble, which chooses the checks."""
    statuses = [j.status for j in report.findings if j.check == check]
    if not statuses:
        return check in report.refuted or report.run.symptom == after.run.symptom
    return any(status is not FindingStatus.UNKNOWN for status in statuses)


def _has_seen_all(check: str, report: Report | None) -> bool:
    """Whether nothing of a check was left unseen in a report; False without one."""
    return report is not None and all(
        j.status is not FindingStatus.UNKNOWN for j in report.findings if j.check == check
    )


def _remove_match(earlier: list[Assessment], assessment: Assessment, *, with_args: bool) -> bool:
    """Remove one matching finding of the earlier report; False when there is none."""
    for candidate in earlier:
        is_same = _particulars(candidate) == _particulars(assessment) if with_args else True
        if candidate.finding.id == assessment.finding.id and is_same:
            earlier.remove(candidate)
            return True
    return False


def _particulars(assessment: Assessment) -> tuple[Severity, dict[str, Argument]]:
    """How grave it is, and what it says that does not move with the clock."""
    lasting = {k: v for k, v in assessment.finding.args.items() if k not in MOMENTARY}
    return assessment.severity, lasting
