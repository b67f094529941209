"""DMARC value by value (RFC 9989): every tag, default, limit, node of the walk, destination."""

from __future__ import annotations

import pytest

from standards.dmarc import external_destinations, tree_walk
from standards.dmarc.alignment import (
    Alignment,
    Identity,
    evaluate_alignment,
    is_aligned,
    organisational_domain_by_list,
)
from standards.dmarc.external_destinations import Destination
from standards.dmarc.merging import merge_records
from standards.dmarc.policy import requested_policy
from standards.dmarc.record import DmarcRecord, RecordFault, is_dmarc, parse_dmarc, report_host
from standards.dmarc.tree_walk import DmarcTree, TreeNode, evaluate_tree, names_to_query, tree_node
from standards.queries import Query, QueryReply
from tests.walks import run_walk

V = "v=DMARC1"


def fault(tag: str, value: str, reason: str) -> tuple[RecordFault, ...]:
    return (RecordFault(tag, value, reason),)


@pytest.mark.parametrize(
    ("tags", "parts"),
    [
        ("", {}),
        ("p=none", {"p": "none"}),
        ("P = Quarantine ; SP=REJECT;np=none", {"p": "quarantine", "sp": "reject", "np": "none"}),
        ("adkim=s; aspf=s; psd=y; t=y", {"adkim": "s", "aspf": "s", "psd": "y", "testing": True}),
        ("adkim=r; aspf=r; psd=n; t=n", {"psd": "n"}),
        ("psd=u;\tfo=1:d:s ", {}),
        ("rua=mailto:a@x.example!10m, mailto:a@x.example,https://x.example/d",
         {"rua": ("mailto:a@x.example", "https://x.example/d")}),
        ("ruf=MAILTO:b@x.example", {"ruf": ("MAILTO:b@x.example",)}),
        ("pct=50; rf=afrf; ri=86400", {"historic": ("pct=50", "rf=afrf", "ri=86400")}),
        ("later=1; other=2", {"unknown": ("later", "other")}),
        ("p=X", {"faults": fault("p", "X", "value")}),
        ("sp=maybe", {"faults": fault("sp", "maybe", "value")}),
        ("adkim=X", {"faults": fault("adkim", "X", "value")}),
        ("fo=0:Q", {"faults": fault("fo", "0:Q", "value")}),
        ("p=none;p=reject", {"p": "none", "faults": fault("p", "reject", "twice")}),
        ("v=DMARC1", {"faults": fault("v", "DMARC1", "twice")}),
        ("p=none;reject", {"p": "none", "faults": fault("reject", "", "form")}),
        ("p=none;=x", {"p": "none", "faults": fault("", "x", "form")}),
        ("p1=none", {"faults": fault("p1", "none", "form")}),
        ("sp=", {"faults": fault("sp", "", "form")}),
        ("rua=a@x.example", {"faults": fault("rua", "a@x.example", "uri")}),
        ("rua=mailto:", {"faults": fault("rua", "mailto:", "uri")}),
        ("ruf=mailto:a@x.example,", {"ruf": ("mailto:a@x.example",), "faults": fault("ruf", "", "uri")}),
    ],
)  # fmt: skip
def test_a_record_is_read_whole(tags: str, parts: dict[str, object]) -> None:
    text = f"{V};{tags}"
    assert parse_dmarc(text) == DmarcRecord(text, **parts)


def test_what_is_kept_of_a_long_record_is_bounded() -> None:
    long = parse_dmarc(f"{V};p={'x' * 90};{'y' * 50}=1;{'Z' * 50};pct={'5' * 30}")
    assert long is not None
    assert long.faults == (
        RecordFault("z" * 40, "", "form"),
        RecordFault("p", "x" * 80, "value"),
    )
    assert (long.unknown, long.historic) == (("y" * 40,), ("pct=" + "5" * 20,))
    uris = ",".join(f"mailto:a{n}@x.example" for n in range(110))
    wide = parse_dmarc(f"{V};rua={uris}")
    assert wide is not None
    assert len(wide.rua) == 100
    many = parse_dmarc(V + "".join(f";{chr(97 + n // 26)}{chr(97 + n % 26)}=1" for n in range(70)))
    assert many is not None
    assert len(many.unknown) == 63  # with the version they are 64
    odd = parse_dmarc(f"{V};rua={'u' * 90}")
    assert odd is not None
    assert odd.faults == fault("rua", "u" * 80, "uri")
    far = parse_dmarc(f"{V};p=none;{'n' * 4096}=1;sp=reject")
    assert far is not None
    assert (len(far.text), far.sp) == (4096, "")


@pytest.mark.parametrize(
    ("tags", "usable"),
    [("p=none", True), ("p=x", False), ("sp=x", False), ("np=x", False), ("adkim=x", True),
     ("p=x;rua=mailto:a@x.example", True)],
)  # fmt: skip
def test_a_wrong_policy_counts_only_with_an_address(tags: str, usable: bool) -> None:  # noqa: FBT001
    parsed = parse_dmarc(f"{V};{tags}")
    assert parsed is not None
    assert parsed.is_usable is usable


@pytest.mark.parametrize(
    ("text", "is_record"),
    [("v=DMARC1", True), ("v = DMARC1 ;", True), ("v=DMARC12", False), ("V=DMARC1", False),
     ("v=dmarc1", False), (" v=DMARC1", False), ("v=DMARC1 p=none", False)],
)  # fmt: skip
def test_what_begins_a_record(text: str, is_record: bool) -> None:  # noqa: FBT001
    assert is_dmarc(text) is is_record


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        ("mailto:d@Shop.Example.", "shop.example"),
        ("mailto:d@shop.example!5k", "shop.example"),
        ("https://Reports.Example.:8443/in?x=/y", "reports.example"),
        ("https://user:pw@reports.example/", "reports.example"),
        ("https://reports.example", "reports.example"),
        ("mailto:nobody", ""),
    ],
)
def test_where_reports_go(uri: str, host: str) -> None:
    assert report_host(uri) == host


@pytest.mark.parametrize(
    ("tags", "below", "exists", "policy"),
    [
        ("p=reject;sp=quarantine;np=none", False, True, "reject"),
        ("p=reject;sp=quarantine;np=none", False, False, "reject"),
        ("p=reject;sp=quarantine;np=none", True, True, "quarantine"),
        ("p=reject;sp=quarantine;np=none", True, False, "none"),
        ("p=reject;sp=quarantine", True, False, "quarantine"),
        ("p=reject;np=none", True, True, "reject"),
        ("p=reject", True, False, "reject"),
        ("rua=mailto:a@x.example", False, True, "none"),
        ("p=reject;np=x;rua=mailto:a@x.example", True, True, "none"),
    ],
)
def test_which_policy_is_asked_for(tags: str, below: bool, exists: bool, policy: str) -> None:  # noqa: FBT001
    parsed = parse_dmarc(f"{V};{tags}")
    assert parsed is not None
    assert requested_policy(parsed, below=below, exists=exists) == policy


# ---------------------------------------------------------------- the walk
def test_the_walk_asks_for_texts_of_names_that_fit() -> None:
    queries: list[Query] = []

    def reply(query: Query) -> QueryReply:
        queries.append(query)
        return QueryReply(exists=False)

    tree = run_walk(tree_walk.walk("A.Shop.Example."), reply)
    names = ("a.shop.example", "shop.example", "example")
    assert queries == [Query(f"_dmarc.{name}", "TXT") for name in names]
    assert tree == DmarcTree(
        "a.shop.example", tuple(TreeNode(name) for name in names), "a.shop.example"
    )
    fits = ".".join([*["x" * 60] * 4, "ab"])  # 246 octets, 253 with “_dmarc.”
    for name, first in ((fits, f"_dmarc.{fits}"), (f"x{fits}", f"_dmarc.{fits.partition('.')[2]}")):
        queries.clear()
        run_walk(tree_walk.walk(name), reply)
        assert queries[0].name == first


def test_the_last_seven_labels_and_fewer() -> None:
    assert names_to_query("a.b.c.d.e.f.g.h.i") == (
        "a.b.c.d.e.f.g.h.i", "c.d.e.f.g.h.i", "d.e.f.g.h.i", "e.f.g.h.i", "f.g.h.i", "g.h.i", "h.i", "i",
    )  # fmt: skip
    assert names_to_query("b.c.d.e.f.g.h.i")[1] == "c.d.e.f.g.h.i"
    assert names_to_query("c.d.e.f.g.h.i")[1] == "d.e.f.g.h.i"


def test_a_node_keeps_what_was_meant_as_a_record() -> None:
    assert tree_node("x.example", ["other", f"{V};p=none", "dmarc1; p=none"]) == TreeNode(
        "x.example", (f"{V};p=none", "dmarc1; p=none"), parse_dmarc(f"{V};p=none")
    )
    two = tree_node("x.example", [V, f"{V};p=none"])
    assert (two.policy, two.many, two.failed) == (None, True, False)
    assert len(tree_node("x.example", [f"{V};{'x' * 2000}"] * 9).texts) == 8
    assert len(tree_node("x.example", [f"{V};{'x' * 2000}"]).texts[0]) == 1000
    assert tree_node("x.example", (), failed=True) == TreeNode("x.example", failed=True)


def nodes(*rows: tuple[str, str]) -> tuple[TreeNode, ...]:
    return tuple(
        TreeNode(name, failed=True)
        if tags == "failed"
        else tree_node(name, (f"{V};{tags}",) if tags else ())
        for name, tags in rows
    )


@pytest.mark.parametrize(
    ("rows", "organisation", "holder", "wanted", "unsure"),
    [
        ([("a.b.c", "p=reject"), ("b.c", "p=none"), ("c", "")], "b.c", "a.b.c", "reject", False),
        ([("a.b.c", ""), ("b.c", "p=none;sp=reject"), ("c", "")], "b.c", "b.c", "reject", False),
        ([("a.b.c", ""), ("b.c", "p=none;psd=n"), ("c", "p=reject")], "b.c", "b.c", "none", False),
        ([("a.b.c", ""), ("b.c", ""), ("c", "p=reject;psd=y")], "b.c", "c", "reject", False),
        ([("a.b.c", "p=none"), ("b.c", "p=quarantine;psd=y"), ("c", "p=reject")],
         "a.b.c", "a.b.c", "none", False),
        ([("a.b.c", "p=none;psd=y"), ("b.c", "p=reject"), ("c", "")], "b.c", "a.b.c", "none", False),
        ([("a.b.c", "p=x"), ("b.c", "p=none"), ("c", "")], "b.c", "b.c", "none", False),
        ([("a.b.c", ""), ("b.c", ""), ("c", "")], "a.b.c", "", "", False),
        # a record that is not applied ends the walk all the same
        ([("a.b.c", ""), ("b.c", "p=x;psd=n"), ("c", "p=reject")], "a.b.c", "", "", False),
        ([("a.b.c", ""), ("b.c", "p=x;psd=y"), ("c", "p=reject")], "a.b.c", "", "", False),
        ([("a.b.c", "p=x;psd=n"), ("b.c", "p=reject"), ("c", "")], "a.b.c", "", "", False),
        ([("a.b.c", "p=x;psd=y"), ("b.c", "p=reject"), ("c", "")], "b.c", "b.c", "reject", False),
        ([("a.b.c", ""), ("b.c", "p=reject;sp=quarantine;np=none"), ("c", "")], "b.c", "b.c", "quarantine", False),
        ([("a.b.c", "failed"), ("b.c", "p=none"), ("c", "")], "b.c", "b.c", "none", True),
        ([("a.b.c", "p=none"), ("b.c", "failed"), ("c", "")], "a.b.c", "a.b.c", "none", False),
        ([("a.b.c", ""), ("b.c", "failed"), ("c", "")], "a.b.c", "", "", True),
    ],
)  # fmt: skip
def test_whose_record_applies(rows, organisation, holder, wanted, unsure) -> None:
    tree = evaluate_tree("a.b.c", nodes(*rows))
    assert (tree.organisation, tree.holder, tree.wanted, tree.unsure) == (
        organisation, holder, wanted, unsure,
    )  # fmt: skip
    assert tree.policy == next((n.policy for n in tree.places if n.domain == holder), None)
    assert not tree.testing


@pytest.mark.parametrize(
    ("policy", "testing", "effective"),
    [("reject", True, "quarantine"), ("quarantine", True, "none"), ("none", True, "none"),
     ("reject", False, "reject"), ("", True, "")],
)  # fmt: skip
def test_a_trial_lowers_the_policy(policy: str, testing: bool, effective: str) -> None:  # noqa: FBT001
    tree = DmarcTree("x.example", (), "x.example", "x.example", policy, testing=testing)
    assert tree.effective_policy == effective


# ---------------------------------------------------------------- alignment
def test_alignment_disregards_case_and_the_final_dot() -> None:
    assert is_aligned("Shop.Example.", "shop.example")
    assert is_aligned("shop.example", "SHOP.example.", "s")
    assert is_aligned("a.shop.example", "b.shop.example.")
    assert not is_aligned("a.shop.example", "shop.example", "s")
    assert not is_aligned("", "")
    assert not is_aligned("shop.example", ".")
    assert organisational_domain_by_list("X.Shop.CO.UK.") == "shop.co.uk"
    assert organisational_domain_by_list("co.uk") == "co.uk"


def test_who_is_aligned_and_who_only_passed() -> None:
    passing = [Identity(f"d{n}.other.example", "pass") for n in range(9)]
    outcome = evaluate_alignment(
        "shop.com",
        Identity("bounce.mailer.com", "pass"),
        [
            Identity("shop.com", "fail"),
            Identity("", "pass"),
            Identity("mail.shop.com", "pass"),
            *passing,
        ],
    )
    assert outcome == Alignment(
        "", ("mail.shop.com",), ("bounce.mailer.com", *(f"d{n}.other.example" for n in range(7)))
    )
    assert outcome.passes
    assert evaluate_alignment("shop.com", Identity("x.shop.com", "pass"), ()) == Alignment(
        "x.shop.com"
    )
    assert evaluate_alignment("shop.com", Identity("shop.com", "softfail"), ()) == Alignment()
    assert not Alignment(unaligned=("x",)).passes


# ---------------------------------------------------------------- destinations and merging
def destinations(record: str, zone: dict[str, str], failing: tuple[str, ...] = ()):
    tree = evaluate_tree("shop.example", nodes(("shop.example", record)))

    def reply(query: Query) -> QueryReply:
        assert query.type == "TXT"
        if query.name in failing:
            return QueryReply(failed=True)
        return QueryReply((zone[query.name],) if query.name in zone else ())

    return run_walk(external_destinations.walk(tree), reply)


def test_consent_is_looked_up_for_strangers_only() -> None:
    record = "p=none;rua=mailto:a@shop.example,mailto:a@in.shop.example,mailto:b@r.other.test,mailto:b@r.other.test"
    consent = "shop.example._report._dmarc.r.other.test"
    uri = "mailto:b@r.other.test"
    assert destinations(record, {}) == (Destination(uri, "r.other.test", consent, allowed=False),)
    assert destinations(record, {consent: V})[0].allowed is True
    assert destinations(record, {}, (consent,))[0].allowed is None
    assert destinations(f"p=none;ruf={uri}", {})[0].uri == uri
    assert destinations("p=none;rua=mailto:a@xshop.example", {})[0].host == "xshop.example"
    assert destinations("p=none", {}) == ()
    wide = ",".join(f"mailto:a@h{n}.test" for n in range(22))
    assert [(d.host, d.allowed) for d in destinations(f"p=none;rua={wide}", {})] == [
        (f"h{n}.test", False if n < 20 else None) for n in range(22)
    ]


@pytest.mark.parametrize(
    ("present", "wanted", "merged"),
    [
        (f"{V}; p=reject", f"{V}; p=none", f"{V}; p=reject"),
        (f"{V}; p=none; adkim=s", f"{V}; p=quarantine", f"{V}; p=quarantine; adkim=s"),
        (f"{V}", f"{V}; p=quarantine", f"{V}; p=quarantine"),
        (f"{V}; p=none; rua=mailto:A@x.example", f"{V}; p=none; rua=mailto:a@X.example,mailto:b@x.example",
         f"{V}; p=none; rua=mailto:A@x.example,mailto:b@x.example"),
        (f"{V}; p=none", f"{V}; p=none; ruf=mailto:a@x.example", f"{V}; p=none; ruf=mailto:a@x.example"),
        (f"{V}; p=x", f"{V}; p=none", f"{V}; p=none"),
        ("other", f"{V}; p=none", f"{V}; p=none"),
        (f"{V}; p=none", "other", "other"),
    ],
)  # fmt: skip
def test_two_records_become_one(present: str, wanted: str, merged: str) -> None:
    assert merge_records(present, wanted) == merged
