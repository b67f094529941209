"""Children of the supervisor: what they share, how they end, and what of them is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from tests.process_fixtures import ROOT, alive, name_of, until

FORKING = """
import os, sys, time
from engine.supervise import Child, Supervisor, forked

loaded = ["by the parent"]

def main():
    print("child", os.getpid(), loaded[0], os.getpgid(0) == os.getpid(), flush=True)
    {act}

child = Child("tried", lambda: forked("jasno-tried", main))
print("status", Supervisor([child]).run(), flush=True)
"""


def supervisor(act: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", FORKING.format(act=act)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_forked_child_has_what_is_loaded_a_name_and_a_group_of_its_own():
    with supervisor("time.sleep(60)") as parent:
        word, pid, *rest = parent.stdout.readline().split()
        assert (word, rest) == ("child", ["by", "the", "parent", "True"])
        assert name_of(int(pid)) == "jasno-tried"
        parent.terminate()
        assert parent.stdout.read() == "status 0\n"
        until(lambda: not alive(int(pid)), 5, "the end of the child")


def test_a_child_that_cannot_start_ends_everything_and_one_that_breaks_comes_again():
    for act in ("return 2", "sys.exit(2)"):
        with supervisor(act) as parent:
            assert parent.stdout.read().splitlines()[-1] == "status 2"
    with supervisor("1 / 0") as parent:
        pids = [parent.stdout.readline().split()[1] for _ in range(2)]
        assert pids[0] != pids[1]
        parent.terminate()
        assert "ZeroDivisionError" in parent.stderr.read()


def test_a_killed_child_comes_again():
    with supervisor("time.sleep(60)") as parent:
        pid = int(parent.stdout.readline().split()[1])
        os.kill(pid, signal.SIGKILL)
        assert int(parent.stdout.readline().split()[1]) != pid
        parent.terminate()
        assert parent.wait(10) == 0
