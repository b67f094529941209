"""Programs from npm that people point at a status page: run with node, or in a real Chromium."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.status_server import serving

ROOT = Path(__file__).resolve().parents[2]
NPM = ROOT / ".npm-for-tests"
pytestmark = pytest.mark.real
needs_npm = pytest.mark.usefixtures("npm")


@pytest.fixture(scope="session")
def npm(not_run) -> None:
    if not (NPM / "node_modules/badge-maker").exists() or not shutil.which("node"):
        not_run("programs from npm", "node and deploy/npm-for-tests")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("published")) as served_address:
        yield served_address


class Elsewhere(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere(tmp_path) -> Iterator[tuple[str, Path]]:
    """Another site, with the scripts of npm and a page to be written into its folder."""
    (tmp_path / "npm").symlink_to(NPM / "node_modules")
    handler = partial(Elsewhere, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", tmp_path
        server.shutdown()
        thread.join()


def node(script: str) -> object:
    run = subprocess.run(
        ["node", "-e", script], cwd=NPM, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


CLIENT = """
const {Statuspage} = require('statuspage.io');
const page = new Statuspage('x'); page.setApiUrl(ADDRESS);
const api = page.api;
(async () => {
  const asked = {
    summary: () => api.getSummary(), status: () => api.getStatus(),
    components: () => api.getComponents(),
    incidents: () => api.incidents.getAll(), unresolved: () => api.incidents.getUnresolved(),
    maintenances: () => api.scheduledMaintenances.getAll(),
    upcoming: () => api.scheduledMaintenances.getUpcoming(),
  };
  const out = {};
  for (const [name, ask] of Object.entries(asked)) out[name] = await ask();
  console.log(JSON.stringify(out));
})();
"""


@needs_npm
def test_statuspage_io_of_npm_reads_every_document(address):
    documents = node(CLIENT.replace("ADDRESS", json.dumps(address)))
    assert documents["status"]["status"]["indicator"] == "major"
    assert documents["summary"]["page"]["name"] == "Sklep Hosting"
    assert [i["name"] for i in documents["unresolved"]["incidents"]] == ["Mail is slow"]
    assert len(documents["incidents"]["incidents"]) == 2
    assert {c["name"] for c in documents["components"]["components"]} >= {
        "Web servers",
        "Mailboxes",
    }
    # its getAll asks for what is upcoming, so work under way is looked for in the summary
    statuses = {m["status"] for m in documents["summary"]["scheduled_maintenances"]}
    assert statuses == {"verifying", "scheduled"}
    assert documents["maintenances"] == documents["upcoming"]
    assert all(m["status"] == "scheduled" for m in documents["upcoming"]["scheduled_maintenances"])


@needs_npm
@pytest.mark.parametrize("badge", ["web", "mail", "_all"])
def test_badge_maker_draws_our_badges(address, badge):
    with urllib.request.urlopen(f"{address}/badge/{badge}.json", timeout=5) as response:
        document = json.loads(response.read())
    chosen = {k: document[k] for k in ("label", "message", "color")}
    script = f"const {{makeBadge}} = require('badge-maker'); console.log(JSON.stringify(makeBadge({json.dumps(chosen)})))"
    drawn = node(script)
    assert drawn.startswith("<svg")
    assert document["message"] in drawn
    assert document["label"] in drawn


@needs_npm
def test_atlassians_widget_shows_our_state_on_another_site(address, browser: Browser, elsewhere):
    url, folder = elsewhere
    (folder / "index.html").write_text(
        f"""<!doctype html><title>Shop</title>
<script src="npm/@webcomponents/webcomponentsjs/webcomponents-bundle.js"></script>
<script src="npm/@statuspage/status-widget/dist/index.js"></script>
<statuspage-widget src="{address}"></statuspage-widget>"""
    )
    page = browser.new_page()
    try:
        page.goto(url)
        expect(page.locator("statuspage-widget")).to_contain_text("Partial System Outage")
    finally:
        page.close()


def test_our_own_widget_stands_in_another_sites_frame(address, browser: Browser, elsewhere):
    url, folder = elsewhere
    (folder / "index.html").write_text(
        f'<!doctype html><title>Shop</title><iframe src="{address}/en/embed" title="Status"></iframe>'
        f'<iframe src="{address}/en/" title="Page"></iframe>'
    )
    page = browser.new_page()
    try:
        page.goto(url)
        inside = page.frame_locator("iframe[title=Status]")
        expect(inside.locator("main")).to_contain_text("Some services are down")
        refused = page.frame_locator("iframe[title=Page]")
        expect(refused.locator("main")).to_have_count(0)
    finally:
        page.close()
