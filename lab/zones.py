"""One DNS zone in memory: its records, its cuts, its signatures; and what it says to a question.

Pure but for the keys it makes. Follows RFC 1034, 4.3.2 and RFC 4035, 3.1; it never stops a zone
from being wrong, since being wrong is what a lab's zones are for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from cryptography.hazmat.primitives.asymmetric import ec
from dns.rdatatype import RdataType

from lab.world import Signing

IN = dns.rdataclass.IN
TTL = 3600
ALGORITHM = "ECDSAP256SHA256"
GLUE_TYPES = (RdataType.A, RdataType.AAAA)


class ZoneKey:
    """One key that signs a whole zone, with its DNSKEY and DS records (RFC 4034)."""

    def __init__(self, origin: str) -> None:
        self.origin = dns.name.from_text(origin)
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.dnskey = dns.dnssec.make_dnskey(self.private.public_key(), ALGORITHM, flags=257)

    @property
    def ds(self) -> str:
        """The DS record's text for the parent."""
        return dns.dnssec.make_ds(self.origin, self.dnskey, "SHA256").to_text()

    @property
    def old_ds(self) -> str:
        """The same with a SHA-1 digest."""
        policy = dns.dnssec.allow_all_policy
        return dns.dnssec.make_ds(self.origin, self.dnskey, "SHA1", policy=policy).to_text()


class Zone:
    """The records of one zone as one server has them."""

    def __init__(
        self, origin: str, now: datetime, signing: Signing = Signing.NO, key: ZoneKey | None = None
    ) -> None:
        self.origin = dns.name.from_text(origin)
        self.now = now
        self.signing = signing
        self.key = key
        self.nodes: dict[dns.name.Name, dict[RdataType, dns.rrset.RRset]] = {}
        self._signatures: dict[tuple[dns.name.Name, RdataType], dns.rrset.RRset] = {}
        if key is not None and signing is not Signing.NO:
            self.put("@", "DNSKEY", key.dnskey.to_text())

    def put(self, name: str, type: str, value: str, ttl: int = TTL) -> None:
        """Add one record; `name` and names in `value` are relative unless they end in a dot."""
        owner = dns.name.from_text(name, self.origin)
        rdtype = dns.rdatatype.from_text(type)
        rdata = dns.rdata.from_text(IN, rdtype, value, origin=self.origin, relativize=False)
        kinds = self.nodes.setdefault(owner, {})
        rrset = kinds.setdefault(rdtype, dns.rrset.RRset(owner, IN, rdtype))
        rrset.add(rdata, ttl)

    def put_lines(self, lines: Iterable[str]) -> None:
        """Add records from lines such as "www 300 A 31.53.12.12"."""
        for line in lines:
            name, second, rest = line.split(None, 2)
            if second.isdigit():
                kind, value = rest.split(None, 1)
                self.put(name, kind, value, int(second))
            else:
                self.put(name, second, rest)

    def has(self, name: str) -> bool:
        """Is there any record at exactly this name?"""
        return dns.name.from_text(name, self.origin) in self.nodes

    def answer(self, response: dns.message.Message, name: dns.name.Name, *, do: bool) -> None:
        """Fill a response to one question; AA and the rcode included."""
        wanted = response.question[0].rdtype
        cut = self._cut(name, wanted)
        if cut is not None:
            self._refer(response, cut, do=do)
            return
        response.flags |= dns.flags.AA
        node = self._node(name)
        if node is None:
            self._deny(response, name, do=do, exists=name in self._inner)
            return
        rrset = node.get(wanted)
        alias = node.get(RdataType.CNAME)
        if wanted == RdataType.ANY:
            for each in node.values():
                self._add(response.answer, each, name, do=do)
        elif rrset is not None:
            self._add(response.answer, rrset, name, do=do)
        elif alias is not None:
            self._add(response.answer, alias, name, do=do)
        else:
            self._deny(response, name, do=do, exists=True)

    def _cut(self, name: dns.name.Name, wanted: RdataType) -> dns.name.Name | None:
        """The highest delegation on the way down to the name, unless the DS there is asked."""
        for depth in range(len(self.origin) + 1, len(name) + 1):
            candidate = dns.name.Name(name.labels[-depth:])
            if RdataType.NS in self.nodes.get(candidate, {}):
                at_cut = candidate == name and wanted == RdataType.DS
                return None if at_cut else candidate
        return None

    def _node(self, name: dns.name.Name) -> dict[RdataType, dns.rrset.RRset] | None:
        """The records at a name, or those of the wildcard that covers it."""
        if name in self.nodes:
            return self.nodes[name]
        if name in self._inner:
            return None
        return self.nodes.get(dns.name.Name((b"*", *self._closest(name).labels)))

    @cached_property
    def _inner(self) -> frozenset[dns.name.Name]:
        """Names without records that exist because something lies below them."""
        inner = set()
        for name in self.nodes:
            up = name
            while up != self.origin and up.is_subdomain(self.origin):
                up = up.parent()
                inner.add(up)
        return frozenset(inner)

    def _refer(self, response: dns.message.Message, cut: dns.name.Name, *, do: bool) -> None:
        servers = self.nodes[cut][RdataType.NS]
        response.authority.append(servers)
        ds = self.nodes[cut].get(RdataType.DS)
        if ds is not None and do:
            self._add(response.authority, ds, cut, do=do)
        elif do and self._signs:
            self._prove(response, cut)
        for server in servers:
            for kind in GLUE_TYPES:
                glue = self.nodes.get(server.target, {}).get(kind)
                if glue is not None:
                    response.additional.append(glue)

    def _deny(
        self, response: dns.message.Message, name: dns.name.Name, *, do: bool, exists: bool
    ) -> None:
        if not exists:
            response.set_rcode(dns.rcode.NXDOMAIN)
        soa = self.nodes.get(self.origin, {}).get(RdataType.SOA)
        if soa is not None:
            self._add(response.authority, soa, self.origin, do=do)
        if do and self._signs:
            self._prove(response, name)
            if not exists:
                self._prove(response, dns.name.Name((b"*", *self._closest(name).labels)))

    def _closest(self, name: dns.name.Name) -> dns.name.Name:
        """The nearest name above that exists."""
        parent = name.parent()
        while parent not in self.nodes and parent not in self._inner and parent != self.origin:
            parent = parent.parent()
        return parent

    @property
    def _signs(self) -> bool:
        return self.key is not None and self.signing is not Signing.NO

    def _add(
        self,
        section: list[dns.rrset.RRset],
        rrset: dns.rrset.RRset,
        owner: dns.name.Name,
        *,
        do: bool,
    ) -> None:
        """Add a set and its signature, under the asked name when a wildcard gave it."""
        answered = (
            rrset
            if owner == rrset.name
            else dns.rrset.from_rdata_list(owner, rrset.ttl, list(rrset))
        )
        section.append(answered)
        if do and self._signs:
            section.append(self.signature(rrset))

    def signature(self, rrset: dns.rrset.RRset) -> dns.rrset.RRset:
        """The RRSIG set over a record set, made when first asked for."""
        cached = self._signatures.get((rrset.name, rrset.rdtype))
        if cached is not None or self.key is None:
            return cached or dns.rrset.RRset(rrset.name, IN, RdataType.RRSIG)
        since, until = VALIDITY[self.signing]
        rrsig = dns.dnssec.sign(
            rrset,
            self.key.private,
            self.origin,
            self.key.dnskey,
            inception=self.now + since,
            expiration=self.now + until,
        )
        signature_set = dns.rrset.from_rdata(rrset.name, rrset.ttl, rrsig)
        self._signatures[(rrset.name, rrset.rdtype)] = signature_set
        return signature_set

    @cached_property
    def _chain(self) -> list[dns.name.Name]:
        """Every name that has an NSEC record, in canonical order."""
        return sorted(name for name in self.nodes if not self._is_below_cut(name))

    def _is_below_cut(self, name: dns.name.Name) -> bool:
        """Whether the name belongs to a zone that is delegated from here."""
        depths = range(len(self.origin) + 1, len(name))
        above = (dns.name.Name(name.labels[-depth:]) for depth in depths)
        return any(RdataType.NS in self.nodes.get(parent, {}) for parent in above)

    def _prove(self, response: dns.message.Message, name: dns.name.Name) -> None:
        """Add the NSEC record that covers or matches a name (RFC 4034, 4)."""
        chain = self._chain
        at = bisect_right(chain, name) - 1
        owner, following = chain[at], chain[(at + 1) % len(chain)]
        kinds = sorted({*self.nodes[owner], RdataType.RRSIG, RdataType.NSEC})
        bits = " ".join(dns.rdatatype.to_text(k) for k in kinds)
        nsec = dns.rrset.from_text(owner, TTL, IN, RdataType.NSEC, f"{following} {bits}")
        if nsec in response.authority:
            return
        response.authority.append(nsec)
        response.authority.append(self.signature(nsec))


VALIDITY: dict[Signing, tuple[timedelta, timedelta]] = {
    Signing.NO: (timedelta(0), timedelta(0)),
    Signing.GOOD: (timedelta(days=-3), timedelta(days=25)),
    Signing.EXPIRED: (timedelta(days=-40), timedelta(days=-6)),
    Signing.NOT_YET: (timedelta(days=2), timedelta(days=30)),
}
