"""Authoritative DNS: delegation walks, every server of a zone, and the DNSSEC chain.

All servers are queried in parallel. The walk's steps are delegation_walk.py's, one query is
dns_client.py's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace

from facts import Delegated, Delegation, NameServer
from observe.budget import Budget
from observe.dns.delegation_walk import (
    AddressWalk,
    DelegationWalk,
    LocateHosts,
    Servers,
    WalkQuery,
    WalkReply,
    WalkResult,
    is_useful,
    referral_target,
    walk,
    walk_to_addresses,
    with_delegation,
)
from observe.dns.dns_client import ask, can_reach
from observe.dns.race import gather_with_grace, race
from observe.network import Network
from standards.dns_types import Lookup, Trouble

Questions = tuple[tuple[str, str], ...]
MAX_SERVERS_TRIED = 8  # servers of one zone, for a question that one good answer settles
MAX_DEPTH = 6  # walks within walks, for name servers in other zones
MAX_PARENTS = 26  # servers of the parent that are each asked for the delegation
MAX_SERVERS = 26  # name servers of a zone that are looked at; the root itself has half as many
MAX_PER_SERVER = 4  # addresses of one name server
MAX_ADDRESSES_ASKED = 16  # addresses that are asked for every record
GRACE = 0.3  # seconds for the other servers after the first good answer, for impatient callers


# ------------------------------------------------------------------ the walk
async def _answer_step(
    net: Network, budget: Budget, step: WalkQuery | LocateHosts, hosts_above: frozenset[str]
) -> WalkReply:
    if isinstance(step, LocateHosts):
        servers = await asyncio.gather(*(_locate(net, budget, h, hosts_above) for h in step.hosts))
        return WalkReply(servers=tuple(servers))
    kinds = (step.type, *step.also_types)
    first, *also = await asyncio.gather(
        *(_ask_zone_once(net, budget, replace(step, type=kind, also_types=())) for kind in kinds)
    )
    return WalkReply(first, tuple(also))


async def _ask_zone_once(net: Network, budget: Budget, step: WalkQuery) -> tuple[Lookup, ...]:
    return await budget.shared(step, lambda: _ask_zone(net, budget, step))


async def _ask_zone(net: Network, budget: Budget, step: WalkQuery) -> tuple[Lookup, ...]:
    """Query a zone's servers until one is useful; those that timed out before come last."""
    operator = step.zone == "." and net.has_own_root
    servers = [server for server in step.servers if operator or can_reach(net.vantage, server[1])]
    servers.sort(key=lambda server: budget.is_silent(server[1]))
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
        for s in servers[:MAX_SERVERS_TRIED]
    ]
    return await race(calls, lambda lookup: is_useful(lookup, step.zone))


async def _locate(net: Network, budget: Budget, host: str, above: frozenset[str]) -> NameServer:
    """A host's addresses by walking; circular dependencies between zones end here."""
    if host in above or len(above) >= MAX_DEPTH:
        return NameServer(host, trouble=Trouble.UNREACHABLE)
    steps: AddressWalk = walk_to_addresses(host, net.root_hints)
    reply, inner_hosts = None, above | {host}
    while True:
        try:
            step = next(steps) if reply is None else steps.send(reply)
        except StopIteration as end:
            server: NameServer = end.value
            return server
        reply = await _answer_step(net, budget, step, inner_hosts)


async def _locate_once(net: Network, budget: Budget, host: str) -> NameServer:
    """A name server's addresses, located once in a run."""
    return await budget.shared(("found", host), lambda: _locate(net, budget, host, frozenset()))


async def _run_walk(net: Network, budget: Budget, zone: str, host: str) -> WalkResult:
    steps: DelegationWalk = walk(zone, net.root_hints, host)
    reply = None
    while True:
        try:
            step = next(steps) if reply is None else steps.send(reply)
        except StopIteration as end:
            result: WalkResult = end.value
            return result
        reply = await _answer_step(net, budget, step, frozenset())


async def walk_once(net: Network, budget: Budget, zone: str, host: str = "") -> WalkResult:
    """Walk to a zone once in a run; with `host` to the deepest zone that holds it."""
    zone, host = zone.lower().rstrip("."), host.lower().rstrip(".")
    return await budget.shared(
        ("reached", zone, host), lambda: _walk_to_delegation(net, budget, zone, host)
    )


async def _walk_to_delegation(net: Network, budget: Budget, zone: str, host: str) -> WalkResult:
    """Walk, then ask all of the parent's servers unless a plain referral was found.

    One of them may deny a zone that another delegates, and one that serves the child too answers
    with the child's NS instead of the parent's.
    """
    result = await _run_walk(net, budget, zone, host)
    if result.outcome is Delegated.UNREACHABLE or (
        result.outcome is Delegated.YES and not result.from_child_server
    ):
        return result
    parent_lookups = await _ask_parents(net, budget, result)
    referrals = [
        lookup for lookup in parent_lookups if referral_target(lookup, result.parent) == result.zone
    ]
    best = min(referrals, key=lambda lookup: "aa" in lookup.flags, default=None)
    return with_delegation(result, best) if best else result


async def _ask_parents(net: Network, budget: Budget, result: WalkResult) -> tuple[Lookup, ...]:
    """The NS answer of each of the parent's servers."""
    operator = result.parent == "." and net.has_own_root
    servers = [s for s in result.parent_servers if operator or can_reach(net.vantage, s[1])]

    async def ask_parent(name: str, address: str) -> Lookup:
        return await budget.shared(
            ("parent", result.zone, address),
            lambda: ask(
                net, budget, result.zone, "NS", address, server_name=name, operator=operator
            ),
        )

    return tuple(await asyncio.gather(*(ask_parent(*s) for s in servers[:MAX_PARENTS])))


# ------------------------------------------------------------------ the zone's servers
def _no_questions(_zone: str) -> Iterable[tuple[str, str]]:
    return ()


async def delegation(
    net: Network,
    budget: Budget,
    zone: str,
    early: Callable[[str], Iterable[tuple[str, str]]] = _no_questions,
    *,
    host: str = "",
    patient: bool = True,
) -> Delegation:
    """Walk from the root to a zone, then ask each of its servers for SOA and NS.

    With `host` it is the deepest zone that holds this name, `zone` or one below it. `early` gives
    further queries that will follow with `ask_everywhere`: they are sent as soon as an address is
    known. Without `patient`, servers that are late are left out.
    """
    result = await walk_once(net, budget, zone, host)
    parents: tuple[Lookup, ...] = ()
    if result.outcome in (Delegated.NO, Delegated.NXDOMAIN):
        parents = await _ask_parents(net, budget, result)
    observed = Delegation(
        result.zone,
        result.parent,
        result.outcome,
        result.ns,
        trail=result.trail,
        cname=result.cname,
        parents=parents,
        above=result.above,
    )
    if result.outcome is not Delegated.YES:
        return observed
    questions = tuple(early(result.zone))
    return await _ask_servers(net, budget, result, observed, questions, patient=patient)


async def _ask_servers(
    net: Network,
    budget: Budget,
    result: WalkResult,
    observed: Delegation,
    early: Questions,
    *,
    patient: bool,
) -> Delegation:
    grace = None if patient else GRACE
    early_questions = (*_soa_and_ns(result.zone), *early) if patient else ()
    names = result.ns[:MAX_SERVERS]
    ds, servers, parents = await asyncio.gather(
        _ask_zone_once(net, budget, WalkQuery(result.parent, result.zone, "DS", result.parent_servers)),
        gather_with_grace([_name_server(net, budget, result, name, early_questions) for name in names], _has_address, grace),
        gather_with_grace([_ask_parents(net, budget, result)], bool, grace),
    )  # fmt: skip
    located = (s or _server_by_glue(result, n) for s, n in zip(servers, names, strict=True))
    observed = replace(
        observed,
        servers=tuple(located),
        trail=(*result.trail, *ds),
        parents=parents[0] or (),
        ds=tuple(r for r in ds[-1].answers if r.type == "DS") if ds else (),
    )
    observed = await _with_soa_and_ns(net, budget, observed, grace)
    unlisted = [n for n in _ns_of_zone(observed) if n not in result.ns][: MAX_SERVERS - len(names)]
    if not unlisted:
        return observed
    calls = [_locate_once(net, budget, name) for name in unlisted]
    extra_servers = await gather_with_grace(calls, _has_address, grace)
    pairs = zip(extra_servers, unlisted, strict=True)
    added = tuple(server or NameServer(n, trouble=Trouble.TIMEOUT) for server, n in pairs)
    return await _with_soa_and_ns(net, budget, replace(observed, servers=(*observed.servers, *added)), grace)  # fmt: skip


async def _with_soa_and_ns(
    net: Network, budget: Budget, observed: Delegation, grace: float | None
) -> Delegation:
    """The delegation with the SOA and NS of every address that answers in time."""
    queries = _soa_and_ns(observed.domain)
    calls = _calls(net, budget, observed, queries, MAX_SERVERS * MAX_PER_SERVER)
    answers = await gather_with_grace(calls, _is_authoritative, grace)
    lookups = [lookup for lookup in answers if lookup is not None]
    soa = tuple(lookup for lookup in lookups if lookup.type == "SOA")
    return replace(observed, soa=soa, ns=tuple(lookup for lookup in lookups if lookup.type == "NS"))


def _soa_and_ns(zone: str) -> Questions:
    return ((zone, "SOA"), (zone, "NS"))


def _has_address(server: NameServer) -> bool:
    return bool(server.addresses)


def _is_authoritative(lookup: Lookup) -> bool:
    return not lookup.trouble and "aa" in lookup.flags


def _ns_of_zone(observed: Delegation) -> tuple[str, ...]:
    """The NS names of the zone's authoritative answers."""
    answers = filter(_is_authoritative, observed.ns)
    ns_names = (name for lookup in answers for name in lookup.values("NS"))
    return tuple(dict.fromkeys(name for name in ns_names if name != "."))


def _server_by_glue(result: WalkResult, name: str) -> NameServer:
    glue = result.glue.get(name, ())[:MAX_PER_SERVER]
    return NameServer(name, glue, glue, None if glue else Trouble.TIMEOUT)


async def _name_server(
    net: Network, budget: Budget, result: WalkResult, name: str, questions: Questions
) -> NameServer:
    """One name server with its authoritative addresses and the parent's glue.

    While the addresses are looked up, the glue is already queried; `ask_everywhere` shares those
    answers.
    """
    by_glue = _server_by_glue(result, name)
    early = ask_everywhere(
        net,
        budget,
        Delegation(result.zone, result.parent, result.outcome, servers=(by_glue,)),
        questions,
    )
    glue = _reachable_servers(net, [(name, a) for a in by_glue.glue]) if questions else []
    streams = asyncio.gather(*(soa_over_tcp(net, budget, result.zone, *server) for server in glue))
    located, _, _ = await asyncio.gather(_locate_once(net, budget, name), early, streams)
    addresses = located.addresses[:MAX_PER_SERVER] or by_glue.glue
    return NameServer(
        name, by_glue.glue, addresses, None if addresses else located.trouble, located.alias
    )


# ------------------------------------------------------------------ every server, or the first
async def _ask_authoritative(
    net: Network, budget: Budget, name: str, type: str, server: tuple[str, str]
) -> Lookup:
    server_name, address = server

    async def ask_server() -> Lookup:
        return await ask(net, budget, name, type, address, server_name=server_name, dnssec=True)

    return await budget.shared(("auth", name, type, address), ask_server)


async def ask_everywhere(
    net: Network, budget: Budget, delegation: Delegation, questions: Iterable[tuple[str, str]]
) -> tuple[Lookup, ...]:
    """Every query, with DNSSEC records, to every server address that this vantage can reach.

    One Lookup for each (name, type, address), query by query, in the delegation's order.
    """
    return tuple(
        await asyncio.gather(*_calls(net, budget, delegation, questions, MAX_ADDRESSES_ASKED))
    )


def _calls(
    net: Network,
    budget: Budget,
    delegation: Delegation,
    questions: Iterable[tuple[str, str]],
    max_servers: int,
) -> list[Coroutine[None, None, Lookup]]:
    servers = _reachable_servers(net, delegation.addresses)
    if len(servers) > max_servers:  # of a crowd, rather one address of each than all of the first
        one_of_each = dict(reversed(servers))
        servers = list(dict.fromkeys([*one_of_each.items(), *servers]))[:max_servers]
    normalised = dict.fromkeys((n.lower().rstrip("."), t) for n, t in questions)
    return [
        _ask_authoritative(net, budget, n, t, server) for n, t in normalised for server in servers
    ]


def _reachable_servers(net: Network, addresses: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each address once, under the first name that has it."""
    name_by_address = {a: n for n, a in reversed(addresses) if can_reach(net.vantage, a)}
    return list(
        dict.fromkeys((name_by_address[a], a) for _, a in addresses if a in name_by_address)
    )


async def ask_first_answering(
    net: Network, budget: Budget, result: WalkResult, questions: Questions
) -> tuple[Lookup, ...]:
    """The same queries for callers in a hurry: to the parent's glue where there is any, without
    servers that are late once one has answered."""

    async def ask_name_server(name: str) -> tuple[Lookup, ...]:
        addresses = result.glue.get(name, ()) or (await _locate_once(net, budget, name)).addresses
        servers = _reachable_servers(net, [(name, a) for a in addresses[:MAX_PER_SERVER]])
        calls = (_ask_authoritative(net, budget, n, t, s) for n, t in questions for s in servers)
        return tuple(await asyncio.gather(*calls))

    def any_authoritative(lookups: tuple[Lookup, ...]) -> bool:
        return any(map(_is_authoritative, lookups))

    lookups_by_server = await gather_with_grace(
        [ask_name_server(name) for name in result.ns[:MAX_SERVERS]], any_authoritative, GRACE
    )
    return tuple(lookup for lookups in lookups_by_server if lookups for lookup in lookups)


async def soa_over_tcp(
    net: Network, budget: Budget, domain: str, name: str, address: str
) -> Lookup:
    """The zone's SOA from one address over TCP (RFC 7766), queried once in a run."""

    async def ask_over_tcp() -> Lookup:
        return await ask(net, budget, domain, "SOA", address, server_name=name, stream=True)

    return await budget.shared(("stream", domain, address), ask_over_tcp)


# ------------------------------------------------------------------ keys
async def dnssec_chain(
    net: Network, budget: Budget, above: Iterable[tuple[str, Servers]], zone: str
) -> tuple[tuple[Lookup, ...], tuple[Lookup, ...]]:
    """DNSKEY of each zone above, and DS of each zone below the root at its parent, all at once.

    One useful answer each, or the last failure; in the order from the root down.
    """
    zones = tuple(above)
    names = (*(name for name, _ in zones[1:]), zone)
    keys = (WalkQuery(name, name, "DNSKEY", servers) for name, servers in zones)
    parents = zip(zones, names, strict=False)
    ds = (WalkQuery(name, child, "DS", servers) for (name, servers), child in parents)
    lookups_by_step = await asyncio.gather(
        *(_ask_zone_once(net, budget, step) for step in (*keys, *ds))
    )
    last = [lookups[-1] for lookups in lookups_by_step if lookups]
    return (
        tuple(lookup for lookup in last if lookup.type == "DNSKEY"),
        tuple(lookup for lookup in last if lookup.type == "DS"),
    )
