"""Messages for errors by which a CDN reports that it cannot reach its origin server.

The numbers are Cloudflare's (520 to 527, 530 with 1016), which others have taken over.
"""

from __future__ import annotations

import re

from diagnostics.model import FindingMessage, Severity
from facts import Exchange
from kb.owners import Owner
from render.i18n import N_

ORIGIN = FindingMessage(
    id="web.site.origin_error",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The CDN cannot reach the server behind the site ({status:code})"),
    seen=N_("{url} answered “{status:code} {reason}”. This number comes from the CDN. {problem:said}"),
    why=N_("Visitors see the CDN's error page, although the CDN itself works."),
    steps=(
        N_("At the CDN, check the origin address: it has to be your server's present one."),
        N_("Ask whoever runs the server whether it is up and whether it blocks the CDN."),
        N_("If we run it, send this report to support."),
    ),
)  # fmt: skip
CERTIFICATE = FindingMessage(
    id="web.site.origin_certificate",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The CDN does not accept the certificate of the server behind the site"),
    seen=N_("{url} answered “{status:code} {reason}”. {problem:said}"),
    why=N_("The CDN refuses to fetch the site, so nobody sees it."),
    steps=(
        N_("In your hosting panel, install or renew the certificate of {host}."),
        N_("Or install an origin certificate that the CDN itself issues for its servers."),
        N_("Until then, the mode “Full” instead of “Full (strict)” opens the site, less safely."),
    ),
)
NAME = FindingMessage(
    id="web.site.origin_name",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The CDN does not know where the server behind {host} is"),
    seen=N_("{url} answered “{status:code} {reason}”: it cannot resolve the name of the origin."),
    why=N_("The CDN has nowhere to fetch the site from, so nobody sees it."),
    steps=(
        N_("At the CDN, open the DNS records of {host} and look what they point to."),
        N_("Set the present address of your hosting there; a name it points to may be gone."),
    ),
)
SLOW = FindingMessage(
    id="web.site.origin_slow",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The site takes so long that the CDN gives up (524)"),
    seen=N_(
        "{url} answered “{status:code} {reason}”: the server took the request and sent nothing."
    ),
    why=N_("Visitors see the CDN's error page, mostly after a minute and a half of waiting."),
    steps=(
        N_("If it is one page only, its program does too much at once: ask whoever made the site."),
        N_("If all pages are slow, see in your hosting panel whether a limit is hit."),
        N_("Long tasks belong into a scheduled task (cron), not into a page."),
    ),
)
PROBLEMS = {
    520: N_("The server gave an answer that the CDN cannot use."),
    521: N_("The server refuses the CDN's connection: it is down, or its firewall blocks the CDN."),
    522: N_("The server does not answer the CDN: it is down, or its firewall blocks the CDN."),
    523: N_("There is no way to the address of the server."),
    525: N_("No secure connection to the server could be made; it may have no certificate."),
    526: N_("The server's certificate has expired, is for another name, or is not trusted."),
    527: N_("The connection between the CDN and the server broke."),
    530: N_("The CDN cannot use the origin as it is set."),
}
STATUSES = (*range(520, 528), 530)
_NO_NAME = re.compile(r"\b1016\b")


def origin_problem(response: Exchange) -> tuple[FindingMessage, str]:
    """What a CDN's number means: the finding, and the problem as a sentence."""
    problem = PROBLEMS.get(response.status, "")
    if response.status in (525, 526):
        return CERTIFICATE, problem
    if response.status == 524:
        return SLOW, problem
    if response.status == 530 and _NO_NAME.search(response.excerpt[:8_000]):
        return NAME, problem
    return ORIGIN, problem


MESSAGES = (ORIGIN, CERTIFICATE, NAME, SLOW)
