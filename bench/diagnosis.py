"""Wall time of a diagnosis on the lab with 30 ms added to each answer, beside its longest chain of
answers that had to wait for each other. The aim is 1.3; without delay one sees our own share.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import timedelta

import lab
from diagnostics.collector import Sources
from diagnostics.collectors import COLLECTORS
from diagnostics.evidence import DELEGATION, WEB
from diagnostics.examine import examine
from diagnostics.model import Evidence, Scope, Subject
from diagnostics.parse import parse
from lab.demo import WORLD
from observe.network import Network

DELAY = timedelta(milliseconds=30)
DOMAINS = ("orchard.example", "bakery.example", "tower.example")
RUNS = 7


def chain(evidence: Evidence) -> int:
    """How many answers had to come one after the other: the walk, the zone's own servers, the
    host's address, and the longest walk along redirects."""
    walk = sum(x.type == "NS" for x in evidence[DELEGATION].trail)
    hops = max(len(c.hops) for c in evidence[WEB].chains)
    return walk + 1 + 1 + hops


async def timed(network: Network, subject: Subject) -> tuple[float, Evidence]:
    began = time.perf_counter()
    evidence = await examine(subject, Scope.PUBLIC, sources=Sources(network), collectors=COLLECTORS)
    return time.perf_counter() - began, evidence


async def measure(network: Network, domain: str) -> tuple[float, Evidence]:
    subject = parse(domain)
    assert isinstance(subject, Subject)
    runs = [await timed(network, subject) for _ in range(RUNS)]
    return statistics.median(seconds for seconds, _ in runs), runs[-1][1]


def main() -> None:
    figures: dict[str, list[float]] = {name: [] for name in DOMAINS}
    answers: dict[str, int] = {}
    for delay in (timedelta(0), DELAY):
        with lab.running(WORLD, delay=delay) as running:
            network = Network.of(running.network)
            for name in DOMAINS:
                seconds, evidence = asyncio.run(measure(network, name))
                figures[name].append(seconds * 1000)
                answers[name] = chain(evidence)
    print(
        f"{'domain':20} {'answers':>7} {'chain':>8} {'wall':>8} {'no delay':>9} {'wall/chain':>11}"
    )
    for name, (bare, wall) in figures.items():
        longest = answers[name] * DELAY / timedelta(milliseconds=1)
        row = f"{longest:5.0f} ms {wall:5.0f} ms {bare:6.0f} ms {wall / longest:11.2f}"
        print(f"{name:20} {answers[name]:7} {row}")


if __name__ == "__main__":
    main()
