"""Every answer of a registry is read as somebody agreed to, in every value."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import chain

import pytest

from standards.registration import dates, rdap, whois
from tests.agreed_lines import read
from tests.registration_values import FOLDER, rdap_lines, whois_lines


def test_every_answer_is_read_as_agreed() -> None:
    """Where this fails on purpose: python -m tests.registration_values, and read the difference."""
    agreed = list(chain(*read(FOLDER).values()))
    assert [*rdap_lines(), *whois_lines()] == agreed


@pytest.mark.parametrize(
    ("year", "is_taken"), [(1979, False), (1980, True), (2200, True), (2201, False)]
)
def test_years_that_can_be_meant(year, is_taken) -> None:
    expected = date(year, 7, 22) if is_taken else None
    assert dates.parse_date(f"{year}-07-22") == dates.parse_date(f"22-Jul-{year}") == expected
    events = [{"eventAction": "expiration", "eventDate": f"{year}-07-22T12:00:00Z"}]
    body = f'{{"objectClassName": "domain", "events": {events}}}'.replace("'", '"')
    assert rdap.parse_rdap(body, "shop.test").expires == expected


@pytest.mark.parametrize(("lines", "is_read"), [(2999, True), (3000, False)])
def test_an_answer_is_read_to_its_three_thousandth_line(lines, is_read) -> None:
    text = "domain: shop.test\n" + "%\n" * (lines - 1) + "expires: 2027-07-22\n"
    assert (whois.parse_whois(text, "test").expires is not None) is is_read


def test_a_day_is_read_in_the_first_eighty_characters() -> None:
    day = date(2027, 7, 22)
    assert dates.parse_date("x" * 69 + " 2027-07-22 and more") == day
    assert dates.parse_date("x" * 73 + " 2027-07-22") is None
    assert dates.parse_date(str(day + timedelta(days=1))) == date(2027, 7, 23)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("11/05/2027", None),
        ("12/05/2027", None),
        ("12/12/2027", date(2027, 12, 12)),
        ("12/13/2027", date(2027, 12, 13)),
        ("13/12/2027", date(2027, 12, 13)),
    ],
)
def test_a_day_that_could_be_two_is_none(written, day) -> None:
    assert dates.parse_date(written) == day


@pytest.mark.parametrize(
    ("status", "end", "state"),
    [
        ("available", "", "available"),
        ("available", "2027-01-01", "registered"),
        ("reserved", "", "reserved"),
        ("reserved", "2027-01-01", "reserved"),
    ],
)
def test_a_name_with_an_end_is_not_to_be_had(status, end, state) -> None:
    text = f"Domain: shop.test\nStatus: {status}\n" + (f"Expires: {end}\n" if end else "")
    assert whois.parse_whois(text, "test").state.value == state
