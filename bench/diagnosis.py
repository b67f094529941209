"""Diagnoses over the lab (in a process of its own): wall time beside the longest chain of answers that
had to wait for each other, processor time of ours, and fifty different ones at once.

The chain is that of the DNS and the website; what else mail is asked about (its own long walks: SPF,
policies over https, names both ways) is counted apart, in the rows "all of it". The aim is a wall of 1.3 times the chain with 30 ms added to each answer.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import timedelta

import uvloop

from bench.lab_apart import apart
from diagnostics.collection import collect_evidence
from diagnostics.collectors import COLLECTORS
from diagnostics.collectors.model import Sources
from diagnostics.evidence.keys import (
    CACHES,
    DELEGATION,
    DNSSEC,
    EXPECTED,
    KNOWN_INCIDENT,
    MAIL,
    RECORDS,
    REGISTRATION,
    SERVERS,
)
from diagnostics.evidence.web import TLS, WEB
from diagnostics.model import Evidence, Scope
from lab.demo import DEMO_DOMAINS
from observe.dns import wire
from observe.network import Network
from observe.transport import certificates
from subject import Subject, parse_subject

DELAY = timedelta(milliseconds=30)
# Signed; at another provider; unsigned; one of its two name servers is dead.
DOMAINS = ("vault.example", "bakery.example", "tower.example", "canyon.example")
RUNS = 7
WANTED = (
    KNOWN_INCIDENT,
    DELEGATION,
    REGISTRATION,
    RECORDS,
    DNSSEC,
    SERVERS,
    CACHES,
    WEB,
    TLS,
    MAIL,
    EXPECTED,
)
SLOW = ("dns.ns.no_response", "dns.ns.none_working", "web.site.timeout", "web.site.unreachable")
AT_ONCE = 50


def chain(evidence: Evidence) -> int:
    """How many answers had to come one after the other: the walk to the delegation, the walk to the
    name servers' own addresses (beside it, so only what is left of it counts as one), the host's
    address, and the longest walk along redirects with two answers for each new TLS connection."""
    delegation = evidence[DELEGATION]
    walk = sum(x.type == "NS" for x in delegation.trail)
    hops = max(
        sum(2 if hop.url.startswith("https:") else 1 for hop in c.hops)
        for c in evidence[WEB].chains
    )
    return walk + 1 + hops


async def look(network: Network, name: str, *, whole: bool = False) -> Evidence:
    subject = parse_subject(name)
    assert isinstance(subject, Subject)
    return await collect_evidence(
        subject,
        Scope.PUBLIC,
        sources=Sources(network),
        collectors=COLLECTORS,
        keys=None if whole else WANTED,
    )


async def repeated(
    network: Network, name: str, *, whole: bool = False
) -> tuple[float, float, Evidence]:
    """Median wall and processor seconds, and the last evidence."""
    walls, cpus = [], []
    await look(network, name, whole=whole)
    for _ in range(RUNS):
        wire.read_cached.cache_clear()
        certificates.to_facts.cache_clear()
        began, spent = time.perf_counter(), time.process_time()
        evidence = await look(network, name, whole=whole)
        walls.append(time.perf_counter() - began)
        cpus.append(time.process_time() - spent)
    return statistics.median(walls), statistics.median(cpus), evidence


async def crowd(network: Network) -> tuple[float, float, float]:
    """Fifty at once: the whole, the slowest, and processor seconds for each."""
    took: list[float] = []

    async def timed_look(name: str) -> None:
        began = time.perf_counter()
        await look(network, name, whole=True)
        took.append(time.perf_counter() - began)

    # Different ones, since what many servers say alike is remembered; none with a dead server.
    names = [row.name for row in DEMO_DOMAINS if row.finding not in SLOW][:AT_ONCE]
    began, spent = time.perf_counter(), time.process_time()
    await asyncio.gather(*(timed_look(name) for name in names))
    cpu = (time.process_time() - spent) / AT_ONCE
    return time.perf_counter() - began, max(took), cpu


def main() -> None:
    print(f"{'domain':16} {'chain':>16} {'wall':>9} {'wall/chain':>11} {'no delay':>9} {'CPU':>7}")
    bare: dict[str, float] = {}
    with apart(timedelta(0)) as network:
        for name in DOMAINS:
            bare[name], _, _ = uvloop.run(repeated(network, name))
    with apart(DELAY) as network:
        for name in DOMAINS:
            wall, cpu, evidence = uvloop.run(repeated(network, name))
            answers = chain(evidence)
            longest = answers * DELAY.total_seconds()
            print(
                f"{name:16} {answers:3} = {longest * 1000:6.0f} ms {wall * 1000:6.0f} ms "
                f"{wall / longest:11.2f} {bare[name] * 1000:6.0f} ms {cpu * 1000:4.0f} ms"
            )
        for name in DOMAINS[:3]:
            wall, cpu, _ = uvloop.run(repeated(network, name, whole=True))
            print(
                f"{name:16} {'all of it':>16} {wall * 1000:6.0f} ms {'':>22} {cpu * 1000:4.0f} ms"
            )
        whole, slowest, cpu = uvloop.run(crowd(network))
        print(
            f"{AT_ONCE} at once: {whole:.2f} s in all, the slowest {slowest:.2f} s, "
            f"{cpu * 1000:.0f} ms CPU each"
        )


if __name__ == "__main__":
    main()
