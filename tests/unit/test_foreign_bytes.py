"""Any bytes thrown at every parser of ours end in a sound result or the parser's own error, soon.

The table is tests/fuzz/all.py; `make soak` fuzzes the same targets for longer, by coverage.
"""

from __future__ import annotations

import ast
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.all import TARGETS
from tests.fuzz.target import SECONDS

ROOT = Path(__file__).parents[2]
SAVED = Path(__file__).parents[1] / "cases" / "fuzz"
NASTY = (
    *(b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r", b"\n", b"\r\n\r\n", b"\x1b[31m"),
    *("\u202e".encode(), "İ".encode(), "\ud7ff\U0010ffff".encode(), b"%s%n", b"{0}", b"..", b"@"),
    *(
        b"9" * 60,
        b"-1",
        b"1e999",
        b"[" * 300,
        b"[" * 5000,
        b"{" * 80,
        b"(" * 90,
        b"<" * 70,
        b'"',
        b"\\",
        b";",
    ),
    *(b"A" * 700, b" " * 300, b"=" * 90, b":" * 90, b"." * 300, b"\t", b"&" * 50, b"a." * 200),
)


@st.composite
def mutated(draw, seeds):
    """A seed with pieces dropped, doubled, swapped and replaced by what parsers stumble over."""
    data = bytearray(draw(st.sampled_from(seeds)))
    chance = random.Random(draw(st.integers(0, 2**32)))
    for _ in range(chance.randint(0, 8)):
        at, end = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
        match chance.randint(0, 4):
            case 0:
                data[at:at] = chance.choice(NASTY)
            case 1:
                del data[at : min(end, at + 40)]
            case 2:
                data[at:at] = data[at : min(end, at + 80)] * chance.randint(1, 4)
            case 3 if data:
                data[min(at, len(data) - 1)] = chance.randint(0, 255)
            case _:
                other = chance.choice(seeds)
                data[at:end] = other[: chance.randint(0, 200)]
    return bytes(data[:8192])


@pytest.mark.parametrize("target", TARGETS, ids=lambda t: t.name)
def test_any_bytes_end_well_and_soon(target) -> None:
    @settings(max_examples=60)
    @given(st.one_of(mutated(target.seeds), mutated(target.seeds), st.binary(max_size=400)))
    def throw(data: bytes) -> None:
        began = time.process_time()
        target.check(data)
        assert time.process_time() - began < SECONDS

    throw()


@pytest.mark.parametrize("target", TARGETS, ids=lambda t: t.name)
def test_what_once_broke_a_parser_does_so_no_more(target) -> None:
    for seed in (*target.seeds, *NASTY, b""):
        target.check(seed)
    for case in sorted(SAVED.glob(f"{target.name.replace(' ', '-')}.*")):
        target.check(case.read_bytes())


def test_every_target_names_modules_that_are_there() -> None:
    named = {module for target in TARGETS for module in target.reads}
    for module in named:
        assert (ROOT / (module.replace(".", "/") + ".py")).is_file(), module
    page = (ROOT / "docs" / "fuzzing.md").read_text("utf-8")
    for target in TARGETS:
        assert f"| {target.name} |" in page
        assert all(f"`{module}`" in page for module in target.reads)


def test_nothing_that_decodes_foreign_json_is_left_out() -> None:
    """Whoever decodes JSON in observe/, hosting/ or diagnostics/ stands in the table, or is ours."""
    ours = {"wizard.runs.handler", "wizard.api", "wizard.watches.recheck", "hosting.sync",
            "wizard.registrations.store"}  # fmt: skip
    named = {module for target in TARGETS for module in target.reads} | ours
    for room in ("observe", "hosting", "diagnostics"):
        for path in sorted((ROOT / room).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            calls = (
                ast.unparse(node.func)
                for node in ast.walk(ast.parse(path.read_text("utf-8")))
                if isinstance(node, ast.Call)
            )
            if any(call in ("json.loads", "msgspec.json.decode") for call in calls):
                assert module in named, module
