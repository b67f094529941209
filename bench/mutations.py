"""`python -m bench.mutations`: the score of the last `make mutate`, file by file, as a table.

Reads what mutmut left in mutants/. A mutant that no chosen test reaches counts as not killed.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from mutmut.stats import status_by_exit_code

FOLDER = Path("mutants")
KILLED = {"killed", "timeout"}


def read(folder: Path) -> dict[str, Counter[str]]:
    """How many mutants of each file ended how, by the words of mutmut."""
    counts: dict[str, Counter[str]] = {}
    for path in sorted(folder.rglob("*.py.meta")):
        codes = json.loads(path.read_text())["exit_code_by_key"]
        if codes:
            name = str(path.relative_to(folder)).removesuffix(".meta")
            counts[name] = Counter(status_by_exit_code[code] for code in codes.values())
    return counts


def row(name: str, count: Counter[str]) -> str:
    """One line of the table."""
    killed = sum(count[word] for word in KILLED)
    unreached, survived = count["no tests"], count["survived"]
    others = count.total() - killed - unreached - survived
    share = f"{100 * killed / count.total():.1f} %"
    cells = (name, count.total(), killed, survived, unreached, others, share)
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> None:
    """Print the table."""
    counts = read(FOLDER)
    if not counts:
        print("nothing here yet: make mutate")
        return
    print("| file | mutants | killed | survived | not reached | not run | score |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, count in counts.items():
        print(row(f"`{name}`", count))
    print(row("all", sum(counts.values(), Counter[str]())))


if __name__ == "__main__":
    main()
