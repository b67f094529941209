"""Authoritative name servers over UDP and TCP, each with its own illness if the world says so.

`NameServer.respond` is pure in regard to the network; the resolver asks it in memory, the
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

from lab.net import ANYWHERE, Diary, Link, Listener, Switches
from lab.tree import Shelf
from lab.world import Ill, Nameserver
from lab.zones import IN, Zone

PAYLOAD = 1232
ALIASES = 16  # how far one server follows aliases through its own zones


@dataclass(frozen=True, slots=True)
class Question:
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


class NameServer:
    """One server with its zones: takes a message, gives a message, bytes, or nothing at all."""

    def __init__(self, machine: Nameserver, shelves: dict[str, Shelf], switches: Switches) -> None:
        self.name = machine.name
        self.wait = machine.wait
        self.machine = machine
        self.trickles = machine.ill is Ill.TRICKLES
        self.shelves = {dns.name.from_text(name): shelf for name, shelf in shelves.items()}
        self.switches = switches
        self._counts: Counter[tuple[dns.name.Name, RdataType]] = Counter()

    def respond(self, query: dns.message.Message, transport: str) -> dns.message.Message | None:
        """The answer a well-meaning reader may use; None is silence."""
        if not query.question or query.question[0].rdtype in TRANSFERS:
            return _failed(query, dns.rcode.REFUSED if query.question else dns.rcode.FORMERR)
        shelf = self._shelf(query.question[0].name)
        ill = self.ill(shelf)
        mail = _asks(query, RdataType.MX)
        if ill is Ill.SILENT or (ill is Ill.MX_SILENT and mail):
            return None
        refused = REFUSALS.get(ill) if ill else None
        unheard = (
            (ill is Ill.NO_EDNS and query.edns < 0)
            or (ill is Ill.MX_FAILS and not mail)
            or (ill is Ill.CAA_FAILS and not _asks(query, RdataType.CAA))
        )
        if refused is not None and not unheard:
            return _failed(query, refused)
        response = dns.message.make_response(query, our_payload=PAYLOAD)
        response.ednsflags |= query.ednsflags & dns.flags.DO  # RFC 3225 wants it copied
        if ill in POISONS:
            return POISONS[ill](response)
        if shelf is None:
            return _failed(query, dns.rcode.REFUSED)
        return self._healthy(response, shelf, ill, transport)

    def _healthy(
        self, response: dns.message.Message, shelf: Shelf, ill: Ill | None, transport: str
    ) -> dns.message.Message:
        self._fill(response, shelf)
        if ill is Ill.NO_AUTHORITY or (ill is Ill.MX_UNSURE and _asks(response, RdataType.MX)):
            response.flags &= ~dns.flags.AA
        if ill is Ill.NO_SOA and _asks(response, RdataType.SOA):
            response.answer.clear()
        if ill is Ill.TWO_SOA and _asks(response, RdataType.SOA) and response.answer:
            response.answer.append(_other_soa(response.answer[0]))
        if ill is Ill.FORGES:
            _forge(response)
        if ill is Ill.FORGES_BELOW and response.question[0].name != shelf.zone.origin:
            _smudge(response)
        if ill is Ill.UNPROVEN:
            response.authority[:] = [s for s in response.authority if not _proof(s)]
        if ill is Ill.STRIPS:
            response.answer[:] = [s for s in response.answer if s.rdtype != RdataType.RRSIG]
        if ill in (Ill.TRUNCATES, Ill.NO_TCP, Ill.TRICKLES) and transport == "udp":
            return _cut(response)
        return response

    def ill(self, shelf: Shelf | None) -> Ill | None:
        """What ails this server now: a switch thrown at run time, the zone's, or its own."""
        thrown = {"down": Ill.SILENT, "hang": Ill.SILENT, "error": Ill.SERVFAIL}
        switch = thrown.get(self.switches.of(self.name))
        return switch or (shelf.ill if shelf and shelf.ill else self.machine.ill)

    def ill_for(self, name: dns.name.Name) -> Ill | None:
        """What ails this server when asked about a name."""
        return self.ill(self._shelf(name))

    def _shelf(self, name: dns.name.Name) -> Shelf | None:
        """The most particular zone here that holds a name."""
        up = name
        while True:
            if up in self.shelves:
                return self.shelves[up]
            if up == dns.name.root:
                return None
            up = up.parent()

    def _zone(self, shelf: Shelf, name: dns.name.Name, type: RdataType) -> Zone:
        if shelf.turned is None:
            return shelf.zone
        self._counts[(name, type)] += 1
        return shelf.turned if self._counts[(name, type)] > shelf.turns_after else shelf.zone

    def _fill(self, response: dns.message.Message, shelf: Shelf) -> None:
        """Answer from the zone, following aliases as far as this server's zones go."""
        name, wanted = response.question[0].name, response.question[0].rdtype
        do = bool(response.ednsflags & dns.flags.DO)
        here: Shelf | None = shelf
        seen: set[dns.name.Name] = set()
        for _ in range(ALIASES):
            if here is None or name in seen:
                return
            seen.add(name)
            before = len(response.answer)
            self._zone(here, name, wanted).answer(response, name, do=do)
            added = response.answer[before:]
            aliases = [s for s in added if s.rdtype == RdataType.CNAME]
            if not aliases or wanted in (RdataType.CNAME, RdataType.ANY):
                return
            name = aliases[0][0].target
            here = self._shelf(name)

    def bytes_for(self, data: bytes, transport: str) -> bytes | None:
        """The answer as bytes, poisons included; None is silence, empty is hanging up."""
        try:
            query = dns.message.from_wire(data)
        except dns.exception.DNSException:
            return data[:2] + b"\x80\x01" + bytes(8) if len(data) >= 12 else None
        response = self.respond(query, transport)
        if response is None:
            return None
        ill = self.ill_for(query.question[0].name) if query.question else None
        if ill in (Ill.NO_TCP, Ill.UDP_ONLY) and transport == "tcp":
            return b""
        if ill is Ill.MALFORMED:
            return data[:2] + b"\x84\x00\xff\xff\xff\xff\x00\x00\x00\x00\xc0\x0c\xc0\x0c\x3f"
        if ill is Ill.WRONG_ID:
            response.id = (query.id + 1) % 65536
        if ill is Ill.WRONG_QUESTION and query.question:
            asked = query.question[0]
            other = dns.rrset.RRset(dns.name.from_text("other.example"), IN, asked.rdtype)
            response.question = [other]
        return wire(response, room(query) if transport == "udp" else 65535)


def room(query: dns.message.Message) -> int:
    return max(512, min(query.payload, PAYLOAD)) if query.edns >= 0 else 512


def wire(response: dns.message.Message, room: int) -> bytes:
    """The message as bytes, cut when it does not fit."""
    try:
        return response.to_wire(max_size=room)
    except dns.exception.TooBig:
        return _cut(response).to_wire(max_size=room)


def _cut(response: dns.message.Message) -> dns.message.Message:
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


def _forge(response: dns.message.Message) -> None:
    """Signatures stay, the data under them changes: another serial in the SOA."""
    for at, rrset in enumerate(response.answer):
        if rrset.rdtype == RdataType.SOA:
            changed = rrset[0].replace(serial=rrset[0].serial ^ 1)
            response.answer[at] = dns.rrset.from_rdata(rrset.name, rrset.ttl, changed)


def _smudge(response: dns.message.Message) -> None:
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


def _upward(response: dns.message.Message) -> dns.message.Message:
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
    Ill.REFUSES: dns.rcode.REFUSED,
    Ill.SERVFAIL: dns.rcode.SERVFAIL,
    Ill.NO_EDNS: dns.rcode.FORMERR,
    Ill.MX_FAILS: dns.rcode.SERVFAIL,
    Ill.CAA_FAILS: dns.rcode.SERVFAIL,
}
POISONS = {
    Ill.LAME: _upward,
    Ill.ENDLESS_CNAME: _endless,
    Ill.MAZE: _maze,
    Ill.AMPLIFIES: _amplify,
}


class DnsListener:
    """One name server or resolver, UDP and TCP alike; on a free loopback port by default."""

    def __init__(
        self,
        server: Answerer,
        link: Link,
        diary: Diary[Question],
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
        self._note(wire, transport)
        return self.server.bytes_for(wire, transport)

    def wait(self) -> timedelta:
        """How long before an answer leaves."""
        return self.server.wait + self.link.wait(self.server.name)

    def _note(self, wire: bytes, transport: str) -> None:
        try:
            asked = dns.message.from_wire(wire, question_only=True).question[0]
        except (dns.exception.DNSException, IndexError):
            return
        name = asked.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(asked.rdtype)
        self.diary.append(Question(self.server.name, name, kind, transport))

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Length-prefixed messages (RFC 7766) until the asker closes."""
        while True:
            (size,) = struct.unpack("!H", await reader.readexactly(2))
            answer = self.answer(await reader.readexactly(size), "tcp")
            await asyncio.sleep(self.wait().total_seconds())
            if not answer:
                await asyncio.sleep(60 if answer is None else 0)
                return
            whole = struct.pack("!H", len(answer)) + answer
            slowly = getattr(self.server, "trickles", False)
            for part in (whole[at : at + 1] for at in range(len(whole))) if slowly else (whole,):
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
