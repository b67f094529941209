"""DNS client: queries to one server, or through the resolvers.

A server that timed out once in a run is given little time afterwards. Messages are wire.py's;
authoritative servers are zone.py's.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

import dns.exception
import dns.resolver

from facts import Vantage
from observe import guard
from observe.budget import Budget
from observe.dns import exchange
from observe.dns.race import race
from observe.guard import Guard, Route
from observe.network import Network, NetworkError, endpoint
from standards.dns_types import Lookup, Trouble

SILENT_SERVER_TIMEOUT = 0.25  # seconds for a server that was silent before
TIMEOUT = 2.0
MAX_ALIASES = 8


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
    """One query to one server: UDP with EDNS, TCP when truncated, one retry.

    `operator` marks a server from our own configuration, which the guard need not judge; `stream`
    asks over TCP from the start.
    """
    name = name.lower().rstrip(".") or "."
    lookup = Lookup(name, type, server, net.clock.now(), server_name)
    route = _route(net, server, operator=operator)
    if isinstance(route, Trouble):
        return replace(lookup, trouble=route, detail=guard.REFUSAL_DETAIL.get(route, ""))
    if not budget.spend_lookup():
        return replace(lookup, trouble=Trouble.OVERBUDGET, detail=budget.spent)
    was_silent = budget.is_silent(server)
    wait = min(timeout, SILENT_SERVER_TIMEOUT) if was_silent else timeout
    question = exchange.WireQuestion(name, type, dnssec, recurse, 1 if was_silent else 2, stream)
    start = net.clock.monotonic()
    answer = await exchange.exchange(route, question, budget.within(wait))
    if answer.trouble is Trouble.TIMEOUT and answer.transport == "udp":
        budget.note_silence(server)
    elif answer.trouble is None:
        budget.note_answer(server)
    if not budget.spend_answer(answer.size):
        return replace(lookup, trouble=Trouble.OVERBUDGET, detail=budget.spent)
    elapsed = exchange.duration(start, net.clock.monotonic())
    message = answer.message
    if message is None:
        trouble = budget.classify_timeout(answer.trouble)
        return replace(
            lookup,
            transport=answer.transport,
            trouble=trouble,
            detail=answer.detail,
            elapsed=elapsed,
        )
    return replace(
        lookup,
        rcode=message.rcode,
        flags=message.flags,
        answers=message.answers,
        authority=message.authority,
        additional=message.additional,
        transport=answer.transport,
        elapsed=elapsed,
        detail=answer.detail or message.extended_error,
    )


def _route(net: Network, server: str, *, operator: bool) -> Route | Trouble:
    try:
        address, port = endpoint(server, 53)
    except NetworkError:
        return Trouble.BLOCKED
    guard_ = Guard(net)
    return guard_.operator_route(address, port) if operator else guard_.route(address, port)


def _own_resolvers() -> tuple[str, ...]:
    """The machine's resolvers, as its configuration names them."""
    with contextlib.suppress(dns.exception.DNSException, OSError):
        return tuple(str(server) for server in dns.resolver.Resolver().nameservers)
    return ()


def resolvers(net: Network) -> tuple[str, ...]:
    """Every resolver whose cache may be compared: the configured or system ones, and public ones."""
    configured = net.resolvers or (() if net.closed else _own_resolvers())
    return tuple(dict.fromkeys((*configured, *net.public_resolvers)))


async def resolve(net: Network, budget: Budget, name: str, type: str) -> Lookup:
    """One query through the resolvers, made once in a run."""
    key = ("resolve", name.lower().rstrip("."), type)
    return await budget.shared(key, lambda: _resolve(net, budget, name, type))


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
    lookups = await race(calls, _is_conclusive, stagger=1.0)
    return next((lookup for lookup in reversed(lookups) if lookup.rcode), lookups[-1])


def _is_conclusive(lookup: Lookup) -> bool:
    return lookup.trouble is None and lookup.rcode in ("NOERROR", "NXDOMAIN")


async def addresses(
    net: Network, budget: Budget, host: str
) -> tuple[tuple[str, ...], Trouble | None]:
    """A host's IPv4, then IPv6 addresses through the resolvers.

    No address and no trouble: the name exists and has none. With addresses there is no trouble.
    """
    v4, v6 = await asyncio.gather(
        _resolve_through_aliases(net, budget, host, "A"),
        _resolve_through_aliases(net, budget, host, "AAAA"),
    )
    all_addresses = (*v4.values("A"), *v6.values("AAAA"))
    if all_addresses:
        return all_addresses, None
    return (), _trouble_of_none(v4) or _trouble_of_none(v6)


async def _resolve_through_aliases(net: Network, budget: Budget, host: str, type: str) -> Lookup:
    """Follow aliases that the resolver did not follow itself."""
    lookup = await resolve(net, budget, host, type)
    for _ in range(MAX_ALIASES):
        alias = lookup.values("CNAME")
        if lookup.values(type) or not alias or lookup.rcode != "NOERROR":
            break
        lookup = await resolve(net, budget, alias[-1], type)
    return lookup


def _trouble_of_none(lookup: Lookup) -> Trouble | None:
    if lookup.trouble:
        return lookup.trouble
    return {"NOERROR": None, "NXDOMAIN": Trouble.NXDOMAIN}.get(lookup.rcode, Trouble.SERVFAIL)


def can_reach(vantage: Vantage, address: str) -> bool:
    """Whether the vantage has the address family of an address."""
    is_v6 = endpoint(address, 53)[0].count(":") > 1
    return vantage.ipv6 if is_v6 else vantage.ipv4
