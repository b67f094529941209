"""Builds the DNS tree of a world: root, top-level domains, customer zones, and who serves what.

Names of machines that no domain of the world covers get small zones of their own, so that
everything resolves. Opens no socket.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lab.world import (
    ZONE_SERVERS,
    Domain,
    Ds,
    LabNameserver,
    MailServer,
    ServerFault,
    Signing,
    World,
)
from lab.zones import Zone, ZoneKey

ROOT_SERVERS = (
    LabNameserver(name="a.root-lab.test", addresses=("31.53.255.1",)),
    LabNameserver(name="b.root-lab.test", addresses=("31.53.255.2",)),
)
TOP_SERVERS = (
    LabNameserver(name="a.top-lab.test", addresses=("31.53.254.1", "2a0e:53ff:254::1")),
    LabNameserver(name="b.top-lab.test", addresses=("31.53.254.2",)),
)
DEFAULT_SERVERS = (
    LabNameserver(name=ZONE_SERVERS[0], addresses=("31.53.253.1", "2a0e:53ff:253::1")),
    LabNameserver(name=ZONE_SERVERS[1], addresses=("31.53.253.2",)),
)
HOSTMASTER = "hostmaster"


@dataclass(slots=True)
class ServedZone:
    """One zone as one server holds it."""

    zone: Zone
    fault: ServerFault | None = None
    turned: Zone | None = None  # what it says after `turns_after` questions of a kind
    turns_after: int = 1


@dataclass(slots=True)
class Tree:
    """All servers and, for each of them by name, the zones it holds by their names."""

    servers: dict[str, LabNameserver]
    zones: dict[str, dict[str, ServedZone]]
    anchor: str  # the root's DS record, for validators
    roots: tuple[LabNameserver, ...] = ROOT_SERVERS
    keys: dict[str, ZoneKey] = field(default_factory=dict)


def build_tree(world: World, now: datetime) -> Tree:
    """The tree of a world."""
    servers = {s.name: s for s in (*ROOT_SERVERS, *TOP_SERVERS, *DEFAULT_SERVERS)}
    servers |= {s.name: s for s in world.nameservers}
    machines: dict[str, tuple[str, ...]] = {n: s.addresses for n, s in servers.items()}
    machines |= {m.name: m.addresses for m in world.web_servers}
    machines |= {m.name: m.addresses for m in world.mail_servers}
    domains = world.domains + _machine_zones(machines, world.domains) + _reverse(world)
    tops = _tops(world, domains)
    keys = {d.name: ZoneKey(d.name) for d in domains if d.signing is not Signing.NO}
    if world.signed_top:
        keys |= {name: ZoneKey(name) for name in ("", *tops)}
    tree = Tree(servers, {name: {} for name in servers}, "", keys=keys)
    for domain in domains:
        _serve_domain(tree, domain, domains, machines, now)
    for top in tops:
        usual = Signing.GOOD if top in keys else Signing.NO
        how = world.broken_tops.get(top, usual)
        _serve_top_level(tree, top, domains, machines, now, signing=how)
    _serve_root(tree, tops, now)
    tree.anchor = keys[""].ds if "" in keys else ""
    return tree


def _tops(world: World, domains: Iterable[Domain]) -> tuple[str, ...]:
    used = (d.name.rsplit(".", 1)[-1] for d in domains)
    return tuple(dict.fromkeys((*world.top_level, *used)))


def _machine_zones(
    machines: Mapping[str, tuple[str, ...]], domains: tuple[Domain, ...]
) -> tuple[Domain, ...]:
    """Zones for machines that live in no domain of the world."""
    names = {d.name for d in domains}
    wanted = (".".join(name.split(".")[-2:]) for name in machines if not _within(name, names))
    return tuple(Domain(name=home, registered=None) for home in dict.fromkeys(wanted))


def _reverse(world: World) -> tuple[Domain, ...]:
    """The reverse DNS of name servers and mail servers, but for the unnamed."""
    named: tuple[LabNameserver | MailServer, ...]
    named = (*ROOT_SERVERS, *TOP_SERVERS, *DEFAULT_SERVERS, *world.nameservers, *world.mail_servers)
    lines: dict[str, list[str]] = {"in-addr.arpa": [], "ip6.arpa": []}
    for machine in named:
        for address in machine.addresses:
            if address not in world.unnamed:
                pointer = ipaddress.ip_address(address).reverse_pointer
                top = ".".join(pointer.split(".")[-2:])
                lines[top].append(f"{pointer}. PTR {machine.name}.")
    return tuple(
        Domain(name=name, records=tuple(dict.fromkeys(records)), registered=None)
        for name, records in lines.items()
    )


def _within(name: str, domains: Iterable[str]) -> bool:
    return any(name == d or name.endswith(f".{d}") for d in domains)


def _parent(name: str, names: set[str]) -> str:
    """The nearest zone above a name; a top-level domain when no domain is."""
    labels = name.split(".")
    above = (".".join(labels[at:]) for at in range(1, len(labels)))
    return next((a for a in above if a in names), labels[-1])


def _serve_domain(
    tree: Tree,
    domain: Domain,
    domains: tuple[Domain, ...],
    machines: Mapping[str, tuple[str, ...]],
    now: datetime,
) -> None:
    """Put a domain's zone on each of its servers."""

    def zone(records: tuple[str, ...]) -> Zone:
        serial = 0 if any(_soa(r) for r in records) else domain.serial
        built = _zone(tree, domain.name, domain.zone_ns, domain.signing, now, serial=serial)
        built.put_lines(records)
        _machines(built, domain, domains, machines)
        _delegate(tree, built, domain.name, domains, machines)
        return built

    common = zone(domain.records)
    turned = zone(domain.turned) if domain.turned else None
    for server in domain.servers:
        own = zone(domain.differing[server]) if server in domain.differing else common
        served = ServedZone(own, domain.faults.get(server), turned, domain.turns_after)
        tree.zones[server][domain.name] = served


def _soa(record: str) -> bool:
    """Does the world write this zone's SOA itself?"""
    return record.split(None, 3)[:2] == ["@", "SOA"]


def _machines(
    zone: Zone,
    domain: Domain,
    domains: tuple[Domain, ...],
    machines: Mapping[str, tuple[str, ...]],
) -> None:
    """Addresses of the world's machines whose names lie in this zone and are not written yet."""
    deeper = [d.name for d in domains if d.name.endswith(f".{domain.name}")]
    for name, addresses in machines.items():
        if _within(name, [domain.name]) and not _within(name, deeper) and not zone.has(f"{name}."):
            _addresses(zone, name, addresses)


def _addresses(zone: Zone, name: str, addresses: Iterable[str]) -> None:
    for address in addresses:
        kind = "AAAA" if ipaddress.ip_address(address).version == 6 else "A"
        zone.put(f"{name}.", kind, address)


def _zone(
    tree: Tree,
    name: str,
    servers: tuple[str, ...],
    signing: Signing,
    now: datetime,
    *,
    serial: int = 2026010100,
) -> Zone:
    """An empty zone with NS and, unless the serial is 0, SOA."""
    zone = Zone(name, now, signing, tree.keys.get(name))
    first = servers[0] if servers else ZONE_SERVERS[0]
    contact = f"{HOSTMASTER}.{first.split('.', 1)[-1]}."
    if serial:
        zone.put("@", "SOA", f"{first}. {contact} {serial} 10800 3600 1209600 300")
    for server in servers:
        zone.put("@", "NS", f"{server}.")
    return zone


def _delegate(
    tree: Tree,
    zone: Zone,
    name: str,
    domains: tuple[Domain, ...],
    machines: Mapping[str, tuple[str, ...]],
) -> None:
    """Write into a zone the delegations of the domains right below it."""
    names = {d.name for d in domains}
    for child in domains:
        if not child.name.endswith(f".{name}") or _parent(child.name, names) != name:
            continue
        zone.put_lines(f"{child.name}. {record}" for record in child.at_parent)
        for server in child.delegated_to:
            zone.put(f"{child.name}.", "NS", f"{server}.")
            inside = _within(server, [child.name])
            glue = child.glue.get(server, machines.get(server, ()) if inside else ())
            if not zone.has(f"{server}."):
                _addresses(zone, server, glue)
        if child.delegated_to:
            for ds in _ds(tree, child):
                zone.put(f"{child.name}.", "DS", ds)


def _ds(tree: Tree, child: Domain) -> tuple[str, ...]:
    if child.ds is Ds.LEFT_BEHIND:
        return (ZoneKey(child.name).ds,)
    key = tree.keys.get(child.name)
    if key is not None and child.ds is Ds.ALSO_OLD:
        return (key.ds, ZoneKey(child.name).ds)
    if key is not None and child.ds is Ds.SHA1:
        return (key.old_ds,)
    return (key.ds,) if key is not None and child.ds is Ds.MATCHING else ()


def _serve_top_level(
    tree: Tree,
    top: str,
    domains: tuple[Domain, ...],
    machines: Mapping[str, tuple[str, ...]],
    now: datetime,
    *,
    signing: Signing,
) -> None:
    for server in TOP_SERVERS:
        zone = _zone(tree, top, tuple(s.name for s in TOP_SERVERS), signing, now)
        delegated = tuple(d for d in domains if server.name not in d.undelegated_at)
        _delegate(tree, zone, top, delegated, machines)
        tree.zones[server.name][top] = ServedZone(zone)


def _serve_root(tree: Tree, tops: tuple[str, ...], now: datetime) -> None:
    signing = Signing.GOOD if "" in tree.keys else Signing.NO
    zone = _zone(tree, "", tuple(s.name for s in ROOT_SERVERS), signing, now)
    for server in (*ROOT_SERVERS, *TOP_SERVERS):
        _addresses(zone, server.name, server.addresses)
    for top in tops:
        for server in TOP_SERVERS:
            zone.put(f"{top}.", "NS", f"{server.name}.")
        if top in tree.keys:
            zone.put(f"{top}.", "DS", tree.keys[top].ds)
    for server in ROOT_SERVERS:
        tree.zones[server.name][""] = ServedZone(zone)
