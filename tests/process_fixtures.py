"""Starting our own command line as real processes, and waiting for what they do."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APP = str(ROOT / "app.py")
PYCACHE = str(Path(tempfile.gettempdir()) / f"jasno-pycache-{os.getuid()}")


_ONE_PROBE = """
[site]
name = "Skyhost"
[[component]]
id = "web1"
name = "Web hosting 1"
[[probe]]
name = "web1-tcp"
kind = "tcp"
component = "web1"
target = "192.0.9.4:80"
interval = "1s"
{probe}
[network]
closed = true
{network}
hosts = {{ "192.0.9.4:80" = "127.0.0.1:{port}" }}
"""
NOBODY = 'resolvers = ["127.0.0.1:1"]'
NO_ROOT = 'root_hints = ["127.0.0.1:1"]'
STRICT = 'timeout = "1s"\nfail_after = 2'


def single_probe_config(port: int, *, probe: str = "", network: str = "") -> str:
    """A configuration whose one probe looks each second at a port of this machine."""
    return _ONE_PROBE.format(port=port, probe=probe, network=network)


@contextmanager
def open_port():
    """A port of this machine that takes connections and says nothing."""
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        port.listen(500)
        yield port


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def environment(var: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("JASNO_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled once, a start takes a third of the time
    return {**kept, "PYTHONPYCACHEPREFIX": PYCACHE, "JASNO_VAR": str(var), **more}


def command(*words: str, var: Path, cwd: Path | None = None, app: str = APP, **env: str):
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, app, *words],
        capture_output=True, text=True, timeout=60, check=False,
        cwd=cwd or var.parent, env=environment(var, **env),
    )  # fmt: skip


@contextmanager
def process(*words: str, var: Path, log: Path, umask: int = -1, app: str = APP, **env: str):
    """A long-running command in a group of its own; killed with everything it started."""
    with log.open("ab") as out:
        started = subprocess.Popen(
            [sys.executable, app, *words],
            stdout=out, stderr=out, cwd=var.parent, env=environment(var, **env), process_group=0,
            umask=umask,
        )  # fmt: skip
    try:
        yield started
    finally:
        family = [started.pid, *offspring(started.pid)]
        started.poll() is None and started.terminate()
        with suppress(subprocess.TimeoutExpired):
            started.wait(10)
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        started.wait(5)


def offspring(pid: int) -> list[int]:
    """Children and their children."""
    pids = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            children = (task / "children").read_text().split()
        except OSError:
            continue
        for child in children:
            pids += [int(child), *offspring(int(child))]
    return pids


def name_of(pid: int) -> str:
    """What `ps -o comm` shows; granian names itself anew where setproctitle is installed."""
    try:
        name = Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""
    return "jasno-web" if name.startswith("granian") else name


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(condition: Callable[[], object], seconds: float = 40.0, what: str = "it") -> object:
    """Wait for something true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {seconds:g} s")


def fetch(url: str) -> tuple[int, str]:
    """Status and body; (0, "") when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""
