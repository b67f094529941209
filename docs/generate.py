"""Makes the reference pages anew: python docs/generate.py"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from diagnostics.catalogue import reference  # noqa: E402 - the checkout is put on the path first
from diagnostics.checks import CHECKS  # noqa: E402

if __name__ == "__main__":
    (HERE / "checks.md").write_text(reference(CHECKS), "utf-8")
