"""Makes the reference page of checks and findings anew: python docs/generate.py"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from diagnostics.checks import CHECKS  # noqa: E402 - the checkout is put on the path first
from diagnostics.symptoms import SYMPTOMS  # noqa: E402
from wizard.reports.checks_reference import reference  # noqa: E402

if __name__ == "__main__":
    (HERE / "checks.md").write_text(reference(CHECKS, SYMPTOMS), "utf-8")
