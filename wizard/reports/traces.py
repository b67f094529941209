"""Evidence as rows of query traces: who was asked what, what came back, when. Pure."""

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
from diagnostics.evidence.web import TLS, WEB
from diagnostics.model import Evidence, Key
from explain.responders import identify_responder
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


def query_traces(
    evidence: Evidence,
    keys: Iterable[str],
    args: Mapping[str, Argument] | None = None,
    *,
    limit: int = MAX_ROWS,
) -> tuple[QueryTrace, ...]:
    """What stands behind a finding: the rows that speak of its names first, a bounded number."""
    rows = [row for key in keys for row in _ROWS.get(key, _no_rows)(evidence)]
    names = {str(value) for value in (args or {}).values() if value}
    relevant = [
        r for r in rows if names.intersection(r.query.split()) or _is_named(r.server, names)
    ]
    return tuple(dict.fromkeys((*relevant, *rows)))[:limit]


def _is_named(server: str, names: set[str]) -> bool:
    return bool(names.intersection(server.replace("(", " ").replace(")", " ").split()))


def _no_rows(evidence: Evidence) -> Iterator[QueryTrace]:
    del evidence
    yield from ()


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_ANSWER else text[: MAX_ANSWER - 1] + "…"


def _lookup_row(lookup: Lookup) -> QueryTrace:
    server = f"{lookup.server_name} ({lookup.server})" if lookup.server_name else lookup.server
    values = [f"{r.type} {r.value}" for r in lookup.answers] or [
        f"{r.type} {r.value}" for r in lookup.authority
    ]
    answer = lookup.trouble.value if lookup.trouble else " · ".join([lookup.rcode, *values])
    return QueryTrace(
        server, f"{lookup.name} {lookup.type}", _shorten(answer), lookup.asked_at, lookup.elapsed
    )


class _LookupTraces(Protocol):
    """Evidence that is a list of look-ups."""

    @property
    def lookups(self) -> tuple[Lookup, ...]: ...


def _lookup_rows(key: Key[_LookupTraces]) -> Callable[[Evidence], Iterator[QueryTrace]]:
    def rows(evidence: Evidence) -> Iterator[QueryTrace]:
        value = evidence.get(key)
        yield from map(_lookup_row, value.lookups if value else ())

    return rows


def _delegation_rows(evidence: Evidence) -> Iterator[QueryTrace]:
    delegation = evidence.get(DELEGATION)
    if delegation:
        yield from map(
            _lookup_row,
            (*delegation.trail[-4:], *delegation.parents, *delegation.ns, *delegation.soa),
        )


def _dnssec_rows(evidence: Evidence) -> Iterator[QueryTrace]:
    dnssec = evidence.get(DNSSEC)
    if dnssec:
        zone_answers = (*dnssec.dnskey, *dnssec.soa, *dnssec.further)
        yield from map(_lookup_row, (*zone_answers, *dnssec.ds, *dnssec.above))


def _server_rows(evidence: Evidence) -> Iterator[QueryTrace]:
    facts = evidence.get(SERVERS)
    if facts:
        yield from map(_lookup_row, (*facts.tcp, *facts.hosts, *facts.ptr))


def _registration_rows(evidence: Evidence) -> Iterator[QueryTrace]:
    registration = evidence.get(REGISTRATION)
    if registration:
        dates = [f"expires {registration.expires}"] if registration.expires else []
        answer = ", ".join([registration.state.value, *dates, *registration.epp])
        server = f"{registration.source} {registration.server}".strip()
        yield QueryTrace(server, registration.domain, _shorten(answer), registration.asked_at)


def _exchange_row(exchange: Exchange) -> QueryTrace:
    location = exchange.header("location")
    answer = " ".join(
        p for p in (str(exchange.status or ""), exchange.reason, location and f"→ {location}") if p
    )
    if exchange.trouble:
        answer = " ".join(p for p in (answer, exchange.trouble.value, exchange.detail) if p)
    if name := identify_responder(exchange).name:
        answer = f"{answer} [{name}]"
    return QueryTrace(
        f"{exchange.ip}:{exchange.port}" if exchange.ip else "",
        f"{exchange.method} {exchange.url}",
        _shorten(answer),
        exchange.at,
        exchange.phases.total,
    )


def _web_rows(evidence: Evidence) -> Iterator[QueryTrace]:
    web = evidence.get(WEB)
    for chain in web.chains if web else ():
        yield from map(_exchange_row, chain.hops)
    yield from map(_exchange_row, web.families if web else ())
    if web and web.contact:
        yield _exchange_row(web.contact)


def _handshake_row(handshake: Handshake, offered: str = "TLS") -> QueryTrace:
    leaf = handshake.chain[0] if handshake.chain else None
    names = ", ".join(leaf.names[:6]) if leaf else ""
    until = f"until {leaf.not_after:%Y-%m-%d}" if leaf else ""
    trouble = handshake.trouble.value if handshake.trouble else ""
    answer = " · ".join(
        p for p in (handshake.version, names, until, handshake.verify_error, trouble) if p
    )
    return QueryTrace(
        f"{handshake.ip}:{handshake.port}",
        f"{offered} {handshake.host}",
        _shorten(answer),
        handshake.at,
        handshake.elapsed,
    )


def _tls_rows(evidence: Evidence) -> Iterator[QueryTrace]:
    tls = evidence.get(TLS)
    yield from map(_handshake_row, tls.handshakes if tls else ())
    for handshake in tls.old if tls else ():
        yield _handshake_row(handshake, "TLS 1.0–1.1 only,")
    for walk in tls.challenges if tls else ():
        yield from map(_exchange_row, walk.hops)


def _smtp_row(dialogue: SmtpDialogue) -> QueryTrace:
    parts = [
        dialogue.greeting or (dialogue.trouble.value if dialogue.trouble else str(dialogue.code))
    ]
    parts += [f"greeted after {dialogue.waited.total_seconds():.1f} s"] if dialogue.greeting else []
    parts += (
        [dialogue.handshake.version] if dialogue.handshake and dialogue.handshake.version else []
    )
    parts += [dialogue.refused] if dialogue.refused else []
    return QueryTrace(
        f"{dialogue.ip}:{dialogue.port}",
        f"SMTP {dialogue.host}",
        _shorten(" · ".join(parts)),
        dialogue.at,
        dialogue.elapsed,
    )


def _mailbox_row(dialogue: MailboxDialogue) -> QueryTrace:
    parts = [dialogue.greeting or (dialogue.trouble.value if dialogue.trouble else "")]
    parts += (
        [dialogue.handshake.version] if dialogue.handshake and dialogue.handshake.version else []
    )
    parts += [dialogue.refused] if dialogue.refused else []
    query = f"{dialogue.protocol.upper()} {dialogue.host}"
    return QueryTrace(
        f"{dialogue.ip}:{dialogue.port}",
        query,
        _shorten(" · ".join(parts)),
        dialogue.at,
        dialogue.elapsed,
    )


def _mail_rows(evidence: Evidence) -> Iterator[QueryTrace]:
    mail = evidence.get(MAIL)
    if mail:
        yield from map(_lookup_row, mail.mx)
        yield from (_smtp_row(h.dialogue) for h in mail.hosts if h.dialogue)


def _name_rows(evidence: Evidence) -> Iterator[QueryTrace]:
    names = evidence.get(REVERSE)
    for host in (*names.outgoing, *names.hosts) if names else ():
        yield _lookup_row(host.ptr)


def _port_rows(evidence: Evidence) -> Iterator[QueryTrace]:
    ports = evidence.get(PORTS)
    if ports:
        yield from map(_mailbox_row, ports.boxes)
        yield from map(_smtp_row, ports.submissions)


def _setup_rows(evidence: Evidence) -> Iterator[QueryTrace]:
    setup = evidence.get(SETUP)
    if setup:
        yield from map(_lookup_row, setup.srv)
        yield from map(_exchange_row, setup.configs)


def _blocklist_rows(evidence: Evidence) -> Iterator[QueryTrace]:
    blocklists = evidence.get(BLOCKLISTS)
    for listing in blocklists.listings if blocklists else ():
        row = _lookup_row(listing.lookup)
        yield replace(
            row, answer=_shorten(" · ".join(t for t in (row.answer, listing.reason) if t))
        )
    for test in blocklists.tests if blocklists else ():
        yield from (_lookup_row(test.must), _lookup_row(test.never))


def _sign_in_rows(evidence: Evidence) -> Iterator[QueryTrace]:
    sign_in = evidence.get(SIGN_IN)
    if sign_in and sign_in.imap:
        yield _mailbox_row(sign_in.imap)
    if sign_in and sign_in.smtp:
        yield _smtp_row(sign_in.smtp)


def _sts_rows(evidence: Evidence) -> Iterator[QueryTrace]:
    sts = evidence.get(STS)
    yield from map(_lookup_row, sts.lookups if sts else ())
    if sts and sts.policy:
        yield _file_row(sts.policy)


def _bimi_rows(evidence: Evidence) -> Iterator[QueryTrace]:
    bimi = evidence.get(BIMI)
    yield from map(_lookup_row, bimi.lookups if bimi else ())
    yield from (_file_row(x) for x in (bimi.logo, bimi.proof) if x) if bimi else ()


def _file_row(exchange: Exchange) -> QueryTrace:
    """A small file with its beginning, on one line."""
    row = _exchange_row(exchange)
    return replace(
        row, answer=_shorten(" · ".join(t for t in (row.answer, *exchange.excerpt.split()) if t))
    )


def _hosting_rows(evidence: Evidence) -> Iterator[QueryTrace]:
    hosting = evidence.get(HOSTING)
    if hosting:
        for usage in hosting.usage:
            limit = "unlimited" if usage.limit is None else str(usage.limit)
            answer = f"{usage.used} / {limit} {usage.unit}"
            yield QueryTrace(usage.source, usage.resource.value, answer, usage.as_of)


def _standpoint_rows(evidence: Evidence) -> Iterator[QueryTrace]:
    standpoint = evidence.get(STANDPOINT)
    if standpoint:
        yield from map(_lookup_row, (*standpoint.roots, *standpoint.resolvers))
        for port in standpoint.ports:
            answer = port.trouble.value if port.trouble else "open"
            yield QueryTrace(f"{port.ip}:{port.port}", f"TCP {port.host}", answer, standpoint.at)


_ROWS: Mapping[str, Callable[[Evidence], Iterator[QueryTrace]]] = {
    DELEGATION.name: _delegation_rows,
    RECORDS.name: _lookup_rows(RECORDS),
    DNSSEC.name: _dnssec_rows,
    SERVERS.name: _server_rows,
    CACHES.name: _lookup_rows(CACHES),
    INSTRUCTED.name: _lookup_rows(INSTRUCTED),
    REGISTRATION.name: _registration_rows,
    WEB.name: _web_rows,
    TLS.name: _tls_rows,
    MAIL.name: _mail_rows,
    SPF.name: _lookup_rows(SPF),
    DKIM.name: _lookup_rows(DKIM),
    DMARC.name: _lookup_rows(DMARC),
    STS.name: _sts_rows,
    DANE.name: _lookup_rows(DANE),
    BIMI.name: _bimi_rows,
    REVERSE.name: _name_rows,
    PORTS.name: _port_rows,
    SETUP.name: _setup_rows,
    BLOCKLISTS.name: _blocklist_rows,
    SIGN_IN.name: _sign_in_rows,
    HOSTING.name: _hosting_rows,
    STANDPOINT.name: _standpoint_rows,
}
