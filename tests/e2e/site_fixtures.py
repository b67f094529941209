"""A demo of our own on a free port, and a real browser to walk through it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "clear-sky-demo"
MARA, TOMAS, VERA, BEN, OLU, ZED = (
    "mara@orchard.example",
    "tomas@webdev.example",
    "vera@ledger.example",
    "ben@polaris.example",
    "olu@polaris.example",
    "zed@elsewhere.example",
)


@dataclass(frozen=True, slots=True)
class House:
    """A running demo."""

    url: str
    var: Path
    log: Path
    process: subprocess.Popen[bytes]

    def children(self, word: str) -> list[int]:
        """Process ids of this demo's own children whose command line holds a word."""
        pattern = f"app.py {word} --config {self.var}"
        listing = subprocess.run(["pgrep", "-f", pattern], capture_output=True, check=False)
        return [int(pid) for pid in listing.stdout.decode().split()]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def wait_for(url: str, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(url)


@contextmanager
def demo() -> Iterator[House]:
    """`python app.py demo` in a folder of its own, ended by Ctrl-C."""
    folder = Path(tempfile.mkdtemp(prefix="jasno-e2e-"))
    port = free_port()
    log = folder / "log.txt"
    env = {k: v for k, v in os.environ.items() if not k.startswith("JASNO_")}
    env |= {"JASNO_PORT": str(port), "JASNO_VAR": str(folder / "var")}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "app.py", "demo"],
            cwd=ROOT, env=env, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    house = House(f"http://127.0.0.1:{port}", folder / "var", log, process)
    try:
        try:
            wait_for(house.url + "/en/")
        except TimeoutError as error:
            raise TimeoutError(log.read_text("utf-8")) from error
        yield house
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def sign_in(page: Page, house: House, email: str) -> None:
    """Through the form, as a person would."""
    page.goto(house.url + "/sign-in")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def check(page: Page, house: House, target: str, symptom: str = "site_down") -> str:
    """Run the wizard and wait for the whole report; its address."""
    page.goto(house.url + "/check")
    page.fill("#target", target)
    page.check(f"input[name=symptom][value={symptom}]")
    page.click("main button[type=submit]")
    page.wait_for_url("**/r/*")
    wait_done(page)
    return page.url


def wait_done(page: Page, seconds: float = 40) -> None:
    """Until the report is complete: it refreshes itself, with and without JavaScript."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if page.locator("[data-poll]").count():
            page.wait_for_timeout(250)
            continue
        page.wait_for_load_state()  # it may be amid its last reload
        if not page.locator("[data-poll]").count():
            return
    raise TimeoutError("the report did not finish: " + page.url)
