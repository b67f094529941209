"""Publication time and page weight for 20, 200, 500 and 2,000 components with 90 days each.

Three times are told, composing included: the first publication of a process, one after a component
changed, and one half a minute later in which only time moved, as most do. The weight of `/` is what
a browser fetches.

    python -m bench.publish [sizes]
"""

from __future__ import annotations

import random
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli

from engine.run import tune_garbage_collector
from render.templates import TemplateRenderer, environment
from status.model import Component, Condition, Snapshot, UptimeDay
from status.publishing.publisher import Publisher
from status.state import composition, uptime
from status.state.statements import PublicStatements
from web.publication_format import FILE
from web.site import Site

AT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
SIZES = tuple(map(int, sys.argv[1:])) or (20, 200, 500, 2000)
STATIC = Path(__file__).resolve().parent.parent / "static"
TROUBLES = (Condition.PARTIAL_OUTAGE, Condition.MAJOR_OUTAGE, Condition.DEGRADED_PERFORMANCE)


@dataclass(slots=True)
class Installation:
    """What the engine holds of its components: their accounts grow from one publication to the
    next, as they do while it runs."""

    parts: tuple[Component, ...]
    books: dict[str, uptime.UptimeAccumulator]
    fallen: bool = False

    def snapshot(self, seconds: int) -> Snapshot:
        """What is published so many seconds after the beginning; the first component may be down."""
        at = AT + timedelta(seconds=seconds)
        self.books = {c: uptime.advance(book, at) for c, book in self.books.items()}
        first = self.parts[0].id
        down = Condition.MAJOR_OUTAGE if self.fallen else Condition.OPERATIONAL
        if self.books[first].condition is not down:
            self.books[first] = replace(self.books[first], condition=down, since=at)
        verdicts = {
            c: composition.ComponentVerdict(book.condition, book.since, "", at)
            for c, book in self.books.items()
        }
        return composition.snapshot(self.parts, verdicts, self.books, PublicStatements(), at)


def installation(size: int) -> Installation:
    """Components in groups of twenty, each with ninety days and a few bad ones."""
    rng = random.Random(size)
    parts = tuple(
        Component(f"web{n}", f"Web server {n}", f"Hosting {n // 20}") for n in range(size)
    )
    first, midnight = AT.date() - timedelta(days=89), AT.replace(hour=0)
    books = {}
    for part in parts:
        days = []
        for n in range(89):
            bad = 1800 if rng.random() < 0.04 else 0
            spent = {Condition.OPERATIONAL: 86400 - bad, rng.choice(TROUBLES): bad}
            days.append(UptimeDay(first + timedelta(days=n), {c: s for c, s in spent.items() if s}))
        since = AT - timedelta(days=1)
        books[part.id] = uptime.UptimeAccumulator(
            Condition.OPERATIONAL, since, midnight, tuple(days)
        )
    return Installation(parts, books)


def timed(publisher: Publisher, installed: Installation, seconds: int) -> tuple[float, float]:
    """Seconds by the clock and seconds of one core; on a busy machine only the second tells."""
    clock, core = time.perf_counter(), time.process_time()
    publisher.publish(installed.snapshot(seconds))
    return time.perf_counter() - clock, time.process_time() - core


def median_text(times: list[tuple[float, float]]) -> str:
    """The median of each."""
    clock, core = (statistics.median(t[n] for t in times) for n in (0, 1))
    return f"{clock:.2f} s ({core:.2f})"


def measure(size: int, folder: Path) -> str:
    """One row of the table."""
    publisher = Publisher(folder, Site("Sklep Hosting"), TemplateRenderer(environment()))
    installed = installation(size)
    first = median_text([timed(publisher, installed, 0)])
    tune_garbage_collector()  # as the engine does
    quiet = median_text([timed(publisher, installed, n) for n in range(30, 300, 30)])
    changes = []
    for n in range(4):
        installed.fallen = not installed.fallen
        changes.append(timed(publisher, installed, 330 + n))
    change = median_text(changes)
    page = (folder / "public/en/index.html.br").stat().st_size
    assets = sum(len(brotli.compress((STATIC / f).read_bytes())) for f in ("app.css", "jasno.js"))
    publication_size = (folder / FILE).stat().st_size
    return (
        f"| {size:,} | {first} | {change} | {quiet}"
        f" | {page / 1000:.1f} kB | {(page + assets) / 1000:.1f} kB | {publication_size / 1e6:.1f} MB |"
    )


def main() -> None:
    print(
        "| components | first | one changed | time moved | `/` | with style, script | publication |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for size in SIZES:
        folder = Path(tempfile.mkdtemp())
        try:
            print(measure(size, folder), flush=True)
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
