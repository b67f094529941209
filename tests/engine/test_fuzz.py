"""Coverage-guided fuzzing of every parser of foreign bytes; see docs/fuzzing.md."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.all import TARGETS

ROOT = Path(__file__).parents[2]
SECONDS = int(os.environ.get("JASNO_FUZZ_SECONDS", "300"))
FOLDER = Path(os.environ.get("JASNO_FUZZ_FOLDER", ROOT / "var" / "fuzz"))
pytestmark = pytest.mark.soak


@pytest.mark.parametrize("target", TARGETS, ids=lambda t: t.name)
def test_nothing_breaks_it(target, not_run) -> None:
    if importlib.util.find_spec("atheris") is None:
        not_run(f"fuzzing of {target.name}", "atheris (PyPI, Linux on x86-64)")
    place = FOLDER / target.name.replace(" ", "-")
    command = [sys.executable, "-m", "tests.fuzz.run", target.name, str(place), str(SECONDS)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS + 300, check=False
    )
    tried = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    print(f"{target.name}: {tried[1] if tried else 'no'} inputs in {SECONDS} s")
    assert done.returncode == 0, done.stderr[-3000:]
    assert tried
    assert int(tried[1]) > 0
