"""Reasons of probes in the reader's language; what nobody knows stays as it was said."""

from __future__ import annotations

import time

import pytest

from render.message_fields import FIELD
from status.operator_pages.reasons import REASONS, TROUBLES, ShownReason, shown_reason
from tests.unit import test_probe_words


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("answered 403 Forbidden, wanted 302", "odpověděl 403 Forbidden, očekávali jsme 302"),
        ("refused", "spojení bylo odmítnuto"),
        ("tls: handshake failure: x", "šifrování selhalo: handshake failure: x"),
        (
            "step 2 of 3 (sign in): the page does not contain 'hi: {csrf}'",
            "krok 2 z 3 (sign in): stránka neobsahuje 'hi: {csrf}'",
        ),
        (
            "ns1 1.2.3.4: the answer took 2.00 s, limit 1 s",
            "ns1 1.2.3.4: čekání na odpověď trvalo 2.00 s",
        ),
        ("our own limit: x, step 1 of 1 (a)", "náš vlastní limit: x, krok 1 z 1 (a)"),
        ("timeout: no answer, step 1 of 2 (a)", "nic nepřišlo včas: no answer, krok 1 z 2 (a)"),
        ("timeout: x (seen from brno, praha)", "nic nepřišlo včas: x (viděno z: brno, praha)"),
        ("answered 500 (seen from praha)", "odpověděl 500 (viděno z: praha)"),
        ("well from 2 of 3 places", "v pořádku z 2 z 3 míst"),
        ("3 of 4 echoes, 20.0 ms", "3 z 4 ozvěn, 20.0 ms"),
        ("the certificate ends in 5 days", "platnost certifikátu končí za: 5 days"),
    ],
)
def test_a_reason_is_told_in_czech(reason, shown):
    czech = shown_reason(reason, "cs")
    assert czech.lang == "cs"
    assert czech.text.startswith(shown)
    assert shown_reason(reason, "en") == ShownReason(reason, "en")


@pytest.mark.parametrize(
    "reason", ["", "backup of db3 failed", "disk: full", "the moon took 1 s, limit 2 s"]
)
def test_words_of_others_stay_as_they_are(reason):
    assert shown_reason(reason, "cs") == ShownReason(reason, "en")


def test_every_sentence_is_recognised_by_itself_and_none_is_slow():
    numbers = ("n", "count", "seconds", "limit", "milliseconds")
    for text in REASONS:
        special = {"reason": "no echo came back", "what": "the echo", **dict.fromkeys(numbers, "7")}
        reason = FIELD.sub(lambda field: special.get(field[1], "abc"), text)  # noqa: B023
        assert shown_reason(reason, "cs").lang == "cs", text
    start = time.thread_time()
    for trouble in TROUBLES:
        for long in (f"{trouble} " * 200, f"step 1 of 2: {trouble}, " * 40, ": took " * 90):
            shown_reason(long, "cs")
    assert time.thread_time() - start < 3


def test_most_of_what_probes_say_is_known():
    (mark,) = (
        m
        for m in vars(test_probe_words)["test_a_look_is_told_in_these_words"].pytestmark
        if m.name == "parametrize"
    )
    reasons = {case[-1].reason for case in mark.args[1]}
    unknown = {reason for reason in reasons if shown_reason(reason, "cs").lang == "en"}
    assert unknown == {"x" * 100, "the zone is gone"}  # a server's greeting, a name's own story
