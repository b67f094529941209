"""Several processes as one: started together, restarted when one falls, stopped together.

Each child leads a process group of its own and dies with us, so nothing is left holding a port.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

log = logging.getLogger("jasno.supervise")
CANNOT_START = 2  # a child that ends so has said why; starting it again would not help
GRACE = 4.0  # seconds between asking and killing
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STEADY = 20.0  # seconds after which a child counts as running well
_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent dies. Call it early in the child."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before we could ask
        sys.exit(1)


@dataclass(slots=True)
class Child:
    """One process to keep alive."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0


@dataclass(slots=True)
class Supervisor:
    """Keeps children alive until told to stop; `run` returns the exit status."""

    children: list[Child]
    ready: Callable[[], bool] = lambda: True
    announce: Callable[[], None] = lambda: None
    _stopping: bool = field(default=False)

    def run(self) -> int:
        """Start all and look after them until SIGTERM, SIGINT or a child that cannot start."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop_asked)
        status, announced = 0, False
        try:
            while not self._stopping:
                for child in self.children:
                    if self._tend(child) == CANNOT_START:
                        return CANNOT_START
                if not announced and self.ready():
                    announced = True
                    self.announce()
                time.sleep(0.05)
        finally:
            self._stop()
        return status

    def _stop_asked(self, *_: object) -> None:
        self._stopping = True

    def _tend(self, child: Child) -> int | None:
        """Start, or start again when its pause is over; its exit status when it ended."""
        now = time.monotonic()
        if child.process is None:
            if now >= child.due:
                child.started = now
                child.process = subprocess.Popen(child.command, process_group=0, env=child.env)
            return None
        status = child.process.poll()
        if status is None:
            return None
        _kill(child.process.pid, signal.SIGKILL)  # whatever it has left behind
        child.process = None
        if now - child.started > STEADY:
            child.pause = FIRST_PAUSE
        child.due = now + child.pause
        log.warning("%s ended (%s); again in %g s", child.name, status, child.pause)
        child.pause = min(child.pause * 2, LONGEST_PAUSE)
        return status

    def _stop(self) -> None:
        running = [c.process for c in self.children if c.process is not None]
        for process in running:
            _kill(process.pid, signal.SIGTERM)
        until = time.monotonic() + GRACE
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, until - time.monotonic()))
        for process in running:
            _kill(process.pid, signal.SIGKILL)
            process.wait()


def _kill(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)
