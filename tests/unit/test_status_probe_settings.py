"""Settings of probes: what cannot be meant stops the start, and every kind is found by its name."""

from __future__ import annotations

import pytest

from settings import SettingsError
from status.probing.configuration import check_groups, checked_probe
from status.probing.kinds import KINDS, check, kind_of
from tests.status_fixtures import probe


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        ("http", {"status": ["2x"]}, "no status such as"),
        ("http", {"matches": "("}, "no regular expression"),
        ("http", {"json": ["a b c =="]}, "cannot be read"),
        ("http", {"only_degrades": ["colour"]}, "colour"),
        ("http", {"follow": True, "method": "POST"}, "goes with GET"),
        ("tcp", {"dialogue": [{"expekt": "x"}]}, "expekt"),
        ("imap", {"user": "x"}, "go together"),
        ("imap", {"security": "ssl"}, "ssl"),
        ("ping", {"count": 100}, "count"),
        ("heartbeat", {"every": "soon"}, "no duration"),
        ("group", {"down_share": 3}, "down_share"),
    ],
)
def test_wrong_settings_are_told(kind, settings, message):
    with pytest.raises(ValueError, match=message):
        check(kind, settings)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (probe("p", kind="tls", target=""), "needs a target"),
        (probe("p", kind="domain", target="a.example"), "shorter than 1h"),
        (probe("p", vantages=("a",), agree=2), "agree is 2; allowed is at most 1"),
    ],
)
def test_a_probe_that_cannot_be_meant_stops_the_start(given, message):
    with pytest.raises(SettingsError, match=message):
        checked_probe(given)


def test_what_is_told_needs_no_repetition_and_groups_have_members():
    checked_probes = checked_probe(probe("nightly", kind="heartbeat", target=""))
    assert (checked_probes.fail_after, checked_probes.recover_after) == (1, 1)
    cluster = probe("c", "all", kind="group", target="", settings={"of": ["web", "mial"]})
    with pytest.raises(SettingsError, match="did you mean mail"):
        check_groups([cluster], ["web", "mail", "all"])


def test_every_kind_has_a_name_of_its_own_and_can_be_found_by_it():
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    for kind in KINDS:
        assert kind_of(kind.name) is kind
