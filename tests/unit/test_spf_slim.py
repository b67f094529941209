"""A slimmed SPF record lets exactly the same servers send: both are evaluated, address by address."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.queries import Query, QueryReply
from standards.spf.check_host import check_host
from standards.spf.flattening import flatten_record
from standards.spf.lookup_tree import MAX_LOOKUPS, walk_lookup_tree
from tests.walks import run_walk

Zone = dict[str, dict[str, tuple[str, ...]]]
HOSTS: Zone = {
    "shop.example": {"A": ("192.0.2.1",), "MX": ("mx.shop.example",)},
    "mx.shop.example": {"A": ("192.0.2.2",)},
}
SIGN = st.sampled_from(["", "", "", "", "-", "~", "?"])
NET = st.builds(
    "{}ip4:192.0.2.{}/{}".format, SIGN, st.integers(0, 15), st.sampled_from([28, 30, 32])
)
INCLUDE = st.builds("{}include:i{}.example".format, SIGN, st.integers(0, 3))
ADDRESSES = [f"192.0.2.{n}" for n in range(20)]


def reply_from(zone: Zone, question: Query) -> QueryReply:
    texts = zone.get(question.name.lower())
    return QueryReply(exists=False) if texts is None else QueryReply(texts.get(question.type, ()))


def passes(zone: Zone, ip: str) -> bool:
    """Whether the address may send; neither record may break the limits."""
    walk = check_host(ip, "mara@shop.example", "mx.shop.example")
    try:
        question = next(walk)
        while True:
            question = walk.send(reply_from(zone, question))
    except StopIteration as end:
        verdict: str = end.value.result
        assert verdict != "permerror"
        return verdict == "pass"


def world(record: str, included: list[list[str]]) -> Zone:
    """The shop's record and i0 … i3, each of which may include those before it."""
    zone = {name: dict(kinds) for name, kinds in HOSTS.items()}
    zone["shop.example"]["TXT"] = (record,)
    for at, terms in enumerate(included):
        terms_left = [t for t in terms if "include" not in t or int(t[-9]) < at]
        zone[f"i{at}.example"] = {"TXT": (" ".join(["v=spf1", *terms_left, "-all"]),)}
    return zone


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(st.one_of(NET, INCLUDE), min_size=1, max_size=3), min_size=4, max_size=4),
    st.lists(st.one_of(NET, INCLUDE), min_size=1, max_size=4),
)
def test_the_same_servers_may_send(included: list[list[str]], own: list[str]) -> None:
    zone = world(" ".join(["v=spf1", *own, "-all"]), included)
    tree = run_walk(walk_lookup_tree("shop.example"), lambda ask: reply_from(zone, ask))
    if tree.lookups > MAX_LOOKUPS:
        return  # receivers give it up, so there is nothing to compare with
    shorter = flatten_record(tree)
    after = world(shorter, included)
    assert [passes(after, ip) for ip in ADDRESSES] == [passes(zone, ip) for ip in ADDRESSES]


@pytest.mark.parametrize(
    ("first", "record", "wanted"),
    [
        ("include:i0.example ip4:192.0.2.9", "include:i0.example include:i1.example", "include:i1.example"),
        # what refuses some of them first, inside or between, lets fewer pass
        ("-ip4:192.0.2.3 include:i0.example", "include:i0.example include:i1.example", None),
        ("include:i0.example", "include:i0.example -ip4:192.0.2.3 include:i1.example", None),
        ("include:i0.example", "include:i1.example -ip4:192.0.2.3 include:i0.example",
         "include:i1.example -ip4:192.0.2.3"),
    ],
)  # fmt: skip
def test_an_include_goes_only_when_another_holds_all_of_it(
    first: str, record: str, wanted: str | None
) -> None:
    zone = world(f"v=spf1 {record} -all", [["ip4:192.0.2.3"], first.split()])
    tree = run_walk(walk_lookup_tree("shop.example"), lambda ask: reply_from(zone, ask))
    assert flatten_record(tree) == f"v=spf1 {wanted or record} -all"
