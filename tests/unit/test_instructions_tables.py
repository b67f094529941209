"""The parts of pasted tables and lists: types, columns, cells, headings, labels, and whose text it is."""

from __future__ import annotations

import pytest

from instructions.detection import ANY_DOMAIN, guess_domain, is_record_list
from instructions.prose import only_host_names
from instructions.reading import MAX_TEXT, parse_instructions
from instructions.tables import column_of, parse_heading, parse_labelled, split_cells, type_of


@pytest.mark.parametrize(
    ("cell", "type_"),
    [
        ("CNAME", "CNAME"), ("cname", "CNAME"), ("TXT (SPF)", "TXT"), ("SPF", "TXT"),
        ("záznam MX", "MX"), ("MX record", "MX"), ("A 1", "A"),
        ("MX mail", ""), ("A and AAAA", ""), ("Name", ""), ("", ""), ("10", ""),
    ],
)  # fmt: skip
def test_the_type_a_cell_names(cell: str, type_: str) -> None:
    assert type_of(cell) == type_


@pytest.mark.parametrize(
    ("cell", "column"),
    [
        ("Type:", "type"), (" Name ", "name"), ("**Value**", "value"), ("Points to", "value"),
        ("#TTL", "ttl"), ("Priorität", "priority"), ("Nom d’hôte", "name"), ("Nom d'hôte", "name"),
        ("foo", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_column_a_heading_names(cell: str, column: str) -> None:
    assert column_of(cell) == column


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("a\tb\t", ["a", "b", ""]),
        ("| a | b |", ["a", "b"]),
        ("a | b", ["a", "b"]),
        ("|a|b", ["a", "b"]),
        ("a|b", ["a|b"]),
        ("a,b,c", ["a", "b", "c"]),
        ("a,b", ["a,b"]),
        ("a, b, c", ["a, b, c"]),
        ('a,"b,c",d', ["a", "b,c", "d"]),
        ("a  b   c", ["a", "b", "c"]),
        ("a b", ["a b"]),
    ],
)
def test_the_cells_of_a_line(line: str, cells: list[str]) -> None:
    assert split_cells(line) == cells


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        ("Type\tName\tValue", ("type", "name", "value")),
        ("Type\tx\tValue", ("type", "", "value")),
        ("Name\tTTL", ()),
        ("Value\tValue", ()),
        ("Value", ()),
    ],
)
def test_what_a_heading_is(line: str, columns: tuple[str, ...]) -> None:
    assert parse_heading(line) == columns


@pytest.mark.parametrize(
    ("line", "labelled"),
    [
        ("Type: CNAME", [("type", "CNAME")]),
        ("- Type: A", [("type", "A")]),
        ("12. Type: A", [("type", "A")]),
        ("Type = A", [("type", "A")]),
        ("Type:", [("type", "")]),
        ("Type: A, Name: www, Value: x", [("type", "A"), ("name", "www"), ("value", "x")]),
        ("Type: A; Name: www", [("type", "A"), ("name", "www")]),
        ("Type=A", []),
        ("Foo: A", []),
        ("Type: A; Foo: b", []),
    ],
)
def test_the_fields_of_a_line(line: str, labelled: list[tuple[str, str]]) -> None:
    assert parse_labelled(line) == labelled


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("ns1.new.net", ("ns1.new.net",)),
        ("1. ns1.new.net (192.0.9.1)", ("ns1.new.net",)),
        ("NS1: ns1.new.net, ns2.new.net", ("ns1.new.net", "ns2.new.net")),
        ("server2 ns2.new.net", ("ns2.new.net",)),
        ("ask ns1.new.net", ()),
        ("192.0.9.1", ()),
    ],
)
def test_a_line_of_host_names_only(line: str, names: tuple[str, ...]) -> None:
    assert only_host_names(line) == names


TWO = "www.shop.com A 192.0.9.1\nshop.com A 192.0.9.2"


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        (TWO, "shop.com"),
        ("*.shop.com A 192.0.9.1", ""),
        ("*.shop.com. A 192.0.9.1", "shop.com"),
        (f"{TWO}\nwww.other.com A 192.0.9.3", ""),
        ("www A 192.0.9.1", ""),
        ("hello", ""),
    ],
)
def test_whose_records_a_text_sets(text: str, domain: str) -> None:
    assert guess_domain(text) == domain


@pytest.mark.parametrize(
    ("text", "is_list"),
    [
        (TWO, True),
        (f"\n{TWO}\n", True),
        ("www A 192.0.9.1\nwww.new.net. A 192.0.9.2", True),
        ("www A 192.0.9.1\nhello", False),
        (TWO.replace("\n", " "), False),
        (f"Received: from x\n{TWO}", False),
        (f"Final-Recipient : x\n{TWO}", False),
        (TWO + " " * (MAX_TEXT - len(TWO)), True),
        (TWO + " " * (MAX_TEXT - len(TWO) + 1), False),
    ],
)
def test_what_is_a_list_of_records(text: str, is_list: bool) -> None:  # noqa: FBT001
    assert is_record_list(text) is is_list


@pytest.mark.parametrize(
    ("text", "record"),
    [
        ("sip SRV 1 2 443 sip.new.net", "sip SRV 1 2 443 sip.new.net"),
        ("_sip._tls SRV 1 2 443 sip.yourdomain.com", f"_sip._tls SRV 1 2 443 sip.{ANY_DOMAIN}"),
        ("www A 192.0.9.1 (delete)\nmail A 192.0.9.2", "mail A 192.0.9.2"),
        ("www CAA 0 issue ca.example", "www CAA 0 issue ca.example"),
        ("shop NS ns1.new.net.", "shop NS ns1.new.net"),
        ("mail MX 10 mx.new.net", "mail MX 10 mx.new.net"),
    ],
)
def test_a_line_of_a_zone(text: str, record: str) -> None:
    (read,) = parse_instructions(text, ANY_DOMAIN).records
    assert f"{read.name.removesuffix(f'.{ANY_DOMAIN}')} {read.type} {read.value}" == record


def test_what_was_removed_names_nothing_below_it() -> None:
    (read,) = parse_instructions("A www 192.0.9.1 (delete)\nA 192.0.9.2", ANY_DOMAIN).records
    assert (read.name, read.value) == (ANY_DOMAIN, "192.0.9.2")
