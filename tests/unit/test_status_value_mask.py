"""Values of HTTP steps are hidden in every spelling, and hiding them is little work."""

from __future__ import annotations

import base64
import html
import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from status.probing.value_mask import MAX_VALUES, MAX_WORK, UNSEARCHED, WINDOW, Mask

TOKEN = "AbCdEfGhIj/KlMnOpQrStUvWx+YzSECRET=="
NAMED = {'"': "&quot;", "&": "&amp;", "<": "&lt;", ">": "&gt;", "/": "&sol;", "=": "&equals;"}


def in_units(char, write):
    """A character as its UTF-16 units."""
    units = char.encode("utf-16-be")
    return "".join(write(units[i] << 8 | units[i + 1]) for i in range(0, len(units), 2))


ESCAPES = (
    lambda c: "".join(f"%{byte:02x}" for byte in c.encode()),
    lambda c: "".join(f"%{byte:02X}" for byte in c.encode()),
    lambda c: "".join(f"\\x{byte:02x}" for byte in c.encode()),
    lambda c: in_units(c, lambda unit: f"\\u{unit:04x}"),
    lambda c: in_units(c, lambda unit: f"\\u{unit:04X}"),
    lambda c: f"&#{ord(c)};",
    lambda c: f"&#x{ord(c):x};",
    lambda c: f"&#X{ord(c):04X};",
)
DOUBLE_ESCAPES = (
    lambda c: "".join(f"%25{byte:02x}" for byte in c.encode()),
    lambda c: in_units(c, lambda unit: f"\\\\u{unit:04x}"),
    lambda c: f"&amp;#{ord(c)};",
)
OTHERS = (
    lambda c: quote(c, safe=""),
    lambda c: NAMED.get(c, c),
    lambda c: json.dumps(c)[1:-1].replace("/", "\\/"),
    lambda c: c if c.isalnum() or c.isspace() else f"\\{c}",
    lambda c: "+" if c == " " else c,
    lambda c: c,
)
ALWAYS_ESCAPED = "%\\&"  # by whoever escapes others with it
CHARS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters=".;<>(")


@given(
    st.text(CHARS, min_size=4, max_size=60),
    st.text(CHARS, max_size=30),
    st.text(CHARS, max_size=30),
)
def test_a_value_as_it_is_never_stays(value, before, after):
    assert value not in Mask([("x", value)])(before + value + after).replace("{x}", "\0")


@given(st.data())
def test_a_value_is_hidden_whole_however_each_character_is_written(data):
    value = data.draw(st.text(CHARS, min_size=4, max_size=40))
    is_odd = set(ALWAYS_ESCAPED) & set(value)  # what begins an escape itself, once undone
    spellings = st.sampled_from((*ESCAPES, *OTHERS, *(() if is_odd else DOUBLE_ESCAPES)))
    written = [
        data.draw(st.sampled_from(ESCAPES) if c in ALWAYS_ESCAPED else spellings)(c) for c in value
    ]
    assert Mask([("x", value)])(f"(.{''.join(written)}.<") == "(.{x}.<"


@pytest.mark.parametrize(
    "written",
    [
        TOKEN.replace("/", "\\/"),
        TOKEN.replace("+", "\\u002B"),
        TOKEN.replace("+", "\\u002b").replace("=", "\\u003D"),
        TOKEN.replace("/", "%2f").replace("+", "%2b").replace("=", "%3d"),
        TOKEN.replace("+", "%2B"),
        TOKEN.replace("/", "&#x2F;").replace("+", "&plus;"),
        quote(quote(TOKEN, safe=""), safe=""),
        json.dumps(json.dumps(TOKEN.replace("/", "\\/")))[3:-3],
        "".join(f"%{ord(c):02x}" for c in TOKEN),
        "".join(f"&#{ord(c)};" for c in TOKEN),
    ],
)
def test_no_tail_stays_of_a_token_that_is_spelled_otherwise(written):
    assert Mask([("token", TOKEN)])(f'{{"e": "bad {written}"}}') == '{"e": "bad {token}"}'


def test_what_the_value_itself_writes_escaped_is_found_escaped_otherwise():
    mask = Mask([("sid", "s%3AabcdefghIJKL.mn%2Bop")])
    for written in (
        "s%3aabcdefghIJKL.mn%2bop",
        "s:abcdefghIJKL.mn+op",
        "s%253AabcdefghIJKL.mn%252Bop",
    ):
        assert mask(f"<{written}>") == "<{sid}>"
    assert Mask([("p", 'l\'été & "moi"')])(html.escape('l\'été & "moi"')) == "{p}"


@given(st.binary(max_size=7), st.binary(max_size=7), st.text(CHARS, min_size=12, max_size=40))
def test_base64_hides_no_value_wherever_it_begins(before, after, value):
    mask = Mask([("x", value)])
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(before + value.encode() + after).decode()
        shown = mask(text).replace("{x}", "")
        assert len(shown) <= len(text) - (len(value.encode()) - 2) * 4 // 3


# ------------------------------------------------------------------ beginnings
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("bad token AbCdEfGhIj…", "bad token {token}…"),
        ("bad token 'AbCdEfGh'", "bad token '{token}'"),
        ("AbCdEfGhIj/KlMnOpQrSxyz", "{token}xyz"),
        ("AbCdEfGhorse", "AbCdEfGhorse"),
        ("AbCdEfG", "AbCdEfG"),
        ("AbCdEfGhIj%2FKlMnO!", "{token}!"),
    ],
)
def test_a_beginning_of_a_value_is_hidden(text, shown):
    assert Mask([("token", TOKEN)])(text) == shown


def test_a_host_that_a_value_begins_with_is_no_secret():
    mask = Mask([("next", "https://api.example/v1/orders?page=2&key=abcdef")])
    text = "https://api.example/login, https://api.example/ and https://other.example/"
    assert mask(text) == text
    assert mask("to https://api.example/v1/orders?page=2 …") == "to {next} …"


@given(st.integers(0, len(TOKEN) * 3), st.booleans())
def test_a_value_across_the_cut_shows_no_beginning(shown, is_escaped):
    written = "".join(f"%{ord(c):02x}" for c in TOKEN) if is_escaped else TOKEN
    text = "x" * (WINDOW - shown) + " " + written + " " * 200
    kept = Mask([("token", TOKEN)])(text)
    assert len(kept) <= WINDOW + len("{token}")
    assert "AbCd" not in kept
    assert "%41%62%43%64" not in kept


def test_a_value_in_a_page_that_broke_off_shows_no_beginning():
    mask = Mask([("token", TOKEN)])
    assert mask("token: AbCdE", is_cut=True) == "token: {token}"
    assert mask("token: AbCdEfGhIj%2", is_cut=True) == "token: {token}"


# ------------------------------------------------------------------ names
def test_the_longest_of_values_that_overlap_names_the_place():
    values = [("password", "abcd1234"), ("session", "abcd1234-efgh"), ("cookie sid", "abcd1234")]
    assert Mask(values)("a abcd1234-efgh, abcd1234, abcd1234-ef") == (
        "a {session}, {password}, {session}"
    )
    assert Mask([("a", "abcd"), ("b", "1234")])("abcd1234abcd") == "{a}{b}{a}"


def test_what_is_too_short_is_left():
    assert Mask([("pin", "739")])("pin 739") == "pin 739"


# ------------------------------------------------------------------ work
def test_hiding_is_little_work_for_two_megabytes_of_one_letter():
    page = "a" * 2_000_000
    start = time.thread_time()
    mask = Mask([("t" * 40, "aaaa")])
    assert mask(page) == f"{{{'t' * 40}}}"
    assert mask.work < 20 * WINDOW
    long = Mask([("t", "a" * 4095 + "b")])
    assert long(page) == "{t}"
    assert long.work < 20 * WINDOW
    assert time.thread_time() - start < 2  # it took minutes


def test_too_much_work_keeps_no_text():
    start = time.thread_time()
    mask = Mask([(f"v{i}", "a" * 50 + f"{i}") for i in range(MAX_VALUES)])
    assert mask("x aaaa" * 1000) == UNSEARCHED
    assert mask.work < MAX_WORK + 3 * WINDOW
    many = Mask([(f"v{i}", f"{i:08}") for i in range(MAX_VALUES + 1)])
    assert many(f"{MAX_VALUES:08}") == UNSEARCHED
    long = Mask([(f"v{i}", f"{i}" + "ab%41" * 800) for i in range(MAX_VALUES)])
    assert long("1ab%41ab%41") == UNSEARCHED
    assert time.thread_time() - start < 5
