"""Findings to sentences: names as people write them, whole sentences as arguments."""

from __future__ import annotations

import datetime as dt

import pytest

from hosting.panels.panel_values import MIB, bound
from render.message_format import sentence
from render.templates import environment


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("xn--luouk-uva4it5a4g.example", "žluťoučký.example"),
        ("https://www.xn--luouk-uva4it5a4g.example/a", "https://www.žluťoučký.example/a"),
        ("xn--80ak6aa92e.com", "xn--80ak6aa92e.com"),  # Cyrillic letters that look like “apple”
        ("xn--.example", "xn--.example"),
        ("xn--a-ecp.example and xn--", "xn--a-ecp.example and xn--"),
    ],
)
def test_names_read_as_people_write_them(value: str, read: str) -> None:
    assert sentence("en", "{name}", {"name": value}) == read
    assert sentence("en", "{name:list}", {"name": [value]}) == read
    assert sentence("en", "{name:code}", {"name": value}) == value


def test_an_argument_may_be_a_whole_sentence() -> None:
    args = {"next": "It ends on {day:date}.", "day": "2026-03-01"}
    assert sentence("en", "Look out. {next:said}", args) == "Look out. It ends on 1 March 2026."


def test_sentences_inside_sentences_come_to_an_end() -> None:
    args = {"next": "again {next:said}"}
    assert sentence("en", "{next:said}", args) == "again again again {next:said}"


def test_a_said_sentence_may_hold_a_term_of_its_own() -> None:
    args = {"what": "They say {theirs:said}.", "theirs": "nothing"}
    assert sentence("cs", "{what:said}", args) == "They say nic."


def test_what_others_wrote_keeps_what_looks_like_a_field() -> None:
    """SPF has macros of this form (RFC 7208, 7)."""
    record = '"v=spf1 exists:%{i}._spf.%{d2}.shop.example -all"'
    args = {"what": "{server} says {theirs:said}.", "server": "ns1", "theirs": record}
    assert sentence("cs", "{what:said}", args) == f"ns1 says {record}."
    assert sentence("en", "{theirs:said}", args) == record
    assert sentence("en", "{missing}, {missing:said}", args) == "–, –"


def test_a_left_out_sentence_leaves_nothing() -> None:
    assert sentence("en", "Seen. {more:said}", {"more": ""}) == "Seen. "


@pytest.mark.parametrize(
    ("lang", "message"),
    [
        ("en", "13:00:05 CET, 15 Jan 2026, 13:00 CET, 2026-01-15T13:00:05+01:00"),
        ("cs", "13:00:05 SEČ, 15. 1. 2026 13:00 SEČ, 2026-01-15T13:00:05+01:00"),
    ],
)
def test_every_moment_of_a_page_is_told_in_one_zone(lang: str, message: str) -> None:
    at = dt.datetime(2026, 1, 15, 12, 0, 5, tzinfo=dt.UTC)
    page = environment(zone="Europe/Prague").from_string(
        "{{ at | second }}, {{ at | datetime }}, {{ at | iso }}"
    )
    assert page.render(lang=lang, at=at) == message


def test_a_template_is_compiled_once_for_all_environments_and_anew_when_it_changed(tmp_path):
    file = tmp_path / "page.html"
    file.write_text("{{ languages | length }} a")
    first, second = (
        environment(tmp_path, languages=codes).get_template("page.html")
        for codes in (("en",), ("en", "cs"))
    )
    assert first.root_render_func.__code__ is second.root_render_func.__code__
    assert (first.render(), second.render()) == ("1 a", "2 a")
    file.write_text("{{ languages | length }} b")
    assert environment(tmp_path).get_template("page.html").render().endswith("b")


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (dt.timedelta(minutes=90), "90 minutes"),
        (dt.timedelta(hours=3), "3 hours"),
        (dt.timedelta(hours=26), "26 hours"),
        (dt.timedelta(hours=36), "36 hours"),
        (dt.timedelta(days=7), "7 days"),
        (dt.timedelta(days=30), "30 days"),
        (dt.timedelta(days=90), "90 days"),
        (dt.timedelta(days=365), "365 days"),
        (dt.timedelta(days=730), "2 years"),
    ],
)
def test_a_span_is_told_in_the_unit_that_does_not_round_it_away(span, text):
    assert sentence("en", "{span:duration}", {"span": span.total_seconds()}) == text


@pytest.mark.parametrize(
    ("size", "reads"),
    [
        (0, "0 byte"),
        (1023, "1,023 byte"),
        (1024, "1 kB"),
        (1024**2 - 1, "1 MB"),
        (10 * 1024**3, "10 GB"),
        (int(9.6 * 1024**3), "9.6 GB"),
        (1500 * 1024**4, "1,500 TB"),
    ],
)
def test_a_size_reads_as_in_a_panel(size: int, reads: str) -> None:
    assert sentence("en", "{size:bytes}", {"size": size}) == reads


def test_a_disk_of_which_the_panel_says_10_gb_is_one_of_10_gb() -> None:
    limit = bound("10240", MIB)  # megabytes, as cPanel, DirectAdmin and HestiaCP tell them
    assert limit is not None
    assert sentence("cs", "{limit:bytes}", {"limit": limit.limit}) == "10 GB"
