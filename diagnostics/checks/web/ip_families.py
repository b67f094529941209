"""Check that IPv4 and IPv6 serve the same site; only where both could be used from here."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks.readings import (
    NO_ORDINARY_PAGE,
    SILENT_TROUBLES,
    has_response,
    headings,
    is_page_shown,
    unknown_finding,
)
from diagnostics.checks.web.redirects import url_host
from diagnostics.evidence.keys import RECORDS, STANDPOINT
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import Exchange
from kb.owners import Owner
from render.i18n import N_

STEPS = (
    N_("In the DNS settings of {host}, compare the AAAA record with the server of your hosting."),
    N_("If your hosting offers no IPv6, delete the AAAA record of {host}."),
    N_("Wait until the change is published, usually within an hour, and check again."),
)
DEAD = FindingMessage(
    id="web.family.one_dead",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("{host} opens over one kind of address only"),
    seen=N_("At {works} the site answers, at {fails} it does not."),
    why=N_("Visitors with the newer kind of connection (IPv6), or with the older one, wait long."),
    steps=STEPS,
)
DIFFERS = FindingMessage(
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
        if _is_ipv6_unseen(case):
            yield unknown_finding(CHECK.id, what="standpoint", detail="no_ipv6_to_compare")
        return
    ipv4, ipv6 = families
    name = url_host(ipv4.url)
    for works, fails in ((ipv4, ipv6), (ipv6, ipv4)):
        if _is_ok(works) and not fails.status and fails.trouble in SILENT_TROUBLES:
            yield DEAD(evidence=("web",), host=name, works=works.ip, fails=fails.ip)
    if has_response(ipv4) and has_response(ipv6) and _is_different(ipv4, ipv6):
        yield DIFFERS(
            evidence=("web",),
            host=name,
            works=ipv4.ip,
            fails=ipv6.ip,
            one=_page_label(ipv4),
            other=_page_label(ipv6),
        )


def _is_ipv6_unseen(case: Case) -> bool:
    """A name with both kinds of addresses, of which our own place can use only the older kind."""
    records, standpoint = case.evidence.get(RECORDS), case.evidence.get(STANDPOINT)
    if records is None or standpoint is None or standpoint.vantage.ipv6:
        return False
    return all(records.values(case.subject.host, kind) for kind in ("A", "AAAA"))


def _is_ok(response: Exchange) -> bool:
    return has_response(response) and response.status < 400


def _is_different(ipv4: Exchange, ipv6: Exchange) -> bool:
    """Whether one is an error and the other not, or both are pages under other headings. Texts
    that change with each visit, and robots turned away once, do not count."""
    if _is_ok(ipv4) != _is_ok(ipv6):
        return not {ipv4.status, ipv6.status} & {403, 406, 429, 503}
    titles = headings(ipv4.excerpt)[:1], headings(ipv6.excerpt)[:1]
    return ipv4.status == ipv6.status == 200 and all(titles) and titles[0] != titles[1]


def _page_label(response: Exchange) -> str:
    """What a visitor would call it: the heading of a page, or the number of an error."""
    return next(iter(headings(response.excerpt)), "") if _is_ok(response) else str(response.status)


def _is_compared(case: Case) -> bool:
    """Whether the site showed a page, and answered well over each kind of address asked at."""
    return is_page_shown(case) and all(map(_is_ok, case.evidence[WEB].families))


CHECK = Check(
    id="web.family",
    title=N_("IPv4 and IPv6 show the same site"),
    needs=(WEB,),
    tolerates=(RECORDS, STANDPOINT),
    messages=(DEAD, DIFFERS),
    judge=judge,
    seen=_is_compared,
    refuted_by=NO_ORDINARY_PAGE,
)
