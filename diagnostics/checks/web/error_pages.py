"""Check of error pages for their cause: database, program, .htaccess, maintenance, parking, ports.

Read from the words that well-known programs and servers print; only where a page did not open as
it should, or where its heading says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from diagnostics.checks.readings import (
    NO_ORDINARY_PAGE,
    has_response,
    headings,
    is_page_shown,
)
from diagnostics.checks.web.redirects import url_host
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import Exchange
from kb.owners import Owner
from render.i18n import N_

STATUS_FINDINGS = ("web.site.server_error", "web.site.unavailable")

DATABASE = FindingMessage(
    id="web.site.database_error",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The website cannot reach its database"),
    seen=N_("{url} shows: “{words}”."),
    why=N_("Visitors see an error instead of your pages; the pages themselves are not lost."),
    steps=(
        N_("Look at the status page for an open incident of the databases."),
        N_("In the site's settings (wp-config.php, for example), compare name, user, password and "
           "server of the database with those in your hosting panel."),
        N_("If nothing has changed there, send this report to support."),
    ),
    hides=STATUS_FINDINGS,
)  # fmt: skip
PROGRAM = FindingMessage(
    id="web.site.program_error",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The website's program stops with an error"),
    seen=N_("{url} shows: “{words}”."),
    why=N_("Visitors see an error, or a page that breaks off."),
    steps=(
        N_("Undo the last change: an update, a new plugin, another PHP version."),
        N_("In your hosting panel, open the error log; its last lines name the file that fails."),
        N_("In WordPress, rename the folder of the plugin named there; that turns it off."),
    ),
    hides=STATUS_FINDINGS,
)
HTACCESS = FindingMessage(
    id="web.site.htaccess_error",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The web server cannot read the settings of the site"),
    seen=N_("{url} shows the server's own page about an internal error or misconfiguration."),
    why=N_("Mostly a line in the .htaccess file is mistyped or not allowed; no page opens."),
    steps=(
        N_("Rename the .htaccess file for a moment. If the site opens, the fault is in it."),
        N_("In your hosting panel, open the error log; it names the line."),
        N_("Take back the last change, or the plugin that wrote there."),
    ),
    hides=STATUS_FINDINGS,
)
MAINTENANCE = FindingMessage(
    id="web.site.maintenance",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The website is in maintenance mode"),
    seen=N_("{url} shows: “{words}”."),
    why=N_("Visitors see that notice instead of your pages until the mode is switched off."),
    steps=(
        N_("If an update is running, wait a few minutes."),
        N_("In WordPress, delete a file named .maintenance left over in the site's folder."),
        N_("Otherwise switch the maintenance mode off in the site's own settings."),
    ),
    hides=STATUS_FINDINGS,
)
PARKED = FindingMessage(
    id="web.site.parked",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("Visitors of {start} see a page of a parked domain"),
    seen=N_("{url} shows: “{words}”."),
    why=N_("Such pages stand where nobody has a site, or where a domain was lost."),
    steps=(
        N_("Check above whether the domain is still registered and paid."),
        N_("Check that its name servers and address records are those of your hosting."),
        N_("If a redirect leads there, correct its target in your hosting panel."),
    ),
    hides=("web.redirect.foreign_host", "web.redirect.observed_not_set", "web.site.default_page"),
)
HTTPS_ON_80 = FindingMessage(
    id="web.site.https_on_port80",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The plain address of {start} expects encryption"),
    seen=N_("{url} answered that a plain request was sent to a port for https."),
    why=N_("Whoever opens the site without https:// sees an error."),
    steps=(
        N_("If you run the server yourself, let port 80 serve plain http, and port 443 https."),
        N_("Otherwise send this report to support."),
    ),
    hides=("web.www.", "web.site.refuses_request"),
)

# Bounded repetition only, so that a page made to be slow to read is not.
ERROR_PATTERNS: tuple[tuple[FindingMessage, re.Pattern[str]], ...] = (
    (DATABASE, re.compile(
        r"error establishing a database connection|SQLSTATE\[\w{1,9}\][^<]{0,60}"
        r"|(?:mysqli?|pg|PDO)\w{0,20}\W{1,4}\w{0,12}connect[^<]{0,60}(?:denied|refused|many)"
        r"|too many connections|access denied for user|mysql server has gone away"
        r"|could not connect to (?:the )?(?:database|mysql)|database connection (?:error|failed)"
        r"|chyba (?:při )?připojení k databázi", re.IGNORECASE)),
    (PROGRAM, re.compile(
        r"(?:php )?fatal error(?:</b>)?:[^<]{0,90}|parse error(?:</b>)?:[^<]{0,20}syntax error"
        r"|allowed memory size of \d{1,15} bytes exhausted|maximum execution time of \d{1,6} sec"
        r"|there has been a critical error on (?:this|your) website"
        r"|uncaught (?:\w{1,30}\\)?\w{0,30}(?:error|exception)\b", re.IGNORECASE)),
    (HTACCESS, re.compile(
        r"the server encountered an internal error or\s{1,4}misconfiguration", re.IGNORECASE)),
)  # fmt: skip
MAINTENANCE_WORDS = re.compile(
    r"briefly unavailable for scheduled maintenance|(?:site|website|web) (?:is )?"
    r"(?:currently )?(?:under|down for|in) maintenance|maintenance mode|^maintenance$"
    r"|(?:režim|rezim) údržby|probíhá údržba|web je v údržbě",
    re.IGNORECASE,
)
PARKING_WORDS = re.compile(
    r"domain (?:name )?(?:is|may be) for sale|buy this domain|domain (?:is )?parked"
    r"|parked (?:domain|free)|this domain has expired|dom[ée]na je na prodej"
    r"|dom[ée]na je zaparkov|domain (?:steht )?zu verkaufen",
    re.IGNORECASE,
)
HTTPS_PORT_WORDS = re.compile(
    r"plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled",
    re.IGNORECASE,
)
_TAGS = re.compile(r"<[^<>]{0,200}>")


def judge(case: Case) -> Iterable[Finding]:
    reported: set[str] = set()
    for chain in case.evidence[WEB].chains:
        fault = _page_fault(chain.last) if chain.hops and has_response(chain.last) else None
        if fault is None or fault[0].id in reported:
            continue
        message, words = fault
        reported.add(message.id)
        start, url = url_host(chain.start), chain.last.url
        yield message(evidence=("web",), start=start, url=url, words=words)


def _page_fault(response: Exchange) -> tuple[FindingMessage, str] | None:
    """What a page says is wrong, in its own words."""
    page = response.excerpt[:20_000]
    if (
        response.url.startswith("http:")
        and response.status == 400
        and HTTPS_PORT_WORDS.search(page)
    ):
        return HTTPS_ON_80, ""
    text = " ".join(_TAGS.sub("", page).split())
    # A page that opens may speak of errors; only a short one is nothing but the error.
    if response.status >= 500 or len(text) < 600:
        for message, pattern in ERROR_PATTERNS:
            if match := pattern.search(text):
                return message, match[0][:120]
    for heading in headings(page):
        if MAINTENANCE_WORDS.search(heading):
            return MAINTENANCE, heading
        if PARKING_WORDS.search(heading):
            return PARKED, heading
    maintenance = MAINTENANCE_WORDS.search(text) if response.status == 503 else None
    return (MAINTENANCE, maintenance[0]) if maintenance else None


CHECK = Check(
    id="web.faults",
    title=N_("The pages show no fault of their own"),
    needs=(WEB,),
    messages=(DATABASE, PROGRAM, HTACCESS, MAINTENANCE, PARKED, HTTPS_ON_80),
    judge=judge,
    seen=is_page_shown,
    refuted_by=NO_ORDINARY_PAGE,
)
