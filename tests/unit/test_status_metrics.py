"""/metrics of probes: what Prometheus' own parser and promtool make of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from facts import Certificate, Exchange, Handshake, Phases
from standards.dns_types import Lookup, Record
from status.model import Grade, Observation, Signal
from status.monitoring import metrics
from status.probing import kinds
from status.probing.kinds import KINDS, dns, http
from status.probing.observe import ProbeResult
from tests.status_fixtures import AT, probe

SECOND = timedelta(seconds=1)
LEAF = Certificate(
    'CN="a\\b",O=x\ny', "CN=R11", ("a.example", "b.example"), AT, AT + 9 * timedelta(days=1),
    "1", "ab" * 32, "ec", 256, "sha256",
)  # fmt: skip
SHAKE = Handshake(
    "a.example", "31.60.1.1", 443, AT, "TLSv1.3", "AES", (LEAF,), verified=True, name_matches=True
)


def everything():
    visit = http.HttpProbeFact(
        "GET /",
        (Exchange("https://a/", AT, ip="31.60.1.1", status=200, handshake=SHAKE,
                  phases=Phases(SECOND, SECOND, SECOND, SECOND, SECOND)),),
    )  # fmt: skip
    soa = Record("a.example", "SOA", 60, "ns h 2026011501 1 2 3 4")
    lookup = Lookup("a.example", "SOA", "31.50.0.1", AT, rcode="NOERROR", answers=(soa,))
    web = probe("web", target='https://a.example/?q="x"\\')
    zone = probe("zone", kind="dns", target="a.example")
    numbers = metrics.MetricsExposition({"web": web, "zone": zone})
    numbers.record_result(seen(web, Grade.UP, http.measure(visit)))
    numbers.record_result(seen(web, Grade.DOWN, (), "praha"))
    numbers.record_result(
        seen(zone, Grade.DEGRADED, dns.measure(dns.DnsProbeFact("a", "SOA", (lookup,))))
    )
    numbers.record_result(seen(probe("gone"), Grade.UP, ()))
    numbers.set_verdict("web", Grade.DOWN)
    numbers.set_verdict("zone", None)
    return numbers.text(AT)


def seen(probe_id, grade, numbers, vantage="local"):
    return ProbeResult(
        Observation(probe_id.name, AT, SECOND / 4, Signal(grade), vantage=vantage), numbers
    )


def test_of_each_probe_only_the_last_look_is_told():
    web = probe("web")
    numbers = metrics.MetricsExposition({"web": web})
    visit = http.HttpProbeFact("GET /", (Exchange("http://a/", AT, ip="31.60.1.1", status=200),))
    numbers.record_result(seen(web, Grade.UP, http.measure(visit)))
    numbers.set_verdict("web", Grade.UP)
    numbers.record_result(seen(web, Grade.DOWN, ()))
    numbers.set_verdict("web", Grade.DOWN)
    families = {f.name: f.samples for f in text_string_to_metric_families(numbers.text(AT))}
    assert not any("http" in name for name in families)
    assert {
        name: [s.value for s in families[name]] for name in ("probe_success", "probe_settled")
    } == {"probe_success": [0], "probe_settled": [0]}
    numbers.set_verdict("web", None)
    assert "probe_settled" not in numbers.text(AT)


def test_a_look_that_saw_nothing_is_no_failure_of_the_target():
    """As when our own line is down: what an alert calls down must have been seen so."""
    web = probe("web")
    numbers = metrics.MetricsExposition({"web": web})
    for grade, success, unknown in ((Grade.DOWN, [0], [0]), (Grade.UNKNOWN, [], [1])):
        numbers.record_result(seen(web, grade, ()))
        families = {f.name: f.samples for f in text_string_to_metric_families(numbers.text(AT))}
        assert [s.value for s in families.get("probe_success", ())] == success
        assert [s.value for s in families["probe_unknown"]] == unknown


def test_of_a_silent_vantage_nothing_is_told():
    often, seldom = probe("often"), replace(probe("seldom"), interval=timedelta(hours=6))
    numbers = metrics.MetricsExposition({"often": often, "seldom": seldom})
    numbers.record_result(seen(often, Grade.UP, ()))
    numbers.record_result(seen(seldom, Grade.UP, ()))
    assert numbers.text(AT + timedelta(seconds=90)).count("probe_success{") == 2
    later = numbers.text(AT + timedelta(hours=1))
    assert later.count("probe_success{") == 1
    assert 'probe="seldom"' in later
    assert "often" not in later


def test_prometheus_reads_what_we_saw():
    families = {f.name: f for f in text_string_to_metric_families(everything())}
    assert all(f.documentation and f.type == "gauge" for f in families.values())
    success = {
        (s.labels["probe"], s.labels["vantage"]): s.value for s in families["probe_success"].samples
    }
    assert success == {("web", "local"): 1, ("web", "praha"): 0, ("zone", "local"): 1}
    phases = {s.labels["phase"]: s.value for s in families["probe_http_duration_seconds"].samples}
    assert phases == dict.fromkeys(("resolve", "connect", "tls", "processing", "transfer"), 1)
    (expiry,) = families["probe_ssl_earliest_cert_expiry"].samples
    assert datetime.fromtimestamp(expiry.value, UTC) == AT + timedelta(days=9)
    assert expiry.labels["target"] == 'https://a.example/?q="x"\\'
    (chain,) = families["probe_ssl_last_chain_info"].samples
    assert chain.labels["subject"] == 'CN="a\\b",O=x\ny'
    (serial,) = families["probe_dns_serial"].samples
    assert serial.value == 2026011501
    (settled,) = families["probe_settled"].samples
    assert (settled.labels["probe"], settled.value) == ("web", 0)


def test_every_number_is_explained():
    source = "".join(p.read_text("utf-8") for p in kinds_folder().glob("*.py"))
    named = set(re.findall(r'"(probe_[a-z_]+)"', source))
    assert len(named) > 15
    assert named <= set(metrics.HELP)
    assert KINDS


def kinds_folder():
    return Path(kinds.__file__).parent


def test_old_numbers_are_no_numbers(tmp_path):
    now = datetime.now(UTC)
    assert metrics.read(tmp_path, now) == ""
    metrics.write(tmp_path, metrics.MetricsExposition({}), now)
    (tmp_path / metrics.FILE).write_text("probe_success 1\n")
    assert metrics.read(tmp_path, now) == "probe_success 1\n"
    old = time.time() - 600
    os.utime(tmp_path / metrics.FILE, (old, old))
    assert metrics.read(tmp_path, now) == ""


@pytest.mark.real
def test_promtool_has_nothing_to_say(not_run):
    tool = shutil.which("promtool")
    if not tool:
        not_run("promtool check metrics", "Debian's prometheus")
    ran = subprocess.run(
        [tool, "check", "metrics"], input=everything(), capture_output=True, text=True, check=False
    )
    output = ran.stdout + ran.stderr
    assert ran.returncode in (0, 3), output
    ours = [line for line in output.splitlines() if line and "cert_expiry" not in line]
    assert ours == [], output
