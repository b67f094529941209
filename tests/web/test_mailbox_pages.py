"""Testing a mailbox from its report: who may, what is said of the password, what becomes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.tables.mailbox_test import keys, sealed
from diagnostics.login_test import PASSWORD_LIFETIME
from diagnostics.model import Scope
from tests.checks_fixtures import Scene
from tests.diagnostics_rooms import DOMAIN
from wizard.mailbox_test.store import SealedCredentials

SECRET = "Ostrava-1987 & přítel"
BOX = f"mara@{DOMAIN}"


@pytest.fixture
def safe(rooms):
    credentials = SealedCredentials(rooms.mailboxes.db, rooms.mailboxes.clock, "engine-1")
    credentials.renew()
    return credentials


def report(rooms, browser, target=BOX):
    report_path = rooms.begin(browser, target, "mailbox_sign_in")
    rooms.finish(report_path)
    return report_path


def post(browser, place, mailbox=BOX, password=SECRET):
    return browser.post(f"{place}/mailbox", {"mailbox": mailbox, "password": password})


def rows(rooms, table):
    with rooms.mailboxes.db.read() as conn:
        return conn.execute(select(table)).all()


# ------------------------------------------------------------------ who may
def test_a_contact_is_offered_the_test_and_told_what_happens(rooms, safe):
    mara = rooms.browser("mara")
    report_path = report(rooms, mara)
    assert f'href="{report_path}/mailbox"' in mara.get(report_path).text
    page = mara.get(f"{report_path}/mailbox")
    assert page.status_code == 200
    assert "deleted when it is taken, or after a minute" in page.text
    assert "imap.host.example" in page.text
    assert f'value="{BOX}"' in page.text
    assert 'type="password"' in page.text
    assert "no-store" in page.headers["Cache-Control"]


def test_it_is_offered_where_the_domain_has_its_mailboxes_here(rooms, safe):
    mara = rooms.browser("mara")
    for change, is_offered in ((lambda scene: None, True), (elsewhere, False), (no_mail, False)):
        scene = Scene()
        change(scene)
        report_path = rooms.begin(mara, DOMAIN, "mail_not_arriving")
        rooms.finish(report_path, scene)
        page = mara.get(report_path).text
        assert (f'href="{report_path}/mailbox"' in page) == is_offered
        assert "Test this mailbox" not in page


def elsewhere(scene):
    scene.mail_local = False
    scene.zone[DOMAIN, "MX"] = ("10 mx.elsewhere.example.",)


def no_mail(scene):
    scene.zone[DOMAIN, "MX"] = ("0 .",)


@pytest.mark.parametrize("who", ["", "zed", "ben", "olu"])
def test_nobody_else_is(rooms, safe, who):
    """Strangers learn nothing, and staff do not type other people's passwords."""
    mara, other = rooms.browser("mara"), rooms.browser(who)
    report_path = report(rooms, mara)
    assert other.get(f"{report_path}/mailbox").status_code == 404
    assert post(other, report_path).status_code == 404
    mine = rooms.begin(other, BOX, "mailbox_sign_in")
    rooms.finish(mine)
    assert f"{mine}/mailbox" not in other.get(mine).text
    assert post(other, mine).status_code == 404
    assert rows(rooms, sealed) == []


def test_a_mailbox_of_somebody_else_is_refused(rooms, safe):
    mara = rooms.browser("mara")
    report_path = report(rooms, mara)
    answer = post(mara, report_path, mailbox="zed@elsewhere.example")
    assert answer.status_code == 422
    assert "does not belong to a domain of your hosting account" in answer.text
    assert rows(rooms, sealed) == []


@pytest.mark.parametrize(
    ("mailbox", "password", "message"),
    [
        ("mara", SECRET, "whole address"),
        (DOMAIN, SECRET, "whole address"),
        (BOX, "x" * 300, "No password is that long"),
        (BOX, "a\nb", "line break"),
    ],
)
def test_what_cannot_be_meant_is_told_without_repeating_it(rooms, safe, mailbox, password, message):
    mara = rooms.browser("mara")
    report_path = report(rooms, mara)
    answer = post(mara, report_path, mailbox, password)
    assert answer.status_code == 422
    assert message in answer.text
    assert password not in answer.text
    assert rows(rooms, sealed) == []


# ------------------------------------------------------------------ what becomes of it
def test_it_is_sealed_claimed_once_and_gone(rooms, safe):
    mara = rooms.browser("mara")
    report_path = report(rooms, mara)
    answer = post(mara, report_path)
    assert answer.status_code == 303
    run = rooms.run(answer.headers["Location"])
    assert (run.scope, run.subject.mailbox, run.symptom) == (Scope.CONTACT, BOX, "mailbox_sign_in")
    assert SECRET not in repr(rows(rooms, sealed))
    trial = safe.claim(run.id)
    assert trial.password == SECRET
    assert SECRET not in repr(trial)
    assert [r.engine for r in rows(rooms, sealed)] == [""]
    again = safe.claim(run.id)
    assert (again.password, again.expired) == ("", True)


def test_it_dies_after_a_minute(rooms, safe, clock):
    mara = rooms.browser("mara")
    run = rooms.run(post(mara, report(rooms, mara)).headers["Location"])
    clock.advance(PASSWORD_LIFETIME + timedelta(seconds=2))
    safe.renew()
    assert [r.engine for r in rows(rooms, sealed)] == [""]
    assert safe.claim(run.id).expired


def test_an_engine_that_started_anew_cannot_open_it(rooms, safe):
    mara = rooms.browser("mara")
    run = rooms.run(post(mara, report(rooms, mara)).headers["Location"])
    fresh = SealedCredentials(rooms.mailboxes.db, rooms.mailboxes.clock, "engine-1")
    fresh.renew()
    assert fresh.claim(run.id).expired
    assert safe.claim(run.id).expired


def test_of_two_engines_either_may_take_it(rooms, safe):
    other = SealedCredentials(rooms.mailboxes.db, rooms.mailboxes.clock, "engine-2")
    other.renew()
    mara = rooms.browser("mara")
    run = rooms.run(post(mara, report(rooms, mara)).headers["Location"])
    assert len({r.ciphertext for r in rows(rooms, sealed) if r.engine}) == 2
    assert other.claim(run.id).password == SECRET
    assert safe.claim(run.id).expired


def test_without_a_living_engine_nothing_is_taken(rooms, safe, clock):
    mara = rooms.browser("mara")
    report_path = report(rooms, mara)
    clock.advance(timedelta(minutes=1))
    answer = post(mara, report_path)
    assert answer.status_code == 503
    assert "not kept" in answer.text
    assert rows(rooms, sealed) == []


def test_an_engine_that_ends_takes_its_key_back(rooms, safe):
    safe.withdraw()
    assert rows(rooms, keys) == []


def test_without_a_password_only_the_panel_is_asked(rooms, safe):
    mara = rooms.browser("mara")
    run = rooms.run(post(mara, report(rooms, mara), password="").headers["Location"])
    trial = safe.claim(run.id)
    assert (trial.password, trial.expired) == ("", False)
    assert trial.visitor == "127.0.0.1"


def test_five_tries_an_hour(rooms, safe, clock):
    mara = rooms.browser("mara")
    report_path = report(rooms, mara)
    codes = [post(mara, report_path, password=f"try {n}").status_code for n in range(6)]
    assert codes == [303] * 5 + [429]
    assert post(mara, report_path, mailbox=f"shop@{DOMAIN}").status_code == 303
    clock.advance(timedelta(minutes=13))
    safe.renew()
    assert post(mara, report_path).status_code == 303


def test_what_was_there_is_forgotten(rooms, safe, clock):
    mara = rooms.browser("mara")
    post(mara, report(rooms, mara))
    clock.advance(timedelta(hours=2))
    safe.renew()
    assert rows(rooms, sealed) == []
