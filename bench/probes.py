"""5,000 HTTP probes a minute on one core, a tenth of the targets hanging.

Start delay, CPU per 1,000 probes beside prometheus-blackbox-exporter on the same targets, and how
the database grows. Needs taskset and Debian's prometheus-blackbox-exporter. One core for whoever
probes, the other for the targets and for whoever asks the exporter.

    python -m bench.probes [probes a minute] [seconds]
    python -m bench.probes components [probes a minute] [seconds] [components]

The second compares the engine with more components (2,000) beside 100, at the same pace, once
everything has been looked at three times and what hangs has been told: before, one look in ten or
more changes what is published.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import uvloop

from bench.serve import free_port
from clock import SystemClock
from db.engine import connect
from db.migrate import upgrade
from engine.run import slots_of, tune_garbage_collector
from engine.scheduler import Scheduler
from jobs.database_queue import DatabaseSender
from observe.network import Network
from render.templates import TemplateRenderer, environment
from status.model import Component, Grade, Probe
from status.monitoring.monitor import Monitor
from status.probing.observe import run_probe
from status.publishing.publisher import Publisher
from status.storage.store import StatusStore
from web.site import Site

RATE, SECONDS = 5_000, 60
TIMEOUT = 5.0
HANGING = 10  # every tenth
COMPONENTS, MANY = 100, 2_000
ALL_TOLD = 160  # seconds until what hangs has been found down, by the third look


def probes(rate: int, port: int, components: int = COMPONENTS) -> tuple[Probe, ...]:
    return tuple(
        Probe(
            f"p{n}",
            "http",
            f"c{n % components}",
            f"http://127.0.0.1:{port}/{'hang' if n % HANGING == 0 else 'page'}{n}",
            timedelta(seconds=60),
            timedelta(seconds=TIMEOUT),
        )
        for n in range(rate)
    )


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


async def engine(
    rate: int, seconds: int, warming: int, port: int, components: int, *, folder: Path
) -> dict[str, float]:
    """The whole engine: schedule, looks, damping, database, publication."""
    clock = SystemClock()
    database = connect(f"sqlite:///{folder}/jasno.db", clock=clock)
    upgrade(database)
    net = Network(allow=("127.0.0.0/8",), root_hints=())
    http_probes = probes(rate, port, components)
    parts = tuple(
        Component(f"c{n}", f"Component {n}", f"Group {n // 20}") for n in range(components)
    )
    publisher = Publisher(
        folder / "published", Site("Bench", "http://x.example"), TemplateRenderer(environment())
    )
    watch = Monitor(
        parts, http_probes, net, StatusStore(database, clock, DatabaseSender()), publisher
    )
    delays: list[float] = []
    healthy: list[float] = []
    grades: dict[str, int] = {}

    async def tick(name: str, due: object) -> None:
        delay = (clock.now() - due).total_seconds()  # type: ignore[operator]
        seen = await watch.tick(name, due)  # type: ignore[arg-type]
        delays.append(delay)
        if seen.signal.grade is Grade.UP:
            healthy.append(delay)
        grades[seen.signal.grade] = grades.get(seen.signal.grade, 0) + 1

    await watch.start()
    schedule = Scheduler(slots_of((p.name, p.interval) for p in http_probes), tick, clock)
    schedule.start()
    tune_garbage_collector()

    async def beats() -> None:
        while True:
            await watch.run_cycle()
            await asyncio.sleep(1)

    beating = asyncio.create_task(beats())
    await asyncio.sleep(warming)
    delays.clear()
    healthy.clear()
    grades.clear()
    cpu, wall = time.process_time(), time.monotonic()
    await asyncio.sleep(seconds)
    used, took = time.process_time() - cpu, time.monotonic() - wall
    schedule.stop()
    figures = {
        "looks": len(delays),
        "cpu_per_1000": 1000 * used / len(delays),
        "core": used / took,
        "delay_p50_ms": 1000 * percentile(delays, 0.5),
        "delay_p99_ms": 1000 * percentile(delays, 0.99),
        "delay_max_ms": 1000 * max(delays),
        "healthy_p99_ms": 1000 * percentile(healthy, 0.99),
        "down": float(grades.get(Grade.DOWN, 0)),
    }
    beating.cancel()
    await asyncio.sleep(TIMEOUT + 1)
    database.close()
    return figures


async def looks(rate: int, seconds: int, port: int) -> dict[str, float]:
    """Looking alone: no schedule, no database, no publication; at the same pace."""
    net = Network(allow=("127.0.0.0/8",), root_hints=())
    http_probes = probes(rate, port)
    await asyncio.gather(
        *(run_probe(net, p, net.clock.now()) for p in http_probes)
    )  # as in any later minute
    tune_garbage_collector()
    cpu, began = time.process_time(), time.monotonic()
    tasks: set[asyncio.Task[object]] = set()
    done = 0
    while time.monotonic() - began < seconds:
        due = int((time.monotonic() - began) * rate / 60)
        while done < due:
            tasks.add(
                asyncio.create_task(run_probe(net, http_probes[done % rate], net.clock.now()))
            )
            done += 1
        await asyncio.sleep(0.05)
    await asyncio.gather(*tasks)
    return {"looks": done, "cpu_per_1000": 1000 * (time.process_time() - cpu) / done}


async def ask(port: int, target: str) -> bool:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET /probe?module=http_2xx&target={target} HTTP/1.0\r\nHost: x\r\n"
        f"X-Prometheus-Scrape-Timeout-Seconds: {TIMEOUT + 0.5}\r\n\r\n".encode()
    )
    answer = await reader.read(-1)
    writer.close()
    return b"\nprobe_success 1" in answer


def cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def scrape(rate: int, seconds: int, port: int, exporter: int, pid: int) -> dict[str, float]:
    """Ask the exporter as evenly as the engine looks."""
    http_probes = probes(rate, port)
    cpu, began = cpu_of(pid), time.monotonic()
    tasks: set[asyncio.Task[bool]] = set()
    done = 0
    while time.monotonic() - began < seconds:
        due = int((time.monotonic() - began) * rate / 60)
        while done < due:
            tasks.add(asyncio.create_task(ask(exporter, http_probes[done % rate].target)))
            done += 1
        await asyncio.sleep(0.005)
    good = sum(await asyncio.gather(*tasks))
    used = cpu_of(pid) - cpu
    return {"looks": done, "cpu_per_1000": 1000 * used / done, "down": float(done - good)}


def growth(folder: Path) -> dict[str, float]:
    """Bytes of a stored look, from the file itself."""
    base = sqlite3.connect(folder / "jasno.db")
    base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    rows, bad = base.execute(
        "SELECT count(*), sum(grade != 'up') FROM status_observations"
    ).fetchone()
    size = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'status_observations%'"
    try:
        whole = base.execute(size).fetchone()[0]
    except sqlite3.OperationalError:
        whole = (folder / "jasno.db").stat().st_size
    return {"rows": rows, "failed": bad, "bytes_a_look": whole / max(1, rows)}


CONFIG = """modules:
  http_2xx:
    prober: http
    timeout: 5s
    http: {preferred_ip_protocol: ip4, follow_redirects: false}
"""


def child(what: str, *arguments: object) -> dict[str, float]:
    """Run a part of this file on the first core."""
    command = ["taskset", "-c", "0", sys.executable, "-m", "bench.probes", what]
    ran = subprocess.run(
        [*command, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise SystemExit(ran.stderr)
    return {k: float(v) for k, v in json.loads(ran.stdout.splitlines()[-1]).items()}


def exporter(rate: int, seconds: int, port: int, folder: Path) -> dict[str, float]:
    config = folder / "blackbox.yml"
    config.write_text(CONFIG)
    listen = free_port()
    process = subprocess.Popen(
        ["taskset", "-c", "0", "prometheus-blackbox-exporter", f"--config.file={config}",
         f"--web.listen-address=127.0.0.1:{listen}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        time.sleep(1)
        os.sched_setaffinity(0, {1})
        return uvloop.run(scrape(rate, seconds, port, listen, process.pid))
    finally:
        process.terminate()
        process.wait()


def show(name: str, figures: dict[str, float]) -> None:
    print(f"{name:10}", ", ".join(f"{k} {v:.4g}" for k, v in figures.items()), flush=True)


@contextlib.contextmanager
def targets() -> Iterator[int]:
    """The port of what is looked at."""
    port = free_port()
    command = ["taskset", "-c", "1", sys.executable, "-m", "bench.targets", str(port)]
    target = subprocess.Popen(command)
    try:
        time.sleep(1)
        yield port
    finally:
        target.terminate()
        target.wait()


def require(*programs: str) -> None:
    missing = [p for p in programs if not shutil.which(p)]
    if missing:
        raise SystemExit(f"not run: bench.probes needs {', '.join(missing)}")


def main(rate: int, seconds: int) -> None:
    require("taskset", "prometheus-blackbox-exporter")
    with targets() as port, tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        first_looks = 8 + rate // 200  # and the hanging ones
        whole = child("engine", rate, seconds, first_looks, port, COMPONENTS, folder)
        show("engine", whole)
        show("database", growth(folder))
        alone = child("looks", rate, seconds, port)
        show("looks", alone)
        theirs = exporter(rate, seconds, port, folder)
        show("blackbox", theirs)
        ratio = theirs["cpu_per_1000"]
        print(f"CPU beside blackbox: looks {alone['cpu_per_1000'] / ratio:.2f},"
              f" whole engine {whole['cpu_per_1000'] / ratio:.2f}")  # fmt: skip


def compare_components(rate: int, seconds: int, many: int) -> None:
    require("taskset")
    costs = []
    with targets() as port:
        for components in (COMPONENTS, many):
            with tempfile.TemporaryDirectory() as folder:
                figures = child("engine", rate, seconds, ALL_TOLD, port, components, folder)
            show(f"{components:,}", figures)
            costs.append(figures["cpu_per_1000"])
    print(f"CPU of {many:,} components beside {COMPONENTS}: {costs[1] / costs[0]:.2f}")


if __name__ == "__main__":
    what, *rest = sys.argv[1:] or ["all"]
    numbers = [int(n) for n in (what, *rest) if n.isdigit()]
    if what == "engine":
        rate, seconds, warming, port, components = numbers
        ran = engine(rate, seconds, warming, port, components, folder=Path(rest[-1]))
        print(json.dumps(uvloop.run(ran)))
    elif what == "looks":
        print(json.dumps(uvloop.run(looks(*numbers))))
    elif what == "components":
        compare_components(*(numbers + [RATE, SECONDS, MANY][len(numbers) :]))
    else:
        main(*(numbers + [RATE, SECONDS][len(numbers) :]))
