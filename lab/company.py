"""Polaris Hosting, the demo's hosting company: its machines, its people, what it watches.

Values only. Beside it stand Comet Web (an earlier provider), Parcel Mail (mail elsewhere), Cirrus
(a CDN) and Sloppy (name servers that take any record).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from lab.account import MEGABYTE, AccountContact
from lab.answer import page
from lab.certificates import Cert
from lab.world import (
    Domain,
    LabMailbox,
    LabNameserver,
    LabSite,
    MailServer,
    Manner,
    Port443,
    WebServer,
)

NAME = "Polaris Hosting"
HOME = "polaris.example"
WEB12, WEB13, WEB14 = "31.53.12.12", "31.53.13.13", "31.53.14.14"
# One refuses connections, one leads nowhere, one has no TLS.
WEB15, WEB16, WEB17 = "31.53.15.15", "31.53.16.16", "31.53.17.17"
WEB18, WEB19 = "31.53.18.18", "31.53.19.19"  # one knows old TLS only, one has no port 80
# One speaks plain HTTP on port 443, one knows old TLS beside newer.
WEB20, WEB21 = "31.53.20.20", "31.53.21.21"
WEB12_V6 = "2a0e:5300:12::12"
NS = ("ns1.polaris.example", "ns2.polaris.example")
MX = "mx1.polaris.example"
ATTIC_V6, NOWHERE_V6 = "2a0e:5300:a::1", "2a0e:5300:b::1"  # an old site, and nothing
COMET_NS = ("ns1.comet.example", "ns2.comet.example")
COMET_WEB = "31.77.80.80"
CDN = "31.75.80.80"
SLOPPY_NS = ("ns1.sloppy.example", "ns2.sloppy.example")
PARCEL_MX = "mx.parcel.example"
PROGRAMS, PROGRAMS_IP = "mail.polaris.example", "31.53.25.30"  # where mail programs sign in
SENDING = "31.53.25.25"  # the mail of all customers leaves from here
SPF_INCLUDE = "_spf.polaris.example"
SELECTOR = "polaris1"
DKIM = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
PROOF = ('_dmarc TXT "v=DMARC1; p=reject"', f'{SELECTOR}._domainkey TXT "{DKIM}"')
"""DMARC and the company's DKIM key, as every healthy customer has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CastMember:
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


MARA = CastMember(
    name="Mara Novotná", email="mara@orchard.example", account="A-1001", contact="owner"
)
TOMAS = CastMember(
    name="Tomáš Kříž", email="tomas@webdev.example", account="A-1001", contact="technical"
)
VERA = CastMember(
    name="Věra Malá", email="vera@ledger.example", account="A-1001", contact="billing"
)
IVO = CastMember(name="Ivo Horák", email="ivo@tower.example", account="A-2002", contact="owner")
OLGA = CastMember(
    name="Olga Veselá", email="olga@obloha.example", account="A-3003", contact="owner"
)
BEN = CastMember(name="Ben Adamec", email="ben@polaris.example", role="agent")
OLU = CastMember(name="Olu Adeyemi", email="olu@polaris.example", role="operator")
ZED = CastMember(name="Zed Nikdo", email="zed@elsewhere.example")
PEOPLE = (MARA, TOMAS, VERA, IVO, OLGA, BEN, OLU, ZED)


def contacts(account: str) -> tuple[AccountContact, ...]:
    """The contacts of an account; Tomas also looks after the agency's."""
    own = tuple(
        AccountContact(email=p.email, name=p.name, role=p.contact)
        for p in PEOPLE
        if p.account == account
    )
    also = AccountContact(email=TOMAS.email, name=TOMAS.name, role="technical")
    return (*own, also) if account == "A-3003" else own


NAMESERVERS = (
    LabNameserver(name=NS[0], addresses=("31.53.0.53", "2a0e:5300::53")),
    LabNameserver(name=NS[1], addresses=("31.53.1.53", "2a0e:5300:1::53")),
    LabNameserver(name=COMET_NS[0], addresses=("31.77.0.1",)),
    LabNameserver(name=COMET_NS[1], addresses=("31.77.0.2",)),
    LabNameserver(name=SLOPPY_NS[0], addresses=("31.76.0.1",)),
    LabNameserver(name=SLOPPY_NS[1], addresses=("31.76.0.2",)),
)
OLD_SITE = page("Our old website", "This is what stood here before we moved to Polaris.")
WEB_SERVERS = (
    WebServer(name="web12.polaris.example", addresses=(WEB12, WEB12_V6)),
    WebServer(name="web13.polaris.example", addresses=(WEB13,)),
    WebServer(name="web14.polaris.example", addresses=(WEB14,)),
    WebServer(
        name="web15.polaris.example",
        addresses=(WEB15,),
        port80=False,
        port443=Port443.CLOSED,
    ),
    WebServer(name="web17.polaris.example", addresses=(WEB17,), port443=Port443.CLOSED),
    WebServer(name="web18.polaris.example", addresses=(WEB18,), port443=Port443.OLD),
    WebServer(name="web19.polaris.example", addresses=(WEB19,), port80=False),
    WebServer(name="web20.polaris.example", addresses=(WEB20,), port443=Port443.PLAIN),
    WebServer(name="web21.polaris.example", addresses=(WEB21,), port443=Port443.BOTH),
    WebServer(name="attic.polaris.example", addresses=(ATTIC_V6,), default=OLD_SITE),
    WebServer(name="edge.cirrus.example", addresses=(CDN,)),
    WebServer(name="front.polaris.example", addresses=("31.53.2.80",)),
    WebServer(name="webmail.polaris.example", addresses=("31.53.2.81",)),
    WebServer(name="panel.polaris.example", addresses=("31.53.2.82",)),
    WebServer(name="web.comet.example", addresses=(COMET_WEB,), default=OLD_SITE),
)
UNNAMED = ("31.78.25.38",)  # no name in the reverse DNS
MAILBOXES = (
    LabMailbox(
        address="mara@orchard.example",
        password="orchard-demo",
        used=960 * MEGABYTE,
        folders=(
            ("INBOX", 4210, 310 * MEGABYTE),
            ("Odeslan&AOE-", 1800, 520 * MEGABYTE),
            ("Trash", 900, 110 * MEGABYTE),
        ),
    ),
    LabMailbox(address="shop@orchard.example", password="orchard-demo", used=20 * MEGABYTE),
    LabMailbox(
        address="busy@orchard.example",
        password="orchard-demo",
        refusal=(
            "[LIMIT] Maximum number of connections from user+IP exceeded",
            "421 4.7.0 Too many concurrent connections",
        ),
    ),
)
MAIL_SERVERS = (
    MailServer(name=MX, addresses=(SENDING,), accepts=("polaris.example", "orchard.example")),
    MailServer(name=PROGRAMS, addresses=(PROGRAMS_IP,), programs=True, mailboxes=MAILBOXES),
    MailServer(name=PARCEL_MX, addresses=("31.78.25.25",)),
    MailServer(name="mx.comet.example", addresses=("31.77.25.25",), certificate=Cert.EXPIRED),
    MailServer(name="mx.plain.example", addresses=("31.78.25.26",), starttls=False),
    MailServer(name="mx.patient.example", addresses=("31.78.25.27",), wait=timedelta(seconds=2)),
    MailServer(name="mx.shut.example", addresses=("31.78.25.29",), manner=Manner.CLOSED),
    MailServer(name="mx.mute.example", addresses=("31.78.25.28",), manner=Manner.SILENT),
    MailServer(name="mx.stern.example", addresses=("31.78.25.30",), manner=Manner.REFUSES),
    MailServer(name="mx.halting.example", addresses=("31.78.25.31",), tls_breaks=True),
    MailServer(
        name="mx.homemade.example", addresses=("31.78.25.32",), certificate=Cert.SELF_SIGNED
    ),
    MailServer(name="mx.renamed.example", addresses=("31.78.25.33",), certificate=Cert.WRONG_NAME),
    MailServer(name="mx.inner.example", addresses=("31.78.25.34",), says="server.local"),
    MailServer(
        name="mail.swan.example",
        addresses=("31.78.25.35",),
        certificate=Cert.EXPIRED,
        programs=True,
    ),
    MailServer(name="mx.nameless.example", addresses=UNNAMED),
    MailServer(
        name="mail.duckling.example", addresses=("31.78.25.36",), starttls=False, programs=True
    ),
    MailServer(
        name="mail.stork.example",
        addresses=("31.78.25.37",),
        certificate=Cert.UNTRUSTED,
        programs=True,
    ),
)
# The company's own site, its webmail (slow: the degraded component) and its panel's front page.
SITES = (
    LabSite(
        names=(HOME, "www.polaris.example"),
        server="front.polaris.example",
        http=page("Polaris Hosting", "Hosting under a clear sky."),
    ),
    LabSite(
        names=("webmail.polaris.example",),
        server="webmail.polaris.example",
        http=page("Webmail", "Sign in to read your mail.", wait=timedelta(seconds=1.2)),
    ),
    LabSite(
        names=("panel.polaris.example",),
        server="panel.polaris.example",
        http=page("Panel", "Sign in to your hosting."),
    ),
    *(
        LabSite(
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
            *PROOF,
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
