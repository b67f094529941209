"""The lab's name servers, asked over the wire by dnspython's own client."""

from __future__ import annotations

import time

import dns.dnssec
import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from lab.world import ServerFault
from tests.lab_fixtures import BROKEN, ILLS, NS1, NS2, ask, port, running, texts

assert running  # a fixture


def test_an_authoritative_answer(running):
    response = ask(running, "shop.example", "A")
    assert response.flags & dns.flags.AA
    assert texts(response.answer, "A") == ["31.53.12.12"]


def test_tcp_answers_on_the_same_port(running):
    assert texts(ask(running, "shop.example", "A", tcp=True).answer, "A") == ["31.53.12.12"]


def test_aliases_are_followed_within_the_server(running):
    response = ask(running, "www.shop.example", "A")
    assert texts(response.answer, "CNAME") == ["shop.example."]
    assert texts(response.answer, "A") == ["31.53.12.12"]
    assert response.answer[0].ttl == 60


def test_absent_name_absent_type_and_empty_inner_name_are_told_apart(running):
    absent, no_type, inner = (
        ask(running, "nope.shop.example", "A"),
        ask(running, "shop.example", "MX"),
        ask(running, "b.shop.example", "A"),
    )
    assert absent.rcode() == dns.rcode.NXDOMAIN
    assert no_type.rcode() == inner.rcode() == dns.rcode.NOERROR
    for response in (absent, no_type, inner):
        assert not response.answer
        assert texts(response.authority, "SOA")


def test_a_wildcard_answers_under_the_asked_name(running):
    response = ask(running, "any.wild.shop.example", "A")
    assert response.answer[0].name == dns.name.from_text("any.wild.shop.example")
    assert texts(response.answer, "A") == ["31.53.12.13"]


def test_root_and_top_refer_downwards_with_glue(running):
    root = ask(running, "inside.example", "A", "31.53.255.1")
    assert not root.flags & dns.flags.AA
    assert texts(root.authority, "NS") == ["a.top-lab.test.", "b.top-lab.test."]
    assert "31.53.254.1" in texts(root.additional, "A")
    top = ask(running, "inside.example", "A", "31.53.254.1")
    assert texts(top.authority, "NS") == ["ns.inside.example."]
    assert texts(top.additional, "A") == ["31.79.1.1"]
    assert texts(top.additional, "AAAA") == ["2a0e:5379::1"]


def test_the_ipv6_address_leads_to_the_same_server(running):
    hosts = running.network["hosts"]
    assert hosts["[2a0e:5379::1]:53"] == hosts["31.79.1.1:53"]


def test_not_delegated_is_nxdomain_at_the_parent(running):
    assert ask(running, "nowhere.cz", "NS", "31.53.254.1").rcode() == dns.rcode.NXDOMAIN


def test_a_server_without_the_zone_refuses(running):
    assert ask(running, "half.cz", "SOA", NS1).flags & dns.flags.AA
    assert ask(running, "half.cz", "SOA", NS2).rcode() == dns.rcode.REFUSED


def test_parent_and_child_may_name_different_servers(running):
    assert texts(ask(running, "moved.cz", "NS", "31.53.254.1").authority, "NS") == [
        "old.quirk.test."
    ]
    assert len(texts(ask(running, "moved.cz", "NS").answer, "NS")) == 2


def test_servers_may_differ(running):
    assert texts(ask(running, "differ.cz", "A", NS1).answer, "A") == ["31.53.12.12"]
    assert texts(ask(running, "differ.cz", "A", NS2).answer, "A") == ["31.53.12.99"]


def test_an_answer_may_turn_between_two_looks(running):
    first, second = (texts(ask(running, "turn.cz", "A").answer, "A") for _ in range(2))
    assert (first, second) == (["31.53.12.12"], ["127.0.0.1"])


def test_a_sloppy_zone_has_an_alias_beside_its_soa(running):
    assert texts(ask(running, "apex.cz", "CNAME").answer, "CNAME") == ["www.shop.example."]
    assert texts(ask(running, "apex.cz", "SOA").answer, "SOA")
    assert texts(ask(running, "apex.cz", "A").answer, "A") == ["31.53.12.12"]


def test_a_missing_dot_doubles_the_name(running):
    assert ask(running, "www.apex.cz", "A").rcode() == dns.rcode.NXDOMAIN
    assert texts(ask(running, "www.apex.cz.apex.cz", "A").answer, "A") == ["31.53.12.12"]


def test_what_does_not_fit_is_cut(running):
    small = ask(running, "big.cz", "TXT", edns=-1)
    assert small.flags & dns.flags.TC
    assert not small.answer
    assert len(texts(ask(running, "big.cz", "TXT", tcp=True).answer, "TXT")) == 10


# ------------------------------------------------------------------------------ illnesses
def ill(running, kind, type="A", **more):
    name = kind.value.replace("_", "-")
    address = f"{BROKEN}{ILLS.index(kind) + 1}"
    return ask(running, f"{name}.cz", type, address, **more)


@pytest.mark.parametrize("tcp", [False, True])
def test_silence(running, tcp):
    with pytest.raises(dns.exception.Timeout):
        ill(running, ServerFault.SILENT, timeout=0.3, tcp=tcp)


@pytest.mark.parametrize(
    ("kind", "rcode"),
    [
        (ServerFault.REFUSES, dns.rcode.REFUSED),
        (ServerFault.SERVFAIL, dns.rcode.SERVFAIL),
        (ServerFault.NO_EDNS, dns.rcode.FORMERR),
    ],
)
def test_refusals(running, kind, rcode):
    assert ill(running, kind).rcode() == rcode


def test_without_edns_the_old_server_answers(running):
    assert texts(ill(running, ServerFault.NO_EDNS, edns=-1).answer, "A") == ["31.53.12.12"]


def test_lame_refers_upwards(running):
    response = ill(running, ServerFault.LAME)
    assert not response.flags & dns.flags.AA
    assert response.authority[0].name == dns.name.root


def test_right_answer_without_authority(running):
    response = ill(running, ServerFault.NO_AUTHORITY)
    assert texts(response.answer, "A") == ["31.53.12.12"]
    assert not response.flags & dns.flags.AA


def test_truncation_with_and_without_tcp(running):
    assert ill(running, ServerFault.TRUNCATES).flags & dns.flags.TC
    assert texts(ill(running, ServerFault.TRUNCATES, tcp=True).answer, "A") == ["31.53.12.12"]
    assert ill(running, ServerFault.NO_TCP).flags & dns.flags.TC
    with pytest.raises(EOFError):
        ill(running, ServerFault.NO_TCP, tcp=True)


def test_malformed_bytes(running):
    with pytest.raises(dns.exception.FormError):
        ill(running, ServerFault.MALFORMED)


@pytest.mark.parametrize("kind", [ServerFault.WRONG_ID, ServerFault.WRONG_QUESTION])
def test_answers_that_are_not_ours(running, kind):
    with pytest.raises(dns.query.BadResponse):
        ill(running, kind)


def test_endless_aliases(running):
    name = "endless-cname.cz"
    for _ in range(3):
        response = ask(running, name, "A", f"{BROKEN}{ILLS.index(ServerFault.ENDLESS_CNAME) + 1}")
        longer = texts(response.answer, "CNAME")[0]
        assert len(longer) > len(name)
        name = longer


def test_a_slow_server_takes_its_time(running):
    before = time.monotonic()
    ask(running, "slow.cz", "A", "31.79.0.99")
    assert time.monotonic() - before >= 0.2


# ------------------------------------------------------------------------------ DNSSEC
def rrsets(response, section, name, type):
    owner, kind = dns.name.from_text(name), dns.rdatatype.from_text(type)
    plain = response.get_rrset(section, owner, 1, kind)
    return plain, response.get_rrset(section, owner, 1, dns.rdatatype.RRSIG, kind)


def test_the_whole_chain_of_trust_validates(running):
    trusted = running.trust_anchor.split()[3].lower()
    for zone, above in ((".", None), ("example.", "31.53.255.1"), ("shop.example.", "31.53.254.1")):
        at = {".": "31.53.255.1", "example.": "31.53.254.1"}.get(zone, NS1)
        response = ask(running, zone, "DNSKEY", at, do=True)
        keys, signature = rrsets(response, response.answer, zone, "DNSKEY")
        dns.dnssec.validate(keys, signature, {keys.name: keys})
        if above:
            parent = ask(running, zone, "DS", above, do=True)
            trusted = parent.answer[0][0].digest.hex()
        ds_record = dns.dnssec.make_ds(keys.name, keys[0], "SHA256")
        assert ds_record.digest.hex() == trusted
    response = ask(running, "shop.example", "A", do=True)
    addresses, signature = rrsets(response, response.answer, "shop.example", "A")
    dns.dnssec.validate(addresses, signature, {keys.name: keys})


def test_denial_is_proven(running):
    response = ask(running, "nope.shop.example", "A", do=True)
    assert texts(response.authority, "NSEC")


def test_signatures_that_have_run_out(running):
    keys = ask(running, "stale.cz", "DNSKEY", do=True)
    key, _ = rrsets(keys, keys.answer, "stale.cz", "DNSKEY")
    response = ask(running, "stale.cz", "A", do=True)
    with pytest.raises(dns.dnssec.ValidationFailure):
        dns.dnssec.validate(*rrsets(response, response.answer, "stale.cz", "A"), {key.name: key})


def test_a_ds_left_behind_over_an_unsigned_zone(running):
    assert texts(ask(running, "behind.cz", "DS", "31.53.254.1").answer, "DS")
    assert not ask(running, "behind.cz", "DNSKEY", do=True).answer


def test_garbage_questions_do_not_stop_a_server(running):
    host, there = port(running, NS1)
    with dns.query.socket_factory(2, 2, 0) as raw:
        for junk in (b"", b"\x00", b"x" * 11, b"\xff" * 600):
            raw.sendto(junk, (host, there))
    assert ask(running, "shop.example", "A").answer
