"""What the registry says of a domain: RDAP, then WHOIS. Yields a Registration.

Operator-configured servers come before the built-in table. Chases no referral out of RDAP or WHOIS
but HTTP redirects, which are bounded; nothing here waits longer than its deadline.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from facts import Chain, Exchange, Registration, RegistryState, Trouble
from observe import failures, rdap, texts, whois
from observe.budget import Budget, OverBudget
from observe.dial import Failure, connect
from observe.http import follow
from observe.network import Network, NetworkError, endpoint
from observe.urls import BadUrl, ascii_host

TABLE = Path(__file__).with_name("registries.json")
RDAP_WAIT = 8.0
WHOIS_WAIT = 8.0
MAX_RDAP = 512_000
MAX_WHOIS = 65536
MAX_REFERRALS = 4
_SETTLED = (RegistryState.REGISTERED, RegistryState.AVAILABLE, RegistryState.RESERVED)


@dataclass(frozen=True, slots=True)
class _Server:
    """Where to ask; `operator` when our own configuration named it."""

    place: str
    operator: bool
    question: str = "{domain}"


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    table: dict[str, dict[str, str]] = json.loads(TABLE.read_text(encoding="utf-8"))
    return table


def _known(domain: str, own: Mapping[str, str], kind: str) -> _Server | None:
    """The server of the longest suffix, the operator's word first."""
    labels = domain.split(".")
    suffixes = [".".join(labels[i:]) for i in range(1, len(labels))]
    for suffix in suffixes:
        if suffix in own:
            return _Server(own[suffix], operator=True)
    table = _table()
    place = next((table[kind][s] for s in suffixes if s in table[kind]), "")
    if not place:
        return None
    return _Server(place, operator=False, question=table["question"].get(place, "{domain}"))


async def registration(net: Network, budget: Budget, domain: str) -> Registration:
    """Ask the registry about a registrable domain. State UNKNOWN and `trouble` when it fails.

    THROTTLED is a state of its own: the registry is there and asks us to come back later.
    """
    nothing = Registration(domain, RegistryState.UNKNOWN, net.clock.now())
    try:
        domain = ascii_host(domain)
    except BadUrl as wrong:
        return replace(nothing, trouble=Trouble.PROTOCOL, detail=str(wrong))
    by_rdap = _known(domain, net.rdap, "rdap")
    by_whois = _known(domain, net.whois, "whois")
    if by_whois and by_whois.operator and by_rdap and not by_rdap.operator:
        by_rdap = None  # the operator's word for this ending comes before the built-in table
    first = await _ask_rdap(net, budget, domain, by_rdap) if by_rdap else nothing
    complete = first.expires or first.state in (RegistryState.AVAILABLE, RegistryState.RESERVED)
    if complete or by_whois is None:
        none = "" if by_rdap else "no registry service is known for this ending"
        return replace(first, detail=first.detail or none)
    second = await _ask_whois(net, budget, domain, by_whois)
    if first.state is RegistryState.REGISTERED:
        return replace(first, expires=second.expires)
    if second.state in _SETTLED or not by_rdap or second.state is RegistryState.THROTTLED:
        return second
    return first


async def _ask_rdap(net: Network, budget: Budget, domain: str, server: _Server) -> Registration:
    url = f"{server.place.rstrip('/')}/domain/{domain}"
    seen = Registration(domain, RegistryState.UNKNOWN, net.clock.now(), "rdap", server.place)
    chain = await follow(
        net,
        budget,
        url,
        max_hops=MAX_REFERRALS,
        headers=(("accept", "application/rdap+json, application/json"),),
        max_body=MAX_RDAP,
        timeout=RDAP_WAIT,
        operator=server.operator,
    )
    return _read_rdap(seen, chain)


def _read_rdap(seen: Registration, chain: Chain) -> Registration:
    last = chain.last
    if chain.outcome in ("loop", "too_many", "bad_target"):
        return replace(seen, trouble=Trouble.PROTOCOL, detail="referrals without end")
    if last.trouble or not _trusted(last, seen.asked_at):
        detail = last.detail or "the registry's certificate is not valid"
        return replace(seen, trouble=last.trouble or Trouble.TLS, detail=detail)
    if last.status == 429:
        return replace(seen, state=RegistryState.THROTTLED)
    if last.status == 404 and "html" not in last.header("content-type"):
        return replace(seen, state=RegistryState.AVAILABLE)
    try:
        answer = rdap.parse(last.excerpt if last.status == 200 else "", seen.domain)
        return _filled(seen, answer)
    except rdap.NotRdap as wrong:
        return replace(seen, trouble=Trouble.PROTOCOL, detail=f"HTTP {last.status}, {wrong}")


def _trusted(exchange: Exchange, now: datetime) -> bool:
    """A plain answer is trusted because the operator wrote http; a TLS one must be valid."""
    shaken = exchange.handshake
    if shaken is None:
        return True
    fresh = bool(shaken.chain) and shaken.chain[0].not_before <= now <= shaken.chain[0].not_after
    return shaken.verified and shaken.name_matches and fresh


def _filled(seen: Registration, answer: whois.Answer) -> Registration:
    return replace(
        seen,
        state=answer.state,
        expires=answer.expires,
        created=answer.created,
        epp=answer.epp,
        registrar=answer.registrar,
        nameservers=answer.nameservers,
        signed=answer.signed,
        raw=answer.raw,
    )


async def _ask_whois(net: Network, budget: Budget, domain: str, server: _Server) -> Registration:
    seen = Registration(domain, RegistryState.UNKNOWN, net.clock.now(), "whois", server.place)
    try:
        host, port = endpoint(server.place, 43)
        async with asyncio.timeout(budget.within(WHOIS_WAIT)):
            text = await _talk(net, budget, server, host, port=port, domain=domain)
    except (OSError, EOFError, OverBudget, NetworkError) as error:
        trouble = budget.blame(failures.trouble(error))
        return replace(seen, trouble=trouble, detail=failures.reason(error))
    if isinstance(text, Failure):
        return replace(seen, trouble=text.trouble, detail=text.detail)
    if not text.strip():
        return replace(seen, trouble=Trouble.PROTOCOL, detail="an empty answer")
    answer = whois.parse(text, domain.rpartition(".")[2], domain)
    if answer.state is RegistryState.UNKNOWN:
        return replace(seen, trouble=Trouble.PROTOCOL, detail="an answer we cannot read")
    return _filled(seen, answer)


async def _talk(
    net: Network, budget: Budget, server: _Server, host: str, *, port: int, domain: str
) -> str | Failure:
    """One question and the whole answer, up to MAX_WHOIS bytes (RFC 3912)."""
    opened = await connect(net, budget, host, port, operator=server.operator)
    if isinstance(opened, Failure):
        return opened
    line = opened.connection
    try:
        await line.write(server.question.format(domain=domain).encode("ascii") + b"\r\n")
        received = bytearray()
        while len(received) < MAX_WHOIS and (chunk := await line.read()):
            received += chunk
            if not budget.spend_bytes(len(chunk)):
                raise OverBudget
    finally:
        line.close()
    return texts.either(bytes(received))
