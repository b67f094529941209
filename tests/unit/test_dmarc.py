"""DMARC (RFC 9989): records, the tree walk and alignment, driven by a plain dict instead of DNS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.dmarc import external_destinations, tree_walk
from standards.dmarc.alignment import Identity, evaluate_alignment, is_aligned
from standards.dmarc.policy import requested_policy
from standards.dmarc.record import is_dmarc, is_meant_as_dmarc, parse_dmarc, report_host
from standards.queries import Query, QueryReply
from tests.walks import run_walk

Zone = dict[str, str | tuple[str, ...]]


def zone_reader(zone: Zone, broken: tuple[str, ...] = (), names: list[str] | None = None):
    def reply(ask: Query) -> QueryReply:
        if names is not None:
            names.append(ask.name)
        if ask.name in broken:
            return QueryReply(failed=True)
        value = zone.get(ask.name, ())
        return QueryReply((value,) if isinstance(value, str) else value, exists=ask.name in zone)

    return reply


def walked(domain: str, zone: Zone, *, exists: bool = True, broken: tuple[str, ...] = ()):
    return run_walk(tree_walk.walk(domain, exists=exists), zone_reader(zone, broken))


# ---------------------------------------------------------------- records
def test_a_record_says_what_receivers_read() -> None:
    parsed = parse_dmarc("v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@shop.example!10m; aspf=s")
    assert parsed is not None
    assert (parsed.p, parsed.sp, parsed.aspf, parsed.adkim) == ("reject", "quarantine", "s", "r")
    assert parsed.rua == ("mailto:d@shop.example",)
    assert parsed.faults == ()


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("v=DMARC1; p=rejct", [("p", "value")]),
        ("v=DMARC1; p=none; p=reject", [("p", "twice")]),
        ("v=DMARC1; p=none; rua=admin@shop.example", [("rua", "uri")]),
        ("v=DMARC1; p=none; rua=mailto:a@b.example,,", [("rua", "uri"), ("rua", "uri")]),
        ("v=DMARC1; p=none; reject", [("reject", "form")]),
        ("v=DMARC1; p=none; fo=2", [("fo", "value")]),
        ("v=DMARC1; p=NONE; ADKIM=R;;", []),
        ("v=DMARC1", []),
        ("v=DMARC1;p=none;future=thing", []),
    ],
)
def test_faults_are_named_and_the_rest_stands(text: str, faults: list[tuple[str, str]]) -> None:
    parsed = parse_dmarc(text)
    assert parsed is not None
    assert [(f.tag, f.reason) for f in parsed.faults] == faults


@pytest.mark.parametrize(
    "text",
    ["v=dmarc1; p=none", " v=DMARC1; p=none", "v=DMARC1 p=none", "v=DMARC 1;p=none", "DMARC1"],
)
def test_what_was_meant_as_a_record_is_recognised_and_not_taken(text: str) -> None:
    assert not is_dmarc(text)
    assert is_meant_as_dmarc(text)
    assert parse_dmarc(text) is None


def test_other_texts_are_no_records() -> None:
    for text in ("v=spf1 -all", "dmarcian-verification=1", "", "v=STSv1; id=1"):
        assert not is_dmarc(text)
        assert not is_meant_as_dmarc(text) or "dmarcian" in text


def test_a_wrong_policy_acts_as_none_only_where_reports_are_wanted() -> None:
    with_reports = parse_dmarc("v=DMARC1; p=rejected; rua=mailto:d@shop.example")
    without = parse_dmarc("v=DMARC1; p=rejected")
    assert with_reports is not None
    assert without is not None
    assert (with_reports.is_usable, requested_policy(with_reports, below=False)) == (True, "none")
    assert not without.is_usable


# ---------------------------------------------------------------- the walk
def test_names_never_exceed_eight() -> None:
    assert tree_walk.names_to_query("a.mail.example.com") == (
        "a.mail.example.com",
        "mail.example.com",
        "example.com",
        "com",
    )
    deep = tree_walk.names_to_query(".".join("abcdefghijklmnop") + ".mail.example.com")
    assert len(deep) == 8
    assert deep[1] == "m.n.o.p.mail.example.com"
    assert len(tree_walk.names_to_query(".".join(["x"] * 127))) == 8


@pytest.mark.parametrize(
    ("domain", "zone", "organisation", "holder", "wanted"),
    [
        # RFC 9989, 4.10.2: two examples
        (
            "a.mail.example.com",
            {"_dmarc.mail.example.com": "v=DMARC1;p=reject", "_dmarc.example.com": "v=DMARC1;p=none"},
            *("example.com", "example.com", "none"),
        ),
        ("a.mail.example.com", {"_dmarc.com": "v=DMARC1; p=reject; psd=y"}, *("example.com", "com", "reject")),
        # own record first, the organisation is still above
        (
            "mail.example.com",
            {"_dmarc.mail.example.com": "v=DMARC1;p=reject", "_dmarc.example.com": "v=DMARC1;p=none"},
            *("example.com", "mail.example.com", "reject"),
        ),
        # psd=n makes an organisation of its own
        (
            "x.city.example",
            {
                "_dmarc.city.example": "v=DMARC1;p=quarantine;psd=n",
                "_dmarc.example": "v=DMARC1;p=reject;psd=y",
            },
            *("city.example", "city.example", "quarantine"),
        ),
        # sp below, p at the top
        ("m.shop.example", {"_dmarc.shop.example": "v=DMARC1;p=reject;sp=none"}, *("shop.example", "shop.example", "none")),
        ("shop.example", {"_dmarc.shop.example": "v=DMARC1;p=reject;sp=none"}, *("shop.example", "shop.example", "reject")),
        # several records are none; so is an unusable one
        ("shop.example", {"_dmarc.shop.example": ("v=DMARC1;p=none", "v=DMARC1;p=reject")}, *("shop.example", "", "")),
        ("shop.example", {"_dmarc.shop.example": "v=DMARC1;p=rejekt"}, *("shop.example", "", "")),
        # a public suffix that asks for itself
        ("gov.example", {"_dmarc.gov.example": "v=DMARC1;p=reject;psd=y"}, *("gov.example", "gov.example", "reject")),
        ("shop.example", {}, *("shop.example", "", "")),
    ],
)  # fmt: skip
def test_whose_policy_applies(domain, zone, organisation, holder, wanted) -> None:
    tree = walked(domain, zone)
    assert (tree.organisation, tree.holder, tree.wanted) == (organisation, holder, wanted)
    assert not tree.unsure


def test_a_name_that_does_not_exist_has_a_policy_of_its_own() -> None:
    zone: Zone = {"_dmarc.shop.example": "v=DMARC1; p=none; sp=quarantine; np=reject"}
    assert walked("nowhere.shop.example", zone, exists=False).wanted == "reject"
    assert walked("news.shop.example", zone).wanted == "quarantine"


def test_a_failed_look_up_leaves_it_open() -> None:
    zone: Zone = {"_dmarc.shop.example": "v=DMARC1; p=none"}
    below = walked("m.shop.example", zone, broken=("_dmarc.m.shop.example",))
    assert below.unsure
    own = walked("shop.example", zone, broken=("_dmarc.example",))
    assert not own.unsure


def test_a_trial_asks_for_one_step_less() -> None:
    """RFC 9989, 4.7."""
    for policy, applied in (("reject", "quarantine"), ("quarantine", "none"), ("none", "none")):
        tree = walked("shop.example", {"_dmarc.shop.example": f"v=DMARC1; p={policy}; t=y"})
        assert (tree.wanted, tree.effective_policy) == (policy, applied)
    assert (
        walked("shop.example", {"_dmarc.shop.example": "v=DMARC1; p=reject"}).effective_policy
        == "reject"
    )


# ---------------------------------------------------------------- alignment
@pytest.mark.parametrize(
    ("spf", "dkim", "passes", "near"),
    [
        (Identity("bounce.shop.example", "pass"), (), True, ()),
        (Identity("bounce.shop.example", "fail"), (), False, ()),
        (None, (Identity("shop.example", "pass"),), True, ()),
        (Identity("list.example", "pass"), (Identity("shop.example", "fail"),), False,
         ("list.example",)),
        (Identity("other.example", "pass"), (Identity("esp.example", "pass"),), False,
         ("other.example", "esp.example")),
        (Identity("esp.example", "pass"), (Identity("shop.example", "pass"),), True,
         ("esp.example",)),
        (None, (), False, ()),
    ],
)  # fmt: skip
def test_who_speaks_for_the_author(spf, dkim, passes, near) -> None:
    alignment = evaluate_alignment("shop.example", spf, dkim)
    assert (alignment.passes, alignment.unaligned) == (passes, near)


def test_strict_alignment_wants_the_very_name() -> None:
    assert is_aligned("shop.example", "mail.shop.example")
    assert not is_aligned("shop.example", "mail.shop.example", "s")


def test_the_list_of_suffixes_stands_in_for_dns() -> None:
    assert is_aligned("a.shop.co.uk", "b.shop.co.uk")
    assert not is_aligned("shop.co.uk", "rival.co.uk")
    assert not is_aligned("a.shop.cz", "shop.cz", "s")
    assert not is_aligned("", "")


# ---------------------------------------------------------------- reports to others
def test_reports_to_another_organisation_need_its_consent() -> None:
    zone: Zone = {
        "_dmarc.shop.example": "v=DMARC1; p=none; rua=mailto:a@shop.example,mailto:b@in.shop.example"
        ",mailto:c@told.example,mailto:d@mute.example,mailto:e@dim.example",
        "shop.example._report._dmarc.told.example": "v=DMARC1;",
    }
    seen = walked("shop.example", zone)
    broken = ("shop.example._report._dmarc.dim.example",)
    destinations = run_walk(external_destinations.walk(seen), zone_reader(zone, broken))
    assert [(d.host, d.allowed) for d in destinations] == [
        ("told.example", True),
        ("mute.example", False),
        ("dim.example", None),
    ]
    assert report_host("https://reports.example/x") == "reports.example"


@given(st.text(max_size=120), st.text(alphabet="ab.", max_size=300))
def test_whatever_is_written_ends_in_a_value(text: str, name: str) -> None:
    parse_dmarc("v=DMARC1;" + text)
    is_meant_as_dmarc(text)
    seen = walked(name, {f"_dmarc.{name}": f"v=DMARC1;p=none;rua={text}"})
    run_walk(external_destinations.walk(seen), zone_reader({}))


def test_a_report_address_may_bring_a_subject():
    """A mailto URI may have header fields (RFC 6068), and a limit follows the whole of it."""
    parsed = parse_dmarc("v=DMARC1; p=none; rua=mailto:d@shop.example?subject=DMARC!10m")
    assert (parsed.rua, parsed.faults) == (("mailto:d@shop.example?subject=DMARC",), ())
    assert report_host(parsed.rua[0]) == "shop.example"
