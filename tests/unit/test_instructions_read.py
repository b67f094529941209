"""Pasted instructions of other providers: exactly the records they name, and never more."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instructions.model import WantedRecord
from instructions.reading import MAX_RECORDS, parse_instructions
from instructions.record_values import UnreadableValue, owner_name, parse_ttl, parse_value
from tests.cases.instructions import CASES, D, Pasted


def as_triples(records: tuple[WantedRecord, ...]) -> set[tuple[str, str, str]]:
    return {(w.name, w.type, w.value) for w in records}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_exactly_the_records_of_the_text_are_read(case: Pasted) -> None:
    parsed = parse_instructions(case.text, D)
    assert as_triples(parsed.records) == set(case.records)
    assert as_triples(parsed.foreign) == set(case.foreign)
    assert as_triples(parsed.unfilled) == set(case.unfilled)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_forwarded_text_reads_the_same(case: Pasted) -> None:
    quoted = "\n".join(f"> {line}" for line in case.text.splitlines())
    assert as_triples(parse_instructions(quoted, D).records) == set(case.records)


def test_lifetimes_are_read_in_any_unit() -> None:
    (record,) = parse_instructions("Type: A\nName: www\nValue: 192.0.9.1\nTTL: 1 hour", D).records
    assert record.ttl == 3600
    assert [parse_ttl(t) for t in ("300", "5 min", "1h", "Auto", "")] == [300, 300, 3600, 0, 0]


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("@", D),
        ("", D),
        ("www", "www.cafe.example"),
        ("www.cafe.example.", "www.cafe.example"),
        ("WWW.Cafe.Example", "www.cafe.example"),
        ("*.cafe.example", "*.cafe.example"),
        ("k1._domainkey", "k1._domainkey.cafe.example"),
        ("_dmarc.vasedomena.cz", "_dmarc.cafe.example"),
        ("kavárna", "xn--kavrna-rta.cafe.example"),
        ("www.bistro.com", "www.bistro.com"),
    ],
)
def test_names_are_understood_as_people_write_them(typed: str, whole: str) -> None:
    assert owner_name(typed, D) == whole


def test_a_flood_of_records_is_cut() -> None:
    text = "\n".join(f"host{n} IN A 192.0.9.{n % 250}" for n in range(900))
    assert len(parse_instructions(text, D).records) == MAX_RECORDS


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read_without_harm(text: str) -> None:
    for wanted in parse_instructions(text, D).records:
        assert wanted.name == D or wanted.name.endswith("." + D)
        assert parse_value(wanted.type, wanted.value, D)


_PIECES = st.sampled_from(
    (
        *("TXT", "CNAME", "A", "MX", "www", "@", "192.0.9.1", "shops.builder.net", "v=spf1 -all"),
        *("10", "Type:", "Host", "Value", "\t", "|", "\n", " ", '"', "(", ")", "v=DKIM1; p="),
        *(":", ";", "\u202e"),
    )
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=40).map(" ".join))
def test_any_mixture_of_their_pieces_gives_only_valid_records(text: str) -> None:
    for wanted in parse_instructions(text, D).records:
        try:
            again = parse_value(wanted.type, wanted.value, D)
        except UnreadableValue:
            pytest.fail(f"{wanted} is no record")
        assert again == wanted.value
