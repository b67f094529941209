"""A server of the tests goes with the run that started it, also when that run is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process_fixtures import ROOT, until

RUN = """
import signal, subprocess, sys, time
from pathlib import Path
from tests.server_guard import guarded

signal.signal(signal.SIGINT, signal.default_int_handler)  # a run in the background ignores it
folder = Path(sys.argv[1])
with guarded(folder):
    server = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(99)", folder], start_new_session=True
    )
    (folder / "postmaster.pid").write_text(f"{server.pid}\\n")
    time.sleep(99)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_stays_of_a_run_that_was_ended(number, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    run = subprocess.Popen([sys.executable, "-c", RUN, folder], cwd=ROOT, stderr=subprocess.DEVNULL)
    pid_file = folder / "postmaster.pid"
    until(lambda: pid_file.exists() and pid_file.read_text(), what="the server")
    server = Path("/proc") / pid_file.read_text().strip()
    assert server.exists()
    run.send_signal(number)
    try:
        run.wait(10)
    finally:
        run.kill()
        run.wait()
    until(lambda: not folder.exists(), what="the folder to go")
    assert not (server / "cmdline").exists() or not (server / "cmdline").read_bytes()
