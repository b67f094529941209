"""One lost message: what is filled in, what is asked, what can be said, what the mail team gets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from explain import explain
from explain.document import domain_of
from explain.domain_typos import intended_provider
from explain.identifiers import extract_identifiers
from wizard.lost_mail.case import QUESTIONS, LostMessage, completeness, fill_in
from wizard.lost_mail.hints import (
    FUTURE,
    MISTYPED,
    NOTHING_ARRIVES,
    NOTHING_OUT,
    SAME,
    SENT_LONG_AGO,
    SENT_RECENTLY,
    SPAM,
    hints,
)
from wizard.lost_mail.request import mail_team_request
from wizard.lost_mail.sent_time import sent_at

CASES = Path(__file__).resolve().parents[1] / "cases" / "explain"
NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
WHOLE = LostMessage(
    "receiving",
    "peter@office.example",
    "jana@shop.example",
    "2. 11. 2026 9:05",
    "one",
    "yes",
    "yes",
)


def mine(name):
    return name == "cafe.example"


def read(name):
    text = (CASES / name).read_text("utf-8")
    return explain(text), extract_identifiers(text)


def missing(case):
    return [ask.name for ask in completeness(case).missing]


# ---------------------------------------------------------------- filling in
def test_a_pasted_report_answers_whom_from_and_when() -> None:
    items, lifted = read("postfix_full.eml")
    filled = fill_in(LostMessage(), items, lifted, mine)
    assert (filled.case.sender, filled.case.recipient) == ("mara@cafe.example", "petr@shop.test")
    assert filled.case.when == "2026-11-02 09:00 UTC"
    assert filled.case.side == "sending"  # the sender's domain is theirs
    assert filled.sources == {
        "sender": "paste",
        "recipient": "paste",
        "when": "paste",
        "side": "account",
    }


def test_what_was_typed_is_never_overwritten() -> None:
    items, lifted = read("postfix_full.eml")
    typed = LostMessage("receiving", "a@b.example", "c@d.example", "today 10:00")
    assert fill_in(typed, items, lifted, mine).case == typed


def test_the_account_tells_the_side_and_the_own_address() -> None:
    filled = fill_in(
        LostMessage(sender="x@office.example", recipient="mara@cafe.example"),
        (),
        extract_identifiers(""),
        mine,
    )
    assert (filled.case.side, filled.case.own) == ("receiving", "mara@cafe.example")
    filled = fill_in(
        LostMessage(side="sending", recipient="x@office.example"),
        (),
        extract_identifiers(""),
        mine,
        "mara@cafe.example",
    )
    assert filled.case.sender == "mara@cafe.example"
    assert filled.sources["sender"] == "account"


def test_a_stranger_gets_no_side_from_us() -> None:
    case = LostMessage(sender="x@office.example", recipient="mara@cafe.example")
    assert (
        fill_in(case, (), extract_identifiers(""), lambda _: False, "zed@elsewhere.example").case
        == case
    )


# ---------------------------------------------------------------- the gauge
def test_nothing_is_missing_of_a_whole_case() -> None:
    assert missing(WHOLE) == []
    assert completeness(WHOLE).level == "ok"


def test_an_empty_case_lacks_everything_and_each_question_has_both_examples() -> None:
    assert missing(LostMessage()) == [ask.name for ask in QUESTIONS]
    assert completeness(LostMessage()).level == "fail"
    assert all(ask.bad and ask.good and ask.why for ask in QUESTIONS)


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        ({"sender": "Peter from the office"}, "sender"),
        ({"recipient": "jana@shop"}, "recipient"),
        ({"when": "yesterday"}, "when"),
        ({"when": "2 November"}, "when"),
        ({"nothing": "", "back": "error"}, "back"),
        ({"extent": ""}, "extent"),
        ({"spam": ""}, "spam"),
    ],
)
def test_an_answer_that_leads_nowhere_is_missing(change, lacks) -> None:
    values = {name: getattr(WHOLE, name) for name in WHOLE.__slots__}
    assert missing(LostMessage(**{**values, **change})) == [lacks]


def test_whoever_sent_it_is_not_asked_about_a_spam_folder() -> None:
    values = {name: getattr(WHOLE, name) for name in WHOLE.__slots__}
    assert missing(LostMessage(**{**values, "side": "sending", "spam": ""})) == []


@pytest.mark.parametrize(
    ("when", "hour"),
    [
        ("2026-11-02T10:05", 9),
        ("2026-11-02 10:05", 9),
        ("2. 11. 2026 10:05", 9),
        ("2.11.2026 10:05", 9),
        ("02.11.2026, 10:05", 9),
        ("2. 11. 2026, 10.05", 9),
        ("2.11. 2026 v 10:05:07", 9),
        ("02/11/2026 at 10:05", 9),
        ("2026-11-02, 10:05:07", 9),
        ("2026-11-02 10:05 UTC", 10),
        ("yesterday at ten", None),
        ("2026-13-45 99:99", None),
    ],
)
def test_a_time_is_the_readers_own_unless_it_says_otherwise(when, hour) -> None:
    at = sent_at(when, "Europe/Prague")
    assert (at.hour if at else None) == hour


# ---------------------------------------------------------------- hints
def hint_texts(case, sent=None, items=()):
    return [hint.text for hint in hints(case, items, sent, NOW)]


def test_hints_follow_the_pattern() -> None:
    assert hint_texts(LostMessage("receiving", "a@b.example", "c@d.example")) == [SPAM]
    assert hint_texts(LostMessage("receiving", "a@b.example", "c@d.example", extent="all")) == [
        SPAM,
        NOTHING_ARRIVES,
    ]
    assert hint_texts(LostMessage("sending", "a@b.example", "c@d.example", nothing="yes")) == [
        NOTHING_OUT
    ]
    assert hint_texts(LostMessage("sending", "a@b.example", "A@b.example")) == [SAME]


def test_headers_of_a_message_are_no_refusal() -> None:
    case = LostMessage("receiving", "a@b.example", "c@d.example")
    for name in ("headers/exchange.txt", "headers/gmail.txt"):  # not proven, and proven
        items, _ = read(name)
        assert hint_texts(case, items=items) == [SPAM]
    refusal, _ = read("postfix_full.eml")
    assert hint_texts(case, items=refusal) == []


def test_hints_follow_the_clock() -> None:
    case = LostMessage("sending", "a@b.example", "c@d.example")
    assert hint_texts(case, NOW - timedelta(minutes=10)) == [SENT_RECENTLY]
    assert hint_texts(case, NOW + timedelta(hours=2)) == [FUTURE]
    assert hint_texts(case, NOW - timedelta(days=20)) == [SENT_LONG_AGO]
    assert hint_texts(case, NOW - timedelta(hours=20)) == []


@pytest.mark.parametrize(
    ("name", "guess"),
    [
        ("gmial.com", "gmail.com"), ("gmail.co", "gmail.com"), ("gmaill.com", "gmail.com"),
        ("seznma.cz", "seznam.cz"), ("sezam.cz", "seznam.cz"), ("hotmial.com", "hotmail.com"),
        ("gmail.com", ""), ("gmail.sk", ""), ("shop.example", ""), ("o3.pl", ""), ("wp.eu", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_slip_of_the_pen_is_asked_about(name, guess) -> None:
    assert intended_provider(name) == guess
    hints = hint_texts(LostMessage("sending", "a@b.example", f"jana@{name}" if name else ""))
    assert (MISTYPED in hints) == bool(guess)


# ---------------------------------------------------------------- the request
def test_the_mail_team_gets_everything_in_one_place_and_masked() -> None:
    items, lifted = read("postfix_full.eml")
    case = fill_in(
        LostMessage(extent="one", client="Thunderbird, IMAP mail.cafe.example"), items, lifted, mine
    ).case
    request = mail_team_request(case, items, lifted, "en")
    assert request.service == "mara@cafe.example"
    assert "from mara@cafe.example to petr@shop.test did not arrive" in request.text
    assert "Identifiers in queues: 4AbCdE1234" in request.text
    assert "Dates in the headers: 2026-11-02 09:00:00 UTC" in request.text
    assert "552" in request.answers["error"]
    assert set(request.answers) == {"mailbox", "direction", "error", "client", "since"}
    assert "hunter22" not in request.text + str(request.answers)


def test_an_ordinary_letter_pasted_there_is_not_repeated() -> None:
    letter = "From: a@b.example\nTo: c@d.example\nSubject: x\n\nDear Jana, my PIN is 4321. Peter"
    request = mail_team_request(
        LostMessage("sending", "a@b.example", "c@d.example"),
        explain(letter),
        extract_identifiers(letter),
        "cs",
    )
    assert "4321" not in request.text + str(request.answers)


def test_domain_of_an_address() -> None:
    assert [domain_of(a) for a in ("a@B.example.", "nobody", "")] == ["b.example", "", ""]
