"""The look-up tree and its shorter form, value by value: what each kind of term costs and names."""

from __future__ import annotations

import pytest

from standards.queries import Query, QueryReply
from standards.spf.flattening import flatten_record
from standards.spf.lint import LintWarning, lint_record
from standards.spf.lookup_tree import RecordNode, TermNode, walk_lookup_tree
from standards.spf.record import parse_spf
from tests.walks import run_walk

Zone = dict[tuple[str, str], tuple[str, ...]]
ME = "shop.example"
FAILED, GONE = QueryReply(failed=True), QueryReply(exists=False)


def tree(zone: Zone, failing: tuple[tuple[str, str], ...] = (), queries: list[Query] | None = None):
    def reply(query: Query) -> QueryReply:
        if queries is not None:
            queries.append(query)
        if (query.name, query.type) in failing:
            return FAILED
        values = zone.get((query.name, query.type))
        return GONE if values is None else QueryReply(values)

    return run_walk(walk_lookup_tree(ME), reply)


def own(record: str, *rest: tuple[tuple[str, str], tuple[str, ...]]) -> Zone:
    return {(ME, "TXT"): (f"v=spf1 {record}",), **dict(rest)}


def only(record: str, *rest: tuple[tuple[str, str], tuple[str, ...]], failing=()) -> TermNode:
    """The one term of the domain's record."""
    (node,) = tree(own(record, *rest), failing).twigs
    return node


A1, A6 = "192.0.2.1", "2001:db8::1"


@pytest.mark.parametrize(
    ("record", "rest", "failing", "node"),
    [
        ("a", [((ME, "A"), (A1,)), ((ME, "AAAA"), (A6,))], (), TermNode("a", "a", 1, 0, (A1, A6))),
        ("a", [], (), TermNode("a", "a", 1, 1, note="void")),
        ("a", [], ((ME, "A"), (ME, "AAAA")), TermNode("a", "a", 1, note="unseen")),
        ("a", [((ME, "A"), (A1,))], ((ME, "AAAA"),), TermNode("a", "a", 1)),
        ("a", [], ((ME, "AAAA"),), TermNode("a", "a", 1)),  # it may yet have one
        ("a:Www.Shop.example.", [(("www.shop.example", "A"), (A1,))], (),
         TermNode("a:Www.Shop.example.", "a", 1, 0, (A1,))),
        ("mx", [((ME, "MX"), ("mx.shop.example",))], (), TermNode("mx", "mx", 1)),
        ("mx", [((ME, "MX"), tuple(f"m{n}.example" for n in range(10)))], (), TermNode("mx", "mx", 1)),
        ("mx", [((ME, "MX"), tuple(f"m{n}.example" for n in range(11)))], (),
         TermNode("mx", "mx", 1, note="many_hosts")),
        ("a", [((ME, "A"), tuple(f"192.0.2.{n}" for n in range(12)))], (),
         TermNode("a", "a", 1, 0, tuple(f"192.0.2.{n}" for n in range(10)))),
        ("mx", [], (), TermNode("mx", "mx", 1, 1, note="void")),
        ("exists:x.example", [(("x.example", "A"), ("127.0.0.2",))], (), TermNode("exists:x.example", "exists", 1)),
        ("exists:x.example", [], (), TermNode("exists:x.example", "exists", 1, 1, note="void")),
        ("exists:%{i}.example.com", [], (), TermNode("exists:%{i}.example.com", "exists", 1, note="macro")),
        ("ptr", [], (), TermNode("ptr", "ptr", 1)),
        ("ip4:192.0.2.1", [], (), TermNode("ip4:192.0.2.1", "ip4")),
        ("-all", [], (), TermNode("-all", "all")),
        ("include:%{d}.example.com", [], (), TermNode("include:%{d}.example.com", "include", 1, note="macro")),
        ("include:gone.example", [], (), TermNode("include:gone.example", "include", 1, 0, (),
         RecordNode("gone.example", problem="nothing"))),
        ("include:gone.example", [], (("gone.example", "TXT"),), TermNode("include:gone.example", "include", 1, 0, (),
         RecordNode("gone.example", problem="unseen"), "unseen")),
        ("include:I.Example.", [(("i.example", "TXT"), ("v=spf1 a mx",))], (),
         TermNode("include:I.Example.", "include", 3, 2, (), RecordNode("i.example", "v=spf1 a mx", (
             TermNode("a", "a", 1, 1, note="void"), TermNode("mx", "mx", 1, 1, note="void"))))),
        ("include:two.example", [(("two.example", "TXT"), ("v=spf1 a", "v=spf1 mx"))], (),
         TermNode("include:two.example", "include", 1, 0, (),
                  RecordNode("two.example", "v=spf1 a | v=spf1 mx", problem="many"))),
        ("include:bad.example", [(("bad.example", "TXT"), ("v=spf1 a: mx",))], (),
         TermNode("include:bad.example", "include", 1, 0, (),
                  RecordNode("bad.example", "v=spf1 a: mx", (), "syntax", "a:", "no domain name"))),
        (f"include:{ME}", [], (), TermNode(f"include:{ME}", "include", 1, 0, (), RecordNode(ME, problem="loop"))),
        ("redirect=r.example", [(("r.example", "TXT"), ("v=spf1 ptr -all",))], (),
         TermNode("redirect=r.example", "redirect", 2, 0, (), RecordNode("r.example", "v=spf1 ptr -all", (
             TermNode("ptr", "ptr", 1), TermNode("-all", "all"))))),
    ],
)  # fmt: skip
def test_what_a_term_costs(record, rest, failing, node) -> None:
    assert only(record, *rest, failing=failing) == node


def test_nothing_behind_all_is_looked_up() -> None:
    queries: list[Query] = []
    root = tree(own("-all a include:i.example redirect=r.example"), queries=queries)
    assert queries == [Query(ME, "TXT")]
    assert root.twigs == (
        TermNode("-all", "all"),
        TermNode("a", "a", note="never"),
        TermNode("include:i.example", "include", note="never"),
        TermNode("redirect=r.example", "redirect", note="never"),
    )
    assert (root.lookups, root.voids) == (0, 0)


def test_each_question_is_asked_once_and_of_the_right_type() -> None:
    queries: list[Query] = []
    zone = own("a a mx exists:e.example include:i.example include:i.example")
    tree({**zone, ("i.example", "TXT"): ("v=spf1 a:shop.example -all",)}, queries=queries)
    assert sorted((q.name, q.type) for q in queries) == [
        ("e.example", "A"), ("i.example", "TXT"), (ME, "A"), (ME, "AAAA"), (ME, "MX"), (ME, "TXT"),
    ]  # fmt: skip


def test_a_macro_keeps_nothing_behind_it_from_being_looked_up() -> None:
    queries: list[Query] = []
    root = tree(own("exists:%{i}.example.com a -all"), queries=queries)
    assert [(q.name, q.type) for q in queries] == [(ME, "TXT"), (ME, "A"), (ME, "AAAA")]
    assert root.twigs[1] == TermNode("a", "a", 1, 1, note="void")


def test_sums_go_through_all_records() -> None:
    zone = own("include:i.example mx -all", (("i.example", "TXT"), ("v=spf1 a include:j.example",)),
               (("j.example", "TXT"), ("v=spf1 ptr",)))  # fmt: skip
    root = tree(zone)
    assert (root.lookups, root.voids) == (5, 2)
    assert [r.domain for r in root.records()] == [ME, "i.example", "j.example"]
    assert [(r.domain, t.term) for r, t in root.all_terms()] == [
        (ME, "include:i.example"), (ME, "mx"), (ME, "-all"),
        ("i.example", "a"), ("i.example", "include:j.example"), ("j.example", "ptr"),
    ]  # fmt: skip


def test_depth_and_breadth_have_a_limit() -> None:
    deep = {(f"d{n}.example", "TXT"): (f"v=spf1 include:d{n + 1}.example",) for n in range(20)}
    records = list(tree({**own("include:d0.example"), **deep}).records())
    assert [r.problem for r in records] == [""] * 11 + ["too_big"]  # the domain's own and ten below
    wide = own(" ".join(f"include:w{n}.example" for n in range(45)))
    inside = [t.inside for t in tree(wide).twigs]
    assert [r.problem for r in inside if r] == ["nothing"] * 39 + ["too_big"] * 6


# ---------------------------------------------------------------- lint
@pytest.mark.parametrize(
    ("record", "warnings"),
    [
        ("mx -all", []),
        ("mx", [("no_ending", "")]),
        ("redirect=r.example", []),
        ("mx +all", [("pass_all", "+all")]),
        ("mx ?all", [("neutral_all", "?all")]),
        ("mx ~all", [("soft_all", "~all")]),
        ("-all mx a", [("after_all", "mx"), ("after_all", "a")]),
        ("-all redirect=r.example", [("redirect_ignored", "redirect=r.example")]),
        ("ptr -all", [("ptr", "ptr")]),
        ("exists:%{i}.example.com -all", [("macro", "exists:%{i}.example.com")]),
        ("redirect=%{d}.example.com", [("macro", "redirect=%{d}.example.com")]),
        ("ip4:192.0.0.0/15 -all", [("wide", "ip4:192.0.0.0/15")]),
        ("ip4:192.0.0.0/16 -all", []),
        ("-ip4:192.0.0.0/8 mx -all", []),
        ("ip6:2001:db8::/31 -all", [("wide", "ip6:2001:db8::/31")]),
        ("ip6:2001:db8::/32 -all", []),
        ("mx MX -all", [("repeated", "MX"), ("untidy", "MX")]),
        ("a:shop.example a:SHOP.example. -all", [("repeated", "a:SHOP.example.")]),
        ("mx a/24 a -all", []),
        ("mx -mx -all", []),
        ("mx  -all", [("untidy", "“ ”")]),
        ("mx -all ", [("untidy", "“ ”")]),
        ("mx Redirect=r.example -all",
         [("redirect_ignored", "redirect=r.example"), ("untidy", "Redirect=r.example")]),
    ],
)  # fmt: skip
def test_each_warning_names_its_term(record: str, warnings: list[tuple[str, str]]) -> None:
    found_warnings = lint_record(parse_spf(f"v=spf1 {record}"))
    assert list(found_warnings) == [LintWarning(*warning) for warning in warnings]


# ---------------------------------------------------------------- shorter
HOSTS = (
    ((ME, "A"), (A1,)),
    ((ME, "AAAA"), (A6,)),
    (("www.shop.example", "A"), ("192.0.2.7",)),
    ((ME, "MX"), ("mx.shop.example",)),
    *(((f"n{n}.example", "TXT"), ("v=spf1 ip4:198.51.100.1 -all",)) for n in range(12)),
)


def shorter(record: str, mx: tuple[str, ...] = ("192.0.2.25",), *rest) -> str:
    return flatten_record(tree(own(record, *HOSTS, *rest)), mx).removeprefix("v=spf1 ")


def includes(count: int) -> str:
    return " ".join(f"include:n{n}.example" for n in range(count))


def test_up_to_ten_look_ups_nothing_is_replaced() -> None:
    assert shorter(f"a {includes(9)} -all") == f"a {includes(9)} -all"


def test_mail_servers_are_replaced_first_then_own_addresses() -> None:
    assert shorter(f"a mx {includes(9)} -all") == f"a ip4:192.0.2.25 {includes(9)} -all"
    assert (
        shorter(f"a mx {includes(10)} -all")
        == f"ip4:{A1} ip6:{A6} ip4:192.0.2.25 {includes(10)} -all"
    )
    assert (
        shorter(f"+a:www.shop.example {includes(10)} -all") == f"ip4:192.0.2.7 {includes(10)} -all"
    )
    assert shorter(f"+MX {includes(10)} -all") == f"ip4:192.0.2.25 {includes(10)} -all"


def test_what_is_not_known_or_not_ours_is_not_replaced() -> None:
    assert shorter(f"mx {includes(10)} -all", ()) == ""  # not all mail servers are known
    five = tuple(f"192.0.2.{n}" for n in range(5))
    assert shorter(f"mx {includes(10)} -all", five) == ""
    four = " ".join(f"ip4:{a}" for a in five[:4])
    assert shorter(f"mx {includes(10)} -all", five[:4]) == f"{four} {includes(10)} -all"
    foreign = (("host.example", "A"), ("192.0.2.9",))
    assert shorter(f"a:host.example {includes(10)} -all", (), foreign) == ""
    alike = (("othershop.example", "A"), ("192.0.2.9",))
    assert shorter(f"a:othershop.example {includes(10)} -all", (), alike) == ""


def test_what_has_no_effect_goes() -> None:
    assert shorter("a:gone.example include:nobody.example mx mx -all") == "mx -all"
    assert shorter("-all a") == "-all"
    assert shorter("exists:a.%{i}.example.com -all") == "exists:a.%{i}.example.com -all"


def test_too_many_voids_are_the_owners_to_decide() -> None:
    inner = (("i.example", "TXT"), ("v=spf1 a:g1.example a:g2.example a:g3.example -all",))
    assert shorter("include:i.example -all", (), inner) == ""
    two = (("i.example", "TXT"), ("v=spf1 a:g1.example a:g2.example -all",))
    assert shorter("include:i.example -all", (), two) == "include:i.example -all"


def test_an_include_that_a_redirect_covers_goes() -> None:
    outer = (("i.example", "TXT"), ("v=spf1 redirect=n0.example",))
    assert (
        shorter("include:n0.example include:i.example -all", (), outer) == "include:i.example -all"
    )
    never = (("i.example", "TXT"), ("v=spf1 mx:shop.example -all redirect=n0.example",))
    kept = "include:n0.example include:i.example -all"
    assert shorter(kept, (), never) == kept
    assert shorter("~include:n0.example include:i.example -all", (), outer) == (
        "~include:n0.example include:i.example -all"
    )
