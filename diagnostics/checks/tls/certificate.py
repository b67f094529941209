"""Check of each web name's certificate: valid for this name, in date, trusted by browsers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from diagnostics.checks.readings import SILENT_TROUBLES, has_response
from diagnostics.checks.web.redirects import url_host
from diagnostics.evidence.web import TLS, WEB, TlsHandshakes
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import Certificate, Handshake
from kb.owners import Owner
from render.i18n import N_
from render.message_format import Argument
from standards.certificate_lifetime import warning_period
from standards.dns_types import Trouble

WARNING_PERIOD = timedelta(days=14)

WRONG_NAME = FindingMessage(
    id="tls.certificate.wrong_name",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The certificate does not belong to {hosts:list}"),
    seen=N_("The server shows a certificate for {names:list}."),
    why=N_("Browsers show a full-page warning, and most visitors turn back."),
    steps=(
        N_("In your hosting panel, open SSL/TLS certificates for the domain."),
        N_("Order or renew the certificate (free ones are fine) so that it covers {hosts:list}."),
        N_("If the site has moved, check first that the DNS leads to the right server."),
    ),
)
NAME_MISSING = FindingMessage(
    id="tls.certificate.name_missing",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The certificate leaves out {hosts:list}"),
    seen=N_("It is valid for {names:list} only."),
    why=N_("Visitors who type the address in this form see a full-page warning."),
    steps=(
        N_("In your hosting panel, open SSL/TLS certificates for the domain."),
        N_("Order the certificate anew and choose {hosts:list} as well; free ones allow that."),
        N_(
            "Check first that the DNS sends {hosts:list} to the same server, or it cannot be confirmed."
        ),
    ),
)
EXPIRED = FindingMessage(
    id="tls.certificate.expired",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The certificate of {hosts:list} has expired"),
    seen=N_("It was valid until {until:datetime}, issued by {issuer}."),
    why=N_("Browsers show a full-page warning, and most visitors turn back."),
    steps=(
        N_("In your hosting panel, open SSL/TLS certificates and renew the certificate."),
        N_("If it should renew by itself, look there for the reason why it did not."),
        N_("If you use a CDN, renew it there as well."),
    ),
)
NOT_YET_VALID = FindingMessage(
    id="tls.certificate.not_yet_valid",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The certificate of {hosts:list} is not valid yet"),
    seen=N_("It becomes valid at {since:datetime}, issued by {issuer}."),
    why=N_("Browsers show a full-page warning, and most visitors turn back."),
    steps=(
        N_("In your hosting panel, open SSL/TLS certificates and put the earlier one back."),
        N_("If that one has ended, order a free certificate; it is valid at once."),
    ),
)
EXPIRING = FindingMessage(
    id="tls.certificate.expiring",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The certificate of {hosts:list} expires in {days:days}"),
    seen=N_("It is valid until {until:datetime} and has not been renewed yet."),
    why=N_("Free certificates renew themselves weeks ahead, so the renewal may be stuck."),
    steps=(
        N_("In your hosting panel, open SSL/TLS certificates and start the renewal by hand."),
        N_("If it reports an error, send us its text with this report."),
    ),
)
UNTRUSTED = FindingMessage(
    id="tls.certificate.untrusted",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("Browsers do not trust the certificate of {hosts:list}"),
    seen=N_("It was issued by {issuer}, which browsers do not accept."),
    why=N_("Browsers show a full-page warning, and most visitors turn back."),
    steps=(
        N_("In your hosting panel, open SSL/TLS certificates and order a free certificate."),
        N_("A certificate that a server made for itself is good for tests only."),
    ),
)
INCOMPLETE = FindingMessage(
    id="tls.certificate.incomplete_chain",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The server of {hosts:list} sends only a part of its certificate"),
    seen=N_("The certificate of {issuer}, which links it to a trusted authority, is missing."),
    why=N_("Some browsers help themselves; phones, mail programs and payment gates show an error."),
    steps=(
        N_("Where the certificate is installed, add the intermediate certificate (CA bundle)."),
        N_("If the certificate comes from us, send this report to support."),
    ),
)
CHAIN_EXPIRED = FindingMessage(
    id="tls.certificate.chain_expired",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("An intermediate certificate of {hosts:list} has expired"),
    seen=N_(
        "Their own certificate is valid; {link}, which is to prove it, was until {ended:datetime}."
    ),
    why=N_("Browsers show a full-page warning, and most visitors turn back."),
    steps=(
        N_("Where the certificate is installed, replace the intermediate certificate (CA bundle)."),
        N_("If the certificate comes from us, send this report to support."),
    ),
)
NOT_OFFERED = FindingMessage(
    id="tls.service.not_offered",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("{hosts:list} cannot be opened securely (https)"),
    seen=N_("The site answers without encryption, but not at https://."),
    why=N_("Browsers try the secure address first, and call the other one “not secure”."),
    steps=(
        N_("In your hosting panel, open SSL/TLS certificates and order a free certificate."),
        N_("Turn on HTTPS for the domain there, and wait a few minutes."),
    ),
)

PLAIN = FindingMessage(
    id="tls.service.plain_http",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The secure port of {hosts:list} speaks plain http"),
    seen=N_("At port 443, where browsers expect encryption, the server answers without it."),
    why=N_("Browsers show “SSL_ERROR_RX_RECORD_TOO_LONG” or a like error at https://."),
    steps=(
        N_("If you run the server yourself, switch TLS on for port 443, with the certificate."),
        N_("Otherwise send this report to support."),
    ),
    hides=("tls.service.not_offered", "web.site.", "web.www."),
)
PLAIN_SIGNS = ("wrong version number", "wrong_version_number", "http request", "http_request")


def judge(case: Case) -> Iterable[Finding]:
    yield from _not_offered_findings(case)
    by_certificate: dict[tuple[str, str], list[Handshake]] = {}
    for handshake in case.evidence[TLS].handshakes:
        if handshake.chain and (message := _chain_fault(handshake, case.at)):
            key = (message.id, handshake.chain[0].fingerprint)
            by_certificate.setdefault(key, []).append(handshake)
    for (fault, _), handshakes in by_certificate.items():
        yield Finding(fault, _finding_args(handshakes, case.at), ("tls",))


def certificate_fault(handshake: Handshake, at: datetime) -> FindingMessage | None:
    """What browsers would warn of at this name, or a coming end; None when all is well."""
    return _chain_fault(handshake, at) if handshake.chain else None


def hosts_with_foreign_certificate(tls: TlsHandshakes) -> frozenset[str]:
    """The hosts whose certificate is for other names altogether."""
    handshakes = (x for x in tls.handshakes if x.chain and not x.name_matches)
    return frozenset(x.host for x in handshakes if not _is_www_variant(x))


def _chain_fault(handshake: Handshake, at: datetime) -> FindingMessage | None:
    """The one fault of a certificate that has to be mended first; one certificate, one finding."""
    leaf = handshake.chain[0]
    if not handshake.name_matches:
        return NAME_MISSING if _is_www_variant(handshake) else WRONG_NAME
    if handshake.has_ended(at):
        return EXPIRED
    if handshake.begins_after(at):
        return NOT_YET_VALID
    if handshake.is_distrusted:
        return _distrust_reason(handshake, at)
    period = warning_period(leaf.not_before, leaf.not_after, WARNING_PERIOD)
    return EXPIRING if leaf.not_after - at <= period else None


def _distrust_reason(handshake: Handshake, at: datetime) -> FindingMessage:
    """Why a certificate that is in date and has the right name is not trusted."""
    if _lacks_intermediate(handshake):
        return INCOMPLETE
    is_out_of_date = "expired" in handshake.verify_error.lower()
    return CHAIN_EXPIRED if is_out_of_date and _ended_link(handshake, at) else UNTRUSTED


def _ended_link(handshake: Handshake, at: datetime) -> Certificate | None:
    """The first certificate above the leaf that is out of date."""
    return next((c for c in handshake.chain[1:] if c.not_after <= at), None)


def _is_www_variant(handshake: Handshake) -> bool:
    """Whether the certificate is this site's own, and only this form of its name is left out."""
    pair = {handshake.host.removeprefix("www."), f"www.{handshake.host.removeprefix('www.')}"}
    return bool(pair.intersection(handshake.chain[0].names))


def _lacks_intermediate(handshake: Handshake) -> bool:
    """Whether the leaf came without the certificate that signed it."""
    leaf, issuers = handshake.chain[0], [c.subject for c in handshake.chain[1:]]
    if leaf.self_signed or leaf.subject == leaf.issuer or leaf.issuer in issuers:
        return False
    return len(handshake.chain) == 1 and "local issuer" in handshake.verify_error.lower()


def _finding_args(handshakes: list[Handshake], at: datetime) -> dict[str, Argument]:
    leaf, link = handshakes[0].chain[0], _ended_link(handshakes[0], at)
    args: dict[str, Argument] = {
        "hosts": [s.host for s in handshakes],
        "names": list(leaf.names[:6]) or [common_name(leaf.subject)],
        "issuer": common_name(leaf.issuer),
        "since": leaf.not_before.isoformat(),
        "until": leaf.not_after.isoformat(),
        "days": max(0, (leaf.not_after - at).days),
        "error": handshakes[0].verify_error,
    }
    if link is not None:
        args |= {"link": common_name(link.subject), "ended": link.not_after.isoformat()}
    return args


def common_name(subject: str) -> str:
    """The common name in a distinguished name (RFC 4514), or all of it when there is none."""
    parts = (part.strip() for part in subject.split(","))
    return next((p[3:] for p in parts if p[:3].upper() == "CN="), subject)


def _not_offered_findings(case: Case) -> Iterator[Finding]:
    """Names whose plain site answers and whose secure one does not get as far as a certificate."""
    web = case.evidence.get(WEB)
    http_hosts = {
        url_host(hop.url)
        for chain in (web.chains if web else ())
        for hop in chain.hops
        if has_response(hop) and hop.url.startswith("http:")
    }
    failures = (*SILENT_TROUBLES, Trouble.TLS, Trouble.PROTOCOL)
    handshakes = case.evidence[TLS].handshakes
    hosts = [
        s.host for s in handshakes if s.host in http_hosts and not s.chain and s.trouble in failures
    ]
    plain_hosts = [s.host for s in handshakes if s.host in hosts and _is_plain_http(s)]
    if plain_hosts:
        yield PLAIN(evidence=("tls", "web"), hosts=plain_hosts)
    elif hosts:
        yield NOT_OFFERED(evidence=("tls", "web"), hosts=hosts)


def _is_plain_http(handshake: Handshake) -> bool:
    """Whether the answer to a handshake was no TLS at all, as OpenSSL words it."""
    return any(sign in handshake.detail.lower() for sign in PLAIN_SIGNS)


def is_certificate_seen(case: Case) -> bool:
    """Whether any server of the site showed a certificate."""
    return any(h.chain for h in case.evidence[TLS].handshakes)


CHECK = Check(
    id="tls.certificate",
    title=N_("The certificates are valid"),
    needs=(TLS,),
    tolerates=(WEB,),
    messages=(
        WRONG_NAME,
        NAME_MISSING,
        EXPIRED,
        NOT_YET_VALID,
        UNTRUSTED,
        INCOMPLETE,
        CHAIN_EXPIRED,
        PLAIN,
        NOT_OFFERED,
        EXPIRING,
    ),
    judge=judge,
    seen=is_certificate_seen,
    refuted_by=("web.site.origin_certificate",),
)
