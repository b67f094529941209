"""Polaris Hosting, the demo's hosting company: its machines, its people, what it watches.

Values only. Beside it stand Comet Web (an earlier provider), Parcel Mail (mail elsewhere) and the
Quirks, name servers that each have one fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from lab.account import PanelContact
from lab.answer import page
from lab.world import Cert, Domain, Ill, MailServer, Nameserver, Site, WebServer

NAME = "Polaris Hosting"
HOME = "polaris.example"
WEB12, WEB13, WEB14 = "31.53.12.12", "31.53.13.13", "31.53.14.14"
WEB12_V6 = "2a0e:5300:12::12"
NS = ("ns1.polaris.example", "ns2.polaris.example")
MX = "mx1.polaris.example"
COMET_NS = ("ns1.comet.example", "ns2.comet.example")
COMET_WEB = "31.77.80.80"
SLOPPY_NS = ("ns1.sloppy.example", "ns2.sloppy.example")
PARCEL_MX = "mx.parcel.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the cast. `role`: customer, agent or operator."""

    name: str
    email: str
    role: str = "customer"
    account: str = ""  # the hosting account
    contact: str = ""  # owner, technical or billing of that account


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Something of the company's own that its status page shows. `kind` is http or dns."""

    id: str
    name: str
    group: str
    kind: str
    target: str  # a URL, or the server to ask
    servers: tuple[str, ...]
    question: str = ""  # for dns: "name type"
    note: str = ""


MARA = Person(name="Mara Novotná", email="mara@orchard.example", account="A-1001", contact="owner")
TOMAS = Person(
    name="Tomáš Kříž", email="tomas@webdev.example", account="A-1001", contact="technical"
)
VERA = Person(name="Věra Malá", email="vera@ledger.example", account="A-1001", contact="billing")
IVO = Person(name="Ivo Horák", email="ivo@tower.example", account="A-2002", contact="owner")
OLGA = Person(name="Olga Veselá", email="olga@obloha.example", account="A-3003", contact="owner")
BEN = Person(name="Ben Adamec", email="ben@polaris.example", role="agent")
OLU = Person(name="Olu Adeyemi", email="olu@polaris.example", role="operator")
ZED = Person(name="Zed Nikdo", email="zed@elsewhere.example")
PEOPLE = (MARA, TOMAS, VERA, IVO, OLGA, BEN, OLU, ZED)


def contacts(account: str) -> tuple[PanelContact, ...]:
    """The contacts of an account; Tomas also looks after the agency's."""
    own = tuple(
        PanelContact(email=p.email, name=p.name, role=p.contact)
        for p in PEOPLE
        if p.account == account
    )
    also = PanelContact(email=TOMAS.email, name=TOMAS.name, role="technical")
    return (*own, also) if account == "A-3003" else own


NAMESERVERS = (
    Nameserver(name=NS[0], addresses=("31.53.0.53", "2a0e:5300::53")),
    Nameserver(name=NS[1], addresses=("31.53.1.53",)),
    Nameserver(name=COMET_NS[0], addresses=("31.77.0.1",)),
    Nameserver(name=COMET_NS[1], addresses=("31.77.0.2",)),
    Nameserver(name=SLOPPY_NS[0], addresses=("31.76.0.1",)),
    Nameserver(name=SLOPPY_NS[1], addresses=("31.76.0.2",)),
    Nameserver(name="ns-silent.quirks.example", addresses=("31.79.0.1",), ill=Ill.SILENT),
    Nameserver(name="ns-silent2.quirks.example", addresses=("31.79.0.2",), ill=Ill.SILENT),
    Nameserver(name="ns-refuses.quirks.example", addresses=("31.79.0.3",), ill=Ill.REFUSES),
    Nameserver(name="ns-lame.quirks.example", addresses=("31.79.0.4",), ill=Ill.LAME),
    Nameserver(name="ns-shy.quirks.example", addresses=("31.79.0.5",), ill=Ill.NO_AUTHORITY),
    Nameserver(name="ns-cut.quirks.example", addresses=("31.79.0.6",), ill=Ill.TRUNCATES),
    Nameserver(name="ns-garbage.quirks.example", addresses=("31.79.0.7",), ill=Ill.MALFORMED),
    Nameserver(name="ns-slow.quirks.example", addresses=("31.79.0.8",), wait=timedelta(seconds=1)),
    Nameserver(name="ns-servfail.quirks.example", addresses=("31.79.0.9",), ill=Ill.SERVFAIL),
    Nameserver(name="ns-old.quirks.example", addresses=("31.79.0.10",), ill=Ill.NO_EDNS),
)
OLD_SITE = page("Our old website", "This is what stood here before we moved to Polaris.")
WEB_SERVERS = (
    WebServer(name="web12.polaris.example", addresses=(WEB12, WEB12_V6)),
    WebServer(name="web13.polaris.example", addresses=(WEB13,)),
    WebServer(name="web14.polaris.example", addresses=(WEB14,)),
    WebServer(name="front.polaris.example", addresses=("31.53.2.80",)),
    WebServer(name="webmail.polaris.example", addresses=("31.53.2.81",)),
    WebServer(name="panel.polaris.example", addresses=("31.53.2.82",)),
    WebServer(name="web.comet.example", addresses=(COMET_WEB,), default=OLD_SITE),
)
MAIL_SERVERS = (
    MailServer(name=MX, addresses=("31.53.25.25",), accepts=("polaris.example", "orchard.example")),
    MailServer(name=PARCEL_MX, addresses=("31.78.25.25",)),
    MailServer(name="mx.comet.example", addresses=("31.77.25.25",), certificate=Cert.EXPIRED),
    MailServer(
        name="mx-patient.quirks.example", addresses=("31.79.25.1",), wait=timedelta(seconds=3)
    ),
)
# The company's own site, its webmail (slow: the degraded component) and its panel's front page.
SITES = (
    Site(
        names=(HOME, "www.polaris.example"),
        server="front.polaris.example",
        http=page("Polaris Hosting", "Hosting under a clear sky."),
    ),
    Site(
        names=("webmail.polaris.example",),
        server="webmail.polaris.example",
        http=page("Webmail", "Sign in to read your mail.", wait=timedelta(seconds=1.2)),
    ),
    Site(
        names=("panel.polaris.example",),
        server="panel.polaris.example",
        http=page("Panel", "Sign in to your hosting."),
    ),
    *(
        Site(
            names=(f"web{number}.polaris.example",),
            server=f"web{number}.polaris.example",
            http=page(f"web{number}", "healthy"),
        )
        for number in (12, 13, 14)
    ),
)
HOMES = (
    Domain(
        name=HOME,
        servers=NS,
        records=(
            "@ A 31.53.2.80",
            "www A 31.53.2.80",
            f"@ MX 10 {MX}.",
            '@ TXT "v=spf1 include:_spf.polaris.example -all"',
            '_spf TXT "v=spf1 ip4:31.53.25.0/24 -all"',
        ),
    ),
    Domain(name="comet.example", servers=COMET_NS, records=("@ A 31.77.80.80",)),
    Domain(name="sloppy.example", servers=SLOPPY_NS, records=("@ A 31.76.0.80",)),
)
WATCHED = (
    Watched(
        id="website",
        name="Website",
        group="Customer services",
        kind="http",
        target="https://www.polaris.example/",
        servers=("front.polaris.example",),
    ),
    Watched(
        id="webmail",
        name="Webmail",
        group="Customer services",
        kind="http",
        target="https://webmail.polaris.example/",
        servers=("webmail.polaris.example",),
        note="answers after 1.2 s: degraded",
    ),
    Watched(
        id="panel",
        name="Hosting panel",
        group="Customer services",
        kind="http",
        target="https://panel.polaris.example/",
        servers=("panel.polaris.example",),
    ),
    *(
        Watched(
            id=f"web{number}",
            name=f"Web server {number}",
            group="Web hosting",
            kind="http",
            target=f"https://web{number}.polaris.example/",
            servers=(f"web{number}.polaris.example",),
        )
        for number in (12, 13, 14)
    ),
    *(
        Watched(
            id=server.partition(".")[0],
            name=f"Name server {server.partition('.')[0]}",
            group="Domains",
            kind="dns",
            target=address,
            servers=(server,),
            question="polaris.example SOA",
        )
        for server, address in zip(NS, ("31.53.0.53", "31.53.1.53"), strict=True)
    ),
)
