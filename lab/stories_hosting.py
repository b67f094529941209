"""Demo domains that are healthy, and those whose hosting has run into a quota or a limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from lab.account import PanelLimit, PanelRedirect
from lab.answer import FULL, error, page, redirect
from lab.company import WEB12_V6
from lab.stories import (
    AGENCY,
    STUDIO,
    TOWER,
    DemoDomain,
    Story,
    disk,
    hosted_story,
    inodes,
    panel,
    site,
    traffic,
    zone,
)

OUT_OF_LIMIT = error(508, "The website is temporarily unable to serve your request.")
BUSY = error(503, "The server is temporarily unable to service your request.")

HEALTHY: tuple[Story, ...] = (
    hosted_story(
        DemoDomain("orchard.example", "Healthy: everything as it should be.", "", STUDIO),
        domain=zone("orchard.example", f"@ AAAA {WEB12_V6}", f"www AAAA {WEB12_V6}"),
        sites=(
            replace(site("orchard.example"), names=("orchard.example",)),
            replace(
                site("orchard.example", redirect("https://orchard.example{path}")),
                names=("www.orchard.example",),
            ),
        ),
        panel_domain=panel(
            "orchard.example",
            redirects=(
                PanelRedirect(source="www.orchard.example", target="https://orchard.example/"),
            ),
        ),
    ),
    hosted_story(
        DemoDomain("tower.example", "Healthy; it belongs to another customer.", "", TOWER),
        domain=zone("tower.example", server="web14"),
        sites=(site("tower.example", server="web14"),),
        panel_domain=panel("tower.example", server="web14"),
    ),
    hosted_story(
        DemoDomain(
            "xn--luouk-uva4it5a4g.example", "Healthy, under a name with diacritics.", "", TOWER
        )
    ),
)
QUOTA: tuple[Story, ...] = (
    hosted_story(
        DemoDomain(
            "gallery.example",
            "The disk is full; the site shows error 500.",
            "hosting.disk.over",
            STUDIO,
        ),
        sites=(site("gallery.example", FULL),),
        panel_domain=panel("gallery.example", usage=(disk(100),)),
    ),
    hosted_story(
        DemoDomain("attic.example", "The disk is nearly full.", "hosting.disk.near", AGENCY),
        panel_domain=panel("attic.example", usage=(disk(93),)),
    ),
    hosted_story(
        DemoDomain("beehive.example", "Too many files.", "hosting.inodes.over", AGENCY),
        sites=(site("beehive.example", FULL),),
        panel_domain=panel("beehive.example", usage=(inodes(100),)),
    ),
    hosted_story(
        DemoDomain("pantry.example", "Nearly too many files.", "hosting.inodes.near", AGENCY),
        panel_domain=panel("pantry.example", usage=(inodes(96),)),
    ),
    hosted_story(
        DemoDomain(
            "festival.example", "The month's traffic is used up.", "hosting.traffic.over", STUDIO
        ),
        sites=(site("festival.example", error(509), http=error(509)),),
        panel_domain=panel("festival.example", usage=(traffic(104),)),
    ),
    hosted_story(
        DemoDomain(
            "market.example",
            "The month's traffic is nearly used up.",
            "hosting.traffic.near",
            AGENCY,
        ),
        panel_domain=panel("market.example", usage=(traffic(94),)),
    ),
    hosted_story(
        DemoDomain(
            "museum.example",
            "Too many requests at once: error 508.",
            "hosting.limit.causes_error",
            STUDIO,
        ),
        sites=(site("museum.example", OUT_OF_LIMIT),),
        panel_domain=panel(
            "museum.example", limits=(PanelLimit(name="entry_processes", faults=412),)
        ),
    ),
    hosted_story(
        DemoDomain(
            "sprinter.example",
            "Out of processor time now and then; the site opens.",
            "hosting.limit.hit",
            AGENCY,
        ),
        panel_domain=panel("sprinter.example", limits=(PanelLimit(name="cpu", faults=12),)),
    ),
    hosted_story(
        DemoDomain(
            "gym.example", "Out of memory: error 503.", "hosting.limit.causes_error", AGENCY
        ),
        sites=(site("gym.example", BUSY),),
        panel_domain=panel("gym.example", limits=(PanelLimit(name="memory", faults=57),)),
    ),
    hosted_story(
        DemoDomain(
            "tailor.example", "Too many processes: error 500.", "hosting.limit.causes_error", AGENCY
        ),
        sites=(site("tailor.example", error(500)),),
        panel_domain=panel("tailor.example", limits=(PanelLimit(name="processes", faults=31),)),
    ),
    hosted_story(
        DemoDomain(
            "turtle.example", "Out of processor time: slow.", "hosting.limit.slows_site", AGENCY
        ),
        sites=(site("turtle.example", page("Turtle", wait=timedelta(seconds=4))),),
        panel_domain=panel("turtle.example", limits=(PanelLimit(name="cpu", faults=890),)),
    ),
)
STORIES: tuple[Story, ...] = HEALTHY + QUOTA
