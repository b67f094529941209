"""Asking a zone's own servers: the walk from the root, each server of a delegation, the chain of keys.

Everybody is asked at once and nobody in turn; who is slow is waited for by those only who need its
answer. The walk's steps are walk.py's, one question is dns.py's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from facts import Delegated, Delegation, NameServer
from observe.budget import Budget
from observe.dns.delegation_walk import (
    Found,
    Locate,
    Servers,
    Steps,
    WalkQuery,
    WalkReply,
    WalkResult,
    delegated,
    locate,
    referred,
    useful,
    walk,
)
from observe.dns.dns_client import ask, reachable
from observe.dns.race import patiently, race
from observe.network import Network
from standards.dns_types import Lookup, Trouble

T = TypeVar("T")
Questions = tuple[tuple[str, str], ...]
MAX_TRIED = 8  # servers of one zone, for a question that one good answer settles
MAX_DEPTH = 6  # walks within walks, for name servers in other zones
MAX_PARENTS = 26  # servers of the parent that are each asked for the delegation
MAX_SERVERS = 26  # name servers of a zone that are looked at; the root itself has half as many
MAX_EACH = 4  # addresses of one name server
MAX_ASKED = 16  # addresses that are asked for every record
GRACE = (
    0.3  # seconds for the others once the first has answered, where one answer is enough to go on
)


# ------------------------------------------------------------------ the walk
async def _reply(
    net: Network, budget: Budget, step: WalkQuery | Locate, chain: frozenset[str]
) -> WalkReply:
    if isinstance(step, Locate):
        servers = await asyncio.gather(*(_find(net, budget, h, chain) for h in step.hosts))
        return WalkReply(servers=tuple(servers))
    kinds = (step.type, *step.also)
    first, *also = await asyncio.gather(
        *(_shared(net, budget, replace(step, type=kind, also=())) for kind in kinds)
    )
    return WalkReply(first, tuple(also))


async def _shared(net: Network, budget: Budget, step: WalkQuery) -> tuple[Lookup, ...]:
    return await budget.once(step, lambda: _put(net, budget, step))


async def _put(net: Network, budget: Budget, step: WalkQuery) -> tuple[Lookup, ...]:
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
            dnssec=step.type in ("DS", "DNSKEY"),
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


async def _found(net: Network, budget: Budget, host: str) -> NameServer:
    """A name server's addresses, looked for once in a run."""
    return await budget.once(("found", host), lambda: _find(net, budget, host, frozenset()))


async def _walk(net: Network, budget: Budget, zone: str, host: str) -> WalkResult:
    steps: Steps = walk(zone, net.root_hints, host)
    reply = None
    while True:
        try:
            step = next(steps) if reply is None else steps.send(reply)
        except StopIteration as end:
            walked: WalkResult = end.value
            return walked
        reply = await _reply(net, budget, step, frozenset())


async def reached(net: Network, budget: Budget, zone: str, host: str = "") -> WalkResult:
    """Where the walk to a zone ends, once in a run; with `host` the deepest zone that holds it."""
    zone, host = zone.lower().rstrip("."), host.lower().rstrip(".")
    return await budget.once(("reached", zone, host), lambda: _reached(net, budget, zone, host))


async def _reached(net: Network, budget: Budget, zone: str, host: str) -> WalkResult:
    """One of the parent's servers may deny a zone that another one knows; and a server that holds
    the zone as well as its parent tells the zone's own list instead of the parent's."""
    walked = await _walk(net, budget, zone, host)
    if walked.outcome is Delegated.UNREACHABLE or (
        walked.outcome is Delegated.YES and not walked.held
    ):
        return walked
    told = await _parents(net, budget, walked)
    referrals = [x for x in told if referred(x, walked.parent) == walked.zone]
    best = min(referrals, key=lambda x: "aa" in x.flags, default=None)
    return delegated(walked, best) if best else walked


async def _parents(net: Network, budget: Budget, walked: WalkResult) -> tuple[Lookup, ...]:
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


# ------------------------------------------------------------------ the zone's servers
def _nothing(_zone: str) -> Iterable[tuple[str, str]]:
    return ()


async def delegation(
    net: Network,
    budget: Budget,
    zone: str,
    early: Callable[[str], Iterable[tuple[str, str]]] = _nothing,
    *,
    host: str = "",
    patient: bool = True,
) -> Delegation:
    """Walk from the root to a zone, then ask each of its servers for SOA and NS.

    With `host` it is the deepest zone that holds this name, `zone` or one below it. `early` tells
    further questions that somebody will put to these servers with `everywhere`: they go out as soon
    as an address is known. Without `patient`, whoever is late is left out, and nothing is said of it.
    """
    walked = await reached(net, budget, zone, host)
    parents: tuple[Lookup, ...] = ()
    if walked.outcome in (Delegated.NO, Delegated.NXDOMAIN):
        parents = await _parents(net, budget, walked)
    seen = Delegation(
        walked.zone,
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
    return await _served(net, budget, walked, seen, tuple(early(walked.zone)), patient=patient)


async def _served(
    net: Network,
    budget: Budget,
    walked: WalkResult,
    seen: Delegation,
    early: Questions,
    *,
    patient: bool,
) -> Delegation:
    grace = None if patient else GRACE
    wanted = (*_start(walked.zone), *early) if patient else ()
    names = walked.ns[:MAX_SERVERS]
    ds, servers, parents = await asyncio.gather(
        _shared(net, budget, WalkQuery(walked.parent, walked.zone, "DS", walked.parent_servers)),
        patiently([_server(net, budget, walked, name, wanted) for name in names], _has_address, grace),
        patiently([_parents(net, budget, walked)], bool, grace),
    )  # fmt: skip
    known = (s or _by_glue(walked, n) for s, n in zip(servers, names, strict=True))
    seen = replace(
        seen,
        servers=tuple(known),
        trail=(*walked.trail, *ds),
        parents=parents[0] or (),
        ds=tuple(r for r in ds[-1].answers if r.type == "DS") if ds else (),
    )
    seen = await _started(net, budget, seen, grace)
    further = [n for n in _own_list(seen) if n not in walked.ns][: MAX_SERVERS - len(names)]
    if not further:
        return seen
    more = await patiently([_found(net, budget, n) for n in further], _has_address, grace)
    added = tuple(
        s or NameServer(n, trouble=Trouble.TIMEOUT) for s, n in zip(more, further, strict=True)
    )
    return await _started(net, budget, replace(seen, servers=(*seen.servers, *added)), grace)  # fmt: skip


async def _started(
    net: Network, budget: Budget, seen: Delegation, grace: float | None
) -> Delegation:
    """The delegation with SOA and NS of every address that answers in time."""
    calls = _calls(net, budget, seen, _start(seen.domain), MAX_SERVERS * MAX_EACH)
    told = [x for x in await patiently(calls, _good, grace) if x is not None]
    soa = tuple(x for x in told if x.type == "SOA")
    return replace(seen, soa=soa, ns=tuple(x for x in told if x.type == "NS"))


def _start(zone: str) -> Questions:
    return ((zone, "SOA"), (zone, "NS"))


def _has_address(server: NameServer) -> bool:
    return bool(server.addresses)


def _good(lookup: Lookup) -> bool:
    return not lookup.trouble and "aa" in lookup.flags


def _own_list(seen: Delegation) -> tuple[str, ...]:
    """The name servers that the zone itself names, by anyone who speaks for it."""
    told = (v for x in seen.ns if _good(x) for v in x.values("NS"))
    return tuple(dict.fromkeys(v for v in told if v != "."))


def _by_glue(walked: WalkResult, name: str) -> NameServer:
    glue = walked.glue.get(name, ())[:MAX_EACH]
    return NameServer(name, glue, glue, None if glue else Trouble.TIMEOUT)


async def _server(
    net: Network, budget: Budget, walked: WalkResult, name: str, wanted: Questions
) -> NameServer:
    """One name server: its own zone's word on its addresses, and the parent's glue.

    While the addresses are looked up, the glue is already asked; `everywhere` finds those answers.
    """
    by_glue = _by_glue(walked, name)
    early = everywhere(
        net,
        budget,
        Delegation(walked.zone, walked.parent, walked.outcome, servers=(by_glue,)),
        wanted,
    )
    glue = _reachable(net, [(name, a) for a in by_glue.glue]) if wanted else []
    streams = asyncio.gather(*(streamed(net, budget, walked.zone, *server) for server in glue))
    found, _, _ = await asyncio.gather(_found(net, budget, name), early, streams)
    known = found.addresses[:MAX_EACH] or by_glue.glue
    return NameServer(name, by_glue.glue, known, None if known else found.trouble, found.alias)


# ------------------------------------------------------------------ every server, or the first
async def _authoritative(
    net: Network, budget: Budget, name: str, type: str, server: tuple[str, str]
) -> Lookup:
    server_name, address = server

    async def put() -> Lookup:
        return await ask(net, budget, name, type, address, server_name=server_name, dnssec=True)

    return await budget.once(("auth", name, type, address), put)


async def everywhere(
    net: Network, budget: Budget, delegation: Delegation, questions: Iterable[tuple[str, str]]
) -> tuple[Lookup, ...]:
    """Every question, signatures included, to every server address that this vantage can reach.

    One Lookup for each (name, type, address), question by question, in the delegation's order.
    """
    return tuple(await asyncio.gather(*_calls(net, budget, delegation, questions, MAX_ASKED)))


def _calls(
    net: Network,
    budget: Budget,
    delegation: Delegation,
    questions: Iterable[tuple[str, str]],
    most: int,
) -> list[Coroutine[None, None, Lookup]]:
    servers = _reachable(net, delegation.addresses)
    if len(servers) > most:  # of a crowd, rather one address of each than all of the first
        first = dict(reversed(servers))
        servers = list(dict.fromkeys([*first.items(), *servers]))[:most]
    wanted = dict.fromkeys((n.lower().rstrip("."), t) for n, t in questions)
    return [_authoritative(net, budget, n, t, server) for n, t in wanted for server in servers]


def _reachable(net: Network, addresses: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each address once, under the first name that has it."""
    named = {a: n for n, a in reversed(addresses) if reachable(net.vantage, a)}
    return list(dict.fromkeys((named[a], a) for _, a in addresses if a in named))


async def prompt(
    net: Network, budget: Budget, walked: WalkResult, questions: Questions
) -> tuple[Lookup, ...]:
    """The same questions for whoever cannot wait: by the parent's glue where there is any, without
    those that are late once somebody has answered."""

    async def one(name: str) -> tuple[Lookup, ...]:
        known = walked.glue.get(name, ()) or (await _found(net, budget, name)).addresses
        servers = _reachable(net, [(name, a) for a in known[:MAX_EACH]])
        calls = (_authoritative(net, budget, n, t, s) for n, t in questions for s in servers)
        return tuple(await asyncio.gather(*calls))

    def good(lookups: tuple[Lookup, ...]) -> bool:
        return any(map(_good, lookups))

    told = await patiently([one(name) for name in walked.ns[:MAX_SERVERS]], good, GRACE)
    return tuple(lookup for lookups in told if lookups for lookup in lookups)


async def streamed(net: Network, budget: Budget, domain: str, name: str, address: str) -> Lookup:
    """The zone's SOA from one address over TCP (RFC 7766), asked once in a run."""

    async def put() -> Lookup:
        return await ask(net, budget, domain, "SOA", address, server_name=name, stream=True)

    return await budget.once(("stream", domain, address), put)


# ------------------------------------------------------------------ keys
async def chain(
    net: Network, budget: Budget, above: Iterable[tuple[str, Servers]], zone: str
) -> tuple[tuple[Lookup, ...], tuple[Lookup, ...]]:
    """DNSKEY of each zone above, and DS of each zone below the root at its parent, all at once.

    One useful answer each, or the last failure; in the order from the root down.
    """
    places = tuple(above)
    names = (*(name for name, _ in places[1:]), zone)
    keys = (WalkQuery(name, name, "DNSKEY", servers) for name, servers in places)
    parents = zip(places, names, strict=False)
    ds = (WalkQuery(name, child, "DS", servers) for (name, servers), child in parents)
    found = await asyncio.gather(*(_shared(net, budget, step) for step in (*keys, *ds)))
    last = [lookups[-1] for lookups in found if lookups]
    return (
        tuple(x for x in last if x.type == "DNSKEY"),
        tuple(x for x in last if x.type == "DS"),
    )
