"""Check of security headers and of security.txt.

Never more than a note: a site works without them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from diagnostics.checks.readings import has_response
from diagnostics.checks.web.redirects import url_host
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import Exchange
from kb.owners import Owner
from render.i18n import N_

MISSING = FindingMessage(
    id="web.headers.missing",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("{host} leaves some protection of browsers unused"),
    seen=N_("{url} came without {absent:list}."),
    why=N_("These headers make it harder to misuse a site. It works without them."),
    steps=(
        N_("Ask whoever made the site to set them, one after another, and to test each."),
        N_("Begin with X-Content-Type-Options: nosniff; it rarely disturbs anything."),
    ),
)
EXPIRED = FindingMessage(
    id="web.headers.contact_expired",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("The security contact of {host} has run out"),
    seen=N_("{url} says that it is valid until {expires:datetime}."),
    why=N_("Whoever finds a hole in the site is told not to trust the contact any more."),
    steps=(N_("Renew the line “Expires” in the file security.txt (RFC 9116)."),),
)


def judge(case: Case) -> Iterable[Finding]:
    web, secure_pages = case.evidence[WEB], _secure_pages(case)
    if secure_pages and (absent := _missing_headers(secure_pages[0])):
        page = secure_pages[0]
        yield MISSING(evidence=("web",), host=url_host(page.url), url=page.url, absent=absent)
    contact = web.contact
    if contact is not None and has_response(contact) and contact.status == 200:
        until = _contact_expiry(contact.excerpt)
        if until is not None and until < case.at:
            yield EXPIRED(
                evidence=("web",),
                host=url_host(contact.url),
                url=contact.url,
                expires=until.isoformat(),
            )


def _secure_pages(case: Case) -> list[Exchange]:
    chains = case.evidence[WEB].chains
    last_responses = (c.last for c in chains if c.hops and c.outcome == "arrived")
    return [
        x
        for x in last_responses
        if has_response(x) and x.status == 200 and x.url.startswith("https:")
    ]


def _missing_headers(page: Exchange) -> list[str]:
    policy = page.header("content-security-policy").lower()
    framed = page.header("x-frame-options") or "frame-ancestors" in policy
    headers = (
        ("Strict-Transport-Security", page.header("strict-transport-security")),
        ("X-Content-Type-Options", page.header("x-content-type-options")),
        ("X-Frame-Options", framed),
        ("Referrer-Policy", page.header("referrer-policy")),
        ("Content-Security-Policy", policy),
    )
    return [name for name, is_present in headers if not is_present]


def _contact_expiry(text: str) -> datetime | None:
    """The date of “Expires” (RFC 9116, 2.5.5); None without one, or when it cannot be read."""
    for line in text[:4_000].splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "expires":
            try:
                expiry = datetime.fromisoformat(value.strip())
            except ValueError:
                return None
            return expiry if expiry.tzinfo else None
    return None


CHECK = Check(
    id="web.headers",
    title=N_("Headers that protect visitors"),
    needs=(WEB,),
    messages=(MISSING, EXPIRED),
    judge=judge,
    seen=_secure_pages,
)
