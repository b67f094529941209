"""Registries: RDAP first, WHOIS then; throttled, reserved, free and registered told apart."""

import asyncio
import json
import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clock import SystemClock
from facts import RegistryState, Trouble
from observe import dates, epp, rdap, whois
from observe.budget import Budget
from observe.network import Network
from observe.registry import registration
from tests.observe_servers import answer, http, redirect, tcp

R = RegistryState

CZ = """%  (c) the registry. Timestamp: Tue Feb 18 21:40:33 2024

domain:       shop.cz
registrant:   MARA-1
admin-c:      MARA-1
nsset:        NSS:POLARIS
keyset:       KEYS
registrar:    REG-POLARIS
registered:   21.07.2000 15:21:00
changed:      18.05.2011 23:28:45
expire:       22.07.2027
status:       paid and in zone

contact:      MARA-1
name:         Mara Nováková
address:      Dlouhá 1
e-mail:       mara@shop.example
created:      18.05.2001 23:28:26

nsset:        NSS:POLARIS
nserver:      ns1.polaris.example
created:      18.05.2003 23:28:26
"""
SK = """Domain:                       shop.sk
Registrant:                   MARA-0001
Admin Contact:                MARA-0001
Registrar:                    POLA-0001
Created:                      2003-06-12
Updated:                      2024-05-21
Valid Until:                  2027-07-24
Nameserver:                   ns1.polaris.example
Nameserver:                   ns2.polaris.example
EPP Status:                   clientTransferProhibited, serverHold

Registrar:                    POLA-0001
Name:                         Polaris s.r.o.
Phone:                        +421.200000000
Email:                        hosting@polaris.example
Created:                      2017-09-01

Contact:                      MARA-0001
Name:                         Mara Nováková
Created:                      2019-09-01
"""
SK_OLD = """Domain-name         shop.sk
Admin-name          Mara Nováková
Last-update         2011-03-06
Valid-date          2011-04-03
Domain-status       DOM_HELD
"""
PL = """DOMAIN NAME:           shop.pl
registrant type:       organization
nameservers:           ns1.polaris.example. [31.53.0.53]
                       ns2.polaris.example.
created:               2002.09.19 13:00:00
last modified:         2024.09.18 10:00:00
renewal date:          2027.09.18 14:00:00

option created:        2011.10.14 09:29:47
option expiration date:       2014.10.14 09:29:47

dnssec:                Unsigned

REGISTRAR:
Polaris Sp. z o.o.
ul. Wawozowa 18
"""
HR = """Domain Name: shop.hr
Registrar WHOIS Server: whois.dns.hr
Updated Date: 2024-01-02T10:00:00Z
Creation Date: 2010-09-21T22:00:00Z
Registrar Registration Expiration Date: 2027-09-21T22:00:00Z
Registrant Name: Mara Novak
Name Server: ns1.polaris.example
DNSSEC: unsigned
"""
HR_OLD = """domain:       shop.hr
descr:        Shop d.o.o.
expires:      20270921
nserver:      ns1.polaris.example
"""
EU = """% The WHOIS service offered by the registry
Domain: shop.eu
Script: LATIN

Registrant:
        NOT DISCLOSED!

Technical:
        Organisation: Somebody
        Email: tech@polaris.example

Registrar:
        Name: Polaris a.s.
        Website: www.polaris.example

Name servers:
        ns1.polaris.example
        ns2.polaris.example
"""
COM = """   Domain Name: SHOP.COM
   Registry Domain ID: 1_DOMAIN_COM-VRSN
   Registrar WHOIS Server: whois.registrar.example
   Updated Date: 2024-05-06T09:28:40Z
   Creation Date: 1999-06-07T04:00:00Z
   Registry Expiry Date: 2027-06-07T04:00:00Z
   Registrar: Registrar Example, Inc.
   Domain Status: clientTransferProhibited https://icann.org/epp#clientTransferProhibited
   Domain Status: redemptionPeriod https://icann.org/epp#redemptionPeriod
   Name Server: NS1.POLARIS.EXAMPLE
   DNSSEC: signedDelegation
>>> Last update of whois database: 2026-01-15T12:00:00Z <<<

NOTICE: The expiration date displayed in this record is the date the
registrar's sponsorship of the domain name registration in the registry is
currently set to expire.

TERMS OF USE: You are not authorized to access or query our Whois database
through the use of electronic processes that are high-volume. If the query
limit exceeded, access is blocked.
"""


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
        ("hr", HR, date(2027, 9, 21), date(2010, 9, 21), ()),
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
        seen = whois.parse(text.replace("\n", line_end), tld)
        assert (seen.state, seen.expires, seen.created, seen.epp) == (
            R.REGISTERED,
            expires,
            created,
            states,
        )
    for person in ("Mara", "mara@", "Dlouhá", "tech@", "+421"):
        assert person not in seen.raw


def test_servers_registrar_and_signature_are_read():
    assert whois.parse(CZ, "cz").registrar == "REG-POLARIS"
    assert whois.parse(CZ, "cz").signed is True
    assert whois.parse(EU, "eu").registrar == "Polaris a.s."
    assert whois.parse(PL, "pl").registrar == "Polaris Sp. z o.o."
    both = ("ns1.polaris.example", "ns2.polaris.example")
    assert whois.parse(PL, "pl").nameservers == both
    assert whois.parse(EU, "eu").nameservers == both
    assert whois.parse(COM, "com").nameservers == both[:1]
    assert whois.parse(COM, "com").signed is True
    assert whois.parse(HR, "hr").signed is False
    assert whois.parse(EU, "eu").signed is None


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
    assert whois.parse(text, "test").state is state


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
    assert dates.parse(text) == day


def test_a_registry_that_writes_the_day_first_is_believed():
    assert dates.parse("03/04/2027", day_first=True) == date(2027, 4, 3)
    text = "domain: shop.wf\nstatus: ACTIVE\nExpiry Date: 03/04/2027\n"
    assert whois.parse(text, "wf").expires == date(2027, 4, 3)
    assert whois.parse(text, "test").expires is None


@pytest.mark.parametrize(
    ("said", "meant"),
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
def test_states_have_one_spelling(said, meant):
    assert epp.canonical(said) == meant


RDAP = {
    "objectClassName": "domain",
    "ldhName": "SHOP.CZ",
    "status": ["active", "client hold"],
    "events": [
        {"eventAction": "registration", "eventDate": "2000-07-21T15:21:00Z"},
        {"eventAction": "expiration", "eventDate": "2027-07-22T00:00:00Z"},
    ],
    "entities": [
        {"roles": ["registrant"], "vcardArray": ["vcard", [["fn", {}, "text", "Mara"]]]},
        {"roles": ["registrar"], "vcardArray": ["vcard", [["fn", {}, "text", "Polaris"]]]},
    ],
    "nameservers": [{"ldhName": "NS1.polaris.example."}],
    "secureDNS": {"delegationSigned": True},
}


def test_rdap_is_read_without_people():
    seen = rdap.parse(json.dumps(RDAP), "shop.cz")
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
        rdap.parse(body, "shop.cz")


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
        rdap.parse(json.dumps(body), "shop.cz")
    except rdap.NotRdap:
        assert isinstance(parts.get("ldhName"), str)


@given(st.text(max_size=400), st.sampled_from(["cz", "sk", "pl", "eu", "com", "xx", ""]))
def test_any_whois_text_is_read_without_error(text, tld):
    assert whois.parse(text, tld).state in R


@given(st.lists(st.sampled_from((CZ + SK + PL + COM + EU).splitlines()), max_size=30))
def test_shuffled_answers_are_read_without_error(lines):
    for tld in ("cz", "sk", "pl", "com", "eu", "xx"):
        seen = whois.parse("\n".join(lines), tld)
        assert "Mara" not in seen.raw


def network(**table):
    return Network.of({"closed": True, "allow": ["127.0.0.0/8"], **table})


def budget():
    return Budget(SystemClock())


def says(text, asked=None, rest=0.0):
    async def talk(reader, writer):
        line = await reader.readline()
        if asked is not None:
            asked.append(line.decode().strip())
        writer.write(text if isinstance(text, bytes) else text.encode())
        await writer.drain()
        await asyncio.sleep(rest)

    return talk


async def ask(domain, *, rdap_pages=None, whois_talk=None):
    """A registration through an RDAP server, a WHOIS server, or both."""
    async with (
        tcp(http(rdap_pages or (lambda p, h: answer()))) as one,
        tcp(whois_talk or says("")) as two,
    ):
        table = {}
        if rdap_pages:
            table["rdap"] = {"cz": f"http://127.0.0.1:{one}/v1/"}
        if whois_talk:
            table["whois"] = {"cz": f"127.0.0.1:{two}"}
        return await registration(network(**table), budget(), domain)


async def test_rdap_answers_first_and_whois_is_not_asked():
    asked = []
    pages = lambda path, headers: answer(json.dumps(RDAP)) if path == "/v1/domain/shop.cz" else b""  # noqa: E731 - one line
    seen = await ask("Shop.cz", rdap_pages=pages, whois_talk=says(CZ, asked))
    assert (seen.source, seen.state, seen.expires) == ("rdap", R.REGISTERED, date(2027, 7, 22))
    assert asked == []


async def test_whois_follows_when_rdap_fails():
    for page in (
        answer("oops", "503 Away"),
        answer("<html>"),
        answer("", "429 Too Many"),
        b"junk\r\n\r\n",
    ):
        asked = []
        seen = await ask(
            "shop.cz", rdap_pages=lambda p, h, page=page: page, whois_talk=says(CZ, asked)
        )
        assert (seen.source, seen.expires, asked) == ("whois", date(2027, 7, 22), ["shop.cz"])


async def test_whois_lends_the_date_that_rdap_does_not_give():
    page = answer(json.dumps(RDAP | {"events": []}))
    seen = await ask("shop.cz", rdap_pages=lambda p, h: page, whois_talk=says(CZ))
    assert (seen.source, seen.expires, seen.registrar) == ("rdap", date(2027, 7, 22), "Polaris")


async def test_a_name_that_rdap_does_not_have_is_available():
    page = answer('{"errorCode": 404}', "404 Not Found", content_type="application/rdap+json")
    assert (await ask("shop.cz", rdap_pages=lambda p, h: page)).state is R.AVAILABLE
    lost = answer("<h1>nginx</h1>", "404 Not Found", content_type="text/html")
    seen = await ask("shop.cz", rdap_pages=lambda p, h: lost)
    assert (seen.state, seen.trouble) == (R.UNKNOWN, Trouble.PROTOCOL)


async def test_throttling_is_a_state_of_its_own():
    seen = await ask("shop.cz", rdap_pages=lambda p, h: answer("", "429 Slow Down"))
    assert (seen.state, seen.trouble) == (R.THROTTLED, None)
    by_whois = await ask("shop.cz", whois_talk=says("request limit exceeded\n"))
    assert (by_whois.state, by_whois.source) == (R.THROTTLED, "whois")


async def test_rdap_referral_loops_end():
    seen = await ask("shop.cz", rdap_pages=lambda path, headers: redirect(path))
    assert (seen.state, seen.trouble) == (R.UNKNOWN, Trouble.PROTOCOL)
    longer = await ask("shop.cz", rdap_pages=lambda path, headers: redirect(path + "x"))
    assert longer.trouble is Trouble.PROTOCOL


async def test_a_referral_into_the_private_network_is_not_followed():
    page = redirect("http://10.0.0.1/domain/shop.cz")
    seen = await ask("shop.cz", rdap_pages=lambda path, headers: page)
    assert (seen.state, seen.trouble) == (R.UNKNOWN, Trouble.BLOCKED)


async def test_endless_and_silent_whois_servers_end():
    async def endless(reader, writer):
        while True:
            writer.write(b"remarks: more\r\n" * 1000)
            await writer.drain()

    started = time.monotonic()
    seen = await ask("shop.cz", whois_talk=endless)
    assert (seen.state, seen.trouble) == (R.UNKNOWN, Trouble.PROTOCOL)
    silent = Budget(SystemClock(), seconds=0.5)
    async with tcp(says("", rest=5)) as port:
        table = {"whois": {"cz": f"127.0.0.1:{port}"}}
        late = await registration(network(**table), silent, "shop.cz")
    assert late.trouble is Trouble.TIMEOUT
    assert time.monotonic() - started < 4


async def test_an_empty_or_unreadable_answer_is_trouble_not_absence():
    for text in ("", "welcome\n", b"\xff\xfe\0garbage\n"):
        seen = await ask("shop.cz", whois_talk=says(text))
        assert (seen.state, seen.trouble) == (R.UNKNOWN, Trouble.PROTOCOL)


async def test_an_ending_without_registry_service_says_so():
    seen = await registration(network(), budget(), "shop.nowhere")
    assert (seen.state, seen.trouble) == (R.UNKNOWN, None)
    assert seen.detail == "no registry service is known for this ending"


async def test_built_in_registries_are_not_reached_from_a_closed_network():
    seen = await registration(network(), budget(), "shop.cz")
    assert (seen.state, seen.trouble) == (R.UNKNOWN, Trouble.UNREACHABLE)


@pytest.mark.parametrize("domain", ["", "a b.cz", "x" * 300, "shop..cz", "-.cz"])
async def test_what_is_no_domain_is_told(domain):
    assert (await registration(network(), budget(), domain)).trouble is Trouble.PROTOCOL
