"""How settings are written: durations, and TOML that Python reads back as it was."""

from __future__ import annotations

import tomllib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import SettingsError, load
from settings.durations import as_duration, parse_duration
from settings.toml_text import toml_line

PROBE = '[[component]]\nid = "a"\nname = "A"\n[[probe]]\nname = "a"\ncomponent = "a"\n'
TOO_LONG = ("999999999999d", "9" * 400, "36526d")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))  # what UTF-8 can say
VALUES = st.recursive(
    TEXTS
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        (" 5 m ", 300),
        (30, 30),
        (0.5, 0.5),
        ("1.5h", 5400),
        ("1d", 86_400),
        ("1w", 604_800),
        ("0", 0),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["-5s", "1:30", "1h30m", "m5", "", "1e9", True, None, *TOO_LONG])
def test_anything_else_is_none(text):
    with pytest.raises(ValueError, match=r"is no duration|longer than a hundred years"):
        parse_duration(text)


@pytest.mark.parametrize("text", TOO_LONG)
def test_a_duration_beyond_all_time_is_refused_with_its_place(tmp_path, text):
    config = tmp_path / "jasno.toml"
    config.write_text(f'{PROBE}kind = "tcp"\ntarget = "192.0.2.1:80"\ninterval = "{text}"\n')
    with pytest.raises(SettingsError, match=r'jasno\.toml:9: "interval" in .*up to 100 years'):
        load(str(config), env={})


@pytest.mark.parametrize("text", ["1 week", "1y", "1M", "500ms", "1h30m"])
def test_a_refusal_tells_every_unit_and_that_there_is_one(tmp_path, text):
    config = tmp_path / "jasno.toml"
    config.write_text(f'{PROBE}kind = "tcp"\ntarget = "192.0.2.1:80"\ninterval = "{text}"\n')
    with pytest.raises(SettingsError, match=r'such as 30, "30s", "5m", "1.5h", "1d" or "2w"'):
        load(str(config), env={})


@given(st.integers(1, 10**10))
def test_a_duration_is_read_as_it_was_written(milliseconds):
    length = timedelta(milliseconds=milliseconds)
    assert abs(parse_duration(as_duration(length.total_seconds())) - length) < timedelta(
        milliseconds=1
    )


@given(TEXTS, VALUES)
def test_what_is_written_as_toml_is_read_back(key, value):
    assert tomllib.loads(toml_line(key, value)) == {key: value}


def test_toml_is_written_as_people_write_it():
    assert toml_line("status", [200, "2xx"]) == 'status = [200, "2xx"]'
    assert (
        toml_line("headers", {"X-A": "ž", "a b": True}) == 'headers = { X-A = "ž", "a b" = true }'
    )
