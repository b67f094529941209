"""Demo domains whose site answers with rarer statuses, through a wall or a CDN, or in two forms."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from lab.account import MEGABYTE, PanelUsage
from lab.answer import Answer, error, page, redirect
from lab.company import CDN, NS
from lab.stories import (
    AGENCY,
    MAIL,
    UPGRADE,
    DemoDomain,
    Story,
    hosted_story,
    panel,
    site,
)
from lab.world import Domain, LabSite

RAY = ("CF-RAY", "8f0c1d2e3a4b5c6d-PRG")
PLAIN = (("Content-Type", "text/plain; charset=utf-8"),)
# Repairs of PHP 8.2 end with 2026, of 8.3 with 2027, and so on.
THIS_YEAR = f"8.{min(datetime.now(UTC).year, 2029) - 2024}"
BEHIND = ("dns.address.behind_cdn",)


def _answers(name: str, story: str, finding: str, answer: Answer) -> Story:
    return hosted_story(DemoDomain(name, story, finding, AGENCY), sites=(site(name, answer),))


def _cdn(name: str, story: str, finding: str, answer: Answer) -> Story:
    marked = replace(answer, headers=(*answer.headers, RAY))
    edge = replace(site(name, marked), server="edge.cirrus.example", http=UPGRADE)
    return hosted_story(
        DemoDomain(name, story, finding, AGENCY, BEHIND),
        domain=Domain(name=name, servers=NS, records=(f"@ A {CDN}", f"www A {CDN}", *MAIL)),
        sites=(edge,),
    )


def _twins(name: str, bare: Answer, www: Answer, http: Answer = UPGRADE) -> tuple[LabSite, ...]:
    return (
        replace(site(name, bare), names=(name,), http=http),
        replace(site(name, www), names=(f"www.{name}",)),
    )


def _php_version(name: str, version: str) -> Story:
    panel_domain = panel(name)
    sites = tuple(replace(panel_site, php=version) for panel_site in panel_domain.sites)
    finding = "hosting.php.ending" if version == THIS_YEAR else "hosting.php.ended"
    row = DemoDomain(name, f"The site runs on PHP {version}.", finding, AGENCY)
    return hosted_story(row, panel_domain=replace(panel_domain, sites=sites))


def _databases(name: str, share: float, finding: str) -> Story:
    limit = 1024 * MEGABYTE
    usage = PanelUsage(
        resource="database", used=int(limit * share), limit=limit, age=timedelta(hours=6)
    )
    row = DemoDomain(name, f"Its databases are {share:.0%} full.", finding, AGENCY)
    return hosted_story(row, panel_domain=panel(name, usage=(usage,)))


STORIES: tuple[Story, ...] = (
    _answers("loft.example", "The site says that nothing more can be stored.",
             "web.site.storage_full", error(507)),
    _answers("lockbox.example", "A password protects the whole site.",
             "web.site.password", error(401)),
    _answers("doorbell.example", "The server says that this is not its site.",
             "web.site.misdirected", error(421)),
    _answers("suitcase.example", "The server finds every request too large.",
             "web.site.request_too_large", error(431)),
    _answers("curtain.example", "The site is withheld for legal reasons.",
             "web.site.legal", error(451)),
    _answers("grumble.example", "The site refuses ordinary requests.",
             "web.site.refuses_request", error(400)),
    _answers("footpath.example", "A redirect does not say where to.",
             "web.site.leads_nowhere", Answer(status=302, body="")),
    _answers("gibberish.example", "The site answers with a number that HTTP does not know.",
             "web.site.odd_status", Answer(status=777, body="Hello.")),
    _answers("riverside.example", "A question to robots stands in the site's place.",
             "web.site.checks_blocked", page("Just a moment...", "Verifying that you are human.")),
    _cdn("nimbus.example", "A rule at the CDN refuses visitors.",
         "web.site.cdn_refuses", error(403, "error code: 1020")),
    _cdn("stratus.example", "The CDN does not accept the server's certificate.",
         "web.site.origin_certificate", error(526)),
    _cdn("cumulus.example", "The CDN cannot resolve the server's name.",
         "web.site.origin_name", error(530, "Error 1016: Origin DNS error")),
    _cdn("haze.example", "The CDN waits for the server in vain.",
         "web.site.origin_slow", error(524)),
    hosted_story(
        DemoDomain("gemini.example", "With and without www, two different sites.",
                   "web.www.two_sites", AGENCY),
        sites=_twins("gemini.example", page("The old shop"), page("The new shop")),
    ),
    hosted_story(
        DemoDomain("mirrorball.example", "One site under two addresses.",
                   "web.www.no_canonical", AGENCY, ("web.headers.missing",)),
    ),
    hosted_story(
        DemoDomain("shortcut.example", "The plain address leads straight to another name.",
                   "web.redirect.first_hop", AGENCY),
        sites=_twins("shortcut.example", redirect("https://www.shortcut.example{path}"),
                     page("Shortcut"), redirect("https://www.shortcut.example{path}")),
    ),
    hosted_story(
        DemoDomain("signet.example", "Its security contact has run out.",
                   "web.headers.contact_expired", AGENCY),
        sites=(site("signet.example", paths=(
            ("/.well-known/security.txt",
             Answer(body="Contact: mailto:a@signet.example\nExpires: 2024-01-01T00:00:00Z\n",
                    headers=PLAIN)),)),),
    ),
    _php_version("relic.example", "7.4"),
    _php_version("vintage.example", THIS_YEAR),
    _databases("ledger.example", 0.95, "hosting.database.near"),
    _databases("archive.example", 1.02, "hosting.database.over"),
)  # fmt: skip
