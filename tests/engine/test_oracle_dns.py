"""Debian's zonemaster-cli, dnsviz and unbound-host look at the same lab zones as we do, at their own
addresses inside a network namespace; where they speak of the same thing, all say the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("zonemaster-cli", "dnsviz", "unbound-host", "unshare", "ip")
# What Zonemaster 5.0.2 of Debian 12 tells otherwise, domain by domain, and why that is right so.
KNOWN_DIFFERENCES = {
    "gate.example": {
        "only jasno: dns.ns.refused",  # it calls a refusal "not authoritative"; we tell both
        "only jasno: mail.mx.rcode",  # a follower of the refusal
    },
    "duet.example": {"only jasno: mail.spf.multiple"},  # it looks at SPF only since 2023.1
    # Its tags for the parent's servers (B01) came later.
    "janus.example": {"only jasno: dns.delegation.inconsistent_parent"},
}
pytestmark = [pytest.mark.real, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def table(not_run):
    missing = [p for p in PROGRAMS if not shutil.which(p)]
    if missing or os.geteuid() != 0:
        needs = ", ".join(missing) or "root, for a network namespace"
        not_run("asking the DNS oracles", needs)
    done = subprocess.run(
        [sys.executable, "-m", "bench.oracle_dns", "--quick", "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=230,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return {row["domain"]: row for row in json.loads(done.stdout)}


def test_each_fault_is_told_by_both(table) -> None:
    for domain, finding in (
        ("brewery.example", "dnssec.ds.without_signed_zone"),
        ("twins.example", "dns.ns.same_ip"),
        ("headless.example", "dns.soa.missing"),
        ("gate.example", "dns.ns.lame"),
    ):
        assert finding in table[domain]["ours"], domain
        assert finding in table[domain]["zonemaster"], (domain, table[domain]["tags"])


def test_nothing_else_differs_than_what_is_explained(table) -> None:
    differ = {
        domain: set(row["differences"]) - KNOWN_DIFFERENCES.get(domain, set())
        for domain, row in table.items()
    }
    assert {domain: lines for domain, lines in differ.items() if lines} == {}


def test_validators_agree_on_what_is_bogus(table) -> None:
    bogus = {d for d, row in table.items() if row["bogus"]["jasno"]}
    assert bogus == {
        "brewery.example",
        "keyring.example",
        "clocktower.example",
        "tomorrow.example",
        "forger.example",
    }
    for domain, row in table.items():
        assert row["bogus"].get("unbound-host") == (domain in bogus), domain
