"""What is different between two reports of one subject. Pure.

What could not be looked at the second time is neither mended nor still broken.
"""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.model import Judged, Report, Status


@dataclass(frozen=True, slots=True)
class Changes:
    """Finding ids: gone, new, still there, and those nobody could see this time."""

    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    still: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()


def changes(before: Report | None, after: Report) -> Changes:
    """From one report to the next; everything is new when there was none."""
    was = _failing(before) if before else {}
    now = _failing(after)
    blind = {judged.check for judged in after.findings if judged.status is Status.UNKNOWN}
    absent = [i for i in was if i not in now]
    unseen = tuple(i for i in absent if was[i].check in blind or not after.complete)
    return Changes(
        gone=tuple(i for i in absent if i not in unseen),
        new=tuple(i for i in now if i not in was),
        still=tuple(i for i in now if i in was),
        unseen=unseen,
    )


def _failing(report: Report) -> dict[str, Judged]:
    return {judged.finding.id: judged for judged in report.failing()}
