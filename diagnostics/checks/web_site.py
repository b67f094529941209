"""Does the website answer, and with what? Judged at the end of each walk, for the names of interest.

A site counts as unreachable only when our own line has proved to work in the same run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from http import HTTPStatus

from diagnostics.checks.dns_pointing import mark
from diagnostics.checks.reading import SILENT, answered, arrived, heard, interests, unknown
from diagnostics.checks.web_redirect import host
from diagnostics.evidence import DELEGATION, WEB
from diagnostics.model import Case, Check, Finding, Message, Owner, Severity
from facts import Chain, Exchange, Trouble
from render.i18n import N_

SLOW_AFTER = timedelta(seconds=3)
ALL_OF_IT = ("web.pages.", "web.redirect.", "web.www.")  # nothing to see where nobody answers

REFUSED = Message(
    id="web.site.refused",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The server of {host} is there, but no website runs on it"),
    seen=N_("The server at {address} refused the connection at once."),
    why=N_(
        "Nobody can open the site. The web service is off, or the name leads to a wrong server."
    ),
    steps=(
        N_("Look at the status page for an open incident."),
        N_("If you run the server yourself, check that the web server program is started."),
        N_("Otherwise send this report to support."),
    ),
    hides=ALL_OF_IT,
)
UNREACHABLE = Message(
    id="web.site.unreachable",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The server of {host} does not answer"),
    seen=N_("We tried {address} and got no answer, although our own connection works."),
    why=N_("Visitors wait for a long time and then see an error."),
    steps=(
        N_("Look at the status page for an open incident."),
        N_(
            "If you run the server yourself, check that it is switched on and its firewall is open."
        ),
        N_("Otherwise send this report to support."),
    ),
    hides=ALL_OF_IT,
)
NOT_HTTP = N_("What came back cannot be read as the answer of a web server.")
CUT_OFF = N_("The answer broke off before its end.")
NEVER_ENDS = N_("The answer began, but did not come to its end in time.")
BROKEN = Message(
    id="web.site.broken_answer",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The server of {host} sends a broken answer"),
    seen=N_("We asked for {url}. {problem:said}"),
    why=N_("Browsers show an error or half a page instead of the site."),
    steps=(
        N_("Check again in a few minutes; the server may just have been starting."),
        N_("If you run the server yourself, check which program listens there, and its error log."),
        N_("Otherwise send this report to support."),
    ),
    hides=("web.pages.", "web.www."),
)
SERVER_ERROR = Message(
    id="web.site.server_error",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The website answers with an error ({status:code})"),
    seen=N_("{url} answered “{status:code} {reason}”: a program of the site has failed."),
    why=N_("Visitors see an error instead of your pages."),
    steps=(
        N_("Undo the last change: an update, a new plugin, an edited .htaccess file."),
        N_("In your hosting panel, open the error log; its last lines name the file that fails."),
        N_("Check that the PHP version set there suits the site."),
        N_("If you cannot find it, send this report to whoever made the site, or to support."),
    ),
)
GATEWAY = Message(
    id="web.site.gateway_error",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The website's program does not answer in time ({status:code})"),
    seen=N_("{url} answered “{status:code} {reason}”: the web server waited for it in vain."),
    why=N_("Visitors see an error. A slow script or a program that has stopped is behind it."),
    steps=(
        N_("Wait two minutes and reload; the program may be starting again."),
        N_("If it happens at one page only, that page does too much: ask whoever made the site."),
        N_("If all pages fail, send this report to support."),
    ),
)
UNAVAILABLE = Message(
    id="web.site.unavailable",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The website says that it is unavailable for now (503)"),
    seen=N_("{url} answered “{status:code} {reason}”."),
    why=N_("Visitors see an error or a maintenance notice."),
    steps=(
        N_(
            "If an update is running, wait; in WordPress, delete a file named .maintenance left over."
        ),
        N_("In your hosting panel, check whether a memory or process limit was hit."),
        N_("If neither is the case, send this report to support."),
    ),
)
LIMIT = Message(
    id="web.site.limit_reached",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The website is stopped by a limit of its plan (508)"),
    seen=N_("{url} answered “{status:code} {reason}”: too many pages are asked for at once."),
    why=N_("Visitors see an error until fewer pages are asked for at the same time."),
    steps=(
        N_("Wait a few minutes and check again."),
        N_("Turn on a page cache, and look in the visitor statistics for robots to block."),
        N_("If it comes back, ask us for a larger plan."),
    ),
)
TRAFFIC = Message(
    id="web.site.traffic_exceeded",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The website is blocked because its traffic is used up (509)"),
    seen=N_("{url} answered “{status:code} {reason}”."),
    why=N_("Visitors see an error until the next period begins or more traffic is ordered."),
    steps=(
        N_("In your hosting panel, open the traffic statistics and see what used it up."),
        N_("Order more traffic or a larger plan to open the site at once."),
    ),
)
ORIGIN = Message(
    id="web.site.origin_error",
    severity=Severity.ERROR,
    owner=Owner.CDN,
    title=N_("The CDN cannot reach the server behind the site ({status:code})"),
    seen=N_("{url} answered “{status:code} {reason}”. This number comes from the CDN."),
    why=N_(
        "The CDN is reachable, but the server that it takes the site from is not, or not safely."
    ),
    steps=(
        N_("At the CDN, check the origin address: it has to be your server's present one."),
        N_("For 525 and 526, install a valid certificate on the server."),
        N_("For 520 to 524, ask whoever runs the server whether it blocks the CDN."),
    ),
)
FORBIDDEN = Message(
    id="web.site.forbidden",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The website refuses to show its first page (403)"),
    seen=N_("{url} answered “{status:code} {reason}”."),
    why=N_("Visitors see “forbidden”. Mostly the first page is missing or may not be read."),
    steps=(
        N_("Check that the site's folder contains a file index.html or index.php."),
        N_("Check its permissions: folders 755, files 644."),
        N_("Look into .htaccess for a rule that denies access."),
    ),
)
MISSING = Message(
    id="web.site.page_missing",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The website does not find the page (404)"),
    seen=N_("{url} answered “{status:code} {reason}”."),
    why=N_("Visitors see “not found” instead of your page."),
    steps=(
        N_("Check the spelling of the address."),
        N_("In your hosting panel, check that the domain leads to the folder with your files."),
        N_("Check that this folder contains a file index.html or index.php."),
    ),
)
TURNED_AWAY = Message(
    id="web.site.checks_blocked",
    severity=Severity.NOTICE,
    owner=Owner.NOBODY,
    title=N_("The website's protection turned our check away"),
    seen=N_("{url} answered “{status:code} {reason}”, the way protection against robots does."),
    why=N_("People may see the site as usual; we cannot tell from here."),
    steps=(
        N_("Open the site on a phone with Wi-Fi off. If it opens, all is well."),
        N_("If you see the same there, look at the firewall settings of the site or its CDN."),
    ),
)
SLOW = Message(
    id="web.site.slow",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The website is slow to answer"),
    seen=N_("{url} took {waited:duration} before the first sign of an answer."),
    why=N_("Many visitors leave a page that has not appeared within three seconds."),
    steps=(
        N_("Check again in a few minutes; a single slow answer may be chance."),
        N_("Turn on a page cache, and turn off plugins that are not needed."),
        N_("In your hosting panel, see whether a processor or disk limit is hit."),
    ),
)

FAMILIES: dict[int, Message] = {
    403: FORBIDDEN,
    404: MISSING,
    410: MISSING,
    502: GATEWAY,
    503: UNAVAILABLE,
    504: GATEWAY,
    508: LIMIT,
    509: TRAFFIC,
    406: TURNED_AWAY,
    429: TURNED_AWAY,
    **dict.fromkeys((*range(520, 528), 530), ORIGIN),
}
WALLS = ("cf-mitigated", "x-sucuri-block", "x-datadome", "x-amzn-waf-action")


def judge(case: Case) -> Iterable[Finding]:
    chains = [c for c in case.evidence[WEB].chains if c.hops and c.outcome != "loop"]
    names = interests(case.subject)
    own = [c for c in chains if host(c.start) in (*names, case.subject.host)]
    said: dict[str, Finding] = {}
    for finding in (*_broken(own), *_silent(case, own), *_statuses(own), *_slow(own)):
        said.setdefault(finding.id, finding)
    yield from said.values()
    if own and not said and not answered(own):
        trouble = next((c.last.trouble for c in own if c.last.trouble), Trouble.TIMEOUT)
        yield unknown(CHECK.id, what="web", trouble=trouble.value)


def _broken(chains: list[Chain]) -> Iterator[Finding]:
    """Answers that came and are none: no HTTP, or an end before the end. One that is merely late
    counts only where no other was whole."""
    late = () if answered(chains) else (Trouble.TIMEOUT,)
    for chain in chains:
        end = chain.last
        if end.trouble is Trouble.PROTOCOL and end.ip and not _shaking(end):
            problem = CUT_OFF if end.status else NOT_HTTP
        elif end.status and end.trouble is Trouble.RESET:
            problem = CUT_OFF
        elif end.status and end.trouble in late:
            problem = NEVER_ENDS
        else:
            continue
        yield BROKEN(evidence=("web",), host=host(end.url), url=end.url, problem=problem)


def _shaking(end: Exchange) -> bool:
    """Whether the trouble was in the handshake, which is for the TLS check."""
    return end.handshake is not None and end.handshake.trouble is not None


def _silent(case: Case, chains: list[Chain]) -> Iterator[Finding]:
    """Sites where nothing answers at all. A dead https beside a living http is for the TLS check,
    and one dead name beside its living twin for the www check."""
    ends = [c.last for c in chains if host(c.last.url) == host(c.start)]
    dead = [x for x in ends if x.trouble in SILENT and x.ip and not x.status]
    if not dead or answered(chains) or any(_broken(chains)):
        return
    first, delegation = dead[0], case.evidence.get(DELEGATION)
    if all(x.trouble is Trouble.REFUSED for x in dead):
        yield REFUSED(evidence=("web",), host=host(first.url), address=first.ip)
    elif delegation is not None and heard(delegation):
        yield UNREACHABLE(evidence=("web",), host=host(first.url), address=first.ip)
    else:
        yield unknown(CHECK.id, what="web", trouble=Trouble.TIMEOUT.value)


def _statuses(chains: list[Chain]) -> Iterator[Finding]:
    ends = [c.last for c in chains if arrived(c.last) and c.last.status >= 400]
    for end in ends:
        message = _family(end)
        if message is not None:
            yield message(
                evidence=("web",), url=end.url, status=str(end.status), reason=_reason(end)
            )


def _reason(end: Exchange) -> str:
    """The words beside the number; HTTP/1.1 lets servers leave them out."""
    standard = {int(status): status.phrase for status in HTTPStatus}
    return end.reason or standard.get(end.status, "error")


def _family(end: Exchange) -> Message | None:
    wall = any(end.header(name) for name in WALLS)
    if wall or (end.status in (403, 503) and mark(end) and "challenge" in end.excerpt.lower()):
        return TURNED_AWAY
    if end.status in FAMILIES:
        return FAMILIES[end.status]
    return SERVER_ERROR if end.status >= 500 else None


def _slow(chains: list[Chain]) -> Iterator[Finding]:
    """Slow only when every answer of the site was: one slow answer may be chance."""
    ends = [c.last for c in chains if arrived(c.last) and c.last.status < 400]
    if ends and all(x.phases.first_byte >= SLOW_AFTER for x in ends):
        quickest = min(ends, key=lambda x: x.phases.first_byte)
        waited = round(quickest.phases.first_byte.total_seconds(), 1)
        yield SLOW(evidence=("web",), url=quickest.url, waited=waited)


CHECK = Check(
    id="web.site",
    title=N_("The website answers"),
    needs=(WEB,),
    tolerates=(DELEGATION,),
    messages=(
        REFUSED,
        UNREACHABLE,
        BROKEN,
        SERVER_ERROR,
        GATEWAY,
        UNAVAILABLE,
        LIMIT,
        TRAFFIC,
        ORIGIN,
        FORBIDDEN,
        MISSING,
        TURNED_AWAY,
        SLOW,
    ),
    judge=judge,
)
