"""k of n vantages: who votes, how many must agree, from when it counts."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from status.model import Grade
from status.state.damping import DampingSample, DebouncedState
from status.state.quorum import quorum_state, required_votes
from tests.status_fixtures import AT, probe

MINUTE = timedelta(minutes=1)
THREE = probe("p", vantages=("local", "praha", "wien"))
UP, SLOW, DOWN = Grade.UP, Grade.DEGRADED, Grade.DOWN


def vote(grade, since=AT - 10 * MINUTE, at=AT, reason="500"):
    return DebouncedState(grade, since, (DampingSample(at, grade),), reason=reason)


def verdict(votes, before=None, probe=THREE, at=AT):
    return quorum_state(probe, votes, before or DebouncedState(), at)


def test_one_place_alone_is_not_believed():
    verdict_seen = verdict({"local": vote(DOWN), "praha": vote(UP), "wien": vote(UP)})
    assert verdict_seen.verdict is UP
    assert verdict_seen.reason == "well from 2 of 3 places"


def test_two_of_three_are_and_it_counts_from_the_second():
    votes = {
        "local": vote(DOWN, AT - 9 * MINUTE),
        "praha": vote(DOWN, AT - 4 * MINUTE),
        "wien": vote(UP),
    }
    verdict_seen = verdict(votes)
    assert (verdict_seen.verdict, verdict_seen.since) == (DOWN, AT - 4 * MINUTE)
    assert verdict_seen.reason == "500 (seen from local, praha)"


def test_down_here_and_slow_there_is_slow():
    assert verdict({"local": vote(DOWN), "praha": vote(SLOW), "wien": vote(UP)}).verdict is SLOW


def test_who_has_been_silent_does_not_vote_and_those_left_must_agree():
    old = AT - 10 * MINUTE
    votes = {"local": vote(DOWN), "praha": vote(UP, at=old), "wien": vote(UP, at=old)}
    assert verdict(votes).verdict is DOWN
    votes["praha"] = vote(UP)
    assert verdict(votes).verdict is UP


def test_the_operator_says_how_many():
    any_one = probe("p", vantages=THREE.vantages, agree=1)
    every = probe("p", vantages=THREE.vantages, agree=3)
    votes = {"local": vote(DOWN), "praha": vote(DOWN), "wien": vote(UP)}
    assert verdict(votes, probe=any_one).verdict is DOWN
    assert verdict(votes, probe=every).verdict is UP
    assert [required_votes(every, alive) for alive in (3, 2, 0)] == [3, 2, 1]


def test_what_has_not_changed_keeps_its_beginning():
    before = vote(DOWN, AT - 60 * MINUTE)
    verdict_seen = verdict({"local": vote(DOWN), "praha": vote(DOWN)}, before)
    assert verdict_seen.since == AT - 60 * MINUTE


def test_nobody_has_looked():
    assert verdict({}).verdict is None


@given(st.lists(st.sampled_from([UP, SLOW, DOWN]), min_size=1, max_size=7), st.integers(0, 7))
def test_it_is_the_kth_worst_whatever_they_say(grades, wanted):
    names = tuple(f"v{n}" for n in range(len(grades)))
    many_places = probe("p", vantages=names, agree=min(wanted, len(names)))
    votes = {name: vote(grade) for name, grade in zip(names, grades, strict=True)}
    rank = [DOWN, SLOW, UP]
    worst_first = sorted(grades, key=rank.index)
    k = required_votes(many_places, len(grades))
    assert verdict(votes, probe=many_places).verdict is worst_first[k - 1]


FIVE = probe("p", vantages=("a", "b", "c", "d", "e"))


def test_more_than_half_must_say_so_unless_the_probe_names_a_number():
    assert [required_votes(FIVE, active) for active in range(6)] == [1, 1, 2, 3, 3, 3]
    stubborn = probe("p", vantages=FIVE.vantages, agree=4)
    assert [required_votes(stubborn, active) for active in (3, 4, 5)] == [3, 4, 4]
    assert required_votes(probe("p", vantages=("a", "b")), 2) == 2


def test_what_they_agree_on_is_told_to_the_last_field():
    minutes = {"local": 9, "praha": 4, "wien": 2}
    last = AT - timedelta(seconds=20)
    votes = {name: vote(DOWN, AT - m * MINUTE, last) for name, m in minutes.items()}
    votes["praha"] = vote(DOWN, AT - 4 * MINUTE, AT)
    state = verdict(votes, DebouncedState(UP, AT - 60 * MINUTE))
    reason = "500 (seen from local, praha, wien)"
    sample = (DampingSample(AT, DOWN),)
    assert state == DebouncedState(DOWN, AT - 4 * MINUTE, sample, reason=reason)
    again = verdict(votes, DebouncedState(DOWN, AT - 30 * MINUTE))
    assert again.since == AT - 30 * MINUTE


def test_it_is_well_since_the_last_place_that_says_so():
    votes = {"local": vote(UP, AT - 9 * MINUTE), "praha": vote(UP, AT - 4 * MINUTE)}
    sample = (DampingSample(AT, UP),)
    reason = "well from 2 of 2 places"
    state = verdict(votes, DebouncedState(DOWN, AT - 60 * MINUTE))
    assert state == DebouncedState(UP, AT - 4 * MINUTE, sample, reason=reason)
    timeless = verdict({"local": vote(UP, None), "praha": vote(UP)}, DebouncedState())
    assert timeless.since == AT
    grades = zip("abc", (DOWN, SLOW, UP), strict=True)
    slow = verdict({name: vote(grade) for name, grade in grades})
    assert (slow.verdict, slow.reason) == (SLOW, "500 (seen from a, b)")
    split = verdict({"a": vote(DOWN)}, probe=probe("p", vantages=("a", "b"), agree=2))
    assert split.verdict is DOWN


def test_a_vote_counts_until_its_patience_is_over():
    limit = timedelta(seconds=190)  # of probe()
    votes = {"local": vote(DOWN, at=AT - limit), "praha": vote(DOWN, at=AT - limit)}
    assert verdict(votes).verdict is DOWN
    before = DebouncedState(UP, AT - 60 * MINUTE)
    assert verdict(votes, before, at=AT + timedelta(seconds=1)) is before
    assert verdict({}, before) is before
    undecided = DebouncedState(recent=(DampingSample(AT, DOWN),))
    assert verdict({"local": undecided}, before) is before
