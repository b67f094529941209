"""What the findings of all cases say and weigh, value by value, as it was last agreed to.

`python -m tests.finding_values` writes it to tests/cases/finding_values/, a line for each finding. The
difference in git is what a reader of reports will see otherwise than before: read it, then commit it.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path

from diagnostics.model import Assessment, FindingStatus
from tests.checks_fixtures import Expected
from tests.checks_parts import QUIET

_FOLDER = Path(__file__).resolve().parent / "cases"
_AGREED = _FOLDER / "finding_values"


def cases_by_file() -> dict[str, tuple[Expected, ...]]:
    """Every file of cases by its name; a new one needs no line anywhere."""
    names = sorted(file.stem for file in _FOLDER.glob("checks_*.py"))
    return {name: importlib.import_module(f"tests.cases.{name}").CASES for name in names}


def lines_of(case: Expected) -> list[str]:
    """A line of JSON for each finding that a case names: no pass, nothing unknown, no quiet note."""
    quiet = QUIET - {*case.heads, *case.followers}
    return [
        json.dumps({"case": case.name, **_values(judged)}, ensure_ascii=False)
        for judged in case.report.findings
        if judged.status not in (FindingStatus.PASS, FindingStatus.UNKNOWN)
        if judged.finding.id not in quiet
    ]


def _values(judged: Assessment) -> dict[str, object]:
    """All that a report shows of a finding, without what is empty."""
    finding = judged.finding
    values = {
        "finding": finding.id,
        "severity": judged.severity,
        "cause": judged.cause,
        "args": dict(finding.args),
        "records": [f"{r.name} {r.ttl} {r.type} {r.value}" for r in finding.records],
        "evidence": finding.evidence,
    }
    return {name: value for name, value in values.items() if value}


def agreed_lines() -> dict[str, list[str]]:
    """Those of all files, by case."""
    lines: dict[str, list[str]] = {}
    for file in sorted(_AGREED.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            lines.setdefault(json.loads(line)["case"], []).append(line)
    return lines


def write() -> Iterator[Path]:
    """Agree to what the cases yield now: the files written."""
    _AGREED.mkdir(exist_ok=True)
    for old in _AGREED.glob("*.jsonl"):
        old.unlink()
    for name, cases in cases_by_file().items():
        file = _AGREED / f"{name}.jsonl"
        file.write_text("".join(f"{line}\n" for c in cases for line in lines_of(c)), "utf-8")
        yield file


if __name__ == "__main__":
    for path in write():
        print(path)
