"""From the start to the first page, and what an idle installation costs: 8 probes, each a minute.

`python app.py run` as an operator starts it, with targets of our own. Beside it, in the same run, the
least that a web application in Python can be: Flask with one line, served by the same server. Memory
is proportional (Pss): what processes share is counted once. Processor time is that of one core.

    python -m bench.idle [seconds of idling] [starts]
"""

from __future__ import annotations

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.serve import free_port, wait_for
from tests.process_fixtures import environment, name_of, offspring

ROOT = Path(__file__).resolve().parent.parent
PROBES = 8
SETTLING = 15  # seconds after the first page, in which every probe has looked
ONE_LINE = """
from flask import Flask
app = Flask("one-line")
app.add_url_rule("/", view_func=lambda: "well")
"""
CONFIG = """
[site]
name = "Skyhost"
[server]
bind = "127.0.0.1:{port}"
[network]
allow = ["127.0.0.0/8"]
"""
PROBE = """
[[component]]
id = "web{n}"
name = "Web hosting {n}"
[[probe]]
name = "web{n}"
kind = "http"
component = "web{n}"
target = "http://127.0.0.1:{targets}/page{n}"
interval = "60s"
"""


@contextlib.contextmanager
def started(command: list[str], url: str, folder: Path) -> Iterator[tuple[int, float]]:
    """A process and how many seconds it took until `url` answered."""
    began = time.perf_counter()
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, start_new_session=True,
            env=environment(folder / "var", PYTHONPATH=str(folder)),
        )  # fmt: skip
    try:
        wait_for(url, pause=0.01)
        yield process.pid, time.perf_counter() - began
    finally:
        family = offspring(process.pid)
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        for pid in {process.pid, *family}:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait(5)


def ours(folder: Path, targets: int) -> tuple[list[str], str]:
    """How we are started, and where our first page is."""
    port = free_port()
    parts = [PROBE.format(n=n, targets=targets) for n in range(PROBES)]
    config = folder / "jasno.toml"
    config.write_text(CONFIG.format(port=port) + "".join(parts))
    command = [sys.executable, str(ROOT / "app.py"), "run", "--config", str(config)]
    return command, f"http://127.0.0.1:{port}/"


def one_line(folder: Path) -> tuple[list[str], str]:
    """The least web application."""
    port = free_port()
    (folder / "one_line.py").write_text(ONE_LINE)
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
    return [*command, "one_line:app"], f"http://127.0.0.1:{port}/"


def starts(count: int, targets: int) -> None:
    """Both in turn, from an empty data folder and again with what the first start has left."""
    first, again, least = [], [], []
    for _ in range(count):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            command, url = ours(folder, targets)
            for times in (first, again):
                with started(command, url, folder) as (_pid, seconds):
                    times.append(seconds)
            with started(*one_line(folder), folder) as (_pid, seconds):
                least.append(seconds)
    for what, times in (("very first", first), ("later", again), ("Flask, one line", least)):
        median = statistics.median(times)
        print(
            f"start to first page, {what}: median {median:.2f} s, least {min(times):.2f} s,"
            f" {median / statistics.median(least):.1f} x one line",
            flush=True,
        )


def idle(seconds: int, targets: int) -> tuple[float, tuple[tuple[str, int], ...]]:
    """What is used while nothing happens but the looks: the share of one core, and each process with
    its memory in bytes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with started(*ours(folder, targets), folder) as (pid, _seconds):
            time.sleep(SETTLING)
            family = [pid, *offspring(pid)]
            before, began = sum(map(core_seconds, family)), time.monotonic()
            time.sleep(seconds)
            used = sum(map(core_seconds, family)) - before
            core = used / (time.monotonic() - began)
            return core, tuple((name_of(p), proportional_bytes(p)) for p in family)


def core_seconds(pid: int) -> float:
    """Of a process and its threads, by the scheduler's own account in nanoseconds."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def proportional_bytes(pid: int) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) * 1024 for line in text.splitlines() if line[:4] == "Pss:")


def main(seconds: int = 120, count: int = 5) -> None:
    port = free_port()
    target = subprocess.Popen([sys.executable, "-m", "bench.targets", str(port)])
    try:
        wait_for(f"http://127.0.0.1:{port}/page")
        starts(count, port)
        if seconds:
            core, processes = idle(seconds, port)
            for name, size in processes:
                print(f"  {size / 1e6:6.1f} MB  {name}")
            total = sum(size for _, size in processes)
            print(f"idle, {PROBES} probes: {core:.2%} of a core, {total / 1e6:.0f} MB")
    finally:
        target.terminate()
        target.wait()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
