"""The wizard and the report as readers meet them, and what Zed sees of somebody else's."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from db.engine import connect
from db.tables.diagnostics import runs
from diagnostics.model import Missing, RunState, Scope
from tests.checks_fixtures import Scene, hop
from tests.desk_fixtures import ACCOUNT
from tests.diagnostics_rooms import DOMAIN, Incident, Rooms, full_disk, words
from web.rate_limits import Rate
from wizard.runs.limits import RunCapacity, RunLimits


# ---------------------------------------------------------------- the wizard
def test_the_box_offers_the_shipped_symptoms(rooms) -> None:
    page = rooms.browser().get("/check")
    assert page.status_code == 200
    page_text = words(page)
    for text in ("My website does not open", "Mail does not arrive", "Something else"):
        assert text in page_text
    assert page.text.count("<h1") == 1


def test_a_known_incident_is_told_first(rooms) -> None:
    rooms.open_incident = Incident()
    page_text = words(rooms.browser().get("/check"))
    assert page_text.index("Storage is slow") < page_text.index("What happens?")


@pytest.mark.parametrize("target", ["", "192.0.2.1", "com", "it is broken", "x" * 25_000])
def test_a_refused_text_comes_back_with_the_reason(rooms, target) -> None:
    page = rooms.browser().post("/check", {"target": target, "symptom": "site_down"})
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text
    assert rooms.store.recent() == ()


def test_names_in_a_pasted_text_can_be_chosen(rooms) -> None:
    text = "cafe.example refused by mx.other.test"
    page = rooms.browser().post("/check", {"target": text, "symptom": "mail_not_arriving"})
    assert page.status_code == 422
    assert "/check?target=mx.other.test&amp;symptom=mail_not_arriving" in page.text
    assert ">mx.other.test</textarea>" in rooms.browser().get("/check?target=mx.other.test").text


def test_hostile_text_is_shown_as_text(rooms) -> None:
    page = rooms.browser().post("/check", {"target": "<script>alert(1)</script>"})
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("target", ["аpple.com", "сосо.com"])
def test_a_name_made_to_look_like_another_is_pointed_out(rooms, target) -> None:
    browser = rooms.browser()
    report_path = rooms.begin(browser, target)
    assert "Make sure" in words(browser.get(report_path)) or "letter by letter" in words(
        browser.get(report_path)
    )
    assert "letter by letter" not in words(browser.get(rooms.begin(browser, "háčky.cz")))


def test_an_unknown_symptom_is_refused(rooms) -> None:
    page = rooms.browser().post("/check", {"target": DOMAIN, "symptom": "nonsense"})
    assert page.status_code == 422


def test_a_form_of_another_site_starts_nothing(rooms) -> None:
    page = rooms.browser().client.post("/check", data={"target": DOMAIN})
    assert page.status_code == 403
    assert rooms.store.recent() == ()


def test_too_many_runs_are_refused_with_a_time(sqlite_url, clock) -> None:
    limits = RunLimits(asker=Rate(1, timedelta(minutes=1)))
    rooms = Rooms(connect(sqlite_url, clock=clock), clock, limits)
    browser = rooms.browser()
    rooms.begin(browser)
    page = browser.post("/check", {"target": DOMAIN, "symptom": "site_down"})
    assert page.status_code == 429
    assert page.headers["Retry-After"] == "60"


def test_one_target_is_not_hammered_by_many_askers(sqlite_url, clock) -> None:
    limits = RunLimits(target=Rate(1, timedelta(minutes=1)))
    rooms = Rooms(connect(sqlite_url, clock=clock), clock, limits)
    rooms.begin(rooms.browser())
    form = {"target": DOMAIN, "symptom": "site_down"}
    other = {"environ_base": {"REMOTE_ADDR": "198.51.100.7"}}
    assert rooms.browser().post("/check", form, **other).status_code == 429
    assert rooms.browser("ben").post("/check", form).status_code == 303


def test_strangers_cannot_keep_a_contact_from_their_own_domain(sqlite_url, clock) -> None:
    db = connect(sqlite_url, clock=clock)
    rooms = Rooms(db, clock, RunLimits(target=Rate(1, timedelta(minutes=1))))
    rooms.begin(rooms.browser("zed"))
    form = {"target": DOMAIN, "symptom": "site_down"}
    assert rooms.browser("zed").post("/check", form).status_code == 429
    mara = rooms.browser("mara")
    for _ in range(3):
        rooms.begin(mara)
    db.close()


def test_a_long_queue_asks_to_come_back(sqlite_url, clock) -> None:
    rooms = Rooms(
        connect(sqlite_url, clock=clock), clock, RunLimits(places=RunCapacity(of_strangers=1))
    )
    browser = rooms.browser()
    rooms.begin(browser)
    page = browser.post("/check", {"target": DOMAIN, "symptom": "site_down"})
    assert (page.status_code, page.headers["Retry-After"]) == (503, "30")


# ---------------------------------------------------------------- scope
@pytest.mark.parametrize(
    ("name", "target", "scope", "account"),
    [
        ("", DOMAIN, Scope.PUBLIC, ""),
        ("zed", DOMAIN, Scope.PUBLIC, ""),
        ("mara", DOMAIN, Scope.CONTACT, ACCOUNT),
        ("mara", "elsewhere.example", Scope.PUBLIC, ""),
        ("ben", DOMAIN, Scope.STAFF, ACCOUNT),
    ],
)
def test_scope_comes_from_the_session_never_from_the_request(
    rooms, name, target, scope, account
) -> None:
    form = {"target": target, "symptom": "site_down", "scope": "staff", "account": ACCOUNT}
    answer = rooms.browser(name).post("/check?scope=staff", form)
    run = rooms.run(answer.headers["Location"])
    assert (run.scope, run.account) == (scope, account)


# ---------------------------------------------------------------- progress
def test_progress_needs_no_script(rooms) -> None:
    browser = rooms.browser()
    report_path = rooms.begin(browser)
    page = browser.get(report_path)
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page.text
    assert "next and starts in a moment" in words(page)
    assert "The domain is registered" in words(page)


def test_progress_shows_findings_so_far(rooms) -> None:
    browser = rooms.browser("mara")
    report_path = rooms.begin(browser)
    run = rooms.run(report_path)
    rooms.store.claim(run.id)
    rooms.store.save_item(run.id, full_disk().evidence().items["hosting"])
    page_text = words(browser.get(report_path))
    assert "So far" in page_text
    assert "disk" in page_text
    assert "What we found" not in page_text
    assert browser.get(f"{report_path}.json").json["headline"] is None


def test_the_place_in_the_queue_is_told(rooms, clock) -> None:
    browser = rooms.browser()
    pages = []
    for domain in ("first.example", "further.example", "another.example"):
        pages.append(words(browser.get(rooms.begin(browser, domain))))
        clock.advance(timedelta(seconds=1))
    assert "Your check is next" in pages[1], "further checks do not wait for first ones"
    assert "1 check is before yours" in pages[2]


def test_polling_costs_nothing_while_nothing_changes(rooms) -> None:
    browser = rooms.browser()
    report_path = rooms.begin(browser)
    for path in (f"{report_path}/progress", f"{report_path}.json"):
        first = browser.get(path)
        tag = first.headers["ETag"]
        assert "X-Done" not in first.headers
        again = browser.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
    rooms.store.claim(rooms.run(report_path).id)
    assert browser.get(path, headers={"If-None-Match": tag}).status_code == 200
    rooms.finish(report_path)
    assert browser.get(f"{report_path}/progress").headers["X-Done"] == "1"


def test_answers_to_the_questions_are_kept(rooms) -> None:
    browser = rooms.browser()
    report_path = rooms.begin(browser)
    sent = browser.post(
        f"{report_path}/answers", {"changed": " a plugin ", "evil": "x", "shown": ""}
    )
    assert sent.status_code == 303
    assert rooms.run(report_path).answers == {"changed": "a plugin"}
    assert 'value="a plugin"' in browser.get(report_path).text


# ---------------------------------------------------------------- the report
def test_the_report_says_what_who_why_and_what_to_do(rooms) -> None:
    browser = rooms.browser("mara")
    report_path = rooms.begin(browser)
    rooms.finish(report_path, full_disk())
    page = browser.get(report_path)
    page_text = words(page)
    assert page.status_code == 200
    for text in ("Who has to act:", "Who can fix it", "What to do", "Make room on your disk"):
        assert text in page_text, text
    assert f"/tickets/new?run={rooms.run(report_path).id}" in page.text
    assert "http-equiv" not in page.text
    assert page.text.count("<h1") == 1
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers["X-Robots-Tag"]


def test_experts_find_everything_we_saw(rooms) -> None:
    browser = rooms.browser("mara")
    report_path = rooms.begin(browser)
    rooms.finish(report_path, full_disk())
    assert f"{report_path}/evidence" in browser.get(report_path).text
    page_text = words(browser.get(f"{report_path}/evidence"))
    for text in ("ns1.host.example", "www.cafe.example A", "/www/cafe", "Example Registrar"):
        assert text in page_text, text


def test_a_report_weighs_little(rooms) -> None:
    scene = Scene()
    scene.every_walk(lambda url: (replace(hop(url), excerpt="x" * 65_536),))
    browser = rooms.browser("mara")
    report_path = rooms.begin(browser)
    rooms.finish(report_path, scene)
    assert len(browser.get(report_path).data) < 60_000


def test_records_to_set_can_be_copied(rooms) -> None:
    scene = Scene()
    del scene.zone["www.cafe.example", "A"]
    browser = rooms.browser("mara")
    report_path = rooms.begin(browser)
    rooms.finish(report_path, scene)
    assert 'data-copy="www.cafe.example"' in browser.get(report_path).text


def test_what_could_not_be_checked_is_told_with_its_reason(rooms) -> None:
    scene = Scene(missing={"registration": Missing.LATE})
    browser = rooms.browser("mara")
    report_path = rooms.begin(browser)
    rooms.finish(report_path, scene)
    page_text = words(browser.get(report_path))
    assert "What we could not check, and why" in page_text
    assert "It took too long" in page_text


def test_a_failed_run_says_so(rooms) -> None:
    browser = rooms.browser()
    report_path = rooms.begin(browser)
    rooms.store.finish(rooms.run(report_path).id, RunState.FAILED)
    assert "could not be finished" in words(browser.get(report_path))


def test_a_report_in_czech_has_the_reader_s_language(rooms) -> None:
    browser = rooms.browser("mara")
    report_path = rooms.begin(browser)
    rooms.finish(report_path, full_disk())
    assert browser.get(f"{report_path}?lang=cs").headers["Content-Language"] == "cs"


def test_check_again_marks_what_changed(rooms, clock) -> None:
    browser = rooms.browser("mara")
    report_path = rooms.begin(browser)
    rooms.finish(report_path, full_disk())
    clock.advance(timedelta(minutes=1))
    answer = browser.post(f"{report_path}/again")
    new = answer.headers["Location"]
    run = rooms.run(new)
    assert (run.previous, run.fresh, run.scope) == (rooms.run(report_path).id, True, Scope.CONTACT)
    rooms.finish(new)
    page_text = words(browser.get(new))
    assert "What changed since the last check" in page_text
    assert "Fixed" in page_text


def test_check_again_says_what_still_stands(rooms) -> None:
    browser = rooms.browser("mara")
    report_path = rooms.begin(browser)
    rooms.finish(report_path, full_disk())
    new = browser.post(f"{report_path}/again").headers["Location"]
    rooms.finish(new, full_disk())
    page_text = words(browser.get(new))
    assert "Nothing has changed." in page_text
    assert "Still there" in page_text


def test_a_form_on_a_page_without_referrer_still_acts(rooms) -> None:
    """Browsers send "Origin: null" from there; the form's token says that it is ours."""
    browser = rooms.browser("mara")
    report_path = rooms.begin(browser)
    rooms.finish(report_path)
    browser.get(report_path)
    null = {"headers": {"Origin": "null", "Sec-Fetch-Site": "same-origin"}}
    assert browser.client.post(f"{report_path}/again", data={}, **null).status_code == 403
    assert browser.post(f"{report_path}/again", **null).status_code == 303


# ---------------------------------------------------------------- Zed
def test_zed_sees_the_public_view_only(rooms) -> None:
    browser = rooms.browser("mara")
    report_path = rooms.begin(browser, f"https://{DOMAIN}/admin?key=sesame")
    rooms.finish(report_path, full_disk())
    assert "hosting.disk.over" in browser.get(report_path).text
    for stranger in (rooms.browser(), rooms.browser("zed")):
        for path in (
            report_path,
            f"{report_path}/evidence",
            f"{report_path}.json",
            f"/api/diagnoses/{report_path[3:]}",
            f"{report_path}/progress",
        ):
            page = stranger.get(path)
            assert page.status_code == 200
            for private in ("sesame", "hosting.disk.over", "/www/cafe", "web7", "10,000,000"):
                assert private not in page.text, (path, private)
        assert "Check again" not in words(stranger.get(report_path))
        assert "/tickets/new?run=" not in stranger.get(report_path).text


@pytest.mark.parametrize("act", ["again", "answers", "share", "shares/1/revoke"])
def test_zed_may_not_act_on_it(rooms, act) -> None:
    report_path = rooms.begin(rooms.browser("mara"))
    rooms.finish(report_path)
    rooms.store.share(rooms.run(report_path).id, timedelta(days=1))
    before = rooms.store.recent(), rooms.store.shares(rooms.run(report_path).id)
    assert rooms.browser("zed").post(f"{report_path}/{act}").status_code == 404
    assert (rooms.store.recent(), rooms.store.shares(rooms.run(report_path).id)) == before


def test_another_contact_and_staff_see_all(rooms) -> None:
    report_path = rooms.begin(rooms.browser("mara"))
    rooms.finish(report_path, full_disk())
    for name in ("tomas", "vera", "ben", "olu"):
        assert "hosting.disk.over" in rooms.browser(name).get(report_path).text, name


def test_staff_s_own_run_is_not_for_strangers(rooms) -> None:
    report_path = rooms.begin(rooms.browser("ben"))
    rooms.finish(report_path, full_disk())
    assert "hosting.disk.over" not in rooms.browser("zed").get(report_path).text


def test_a_share_link_is_public_read_only_and_ends(rooms, clock) -> None:
    browser = rooms.browser("mara")
    report_path = rooms.begin(browser)
    rooms.finish(report_path, full_disk())
    share_answer = browser.post(f"{report_path}/share", {"days": "7"}, follow_redirects=True)
    assert share_answer.request.path == report_path, "loading the page again makes no second link"
    link = re.search(r'data-copy="https?://[^/]+(/r/[\w-]+)"', share_answer.text)[1]
    assert link != report_path
    zed = rooms.browser("zed")
    assert "public part" in words(zed.get(link))
    assert "hosting.disk.over" not in zed.get(link).text
    assert "hosting.disk.over" not in browser.get(link).text
    assert browser.post(f"{link}/again").status_code == 404
    assert link not in browser.get(report_path).text
    share = rooms.store.shares(rooms.run(report_path).id)[0]
    assert share.expires_at == clock.now() + timedelta(days=7)
    assert browser.post(f"{report_path}/shares/{share.id}/revoke").status_code == 303
    assert zed.get(link).status_code == 404


def test_an_invented_token_finds_nothing(rooms) -> None:
    browser = rooms.browser()
    for path in ("/r/nothing", "/r/nothing.json", "/r/nothing/progress", "/api/diagnoses/nothing"):
        assert browser.get(path).status_code == 404


def test_a_report_whose_subject_another_version_wrote_is_shown_and_says_so(rooms) -> None:
    mara = rooms.browser("mara")
    report_path = rooms.begin(mara)
    rooms.finish(report_path, full_disk())
    with rooms.house.db.write() as conn:
        conn.execute(update(runs).values(subject={"schema": 9, "sort": "domain"}))
    for name in ("mara", "ben", "zed", ""):
        page = rooms.browser(name).get(report_path)
        assert page.status_code == 200
        assert "cannot be read by this version; it is kept" in page.text
        assert DOMAIN in page.text
    document = mara.get(f"{report_path}.json")
    assert document.status_code == 200
    assert document.json["subject"]["caution"] == "unreadable"
    assert document.json["subject"]["domain"] == DOMAIN
