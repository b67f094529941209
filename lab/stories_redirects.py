"""Demo domains whose redirects are made in a wrong way, and answers that break off."""

from __future__ import annotations

from dataclasses import replace

from lab.answer import Answer, Flow, error, flowing, page, redirect
from lab.company import ATTIC_V6, CDN, NOWHERE_V6, NS
from lab.stories import AGENCY, MAIL, UPGRADE, DemoDomain, Story, hosted_story, panel, site, zone
from lab.world import Domain, LabSite

RAY = ("CF-RAY", "8f0c1d2e3a4b5c6d-PRG")


def _with_headers(answer: Answer, *headers: tuple[str, str]) -> Answer:
    return replace(answer, headers=(*answer.headers, *headers))


def at_cdn(row: DemoDomain, https: Answer, http: Answer = UPGRADE) -> Story:
    """A site at the CDN's edge, with the mark that a well-known one leaves."""
    records = (f"@ A {CDN}", f"www A {CDN}", *MAIL)
    edge = replace(
        site(row.name, _with_headers(https, RAY), http=http), server="edge.cirrus.example"
    )
    return hosted_story(
        row, domain=Domain(name=row.name, servers=NS, records=records), sites=(edge,)
    )


def _shows(name: str, answer: Answer, story: str, finding: str) -> Story:
    return hosted_story(DemoDomain(name, story, finding, AGENCY), sites=(site(name, answer),))


def _ipv6_story(name: str, address: str, story: str) -> Story:
    """A site whose IPv6 address leads elsewhere."""
    records = (f"@ AAAA {address}", f"www AAAA {address}")
    attic = LabSite(
        names=(name, f"www.{name}"),
        server="attic.polaris.example",
        http=UPGRADE,
        https=page("Before the move"),
    )
    sites = (site(name), attic) if address == ATTIC_V6 else (site(name),)
    base = panel(name)
    panel_domain = replace(
        base, sites=tuple(replace(s, addresses=(*s.addresses, address)) for s in base.sites)
    )
    row = DemoDomain(name, story, "", AGENCY)
    return hosted_story(row, domain=zone(name, *records), sites=sites, panel_domain=panel_domain)


STORIES: tuple[Story, ...] = (
    at_cdn(
        DemoDomain(
            "merrygoround.example",
            "The CDN fetches it without encryption, the server wants https.",
            "web.redirect.cdn_flexible",
            AGENCY,
            ("dns.address.behind_cdn",),
        ),
        redirect("https://{host}{path}"),
        _with_headers(redirect("https://{host}{path}"), RAY),
    ),
    hosted_story(
        DemoDomain(
            "window.example",
            "The plain address stays plain, and https works.",
            "web.redirect.no_https",
            AGENCY,
        ),
        sites=(site("window.example", http=page("Window")),),
    ),
    hosted_story(
        DemoDomain(
            "arrow.example",
            "The page itself sends visitors on.",
            "web.redirect.meta_refresh",
            AGENCY,
        ),
        sites=(
            site(
                "arrow.example",
                Answer(
                    body='<html><head><meta http-equiv="refresh" content="0; url=/shop/">'
                    "<title>One moment</title></head></html>",
                    headers=(("Content-Type", "text/html"),),
                ),
                paths=(("/shop/", page("Shop")),),
            ),
        ),
    ),
    hosted_story(
        DemoDomain(
            "yoyo.example",
            "The page sends visitors to itself, without end.",
            "web.redirect.reloads",
            AGENCY,
        ),
        sites=(
            site(
                "yoyo.example",
                Answer(
                    body='<html><head><meta http-equiv="refresh" content="0; url=/">'
                    "<title>One moment</title></head></html>",
                    headers=(("Content-Type", "text/html"),),
                ),
            ),
        ),
    ),
    hosted_story(
        DemoDomain(
            "guestroom.example",
            "The way to https is marked as temporary, by WordPress.",
            "web.redirect.temporary",
            AGENCY,
        ),
        sites=(
            site(
                "guestroom.example",
                http=_with_headers(
                    redirect("https://{host}{path}", 302), ("X-Redirect-By", "WordPress")
                ),
            ),
        ),
    ),
    hosted_story(
        DemoDomain(
            "torn.example",
            "The answer breaks off.",
            "web.site.broken_answer",
            AGENCY,
        ),
        sites=(site("torn.example", flowing(Flow.CUT)),),
    ),
    _shows(
        "semicolon.example",
        error(500, "PHP Fatal error: Uncaught Error: Call to undefined function menu()"),
        "A program stops with an error.",
        "web.site.program_error",
    ),
    _ipv6_story("mirrors.example", ATTIC_V6, "IPv6 shows an old site; seen from where IPv6 works."),
    _ipv6_story("lopsided.example", NOWHERE_V6, "IPv6 leads nowhere; seen from where IPv6 works."),
    _shows(
        "comma.example",
        error(500, "The server encountered an internal error or misconfiguration."),
        "A line in .htaccess is mistyped.",
        "web.site.htaccess_error",
    ),
    _shows(
        "scaffold.example",
        error(503, "Briefly unavailable for scheduled maintenance. Check back in a minute."),
        "An update left the maintenance mode on.",
        "web.site.maintenance",
    ),
    _shows(
        "billboard.example",
        page("billboard.example", "<h1>This domain is for sale</h1>"),
        "A page of a parked domain is shown.",
        "web.site.parked",
    ),
    hosted_story(
        DemoDomain(
            "mixup.example",
            "The plain port expects encryption.",
            "web.site.https_on_port80",
            AGENCY,
        ),
        sites=(
            site(
                "mixup.example",
                http=replace(
                    page("400", "The plain HTTP request was sent to HTTPS port"), status=400
                ),
            ),
        ),
    ),
)
