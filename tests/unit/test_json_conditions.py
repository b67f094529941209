"""Conditions on JSON compare and show values as JSON does, not as our language does."""

from __future__ import annotations

import pytest

from status.probing.response_conditions import (
    parse_json_condition,
    parse_path,
    unmet_header,
    unmet_json_condition,
)

FLAGS = '{"up": true, "off": false, "none": null, "one": 1, "list": [true, null]}'


@pytest.mark.parametrize(
    "text",
    ["up == true", "up != 1", "one == 1.0", "one != true", "none == null", "off != 0",
     "up ~ ^true$", "none ~ ^null$", "list ~ ^.true,null.$", "list == [true, null]"],
)  # fmt: skip
def test_what_holds(text):
    assert unmet_json_condition(FLAGS, (parse_json_condition(text),)) == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("up == 1", "it is 'true'"),
        ("one == true", "it is '1'"),
        ("off == 0", "it is 'false'"),
        ("none == 0", "it is 'null'"),
        ("up >= 1", "it is 'true'"),
        ("up ~ True", "it is 'true'"),
        ("list == [1, null]", "it is '[true,null]'"),
    ],
)
def test_what_does_not(text, reason):
    assert unmet_json_condition(FLAGS, (parse_json_condition(text),)).endswith(reason)


DEEP = '{"a": {"x": 1, "y": [1, {"z": "it"}]}, "odd name": 2, "text": "abc", "no": null}'


@pytest.mark.parametrize(
    "text",
    [
        'a == {"x": 1, "y": [1, {"z": "it"}]}', 'a != {"x": 1, "y": [1, {"z": "at"}]}',
        'a != {"x": 1}', "a.y != [1]", "a.y[1].z == it", "a.y[1].z == 'it'", "a.y[1].z ~ '^i'", 'a.y[1].z ~ "t$"',
        '["odd name"] == 2', "$.a['x'] == 1", "len(a) == 2", "len(a.y) == 2", "len(text) == 3", "len(a.x) == 1",
        "a.x < 2", "a.x <= 1", "a.x > 0", "a.x >= 1", "a", "text == abc",
    ],
)  # fmt: skip
def test_what_holds_of_a_deep_document(text):
    assert unmet_json_condition(DEEP, (parse_json_condition(text),)) == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('a == {"x": 1, "y": [1, {"z": "at"}]}', """it is '{"x":1,"y":[1,{"z":"it"}]}'"""),
        ("a.y == [1]", """it is '[1,{"z":"it"}]'"""),
        ("a.x < 1", "it is '1'"),
        ("a.x <= 0", "it is '1'"),
        ("a.x > 1", "it is '1'"),
        ("a.x >= 2", "it is '1'"),
        ("text > 1", "it is 'abc'"),
        ("a.x < abc", "it is '1'"),
        ("no", "it is 'null'"),
        ("a.y[2]", "there is no such value"),
        ("a[0]", "there is no such value"),
        ("a.y.x", "there is no such value"),
    ],
)
def test_what_does_not_of_a_deep_document(text, why):
    reason = unmet_json_condition(DEEP, (parse_json_condition("a"), parse_json_condition(text)))
    assert reason.endswith(why), reason


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "'' is no JSON condition"),
        ("a..b == 1", "'a..b == 1': the path cannot be read at '..b'"),
        ("a ~ (", "'(' is no regular expression: missing ), unterminated subpattern at position 0"),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused_with_the_reason(text, why):
    with pytest.raises(ValueError) as refusal:
        parse_json_condition(text)
    assert str(refusal.value) == why


def test_a_path_by_itself_is_quoted_where_it_cannot_be_read():
    assert parse_path(' $ a[0]["b c"].d-e ') == ("a", 0, "b c", "d-e")
    with pytest.raises(ValueError, match=r"^'a-\[x]': the path cannot be read at '\[x]'$"):
        parse_path("a-[x]")


HEADERS = [("server", "nginx"), ("via", "a"), ("via", "b" * 90)]


@pytest.mark.parametrize(
    ("expected", "why"),
    [
        ({"Server": "^nginx$", "via": "^a", "x-none": ""}, ""),
        ({"server": "!apache"}, ""),
        ({"x-none": "!a"}, ""),
        ({"Via": ""}, "the header Via is there"),
        ({"x-none": "", "server": ""}, "the header server is there"),
        ({"server": "apache"}, "the header server is 'nginx', wanted 'apache'"),
        ({"server": "!nginx"}, "the header server is 'nginx', not wanted 'nginx'"),
        ({"x-none": "a"}, "the header x-none is 'absent', wanted 'a'"),
        ({"via": "c"}, f"the header via is 'a, {'b' * 77}', wanted 'c'"),
    ],
)
def test_headers_that_do_not_match_are_told_by_name(expected, why):
    assert unmet_header(HEADERS, expected) == why


RUNS = '{"runs": [{"state": "late"}, {"state": "ok"}], "none": []}'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('runs[-1].state == "ok"', ""),
        ('runs[-2].state == "late"', ""),
        ("len(runs[-1].state) == 2", ""),
        ("runs[-3]", "there is no such value"),
        ("none[-1]", "there is no such value"),
        ("runs[2]", "there is no such value"),
    ],
)
def test_entries_are_counted_from_the_end_too(text, reason):
    assert unmet_json_condition(RUNS, (parse_json_condition(text),)).endswith(reason)
    assert parse_path("items[-1].state") == ("items", -1, "state")
