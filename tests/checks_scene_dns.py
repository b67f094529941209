"""The DNS evidence of a scene: delegation, records, keys, servers, caches, as collectors give it."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks.dns.name_server_hosts import reverse_name
from diagnostics.collectors.dns.records import questions
from diagnostics.collectors.dns.resolver_caches import questions as cache_questions
from diagnostics.evidence.keys import DnssecKeys, NameServerFacts, ResolverCaches
from facts import Delegated, Delegation, NameServer
from standards.dns_types import Lookup, Record
from tests.checks_parts import AT
from tests.checks_signed import UNTIL, rrsig

NS1, NS2 = "ns1.host.example", "ns2.host.example"
SOA = "ns1.host.example. hostmaster.host.example. 2026011501 3600 900 1209600 300"


class DnsSide:
    """The part of a Scene that builds DNS evidence; the attributes are the Scene's."""

    def _lookup(self, name: str, type: str, server: str, address: str, **more: object) -> Lookup:
        return Lookup(name, type, address, AT, server, **({"rcode": "NOERROR"} | more))

    def _delegation(self) -> Delegation:
        parent = self.domain.partition(".")[2]
        trail = (self._lookup(self.domain, "NS", "a.root.example", "192.0.12.1"),)
        if self.outcome is not Delegated.YES:
            parents = self._parents(()) if len(self.parents) > 2 or any(self.parents) else ()
            return Delegation(
                self.domain, parent, self.outcome, trail=trail, cname=self.cname, parents=parents
            )
        names = (*self.servers, *self.lost)
        listed = self.parent_ns or names
        child_names = tuple(f"{n}." for n in (self.child_ns or listed))
        soa, ns = [], []
        for server, addresses in self.servers.items():
            for address in addresses:
                change = {"flags": ("aa",), **self.soa.get(server, {})}
                value = str(change.pop("value", SOA))
                dumb = change.get("trouble") or change.get("rcode", "NOERROR") != "NOERROR"
                values = () if dumb else tuple(v for v in value.split("|") if v)
                full = tuple(Record(self.domain, "SOA", 300, v) for v in values)
                soa.append(
                    self._lookup(self.domain, "SOA", server, address, answers=full, **change)
                )
                listing = (
                    () if dumb else tuple(Record(self.domain, "NS", 300, n) for n in child_names)
                )
                ns.append(
                    self._lookup(self.domain, "NS", server, address, answers=listing, **change)
                )
        name_servers = tuple(
            NameServer(n, self.glue.get(n, ()), a, alias=self.ns_aliases.get(n, ""))
            for n, a in self.servers.items()
        )
        name_servers += tuple(NameServer(n, (), (), t) for n, t in self.lost.items())
        ds = tuple(Record(self.domain, "DS", 300, v) for v in self.ds)
        trail += (self._lookup(self.domain, "DS", "a.root.example", "192.0.12.1", answers=ds),)
        return Delegation(
            self.domain,
            parent,
            self.outcome,
            listed,
            name_servers,
            ds,
            tuple(soa),
            tuple(ns),
            trail,
            parents=self._parents(listed),
        )

    def _parents(self, listed: tuple[str, ...]) -> tuple[Lookup, ...]:
        ns_records = tuple(Record(self.domain, "NS", 300, n) for n in listed)
        return tuple(
            self._lookup(
                self.domain,
                "NS",
                f"{letter}.registry.example",
                f"192.0.13.{at}",
                **({"authority": ns_records} | dict(change)),
            )
            for at, (letter, change) in enumerate(zip("abcdef", self.parents, strict=False))
        )

    def _each_address(self) -> list[tuple[str, str]]:
        return [(n, a) for n, host_addresses in self.servers.items() for a in host_addresses]

    def _servers(self) -> NameServerFacts:
        tcp, ptr = [], []
        for server, address in self._each_address():
            change = {k: v for k, v in self.soa.get(server, {}).items() if k != "value"}
            change |= {"transport": "tcp", **self.tcp.get(server, {})}
            tcp.append(self._lookup(self.domain, "SOA", server, address, **change))
            pointer, name = reverse_name(address), self.reverse.get(address, server)
            pointer_records = (Record(pointer, "PTR", 300, name),) if name else ()
            ptr.append(self._lookup(pointer, "PTR", "", "192.0.14.1", answers=pointer_records))
        inside = [n for n in self.servers if n.endswith(f".{self.domain}")]
        hosts = [
            self._lookup(name, kind, server, address, flags=("aa",), answers=tuple(
                Record(name, kind, 300, a)
                for a in self.own_hosts.get(name, self.servers[name])
                if (":" in a) == (kind == "AAAA")
            ))
            for name in inside for kind in ("A", "AAAA") for server, address in self._each_address()
        ]  # fmt: skip
        return NameServerFacts(tuple(tcp), tuple(ptr), tuple(hosts))

    def _caches(self) -> ResolverCaches:
        lookups = []
        for name, kind in cache_questions(self.subject()):
            own = self.zone.get((name, kind), ())
            values = self.remembered.get((name, kind), own)
            answers = tuple(Record(name, kind, 1800, v) for v in values)
            refusal = {"rcode": "SERVFAIL", "detail": self.refused} if self.refused else {}
            fields = {"answers": answers} | ({"answers": ()} | refusal if refusal else {})
            lookups.append(self._lookup(name, kind, "", "192.0.14.1", **fields))
        return ResolverCaches(tuple(lookups))

    def _lookups(self) -> tuple[Lookup, ...]:
        return self._everywhere(questions(self.subject()))

    def _everywhere(self, queries: Iterable[tuple[str, str]]) -> tuple[Lookup, ...]:
        return tuple(
            self._answer(name, kind, server, address)
            for name, kind in queries
            for server, addresses in self.servers.items()
            for address in addresses
        )

    def _answer(self, name: str, type: str, server: str, address: str) -> Lookup:
        change = {**self.soa.get(server, {}), **self.questions.get((server, name, type), {})}
        change.pop("value", None)
        if change.get("trouble") or change.get("rcode"):
            return self._lookup(name, type, server, address, **change)
        zone = self.zone | self.odd.get(server, {})
        path, at = [], name
        while at in self.aliases and len(path) < 9:
            path.append(Record(at, "CNAME", 300, f"{self.aliases[at]}."))
            at = self.aliases[at]
        if type == "CNAME":
            path = path[:1]
            values: tuple[str, ...] = ()
        else:
            values = zone.get((at, type), ())
        answers = (*path, *(Record(at, type, 300, v) for v in values))
        sets = {(r.name, r.type): (r.value,) for r in path} | (
            {(at, type): values} if values else {}
        )
        answers = (*answers, *(seal for (n, t), v in sets.items() for seal in self._seal(n, t, v)))
        proof = self.empty.get((name, type), ())
        if proof and not answers:
            return self._lookup(
                name, type, server, address, flags=("aa",), authority=proof,
                rcode="NXDOMAIN" if not any(n == name for n, _ in zone) else "NOERROR",
            )  # fmt: skip
        exists = name in self.aliases or any(n == name for n, _ in zone)
        rcode = "NOERROR" if exists else "NXDOMAIN"
        flags = change.get("flags", ("aa",))
        return self._lookup(name, type, server, address, rcode=rcode, flags=flags, answers=answers)

    def _seal(self, name: str, type: str, values: tuple[str, ...]) -> tuple[Record, ...]:
        """The signature over a set of a signed zone, unless a case left it out."""
        signed = self.signed and self.ds and self.dnskey and (name, type) not in self.bare_sets
        if not signed or not f".{name}".endswith(f".{self.domain}"):
            return ()
        until = self.expired_sets.get((name, type), UNTIL)
        return (rrsig(self.domain, name, type, values, until=until),)

    def _keys(self) -> DnssecKeys:
        def ask(type: str, values: tuple[str, ...], server: str = NS1) -> Lookup:
            answers = [Record(self.domain, type, 300, v) for v in values]
            records = answers
            if values and self.signed and self.dnskey and type not in self.unsigned:
                since, until = self.validity
                zone = self.domain
                sealed = rrsig(
                    zone, zone, type, values, until=until, since=since, number=self.signer
                )
                records = [*answers, sealed]
            if self.forged and type == "SOA":
                records[0] = Record(
                    self.domain, "SOA", 300, SOA.replace("2026011501", "2026011502")
                )
            address = self.servers.get(server, ("192.0.9.53",))[0]
            return self._lookup(
                self.domain, type, server, address, flags=("aa",), answers=tuple(records)
            )

        further = [
            ask(kind, self.odd_further.get(server, {}).get(kind, values), server)
            for kind, values in self.further.items()
            for server in self.servers
        ]
        step = self._lookup(
            self.domain, "DS", "", "192.0.13.0",
            answers=tuple(Record(self.domain, "DS", 300, v) for v in self.ds),
        )  # fmt: skip
        return DnssecKeys(
            (
                ask("DNSKEY", self.dnskey),
                *(
                    self._lookup(self.domain, "DNSKEY", s, "192.0.11.53", flags=("aa",))
                    for s in self.keyless
                ),
            ),
            (ask("SOA", (SOA,)),),
            bool(self.dnskey),
            tuple(further),
            self.above,
            self.chain or (step,),
            self.anchor,
        )
