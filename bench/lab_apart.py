"""The demo world in a process of its own, so that what is measured does not share its time.

`python -m bench.lab_apart MILLISECONDS` prints the [network] table as one line of JSON and stays
until its standard input closes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import lab
from lab.demo import WORLD
from observe.network import Network


@contextmanager
def apart(delay: timedelta) -> Iterator[Network]:
    """The network of a lab that runs beside us."""
    milliseconds = str(round(delay / timedelta(milliseconds=1)))
    command = [sys.executable, "-m", "bench.lab_apart", milliseconds]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield Network.from_table(json.loads(process.stdout.readline()))
        process.stdin.close()


def main() -> None:
    with lab.running(WORLD, delay=timedelta(milliseconds=float(sys.argv[1]))) as running:
        print(json.dumps(running.network), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
