"""Texts lose what feeds cannot carry where they enter; arguments that are no text are refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from accounts.text_input import line
from commands.main import main
from render.characters import one_line, printable, printable_json, visible
from settings import SettingsError, load
from status.incidents.validation import filled_texts, filled_titles, text_problems
from status.probing.heartbeats.signals import clean

PASTED = "a\x1b[31mb\x08\x0b\x7f\ufffe d\ttab\nline\r 🧨"
READABLE = "a[31mb\x7f d\ttab\nline\r 🧨"


def test_what_is_published_holds_nothing_that_xml_forbids():
    assert printable(PASTED) == READABLE
    assert filled_texts({"en": PASTED, "cs": "\x1b\x01 "}) == {"en": READABLE}
    assert text_problems("text", {"en": "\x1b"}, 100, ("en",)).keys() == {"text"}
    assert text_problems("text", {"en": "a\0b"}, 100, ("en",)).keys() == {"text.en"}
    assert clean(f"{PASTED}\0") == READABLE


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("Mail\r\n  is\tdown\u2028now", "Mail is down now"),
        ("\u202eliam\u202c \u2066x\u2069", "liam x"),
        ("\ufeffMail\u200b is \u00addown\u200f", "Mail is down"),
        ("\u0646\u0645\u06cc\u200c\u062f\u0627\u0646\u0645 👩\u200d🔧", "\u0646\u0645\u06cc\u200c\u062f\u0627\u0646\u0645 👩\u200d🔧"),
        ("\u200b\u2060 \u200d\n\ufeff", ""),
        ("\xa0 \u3000", ""),
    ],
)  # fmt: skip
def test_a_title_is_one_line_of_what_is_seen(typed, seen):
    assert one_line(typed) == seen
    assert filled_titles({"en": typed}) == ({"en": seen} if seen else {})
    assert bool(text_problems("title", {"en": typed}, 100, ("en",))) is not bool(seen)


def test_lines_of_a_text_stay():
    assert visible("Mail\n\nis \u202edown\n") == "Mail\n\nis down"


def test_a_file_may_have_any_name(tmp_path, capsys):
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    Path(os.fsdecode(path)).write_text("550 5.1.1 User unknown")
    assert main(["explain", os.fsdecode(path)]) == 0
    assert main(["explain", os.fsdecode(path) + "x"]) == 2
    assert "no UTF-8" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv",
    [
        ["incident", "open", "--title", "caf\udce9", "--text", "x"],
        ["announce", "publish", "--title", "x", "--text", "\udcff"],
        ["override", "set", "web", "major_outage", "--reason", "\udce9"],
        ["maintenance", "plan", "--title", "x", "--text", "x", "--on", "w\udce9", "--from", "a", "--until", "b"],
        ["kb", "search", "\udce9"],
        ["user", "add", "\udce9@people.example", "x"],
    ],
)  # fmt: skip
def test_text_that_is_no_utf8_is_refused_in_a_line(argv, capsys):
    assert main(argv) == 2
    printed = capsys.readouterr().err
    assert "no UTF-8" in printed
    assert printed.count("\n") == 1
    assert printed.isascii()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (rb'{"a": "x\u001b[31my\b\f\ufffe"}', b'{"a": "x[31my"}'),
        (rb'{"a": "C:\\bin \\u001b \\\\\u001b"}', rb'{"a": "C:\\bin \\u001b \\\\"}'),
        (rb'{"a": "\n\r\t\" \u0000 \u00e9"}', rb'{"a": "\n\r\t\" \u0000 \u00e9"}'),
        ('{"a": "ž\ufffe🧨"}'.encode(), '{"a": "ž🧨"}'.encode()),
    ],
)
def test_texts_in_json_lose_it_too(sent, kept):
    assert printable_json(sent) == kept
    json.loads(printable_json(sent))


def test_names_of_people_lose_it():
    assert line(f"Olu\ufffe {PASTED}") == "Olu a[31mb d tab line 🧨"


def test_settings_with_such_characters_are_refused_by_key(tmp_path):
    (tmp_path / "jasno.toml").write_text('[[component]]\nid = "web"\nname = "W\\u001Beb"\n')
    with pytest.raises(
        SettingsError, match=r'^jasno\.toml:3: "name" in \[\[component\]\] number 1 holds a'
    ):
        load(env={}, cwd=tmp_path)
