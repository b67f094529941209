"""The verdict of a report in one sentence: what is wrong, or how much we saw of what is not.

Pure. Must never reassure of what nobody saw.
"""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.checks.web.bot_protection import TURNED_AWAY
from diagnostics.evidence.web import WEB
from diagnostics.model import Assessment, FindingStatus, Report, RunState, Severity
from diagnostics.symptoms import find
from diagnostics.visibility import (
    blindness,
    has_mail_answered,
    has_page_shown,
    has_site_answered,
    own_fault,
    rests_on_looking,
)
from kb.owners import Owner
from render.message_format import sentence
from wizard.reports import phrases
from wizard.reports.catalogue import CATALOGUE, FindingCatalogue

NOTHING_SEEN = "run.nothing_seen"


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
    # A problem may only seem one where it was looked for with what does not work.
    if _is_our_view_lost(report) and rests_on_looking(first.finding):
        return _unseen_headline(report, lang, len(problems))
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
    is_doubtful = blindness(report.evidence) is not None or _is_our_view_lost(report)
    if is_doubtful or not statuses - {FindingStatus.UNKNOWN}:
        return _unseen_headline(report, lang)
    name, text, status = "run.all_clear", phrases.ALL_CLEAR, FindingStatus.PASS
    if FindingStatus.NOTICE in statuses:
        name, text, status = "run.remarks", phrases.REMARKS, FindingStatus.NOTICE
        if not _has_asked_answered(report):
            name, text = "run.partly_remarks", phrases.PARTLY_REMARKS
    elif FindingStatus.UNKNOWN in statuses:
        if _is_site_asked_in_vain(report):
            return _unseen_headline(report, lang)
        name, text = "run.partly_clear", phrases.PARTLY_CLEAR
    if _is_page_withheld(report):
        name, text = "run.partly_clear", phrases.PARTLY_CLEAR
    return ReportHeadline(name, sentence(lang, text, {"domain": report.run.subject.domain}), status)


def _unseen_headline(report: Report, lang: str, more: int = 0) -> ReportHeadline:
    """That we saw too little, and whose fault that is when it is ours."""
    text = phrases.OWN_FAULTS.get(own_fault(report.evidence), phrases.NOTHING_SEEN)
    args = {"domain": report.run.subject.domain}
    return ReportHeadline(
        NOTHING_SEEN, sentence(lang, text, args), FindingStatus.UNKNOWN, more=more
    )


def _category(report: Report) -> str:
    symptom = find(report.run.symptom)
    return symptom.category if symptom else ""


def _has_asked_answered(report: Report) -> bool:
    """Whether that answered which the reader's trouble is about: the site, the mail, or either."""
    category, evidence = _category(report), report.evidence
    if category == "web":
        return has_site_answered(evidence)
    if category == "mail":
        return has_mail_answered(evidence)
    return has_site_answered(evidence) or has_mail_answered(evidence)


def _is_site_asked_in_vain(report: Report) -> bool:
    """Whether the trouble is about the site, and it was looked for and did not answer."""
    is_looked_for = WEB.name in report.evidence.items
    return _category(report) == "web" and is_looked_for and not has_site_answered(report.evidence)


def _is_page_withheld(report: Report) -> bool:
    """Whether the site answered and showed us no page of its own: it asks for a password, or its
    protection turned us away."""
    is_turned_away = any(j.finding.id == TURNED_AWAY.id for j in report.findings)
    is_empty = has_site_answered(report.evidence) and not has_page_shown(report.evidence)
    return _category(report) != "mail" and (is_turned_away or is_empty)


def _is_our_view_lost(report: Report) -> bool:
    """Whether what we look with does not work, and did not show either what was asked about."""
    return own_fault(report.evidence) != "" and not _has_asked_answered(report)


def _is_about_us(assessment: Assessment) -> bool:
    return assessment.check.startswith("incident.")


def _is_information(assessment: Assessment) -> bool:
    """A piece of information: told, but it takes nothing away from “all is well”."""
    return assessment.status is FindingStatus.NOTICE and assessment.severity is Severity.INFO


def _is_left_out(assessment: Assessment) -> bool:
    """Left out on purpose, so it casts no doubt on the rest."""
    return assessment.finding.args.get("missing") in ("withheld", "skipped")
