"""Debian's blackbox exporter and monitoring plugins look at the same servers and say the same."""

from __future__ import annotations

import pytest

from bench import oracle_probes as oracle

pytestmark = pytest.mark.real
CLOSE = 15.0  # ms; everything here is a loopback away, and the machine is busy


def test_verdicts_and_phases_agree(not_run):
    if needed := oracle.missing():
        not_run("the oracle of probes", needed)
    rows = oracle.compare()
    assert len(rows) == len(oracle.CASES)
    different = {row.case.name for row in rows if not row.agree}
    assert different == set(oracle.EXPLAINED)
    for row in rows:  # with the exporter there is nothing to explain
        up = row.ours.value in ("up", "degraded")
        assert up is row.exporter, (row.case.name, row.reason)
    timed = [row for row in rows if row.phases]
    assert len(timed) >= 5
    for row in timed:
        for name, mine, theirs in row.phases:
            assert abs(mine - theirs) < max(CLOSE, 0.25 * theirs), (row.case.name, name, row.phases)
