"""Detects bot protection in front of a site: the vendor, and its refusals. Used by http_statuses.py.

What such a wall shows is no word of the site itself; people may see the site as usual.
"""

from __future__ import annotations

import re

from diagnostics.checks.readings import headings
from diagnostics.model import FindingMessage, Severity
from explain.responders import identify_cdn
from facts import Exchange
from kb.owners import Owner
from render.i18n import N_

TURNED_AWAY = FindingMessage(
    id="web.site.checks_blocked",
    severity=Severity.NOTICE,
    owner=Owner.NOBODY,
    title=N_("The website's protection turned our check away"),
    seen=N_("{url} answered “{status:code} {reason}”, the way protection against robots does. {by:said}"),
    why=N_("People may see the site as usual; we cannot tell from here."),
    steps=(
        N_("Open the site on a phone with Wi-Fi off. If it opens, all is well."),
        N_("If you see the same there, look at the firewall settings of the site or its CDN."),
    ),
)  # fmt: skip
CDN_REFUSES = FindingMessage(
    id="web.site.cdn_refuses",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("A rule at the CDN refuses visitors of {host}"),
    seen=N_("{url} answered with {cdn}'s own error {number}."),
    why=N_("Whoever the rule is meant for sees “access denied”; it may be more than you intend."),
    steps=(
        N_("At {cdn}, open the firewall's event log and find which rule answered."),
        N_("Narrow or remove the rule; check also blocked countries and addresses."),
        N_("If people see the site as usual, the rule may be meant only for robots like us."),
    ),
)
VENDOR_SENTENCE = N_("It is {wall}.")
VENDOR_HEADERS = (
    ("cf-mitigated", "Cloudflare"),
    ("x-sucuri-block", "Sucuri"),
    ("x-datadome", "DataDome"),
    ("x-amzn-waf-action", "AWS WAF"),
)
# Words of a wall's own page, and whose they are; "" when many share them.
VENDOR_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"imunify360|webshield", re.IGNORECASE), "Imunify360"),
    (re.compile(r"mod_security|modsecurity", re.IGNORECASE), "ModSecurity"),
    (re.compile(r"wordfence", re.IGNORECASE), "Wordfence"),
    (re.compile(r"ddos-guard", re.IGNORECASE), "DDoS-Guard"),
    (re.compile(r"sucuri website firewall", re.IGNORECASE), "Sucuri"),
    (re.compile(r"incapsula|imperva", re.IGNORECASE), "Imperva"),
    (re.compile(r"litespeed.{0,40}recaptcha", re.IGNORECASE), "LiteSpeed"),
)
# What a wall shows instead of the site, in its heading; such pages come with 200 as well.
CHALLENGE_HEADINGS = re.compile(
    r"^just a moment|^attention required!|^one moment,? please|^checking your browser"
    r"|^(?:bot|human) verification|^security (?:check|verification)|^are you (?:a )?(?:human|robot)"
    r"|^verify(?:ing)? (?:that )?you are (?:a )?human|^ddos-guard|^please wait\.{0,3} ?verifying",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"error(?: code)?:? ?(10(?:0[6-9]|1[0-5]|20))\b", re.IGNORECASE)
ROBOT_STATUSES = (
    406,
    418,
    429,
    999,
)  # what walls answer; nobody else does to a plain GET of a page
REFUSAL_STATUSES = (401, 403, 405, 503)


def protection_vendor(response: Exchange) -> str | None:
    """Whose wall answered, "" when it does not say; None when none did."""
    vendor = next((name for header, name in VENDOR_HEADERS if response.header(header)), "")
    if vendor:
        return vendor
    page = response.excerpt[:8_000]
    vendor_in_page = next((name for pattern, name in VENDOR_PATTERNS if pattern.search(page)), "")
    is_challenge = any(CHALLENGE_HEADINGS.search(heading) for heading in headings(response.excerpt))
    is_challenged = bool(identify_cdn(response)) and "challenge" in page.lower()
    if is_challenge or (response.status in REFUSAL_STATUSES and (vendor_in_page or is_challenged)):
        return vendor_in_page or identify_cdn(response)
    return vendor_in_page or identify_cdn(response) if response.status in ROBOT_STATUSES else None


def cdn_refusal_number(response: Exchange) -> str:
    """The number of a CDN's own refusal (Cloudflare 1006 to 1015, 1020), or ""."""
    match = (
        _NUMBER.search(response.excerpt[:8_000])
        if response.status in (403, 429) and identify_cdn(response)
        else None
    )
    return match[1] if match else ""
