"""Does the website answer, and with what? Judged at the end of each walk, for the names of interest.

A site counts as unreachable only when our own line has proved to work in the same run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from diagnostics.checks.readings import SILENT, answered, arrived, heard, interests, unknown
from diagnostics.checks.web.http_statuses import MESSAGES, told
from diagnostics.checks.web.redirects import host
from diagnostics.evidence.keys import DELEGATION
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Check, Finding, Message, Severity
from facts import Exchange, RedirectChain
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Trouble

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


def _broken(chains: list[RedirectChain]) -> Iterator[Finding]:
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


def _silent(case: Case, chains: list[RedirectChain]) -> Iterator[Finding]:
    """Sites where nothing answers at all. An https that cannot be spoken to beside a living http is
    for the TLS check, and one dead name beside its living twin for the www check."""
    ends = [c.last for c in chains if host(c.last.url) == host(c.start)]
    dead = [x for x in ends if x.trouble in SILENT and x.ip and not x.status]
    if answered(chains):
        dead = _hung(chains, dead)
    if not dead or any(_broken(chains)):
        return
    first, delegation = dead[0], case.evidence.get(DELEGATION)
    if all(x.trouble is Trouble.REFUSED for x in dead):
        yield REFUSED(evidence=("web",), host=host(first.url), address=first.ip)
    elif delegation is not None and heard(delegation):
        yield UNREACHABLE(evidence=("web",), host=host(first.url), address=first.ip)
    else:
        yield unknown(CHECK.id, what="web", trouble=Trouble.TIMEOUT.value)


def _hung(chains: list[RedirectChain], dead: list[Exchange]) -> list[Exchange]:
    """Who shook hands and then stayed silent, where no secure address of the site answers: the
    plain ones only sent us there, and the certificate is sound."""
    if any(arrived(c.last) and c.last.url.startswith("https:") for c in chains):
        return []
    return [x for x in dead if x.handshake is not None and not _shaking(x)]


def _statuses(chains: list[RedirectChain]) -> Iterator[Finding]:
    for end in (c.last for c in chains if arrived(c.last)):
        if found := told(end, host(end.url)):
            message, args = found
            yield Finding(message.id, args, ("web",))


def _slow(chains: list[RedirectChain]) -> Iterator[Finding]:
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
    messages=(REFUSED, UNREACHABLE, BROKEN, *MESSAGES, SLOW),
    judge=judge,
)
