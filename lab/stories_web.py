"""Demo domains whose web site is broken: redirects, certificates, error pages, silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from lab.account import PanelRedirect
from lab.answer import GREETING, LISTING, NO_DATABASE, Answer, error, page, redirect
from lab.certificates import Cert
from lab.company import CDN, NS
from lab.stories import (
    AGENCY,
    MAIL,
    STUDIO,
    UPGRADE,
    DemoDomain,
    Story,
    hosted_story,
    panel,
    site,
    zone,
)
from lab.world import Domain, LabSite

REDIRECTS: tuple[Story, ...] = (
    hosted_story(
        DemoDomain(
            "bistro.example",
            "http and https send each other round.",
            "web.redirect.loop",
            STUDIO,
        ),
        sites=(site("bistro.example", redirect("http://{host}{path}")),),
    ),
    hosted_story(
        DemoDomain(
            "carousel.example", "Two pages send each other round.", "web.redirect.loop", AGENCY
        ),
        sites=(
            site(
                "carousel.example",
                redirect("/home/"),
                paths=(("/home", redirect("/start/")), ("/start", redirect("/home/"))),
            ),
        ),
    ),
    hosted_story(
        DemoDomain(
            "staircase.example",
            "Every page sends one step further.",
            "web.redirect.too_many",
            AGENCY,
        ),
        sites=(
            site(
                "staircase.example",
                redirect("/step/1"),
                paths=(("/step/", redirect("/step/{next}")),),
            ),
        ),
    ),
    hosted_story(
        DemoDomain(
            "compass.example",
            "Sends visitors to a name that does not exist.",
            "web.redirect.wrong_host",
            AGENCY,
        ),
        sites=(site("compass.example", redirect("https://shop.compas.example/")),),
    ),
    hosted_story(
        DemoDomain(
            "umbrella.example",
            "The secure address sends visitors to the insecure one.",
            "web.redirect.downgrade",
            AGENCY,
        ),
        sites=(
            site(
                "umbrella.example",
                redirect("http://{host}/plain/"),
                http=page("Umbrella"),
            ),
        ),
    ),
    hosted_story(
        DemoDomain(
            "signpost.example",
            "A redirect is set in the panel, and the site does not do it.",
            "web.redirect.set_not_observed",
            STUDIO,
        ),
        panel_domain=panel(
            "signpost.example",
            redirects=(
                PanelRedirect(source="signpost.example", target="https://orchard.example/"),
            ),
        ),
    ),
    hosted_story(
        DemoDomain(
            "detour.example",
            "The site sends visitors away, and the panel knows nothing of it.",
            "web.redirect.observed_not_set",
            STUDIO,
        ),
        sites=(site("detour.example", redirect("https://tower.example/")),),
    ),
    hosted_story(
        DemoDomain(
            "vane.example",
            "The panel says one target, the site goes to another.",
            "web.redirect.leads_elsewhere",
            AGENCY,
        ),
        sites=(site("vane.example", redirect("https://tower.example/")),),
        panel_domain=panel(
            "vane.example",
            redirects=tuple(
                PanelRedirect(source=host, target="https://orchard.example/")
                for host in ("vane.example", "www.vane.example")
            ),
        ),
    ),
    hosted_story(
        DemoDomain(
            "drawer.example",
            "The site is served from a wrong, empty folder.",
            "web.root.wrong_folder",
            AGENCY,
        ),
        sites=(site("drawer.example", LISTING),),
        panel_domain=panel("drawer.example", expected_root="/srv/www/drawer.example/public"),
    ),
)
TLS: tuple[Story, ...] = (
    hosted_story(
        DemoDomain(
            "potter.example",
            "Shows the certificate of the server.",
            "tls.certificate.wrong_name",
            STUDIO,
        ),
        sites=(site("potter.example", certificate=Cert.WRONG_NAME),),
    ),
    hosted_story(
        DemoDomain(
            "paper.example", "There is no secure address.", "tls.service.not_offered", AGENCY
        ),
        domain=zone("paper.example", server="web17"),
        sites=(site("paper.example", http=page("Paper"), server="web17"),),
        panel_domain=panel("paper.example", server="web17"),
    ),
    hosted_story(
        DemoDomain(
            "yogurt.example", "Its certificate has expired.", "tls.certificate.expired", AGENCY
        ),
        sites=(site("yogurt.example", certificate=Cert.EXPIRED),),
    ),
    hosted_story(
        DemoDomain(
            "handmade.example",
            "Its certificate is self-signed.",
            "tls.certificate.untrusted",
            AGENCY,
        ),
        sites=(site("handmade.example", certificate=Cert.SELF_SIGNED),),
    ),
    hosted_story(
        DemoDomain(
            "chain.example",
            "Its certificate chain is incomplete.",
            "tls.certificate.incomplete_chain",
            AGENCY,
        ),
        sites=(site("chain.example", certificate=Cert.INCOMPLETE),),
    ),
    hosted_story(
        DemoDomain(
            "candle.example",
            "Its certificate ends in five days.",
            "tls.certificate.expiring",
            AGENCY,
        ),
        sites=(site("candle.example", certificate=Cert.SOON),),
    ),
)


def _error(name: str, status: int, story: str, finding: str) -> Story:
    row = DemoDomain(name, story, finding, AGENCY)
    return hosted_story(row, sites=(site(name, error(status)),))


def _cdn(name: str, answer: Answer) -> LabSite:
    """A site at the CDN's edge, with the mark that a well-known one leaves."""
    marked = replace(answer, headers=(*answer.headers, ("CF-RAY", "8f0c1d2e3a4b5c6d-PRG")))
    return replace(site(name, marked), server="edge.cirrus.example", http=UPGRADE)


ERRORS: tuple[Story, ...] = (
    hosted_story(
        DemoDomain(
            "newcomer.example",
            "The server's default page is shown.",
            "web.site.default_page",
            AGENCY,
        ),
        sites=(site("newcomer.example", GREETING),),
    ),
    hosted_story(
        DemoDomain(
            "library.example", "The database is not reachable.", "web.site.database_error", AGENCY
        ),
        sites=(site("library.example", NO_DATABASE),),
    ),
    _error("guard.example", 429, "A firewall turns our check away.", "web.site.checks_blocked"),
    _error("crash.example", 500, "The program of the site fails.", "web.site.server_error"),
    _error("pause.example", 503, "The site is under maintenance.", "web.site.unavailable"),
    _error(
        "crowd.example", 508, "A limit shows, and the panel counts none.", "web.site.limit_reached"
    ),
    _error(
        "stream.example",
        509,
        "Traffic is blocked, and the panel shows room.",
        "web.site.traffic_exceeded",
    ),
    hosted_story(
        DemoDomain("sloth.example", "It takes four seconds to answer.", "web.site.slow", AGENCY),
        sites=(site("sloth.example", page("Sloth", wait=timedelta(seconds=4))),),
    ),
    hosted_story(
        DemoDomain(
            "shutter.example", "The web server refuses connections.", "web.site.refused", AGENCY
        ),
        domain=zone("shutter.example", server="web15"),
        sites=(),
        panel_domain=panel("shutter.example", server="web15"),
    ),
    hosted_story(
        DemoDomain(
            "island.example", "The web server cannot be reached.", "web.site.unreachable", AGENCY
        ),
        domain=zone("island.example", server="web16"),
        sites=(),
        panel_domain=panel("island.example", server="web16"),
    ),
    hosted_story(
        DemoDomain("cloud.example", "Reached through a CDN.", "dns.address.behind_cdn", AGENCY),
        domain=Domain(
            name="cloud.example", servers=NS, records=(f"@ A {CDN}", f"www A {CDN}", *MAIL)
        ),
        sites=(_cdn("cloud.example", page("Cloud")),),
    ),
    hosted_story(
        DemoDomain(
            "fogbank.example",
            "The CDN cannot reach the server behind it.",
            "web.site.origin_error",
            AGENCY,
            ("dns.address.behind_cdn",),
        ),
        domain=Domain(
            name="fogbank.example", servers=NS, records=(f"@ A {CDN}", f"www A {CDN}", *MAIL)
        ),
        sites=(_cdn("fogbank.example", error(521)),),
    ),
    _error(
        "relay.example", 502, "The program behind the web server is down.", "web.site.gateway_error"
    ),
    _error(
        "snail.example",
        504,
        "The program behind the web server takes too long.",
        "web.site.gateway_error",
    ),
    _error("pantheon.example", 403, "Access is forbidden to everybody.", "web.site.forbidden"),
    _error("riddle.example", 404, "The start page is missing.", "web.site.page_missing"),
    hosted_story(
        DemoDomain(
            "solo.example",
            "Works on the apex, shows an error on www.",
            "web.www.differs",
            AGENCY,
        ),
        sites=(
            replace(site("solo.example"), names=("solo.example",)),
            LabSite(
                names=("www.solo.example",),
                server="web12.polaris.example",
                http=UPGRADE,
                https=error(404),
            ),
        ),
    ),
)
STORIES: tuple[Story, ...] = REDIRECTS + TLS + ERRORS
