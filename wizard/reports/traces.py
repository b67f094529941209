"""Evidence as a reader may follow it: who was asked what, what came back, when. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from diagnostics.evidence.keys import (
    BIMI,
    CACHES,
    DANE,
    DELEGATION,
    DMARC,
    DNSSEC,
    HOSTING,
    INSTRUCTED,
    MAIL,
    RECORDS,
    REGISTRATION,
    SERVERS,
    SPF,
    STANDPOINT,
    STS,
)
from diagnostics.evidence.mail import BLOCKLISTS, PORTS, REVERSE, SETUP, SIGN_IN
from diagnostics.evidence.mail_authentication import DKIM
from diagnostics.evidence.responders import sender
from diagnostics.evidence.web import TLS, WEB
from diagnostics.model import Evidence, Key
from facts import Exchange, Handshake, MailboxDialogue, SmtpDialogue
from render.message_format import Argument
from standards.dns_types import NO_TIME, Lookup

MAX_ROWS = 16
MAX_ANSWER = 400


@dataclass(frozen=True, slots=True)
class QueryTrace:
    """One question put to somebody outside, and its answer in the protocol's own words."""

    server: str
    query: str
    answer: str
    at: datetime
    took: timedelta = NO_TIME


def traces(
    evidence: Evidence,
    keys: Iterable[str],
    args: Mapping[str, Argument] | None = None,
    *,
    limit: int = MAX_ROWS,
) -> tuple[QueryTrace, ...]:
    """What stands behind a finding: the rows that speak of its names first, a bounded number."""
    rows = [row for key in keys for row in _ROWS.get(key, _nothing)(evidence)]
    names = {str(value) for value in (args or {}).values() if value}
    telling = [r for r in rows if names.intersection(r.query.split()) or _named(r.server, names)]
    return tuple(dict.fromkeys((*telling, *rows)))[:limit]


def _named(server: str, names: set[str]) -> bool:
    return bool(names.intersection(server.replace("(", " ").replace(")", " ").split()))


def _nothing(evidence: Evidence) -> Iterator[QueryTrace]:
    del evidence
    yield from ()


def _cut(text: str) -> str:
    return text if len(text) <= MAX_ANSWER else text[: MAX_ANSWER - 1] + "…"


def _lookup(x: Lookup) -> QueryTrace:
    server = f"{x.server_name} ({x.server})" if x.server_name else x.server
    values = [f"{r.type} {r.value}" for r in x.answers] or [
        f"{r.type} {r.value}" for r in x.authority
    ]
    said = x.trouble.value if x.trouble else " · ".join([x.rcode, *values])
    return QueryTrace(server, f"{x.name} {x.type}", _cut(said), x.asked_at, x.elapsed)


class _Asked(Protocol):
    """Evidence that is a list of look-ups."""

    @property
    def lookups(self) -> tuple[Lookup, ...]: ...


def _lookups(key: Key[_Asked]) -> Callable[[Evidence], Iterator[QueryTrace]]:
    def rows(evidence: Evidence) -> Iterator[QueryTrace]:
        found = evidence.get(key)
        yield from map(_lookup, found.lookups if found else ())

    return rows


def _delegation(evidence: Evidence) -> Iterator[QueryTrace]:
    found = evidence.get(DELEGATION)
    if found:
        yield from map(_lookup, (*found.trail[-4:], *found.parents, *found.ns, *found.soa))


def _dnssec(evidence: Evidence) -> Iterator[QueryTrace]:
    found = evidence.get(DNSSEC)
    if found:
        own = (*found.dnskey, *found.soa, *found.further)
        yield from map(_lookup, (*own, *found.ds, *found.above))


def _servers(evidence: Evidence) -> Iterator[QueryTrace]:
    found = evidence.get(SERVERS)
    if found:
        yield from map(_lookup, (*found.tcp, *found.hosts, *found.ptr))


def _registration(evidence: Evidence) -> Iterator[QueryTrace]:
    found = evidence.get(REGISTRATION)
    if found:
        dates = [f"expires {found.expires}"] if found.expires else []
        said = ", ".join([found.state.value, *dates, *found.epp])
        server = f"{found.source} {found.server}".strip()
        yield QueryTrace(server, found.domain, _cut(said), found.asked_at)


def _exchange(x: Exchange) -> QueryTrace:
    location = x.header("location")
    said = " ".join(p for p in (str(x.status or ""), x.reason, location and f"→ {location}") if p)
    if x.trouble:
        said = " ".join(p for p in (said, x.trouble.value, x.detail) if p)
    if name := sender(x).name:
        said = f"{said} [{name}]"
    return QueryTrace(
        f"{x.ip}:{x.port}" if x.ip else "", f"{x.method} {x.url}", _cut(said), x.at, x.phases.total
    )


def _web(evidence: Evidence) -> Iterator[QueryTrace]:
    found = evidence.get(WEB)
    for chain in found.chains if found else ():
        yield from map(_exchange, chain.hops)
    yield from map(_exchange, found.families if found else ())
    if found and found.contact:
        yield _exchange(found.contact)


def _handshake(x: Handshake, offered: str = "TLS") -> QueryTrace:
    leaf = x.chain[0] if x.chain else None
    names = ", ".join(leaf.names[:6]) if leaf else ""
    until = f"until {leaf.not_after:%Y-%m-%d}" if leaf else ""
    trouble = x.trouble.value if x.trouble else ""
    said = " · ".join(p for p in (x.version, names, until, x.verify_error, trouble) if p)
    return QueryTrace(f"{x.ip}:{x.port}", f"{offered} {x.host}", _cut(said), x.at, x.elapsed)


def _tls(evidence: Evidence) -> Iterator[QueryTrace]:
    found = evidence.get(TLS)
    yield from map(_handshake, found.handshakes if found else ())
    for shake in found.old if found else ():
        yield _handshake(shake, "TLS 1.0–1.1 only,")
    for walk in found.challenges if found else ():
        yield from map(_exchange, walk.hops)


def _dialogue(x: SmtpDialogue) -> QueryTrace:
    said = [x.greeting or (x.trouble.value if x.trouble else str(x.code))]
    said += [f"greeted after {x.waited.total_seconds():.1f} s"] if x.greeting else []
    said += [x.handshake.version] if x.handshake and x.handshake.version else []
    said += [x.refused] if x.refused else []
    return QueryTrace(f"{x.ip}:{x.port}", f"SMTP {x.host}", _cut(" · ".join(said)), x.at, x.elapsed)


def _box(x: MailboxDialogue) -> QueryTrace:
    said = [x.greeting or (x.trouble.value if x.trouble else "")]
    said += [x.handshake.version] if x.handshake and x.handshake.version else []
    said += [x.refused] if x.refused else []
    query = f"{x.protocol.upper()} {x.host}"
    return QueryTrace(f"{x.ip}:{x.port}", query, _cut(" · ".join(said)), x.at, x.elapsed)


def _mail(evidence: Evidence) -> Iterator[QueryTrace]:
    found = evidence.get(MAIL)
    if found:
        yield from map(_lookup, found.mx)
        yield from (_dialogue(h.dialogue) for h in found.hosts if h.dialogue)


def _names(evidence: Evidence) -> Iterator[QueryTrace]:
    found = evidence.get(REVERSE)
    for named in (*found.outgoing, *found.hosts) if found else ():
        yield _lookup(named.ptr)


def _ports(evidence: Evidence) -> Iterator[QueryTrace]:
    found = evidence.get(PORTS)
    if found:
        yield from map(_box, found.boxes)
        yield from map(_dialogue, found.submissions)


def _setup(evidence: Evidence) -> Iterator[QueryTrace]:
    found = evidence.get(SETUP)
    if found:
        yield from map(_lookup, found.srv)
        yield from map(_exchange, found.configs)


def _blocklists(evidence: Evidence) -> Iterator[QueryTrace]:
    found = evidence.get(BLOCKLISTS)
    for listing in found.listings if found else ():
        row = _lookup(listing.lookup)
        yield replace(row, answer=_cut(" · ".join(t for t in (row.answer, listing.reason) if t)))
    for test in found.tests if found else ():
        yield from (_lookup(test.must), _lookup(test.never))


def _sign_in(evidence: Evidence) -> Iterator[QueryTrace]:
    found = evidence.get(SIGN_IN)
    if found and found.imap:
        yield _box(found.imap)
    if found and found.smtp:
        yield _dialogue(found.smtp)


def _sts(evidence: Evidence) -> Iterator[QueryTrace]:
    found = evidence.get(STS)
    yield from map(_lookup, found.lookups if found else ())
    if found and found.policy:
        yield _file(found.policy)


def _bimi(evidence: Evidence) -> Iterator[QueryTrace]:
    found = evidence.get(BIMI)
    yield from map(_lookup, found.lookups if found else ())
    yield from (_file(x) for x in (found.logo, found.proof) if x) if found else ()


def _file(x: Exchange) -> QueryTrace:
    """A small file with its beginning, on one line."""
    row = _exchange(x)
    return replace(row, answer=_cut(" · ".join(t for t in (row.answer, *x.excerpt.split()) if t)))


def _hosting(evidence: Evidence) -> Iterator[QueryTrace]:
    found = evidence.get(HOSTING)
    if found:
        for usage in found.usage:
            limit = "unlimited" if usage.limit is None else str(usage.limit)
            said = f"{usage.used} / {limit} {usage.unit}"
            yield QueryTrace(usage.source, usage.resource.value, said, usage.as_of)


def _standpoint(evidence: Evidence) -> Iterator[QueryTrace]:
    found = evidence.get(STANDPOINT)
    if found:
        yield from map(_lookup, (*found.roots, *found.resolvers))
        for port in found.ports:
            said = port.trouble.value if port.trouble else "open"
            yield QueryTrace(f"{port.ip}:{port.port}", f"TCP {port.host}", said, found.at)


_ROWS: Mapping[str, Callable[[Evidence], Iterator[QueryTrace]]] = {
    DELEGATION.name: _delegation,
    RECORDS.name: _lookups(RECORDS),
    DNSSEC.name: _dnssec,
    SERVERS.name: _servers,
    CACHES.name: _lookups(CACHES),
    INSTRUCTED.name: _lookups(INSTRUCTED),
    REGISTRATION.name: _registration,
    WEB.name: _web,
    TLS.name: _tls,
    MAIL.name: _mail,
    SPF.name: _lookups(SPF),
    DKIM.name: _lookups(DKIM),
    DMARC.name: _lookups(DMARC),
    STS.name: _sts,
    DANE.name: _lookups(DANE),
    BIMI.name: _bimi,
    REVERSE.name: _names,
    PORTS.name: _ports,
    SETUP.name: _setup,
    BLOCKLISTS.name: _blocklists,
    SIGN_IN.name: _sign_in,
    HOSTING.name: _hosting,
    STANDPOINT.name: _standpoint,
}
