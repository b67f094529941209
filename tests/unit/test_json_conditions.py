"""Conditions on JSON compare and show values as JSON does, not as our language does."""

from __future__ import annotations

import pytest

from status.probing.response_conditions import parse_json_condition, unmet_json_condition

FLAGS = '{"up": true, "off": false, "none": null, "one": 1, "list": [true, null]}'


@pytest.mark.parametrize(
    "text",
    ["up == true", "up != 1", "one == 1.0", "one != true", "none == null", "off != 0",
     "up ~ ^true$", "none ~ ^null$", "list ~ ^.true,null.$", "list == [true, null]"],
)  # fmt: skip
def test_what_holds(text):
    assert unmet_json_condition(FLAGS, (parse_json_condition(text),)) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
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
def test_what_does_not(text, shown):
    assert unmet_json_condition(FLAGS, (parse_json_condition(text),)).endswith(shown)
