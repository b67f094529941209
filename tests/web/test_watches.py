"""Watching as its reader meets it: on the report, by its link, on the account page, by program."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from db.engine import connect
from db.tables.jobs import jobs
from jobs.database_queue import DatabaseSender
from messages import read_payload
from portal.me import MePages
from portal.me import blueprint as me
from tests.desk_fixtures import FakeHosting
from tests.diagnostics_rooms import DOMAIN, Rooms, full_disk, words
from tickets.store import TicketStore
from web.site import Site
from wizard.watches.model import MAX_PER_PERSON, WatchState
from wizard.watches.outgoing_emails import WatchEmails
from wizard.watches.store import WatchStore
from wizard.watches.web import BEGIN_RATE, WatchPages, blueprint

SECRET = b"s" * 32


class Place(Rooms):
    """The diagnosing rooms with watching, and the account page."""

    def __init__(self, db, clock):
        self.db = db
        self.watches = WatchStore(db, clock, SECRET, DatabaseSender())
        super().__init__(db, clock)
        accounts = self.house.accounts

        def contacts(domain):
            account = self.account_of(domain)
            return accounts.contacts_of(account) if account else ()

        pages = WatchPages(self.parts, self.watches, contacts, "Sunny")
        self.house.app.register_blueprint(blueprint(pages))
        self.house.app.register_blueprint(
            me(
                MePages(
                    accounts,
                    TicketStore(db, clock, DatabaseSender()),
                    FakeHosting(),
                    watches=self.watches.of_person,
                    watch_token=self.watches.token,
                )
            )
        )

    def failed_run(self, browser, target=DOMAIN):
        report_path = self.begin(browser, target)
        self.finish(report_path, full_disk())
        return report_path

    def letters(self):
        query = select(jobs.c.payload).where(jobs.c.kind == "mail.send").order_by(jobs.c.id)
        with self.db.read() as conn:
            refs = [read_payload(row[0]) for row in conn.execute(query)]
        site = Site("Sunny", "https://sunny.example")
        emails = WatchEmails(self.watches.by_id, self.parts.reports, site)
        return [emails.renderers()[ref.about](ref) for ref in refs]


@pytest.fixture
def rooms(sqlite_url, clock):
    db = connect(sqlite_url, clock=clock)
    yield Place(db, clock)
    db.close()


# ------------------------------------------------------------------ on the report
def test_mara_watches_her_report_and_stops_again(rooms) -> None:
    browser = rooms.browser("mara")
    report_path = rooms.failed_run(browser)
    assert "Watch it and write to mara@people.example" in browser.get(report_path).text
    assert browser.post(f"{report_path}/watch").headers["Location"] == f"{report_path}#watch"
    page_text = words(browser.get(report_path))
    assert "We have looked" not in page_text, "not yet"
    assert "The next look is at" in page_text
    (letter,) = rooms.letters()
    assert letter.to == "mara@people.example"
    (watch,) = rooms.watches.of_person("mara")
    assert (watch.account, watch.state) == ("A100", WatchState.ACTIVE)
    browser.post(f"{report_path}/watch")
    assert len(rooms.letters()) == 1, "pressed twice, watched once"
    later = rooms.failed_run(browser)
    assert "The next look is at" in words(browser.get(later)), "a later report tells of it too"
    browser.post(f"{later}/watch")
    assert len(rooms.letters()) == 1
    assert DOMAIN in words(browser.get("/me"))
    browser.post(f"{report_path}/watch/stop")
    assert rooms.watches.of_person("mara") == ()
    assert "Watch it and write to" in browser.get(report_path).text


def test_where_nothing_is_wrong_there_is_nothing_to_watch(rooms) -> None:
    browser = rooms.browser("mara")
    report_path = rooms.begin(browser)
    rooms.finish(report_path)
    assert 'id="watch"' not in browser.get(report_path).text
    assert browser.post(f"{report_path}/watch").status_code == 422
    assert rooms.letters() == []


def test_zed_and_holders_of_a_share_link_watch_nothing(rooms) -> None:
    mara = rooms.browser("mara")
    report_path = rooms.failed_run(mara)
    _, share = rooms.store.share(rooms.run(report_path).id, timedelta(days=1))
    for browser in (rooms.browser("zed"), rooms.browser()):
        for at in (report_path, f"/r/{share}"):
            assert 'id="watch"' not in browser.get(at).text
            assert browser.post(f"{at}/watch").status_code == 404
            assert browser.post(f"{at}/watch/stop").status_code == 404
        assert browser.get(f"/api/diagnoses/{report_path.split('/')[-1]}/watch").status_code == 404
    assert rooms.letters() == []


def test_a_person_watches_a_few_domains_at_a_time(rooms) -> None:
    browser = rooms.browser("zed")
    answers = []
    for number in range(MAX_PER_PERSON + 1):
        report_path = rooms.failed_run(browser, f"shop{number}.example")
        answers.append(browser.post(f"{report_path}/watch").status_code)
    assert answers == [303] * MAX_PER_PERSON + [429]


# ------------------------------------------------------------------ by an address, unsigned
def answer_to_watch(rooms, browser, email, target=DOMAIN):
    report_path = rooms.failed_run(browser, target)
    assert "Your e-mail address" in browser.get(report_path).text
    answer = browser.post(f"{report_path}/watch", {"email": email})
    assert answer.status_code == 303, "loading the page again asks nobody again"
    assert browser.get(answer.location).status_code == 200
    return browser.get(answer.location)


def test_only_a_contact_of_the_account_is_written_to_and_nobody_learns_who_is_one(rooms) -> None:
    watch_run = answer_to_watch(rooms, rooms.browser(), " Tomas@People.example ")
    unknown = answer_to_watch(rooms, rooms.browser(), "victim@elsewhere.example")
    foreign = answer_to_watch(rooms, rooms.browser(), "mara@people.example", "other.example")

    def visible_words(answer):
        report_path = r'/r/[\w-]+|name="csrf" value="\w+"|cafe\.example|other\.example'
        return re.sub(report_path, "", answer.text)

    assert watch_run.status_code == unknown.status_code == foreign.status_code == 200
    assert visible_words(watch_run) == visible_words(unknown) == visible_words(foreign)
    (letter,) = rooms.letters()
    assert letter.to == "tomas@people.example"
    assert "confirm it here" in letter.text


def test_the_report_does_not_tell_later_whose_address_was_typed(rooms) -> None:
    pages = []
    for email in ("tomas@people.example", "victim@elsewhere.example"):
        browser = rooms.browser()
        report_path = rooms.failed_run(browser)
        browser.post(f"{report_path}/watch", {"email": email})
        assert browser.post(f"{report_path}/watch/stop").status_code == 303
        pages.append(words(browser.get(report_path)))
    watch_run, unknown = (text[text.index("Watch until fixed") :] for text in pages)
    assert watch_run == unknown
    assert "We have sent a letter" not in watch_run
    (watch,) = rooms.watches.of_person("tomas")
    assert watch.state is WatchState.PENDING, "nor does whoever typed it end it"


def test_a_stranger_s_question_does_not_keep_its_reader_from_watching(rooms) -> None:
    answer_to_watch(rooms, rooms.browser(), "mara@people.example")
    mara = rooms.browser("mara")
    report_path = rooms.failed_run(mara)
    assert mara.post(f"{report_path}/watch").status_code == 303
    (watch,) = rooms.watches.of_person("mara")
    assert (watch.state, watch.account) == (WatchState.ACTIVE, "A100")


def test_nobody_makes_us_write_to_them_all_day(rooms, clock) -> None:
    mara = rooms.browser("mara")
    report_path = rooms.failed_run(mara)
    answers = []
    for _ in range(12):
        clock.advance(timedelta(seconds=1))
        answers.append(mara.post(f"{report_path}/watch").status_code)
        mara.post(f"{report_path}/watch/stop")
    assert answers == [303] * 10 + [429] * 2
    assert len(rooms.letters()) == 10


def test_the_letter_s_link_confirms_and_stops(rooms) -> None:
    answer_to_watch(rooms, rooms.browser(), "tomas@people.example")
    (letter,) = rooms.letters()
    link = re.search(r"/watch/[\w-]+", rooms.watches.with_links(letter.text, ""))[0]
    reader = rooms.browser()
    page = reader.get(link)
    assert "Yes, watch it" in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    (watch,) = rooms.watches.of_person("tomas")
    assert watch.state is WatchState.PENDING, "looking at the page does nothing"
    reader.post(f"{link}/confirm")
    assert "Stop watching" in reader.get(link).text
    (watch,) = rooms.watches.of_person("tomas")
    assert (watch.state, watch.account, watch.scope.value) == (WatchState.ACTIVE, "", "public")
    reader.post(f"{link}/stop")
    assert "The watch was stopped." in words(reader.get(link))
    assert reader.get("/watch/nobody-s-token").status_code == 404


def test_one_browser_may_not_ask_again_and_again(rooms) -> None:
    browser = rooms.browser()
    report_path = rooms.failed_run(browser)
    answers = [
        browser.post(f"{report_path}/watch", {"email": f"a{n}@people.example"}).status_code
        for n in range(6)
    ]
    assert answers == [303] * 5 + [429]
    assert browser.get(f"{report_path}/watch").location == f"{report_path}#watch"


def test_one_reader_is_not_asked_again_and_again(rooms, clock) -> None:
    """Each time the watch is refused, so that a new question could be sent."""
    for _ in range(5):
        clock.advance(timedelta(minutes=13))
        answer = answer_to_watch(rooms, rooms.browser(), "tomas@people.example")
        assert answer.status_code == 200, "a refusal would tell whose address it is"
        for watch in rooms.watches.of_person("tomas"):
            rooms.watches.stop(watch.id)
    assert len(rooms.letters()) == 3


def test_the_link_s_page_tells_nothing_of_the_account(rooms) -> None:
    browser = rooms.browser("mara")
    report_path = rooms.failed_run(browser)
    browser.post(f"{report_path}/watch")
    (watch,) = rooms.watches.of_person("mara")
    page = rooms.browser().get(f"/watch/{rooms.watches.token(watch.id)}")
    assert page.status_code == 200
    assert "disk" not in page.text.lower()


# ------------------------------------------------------------------ by program
def test_the_api_begins_tells_and_ends(rooms) -> None:
    browser = rooms.browser("mara")
    token = rooms.failed_run(browser).split("/")[-1]
    at = f"/api/diagnoses/{token}/watch"
    assert browser.client.get(at).status_code == 404
    begun = browser.client.post(at)
    assert begun.status_code == 200
    assert begun.json["standing"] == "active"
    assert begun.json["looks"] == 0
    assert browser.client.get(at).json["until"] == begun.json["until"]
    assert browser.client.delete(at).json["standing"] == "stopped"
    assert rooms.browser().client.post(at).status_code == 404


@pytest.mark.parametrize("name", ["mara", ""])
def test_a_watch_that_was_not_stored_does_not_count(rooms, name) -> None:
    browser = rooms.browser(name)
    report_path = rooms.failed_run(browser)
    form = {"email": "tomas@people.example"}
    with rooms.db.write() as conn:
        conn.exec_driver_sql("ALTER TABLE jobs RENAME TO moved_away")
    for _ in range(BEGIN_RATE.count + 1):
        assert browser.post(f"{report_path}/watch", form).status_code >= 500
    with rooms.db.write() as conn:
        conn.exec_driver_sql("ALTER TABLE moved_away RENAME TO jobs")
    assert browser.post(f"{report_path}/watch", form).status_code == 303
    assert len(rooms.letters()) == 1
