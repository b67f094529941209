"""The pieces of records as people write them: names, values of each type, lifetimes, placeholders."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from instructions.owner_names import owner_name
from instructions.record_values import (
    UnreadableValue,
    canonical_value,
    fill_domain,
    has_placeholder,
    is_below,
    parse_host,
    parse_ttl,
    parse_value,
)

D = "cafe.example"


def read(parse: Callable[..., str], *given: str) -> str | None:
    """What is read, None when it is refused."""
    try:
        return parse(*given)
    except UnreadableValue:
        return None


HOSTS = [
    ("mx.new.net", "mx.new.net"),
    (" MX.New.Net. ", "mx.new.net"),
    ("<mx.new.net>,", "mx.new.net"),
    ("'mx.new.net'", "mx.new.net"),
    ("(mx.new.net)", "mx.new.net"),
    ("[mx.new.net];", "mx.new.net"),
    ("`mx.new.net`", "mx.new.net"),
    ('"mx.new.net"', "mx.new.net"),
    ("https://mx.new.net/a/b", "mx.new.net"),
    ("ftp://mx.new.net", "mx.new.net"),
    ("x1://mx.new.net", None),
    ("bücher.net", "xn--bcher-kva.net"),
    ("mx.xn--p1ai", "mx.xn--p1ai"),
    ("mx.new.xn--a-", None),
    ("localhost", None),
    ("192.0.9.1", None),
    ("2001:db8::1", None),
    ("mx.new.n", None),
    ("mx.new.1", None),
    (f"mx.new.{'a' * 64}", None),
    (f"mx.new.{'a' * 63}", f"mx.new.{'a' * 63}"),
    ("-mx.new.net", None),
    ("mx_1.new.net", "mx_1.new.net"),
    ("", None),
    (".net", None),
    ("mx..net", None),
    ("a b.net", None),
    ("mx.new.net:25", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "host"), HOSTS)
def test_hosts(text: str, host: str | None) -> None:
    assert read(parse_host, text) == host


FILLED = [
    ("example.com", "cafe.example"),
    ("www.example.com", "www.cafe.example"),
    ("wwwexample.com", "wwwexample.com"),
    ("example.com.net", "example.com.net"),
    ("your-domain.com", "cafe.example"),
    ("mail.your-domain", "mail.cafe.example"),
    ("x.yourdomain.com", "x.cafe.example"),
    ("yourdomain", "cafe.example"),
    ("<domain>", "cafe.example"),
    ("a.{domain}", "a.cafe.example"),
    ("domain.com.x", "domain.com.x"),
    ("www.vasedomena.cz", "www.cafe.example"),
    ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "filled"), FILLED)
def test_placeholders_of_the_domain(name: str, filled: str) -> None:
    assert fill_domain(name, D) == filled
    assert fill_domain(name, "") == name


VALUES = [
    ("A", "192.0.9.1", "", "192.0.9.1"),
    ("A", " (192.0.9.1); ", "", "192.0.9.1"),
    ("A", "`192.0.9.1`", "", "192.0.9.1"),
    ("A", "'192.0.9.1'", "", "192.0.9.1"),
    ("A", "<192.0.9.1>", "", "192.0.9.1"),
    ("A", "[192.0.9.1]", "", "192.0.9.1"),
    ("A", "192.0.9.1.", "", None),
    ("A", "192.0.9.256", "", None),
    ("A", "2001:db8::1", "", None),
    ("A", "", "", None),
    ("AAAA", "2001:DB8:0::1", "", "2001:db8::1"),
    ("AAAA", "192.0.9.1", "", None),
    ("AAAA", "::ffff:192.0.9.1", "", "::ffff:c000:901"),
    ("CNAME", "@", "", "cafe.example"),
    ("CNAME", " Example.com ", "", "cafe.example"),
    ("CNAME", "shop.example.com.", "", "shop.cafe.example"),
    ("CNAME", "X.New.Net.", "", "x.new.net"),
    ("CNAME", "localhost", "", None),
    ("NS", "ns1.yourdomain.com", "", "ns1.cafe.example"),
    ("MX", "mx.new.net", "", "10 mx.new.net"),
    ("MX", "5 mx.new.net", "", "5 mx.new.net"),
    ("MX", "mx.new.net 5", "", "5 mx.new.net"),
    ("MX", "(5) mx.new.net,", "", "5 mx.new.net"),
    ("MX", '"5" "mx.new.net"', "", "5 mx.new.net"),
    ("MX", "mx.new.net", "7", "7 mx.new.net"),
    ("MX", "5 mx.new.net", " 7 ", "7 mx.new.net"),
    ("MX", "mx.new.net", "x", None),
    ("MX", "mx.new.net", "65536", None),
    ("MX", "mx.new.net", "65535", "65535 mx.new.net"),
    ("MX", "65536 mx.new.net", "", None),
    ("MX", "65535 mx.new.net", "", "65535 mx.new.net"),
    ("MX", "3600 10 mx.new.net", "", "10 mx.new.net"),
    ("MX", "65536 10 mx.new.net", "", "10 mx.new.net"),
    ("MX", "10 65536 mx.new.net", "", None),
    ("MX", "007 mx.new.net", "", "7 mx.new.net"),
    ("MX", "0 .", "", "0 ."),
    ("MX", ".", "", "0 ."),
    ("MX", "10 .", "", "0 ."),
    ("MX", "0 . x", "", None),
    ("MX", "10", "", None),
    ("MX", "a.net b.net", "", None),
    ("MX", "10 @", "", "10 cafe.example"),
    ("MX", "[10] mx.new.net; ; ", "", "10 mx.new.net"),
    ("MX", "mx.new.net", "²", None),
    ("TXT", "hello", "", "hello"),
    ("TXT", '"a" "b"', "", "ab"),
    ("TXT", '("a" "b")', "", "ab"),
    ("TXT", '"a" b', "", '"a" b'),
    ("TXT", "“a”", "", "a"),
    ("TXT", "„a“", "", "a"),
    ("TXT", '"a\\"b"', "", 'a"b'),
    ("TXT", '"a\\;b\\\\c"', "", "a;b\\c"),
    ("TXT", "a\\;b", "", "a;b"),
    ("TXT", "'a b'", "", "a b"),
    ("TXT", "` a  b `", "", "a b"),
    ("TXT", "a\t\nb", "", "a b"),
    ("TXT", '""', "", None),
    ("TXT", "''", "", None),
    ("TXT", '"a', "", '"a'),
    ("TXT", '"a"\t( "b" )', "", "ab"),
    ("SRV", "1 2 3 t.new.net", "", "1 2 3 t.new.net"),
    ("SRV", "01 02 03 .", "", "1 2 3 ."),
    ("SRV", "1 2 3 sip.example.com", "", "1 2 3 sip.cafe.example"),
    ("SRV", "1 2 3", "", None),
    ("SRV", "1 2 3 4 t.new.net", "", None),
    ("SRV", "1 2 65536 t.new.net", "", None),
    ("SRV", "65535 65535 65535 t.new.net", "", "65535 65535 65535 t.new.net"),
    ("SRV", "65536 1 1 t.new.net", "", None),
    ("SRV", "1 x 3 t.new.net", "", None),
    ("SRV", "1 2 3 t", "", None),
    ("CAA", "0 issue ca.example", "", "0 issue ca.example"),
    ("CAA", '128 IssueWild "ca.example; a=1"', "", "128 issuewild ca.example; a=1"),
    ("CAA", '000 iodef " mailto:a@new.net "', "", "0 iodef mailto:a@new.net"),
    ("CAA", "0  issue\tca.example", "", "0 issue ca.example"),
    ("CAA", '0 issue ""', "", "0 issue "),
    ("CAA", "0 issue", "", None),
    ("CAA", "1234 issue a", "", None),
    ("CAA", "0 issue-x a", "", None),
    ("CAA", f"0 {'a' * 16} a", "", None),
    ("CAA", f"0 {'a' * 15} a", "", f"0 {'a' * 15} a"),
    ("CAA", '0 issue "a" "b"', "", None),
    ("PTR", "x.net", "", None),
    ("", "x", "", None),
    ("a", "192.0.9.1", "", None),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "priority", "value"), VALUES)
def test_values(kind: str, text: str, priority: str, value: str | None) -> None:
    assert read(parse_value, kind, text, D, priority) == value


TTLS = [
    ("300", 300),
    (" 300 ", 300),
    ("1 s", 1),
    ("5 secs", 5),
    ("5 min", 300),
    ("2 h", 7200),
    ("1 hod.", 3600),
    ("1 den", 86400),
    ("2 dny", 172800),
    ("1 w", 604800),
    ("1 week (604800)", 604800),
    ("2 weeks", 604800),
    ("604801", 604800),
    ("604800", 604800),
    ("1h30", 0),
    ("1 h 30", 0),
    ("7 dní", 604800),
    ("9999999", 604800),
    ("10000000", 0),
    ("0", 0),
    ("", 0),
    ("h", 0),
    ("-5", 0),
    ("1.5 h", 0),
    ("5 m (default)", 300),
    ("5 m (a) b", 300),
    ("Auto (300)", 0),
    ("300 seconds", 300),
    ("5 x", 0),
    ("5m", 300),
    ("5M", 300),
    ("1 Tag", 86400),
]  # fmt: skip


@pytest.mark.parametrize(("text", "seconds"), TTLS)
def test_lifetimes(text: str, seconds: int) -> None:
    assert parse_ttl(text) == seconds


HOLDERS = [
    ("abc=def", False),
    ("<your-token>", True),
    ("<x@y.net>", False),
    ("<a>", False),
    ("<ab>", True),
    (f"<{'a' * 60}>", True),
    (f"<{'a' * 61}>", False),
    ("{token}", True),
    ("%{token}", False),
    ("{t}", False),
    ("[token]", True),
    ("[t]", False),
    ("xxxx", True),
    ("XXXX-1", True),
    ("xxx", False),
    ("a...", True),
    ("…", True),
    ("your token", True),
    ("YOUR-TOKEN", True),
    ("replace me", True),
    ("v=spf1 -all", False),
    ("v=spf1 include:a.net all all ~all", False),
    ("v=spf1 include:%{d}.a.net ~all", False),
    ("v=spf1 incl:a.net -all", True),
    ("v=spf1 ip4:1.2.3 -all", True),
    ("v=spf1 banana -all", True),
    ("token-here", True),
    ("vaš kód", True),
    ("a[]b", False),
    ("a<>b", False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "unfilled"), HOLDERS)
def test_placeholders_of_values(text: str, unfilled: bool) -> None:  # noqa: FBT001
    assert has_placeholder(text) is unfilled


CANONICAL = [
    ("TXT", '"a" "b"', "ab"),
    ("TXT", "a", "a"),
    ("TXT", '""', ""),
    ("TXT", '"A; b"', "A; b"),
    ("A", " 192.0.9.1 ", "192.0.9.1"),
    ("A", "X.Y.", "X.Y."),
    ("CNAME", "X.Net.", "x.net"),
    ("CNAME", "LocalHost.", "localhost"),
    ("NS", "LocalHost.", "localhost"),
    ("MX", "10 MX.New.Net.", "10 mx.new.net"),
    ("MX", "70000 MX.New.Net.", "70000 mx.new.net"),
    ("SRV", "1 2 3 T.New.Net.", "1 2 3 t.new.net"),
    ("SRV", "1 2 T.New.Net.", "1 2 t.new.net"),
    ("CAA", '0 issue "a"', "0 issue a"),
    ("CAA", "X.", "X."),
    ("PTR", "X.Y.", "X.Y."),
    ("CNAME", "example.com", "example.com"),
    ("AAAA", "2001:DB8::0001", "2001:db8::1"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "rdata", "value"), CANONICAL)
def test_answers_of_dns(kind: str, rdata: str, value: str) -> None:
    assert canonical_value(kind, rdata) == value


OWNERS = [
    ("@ cafe.example", "cafe.example"),
    ("@x", None),
    ("-", "cafe.example"),
    ("(leave blank)", "cafe.example"),
    ("Leave Blank", "cafe.example"),
    ("`www`:", "www.cafe.example"),
    ("www.@", "www.cafe.example"),
    ("x@", "x.cafe.example"),
    ("www.", "www"),
    ("www/", "www.cafe.example"),
    ("HTTPS://www.cafe.example/", "www.cafe.example"),
    ("http://www", "www.cafe.example"),
    ("_dmarc", "_dmarc.cafe.example"),
    ("*.", None),
    ("*", "*.cafe.example"),
    ("*.x.net", "*.x.net.cafe.example"),
    ("*.x.net.", "*.x.net"),
    ("x.y.net", "x.y.net"),
    ("x.y.biz", "x.y.biz"),
    ("x.y.info", "x.y.info"),
    ("x.y.shop", "x.y.shop.cafe.example"),
    ("x.y.zz", "x.y.zz.cafe.example"),
    ("x.y.cz", "x.y.cz"),
    ("x.cz", "x.cz"),
    ("co.uk", "co.uk"),
    ("_a.b.com", "_a.b.com.cafe.example"),
    ("a._b.com", "a._b.com.cafe.example"),
    ("a._domainkey.b.com", "a._domainkey.b.com.cafe.example"),
    ("a.b.com.", "a.b.com"),
    ("cafe.example.", "cafe.example"),
    ("CAFE.example", "cafe.example"),
    ("x.cafe.example", "x.cafe.example"),
    ("xcafe.example", "xcafe.example"),
    ("cafe.example.net", "cafe.cafe.example"),
    ("A.B", "a.b.cafe.example"),
    ("bücher", "xn--bcher-kva.cafe.example"),
    ("Bücher.com", "xn--bcher-kva.com"),
    ("x.example.com", "x.cafe.example"),
    ("-x", None),
    ("x-", None),
    ("a_b", "a_b.cafe.example"),
    ("a,b", None),
    ("a b", None),
    ("192.0.9.1", None),
    ("2001:db8::1", None),
    (f"a.{'b' * 64}", None),
    ('""', "cafe.example"),
    ("x:", "x.cafe.example"),
    ("x y.com", None),
    ("*a", None),
    ("a.*.b", None),
    ("www.test", "www.test"),
    ("www.org", "www.org"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name"), OWNERS)
def test_owners(text: str, name: str | None) -> None:
    assert read(owner_name, text, D) == name


@pytest.mark.parametrize(
    ("name", "below"),
    [
        (D, True), (f"{D}.", True), (f"A.{D.upper()}", True), (f"a.b.{D}.", True),
        (f"a{D}", False), ("example", False), (f"{D}.net", False), ("", False),
    ],
)  # fmt: skip
def test_names_of_the_domain(name: str, below: bool) -> None:  # noqa: FBT001
    assert is_below(name, D) is below
