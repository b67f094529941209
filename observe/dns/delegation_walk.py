"""The walk from the root to a zone, without I/O: yields questions, receives facts (RFC 1034, 5.3.3).

Names are asked one label at a time (RFC 9156), so walks of one run share their upper questions and
the true parent of a zone is found. The driver lives in dns.py; a test drives it with a dict.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace

from facts import Delegated, NameServer
from standards.dns_types import Lookup, Trouble

MAX_LABELS = 32
MAX_LOCATED = 6  # name servers without glue that are looked up to go one level down
Servers = tuple[tuple[str, str], ...]  # (name, address)


@dataclass(frozen=True, slots=True)
class WalkQuery:
    """Ask a zone's servers, one after the other, until one gives a useful answer."""

    zone: str  # "." for the root
    name: str
    type: str
    servers: Servers
    also: tuple[str, ...] = ()  # further types of the same name, asked at the same time


@dataclass(frozen=True, slots=True)
class Locate:
    """Find the addresses of these hosts, each by its own walk."""

    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WalkReply:
    """What the driver sends back: for Ask all lookups made, the useful one last, and the same for
    each further type; for Locate the servers with their addresses, in the order asked."""

    lookups: tuple[Lookup, ...] = ()
    also: tuple[tuple[Lookup, ...], ...] = ()
    servers: tuple[NameServer, ...] = ()


@dataclass(frozen=True, slots=True)
class WalkResult:
    """Where a walk ended. `parent_servers` are those that were asked last."""

    zone: str
    parent: str
    outcome: Delegated
    parent_servers: Servers = ()
    ns: tuple[str, ...] = ()
    glue: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cname: str = ""
    trail: tuple[Lookup, ...] = ()
    above: tuple[tuple[str, Servers], ...] = ()  # each zone passed, with who was asked there
    held: bool = False  # told by a server that holds the zone itself as well


Steps = Generator[WalkQuery | Locate, WalkReply, WalkResult]
Found = Generator[WalkQuery | Locate, WalkReply, NameServer]


def within(name: str, zone: str) -> bool:
    """Is a name at or below a zone?"""
    return zone in (".", name) or name.endswith("." + zone)


def referred(lookup: Lookup, zone: str) -> str:
    """The name this answer delegates, strictly between the asking zone and the asked name, or "".

    An authoritative answer for NS counts too: the same servers hold the child.
    """
    held = lookup.answers if "aa" in lookup.flags and lookup.type == "NS" else ()
    for record in (*held, *lookup.authority):
        below = record.name != zone and within(record.name, zone)
        if record.type == "NS" and below and within(lookup.name, record.name):
            return record.name
    return ""


def useful(lookup: Lookup, zone: str) -> bool:
    """Does this answer bring the walk on, or must another server of the zone be asked?"""
    if lookup.trouble or lookup.rcode not in ("NOERROR", "NXDOMAIN"):
        return False
    if "aa" in lookup.flags or (lookup.answers and lookup.rcode == "NOERROR"):
        return True
    soa = any(r.type == "SOA" and within(r.name, zone) for r in lookup.authority)
    return soa or bool(referred(lookup, zone))


def _last(lookups: tuple[Lookup, ...], zone: str) -> Lookup | None:
    return lookups[-1] if lookups and useful(lookups[-1], zone) else None


def _servers_of(lookup: Lookup, cut: str) -> tuple[str, ...]:
    found = (*lookup.answers, *lookup.authority)
    return tuple(
        dict.fromkeys(r.value for r in found if (r.name, r.type) == (cut, "NS") and r.value != ".")
    )


def _glue(lookup: Lookup, names: tuple[str, ...], zone: str) -> dict[str, tuple[str, ...]]:
    """Addresses given along, only for names the asked zone may speak for."""
    return {
        name: tuple(
            r.value for r in lookup.additional if r.name == name and r.type in ("A", "AAAA")
        )
        for name in names
        if within(name, zone)
    }


@dataclass(slots=True)
class _Place:
    """Where a walk stands: the deepest zone known, and who serves it."""

    zone: str
    servers: Servers
    trail: list[Lookup]
    also: tuple[Lookup, ...] = ()  # useful answers to the further types of the last question
    above: tuple[tuple[str, Servers], ...] = ()

    def enter(self, cut: str, lookup: Lookup) -> Generator[WalkQuery | Locate, WalkReply, None]:
        """Go down to a delegated zone: by glue, else by finding its servers' addresses."""
        names = _servers_of(lookup, cut)
        glue = _glue(lookup, names, self.zone)
        servers = tuple((n, a) for n, addresses in glue.items() for a in addresses)
        if not servers:
            reply = yield Locate(names[:MAX_LOCATED])
            servers = tuple((s.name, a) for s in reply.servers for a in s.addresses)
        self.zone, self.servers = cut, servers
        self.above = (*self.above, (cut, servers))

    def ask(
        self, name: str, type: str, also: tuple[str, ...] = ()
    ) -> Generator[WalkQuery | Locate, WalkReply, Lookup | None]:
        """Put one question to the zone's servers; None when nobody answers usefully."""
        if not self.servers:
            return None
        reply = yield WalkQuery(self.zone, name, type, self.servers, also)
        self.trail.extend(reply.lookups)
        further = (_last(lookups, self.zone) for lookups in reply.also)
        self.also = tuple(lookup for lookup in further if lookup is not None)
        return _last(reply.lookups, self.zone)


def _start(hints: Servers) -> _Place:
    return _Place(".", hints, [], above=((".", hints),))


def walk(zone: str, hints: Servers, host: str = "") -> Steps:
    """Walk to the delegation of `zone`, or of the deepest zone below it that holds `host`."""
    place, found = _start(hints), None
    labels = (host or zone).split(".")[-MAX_LABELS:]
    target, depth = ".".join(labels), 1
    while True:
        name = ".".join(labels[-depth:])
        answer = yield from place.ask(name, "NS")
        if answer and answer.rcode == "NXDOMAIN" and name != target:
            # Some servers deny a name that only has names below it; ask for the whole one.
            found = found or (_undelegated(zone, place, answer) if within(name, zone) else None)
            name, depth = target, len(labels)
            answer = yield from place.ask(name, "NS")
        if answer is None:
            return found or _ended(zone, place, Delegated.UNREACHABLE)
        cut = referred(answer, place.zone)
        if cut and within(cut, zone):
            found = _delegated(cut, place, answer)
        elif name == zone:
            found = _undelegated(zone, place, answer)
        if name == target and cut in ("", target):
            return found or _undelegated(zone, place, answer)
        if cut:
            yield from place.enter(cut, answer)
            depth = cut.count(".") + 2
        else:
            depth += 1


def _ended(zone: str, place: _Place, outcome: Delegated, cname: str = "") -> WalkResult:
    return WalkResult(
        zone,
        place.zone,
        outcome,
        place.servers,
        cname=cname,
        trail=tuple(place.trail),
        above=place.above,
    )


def _undelegated(zone: str, place: _Place, answer: Lookup) -> WalkResult:
    alias = next(iter(answer.values("CNAME")), "")
    if answer.rcode == "NXDOMAIN" and not alias:
        return _ended(zone, place, Delegated.NXDOMAIN)
    return _ended(zone, place, Delegated.NO, alias)


def _delegated(zone: str, place: _Place, answer: Lookup) -> WalkResult:
    return delegated(_ended(zone, place, Delegated.YES), answer)


def delegated(walked: WalkResult, answer: Lookup) -> WalkResult:
    """The walk with the delegation that one of the parent's servers gives."""
    ns = _servers_of(answer, walked.zone)
    glue = _glue(answer, ns, walked.parent)
    held = "aa" in answer.flags
    return replace(walked, outcome=Delegated.YES, ns=ns, glue=glue, cname="", held=held)


def locate(host: str, hints: Servers) -> Found:
    """Find a host's addresses by walking to its zone and asking there."""
    place = _start(hints)
    labels = host.split(".")[-MAX_LABELS:]
    depth = 1
    while True:
        name = ".".join(labels[-depth:])
        if name == host:
            answer = yield from place.ask(name, "A", ("AAAA",))
        else:
            answer = yield from place.ask(name, "NS")
        if answer and answer.rcode == "NXDOMAIN" and name != host:
            depth = len(labels)
            continue
        if answer is None:
            return NameServer(host, trouble=_why(place.trail))
        if answer.rcode == "NXDOMAIN":
            return NameServer(host, trouble=Trouble.NXDOMAIN)
        cut = referred(answer, place.zone)
        if cut and (name != host or not answer.values()):
            yield from place.enter(cut, answer)
            depth = min(cut.count(".") + 2, len(labels))
        elif name != host:
            depth += 1
        else:
            return (yield from _addresses(host, place, answer))


def _addresses(host: str, place: _Place, first: Lookup) -> Found:
    """Both families, as the zone's servers gave them; an alias is followed from the root."""
    records = [r for lookup in (first, *place.also) for r in lookup.answers]
    alias = next((r.value for r in records if r.type == "CNAME"), "")
    values = dict.fromkeys(
        r.value for r in records if r.type in ("A", "AAAA") and within(r.name, place.zone)
    )
    if alias and not values:
        reply = yield Locate((alias,))
        return NameServer(host, (), reply.servers[0].addresses, reply.servers[0].trouble, alias)
    return NameServer(host, (), tuple(values), None if values else Trouble.NXDOMAIN, alias)


def _why(trail: list[Lookup]) -> Trouble:
    """The reason nobody could be asked: the last failure seen."""
    return next((x.trouble for x in reversed(trail) if x.trouble), Trouble.SERVFAIL)
