"""What the findings of all cases say and weigh, value by value, as it was last agreed to.

`python -m tests.finding_values` writes it to tests/cases/finding_values/, a line for each finding; the
names of files of cases, as in `python -m tests.finding_values checks_mail`, write theirs only. The
difference in git is what a reader of reports will see otherwise than before: read it, then commit it.
"""

from __future__ import annotations

import importlib
import sys

from diagnostics.model import FindingStatus
from tests.agreed_lines import CASES, line_of, write
from tests.checks_fixtures import Expected
from tests.checks_parts import QUIET

FOLDER = CASES / "finding_values"


def cases_by_file() -> dict[str, tuple[Expected, ...]]:
    """Every file of cases by its name; a new one needs no line anywhere."""
    names = sorted(file.stem for file in CASES.glob("checks_*.py"))
    return {name: importlib.import_module(f"tests.cases.{name}").CASES for name in names}


def lines_of(case: Expected) -> list[str]:
    """A line for each finding: of those that are unknown or quiet notes, for what the case names."""
    named = {*case.heads, *case.followers, *(case.unknown or ())}
    silent = (FindingStatus.PASS, FindingStatus.UNKNOWN)
    return [
        line_of(
            case.name,
            {
                "finding": (finding := judged.finding).id,
                "severity": judged.severity,
                "cause": judged.cause,
                "args": dict(finding.args),
                "records": [f"{r.name} {r.ttl} {r.type} {r.value}" for r in finding.records],
                "evidence": finding.evidence,
            },
        )
        for judged in case.report.findings
        if judged.finding.id in named
        or (judged.status not in silent and judged.finding.id not in QUIET)
    ]


if __name__ == "__main__":
    every = cases_by_file()
    chosen = {name: every[name] for name in sys.argv[1:] or every}
    lines = {name: [line for c in cases for line in lines_of(c)] for name, cases in chosen.items()}
    write(FOLDER, lines, kept=every.keys() - chosen.keys())
