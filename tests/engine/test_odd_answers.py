"""Odd HTTP answers: we, Debian's blackbox exporter and curl say what docs/probes.md says we do."""

from __future__ import annotations

import pytest

from bench import oracle_answers as oracle

pytestmark = pytest.mark.real


async def test_the_table_of_the_docs_is_what_is_measured(not_run):
    if needed := oracle.missing():
        not_run("odd answers", needed)
    table = oracle.documented()
    assert len(table) >= 60
    verdicts = await oracle.compare()
    measured = {v.answer.name: v.cells()[1:] for v in verdicts}
    assert measured == {name: cells for name, (cells, _) in table.items()}
    unexplained = {v.answer.name for v in verdicts if not v.agree and not table[v.answer.name][1]}
    assert unexplained == set()
    assert {v.answer.name for v in verdicts if v.agree and table[v.answer.name][1]} == set()
