"""`make bench`: runs every bench in turn and prints its figures."""

from __future__ import annotations

import subprocess
import sys

BENCHES = (
    "bench.serve",
    "bench.front_server",
    "bench.diagnosis",
    "bench.probes",
    "bench.oracle_probes",
)

for name in BENCHES:
    print(f"== {name}", flush=True)
    subprocess.run([sys.executable, "-m", name], check=False)
