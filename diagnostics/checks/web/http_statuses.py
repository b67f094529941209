"""Messages for HTTP status codes of a website, one for each family (RFC 9110 and common use)."""

from __future__ import annotations

import re
from http import HTTPStatus

from diagnostics.checks.web import bot_protection, cdn_origin
from diagnostics.checks.web.redirect_hops import refresh_target
from diagnostics.model import FindingMessage, Severity
from explain.responders import identify_cdn
from facts import Exchange
from kb.owners import Owner
from render.i18n import N_
from render.message_format import Argument

SERVER_ERROR = FindingMessage(
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
GATEWAY = FindingMessage(
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
UNAVAILABLE = FindingMessage(
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
LIMIT = FindingMessage(
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
TRAFFIC = FindingMessage(
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
FORBIDDEN = FindingMessage(
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
MISSING = FindingMessage(
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
STORAGE = FindingMessage(
    id="web.site.storage_full",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The website has no room left to work ({status:code})"),
    seen=N_("{url} answered “{status:code} {reason}” and says that nothing more can be stored."),
    why=N_("Visitors see an error, and nothing can be saved or uploaded."),
    steps=(
        N_("In your hosting panel, open the disk usage and see which folders are largest."),
        N_("Delete old backups, logs and caches, or order more space."),
    ),
)
PASSWORD = FindingMessage(
    id="web.site.password",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("The website asks for a password ({status:code})"),
    seen=N_("{url} answered “{status:code} {reason}”."),
    why=N_("Only those who know the password see the site; search engines see nothing."),
    steps=(
        N_("If that is meant so, for a site under construction, there is nothing to do."),
        N_("If not, turn off “protected folders” in your hosting panel, or look into .htaccess."),
    ),
)
MISDIRECTED = FindingMessage(
    id="web.site.misdirected",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The server says that {host} is not its site (421)"),
    seen=N_("{url} answered “{status:code} {reason}”."),
    why=N_("The secure connection and the name do not belong together at this server."),
    steps=(
        N_("Restart your browser; it may be using a connection that belongs to another site."),
        N_("If it stays, the site's name is missing in the server's settings: write to support."),
    ),
)
TOO_LARGE = FindingMessage(
    id="web.site.request_too_large",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The website finds the request too large ({status:code})"),
    seen=N_("{url} answered “{status:code} {reason}”."),
    why=N_("Addresses, cookies or uploads are larger than the server allows."),
    steps=(
        N_("Delete the cookies of the site in your browser and try again."),
        N_("For uploads, raise post_max_size and upload_max_filesize in the PHP settings."),
        N_("If a redirect makes the address longer and longer, correct the redirect."),
    ),
)
LEGAL = FindingMessage(
    id="web.site.legal",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("The website is withheld for legal reasons (451)"),
    seen=N_("{url} answered “{status:code} {reason}”."),
    why=N_("It may be withheld in some countries only, or from everybody."),
    steps=(
        N_("Look into your e-mail for a message about it, and into the rules of your CDN."),
        N_("If you did not set it and know of nothing, write to support."),
    ),
)
REFUSES = FindingMessage(
    id="web.site.refuses_request",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The website refuses an ordinary request ({status:code})"),
    seen=N_("{url} answered “{status:code} {reason}”."),
    why=N_("Some visitors may see this error instead of your pages."),
    steps=(
        N_("Look into .htaccess and security plugins for a rule that refuses requests."),
        N_("In your hosting panel, open the error log; it may name the reason."),
    ),
)
ODD = FindingMessage(
    id="web.site.odd_status",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The website answers with a number that means nothing ({status:code})"),
    seen=N_("{url} answered “{status:code}”; the numbers that browsers know end at 599."),
    why=N_(
        "Browsers may show the page, but search engines and other programs take it for an error."
    ),
    steps=(
        N_("Look into the site's program and its security plugins for what sends this number."),
        N_("If there is a firewall or CDN before the site, look into its log and its rules."),
    ),
)
NO_TARGET = N_("That sends visitors on, but does not say where to.")
NOT_CHANGED = N_("That means “use the copy you have”, and a new visitor has none.")
NOWHERE = FindingMessage(
    id="web.site.leads_nowhere",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The website sends visitors on, but not to anywhere ({status:code})"),
    seen=N_("{url} answered “{status:code} {reason}”. {problem:said}"),
    why=N_("Browsers show an empty page instead of the site."),
    steps=(
        N_("In your hosting panel, open Redirects and see whether a rule has no target."),
        N_("Look into .htaccess and the site's own settings for a redirect with an empty address."),
        N_("If you find none, turn off plugins for redirects and caches, one by one."),
    ),
    hides=("web.pages.", "web.www.", "web.redirect.no_https"),
)

MESSAGE_BY_STATUS: dict[int, FindingMessage] = {
    401: PASSWORD,
    403: FORBIDDEN,
    404: MISSING,
    407: PASSWORD,
    410: MISSING,
    413: TOO_LARGE,
    414: TOO_LARGE,
    421: MISDIRECTED,
    431: TOO_LARGE,
    451: LEGAL,
    502: GATEWAY,
    503: UNAVAILABLE,
    504: GATEWAY,
    507: STORAGE,
    508: LIMIT,
    509: TRAFFIC,
}
REDIRECTS = (301, 302, 303, 307, 308)
MIN_PAGE_LETTERS = 600  # letters; what is shorter is the server's own note about the redirect
_TAGS = re.compile(r"<[^<>]{0,200}>")
NO_ROOM = re.compile(r"no space left on device|disk quota exceeded|\bENOSPC\b", re.IGNORECASE)
MESSAGES = (
    SERVER_ERROR,
    GATEWAY,
    UNAVAILABLE,
    STORAGE,
    LIMIT,
    TRAFFIC,
    *cdn_origin.MESSAGES,
    FORBIDDEN,
    PASSWORD,
    MISSING,
    MISDIRECTED,
    TOO_LARGE,
    LEGAL,
    REFUSES,
    NOWHERE,
    ODD,
    bot_protection.CDN_REFUSES,
    bot_protection.TURNED_AWAY,
)


def status_message(
    response: Exchange, host: str
) -> tuple[FindingMessage, dict[str, Argument]] | None:
    """What the end of a walk says by its status, or by a wall that answered in the site's place."""
    args: dict[str, Argument] = {
        "url": response.url,
        "host": host,
        "status": str(response.status),
        "reason": _reason_phrase(response),
    }
    if number := bot_protection.cdn_refusal_number(response):
        return bot_protection.CDN_REFUSES, args | {"cdn": identify_cdn(response), "number": number}
    vendor = bot_protection.protection_vendor(response)
    if vendor is not None:
        vendor_sentence = bot_protection.VENDOR_SENTENCE if vendor else ""
        return bot_protection.TURNED_AWAY, args | {"by": vendor_sentence, "wall": vendor}
    if response.status in cdn_origin.STATUSES:
        message, problem = cdn_origin.origin_problem(response)
        return message, args | {"problem": problem}
    if problem := _dead_redirect_reason(response):
        return NOWHERE, args | {"problem": problem}
    return (_message_for_status(response), args) if response.status >= 400 else None


def _dead_redirect_reason(response: Exchange) -> str:
    """Why a redirect leads nowhere, as a sentence; "" for all that shows or leads to something.
    We never ask for “only if changed”. A whole page beside the status is shown by browsers."""
    if len(
        " ".join(_TAGS.sub(" ", response.excerpt[:20_000]).split())
    ) >= MIN_PAGE_LETTERS or refresh_target(response):
        return ""
    if response.status == 304:
        return NOT_CHANGED
    return NO_TARGET if response.status in REDIRECTS and not response.header("location") else ""


def _message_for_status(response: Exchange) -> FindingMessage:
    if response.status >= 500 and NO_ROOM.search(response.excerpt[:20_000]):
        return STORAGE
    if response.status >= 600:
        return ODD  # no family of HTTP (RFC 9110, 15): it need not be a failure of the server
    return MESSAGE_BY_STATUS.get(
        response.status, SERVER_ERROR if response.status >= 500 else REFUSES
    )


def _reason_phrase(response: Exchange) -> str:
    """The words beside the number; HTTP/1.1 lets servers leave them out."""
    standard = {int(status): status.phrase for status in HTTPStatus}
    return response.reason or standard.get(response.status, "error")
