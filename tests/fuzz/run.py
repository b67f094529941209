"""One target under coverage-guided fuzzing: python -m tests.fuzz.run NAME FOLDER SECONDS.

Seeds lie in FOLDER and what is found to reach new code is added there; an input that breaks the
target is written beside it as crash-… by libFuzzer, and the exit status is not 0.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(
    include=["observe", "diagnostics", "status", "kb", "hosting", "dns", "json", "email"]
):
    from tests.fuzz.all import BY_NAME


def main() -> None:
    name, folder, seconds = sys.argv[1:4]
    target = BY_NAME[name]
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    for n, seed in enumerate(target.seeds):
        (place / f"seed-{n}").write_bytes(seed)
    options = [f"-max_total_time={seconds}", "-max_len=8192", "-timeout=10", "-rss_limit_mb=1500"]
    quiet = ["-print_final_stats=1", "-verbosity=0", f"-artifact_prefix={folder}/../{place.name}."]
    atheris.Setup([sys.argv[0], *options, *quiet, folder], target.check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
