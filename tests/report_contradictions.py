"""Which green lines of a report cannot be true beside which findings of it."""

from __future__ import annotations

from diagnostics.checks import CHECKS
from diagnostics.model import FindingStatus, Report

# What each green line claims, and the beginnings of what cannot be true beside it.
SITE_FAULTS = ("web.site.", "web.redirect.loop", "web.redirect.too_many", "web.redirect.wrong_host")
ASTRAY = (*SITE_FAULTS[1:], "web.site.leads_nowhere", "web.site.redirect")
BAD_CERTIFICATE = ("tls.certificate.expired", "tls.certificate.wrong_name", "tls.hsts.locked_out")
CONTRADICTIONS = {
    "The website answers": SITE_FAULTS,
    "The page shown is your site": (
        *SITE_FAULTS,
        "web.redirect.foreign_host",
        "web.family.",
        "web.wanted.elsewhere",
        "web.www.two_sites",
        "dns.ns.parked",
        "dns.address.elsewhere",
        "hosting.service.suspended",
    ),
    "The pages show no fault of their own": SITE_FAULTS,
    "IPv4 and IPv6 show the same site": SITE_FAULTS,
    "The site opens with and without www": SITE_FAULTS,
    "Redirects lead to the right place": (*ASTRAY, "web.wanted.elsewhere"),
    "Redirects are made in the right way": ASTRAY,
    "Redirects work as they are set in the panel": ASTRAY,
    "The certificates are valid": BAD_CERTIFICATE,
}
TITLES = {check.id: str(check.title) for check in CHECKS}


def clean_titles(report: Report) -> set[str]:
    return {TITLES[j.check] for j in report.findings if j.status is FindingStatus.PASS}


def contradictions(report: Report) -> list[tuple[str, str]]:
    """Each (green title, finding) of a report of which only one can be true."""
    silent = (FindingStatus.PASS, FindingStatus.UNKNOWN)
    ids = [j.finding.id for j in report.findings if j.status not in silent]
    return [
        (title, finding)
        for title in sorted(clean_titles(report))
        for finding in ids
        if finding.startswith(CONTRADICTIONS.get(title, ())) and finding != "web.family.one_dead"
    ]
