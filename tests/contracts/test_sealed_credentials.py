"""A sealed password between web and engine: claimed once, in its minute, by the engine it is for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from diagnostics.login_test import ENGINE_TIMEOUT, PASSWORD_LIFETIME, LoginTest
from diagnostics.model import Scope
from jobs.database_queue import DatabaseSender
from subject import Subject, SubjectKind
from tests.run_places import FIRST
from wizard.mailbox_test.store import KEPT, CredentialSubmissions, NotAContact, SealedCredentials
from wizard.runs.store import RunStore

SUBJECT = Subject(SubjectKind.MAILBOX, "m@shop.example", "shop.example", "shop.example")
SECOND = timedelta(seconds=1)
MAIL = "31.99.0.7"


@pytest.fixture
def engine(database, clock):
    credentials = SealedCredentials(database, clock, "engine-1")
    credentials.renew()
    return credentials


@pytest.fixture
def submit(database, clock, engine):
    """Makes a run with a test in it; the run's id."""
    web, runs = (
        CredentialSubmissions(database, clock),
        RunStore(database, clock, DatabaseSender(lambda: None)),
    )

    def put(password="secret", scope=Scope.CONTACT):
        putting = web.save_with_run(password, web.live_engines(), MAIL)
        return runs.create(
            SUBJECT, scope, "mail_login", account="A1", in_transaction=putting, place=FIRST
        )[0].id

    return put


def test_a_password_is_opened_until_the_end_of_its_minute(engine, submit, clock):
    run = submit()
    clock.advance(PASSWORD_LIFETIME)
    assert engine.claim(run) == LoginTest(MAIL, "secret")


def test_a_password_that_is_too_old_stays_shut_though_nobody_swept(engine, submit, clock):
    """Sweeping is a chore of a few seconds; an engine that was frozen has not swept."""
    run = submit()
    clock.advance(PASSWORD_LIFETIME + SECOND)
    assert engine.claim(run) == LoginTest(MAIL, "", expired=True)


def test_a_password_is_claimed_once(engine, submit):
    run = submit()
    assert engine.claim(run) == LoginTest(MAIL, "secret")
    assert engine.claim(run) == LoginTest(MAIL, "", expired=True)


def test_who_is_not_meant_learns_only_that_there_was_a_test(database, engine, submit, clock):
    run = submit()
    other = SealedCredentials(database, clock, "engine-2")
    assert other.claim(run) == LoginTest(MAIL, "", expired=True)
    assert engine.claim("another run") is None


def test_without_a_password_the_address_is_tried_alone(engine, submit):
    assert engine.claim(submit("")) == LoginTest(MAIL)


def test_a_run_of_another_scope_is_given_none(engine, submit):
    with pytest.raises(NotAContact):
        submit(scope=Scope.PUBLIC)


def test_that_there_was_a_test_is_known_for_an_hour(engine, submit, clock):
    run = submit()
    clock.advance(PASSWORD_LIFETIME + KEPT)
    engine.renew()
    assert engine.claim(run) == LoginTest(MAIL, "", expired=True)
    clock.advance(SECOND)
    engine.renew()
    assert engine.claim(run) is None


def test_an_engine_is_sealed_to_as_long_as_it_is_fresh(database, engine, clock):
    web = CredentialSubmissions(database, clock)
    clock.advance(ENGINE_TIMEOUT)
    assert set(web.live_engines()) == {"engine-1"}
    clock.advance(SECOND)
    assert web.live_engines() == {}
    engine.renew()
    assert set(web.live_engines()) == {"engine-1"}
    engine.withdraw()
    assert web.live_engines() == {}
