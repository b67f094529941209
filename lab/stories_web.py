"""Demo domains whose web site is broken: quotas, limits, redirects, certificates, errors."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from lab.account import PanelLimit, PanelRedirect
from lab.answer import FULL, GREETING, LISTING, NO_DATABASE, error, page, redirect
from lab.company import WEB12_V6
from lab.stories import (
    AGENCY,
    STUDIO,
    TOWER,
    UPGRADE,
    DemoDomain,
    Story,
    disk,
    inodes,
    panel,
    site,
    told,
    traffic,
    zone,
)
from lab.world import Cert, Site

OUT_OF_LIMIT = error(508, "The website is temporarily unable to serve your request.")
BUSY = error(503, "The server is temporarily unable to service your request.")

HEALTHY: tuple[Story, ...] = (
    told(
        DemoDomain("orchard.example", "Healthy: everything as it should be.", "", STUDIO),
        domain=zone("orchard.example", f"@ AAAA {WEB12_V6}", f"www AAAA {WEB12_V6}"),
        sites=(
            replace(site("orchard.example"), names=("orchard.example",)),
            replace(
                site("orchard.example", redirect("https://orchard.example{path}")),
                names=("www.orchard.example",),
            ),
        ),
        known=panel(
            "orchard.example",
            redirects=(
                PanelRedirect(source="www.orchard.example", target="https://orchard.example/"),
            ),
        ),
    ),
    told(
        DemoDomain("tower.example", "Healthy; it belongs to another customer.", "", TOWER),
        domain=zone("tower.example", server="web14"),
        sites=(site("tower.example", server="web14"),),
        known=panel("tower.example", server="web14"),
    ),
    told(
        DemoDomain(
            "xn--luouk-uva4it5a4g.example", "Healthy, under a name with diacritics.", "", TOWER
        )
    ),
)
QUOTA: tuple[Story, ...] = (
    told(
        DemoDomain(
            "gallery.example",
            "The disk is full; the site shows error 500.",
            "hosting.disk.over",
            STUDIO,
        ),
        sites=(site("gallery.example", FULL),),
        known=panel("gallery.example", usage=(disk(100),)),
    ),
    told(
        DemoDomain("attic.example", "The disk is nearly full.", "hosting.disk.near", AGENCY),
        known=panel("attic.example", usage=(disk(93),)),
    ),
    told(
        DemoDomain("beehive.example", "Too many files.", "hosting.inodes.over", AGENCY),
        sites=(site("beehive.example", FULL),),
        known=panel("beehive.example", usage=(inodes(100),)),
    ),
    told(
        DemoDomain("pantry.example", "Nearly too many files.", "hosting.inodes.near", AGENCY),
        known=panel("pantry.example", usage=(inodes(96),)),
    ),
    told(
        DemoDomain(
            "festival.example", "The month's traffic is used up.", "hosting.traffic.over", STUDIO
        ),
        sites=(site("festival.example", error(509), http=error(509)),),
        known=panel("festival.example", usage=(traffic(104),)),
    ),
    told(
        DemoDomain(
            "market.example",
            "The month's traffic is nearly used up.",
            "hosting.traffic.near",
            AGENCY,
        ),
        known=panel("market.example", usage=(traffic(94),)),
    ),
    told(
        DemoDomain(
            "museum.example",
            "Too many requests at once: error 508.",
            "hosting.limits.",
            STUDIO,
        ),
        sites=(site("museum.example", OUT_OF_LIMIT),),
        known=panel("museum.example", limits=(PanelLimit(name="entry_processes", faults=412),)),
    ),
    told(
        DemoDomain("gym.example", "Out of memory: error 503.", "hosting.limits.", AGENCY),
        sites=(site("gym.example", BUSY),),
        known=panel("gym.example", limits=(PanelLimit(name="memory", faults=57),)),
    ),
    told(
        DemoDomain("tailor.example", "Too many processes: error 500.", "hosting.limits.", AGENCY),
        sites=(site("tailor.example", error(500)),),
        known=panel("tailor.example", limits=(PanelLimit(name="processes", faults=31),)),
    ),
    told(
        DemoDomain("turtle.example", "Out of processor time: slow.", "hosting.limits.", AGENCY),
        sites=(site("turtle.example", page("Turtle", wait=timedelta(seconds=4))),),
        known=panel("turtle.example", limits=(PanelLimit(name="cpu", faults=890),)),
    ),
)
REDIRECTS: tuple[Story, ...] = (
    told(
        DemoDomain(
            "bistro.example", "http and https send each other round.", "web.redirect.loop", STUDIO
        ),
        sites=(site("bistro.example", redirect("http://{host}{path}")),),
    ),
    told(
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
    told(
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
    told(
        DemoDomain(
            "compass.example",
            "Sends visitors to a name that does not exist.",
            "web.redirect.wrong_host",
            AGENCY,
        ),
        sites=(site("compass.example", redirect("https://shop.compas.example/")),),
    ),
    told(
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
    told(
        DemoDomain(
            "signpost.example",
            "A redirect is set in the panel, and the site does not do it.",
            "web.redirect.set_not_observed",
            STUDIO,
        ),
        known=panel(
            "signpost.example",
            redirects=(
                PanelRedirect(source="signpost.example", target="https://orchard.example/"),
            ),
        ),
    ),
    told(
        DemoDomain(
            "detour.example",
            "The site sends visitors away, and the panel knows nothing of it.",
            "web.redirect.",
            STUDIO,
        ),
        sites=(site("detour.example", redirect("https://tower.example/")),),
    ),
    told(
        DemoDomain(
            "drawer.example",
            "The site is served from a wrong, empty folder.",
            "web.",
            AGENCY,
        ),
        sites=(site("drawer.example", LISTING),),
        known=panel("drawer.example", expected_root="/srv/www/drawer.example/public"),
    ),
)
TLS: tuple[Story, ...] = (
    told(
        DemoDomain("potter.example", "Shows the certificate of the server.", "tls.", STUDIO),
        sites=(site("potter.example", certificate=Cert.WRONG_NAME),),
    ),
    told(
        DemoDomain("yogurt.example", "Its certificate has expired.", "tls.", AGENCY),
        sites=(site("yogurt.example", certificate=Cert.EXPIRED),),
    ),
    told(
        DemoDomain("handmade.example", "Its certificate is self-signed.", "tls.", AGENCY),
        sites=(site("handmade.example", certificate=Cert.SELF_SIGNED),),
    ),
    told(
        DemoDomain("chain.example", "Its certificate chain is incomplete.", "tls.", AGENCY),
        sites=(site("chain.example", certificate=Cert.INCOMPLETE),),
    ),
    told(
        DemoDomain("candle.example", "Its certificate ends in five days.", "tls.", AGENCY),
        sites=(site("candle.example", certificate=Cert.SOON),),
    ),
)


def _error(name: str, status: int, story: str) -> Story:
    row = DemoDomain(name, story, "web.site.", AGENCY)
    return told(row, sites=(site(name, error(status)),))


ERRORS: tuple[Story, ...] = (
    told(
        DemoDomain("newcomer.example", "The server's default page is shown.", "web.site.", AGENCY),
        sites=(site("newcomer.example", GREETING),),
    ),
    told(
        DemoDomain("library.example", "The database is not reachable.", "web.site.", AGENCY),
        sites=(site("library.example", NO_DATABASE),),
    ),
    _error("relay.example", 502, "The program behind the web server is down."),
    _error("snail.example", 504, "The program behind the web server takes too long."),
    _error("pantheon.example", 403, "Access is forbidden to everybody."),
    _error("riddle.example", 404, "The start page is missing."),
    told(
        DemoDomain("solo.example", "Works on the apex, shows an error on www.", "web.", AGENCY),
        sites=(
            replace(site("solo.example"), names=("solo.example",)),
            Site(
                names=("www.solo.example",),
                server="web12.polaris.example",
                http=UPGRADE,
                https=error(404),
            ),
        ),
    ),
)
STORIES: tuple[Story, ...] = HEALTHY + QUOTA + REDIRECTS + TLS + ERRORS
