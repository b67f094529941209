"""Codes for callers, addresses as typed and the cookies of known browsers, value by value."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.caller_codes import CallerCode, code_of_session, is_code, without_gaps
from accounts.model import Assurance, Person, Session
from accounts.passwords import LONGEST, SHORTEST, PasswordRefused, Passwords
from accounts.random_tokens import hashed
from accounts.sign_in_limits import (
    NEWCOMER,
    PER_ACCOUNT,
    PER_ASKER,
    PER_PAIR,
    SignInLimits,
    SignInTry,
)
from accounts.text_input import LONGEST_ADDRESS, address, bare_address, has_invisible
from tests.desk_fixtures import FAST, WHEN

SECRET = b"k" * 32
SHORT_ENOUGH = "correct horse battery"
SESSION = Session("s1", "mara", "password", Assurance.STRONG, WHEN, WHEN)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


# ------------------------------------------------------------------ codes
@pytest.mark.parametrize(
    ("after", "until", "number"),
    [
        (timedelta(0), HOUR, 0),
        (HOUR - SECOND, HOUR, 0),
        (HOUR, 2 * HOUR, 1),
        (25 * HOUR + SECOND, 26 * HOUR, 25),
    ],
)
def test_a_code_holds_for_an_hour_of_its_session(after, until, number):
    code = code_of_session(SESSION, WHEN + after, SECRET)
    assert code.until == WHEN + until
    assert code == code_of_session(SESSION, WHEN + number * HOUR, SECRET)


def test_a_code_is_as_it_was_agreed():
    """Web and a second process must find the same one."""
    assert code_of_session(SESSION, WHEN, SECRET) == CallerCode("529856", WHEN + HOUR)
    assert code_of_session(SESSION, WHEN, SECRET).grouped_digits == "529 856"


def test_codes_are_six_digits_and_spread_over_all_there_are():
    sessions = [replace(SESSION, id=f"s{n}") for n in range(2000)]
    codes = {code_of_session(session, WHEN, SECRET).digits for session in sessions}
    assert {len(code) for code in codes} == {6}
    assert all(code.isdigit() for code in codes)
    assert len(codes) > 1980
    assert {code[place] for code in codes for place in range(6)} == set("0123456789")
    assert all(len({code[place] for code in codes}) == 10 for place in range(6))
    assert code_of_session(SESSION, WHEN, b"other" * 8) != code_of_session(SESSION, WHEN, SECRET)


@pytest.mark.parametrize(
    ("typed", "is_one"),
    [
        ("123456", True),
        ("123 456", True),
        ("1-2-3\u00a0456", True),
        ("12345", False),
        ("1234567", False),
        ("12345x", False),
        ("١٢٣٤٥٦", False),
        ("", False),
    ],
)
def test_what_may_be_a_code(typed, is_one):
    assert is_code(typed) is is_one
    assert without_gaps("1 2-3\u00a04") == "1234"


# ------------------------------------------------------------------ addresses
@pytest.mark.parametrize("sign", ["<", ">", ",", ";", ":", '"', "\\", "(", ")"])
def test_no_sign_of_headers_stands_in_a_domain(sign):
    assert address(f"a@b{sign}c.example") == ""


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ('"a@b"@c.example', '"a@b"@c.example'),
        ("a@@c.example", ""),
        ("a@b@c.example", ""),
        ('"@c.example', '"@c.example'),
        ('"a@b@c.example', ""),
        ("a@X.example", "a@x.example"),
        ("a@", ""),
        ("a@b@", ""),
        ("a\u200bb@c.example", ""),
        ("a" * (LONGEST_ADDRESS - 10) + "@b.example", "a" * (LONGEST_ADDRESS - 10) + "@b.example"),
        ("a" * (LONGEST_ADDRESS - 9) + "@b.example", ""),
    ],
)
def test_addresses_at_their_limits(typed, kept):
    assert address(typed) == kept


def test_anything_else_than_a_copied_address_stays_as_typed():
    assert bare_address("  Jana  Nová ") == "Jana  Nová"
    assert bare_address("MAILTO:jana@firma.cz") == "jana@firma.cz"
    assert bare_address("<a b@c.example>") == "<a b@c.example>"


@pytest.mark.parametrize(
    ("typed", "invisible"),
    [
        ("a@b.example", False),
        (" a@b.example\n", False),
        ("a\0b", True),  # Cc
        ("a\u200bb", True),  # Cf
        ("a\ue000b", True),  # Co
        ("a\ud800b", True),  # Cs
        ("a\u0301b", False),  # Mn: a mark that is seen
    ],
)
def test_what_nobody_sees_is_found(typed, invisible):
    assert has_invisible(typed) is invisible


# ------------------------------------------------------------------ known browsers
def test_a_browsers_cookie_is_known_for_its_own_person_only():
    limits, mara = SignInLimits(None, SECRET), Person("mara", "mara@people.example", "Mara")
    cookie = limits.browser_cookie(mara)
    nonce, seal, person = cookie.split(".")
    assert (person, len(seal)) == ("mara", 32)
    assert limits.has_signed_in(cookie, mara)
    assert limits.last_signed_in(cookie) == "mara"
    zed = replace(mara, id="zed")
    for other in ("", ".", nonce, f"{nonce}.{seal[:-1]}", f"{nonce}.{seal}x.mara", f".{seal}.mara"):
        assert not limits.has_signed_in(other, mara), other
        assert limits.last_signed_in(other) == "", other
    assert not limits.has_signed_in(cookie, zed)
    assert limits.last_signed_in(f"{nonce}.{seal}.zed") == ""
    assert not SignInLimits(None, b"other" * 8).has_signed_in(cookie, mara)


class CountedAll:
    """A limiter that lets everybody through and writes down what it counts."""

    def __init__(self):
        self.taken, self.refunded = [], []

    def wait(self, name, key, rate, *, shared):
        assert shared
        self.taken.append((name, key, rate))
        return timedelta(0)

    def refund(self, name, key, rate):
        self.refunded.append((name, key, rate))


class NeverSignedIn:
    def signed_in_from(self, person):
        assert person == "mara"
        return ()


@pytest.mark.parametrize("right", [False, True])
def test_what_a_try_counts_for(right):
    mara = Person("mara", "mara@people.example", "Mara")
    limits, limiter = SignInLimits(NeverSignedIn(), SECRET), CountedAll()
    with limits.counted(limiter, SignInTry(" Mara@People.example", mara, "a1")) as counted:
        assert not counted.is_known
        counted.right = right
    pair = "a1 mara@people.example"
    expected = [
        ("sign-in", "a1", PER_ASKER),
        ("sign-in.pair", pair, PER_PAIR),
        ("sign-in.newcomer", pair, NEWCOMER),
        ("sign-in.account", "mara@people.example", PER_ACCOUNT),
    ]
    assert limiter.taken == expected
    assert limiter.refunded == (expected if right else [])


def test_a_try_in_a_known_browser_counts_for_itself_alone():
    mara = Person("mara", "mara@people.example", "Mara")
    limits, limiter = SignInLimits(NeverSignedIn(), SECRET), CountedAll()
    cookie = limits.browser_cookie(mara)
    with limits.counted(limiter, SignInTry("mara@people.example", mara, "a1", cookie)) as counted:
        assert counted.is_known
    own = f"browser {hashed(cookie)} mara@people.example"
    assert limiter.taken == [("sign-in.own", own, PER_PAIR)]


def test_a_person_whose_id_holds_a_point_is_known_too():
    limits, dotted = SignInLimits(None, SECRET), Person("m.a", "mara@people.example", "Mara")
    cookie = limits.browser_cookie(dotted)
    assert limits.has_signed_in(cookie, dotted)
    assert limits.last_signed_in(cookie) == "m.a"


# ------------------------------------------------------------------ passwords
class Turns:
    """A line before hashing that writes down who went first, and who left."""

    def __init__(self):
        self.entered, self.left = [], 0

    def enter(self, *, first):
        self.entered.append(first)

    def leave(self):
        self.left += 1


def test_who_goes_first_before_hashing_is_told_and_every_turn_ends():
    turns = Turns()
    passwords = Passwords(FAST, turns)
    stored = passwords.hash(SHORT_ENOUGH)
    assert passwords.check(stored, SHORT_ENOUGH)
    assert not passwords.check(stored, "another one, also long", first=True)
    assert not passwords.check("", SHORT_ENOUGH)
    assert turns.entered == [True, False, True, False]
    assert turns.left == 4


@pytest.mark.parametrize(
    ("length", "fault"),
    [
        (SHORTEST - 1, f"a password needs at least {SHORTEST} characters"),
        (SHORTEST, ""),
        (LONGEST, ""),
        (LONGEST + 1, f"a password has at most {LONGEST} characters, all of them text"),
    ],
)
def test_a_password_at_its_limits(length, fault):
    passwords = Passwords(FAST)
    if fault:
        with pytest.raises(PasswordRefused, match=f"^{fault}$"):
            passwords.hash("x" * length)
    else:
        stored = passwords.hash("x" * length)
        assert passwords.check(stored, "x" * length)
        assert not passwords.check(stored, "x" * length + "x")


def test_a_password_is_text():
    with pytest.raises(PasswordRefused, match="all of them text"):
        Passwords(FAST).hash("x" * SHORTEST + "\0")
