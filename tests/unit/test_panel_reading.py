"""Figures as panels write them: units, "unlimited", and what is not known."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clock import ManualClock
from hosting.model import Resource
from hosting.panel import PanelError
from hosting.panels.circuit_breaker import COOL_DOWN_SECONDS, FAILURE_THRESHOLD, CircuitBreaker
from hosting.panels.json_client import decoded
from hosting.panels.panel_values import (
    ABSENT,
    KIB,
    LARGEST,
    MIB,
    UNLIMITED_WORDS,
    UsageLimit,
    amount,
    bound,
    flag,
    usage,
    word,
)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(whole=st.integers(0, 10**12), unit=st.sampled_from([1, KIB, MIB]))
def test_a_number_and_its_text_are_the_same_amount(whole, unit):
    assert (
        amount(whole, unit)
        == amount(str(whole), unit)
        == amount(f" {whole} ", unit)
        == whole * unit
    )
    assert bound(whole + 1, unit) == bound(str(whole + 1), unit) == UsageLimit((whole + 1) * unit)


@given(hundredths=st.integers(0, 10**10))
def test_two_places_of_a_megabyte_round_to_the_nearest_byte(hundredths):
    text = f"{hundredths // 100}.{hundredths % 100:02d}"
    assert abs(Decimal(amount(text, MIB)) - Decimal(text) * MIB) <= Decimal("0.5")


@given(value=ANYTHING, zero=st.booleans(), minus=st.booleans(), null=st.booleans())
def test_anything_is_a_figure_or_not_known(value, zero, minus, null):
    figure = amount(value, MIB)
    assert figure is None or 0 <= figure <= LARGEST
    most = bound(value, MIB, zero=zero, minus=minus, null=null)
    assert most is None or most.limit is None or 0 <= most.limit <= LARGEST
    if isinstance(value, bool | list | dict):
        assert figure is None
        assert most is None
    assert len(word(value)) <= 300
    assert flag(value) in (None, True, False)


@given(
    word=st.sampled_from(sorted(UNLIMITED_WORDS)),
    case=st.sampled_from([str.upper, str.title, str.lower]),
)
def test_words_for_unlimited_are_never_a_figure(word, case):
    assert bound(f" {case(word)} ") == UsageLimit(None)
    assert amount(case(word)) is None


@pytest.mark.parametrize(
    "written", ["Illimité", "ilimitado", "Illimitato", "Korlátlan", "Необмежено"]
)
def test_unlimited_is_read_in_other_languages(written):
    assert bound(written) == UsageLimit(None)


@pytest.mark.parametrize("value", [ABSENT, True, False, "", "many", "-5", -2, [], {}, "1e9", "5 MB",
                                   float("nan"), float("inf"), 10**40, "9" * 19])  # fmt: skip
def test_what_is_no_figure_is_not_known(value):
    assert amount(value, MIB) is None
    assert bound(value, MIB, zero=True, minus=True, null=True) is None


def test_nought_minus_one_and_null_are_unlimited_only_where_the_panel_says_so():
    assert bound(0) == bound("0.00") == UsageLimit(0)
    assert bound(0, zero=True) == bound("0.00", zero=True) == UsageLimit(None)
    assert bound(-1) is None
    assert bound(-1, minus=True) == bound("-1", minus=True) == UsageLimit(None)
    assert bound(None) is None
    assert bound(None, null=True) == UsageLimit(None)


def test_usage_is_told_only_when_both_figures_are_known():
    now = ManualClock().now()
    assert usage(Resource.DISK, None, UsageLimit(5), now, "x") == ()
    assert usage(Resource.DISK, 5, None, now, "x") == ()
    (usage_row,) = usage(Resource.INODES, 5, UsageLimit(None), now, "x")
    assert (usage_row.used, usage_row.limit, usage_row.unit, usage_row.as_of) == (
        5,
        None,
        "count",
        now,
    )


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[" * 9_000, b"[" * 30 + b"]" * 30])
def test_what_is_no_sane_json_is_a_panel_error(body):
    with pytest.raises(PanelError):
        decoded(body)


def test_the_fuse_blows_after_failures_in_a_row_and_lets_one_try_later():
    clock = ManualClock()
    breaker = CircuitBreaker(clock)
    for _ in range(FAILURE_THRESHOLD):
        breaker.check()
        breaker.record_failure()
    with pytest.raises(PanelError):
        breaker.check()
    clock.advance(timedelta(seconds=COOL_DOWN_SECONDS))
    breaker.check()
    breaker.record_status(502)  # still away: one failure is enough
    with pytest.raises(PanelError):
        breaker.check()
    clock.advance(timedelta(seconds=COOL_DOWN_SECONDS))
    breaker.record_status(404)  # an answer, and so it is there
    breaker.record_failure()
    breaker.check()
