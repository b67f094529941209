"""Every route and every token as each of the cast: who sees what, who changes nothing, and what a
stranger with a link, an ETag or an old cookie learns. On the real application."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from accounts.model import NOBODY
from db.metadata import metadata
from diagnostics.model import Scope
from tests.hostile_fixtures import ACCOUNT, DOMAIN, Browser, Fort, fort_in, harms

# Mara's: what she typed, what the panel told, what she and the agents wrote, her address.
SECRETS = ("hush-hush", "/www/cafe", "oven is cold", "between us only", "mara@people", "web7")
HERS = SECRETS[:3]
COUNTED = [
    t
    for t in metadata.sorted_tables
    if not t.name.startswith(("web_", "accounts_sessions", "accounts_audit", "jobs"))
]
FULL = {  # whatever a form may need, so that nothing but the person is wrong with it
    "go": "new",
    "text": "mine now",
    "key": "k",
    "outcome": "first_contact",
    "days": "7",
    "subject": DOMAIN,
    "symptom": "site_down",
    "runs": "3",
    "message": "hello",
    "consent": "",
    "title-en": "Taken over",
    "text-en": "By Zed.",
    "state": "resolved",
    "parts": "web1",
    "condition": "operational",
    "hours": "1",
    "reason": "because",
    "target": "mail.cafe",
    "starts_at": "2026-02-01T10:00",
    "ends_at": "2026-02-01T11:00",
    "since": "today",
}


@pytest.fixture(scope="module")
def fort(_sqlite_template, tmp_path_factory):
    with fort_in(tmp_path_factory.mktemp("fort"), _sqlite_template) as new_fort:
        note = {"text": "between us only", "go": "note", "key": "n1"}
        new_fort.browser("ben").post(f"/desk/tickets/{new_fort.ticket}/reply", note)
        yield new_fort


def stored_rows(fort) -> dict[str, object]:
    """How many rows each table has, and the things somebody may want to change."""
    with fort.rooms.ctx.db.read() as conn:
        rows = {t.name: conn.execute(select(func.count()).select_from(t)).scalar() for t in COUNTED}
    ticket = fort.rooms.tickets.store.ticket(fort.ticket)
    incident = fort.rooms.status.incidents.get(fort.incident)
    return {
        **rows,
        "ticket": ticket,
        "incident": incident,
        "runs": fort.rooms.wizard.runs.count_waiting(),
    }


# ------------------------------------------------------------------ reading
@pytest.mark.parametrize("name", ["", "zed"], ids=["nobody", "zed"])
def test_a_stranger_reads_nothing_of_hers(fort, name) -> None:
    browser = fort.browser(name)
    for method, rule in fort.routes():
        if method != "GET":
            continue
        answer = browser.get(fort.fill(rule))
        assert [s for s in SECRETS if s in answer.text] == [], rule
        assert not [h for h in harms(answer) if h != "status 503"], rule
        private = rule.startswith(("/desk", "/ops", "/tickets/<"))
        if private and name:
            assert answer.status_code in (403, 404), rule
        elif private:
            assert answer.status_code == 303, rule
            assert answer.headers["Location"].startswith("/sign-in?next=/"), rule


@pytest.mark.parametrize(
    ("name", "reads", "not_hers"),
    [
        ("mara", ("oven is cold", "/www/cafe"), ("between us only",)),
        ("tomas", ("oven is cold", "/www/cafe"), ("between us only",)),
        ("vera", ("/www/cafe",), ("between us only", "oven is cold")),
        ("ben", ("oven is cold", "/www/cafe", "between us only"), ()),
    ],
)
def test_each_of_the_others_reads_what_is_theirs(fort, name, reads, not_hers) -> None:
    browser = fort.browser(name)
    rules = [rule for method, rule in fort.routes() if method == "GET"]
    text = "".join(browser.get(fort.fill(rule)).text for rule in rules)
    assert [s for s in reads if s not in text] == []
    assert [s for s in not_hers if s in text] == []


def test_an_agent_is_no_operator_and_a_contact_is_no_agent(fort) -> None:
    for name, rooms in (
        ("ben", ("/ops",)),
        ("vera", ("/ops", "/desk")),
        ("mara", ("/ops", "/desk")),
    ):
        browser = fort.browser(name)
        for method, rule in fort.routes():
            if rule.startswith(rooms):
                path = fort.fill(rule)
                answer = browser.get(path) if method == "GET" else browser.post(path, FULL)
                assert answer.status_code in (403, 404), (name, method, rule)


# ------------------------------------------------------------------ acting
@pytest.mark.parametrize("name", ["", "zed", "vera"], ids=lambda n: n or "nobody")
def test_whoever_may_not_changes_nothing(fort, name) -> None:
    browser = fort.browser(name)
    open_ = ("/api/explain", "/api/lost-mail")  # tells anybody, keeps nothing
    mine = ("/sign-", "/check", "/api/diagnoses", "/tickets/new", *open_)
    theirs = ("/r/",) if name == "vera" else ()  # a contact of the account may act on its runs
    before = stored_rows(fort)
    for method, rule in fort.routes():
        if method == "POST" and not rule.startswith((*mine, *theirs)):
            answer = browser.post(fort.fill(rule), FULL)
            refused = (200, 401, 403, 404, 422) if "/subscribe/" in rule else (401, 403, 404, 422)
            assert answer.status_code in refused, (rule, answer.status_code)
            assert [s for s in SECRETS if s in answer.text] == [], rule
    assert stored_rows(fort) == before


def test_an_agent_changes_nothing_of_the_operators(fort) -> None:
    before = stored_rows(fort)
    for method, rule in fort.routes():
        if method == "POST" and rule.startswith("/ops"):
            assert fort.browser("ben").post(fort.fill(rule), FULL).status_code == 403, rule
    assert stored_rows(fort) == before


def test_zed_writes_no_ticket_into_an_account_of_hers(fort) -> None:
    form = {
        "go": "new",
        "filled": "1",
        "category": "web",
        "service": DOMAIN,
        "text": "Give it to me",
    }
    sent = fort.browser("zed").post(
        "/tickets/new", {**form, "account": ACCOUNT, "run": fort.run_token, "work": "change"}
    )
    if sent.status_code == 303:
        ticket = fort.rooms.tickets.store.ticket(
            sent.headers["Location"].split("/")[-1].split("?")[0]
        )
        assert (ticket.draft.account, ticket.draft.run) == ("", "")
        assert not ticket.draft.consents.get("may_change")
    else:
        assert sent.status_code == 422
    assert "Give it to me" not in fort.browser("mara").get("/tickets").text


def test_the_scope_of_a_run_follows_from_the_session_alone(fort) -> None:
    client = fort.browser("zed").client
    fort.clock.advance(timedelta(hours=1))
    for body in ({"target": DOMAIN}, {"target": f"https://{DOMAIN}/?account={ACCOUNT}"}):
        report_path = client.post("/api/diagnoses?scope=staff&account=A-1", json=body).headers[
            "Location"
        ]
        run = fort.rooms.wizard.runs.by_token(report_path.split("/")[-1])
        assert (run.scope, run.account) == (Scope.PUBLIC, "")
    posted = fort.browser("zed").post("/check", {**FULL, "target": DOMAIN, "scope": "staff"})
    run = fort.rooms.wizard.runs.by_token(posted.headers["Location"].split("/")[-1])
    assert (run.scope, run.account) == (Scope.PUBLIC, "")


def test_a_link_gives_zed_no_more_than_anybody(fort) -> None:
    """Mara's link, run by Zed: public scope, and Mara's ticket stays closed to him."""
    zed = fort.browser("zed")
    begun = zed.post(f"/invite/{fort.invite}", {"consent": "1"})
    run = fort.rooms.wizard.runs.by_token(begun.headers["Location"].split("/")[-1])
    assert (run.scope, run.account, run.person) == (Scope.PUBLIC, "", "zed")
    assert zed.get(f"/tickets/{fort.ticket}").status_code == 404
    assert zed.get(f"/desk/runs/{run.id}").status_code == 403


# ------------------------------------------------------------------ links, tags and fragments
def test_a_tag_from_the_full_view_opens_nothing(fort) -> None:
    """ETags differ by view, and one of the other view is never "not modified"."""
    mara, zed = fort.browser("mara"), fort.browser("zed")
    for end in (".json", "/progress"):
        path = f"/r/{fort.run_token}{end}"
        full, public = mara.get(path), zed.get(path)
        assert full.headers["ETag"] != public.headers["ETag"]
        assert "/www/cafe" not in public.text
        given = {"If-None-Match": full.headers["ETag"]}
        assert zed.get(path, headers=given).status_code == 200
        assert mara.get(path, headers=given).status_code == 304


def test_a_run_under_way_tells_a_stranger_nothing_private(fort) -> None:
    run, token = fort.private_run(over=False)
    for path in (f"/r/{token}", f"/r/{token}/progress", f"/r/{token}.json", f"/r/{token}/evidence"):
        for name in ("", "zed"):
            text = fort.browser(name).get(path).text
            assert [s for s in (*SECRETS, run.id) if s in text] == [], path
    assert fort.browser("").get(f"/api/diagnoses/{token}").json["scope"] == "public"


def test_a_share_link_reads_and_ends(fort) -> None:
    _, share = fort.rooms.wizard.runs.share(fort.run.id, timedelta(days=1))
    for name in ("", "zed", "mara", "olu"):  # read-only and public for everybody
        browser = fort.browser(name)
        for path in (
            f"/r/{share}",
            f"/r/{share}.json",
            f"/r/{share}/evidence",
            f"/api/diagnoses/{share}",
        ):
            answer = browser.get(path)
            assert answer.status_code == 200
            assert [s for s in HERS if s in answer.text] == [], (name, path)
        for act in ("again", "share", "answers", "shares/1/revoke"):
            assert browser.post(f"/r/{share}/{act}", FULL).status_code == 404
    fort.clock.advance(timedelta(days=1, seconds=1))
    for path in (f"/r/{share}", f"/r/{share}.json", f"/api/diagnoses/{share}"):
        assert fort.browser().get(path).status_code == 404


def test_tokens_do_not_stand_for_one_another(fort) -> None:
    browser = fort.browser("zed")
    for token in (fort.run_token, fort.share, fort.invite, fort.run.id, fort.run.token_hash):
        places = {f"/r/{token}", f"/invite/{token}", f"/api/diagnoses/{token}", f"/tickets/{token}"}
        right = {f"/r/{token}", f"/api/diagnoses/{token}"} if token in (fort.run_token, fort.share) else (
            {f"/invite/{token}"} if token == fort.invite else set())  # fmt: skip
        for path in places - right:
            assert browser.get(path).status_code == 404, path
        kept = browser.get(f"/tickets/new?kept={token}&run={token}").text
        assert [s for s in SECRETS if s in kept] == []


# ------------------------------------------------------------------ cookies
@pytest.fixture
def safe(sqlite_url, tmp_path):
    fort = Fort(tmp_path, sqlite_url, url="https://portal.example")
    yield fort
    fort.close()


def test_cookies_behind_https_are_locked(safe) -> None:
    browser = Browser(safe)
    browser.sign_in("mara")
    answer = browser.post("/check?lang=cs", {"target": DOMAIN, "symptom": "site_down"})
    assert answer.status_code == 303
    assert answer.headers["Strict-Transport-Security"]
    cookies = {c.key: c for c in browser.client._cookies.values()}
    assert {"__Host-jasno_session", "__Host-jasno_csrf", "jasno_asker"} <= set(cookies)
    for cookie in cookies.values():
        assert cookie.secure, cookie.key
        opens_nothing = (cookie.key, cookie.value) == ("jasno_signed_in", "1")
        assert cookie.http_only or opens_nothing, cookie.key
        assert cookie.same_site == "Lax", cookie.key
        assert cookie.path == "/", cookie.key


def test_a_planted_session_is_not_taken_over_and_an_ended_one_is_dead(safe) -> None:
    browser = Browser(safe)
    host = {"domain": "portal.example", "secure": True}
    browser.client.set_cookie("__Host-jasno_session", "planted-by-zed-planted-by-zed", **host)
    browser.sign_in("mara")
    token = browser.client.get_cookie("__Host-jasno_session", "portal.example").value
    assert token != "planted-by-zed-planted-by-zed"
    assert safe.rooms.accounts.store.visitor("planted-by-zed-planted-by-zed") == NOBODY
    assert browser.get("/me").status_code == 200
    browser.post("/sign-out")
    browser.client.set_cookie("__Host-jasno_session", token, **host)
    assert browser.get("/me").status_code == 303
    assert token not in (safe.rooms.ctx.var.parent / "jasno.db").read_bytes().decode("latin-1")
