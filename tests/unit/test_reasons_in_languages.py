"""Reasons of probes in the reader's language; what nobody knows stays as it was said."""

from __future__ import annotations

import time

import pytest

from render.message_fields import FIELD
from status.operator_pages.reasons import REASONS, TROUBLES, ShownReason, shown_reason
from tests.unit import test_probe_words


@pytest.mark.parametrize(
    ("reason", "translation"),
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
            "ns1 1.2.3.4: čekání na odpověď trvalo 2 s",
        ),
        ("our own limit: x, step 1 of 1 (a)", "náš vlastní limit: x, krok 1 z 1 (a)"),
        ("timeout: no answer, step 1 of 2 (a)", "nic nepřišlo včas: no answer, krok 1 z 2 (a)"),
        ("timeout: x (seen from brno, praha)", "nic nepřišlo včas: x (viděno z: brno, praha)"),
        ("answered 500 (seen from praha)", "odpověděl 500 (viděno z: praha)"),
        ("well from 2 of 3 places", "v pořádku z 2 z 3 míst"),
    ],
)
def test_a_reason_is_told_in_czech(reason, translation):
    czech = shown_reason(reason, "cs")
    assert czech.lang == "cs"
    assert czech.text.startswith(translation)
    assert shown_reason(reason, "en") == ShownReason(reason.replace("2.00", "2"), "en")


@pytest.mark.parametrize(
    ("reason", "czech", "english"),
    [
        ("3 of 4 echoes, 20.5 ms", "3 z 4 ozvěn, 20,5 ms", "3 of 4 echoes, 20.5 ms"),
        ("200 in 0.25 s", "200 za 0,25 s", "200 in 0.25 s"),
        ("2 steps in 0.35 s: 0.10 + 0.25 s", "0,35 s: 0,1 + 0,25 s", "0.35 s: 0.1 + 0.25 s"),
        ("the certificate ends in 5 days", "za 5 dnů", "the certificate ends in 5 days"),
        ("the certificate ends in a minute", "končí za 60 sekund", "ends in 60 seconds"),
        ("the certificate ends in less than a minute", "za méně než minutu", "than a minute"),
        ("the certificate ended 2026-01-15", "skončila 15. ledna 2026", "ended 15 January 2026"),
        (
            "the certificate is not valid before 2026-01-15 12:00 UTC",
            "certifikát začne platit až 15. 1. 2026 13:00 SEČ",
            "the certificate is not valid before 15 Jan 2026, 13:00 CET",
        ),
        ("TLSv1.3, 47 hours left", "TLSv1.3, certifikát platí ještě 47 hodin", "47 hours left"),
        ("TLSv1.3, no time left", "TLSv1.3, certifikát už neplatí", "TLSv1.3, no time left"),
        ("ends in 1 days, on 2026-02-14", "končí 14. února 2026 (ještě 1 den)", "ends in 1 day,"),
        ("ended on 2026-02-14", "platnost skončila 14. února 2026", "ended on 14 February 2026"),
        ("a run began 119 s ago and has not ended", "běh trvá už 119 sekund", "began 119 seconds"),
        ("heard 3 hours ago (seen from brno)", "staré 3 hodiny (viděno", "heard 3 hours ago (seen"),
        (
            "the last heartbeat was 4 minutes ago; the next was due 2026-07-15 12:00 UTC",
            "poslední hlášení je staré 4 minuty; další mělo přijít 15. 7. 2026 14:00 SELČ",
            "the next was due 15 Jul 2026, 14:00 CEST",
        ),
    ],
)
def test_spans_dates_and_numbers_are_told_as_the_language_does(reason, czech, english):
    assert czech in shown_reason(reason, "cs", "Europe/Prague").text
    assert english in shown_reason(reason, "en", "Europe/Prague").text


@pytest.mark.parametrize(
    "reason",
    ["the certificate ended one day", "heard a bell ago", "took long s", "took ² s", "²² answers"],
)
def test_what_is_no_span_date_or_number_is_no_sentence_of_ours(reason):
    assert shown_reason(reason, "cs") == shown_reason(reason, "en") == ShownReason(reason, "en")


@pytest.mark.parametrize(
    "reason", ["", "backup of db3 failed", "disk: full", "the moon took 1 s, limit 2 s"]
)
def test_words_of_others_stay_as_they_are(reason):
    assert shown_reason(reason, "cs") == ShownReason(reason, "en")


def test_every_sentence_is_recognised_by_itself_and_none_is_slow():
    special = {"reason": "no echo came back", "what": "the echo", "n": "7", "count": "7"}
    special |= {"times": "0.10 + 0.25"}
    typed = {"number": "7", "duration": "7 days", "days": "7 days", "date": "2026-01-15"}
    typed |= {"datetime": "2026-01-15 12:00 UTC", "": "abc"}
    for text in REASONS:
        reason = FIELD.sub(lambda f: special.get(f[1]) or typed[f[2] or ""], text)
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
