"""How mail programs set themselves up for the domain: SRV records, Mozilla's autoconfig file,
Microsoft's autodiscover. DNS and web addresses only; no mail server is spoken to.
"""

from __future__ import annotations

import asyncio
import re
from xml.etree import ElementTree as ET

from diagnostics.collectors.dns import addresses
from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.keys import DELEGATION
from diagnostics.evidence.mail import SETUP, MailSetup, SetupTarget
from diagnostics.model import Missing
from facts import Exchange
from observe.dns import dns_client
from observe.http import http_client
from render.i18n import N_
from standards.dns_types import Lookup, Record

# RFC 6186, RFC 8314 and what Outlook asks for.
SERVICES = ("imaps", "imap", "pop3s", "pop3", "submissions", "submission", "autodiscover")
MAX_CONFIG = 30_000
MAX_TARGETS = 12
WAIT = 6.0


async def collect(ask: Collection) -> MailSetup | NotCollected:
    """Everything side by side, then the addresses of the servers that were named."""
    domain = ask.subject.domain
    srv, configs, discovered = await asyncio.gather(
        asyncio.gather(*(_srv(ask, name) for name in SERVICES)),
        asyncio.gather(*(_config(ask, url) for url in addresses_of(domain))),
        _alias(ask, f"autodiscover.{domain}"),
    )
    if all(x.trouble for x in srv):
        return NotCollected(Missing.TROUBLE, "", srv[0].trouble)
    seen = tuple(c for c in configs if c is not None)
    read = [(x.url, servers(x)) for x in seen if claims(x)]
    named = [t for x in srv for t in map(srv_target, x.answers) if t is not None]
    named += [SetupTarget("autoconfig", host, port) for _, found in read for host, port in found]
    named += [SetupTarget("autodiscover", discovered)] if discovered else []
    targets = list(dict.fromkeys(named))[:MAX_TARGETS]
    looked = await asyncio.gather(
        *(dns_client.addresses(ask.network, ask.budget, t.name) for t in targets)
    )
    found = (
        SetupTarget(t.source, t.name, t.port, *way) for t, way in zip(targets, looked, strict=True)
    )
    unreadable = tuple(url for url, servers_named in read if not servers_named)
    return MailSetup(tuple(srv), seen, tuple(found), unreadable)


def addresses_of(domain: str) -> tuple[str, ...]:
    """Where Thunderbird and its kin look, in their order."""
    return (
        f"https://autoconfig.{domain}/mail/config-v1.1.xml",
        f"https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
    )


async def _srv(ask: Collection, service: str) -> Lookup:
    name = f"_{service}._tcp.{ask.subject.domain}"
    return await dns_client.resolve(ask.network, ask.budget, name, "SRV")


def srv_target(record: Record) -> SetupTarget | None:
    """The server an SRV record names; “.” says that there is none (RFC 2782)."""
    fields = record.value.split()
    if record.type != "SRV" or len(fields) != 4 or not fields[2].isdigit():
        return None
    name = fields[3].rstrip(".").lower()
    service = record.name.partition(".")[0]
    source = "autodiscover" if service == "_autodiscover" else "srv"
    return SetupTarget(source, name, int(fields[2])) if name else None


async def _alias(ask: Collection, name: str) -> str:
    """What the autodiscover name is an alias of, "" when it is not one."""
    found = await dns_client.resolve(ask.network, ask.budget, name, "CNAME")
    return next(iter(found.values()), "").rstrip(".").lower()


async def _config(ask: Collection, url: str) -> Exchange | None:
    """One look at a web address; None when its name has no address that we can use."""
    found = await addresses.of(ask, url.split("/")[2])
    if not found.usable:
        return None
    return await http_client.fetch(
        ask.network, ask.budget, url, ip=found.usable[0], max_body=MAX_CONFIG, timeout=WAIT
    )


def claims(answer: Exchange) -> bool:
    """Whether an answer is meant as a set-up file: many sites answer every address with a page."""
    return answer.status == 200 and "<clientconfig" in answer.excerpt.lower()


def servers(answer: Exchange) -> tuple[tuple[str, int], ...]:
    """The servers of an autoconfig file; () when it cannot be read. No entity is ever resolved."""
    text = answer.excerpt.strip()
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        return ()
    try:
        root = ET.fromstring(text)  # noqa: S314 - bounded, and without any entity
    except (ET.ParseError, ValueError, RecursionError):
        return ()
    found = []
    for server in (*root.iter("incomingServer"), *root.iter("outgoingServer")):
        host = (server.findtext("hostname") or "").strip().rstrip(".").lower()
        port = (server.findtext("port") or "").strip()
        if re.fullmatch(r"[a-z0-9.-]{1,253}", host) and port.isdigit() and len(port) < 6:
            found.append((host, int(port)))
    return tuple(dict.fromkeys(found))


COLLECTOR = Collector(
    SETUP, N_("Looking how mail programs set themselves up"), collect, after=(DELEGATION,)
)
