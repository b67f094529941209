"""`make mutate`: change the code that judges, a part at a time, and see whether its tests notice.

    python -m bench.mutations [PART …] [--sample 60] [--seed 1]      (--sample 0: every mutant)

Works in a copy of the tree outside it, one folder a part, which stays: there `mutmut show NAME`
prints a survivor. Of a sample the score comes with its 95 % interval (Wilson). A mutant that no
chosen test reaches counts as not killed; one that went on for ever counts as killed, and is shown
apart, for on a busy machine it may only have been slow.
"""

from __future__ import annotations

import argparse
import contextlib
import fnmatch
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mutmut.stats import status_by_exit_code
from mutmut.utils.format_utils import mangled_name_from_mutant_name

ROOT = Path(__file__).resolve().parent.parent
PARTS = Path(__file__).with_suffix(".toml")
COPIES = Path(tempfile.gettempdir()) / "jasno-mutations"
KILLED = {"killed", "timeout"}
Z = 1.96  # 95 %
GENERATE = (
    "from mutmut.__main__ import *; from pathlib import Path; Path('mutants').mkdir(exist_ok=True); "
    "copy_src_dir(); copy_also_copy_files(); create_mutants(2)"
)
RUN_ON_IMPORT = (
    "import json, sys, pytest; from mutmut.state import state; "
    "pytest.main(['--collect-only', *sys.argv[1:]]); print(json.dumps(sorted(state()._stats)))"
)


class MutmutFailed(Exception):
    """A part could not be tried; the message says where mutmut's words are."""


@dataclass(frozen=True)
class Part:
    """What is changed together, and the tests that must notice."""

    name: str
    only_mutate: tuple[str, ...]
    tests: tuple[str, ...]
    names: tuple[str, ...] = ("*",)
    only: str = ""  # pytest's -k: of the tests' cases those that are about the part


@dataclass(frozen=True)
class Score:
    """How the tried mutants of a part ended, by mutmut's words."""

    part: str
    mutants: int
    ends: Counter[str]

    @property
    def killed(self) -> int:
        return sum(self.ends[word] for word in KILLED)

    def row(self) -> str:
        """One line of the table."""
        tried, killed = self.ends.total(), self.killed
        others = tried - killed - self.ends["no tests"] - self.ends["survived"]
        low, high = interval(killed, tried) if tried < self.mutants else (killed / tried,) * 2
        span = "whole" if low == high else f"{100 * low:.0f} to {100 * high:.0f} %"
        cells = (
            *(self.part, self.mutants, tried, killed, self.ends["timeout"], self.ends["survived"]),
            *(self.ends["no tests"], others, f"{100 * killed / tried:.1f} %", span),
        )
        return "| " + " | ".join(map(str, cells)) + " |"


def parts() -> dict[str, Part]:
    """By name, as the file beside this one lists them."""
    tables = tomllib.loads(PARTS.read_text("utf-8"))
    return {
        name: Part(name, **{k: v if isinstance(v, str) else tuple(v) for k, v in table.items()})
        for name, table in tables.items()
    }


def interval(hits: int, tried: int) -> tuple[float, float]:
    """Wilson's interval of a share: where it lies with 95 % confidence."""
    share, weight = hits / tried, Z * Z / tried
    middle = (share + weight / 2) / (1 + weight)
    reach = Z * math.sqrt(share * (1 - share) / tried + weight / (4 * tried)) / (1 + weight)
    return middle - reach, middle + reach


def sources(root: Path) -> list[str]:
    """All of the tree but its tests, which mutmut brings itself; put under mutants/ for imports."""
    folders = (path.name for path in root.iterdir() if path.is_dir() and path.name[0] != ".")
    return sorted({*folders, *(path.name for path in root.glob("*.py"))} - {"tests"})


def copy_tree(part: Part) -> Path:
    """What git knows of the tree or would add, with mutmut's configuration for the part."""
    copy = COPIES / part.name
    shutil.rmtree(copy, ignore_errors=True)
    listing = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    listed = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    lists = {
        "source_paths": sources(copy),
        "only_mutate": part.only_mutate,
        "pytest_add_cli_args_test_selection": part.tests,
    }
    config = copy / "pyproject.toml"
    head, table, rest = config.read_text("utf-8").partition("[tool.mutmut]")
    lines = "".join(f"\n{key} = {json.dumps(values)}" for key, values in lists.items())
    if part.only:
        rest = rest.replace('"-k", "', f'"-k", "({part.only}) and ')
    config.write_text(f"{head}{table}{lines}{rest}", "utf-8")
    return copy


def ends(copy: Path) -> dict[str, str]:
    """How each mutant of the copy ended, by its name."""
    return {
        name: status_by_exit_code[code]
        for path in sorted((copy / "mutants").rglob("*.py.meta"))
        for name, code in json.loads(path.read_text())["exit_code_by_key"].items()
    }


def chosen(names: Iterable[str], part: Part, sample: int, seed: int) -> tuple[list[str], int]:
    """Which mutants are tried, and of how many: all of them, or a sample that the seed decides."""
    fitting = sorted(
        name
        for name in names
        if any(fnmatch.fnmatch(name.rpartition(".")[2], pattern) for pattern in part.names)
    )
    few = random.Random(seed).sample(fitting, sample) if 0 < sample < len(fitting) else fitting
    return sorted(few), len(fitting)


def run_tests(copy: Path, mutant: str, *command: str) -> subprocess.CompletedProcess[str]:
    """A process that imports the code of a mutant anew, with the part's tests as its arguments."""
    settings = tomllib.loads((copy / "pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]
    tests = settings["pytest_add_cli_args_test_selection"]
    return subprocess.run(
        (sys.executable, *command, "-x", "-q", *settings["pytest_add_cli_args"], *tests),
        cwd=copy / "mutants",
        env={**os.environ, "MUTANT_UNDER_TEST": mutant, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def dead_on_import(copy: Path, alive: Iterable[str]) -> set[str]:
    """Those of the living whose function runs while modules are imported, when mutmut has chosen
    none yet, and that the tests notice once it is chosen before."""
    listed = run_tests(copy, "stats", "-c", RUN_ON_IMPORT).stdout.splitlines()
    functions = set(json.loads(listed[-1])) if listed else set()
    tried = [name for name in alive if mangled_name_from_mutant_name(name) in functions]
    if not tried or run_tests(copy, "", "-m", "pytest").returncode:
        return set()
    return {name for name in tried if run_tests(copy, name, "-m", "pytest").returncode == 1}


def try_part(part: Part, sample: int, seed: int, workers: int) -> Score:
    """Make the mutants, try the chosen ones, count."""
    copy = copy_tree(part)
    quiet = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    # Names, for mutmut itself can only be told which ones to try after it has made them.
    subprocess.run(
        [sys.executable, "-c", GENERATE], cwd=copy, check=True, stdout=subprocess.DEVNULL
    )
    names, mutants = chosen(ends(copy), part, sample, seed)
    mutmut = str(Path(sys.executable).with_name("mutmut"))
    command = [mutmut, "run", "--max-children", str(workers), *names]
    with (copy / "mutmut.log").open("w") as log:
        done = subprocess.run(command, cwd=copy, env=quiet, stdout=log, stderr=log, check=False)
    if done.returncode:
        raise MutmutFailed(f"{part.name}: mutmut failed, see {copy / 'mutmut.log'}")
    ended = ends(copy)
    dead = dead_on_import(copy, [name for name in names if ended[name] not in KILLED])
    ended |= dict.fromkeys(dead, "killed")
    alive = [name for name in names if ended[name] not in KILLED]
    (copy / "alive.txt").write_text("".join(f"{ended[name]} {name}\n" for name in alive))
    return Score(part.name, mutants, Counter(ended[name] for name in names))


def table(scores: Iterable[Score]) -> str:
    """All scores as Markdown."""
    head = (
        "part",
        "mutants",
        "tried",
        "killed",
        "of these by time",
        "survived",
        "not reached",
        "not run",
        "score",
        "95 %",
    )
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join((*lines, *(score.row() for score in scores)))


def main() -> None:
    """Try the parts that were named, or all, and print the table."""
    catalogue: Mapping[str, Part] = parts()
    options = argparse.ArgumentParser(prog="make mutate")
    options.add_argument("part", nargs="*", help=", ".join(catalogue))
    options.add_argument("--sample", type=int, default=60, help="how many of each part; 0: all")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--workers", type=int, default=2, help="how many are tried at once")
    given = options.parse_args()
    if strange := set(given.part) - set(catalogue):
        raise SystemExit(
            f"no such part: {', '.join(sorted(strange))}; there are {', '.join(catalogue)}"
        )
    scores, failures = [], []
    for name in given.part or catalogue:
        print(f"{name} …", flush=True)
        try:
            scores.append(try_part(catalogue[name], given.sample, given.seed, given.workers))
        except MutmutFailed as failed:
            failures.append(str(failed))
            continue
        alive = (COPIES / name / "alive.txt").read_text()
        print(alive + f"in {COPIES / name}: mutmut show NAME", flush=True)
    print(table(scores))
    if failures:
        raise SystemExit("\n".join(failures))


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
