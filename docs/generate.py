"""Writes docs/checks.md, jasno.example.toml and the retention table of docs/operations.md from the code.
Run as `python docs/generate.py`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from clock import SystemClock  # noqa: E402 - the checkout is put on the path first
from context import context  # noqa: E402
from diagnostics.checks import CHECKS  # noqa: E402
from diagnostics.symptoms import SYMPTOMS  # noqa: E402
from room import all_retention  # noqa: E402
from settings import load  # noqa: E402
from settings.example import example  # noqa: E402
from wiring.kind_words import kind_words  # noqa: E402
from wiring.retention_docs import retention_table, with_table  # noqa: E402
from wiring.rooms import build  # noqa: E402
from wizard.reports.checks_reference import reference  # noqa: E402


def _retention_table() -> str:
    with tempfile.TemporaryDirectory() as folder:
        settings = load(env={"JASNO_VAR": folder}, cwd=Path(folder))
        return retention_table(all_retention(build(context(settings, SystemClock()))))


if __name__ == "__main__":
    (HERE / "checks.md").write_text(reference(CHECKS, SYMPTOMS), "utf-8")
    operations = HERE / "operations.md"
    operations.write_text(with_table(operations.read_text("utf-8"), _retention_table()), "utf-8")
    (HERE.parent / "jasno.example.toml").write_text(example(kind_words()), "utf-8")
