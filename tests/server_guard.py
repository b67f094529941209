"""Stops a PostgreSQL server and removes its folder once whoever started it is gone, however it
went: Ctrl-C and a killed worker run no finalizer. A process of its own; waits for the end of its
standard input.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

WAIT = 15.0  # seconds, for a server to end


@contextmanager
def guarded(folder: Path) -> Iterator[None]:
    """Whatever runs in this folder ends with this process, and the folder goes."""
    guard = subprocess.Popen(
        [sys.executable, "-S", __file__, str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        yield
    finally:
        guard.communicate(timeout=3 * WAIT)


def stop(folder: Path) -> None:
    """End the server of a folder, if one runs, and remove the folder."""
    try:
        pid = int((folder / "postmaster.pid").read_text("utf-8").splitlines()[0])
    except (OSError, ValueError, IndexError):
        pid = 0
    for number in (signal.SIGINT, signal.SIGKILL):
        deadline = time.monotonic() + WAIT
        if _serves(pid, folder):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        while _serves(pid, folder) and time.monotonic() < deadline:
            time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)


def _serves(pid: int, folder: Path) -> bool:
    """Whether this process is the server of the folder: numbers are used again."""
    try:
        return bool(pid) and os.fsencode(folder) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


if __name__ == "__main__":
    sys.stdin.buffer.read()
    stop(Path(sys.argv[1]))
