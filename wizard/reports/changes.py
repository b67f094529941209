"""Compares two reports of one subject. Pure; used by report, tickets and desk."""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.model import Assessment, FindingStatus, Report
from render.message_format import Argument

# Arguments that move with the hands of the clock: another value is no other state of things.
MOMENTARY = frozenset({"as_of", "left", "waited"})
PROBLEMS = (FindingStatus.FAIL, FindingStatus.WARN, FindingStatus.NOTICE)


@dataclass(frozen=True, slots=True)
class Changes:
    """`fixed` are findings of the earlier report that are gone because their check now passes;
    `unseen` are gone because it could not look. `changed` still stand with other particulars."""

    fixed: tuple[Assessment, ...] = ()
    new: tuple[Assessment, ...] = ()
    changed: tuple[Assessment, ...] = ()
    still: tuple[Assessment, ...] = ()
    unseen: tuple[Assessment, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to tell besides what still stands."""
        return bool(self.fixed or self.new or self.changed or self.unseen)

    def mark(self, assessment: Assessment) -> str:
        """ "new", "changed", "still" or "" for a finding of the later report."""
        for mark in ("new", "changed", "still"):
            if assessment in getattr(self, mark):
                return mark
        return ""


def compare_reports(before: Report, after: Report) -> Changes:
    """Compare two reports: equal findings first, then those of one id with other arguments."""
    earlier = [j for j in before.findings if j.status in PROBLEMS]
    later = [j for j in after.findings if j.status in PROBLEMS]
    checks_done = {j.check for j in after.findings if j.status is not FindingStatus.UNKNOWN}
    still = [j for j in later if _remove_match(earlier, j, with_args=True)]
    not_same = [j for j in later if j not in still]
    changed = [j for j in not_same if _remove_match(earlier, j, with_args=False)]
    new = [j for j in not_same if j not in changed]
    fixed = tuple(j for j in earlier if j.check in checks_done)
    unseen = tuple(j for j in earlier if j.check not in checks_done)
    return Changes(fixed, tuple(new), tuple(changed), tuple(still), unseen)


def _remove_match(earlier: list[Assessment], assessment: Assessment, *, with_args: bool) -> bool:
    """Remove one matching finding of the earlier report; False when there is none."""
    for candidate in earlier:
        is_same = _lasting_args(candidate) == _lasting_args(assessment) if with_args else True
        if candidate.finding.id == assessment.finding.id and is_same:
            earlier.remove(candidate)
            return True
    return False


def _lasting_args(assessment: Assessment) -> dict[str, Argument]:
    return {k: v for k, v in assessment.finding.args.items() if k not in MOMENTARY}
