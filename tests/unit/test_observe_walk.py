"""The walk from the root, driven by a dict: no sockets, no time."""

from datetime import UTC, datetime

from facts import Delegated, NameServer
from observe.dns.delegation_walk import (
    LocateHosts,
    WalkQuery,
    WalkReply,
    is_useful,
    walk,
    walk_to_addresses,
)
from standards.dns_types import Lookup, Record, Trouble

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
HINTS = (("a.root", "31.0.0.1"),)


def record(name, type, value):
    return Record(name, type, 300, value)


def referral(name, zone, ns, glue=(), type="NS"):
    authority = tuple(record(zone, "NS", n) for n in ns)
    additional = tuple(record(n, "A", a) for n, a in glue)
    return Lookup(name, type, "s", AT, rcode="NOERROR", authority=authority, additional=additional)


def nothing(name, zone, type="NS", rcode="NOERROR"):
    soa = (record(zone, "SOA", "m r 1 2 3 4 5"),)
    return Lookup(name, type, "s", AT, rcode=rcode, flags=("aa",), authority=soa)


def data(name, type, *values, owner=None, owner_type=None):
    answers = tuple(record(owner or name, owner_type or type, v) for v in values)
    return Lookup(name, type, "s", AT, rcode="NOERROR", flags=("aa",), answers=answers)


def dead(name, type="NS"):
    return Lookup(name, type, "s", AT, trouble=Trouble.TIMEOUT)


class World:
    """Answers by (zone asked, name, type); addresses of located hosts by name."""

    def __init__(self, answers, hosts=()):
        self.answers = answers
        self.hosts = dict(hosts)
        self.queries = []

    def drive(self, steps):
        reply = None
        for _ in range(100):
            try:
                step = next(steps) if reply is None else steps.send(reply)
            except StopIteration as end:
                return end.value
            reply = self.reply(step)
        raise AssertionError("the walk does not end")

    def reply(self, step):
        if isinstance(step, LocateHosts):
            addresses = (self.hosts.get(h, ()) for h in step.hosts)
            return WalkReply(
                servers=tuple(
                    NameServer(h, (), a) for h, a in zip(step.hosts, addresses, strict=True)
                )
            )
        assert isinstance(step, WalkQuery)
        self.queries.append((step.zone, step.name, step.type, step.servers))
        kinds = (step.type, *step.also_types)
        response = [
            (self.answers.get((step.zone, step.name, k), dead(step.name, k)),) for k in kinds
        ]
        return WalkReply(response[0], tuple(response[1:]))


ROOT = {(".", "cz", "NS"): referral("cz", "cz", ["a.ns.cz"], [("a.ns.cz", "31.0.1.1")])}


def test_a_delegated_zone_is_found_at_its_parent_with_glue():
    ns = ["ns1.shop.cz", "ns.other.com"]
    glue = [("ns1.shop.cz", "31.0.2.1"), ("ns.other.com", "31.6.6.6")]
    world = World(ROOT | {("cz", "shop.cz", "NS"): referral("shop.cz", "shop.cz", ns, glue)})
    walked = world.drive(walk("shop.cz", HINTS))
    assert (walked.outcome, walked.parent, walked.ns) == (Delegated.YES, "cz", tuple(ns))
    # glue for a name outside the parent's own zone is nobody's word
    assert walked.glue == {"ns1.shop.cz": ("31.0.2.1",)}
    assert walked.parent_servers == (("a.ns.cz", "31.0.1.1"),)
    assert [x.name for x in walked.trail] == ["cz", "shop.cz"]


def test_a_name_that_does_not_exist_is_told_from_one_without_a_zone():
    missing = World(ROOT | {("cz", "shop.cz", "NS"): nothing("shop.cz", "cz", rcode="NXDOMAIN")})
    assert missing.drive(walk("shop.cz", HINTS)).outcome is Delegated.NXDOMAIN
    inside = World(ROOT | {("cz", "shop.cz", "NS"): nothing("shop.cz", "cz")})
    assert inside.drive(walk("shop.cz", HINTS)).outcome is Delegated.NO


def test_silence_is_not_absence():
    walked = World(ROOT).drive(walk("shop.cz", HINTS))
    assert (walked.outcome, walked.parent) == (Delegated.UNREACHABLE, "cz")
    assert World({}).drive(walk("shop.cz", HINTS)).outcome is Delegated.UNREACHABLE


def test_an_alias_in_place_of_a_zone_is_named():
    alias = data("www.shop.cz", "NS", "pages.host.com", owner_type="CNAME")
    zones = ROOT | {
        ("cz", "shop.cz", "NS"): referral(
            "shop.cz", "shop.cz", ["n.shop.cz"], [("n.shop.cz", "31.0.2.1")]
        ),
        ("shop.cz", "www.shop.cz", "NS"): alias,
    }
    walked = World(zones).drive(walk("www.shop.cz", HINTS))
    assert (walked.outcome, walked.cname, walked.parent) == (
        Delegated.NO,
        "pages.host.com",
        "shop.cz",
    )


def test_servers_without_glue_are_located_before_going_down():
    zones = ROOT | {
        ("cz", "shop.cz", "NS"): referral("shop.cz", "shop.cz", ["ns.host.com"]),
        ("shop.cz", "eu.shop.cz", "NS"): referral("eu.shop.cz", "eu.shop.cz", ["n.eu.shop.cz"]),
    }
    world = World(zones, {"ns.host.com": ("31.0.9.9",)})
    walked = world.drive(walk("eu.shop.cz", HINTS))
    assert walked.outcome is Delegated.YES
    assert world.queries[-1] == ("shop.cz", "eu.shop.cz", "NS", (("ns.host.com", "31.0.9.9"),))
    lost = World(zones).drive(walk("eu.shop.cz", HINTS))
    assert lost.outcome is Delegated.UNREACHABLE


def test_parent_that_serves_the_child_too_and_empty_names_between():
    zones = {
        (".", "uk", "NS"): referral("uk", "uk", ["n.uk"], [("n.uk", "31.0.1.1")]),
        ("uk", "co.uk", "NS"): data("co.uk", "NS", "n.uk"),
        ("co.uk", "shop.co.uk", "NS"): referral("shop.co.uk", "shop.co.uk", ["ns.shop.co.uk"]),
    }
    world = World(zones, {"n.uk": ("31.0.1.1",)})
    assert world.drive(walk("shop.co.uk", HINTS)).parent == "co.uk"
    empty = ROOT | {
        ("cz", "b.cz", "NS"): nothing("b.cz", "cz", rcode="NXDOMAIN"),  # wrongly denied
        ("cz", "a.b.cz", "NS"): referral("a.b.cz", "a.b.cz", ["ns.a.b.cz"]),
    }
    assert World(empty).drive(walk("a.b.cz", HINTS)).outcome is Delegated.YES


def test_a_lame_or_upward_answer_is_of_no_use():
    upward = referral("shop.cz", ".", ["a.root"])
    assert not is_useful(upward, "cz")
    sideways = referral("shop.cz", "pl", ["a.pl"])
    assert not is_useful(sideways, "cz")
    assert not is_useful(Lookup("shop.cz", "NS", "s", AT, rcode="REFUSED"), "cz")
    assert not is_useful(Lookup("shop.cz", "NS", "s", AT, rcode="NOERROR"), "cz")
    assert is_useful(nothing("shop.cz", "cz"), "cz")
    walked = World(ROOT | {("cz", "shop.cz", "NS"): upward}).drive(walk("shop.cz", HINTS))
    assert walked.outcome is Delegated.UNREACHABLE


def test_a_host_is_located_in_its_own_zone_with_both_families():
    zones = ROOT | {
        ("cz", "host.cz", "NS"): referral(
            "host.cz", "host.cz", ["ns.host.cz"], [("ns.host.cz", "31.0.2.1")]
        ),
        ("host.cz", "ns.host.cz", "A"): data("ns.host.cz", "A", "31.0.2.2"),
        ("host.cz", "ns.host.cz", "AAAA"): data("ns.host.cz", "AAAA", "2a00::2"),
    }
    addresses = World(zones).drive(walk_to_addresses("ns.host.cz", HINTS))
    assert addresses == NameServer("ns.host.cz", (), ("31.0.2.2", "2a00::2"))


def test_a_host_without_address_says_why():
    zones = ROOT | {("cz", "host.cz", "NS"): nothing("host.cz", "cz", rcode="NXDOMAIN")}
    zones[("cz", "ns.host.cz", "A")] = nothing("ns.host.cz", "cz", "A", rcode="NXDOMAIN")
    assert World(zones).drive(walk_to_addresses("ns.host.cz", HINTS)).trouble is Trouble.NXDOMAIN
    assert World(ROOT).drive(walk_to_addresses("ns.host.cz", HINTS)).trouble is Trouble.TIMEOUT


def test_a_name_server_that_is_an_alias_is_followed_once():
    zones = ROOT | {
        ("cz", "host.cz", "NS"): referral(
            "host.cz", "host.cz", ["ns.host.cz"], [("ns.host.cz", "31.0.2.1")]
        ),
        ("host.cz", "alias.host.cz", "A"): data(
            "alias.host.cz", "A", "real.com", owner_type="CNAME"
        ),
    }
    addresses = World(zones, {"real.com": ("31.7.7.7",)}).drive(
        walk_to_addresses("alias.host.cz", HINTS)
    )
    assert addresses.addresses == ("31.7.7.7",)
