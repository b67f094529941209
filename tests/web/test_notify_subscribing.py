"""Asking for news: nothing without a yes from the mailbox, nothing told to strangers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.engine import connect
from db.tables.notify import subscribers
from notify.letter_limits import PER_DOMAIN, letter_to_stranger
from notify.model import Preferences, SubscriberKind
from notify.web import PER_ASKER
from notify.webhooks import PER_TARGET
from status.incidents.incident_editing import AnnouncementText
from status.model import Component, Condition
from tests.notify_fixtures import NotifyHouse, link

MARA, VERA = "mara@people.example", "vera@people.example"


@pytest.fixture
def house(sqlite_url, clock, tmp_path):
    database = connect(sqlite_url, clock=clock)
    yield NotifyHouse(database, clock, folder=tmp_path)
    database.close()


def opened(house, component="web"):
    conditions = {component: Condition.MAJOR_OUTAGE}
    incident = house.incidents.open(
        {"en": "Disk"}, AnnouncementText({"en": "It broke."}, components=conditions), "olu"
    )
    house.run_jobs()
    return incident


def test_nothing_comes_before_the_mailbox_says_yes(house):
    path = house.subscribe(MARA)
    opened(house)
    assert house.letters() == []
    browser = house.browser()
    assert "Yes, send me news" in browser.get(path).text
    opened(house)
    assert house.letters() == []  # looking is not saying yes: mail scanners look at links too
    browser.post(path, {"go": "confirm"})
    opened(house)
    (letter,) = house.letters()
    assert letter.to == MARA
    assert letter.subject == "Sunny Hosting: Incident: Disk"


def test_the_answer_is_the_same_whether_or_not_an_address_is_known(house, clock):
    house.confirmed(MARA)
    answer, fresh = (
        house.browser().post(
            "/subscribe", {"email": address, "scope": "all"}, follow_redirects=True
        )
        for address in (MARA, "zed@else.example")
    )
    assert answer.status_code == fresh.status_code == 200
    assert answer.text.replace(MARA, "X") == fresh.text.replace("zed@else.example", "X")
    house.run_jobs()
    letters_by_address = {x.to: x for x in house.letters()}
    assert "already" in letters_by_address[MARA].subject
    assert "Confirm" in letters_by_address["zed@else.example"].subject


def test_loading_the_page_again_sends_no_second_letter(house):
    browser = house.browser()
    sent = browser.post("/subscribe", {"email": MARA, "scope": "all"})
    assert sent.status_code == 303
    for _ in range(3):
        assert f"A letter is on its way to {MARA}." in browser.get(sent.location).text
    house.run_jobs()
    assert len(house.letters()) == 1
    assert MARA not in browser.get("/subscribe").text
    assert MARA not in house.browser().get(sent.location).text


def test_zed_cannot_change_what_mara_hears(house):
    path = house.confirmed(MARA)
    house.subscribe(MARA, scope="some", component="mail")
    opened(house, "web")
    assert [x.to for x in house.letters()] == [MARA]
    wrong = path[:-2] + "xx"
    for request in (house.browser().get, house.browser().post):
        answer = request(wrong)
        assert answer.status_code == 404
        assert "Subscribe again" in answer.text


def test_strangers_cannot_flood_a_mailbox(house, clock):
    for _ in range(8):
        clock.advance(timedelta(seconds=1))
        assert house.browser().post("/subscribe", {"email": MARA}).status_code == 303
    house.run_jobs()
    assert len(house.letters()) == 3
    for _ in range(24):  # nor all day long
        clock.advance(timedelta(hours=1))
        assert house.browser().post("/subscribe", {"email": MARA}).status_code == 303
    house.run_jobs()
    assert len(house.letters()) <= 6


def test_other_spellings_of_an_address_are_no_way_around(house):
    spellings = ("mara+1@people.example", "m.a.r.a@people.example", "MARA+x+y@People.Example")
    for address in (MARA, *spellings, "mara+z@people.example"):
        assert house.browser().post("/subscribe", {"email": address}).status_code == 303
    house.run_jobs()
    assert len(house.letters()) == 3


def test_nobody_floods_a_domain_and_who_is_refused_is_told_and_not_counted(house, clock):
    limiter = house.limiter
    for number in range(PER_DOMAIN.count):
        with letter_to_stranger(limiter, f"n{number}@host{number}.people.example") as is_written:
            assert is_written
    form = {"email": MARA, "scope": "all", "message_language": "en"}
    for _ in range(4):  # one more than a mailbox may have: a refusal is none of them
        answer = house.browser().post("/subscribe", form)
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0
    assert house.browser().post("/subscribe", form | {"email": "a@else.example"}).status_code == 303
    clock.advance(timedelta(hours=1))
    assert house.browser().post("/subscribe", form).status_code == 303
    house.run_jobs()
    assert [x.to for x in house.letters()] == ["a@else.example", MARA]


def test_one_asker_cannot_write_to_the_whole_world(house):
    statuses = [
        house.browser().post("/subscribe", {"email": f"n{n}@else.example"}).status_code
        for n in range(22)
    ]
    assert statuses == [303] * 20 + [429] * 2


def test_one_click_ends_it_without_cookie_or_form_token(house):
    house.confirmed(MARA)
    opened(house)
    (letter,) = house.letters()
    assert letter.leave.startswith("http://portal.example/subscribe/")
    assert letter.leave in letter.text
    path = letter.leave.removeprefix("http://portal.example")
    client = house.app.test_client()
    for look in (client.get, client.head):  # looking at the link ends nothing
        assert look(path).status_code == 303
        assert house.store.active()
    for _ in range(2):
        answer = client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    opened(house)
    assert house.letters() == []
    with house.db.read() as conn:
        assert conn.execute(select(subscribers)).first() is None


def test_a_letter_in_flight_to_somebody_who_left_is_not_sent(house):
    path = house.confirmed(MARA)
    announcement_text = AnnouncementText({"en": "It broke."})
    house.incidents.open({"en": "Disk"}, announcement_text, "olu")
    house.run_kind("status.changed")
    house.browser().post(path, {"go": "leave"})
    house.run_jobs()
    assert house.letters() == []


def test_the_choice_is_kept_and_can_be_changed(house):
    path = house.confirmed(MARA, scope="some", component="web", maintenance="")
    browser = house.browser()
    text = browser.get(path).text
    assert 'value="web" checked' in text
    assert 'value="mail" checked' not in text
    opened(house, "mail")
    assert house.letters() == []
    browser.post(
        path, {"go": "save", "scope": "some", "component": "mail", "message_language": "cs"}
    )
    opened(house, "mail")
    (letter,) = house.letters()
    assert "/cs/incidents/" in letter.text
    answer = browser.post(path, {"go": "save", "scope": "some"})
    assert answer.status_code == 422
    preferences = house.store.active()[0].preferences
    assert house.app.test_client().head(path).status_code == 200
    assert house.store.active()[0].preferences == preferences
    assert "Choose at least one" in answer.text


@pytest.mark.parametrize(
    "form",
    [
        {"email": "nobody"},
        {"email": "a@b..example"},
        {"email": "root@localhost"},
        {"email": "a@b.example\r\nBcc: c@d.example"},
        {"email": ""},
        {"email": MARA, "url": "file:///etc/passwd"},
        {"email": MARA, "url": "hooks.example"},
        {"email": MARA, "scope": "some"},
    ],
)
def test_a_mistake_comes_back_with_what_was_typed(house, form):
    answer = house.browser().post("/subscribe", form)
    assert answer.status_code == 422
    assert "needs another look" in answer.text
    house.run_jobs()
    assert house.letters() == []


def test_a_question_nobody_answers_is_forgotten(house, clock):
    path = house.subscribe(MARA)
    clock.advance(timedelta(hours=49))
    assert house.browser().get(path).status_code == 404
    assert house.store.forget_unconfirmed() == 1
    again = house.subscribe(MARA)
    assert again
    assert again != path


def test_tokens_are_stored_hashed_and_pages_with_them_stay_private(house):
    path = house.confirmed(MARA)
    token = path.rpartition("/")[2]
    with house.db.read() as conn:
        row = conn.execute(select(subscribers)).mappings().one()
        assert token not in str(dict(row))
    answer = house.browser().get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_a_foreign_form_is_refused(house):
    client = house.app.test_client()
    assert client.post("/subscribe", data={"email": MARA}).status_code == 403
    assert house.run_jobs() == 0


def test_a_link_may_choose_already(house):
    text = house.browser().get("/subscribe?component=web&group=Mail&lang=cs").text
    assert 'value="web" checked' in text
    assert 'value="Mail" checked' in text
    assert 'lang="cs"' in text


def test_a_webhook_belongs_to_a_mailbox_and_must_repeat_a_challenge(house, clock):
    url = "https://hooks.else.example/status"
    browser = house.browser()
    path = house.subscribe(MARA, browser, url=url)
    assert house.endpoint.calls == []  # nobody is called because a stranger says so
    house.endpoint.repeats = False
    browser.post(path, {"go": "confirm"})
    house.run_jobs()
    assert "repeat a challenge" in browser.get(path).text
    opened(house)
    assert len(house.endpoint.calls) == 1  # only the challenge
    house.endpoint.repeats = True
    clock.advance(timedelta(minutes=1))
    house.run_jobs()
    opened(house)
    assert house.endpoint.bodies[-1]["incident"]["name"] == "Disk"
    assert "Jasno-Signature" in browser.get(path).text


def test_strangers_cannot_aim_us_at_somebodys_endpoints(house, clock):
    house.endpoint.repeats = False
    for number in range(PER_TARGET.count + 5):
        url = f"https://h{number}.victim.example/{number}"
        house.store.subscribe(SubscriberKind.WEBHOOK, url, "zed@mine.example", Preferences())
    for subscriber in house.store.all():
        assert house.store.confirm(subscriber.id)
    house.run_jobs()
    assert len(house.endpoint.calls) == PER_TARGET.count
    troubles = [subscriber.trouble for subscriber in house.store.all()]
    assert sum("asked too often" in trouble for trouble in troubles) == 5
    own = house.confirmed(MARA, url="https://hooks.else.example/status")  # is not held back
    assert "repeat a challenge" in house.browser().get(own).text
    for _ in range(24):
        clock.advance(timedelta(hours=1))
        house.run_jobs()
    assert len(house.endpoint.calls) <= 25 * PER_TARGET.count


def test_an_endpoint_that_keeps_failing_is_switched_off_and_its_owner_told(house, clock):
    path = house.confirmed(MARA, url="https://hooks.else.example/status")
    house.endpoint.status = 500
    opened(house)
    calls = len(house.endpoint.calls)
    for _ in range(20):
        clock.advance(timedelta(hours=1))
        house.run_jobs()
    assert len(house.endpoint.calls) - calls == 9  # ten tries in all
    (letter,) = house.letters()
    assert letter.to == MARA
    assert "HTTP 500" in letter.text
    assert link(letter) == path
    opened(house)
    assert len(house.endpoint.calls) == calls + 9
    house.endpoint.status = 200
    house.browser().post(path, {"go": "confirm"})
    house.run_jobs()
    opened(house)
    assert house.endpoint.bodies[-1]["incident"]["name"] == "Disk"


def test_what_is_answered_as_taken_was_stored_also_after_the_database_was_away(house, clock):
    browser = house.browser()
    form = {"email": MARA, "scope": "all", "message_language": "en"}
    with house.db.write() as conn:
        conn.exec_driver_sql("ALTER TABLE notify_subscribers RENAME TO moved_away")
    for _ in range(PER_ASKER.count + 1):  # and more than letters are allowed for
        assert browser.post("/subscribe", form).status_code >= 500
    with house.db.write() as conn:
        conn.exec_driver_sql("ALTER TABLE moved_away RENAME TO notify_subscribers")
    assert browser.post("/subscribe", form).status_code == 303
    house.run_jobs()
    assert [x.to for x in house.letters()] == [MARA]


def test_a_renamed_group_is_followed_and_who_has_no_choice_left_is_told_once(house, clock):
    house.confirmed(MARA, scope="some", group="Hosting")
    house.confirmed(VERA, scope="some", component="alone")
    house.status.remember_components(house.parts)
    clock.advance(timedelta(days=2))
    renamed = (Component("web", "Web hosting", "Sites"), Component("db", "Databases", "Sites"))
    house.started(renamed)
    house.status.remember_components(renamed)
    for _ in range(2):
        house.store.follow_choices(renamed, house.status.known_components())
        house.run_jobs()
    (letter,) = house.letters()
    assert (letter.to, letter.subject) == (VERA, "Choose anew what you hear of from Sunny Hosting")
    assert "Choose anew" in house.browser().get(link(letter)).text
    house.started((*renamed, Component("new", "New", "Sites")))
    slow = AnnouncementText({"en": "A"}, components={"new": Condition.DEGRADED_PERFORMANCE})
    house.incidents.open({"en": "Slow"}, slow, "olu")
    house.run_jobs()
    assert [x.to for x in house.letters()] == [MARA]
