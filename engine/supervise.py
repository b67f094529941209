"""Process supervisor: children are started together, restarted when one exits, stopped together.

Each child leads a process group of its own and dies with us, so nothing is left holding a port.
A forked child shares our memory and begins with all that we have imported.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from exit_status import CANNOT

log = logging.getLogger("jasno.supervise")
GRACE = 4.0  # seconds between asking and killing
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STARTING, LOOK_AFTER = 0.02, 0.25  # seconds between two looks at the children
STEADY = 20.0  # seconds after which a child counts as running well
BROKE = 70  # the exit status after an error that nobody foresaw
STOPPING = (signal.SIGTERM, signal.SIGINT)
_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent dies. Call it early in the child."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before we could ask
        sys.exit(1)


def forked(name: str, main: Callable[[], int]) -> int:
    """A copy of this process that calls `main` and ends with its status; `name` is what `ps -o comm`
    shows. Nobody may have started a thread before."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        with contextlib.suppress(OSError):  # whichever of both is first; both must find the group
            os.setpgid(pid, pid)
        return pid
    status = BROKE
    try:
        os.setpgid(0, 0)
        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode(), 0, 0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        status = main()
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else BROKE
    except Exception:
        log.exception("%s broke", name)
    finally:
        logging.shutdown()
        sys.stdout.flush()
        os._exit(status)


def spawned(command: tuple[str, ...], env: Mapping[str, str]) -> int:
    """Another program in a group of its own."""
    return os.posix_spawn(command[0], command, env, setpgroup=0)


@dataclass(slots=True)
class Child:
    """One process to keep alive; `start` answers its id."""

    name: str
    start: Callable[[], int]
    pid: int | None = None
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
        for number in STOPPING:
            signal.signal(number, self._on_stop_signal)
        share_memory()
        status, announced = 0, False
        try:
            while not self._stopping:
                for child in self.children:
                    if self._start_when_due(child) == CANNOT:
                        return CANNOT  # it has said why; starting it again would not help
                if not announced and self.ready():
                    announced = True
                    self.announce()
                time.sleep(LOOK_AFTER if announced else STARTING)
        finally:
            self._stop()
        return status

    def _on_stop_signal(self, *_: object) -> None:
        self._stopping = True

    def _start_when_due(self, child: Child) -> int | None:
        """Start, or start again when its pause is over; its exit status when it ended."""
        now = time.monotonic()
        if child.pid is None:
            if now >= child.due:
                child.started = now
                child.pid = child.start()
            return None
        status = _ended(child.pid)
        if status is None:
            return None
        _kill(child.pid, signal.SIGKILL)  # whatever it has left behind
        child.pid = None
        if now - child.started > STEADY:
            child.pause = FIRST_PAUSE
        child.due = now + child.pause
        log.warning("%s ended (%s); again in %g s", child.name, status, child.pause)
        child.pause = min(child.pause * 2, LONGEST_PAUSE)
        return status

    def _stop(self) -> None:
        running = {c.pid for c in self.children if c.pid is not None}
        for pid in running:
            _kill(pid, signal.SIGTERM)
        until = time.monotonic() + GRACE
        ended: set[int] = set()
        while ended != running and time.monotonic() < until:
            ended |= {pid for pid in running - ended if _ended(pid) is not None}
            time.sleep(STARTING)
        for pid in running:
            _kill(pid, signal.SIGKILL)
        for pid in running - ended:
            os.waitpid(pid, 0)


def share_memory() -> None:
    """Before a fork: leave what there is to no collector, which would write into each object and so
    make a copy of it in every child, and give back what is free."""
    gc.collect()
    gc.freeze()
    with contextlib.suppress(AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)


def _ended(pid: int) -> int | None:
    """The exit status of a child, negative when a signal ended it; None while it runs."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _kill(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)
