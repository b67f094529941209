"""Names of workers: whether the process behind one is alive."""

from __future__ import annotations

import os
import subprocess
import sys

from engine.worker_identity import is_dead, name


def test_we_live():
    assert not is_dead(name())


def test_a_process_that_ended_is_dead_even_when_its_number_is_used_again():
    command = "from engine.worker_identity import name; print(name())"
    result = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert is_dead(result)
    machine, _, _start = name().rpartition("/")
    assert is_dead(f"{machine}/1")  # our own number, another start
    assert str(os.getpid()) in machine


def test_nobody_elsewhere_is_judged():
    assert not is_dead("other-host/12345678/1/1")
    assert not is_dead("rubbish")
    assert not is_dead("")
