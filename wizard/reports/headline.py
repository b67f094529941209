"""The verdict of a report in one sentence.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.evidence.keys import STANDPOINT
from diagnostics.model import Assessment, FindingStatus, Report, RunState, Severity
from kb.owners import Owner
from render.message_format import sentence
from wizard.reports import phrases
from wizard.reports.catalogue import CATALOGUE, FindingCatalogue


@dataclass(frozen=True, slots=True)
class ReportHeadline:
    """The verdict in one sentence, and whose move it is."""

    id: str
    text: str
    status: FindingStatus
    owner: Owner = Owner.NOBODY
    more: int = 0  # how many further things stand below


def headline(
    report: Report, lang: str, catalogue: FindingCatalogue = CATALOGUE, *, zone: str = "UTC"
) -> ReportHeadline | None:
    """The verdict of a finished run, moments in `zone`; None while findings only stand "so far"."""
    if report.run.state is RunState.FAILED:
        return ReportHeadline("run.failed", sentence(lang, phrases.FAILED), FindingStatus.UNKNOWN)
    if not report.complete:
        return None
    problems = [
        j
        for j in report.findings
        if not j.cause and j.status in (FindingStatus.FAIL, FindingStatus.WARN)
    ]
    if not problems:
        return _clean_headline(report, lang)
    first = problems[0]
    id = first.finding.id  # noqa: A001
    name, template = phrases.POSSIBLE_CAUSES.get(id) or (id, catalogue.messages[id].title)
    text = sentence(lang, template, first.finding.args, zone)
    return ReportHeadline(name, text, first.status, first.owner, len(problems) - 1)


def _clean_headline(report: Report, lang: str) -> ReportHeadline:
    """The verdict when nothing failed: how much of it we really saw."""
    counted = [
        j for j in report.findings if not j.cause and not _is_left_out(j) and not _is_information(j)
    ]
    # That we are well ourselves says nothing of the domain.
    statuses = {
        j.status for j in counted if j.status is not FindingStatus.PASS or not _is_about_us(j)
    }
    name, text, status = "run.all_clear", phrases.ALL_CLEAR, FindingStatus.PASS
    if FindingStatus.NOTICE in statuses:
        name, text, status = "run.remarks", phrases.REMARKS, FindingStatus.NOTICE
    elif FindingStatus.PASS not in statuses or _is_cut_off(report):
        name, text, status = "run.nothing_seen", phrases.NOTHING_SEEN, FindingStatus.UNKNOWN
    elif FindingStatus.UNKNOWN in statuses:
        name, text = "run.partly_clear", phrases.PARTLY_CLEAR
    return ReportHeadline(name, sentence(lang, text, {"domain": report.run.subject.domain}), status)


def _is_about_us(assessment: Assessment) -> bool:
    return assessment.check.startswith("incident.")


def _is_cut_off(report: Report) -> bool:
    """Whether our own connection was down: what passed then says next to nothing."""
    standpoint = report.evidence.get(STANDPOINT)
    return standpoint is not None and standpoint.cut_off


def _is_information(assessment: Assessment) -> bool:
    """A piece of information: told, but it takes nothing away from “all is well”."""
    return assessment.status is FindingStatus.NOTICE and assessment.severity is Severity.INFO


def _is_left_out(assessment: Assessment) -> bool:
    """Left out on purpose, so it casts no doubt on the rest."""
    return assessment.finding.args.get("missing") in ("withheld", "skipped")
