"""Values of HTTP steps: where they may stand, how they are hidden, and settings that cannot be meant."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from status.probing.carried_values import (
    NoValue,
    checked_value,
    fill,
    fill_header,
    fill_json,
    fill_url,
)
from status.probing.http_steps import HttpStepSettings
from status.probing.kinds import check
from status.probing.kinds.http import HttpProbeSettings


@given(st.text(min_size=1))
def test_a_value_cannot_leave_its_place_in_an_address(value):
    assume(not {".", ".."} & set(re.split(r"[/\\]", value)))
    reached = fill_url("/a/{x}?b={x}", {"x": value})
    assert set("/?#&=") & set(reached.replace("/a/", "", 1).replace("?b=", "", 1)) == set()
    assert "\r" not in reached
    assert " " not in reached


@pytest.mark.parametrize(
    ("url", "value"),
    [
        ("/files/{x}/delete", ".."),
        ("/files/{x}", "."),
        ("/files/.{x}?a=b", "."),
        ("{x}#top", ".."),
        ("https://a.example/{x}", ".."),
        ("/files/{x}/delete", "../users"),
        ("/files/{x}/delete", "a\\..\\b"),
    ],
)
def test_no_value_leads_to_another_path(url, value):
    with pytest.raises(NoValue) as refused:
        fill_url(url, {"x": value})
    assert str(refused.value) == ('{x} is or holds "." or "..", which would lead to another path')


@pytest.mark.parametrize("value", ["...", "a.b", "..a", "a..b", "a/b"])
def test_dots_that_lead_nowhere_are_sent(value):
    assert fill_url("/files/{x}/../a?b={x}", {"x": value}).count(quote(value, safe="")) == 2
    assert fill_url("/a?up={x}", {"x": ".."}) == "/a?up=.."


@given(st.text(), st.text())
def test_a_value_stays_text_in_json(value, other):
    document = {"a": "{x}", "b": [{"c": "-{y}-"}, 1, None], "{x}": True}
    filled = json.loads(json.dumps(fill_json(document, {"x": value, "y": other})))
    assert filled == {"a": value, "b": [{"c": f"-{other}-"}, 1, None], value: True}


def test_braces_that_name_nothing_stay():
    assert fill('{"a": {"b": 1}} {{me}} {x}', {"x": "1"}) == '{"a": {"b": 1}} {me} 1'
    with pytest.raises(NoValue, match="no header"):
        fill_header("{x}", {"x": "č"})


# ------------------------------------------------------------------ settings
@pytest.mark.parametrize(
    ("settings", "faults"),
    [
        ({"steps": [{"url": "/{x}"}]}, ["step 1 of 1: nothing before it saves {x}"]),
        (
            {"steps": [{"nmae": "a"}, {"name": "b", "url": "ftp://a.example/"}]},
            ['step 1 of 2: has no key "nmae"; did you mean name?', "step 2 of 2 (b): url"],
        ),
        ({"steps": [{"url": "http://{x}.example/"}], "secrets": {"x": "abcd"}}, ["the host must"]),
        ({"steps": [{"url": "//{x}/a"}], "secrets": {"x": "abcd"}}, ["the host must"]),
        ({"steps": [{"url": "http://u:p@a.example/"}]}, ["the host must"]),
        ({"steps": [{"form": {"a": "1"}, "body": "b"}]}, ["only one of body, form and json_body"]),
        ({"steps": [{"save": {"x": "jsn a"}}]}, ["save x: 'jsn a' is no source such as"]),
        ({"steps": [{"save": {"x": "regex a"}}]}, ["save x: 'a' needs one group"]),
        ({"steps": [{"save": {"x": "regex (a"}}]}, ["no regular expression"]),
        ({"steps": [{"save": {"x": "json a["}}]}, ["save x:", "cannot be read at"]),
        ({"steps": [{"save": {"X-1": "json a"}}]}, ["save: 'X-1' is no name"]),
        ({"steps": [{"json": ["a =="]}]}, ["step 1 of 1"]),
        ({"steps": [{"headers": {"Content-Length": "1"}}]}, ["the header Content-Length is made"]),
        ({"steps": [{"headers": {"X-{p}": "1"}}], "secrets": {"p": "abcd"}}, ["as in X-{p}"]),
        ({"steps": [{}], "headers": {"X-{p}": "1"}, "secrets": {"p": "abcd"}}, ["as in X-{p}"]),
        ({"steps": [{}] * 21}, ["more than 20 steps"]),
        ({"steps": [{}], "contains": "a", "status": [200]}, ["status, contains must stand in"]),
        ({"steps": [{}], "headers": {"A": "{x}"}}, ["headers: {x} is no secret"]),
        ({"steps": [{}], "secrets": {"p": ""}}, ["secrets p: empty"]),
        ({"steps": [{}], "secrets": {"p w": "abcd"}}, ["secrets: 'p w' is no name"]),
        ({"secrets": {"p": "abcd"}}, ["secrets go with steps"]),
        (
            {"steps": [{"save": {"p": "json a"}}], "secrets": {"p": "abcd"}},
            ["step 1 of 1: save p is a secret"],
        ),
    ],
)
def test_wrong_steps_are_all_told_by_name(settings, faults):
    with pytest.raises(ValueError) as refused:
        check("http", settings)
    for fault in faults:
        assert fault in str(refused.value)
    assert "abcd" not in str(refused.value)


def test_limits_of_certificates_hold_for_every_step():
    settings = {"steps": [{}, {"trust": True}], "trust": False, "certificate_days": 3}
    check("http", settings)
    first, second = HttpProbeSettings(**settings).parsed_steps
    assert (first.trust, first.certificate_days, second.trust) == (False, 3, True)
    assert (first.sent_method, HttpStepSettings(body="x").sent_method) == ("GET", "POST")


def test_a_long_token_is_carried_on_and_no_flood():
    assert checked_value("x" * 6000, "json token") == "x" * 6000
    with pytest.raises(NoValue, match="longer than 16384 characters"):
        checked_value("x" * 16_385, "json token")
