"""Every form in which providers write a record, each with all that is read of it, in order."""

from __future__ import annotations

import pytest

from instructions.owner_names import owner_name
from instructions.reading import MAX_LINE, MAX_LINES, MAX_RECORDS, MAX_TEXT, parse_instructions
from instructions.record_values import MAX_VALUE, UnreadableValue, parse_value

D = "cafe.example"
FORMS = [  # text; name, lifetime, type and value of each record
    (
        "Add the SRV record _sip._tls 100 1 443 sipdir.online.lync.com",
        ["_sip._tls.cafe.example 0 SRV 100 1 443 sipdir.online.lync.com"],
    ),
    (
        "Create SRV _autodiscover._tcp.cafe.example with 0 0 443 mail.new.net please",
        ["_autodiscover._tcp.cafe.example 0 SRV 0 0 443 mail.new.net"],
    ),
    (
        'Add a CAA record for www: 0 issue "letsencrypt.org"',
        ["www.cafe.example 0 CAA 0 issue letsencrypt.org"],
    ),
    (
        'Set CAA at the domain 0 issuewild "ca.example"',
        ["cafe.example 0 CAA 0 issuewild ca.example"],
    ),
    (
        "Type: TXT\nValue: v=TLSRPTv1; rua=mailto:t@new.net",
        ["_smtp._tls.cafe.example 0 TXT v=TLSRPTv1; rua=mailto:t@new.net"],
    ),
    ("Type: TXT\nValue: v=STSv1; id=2026", ["_mta-sts.cafe.example 0 TXT v=STSv1; id=2026"]),
    ("Type: TXT\nValue: v=DMARC1; p=none", ["_dmarc.cafe.example 0 TXT v=DMARC1; p=none"]),
    ("Type: TXT\nValue: v=DKIM1; p=MIIB", []),
    ("Type: TXT\nValue: k=rsa; p=MIIB", []),
    ("Type: TXT\nValue: k=ed25519; p=MIIB", []),
    (
        "Type: TXT\nValue: v=BIMI1; l=https://new.net/l.svg",
        ["cafe.example 0 TXT v=BIMI1; l=https://new.net/l.svg"],
    ),
    ("Type: CNAME\nValue: shops.new.net", []),
    (
        "<p>www IN A 192.0.9.1</p>mail IN A 192.0.9.2",
        ["www.cafe.example 0 A 192.0.9.1", "mail.cafe.example 0 A 192.0.9.2"],
    ),
    (
        "www IN A 192.0.9.1</p>mail IN A 192.0.9.2</P>",
        ["www.cafe.example 0 A 192.0.9.1", "mail.cafe.example 0 A 192.0.9.2"],
    ),
    (
        "www IN A 192.0.9.1<br>mail IN A 192.0.9.2",
        ["www.cafe.example 0 A 192.0.9.1", "mail.cafe.example 0 A 192.0.9.2"],
    ),
    (
        "www IN A 192.0.9.1<BR/>mail IN A 192.0.9.2",
        ["www.cafe.example 0 A 192.0.9.1", "mail.cafe.example 0 A 192.0.9.2"],
    ),
    (
        "<table><tr><td>A</td><td>www</td><td>192.0.9.1</td></tr></table>",
        ["www.cafe.example 0 A 192.0.9.1"],
    ),
    (
        "<TABLE><TR><TH>Type</TH><TH>Name</TH><TH>Value</TH></TR><TR><TD>TXT</TD><TD>www</TD><TD>a&amp;b=cdef</TD></TR></TABLE>",
        ["www.cafe.example 0 TXT a&b=cdef"],
    ),
    ('<p>TXT @ "a&lt;b=cdefg"</p>', ["cafe.example 0 TXT a<b=cdefg"]),
    ('TXT @ "a&amp;b=cdefg"', ["cafe.example 0 TXT a&amp;b=cdefg"]),
    (
        "www IN A 192.0.9.1\r\nmail IN A 192.0.9.2\rftp IN A 192.0.9.3",
        [
            "www.cafe.example 0 A 192.0.9.1",
            "mail.cafe.example 0 A 192.0.9.2",
            "ftp.cafe.example 0 A 192.0.9.3",
        ],
    ),
    ("www IN\xa0A 192.0.9.1\u200b", ["www.cafe.example 0 A 192.0.9.1"]),
    (
        "> > www IN A 192.0.9.1\n>mail IN A 192.0.9.2",
        ["www.cafe.example 0 A 192.0.9.1", "mail.cafe.example 0 A 192.0.9.2"],
    ),
    (
        "Type: SRV\nService: _sip\nProtocol: _tls\nName: @\nPriority: 100\nWeight: 1\nPort: 443\nTarget: sipdir.new.net",
        ["_sip._tls.cafe.example 0 SRV 100 1 443 sipdir.new.net"],
    ),
    (
        "Type: SRV\nService: SIP\nName: @\nPort: 5060\nTarget: sip.new.net",
        ["_sip._tcp.cafe.example 0 SRV 0 0 5060 sip.new.net"],
    ),
    (
        "Type: SRV\nService: sip\nName: _sip._tcp\nPort: 5060\nTarget: sip.new.net",
        ["_sip._tcp.cafe.example 0 SRV 0 0 5060 sip.new.net"],
    ),
    (
        "Type: SRV\nService: sip\nName: shop\nPriority: 5\nTarget: 1 5060 sip.new.net",
        ["_sip._tcp.shop.cafe.example 0 SRV 5 1 5060 sip.new.net"],
    ),
    (
        "Service: sip\nProtocol: udp\nName: @\nPort: 5060\nTarget: sip.new.net",
        ["_sip._udp.cafe.example 0 SRV 0 0 5060 sip.new.net"],
    ),
    (
        "Host name: selector1._domainkey\nPoints to: selector1-cafe._domainkey.new.net",
        ["selector1._domainkey.cafe.example 0 CNAME selector1-cafe._domainkey.new.net"],
    ),
    ("Name: www\nValue: 192.0.9.1", ["www.cafe.example 0 A 192.0.9.1"]),
    ("Name: www\nValue: 2001:db8::1", ["www.cafe.example 0 AAAA 2001:db8::1"]),
    ("Name: x\nValue: site-verification=abcd", ["x.cafe.example 0 TXT site-verification=abcd"]),
    ("Name: x\nValue: v=spf1 -all", ["x.cafe.example 0 TXT v=spf1 -all"]),
    ("Name: x\nValue: shops.new.net", []),
    (
        "Change your name servers to:\nns1.new.net\nns2.new.net",
        ["cafe.example 0 NS ns1.new.net", "cafe.example 0 NS ns2.new.net"],
    ),
    (
        "Nameservers:\n1. ns1.new.net (192.0.9.1)\n2. ns2.new.net\nThank you for calling help.new.net",
        ["cafe.example 0 NS ns1.new.net", "cafe.example 0 NS ns2.new.net"],
    ),
    (
        "NS ns1.new.net and ns2.new.net",
        ["cafe.example 0 NS ns1.new.net", "cafe.example 0 NS ns2.new.net"],
    ),
    ("www\nCNAME shops.new.net", ["www.cafe.example 0 CNAME shops.new.net"]),
    ("www\nA 192.0.9.1", ["www.cafe.example 0 A 192.0.9.1"]),
    ("A record: 192.0.9.1", ["cafe.example 0 A 192.0.9.1"]),
    ("add A 192.0.9.1", ["cafe.example 0 A 192.0.9.1"]),
    ("A www 192.0.9.1", ["www.cafe.example 0 A 192.0.9.1"]),
    ("A  www  192.0.9.1  3600", ["www.cafe.example 0 A 192.0.9.1"]),
    ("CNAME www shops.new.net ; the shop", ["www.cafe.example 0 CNAME shops.new.net"]),
    ("www CNAME shops.new.net and more", ["www.cafe.example 0 CNAME shops.new.net"]),
    ("Point www to shops.new.net with a CNAME", ["www.cafe.example 0 CNAME shops.new.net"]),
    (
        "Point blog.cafe.example to shops.new.net (CNAME)",
        ["blog.cafe.example 0 CNAME shops.new.net"],
    ),
    ("CNAME shops.new.net for www", ["www.cafe.example 0 CNAME shops.new.net"]),
    ("MX mx.new.net", ["cafe.example 0 MX 10 mx.new.net"]),
    (
        "MX 10 mx1.new.net, 20 mx2.new.net",
        ["cafe.example 0 MX 10 mx1.new.net", "cafe.example 0 MX 20 mx2.new.net"],
    ),
    (
        "MX: mx1.new.net (priority 10), mx2.new.net priority: 20",
        ["cafe.example 0 MX 10 mx1.new.net", "cafe.example 0 MX 20 mx2.new.net"],
    ),
    ("AAAA www 2001:db8::1", ["www.cafe.example 0 AAAA 2001:db8::1"]),
    ("MS=ms12345678", ["cafe.example 0 TXT MS=ms12345678"]),
    (
        "google-site-verification=abcdEFGH please",
        ["cafe.example 0 TXT google-site-verification=abcdEFGH"],
    ),
    (
        "Add google-site-verification=abcdEFGH.",
        ["cafe.example 0 TXT google-site-verification=abcdEFGH"],
    ),
    ("size=12345", []),
    (
        "For k1._domainkey use v=DKIM1; k=rsa; p=MIIB",
        ["k1._domainkey.cafe.example 0 TXT v=DKIM1; k=rsa; p=MIIB"],
    ),
    (
        "_dmarc: v=DMARC1; p=none; rua=mailto:a@new.net",
        ["_dmarc.cafe.example 0 TXT v=DMARC1; p=none; rua=mailto:a@new.net"],
    ),
    ("v=spf1 include:_spf.new.net ~all", ["cafe.example 0 TXT v=spf1 include:_spf.new.net ~all"]),
    ("The SPF is v=spf1 include:_spf.new.net", ["cafe.example 0 TXT v=spf1 include:_spf.new.net"]),
    (
        "TXT „v=spf1 include:a.new.net -all“ for @",
        ["cafe.example 0 TXT v=spf1 include:a.new.net -all"],
    ),
    ("Delete A 192.0.9.1. Add A 192.0.9.2.", ["cafe.example 0 A 192.0.9.2"]),
    ("Delete A 192.0.9.1 and add A 192.0.9.2", ["cafe.example 0 A 192.0.9.2"]),
    (
        "Delete the old MX records and add these:\nmx1.new.net 10",
        ["cafe.example 0 MX 10 mx1.new.net"],
    ),
    (
        "Delete these records:\nA www 192.0.9.1\nA @ 192.0.9.2\n\nA ftp 192.0.9.3",
        ["ftp.cafe.example 0 A 192.0.9.3"],
    ),
    (
        "Delete these records:\n\nA www 192.0.9.1\n\nAdd these records:\nA ftp 192.0.9.3",
        ["ftp.cafe.example 0 A 192.0.9.3"],
    ),
    (
        "Delete these records:\nA www 192.0.9.1\nPlease add A ftp 192.0.9.3",
        ["ftp.cafe.example 0 A 192.0.9.3"],
    ),
    ("A www 192.0.9.1 (delete)", []),
    ("A www 192.0.9.1 [remove]", []),
    (
        "Action: delete\nType: A\nName: www\nValue: 192.0.9.1\n\nAction: add\nType: A\nName: ftp\nValue: 192.0.9.2",
        ["ftp.cafe.example 0 A 192.0.9.2"],
    ),
    (
        'Type,Name,Value,TTL\nA,www,192.0.9.1,300\nTXT,@,"a,b=cdefgh",300',
        ["www.cafe.example 300 A 192.0.9.1", "cafe.example 300 TXT a,b=cdefgh"],
    ),
    ("Type | Name | Value\nA | www | 192.0.9.1\nMX | @", ["www.cafe.example 0 A 192.0.9.1"]),
    ("Type  Name  Value\nA  www  192.0.9.1\nfoo  bar  baz", ["www.cafe.example 0 A 192.0.9.1"]),
    (
        "Type\nName\nValue\nA\nwww\n192.0.9.1\nCNAME\nblog\nshops.new.net\nThe end",
        ["www.cafe.example 0 A 192.0.9.1", "blog.cafe.example 0 CNAME shops.new.net"],
    ),
    ("Type\nName\nValue\nA\nwww", []),
    (
        "MX records\nName  Value  Priority\n@  mx1.new.net  10\n@  mx2.new.net  20",
        ["cafe.example 0 MX 10 mx1.new.net", "cafe.example 0 MX 20 mx2.new.net"],
    ),
    ("TXT records:\nName: @\nValue: hello=world", ["cafe.example 0 TXT hello=world"]),
    ("Type: A; Name: www; Value: 192.0.9.1; TTL: 300", ["www.cafe.example 300 A 192.0.9.1"]),
    ("- Type: A\n- Name: www\n- Value: 192.0.9.1", ["www.cafe.example 0 A 192.0.9.1"]),
    ("1. Type: A\n2) Name: www\n3. Value: 192.0.9.1", ["www.cafe.example 0 A 192.0.9.1"]),
    ("Type:\nA\nName:\nwww\nValue:\n192.0.9.1", ["www.cafe.example 0 A 192.0.9.1"]),
    ("Type = A\nName = www\nValue = 192.0.9.1", ["www.cafe.example 0 A 192.0.9.1"]),
    ("Type: TXT (SPF)\nName: @\nValue: v=spf1 -all", ["cafe.example 0 TXT v=spf1 -all"]),
    ("Type: SPF\nName: @\nValue: v=spf1 -all", ["cafe.example 0 TXT v=spf1 -all"]),
    (
        "Type: záznam MX\nName: @\nValue: mx.new.net\nPriority: 5",
        ["cafe.example 0 MX 5 mx.new.net"],
    ),
    ("Type: TXT\nName: @\nValue: <your-token>", ["cafe.example 0 TXT <your-token>"]),
    ("Type: A\nName: www.other.com\nValue: 192.0.9.1", ["www.other.com 0 A 192.0.9.1"]),
    (
        "MX 10 mx1.new.net 20 mx2.new.net",
        ["cafe.example 0 MX 10 mx1.new.net", "cafe.example 0 MX 20 mx2.new.net"],
    ),
    (
        "MX records: 1 a.new.net; 5 b.new.net; 10 c.new.net",
        [
            "cafe.example 0 MX 1 a.new.net",
            "cafe.example 0 MX 5 b.new.net",
            "cafe.example 0 MX 10 c.new.net",
        ],
    ),
    ('Type: TXT\nName: www\nValue: "one=1234" "5678"', ["www.cafe.example 0 TXT one=12345678"]),
    ("TXT www one=1234\\;5678", ["www.cafe.example 0 TXT one=1234;5678"]),
    (
        'Type: CAA\nName: www\nValue: 128 ISSUE "ca.example; account=1"',
        ["www.cafe.example 0 CAA 128 issue ca.example; account=1"],
    ),
    ("Type: MX\nName: @\nValue: .", ["cafe.example 0 MX 0 ."]),
    ("Type: MX\nName: @\nValue: 0 .", ["cafe.example 0 MX 0 ."]),
    (
        "Type: MX\nName: @\nPriority: 65535\nValue: mx.new.net",
        ["cafe.example 0 MX 65535 mx.new.net"],
    ),
    ("Type: MX\nName: @\nPriority: 65536\nValue: mx.new.net", []),
    ("Type: MX\nName: @\nPriority: high\nValue: mx.new.net", []),
    ("Type: MX\nName: @\nValue: 65536 mx.new.net", []),
    ("Type: MX\nName: @\nValue: 86400 10 mx.new.net", ["cafe.example 0 MX 10 mx.new.net"]),
    ("Type: MX\nName: @\nPriority: ²\nValue: mx.new.net", []),
    ("Type: SRV\nName: _sip._tls\nValue: ² 1 443 sip.new.net", []),
    ("mail MX mx.new.net", ["mail.cafe.example 0 MX 10 mx.new.net"]),
    ("shop.cafe.example MX mx.new.net", ["shop.cafe.example 0 MX 10 mx.new.net"]),
    ("Our MX mx.new.net", ["cafe.example 0 MX 10 mx.new.net"]),
    (
        "Set MX to mx1.new.net, mx2.new.net and mx3.new.net",
        [f"cafe.example 0 MX 10 mx{number}.new.net" for number in "123"],
    ),
    ("For cafe.example, mx.new.net is the MX", ["cafe.example 0 MX 10 mx.new.net"]),
    ("The MX of cafe.example is mx.new.net", ["cafe.example 0 MX 10 mx.new.net"]),
    ("Type: MX\nName: @\nValue: 5 mx1.new.net mx2.new.net", []),
    ("Type: MX\nName: @\nValue: 5 mail.yourdomain.com", ["cafe.example 0 MX 5 mail.cafe.example"]),
    ("Type: CNAME\nName: www\nValue: @", ["www.cafe.example 0 CNAME cafe.example"]),
    (
        "Type: CNAME\nName: www\nValue: https://shops.new.net/path",
        ["www.cafe.example 0 CNAME shops.new.net"],
    ),
    ("Type: CNAME\nName: www\nValue: 192.0.9.1", []),
    ("Type: CNAME\nName: www\nValue: localhost", []),
    ("Type: CNAME\nName: www\nValue: x.1", []),
    (
        "Type: CNAME\nName: www\nValue: Bücher.new.net",
        ["www.cafe.example 0 CNAME xn--bcher-kva.new.net"],
    ),
    (
        "Type: SRV\nName: _sip._tls\nValue: 1 2 65535 sip.new.net",
        ["_sip._tls.cafe.example 0 SRV 1 2 65535 sip.new.net"],
    ),
    ("Type: SRV\nName: _sip._tls\nValue: 1 2 65536 sip.new.net", []),
    ("Type: SRV\nName: _sip._tls\nValue: 01 02 0443 .", ["_sip._tls.cafe.example 0 SRV 1 2 443 ."]),
    ("Type: A\nName: www\nValue: 2001:db8::1", []),
    ("Type: AAAA\nName: www\nValue: 192.0.9.1", []),
    ("Type: AAAA\nName: www\nValue: 2001:DB8:0:0::1", ["www.cafe.example 0 AAAA 2001:db8::1"]),
    ("Type: A\nName: www\nValue: (192.0.9.1),", ["www.cafe.example 0 A 192.0.9.1"]),
    ("Type: A\nName: a b\nValue: 192.0.9.1", []),
    ("Type: A\nName: *\nValue: 192.0.9.1", ["*.cafe.example 0 A 192.0.9.1"]),
    ("Type: NS\nName: shop\nValue: ns1.new.net.", ["shop.cafe.example 0 NS ns1.new.net"]),
]


@pytest.mark.parametrize(("text", "records"), FORMS)
def test_all_of_a_record_is_read(text: str, records: list[str]) -> None:
    parsed = parse_instructions(text, D)
    read = (*parsed.records, *parsed.foreign, *parsed.unfilled)
    assert [f"{w.name} {w.ttl} {w.type} {w.value}" for w in read] == records


LINE = "www A 192.0.9.1"


def names(text: str) -> list[str]:
    return [w.name for w in parse_instructions(text, D).records]


def test_what_is_read_of_a_long_text_ends_at_its_limits() -> None:
    whole = "x" * (MAX_TEXT - len(LINE) - 1)
    for before, read in ((whole, ["www." + D]), (f"{whole}\nx", [])):
        assert names(f"{before.replace('x' * 99, 'x' * 98 + chr(10))}\n{LINE}") == read
    assert names("\n" * (MAX_LINES - 1) + LINE) == ["www." + D]
    assert names("\n" * MAX_LINES + LINE) == []


def test_of_a_long_line_only_its_beginning_is_read() -> None:
    value = "verification=" + "y" * 40
    for width, read in ((MAX_LINE, [value]), (MAX_LINE + 1, [value[:-1]])):
        line = f"{'TXT www':{width - len(value)}}{value}"
        assert [w.value for w in parse_instructions(line, D).records] == read


def test_so_many_records_are_read_and_no_more() -> None:
    lines = [f"h{n} A 192.0.9.1" for n in range(MAX_RECORDS + 1)]
    assert names("\n".join([*lines[:MAX_RECORDS], *lines])) == [
        f"h{n}.{D}" for n in range(MAX_RECORDS)
    ]


def test_a_value_is_as_long_as_it_may_be() -> None:
    longest = "a=" + "b" * (MAX_VALUE - 2)
    assert parse_value("TXT", longest, D) == longest
    with pytest.raises(UnreadableValue):
        parse_value("TXT", f"{longest}b", D)


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("KAVÁRNA", "xn--kavrna-rta.cafe.example"),
        ("Kavárna.", "xn--kavrna-rta"),
        ("https://www.cafe.example/", "www.cafe.example"),
        ("http://shop", "shop.cafe.example"),
        ("www.@", "www.cafe.example"),
        ("@ (cafe.example)", D),
        ('"www"', "www.cafe.example"),
        ("www :", "www.cafe.example"),
        ("'www'", "www.cafe.example"),
        ("*.shop", "*.shop.cafe.example"),
        ("yourdomain.com", D),
        ("mail.yourdomain.com", "mail.cafe.example"),
        ("notcafe.example", "notcafe.example"),
        ("_x.new.com", "_x.new.com.cafe.example"),
        ("k1._domainkey.new.com", "k1._domainkey.new.com.cafe.example"),
        ("*.new.com", "*.new.com.cafe.example"),
        ("a-b", "a-b.cafe.example"),
    ],
)
def test_a_name_is_whole_however_it_was_written(typed: str, whole: str) -> None:
    assert owner_name(typed, D) == whole


@pytest.mark.parametrize("typed", ["a b", "-a", "a-", "a..b", "192.0.9.9.", "a*b", "x" * 64])
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(UnreadableValue):
        owner_name(typed, D)
