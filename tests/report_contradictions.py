"""Which green lines of a report cannot be true beside which findings of it."""

from __future__ import annotations

from diagnostics.checks import CHECKS
from diagnostics.model import FindingStatus, Report

# What each green line claims, and the beginnings of what cannot be true beside it.
SITE_FAULTS = ("web.site.", "web.redirect.loop", "web.redirect.too_many", "web.redirect.wrong_host")
ASTRAY = (*SITE_FAULTS[1:], "web.site.leads_nowhere", "web.site.redirect")
DEAF_SERVERS = (
    *(
        "dns.ns.none_working",
        "dns.ns.no_response",
        "dns.ns.refused",
        "dns.ns.zone_broken",
        "dns.ns.lame",
    ),
    *("mail.mx.no_answer", "mail.mx.rcode", "tls.renewal.caa_fails"),
)
ZONES_DIFFER = ("dns.records.differ", "mail.mx.inconsistent", "mail.spf.differs_between_ns")
NO_ADDRESS = ("dns.host.missing", "dns.cname.dangling", "dns.cname.loop")
WRONG_KEY = ("dnssec.ds.mismatch", "dnssec.ds.without_signed_zone")
BAD_SIGNATURE = ("dnssec.signature.", "dnssec.record.invalid", "dnssec.denial.invalid")
NO_SPF = ("mail.spf.missing", "mail.spf.multiple", "mail.spf.syntax", "mail.spf.not_recognised")
SPF_ERROR = ("mail.spf.too_many_", "mail.spf.include_", "mail.spf.redirect_nothing")
NO_DMARC = ("mail.dmarc.missing", "mail.dmarc.multiple", "mail.dmarc.not_recognised")
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
        "tls.certificate.wrong_name",
    ),
    "The pages show no fault of their own": SITE_FAULTS,
    "IPv4 and IPv6 show the same site": SITE_FAULTS,
    "The site opens with and without www": (*SITE_FAULTS, "tls.certificate.name_missing"),
    "Redirects lead to the right place": (*ASTRAY, "web.wanted.elsewhere"),
    "Redirects are made in the right way": ASTRAY,
    "Redirects work as they are set in the panel": ASTRAY,
    "The certificates are valid": (*BAD_CERTIFICATE, "web.site.origin_certificate"),
    "The certificates can be renewed": (
        *("tls.renewal.caa_blocks", "tls.renewal.caa_critical", "tls.renewal.caa_fails"),
        "tls.renewal.dns_proof_lost",
    ),
    "Each name server works": (*DEAF_SERVERS, "dns.soa.missing", "dns.ns.no_tcp"),
    "The name servers answer every form of question": DEAF_SERVERS,
    "The lists of name servers agree": ("dns.delegation.inconsistent_parent",),
    "All name servers tell the same": (*ZONES_DIFFER, "mail.mx.no_answer", "mail.mx.rcode"),
    "All name servers have the same version of the zone": ZONES_DIFFER,
    "All name servers tell the same of the mail": ZONES_DIFFER[1:],
    "Everybody sees the current DNS records": ("dns.records.differ", "dns.change.not_published"),
    "The website's names have public addresses": (*NO_ADDRESS, "dns.address.missing"),
    "The website's name points to the right server": (
        *(*NO_ADDRESS, "dns.address.missing", "dns.address.private", "dns.address.elsewhere"),
        "dns.ns.parked",
    ),
    "The name you typed exists": ("dns.domain.not_found", "dns.host."),
    "The name is set up, not only caught": ("dns.host.",),
    "DNSSEC holds from the root down to the domain": (*WRONG_KEY, "dnssec.signature."),
    "The DNSSEC signatures are valid": (*BAD_SIGNATURE, "dnssec.chain.", "dnssec.ds.mismatch"),
    "Every record looked at holds against the zone's keys": BAD_SIGNATURE,
    "Resolvers that check signatures accept the domain": (
        *(*WRONG_KEY, *BAD_SIGNATURE, "dnssec.chain.broken", "dnssec.resolver.refuses"),
    ),
    "The registry knows the zone's key": WRONG_KEY,
    "The registration is paid and not about to end": (
        *("domain.registration.available", "domain.expiry.expired", "service.domain."),
    ),
    "No service is suspended": ("web.site.suspended_page", "mailbox.account.suspended"),
    "There is free disk space": ("web.site.storage_full",),
    "The traffic is within its limit": ("web.site.traffic_exceeded",),
    "No limit of the hosting was hit": ("web.site.limit_reached",),
    "The domain says where its mail goes": (
        *("mail.mx.missing", "mail.mx.null", "mail.mx.inconsistent"),
    ),
    "Mail goes to this provider": (
        *("mail.mx.ip_literal", "mail.mx.private", "mail.mx.null", "mail.mx.inconsistent"),
        *("mail.mx.elsewhere", "mail.mx.mixed"),
    ),
    "The mail servers answer": ("mail.greeting.", "mail.mx.no_address", "mail.mx.private"),
    "Mail can be handed over encrypted": ("mail.greeting.no_starttls", "mail.starttls."),
    "Mail programs can connect": ("mail.ports.closed", "mailbox.sign_in.unreachable"),
    "The domain says who may send its mail": NO_SPF,
    "Everything in the SPF record can be followed": (*NO_SPF, *SPF_ERROR),
    "The SPF record says what it is meant to say": NO_SPF,
    "The servers that send the domain's mail are allowed to": (
        *(*NO_SPF, *SPF_ERROR, "mail.spf.ours_refused"),
    ),
    "The DMARC policy protects the domain": (
        *(*NO_DMARC, "mail.dmarc.syntax", "mail.dmarc.misplaced", "mail.dmarc.policy_none"),
    ),
    "DMARC reports arrive where they are wanted": (*NO_DMARC, "mail.dmarc.no_reports"),
}
# Beside these the site is there, and shows itself.
HARMLESS = ("web.family.one_dead", "web.site.slow")
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
        if finding.startswith(CONTRADICTIONS.get(title, ())) and finding not in HARMLESS
    ]
