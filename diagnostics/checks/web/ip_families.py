"""Do IPv4 and IPv6 lead to the same site? Judged only where we could look over both."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks.readings import SILENT, arrived, headings, unknown
from diagnostics.checks.web.redirects import host
from diagnostics.evidence.keys import RECORDS, STANDPOINT
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Check, Finding, Message, Severity
from facts import Exchange
from kb.owners import Owner
from render.i18n import N_

STEPS = (
    N_("In the DNS settings of {host}, compare the AAAA record with the server of your hosting."),
    N_("If your hosting offers no IPv6, delete the AAAA record of {host}."),
    N_("Wait until the change is published, usually within an hour, and check again."),
)
DEAD = Message(
    id="web.family.one_dead",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("{host} opens over one kind of address only"),
    seen=N_("At {works} the site answers, at {fails} it does not."),
    why=N_("Visitors with the newer kind of connection (IPv6), or with the older one, wait long."),
    steps=STEPS,
)
DIFFERS = Message(
    id="web.family.differs",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("{host} shows another site over IPv6"),
    seen=N_("At {works} we got “{one}”, at {fails} we got “{other}”."),
    why=N_("Some visitors see the new site and others an old one, depending on their connection."),
    steps=STEPS,
)


def judge(case: Case) -> Iterable[Finding]:
    families = case.evidence[WEB].families
    if len(families) != 2:
        if _half_seen(case):
            yield unknown(CHECK.id, what="standpoint", detail="no_ipv6_to_compare")
        return
    four, six = families
    name = host(four.url)
    for works, fails in ((four, six), (six, four)):
        if _opens(works) and not fails.status and fails.trouble in SILENT:
            yield DEAD(evidence=("web",), host=name, works=works.ip, fails=fails.ip)
    if arrived(four) and arrived(six) and _differ(four, six):
        yield DIFFERS(
            evidence=("web",),
            host=name,
            works=four.ip,
            fails=six.ip,
            one=_shown(four),
            other=_shown(six),
        )


def _half_seen(case: Case) -> bool:
    """A name with both kinds of addresses, of which our own place can use only the older kind."""
    records, here = case.evidence.get(RECORDS), case.evidence.get(STANDPOINT)
    if records is None or here is None or here.vantage.ipv6:
        return False
    return all(records.values(case.subject.host, kind) for kind in ("A", "AAAA"))


def _opens(x: Exchange) -> bool:
    return arrived(x) and x.status < 400


def _differ(four: Exchange, six: Exchange) -> bool:
    """Whether one is an error and the other not, or both are pages under other headings. Texts
    that change with each visit, and robots turned away once, do not count."""
    if _opens(four) != _opens(six):
        return not {four.status, six.status} & {403, 406, 429, 503}
    titles = headings(four.excerpt)[:1], headings(six.excerpt)[:1]
    return four.status == six.status == 200 and all(titles) and titles[0] != titles[1]


def _shown(x: Exchange) -> str:
    """What a visitor would call it: the heading of a page, or the number of an error."""
    return next(iter(headings(x.excerpt)), "") if _opens(x) else str(x.status)


CHECK = Check(
    id="web.family",
    title=N_("IPv4 and IPv6 show the same site"),
    needs=(WEB,),
    tolerates=(RECORDS, STANDPOINT),
    messages=(DEAD, DIFFERS),
    judge=judge,
)
