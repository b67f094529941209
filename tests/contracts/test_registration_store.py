"""Registries' answers as rows, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from db.engine import DatabaseAway, UnavailableReason
from db.tables.diagnostics import registrations
from facts import Registration
from standards.registration.model import RegistryState
from wizard.registrations.store import RegistrationStore


@pytest.fixture
def answer(clock):
    return Registration(
        "shop.cz",
        RegistryState.REGISTERED,
        clock.now(),
        "rdap",
        "https://rdap.nic.cz/",
        expires=date(2027, 7, 22),
        epp=("ok",),
        nameservers=("ns1.polaris.example",),
        retry_after=timedelta(seconds=5),
    )


def test_an_answer_comes_back_as_it_was_and_the_last_one_counts(database, answer):
    store = RegistrationStore(database)
    assert store.get("shop.cz") is None
    store.put(answer)
    assert store.get("shop.cz") == answer
    later = replace(answer, asked_at=answer.asked_at + timedelta(days=1), epp=("clientHold",))
    store.put(later)
    assert store.get("shop.cz") == later
    assert store.get("other.cz") is None


def test_an_answer_whose_writing_was_taken_back_for_another_writer_is_written_anew(
    database, answer
):
    tries = []

    def taken_back_at_first(_conn):
        tries.append(1)
        if len(tries) == 1:
            raise DatabaseAway(UnavailableReason.CONFLICT, may_repeat=True)

    store = RegistrationStore(database.guarded(taken_back_at_first))
    store.put(answer)
    assert (store.get("shop.cz"), len(tries)) == (answer, 2)


def test_what_is_old_is_forgotten_and_what_cannot_be_read_is_none(database, answer):
    store = RegistrationStore(database)
    store.put(answer)
    store.forget(answer.asked_at)
    assert store.get("shop.cz") == answer
    with database.write() as conn:
        conn.execute(registrations.update().values(body='{"schema": "of another version"}'))
    assert store.get("shop.cz") is None
    store.forget(answer.asked_at + timedelta(seconds=1))
    with database.read() as conn:
        assert not conn.execute(registrations.select()).all()
