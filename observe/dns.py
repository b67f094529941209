"""Asking DNS: one server, the resolvers, or every server of a delegation. Yields Lookups.

Times out in parallel, never in turn; a server that stayed silent once in a run is not waited for
again. Messages are wire.py's, the walk from the root is walk.py's, the racing is here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import replace

import dns.exception
import dns.resolver

from facts import Delegated, Delegation, Lookup, NameServer, Trouble, Vantage
from observe import datagram, guard, wire
from observe.budget import Budget
from observe.guard import Guard, Route
from observe.network import Network, NetworkError, endpoint
from observe.race import race
from observe.walk import (
    Ask,
    Found,
    Locate,
    Reply,
    Servers,
    Steps,
    Walked,
    delegated,
    locate,
    referred,
    useful,
    walk,
)

IMPATIENT = 0.25  # seconds for a server that was silent before
TIMEOUT = 2.0
MAX_TRIED = 8  # servers of one zone, for a question that one good answer settles
MAX_DEPTH = 6  # walks within walks, for name servers in other zones
MAX_ALIASES = 8
MAX_PARENTS = 26  # servers of the parent that are each asked for the delegation
SIGNED = ("DS", "DNSKEY", "RRSIG", "CDS", "CDNSKEY", "NSEC3PARAM")  # asked with their signatures


async def ask(
    net: Network,
    budget: Budget,
    name: str,
    type: str,
    server: str,
    *,
    server_name: str = "",
    dnssec: bool = False,
    recurse: bool = False,
    timeout: float = TIMEOUT,  # noqa: ASYNC109 - part of the fact's meaning, bounds UDP and TCP alike
    operator: bool = False,
    stream: bool = False,
) -> Lookup:
    """One question to one server: UDP with EDNS, TCP when truncated, one retry.

    `operator` marks a server from our own configuration, which the guard need not judge; `stream`
    asks over TCP from the start.
    """
    name = name.lower().rstrip(".") or "."
    lookup = Lookup(name, type, server, net.clock.now(), server_name)
    route = _route(net, server, operator=operator)
    if isinstance(route, Trouble):
        return replace(lookup, trouble=route, detail=guard.WHY.get(route, ""))
    if not budget.spend_lookup():
        return replace(lookup, trouble=Trouble.OVERBUDGET)
    known_silent = budget.is_silent(server)
    wait = min(timeout, IMPATIENT) if known_silent else timeout
    asked = datagram.Question(name, type, dnssec, recurse, 1 if known_silent else 2, stream)
    start = net.clock.monotonic()
    answer = await datagram.exchange(route, asked, budget.within(wait))
    if answer.trouble is Trouble.TIMEOUT and answer.transport == "udp":
        budget.note_silence(server)
    elif answer.trouble is None:
        budget.note_answer(server)
    if answer.message is not None and not budget.spend_bytes(answer.size):
        return replace(lookup, trouble=Trouble.OVERBUDGET)
    lookup = replace(
        lookup,
        transport=answer.transport,
        trouble=budget.blame(answer.trouble),
        detail=answer.detail,
        elapsed=datagram.duration(start, net.clock.monotonic()),
    )
    return lookup if answer.message is None else _filled(lookup, answer)


def _route(net: Network, server: str, *, operator: bool) -> Route | Trouble:
    try:
        address, port = endpoint(server, 53)
    except NetworkError:
        return Trouble.BLOCKED
    consent = Guard(net)
    return consent.operator(address, port) if operator else consent.route(address, port)


def _filled(lookup: Lookup, answer: datagram.Answer) -> Lookup:
    message = answer.message
    if message is None:
        return lookup
    try:
        return replace(
            lookup,
            rcode=wire.rcode(message),
            flags=wire.flags(message),
            answers=wire.records(message.answer),
            authority=wire.records(message.authority),
            additional=wire.records(message.additional),
            detail=lookup.detail or wire.explained(message),
        )
    except (dns.exception.DNSException, ValueError):
        return replace(lookup, trouble=Trouble.PROTOCOL, detail="malformed answer")


def _own_resolvers() -> tuple[str, ...]:
    """The machine's resolvers, as its configuration names them."""
    with contextlib.suppress(dns.exception.DNSException, OSError):
        return tuple(str(server) for server in dns.resolver.Resolver().nameservers)
    return ()


def resolvers(net: Network) -> tuple[str, ...]:
    """Every resolver whose memory may be compared: the configured or own ones, and public ones."""
    own = net.resolvers or (() if net.closed else _own_resolvers())
    return tuple(dict.fromkeys((*own, *net.public_resolvers)))


async def resolve(
    net: Network, budget: Budget, name: str, type: str, *, fresh: bool = False
) -> Lookup:
    """One question through the resolvers, remembered for the run unless `fresh`."""
    key = ("resolve", name.lower().rstrip("."), type)
    if fresh:
        budget.forget(key)
    return await budget.once(key, lambda: _resolve(net, budget, name, type))


async def _resolve(net: Network, budget: Budget, name: str, type: str) -> Lookup:
    servers = net.resolvers or (() if net.closed else _own_resolvers())
    if not servers:
        detail = "no resolver is configured"
        at = net.clock.now()
        return Lookup(name, type, "", at, trouble=Trouble.UNREACHABLE, detail=detail)
    ordered = sorted(servers, key=budget.is_silent)
    calls = [
        lambda server=server: ask(net, budget, name, type, server, recurse=True, operator=True)
        for server in ordered
    ]
    lookups = await race(calls, _settled, stagger=1.0)
    return next((x for x in reversed(lookups) if x.rcode), lookups[-1])


def _settled(lookup: Lookup) -> bool:
    return lookup.trouble is None and lookup.rcode in ("NOERROR", "NXDOMAIN")


async def addresses(
    net: Network, budget: Budget, host: str
) -> tuple[tuple[str, ...], Trouble | None]:
    """A host's IPv4, then IPv6 addresses through the resolvers.

    No address and no trouble: the name exists and has none. With addresses there is no trouble.
    """
    v4, v6 = await asyncio.gather(
        _chased(net, budget, host, "A"), _chased(net, budget, host, "AAAA")
    )
    found = (*v4.values("A"), *v6.values("AAAA"))
    if found:
        return found, None
    return (), _why_none(v4) or _why_none(v6)


async def _chased(net: Network, budget: Budget, host: str, type: str) -> Lookup:
    """Follow aliases that the resolver did not follow itself."""
    lookup = await resolve(net, budget, host, type)
    for _ in range(MAX_ALIASES):
        alias = lookup.values("CNAME")
        if lookup.values(type) or not alias or lookup.rcode != "NOERROR":
            break
        lookup = await resolve(net, budget, alias[-1], type)
    return lookup


def _why_none(lookup: Lookup) -> Trouble | None:
    if lookup.trouble:
        return lookup.trouble
    return {"NOERROR": None, "NXDOMAIN": Trouble.NXDOMAIN}.get(lookup.rcode, Trouble.SERVFAIL)


def reachable(vantage: Vantage, address: str) -> bool:
    """Can this vantage reach an address of that family at all?"""
    v6 = endpoint(address, 53)[0].count(":") > 1
    return vantage.ipv6 if v6 else vantage.ipv4


async def _reply(net: Network, budget: Budget, step: Ask | Locate, chain: frozenset[str]) -> Reply:
    if isinstance(step, Locate):
        servers = await asyncio.gather(*(_find(net, budget, h, chain) for h in step.hosts))
        return Reply(servers=tuple(servers))
    kinds = (step.type, *step.also)
    first, *also = await asyncio.gather(
        *(_shared(net, budget, replace(step, type=kind, also=())) for kind in kinds)
    )
    return Reply(first, tuple(also))


async def _shared(net: Network, budget: Budget, step: Ask) -> tuple[Lookup, ...]:
    return await budget.once(step, lambda: _put(net, budget, step))


async def _put(net: Network, budget: Budget, step: Ask) -> tuple[Lookup, ...]:
    """Ask a zone's servers for a useful answer; those silent before come last."""
    operator = step.zone == "." and net.own_hints
    servers = [s for s in step.servers if operator or reachable(net.vantage, s[1])]
    servers.sort(key=lambda s: budget.is_silent(s[1]))
    calls = [
        lambda s=s: ask(
            net,
            budget,
            step.name,
            step.type,
            s[1],
            server_name=s[0],
            operator=operator,
            dnssec=step.type in SIGNED,
        )
        for s in servers[:MAX_TRIED]
    ]
    return await race(calls, lambda lookup: useful(lookup, step.zone))


async def _find(net: Network, budget: Budget, host: str, chain: frozenset[str]) -> NameServer:
    """A host's addresses by walking; a circle of zones that need each other ends here."""
    if host in chain or len(chain) >= MAX_DEPTH:
        return NameServer(host, trouble=Trouble.UNREACHABLE)
    steps: Found = locate(host, net.root_hints)
    reply, inner = None, chain | {host}
    while True:
        try:
            step = next(steps) if reply is None else steps.send(reply)
        except StopIteration as end:
            found: NameServer = end.value
            return found
        reply = await _reply(net, budget, step, inner)


async def _walk(net: Network, budget: Budget, zone: str) -> Walked:
    steps: Steps = walk(zone, net.root_hints)
    reply = None
    while True:
        try:
            step = next(steps) if reply is None else steps.send(reply)
        except StopIteration as end:
            walked: Walked = end.value
            return walked
        reply = await _reply(net, budget, step, frozenset())


async def delegation(
    net: Network, budget: Budget, zone: str, early: Iterable[tuple[str, str]] = ()
) -> Delegation:
    """Walk from the root to a zone, then ask each of its servers for SOA and NS.

    `early` are further questions that somebody will put to these servers with `everywhere`: they go
    out as soon as an address is known, beside the rest of the walk.
    """
    zone = zone.lower().rstrip(".")
    walked = await _walk(net, budget, zone)
    parents: tuple[Lookup, ...] = ()
    if walked.outcome in (Delegated.NO, Delegated.NXDOMAIN):
        # One of the parent's servers denies it; another one may know better.
        parents = await _parents(net, budget, walked)
        held = next((x for x in parents if referred(x, walked.parent) == zone), None)
        walked = delegated(walked, held) if held else walked
    seen = Delegation(
        zone,
        walked.parent,
        walked.outcome,
        walked.ns,
        trail=walked.trail,
        cname=walked.cname,
        parents=parents,
        above=walked.above,
    )
    if walked.outcome is not Delegated.YES:
        return seen
    wanted = (*_start(zone), *early)
    ds, servers, parents = await asyncio.gather(
        _shared(net, budget, Ask(walked.parent, zone, "DS", walked.parent_servers)),
        asyncio.gather(*(_server(net, budget, walked, name, wanted) for name in walked.ns)),
        _parents(net, budget, walked),
    )
    seen = replace(seen, servers=tuple(servers), trail=(*walked.trail, *ds), parents=parents)
    if ds:
        seen = replace(seen, ds=tuple(r for r in ds[-1].answers if r.type == "DS"))
    answers = await everywhere(net, budget, seen, _start(zone))
    soa = tuple(x for x in answers if x.type == "SOA")
    return replace(seen, soa=soa, ns=tuple(x for x in answers if x.type == "NS"))


def _start(zone: str) -> tuple[tuple[str, str], ...]:
    return ((zone, "SOA"), (zone, "NS"))


async def _parents(net: Network, budget: Budget, walked: Walked) -> tuple[Lookup, ...]:
    """What each of the parent's servers says of the delegation."""
    operator = walked.parent == "." and net.own_hints
    servers = [s for s in walked.parent_servers if operator or reachable(net.vantage, s[1])]

    async def put(name: str, address: str) -> Lookup:
        return await budget.once(
            ("parent", walked.zone, address),
            lambda: ask(
                net, budget, walked.zone, "NS", address, server_name=name, operator=operator
            ),
        )

    return tuple(await asyncio.gather(*(put(*s) for s in servers[:MAX_PARENTS])))


async def chain(
    net: Network, budget: Budget, above: Iterable[tuple[str, Servers]], zone: str
) -> tuple[tuple[Lookup, ...], tuple[Lookup, ...]]:
    """DNSKEY of each zone above, and DS of each zone below the root at its parent, all at once.

    One useful answer each, or the last failure; in the order from the root down.
    """
    places = tuple(above)
    names = (*(name for name, _ in places[1:]), zone)
    keys = (Ask(name, name, "DNSKEY", servers) for name, servers in places)
    parents = zip(places, names, strict=False)
    ds = (Ask(name, child, "DS", servers) for (name, servers), child in parents)
    found = await asyncio.gather(*(_shared(net, budget, step) for step in (*keys, *ds)))
    last = [lookups[-1] for lookups in found if lookups]
    return (
        tuple(x for x in last if x.type == "DNSKEY"),
        tuple(x for x in last if x.type == "DS"),
    )


async def _server(
    net: Network, budget: Budget, walked: Walked, name: str, wanted: tuple[tuple[str, str], ...]
) -> NameServer:
    """One name server: its own zone's word on its addresses, and the parent's glue.

    While the addresses are looked up, the glue is already asked; `everywhere` finds those answers.
    """
    glue = walked.glue.get(name, ())
    early = everywhere(
        net,
        budget,
        Delegation(
            walked.zone, walked.parent, walked.outcome, servers=(NameServer(name, glue, glue),)
        ),
        wanted,
    )
    found, _ = await asyncio.gather(_find(net, budget, name, frozenset()), early)
    known = found.addresses or glue
    return NameServer(name, glue, known, None if known else found.trouble, found.alias)


async def _authoritative(
    net: Network, budget: Budget, name: str, type: str, server: tuple[str, str]
) -> Lookup:
    signed = type in SIGNED or type == "SOA"  # the SOA stands for the zone's signatures
    server_name, address = server

    async def put() -> Lookup:
        return await ask(net, budget, name, type, address, server_name=server_name, dnssec=signed)

    return await budget.once(("auth", name, type, address), put)


async def everywhere(
    net: Network, budget: Budget, delegation: Delegation, questions: Iterable[tuple[str, str]]
) -> tuple[Lookup, ...]:
    """Every question to every server address of a delegation that this vantage can reach.

    One Lookup for each (name, type, address), question by question, in the delegation's order.
    """
    by_address = {a: n for n, a in reversed(delegation.addresses) if reachable(net.vantage, a)}
    servers = [(by_address[a], a) for _, a in delegation.addresses if a in by_address]
    servers = list(dict.fromkeys(servers))
    wanted = dict.fromkeys((n.lower().rstrip("."), t) for n, t in questions)
    return tuple(
        await asyncio.gather(
            *(_authoritative(net, budget, n, t, server) for n, t in wanted for server in servers)
        )
    )
