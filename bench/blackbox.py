"""Debian's prometheus-blackbox-exporter, running with modules of ours."""

from __future__ import annotations

import json
import subprocess
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.serve import free_port, wait_for

PROGRAM = "prometheus-blackbox-exporter"


@contextmanager
def exporter(modules: Sequence[object]) -> Iterator[str]:
    """One with these modules, asked for by their number; yields its address."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "blackbox.yml"
        named = {f"m{number}": module for number, module in enumerate(modules)}
        config.write_text(json.dumps({"modules": named}))  # JSON is YAML
        listen = f"127.0.0.1:{free_port()}"
        process = subprocess.Popen(
            [PROGRAM, f"--config.file={config}", f"--web.listen-address={listen}", "--timeout-offset=0"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_for(f"http://{listen}/-/healthy", 10)
            yield f"http://{listen}"
        finally:
            process.terminate()
            process.wait()


def ask(base: str, number: int, target: str, patience: float = 10) -> dict[str, float]:
    """What it measures of a target by a module, by name with labels."""
    query = urllib.parse.urlencode({"module": f"m{number}", "target": target})
    with urllib.request.urlopen(f"{base}/probe?{query}", timeout=patience) as answer:
        lines = answer.read().decode().splitlines()
    return {
        name: float(value)
        for name, _, value in (line.rpartition(" ") for line in lines if line[:1] != "#")
    }
