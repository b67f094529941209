"""What happens around every request: headers, forms, problems, languages, limits, health."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_network

import pytest
from flask import Flask, Response, request
from prometheus_client.parser import text_string_to_metric_families

from clock import ManualClock
from db.engine import DatabaseAway, UnavailableReason, connect
from render.exposition import Sample, exposition, exposition_blocks, join_blocks
from render.templates import TemplateRenderer, environment
from web import visitor
from web.install import install
from web.page import page
from web.problems import forbidden, invalid, not_found, sign_in_needed, too_many
from web.rate_limits import Limiter, Rate
from web.security import BODY_REFUSED
from web.site import AnonymousVisitor, Plumbing, Site
from web.store import SharedBuckets


@dataclass(frozen=True)
class Mara:
    id: str = "mara"
    email: str = "mara@shop.example"
    name: str = "Mara"
    lang: str = "cs"

    def is_staff(self):
        return False

    def is_operator(self):
        return False


def who(request):
    if request.cookies.get("who") == "mara":
        return AnonymousVisitor(person=Mara())
    if request.cookies.get("who") == "away":
        raise DatabaseAway(UnavailableReason.UNREACHABLE)
    return AnonymousVisitor()


def build(**changes):
    clock = ManualClock()
    parts = Plumbing(
        site=Site(name="Skyhost", url="http://status.example"),
        pages=TemplateRenderer(environment()),
        secret=b"s" * 32,
        clock=clock,
        limiter=Limiter(clock),
        visitor=who,
        trusted_proxies=(ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32")),
        checks={"database": lambda: "", "engine": lambda: ""},
    )
    app = Flask("jasno-test", static_folder=None)
    install(app, replace(parts, **changes))
    raises = {
        "missing": not_found(),
        "forbidden": forbidden(),
        "private": sign_in_needed(),
        "field": invalid({"domain": "This is not a domain."}),
        "often": too_many(timedelta(seconds=30)),
        "database": DatabaseAway(UnavailableReason.LOCKED),
        "bug": ValueError("secret detail"),
    }

    @app.route("/<name>", methods=["GET"])
    @app.route("/api/<name>", methods=["GET"])
    def any_of(name):
        if name in raises:
            raise raises[name]
        return page("problem.html", problem=not_found())

    @app.post("/act")
    @app.post("/api/act")
    def act():
        return "done"

    @app.post("/api/echo")
    def echo():
        return request.get_data(cache=False)

    @app.get("/r/<token>")
    def report(token):
        answer = Response("report")
        answer.headers["Cache-Control"] = "public"
        return answer

    @app.get("/address")
    def address():
        return f"{visitor.address()} {visitor.rate_limit_key()}"

    return app


@pytest.fixture
def web():
    return build().test_client()


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/missing", 404, "There is nothing here"),
        ("/nowhere/at/all", 404, "There is nothing here"),
        ("/forbidden", 403, "This is not open to you"),
        ("/field", 422, "This is not a domain."),
        ("/often", 429, "Try again in 30 seconds"),
        ("/database", 503, "The status page keeps working"),
        ("/bug", 500, "Something broke on our side"),
    ],
)
def test_people_get_a_page_with_a_way_on(web, path, status, message):
    answer = web.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert message in answer.text
    assert 'href="/check"' in answer.text
    assert "secret detail" not in answer.text


@pytest.mark.parametrize(
    ("refused", "status", "message"),
    [("busy", 503, "Právě teď přichází hodně formulářů"), ("late", 408, "Formulář nedorazil celý")],
)
def test_a_form_that_was_not_taken_ends_in_a_page_in_the_readers_language(
    web, refused, status, message
):
    czech = {"Accept": "text/html", "Accept-Language": "cs"}
    answer = web.post("/any", headers=czech, environ_base={BODY_REFUSED: refused})
    assert answer.status_code == status
    assert message in answer.text
    assert answer.headers["Connection"] == "close"
    document = web.post("/api/any", environ_base={BODY_REFUSED: refused}).json
    assert document["type"] == f"/problems/{refused}"


@pytest.mark.parametrize(
    ("path", "status", "id"),
    [
        ("/api/missing", 404, "not_found"),
        ("/api/private", 401, "sign_in_needed"),
        ("/api/often", 429, "too_many"),
        ("/api/database", 503, "away"),
        ("/api/bug", 500, "broken"),
    ],
)
def test_programs_get_a_problem_document(web, path, status, id):
    answer = web.get(path)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert (answer.json["type"], answer.json["status"]) == (f"/problems/{id}", status)
    if status in (429, 503):
        assert int(answer.headers["Retry-After"]) >= 1


def test_the_wrong_method_names_the_right_ones(web):
    answer = web.delete("/api/act")
    assert answer.status_code == 405
    assert {"POST"} <= set(answer.headers["Allow"].split(", "))


def test_fields_are_named_in_the_document(web):
    answer = web.get("/api/field")
    assert answer.json["errors"] == [{"field": "domain", "detail": "This is not a domain."}]


def test_a_stranger_is_led_to_the_sign_in_and_back(web):
    answer = web.get("/private?x=1&y=/%0d%0a")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in?next=/private%3Fx%3D1%26y%3D")


def test_the_page_stands_when_nobody_can_be_looked_up(web):
    web.set_cookie("who", "away")
    answer = web.get("/page")
    assert answer.status_code == 503
    assert "The status page keeps working" in answer.text


def test_every_answer_carries_the_headers(web):
    for path in ("/page", "/missing", "/bug", "/healthz"):
        headers = web.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in headers
    secure = build(site=Site(url="https://status.example")).test_client()
    assert "Strict-Transport-Security" in secure.get("/page").headers


def test_pages_with_a_token_leave_no_trace(web):
    headers = web.get("/r/abcdefghijkl").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in headers["X-Robots-Tag"]


def test_a_script_or_style_inside_our_pages_is_none(web):
    text = web.get("/missing").text
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", text)


# ------------------------------------------------------------------ forms
def form_token(web):
    web.set_cookie("who", "mara")
    return re.search(r'name="csrf" value="(\w+)"', web.get("/page").text)[1]


def test_our_own_form_is_accepted(web):
    token = form_token(web)
    assert web.post("/act", data={"csrf": token}).text == "done"
    same = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert web.post("/act", data={"csrf": token}, headers=same).text == "done"


@pytest.mark.parametrize(
    ("field", "headers"),
    [
        ("", {}),
        ("0" * 64, {}),
        ("žluť", {}),
        ("ours", {"Origin": "http://evil.example"}),
        ("ours", {"Origin": "null"}),
        ("ours", {"Sec-Fetch-Site": "cross-site"}),
        ("ours", {"Sec-Fetch-Site": "same-site"}),
    ],
)
def test_another_sites_form_is_refused(web, field, headers):
    token = form_token(web)
    answer = web.post(
        "/act?lang=en", data={"csrf": token if field == "ours" else field}, headers=headers
    )
    assert answer.status_code == 403
    assert "The form has grown old" in answer.text


def test_a_token_without_its_cookie_is_refused(web):
    token = form_token(web)
    web.delete_cookie("jasno_csrf")
    assert web.post("/act", data={"csrf": token}).status_code == 403


def test_programs_need_no_form_field_but_browsers_of_other_sites_are_refused(web):
    assert web.post("/api/act", json={}).text == "done"
    assert (
        web.post("/api/act", json={}, headers={"Origin": "http://evil.example"}).status_code == 403
    )


@pytest.mark.parametrize(
    "sent",
    [
        {"data": {"text": "a\0b"}},
        {"json": {"text": "a\0b"}},
        {"data": b"a\0b", "content_type": "text/plain"},
        {"query_string": {"q": "\0"}},
    ],
)
def test_nul_characters_are_refused(web, sent):
    assert web.post("/api/act", **sent).status_code == 400


def test_a_json_body_sent_as_a_form_is_still_there(web):
    kind = "application/x-www-form-urlencoded"  # what curl -d says
    assert web.post("/api/act", data=b'{"target": "a.example"}', content_type=kind).text == "done"
    echo = web.post("/api/echo", data=b'{"target": "a.example"}', content_type=kind)
    assert echo.data == b'{"target": "a.example"}'


def test_too_much_is_refused(web):
    answer = web.post("/api/act", data={"text": "x" * 1_100_000})
    assert answer.status_code == 413


# ------------------------------------------------------------------ addresses and limits
@pytest.mark.parametrize(
    ("remote", "forwarded", "seen"),
    [
        ("203.0.113.5", "", "203.0.113.5 203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5 203.0.113.5"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1 198.51.100.1"),
        ("127.0.0.1", "1.2.3.4, 198.51.100.1, 10.1.1.1", "198.51.100.1 198.51.100.1"),
        ("127.0.0.1", "rubbish", "127.0.0.1 127.0.0.1"),
        ("::ffff:203.0.113.5", "", "203.0.113.5 203.0.113.5"),
        ("2001:db8:1:2:3::1", "", "2001:db8:1:2:3::1 2001:0db8:0001:0002::/64"),
    ],
)
def test_the_address_is_that_of_the_nearest_stranger(web, remote, forwarded, seen):
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    answer = web.get("/address", headers=headers, environ_base={"REMOTE_ADDR": remote})
    assert answer.text == seen


RATE = Rate(3, timedelta(minutes=1))


def is_admitted(limiter, key, *, shared=False):
    return limiter.wait("runs", key, RATE, shared=shared) == timedelta(0)


def test_a_bucket_fills_again():
    clock = ManualClock()
    limiter = Limiter(clock)
    assert [is_admitted(limiter, "zed") for _ in range(5)] == [True, True, True, False, False]
    assert is_admitted(limiter, "mara")
    clock.advance(timedelta(seconds=21))
    assert [is_admitted(limiter, "zed") for _ in range(2)] == [True, False]


def test_processes_share_buckets_through_the_database(database, clock):
    first, two = (Limiter(clock, SharedBuckets(database)) for _ in range(2))
    allowed = [is_admitted(limiter, "zed", shared=True) for limiter in (first, two, first, two)]
    assert allowed == [True, True, True, False]
    clock.advance(timedelta(days=2))
    assert SharedBuckets(database).forget() == 1


def test_a_limit_is_no_reason_to_fall_with_the_database(sqlite_url, clock, tmp_path):

    gone = Limiter(clock, SharedBuckets(connect(f"sqlite:///{tmp_path}/no.db", clock=clock)))
    assert [is_admitted(gone, "zed", shared=True) for _ in range(4)] == [True, True, True, False]


# ------------------------------------------------------------------ health
def test_anyone_may_ask_whether_we_live_but_not_how_well(web):
    far = {"environ_base": {"REMOTE_ADDR": "203.0.113.5"}}
    assert web.get("/healthz", **far).text == "ok\n"
    assert web.get("/readyz", **far).status_code == 404
    assert web.get("/metrics", **far).status_code == 404
    proxied = {"headers": {"X-Forwarded-For": "203.0.113.5"}}
    assert web.get("/readyz", **proxied).status_code == 404


def test_readiness_names_the_part_that_is_not(web):
    assert web.get("/readyz").json["ready"] is True

    def broken():
        raise OSError("x")

    app = build(checks={"database": lambda: "is locked", "engine": lambda: "", "desk": broken})
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json["parts"]["database"] == {"ok": False, "detail": "is locked"}
    assert answer.json["parts"]["engine"]["ok"] is True
    assert "OSError" in answer.json["parts"]["desk"]["detail"]


@pytest.mark.parametrize("part", ["documents", "probes", "unknown_jobs", "vantages"])
def test_what_another_release_left_is_told_and_sends_nobody_elsewhere(part):
    answer = build(checks={part: lambda: "newer"}).test_client().get("/readyz")
    assert (answer.status_code, answer.json["parts"][part]["ok"]) == (200, False)


def test_a_token_opens_the_metrics_from_afar():
    web = build(metrics_token="let-me-in").test_client()
    far = {"environ_base": {"REMOTE_ADDR": "203.0.113.5"}}
    assert web.get("/metrics", **far).status_code == 404
    wrong = {"Authorization": "Bearer let-me-on"}
    assert web.get("/metrics", headers=wrong, **far).status_code == 404
    right = {"Authorization": "Bearer let-me-in"}
    assert 'jasno_part_ready{part="engine"} 1' in web.get("/metrics", headers=right, **far).text


def test_blocks_of_samples_are_put_together_as_if_they_were_written_at_once():
    samples = [
        Sample("b", 1, (("target", "# HELP c it\n# HELP d"),), "told"),
        Sample("b", 2, (), "told"),
        Sample("a", 3, (("n", "x"),), "first"),
        Sample("c", 4, help="a \\ and\na line"),
        Sample("a", 5, (("n", "y"),), "another help"),
    ]
    blocks = [b for few in (samples[:3], samples[3:], ()) for b in exposition_blocks(few)]
    assert join_blocks(blocks) == exposition(sorted(samples, key=lambda s: s.name))


def test_samples_are_escaped_and_not_rounded():
    samples = [
        Sample("jasno_x", 2, (("n", 'a"b\\c\nd'),), "help"),
        Sample("jasno_at", 1_764_492_317.25, help="a moment"),
        Sample("jasno_x", 3, (("n", "e"),), "help"),
    ]
    text = exposition(samples)
    assert text.count("# HELP jasno_x help\n# TYPE jasno_x gauge\n") == 1
    assert 'jasno_x{n="a\\"b\\\\c\\nd"} 2.0\n' in text
    read = [s for family in text_string_to_metric_families(text) for s in family.samples]
    assert [(s.name, s.labels, s.value) for s in read] == [
        ("jasno_x", {"n": 'a"b\\c\nd'}, 2.0),
        ("jasno_x", {"n": "e"}, 3.0),
        ("jasno_at", {}, 1_764_492_317.25),
    ]
