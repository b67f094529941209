"""What two libraries cost where we chose for or against them: `python -m bench.libraries`.

Processor time: seconds for text that is written once, a share of one core for timers that run on.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from clock import SystemClock
from engine.scheduler import Scheduler
from engine.timer_wheel import Slot
from render.exposition import Sample, exposition

PROBES, NUMBERS = 1000, 15
TIMERS, EVERY, SECONDS = 2000, timedelta(seconds=30), 20


def samples() -> list[Sample]:
    labels = [
        (
            ("probe", f"p{n}"),
            ("component", "web"),
            ("kind", "http"),
            ("target", f"http://web{n}.example/"),
            ("vantage", "local"),
        )
        for n in range(PROBES)
    ]
    return [
        Sample(f"probe_{number}", 1.2345 * n, labels[n], "a number of a probe")
        for number in range(NUMBERS)
        for n in range(PROBES)
    ]


def exposing(written: list[Sample]) -> float:
    began = time.process_time()
    exposition(written)
    return time.process_time() - began


def joining(written: list[Sample]) -> float:
    """The lines made at each look and only joined: the least that any way takes."""
    lines = [f"{s.name}{s.labels} {s.value:.9g}\n" for s in written]
    began = time.process_time()
    "".join(lines)
    return time.process_time() - began


async def share(seconds: float) -> float:
    began = time.process_time()
    await asyncio.sleep(seconds)
    return (time.process_time() - began) / seconds


async def apscheduler_alone() -> float:
    """Every probe a job of its own."""
    scheduler, now = AsyncIOScheduler(timezone=UTC), datetime.now(UTC)
    for n in range(TIMERS):
        first = now + timedelta(seconds=1) + EVERY * (n / TIMERS)
        scheduler.add_job(
            asyncio.sleep, "interval", [0], seconds=EVERY.total_seconds(), next_run_time=first
        )
    scheduler.start()
    await asyncio.sleep(6)
    taken = await share(SECONDS)
    scheduler.shutdown(wait=False)
    return taken


async def timer_wheel() -> float:
    """The wheel, which APScheduler turns once a second."""

    async def look(_name: str, _at: datetime) -> None:
        await asyncio.sleep(0)

    slots = [Slot(f"p{n}", EVERY) for n in range(TIMERS)]
    scheduler = Scheduler(slots, look, SystemClock())
    scheduler.start()
    await asyncio.sleep(6)
    taken = await share(SECONDS)
    scheduler.stop()
    return taken


def main() -> None:
    written = samples()
    print(
        f"{len(written)} numbers, prometheus_client: {min(exposing(written) for _ in range(5)):.4f} s"
    )
    print(f"{len(written)} numbers, lines joined: {min(joining(written) for _ in range(5)):.4f} s")
    alone, wheel = asyncio.run(apscheduler_alone()), asyncio.run(timer_wheel())
    print(f"{TIMERS} probes each {EVERY.seconds} s, APScheduler alone: {alone:.2%} of a core")
    print(f"{TIMERS} probes each {EVERY.seconds} s, timer wheel: {wheel:.2%} of a core")


if __name__ == "__main__":
    main()
