"""Requests that no browser sends: methods, bodies, headers, names and floods. Each gets a short,
clear answer, and nothing of it reaches a log as it came."""

from __future__ import annotations

import io
import logging
from datetime import timedelta

import pytest
from sqlalchemy import update

from accounts.sign_in_limits import PER_ACCOUNT, PER_ASKER
from db.tables.diagnostics import runs
from tests.hostile_fixtures import fort_in, harms
from web.logs.redaction import RedactingFormatter

DEEP = 100_000
JSON = "application/json"
# Programs call these; mail programs leave with one POST that carries no form (RFC 8058).
WITHOUT_FORM = ("/api/", "/heartbeat/", "/ping/", "/subscribe/<token>/leave")


@pytest.fixture
def ruin(_sqlite_template, tmp_path):
    """A fort of one's own, to lose its database."""
    with fort_in(tmp_path, _sqlite_template) as fort:
        yield fort


@pytest.fixture(autouse=True)
def _an_hour_later(fort):
    """What one test has used up of a limit is there again for the next; no run waits."""
    fort.clock.advance(timedelta(hours=1))
    with fort.rooms.ctx.db.write() as conn:
        conn.execute(update(runs).values(state="failed", finished_at=fort.clock.now()))


@pytest.fixture
def log():
    """Everything that standard error would show, as it would show it."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(RedactingFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    yield out
    logging.getLogger().removeHandler(handler)


def calm(answer) -> bool:
    return not [h for h in harms(answer) if h != "status 503"]


# ------------------------------------------------------------------ methods and forms
def test_every_form_is_refused_without_its_token(fort) -> None:
    """As Olu, who may do most: a page of another site gets nothing done with her cookies."""
    olu = fort.browser("olu")
    for method, rule in fort.routes():
        if method != "POST" or rule.startswith(WITHOUT_FORM):
            continue
        for form in ({}, {"csrf": "0" * 64}, {"csrf": olu.csrf[:-1]}, {"csrf": "é" * 64}):
            answer = olu.client.post(fort.fill(rule), data=form)
            assert answer.status_code == 403, (rule, form, answer.status_code)
            assert "The form has grown old" in answer.text
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.example"},
            {"Origin": "http://localhost.evil.example"},
            {"Origin": "http://localhost:81"},
        ):
            answer = olu.post(fort.fill(rule), headers=headers)
            assert answer.status_code == 403, (rule, headers)
    assert fort.rooms.tickets.store.ticket(fort.ticket).open


def test_the_api_is_closed_to_pages_of_other_sites(fort) -> None:
    client = fort.app.test_client()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        for kind in (JSON, "text/plain", "application/x-www-form-urlencoded"):
            answer = client.post(
                "/api/diagnoses", data=b'{"target":"a.example"}', content_type=kind, headers=headers
            )
            assert answer.status_code == 403
            assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "FOO"])
def test_methods_nobody_offers(fort, method, log) -> None:
    """Programs' calls that do offer one want a token, or a watch of her own, which olu lacks."""
    olu = fort.browser("olu")
    offered = {(m, r.rule) for r in fort.app.url_map.iter_rules() for m in r.methods}
    for _, rule in fort.routes():
        if (method, rule) in offered:
            continue
        answer = olu.client.open(fort.fill(rule), method=method, data={"csrf": olu.csrf})
        refused = (401, 404) if (method, rule) in offered else (403, 405)
        assert answer.status_code in refused, (method, rule, answer.status_code)
        assert calm(answer), (method, rule)
    assert "Traceback" not in log.getvalue()


def test_asking_for_the_head_of_a_form_does_what_looking_at_it_does(fort) -> None:
    """Link scanners ask so; whatever a page does on POST must not happen then."""
    olu = fort.browser("olu")
    for method, rule in fort.routes():
        if method == "POST" and ("GET", rule) in fort.routes():
            seen = {olu.client.open(fort.fill(rule), method=m).status_code for m in ("GET", "HEAD")}
            assert len(seen) == 1, (rule, seen)


# ------------------------------------------------------------------ bodies
BODIES = {
    "nothing": (b"", JSON, 400),
    "not json": (b"{", JSON, 400),
    "binary": (bytes(range(1, 256)) * 40, JSON, 400),
    "nul": (b'{"target": "a\\u0000b.example"}', JSON, 400),
    "utf-16": ('{"target": "a.example"}'.encode("utf-16"), JSON, 400),
    "broken utf-8 in a key": (b'{"targ\xe3t": "a.example"}', JSON, 400),
    "half a surrogate": (b'{"target": "\\ud800.example"}', JSON, 400),
    "deep list": (b"[" * DEEP, JSON, 413),
    "deep value": (b'{"target":' + b"[" * 20_000 + b"]" * 9_000, JSON, 422),
    "deep object": (b'{"target":' * 2_900, JSON, 422),
    "a list": (b"[]", JSON, 422),
    "null": (b"null", JSON, 422),
    "a number": (b'{"target": 1e999}', JSON, 422),
    "unknown key": (b'{"target": "a.example", "scope": "staff"}', JSON, 422),
    "another's account": (b'{"target": "a.example", "account": "A-1"}', JSON, 422),
    "no such symptom": (b'{"target": "a.example", "symptom": "<b>"}', JSON, 422),
    "twice the key": (b'{"target": "a.example", "target": "127.0.0.1"}', JSON, 422),
    "address": (b'{"target": "http://127.0.0.1:22/"}', JSON, 422),
    "long target": (b'{"target": "' + b"a" * 25_000 + b'"}', JSON, 422),
    "too long": (b'{"target": "' + b"a" * 40_000 + b'"}', JSON, 413),
    "ten megabytes": (b"x" * 10_000_000, JSON, 413),
    "ten megabytes of form": (b"target=" + b"x" * 10_000_000, "application/x-www-form-urlencoded", 413),
    "other type": (b'{"target": "a.example"', "text/html", 400),
    "odd type": (b"x", "multipart/form-data", 400),
    "many parts": (
        b"".join(b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' for _ in range(900)),
        "multipart/form-data; boundary=b",
        413,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_bodies_of_the_api(fort, name, log) -> None:
    body, kind, status = BODIES[name]
    answer = fort.app.test_client().post("/api/diagnoses", data=body, content_type=kind)
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == status
    assert calm(answer)
    assert log.getvalue() == ""
    assert fort.rooms.wizard.runs.count_waiting() == 0


@pytest.mark.parametrize("kind", ["", JSON, "text/plain", "multipart/form-data", "x" * 5000])
def test_forms_of_a_wrong_kind(fort, kind, log) -> None:
    olu = fort.browser("olu")
    for path in ("/sign-in", "/check", "/tickets/new", f"/desk/tickets/{fort.ticket}/reply"):
        for body in (b"", b"csrf=" + olu.csrf.encode(), b"\xff" * 3000, b"%" * 3000, b"&" * 3000):
            answer = olu.client.post(path, data=body, content_type=kind)
            assert answer.status_code in (400, 403, 413), (path, kind, answer.status_code)
            assert calm(answer)
    assert "Traceback" not in log.getvalue()


# ------------------------------------------------------------------ headers
@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "evil.example:80", "", "localhost@evil.example", "[::1",
     "127.0.0.2", "localhost, evil.example", "\xff", "a" * 9000],
)  # fmt: skip
def test_other_names_are_not_ours(fort, host) -> None:
    for path in ("/", "/sign-in", "/api/diagnoses", "/static/app.css"):
        answer = fort.app.test_client().get(path, headers={"Host": host})
        assert answer.status_code in (400, 421), (host, path)
        assert not harms(answer)


def test_who_asks_for_another_name_is_told_in_every_language_of_the_site(fort) -> None:
    answer = fort.app.test_client().get("/", headers={"Host": "evil.example"})
    assert answer.mimetype == "text/plain"
    assert set(answer.text.splitlines()) == {
        "We do not answer under this name.",
        "Pod tímto názvem neodpovídáme.",
    }


HEADERS = (
    ("Cookie", "jasno_session=" + "x" * 8000),
    ("Cookie", "jasno_session=\xff\xfe; jasno_csrf=" + "é" * 30 + "; jasno_lang=../x"),
    ("Cookie", ";" * 4000),
    ("Cookie", "jasno_asker=" + "a" * 4000),
    ("Cookie", 'a="\\000\\"; $Version=1; jasno_lang="cs'),
    ("Accept-Language", ",".join(f"x{n};q=0.{n}" for n in range(900))),
    ("Accept-Language", "cs;q=nan, en;q=-1, *;q=1e999, \xff;q=x"),
    ("Accept", ",".join(["a/b;q=9"] * 900)),
    ("Accept", "\xff/\xfe;;;q="),
    ("Accept-Encoding", "br;q=nan, gzip;q=inf, " + "x," * 2000),
    ("If-None-Match", '"' * 4000),
    ("If-None-Match", "*, W/" * 500),
    ("If-Modified-Since", "yesterday"),
    ("Range", "bytes=0-0,1-1,-99999999999999999999"),
    ("Authorization", "Bearer " + "x" * 5000),
    ("Authorization", "Basic \xff"),
    ("X-Forwarded-For", "127.0.0.1, ::1, " * 300),
    ("X-Forwarded-For", "<script>, ::ffff:127.0.0.1%25eth0"),
    ("X-Forwarded-Host", "evil.example"),
    ("X-Forwarded-Proto", "javascript"),
    ("Forwarded", 'for="[::1]";host=evil.example'),
    ("User-Agent", "\x1b[31m" + "x" * 5000),
    ("Referer", "https://evil.example/<script>"),
    ("Content-Length", "-5"),
    ("Content-Length", "9" * 30),
    ("Expect", "200-maybe"),
    ("Sec-Fetch-Site", "x" * 1000),
)


@pytest.mark.parametrize(("name", "value"), HEADERS)
def test_headers(fort, name, value, log) -> None:
    paths = ("/", "/cs/", "/sign-in", "/check", "/me", "/kb", "/kb/search.json?q=dns", "/healthz")
    for path in (*paths, f"/r/{fort.run_token}", f"/invite/{fort.invite}", "/api/diagnoses/none"):
        answer = fort.app.test_client().get(path, headers={name: value})
        assert answer.status_code in (200, 303, 304, 400, 404, 405, 413) or (
            answer.status_code == 503 and path in ("/", "/cs/")
        ), (path, answer.status_code)
        assert "evil.example" not in answer.headers.get("Location", "")
        assert "<script>" not in answer.text
    assert log.getvalue() == ""


def test_a_browser_signing_in_with_strange_headers(fort) -> None:
    """What is kept of a session is clean."""
    mara = fort.browser("mara")
    form = {"email": "mara@people.example", "password": "clear-sky-tests"}
    agent = "\x1b[31mEvil\u202e" + "x" * 5000
    answer = mara.post("/sign-in", form, headers={"User-Agent": agent.encode().decode("latin-1")})
    assert answer.status_code == 303
    kept = {s.agent for s in fort.rooms.accounts.store.sessions("mara")}
    assert all("\x1b" not in agent and len(agent) <= 200 for agent in kept)


# ------------------------------------------------------------------ floods
def flood(fort, count, target=lambda _: "cafe.example", **headers):
    client = fort.app.test_client()
    answers = []
    for n in range(count):
        headers_now = {k.replace("_", "-"): v(n) for k, v in headers.items()}
        answers.append(
            client.post("/api/diagnoses", json={"target": target(n)}, headers=headers_now)
        )
    return answers


def test_a_flood_is_limited_by_asker_whatever_it_says_of_itself(fort) -> None:
    runs, answers = fort.rooms.wizard.runs, []
    for at_once in (8, 8, 4):  # a part of the places at a time, and twenty in all
        more = flood(
            fort,
            60,
            lambda n: f"shop{n}.example",
            X_Forwarded_For=lambda n: f"203.0.113.{n}",
            Cookie=lambda n: f"jasno_asker={'x' * 20}{n}",
            User_Agent=str,
        )
        assert [a.status_code for a in more] == [202] * at_once + [429] * (60 - at_once)
        for run in runs.recent(limit=at_once):
            runs.finish(run.id)
        answers += more
    refused = [a for a in answers if a.status_code == 429]
    for answer in refused:
        assert 1 <= int(answer.headers["Retry-After"]) <= 600
        assert answer.json["type"] == "/problems/too_many"
    fort.clock.advance(timedelta(seconds=int(refused[-1].headers["Retry-After"])))
    assert flood(fort, 1, lambda _: "later.example")[0].status_code == 202


def test_a_crowd_on_one_domain_is_limited_by_target(fort) -> None:
    """Each of them comes from another address; the domain is looked at only so often."""
    client = fort.app.test_client()
    statuses = [
        client.post(
            "/api/diagnoses",
            json={"target": f"www{n}.cafe.example" if n % 2 else "cafe.example"},
            environ_base={"REMOTE_ADDR": f"203.0.113.{n}"},
        ).status_code
        for n in range(30)
    ]
    assert statuses.count(202) == 3
    assert set(statuses) == {202, 503}


def test_a_flood_of_everything_ends_in_a_full_queue(fort) -> None:
    client = fort.app.test_client()
    answers = [
        client.post(
            "/api/diagnoses",
            json={"target": f"shop{n}.example"},
            environ_base={"REMOTE_ADDR": f"203.0.{n}.1"},
        )
        for n in range(80)
    ]
    assert {a.status_code for a in answers} == {202, 503}
    assert fort.rooms.wizard.runs.count_waiting() == 40
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_guessing_passwords_is_slowed_down_by_address_and_by_account(fort) -> None:
    browser = fort.browser()

    def tries(number, address, email):
        form = {"csrf": browser.csrf, "password": "a wrong guess"}
        return [
            browser.client.post(
                "/sign-in",
                data={**form, "email": email(n)},
                headers={"X-Forwarded-For": f"10.0.0.{n}"},
                environ_base={"REMOTE_ADDR": address(n)},
            ).status_code
            for n in range(number)
        ]

    many = tries(
        PER_ACCOUNT.count + 9, lambda n: f"198.51.100.{n}", lambda _: "mara@people.example"
    )
    assert set(many) == {422}
    assert len(fort.slowed) == 9, "slowed down, not refused: it may be Mara herself"
    tried = tries(
        PER_ASKER.count + 9, lambda _: "203.0.113.9", lambda n: f"guest{n}@people.example"
    )
    assert (tried.count(422), tried.count(429)) == (PER_ASKER.count, 9)


# ------------------------------------------------------------------ what the log says
def test_no_token_and_no_forged_line_in_the_log(ruin, log) -> None:
    """The database goes away; every request is logged, none of it verbatim."""
    (ruin.rooms.ctx.var.parent / "jasno.db").rename(ruin.rooms.ctx.var.parent / "gone.db")
    client = ruin.app.test_client()
    forged = "/kb/%0aERROR%20jasno:%20all%20is%20lost"
    paths = (f"/r/{ruin.run_token}", f"/r/{ruin.share}.json", f"/invite/{ruin.invite}", forged)
    for path in (*paths, f"/api/diagnoses/{ruin.run_token}", f"/r/{ruin.run_token}/progress"):
        answer = client.get(path, headers={"Cookie": f"jasno_session={'s' * 40}"})
        assert answer.status_code in (400, 404, 503), path
        assert calm(answer), path
    output = log.getvalue()
    for secret in (ruin.run_token, ruin.share, ruin.invite, "s" * 40):
        assert secret not in output
    assert all(
        line.startswith(("WARNING jasno", "ERROR jasno.web: G")) for line in output.splitlines()
    )
    assert "\nERROR jasno: all is lost" not in output
