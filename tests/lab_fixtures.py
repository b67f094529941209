"""A world with every illness of DNS, and how to ask its servers without our own code."""

from __future__ import annotations

from datetime import timedelta

import dns.flags
import dns.message
import dns.query
import dns.rdatatype
import pytest

import lab
from lab.world import ZONE_SERVERS, Domain, Ds, LabNameserver, ServerFault, Signing, World

NS1, NS2 = "31.53.253.1", "31.53.253.2"
BROKEN = "31.79.0."
ILLS = (
    ServerFault.SILENT,
    ServerFault.REFUSES,
    ServerFault.SERVFAIL,
    ServerFault.LAME,
    ServerFault.NO_AUTHORITY,
    ServerFault.TRUNCATES,
    ServerFault.NO_TCP,
    ServerFault.NO_EDNS,
    ServerFault.MALFORMED,
    ServerFault.WRONG_ID,
    ServerFault.WRONG_QUESTION,
    ServerFault.ENDLESS_CNAME,
)
WORLD = World(
    nameservers=(
        *(
            LabNameserver(
                name=f"{ill.value.replace('_', '-')}.quirk.test",
                addresses=(f"{BROKEN}{n}",),
                fault=ill,
            )
            for n, ill in enumerate(ILLS, 1)
        ),
        LabNameserver(
            name="slow.quirk.test", addresses=("31.79.0.99",), wait=timedelta(seconds=0.2)
        ),
        LabNameserver(name="ns.inside.example", addresses=("31.79.1.1", "2a0e:5379::1")),
    ),
    domains=(
        Domain(
            name="shop.example",
            records=("@ A 31.53.12.12", "www 60 CNAME @", "*.wild A 31.53.12.13", "a.b TXT deep"),
            signing=Signing.GOOD,
        ),
        Domain(name="inside.example", servers=("ns.inside.example",), records=("@ A 31.53.12.9",)),
        *(
            Domain(
                name=f"{ill.value.replace('_', '-')}.cz",
                servers=(f"{ill.value.replace('_', '-')}.quirk.test",),
                records=("@ A 31.53.12.12",),
            )
            for ill in ILLS
        ),
        Domain(name="slow.cz", servers=("slow.quirk.test",), records=("@ A 31.53.12.12",)),
        Domain(name="behind.cz", records=("@ A 31.53.12.12",), ds=Ds.LEFT_BEHIND),
        Domain(name="stale.cz", records=("@ A 31.53.12.12",), signing=Signing.EXPIRED),
        Domain(name="nowhere.cz", parent_ns=()),
        Domain(name="half.cz", servers=ZONE_SERVERS[:1], own_ns=ZONE_SERVERS),
        Domain(name="apex.cz", records=("@ CNAME www.shop.example.", "www.apex.cz A 31.53.12.12")),
        Domain(
            name="differ.cz",
            records=("@ A 31.53.12.12",),
            differing={ZONE_SERVERS[1]: ("@ A 31.53.12.99",)},
        ),
        Domain(
            name="moved.cz",
            parent_ns=("old.quirk.test",),
            own_ns=ZONE_SERVERS,
            records=("@ A 31.53.12.12",),
        ),
        Domain(name="turn.cz", records=("@ A 31.53.12.12",), turned=("@ A 127.0.0.1",)),
        Domain(name="lost.cz", records=("@ CNAME gone.example.", "@ TXT x")),
        Domain(name="big.cz", records=tuple(f"@ TXT {'x' * 200}{n}" for n in range(10))),
    ),
)


@pytest.fixture(scope="module")
def running():
    with lab.running(WORLD) as up:
        yield up


def port(running, address, number=53):
    host, _, there = running.network["hosts"][f"{address}:{number}"].rpartition(":")
    return host, int(there)


def ask(running, name, type, address=NS1, *, tcp=False, timeout=2.0, do=False, **more):
    query = dns.message.make_query(name, type, use_edns=more.pop("edns", 0), want_dnssec=do)
    query.flags &= ~dns.flags.RD
    host, there = port(running, address)
    send = dns.query.tcp if tcp else dns.query.udp
    return send(query, host, timeout=timeout, port=there, **more)


def resolve(running, name, type="A", *, checking=True):
    query = dns.message.make_query(name, type, want_dnssec=True)
    if not checking:
        query.flags |= dns.flags.CD
    host, _, there = running.network["resolvers"][0].rpartition(":")
    return dns.query.udp(query, host, timeout=2.0, port=int(there))


def texts(section, type):
    kind = dns.rdatatype.from_text(type)
    return sorted(r.to_text() for s in section if s.rdtype == kind for r in s)
