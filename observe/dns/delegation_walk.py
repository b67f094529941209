"""The walk from the root to a zone: whom to ask next, and whether a name is delegated, absent or unreachable.
Without I/O: yields queries, receives look-ups (RFC 1034, 5.3.3).

Names are queried one label at a time (RFC 9156), so walks of one run share their upper queries and
the true parent of a zone is found. zone.py drives it over the network, a test with a dict.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace

from facts import Delegated, NameServer
from standards.dns_types import Lookup, Trouble

MAX_LABELS = 32
MAX_LOCATED_SERVERS = 6  # name servers without glue that are looked up to go one level down
Servers = tuple[tuple[str, str], ...]  # (name, address)


@dataclass(frozen=True, slots=True)
class WalkQuery:
    """Query a zone's servers, one after the other, until one gives a useful answer."""

    zone: str  # "." for the root
    name: str
    type: str
    servers: Servers
    also_types: tuple[str, ...] = ()  # further types of the same name, asked at the same time


@dataclass(frozen=True, slots=True)
class LocateHosts:
    """Find the addresses of these hosts, each by its own walk."""

    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WalkReply:
    """The driver's reply: for WalkQuery all look-ups made, the useful one last, and the same for
    each further type; for LocateHosts the servers with their addresses, in the order asked."""

    lookups: tuple[Lookup, ...] = ()
    also_lookups: tuple[tuple[Lookup, ...], ...] = ()
    servers: tuple[NameServer, ...] = ()


@dataclass(frozen=True, slots=True)
class WalkResult:
    """The end of a walk. `parent_servers` are those that were queried last."""

    zone: str
    parent: str
    outcome: Delegated
    parent_servers: Servers = ()
    ns: tuple[str, ...] = ()
    glue: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cname: str = ""
    trail: tuple[Lookup, ...] = ()
    above: tuple[tuple[str, Servers], ...] = ()  # each zone passed, with who was asked there
    from_child_server: bool = False  # answered by a server that serves the child zone too


DelegationWalk = Generator[WalkQuery | LocateHosts, WalkReply, WalkResult]
AddressWalk = Generator[WalkQuery | LocateHosts, WalkReply, NameServer]


def is_at_or_below(name: str, zone: str) -> bool:
    """Whether a name is at or below a zone."""
    return zone in (".", name) or name.endswith("." + zone)


def referral_target(lookup: Lookup, zone: str) -> str:
    """The zone cut that an answer refers to, below the queried zone and at or above the name, or "".

    An authoritative answer for NS counts too: the same servers serve the child.
    """
    child_ns = lookup.answers if "aa" in lookup.flags and lookup.type == "NS" else ()
    for record in (*child_ns, *lookup.authority):
        is_below = record.name != zone and is_at_or_below(record.name, zone)
        if record.type == "NS" and is_below and is_at_or_below(lookup.name, record.name):
            return record.name
    return ""


def is_useful(lookup: Lookup, zone: str) -> bool:
    """Whether an answer advances the walk; otherwise another server of the zone is tried."""
    if lookup.trouble or lookup.rcode not in ("NOERROR", "NXDOMAIN"):
        return False
    if "aa" in lookup.flags or (lookup.answers and lookup.rcode == "NOERROR"):
        return True
    has_soa = any(r.type == "SOA" and is_at_or_below(r.name, zone) for r in lookup.authority)
    return has_soa or bool(referral_target(lookup, zone))


def _last_useful(lookups: tuple[Lookup, ...], zone: str) -> Lookup | None:
    return lookups[-1] if lookups and is_useful(lookups[-1], zone) else None


def _name_servers(lookup: Lookup, cut: str) -> tuple[str, ...]:
    records = (*lookup.answers, *lookup.authority)
    return tuple(
        dict.fromkeys(
            r.value for r in records if (r.name, r.type) == (cut, "NS") and r.value != "."
        )
    )


def _glue(lookup: Lookup, names: tuple[str, ...], zone: str) -> dict[str, tuple[str, ...]]:
    """Glue addresses from the additional section, only for names below the queried zone."""
    return {
        name: tuple(
            r.value for r in lookup.additional if r.name == name and r.type in ("A", "AAAA")
        )
        for name in names
        if is_at_or_below(name, zone)
    }


@dataclass(slots=True)
class _WalkPosition:
    """The position of a walk: the deepest zone known, and its servers."""

    zone: str
    servers: Servers
    trail: list[Lookup]
    also_lookups: tuple[
        Lookup, ...
    ] = ()  # useful answers to the further types of the last question
    above: tuple[tuple[str, Servers], ...] = ()

    def enter(
        self, cut: str, lookup: Lookup
    ) -> Generator[WalkQuery | LocateHosts, WalkReply, None]:
        """Descend into a delegated zone by glue, else by locating its servers."""
        names = _name_servers(lookup, cut)
        glue = _glue(lookup, names, self.zone)
        servers = tuple((n, a) for n, addresses in glue.items() for a in addresses)
        if not servers:
            reply = yield LocateHosts(names[:MAX_LOCATED_SERVERS])
            servers = tuple((s.name, a) for s in reply.servers for a in s.addresses)
        self.zone, self.servers = cut, servers
        self.above = (*self.above, (cut, servers))

    def ask(
        self, name: str, type: str, also_types: tuple[str, ...] = ()
    ) -> Generator[WalkQuery | LocateHosts, WalkReply, Lookup | None]:
        """Query the zone's servers; None without a useful answer."""
        if not self.servers:
            return None
        reply = yield WalkQuery(self.zone, name, type, self.servers, also_types)
        self.trail.extend(reply.lookups)
        useful_lookups = (_last_useful(lookups, self.zone) for lookups in reply.also_lookups)
        self.also_lookups = tuple(lookup for lookup in useful_lookups if lookup is not None)
        return _last_useful(reply.lookups, self.zone)


def _start(hints: Servers) -> _WalkPosition:
    return _WalkPosition(".", hints, [], above=((".", hints),))


def walk(zone: str, hints: Servers, host: str = "") -> DelegationWalk:
    """Walk to the delegation of `zone`, or of the deepest zone below it that holds `host`."""
    position, result = _start(hints), None
    labels = (host or zone).split(".")[-MAX_LABELS:]
    target, depth = ".".join(labels), 1
    while True:
        name = ".".join(labels[-depth:])
        answer = yield from position.ask(name, "NS")
        if answer and answer.rcode == "NXDOMAIN" and name != target:
            # Some servers deny empty non-terminals; query the whole name.
            result = result or (
                _undelegated_result(zone, position, answer) if is_at_or_below(name, zone) else None
            )
            name, depth = target, len(labels)
            answer = yield from position.ask(name, "NS")
        if answer is None:
            return result or _result(zone, position, Delegated.UNREACHABLE)
        cut = referral_target(answer, position.zone)
        if cut and is_at_or_below(cut, zone):
            result = _delegated_result(cut, position, answer)
        elif name == zone:
            result = _undelegated_result(zone, position, answer)
        if name == target and cut in ("", target):
            return result or _undelegated_result(zone, position, answer)
        if cut:
            yield from position.enter(cut, answer)
            depth = cut.count(".") + 2
        else:
            depth += 1


def _result(zone: str, position: _WalkPosition, outcome: Delegated, cname: str = "") -> WalkResult:
    return WalkResult(
        zone,
        position.zone,
        outcome,
        position.servers,
        cname=cname,
        trail=tuple(position.trail),
        above=position.above,
    )


def _undelegated_result(zone: str, position: _WalkPosition, answer: Lookup) -> WalkResult:
    alias = next(iter(answer.values("CNAME")), "")
    if answer.rcode == "NXDOMAIN" and not alias:
        return _result(zone, position, Delegated.NXDOMAIN)
    return _result(zone, position, Delegated.NO, alias)


def _delegated_result(zone: str, position: _WalkPosition, answer: Lookup) -> WalkResult:
    return with_delegation(_result(zone, position, Delegated.YES), answer)


def with_delegation(result: WalkResult, answer: Lookup) -> WalkResult:
    """The result with the NS and glue of a referral."""
    ns = _name_servers(answer, result.zone)
    glue = _glue(answer, ns, result.parent)
    from_child_server = "aa" in answer.flags
    return replace(
        result,
        outcome=Delegated.YES,
        ns=ns,
        glue=glue,
        cname="",
        from_child_server=from_child_server,
    )


def walk_to_addresses(host: str, hints: Servers) -> AddressWalk:
    """Find a host's addresses by walking to its zone and querying its servers."""
    position = _start(hints)
    labels = host.split(".")[-MAX_LABELS:]
    depth = 1
    while True:
        name = ".".join(labels[-depth:])
        if name == host:
            answer = yield from position.ask(name, "A", ("AAAA",))
        else:
            answer = yield from position.ask(name, "NS")
        if answer and answer.rcode == "NXDOMAIN" and name != host:
            depth = len(labels)
            continue
        if answer is None:
            return NameServer(host, trouble=_last_trouble(position.trail))
        if answer.rcode == "NXDOMAIN":
            return NameServer(host, trouble=Trouble.NXDOMAIN)
        cut = referral_target(answer, position.zone)
        if cut and (name != host or not answer.values()):
            yield from position.enter(cut, answer)
            depth = min(cut.count(".") + 2, len(labels))
        elif name != host:
            depth += 1
        else:
            return (yield from _host_addresses(host, position, answer))


def _host_addresses(host: str, position: _WalkPosition, first: Lookup) -> AddressWalk:
    """A and AAAA of the zone's servers' answers; an alias is followed from the root."""
    records = [r for lookup in (first, *position.also_lookups) for r in lookup.answers]
    alias = next((r.value for r in records if r.type == "CNAME"), "")
    values = dict.fromkeys(
        r.value
        for r in records
        if r.type in ("A", "AAAA") and is_at_or_below(r.name, position.zone)
    )
    if alias and not values:
        reply = yield LocateHosts((alias,))
        return NameServer(host, (), reply.servers[0].addresses, reply.servers[0].trouble, alias)
    return NameServer(host, (), tuple(values), None if values else Trouble.NXDOMAIN, alias)


def _last_trouble(trail: list[Lookup]) -> Trouble:
    """The last trouble of a trail; SERVFAIL when there was none."""
    return next((lookup.trouble for lookup in reversed(trail) if lookup.trouble), Trouble.SERVFAIL)
