"""Small standards as whole values: replies, texts, addresses, names, lifetimes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from standards.certificate_lifetime import warning_period
from standards.confusables import confusable_kind
from standards.dns_types import Lookup, Record, Trouble
from standards.queries import (
    MAX_POLICIES,
    Query,
    QueryReply,
    character_strings,
    likely_policies,
    mail_exchanges,
    reply_from_lookup,
)
from standards.record_values import comparison_key, is_record_type
from standards.text import decode_page, decode_text, decode_undeclared, sanitise
from standards.urls import (
    MAX_URL,
    BadUrl,
    Url,
    ascii_host,
    is_address,
    parse_url,
    resolve_location,
)

AT = datetime(2026, 1, 15, tzinfo=UTC)
DAYS = timedelta(days=1)


# ------------------------------------------------------------------ answers of DNS
def lookup(type_, *values, **more):
    records = tuple(Record("x.example", kind, 300, value) for kind, value in values)
    return Lookup("x.example", type_, "192.0.2.53", AT, answers=records, **more)


def test_only_the_values_of_the_asked_type_are_those_of_an_answer():
    seen = lookup("A", ("CNAME", "y.example."), ("A", "192.0.2.2"), ("A", "192.0.2.1"))
    assert seen.values() == ("192.0.2.2", "192.0.2.1")
    assert seen.values("CNAME") == ("y.example.",)


@pytest.mark.parametrize(
    ("given", "reply"),
    [
        ({"rcode": "NXDOMAIN"}, QueryReply(exists=False)),
        ({"rcode": "", "trouble": Trouble.NXDOMAIN}, QueryReply(exists=False)),
        ({"rcode": "SERVFAIL"}, QueryReply(failed=True)),
        ({"rcode": ""}, QueryReply(failed=True)),
        ({"rcode": "NOERROR", "trouble": Trouble.TIMEOUT}, QueryReply(failed=True)),
        ({"rcode": "NOERROR"}, QueryReply()),
    ],
)
def test_no_answer_is_not_the_same_as_an_answer_that_there_is_nothing(given, reply):
    assert reply_from_lookup(lookup("TXT", **given), Query("x.example", "TXT")) == reply


@pytest.mark.parametrize(
    ("type_", "values", "wanted"),
    [
        ("MX", ("20 b.example.", "odd z.example.", "5 a.example."),
         ("a.example", "b.example", "z.example")),
        ("MX", ("65536 z.example", "² a.example", "65535 b.example"),
         ("b.example", "z.example", "a.example")),
        ("TXT", ('"v=spf1 " "-all"', '"b"'), ("v=spf1 -all", "b")),
        ("SPF", ('"v=spf1" " -all"',), ("v=spf1 -all",)),
        ("PTR", ("a.example.", "b.example"), ("a.example", "b.example")),
        ("A", ("192.0.2.1",), ("192.0.2.1",)),
    ],
)  # fmt: skip
def test_values_are_given_as_a_walk_reads_them(type_, values, wanted):
    seen = lookup(type_, *((type_, value) for value in values), rcode="NOERROR")
    assert reply_from_lookup(seen, Query("x.example", type_)) == QueryReply(wanted)


def test_mail_servers_come_best_first_and_once():
    given = lookup(
        "MX", *(("MX", v) for v in ("20 B.example.", "10 c.example.", "0 .", "x d.", "² e."))
    )
    again = lookup("MX", ("MX", "20 b.example."))
    assert mail_exchanges([given, again]) == [(10, "c.example"), (20, "b.example")]


def test_of_many_texts_those_that_look_like_policies_are_read():
    few = tuple(f"t{n}" for n in range(MAX_POLICIES, 0, -1))
    assert likely_policies(few) == few
    late = "x" * 64 + "spf"
    near = "x" * 61 + "spf"
    many = [*(f"t{n:02}" for n in range(30, 0, -1)), "v=SPF1 -all", "v=Dmarc1", late, near]
    assert likely_policies(many) == (
        "v=Dmarc1", "v=SPF1 -all", near, *(f"t{n:02}" for n in range(1, 14)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ('""', ("",)),
        ('"a b" "c"', ("a b", "c")),
        ('"a""b"', ("a", "b")),
        ("bare  words", ("bare", "words")),
        ('"a"b "c"', ("a", "b", "c")),
        (r'"\"\\"', ('"\\',)),
        (r'"\065\255\300x"', ("Aÿÿx",)),
        (r'"\06"', ("06",)),
        (r"\a\ b", ("a b",)),
        (r"a\"b c", ('a"b', "c")),
        (r"\12", ("12",)),
        ('"\\²²²"', ("²²²",)),
        ('"open', ("open",)),
        ("\\", ("",)),
        ('"a\\', ("a",)),
    ],
)
def test_character_strings_are_those_of_zone_files(text, parts):
    assert character_strings(text) == parts


# ------------------------------------------------------------------ values that mean the same
@pytest.mark.parametrize(
    ("record_type", "value", "key"),
    [
        ("txt", ' "a" "b" ', b"=ab"),
        ("TXT", 'say "hi"', b'=say "hi"'),
        ("SPF", r"a\;b", b"=a;b"),
        ("TXT", '"open', b"?open"),
        ("A", "192.0.2.1", b"=\xc0\x00\x02\x01"),
        ("A", '"Nonsense."', b"?nonsense"),
        ("TYPE", "X.", b"?x"),
        ("NS", "NS1.Example.", b"=\x03ns1\x07example\x00"),
        ("CAA", '0 ISSUE "LE.org"', b"=\x00\x05issuele.org"),
    ],
)
def test_a_value_has_a_key_by_its_meaning_or_by_its_letters(record_type, value, key):
    assert comparison_key(record_type, value) == key


def test_types_of_records_are_known_by_name_and_number():
    assert all(map(is_record_type, ("A", "aaaa", "TYPE65280", "https")))
    assert not any(map(is_record_type, ("", "B", "TYPE", "TYPE65536", "TYPEx")))


# ------------------------------------------------------------------ foreign bytes
def test_what_cannot_be_shown_safely_is_replaced():
    assert sanitise("a\tb\r\nc") == "a\tb\r\nc"
    assert sanitise("\x00\x1b\x7f\x9f\u202e\u2066\ud800ž") == "\ufffd" * 7 + "ž"


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        (b"\xe9", "", "\ufffd"),
        (b"\xe9", "latin-1", "é"),
        (b"\x9a", "windows-1250", "š"),
        (b"a+b", "utf-7", "a+b"),
        ("ž".encode(), "rot13", "ž"),
        ("ž".encode(), "no\x00such", "ž"),
        ("ž".encode(), "x" * 41, "ž"),
        (b"a\xff\x00", "ascii", "a\ufffd\ufffd"),
    ],
)
def test_only_character_sets_of_the_web_are_honoured(raw, charset, text):
    assert decode_text(raw, charset) == text


@pytest.mark.parametrize(
    ("raw", "content_type", "text"),
    [
        (b"\xff\xfea\x00", "", "a"),
        (b"\xfe\xff\x00a", "text/html; charset=utf-8", "a"),
        (b"a\x00b\x00", "", "ab"),
        (b"\x00a\x00b", "", "ab"),
        (b"a\x00b", "", "a\ufffdb"),
        (b"\x00\x00\x00b", "", "\ufffd" * 3 + "b"),
        (b"a\x00\x00\x00", "", "a" + "\ufffd" * 3),
        (b"\x9a", "TEXT/HTML; x=y; Charset='Windows-1250' ; z", "š"),
        (b"<meta charset=windows-1250>\x9a", "application/xhtml+xml ; x", "<meta charset=windows-1250>š"),
        (b"<meta charset=windows-1250>\x9a", "image/svg+xml", "<meta charset=windows-1250>š"),
        (b"<meta charset=windows-1250>\x9a", "text/plain", "<meta charset=windows-1250>\ufffd"),
        (b"<META x CHARSET = 'Windows-1250'>\x9a", "", "<META x CHARSET = 'Windows-1250'>š"),
        (b"<!-- <meta charset=x> --><meta charset=windows-1250>\x9a", "",
         "<!-- <meta charset=x> --><meta charset=windows-1250>š"),
        (b"<meta charset=utf-16le>a", "", "<meta charset=utf-16le>a"),
    ],
)  # fmt: skip
def test_a_page_is_decoded_by_its_mark_its_header_its_looks_and_its_own_word(
    raw, content_type, text
):
    assert decode_page(raw, content_type) == text


def test_a_page_may_declare_its_charset_within_its_first_kilobyte():
    declared = b"<meta charset=windows-1250>"
    for ahead, seen in ((1024 - len(declared) + 1, "š"), (1024, "\ufffd")):
        assert decode_page(b" " * ahead + declared + b"\x9a")[-1] == seen


def test_bytes_without_any_declaration_are_read_by_their_looks():
    assert decode_undeclared("日本".encode("iso2022_jp")) == "日本"
    assert decode_undeclared(b"\x1b$B\xff\x1b(B") == "\ufffd"
    assert decode_undeclared("ž\u202e".encode()) == "ž\ufffd"
    assert decode_undeclared(b"\xe9\x85") == "é\ufffd"


# ------------------------------------------------------------------ addresses of the web
@pytest.mark.parametrize(
    ("typed", "host"),
    [
        (" Shop.Example. ", "shop.example"),
        ("[2001:DB8::1]", "2001:db8::1"),
        ("192.0.2.1.", "192.0.2.1"),
        ("HÁČKY.cz", "háčky.cz".encode("idna").decode()),
        ("_dmarc.a-b.example", "_dmarc.a-b.example"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
        (".".join(["a" * 50] * 4) + "." + "b" * 49, ".".join(["a" * 50] * 4) + "." + "b" * 49),
        ("0xfg", "0xfg"),
    ],
)
def test_hosts_are_told_in_one_spelling(typed, host):
    assert ascii_host(typed) == host
    assert is_address(host) == (host in ("2001:db8::1", "192.0.2.1"))


CHARACTERS = "the name holds characters no host name has"
NUMBER = "the host is a number that is no plain address"


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", CHARACTERS),
        ("a b.example", CHARACTERS),
        ("-a.example", CHARACTERS),
        ("a-.example", CHARACTERS),
        ("a..example", CHARACTERS),
        ("a" * 64 + ".example", CHARACTERS),
        (".".join(["a" * 50] * 4) + "." + "b" * 50, CHARACTERS),
        ("2130706433", NUMBER),
        ("127.1", NUMBER),
        ("0x7f.0x1", NUMBER),
        ("a.0x", NUMBER),
        ("ž" * 70 + ".cz", "the name is not a valid internationalised name"),
    ],
)
def test_what_is_no_host_is_refused_with_the_reason(typed, problem):
    with pytest.raises(BadUrl) as refused:
        ascii_host(typed)
    assert str(refused.value) == problem


@pytest.mark.parametrize(
    ("text", "url", "written"),
    [
        ("http://Shop.example", Url("http", "shop.example", 80, "/"), "http://shop.example/"),
        (" HTTPS://u:p@shop.example:443/a?b#c ", Url("https", "shop.example", 443, "/a?b"),
         "https://shop.example/a?b"),
        ("http://shop.example:443/?", Url("http", "shop.example", 443, "/"),
         "http://shop.example:443/"),
        ("https://[2001:db8::1]:8443/ž ž?q=č%20", Url("https", "2001:db8::1", 8443,
         "/%C5%BE%20%C5%BE?q=%C4%8D%20"), "https://[2001:db8::1]:8443/%C5%BE%20%C5%BE?q=%C4%8D%20"),
        ("http://a.example/\ud800", Url("http", "a.example", 80, "/%EF%BF%BD"),
         "http://a.example/%EF%BF%BD"),
        ("https://[2001:db8::1]/", Url("https", "2001:db8::1", 443, "/"), "https://[2001:db8::1]/"),
    ],
)  # fmt: skip
def test_an_address_is_what_can_be_asked_for(text, url, written):
    assert parse_url(text) == url
    assert str(url) == written


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("http://a.example/" + "x" * (MAX_URL - 16), "the address is too long"),
        ("http://[::1", "the address cannot be read"),
        ("http://a.example:99999/", "the address cannot be read"),
        ("ftp://a.example/", "the address is not http or https"),
        ("a.example", "the address is not http or https"),
        ("http:///x", "the address names no host"),
        ("http://a.example:0/", "the address names no host"),
        ("http://a b/", CHARACTERS),
    ],
)
def test_what_cannot_be_asked_for_is_refused_with_the_reason(text, problem):
    with pytest.raises(BadUrl) as refused:
        parse_url(text)
    assert str(refused.value) == problem


def test_the_longest_address_is_taken():
    text = "http://a.example/" + "x" * (MAX_URL - 17)
    assert str(parse_url(text)) == text
    assert str(resolve_location(parse_url("https://b.example/"), text)) == text


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("c?d", "https://shop.example:8443/a/c?d"),
        (" /c\r\n\td ", "https://shop.example:8443/cd"),
        ("//other.example", "https://other.example/"),
        ("http://other.example/#x", "http://other.example/"),
        ("", "https://shop.example:8443/a/b"),
    ],
)
def test_a_redirect_leads_where_browsers_go(location, target):
    assert str(resolve_location(parse_url("https://shop.example:8443/a/b"), location)) == target


@pytest.mark.parametrize(
    ("location", "problem"),
    [
        ("/" + "x" * MAX_URL, "the address is too long"),
        ("//[::1", "the address cannot be read"),
        ("mailto:a@b.example", "the address is not http or https"),
    ],
)
def test_a_redirect_that_leads_nowhere_is_refused_with_the_reason(location, problem):
    with pytest.raises(BadUrl) as refused:
        resolve_location(parse_url("https://shop.example/"), location)
    assert str(refused.value) == problem


# ------------------------------------------------------------------ names and lifetimes
@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("shop.example", ""),
        ("ріурау.com".encode("idna").decode(), "lookalike"),
        ("pаypal.com".encode("idna").decode(), "mixed_script"),
        ("háčky.cz".encode("idna").decode(), ""),
        ("пример.com".encode("idna").decode(), ""),
        ("a.пример.com".encode("idna").decode(), ""),
        ("ом.пример.com".encode("idna").decode(), "lookalike"),
        ("日本.jp".encode("idna").decode(), ""),
        ("xn--.com", ""),
        ("xn--a.com", ""),
    ],
)
def test_names_that_look_like_others_are_told_by_their_letters(host, kind):
    assert confusable_kind(host) == kind


def test_a_renewal_is_late_as_usual_or_within_the_last_sixth():
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    assert warning_period(begin, begin + 90 * DAYS, 14 * DAYS) == 14 * DAYS
    assert warning_period(begin, begin + 84 * DAYS, 14 * DAYS) == 14 * DAYS
    assert warning_period(begin, begin + 6 * DAYS, 14 * DAYS) == DAYS
