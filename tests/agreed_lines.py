"""Lines of JSON that tests compare whole, as they were last agreed to: files in a folder, by case."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

CASES = Path(__file__).resolve().parent / "cases"


def line_of(case: str, values: Mapping[str, object]) -> str:
    """A line for a case, without what is empty."""
    kept = {name: value for name, value in values.items() if value not in ("", None, (), [], {})}
    return json.dumps({"case": case, **kept}, ensure_ascii=False)


def read(folder: Path) -> dict[str, list[str]]:
    """The lines of all files, by case."""
    lines: dict[str, list[str]] = {}
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            lines.setdefault(json.loads(line)["case"], []).append(line)
    return lines


def write(
    folder: Path, lines_by_file: Mapping[str, Iterable[str]], kept: Collection[str] = ()
) -> None:
    """These files and, besides those that are kept as they are, no others; their difference in git is
    what readers will see otherwise."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.jsonl"):
        if old.stem not in kept:
            old.unlink()
    for name, lines in lines_by_file.items():
        (folder / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
