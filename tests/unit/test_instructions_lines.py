"""Lines of instructions piece by piece: rows, tables, what is removed, what is replaced, what is text.

The tables hold values that were agreed to, whole: a row is shown as its columns in their order.
"""

from __future__ import annotations

import pytest

from instructions.prose import parse_line
from instructions.reading import text_lines
from instructions.removals import without_removals
from instructions.replacements import sentences, without_old_values
from instructions.tables import TableReader, TableRow

D = "cafe.example"


def as_text(row: TableRow | str) -> str:
    return row if isinstance(row, str) else " ".join(f"{key}={text}" for key, text in row.items())


ROWS = [  # the line, the type above it, its rows
    ("www IN A 192.0.9.1", "", ["type=A name=www value=192.0.9.1"]),
    ("www 300 IN A 192.0.9.1", "", ["type=A name=www value=192.0.9.1"]),
    ("www 1h IN A 192.0.9.1 ; web", "", ["type=A name=www value=192.0.9.1"]),
    ("www IN 300 A 192.0.9.1", "", ["type=A name=www value=192.0.9.1"]),
    ("www A 192.0.9.1 3600 Edit", "", ["type=A name=www value=192.0.9.1"]),
    ("A www 192.0.9.1", "", ["type=A name=www value=192.0.9.1"]),
    ("- A: www 192.0.9.1", "", ["type=A name=www value=192.0.9.1"]),
    ("1. A www 192.0.9.1", "", ["type=A name=www value=192.0.9.1"]),
    ("A record 192.0.9.1", "", ["type=A name= value=192.0.9.1"]),
    ("add A 192.0.9.1", "", ["type=A name= value=192.0.9.1"]),
    ("record: A 192.0.9.1", "", ["type=A name= value=192.0.9.1"]),
    ("A 192.0.9.1 192.0.9.2", "", ["type=A name= value=192.0.9.1", "type=A name= value=192.0.9.2"]),
    ("A 192.0.9.1", "", ["type=A name= value=192.0.9.1"]),
    ("A 192.0.9.1 and 192.0.9.2 for www", "", ["type=A name=www value=192.0.9.1", "type=A name=www value=192.0.9.2"]),
    ("www and blog: A 192.0.9.1", "", ["type=A name=www value=192.0.9.1"]),
    ("A 2001:db8::1", "", []),
    ("AAAA 192.0.9.1", "", []),
    ("AAAA 2001:db8::1 for the root", "", ["type=AAAA name= value=2001:db8::1"]),
    ("A 999.0.9.1", "", []),
    ("Point www (A) to 192.0.9.1", "", ["type=A name=www value=192.0.9.1"]),
    ("192.0.9.1 (A) belongs to mail", "", ["type=A name=mail value=192.0.9.1"]),
    ("www CNAME shops.new.net", "", ["type=CNAME name=www value=shops.new.net"]),
    ("www CNAME shops.new.net ; the shop", "", ["type=CNAME name=www value=shops.new.net"]),
    ("www CNAME shops.new.net the shop", "", ["type=CNAME name=www value=shops.new.net"]),
    ("CNAME shops.new.net www", "", ["type=CNAME name=www value=shops.new.net"]),
    ("CNAME www @", "", ["type=CNAME name=www value=@"]),
    ("www CNAME @", "", ["type=CNAME name=www value=@"]),
    ("CNAME shops.new.net", "", []),
    ("CNAME", "", []),
    ("CNAME for www is shops.new.net", "", ["type=CNAME name=www value=shops.new.net"]),
    ("CNAME for *.shop is shops.new.net, see www.new.net", "", ["type=CNAME name=*.shop value=www.new.net"]),
    ("@ MX 10 mx.new.net", "", ["type=MX name=@ value=10 mx.new.net"]),
    ("@ MX 10 mx.new.net ; mail", "", ["type=MX name=@ value=10 mx.new.net"]),
    ("MX @ mx.new.net", "", ["type=MX name=@ value=mx.new.net priority="]),
    ("MX @ 10 mx.new.net", "", ["type=MX name=@ value=mx.new.net priority=10"]),
    ("mail MX mx.new.net", "", ["type=MX name=mail value=mx.new.net"]),
    ("our MX mx.new.net", "", ["type=MX name=@ value=mx.new.net priority="]),
    ("MX mx1.new.net, mx2.new.net", "", ["type=MX name=@ value=mx1.new.net priority=", "type=MX name=@ value=mx2.new.net priority="]),
    ("MX mx1.new.net 10 mx2.new.net 20", "", ["type=MX name=@ value=mx1.new.net priority=10", "type=MX name=@ value=mx2.new.net priority=20"]),
    ("MX 10 mx1.new.net, 20 mx2.new.net", "", ["type=MX name=@ value=mx1.new.net priority=10", "type=MX name=@ value=mx2.new.net priority=20"]),
    ("MX mx.new.net (priority 10)", "", ["type=MX name=@ value=mx.new.net priority=10"]),
    ("MX mx.new.net priority=10", "", ["type=MX name=@ value=mx.new.net priority=10"]),
    ("MX mx.new.net - 10", "", ["type=MX name=@ value=mx.new.net priority=10"]),
    ("MX: 5) mx.new.net", "", ["type=MX name=@ value=mx.new.net priority=5"]),
    ("MX mx.new.net 192.0.9.1", "", ["type=MX name=@ value=mx.new.net priority="]),
    ("The MX of shop.net is mx1.new.net or mx2.new.net", "", ["type=MX name=@ value=mx1.new.net priority=", "type=MX name=@ value=mx2.new.net priority="]),
    ("MX mx1.new.net then mx2.new.net", "", ["type=MX name=@ value=mx2.new.net priority="]),
    ("MX mx1.old.net, mx2.new.net", "", ["type=MX name=@ value=mx2.new.net priority="]),
    ("MX a@new.net", "", []),
    ("MX none", "", []),
    ('@ TXT "v=spf1 -all"', "", ['type=TXT name=@ value="v=spf1 -all"']),
    ("@ TXT v=spf1 mx -all", "", ["type=TXT name=@ value=v=spf1 mx -all"]),
    ("TXT @ v=spf1 mx -all", "", ["type=TXT name=@ value=v=spf1 mx -all"]),
    ("TXT: v=spf1 mx -all please", "", ["type=TXT name= value=v=spf1 mx -all"]),
    ('TXT "www" "hello world"', "", ["type=TXT name=www value=hello world"]),
    ("TXT hello", "", []),
    ("TXT MS=ms12345.", "", ["type=TXT name= value=MS=ms12345"]),
    ("@ TXT MS=ms12345.", "", ["type=TXT name=@ value=MS=ms12345."]),
    ("TXT “hello world” for www", "", ["type=TXT name=www value=hello world"]),
    ("For shop TXT 'abc'", "", []),
    ("TXT for www: abc=defg.", "", ["type=TXT name=www value=abc=defg"]),
    ("TXT v=DKIM1; k=rsa; p=abc for k1._domainkey", "", ["type=TXT name=k1._domainkey value=v=DKIM1; k=rsa; p=abc"]),
    ("NS ns1.new.net ns2.new.net", "", ["type=NS name=@ value=ns1.new.net", "type=NS name=@ value=ns2.new.net"]),
    ("shop NS ns1.new.net", "", ["type=NS name=shop value=ns1.new.net"]),
    ("NS records: ns1.new.net, ns2.new.net.", "", ["type=NS name=@ value=ns1.new.net", "type=NS name=@ value=ns2.new.net"]),
    ("_sip._tls SRV 100 1 443 sip.new.net", "", ["type=SRV name=_sip._tls value=100 1 443 sip.new.net"]),
    ("SRV _sip._tls: 100 1 443 sip.new.net", "", ["type=SRV name=_sip._tls: value=100 1 443 sip.new.net"]),
    ("SRV for _sip._tls.shop priority 100 1 443 sip.new.net", "", ["type=SRV name=_sip._tls.shop value=100 1 443 sip.new.net"]),
    ("SRV 100 1 443 sip.new.net", "", []),
    ("_sip._tls SRV 100 1 sip.new.net", "", []),
    ("@ CAA 0 issue ca.example", "", ["type=CAA name=@ value=0 issue ca.example"]),
    ('@ CAA 0 issue "ca.example; a=1"', "", ['type=CAA name=@ value=0 issue "ca.example; a=1"']),
    ("CAA: www 0 issuewild ca.example", "", ["type=CAA name=www value=0 issuewild ca.example"]),
    ("CAA for www is 128 iodef mailto:a@new.net", "", ["type=CAA name=www value=128 iodef mailto:a@new.net"]),
    ("CAA ca.example", "", []),
    ("nothing here", "", []),
    ("192.0.9.1", "A", ["type=A name= value=192.0.9.1"]),
    ("www 192.0.9.1", "A", ["type=A name=www value=192.0.9.1"]),
    ("mx.new.net 10", "MX", ["type=MX name=@ value=mx.new.net priority=10"]),
    ("shops.new.net", "CNAME", []),
    ("www shops.new.net", "CNAME", ["type=CNAME name=www value=shops.new.net"]),
    ("hello=world", "TXT", ["type=TXT name= value=hello=world"]),
    ("ns1.new.net", "NS", ["type=NS name=@ value=ns1.new.net"]),
    ("v=spf1 -all", "", ["type=TXT name= value=v=spf1 -all"]),
    ("v=spf1 -all", "MX", ["type=TXT name= value=v=spf1 -all"]),
    ("_dmarc v=DMARC1; p=none", "", ["type=TXT name=_dmarc value=v=DMARC1; p=none"]),
    ("shop: v=spf1 mx -all and v=DMARC1; p=none", "", ["type=TXT name=shop value=v=spf1 mx -all", "type=TXT name=shop value=v=DMARC1; p=none"]),
    ("google-site-verification=abcd.", "", ["type=TXT name= value=google-site-verification=abcd"]),
    ("www google-site-verification=abcd,", "", ["type=TXT name=www value=google-site-verification=abcd"]),
    ("a=bcdefgh", "", []),
    ("MS=ms1 apple-domain-verification=abcd", "", ["type=TXT name= value=apple-domain-verification=abcd"]),
    ("Name servers: ns1.new.net", "", ["type=NS name=@ value=ns1.new.net"]),
    ("Set the nameserver ns1.new.net", "A", ["type=NS name=@ value=ns1.new.net"]),
    ("www → A 192.0.9.1", "", ["type=A name=www value=192.0.9.1"]),
    ("www -> CNAME => shops.new.net", "", ["type=CNAME name=www value=shops.new.net"]),
    ("A » www » 192.0.9.1", "", ["type=A name=www value=192.0.9.1"]),
    ("A CNAME www shops.new.net", "", []),
    ("www IN TXT hello", "", []),
    ("TXT", "", []),
    ("MX shop.cafe.example mx.new.net", "", ["type=MX name=shop.cafe.example value=mx.new.net priority="]),
    ("MX shop.cafe.example 10 mx.new.net", "", ["type=MX name=shop.cafe.example value=mx.new.net priority=10"]),
    ("The MX of shop.cafe.example is mx1.new.net or mx2.new.net", "", ["type=MX name=shop.cafe.example value=mx1.new.net priority=", "type=MX name=shop.cafe.example value=mx2.new.net priority="]),
    ("MX mail.cafe.example 10 backup.new.net 20", "", ["type=MX name=@ value=mail.cafe.example priority=10", "type=MX name=@ value=backup.new.net priority=20"]),
    ("MX mail.cafe.example, backup.new.net", "", ["type=MX name=@ value=backup.new.net priority="]),
    ("MX for Shop.Cafe.Example.: mx.new.net", "", ["type=MX name=Shop.Cafe.Example value=mx.new.net priority="]),
    ("MX cafe.example: mx.new.net 10, mx2.new.net 20", "", ["type=MX name=cafe.example value=mx.new.net priority=10", "type=MX name=cafe.example value=mx2.new.net priority=20"]),
    ("MX mail.cafe.example", "", ["type=MX name=@ value=mail.cafe.example priority="]),
    ("MX mx.new.net for shop.cafe.example", "", ["type=MX name=shop.cafe.example value=mx.new.net priority="]),
    ("NS shop.cafe.example ns1.new.net ns2.new.org", "", ["type=NS name=shop.cafe.example value=ns1.new.net", "type=NS name=shop.cafe.example value=ns2.new.org"]),
    ("NS ns1.cafe.example ns2.cafe.example", "", ["type=NS name=@ value=ns1.cafe.example", "type=NS name=@ value=ns2.cafe.example"]),
    ("NS ns1.new.net ns1.cafe.example", "", ["type=NS name=@ value=ns1.new.net", "type=NS name=@ value=ns1.cafe.example"]),
    ("The name servers of cafe.example are ns1.new.net, ns2.new.net", "", ["type=NS name=cafe.example value=ns1.new.net", "type=NS name=cafe.example value=ns2.new.net"]),
    ("shop MX 10 mx.new.net ; x", "", ["type=MX name=shop value=10 mx.new.net"]),
    ("MX notcafe.example mx.new.net", "", ["type=MX name=@ value=mx.new.net priority="]),
    ("@ MX 10 mx1.new.net @ MX 20 mx2.new.net", "", ["type=MX name=@ value=mx1.new.net priority=10", "type=MX name=@ value=mx2.new.net priority=20"]),
    ("MX backup.new.net mail.cafe.example", "", ["type=MX name=@ value=mail.cafe.example priority="]),
    ("MX mx1.new.net and mx2.new.net for shop.cafe.example", "", ["type=MX name=shop.cafe.example value=mx1.new.net priority=", "type=MX name=shop.cafe.example value=mx2.new.net priority="]),
    ("NS ns1.new.net and shop.cafe.example", "", ["type=NS name=@ value=ns1.new.net", "type=NS name=@ value=shop.cafe.example"]),
    ("NS ns1.new.net are the servers of shop.cafe.example", "", ["type=NS name=shop.cafe.example value=ns1.new.net"]),
    ("www CNAME blog.new.net. ; x", "", ["type=CNAME name=www value=blog.new.net."]),
    ("A www 192.0.9.1 # web", "", ["type=A name=www value=192.0.9.1"]),
    ('TXT @ "a;b=cdef" ; x', "", ['type=TXT name=@ value="a;b=cdef"']),
    ("@ TXT a=bcdef ; x", "", []),
    ("www.new.net. A 192.0.9.1", "", ["type=A name=www.new.net. value=192.0.9.1"]),
    ("none MX mx.new.net", "", ["type=MX name=@ value=mx.new.net priority="]),
    ("- MX mx.new.net", "", ["type=MX name=@ value=mx.new.net priority="]),
    ("www NS ns1.new.net more", "", ["type=NS name=@ value=ns1.new.net"]),
    ("hodnota CNAME shops.new.net", "", []),
    ("nastavte MX 10 mx.new.net", "", ["type=MX name=@ value=mx.new.net priority=10"]),
    ("_x CNAME y.new.net", "", ["type=CNAME name=_x value=y.new.net"]),
    ("Mail: k1._domainkey CNAME y.new.net", "", ["type=CNAME name=Mail value=y.new.net"]),
    ("CNAME x._domainkey.: y.new.net", "", ["type=CNAME name=x._domainkey.: value=y.new.net"]),
    ("WWW or FTP: A 192.0.9.1", "", ["type=A name=WWW value=192.0.9.1"]),
    ("(leave blank) A 192.0.9.1", "", ["type=A name=blank value=192.0.9.1"]),
    ("apex A 192.0.9.1", "", ["type=A name=apex value=192.0.9.1"]),
    ("none A 192.0.9.1 set it", "", ["type=A name=none value=192.0.9.1"]),
    ("the A of – is 192.0.9.1", "", ["type=A name= value=192.0.9.1"]),
    ("A 192.0.9.1 for www, not 10.0.0.256", "", ["type=A name=www value=192.0.9.1"]),
    ("A 192.0.9.1 for blog, later 192.0.9.2", "", ["type=A name= value=192.0.9.1", "type=A name= value=192.0.9.2"]),
    ("AAAA ::1 and 192.0.9.1", "", ["type=AAAA name= value=::1"]),
    ("AAAA 2001:db8::1 or 2001:db8::2 for ftp", "", ["type=AAAA name=ftp value=2001:db8::1", "type=AAAA name=ftp value=2001:db8::2"]),
    ("TXT v=spf1 include:a.net please", "", ["type=TXT name= value=v=spf1 include:a.net"]),
    ('TXT for shop: "one two" or "three four"', "", ["type=TXT name=shop value=three four"]),
    ("TXT k=ed25519; p=abc at x._domainkey", "", ["type=TXT name=x._domainkey value=k=ed25519; p=abc"]),
    ("TXT @ one=two3 then", "", ["type=TXT name=@ value=one=two3 then"]),
    ('CAA for blog: 0 ISSUE "ca.example" ; x', "", ['type=CAA name=blog value=0 ISSUE "ca.example"']),
    ("SRV at _a._tcp.@ use 1 2 3 t.new.net. now", "", ["type=SRV name=_a._tcp.@ value=1 2 3 t.new.net."]),
    ("_x._tcp SRV 1 2 x t.new.net", "", []),
    ("SRV - 1 2 3 t.new.net", "", ["type=SRV name=- value=1 2 3 t.new.net"]),
    ("_a._b 0 1 2 x.new.net, 0 issue ca.example, 2001:db8::1", "AAAA", ["type=AAAA name=_a._b value=2001:db8::1"]),
    ("_a._b 0 1 2 x.new.net, 0 issue ca.example, 2001:db8::1", "SRV", ["type=SRV name=_a._b value=0 1 2 x.new.net"]),
    ("_a._b 0 1 2 x.new.net, 0 issue ca.example, 2001:db8::1", "CAA", ["type=CAA name=_a._b value=0 issue ca.example, 2001:db8::1"]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "heading", "rows"), ROWS)
def test_rows_of_a_line(line: str, heading: str, rows: list[str]) -> None:
    assert [as_text(row) for row in parse_line(line, heading, D)] == rows


READ = [  # lines, and the rows and other lines among them
    ("Type\tName\tValue\nA\twww\t192.0.9.1", ["type=A name=www value=192.0.9.1"]),
    ("Type\tName\tValue\nA\twww", ["type=A name=www"]),
    ("Type\tName\tValue\tTTL\nA\twww", ["type=A name=www"]),
    ("Type\tName\tValue\tTTL\tPriority\nA\twww", ["A\twww"]),
    ("Name\tValue\nwww\t192.0.9.1", ["name=www value=192.0.9.1"]),
    ("MX records:\nName\tValue\n@\tmx.new.net", ["MX records:", "name=@ value=mx.new.net type=MX"]),
    ("Type\tx\tValue\nA\twww\t192.0.9.1", ["type=A value=192.0.9.1"]),
    ("Type\tName\tValue\nfoo\twww\tbar", ["foo\twww\tbar"]),
    ("Type\tName\tValue\nA\twww\t1.1.1.1\textra", ["type=A name=www value=1.1.1.1"]),
    ("Name\tValue\nalone", ["alone"]),
    ("Name\tValue\n\n---\nwww\tx", ["name=www value=x"]),
    ("Type: A\nName: www\nValue: 1\nType: B", ["type=A name=www value=1"]),
    ("Name: www\nValue: 1", ["name=www value=1"]),
    ("Name: www\n\nValue: 1", ["name=www value=1"]),
    ("Name: www\nValue: 1\n\nName: x\nValue: 2", ["name=www value=1", "name=x value=2"]),
    ("Name: www\nValue: 1\nhello\nName: x\nValue: 2", ["name=www value=1", "hello", "name=x value=2"]),
    ("Name:\nwww\nValue:\n1", ["name=www value=1"]),
    ("Name:\nValue:\n1", ["value=1"]),
    ("Name: www\nTTL: 5\nhello", ["hello"]),
    ("TXT records\nName: a\nValue: b", ["TXT records", "type=TXT name=a value=b"]),
    ("TXT records\nType: A\nName: a\nValue: b", ["TXT records", "type=A name=a value=b"]),
    ("MX records:\n@  mx.new.net  10", ["MX records:", "@  mx.new.net  10"]),
    ("Type\nName\nValue\nA\nwww\n1", ["type=A name=www value=1"]),
    ("Type\nName\nValue\nA\nwww\n1\nMX\n@\n2\nbye\nfoo\nbar", ["type=A name=www value=1", "type=MX name=@ value=2", "bye", "foo", "bar"]),
    ("Type\nName\nValue\nA\nwww", ["A", "www"]),
    ("Name\nValue\nwww\n1", ["value=www", "1"]),
    ("Type\nName\nTTL\nA", []),
    ("Type\nName\nName\nValue\nA\nb\nc\nd", ["value=A", "b", "c", "d"]),
    ("Type\nName\nValue\nTTL\nPriority\nWeight\nPort\nService\nProtocol\nA", []),
    ("Name: a\nType\nName\nValue\nA\nwww\n1", ["type=A name=www value=1"]),
    ("x: 1\ny", ["x: 1", "y"]),
    ("- Type: A\n- Name: b\n- Value: c", ["type=A name=b value=c"]),
    ("Type: A, Name: b, Value: c", ["type=A name=b value=c"]),
    ("Name\tValue\nTXT records\nwww\tx", ["TXT records", "www\tx"]),
    ("Value: 1\nValue: 2", ["value=1", "value=2"]),
    ("Name: a\nValue: 1\nName\tValue\tType\nx\ty\tA", ["name=a value=1", "name=x value=y type=A"]),
    ("Name: a\n+---+\nValue: b", ["name=a value=b"]),
    ("Value\n1\n\n2", ["value=1", "2"]),
    ("  \t \nx", ["x"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "rows"), READ)
def test_rows_of_tables_and_lists(text: str, rows: list[str]) -> None:
    assert [as_text(row) for row in TableReader().rows(text.split("\n"))] == rows


REMOVALS = [  # lines, and what is left of them
    ("Delete A 192.0.9.1", [""]),
    ("Please delete A 192.0.9.1. Add A 192.0.9.2.", ["Please Add A 192.0.9.2."]),
    ("Delete A 192.0.9.1 and add A 192.0.9.2", ["add A 192.0.9.2"]),
    ("Add A 192.0.9.2, delete A 192.0.9.1", ["Add A 192.0.9.2, "]),
    ("Add A 192.0.9.2 and delete A 192.0.9.1; Then set A 192.0.9.3", ["Add A 192.0.9.2 and Then set A 192.0.9.3"]),
    ("Delete the MX records and add these:", ["MX add these:"]),
    ("Delete the MX and TXT records and add these:", ["add these:"]),
    ("Delete the MX records and add these MX:", ["add these MX:"]),
    ("Delete these MX records:\nmx.old.net\n\nmx.new.net", ["", "", "mx.new.net"]),
    ("Delete the MX records and add these", ["add these"]),
    ("A 192.0.9.1 (delete)", [""]),
    ("A 192.0.9.1 [ Remove ] ", [""]),
    ("A 192.0.9.1 (old)\nA x", ["A 192.0.9.1 (old)", "A x"]),
    ("A 192.0.9.1 (delete) now", ["A 192.0.9.1 ("]),
    ("Delete these records:\nA 1\nA 2\n\nA 3", ["", "", "A 3"]),
    ("Delete these records:\n\nA 1\nA 2\n\nA 3", ["", "", "", "A 3"]),
    ("Delete these records:\n\n\nA 1", ["", "", ""]),
    ("Delete these records:\nA 1\nAdd A 2\nA 3", ["", "Add A 2", "A 3"]),
    ("Delete these records:\nA 1\nThese stay as they:\nA 3", ["", "These stay as they:", "A 3"]),
    ("Delete these records:\nA 1\nDelete and set A 2\nA 3", ["", "set A 2", "A 3"]),
    ("Delete these records:\nA 1\nName: www\nDelete those ones too:\nA 4\n\nA 5", ["", "", "", "A 5"]),
    ("Delete this:\nA 1", ["", "A 1"]),
    ("Delete:\nA 1", ["", "A 1"]),
    ("Now delete this:\nA 1", ["Now "]),
    ("Action: delete\nA 1\n\nA 2", ["Action: ", "", "A 2"]),
    ("Action: delete.\nA 1", ["Action: "]),
    ("Action : remove\nA 1", ["Action : "]),
    ("A: delete\nA 1", ["A: ", "A 1"]),
    ("Ab: delete\nA 1", ["Ab: "]),
    ("deleted-file.net A 1", ["deleted-file.net A 1"]),
    ("remove=1 A", ["remove=1 A"]),
    ("www.delete A 1", ["www.delete A 1"]),
    ("delete@x.net", ["delete@x.net"]),
    ("-delete A 1", ["-delete A 1"]),
    ("Odstraňte A 1. Nastavte A 2", ["Nastavte A 2"]),
    ("Smažte záznam, nastavte A 2", ["nastavte A 2"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "remaining"), REMOVALS)
def test_what_goes_is_not_set(text: str, remaining: list[str]) -> None:
    assert list(without_removals(text.split("\n"))) == remaining


SENTENCES = [
    ["One. ", "Two; ", "Three! ", "Four"],
    ["one. two"],
    ["A 1. 2"],
    ["Ends. "],
    ["a.B"],
    ["X;  ", "Y"],
]


@pytest.mark.parametrize("pieces", SENTENCES)
def test_sentences_of_a_line(pieces: list[str]) -> None:
    assert list(sentences("".join(pieces))) == pieces


REPLACED = [  # a line, and what is left of it
    ("Replace 192.0.9.1 with 192.0.9.2", "A Replace   with 192.0.9.2"),
    ("Replace 192.0.9.1, with 192.0.9.2", "A Replace  , with 192.0.9.2"),
    ("Replace A 192.0.9.1 with 192.0.9.2", "Replace A   with 192.0.9.2"),
    ("Replace 2001:db8::1 with 2001:db8::2", "AAAA Replace   with 2001:db8::2"),
    ("192.0.9.1 -> 192.0.9.2", "  192.0.9.2"),
    ("192.0.9.1 to 192.0.9.2", "  to 192.0.9.2"),
    ("mx.old.net to mx.new.net", "mx.old.net to mx.new.net"),
    ("www -> 192.0.9.2", "www -> 192.0.9.2"),
    ("Replace mx.old.net with mx.new.net", "Replace   with mx.new.net"),
    ("Replace 10 mx.old.net with 5 mx.new.net", "Replace   with 5 mx.new.net"),
    ("Replace cafe.example with x.net", "Replace cafe.example with x.net"),
    ("Replace www.cafe.example, by x.net", "Replace www.cafe.example, by x.net"),
    ("Replace notcafe.example by x.net", "Replace   by x.net"),
    ('Replace "one=1234" with "two=1234"', 'Replace   with "two=1234"'),
    ("Replace v=spf1 a -all by v=spf1 mx -all", "Replace   by v=spf1 mx -all"),
    ("Use 192.0.9.2 instead of 192.0.9.1", "Use 192.0.9.2 instead of  "),
    ("Instead of 192.0.9.1 use 192.0.9.2", "Instead of   use 192.0.9.2"),
    ("old: 192.0.9.1, new: 192.0.9.2", "old:  , new: 192.0.9.2"),
    ("The old 192.0.9.1 and 192.0.9.2", "The old   and 192.0.9.2"),
    ("old 192.0.9.1 or 192.0.9.2, 192.0.9.3", "old   or 192.0.9.2, 192.0.9.3"),
    ("old, 192.0.9.1", "old, 192.0.9.1"),
    ("old new 192.0.9.1", "old new 192.0.9.1"),
    ("new old 192.0.9.1", "new old  "),
    ("Replace 192.0.9.1 and 192.0.9.3 with 192.0.9.2", "A Replace   and   with 192.0.9.2"),
    ("Replace 192.0.9.1 and 192.0.9.3 and with 192.0.9.2", "Replace 192.0.9.1 and 192.0.9.3 and with 192.0.9.2"),
    ("Change 192.0.9.1, 192.0.9.2 to 192.0.9.3", "A Change  ,   to 192.0.9.3"),
    ("Change 192.0.9.1 to 192.0.9.2 and 192.0.9.3", "A Change   to 192.0.9.2 and 192.0.9.3"),
    ("Change to 192.0.9.1", "Change to 192.0.9.1"),
    ("Replace 192.0.9.1 → 192.0.9.2 today", "A Replace   192.0.9.2 today"),
    ("Old 192.0.9.1 → 192.0.9.2", "Old   192.0.9.2"),
    ("Nothing", "Nothing"),
    ("Replace it. Set 192.0.9.1 to 192.0.9.2", "Replace it. Set   to 192.0.9.2"),
    ("Replace 192.0.9.1 with 192.0.9.2. Old: 192.0.9.3", "A Replace   with 192.0.9.2. Old:  "),
    ("Ersetzen Sie 192.0.9.1 durch 192.0.9.2", "A Ersetzen Sie   durch 192.0.9.2"),
    ("Ersetzen Sie 192.0.9.1 to 192.0.9.2", "A Ersetzen Sie   to 192.0.9.2"),
    ("Cserélje 192.0.9.1 címet 192.0.9.2", "A Cserélje   címet 192.0.9.2"),
    ("Replace 192.0.9.1 with A 192.0.9.2", "Replace   with A 192.0.9.2"),
    ("Replace 192.0.9.1 with AAAA 192.0.9.2", "Replace   with AAAA 192.0.9.2"),
    ("Replace 192.0.9.1 with mx.new.net", "Replace 192.0.9.1 with mx.new.net"),
    ("was mx.old.net", "was  "),
    ("2.0.9.1.5 to 192.0.9.1", "2.0.9.1.5 to 192.0.9.1"),
    ("old x x x 192.0.9.1", "old x x x  "),
    ("old x x x x 192.0.9.1", "old x x x x 192.0.9.1"),
    ("Replace 192.0.9.1 x x x x x x to 192.0.9.2", "A Replace   x x x x x x to 192.0.9.2"),
    ("Replace 192.0.9.1 x x x x x x x to 192.0.9.2", "Replace 192.0.9.1 x x x x x x x to 192.0.9.2"),
    ("Change A to 192.0.9.1 and 192.0.9.2", "Change A to 192.0.9.1 and 192.0.9.2"),
    ("Replace 192.0.9.1 with 192.0.9.2 and 192.0.9.3 with 192.0.9.4", "A Replace   with 192.0.9.2 and   with 192.0.9.4"),
    ("Replace 192.0.9.1 , x to 192.0.9.2", "Replace 192.0.9.1 , x to 192.0.9.2"),
    ("Replace 192.0.9.1,by 192.0.9.2", "A Replace  ,by 192.0.9.2"),
    ("New 192.0.9.1, previously 192.0.9.2", "New 192.0.9.1, previously  "),
    ("Change the old mx.old.net to mx.new.net and mx.old2.net to mx.new2.net", "Change the old   to mx.new.net and   to mx.new2.net"),
    ("Replace mx.old.net and 192.0.9.1 with 192.0.9.2 and mx.new.net", "A Replace mx.old.net and   with 192.0.9.2 and mx.new.net"),
    ("AAAA 2001:db8::1 => 2001:db8::2", "AAAA   2001:db8::2"),
    ("Replace 192.0.9.1 with 192.0.9.2, 2001:db8::1 with 2001:db8::2", "A Replace   with 192.0.9.2,   with 2001:db8::2"),
    ("CNAME x.net for WWW.Cafe.Example. instead of y.net", "CNAME x.net for WWW.Cafe.Example. instead of  "),
    ("Nahraďte 192.0.9.1 a 192.0.9.3 za 192.0.9.2", "A Nahraďte   a   za 192.0.9.2"),
    ("Statt 192.0.9.1 bitte 192.0.9.2", "Statt   bitte 192.0.9.2"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "remaining"), REPLACED)
def test_old_values_give_way(line: str, remaining: str) -> None:
    assert without_old_values(line, D) == remaining


TEXTS = [
    ("a\r\nb\rc", ["a", "", "b", "c"]),
    ("\u200ba\xa0b\ufeff  ", ["a b"]),
    ("> a\n>> b\n> > c\n >d", ["a", "b", "c", " >d"]),
    ("<p>a</p>b", ["a", "b"]),
    ("<td>a</td><td>b</td>", ["a\tb"]),
    ("<TD>a</TD> <th x>b</TH>c", ["a\tbc"]),
    ("a<br>b<BR />c", ["a", "b", "c"]),
    ("a</p>b", ["a", "b"]),
    ("<b>a</b>&amp;", ["<b>a</b>&amp;"]),
    ("a &amp; b <", ["a &amp; b <"]),
    ("<tr><td>&lt;x&gt;</td></tr>x", ["<x>", "x"]),
    ("<div>a</div>", ["<div>a</div>"]),
    ("<br>a<div>b</div><x>c</x>", ["", "ab", "<x>c</x>"]),
    ('a (\n"x"\n"y" )\nb', ['a "x" "y"', "b"]),
    ('a ( "x" ) c ( "y"\n)', ['a "x"  c "y"']),
    ("x   ", ["x"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "lines"), TEXTS)
def test_lines_of_a_text(text: str, lines: list[str]) -> None:
    assert text_lines(text) == lines


KEY, MORE = f"p={'A' * 40}", "B" * 24


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"{KEY}\n{MORE}==\nc", [f"{KEY}{MORE}==", "c"]),
        (f'{KEY} \n {MORE} \n{MORE}"', [f'{KEY}{MORE}{MORE}"']),
        (f"{KEY}\n{MORE};\nc", [f"{KEY}{MORE};", "c"]),
        (f"{KEY[:-1]}\n{MORE}", [KEY[:-1], MORE]),
        (f"{KEY}\n{MORE[1:]}", [KEY, MORE[1:]]),
        (f"{KEY}\n{MORE}\n{MORE}-d", [f"{KEY}{MORE}", f"{MORE}-d"]),
    ],
)
def test_lines_of_a_key_are_joined(text: str, lines: list[str]) -> None:
    assert text_lines(text) == lines
