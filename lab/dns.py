"""Authoritative name servers over UDP and TCP, each with the fault that the world gives it.

`AuthoritativeServer.respond` is pure in regard to the network; the resolver asks it in memory, the
listeners over sockets.
"""

from __future__ import annotations

import asyncio
import struct
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
from dns.rdatatype import RdataType

from lab.net import ANYWHERE, FaultSwitches, Link, Listener, RequestLog
from lab.tree import ServedZone
from lab.world import LabNameserver, ServerFault
from lab.zones import IN, Zone

PAYLOAD = 1232
ALIASES = 16  # how far one server follows aliases through its own zones


@dataclass(frozen=True, slots=True)
class ReceivedQuestion:
    """One question as a server of the lab received it; `server` is its name."""

    server: str
    name: str
    type: str
    transport: str


class Answerer(Protocol):
    """Who stands behind a DNS port."""

    name: str
    wait: timedelta

    def bytes_for(self, data: bytes, transport: str) -> bytes | None:
        """The answer as bytes; None is silence, empty is hanging up."""
        ...


class AuthoritativeServer:
    """One server with its zones: takes a message, gives a message, bytes, or nothing at all."""

    def __init__(
        self, machine: LabNameserver, zones: dict[str, ServedZone], switches: FaultSwitches
    ) -> None:
        self.name = machine.name
        self.wait = machine.wait
        self.machine = machine
        self.trickles = machine.fault is ServerFault.TRICKLES
        self.zones = {dns.name.from_text(name): served for name, served in zones.items()}
        self.switches = switches
        self._counts: Counter[tuple[dns.name.Name, RdataType]] = Counter()

    def respond(self, query: dns.message.Message, transport: str) -> dns.message.Message | None:
        """The answer a well-meaning reader may use; None is silence."""
        if not query.question or query.question[0].rdtype in TRANSFERS:
            return _failed(query, dns.rcode.REFUSED if query.question else dns.rcode.FORMERR)
        served = self._served_zone(query.question[0].name)
        fault = self.current_fault(served)
        asks_mx = _asks(query, RdataType.MX)
        if fault is ServerFault.SILENT or (fault is ServerFault.MX_SILENT and asks_mx):
            return None
        rcode = REFUSALS.get(fault) if fault else None
        exempt = (
            (fault is ServerFault.NO_EDNS and query.edns < 0)
            or (fault is ServerFault.MX_FAILS and not asks_mx)
            or (fault is ServerFault.CAA_FAILS and not _asks(query, RdataType.CAA))
        )
        if rcode is not None and not exempt:
            return _failed(query, rcode)
        response = dns.message.make_response(query, our_payload=PAYLOAD)
        response.ednsflags |= query.ednsflags & dns.flags.DO  # RFC 3225 wants it copied
        if fault in POISONS:
            return POISONS[fault](response)
        if served is None:
            return _failed(query, dns.rcode.REFUSED)
        return self._answer(response, served, fault, transport)

    def _answer(
        self,
        response: dns.message.Message,
        served: ServedZone,
        fault: ServerFault | None,
        transport: str,
    ) -> dns.message.Message:
        self._fill(response, served)
        if fault is ServerFault.NO_AUTHORITY or (
            fault is ServerFault.MX_UNSURE and _asks(response, RdataType.MX)
        ):
            response.flags &= ~dns.flags.AA
        if fault is ServerFault.NO_SOA and _asks(response, RdataType.SOA):
            response.answer.clear()
        if fault is ServerFault.TWO_SOA and _asks(response, RdataType.SOA) and response.answer:
            response.answer.append(_other_soa(response.answer[0]))
        if fault is ServerFault.FORGES:
            _forge_soa(response)
        if fault is ServerFault.FORGES_BELOW and response.question[0].name != served.zone.origin:
            _spoil_signatures(response)
        if fault is ServerFault.UNPROVEN:
            response.authority[:] = [s for s in response.authority if not _proof(s)]
        if fault is ServerFault.STRIPS:
            response.answer[:] = [s for s in response.answer if s.rdtype != RdataType.RRSIG]
        truncating = (ServerFault.TRUNCATES, ServerFault.NO_TCP, ServerFault.TRICKLES)
        if fault in truncating and transport == "udp":
            return _truncated(response)
        return response

    def current_fault(self, served: ServedZone | None) -> ServerFault | None:
        """What ails this server now: a switch thrown at run time, the zone's, or its own."""
        by_switch = {
            "down": ServerFault.SILENT,
            "hang": ServerFault.SILENT,
            "error": ServerFault.SERVFAIL,
        }
        switch = by_switch.get(self.switches.of(self.name))
        return switch or (served.fault if served and served.fault else self.machine.fault)

    def fault_for(self, name: dns.name.Name) -> ServerFault | None:
        """What ails this server when asked about a name."""
        return self.current_fault(self._served_zone(name))

    def _served_zone(self, name: dns.name.Name) -> ServedZone | None:
        """The most particular zone here that holds a name."""
        zone_name = name
        while True:
            if zone_name in self.zones:
                return self.zones[zone_name]
            if zone_name == dns.name.root:
                return None
            zone_name = zone_name.parent()

    def _zone(self, served: ServedZone, name: dns.name.Name, type: RdataType) -> Zone:
        if served.turned is None:
            return served.zone
        self._counts[(name, type)] += 1
        return served.turned if self._counts[(name, type)] > served.turns_after else served.zone

    def _fill(self, response: dns.message.Message, served: ServedZone) -> None:
        """Answer from the zone, following aliases as far as this server's zones go."""
        name, wanted = response.question[0].name, response.question[0].rdtype
        do = bool(response.ednsflags & dns.flags.DO)
        current: ServedZone | None = served
        visited: set[dns.name.Name] = set()
        for _ in range(ALIASES):
            if current is None or name in visited:
                return
            visited.add(name)
            before = len(response.answer)
            self._zone(current, name, wanted).answer(response, name, do=do)
            added = response.answer[before:]
            aliases = [s for s in added if s.rdtype == RdataType.CNAME]
            if not aliases or wanted in (RdataType.CNAME, RdataType.ANY):
                return
            name = aliases[0][0].target
            current = self._served_zone(name)

    def bytes_for(self, data: bytes, transport: str) -> bytes | None:
        """The answer as bytes, poisons included; None is silence, empty is hanging up."""
        try:
            query = dns.message.from_wire(data)
        except dns.exception.DNSException:
            return data[:2] + b"\x80\x01" + bytes(8) if len(data) >= 12 else None
        response = self.respond(query, transport)
        if response is None:
            return None
        fault = self.fault_for(query.question[0].name) if query.question else None
        if fault in (ServerFault.NO_TCP, ServerFault.UDP_ONLY) and transport == "tcp":
            return b""
        if fault is ServerFault.MALFORMED:
            return data[:2] + b"\x84\x00\xff\xff\xff\xff\x00\x00\x00\x00\xc0\x0c\xc0\x0c\x3f"
        if fault is ServerFault.WRONG_ID:
            response.id = (query.id + 1) % 65536
        if fault is ServerFault.WRONG_QUESTION and query.question:
            question = query.question[0]
            other = dns.rrset.RRset(dns.name.from_text("other.example"), IN, question.rdtype)
            response.question = [other]
        return wire(response, max_payload(query) if transport == "udp" else 65535)


def max_payload(query: dns.message.Message) -> int:
    return max(512, min(query.payload, PAYLOAD)) if query.edns >= 0 else 512


def wire(response: dns.message.Message, room: int) -> bytes:
    """The message as bytes, cut when it does not fit."""
    try:
        return response.to_wire(max_size=room)
    except dns.exception.TooBig:
        return _truncated(response).to_wire(max_size=room)


def _truncated(response: dns.message.Message) -> dns.message.Message:
    for section in (response.answer, response.authority, response.additional):
        section.clear()
    response.flags |= dns.flags.TC
    return response


def _failed(query: dns.message.Message, rcode: dns.rcode.Rcode) -> dns.message.Message:
    response = dns.message.make_response(query, our_payload=PAYLOAD)
    response.set_rcode(rcode)
    return response


def _asks(message: dns.message.Message, type: RdataType) -> bool:
    return bool(message.question) and message.question[0].rdtype == type


def _other_soa(soa: dns.rrset.RRset) -> dns.rrset.RRset:
    return dns.rrset.from_rdata(soa.name, soa.ttl, soa[0].replace(refresh=soa[0].refresh + 1))


def _forge_soa(response: dns.message.Message) -> None:
    """Signatures stay, the data under them changes: another serial in the SOA."""
    for at, rrset in enumerate(response.answer):
        if rrset.rdtype == RdataType.SOA:
            changed = rrset[0].replace(serial=rrset[0].serial ^ 1)
            response.answer[at] = dns.rrset.from_rdata(rrset.name, rrset.ttl, changed)


def _spoil_signatures(response: dns.message.Message) -> None:
    """The data stay, the signatures over them are not theirs."""
    for at, rrset in enumerate(response.answer):
        if rrset.rdtype == RdataType.RRSIG:
            spoilt = bytes((rrset[0].signature[0] ^ 1,)) + rrset[0].signature[1:]
            changed = rrset[0].replace(signature=spoilt)
            response.answer[at] = dns.rrset.from_rdata(rrset.name, rrset.ttl, changed)


def _maze(response: dns.message.Message) -> dns.message.Message:
    """Refers one label deeper, to many servers whose names lie in other corners of the maze."""
    name = response.question[0].name
    parts = name.labels[-4:] if len(name) > 4 else name.labels
    cut = dns.name.Name(parts)
    corners = [f"ns{i}.corner{i}.maze{i}.test." for i in range(20)]
    response.authority.append(dns.rrset.from_text_list(cut, 60, IN, RdataType.NS, corners))
    return response


def _amplify(response: dns.message.Message) -> dns.message.Message:
    """Tens of kilobytes for any question, so that UDP must be cut and TCP is full."""
    response.flags |= dns.flags.AA
    name = response.question[0].name
    texts = [f'"{i:04}{"x" * 200}"' for i in range(250)]
    response.answer.append(dns.rrset.from_text_list(name, 60, IN, RdataType.TXT, texts))
    return response


def _proof(rrset: dns.rrset.RRset) -> bool:
    """Is this an NSEC record, or the signature over one?"""
    return RdataType.NSEC in (rrset.rdtype, rrset.covers)


def _refer_to_root(response: dns.message.Message) -> dns.message.Message:
    """The classic lame answer: go and ask the root."""
    response.authority.append(
        dns.rrset.from_text(dns.name.root, 3600, IN, RdataType.NS, "a.root-lab.test.")
    )
    return response


def _endless(response: dns.message.Message) -> dns.message.Message:
    """An alias of a longer name, for every name."""
    response.flags |= dns.flags.AA
    name = response.question[0].name
    longer = f"x.{name}" if len(name.to_text()) < 200 else f"y{name}"
    response.answer.append(dns.rrset.from_text(name, 60, IN, RdataType.CNAME, longer))
    return response


TRANSFERS = (RdataType.AXFR, RdataType.IXFR)
REFUSALS = {
    ServerFault.REFUSES: dns.rcode.REFUSED,
    ServerFault.SERVFAIL: dns.rcode.SERVFAIL,
    ServerFault.NO_EDNS: dns.rcode.FORMERR,
    ServerFault.MX_FAILS: dns.rcode.SERVFAIL,
    ServerFault.CAA_FAILS: dns.rcode.SERVFAIL,
}
POISONS = {
    ServerFault.LAME: _refer_to_root,
    ServerFault.ENDLESS_CNAME: _endless,
    ServerFault.MAZE: _maze,
    ServerFault.AMPLIFIES: _amplify,
}


class DnsListener:
    """One name server or resolver, UDP and TCP alike; on a free loopback port by default."""

    def __init__(
        self,
        server: Answerer,
        link: Link,
        diary: RequestLog[ReceivedQuestion],
        at: tuple[str, int] = ANYWHERE,
    ) -> None:
        self.server = server
        self._address = at[0]
        self.link = link
        self.diary = diary
        self.endpoint = ""
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp = Listener(self._converse, at=at)

    async def start(self) -> None:
        """Bind the same free port for both transports."""
        loop = asyncio.get_running_loop()
        for _ in range(20):
            await self._tcp.start()
            try:
                self._udp, _ = await loop.create_datagram_endpoint(
                    lambda: _Datagrams(self), local_addr=(self._address, self._tcp.port)
                )
            except OSError:
                await self._tcp.stop()
            else:
                self.endpoint = f"127.0.0.1:{self._tcp.port}"
                return
        raise OSError("no port is free for both UDP and TCP")

    async def stop(self) -> None:
        if self._udp is not None:
            self._udp.close()
        await self._tcp.stop()

    def answer(self, wire: bytes, transport: str) -> bytes | None:
        """The answer's bytes; the question is written down."""
        self._record(wire, transport)
        return self.server.bytes_for(wire, transport)

    def wait(self) -> timedelta:
        """How long before an answer leaves."""
        return self.server.wait + self.link.wait(self.server.name)

    def _record(self, wire: bytes, transport: str) -> None:
        try:
            question = dns.message.from_wire(wire, question_only=True).question[0]
        except (dns.exception.DNSException, IndexError):
            return
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.diary.append(ReceivedQuestion(self.server.name, name, kind, transport))

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Length-prefixed messages (RFC 7766) until the asker closes."""
        while True:
            (size,) = struct.unpack("!H", await reader.readexactly(2))
            answer = self.answer(await reader.readexactly(size), "tcp")
            await asyncio.sleep(self.wait().total_seconds())
            if not answer:
                await asyncio.sleep(60 if answer is None else 0)
                return
            framed = struct.pack("!H", len(answer)) + answer
            slowly = getattr(self.server, "trickles", False)
            for part in (framed[at : at + 1] for at in range(len(framed))) if slowly else (framed,):
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(1 if slowly else 0)


class _Datagrams(asyncio.DatagramProtocol):
    """Questions in, answers out, each after its wait."""

    def __init__(self, listener: DnsListener) -> None:
        self.listener = listener
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio's own datagram transport is no subclass of DatagramTransport before 3.12
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self.listener.answer(data, "udp")
        if answer is None:
            return
        wait = self.listener.wait().total_seconds()
        if wait:
            asyncio.get_running_loop().call_later(wait, self._send, answer, addr)
        else:
            self._send(answer, addr)

    def _send(self, answer: bytes, addr: tuple[str, int]) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.sendto(answer, addr)
