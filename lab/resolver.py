"""A recursive resolver that walks the lab's tree in memory, and validates what is signed.

It behaves as a provider's resolver would: skips servers that are silent, refuse or lack
authority, follows aliases, and answers SERVFAIL when nothing usable or only bogus data is left.
It keeps no cache but what a world says it remembers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import dns.dnssec
import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rrset
from dns.rdatatype import RdataType

from lab.dns import PAYLOAD, AuthoritativeServer, max_payload, wire
from lab.net import FaultSwitches
from lab.tree import ROOT_SERVERS
from lab.world import ServerFault
from lab.zones import Zone

ADDRESSES = (RdataType.A, RdataType.AAAA)
UNUSABLE = (
    ServerFault.MALFORMED,
    ServerFault.WRONG_ID,
    ServerFault.WRONG_QUESTION,
    ServerFault.NO_TCP,
    ServerFault.MAZE,
)
NO_AUTHORITY = dns.edns.EDECode.NO_REACHABLE_AUTHORITY  # RFC 8914
BOGUS = dns.edns.EDECode.DNSSEC_BOGUS
EXPIRED = dns.edns.EDECode.SIGNATURE_EXPIRED
DEPTH = 12


@dataclass(slots=True)
class Place:
    """Where a walk stands: a zone, its servers' addresses, and the trust from above."""

    zone: dns.name.Name
    addresses: list[str]
    secure: bool
    ds: dns.rrset.RRset | None = None


@dataclass(slots=True)
class Resolution:
    """What the walk brought: an rcode, the sets to show, whether all of it validated."""

    rcode: dns.rcode.Rcode
    answer: list[dns.rrset.RRset] = field(default_factory=list)
    authority: list[dns.rrset.RRset] = field(default_factory=list)
    secure: bool = False
    why: dns.edns.EDECode | None = None


FAILED = Resolution(dns.rcode.SERVFAIL, why=NO_AUTHORITY)


class Resolver:
    """The recursive resolver of the lab."""

    def __init__(
        self,
        servers: Iterable[AuthoritativeServer],
        now: datetime,
        switches: FaultSwitches,
        *,
        name: str = "resolver",
        remembered: Iterable[Zone] = (),
        distrusts: Iterable[str] = (),
    ) -> None:
        self.name = name
        self._remembered = tuple(remembered)
        self._distrusts = tuple(map(dns.name.from_text, distrusts))
        self.wait = timedelta(0)
        self.now = now
        self.switches = switches
        self._by_address = {a: s for s in servers for a in s.machine.addresses}
        self._signed = any(
            RdataType.DNSKEY in served.zone.nodes[dns.name.root]
            for served in self._by_address[ROOT_SERVERS[0].addresses[0]].zones.values()
        )

    def bytes_for(self, data: bytes, transport: str) -> bytes | None:
        """The answer as bytes; None is silence."""
        if self.switches.of(self.name) in ("down", "hang"):
            return None
        try:
            query = dns.message.from_wire(data)
        except dns.exception.DNSException:
            return None
        response = dns.message.make_response(query, recursion_available=True, our_payload=PAYLOAD)
        response.ednsflags |= query.ednsflags & dns.flags.DO  # RFC 3225 wants it copied
        if len(query.question) != 1:
            response.set_rcode(dns.rcode.FORMERR)
        elif self.switches.of(self.name) == "error":
            response.set_rcode(dns.rcode.SERVFAIL)
        else:
            self._fill(response, query)
        return wire(response, max_payload(query) if transport == "udp" else 65535)

    def _fill(self, response: dns.message.Message, query: dns.message.Message) -> None:
        question = query.question[0]
        for zone in self._remembered:
            old = zone.nodes.get(question.name, {}).get(question.rdtype)
            if old is not None:
                response.answer.append(old)
                return
        checking_disabled = bool(query.flags & dns.flags.CD)
        outcome = self.resolve(question.name, question.rdtype, checking_disabled=checking_disabled)
        if not checking_disabled and any(
            question.name.is_subdomain(name) for name in self._distrusts
        ):
            outcome = Resolution(dns.rcode.SERVFAIL, why=EXPIRED)
        response.set_rcode(outcome.rcode)
        keep_signatures = bool(query.ednsflags & dns.flags.DO)
        for mine, theirs in (
            (response.answer, outcome.answer),
            (response.authority, outcome.authority),
        ):
            mine.extend(s for s in theirs if keep_signatures or s.rdtype != RdataType.RRSIG)
        if outcome.secure:
            response.flags |= dns.flags.AD
        if outcome.why is not None and query.edns >= 0:
            option = dns.edns.EDEOption(outcome.why)
            response.use_edns(0, response.ednsflags, PAYLOAD, options=[option])

    def resolve(
        self,
        name: dns.name.Name,
        type: RdataType,
        *,
        checking_disabled: bool = False,
        depth: int = 0,
    ) -> Resolution:
        """The answer to one question, aliases followed."""
        if depth > DEPTH:
            return FAILED
        outcome = self._walk(name, type, checking_disabled=checking_disabled, depth=depth)
        aliases = [s for s in outcome.answer if s.rdtype == RdataType.CNAME]
        if not aliases or type == RdataType.CNAME:
            return outcome
        further = self.resolve(
            aliases[0][0].target, type, checking_disabled=checking_disabled, depth=depth + 1
        )
        further = Resolution(
            further.rcode,
            outcome.answer + further.answer,
            further.authority,
            outcome.secure and further.secure,
            further.why,
        )
        return further if further.rcode != dns.rcode.SERVFAIL else FAILED

    def _walk(
        self, name: dns.name.Name, type: RdataType, *, checking_disabled: bool, depth: int
    ) -> Resolution:
        """From the root to the zone that holds the name."""
        roots = [a for s in ROOT_SERVERS for a in s.addresses]
        place = Place(dns.name.root, roots, self._signed)
        for _ in range(DEPTH):
            response = self._ask(place, name, type)
            if response is None:
                return FAILED
            cut = _referral(response, place.zone, name)
            if cut is None:
                return self._authoritative_outcome(
                    response, name, place, checking_disabled=checking_disabled
                )
            ds = _set(response.authority, cut.name, RdataType.DS)
            addresses = self._addresses(response, cut, depth)
            place = Place(cut.name, addresses, place.secure and ds is not None, ds)
        return FAILED

    def _ask(
        self, place: Place, name: dns.name.Name, type: RdataType
    ) -> dns.message.Message | None:
        """The first usable answer."""
        query = dns.message.make_query(name, type, want_dnssec=True)
        for address in place.addresses:
            server = self._by_address.get(address)
            response = server.respond(query, "tcp") if server else None
            if server is None or response is None or server.fault_for(name) in UNUSABLE:
                continue
            authoritative = bool(response.flags & dns.flags.AA)
            if response.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
                continue
            if authoritative or _referral(response, place.zone, name) is not None:
                return response
        return None

    def _addresses(
        self, response: dns.message.Message, cut: dns.rrset.RRset, depth: int
    ) -> list[str]:
        """Where the servers of a referral are: glue, or a walk of their own."""
        addresses: list[str] = []
        for server in cut:
            glue = [
                rdata.address
                for s in response.additional
                if s.name == server.target and s.rdtype in ADDRESSES
                for rdata in s
            ]
            if not glue and depth < DEPTH:
                outcome = self.resolve(
                    server.target, RdataType.A, checking_disabled=True, depth=depth + 2
                )
                sets = [s for s in outcome.answer if s.rdtype == RdataType.A]
                glue = [rdata.address for s in sets for rdata in s]
            addresses.extend(glue)
        return addresses

    def _authoritative_outcome(
        self,
        response: dns.message.Message,
        name: dns.name.Name,
        place: Place,
        *,
        checking_disabled: bool,
    ) -> Resolution:
        """An authoritative answer as the resolver gives it on: only this name's own sets."""
        own = [s for s in response.answer if s.name == name]
        if place.secure and not checking_disabled and not self._valid(response, own, place):
            return Resolution(dns.rcode.SERVFAIL, why=BOGUS)
        authority = [] if own else list(response.authority)
        return Resolution(
            response.rcode(), own, authority, secure=place.secure and not checking_disabled
        )

    def _valid(
        self, response: dns.message.Message, own: list[dns.rrset.RRset], place: Place
    ) -> bool:
        """Does the zone's key match the parent's DS, and do the signatures hold (RFC 4035, 5)?"""
        keys = self._ask(place, place.zone, RdataType.DNSKEY)
        dnskey = _set(keys.answer, place.zone, RdataType.DNSKEY) if keys else None
        if dnskey is None or not _matches(place, dnskey):
            return False
        pool = own or response.authority
        sets = (s for s in pool if own or s.rdtype != RdataType.NS)
        return all(
            self._signature_holds(rrset, pool, place.zone, dnskey)
            for rrset in sets
            if rrset.rdtype != RdataType.RRSIG
        )

    def _signature_holds(
        self,
        rrset: dns.rrset.RRset,
        pool: list[dns.rrset.RRset],
        zone: dns.name.Name,
        dnskey: dns.rrset.RRset,
    ) -> bool:
        """Is there a signature over the set, made with the zone's key and in its time?"""
        over = (
            s
            for s in pool
            if s.name == rrset.name and s.rdtype == RdataType.RRSIG and s.covers == rrset.rdtype
        )
        signature = next(over, None)
        if signature is None:
            return False
        try:
            dns.dnssec.validate(rrset, signature, {zone: dnskey}, now=self.now.timestamp())
        except dns.exception.DNSException:
            return False
        return True


def _set(
    section: list[dns.rrset.RRset], name: dns.name.Name, type: RdataType
) -> dns.rrset.RRset | None:
    return next((s for s in section if s.name == name and s.rdtype == type), None)


def _referral(
    response: dns.message.Message, zone: dns.name.Name, name: dns.name.Name
) -> dns.rrset.RRset | None:
    """The NS set of a downward referral, if that is what this is."""
    if response.flags & dns.flags.AA or response.answer:
        return None
    sets = (s for s in response.authority if s.rdtype == RdataType.NS)
    below = (s for s in sets if s.name != zone and s.name.is_subdomain(zone))
    return next((s for s in below if name.is_subdomain(s.name)), None)


def _matches(place: Place, dnskey: dns.rrset.RRset) -> bool:
    """Is one of the keys the one the parent vouches for? The root is trusted as it is."""
    if place.zone == dns.name.root:
        return True
    policy = dns.dnssec.allow_all_policy
    digests = {
        dns.dnssec.make_ds(place.zone, key, digest, policy=policy)
        for key in dnskey
        for digest in ("SHA256", "SHA1")
    }
    return place.ds is not None and any(rdata in digests for rdata in place.ds)
