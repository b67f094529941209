"""The corrected SPF record: it means what was meant, is never looser, and drops no sender."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.queries import character_strings
from standards.spf.correction import (
    add_senders,
    compose_record,
    is_meant_as_spf,
    quote_txt,
    remove_terms,
    repair_records,
    repair_split_strings,
)
from standards.spf.lint import lint_record, term_identity
from standards.spf.record import is_spf, parse_spf


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        # two records become one, with the stricter ending
        (["v=spf1 mx ~all", "v=spf1 include:_spf.host.example -all"],
         "v=spf1 mx include:_spf.host.example -all"),
        # a redirect means nothing beside "all", and its senders stay all the same
        (["v=spf1 redirect=_spf.host.example", "v=spf1 mx -all"],
         "v=spf1 include:_spf.host.example mx -all"),
        (["v=spf1 a", "v=spf1 redirect=_spf.host.example"], "v=spf1 a redirect=_spf.host.example"),
        (["v=spf1 redirect=a.example", "v=spf1 redirect=b.example"], ""),
        # typing errors with one meaning
        (["v=spf1 ipv4:192.0.2.1 -all"], "v=spf1 ip4:192.0.2.1 -all"),
        (["v=spf1 ip:192.0.2.0/24 -all"], "v=spf1 ip4:192.0.2.0/24 -all"),
        (["v=spf1 ip4:2001:db8::/32 -all"], "v=spf1 ip6:2001:db8::/32 -all"),
        (["v=spf1 include:192.0.2.9 -all"], "v=spf1 ip4:192.0.2.9 -all"),
        (["v=spf1 a:192.0.2.9 -all"], "v=spf1 ip4:192.0.2.9 -all"),
        (["v=spf1 192.0.2.9 -all"], "v=spf1 ip4:192.0.2.9 -all"),
        (["v=spf1 192.0.2.9/24 -all"], "v=spf1 ip4:192.0.2.9/24 -all"),
        (["v=spf1 inlcude:_spf.host.example -all"], "v=spf1 include:_spf.host.example -all"),
        (["v=spf1 include=_spf.host.example -all"], "v=spf1 include:_spf.host.example -all"),
        (["v=spf1 include: _spf.host.example -all"], "v=spf1 include:_spf.host.example -all"),
        (["v=spf1 redirect:_spf.host.example"], "v=spf1 redirect=_spf.host.example"),
        (["v=spf1 mx, a, -all;"], "v=spf1 mx a -all"),
        (["v=spf1 mx – all"], "v=spf1 mx -all"),
        (["v=spf1 mx –all"], "v=spf1 mx -all"),
        (["v=spf1 mx all-"], "v=spf1 mx -all"),
        (['"v=spf1 mx -all"'], "v=spf1 mx -all"),
        (["v=spf1include:_spf.host.example -all"], "v=spf1 include:_spf.host.example -all"),
        (["v=spf1; mx -all"], "v=spf1 mx -all"),
        (["V=SPF1 MX Include:_spf.host.example -ALL"], "v=spf1 mx include:_spf.host.example -all"),
        # order and repetition
        (["v=spf1 -all mx include:_spf.host.example"], "v=spf1 mx include:_spf.host.example -all"),
        (["v=spf1 mx mx a MX -all"], "v=spf1 mx a -all"),
        (["v=spf1 mx -all redirect=_spf.host.example"], "v=spf1 mx -all"),
        # never looser: what lets everybody send becomes a soft no
        (["v=spf1 mx +all"], "v=spf1 mx ~all"),
        (["v=spf1 mx all"], "v=spf1 mx ~all"),
        (["v=spf1 mx ?all"], "v=spf1 mx ~all"),
        # beyond us: no guess
        (["v=spf1 ip4:192.0.2.1/33 -all"], ""),
        (["v=spf1 ip4:192.0.2 -all"], ""),
        (["v=spf1 banana -all"], ""),
        (["v=spf1 mail.host.example -all"], ""),
        (["v=spf1 include:%{x}.example -all"], ""),
    ],
)  # fmt: skip
def test_what_was_meant(texts: list[str], wanted: str) -> None:
    assert repair_records(texts) == wanted
    assert not wanted or parse_spf(wanted)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("v=spf1include:x.example -all", True),
        ("v=spf1; mx -all", True),
        ("spf1 mx -all", True),
        (" v=spf1 mx -all", True),
        ('"v=spf1 mx -all"', True),
        ("v=spf 1 mx -all", True),
        ("v=spf mx -all", True),
        ("v=spf1 mx -all", False),
        ("V=SPF1 -all", False),
        ("v=spf1", False),
        ("spf2.0/pra -all", False),
        ("v=DMARC1; p=none", False),
        ("google-site-verification=spf", False),
    ],
)
def test_what_was_meant_to_be_spf(text: str, meant: bool) -> None:  # noqa: FBT001
    assert is_meant_as_spf(text) is meant


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ('"v=spf1 include:a.example" "ip4:192.0.2.1 -all"', "v=spf1 include:a.example ip4:192.0.2.1 -all"),
        ('"v=spf1 mx include:a.example" "-all"', "v=spf1 mx include:a.example -all"),
        ('"v=spf1 mx include:a.example" " -all"', ""),
        ('"v=spf1 mx include:a.exa" "mple -all"', ""),
        ('"v=spf1 mx -all"', ""),
    ],
)  # fmt: skip
def test_strings_that_lack_a_space(value: str, wanted: str) -> None:
    assert repair_split_strings(character_strings(value)) == wanted


def test_senders_come_and_go() -> None:
    assert add_senders("v=spf1 mx -all", ["include:_spf.host.example"]) == (
        "v=spf1 include:_spf.host.example mx -all"
    )
    assert add_senders("v=spf1 redirect=x.example", ["ip4:192.0.2.1"]) == (
        "v=spf1 ip4:192.0.2.1 redirect=x.example"
    )
    assert remove_terms("v=spf1 mx include:gone.example -all", ["include:gone.example"]) == (
        "v=spf1 mx -all"
    )
    assert (
        remove_terms("v=spf1 mx redirect=gone.example", ["redirect=gone.example"])
        == "v=spf1 mx ~all"
    )
    assert compose_record(["mx"]) == "v=spf1 mx"


def test_long_records_are_split_so_that_nothing_changes() -> None:
    text = "v=spf1 " + " ".join(f"ip4:192.0.2.{n}" for n in range(40)) + " -all"
    value = quote_txt(text)
    assert "".join(character_strings(value)) == text
    assert all(len(part) <= 255 for part in character_strings(value))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("v=spf1 mx -all", []),
        ("v=spf1 mx ~all", ["soft_all"]),
        ("v=spf1 mx ?all", ["neutral_all"]),
        ("v=spf1 mx +all", ["pass_all"]),
        ("v=spf1 mx", ["no_ending"]),
        ("v=spf1 redirect=x.example", []),
        ("v=spf1 mx -all a", ["after_all"]),
        ("v=spf1 mx -all redirect=x.example", ["redirect_ignored"]),
        ("v=spf1 ptr -all", ["ptr"]),
        ("v=spf1 mx a mx -all", ["repeated"]),
        ("v=spf1 mx mx/32 -all", ["repeated"]),
        ("v=spf1 ip4:192.0.0.0/8 -all", ["wide"]),
        ("v=spf1 ip4:192.0.0.0/16 -all", []),
        ("v=spf1 exists:%{i}.x.example -all", ["macro"]),
        ("v=spf1 MX -all", ["untidy"]),
        ("v=spf1  mx -all", ["untidy"]),
    ],
)
def test_what_smells(text: str, kinds: list[str]) -> None:
    assert [s.kind for s in lint_record(parse_spf(text))] == kinds


TERM = st.sampled_from(
    ["mx", "a", "a:x.example", "include:y.example", "ip4:192.0.2.0/24", "ip6:2001:db8::/32",
     "~mx", "?a:z.example", "exists:%{i}.w.example", "ptr", "MX", "-ip4:192.0.2.7"]
)  # fmt: skip
ENDING = st.sampled_from(["", "-all", "~all", "?all", "+all", "all"])
STRICT = {"": 0, "pass": 0, "neutral": 1, "softfail": 2, "fail": 3}


@given(st.lists(TERM, max_size=9), ENDING, st.lists(TERM, max_size=3))
def test_no_sender_is_lost_and_nothing_is_looser(first, ending, behind) -> None:
    text = " ".join(["v=spf1", *first, ending, *behind]).replace("  ", " ").strip()
    before, after = parse_spf(text), parse_spf(repair_records([text]))
    assert {term_identity(t) for t in before.terms if t.name != "all"} == {
        term_identity(t) for t in after.terms if t.name != "all"
    }
    ends = [
        max((STRICT[t.result] for t in r.terms if t.name == "all"), default=0)
        for r in (before, after)
    ]
    assert ends[1] >= ends[0]
    assert [
        s.kind for s in lint_record(after) if s.kind in ("after_all", "repeated", "pass_all")
    ] == []


@given(st.text(max_size=200))
def test_any_text_ends_in_a_record_or_in_none(text: str) -> None:
    repaired = repair_records(["v=spf1 " + text])
    assert not repaired or is_spf(repaired)
    if repaired:
        parse_spf(repaired)
    is_meant_as_spf(text)
    repair_split_strings([text, text])
