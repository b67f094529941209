"""The `registration` document: whose date it is, what the states mean, and what comes next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from facts import Registration
from standards.registration import epp_states
from standards.registration.model import RegistryState
from standards.registration.registry_time_zones import registry_today
from wizard.reports.epp_sentences import LOCK, MEANINGS, explain_states
from wizard.reports.registration import UNPAID_UNTIL, document

AT = datetime(2026, 6, 20, 12, tzinfo=UTC)
ON = date(2026, 6, 20)
SEEN = Registration("shop.com", RegistryState.REGISTERED, AT, expires=date(2027, 6, 7))


def document_of(**changes):
    changed = replace(SEEN, **changes)
    return document(changed, changed.domain, ON)


def test_whose_date_it_is():
    assert (document_of()["expires"], document_of()["expires_by"]) == ("2027-06-07", "registry")
    only = document_of(expires=None, registrar_expires=date(2026, 9, 1))
    assert (only["expires"], only["expires_by"]) == ("2026-09-01", "registrar")
    none = document_of(expires=None)
    assert (none["expires"], none["expires_by"], none["next"]) == (None, None, [])


def test_a_date_that_moved_by_itself_never_reads_as_renewed():
    for change in (
        {"epp": ("autoRenewPeriod",)},
        {"registrar_expires": date(2026, 6, 7)},
    ):
        first = document_of(**change)["next"][0]
        assert first == {"on": "2026-07-22", "what": UNPAID_UNTIL}
    paid = document_of(epp=("autoRenewPeriod",), registrar_expires=date(2027, 6, 7))
    assert paid["next"][0]["on"] == "2027-06-07"


@pytest.mark.parametrize("state", ["redemptionPeriod", "pendingDelete", "pendingRestore"])
def test_after_a_deletion_the_date_says_nothing_of_what_comes(state):
    assert document_of(epp=(state,))["next"] == []
    kept = document_of(domain="shop.sk", expires=date(2026, 6, 10), epp=(state,))
    assert [row["on"] for row in kept["next"]] == ["2026-07-20", "2026-07-21"]


def test_states_are_told_in_plain_language_once():
    locks = ("clientTransferProhibited", "serverDeleteProhibited", "clientHold")
    assert list(explain_states(locks)) == [LOCK, MEANINGS["clientHold"]]
    assert document_of(epp=("unheardOf",))["meaning"] == []
    locks = {
        holder + act + "Prohibited"
        for holder in ("client", "server")
        for act in ("Delete", "Transfer", "Update")
    }
    assert set(MEANINGS) == set(epp_states.EPP_SPELLING.values()) - locks


@pytest.mark.parametrize(("state", "who"), [("client", "registrar"), ("server", "registry")])
def test_a_name_that_may_not_be_renewed_is_not_called_protected(state, who):
    (text,) = explain_states([state + "RenewProhibited"])
    assert text.startswith(f"The {who} does not let the name be renewed.")


@pytest.mark.parametrize(
    ("domain", "at", "day"),
    [
        ("shop.cz", datetime(2026, 6, 20, 22, 30, tzinfo=UTC), date(2026, 6, 21)),
        ("shop.com", datetime(2026, 6, 20, 22, 30, tzinfo=UTC), date(2026, 6, 20)),
        ("shop.uk", datetime(2026, 1, 20, 23, 30, tzinfo=UTC), date(2026, 1, 20)),
    ],
)
def test_today_is_the_registrys_day(domain, at, day):
    assert registry_today(domain, at) == day
