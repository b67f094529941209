"""What changed between two reports of one subject. Pure; used by report, tickets and desk."""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.model import Assessment, Report, Status
from render.message_format import Argument

# Arguments that move with the hands of the clock: another value is no other state of things.
MOMENTARY = frozenset({"as_of", "left", "waited"})
PROBLEMS = (Status.FAIL, Status.WARN, Status.NOTICE)


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

    def mark(self, judged: Assessment) -> str:
        """ "new", "changed", "still" or "" for a finding of the later report."""
        for mark in ("new", "changed", "still"):
            if judged in getattr(self, mark):
                return mark
        return ""


def changes(before: Report, after: Report) -> Changes:
    """Compare two reports: equal findings first, then those of one id with other arguments."""
    earlier = [j for j in before.findings if j.status in PROBLEMS]
    later = [j for j in after.findings if j.status in PROBLEMS]
    looked = {j.check for j in after.findings if j.status is not Status.UNKNOWN}
    still = [j for j in later if _take(earlier, j, exactly=True)]
    others = [j for j in later if j not in still]
    changed = [j for j in others if _take(earlier, j, exactly=False)]
    new = [j for j in others if j not in changed]
    fixed = tuple(j for j in earlier if j.check in looked)
    unseen = tuple(j for j in earlier if j.check not in looked)
    return Changes(fixed, tuple(new), tuple(changed), tuple(still), unseen)


def _take(earlier: list[Assessment], judged: Assessment, *, exactly: bool) -> bool:
    """Remove one matching finding of the earlier report; False when there is none."""
    for old in earlier:
        same = _lasting(old) == _lasting(judged) if exactly else True
        if old.finding.id == judged.finding.id and same:
            earlier.remove(old)
            return True
    return False


def _lasting(judged: Assessment) -> dict[str, Argument]:
    return {k: v for k, v in judged.finding.args.items() if k not in MOMENTARY}
