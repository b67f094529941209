"""Checks of MTA-STS: the record, the policy file, and TLS-RPT.

RFC 8461, and RFC 8460 for the reports (TLS-RPT). A domain without either lacks nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from diagnostics.checks.mail.readings import has_valid_certificate
from diagnostics.checks.readings import OUR_LIMITS, unknown_finding
from diagnostics.evidence.keys import MAIL, STS
from diagnostics.evidence.mail_authentication import Sts
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import Exchange
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Trouble
from standards.mail_policies import (
    is_mta_sts_record,
    mta_sts_record_problem,
    parse_mta_sts_policy,
    tls_rpt_record_problem,
)
from standards.urls import is_address

DAY = 86400
NO_EFFECT = N_("Senders pass over it, so the encryption you ask for is not insisted on.")
RECORD = FindingMessage(
    id="mail.sts.record_broken",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The MTA-STS record of {domain} cannot be used"),
    seen=N_("This is about the TXT record at {name}. {reason:said}"),
    why=NO_EFFECT,
    steps=(N_("Correct the TXT record at {name}; it looks like “v=STSv1; id=20260115”."),),
    hides=("mail.sts_policy.",),
)
UNREACHABLE = FindingMessage(
    id="mail.sts.policy_unreachable",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The MTA-STS policy of {domain} cannot be fetched"),
    seen=N_("A record announces it at {url}. {reason:said}"),
    why=N_("New senders do without it, and those that remember it go on until it runs out."),
    steps=(
        N_("Make {url} answer with the policy: status 200, a valid certificate, no redirect."),
        N_("If you do not want MTA-STS any more, delete the TXT record at _mta-sts.{domain}."),
    ),
)
POLICY = FindingMessage(
    id="mail.sts.policy_broken",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The MTA-STS policy of {domain} cannot be read"),
    seen=N_("This is about {url}. {reason:said}"),
    why=NO_EFFECT,
    steps=(N_("Correct the file, and give the TXT record at _mta-sts.{domain} a new id."),),
)
UNLISTED = FindingMessage(
    id="mail.sts.mx_not_listed",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The MTA-STS policy of {domain} forbids delivery to its own mail server"),
    seen=N_("Mail goes to {hosts:list}, and the policy (enforce) names only {listed:list}."),
    why=N_("Gmail, Outlook and others do not deliver to a server that the policy does not name."),
    steps=(
        N_("Add {hosts:list} to the policy file, one line “mx: …” for each."),
        N_("Then give the TXT record at _mta-sts.{domain} a new id."),
    ),
)
UNLISTED_TESTING = FindingMessage(
    id="mail.sts.mx_not_listed_testing",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("The MTA-STS policy of {domain} does not name its mail server"),
    seen=N_("Mail goes to {hosts:list}, and the policy (testing) names only {listed:list}."),
    why=N_("Mail still arrives. Once the policy is enforced, it would not."),
    steps=(N_("Add {hosts:list} to the policy file before you change the mode to enforce."),),
)
TESTING = FindingMessage(
    id="mail.sts.testing",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("The MTA-STS policy of {domain} is a trial"),
    seen=N_("Its mode is “{mode}”, so senders deliver without encryption too."),
    why=N_("It protects nobody yet."),
    steps=(N_("When reports show no failures, change the mode to enforce and the id with it."),),
)
SHORT = FindingMessage(
    id="mail.sts.short_lived",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("The MTA-STS policy of {domain} is forgotten quickly"),
    seen=N_("Senders may remember it for {seconds:duration} only (max_age)."),
    why=N_("Who attacks a connection has only to wait that long; weeks are usual."),
    steps=(N_("Set max_age to 604800 (a week) or more."),),
)
REPORTS = FindingMessage(
    id="mail.tlsrpt.broken",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("The TLS-RPT record of {domain} cannot be used"),
    seen=N_("This is about the TXT record at {name}. {reason:said}"),
    why=N_("You get no reports about failed encryption."),
    steps=(N_("Correct it; it looks like “v=TLSRPTv1; rua=mailto:tls@{domain}”."),),
)
MANY = N_("There are several records, and only one may stand there.")
RECORD_REASONS: Mapping[str, str] = {
    "many": MANY,
    "version": N_("It must begin with “v=STSv1;”."),
    "id": N_("The id is missing, or contains other characters than letters and digits."),
}
POLICY_REASONS: Mapping[str, str] = {
    "version": N_("The line “version: STSv1” is missing."),
    "line": N_("One of its lines does not have the form “name: value”."),
    "mode": N_("The mode must be enforce, testing or none."),
    "max_age": N_("The line max_age must hold a number of seconds, at most a year."),
    "mx": N_("The lines with “mx:” are missing, or one of them is no name of a server."),
    "type": N_("The server does not send it as text/plain."),
}
FETCH_REASONS: Mapping[str, str] = {
    "name": N_("The name of that server does not exist."),
    "silent": N_("That server does not answer."),
    "tls": N_("No secure connection could be made to it."),
    "certificate": N_("Its certificate is not valid for that name."),
    "redirect": N_("It answers with a redirect, which senders must not follow."),
    "status": N_("It answers with the status {status:code}."),
    "answer": N_("That server does not answer as it should."),
}
REPORT_REASONS: Mapping[str, str] = {
    "many": MANY,
    "version": N_("It must begin with “v=TLSRPTv1;”."),
    "rua": N_("The address (rua) is missing, or begins neither with mailto: nor with https:."),
}


def judge(case: Case) -> Iterable[Finding]:
    sts = case.evidence[STS]
    if sts.texts is None:
        yield unknown_finding(CHECK.id, what="sts")
        return
    problem = _record_problem(sts.texts)
    if problem:
        yield RECORD(
            evidence=("sts",),
            domain=sts.domain,
            name=f"_mta-sts.{sts.domain}",
            reason=RECORD_REASONS[problem],
        )


def _record_problem(texts: tuple[str, ...]) -> str:
    valid_texts = [t for t in texts if is_mta_sts_record(t)]
    if len(valid_texts) > 1:
        return "many"
    if valid_texts:
        return mta_sts_record_problem(valid_texts[0])
    is_attempted = any(t.lower().replace(" ", "").startswith("v=sts") for t in texts)
    return "version" if is_attempted else ""


def judge_policy(case: Case) -> Iterable[Finding]:
    sts = case.evidence[STS]
    if sts.policy is None:
        return
    if sts.policy.trouble in OUR_LIMITS:
        yield unknown_finding(POLICY_CHECK.id, what="sts")
        return
    problem = _fetch_problem(sts.policy)
    if problem:
        yield UNREACHABLE(
            evidence=("sts",),
            domain=sts.domain,
            url=sts.policy.url,
            reason=FETCH_REASONS[problem],
            status=str(sts.policy.status),
        )
        return
    yield from _policy_findings(case, sts, sts.policy)


def _fetch_problem(response: Exchange) -> str:
    """Why a sender would not take the answer for a policy, or "" (RFC 8461, 3.3)."""
    if response.trouble is Trouble.NXDOMAIN:
        return "name"
    if not response.status:
        return "tls" if response.trouble is Trouble.TLS else "silent"
    if not has_valid_certificate(response):
        return "certificate"
    if 300 <= response.status < 400:
        return "redirect"
    if response.status != 200:
        return "status"
    return "answer" if response.trouble else ""  # cut off, or never ends


def _policy_findings(case: Case, sts: Sts, response: Exchange) -> Iterator[Finding]:
    policy = parse_mta_sts_policy(response.excerpt)
    content_type = response.header("content-type").partition(";")[0].strip().lower()
    problem = policy.problem or ("" if content_type in ("text/plain", "") else "type")
    if problem:
        yield POLICY(
            evidence=("sts",), domain=sts.domain, url=response.url, reason=POLICY_REASONS[problem]
        )
        return
    mail = case.evidence.get(MAIL)
    hosts = [h.name for h in mail.hosts if h.name and not is_address(h.name)] if mail else []
    unlisted = [h for h in hosts if not policy.covers(h)]
    if unlisted and policy.mode in ("enforce", "testing"):
        message = UNLISTED if policy.mode == "enforce" else UNLISTED_TESTING
        yield message(
            evidence=("sts", "mail"), domain=sts.domain, hosts=unlisted, listed=list(policy.mx[:8])
        )
    elif policy.mode != "enforce":
        yield TESTING(evidence=("sts",), domain=sts.domain, mode=policy.mode)
    if policy.mode != "none" and policy.max_age < DAY:
        yield SHORT(evidence=("sts",), domain=sts.domain, seconds=policy.max_age)


def judge_reports(case: Case) -> Iterable[Finding]:
    sts = case.evidence[STS]
    if sts.reports is None:
        yield unknown_finding(REPORTS_CHECK.id, what="sts")
        return
    texts = [t for t in sts.reports if t.lower().replace(" ", "").startswith("v=tlsrpt")]
    problem = "many" if len(texts) > 1 else (tls_rpt_record_problem(texts[0]) if texts else "")
    if problem:
        yield REPORTS(
            evidence=("sts",),
            domain=sts.domain,
            name=f"_smtp._tls.{sts.domain}",
            reason=REPORT_REASONS[problem],
        )


CHECK = Check(
    id="mail.sts",
    title=N_("A wish for encryption (MTA-STS), if there is one, is written right"),
    needs=(STS,),
    messages=(RECORD,),
    judge=judge,
)
POLICY_CHECK = Check(
    id="mail.sts_policy",
    title=N_("The MTA-STS policy, if there is one, lets mail in"),
    needs=(STS,),
    tolerates=(MAIL,),
    messages=(UNREACHABLE, POLICY, UNLISTED, UNLISTED_TESTING, TESTING, SHORT),
    judge=judge_policy,
)
REPORTS_CHECK = Check(
    id="mail.tlsrpt",
    title=N_("The address for reports about encryption, if there is one, is right"),
    needs=(STS,),
    messages=(REPORTS,),
    judge=judge_reports,
)
