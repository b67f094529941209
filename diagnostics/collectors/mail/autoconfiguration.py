"""Collects the automatic set-up for mail programs: SRV records, autoconfig, autodiscover.
Autoconfig is Mozilla's file, autodiscover Microsoft's. DNS and web addresses only; no mail server is spoken to.
"""

from __future__ import annotations

import asyncio
import re
from xml.etree import ElementTree as ET

from diagnostics.collectors.dns import addresses
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
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
TIMEOUT = 6.0


async def collect(context: CollectionContext) -> MailSetup | NotCollected:
    """Everything side by side, then the addresses of the servers that were named."""
    domain = context.subject.domain
    srv, configs, discovered = await asyncio.gather(
        asyncio.gather(*(_query_srv(context, name) for name in SERVICES)),
        asyncio.gather(*(_fetch_config(context, url) for url in config_urls(domain))),
        _autodiscover_alias(context, f"autodiscover.{domain}"),
    )
    if all(x.trouble for x in srv):
        return NotCollected(Missing.TROUBLE, "", srv[0].trouble)
    responses = tuple(c for c in configs if c is not None)
    config_servers = [(x.url, parse_servers(x)) for x in responses if is_config_file(x)]
    named_targets = [t for x in srv for t in map(srv_target, x.answers) if t is not None]
    named_targets += [
        SetupTarget("autoconfig", host, port)
        for _, servers_found in config_servers
        for host, port in servers_found
    ]
    named_targets += [SetupTarget("autodiscover", discovered)] if discovered else []
    targets = list(dict.fromkeys(named_targets))[:MAX_TARGETS]
    resolved = await asyncio.gather(
        *(dns_client.addresses(context.network, context.budget, t.name) for t in targets)
    )
    targets_resolved = (
        SetupTarget(t.source, t.name, t.port, *resolution)
        for t, resolution in zip(targets, resolved, strict=True)
    )
    unreadable = tuple(url for url, servers_named in config_servers if not servers_named)
    return MailSetup(tuple(srv), responses, tuple(targets_resolved), unreadable)


def config_urls(domain: str) -> tuple[str, ...]:
    """Where Thunderbird and its kin look, in their order."""
    return (
        f"https://autoconfig.{domain}/mail/config-v1.1.xml",
        f"https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
    )


async def _query_srv(context: CollectionContext, service: str) -> Lookup:
    name = f"_{service}._tcp.{context.subject.domain}"
    return await dns_client.resolve(context.network, context.budget, name, "SRV")


def srv_target(record: Record) -> SetupTarget | None:
    """The server an SRV record names; “.” says that there is none (RFC 2782)."""
    fields = record.value.split()
    if record.type != "SRV" or len(fields) != 4 or not fields[2].isdecimal():
        return None
    name = fields[3].rstrip(".").lower()
    service = record.name.partition(".")[0]
    source = "autodiscover" if service == "_autodiscover" else "srv"
    return SetupTarget(source, name, int(fields[2])) if name else None


async def _autodiscover_alias(context: CollectionContext, name: str) -> str:
    """What the autodiscover name is an alias of, "" when it is not one."""
    lookup = await dns_client.resolve(context.network, context.budget, name, "CNAME")
    return next(iter(lookup.values()), "").rstrip(".").lower()


async def _fetch_config(context: CollectionContext, url: str) -> Exchange | None:
    """One look at a web address; None when its name has no address that we can use."""
    host_addresses = await addresses.resolve_host(context, url.split("/")[2])
    if not host_addresses.usable:
        return None
    return await http_client.fetch(
        context.network,
        context.budget,
        url,
        ip=host_addresses.usable[0],
        max_body=MAX_CONFIG,
        timeout=TIMEOUT,
    )


def is_config_file(answer: Exchange) -> bool:
    """Whether an answer is meant as a set-up file: many sites answer every address with a page."""
    return answer.status == 200 and "<clientconfig" in answer.excerpt.lower()


def parse_servers(answer: Exchange) -> tuple[tuple[str, int], ...]:
    """The servers of an autoconfig file; () when it cannot be read. No entity is ever resolved."""
    text = answer.excerpt.strip()
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        return ()
    try:
        root = ET.fromstring(text)  # noqa: S314 - bounded, and without any entity
    except (ET.ParseError, ValueError, RecursionError):
        return ()
    endpoints = []
    for server in (*root.iter("incomingServer"), *root.iter("outgoingServer")):
        host = (server.findtext("hostname") or "").strip().rstrip(".").lower()
        port = (server.findtext("port") or "").strip()
        if re.fullmatch(r"[a-z0-9.-]{1,253}", host) and port.isdecimal() and len(port) < 6:
            endpoints.append((host, int(port)))
    return tuple(dict.fromkeys(endpoints))


COLLECTOR = Collector(
    SETUP, N_("Looking how mail programs set themselves up"), collect, after=(DELEGATION,)
)
