"""Check of the BIMI record and its files, for domains that publish one. Never more than a remark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from diagnostics.checks.mail.readings import has_valid_certificate
from diagnostics.checks.readings import OUR_LIMITS, unknown_finding
from diagnostics.evidence.keys import BIMI, DMARC
from diagnostics.evidence.mail_authentication import Bimi
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import Exchange
from kb.owners import Owner
from render.i18n import N_
from standards.mail_policies import parse_bimi_record

NO_LOGO = N_("Mail services show no logo beside your messages. Delivery is not affected.")
BROKEN = FindingMessage(
    id="mail.bimi.broken",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("The BIMI record of {domain} cannot be used"),
    seen=N_("This is about the TXT record at {name}. {reason:said}"),
    why=NO_LOGO,
    steps=(N_("Correct it; it looks like “v=BIMI1; l=https://…/logo.svg; a=https://…/vmc.pem”."),),
)
WEAK = FindingMessage(
    id="mail.bimi.needs_dmarc",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("The logo of {domain} needs a stricter DMARC policy"),
    seen=N_("BIMI wants “p=quarantine” or “p=reject”, for subdomains too; now it is “{wanted}”."),
    why=NO_LOGO,
    steps=(N_("First bring DMARC to “p=quarantine”, with all your senders passing."),),
)
UNREACHABLE = FindingMessage(
    id="mail.bimi.file_unreachable",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("A file that the BIMI record of {domain} names cannot be fetched"),
    seen=N_("This is about {url}. {reason:said}"),
    why=NO_LOGO,
    steps=(N_("Make it answer over https with status 200 and a valid certificate."),),
)
LOGO = FindingMessage(
    id="mail.bimi.logo_wrong",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("The logo of {domain} is not of the kind that BIMI wants"),
    seen=N_("The file {url} is no SVG picture of at most 32 kB, or contains scripts or links."),
    why=NO_LOGO,
    steps=(N_('Save the logo as “SVG Tiny Portable/Secure” (baseProfile="tiny-ps").'),),
)
REASONS: Mapping[str, str] = {
    "many": N_("There are several records, and only one may stand there."),
    "version": N_("It must begin with “v=BIMI1;”."),
    "logo": N_("The address of the logo (l=) is missing, or does not begin with https:."),
    "proof": N_("The address of the certificate (a=) does not begin with https:."),
    "answer": N_("That server does not answer as it should."),
    "certificate": N_("Its certificate is not valid for that name."),
    "status": N_("It answers with the status {status:code}."),
}
MAX_LOGO = 32768
# What SVG Tiny Portable/Secure leaves out: scripts, motion, and whatever leads out of the file.
_FORBIDDEN = re.compile(
    r"<(?:\w+:)?(?:script|foreignobject|animate\w*|set|handler|listener)\b"
    r"|\s(?:\w+:)?href\s*=\s*[\"'](?![#\"'])|\son[a-z]+\s*=\s*[\"']"
    r"|url\(\s*[\"']?\s*(?![#\"'\s])[^)]|@import",
    re.IGNORECASE,
)


def judge(case: Case) -> Iterable[Finding]:
    bimi = case.evidence[BIMI]
    candidates = [t for t in bimi.texts if t.lower().replace(" ", "").startswith("v=bimi")]
    if not candidates:
        return
    problem = _record_problem(candidates)
    if problem:
        yield BROKEN(
            evidence=("bimi",),
            domain=bimi.domain,
            name=f"default._bimi.{bimi.domain}",
            reason=REASONS[problem],
        )
        return
    if not parse_bimi_record(candidates[0]).get("l") and not parse_bimi_record(candidates[0]).get(
        "a"
    ):
        return  # both empty: the domain declines to show a logo
    yield from _policy_findings(case, bimi)
    yield from _file_findings(bimi)


def _record_problem(texts: list[str]) -> str:
    if len(texts) > 1:
        return "many"
    tags = parse_bimi_record(texts[0])
    if not tags:
        return "version"
    logo, proof = tags.get("l"), tags.get("a", "")
    if logo is None or (logo and not logo.lower().startswith("https://")):
        return "logo"
    return "proof" if proof and not proof.lower().startswith("https://") else ""


def _policy_findings(case: Case, bimi: Bimi) -> Iterator[Finding]:
    dmarc = case.evidence.get(DMARC)
    if dmarc is None:
        return
    policy = dmarc.tree.policy
    subdomains = policy.sp if policy else ""
    is_partial = policy and any(t.startswith("pct=") and t != "pct=100" for t in policy.historic)
    is_strict = dmarc.tree.wanted in ("quarantine", "reject") and not dmarc.tree.testing
    if not is_strict or subdomains == "none" or is_partial:
        policy_tags = f"p={dmarc.tree.wanted or 'none'}" + (
            f"; sp={subdomains}" if subdomains else ""
        )
        yield WEAK(evidence=("bimi", "dmarc"), domain=bimi.domain, wanted=policy_tags)


def _file_findings(bimi: Bimi) -> Iterator[Finding]:
    files = [x for x in (bimi.logo, bimi.proof) if x is not None]
    for file in files:
        if file.trouble in OUR_LIMITS:
            yield unknown_finding(CHECK.id, what="bimi")
            return
        problem = _fetch_problem(file)
        if problem:
            yield UNREACHABLE(
                evidence=("bimi",),
                domain=bimi.domain,
                url=file.url,
                reason=REASONS[problem],
                status=str(file.status),
            )
    if bimi.logo is not None and not _fetch_problem(bimi.logo) and not _is_logo(bimi.logo):
        yield LOGO(evidence=("bimi",), domain=bimi.domain, url=bimi.logo.url)


def _fetch_problem(response: Exchange) -> str:
    if not response.status:
        return "answer"
    if not has_valid_certificate(response):
        return "certificate"
    if response.status != 200:
        return "status"
    return "answer" if response.trouble else ""  # cut off, or never ends


def _is_logo(response: Exchange) -> bool:
    """An SVG of the permitted size without scripts and links."""
    is_small = not response.truncated and response.body_bytes <= MAX_LOGO
    is_svg = "<svg" in response.excerpt.lower()
    return is_small and is_svg and not _FORBIDDEN.search(response.excerpt)


CHECK = Check(
    id="mail.bimi",
    title=N_("The logo beside messages (BIMI), if there is one, can be shown"),
    needs=(BIMI,),
    tolerates=(DMARC,),
    messages=(BROKEN, WEAK, UNREACHABLE, LOGO),
    judge=judge,
)
