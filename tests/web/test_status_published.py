"""The published page as a visitor gets it: bytes, headers, languages, age, weight."""

from __future__ import annotations

import gzip
import html
import io
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import brotli
import msgspec
import pytest

from clock import ManualClock
from status.model import Component, Condition, IncidentState
from status.publishing import standby_pages
from status.publishing.publisher import Publisher
from status.state import recurrence
from status.state.statements import PublicStatements
from tests.status_fixtures import AT, MAIL, RACK, SITE, WEB, incident, snapshot, work
from tests.status_fixtures import pages as templates
from web.middleware.published import PublishedMiddleware, publication_message
from web.publication_format import FILE, encode

STATIC = Path(__file__).resolve().parents[2] / "static"


def behind(environ, start):
    start("404 Not Found", [("Content-Type", "text/plain")])
    return [b"behind"]


class Visitor:
    """Asks a Published as a WSGI server would."""

    def __init__(self, folder, clock, **more):
        self.clock = clock
        self.app = PublishedMiddleware(behind, folder, clock, **more)

    def get(self, path, method="GET", **headers):
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": io.BytesIO()}
        environ |= {f"HTTP_{k.upper()}": v for k, v in headers.items()}
        response = {}

        def start(status, headers, exc_info=None):
            names = [k for k, _ in headers]
            assert len(names) == len(set(names)), names
            response.update(status=int(status[:3]), headers=dict(headers))

        self.clock.advance(timedelta(seconds=1))  # so that a new publication is noticed
        body = b"".join(self.app(environ, start))
        return response["status"], response["headers"], body

    def text(self, path, **headers):
        status, _, body = self.get(path, **headers)
        assert status == 200
        return plain(body)


def plain(body: bytes) -> str:
    """What a reader sees: the text without markup."""
    without = re.sub(r"<(script|style)\b.*?</\1>", " ", body.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", without)).split())


@pytest.fixture
def publisher(tmp_path):
    return Publisher(tmp_path / "published", SITE, templates())


@pytest.fixture
def visitor(publisher):
    return Visitor(publisher.folder, ManualClock(AT))


def test_all_is_well_in_one_sentence_with_its_age(publisher, visitor):
    publisher.publish(snapshot())
    status, headers, body = visitor.get("/en/")
    seen = plain(body)
    assert status == 200
    assert headers["Content-Language"] == "en"
    assert "All services work" in seen
    assert "6 Dec 2025, 12:00 UTC" in seen  # since
    assert "15 Jan 2026, 11:59 UTC" in seen  # checked
    assert "Is it only me? Check my service" in seen
    assert body.count(b"<h1") == 1
    assert headers["Jasno-Checked-At"] == "2026-01-15T11:59:40Z"


def test_trouble_says_what_since_when_and_why(publisher, visitor):
    broken = Component("site", "Customer sites", "Hosting", depends_on=("rack",))
    down = Condition.MAJOR_OUTAGE
    words = PublicStatements((incident(),), (work(),))
    publisher.publish(
        snapshot({RACK: down, broken: down, MAIL: Condition.OPERATIONAL}, words=words)
    )
    seen = visitor.text("/en/")
    assert "Some services are down" in seen
    assert "Caused by: Data centre" in seen
    assert "Mail is slow" in seen
    assert "Cause found" in seen
    assert "A disk is failing." in seen
    assert seen.index("A disk is failing.") < seen.index("We look into it.")
    assert "Affected: Mailboxes" in seen
    assert "New switches" in seen
    assert "16 Jan 2026, 12:00 UTC" in seen


def test_czech_readers_get_the_operators_czech_words(publisher, visitor):
    publisher.publish(snapshot(words=PublicStatements((incident(),))))
    seen = visitor.text("/cs/")
    assert "Pošta je pomalá" in seen
    assert "Odchází disk." in seen
    assert "We look into it." in seen  # said in English only


def test_the_language_is_negotiated_or_chosen(publisher, visitor):
    publisher.publish(snapshot())
    for path in ("/", "/history", "/uptime", "/maintenance"):
        _, headers, _ = visitor.get(path, accept_language="cs-CZ,cs;q=0.9,en;q=0.5")
        assert headers["Content-Language"] == "cs"
        assert headers["Vary"] == "Accept-Encoding, Accept-Language, Cookie"
        assert visitor.get(path)[1]["Content-Language"] == "en"
    _, headers, _ = visitor.get("/", accept_language="en", cookie="a=b; jasno_lang=cs")
    assert headers["Content-Language"] == "cs"
    assert headers["Cache-Control"].startswith("private")
    assert headers["Vary"] == visitor.get("/")[1]["Vary"]  # one address, one Vary: caches go by it
    assert visitor.get("/cs", accept_language="en")[1]["Content-Language"] == "cs"
    assert visitor.get("/cs/", accept_language="en")[1]["Vary"] == "Accept-Encoding"


def test_an_unchanged_page_is_304_even_after_new_checks(publisher, visitor):
    publisher.publish(snapshot())
    _, first, body = visitor.get("/en/")
    publisher.publish(replace(snapshot(), checked_at=AT, at=AT + timedelta(seconds=20)))
    status, again, empty = visitor.get("/en/", if_none_match=f'"other", {first["ETag"]}')
    assert (status, empty) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert visitor.get("/en/")[2] != body  # the check time itself has moved
    publisher.publish(snapshot({WEB: Condition.MAJOR_OUTAGE}))
    assert visitor.get("/en/", if_none_match=first["ETag"])[0] == 200


def test_the_same_page_in_every_encoding(publisher, visitor):
    publisher.publish(snapshot())
    _, headers, identity = visitor.get("/en/")
    assert "Content-Encoding" not in headers
    for sent, coding, unpack in (
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("br;q=0, gzip;q=0.5", "gzip", gzip.decompress),
    ):
        _, headers, body = visitor.get("/en/", accept_encoding=sent)
        assert headers["Content-Encoding"] == coding
        assert int(headers["Content-Length"]) == len(body)
        assert unpack(body) == identity
    assert "Content-Encoding" not in visitor.get("/en/", accept_encoding="identity;q=x")[1]


def test_head_is_get_without_a_body(publisher, visitor):
    publisher.publish(snapshot())
    _, full, body = visitor.get("/en/")
    status, headers, empty = visitor.get("/en/", "HEAD")
    assert (status, headers, empty) == (200, full, b"")
    assert int(headers["Content-Length"]) == len(body)
    assert visitor.get("/en/", "POST")[0] == 405


def test_every_page_is_closed_to_foreign_scripts_and_frames(publisher, visitor):
    publisher.publish(snapshot(words=PublicStatements((incident(),), (work(),))))
    for path in ("/", "/en/history", "/en/incidents/abc123def456", "/en/group/hosting"):
        _, headers, body = visitor.get(path)
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert b" style=" not in body
        assert b"<form" not in body
        assert not re.search(rb"<script(?! src=\"/static/jasno.js\")", body)
        assert "Set-Cookie" not in headers


def test_scripts_of_other_sites_may_read_the_data_but_not_the_pages(publisher, visitor):
    publisher.publish(snapshot())
    for path in ("/api/v2/summary.json", "/freshness.json", "/cs/history.json", "/feed.json"):
        headers = visitor.get(path)[1]
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert "ETag" in headers["Access-Control-Expose-Headers"]
        status, allowed, body = visitor.get(path, "OPTIONS")  # before a GET with If-None-Match
        assert (status, body, allowed["Access-Control-Allow-Origin"]) == (204, b"", "*")
        assert "GET" in allowed["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Origin" not in visitor.get("/en/history")[1]
    assert visitor.get("/en/", "OPTIONS")[0] == 405


def test_the_publication_of_an_older_release_is_served_until_there_is_a_new_one(publisher, clock):
    publisher.publish(snapshot())
    (publisher.folder / "publication.bin").rename(publisher.folder / "edition.bin")
    assert publication_message(publisher.folder, clock) == ""
    assert not (publisher.folder / "edition.bin").exists()


def test_an_unknown_document_is_an_empty_404(publisher, visitor):
    publisher.publish(snapshot())
    status, headers, body = visitor.get("/api/v2/subscribers.json")
    assert (status, body) == (404, b"")
    assert headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "path",
    [
        "/../publication.bin", "/en/../../states.json", "/publication.bin", "/states.json", "//", "/en//",
        "/%2e%2e/states.json", "/en/\x00", "/api/v2/../../states.json", "", "/public/index.html",
    ],
)  # fmt: skip
def test_nothing_else_comes_from_the_fast_path(publisher, visitor, path):
    publisher.publish(snapshot())
    status, _, body = visitor.get(path)
    assert body in (b"behind", b"") or path == ""
    assert status in (404, 200)


def test_it_survives_a_lost_publication_and_a_broken_one(publisher, visitor):
    publisher.publish(snapshot())
    before = visitor.get("/en/")[2]
    (publisher.folder / FILE).write_bytes(b"\x93 not a publication")
    assert visitor.get("/en/")[2] == before
    (publisher.folder / FILE).unlink()
    assert visitor.get("/en/")[2] == before
    publisher.publish(snapshot({WEB: Condition.MAJOR_OUTAGE}))
    assert "All services are down" in visitor.text("/en/")


def test_the_publication_of_another_version_is_left_until_the_engine_writes_its_own(
    publisher, visitor, caplog
):
    written = publisher.publish(snapshot())
    before = visitor.get("/en/")[2]
    other = msgspec.structs.replace(written, schema=2, languages=("fr",), files={})
    (publisher.folder / FILE).write_bytes(encode(other))
    assert visitor.get("/en/")[2] == before
    assert visitor.get("/en/")[2] == before
    (line,) = (r.getMessage() for r in caplog.records if r.levelname == "WARNING")
    assert "it is of schema 2 and this version reads 1" in line
    assert Visitor(publisher.folder, visitor.clock).app.ready() == "none"  # as without one
    publisher.publish(snapshot({WEB: Condition.MAJOR_OUTAGE}))
    assert "All services are down" in visitor.text("/en/")


def test_before_the_first_publication_readers_are_told_to_wait(tmp_path):
    waiting = standby_pages.waiting_pages(SITE, templates())
    visitor = Visitor(tmp_path, ManualClock(AT), waiting=waiting)
    status, headers, body = visitor.get("/")
    assert status == 503
    assert headers["Retry-After"] == "2"
    assert "being prepared" in plain(body)
    assert visitor.get("/check")[2] == b"behind"
    assert visitor.app.ready() == "none"


def test_the_states_of_the_page_itself(publisher, visitor):
    publisher.publish(snapshot({}))
    assert "Nothing is watched yet" in visitor.text("/en/")
    publisher.publish(snapshot({WEB: Condition.NO_DATA}))
    seen = visitor.text("/en/")
    assert "We have only begun to look" in seen
    assert "All services work" not in seen
    assert "No uptime yet" in seen
    publisher.publish(snapshot(cut_off=True))
    seen = visitor.text("/en/")
    assert "our own connection is down" in seen
    assert "All services work" not in seen


def test_days_without_data_are_drawn_as_such_and_listed(publisher, visitor):
    publisher.publish(snapshot({WEB: Condition.OPERATIONAL}))
    body = visitor.get("/en/")[2].decode()
    letters = re.search(r'data-days="([a-z]+)"', body)[1]
    assert len(letters) == 90
    assert set(letters) == {"o", "n"}
    chart = re.search(r"<svg viewBox[^>]*>(.*?)</svg>", body)[1]
    assert chart.count("<path") == 2  # one path a condition, not one a day
    assert 'data-state="no_data"' in chart
    assert "18 October 2025 to 5 December 2025 No data" in plain(body.encode())


def test_history_and_permalinks(publisher, visitor):
    old = incident(id="old000000000", state=IncidentState.RESOLVED, resolved_at=AT)
    publisher.publish(snapshot(words=PublicStatements((incident(), old))))
    seen = visitor.text("/en/history")
    assert "January 2026" in seen
    assert seen.count("Mail is slow") == 2
    assert "2 hours" in visitor.text("/en/incidents/old000000000")
    assert "We are working on it" in visitor.text("/incidents/abc123def456")
    assert visitor.get("/en/incidents/nosuchincident")[2] == b"behind"
    for folder in ("/en/history/", "/uptime/"):  # as a static copy names them
        assert visitor.get(folder)[1]["Location"] == folder.rstrip("/")


def test_planned_work_is_past_only_when_it_is_over(publisher, visitor):
    at = AT
    began = at - timedelta(days=8)
    series = work(rrule="FREQ=WEEKLY", starts_at=began, ends_at=began + timedelta(hours=2))
    running = work(
        id="run123456789", starts_at=at - timedelta(hours=1), ends_at=at + timedelta(hours=1)
    )
    dates = recurrence.occurrences(series, at)
    assert len(dates) > 5
    publisher.publish(snapshot(words=PublicStatements((), (running, *dates)), at=at))
    text = visitor.get("/en/maintenance")[2].decode()
    coming, _, past = text.partition('id="past"')
    assert coming.count('class="card" id="work12345678-') == 2  # of a series the next two
    ahead = [w.id for w in dates if w.ends_at > at]
    assert all(coming.count(f'id="{item}"') == 1 for item in ahead)  # where feeds lead to
    assert past.count("Finished</span></div>") == past.count('class="card" id=') > 0
    assert "The work has begun." in coming


def test_an_incident_says_what_each_entry_did_to_services(publisher, visitor):
    publisher.publish(snapshot(words=PublicStatements((incident(),))))
    page = visitor.text("/en/incidents/abc123def456")
    assert "A disk is failing. Slow or unstable: Mailboxes" in page


def test_uptime_states_the_rule(publisher, visitor):
    publisher.publish(snapshot({WEB: Condition.MAJOR_OUTAGE}))
    seen = visitor.text("/en/uptime")
    assert "a partial outage as 30% of one" in seen
    assert re.search(r"99\.\d+%", seen)


def test_hostile_words_stay_words(publisher, visitor):
    evil = "<script>alert(1)</script>"
    bad = Component("x", evil, evil, evil)
    words = PublicStatements((incident(title={"en": evil}, components=("x",)),))
    publisher.publish(snapshot({bad: Condition.OPERATIONAL}, words=words))
    for path in ("/en/", "/en/history", "/en/incidents/abc123def456", "/history.atom"):
        assert b"<script>" not in visitor.get(path)[2]


def test_the_icon_shows_the_state(publisher, visitor):
    publisher.publish(snapshot())
    good = visitor.get("/favicon.svg")
    publisher.publish(snapshot({WEB: Condition.MAJOR_OUTAGE, MAIL: Condition.OPERATIONAL}))
    bad = visitor.get("/favicon.svg")
    assert good[1]["Content-Type"] == "image/svg+xml"
    assert good[2] != bad[2]
    red = visitor.get("/favicon-major_outage.svg")[2]
    assert red == bad[2]
    icons = {p: visitor.get(f"/en{p}")[2] for p in ("/", "/group/hosting", "/group/e-mail")}
    assert b'href="/favicon-major_outage.svg"' in icons["/"]
    assert b'href="/favicon-major_outage.svg"' in icons["/group/hosting"]
    assert b'href="/favicon-operational.svg"' in icons["/group/e-mail"], "it shows its own state"


def test_fifty_components_weigh_at_most_twenty_kilobytes(publisher, visitor):
    parts = {
        Component(f"c{n}", f"Web server {n}", f"Group {n % 5}", f"Sites on server {n}"): (
            list(Condition)[n % 5]
        )
        for n in range(50)
    }
    publisher.publish(snapshot(parts, words=PublicStatements((incident(),), (work(),))))
    page = visitor.get("/en/", accept_encoding="br")[2]
    rest = [brotli.compress((STATIC / n).read_bytes()) for n in ("app.css", "jasno.js")]
    assert len(page) + sum(len(r) for r in rest) <= 20_000


def test_many_components_are_folded_into_their_groups(publisher, visitor):
    parts = {
        Component(f"c{n}", f"Server {n}", f"Group {n % 3}"): Condition.OPERATIONAL
        for n in range(60)
    }
    publisher.publish(snapshot(parts))
    body = visitor.get("/en/")[2]
    assert body.count(b"data-days=") == 3
    assert b"Server 7<" not in body
    assert "Server 7" in visitor.text("/en/group/group-1")


def test_headings_that_look_alike_have_their_own_pages(publisher, visitor):
    parts = {
        Component("a", "First", "Služby"): Condition.OPERATIONAL,
        Component("b", "Second", "Sluzby"): Condition.OPERATIONAL,
    }
    publisher.publish(snapshot(parts))
    assert "First" in visitor.text("/en/group/sluzby")
    assert "Second" in visitor.text("/en/group/sluzby-2")


def test_a_full_disk_leaves_the_last_publication_standing(publisher, visitor):
    publisher.publish(snapshot())
    before = visitor.get("/en/")[2]
    (publisher.folder / f".{FILE}.{__import__('os').getpid()}").mkdir()  # writing now fails
    with pytest.raises(OSError):
        publisher.publish(snapshot({WEB: Condition.MAJOR_OUTAGE}))
    assert visitor.get("/en/")[2] == before
