"""What the mail collectors read out of answers that anybody may have written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.collectors.mail.autoconfiguration import is_config_file, parse_servers, srv_target
from diagnostics.collectors.mail.host_names import expand_addresses, greeting_name
from diagnostics.evidence.blocklist_answers import (
    MEANINGS,
    find_blocklist,
    list_name,
    listing_reason,
    load_blocklists,
)
from facts import Exchange
from standards.dns_types import Lookup, Record

AT = datetime(2026, 1, 15, tzinfo=UTC)
CONFIG = """<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="shop.example">
<incomingServer type="imap"><hostname>IMAP.shop.example.</hostname><port>993</port></incomingServer>
<incomingServer type="pop3"><hostname>{}</hostname><port>{}</port></incomingServer>
<outgoingServer type="smtp"><hostname>smtp.shop.example</hostname><port>465</port></outgoingServer>
</emailProvider></clientConfig>"""
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{"&" + chr(97 + n) + ";" * 1}">' for n in range(20))
    + "]><clientConfig>&u;</clientConfig>"
)


def answer(text, status=200):
    return Exchange("https://autoconfig.shop.example/", AT, status=status, excerpt=text)


def test_the_servers_of_a_set_up_file():
    parsed = parse_servers(answer(CONFIG.format("pop.shop.example", "995")))
    assert parsed == (
        ("imap.shop.example", 993),
        ("pop.shop.example", 995),
        ("smtp.shop.example", 465),
    )


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("pop.shop.example", "99999999"),
        ("<b>x</b>", "1"),
        ("a b", "1"),
        ("x;rm", "1"),
        ("", ""),
        ("a.example", "²"),
    ],
)
def test_an_odd_server_is_left_out(host, port):
    assert len(parse_servers(answer(CONFIG.format(host, port)))) == 2


@pytest.mark.parametrize(
    "text", [BOMB, "<clientConfig", "<clientConfig>" * 5_000, CONFIG[:300], "\x00", "<!doctype x>"]
)
def test_bombs_and_broken_files_name_no_server(text):
    assert parse_servers(answer(text)) == ()


@given(st.text(max_size=300))
def test_any_page_is_read_or_left(text):
    parse_servers(answer(text))
    is_config_file(answer(text))
    greeting_name(text)


def test_an_ordinary_page_is_no_set_up_file():
    assert not is_config_file(answer("<html><title>Shop</title>"))
    assert not is_config_file(answer(CONFIG, status=404))
    assert is_config_file(answer(CONFIG))


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("0 1 993 imap.shop.example.", "imap.shop.example"),
        ("0 0 0 .", ""),
        ("x", ""),
        ("1 2 a b", ""),
    ],
)
def test_srv_records(value, name):
    target = srv_target(Record("_imaps._tcp.shop.example", "SRV", 300, value))
    assert (target.name if target else "") == name


def test_networks_that_name_machines():
    assert expand_addresses(("192.0.2.1", "192.0.2.8/30", "10.0.0.0/8", "2001:db8::5", "no")) == (
        "192.0.2.1",
        "192.0.2.9",
        "192.0.2.10",
        "2001:db8::5",
    )


# ------------------------------------------------------------------ blocklists as data
def test_every_list_has_a_name_a_page_and_meanings_that_exist():
    for item in load_blocklists():
        assert item.name, item.zone
        assert item.page.startswith("https://"), item.zone
        assert set(item.sorts) <= {"ipv4", "ipv6", "domain"}, item.zone
        keys = {*(item.codes or {}).values(), *(item.bits or {}).values()}
        assert keys <= set(MEANINGS), item.zone


def test_a_customers_key_is_not_shown():
    assert find_blocklist("secretkey123.zen.dq.spamhaus.net").name == "Spamhaus ZEN"
    assert list_name("secretkey123.zen.dq.spamhaus.net") == "Spamhaus ZEN"
    assert list_name("secretkey123.list.example.org") == "list.example.org"


@pytest.mark.parametrize(
    ("zone", "code", "key"),
    [
        ("zen.spamhaus.org", "127.0.0.4", "exploited"),
        ("zen.spamhaus.org", "127.0.0.200", "listed"),
        ("multi.surbl.org", "127.0.0.72", "spam"),
        ("multi.surbl.org", "127.0.0.8", "phishing"),
        ("unknown.example", "127.0.0.2", "listed"),
    ],
)
def test_what_a_code_means(zone, code, key):
    lookup = Lookup("x", "A", "r", AT, rcode="NOERROR", answers=(Record("x", "A", 1, code),))
    assert listing_reason(zone, lookup) == MEANINGS[key]
