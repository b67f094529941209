"""Hostile neighbours under .test: they belong to nobody at Polaris and try to hurt who looks."""

from __future__ import annotations

from lab.answer import Answer, Flow, flowing, page, redirect
from lab.company import NS
from lab.stories import DemoDomain, Story
from lab.world import (
    Domain,
    LabNameserver,
    LabSite,
    MailServer,
    Manner,
    Port443,
    Registered,
    ServerFault,
    WebServer,
)

LAIR = "31.66.6.6"
SCRIPT = "<script>alert(document.cookie)</script>"
WEB_SERVERS = (
    WebServer(name="lair.hostile.test", addresses=(LAIR,)),
    WebServer(name="plain.hostile.test", addresses=("31.66.6.7",), port443=Port443.PLAIN),
    WebServer(name="babble.hostile.test", addresses=("31.66.6.8",), port443=Port443.GARBAGE),
    WebServer(
        name="shut.hostile.test", addresses=("31.66.6.9",), port443=Port443.CLOSED, port80=False
    ),
)
MAIL_SERVERS = (
    MailServer(name="mute.hostile.test", addresses=("31.66.25.1",), manner=Manner.SILENT),
    MailServer(name="noise.hostile.test", addresses=("31.66.25.2",), manner=Manner.GARBAGE),
    MailServer(name="grumpy.hostile.test", addresses=("31.66.25.3",), manner=Manner.REFUSES),
    MailServer(name="crowded.hostile.test", addresses=("31.66.25.4",), manner=Manner.BUSY),
)
NAMESERVERS = (
    LabNameserver(name="ns1.hostile.test", addresses=("31.66.0.1",)),
    LabNameserver(
        name="ns-maze.hostile.test", addresses=("31.66.0.2",), fault=ServerFault.ENDLESS_CNAME
    ),
    LabNameserver(
        name="ns-liar.hostile.test", addresses=("31.66.0.3",), fault=ServerFault.WRONG_ID
    ),
    LabNameserver(
        name="ns-deaf.hostile.test", addresses=("31.66.0.4",), fault=ServerFault.WRONG_QUESTION
    ),
    LabNameserver(name="ns-stub.hostile.test", addresses=("31.66.0.5",), fault=ServerFault.NO_TCP),
)


def _site(
    name: str, story: str, answer: Answer, *, address: str = LAIR, manner: Manner = Manner.NORMAL
) -> Story:
    """A hostile site, the same on both schemes."""
    domain = Domain(
        name=name,
        servers=NS,
        records=(f"@ A {address}", f"www A {address}", "@ MX 10 mute.hostile.test."),
        registered=Registered(manner=manner),
    )
    site = LabSite(names=(name, f"www.{name}"), server="lair.hostile.test", http=answer)
    return Story(DemoDomain(name, story, ""), domain, (site,))


def _flow(name: str, story: str, flow: Flow) -> Story:
    return _site(name, story, flowing(flow))


def _dns(name: str, story: str, server: str) -> Story:
    domain = Domain(name=name, servers=(f"{server}.hostile.test",), records=(f"@ A {LAIR}",))
    return Story(DemoDomain(name, story, ""), domain)


def _mail(name: str, story: str, host: str) -> Story:
    records = (f"@ A {LAIR}", f"@ MX 10 {host}.hostile.test.")
    return Story(DemoDomain(name, story, ""), Domain(name=name, servers=NS, records=records))


STORIES: tuple[Story, ...] = (
    _flow("endless.test", "A body without end.", Flow.ENDLESS),
    _flow("trickle.test", "A body one byte at a time.", Flow.TRICKLE),
    _flow("gzip-bomb.test", "A body that unpacks to 50 MB.", Flow.GZIP_BOMB),
    _flow("brotli-bomb.test", "The same with brotli.", Flow.BROTLI_BOMB),
    _flow("hang.test", "Takes the request and never answers.", Flow.HANG),
    _flow("reset.test", "Throws connections away.", Flow.RESET),
    _flow("cut.test", "Ends before the promised length.", Flow.CUT),
    _flow("garbage.test", "Answers with bytes that are no HTTP.", Flow.GARBAGE),
    _flow("huge-header.test", "One header of a megabyte.", Flow.HUGE_HEADER),
    _site("inward.test", "Redirects to an internal address.", redirect("http://169.254.169.254/")),
    _site("loopback.test", "Redirects to the asker itself.", redirect("http://127.0.0.1:8000/")),
    _site("mapped.test", "Redirects to a mapped address.", redirect("http://[::ffff:10.0.0.1]/")),
    _site("file.test", "Redirects out of the web.", redirect("file:///etc/passwd")),
    _site("markup.test", "Puts a script into its title.", page(SCRIPT, SCRIPT)),
    _site("plain-tls.test", "Speaks plain HTTP on port 443.", page("Plain"), address="31.66.6.7"),
    _site("babble.test", "Speaks gibberish on port 443.", page("Babble"), address="31.66.6.8"),
    _site("shut.test", "Refuses all connections.", page("Shut"), address="31.66.6.9"),
    _site(
        "unmapped.test", "Lives at an address that leads nowhere.", page("-"), address="31.66.9.9"
    ),
    _site("registry-garbage.test", "The registry babbles.", page("-"), manner=Manner.GARBAGE),
    _site("registry-silent.test", "The registry is silent.", page("-"), manner=Manner.SILENT),
    _dns("maze.test", "Every name is an alias of a longer one.", "ns-maze"),
    _dns("liar.test", "Answers carry a wrong id.", "ns-liar"),
    _dns("deaf.test", "Answers another question.", "ns-deaf"),
    _dns("stub.test", "Cuts every answer and has no TCP.", "ns-stub"),
    _mail("mute-mail.test", "The mail server never greets.", "mute"),
    _mail("noise-mail.test", "The mail server greets with gibberish.", "noise"),
    _mail("grumpy-mail.test", "The mail server refuses.", "grumpy"),
    _mail("crowded-mail.test", "The mail server is busy.", "crowded"),
    Story(
        DemoDomain("rebind.test", "The address turns private once it was checked.", ""),
        Domain(
            name="rebind.test",
            servers=NS,
            records=(f"@ 0 A {LAIR}", f"www 0 A {LAIR}"),
            turned=("@ 0 A 127.0.0.1", "www 0 A 127.0.0.1"),
        ),
        (LabSite(names=("rebind.test",), server="lair.hostile.test", http=page("Rebind")),),
    ),
)
