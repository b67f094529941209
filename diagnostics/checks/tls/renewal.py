"""Could a free certificate be renewed today: the proof over port 80, and the date; and
HSTS, which leaves visitors no way round a bad certificate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from diagnostics.checks.readings import SILENT, arrived, insistence
from diagnostics.checks.tls.certificate import EXPIRING, fault
from diagnostics.checks.web.redirects import host
from diagnostics.evidence.web import TLS, WEB
from diagnostics.model import Case, Check, Finding, Message, Severity
from facts import Exchange, Handshake, RedirectChain
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Trouble

LONGEST_FREE = timedelta(days=100)
FROM_SECURE = ("tls.certificate.expiring", "tls.renewal.late")

PORT_80 = Message(
    id="tls.renewal.port80_closed",
    severity=Severity.WARNING,
    owner=Owner.PROVIDER,
    title=N_("{hosts:list} does not answer at the plain address (port 80)"),
    seen=N_("The secure address works, but at {address} port 80 nothing answers."),
    why=N_(
        "Old links and typed addresses lead nowhere, and free certificates, which are confirmed "
        "over port 80, may not be renewed."
    ),
    steps=(
        N_("If you run the server yourself, open port 80 and let it redirect to https."),
        N_("Otherwise send this report to support."),
    ),
    hides=FROM_SECURE,
)
PATH_BLOCKED = Message(
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
    hides=FROM_SECURE,
)
REFUSED = N_("It answered with error {status:code}, although the site itself opens.")
ASTRAY = N_("It is redirected to {target}, and that way does not end at an answer.")
LATE = Message(
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
LOCKED_OUT = Message(
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
    yield from _challenges(case)
    behind = [s for s in case.evidence[TLS].handshakes if late(s, case.at)]
    if behind:
        until = behind[0].chain[0].not_after.isoformat()
        yield LATE(evidence=("tls",), hosts=[s.host for s in behind], until=until)


def late(shake: Handshake, at: datetime) -> bool:
    """A certificate that renews by itself, past the time of it, and not yet a warning's matter."""
    if not shake.chain or fault(shake, at) is not None:
        return False
    leaf = shake.chain[0]
    life = leaf.not_after - leaf.not_before
    return life <= LONGEST_FREE and leaf.not_after - at <= life * 2 / 9


def _challenges(case: Case) -> Iterator[Finding]:
    web = case.evidence.get(WEB)
    chains = web.chains if web else ()
    walks = case.evidence[TLS].challenges
    closed = [w.hops[0] for w in walks if w.hops and _closed(w, chains)]
    if closed:
        hosts = [host(x.url) for x in closed]
        yield PORT_80(evidence=("tls", "web"), hosts=hosts, address=closed[0].ip)
    blocked = [w for w in walks if w.hops and _opens(chains, host(w.start)) and _blocked(w)]
    if blocked:
        end = blocked[0].last
        yield PATH_BLOCKED(
            evidence=("tls", "web"),
            hosts=[host(w.start) for w in blocked],
            url=blocked[0].start,
            problem=REFUSED if arrived(end) and end.status >= 400 else ASTRAY,
            status=str(end.status),
            target=end.header("location") or end.url,
        )


def _closed(walk: RedirectChain, chains: tuple[RedirectChain, ...]) -> bool:
    """Port 80 silent for both looks, while the secure site of the same name answers."""
    name = host(walk.start)
    fronts = [c for c in chains if c.start == f"http://{name}/" and c.hops]
    secure = [c for c in chains if c.start == f"https://{name}/" and c.hops]
    return (
        _silent(walk.hops[0])
        and any(_silent(c.hops[0]) for c in fronts)
        and any(arrived(c.hops[0]) for c in secure)
    )


def _silent(x: Exchange) -> bool:
    return bool(x.ip) and not x.status and x.trouble in SILENT


def _opens(chains: tuple[RedirectChain, ...], name: str) -> bool:
    """Whether the plain front page of a name leads to a good answer."""
    fronts = [c for c in chains if c.start == f"http://{name}/" and c.hops]
    return any(c.outcome == "arrived" and arrived(c.last) and c.last.status < 400 for c in fronts)


def _blocked(walk: RedirectChain) -> bool:
    """Whether an authority would stop here. Redirects are allowed, and 404 is as it should be;
    429 and 406 may be meant for us alone."""
    if walk.outcome in ("loop", "too_many", "bad_target"):
        return True
    end = walk.last
    if arrived(end):
        return end.status in (401, 403, 500, 502, 503, 504)
    # A silence without an address was our own resolver's.
    silent = end.trouble in SILENT and bool(end.ip)
    return len(walk.hops) > 1 and (silent or end.trouble is Trouble.NXDOMAIN)


def judge_hsts(case: Case) -> Iterable[Finding]:
    policies = dict(_policies(case.evidence[WEB].chains))
    bad: dict[str, int] = {}
    for shake in case.evidence[TLS].handshakes:
        found = fault(shake, case.at)
        if found is None or found is EXPIRING or not (age := _insists(policies, shake.host)):
            continue
        bad[shake.host] = age
    if bad:
        yield LOCKED_OUT(evidence=("web", "tls"), hosts=list(bad), age=max(bad.values()))


def _policies(chains: Iterable[RedirectChain]) -> Iterator[tuple[str, tuple[int, bool]]]:
    """Each host's HSTS as (seconds, subdomains too), from answers over https (RFC 6797)."""
    for hop in (hop for chain in chains for hop in chain.hops):
        if policy := insistence(hop):
            yield host(hop.url), policy


def _insists(policies: dict[str, tuple[int, bool]], name: str) -> int:
    """For how many seconds browsers insist on https at a name; 0 when they do not."""
    own, above = policies.get(name), policies.get(name.partition(".")[2])
    return max(own[0] if own else 0, above[0] if above and above[1] else 0)


CHECK = Check(
    id="tls.renewal",
    title=N_("The certificates can be renewed"),
    needs=(TLS,),
    tolerates=(WEB,),
    messages=(PORT_80, PATH_BLOCKED, LATE),
    judge=judge,
)
HSTS_CHECK = Check(
    id="tls.hsts",
    title=N_("Browsers that insist on https get a valid certificate"),
    needs=(TLS, WEB),
    messages=(LOCKED_OUT,),
    judge=judge_hsts,
)
