"""SPF word by word (RFC 7208): what a term means, which word is at fault, what a receiver says."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest

from standards.queries import Query, QueryReply
from standards.spf.check_host import SpfNode, SpfStep, SpfVerdict, check_host, is_domain_name
from standards.spf.macros import MacroError, check_macros, expand_macros, truncate_domain
from standards.spf.record import SyntaxFault, Term, is_spf, parse_spf


@pytest.mark.parametrize(
    ("word", "term"),
    [
        ("all", Term("all", "pass", "all")),
        ("-ALL", Term("-ALL", "fail", "all")),
        ("~a", Term("~a", "softfail", "a")),
        ("?a:b.example/24//64", Term("?a:b.example/24//64", "neutral", "a", "b.example", 24, 64)),
        ("a/0", Term("a/0", "pass", "a", "", 0, 128)),
        ("mx//128", Term("mx//128", "pass", "mx", "", 32, 128)),
        ("+mx:b.example", Term("+mx:b.example", "pass", "mx", "b.example")),
        ("ptr:b.example", Term("ptr:b.example", "pass", "ptr", "b.example")),
        ("exists:%{i}.b.example", Term("exists:%{i}.b.example", "pass", "exists", "%{i}.b.example")),
        ("include:b-1.example.", Term("include:b-1.example.", "pass", "include", "b-1.example.")),
        ("ip4:192.0.2.1", Term("ip4:192.0.2.1", "pass", "ip4", address=IPv4Address("192.0.2.1"))),
        ("ip4:192.0.2.0/24", Term("ip4:192.0.2.0/24", "pass", "ip4", cidr4=24,
                                  address=IPv4Address("192.0.2.0"))),
        ("ip6:2001:db8::/32", Term("ip6:2001:db8::/32", "pass", "ip6", cidr6=32,
                                   address=IPv6Address("2001:db8::"))),
    ],
)  # fmt: skip
def test_a_term_is_read_whole(word: str, term: Term) -> None:
    assert parse_spf(f"v=spf1  {word} ").terms == (term,)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("all:x.example", "takes no argument"),
        ("inlcude:x.example", "unknown mechanism"),
        ("-", "unknown mechanism"),
        ("include", "needs a domain name"),
        ("exists/24", "needs a domain name"),
        ("include:", "no domain name"),
        ("include:x", "no domain name"),
        ("include:x.1", "no domain name"),
        ("include:x.-a", "no domain name"),
        ("a:", "no domain name"),
        ("a/33", "prefix length out of range"),
        ("a//129", "prefix length out of range"),
        ("a/024", "malformed prefix length"),
        ("mx/24/64", "malformed prefix length"),
        ("ptr/24", "malformed argument"),
        ("ip4", "needs an address"),
        ("ip4:", "not an address"),
        ("ip4:192.0.2", "not an address"),
        ("ip4:2001:db8::1", "not an address"),
        ("ip4:192.0.2.0/33", "prefix length out of range"),
        ("ip4:192.0.2.0/", "malformed prefix length"),
        ("ip6:2001:db8::/129", "prefix length out of range"),
        ("ip6:fe80::1%eth0", "prefix length out of range"),
        ("exists:%{q}.example", "unknown macro q"),
        ("exists:%{i0}.example.com", "a macro keeps zero parts"),
        ("exists:%{i.example.com", "malformed macro"),
        ("x=%(a)", "malformed macro"),
        ("redirect=x", "no domain name"),
        ("exp=%{c}.example.com", "unknown macro c"),
    ],
)
def test_the_first_word_at_fault_is_named(word: str, reason: str) -> None:
    with pytest.raises(SyntaxFault) as raised:
        parse_spf(f"v=spf1 mx {word} alsowrong")
    assert (raised.value.term, raised.value.reason) == (word, reason)
    assert str(raised.value) == f"{word}: {reason}"


@pytest.mark.parametrize("name", ["redirect", "exp", "REDIRECT"])
def test_a_modifier_may_stand_once(name: str) -> None:
    with pytest.raises(SyntaxFault, match=f"{name}=b.example: given twice"):
        parse_spf(f"v=spf1 {name.lower()}=a.example {name}=b.example")


def test_modifiers_are_kept_apart_from_terms() -> None:
    record = parse_spf("v=spf1 mx Redirect=r.example later=%{d} exp=e.example")
    assert (record.redirect, record.exp, len(record.terms)) == ("r.example", "e.example", 1)
    assert record.text == "v=spf1 mx Redirect=r.example later=%{d} exp=e.example"


@pytest.mark.parametrize(
    ("text", "is_record"),
    [("v=spf1", True), ("V=SPF1 -all", True), ("v=spf10 -all", False), (" v=spf1", False),
     ("v=spf1\t-all", False), ("", False)],
)  # fmt: skip
def test_what_begins_a_record(text: str, is_record: bool) -> None:  # noqa: FBT001
    assert is_spf(text) is is_record


# ---------------------------------------------------------------- macros (7.4)
VALUES = {
    "s": "strong-bad@email.example.com",
    "l": "strong-bad",
    "o": "email.example.com",
    "d": "email.example.com",
    "i": "192.0.2.3",
    "v": "in-addr",
    "h": "mx.example.org",
}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [  # the examples of RFC 7208, 7.4
        ("%{s}", "strong-bad@email.example.com"),
        ("%{o}", "email.example.com"),
        ("%{d}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d3}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{l}", "strong-bad"),
        ("%{l-}", "strong.bad"),
        ("%{lr}", "strong-bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        ("%{l1r-}.lp.%{ir}.%{v}._spf.%{d2}", "strong.lp.3.2.0.192.in-addr._spf.example.com"),
        ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
        # escapes, capitals, long numbers, several delimiters
        ("a%%b%_c%-d", "a%b c%20d"),
        ("%{S}", "strong-bad%40email.example.com"),
        ("%{d000000002}", "example.com"),
    ],
)
def test_macros_as_the_rfc_expands_them(text: str, expanded: str) -> None:
    assert expand_macros(text, VALUES) == expanded


def test_an_explanation_may_say_more() -> None:
    check_macros("%{c} %{R} %{t}", explanation=True)
    for letter in "crt":
        with pytest.raises(MacroError, match=f"unknown macro {letter}"):
            check_macros(f"%{{{letter}}}")
    with pytest.raises(MacroError, match="malformed macro"):
        check_macros("two words")
    with pytest.raises(MacroError, match="malformed macro"):
        check_macros("%{s@}")  # no delimiter
    assert expand_macros("%{c} is bad", {"c": "192.0.2.3"}, explanation=True) == "192.0.2.3 is bad"
    assert expand_macros("%{x}|", {}) == "|"
    with pytest.raises(MacroError, match="zero parts"):
        check_macros("%{d0000000000}")


@pytest.mark.parametrize(("labels", "kept"), [(63, 63), (64, 63), (80, 63)])
def test_a_long_name_loses_labels_from_the_left(labels: int, kept: int) -> None:
    name = ".".join(["abc"] * labels)
    assert truncate_domain(name + ".") == ".".join(["abc"] * kept)


def test_253_octets_are_not_too_long() -> None:
    name = ".".join(["ab", *["abc"] * 62, "ab"])  # 253
    assert len(name) == 253
    assert truncate_domain(name) == name
    assert is_domain_name(name)
    assert not is_domain_name("x" + name)
    assert truncate_domain("x" + name) == name.partition(".")[2]
    assert truncate_domain("x" * 300) == "x" * 300


@pytest.mark.parametrize(
    ("name", "valid"),
    [("a.b", True), ("a.b.", True), ("a", False), ("a..b", False), ("", False),
     ("x" * 63 + ".b", True), ("x" * 64 + ".b", False)],
)  # fmt: skip
def test_what_is_a_domain_name(name: str, valid: bool) -> None:  # noqa: FBT001
    assert is_domain_name(name) is valid


# ---------------------------------------------------------------- evaluation
Zone = dict[tuple[str, str], tuple[str, ...]]


def verdict(zone: Zone, ip: str = "192.0.2.1", sender: str = "m@d.example", **more) -> SpfVerdict:
    """`failing` lists what cannot be looked up; the rest of `more` is check_host's."""
    failing = more.pop("failing", ())
    walk = check_host(ip, sender, "helo.example", **more)
    try:
        query = next(walk)
        while True:
            values = zone.get((query.name, query.type))
            reply = QueryReply(exists=False) if values is None else QueryReply(values)
            query = walk.send(QueryReply(failed=True) if query in failing else reply)
    except StopIteration as end:
        return end.value


def record(text: str, *rest: tuple[str, str, tuple[str, ...]]) -> Zone:
    return {("d.example", "TXT"): (f"v=spf1 {text}",), **{(n, t): v for n, t, v in rest}}


def mail_servers(count: int) -> tuple[str, str, tuple[str, ...]]:
    return "d.example", "MX", tuple(f"m{n}.example" for n in range(count))


HERE = tuple((f"m{n}.example", "A", ("192.0.2.9",)) for n in range(12))


@pytest.mark.parametrize(
    ("zone", "failing", "result", "problem"),
    [
        ({}, (), "none", "no SPF record"),
        ({}, (Query("d.example", "TXT"),), "temperror", "the SPF record could not be looked up"),
        ({("d.example", "TXT"): ("v=spf1 -all", "v=spf1")}, (), "permerror", "more than one SPF record"),
        (record("a:"), (), "permerror", "a:: no domain name"),
        (record("a"), (Query("d.example", "A"),), "temperror", "d.example A could not be looked up"),
        (record("mx -all", mail_servers(10), *HERE), (), "fail", ""),
        (record("mx -all", mail_servers(11), *HERE), (), "permerror",
         "d.example has more than 10 mail servers"),
        (record("a:g1.example a:g2.example -all"), (), "fail", ""),
        (record("a:g1.example a:g2.example a:g3.example -all"), (), "permerror",
         "more than 2 look-ups without an answer"),
        (record("include:g.example -all"), (), "permerror", "no SPF record"),
        (record("redirect=g.example"), (), "permerror", "redirect to g.example, which has no SPF record"),
        (record("include:g.example"), (Query("g.example", "TXT"),), "temperror",
         "the SPF record could not be looked up"),
        (record(" ".join(["exists:e.example"] * 10) + " -all", ("e.example", "A", ())), (), "permerror",
         "more than 2 look-ups without an answer"),
        (record(" ".join(["a:e.example"] * 10) + " -all", ("e.example", "A", ("192.0.2.9",))), (), "fail", ""),
        (record(" ".join(["a:e.example"] * 11) + " -all", ("e.example", "A", ("192.0.2.9",))), (),
         "permerror", "more than 10 DNS look-ups"),
    ],
)  # fmt: skip
def test_the_result_and_its_reason(zone, failing, result, problem) -> None:
    end = verdict(zone, failing=failing)
    assert (end.result, end.problem) == (result, problem)


def test_the_trace_counts_each_term() -> None:
    zone = record("a:g.example include:i.example -all",
                  ("i.example", "TXT", ("v=spf1 a:g.example ip4:192.0.2.1",)))  # fmt: skip
    end = verdict(zone)
    inner = SpfNode("i.example", "v=spf1 a:g.example ip4:192.0.2.1", "pass", (
        SpfStep("a:g.example", "no match", 1, 1), SpfStep("ip4:192.0.2.1", "match")))  # fmt: skip
    assert end.tree.steps == (
        SpfStep("a:g.example", "no match", 1, 1),
        SpfStep("include:i.example", "match", 2, 1, inner),
    )
    assert (end.result, end.mechanism, end.lookups, end.voids) == (
        "pass",
        "include:i.example",
        3,
        2,
    )
    assert end.explanation == ""


def test_a_redirect_is_a_step_of_its_own() -> None:
    end = verdict(record("redirect=r.example", ("r.example", "TXT", ("v=spf1 ?all",))))
    inner = SpfNode("r.example", "v=spf1 ?all", "neutral", (SpfStep("?all", "match"),))
    assert end.tree.steps == (SpfStep("redirect=r.example", "neutral", 1, 0, inner),)
    assert (end.result, end.mechanism, end.lookups) == ("neutral", "?all", 1)


def test_an_error_ends_the_trace() -> None:
    end = verdict(record("a:g.example a mx -all"), failing=(Query("d.example", "A"),))
    assert end.tree.steps == (
        SpfStep("a:g.example", "no match", 1, 1),
        SpfStep("a", "error", 1, 0),
    )


POINTER = "1.2.0.192.in-addr.arpa"


def pointing(
    *names: str, proven: tuple[str, ...] = ()
) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """PTR names of 192.0.2.1, and those whose own address leads back."""
    return ((POINTER, "PTR", names), *((n, "A", ("192.0.2.1",)) for n in proven))


@pytest.mark.parametrize(
    ("names", "proven", "kept"),
    [
        (("d.example", "x.d.example", "other.example"), ("d.example", "x.d.example", "other.example"), "d.example"),
        (("other.example", "X.D.Example"), ("other.example", "X.D.Example"), "X.D.Example"),
        (("other.example", "d.example"), ("other.example",), "other.example"),
        (("xd.example",), ("xd.example",), "xd.example"),
        (("d.example",), (), "unknown"),
        ((), (), "unknown"),
        (tuple(f"n{n}.example" for n in range(10)), ("n9.example",), "n9.example"),
        (tuple(f"n{n}.example" for n in range(11)), ("n10.example",), "unknown"),
    ],
)  # fmt: skip
def test_the_validated_name_is_the_nearest_proven_one(names, proven, kept) -> None:
    rest = pointing(*names, proven=proven)
    end = verdict(
        record("exists:%{p}.p.example -all", *rest, (f"{kept}.p.example", "A", ("127.0.0.2",)))
    )
    assert end.result == "pass"


@pytest.mark.parametrize(
    ("name", "result"), [("d.example", "pass"), ("x.d.example", "pass"), ("xd.example", "fail")]
)
def test_ptr_wants_a_name_at_or_below(name: str, result: str) -> None:
    assert verdict(record("ptr -all", *pointing(name, proven=(name,)))).result == result


def test_an_explanation_is_expanded_for_the_sender() -> None:
    words = "%{i} %{c} %{s} %{l} %{o} %{d} %{h} %{v} %{r} %{t} %{p}"
    zone = record("-all exp=e.example", ("e.example", "TXT", (words,)))
    end = verdict(zone, receiver="us.example", at=1_700_000_000)
    assert end.explanation == (
        "192.0.2.1 192.0.2.1 m@d.example m d.example d.example helo.example in-addr us.example "
        "1700000000 unknown"
    )
    six = verdict(
        record("-all exp=e.example", ("e.example", "TXT", ("%{i} %{v} %{c}",))), "2001:db8::a"
    )
    assert six.explanation == "2.0.0.1.0.D.B.8" + ".0" * 23 + ".A ip6 2001:db8::a"


@pytest.mark.parametrize("words", [("a", "b"), ("caf\xe9",), ("%{q}",), ()])
def test_an_explanation_that_is_none_says_nothing(words: tuple[str, ...]) -> None:
    end = verdict(record("-all exp=e.example", ("e.example", "TXT", words)))
    assert (end.result, end.explanation) == ("fail", "")


def test_who_is_asked_about() -> None:
    zone = {("helo.example", "TXT"): ("v=spf1 exists:%{l}.%{o}.x.example -all",),
            ("postmaster.helo.example.x.example", "A"): ("127.0.0.2",)}  # fmt: skip
    assert verdict(zone, sender="").result == "pass"  # postmaster@HELO (2.4)
    assert verdict(record("ip4:192.0.2.1 -all"), "::ffff:192.0.2.1").result == "pass"
    assert verdict(record("ip6:::ffff:192.0.2.1 -all"), "::ffff:192.0.2.1").result == "fail"
    wide = record("exists:%{l}.x.example -all", ("postmaster.x.example", "A", ("127.0.0.2",)))
    assert verdict(wide, sender="@d.example").result == "pass"
    assert verdict({}, sender="m@localhost").problem == "not a domain name"
