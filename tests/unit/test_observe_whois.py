"""Registries' answers as text and JSON: each in its own words, dates only when they are certain."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.registration import dates, epp_states, rdap, whois
from standards.registration.model import RegistryState
from tests.registry_answers import COM, CZ, EU, HR, HR_OLD, PL, RDAP, SK, SK_OLD

R = RegistryState


@pytest.mark.parametrize(
    ("tld", "text", "expires", "created", "states"),
    [
        ("cz", CZ, date(2027, 7, 22), date(2000, 7, 21), ("ok",)),
        (
            "sk",
            SK,
            date(2027, 7, 24),
            date(2003, 6, 12),
            ("clientTransferProhibited", "serverHold"),
        ),
        ("sk", SK_OLD, date(2011, 4, 3), None, ("redemptionPeriod",)),
        ("pl", PL, date(2027, 9, 18), date(2002, 9, 19), ()),
        ("pl", PL.replace("2027.09.18 14:00:00", "not defined"), None, date(2002, 9, 19), ()),
        ("hr", HR, date(2027, 9, 22), date(2010, 9, 22), ()),
        ("hr", HR_OLD, date(2027, 9, 21), None, ()),
        ("eu", EU, None, None, ()),
        (
            "com",
            COM,
            date(2027, 6, 7),
            date(1999, 6, 7),
            ("clientTransferProhibited", "redemptionPeriod"),
        ),
    ],
)
def test_registries_in_their_own_words(tld, text, expires, created, states):
    for line_end in ("\n", "\r\n"):
        seen = whois.parse_whois(text.replace("\n", line_end), tld)
        assert (seen.state, seen.expires, seen.created, seen.epp) == (
            R.REGISTERED,
            expires,
            created,
            states,
        )
    for person in ("Mara", "mara@", "Dlouhá", "tech@", "+421"):
        assert person not in seen.raw


def test_servers_registrar_and_signature_are_read():
    assert whois.parse_whois(CZ, "cz").registrar == "REG-POLARIS"
    assert whois.parse_whois(CZ, "cz").signed is True
    assert whois.parse_whois(EU, "eu").registrar == "Polaris a.s."
    assert whois.parse_whois(PL, "pl").registrar == "Polaris Sp. z o.o."
    both = ("ns1.polaris.example", "ns2.polaris.example")
    assert whois.parse_whois(PL, "pl").nameservers == both
    assert whois.parse_whois(EU, "eu").nameservers == both
    assert whois.parse_whois(COM, "com").nameservers == both[:1]
    assert whois.parse_whois(COM, "com").signed is True
    assert whois.parse_whois(HR, "hr").signed is False
    assert whois.parse_whois(EU, "eu").signed is None


IT = """
Domain:             firma.it
Status:             ok
Signed:             no
Created:            2001-03-20 00:00:00
Expire Date:        2027-03-20

Registrant
  Organization:     Firma srl

Registrar
  Organization:     Polaris spa
  Name:             POLARIS-REG
  DNSSEC:           yes


Nameservers
  ns1.polaris.example
  ns2.polaris.example
"""


def test_a_registrar_that_can_sign_has_not_signed_the_domain():
    seen = whois.parse_whois(IT, "it")
    assert (seen.signed, seen.registrar) == (False, "Polaris spa")
    assert seen.nameservers == ("ns1.polaris.example", "ns2.polaris.example")
    assert whois.parse_whois(IT.replace("Signed:             no\n", ""), "it").signed is None


@pytest.mark.parametrize(
    ("line", "signed"),
    [
        ("DNSSEC:Y", True),
        ("DNSSEC:N", False),
        ("DNSSEC: Inactive", False),
        ("DNSSEC:\n        see below", None),
        ("Keys:\n\tkeyTag:1 flags:KSK protocol:3 algorithm:ECDSAP256SHA256 pubKey:AAAA", True),
        ("Keys:", None),
    ],
)
def test_signed_is_said_only_of_words_that_mean_it(line, signed):
    assert whois.parse_whois(f"Domain: shop.be\nCreated: 2001-01-01\n\n{line}\n").signed is signed


@pytest.mark.parametrize(
    ("heading", "lines"),
    [
        ("Name servers:", "        ns1.shop.eu (2001:db8::1)\n        ns2.polaris.example"),
        (
            "    Name servers:",
            "        ns1.shop.eu  192.0.2.4  2001:db8::4\n        ns2.polaris.example",
        ),
        ("Name servers:", "ns1.shop.eu\t[2001:db8::4]\nns2.polaris.example"),
        ("Domain server 1 : ns1.shop.eu", "Domain server 2 : ns2.polaris.example"),
    ],
)
def test_name_servers_after_one_with_an_ipv6_address_are_read(heading, lines):
    seen = whois.parse_whois(f"Domain: shop.eu\nCreated: 2001-01-01\n\n{heading}\n{lines}\n")
    assert seen.nameservers == ("ns1.shop.eu", "ns2.polaris.example")


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("% No entries found.\n%ERROR:101: no entries found\n", R.AVAILABLE),
        ("%ERROR: no entries found\n", R.AVAILABLE),
        ("Domain not found.\n", R.AVAILABLE),
        ('No match for domain "SHOP.COM".\n>>> Last update <<<\n', R.AVAILABLE),
        (
            "No information available about domain name shop.pl in the Registry database.\n",
            R.AVAILABLE,
        ),
        ("Domain: shop.eu\nStatus: AVAILABLE\n", R.AVAILABLE),
        ("% Your connection limit exceeded. Please slow down and try again later.\n", R.THROTTLED),
        ("request limit exceeded for 31.0.0.1\n", R.THROTTLED),
        ("% Error: 55000000002 Connection refused; access control limit reached.\n", R.THROTTLED),
        ("-1: Excessive querying, grace period of 60 seconds\n", R.THROTTLED),
        ("%% Too many requests...\n%%\n%% No entries found in the database.\n", R.THROTTLED),
        ("Reserved by Registry\n", R.RESERVED),
        ("Domain Name: x.test\nDomain Status: Reserved\n", R.RESERVED),
        ("", R.UNKNOWN),
        ("Hello, this is a whois server.\n", R.UNKNOWN),
        ("HTTP/1.1 404 Not Found\r\n\r\n<html>not found</html>", R.UNKNOWN),
        ("Internal server error: database not found\n", R.UNKNOWN),
        ("\x00\xff\xfe" * 100, R.UNKNOWN),
    ],
)
def test_other_answers_are_told_apart(text, state):
    assert whois.parse_whois(text, "test").state is state


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-07-22", date(2027, 7, 22)),
        ("2027-07-22T23:59:59Z", date(2027, 7, 22)),
        ("2027.07.22 14:00:00", date(2027, 7, 22)),
        ("2027. 07. 22.", date(2027, 7, 22)),
        ("20270722", date(2027, 7, 22)),
        ("22.07.2027", date(2027, 7, 22)),
        ("03.04.2027", date(2027, 4, 3)),
        ("22-Jul-2027", date(2027, 7, 22)),
        ("22 July 2027 00:00 EAT", date(2027, 7, 22)),
        ("2027-Jul-22.", date(2027, 7, 22)),
        ("Thu Jul 22 2027", date(2027, 7, 22)),
        ("Thu Jul 22 23:59:59 GMT 2027", date(2027, 7, 22)),
        ("22/07/2027", date(2027, 7, 22)),
        ("07/22/2027", date(2027, 7, 22)),
        ("03/04/2027", None),
        ("03-04-2027", None),
        ("05/05/2027", date(2027, 5, 5)),
        ("31.02.2027", None),
        ("not defined", None),
        ("before Aug-1996", None),
        ("0000-00-00", None),
        ("", None),
    ],
)
def test_a_date_that_could_be_two_days_is_none(text, day):
    assert dates.parse_date(text) == day


def test_a_registry_that_writes_the_day_first_is_believed():
    assert dates.parse_date("03/04/2027", day_first=True) == date(2027, 4, 3)
    text = "domain: shop.wf\nstatus: ACTIVE\nExpiry Date: 03/04/2027\n"
    assert whois.parse_whois(text, "wf").expires == date(2027, 4, 3)
    assert whois.parse_whois(text, "test").expires is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("client hold", "clientHold"),
        ("clientHold", "clientHold"),
        ("CLIENT TRANSFER PROHIBITED", "clientTransferProhibited"),
        ("server-hold https://icann.org/epp#serverHold", "serverHold"),
        ("redemption period", "redemptionPeriod"),
        ("pending delete", "pendingDelete"),
        ("active", "ok"),
        ("to be deleted", "pendingDelete"),
        ("associated", ""),
        ("", ""),
    ],
)
def test_states_have_one_spelling(written, meant):
    assert epp_states.to_epp_state(written) == meant


def test_rdap_is_read_without_people():
    seen = rdap.parse_rdap(json.dumps(RDAP), "shop.cz")
    assert (seen.state, seen.expires, seen.created) == (
        R.REGISTERED,
        date(2027, 7, 22),
        date(2000, 7, 21),
    )
    assert (seen.epp, seen.registrar, seen.signed) == (("ok", "clientHold"), "Polaris", True)
    assert seen.nameservers == ("ns1.polaris.example",)
    assert "Mara" not in seen.raw


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        "{}",
        "<html>",
        '{"objectClassName":"domain","ldhName":"other.cz"}',
        "[" * 100_000,
    ],
)
def test_what_is_no_rdap_is_told(body):
    with pytest.raises(rdap.NotRdap):
        rdap.parse_rdap(body, "shop.cz")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
PARTS = ["status", "events", "entities", "nameservers", "secureDNS", "vcardArray", "ldhName"]


@given(st.dictionaries(st.sampled_from(PARTS), JSON))
def test_any_rdap_shape_is_an_answer_or_told(parts):
    body = {"objectClassName": "domain", **parts}
    try:
        rdap.parse_rdap(json.dumps(body), "shop.cz")
    except rdap.NotRdap:
        assert isinstance(parts.get("ldhName"), str)


@given(st.text(max_size=400), st.sampled_from(["cz", "sk", "pl", "eu", "com", "xx", ""]))
def test_any_whois_text_is_read_without_error(text, tld):
    assert whois.parse_whois(text, tld).state in R


@given(st.lists(st.sampled_from((CZ + SK + PL + COM + EU).splitlines()), max_size=30))
def test_shuffled_answers_are_read_without_error(lines):
    for tld in ("cz", "sk", "pl", "com", "eu", "xx"):
        seen = whois.parse_whois("\n".join(lines), tld)
        assert "Mara" not in seen.raw


def rdap_with(**parts):
    return rdap.parse_rdap(json.dumps(RDAP | parts), "shop.cz")


def test_rdap_events_are_read_by_their_letters_and_two_days_are_none():
    for action in ("Expiration", "EXPIRATION", " expiration "):
        events = [{"eventAction": action, "eventDate": "2027-07-22T00:00:00Z"}]
        assert rdap_with(events=events).expires == date(2027, 7, 22)
    twice = [
        {"eventAction": "expiration", "eventDate": "2027-07-22T00:00:00Z"},
        {"eventAction": "expiration", "eventDate": "2027-07-22T23:59:59Z"},
    ]
    assert rdap_with(events=twice).expires == date(2027, 7, 22)
    twice[1]["eventDate"] = "2028-07-22T00:00:00Z"
    assert rdap_with(events=twice).expires is None


def test_the_registrars_expiration_is_not_the_registrys():
    events = [{"eventAction": "Registrar Expiration", "eventDate": "2026-07-22T00:00:00Z"}]
    seen = rdap_with(events=events)
    assert (seen.expires, seen.registrar_expires) == (None, date(2026, 7, 22))
    for other in (
        "last update of RDAP database",
        "last changed",
        "soft expiration",
        "reregistration",
    ):
        assert rdap_with(events=[{"eventAction": other, "eventDate": "2026-07-22"}]).expires is None


@pytest.mark.parametrize(
    "day",
    ["22.07.2027", "2027-07-22 or so", "2027-13-01", "9999-12-31T00:00:00Z", "", None, 20270722],
)
def test_an_event_without_a_sure_date_is_none(day):
    assert rdap_with(events=[{"eventAction": "expiration", "eventDate": day}]).expires is None


def test_an_expiry_before_the_registration_is_none():
    events = [
        {"eventAction": "registration", "eventDate": "2020-01-01T00:00:00Z"},
        {"eventAction": "expiration", "eventDate": "1999-01-01T00:00:00Z"},
    ]
    assert rdap_with(events=events).expires is None


def test_the_registrar_is_found_by_role_at_any_depth():
    abuse = {"roles": ["abuse"], "vcardArray": ["vcard", [["fn", {}, "text", "Desk"]]]}
    card = ["vcard", [["fn", {}, "text", "Polaris"]]]
    registrar = {"roles": ["Registrar"], "vcardArray": card, "entities": [abuse]}
    assert rdap_with(entities=[abuse, registrar]).registrar == "Polaris"
    holder = {"roles": ["registrant"], "entities": [registrar]}
    assert rdap_with(entities=[holder]).registrar == "Polaris"
    assert rdap_with(entities=[{"roles": "registrar", "handle": "REG-1"}]).registrar == "REG-1"
    assert rdap_with(entities=[{"roles": "registrar", "handle": "292"}]).registrar == ""
    units = ["vcard", [["fn", {}, "text", ""], ["org", {}, "text", ["Polaris", "Domains"]]]]
    entities = [{"roles": "registrar", "handle": "292", "vcardArray": units}]
    assert rdap_with(entities=entities).registrar == "Polaris"
    redacted = {"roles": ["registrar"], "vcardArray": ["vcard", [["fn", {}, "text", ""]]]}
    assert rdap_with(entities=[redacted, registrar]).registrar == "Polaris"


def test_notices_of_limits_and_a_mark_at_the_beginning_do_not_disturb():
    notices = [{"title": "Rate limit", "description": ["429 will follow", None, 7]}]
    text = "\ufeff" + json.dumps(RDAP | {"notices": notices, "redacted": [{"method": "removal"}]})
    assert rdap.parse_rdap(text, "shop.cz").expires == date(2027, 7, 22)


def test_an_error_object_tells_its_own_state():
    assert rdap.parse_rdap('{"errorCode": 404, "title": "no"}', "shop.cz").state is R.AVAILABLE
    assert rdap.parse_rdap('{"errorCode": "429"}', "shop.cz").state is R.THROTTLED
    with pytest.raises(rdap.NotRdap):
        rdap.parse_rdap('{"errorCode": 500}', "shop.cz")


def test_names_in_their_own_letters_are_the_same():
    for name in ("HÁČEK.cz", "xn--hek-ela4t.cz"):
        seen = rdap.parse_rdap(
            json.dumps(RDAP | {"ldhName": None, "unicodeName": name}), "xn--hek-ela4t.cz"
        )
        assert seen.state is R.REGISTERED
    with pytest.raises(rdap.NotRdap):
        rdap_with(ldhName="shop.cz.evil.example")


@pytest.mark.parametrize(
    ("tld", "text", "day"),
    [
        ("cz", "2024-10-09T22:00:00+00:00", date(2024, 10, 10)),  # midnight in Prague, summer
        ("cz", "2024-12-09T23:00:00Z", date(2024, 12, 10)),  # and winter
        ("cz", "2024-12-10T00:00:00+01:00", date(2024, 12, 10)),
        ("cz", "2024-10-10T00:00:00Z", date(2024, 10, 10)),
        ("cz", "2024-10-10T23:59:59Z", date(2024, 10, 10)),  # the last second of a day of UTC
        ("uk", "2027-06-13T23:00:00Z", date(2027, 6, 14)),
        ("com", "2027-06-07T04:00:00Z", date(2027, 6, 7)),
        ("com", "2027-06-07T22:00:00Z", date(2027, 6, 7)),
        ("ru", "2027-03-04T21:00:00Z", date(2027, 3, 5)),
        ("pl", "2027-09-18T12:00:00Z", date(2027, 9, 18)),
        ("cz", "0001-01-01T00:00:00+23:59", None),
    ],
)
def test_an_instant_is_the_day_that_begins_then_at_the_registry(tld, text, day):
    assert dates.parse_date(text, tld=tld) == day
    events = [{"eventAction": "expiration", "eventDate": text}]
    name = f"shop.{tld}"
    seen = rdap.parse_rdap(json.dumps(RDAP | {"ldhName": name, "events": events}), name)
    assert seen.expires == day


def test_a_name_that_waits_for_an_auction_is_not_to_be_had():
    assert rdap.state_of_not_found('{"errorCode": 404, "title": "Auction pending"}') is R.RESERVED
    assert rdap.state_of_not_found('{"errorCode": 404, "title": "NOT FOUND"}') is R.AVAILABLE
    assert rdap.state_of_not_found("<html>404</html>") is None
