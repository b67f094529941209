"""The shipped nginx.conf and unit, with Debian's nginx under its own user and Python dead.

What readers then get is compared with what our own web would have answered.
"""

from __future__ import annotations

import gzip
import http.server
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.test import Client

from clock import ManualClock, SystemClock
from render.languages import LANGUAGES as SHIPPED
from render.languages import catalogue_of
from tests.front_server import (
    FrontServer,
    data_folder,
    front_server,
    missing,
    named,
    unit,
)
from tests.process_fixtures import APP, open_port, process, single_probe_config, until
from web.language import negotiate
from web.middleware.published import PublishedMiddleware
from web.publication_format import FILE, decode
from web.security import HEADERS, HSTS

pytestmark = pytest.mark.real
LANGUAGES = tuple(SHIPPED)
SLOVAK = """msgid ""
msgstr ""
"Language: sk\\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n>=2 && n<=4 ? 1 : 2);\\n"
"Content-Type: text/plain; charset=utf-8\\n"

msgid "Operational"
msgstr "V poriadku"
"""


@pytest.fixture(scope="module")
def var(not_run):
    """A data folder as the shipped unit leaves it: an engine has published and was killed."""
    if missing():
        not_run("nginx before what the unit makes", missing())
    with published_site() as var:
        yield var


@contextmanager
def published_site(languages: str = "", app: str = APP) -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="jasno-front-"))
    place.chmod(0o755)
    try:
        var, config = data_folder(place / "lib"), place / "jasno.toml"
        with open_port() as port:
            text = single_probe_config(port.getsockname()[1])
            config.write_text(text.replace("[site]\n", f"[site]\n{languages}\n"))
            words = ("engine", "--config", str(config))
            mask = int(unit()["UMask"], 8)
            with process(*words, var=var, log=place / "log", umask=mask, app=app) as engine:
                until(lambda: is_published(var / "published"), what="a whole publication")
                engine.kill()
        yield var
    finally:
        shutil.rmtree(place)


@pytest.fixture(scope="module")
def nginx(var):
    with front_server(var.parent, var) as server:
        yield server


@pytest.fixture(scope="module")
def library(not_run):
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not libraries:
        not_run("nginx after the publication is out of date", "Debian's libfaketime")
    return libraries[0]


def is_published(folder: Path) -> bool:
    """Whether all that a look has led to lies there as plain files."""
    if not (folder / FILE).exists():
        return False
    files = decode((folder / FILE).read_bytes()).files
    last = folder / "public" / next(reversed(files)).lstrip("/")
    written = last.exists() and last.read_bytes() == files[next(reversed(files))].fresh.plain
    return written and b'"operational"' in files["/api/v2/summary.json"].fresh.plain


def nothing(environ, start):
    start("404 Not Found", [])
    return [b""]


def ours(var: Path, *, age: float = 0) -> Client:
    """Our own web before the same folder, that many seconds later."""
    clock = ManualClock(SystemClock().now() + timedelta(seconds=age))
    return Client(
        PublishedMiddleware(nothing, var / "published", clock, secure=True), use_cookies=False
    )


def paths(var: Path) -> list[str]:
    """Everything that is published, pages with and without their language."""
    files = decode((var / "published" / FILE).read_bytes()).files
    bare = {p.removeprefix(f"/{file.lang}") for p, file in files.items() if file.lang}
    return sorted({*files, *bare})


def as_www_data(*words: str) -> int:
    return subprocess.run(
        words, user="www-data", group="www-data", extra_groups=[], check=False, capture_output=True
    ).returncode


def same(nginx: FrontServer, web: Client, path: str, **headers: str) -> None:
    """Both answer alike, in status, body and what the headers say."""
    status, answered, body = nginx.ask(path, **headers)
    wanted = web.get(path, headers=named(headers))
    assert (status, body) == (wanted.status_code, wanted.data), path
    for name, value in wanted.headers.items():
        if name not in {"ETag", "Vary", "Jasno-Checked-At"}:
            assert answered.get(name.title()) == value, (path, name)
    vary = {v.strip() for v in answered.get("Vary", "").split(",")}
    assert {v.strip() for v in wanted.headers["Vary"].split(",")} - vary <= {"Accept-Encoding"}, (
        path
    )


def test_everything_published_is_served_as_our_own_web_would(nginx, var):
    web = ours(var)
    assert len(paths(var)) > 30
    for path in paths(var):
        same(nginx, web, path)
        same(nginx, web, path, accept_encoding="gzip", accept_language="cs")


def test_every_answer_carries_the_headers_of_the_portal(nginx):
    page = nginx.ask("/")[1]
    assert {n: page.get(n.title()) for n in HEADERS} == HEADERS
    assert page["Strict-Transport-Security"] == HSTS


@pytest.mark.parametrize("age", [0, 200])
def test_the_reader_gets_the_language_our_own_web_would_choose(nginx, var, age):
    web = ours(var)
    for wish in (
        "", "*", "cs", "CS", "cs-CZ,cs;q=0.9,en;q=0.8", "en-US,en;q=0.5", "en;q=0.3,cs;q=0.9",
        "de-AT,de;q=0.9,cs;q=0.7,en;q=0.2", "de", "cs;q=0,de", "cs;q=0.0,en;q=0.01", "cscz,en",
        "en;q=1.0, cs;q=0.99", "en ; q=0.5 , cs ; q=0.6", "sk,cs;q=0.85,en;q=0.8", "fr, cs ;q=1",
    ):  # fmt: skip
        lang = nginx.ask("/", accept_language=wish)[1]["Content-Language"]
        assert lang == negotiate(wish, LANGUAGES), wish
    same(nginx, web, "/", accept_language="cs", cookie="a=b; jasno_lang=en")
    same(nginx, web, "/history", cookie="jasno_lang=cs")
    for path in ("/", "/history"):
        chosen, negotiated = nginx.ask(path, cookie="jasno_lang=cs")[1], nginx.ask(path)[1]
        assert chosen["Vary"] == negotiated["Vary"]
        assert chosen["Cache-Control"] == "private, no-cache"
    same(nginx, web, "/", accept_language="cs", cookie="jasno_lang=xx")


def test_a_third_language_is_one_word_in_the_file(not_run, tree):
    """A site in English, Czech and a draft, of which the one list of the file is told."""
    if missing():
        not_run("nginx before a site of three languages", missing())
    slovak = catalogue_of(tree / "translations", "sk")
    slovak.parent.mkdir(parents=True, exist_ok=True)
    slovak.write_text(SLOVAK, "utf-8")
    languages = 'languages = ["en", "cs", "sk"]'
    with (
        published_site(languages, str(tree / "app.py")) as var,
        front_server(var.parent, var, languages='"|en|cs|sk|"') as server,
    ):
        web, offered = ours(var), ("en", "cs", "sk")
        for path in paths(var):
            same(server, web, path, accept_language="sk")
        for wish in (
            "sk",
            "SK-sk,cs;q=0.9",
            "cs;q=0.5,sk;q=0.7",
            "pl,sk;q=0.1",
            "pl",
            "cs,sk",
            "x|sk|",
            "|sk|",
            "de," * 160 + "cs",
            "de," * 400 + "cs|",
        ):
            lang = server.ask("/", accept_language=wish)[1]["Content-Language"]
            assert lang == negotiate(wish, offered), wish
        assert "V poriadku" in server.ask("/", accept_language="sk")[2].decode()
        same(server, web, "/", accept_language="cs", cookie="jasno_lang=sk")
        same(server, web, "/history", cookie="jasno_lang=sk")
        away = server.ask("/check", accept_language="sk")[2].decode()
        assert 'lang="sk"' in away


def test_an_unchanged_page_is_304_in_its_own_language_only(nginx):
    for packed in ("gzip", "identity"):
        tags = {
            lang: nginx.ask("/", accept_encoding=packed, accept_language=lang)[1]["Etag"]
            for lang in LANGUAGES
        }
        assert tags["cs"] != tags["en"]
        for lang, tag in tags.items():
            request_headers = {"accept_encoding": packed, "if_none_match": tag}
            status, headers, body = nginx.ask("/", accept_language=lang, **request_headers)
            assert (status, body) == (304, b"")
            assert headers["Cache-Control"].startswith("public, max-age=10")
            other = next(k for k in LANGUAGES if k != lang)
            assert nginx.ask("/", accept_language=other, **request_headers)[0] == 200


def test_once_out_of_date_the_pages_say_so(nginx, var, library):
    tag = nginx.ask("/en/")[1]["Etag"]
    work = var.parent / "later"
    work.mkdir()
    work.chmod(0o755)
    faked = {"LD_PRELOAD": str(library), "FAKETIME": "+200s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    with front_server(work, var, **faked) as later:
        web = ours(var, age=200)
        for path in paths(var):
            same(later, web, path, accept_encoding="gzip")
        assert b"This page has not been refreshed for a while" in later.ask("/en/")[2]
        assert b'"fresh":false' in later.ask("/freshness.json")[2]
        assert later.ask("/en/", if_none_match=tag)[0] == 200


def test_what_is_secret_stays_so(nginx, var):
    for name in ("jasno.db", "secret_key", "engine.json", "published/publication.bin"):
        assert (var / name).is_file()
        assert as_www_data("cat", str(var / name)) != 0, name
    for folder in (var, var / "published"):
        assert as_www_data("ls", str(folder)) != 0, folder
    for path in (
        "/../publication.bin",
        "/%2e%2e/publication.bin",
        "/../../jasno.db",
        "/publication.bin",
        "/valid/",
    ):
        assert nginx.ask(path)[0] in {400, 503}, path


def test_what_only_the_portal_has_is_503_with_a_page_and_a_time(nginx):
    for method, path in (
        ("GET", "/check"),
        ("POST", "/check"),
        ("GET", "/api/diagnoses/x"),
        ("POST", "/"),
    ):
        body = b"a=b" if method == "POST" else None
        status, headers, page = nginx.ask(path, method, body, accept_language="cs")
        assert (status, headers["Retry-After"]) == (503, "30"), path
        assert "Tato stránka teď není dostupná" in page.decode(), path
    assert b"This page is not available right now" in nginx.ask("/check")[2]


def test_scripts_of_other_sites_may_ask_before_they_read(nginx, var):
    status, headers, _ = nginx.ask("/api/v2/summary.json", "OPTIONS", origin="https://a.example")
    wanted = ours(var).options("/api/v2/summary.json")
    assert status == wanted.status_code == 204
    for name in ("Access-Control-Allow-Origin", "Access-Control-Allow-Methods"):
        assert headers[name] == wanted.headers[name]
    assert nginx.ask("/", "OPTIONS")[0] == 503  # a page is for nobody else's scripts


def test_plain_http_leads_to_https_on_both_families(nginx):
    for host in ("127.0.0.1", "::1"):
        assert nginx.ask_plainly("/history?a=b", host) == (
            308,
            "https://status.example.com/history?a=b",
        )


def test_styles_come_from_the_program_folder(nginx):
    status, headers, body = nginx.ask("/static/app.css", accept_encoding="gzip")
    assert (status, headers["Content-Encoding"]) == (200, "gzip")
    assert b"--" in gzip.decompress(body)


class Echo(http.server.BaseHTTPRequestHandler):
    """A portal that says what reached it."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        message = f"{self.command} {self.path} {self.headers['X-Forwarded-For']} {self.headers['Host']} {body}"
        self.send_response(503 if self.path == "/busy" else 200)
        self.end_headers()
        self.wfile.write(message.encode())

    def log_message(self, *_):
        pass


def test_a_living_portal_gets_the_rest_and_is_believed(nginx):
    portal = http.server.ThreadingHTTPServer(("127.0.0.1", nginx.portal), Echo)
    threading.Thread(target=portal.serve_forever, daemon=True).start()
    try:
        message = "POST /check?a=b 127.0.0.1 status.example.com b'x=y'"
        status, headers, body = nginx.ask("/check?a=b", "POST", b"x=y")
        assert (status, body.decode()) == (200, message)
        assert "Cache-Control" not in headers  # ours go through as they are
        assert nginx.ask("/busy", "POST", b"")[:1] == (503,)
        assert b"POST /busy" in nginx.ask("/busy", "POST", b"")[2]
        long = b"x" * 2_000_000  # what a job wrote may be as long as that, a form may not
        assert nginx.ask("/ping/5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278/1", "POST", long)[0] == 200
        assert nginx.ask("/check", "POST", long)[0] == 413
    finally:
        portal.shutdown()
        portal.server_close()
