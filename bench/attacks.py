"""`python -m bench.attacks [WORDS OF ONE]`: who is served while strangers attack, and in what time.

Starts the whole thing (`app.py run`, SQLite, a closed network) on loopback, and for each attack
sends the same 100 honest requests in quiet and during it. Attackers and honest people come from
addresses of their own in 127.0.0.0/8. Everything is bounded and ends by itself.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from accounts.model import StaffRole
from clock import SystemClock
from context import context
from settings import load
from tests.process_fixtures import free_port, process
from wiring.rooms import build

HONEST = 100
LONGEST = 90.0  # seconds that an attack lasts at most
SECRET = "correct horse battery"
CONFIG = """
[site]
name = "Bench"
url = "http://127.0.0.1:{port}"
[server]
bind = "127.0.0.1:{port}"
workers = 1
[network]
closed = true
resolvers = ["127.0.0.1:1"]
"""


@dataclass
class Client:
    """One person at an address of their own, with cookies."""

    port: int
    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    form: str = ""

    def ask(self, method: str, path: str, body: str = "", kind: str = "") -> tuple[int, str]:
        """One request on a connection of its own: status and text."""
        source = (self.address, 0)
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=30, source_address=source
        )
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if kind:
            headers["Content-Type"] = kind
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', text)
        self.form = token[1] if token else self.form
        return answer.status, text

    def post_form(self, path: str, **fields: str) -> tuple[int, str]:
        if not self.form:
            self.ask("GET", "/sign-in?next=/me")
        body = urlencode({"csrf": self.form, **fields})
        return self.ask("POST", path, body, "application/x-www-form-urlencoded")

    def post_json(self, path: str, **fields: str) -> tuple[int, str]:
        return self.ask("POST", path, json.dumps(fields), "application/json")


# ------------------------------------------------------------------ honest people
def explains(port: int) -> Callable[[int], bool]:
    """A stranger who pastes an error; each tenth from another address."""

    def act(number: int) -> bool:
        client = Client(port, f"127.1.0.{1 + number // 10}")
        return client.post_json("/api/explain", text="550 5.1.1 no such user")[0] == 200

    return act


def signs_in(port: int) -> Callable[[int], bool]:
    """An operator, in a browser that has signed in before."""
    olu = Client(port, "127.1.1.1")
    olu.post_form("/sign-in", email="olu@people.example", password=SECRET)

    def act(number: int) -> bool:
        del number
        olu.cookies.pop("jasno_session", None)
        status, _ = olu.post_form("/sign-in", email="olu@people.example", password=SECRET)
        return status == 303

    return act


def checks(port: int) -> Callable[[int], bool]:
    """An agent who checks one domain after the other, and waits for each report."""
    ben = Client(port, "127.1.2.1")
    ben.post_form("/sign-in", email="ben@people.example", password=SECRET)

    def act(number: int) -> bool:
        status, text = ben.post_json("/api/diagnoses", target=f"mara{number}.example")
        until = time.monotonic() + 60
        while status == 202 and time.monotonic() < until:
            if '"done"' in ben.ask("GET", json.loads(text)["url"])[1]:
                return True
            time.sleep(0.05)
        return False

    return act


# ------------------------------------------------------------------ strangers
def slow_bodies(port: int, number: int, stop: threading.Event) -> None:
    """Holds a form open, a byte at a time, and begins anew when it is cut off."""
    while not stop.is_set():
        with suppress(OSError), socket.socket() as line:
            line.bind((f"127.2.{number}.1", 0))
            line.settimeout(5)
            line.connect(("127.0.0.1", port))
            head = "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n\r\n"
            line.sendall(head.encode())
            while not stop.wait(0.2):
                line.sendall(b"x")


def guesses(port: int, number: int, stop: threading.Event) -> None:
    """Guesses at the operator's password, as fast as it is answered, from many addresses."""
    for turn in count():
        if stop.is_set():
            return
        client = Client(port, f"127.3.{number}.{1 + turn % 250}")
        with suppress(OSError, http.client.HTTPException):
            client.post_form("/sign-in", email="olu@people.example", password=f"guess {turn}")


def runs(port: int, number: int, stop: threading.Event) -> None:
    """Has one domain after the other checked, from thirteen addresses."""
    client = Client(port, f"127.4.{number}.1")
    for turn in count():
        if stop.wait(0.05):
            return
        with suppress(OSError, http.client.HTTPException):
            client.post_json("/api/diagnoses", target=f"zed{number}-{turn}.example")


@dataclass(frozen=True)
class Attack:
    """What strangers do, how many of them, and who is to be served meanwhile."""

    name: str
    honest: Callable[[int], Callable[[int], bool]]
    strangers: Callable[[int, int, threading.Event], None]
    how_many: int


ATTACKS = (
    Attack("12 slow bodies", explains, slow_bodies, 12),
    Attack("60 slow bodies", explains, slow_bodies, 60),
    Attack("8 guess at a password", signs_in, guesses, 8),
    Attack("13 addresses flood the self-check", checks, runs, 13),
)


@contextmanager
def under(attack: Attack, port: int) -> Iterator[None]:
    """While strangers attack; they stop after LONGEST in any case."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=attack.strangers, args=(port, number, stop), daemon=True)
        for number in range(attack.how_many)
    ]
    for thread in threads:
        thread.start()
    timer = threading.Timer(LONGEST, stop.set)
    timer.start()
    time.sleep(2)
    try:
        yield
    finally:
        stop.set()
        timer.cancel()
        for thread in threads:
            thread.join(40)


def serve_honest(act: Callable[[int], bool], first: int) -> tuple[int, list[float]]:
    """How many of the honest requests were served, and the seconds of each."""
    served, seconds = 0, []
    for number in range(first, first + HONEST):
        began = time.monotonic()
        with suppress(OSError, http.client.HTTPException):
            served += act(number)
        seconds.append(time.monotonic() - began)
    return served, seconds


@contextmanager
def house(folder: Path) -> Iterator[int]:
    """The whole thing; its port."""
    port, var = free_port(), folder / "var"
    (folder / "jasno.toml").write_text(CONFIG.format(port=port))
    with process("run", var=var, log=folder / "log"):
        client = Client(port, "127.0.0.1")
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(OSError):
                if client.ask("GET", "/readyz")[0] == 200:
                    break
            time.sleep(0.5)
        rooms = build(context(load(env={"JASNO_VAR": str(var)}, cwd=folder), SystemClock()))
        for name, staff in (("olu", StaffRole.OPERATOR), ("ben", StaffRole.AGENT)):
            hashed = rooms.accounts.passwords.hash(SECRET)
            rooms.accounts.store.add_person(
                f"{name}@people.example", name, password=hashed, staff=staff
            )
        rooms.close()
        yield port


def main() -> None:
    """Print a line for each attack."""
    print(
        "| attack | served of 100 | median, of quiet | slowest, of quiet |\n| --- | --- | --- | --- |"
    )
    wanted = " ".join(sys.argv[1:])
    for attack in (attack for attack in ATTACKS if wanted in attack.name):
        with tempfile.TemporaryDirectory() as name, house(Path(name)) as port:
            act = attack.honest(port)
            _, quiet = serve_honest(act, 0)
            with under(attack, port):
                served, seconds = serve_honest(act, HONEST)
        median = statistics.median(seconds) / statistics.median(quiet)
        slowest = max(seconds) / max(quiet)
        worst = ", ".join(f"{1000 * span:.0f}" for span in sorted(seconds)[-5:])
        print(f"slowest of {attack.name}: {worst} ms", file=sys.stderr)
        print(
            f"| {attack.name} | {served} | {median:.1f} × {statistics.median(quiet) * 1000:.0f} ms"
            f" | {slowest:.1f} × {max(quiet) * 1000:.0f} ms |",
            flush=True,
        )


if __name__ == "__main__":
    main()
