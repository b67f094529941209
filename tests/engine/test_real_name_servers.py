"""`app.py diagnose --json` over Debian's NSD and BIND with hand-made, really signed zones: what is
wrong is found, what is not is not, and nothing of it depends on the lab."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real_zones import PLANS, PROGRAMS, Ground, Plan, ground, program

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.real, pytest.mark.timeout(240)]
# Only servers over IPv4 and without names in the reverse DNS, and no resolvers: all told as such.
ALWAYS = {"dns.ns.too_few_ipv6", "dns.ns.ptr", "dns.ns.same_network"}


@pytest.fixture(scope="module")
def looking(tmp_path_factory, not_run):
    missing = [p for p in PROGRAMS if not program(p)]
    if missing:
        not_run("looking at real name servers", ", ".join(missing))
    folder = tmp_path_factory.mktemp("zones")
    with ground(folder) as at:
        config = folder / "jasno.toml"
        config.write_text(_toml(at), "utf-8")

        def look(name: str) -> dict[str, object]:
            done = subprocess.run(
                [sys.executable, "app.py", "diagnose", name, "--json", "--config", str(config)],
                cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
            )  # fmt: skip
            assert done.returncode in (0, 1), done.stderr
            return json.loads(done.stdout)

        yield look


def _toml(at: Ground) -> str:
    table = at.table()
    lines = ["[network]", "closed = true", f"trust_anchor = {json.dumps(table['trust_anchor'])}"]
    for name in ("root_hints", "hosts"):
        lines += [f"[network.{name}]"]
        lines += [f"{json.dumps(k)} = {json.dumps(v)}" for k, v in table[name].items()]
    return "\n".join(lines) + "\n"


def heads(report: dict) -> list[str]:
    return sorted(
        f["id"] for f in report["findings"]
        if f["status"] in ("fail", "warn", "notice") and not f["cause"]
        and f["id"].startswith(("dns.", "dnssec.")) and f["id"] not in ALWAYS
    )  # fmt: skip


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_exactly_the_fault_is_found(looking, plan: Plan) -> None:
    heads_seen = heads(looking(plan.typed or plan.name))
    unsigned = {"dnssec.unsigned.with_no_ds"} if not plan.algorithm else set()
    assert set(heads_seen) - unsigned == set(plan.findings) - unsigned
