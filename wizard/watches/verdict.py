"""Verdict of a watch: what has gone since the first report, what is still there, what was not seen. Pure.

recheck.py ends the watch."""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.model import Assessment, FindingStatus, Report, RunState
from wizard.reports.changes import compare_reports
from wizard.watches.model import watched_findings


@dataclass(frozen=True, slots=True)
class WatchVerdict:
    """How a later report stands to the first: gone for sure, still there (or newly broken), and
    not seen this time."""

    fixed: tuple[Assessment, ...] = ()
    still: tuple[Assessment, ...] = ()
    unseen: tuple[Assessment, ...] = ()

    @property
    def well(self) -> bool:
        """Everything watched is gone, for sure, and nothing else has broken."""
        return not self.still and not self.unseen


def watch_verdict(first: Report, after: Report) -> WatchVerdict:
    """Compare; a run that failed, or a check that could not look, proves nothing."""
    watched_assessments = watched_findings(first)
    if after.run.state is RunState.FAILED:
        return WatchVerdict(unseen=watched_assessments)
    differences = compare_reports(first, after)
    ids = {j.finding.id for j in watched_assessments}
    watched_statuses = {j.status for j in watched_assessments}
    problem_statuses = (
        (FindingStatus.FAIL,)
        if FindingStatus.FAIL in watched_statuses
        else (FindingStatus.FAIL, FindingStatus.WARN)
    )
    current = [j for j in after.findings if j.status in problem_statuses and not j.cause]
    still = tuple(j for j in current if j.finding.id in ids or j.status is FindingStatus.FAIL)
    gone_ids = ids - {j.finding.id for j in after.findings if j.status in problem_statuses}
    unseen = tuple(j for j in differences.unseen if j in watched_assessments)
    fixed = tuple(j for j in watched_assessments if j.finding.id in gone_ids and j not in unseen)
    return WatchVerdict(fixed, still, unseen)
