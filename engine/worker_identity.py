"""Names of workers by which others see whether they are alive, so that a crash delays no job.

A worker's name holds its machine, process id and the process's own start; after a fall, the next
engine on the machine takes back at once what the dead one had claimed, instead of waiting for
its leases to end.
"""

from __future__ import annotations

import os
from pathlib import Path

from jobs.queue import Queue


def started_at(pid: int) -> str:
    """When a process started, in the kernel's ticks; "" when there is none of that id."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in ("Z", "X") else fields[19]


def _machine() -> str:
    """This machine since its last boot; a container is a machine of its own."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii")[:8]
    except OSError:
        boot = "0"
    return f"{os.uname().nodename}/{boot}"


def name() -> str:
    """A name for this process."""
    return f"{_machine()}/{os.getpid()}/{started_at(os.getpid())}"


def is_here(owner: str) -> bool:
    """Whether an owner is or was a process of this machine."""
    return owner.rpartition("/")[0].rpartition("/")[0] == _machine()


def is_dead(owner: str) -> bool:
    """Whether an owner was a process of this machine that is gone. Others are never judged."""
    machine, _, rest = owner.rpartition("/")[0].rpartition("/")
    start = owner.rpartition("/")[2]
    return machine == _machine() and rest.isdigit() and started_at(int(rest)) != start


def reclaim_jobs(queue: Queue) -> int:
    """Free the jobs of dead owners; says how many. Raises DatabaseAway."""
    dead = [owner for owner in queue.owners() if is_dead(owner)]
    return queue.orphan(dead) if dead else 0
