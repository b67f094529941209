"""The status page as a folder that a plain web server serves: every link leads somewhere."""

from __future__ import annotations

import functools
import threading
from contextlib import contextmanager
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urldefrag, urljoin, urlsplit
from urllib.request import urlopen

import msgspec
import pytest

from status.publishing.exports import cli
from status.publishing.exports.static_site import rewrite_links
from status.publishing.publisher import Publisher
from status.state.statements import PublicStatements
from tests.status_fixtures import SITE, incident, pages, snapshot, work
from web.publication_format import FILE, decode


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def served(folder):
    handler = functools.partial(Quiet, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Links(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.links = []
        self.feed(page)

    def handle_starttag(self, _tag, attrs):
        self.links += [v for k, v in attrs if k in ("href", "src", "action") and v]


def crawl(base):
    """Every page that can be reached; answers the pages and the addresses elsewhere."""
    seen, elsewhere, waiting = {}, set(), [base + "/"]
    while waiting:
        url = urldefrag(waiting.pop()).url
        if url in seen:
            continue
        with urlopen(url, timeout=5) as answer:  # an HTTPError is a dead link
            kind, body = answer.headers["Content-Type"], answer.read()
        seen[url] = body
        if kind.startswith("text/html"):
            for link in Links(body.decode()).links:
                target = urljoin(url, link)
                (waiting.append if target.startswith(base) else elsewhere.add)(target)
    return seen, elsewhere


@pytest.fixture
def published(tmp_path):
    folder = tmp_path / "published"
    shot = snapshot(words=PublicStatements((incident(),), (work(),)))
    Publisher(folder, SITE, pages()).publish(shot)
    return folder


def test_a_place_that_cannot_be_written_is_named(published, tmp_path, capsys):
    """It said "it could not be exported: [Errno 20] …"."""
    taken = tmp_path / "taken"
    taken.write_text("a file")
    assert cli.publish(published, taken / "site", SITE) == 2
    assert capsys.readouterr().err == f"{taken}/site cannot be written: Not a directory\n"


@pytest.mark.parametrize("below", ["", "/deep/status"])
def test_every_link_of_the_site_resolves_wherever_it_stands(published, tmp_path, capsys, below):
    root = tmp_path / "site"
    out = root / below.lstrip("/")
    assert cli.publish(published, out, SITE) == 0
    assert "files of 2026-01-15" in capsys.readouterr().out
    publication = decode((published / FILE).read_bytes())
    with served(root) as host:
        base = host + below
        seen, elsewhere = crawl(base)
        paths = {urlsplit(url).path.removeprefix(below).rstrip("/") or "/" for url in seen}
        for lang in SITE.languages:
            assert f"/{lang}/incidents/abc123def456" in paths
            assert f"/{lang}/maintenance" in paths
        assert {"/static/app.css", "/static/jasno.js"} <= paths
        for path in publication.files:  # and what no page links to is there as well
            with urlopen(base + path, timeout=5) as answer:
                assert answer.status == 200
    assert not [url for url in elsewhere if url.startswith(host)]
    live = {url for url in elsewhere if urlsplit(url).path in ("/check", "/kb", "/sign-in")}
    assert live
    assert {f"{urlsplit(u).scheme}://{urlsplit(u).netloc}" for u in live} == {SITE.url}
    assert not [u for u in elsewhere if urlsplit(u).scheme not in ("http", "https", "mailto")]
    assert b'lang="en"' in (out / "index.html").read_bytes()
    assert b'lang="cs"' in (out / "cs/index.html").read_bytes()


def test_a_link_goes_to_the_portal_only_when_the_page_is_not_here():
    page = (
        b'<a href="/check?lang=en">x</a><a href="/en/uptime#rule">y</a><a href="//cdn/">z</a>'
        b'<a href="/">a</a><img src="/favicon.svg?up">'
    )
    shown_here = {"/en/uptime": True, "/": True, "/favicon.svg": False}
    assert rewrite_links(page, shown_here, "https://portal.example", "en/history/index.html") == (
        b'<a href="https://portal.example/check?lang=en">x</a>'
        b'<a href="../../en/uptime/#rule">y</a><a href="//cdn/">z</a>'
        b'<a href="../../">a</a><img src="../../favicon.svg?up">'
    )
    assert (
        rewrite_links(b'<a href="/en/uptime">', shown_here, "", "index.html")
        == b'<a href="./en/uptime/">'
    )


def test_what_is_published_no_longer_goes_and_what_is_others_stays(published, tmp_path):
    out = tmp_path / "site"
    cli.publish(published, out, SITE)
    (out / "theirs.txt").write_text("kept")
    (out / ".jasno-files.json").write_bytes(
        msgspec.json.encode([
            *msgspec.json.decode((out / ".jasno-files.json").read_bytes()),
            "../outside.txt",
        ])
    )  # fmt: skip
    (tmp_path / "outside.txt").write_text("kept")
    assert (out / "en/incidents/abc123def456/index.html").exists()
    Publisher(published, SITE, pages()).publish(snapshot())
    cli.publish(published, out, SITE)
    assert not (out / "en/incidents/abc123def456/index.html").exists()
    assert (out / "index.html").exists()
    assert (out / "theirs.txt").exists()
    assert (tmp_path / "outside.txt").exists()


def test_nothing_private_and_nothing_old_is_written(published, tmp_path):
    out = tmp_path / "site"
    cli.publish(published, out, SITE)
    names = {p.name for p in out.rglob("*") if p.is_file()}
    assert "states.json" not in names
    assert not [name for name in names if ".aged" in name]
    stamp = (out / "index.html").stat().st_mtime_ns
    cli.publish(published, out, SITE)
    assert (out / "index.html").stat().st_mtime_ns == stamp
