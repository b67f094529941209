"""Our SPF cases as a table for the lab's resolver, and one case's verdict over real DNS."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab.flat_resolver import FlatTable

FILE = Path(__file__).parent / "cases/spf/cases.txt"


@dataclass(frozen=True)
class SpfCase:
    section: str
    ip: str
    sender: str
    helo: str
    result: str
    mechanism: str
    explanation: str


def read() -> tuple[FlatTable, list[SpfCase]]:
    """The whole file: one table, and the cases in order."""
    records: dict[tuple[str, str], list[str]] = {}
    failing: set[str] = set()
    cases: list[SpfCase] = []
    for line in FILE.read_text("utf-8").splitlines():
        if line.startswith("? "):
            fields = [f.strip() for f in line[2:].split("|")]
            cases.append(SpfCase(*fields, *[""] * (7 - len(fields))))
        elif line.strip() and not line.startswith("#"):
            name, kind, *rest = line.split(None, 2)
            if kind == "FAIL":
                failing.add(name)
            else:
                records.setdefault((name, kind), []).append(rest[0])
    return FlatTable(records, failing=frozenset(failing)), cases
