"""A resolver that knows one flat table of names and nothing else, over real UDP and TCP.

For conformance suites whose zones are given as tables; whole zones and delegations are tree.py's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.rrset

from lab.dns import DnsListener, ReceivedQuestion, max_payload, wire
from lab.net import FaultSwitches, Link, RequestLog
from lab.zones import IN, TTL

ALIASES = 10


@dataclass(slots=True)
class FlatTable:
    """Records by (lower-case name, type) in presentation form; `silent` names are never answered,
    `failing` ones with SERVFAIL. A name above a known one exists without records."""

    records: Mapping[tuple[str, str], Iterable[str]]
    silent: frozenset[str] = frozenset()
    failing: frozenset[str] = frozenset()
    name: str = "flat"
    wait: timedelta = timedelta(0)
    _names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.records = {(_key(n), t): tuple(v) for (n, t), v in self.records.items()}
        self.silent, self.failing = frozenset(map(_key, self.silent)), frozenset(self.failing)
        for name in {n for n, _ in self.records} | self.silent | self.failing:
            labels = name.split(".")
            self._names.update(".".join(labels[i:]) for i in range(len(labels)))

    def bytes_for(self, data: bytes, transport: str) -> bytes | None:
        """The answer as bytes; None is silence."""
        try:
            query = dns.message.from_wire(data)
        except dns.exception.DNSException:
            return None
        response = dns.message.make_response(query, recursion_available=True)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        if name in self.silent:
            return None
        if name in self.failing:
            response.set_rcode(dns.rcode.SERVFAIL)
        else:
            self._fill(response, question.name, dns.rdatatype.to_text(question.rdtype))
        return wire(response, max_payload(query) if transport == "udp" else 65535)

    def _fill(self, response: dns.message.Message, name: dns.name.Name, type: str) -> None:
        for _ in range(ALIASES):
            key = name.to_text(omit_final_dot=True).lower()
            values = tuple(self.records.get((key, type), ()))
            alias = tuple(self.records.get((key, "CNAME"), ()))
            if values:
                response.answer.append(_rrset(name, type, values))
                return
            if not alias:
                if key not in self._names:
                    response.set_rcode(dns.rcode.NXDOMAIN)
                return
            response.answer.append(_rrset(name, "CNAME", alias))
            name = dns.name.from_text(alias[0])


def _key(name: str) -> str:
    """A name as DNS writes it: lower case, odd characters escaped."""
    return dns.name.from_text(name).to_text(omit_final_dot=True).lower()


def _rrset(name: dns.name.Name, type: str, values: Iterable[str]) -> dns.rrset.RRset:
    kind = dns.rdatatype.from_text(type)
    rrset = dns.rrset.RRset(name, IN, kind)
    for value in values:
        rrset.add(dns.rdata.from_text(IN, kind, value, relativize=False), TTL)
    return rrset


@asynccontextmanager
async def serving(table: FlatTable) -> AsyncIterator[str]:
    """The table on a free loopback port; yields "address:port", fit for `resolvers`."""
    questions: RequestLog[ReceivedQuestion] = RequestLog()
    listener = DnsListener(table, Link(timedelta(0), FaultSwitches()), questions)
    await listener.start()
    try:
        yield listener.endpoint
    finally:
        await listener.stop()
