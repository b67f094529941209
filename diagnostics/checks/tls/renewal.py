"""Checks that a free certificate can be renewed (http-01 over port 80, and its date), and of HSTS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from diagnostics.checks.readings import SILENT_TROUBLES, has_response, hsts_policy
from diagnostics.checks.tls.certificate import EXPIRING, certificate_fault
from diagnostics.checks.web.redirects import url_host
from diagnostics.evidence.web import TLS, WEB
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import Exchange, Handshake, RedirectChain
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Trouble

MAX_FREE_LIFETIME = timedelta(days=100)
RENEWAL_FINDINGS = ("tls.certificate.expiring", "tls.renewal.late")

PORT_80 = FindingMessage(
    id="tls.renewal.port80_closed",
    severity=Severity.WARNING,
    owner=Owner.PROVIDER,
    title=N_("No answer at the plain address (port 80): {hosts:list}"),
    seen=N_("The secure address works, but at {address} port 80 nothing answers."),
    why=N_(
        "Old links and typed addresses lead nowhere, and free certificates, which are confirmed "
        "over port 80, may not be renewed."
    ),
    steps=(
        N_("If you run the server yourself, open port 80 and let it redirect to https."),
        N_("Otherwise send this report to support."),
    ),
    hides=RENEWAL_FINDINGS,
)
PATH_BLOCKED = FindingMessage(
    id="tls.renewal.path_blocked",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The proof for a free certificate cannot be read at {hosts:list}"),
    seen=N_("{url} should answer “not found” or a proof. {problem:said}"),
    why=N_("The authority looks there before each renewal; the certificate would run out."),
    steps=(
        N_("Look into the .htaccess file for a rule that denies or redirects this folder."),
        N_("Look into security plugins and the firewall for one that blocks “/.well-known/”."),
        N_("Then start the renewal in your hosting panel once more."),
    ),
    hides=RENEWAL_FINDINGS,
)
REFUSED = N_("It answered with error {status:code}, although the site itself opens.")
ASTRAY = N_("It is redirected to {target}, and that way does not end at an answer.")
LATE = FindingMessage(
    id="tls.renewal.late",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("The certificate of {hosts:list} should have been renewed by now"),
    seen=N_("It is valid until {until:datetime}; certificates of this kind renew a month ahead."),
    why=N_("Nothing is broken yet, but the renewal seems to be stuck."),
    steps=(
        N_("In your hosting panel, open SSL/TLS certificates and look for an error there."),
        N_("Start the renewal by hand, and check again tomorrow."),
    ),
)
LOCKED_OUT = FindingMessage(
    id="tls.hsts.locked_out",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("Visitors of {hosts:list} cannot skip the certificate warning"),
    seen=N_("The site asks browsers to insist on https (HSTS), and its certificate is not valid."),
    why=N_("Whoever was there before sees an error without any way on, also at http://."),
    steps=(
        N_("Mend the certificate first; that alone opens the site again."),
        N_("Do not rely on switching HSTS off: browsers remember it for up to {age:duration}."),
    ),
)


def judge(case: Case) -> Iterable[Finding]:
    yield from _challenge_findings(case)
    overdue = [s for s in case.evidence[TLS].handshakes if is_renewal_overdue(s, case.at)]
    if overdue:
        until = overdue[0].chain[0].not_after.isoformat()
        yield LATE(evidence=("tls",), hosts=[s.host for s in overdue], until=until)


def is_renewal_overdue(handshake: Handshake, at: datetime) -> bool:
    """A certificate that renews by itself, past the time of it, and not yet a warning's matter."""
    if not handshake.chain or certificate_fault(handshake, at) is not None:
        return False
    leaf = handshake.chain[0]
    lifetime = leaf.not_after - leaf.not_before
    return lifetime <= MAX_FREE_LIFETIME and leaf.not_after - at <= lifetime * 2 / 9


def _challenge_findings(case: Case) -> Iterator[Finding]:
    web = case.evidence.get(WEB)
    chains = web.chains if web else ()
    walks = case.evidence[TLS].challenges
    unanswered = [w.hops[0] for w in walks if w.hops and _is_port80_closed(w, chains)]
    if unanswered:
        hosts = [url_host(x.url) for x in unanswered]
        yield PORT_80(evidence=("tls", "web"), hosts=hosts, address=unanswered[0].ip)
    blocked = [
        w
        for w in walks
        if w.hops and _is_plain_site_open(chains, url_host(w.start)) and _is_challenge_blocked(w)
    ]
    if blocked:
        last_response = blocked[0].last
        yield PATH_BLOCKED(
            evidence=("tls", "web"),
            hosts=[url_host(w.start) for w in blocked],
            url=blocked[0].start,
            problem=REFUSED
            if has_response(last_response) and last_response.status >= 400
            else ASTRAY,
            status=str(last_response.status),
            target=last_response.header("location") or last_response.url,
        )


def _is_port80_closed(walk: RedirectChain, chains: tuple[RedirectChain, ...]) -> bool:
    """Port 80 silent for both looks, while the secure site of the same name answers."""
    name = url_host(walk.start)
    plain_walks = [c for c in chains if c.start == f"http://{name}/" and c.hops]
    secure_walks = [c for c in chains if c.start == f"https://{name}/" and c.hops]
    return (
        _is_silent(walk.hops[0])
        and any(_is_silent(c.hops[0]) for c in plain_walks)
        and any(has_response(c.hops[0]) for c in secure_walks)
    )


def _is_silent(response: Exchange) -> bool:
    return bool(response.ip) and not response.status and response.trouble in SILENT_TROUBLES


def _is_plain_site_open(chains: tuple[RedirectChain, ...], name: str) -> bool:
    """Whether the plain front page of a name leads to a good answer."""
    plain_walks = [c for c in chains if c.start == f"http://{name}/" and c.hops]
    return any(
        c.outcome == "arrived" and has_response(c.last) and c.last.status < 400 for c in plain_walks
    )


def _is_challenge_blocked(walk: RedirectChain) -> bool:
    """Whether an authority would stop here. Redirects are allowed, and 404 is as it should be;
    429 and 406 may be meant for us alone."""
    if walk.outcome in ("loop", "too_many", "bad_target"):
        return True
    last_response = walk.last
    if has_response(last_response):
        return last_response.status in (401, 403, 500, 502, 503, 504)
    # A silence without an address was our own resolver's.
    is_silent = last_response.trouble in SILENT_TROUBLES and bool(last_response.ip)
    return len(walk.hops) > 1 and (is_silent or last_response.trouble is Trouble.NXDOMAIN)


def judge_hsts(case: Case) -> Iterable[Finding]:
    policies = dict(_hsts_policies(case.evidence[WEB].chains))
    max_age_by_host: dict[str, int] = {}
    for handshake in case.evidence[TLS].handshakes:
        present_fault = certificate_fault(handshake, case.at)
        if (
            present_fault is None
            or present_fault is EXPIRING
            or not (max_age := _hsts_max_age(policies, handshake.host))
        ):
            continue
        max_age_by_host[handshake.host] = max_age
    if max_age_by_host:
        yield LOCKED_OUT(
            evidence=("web", "tls"), hosts=list(max_age_by_host), age=max(max_age_by_host.values())
        )


def _hsts_policies(chains: Iterable[RedirectChain]) -> Iterator[tuple[str, tuple[int, bool]]]:
    """Each host's HSTS as (seconds, subdomains too), from answers over https (RFC 6797)."""
    for hop in (hop for chain in chains for hop in chain.hops):
        if policy := hsts_policy(hop):
            yield url_host(hop.url), policy


def _hsts_max_age(policies: dict[str, tuple[int, bool]], name: str) -> int:
    """For how many seconds browsers insist on https at a name; 0 when they do not."""
    own_policy, parent_policy = policies.get(name), policies.get(name.partition(".")[2])
    return max(
        own_policy[0] if own_policy else 0,
        parent_policy[0] if parent_policy and parent_policy[1] else 0,
    )


def _is_hsts_seen(case: Case) -> bool:
    """Whether any name whose certificate was seen makes browsers insist on https."""
    policies = dict(_hsts_policies(case.evidence[WEB].chains))
    return any(s.chain and _hsts_max_age(policies, s.host) for s in case.evidence[TLS].handshakes)


CHECK = Check(
    id="tls.renewal",
    title=N_("The certificates can be renewed"),
    needs=(TLS,),
    tolerates=(WEB,),
    messages=(PORT_80, PATH_BLOCKED, LATE),
    judge=judge,
    refuted_by=(
        "tls.renewal.caa_blocks",
        "tls.renewal.caa_critical",
        "tls.renewal.caa_fails",
        "tls.renewal.dns_proof_lost",
    ),
)
HSTS_CHECK = Check(
    id="tls.hsts",
    title=N_("Browsers that insist on https get a valid certificate"),
    needs=(TLS, WEB),
    messages=(LOCKED_OUT,),
    judge=judge_hsts,
    seen=_is_hsts_seen,
)
