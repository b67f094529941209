"""Registries of the world in their own words: states and dates, and the traps beside them.

The forms are those the registries print; names, people and dates are invented.
"""

from datetime import date
from pathlib import Path

import pytest

from standards.registration import whois

CASES = Path(__file__).parents[1] / "cases" / "registry" / "answers.txt"


def _day(text):
    return None if text == "-" else date.fromisoformat(text)


def _cases():
    for block in CASES.read_text("utf-8").split("=== ")[1:]:
        head, _, text = block.partition("\n")
        tld, state, expires, created = head.split()
        yield pytest.param(tld.strip("-"), text, state, expires, created, id=f"{tld} {state}")


@pytest.mark.parametrize(("tld", "text", "state", "expires", "created"), list(_cases()))
def test_an_answer_means_exactly_this(tld, text, state, expires, created):
    seen = whois.parse_whois(text, tld)
    assert (seen.state.value, seen.expires, seen.created) == (state, _day(expires), _day(created))


def test_the_record_about_the_asked_name_is_read_where_there_are_several():
    text = (
        "Domain Name: other.test\nExpiry Date: 2028-01-01\nRegistrar: One\n"
        "Domain Name: SHOP.test\nExpiry Date: 2027-01-01\nRegistrar: Two\n"
        "Domain Name: third.test\nExpiry Date: 2029-01-01\n"
    )
    seen = whois.parse_whois(text, "test", "shop.test")
    assert (seen.expires, seen.registrar) == (date(2027, 1, 1), "Two")
    assert whois.parse_whois(text, "test", "fourth.test").state.value == "unknown"


@pytest.mark.parametrize(
    ("names", "expires"),
    [
        (("žluťoučký.test",), date(2027, 1, 1)),
        (("žluťoučký.test", "b.test"), date(2027, 1, 1)),
        (("b.test", "ŽLUŤOUČKÝ.TEST"), date(2027, 1, 1)),
        (("řeřicha.test",), None),
        (("Å¾luÅ¥.test",), date(2027, 1, 1)),  # garbled, and the only one: it will be meant
        (("Å¾luÅ¥.test", "b.test"), None),
        (("?lu?ou?ky.test",), None),
        (("b.test",), None),
    ],
)
def test_a_name_in_its_own_letters_is_the_same_name(names, expires):
    ends = {"b.test": "2026-01-01"}
    text = "".join(f"Domain Name: {x}\nExpires: {ends.get(x, '2027-01-01')}\n" for x in names)
    seen = whois.parse_whois(text, "test", "xn--luouk-uva4it5a4g.test")
    assert (seen.expires, seen.state.value) == (expires, "registered" if expires else "unknown")


def test_the_registrars_date_is_kept_apart_from_the_registrys():
    text = (
        "Domain Name: SHOP.COM\nRegistry Expiry Date: 2027-06-07T04:00:00Z\n"
        "Registrar Registration Expiration Date: 2026-06-07T04:00:00Z\n"
    )
    seen = whois.parse_whois(text, "com")
    assert (seen.expires, seen.registrar_expires) == (date(2027, 6, 7), date(2026, 6, 7))
    alone = whois.parse_whois(text.replace("Registry Expiry", "Updated"), "com")
    assert (alone.expires, alone.registrar_expires) == (None, date(2026, 6, 7))
