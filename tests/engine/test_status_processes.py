"""The real thing in processes: portal, remote vantage, heartbeat and /metrics, as operators run them."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.process_fixtures import command, free_port, process

CONFIG = """
[site]
name = "Skyhost"
url = "http://127.0.0.1:{port}"
[server]
bind = "127.0.0.1:{port}"
[network]
allow = ["127.0.0.0/8"]
[[component]]
id = "web"
name = "Web"
[[component]]
id = "backups"
name = "Backups"
[[probe]]
name = "web-http"
kind = "http"
component = "web"
target = "http://127.0.0.1:{target}/"
interval = "1s"
timeout = "2s"
fail_after = 1
vantages = ["local", "praha"]
agree = 2
[[probe]]
name = "nightly"
kind = "heartbeat"
component = "backups"
interval = "1s"
every = "1h"
"""


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.server.well else 500)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def target():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.well = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def get(url, **headers):
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, headers=headers), timeout=5
        ) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    except OSError:
        return 0, ""


def until(seen, what, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := seen():
            return value
        time.sleep(0.2)
    raise AssertionError(f"waited in vain for {what}")


def metrics(base, name):
    samples = {}
    for family in text_string_to_metric_families(get(base + "/metrics")[1]):
        for sample in family.samples:
            if sample.name == name:
                labels = sample.labels
                samples[labels.get("probe"), labels.get("vantage", "")] = sample.value
    return samples


@pytest.mark.timeout(240)
def test_portal_vantage_heartbeat_and_metrics(tmp_path, target):
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    var = tmp_path / "var"
    config = tmp_path / "jasno.toml"
    config.write_text(CONFIG.format(port=port, target=target.server_port))
    log = tmp_path / "log"
    with process("run", "--config", str(config), var=var, log=log):
        until(lambda: get(base + "/healthz")[0] == 200, "the portal")
        token = command(
            "vantage", "token", "praha", "--config", str(config), var=var
        ).stdout.strip()
        output = command("heartbeat", "token", "nightly", "--config", str(config), var=var).stdout
        beat, push, ping = output.split()
        assert get(beat) == get(f"{ping}/") == (200, "OK")
        assert json.loads(get(push)[1]) == {"ok": True}
        late = until(lambda: metrics(base, "jasno_engine_late_seconds"), "how late looks begin")
        assert 0 <= late[None, ""] < 30
        other = tmp_path / "elsewhere" / "var"
        other.parent.mkdir()
        with process(
            "vantage", "--url", base, var=other, log=log, JASNO_VANTAGE_TOKEN=token,
            JASNO_NETWORK_ALLOW='["127.0.0.0/8"]', JASNO_VANTAGE_NAME="praha",
        ):  # fmt: skip
            target.well = False
            seen = {("web-http", "local"): 0, ("web-http", "praha"): 0, ("nightly", "local"): 1}
            until(lambda: metrics(base, "probe_success") == seen, "bad looks from both places")
            assert "major_outage" in get(base + "/api/v2/components.json")[1]
        listed = command("vantage", "list", "--config", str(config), var=var).stdout
        assert listed.startswith("praha\t20")
        looked = command("probe", "nightly", "--config", str(config), var=var)
        assert (looked.returncode, looked.stdout[:2]) == (0, "up")
    text = log.read_text()
    assert token not in text
    assert "Traceback" not in text


def test_a_vantage_that_cannot_be_meant_says_so_in_a_line(tmp_path):
    var = tmp_path / "var"
    missing = command("vantage", var=var)
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "JASNO_VANTAGE_TOKEN" in missing.stderr
    unknown = command("heartbeat", "token", "nothing", var=var)
    assert unknown.returncode == 2
    assert "no heartbeat or manual probe" in unknown.stderr
    assert "Traceback" not in missing.stderr + unknown.stderr
