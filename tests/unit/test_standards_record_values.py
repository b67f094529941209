"""Record values mean the same however they are spelled, and the `dns` probe compares meanings."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.dns_types import Lookup, Record
from standards.record_values import comparison_key
from status.model import Grade
from status.probing.kinds import dns

AT = datetime(2026, 1, 15, tzinfo=UTC)
LONG = "v=DKIM1; k=rsa; p=" + "MIIBIjANBgkqhkiG9w0B" * 20
SAME = [
    ("AAAA", "2001:db8::1", "2001:0DB8:0:0:0:0:0:1"),
    ("AAAA", "::ffff:192.0.2.1", "::FFFF:C000:201"),
    ("A", "192.0.2.1", " 192.0.2.1 "),
    ("CNAME", "www.shop.example", "WWW.Shop.Example."),
    ("MX", "10 mx.shop.example", "10  MX.shop.example."),
    ("MX", "mx.shop.example", "mx.shop.example."),
    ("NS", "ns1.example", "NS1.example."),
    ("SRV", "0 5 5061 sip.example", "0 5 5061 SIP.example."),
    ("DS", "2371 13 2 1f987cc6583e92df0890718c42" + "0" * 38, "2371 13 2 1F987CC6583E92DF0890718C42 " + "0" * 38),
    ("TLSA", "3 1 1 ab01" + "00" * 30, "3 1 1 AB01" + "00" * 30),
    ("SSHFP", "4 2 ab01" + "00" * 30, "4 2 AB01 " + "00" * 30),
    ("CAA", '0 issue "letsencrypt.org"', "0 issue letsencrypt.org"),
    ("TXT", '"v=spf1 -all"', "v=spf1 -all"),
    ("TXT", '"v=spf1 " "-all"', "v=spf1 -all"),
    ("TXT", '"v=spf1" " -all"', '"v=spf1 -all"'),
    ("TXT", '"v=DMARC1;" " p=none"', "v=DMARC1; p=none"),
    ("TXT", '"say \\"hi\\""', 'say "hi"'),
    ("TXT", '"\\197\\190"', "ž"),
    ("TXT", '"\\197\\190"', "\\197\\190"),
    ("TXT", f'"{LONG[:255]}" "{LONG[255:]}"', LONG),
    ("TXT", f'"{LONG[:100]}" "{LONG[100:200]}" "{LONG[200:]}"', f'"{LONG}"'),
    ("TXT", f'"{LONG[:255]}" "{LONG[255:]}"', LONG.replace(";", "\\;")),
    ("TXT", f'"{LONG[:255]}" "{LONG[255:]}"', f'"{LONG[:300]}" "{LONG[300:]}"'),
    ("TXT", '"a" "b"', '"a"\n"b"'),
    ("HTTPS", "1 Www.example. alpn=h2", '1 www.example alpn="h2"'),
]  # fmt: skip
OTHER = [
    ("AAAA", "2001:db8::1", "2001:db8::2"),
    ("MX", "10 mx.shop.example", "20 mx.shop.example"),
    ("TXT", '"v=spf1" "-all"', "v=spf1 -all"),
    ("TXT", '"Case"', "case"),
    ("TXT", '"a"', '"a"\n"b"'),
    ("A", "192.0.2.1", "nonsense"),
]


@pytest.mark.parametrize(("record_type", "value", "other"), SAME)
def test_spelling_does_not_matter(record_type, value, other):
    assert comparison_key(record_type, value) == comparison_key(record_type.lower(), other)
    settings = dns.DnsProbeSettings(type=record_type, expect=(other,), exactly=True)
    assert dns.judge(seen(record_type, value), settings).grade is Grade.UP
    both = dns.judge(seen(record_type, value, other), dns.DnsProbeSettings(type=record_type))
    assert both.grade is Grade.UP


@pytest.mark.parametrize(("record_type", "value", "other"), OTHER)
def test_another_value_is_another(record_type, value, other):
    settings = dns.DnsProbeSettings(type=record_type, expect=(other,))
    assert dns.judge(seen(record_type, value), settings).grade is Grade.DOWN


def seen(record_type, *values):
    """What servers answered, each with one value."""
    lookups = tuple(
        Lookup(
            "shop.example",
            record_type,
            f"31.50.0.{n}",
            AT,
            rcode="NOERROR",
            flags=("aa",),
            answers=(Record("shop.example", record_type, 60, value),),
        )
        for n, value in enumerate(values, 1)
    )
    return dns.DnsProbeFact("shop.example", record_type, lookups)


@given(st.sampled_from(["A", "TXT", "MX", "CAA", "HTTPS", "NOSUCH"]), st.text(max_size=400))
def test_any_text_can_be_compared(record_type, value):
    assert comparison_key(record_type, value)[:1] in (b"?", b"=")
