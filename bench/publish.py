"""Publication time and page weight for 20, 200, 500 and 2,000 components with 90 days each.

Three times are told: the first publication of a process, one after a component changed, and one
in which only the check time moved, as most do. The weight of `/` is what a browser fetches.
"""

from __future__ import annotations

import random
import shutil
import statistics
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli

from render.templates import TemplateRenderer, environment
from status.model import Component, Condition, Snapshot, UptimeDay
from status.publishing.publisher import Publisher
from status.state import composition, uptime
from status.state.statements import PublicStatements
from web.publication_format import FILE
from web.site import Site

AT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
SIZES = (20, 200, 500, 2000)
STATIC = Path(__file__).resolve().parent.parent / "static"
TROUBLES = (Condition.PARTIAL_OUTAGE, Condition.MAJOR_OUTAGE, Condition.DEGRADED_PERFORMANCE)


def snapshot(size: int) -> Snapshot:
    """Components in groups of twenty, each with ninety days and a few bad ones."""
    rng = random.Random(size)
    parts = tuple(
        Component(f"web{n}", f"Web server {n}", f"Hosting {n // 20}") for n in range(size)
    )
    first = AT.date() - timedelta(days=89)
    books, verdicts = {}, {}
    for part in parts:
        days = []
        for n in range(90):
            bad = 1800 if rng.random() < 0.04 else 0
            spent = {Condition.OPERATIONAL: 86400 - bad, rng.choice(TROUBLES): bad}
            days.append(UptimeDay(first + timedelta(days=n), {c: s for c, s in spent.items() if s}))
        books[part.id] = uptime.UptimeAccumulator(
            Condition.OPERATIONAL, AT - timedelta(days=1), AT, tuple(days)
        )
        verdicts[part.id] = composition.ComponentVerdict(Condition.OPERATIONAL, AT, "", AT)
    return composition.snapshot(parts, verdicts, books, PublicStatements(), AT)


def moved(shot: Snapshot, seconds: int) -> Snapshot:
    """The same a little later."""
    at = AT + timedelta(seconds=seconds)
    states = tuple(replace(s, checked_at=at) for s in shot.states)
    return replace(shot, at=at, checked_at=at, states=states)


def fallen(shot: Snapshot, seconds: int) -> Snapshot:
    """The same a little later with one component down."""
    later = moved(shot, seconds)
    first = replace(later.states[0], condition=Condition.MAJOR_OUTAGE, since=later.at)
    return replace(later, states=(first, *later.states[1:]))


def timed(publisher: Publisher, shot: Snapshot) -> tuple[float, float]:
    """Seconds by the clock and seconds of one core; on a busy machine only the second tells."""
    clock, core = time.perf_counter(), time.process_time()
    publisher.publish(shot)
    return time.perf_counter() - clock, time.process_time() - core


def median_text(times: list[tuple[float, float]]) -> str:
    """The median of each."""
    clock, core = (statistics.median(t[n] for t in times) for n in (0, 1))
    return f"{clock:.2f} s ({core:.2f})"


def measure(size: int, folder: Path) -> str:
    """One row of the table."""
    publisher = Publisher(folder, Site("Sklep Hosting"), TemplateRenderer(environment()))
    shot = snapshot(size)
    first = median_text([timed(publisher, shot)])
    quiet = median_text([timed(publisher, moved(shot, n)) for n in range(30, 120, 30)])
    both = (fallen, moved, fallen, moved)
    change = median_text([timed(publisher, both[n](shot, 150 + n)) for n in range(4)])
    page = (folder / "public/en/index.html.br").stat().st_size
    assets = sum(len(brotli.compress((STATIC / f).read_bytes())) for f in ("app.css", "jasno.js"))
    edition = (folder / FILE).stat().st_size
    return (
        f"| {size:,} | {first} | {change} | {quiet}"
        f" | {page / 1000:.1f} kB | {(page + assets) / 1000:.1f} kB | {edition / 1e6:.1f} MB |"
    )


def main() -> None:
    print("| components | first | one changed | time moved | `/` | with style, script | edition |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for size in SIZES:
        folder = Path(tempfile.mkdtemp())
        try:
            print(measure(size, folder), flush=True)
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
