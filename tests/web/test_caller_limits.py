"""Verifying a caller, to the letter: names and words, what is audited, limits at and beyond them."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest

from accounts.caller_codes import LIFETIME
from accounts.model import ContactRole
from db.engine import connect
from tests.desk_fixtures import ACCOUNT
from tests.web.test_callers import SERVICE, CallersHouse, acts, shown_code, verify

LONGEST_SERVICE = "x" * 500
LONGEST_CODE = f"123{'-' * 34}456"  # of 40 characters, six of them digits
WRONG = "Nobody who may speak for this service is signed in with this code just now."


@pytest.fixture
def house(sqlite_url, clock):
    database = connect(sqlite_url, clock=clock)
    yield CallersHouse(database, clock)
    database.close()


def words(answer):
    return html.unescape(answer.text)


def test_accounts_are_called_by_name_or_number_and_audited_by_number(house):
    house.accounts.set_contact("mara", "B200", ContactRole.TECHNICAL)
    text = words(verify(house, shown_code(house.browser("mara")), "mara@people.example"))
    assert "Hosting account Mara's Shop" in text
    assert "Hosting account B200" in text  # of which we know nothing else
    (act,) = acts(house, "caller.verified")
    assert act.detail["accounts"] == f"{ACCOUNT}, B200"


def test_about_one_account_the_roles_on_others_are_left_out(house):
    house.accounts.set_contact("mara", "B200", ContactRole.TECHNICAL)
    text = words(verify(house, shown_code(house.browser("mara")), ACCOUNT))
    assert "Hosting account Mara's Shop" in text
    assert "B200" not in text


def test_who_is_a_contact_of_nothing_is_verified_by_no_code(house):
    house.browser("zed")
    answer = verify(house, house.codes.code_of("zed").digits, "zed@people.example")
    assert answer.status_code == 422
    assert WRONG in words(answer)
    assert acts(house, "caller.verified") == []


def test_every_contact_is_found_by_their_own_code(house):
    codes = {name: shown_code(house.browser(name)) for name in ("mara", "tomas", "vera")}
    for name, code in codes.items():
        answer = verify(house, code)
        assert answer.status_code == 200
        assert f"It is {name.title()}, {name}@people.example" in words(answer)


def test_the_agent_reads_until_when_the_code_works(house, clock):
    code = shown_code(house.browser("mara"))
    began = clock.now()
    clock.advance(timedelta(minutes=20))
    until = (began + LIFETIME).astimezone().isoformat()[11:16]
    text = words(verify(house, code))
    assert "The code works until" in text
    assert until in text


def test_the_result_is_shown_to_the_session_that_asked_and_only_from_its_own_link(house):
    ben = house.browser("ben")
    form = {"service": SERVICE, "code": shown_code(house.browser("mara"))}
    answer = ben.post("/desk/caller", form)
    assert answer.status_code == 303
    assert answer.location.startswith("/desk/caller?result=")
    assert "It is Mara" in words(ben.get(answer.location))
    assert "It is Mara" not in words(ben.get("/desk/caller"))
    assert "It is Mara" not in words(house.browser("olu").get(answer.location))


def test_nobody_is_called_still_signed_in_who_has_signed_out(house):
    ben, mara = house.browser("ben"), house.browser("mara")
    place = ben.post("/desk/caller", {"service": SERVICE, "code": shown_code(mara)}).location
    assert "It is Mara" in words(ben.get(place))
    assert mara.post("/sign-out").status_code == 303
    assert "It is Mara" not in words(ben.get(place))


def test_the_longest_service_and_code_are_looked_up(house):
    answer = verify(house, LONGEST_CODE, LONGEST_SERVICE)
    assert answer.status_code == 422
    assert WRONG in words(answer)
    (act,) = acts(house, "caller.refused")
    assert (act.actor, act.subject) == ("ben", "person:")
    assert act.detail == {"service": LONGEST_SERVICE[:200]}


def test_one_character_more_is_refused_and_counts_for_nothing(house):
    for service, code, size in (
        (LONGEST_SERVICE + "x", "123456", "At most 500 characters, please; these are 501."),
        (SERVICE, LONGEST_CODE.replace("-", "--", 1), "six digits"),
    ):
        answer = verify(house, code, service)
        assert answer.status_code == 422
        assert size in words(answer)
        assert WRONG not in words(answer)
        assert f'value="{code}"' in answer.text
    assert acts(house, "caller.") == []


def test_a_verified_service_is_audited_to_its_200th_character(house):
    service = f"{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 20}.{SERVICE}"
    assert verify(house, shown_code(house.browser("mara")), service).status_code == 200
    (act,) = acts(house, "caller.verified")
    assert act.detail == {"service": service[:200], "accounts": ACCOUNT}


def test_a_link_names_a_service_whole_however_long(house):
    ben = house.browser("ben")
    answer = ben.get(f"/desk/caller?service={LONGEST_SERVICE}x")
    assert f'value="{LONGEST_SERVICE}x"' in answer.text
    assert 'name="service" type="text" value=""' in ben.get("/desk/caller").text
    assert answer.status_code == 200


def test_a_name_in_other_letters_is_the_same_name_to_who_guesses(house):
    names = ("nobody.example", "Nobody.Example", "NOBODY.EXAMPLE")
    statuses = [verify(house, "123456", names[turn % 3]).status_code for turn in range(11)]
    assert statuses == [422] * 10 + [429]
    assert verify(house, "123456", "else.example").status_code == 422


@pytest.mark.parametrize(
    ("service", "code", "reasons"),
    [
        ("", "123456", ("Uveďte prosím, o kterou službu jde, nebo adresu volajícího.",)),
        (SERVICE, "12345", ("Napište prosím šest číslic, které volající přečte.",)),
        ("", "", ("Uveďte prosím, o kterou službu jde", "Napište prosím šest číslic")),
        (SERVICE, "123456", ("Nikdo, kdo smí za tuto službu jednat, teď není přihlášen",)),
        (LONGEST_SERVICE + "x", "123456", ("Nejvýše 500 znaků",)),
    ],
)
def test_an_agent_reads_why_not_in_their_own_language(house, service, code, reasons):
    ben = house.browser("ben")
    czech = {"Accept-Language": "cs"}
    answer = ben.post("/desk/caller", {"service": service, "code": code}, headers=czech)
    assert answer.status_code == 422
    for reason in reasons:
        assert reason in words(answer)


@pytest.mark.parametrize(("name", "status"), [("mara", 403), ("zed", 403), ("olu", 200)])
def test_the_page_is_for_staff(house, name, status):
    assert house.browser(name).get("/desk/caller").status_code == status
