"""A running lab: its servers and ports, its `[network]` table, recorded requests, switches for faults."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from lab.account import JsonRow
from lab.certificates import Cert, CertificateAuthority
from lab.clock import LabClock
from lab.dns import AuthoritativeServer, DnsListener, ReceivedQuestion
from lab.http import HttpListener, LabRequest
from lab.mailbox import BoxListener
from lab.net import ClosedPort, FaultSwitches, Link, RequestLog
from lab.panel import LabPanel
from lab.registry import ReceivedRegistryQuestion, Registry, WhoisListener
from lab.resolver import Resolver
from lab.smtp import Letter, SmtpListener
from lab.tree import Tree, build_tree
from lab.web import Startable, ports
from lab.world import Domain, MailServer, Manner, World
from lab.zones import Zone

MailPort = ClosedPort | SmtpListener | BoxListener


@dataclass(slots=True)
class Running:
    """A running lab. Diaries hold what servers received, oldest first; clear() them at will."""

    world: World
    clock: LabClock
    ca_bundle: str
    trust_anchor: str  # the root's DS record, "" when the top is not signed
    link: Link
    questions: RequestLog[ReceivedQuestion]
    requests: RequestLog[LabRequest]
    letters: RequestLog[Letter]
    panel: LabPanel
    registry: Registry
    network: JsonRow = field(default_factory=dict)  # the [network] table
    panel_url: str = ""
    machines: tuple[str, ...] = ("resolver", "second-resolver", "panel", "rdap")
    ports: list[Startable] = field(default_factory=list)

    @property
    def panel_token(self) -> str:
        return self.world.panel_token

    @property
    def panel_requests(self) -> RequestLog[LabRequest]:
        """What the panel was asked."""
        return self.panel.requests

    @property
    def registry_questions(self) -> RequestLog[ReceivedRegistryQuestion]:
        """What the registries were asked."""
        return self.registry.questions

    def fault(self, machine: str, fault: str) -> None:
        """Break a machine, by its name or the name's first label: down, hang, slow or error.

        "resolver", "panel" (its API) and "rdap" work too. KeyError when there is no such machine.
        """
        self.link.switches.set(self._machine(machine), fault)

    def clear_fault(self, machine: str) -> None:
        """Take a machine's fault away."""
        self.link.switches.clear(self._machine(machine))

    def _machine(self, name: str) -> str:
        """The full name of a machine."""
        matches = [m for m in self.machines if m == name or m.partition(".")[0] == name]
        if not matches:
            raise KeyError(name)
        return name if name in matches else matches[0]


@asynccontextmanager
async def serve_world(world: World, clock: LabClock, delay: timedelta) -> AsyncIterator[Running]:
    """Start every server of a world and stop them at the end."""
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        now = clock.now()
        authority = CertificateAuthority(Path(folder), now)
        tree = build_tree(world, now)
        switches = FaultSwitches()
        lab = Running(
            world,
            clock,
            str(authority.bundle),
            tree.anchor,
            Link(delay, switches),
            RequestLog(),
            RequestLog(),
            RequestLog(),
            LabPanel(world, clock),
            Registry(world, now),
        )
        try:
            await _open_ports(lab, tree, authority)
            yield lab
        finally:
            await asyncio.gather(*(p.stop() for p in lab.ports), return_exceptions=True)


async def _open_ports(lab: Running, tree: Tree, authority: CertificateAuthority) -> None:
    """Open all ports and write the network table."""
    hosts: dict[str, str] = {}
    resolver, second, hints = await _open_dns(lab, tree, hosts)
    lab.machines += tuple(m.name for m in lab.world.web_servers)
    lab.machines += tuple(m.name for m in lab.world.mail_servers)
    lab.machines += tuple(f"whois.{top}" for top in lab.world.whois)
    for web in lab.world.web_servers:
        opened = ports(web, lab.world.sites, authority, lab.link, lab.requests)
        for number, port in opened.items():
            await _start(lab, port)
            _map_addresses(hosts, web.addresses, number, port.endpoint)
    for machine in lab.world.mail_servers:
        for number, mail_port in mail_ports(lab, machine, authority).items():
            await _start(lab, mail_port)
            _map_addresses(hosts, machine.addresses, number, mail_port.endpoint)
    rdap = HttpListener("rdap", lab.registry.rdap, lab.link, RequestLog())
    panel = HttpListener("panel", lab.panel.respond, lab.link, lab.panel.requests)
    await _start(lab, rdap)
    await _start(lab, panel)
    whois = {top: WhoisListener(top, lab.registry, lab.link) for top in lab.world.whois}
    for port43 in whois.values():
        await _start(lab, port43)
    lab.panel_url = f"http://{panel.endpoint}"
    lab.network = {
        "resolvers": [resolver],
        "public_resolvers": [second],
        "root_hints": hints,
        "hosts": hosts,
        "closed": True,
        "rdap": {top: f"http://{rdap.endpoint}/{top}/" for top in lab.world.rdap},
        "whois": {top: port.endpoint for top, port in whois.items()},
        "ca_bundle": lab.ca_bundle,
        "dnsbl": list(lab.world.dnsbl),
        "trust_anchor": [lab.trust_anchor] if lab.trust_anchor else [],
    }


def mail_ports(
    lab: Running, machine: MailServer, authority: CertificateAuthority
) -> dict[int, MailPort]:
    """The ports of a mail server; a closed one refuses mail programs too."""
    if machine.manner is Manner.CLOSED:
        return {number: ClosedPort() for number in (25, 110, 143, 465, 587, 993, 995)}
    wrong = machine.certificate is Cert.WRONG_NAME
    named = (f"old.{machine.name}" if wrong else machine.name,)
    tls, link = authority.context(named, machine.certificate), lab.link
    opened: dict[int, MailPort] = {25: SmtpListener(machine, tls, link, lab.letters)}
    if machine.programs:
        for protocol, plain, safe in (("imap", 143, 993), ("pop3", 110, 995)):
            opened[plain] = BoxListener(protocol, machine, tls, link, implicit=False)
            opened[safe] = BoxListener(protocol, machine, tls, link, implicit=True)
        for number in (465, 587):
            opened[number] = SmtpListener(
                machine, tls, link, lab.letters, implicit=number == 465, programs=True
            )
    return opened


async def _open_dns(
    lab: Running, tree: Tree, hosts: dict[str, str]
) -> tuple[str, str, dict[str, str]]:
    """Every name server and both resolvers; returns their endpoints and the root hints."""
    switches = lab.link.switches
    lab.machines += tuple(tree.servers)
    servers = [
        AuthoritativeServer(m, tree.zones[name], switches) for name, m in tree.servers.items()
    ]
    roots = {root.name for root in tree.roots}
    hints: dict[str, str] = {}
    for server in servers:
        port = DnsListener(server, lab.link, lab.questions)
        await _start(lab, port)
        _map_addresses(hosts, server.machine.addresses, 53, port.endpoint)
        if server.name in roots:
            hints[server.name] = port.endpoint
    now = lab.clock.now()
    remembered = [remembered_zone(d, now) for d in lab.world.domains if d.remembered]
    resolver = DnsListener(Resolver(servers, now, switches), lab.link, lab.questions)
    distrusted = [d.name for d in lab.world.domains if d.distrusted]
    second = Resolver(
        servers, now, switches, name="second-resolver", remembered=remembered, distrusts=distrusted
    )
    further = DnsListener(second, lab.link, lab.questions)
    await _start(lab, resolver)
    await _start(lab, further)
    return resolver.endpoint, further.endpoint, hints


def remembered_zone(domain: Domain, now: datetime) -> Zone:
    """What the second resolver still remembers of a domain."""
    zone = Zone(domain.name, now)
    zone.put_lines(domain.remembered)
    return zone


async def _start(lab: Running, port: Startable) -> None:
    lab.ports.append(port)
    await port.start()


def _map_addresses(
    hosts: dict[str, str], addresses: tuple[str, ...], port: int, endpoint: str
) -> None:
    for address in addresses:
        hosts[f"[{address}]:{port}" if ":" in address else f"{address}:{port}"] = endpoint
