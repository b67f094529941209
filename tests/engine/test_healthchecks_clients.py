"""Programs that people send to healthchecks with, unchanged, against our running server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from clock import SystemClock
from db.engine import connect
from status.probing.heartbeats.store import HeartbeatStore
from tests.process_fixtures import ROOT, fetch, free_port, process, until

pytestmark = pytest.mark.real
CLIENTS = ROOT / ".pypi-for-tests"
CONFIG = """
[site]
name = "Skyhost"
url = "{url}"
[status]
ping_key = "fqOOd6-F4MMNuCEnzTU01w"
[server]
bind = "127.0.0.1:{port}"
[[component]]
id = "backups"
name = "Backups"
{probes}
"""
PROBE = """
[[probe]]
name = "{name}"
kind = "heartbeat"
component = "backups"
"""
SCRIPTS = (
    *("success", "verdict", "output", "file", "runs", "wget", "wget-head", "wget-output"),
    *("http-1-0", "decorator", "decorator-fails", "wrapper", "runchecked", "library", "trap"),
    *("kept", "by-name", "borgmatic"),
)


class Portal:
    """A web process, its heartbeats, and what was sent in."""

    def __init__(self, url: str, database: Path) -> None:
        self.url = url
        self.store = HeartbeatStore(
            connect(f"sqlite:///{database}", clock=SystemClock()), SystemClock()
        )

    def address(self, name: str) -> str:
        """Where a job sends to, as a program for healthchecks is told."""
        return f"{self.url}/ping/{self.store.make_token(name)}"

    def states(self, name: str) -> list[str]:
        """What was said, the oldest first."""
        return [signal.state for signal in reversed(self.store.signals_of(name))]


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("portal")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    probes = "".join(PROBE.format(name=name) for name in SCRIPTS)
    config = folder / "jasno.toml"
    config.write_text(CONFIG.format(url=url, port=port, probes=probes))
    var = folder / "var"
    with process("run", "--config", str(config), var=var, log=folder / "log"):
        until(lambda: fetch(f"{url}/healthz")[0] == 200, what="the portal")
        yield Portal(url, var / "jasno.db")


@pytest.fixture(scope="module")
def libraries(not_run) -> dict[str, str]:
    """The environment in which programs from PyPI run."""
    if not (CLIENTS / "runchecked").exists():
        not_run("programs that send to healthchecks", "deploy/pypi-for-tests")
    return {**os.environ, "PYTHONPATH": str(CLIENTS), "PYTHONDONTWRITEBYTECODE": "1"}


def shell(script: str, address: str) -> subprocess.CompletedProcess[str]:
    """Run lines as the manual of healthchecks has them, with another address."""
    return subprocess.run(
        ["bash", "-c", script.replace("https://hc-ping.com/your-uuid-here", address)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


# ------------------------------------------------------------------ curl and wget
@pytest.mark.parametrize(
    ("name", "script", "states"),
    [
        ("success", "curl -m 10 --retry 5 https://hc-ping.com/your-uuid-here", ["up"]),
        (
            "verdict",
            (
                "false\ncurl -fsS -m 10 --retry 5 -o /dev/null https://hc-ping.com/your-uuid-here/$?\n"
                "true; curl -fsS -m 10 --retry 5 -o /dev/null https://hc-ping.com/your-uuid-here/$?"
            ),
            ["down", "up"],
        ),
        (
            "output",
            (
                'm=$(ls /nowhere 2>&1); curl -fsS -m 10 --retry 5 --data-raw "$m" '
                "https://hc-ping.com/your-uuid-here/$?"
            ),
            ["down"],
        ),
        (
            "file",
            (
                "head -c 3000000 /dev/urandom > /tmp/$$.log; printf 'password=hunter2 end' >> /tmp/$$.log\n"
                "curl -fsS -m 10 --retry 5 --data-binary @/tmp/$$.log https://hc-ping.com/your-uuid-here/fail\n"
                "rm /tmp/$$.log"
            ),
            ["down"],
        ),
        (
            "runs",
            (
                "RID=$(cat /proc/sys/kernel/random/uuid)\n"
                "curl -fsS -m 10 --retry 5 https://hc-ping.com/your-uuid-here/start?rid=$RID\n"
                "curl -fsS -m 10 -X POST --data-raw 'half way' https://hc-ping.com/your-uuid-here/log\n"
                "curl -fsS -m 10 --retry 5 https://hc-ping.com/your-uuid-here?rid=$RID"
            ),
            ["start", "log", "up"],
        ),
        ("wget", "wget https://hc-ping.com/your-uuid-here/ -T 10 -t 5 -O /dev/null", ["up"]),
        ("wget-head", "wget --spider -q https://hc-ping.com/your-uuid-here/start", ["start"]),
        (
            "wget-output",
            (
                "echo 'disk full' > /tmp/$$.log; wget -q -O /dev/null --post-file=/tmp/$$.log "
                "https://hc-ping.com/your-uuid-here/fail; rm /tmp/$$.log"
            ),
            ["down"],
        ),
    ],
)
def test_lines_of_the_manual(portal, name, script, states):
    ran = shell(script, portal.address(name))
    assert ran.returncode == 0, ran.stderr
    assert portal.states(name) == states


def test_what_they_bring_along_is_kept(portal):
    address = portal.address("kept")
    shell('curl -fsS --data-raw "ls: /nowhere" https://hc-ping.com/your-uuid-here/2', address)
    newest, *_ = portal.store.signals_of("kept")
    assert (newest.exit_status, newest.snippet) == (2, "ls: /nowhere")
    shell("curl -fsS -X POST https://hc-ping.com/your-uuid-here/log -d token=abc", address)
    assert portal.store.signals_of("kept")[0].snippet == "token=…"


def test_http_1_0_as_routers_and_old_programs_speak_it(portal):
    where = urlsplit(portal.address("http-1-0"))
    with socket.create_connection((where.hostname, where.port), timeout=10) as plain:
        plain.sendall(f"GET {where.path} HTTP/1.0\r\nHost: {where.netloc}\r\n\r\n".encode())
        answer = b""
        while part := plain.recv(4096):
            answer += part
    assert answer.endswith(b"\r\n\r\nOK")
    assert portal.states("http-1-0") == ["up"]


def test_what_was_not_taken_ends_the_line_with_an_error(portal):
    unknown = f"{portal.url}/ping/5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"
    ran = shell("curl -fsS -m 10 -o /dev/null https://hc-ping.com/your-uuid-here", unknown)
    assert (ran.returncode, "404" in ran.stderr) == (22, True)


# ------------------------------------------------------------------ PyPI
LIBRARIES = {
    "decorator": (
        (
            "from healthchecks_decorator import healthcheck\n"
            "@healthcheck(url=URL, send_start=True, send_diagnostics=True)\n"
            "def job(): return {'files': 3}\n"
            "job()"
        ),
        ["start", "up"],
    ),
    "decorator-fails": (
        (
            "from healthchecks_decorator import healthcheck\n"
            "@healthcheck(url=URL + '/')\n"
            "def job(): return 1 / 0\n"
            "try: job()\n"
            "except ZeroDivisionError: pass"
        ),
        ["down"],
    ),
    "wrapper": (
        (
            "from healthchecks_wrapper import HealthCheck\n"
            "with HealthCheck(URL): pass\n"
            "with HealthCheck(URL, suppress_exceptions=True): raise RuntimeError('disk full')"
        ),
        ["start", "up", "start", "down"],
    ),
    "runchecked": (
        (
            "from runchecked import HealthCheckedContext\n"
            "with HealthCheckedContext(URL + '/') as job: job.run(['echo', 'done'])\n"
            "with HealthCheckedContext(URL) as job: job.run(['ls', '/nowhere'])"
        ),
        ["up", "down"],
    ),
    "library": (
        (
            "from healthchecks_io import Client\n"
            "client = Client(api_key='x', ping_url=BASE)\n"
            "print(client.start_ping(uuid=UUID), client.success_ping(uuid=UUID, data='done'),\n"
            "      client.fail_ping(uuid=UUID, data='no'), client.exit_code_ping(7, uuid=UUID))"
        ),
        ["start", "up", "down", "down"],
    ),
    "trap": (
        (
            "from healthchecks_io import CheckTrap, Client\n"
            "with CheckTrap(Client(api_key='x', ping_url=BASE), uuid=UUID) as trap: trap.add_log('one')\n"
        ),
        ["start", "up"],
    ),
}


@pytest.mark.parametrize("name", LIBRARIES)
def test_programs_from_pypi(portal, libraries, name):
    script, states = LIBRARIES[name]
    address = portal.address(name)
    base, _, uuid = address.rpartition("/")
    ran = subprocess.run(
        [sys.executable, "-c", f"URL, BASE, UUID = {address!r}, {base!r}, {uuid!r}\n{script}"],
        capture_output=True, text=True, timeout=60, check=False, env=libraries,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert portal.states(name) == states
    newest, *_ = portal.store.signals_of(name)
    wrote = {
        "decorator": "files=3", "wrapper": "RuntimeError: disk full", "runchecked": "ls: cannot",
        "trap": "one",
    }  # fmt: skip
    assert wrote.get(name, "") in newest.snippet


def test_the_library_finds_a_job_by_its_name(portal, libraries):
    script = (
        "from healthchecks_io import Client\n"
        f"client = Client(api_key='x', ping_key='fqOOd6-F4MMNuCEnzTU01w', ping_url='{portal.url}/ping')\n"
        "client.start_ping(slug='by-name'); client.exit_code_ping(0, slug='by-name')"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, timeout=60, check=False, env=libraries
    )
    assert ran.returncode == 0, ran.stderr
    assert portal.states("by-name") == ["start", "up"]


# ------------------------------------------------------------------ Debian
def test_borgmatic_says_when_it_began_ended_and_what_it_wrote(portal, tmp_path, not_run):
    if not shutil.which("borgmatic") or not shutil.which("borg"):
        not_run("borgmatic", "Debian's borgmatic and borgbackup")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "file").write_text("kept")
    config = tmp_path / "config.yaml"
    config.write_text(
        f"location:\n  source_directories: [{tmp_path}/data]\n  repositories: [{tmp_path}/repo]\n"
        "storage:\n  unknown_unencrypted_repo_access_is_ok: true\n"
        f"hooks:\n  healthchecks:\n    ping_url: {portal.address('borgmatic')}\n"
    )
    env = {**os.environ, "HOME": str(tmp_path), "BORG_BASE_DIR": str(tmp_path)}

    def run(*words: str) -> int:
        call = ["borgmatic", "--config", str(config), "--syslog-verbosity", "-1", *words]
        return subprocess.run(
            call, capture_output=True, timeout=120, check=False, env=env
        ).returncode

    assert run("create") != 0  # there is no repository yet
    assert portal.states("borgmatic") == ["start", "down"]
    assert "Error running actions for repository" in portal.store.signals_of("borgmatic")[0].snippet
    assert run("init", "--encryption", "none") == 0
    assert run("create") == 0
    assert portal.states("borgmatic")[2:] == ["start", "up"]
    newest, *_ = portal.store.signals_of("borgmatic")
    assert timedelta(0) < newest.duration < timedelta(minutes=2)
