"""What pasted instructions change: exact values before and after, and nothing beside them."""

from __future__ import annotations

import pytest

from instructions.change_plan import compare, merge_spf, required_queries
from instructions.model import ChangeStep, Conflict, RecordChange, WantedRecord

D = "cafe.example"


def planned(now: dict[tuple[str, str], tuple[str, ...]], *wanted: tuple[str, str, str]):
    records = tuple(WantedRecord(*w) for w in wanted)
    return compare(records, D, lambda name, kind: now.get((name, kind), ()))


def test_an_alias_names_everything_that_must_give_way() -> None:
    now = {("www." + D, "A"): ("192.0.9.1",), ("www." + D, "TXT"): ('"hello"',)}
    plan = planned(now, ("www." + D, "CNAME", "shops.builder.net"))
    assert plan.changes == (
        RecordChange("www." + D, "A", ("192.0.9.1",), (), ChangeStep.REMOVE, Conflict.ALIAS),
        RecordChange("www." + D, "TXT", ("hello",), (), ChangeStep.REMOVE, Conflict.ALIAS),
        RecordChange("www." + D, "CNAME", (), ("shops.builder.net",), ChangeStep.ADD),
    )
    assert plan.conflicts == {Conflict.ALIAS: ("www." + D,)}


def test_spf_is_merged_and_other_texts_stay() -> None:
    now = {(D, "TXT"): ('"v=spf1 mx include:_spf.old.net -all"', '"MS=ms123"')}
    plan = planned(now, (D, "TXT", "v=spf1 include:_spf.new.net ~all"))
    (change,) = plan.changes
    assert set(change.after) == {
        "MS=ms123",
        "v=spf1 include:_spf.new.net mx include:_spf.old.net -all",
    }
    assert change.step is ChangeStep.REPLACE


def test_spf_that_lets_the_newcomer_through_already_stays_as_it_is() -> None:
    now = {(D, "TXT"): ('"v=spf1 include:_spf.new.net mx -all"',)}
    plan = planned(now, (D, "TXT", "v=spf1 include:_spf.new.net ~all"))
    assert [c.step for c in plan.changes] == [ChangeStep.SAME]


def test_a_merged_record_never_loosens_the_ending() -> None:
    assert merge_spf(("v=spf1 a -all", "v=spf1 include:b.example +all")) == (
        "v=spf1 include:b.example a -all"
    )


def test_redirects_keep_what_they_let_through() -> None:
    own = merge_spf(("v=spf1 redirect=_spf.old.net", "v=spf1 include:x.net -all"))
    assert own == "v=spf1 include:x.net redirect=_spf.old.net"
    theirs = merge_spf(("v=spf1 mx -all", "v=spf1 redirect=_spf.new.net"))
    assert theirs == "v=spf1 include:_spf.new.net mx -all"


def test_no_sender_is_dropped_where_a_part_cannot_be_understood() -> None:
    broken = merge_spf(("v=spf1 banana include:x.net -all", "v=spf1 include:y.net ~all"))
    assert broken == "v=spf1 include:y.net banana include:x.net -all"
    explained = merge_spf(
        ("v=spf1 include:x.net exp=a.x.net -all", "v=spf1 include:y.net exp=b.y.net -all")
    )
    assert explained == "v=spf1 include:y.net include:x.net -all exp=a.x.net"


def test_a_newcomer_written_another_way_is_not_new() -> None:
    own = "v=spf1 +include:y.net mx -all"
    assert merge_spf((own, "v=spf1 include:Y.net. ~all")) == own


def test_an_impossible_alias_keeps_nothing_else_from_being_set() -> None:
    plan = planned({(D, "MX"): ()}, (D, "CNAME", "x.net"), (D, "MX", "10 mx.new.net"))
    assert set(plan.conflicts) == {Conflict.APEX_ALIAS}
    assert [(c.type, c.after) for c in plan.due] == [("MX", ("10 mx.new.net",))]


def test_mail_servers_are_replaced_as_a_whole() -> None:
    now = {(D, "MX"): ("10 mx.old.net.", "20 mx2.old.net.")}
    plan = planned(now, (D, "MX", "10 mx.new.net"))
    (change,) = plan.changes
    assert change.before == ("10 mx.old.net", "20 mx2.old.net")
    assert change.after == ("10 mx.new.net",)
    assert plan.conflicts == {Conflict.MAIL_MOVES: (D,)}


def test_what_could_not_be_seen_is_no_absence() -> None:
    plan = compare((WantedRecord("www." + D, "A", "192.0.9.1"),), D, lambda _n, _k: None)
    assert [c.step for c in plan.changes] == [ChangeStep.UNKNOWN]
    assert plan.due == ()


def test_letter_case_and_last_dots_make_no_difference() -> None:
    now = {("www." + D, "CNAME"): ("Shops.Builder.NET.",)}
    plan = planned(now, ("www." + D, "CNAME", "shops.builder.net"))
    assert [c.step for c in plan.changes] == [ChangeStep.SAME]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("v=DKIM1; p=old", "v=DKIM1; p=new"),
        ("k=rsa; p=old", "v=DKIM1; p=new"),
        ("v=DKIM1; p=old", "k=ed25519; p=new"),
        ("v=STSv1; id=1", "v=STSv1; id=2"),
        ("v=TLSRPTv1; rua=mailto:a@x.net", "V=TLSRPTv1; rua=mailto:b@x.net"),
        ("v=BIMI1; l=https://a.net/x.svg", "v=BIMI1; l=https://b.net/x.svg"),
    ],
)
def test_of_such_texts_a_name_has_one_and_the_new_one_takes_its_place(old: str, new: str) -> None:
    name = "x." + D
    plan = planned({(name, "TXT"): (f'"{old}"', '"beside"')}, (name, "TXT", new))
    assert plan.changes == (
        RecordChange(
            name, "TXT", tuple(sorted((old, "beside"))), ("beside", new), ChangeStep.REPLACE
        ),
    )
    assert plan.conflicts == {}


def test_every_kind_of_change_is_told_whole() -> None:
    now = {
        (D, "A"): ("192.0.9.1",),
        (D, "AAAA"): ("2001:db8::1",),
        (D, "NS"): ("ns1.old.net.",),
        (D, "CAA"): ('0 issue "old.net"',),
        ("_dmarc." + D, "TXT"): ('"v=DMARC1; p=none"',),
        (D, "TXT"): ('"v=spf1 include:old.net -all"',),
        ("b." + D, "MX"): ("10 mx.old.net",),
        ("c." + D, "A"): ("192.0.9.3",),
        ("c." + D, "AAAA"): ("2001:db8::3",),
    }
    plan = planned(
        now,
        (D, "A", "192.0.9.2"),
        (D, "NS", "ns1.new.net"),
        (D, "CAA", "0 issue new.net"),
        ("_dmarc." + D, "TXT", "v=DMARC1; p=reject"),
        (D, "TXT", "v=spf1 include:new.net ~all"),
        ("b." + D, "MX", "10 mx.new.net"),
        ("a." + D, "CNAME", "x.net"),
        ("a." + D, "A", "192.0.9.9"),
        ("c." + D, "A", "192.0.9.3"),
    )
    replaced, added, removed = ChangeStep.REPLACE, ChangeStep.ADD, ChangeStep.REMOVE
    spf = "v=spf1 include:old.net -all"
    assert plan.changes == (
        RecordChange(D, "A", ("192.0.9.1",), ("192.0.9.2",), replaced),
        RecordChange(D, "AAAA", ("2001:db8::1",), (), removed, Conflict.OTHER_FAMILY),
        RecordChange(D, "NS", ("ns1.old.net",), ("ns1.new.net",), replaced, Conflict.ZONE_MOVES),
        RecordChange(
            D, "CAA", ("0 issue old.net",), ("0 issue old.net", "0 issue new.net"), added
        ),
        RecordChange(
            "_dmarc." + D, "TXT", ("v=DMARC1; p=none",), plan.changes[4].after, replaced, Conflict.TWO_DMARC,
        ),
        RecordChange(
            D, "TXT", (spf,), ("v=spf1 include:new.net include:old.net -all",), replaced, Conflict.TWO_SPF,
        ),
        RecordChange("b." + D, "MX", ("10 mx.old.net",), ("10 mx.new.net",), replaced),
        RecordChange("a." + D, "CNAME", (), ("x.net",), added),
        RecordChange("c." + D, "A", ("192.0.9.3",), ("192.0.9.3",), ChangeStep.SAME),
    )  # fmt: skip
    assert plan.due == plan.changes[:-1]
    assert plan.conflicts == {
        Conflict.OTHER_FAMILY: (D,),
        Conflict.ZONE_MOVES: (D,),
        Conflict.TWO_DMARC: ("_dmarc." + D,),
        Conflict.TWO_SPF: (D,),
        Conflict.CONTRADICTION: ("a." + D,),
    }


def test_what_must_be_looked_up_is_asked_once() -> None:
    wanted = (
        WantedRecord("www." + D, "CNAME", "x.net"),
        WantedRecord(D, "CNAME", "x.net"),
        WantedRecord(D, "A", "192.0.9.1"),
        WantedRecord(D, "A", "192.0.9.2"),
    )
    assert required_queries(wanted, D) == (
        ("www." + D, "CNAME"),
        *(("www." + D, kind) for kind in ("A", "AAAA", "MX", "TXT", "SRV", "CAA")),
        (D, "CNAME"),
        (D, "A"),
        (D, "AAAA"),
    )


def test_a_service_that_moves_is_asked_for_at_its_new_place_alone() -> None:
    """Records of an old telephone exchange beside the new ones share the calls (RFC 2782)."""
    name, old, new = "_sip._tcp." + D, "10 50 5060 sip.old.net", "10 50 5060 sip.new.net"
    now = {(name, "SRV"): (old + ".",), ("_xmpp._tcp." + D, "SRV"): ("5 0 5222 chat.old.net.",)}
    plan = planned(now, (name, "SRV", new), (name, "SRV", "20 50 5060 backup.new.net"))
    assert plan.changes == (
        RecordChange(name, "SRV", (old,), (new, "20 50 5060 backup.new.net"), ChangeStep.REPLACE),
    )
    assert planned({(name, "SRV"): (new,)}, (name, "SRV", new)).due == ()
