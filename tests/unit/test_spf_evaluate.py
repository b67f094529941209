"""SPF: what receivers decide, driven by a plain dict instead of DNS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.queries import Query, QueryReply, join_strings
from standards.spf.check_host import SpfVerdict, check_host
from standards.spf.record import SyntaxFault, parse_spf

Zone = dict[tuple[str, str], tuple[str, ...]]
ZONE: Zone = {
    ("shop.example", "TXT"): ("v=spf1 mx include:_spf.host.example -all", "other text"),
    ("shop.example", "MX"): ("mx1.shop.example",),
    ("mx1.shop.example", "A"): ("192.0.2.25",),
    ("_spf.host.example", "TXT"): ("v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/32 ?all",),
    ("loop.example", "TXT"): ("v=spf1 include:loop.example -all",),
    ("two.example", "TXT"): ("v=spf1 -all", "v=spf1 +all"),
    ("typo.example", "TXT"): ("v=spf1 ipv4:192.0.2.1 -all",),
    ("voids.example", "TXT"): ("v=spf1 a:a.none.example a:b.none.example a:c.none.example -all",),
    ("moved.example", "TXT"): ("v=spf1 redirect=shop.example",),
    ("told.example", "TXT"): ("v=spf1 -all exp=why.told.example",),
    ("why.told.example", "TXT"): ("%{i} is not a server of %{d}",),
    ("nothing.example", "TXT"): ("v=spf1 -all",),
    ("out.example", "TXT"): ("v=spf1 include:gone.example -all",),
    ("named.example", "TXT"): ("v=spf1 exists:%{ir}.%{l1r-}._spf.%{d2} -all",),
    ("25.2.0.192.mara._spf.named.example", "A"): ("127.0.0.2",),
    ("xn--kavrna-rta.example", "TXT"): ("v=spf1 ip4:192.0.2.25 -all",),
}


def ask(ip: str, sender: str, zone: Zone = ZONE, broken: tuple[str, ...] = ()) -> SpfVerdict:
    walk = check_host(ip, sender, "mail.sender.example")
    try:
        question = next(walk)
        while True:
            question = walk.send(answer(question, zone, broken))
    except StopIteration as end:
        return end.value


def answer(question: Query, zone: Zone, broken: tuple[str, ...]) -> QueryReply:
    if question.name in broken:
        return QueryReply(failed=True)
    exists = any(name == question.name for name, _ in zone)
    return QueryReply(zone.get((question.name.lower(), question.type), ()), exists=exists)


@pytest.mark.parametrize(
    ("ip", "sender", "result", "mechanism"),
    [
        ("192.0.2.25", "mara@shop.example", "pass", "mx"),
        ("198.51.100.7", "mara@shop.example", "pass", "include:_spf.host.example"),
        ("2001:db8::7", "mara@shop.example", "pass", "include:_spf.host.example"),
        ("::ffff:192.0.2.25", "mara@shop.example", "pass", "mx"),
        ("203.0.113.9", "mara@shop.example", "fail", "-all"),
        ("192.0.2.25", "mara@moved.example", "pass", "mx"),
        ("192.0.2.25", "mara-x@named.example", "pass", "exists:%{ir}.%{l1r-}._spf.%{d2}"),
        ("192.0.2.25", "mara@unknown.example", "none", ""),
        ("192.0.2.25", "mara@Kavárna.example", "pass", "ip4:192.0.2.25"),
        ("192.0.2.25", "mara@a\u200d..\u00adb.example", "none", ""),
        ("192.0.2.25", "mara@localhost", "none", ""),
    ],
)
def test_who_may_send(ip: str, sender: str, result: str, mechanism: str) -> None:
    verdict = ask(ip, sender)
    assert (verdict.result, verdict.mechanism) == (result, mechanism)


@pytest.mark.parametrize(
    ("sender", "problem"),
    [
        ("x@loop.example", "more than 10 DNS look-ups"),
        ("x@two.example", "more than one SPF record"),
        ("x@typo.example", "ipv4:192.0.2.1: unknown mechanism"),
        ("x@voids.example", "more than 2 look-ups without an answer"),
        ("x@out.example", "no SPF record"),
    ],
)
def test_a_broken_record_says_what_breaks_it(sender: str, problem: str) -> None:
    verdict = ask("203.0.113.9", sender)
    assert (verdict.result, verdict.problem) == ("permerror", problem)


def test_silence_is_no_opinion() -> None:
    verdict = ask("203.0.113.9", "x@shop.example", broken=("_spf.host.example",))
    assert verdict.result == "temperror"


def test_the_tree_names_each_look_up() -> None:
    verdict = ask("198.51.100.7", "mara@shop.example")
    assert verdict.lookups == 2
    assert [(s.term, s.outcome, s.counts) for s in verdict.tree.steps] == [
        ("mx", "no match", 1),
        ("include:_spf.host.example", "match", 1),
    ]
    inside = verdict.tree.steps[1].inside
    assert inside is not None
    assert inside.steps[0].term == "ip4:198.51.100.0/24"


def test_a_refusal_carries_the_owners_words() -> None:
    assert ask("203.0.113.9", "x@told.example").explanation == (
        "203.0.113.9 is not a server of told.example"
    )


def test_txt_strings_are_put_together_without_spaces() -> None:
    assert join_strings('"v=spf1 ip4:192.0.2" ".1 -all"') == "v=spf1 ip4:192.0.2.1 -all"
    assert join_strings(r'"say \"hi\" \195"') == 'say "hi" Ã'


@given(st.text(max_size=80))
def test_any_record_ends_in_terms_or_a_named_fault(text: str) -> None:
    named = ""
    try:
        parse_spf("v=spf1 " + text)
    except SyntaxFault as fault:
        named = fault.term
    assert not named or named in text


@given(st.text(max_size=60), st.sampled_from(["192.0.2.1", "2001:db8::1"]))
def test_any_record_ends_in_a_result(text: str, ip: str) -> None:
    zone = {("any.example", "TXT"): (f"v=spf1 {text}",)}
    verdict = ask(ip, "x@any.example", zone)
    assert verdict.result in (
        "none",
        "neutral",
        "pass",
        "fail",
        "softfail",
        "temperror",
        "permerror",
    )
