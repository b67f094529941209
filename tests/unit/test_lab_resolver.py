"""The lab's validating resolver, its record of questions, its switches and its latency."""

from __future__ import annotations

import time
from datetime import timedelta

import dns.edns
import dns.exception
import dns.flags
import dns.rcode
import pytest

import lab
from tests.lab_fixtures import WORLD, ask, resolve, running, texts

assert running  # a fixture


def test_the_resolver_follows_aliases_and_validates(running):
    response = resolve(running, "www.shop.example")
    assert texts(response.answer, "A") == ["31.53.12.12"]
    assert response.flags & dns.flags.RA
    assert response.flags & dns.flags.AD


def test_the_resolver_does_not_call_an_unsigned_zone_authentic(running):
    assert not resolve(running, "differ.cz").flags & dns.flags.AD


@pytest.mark.parametrize(
    "name", ["silent.cz", "refuses.cz", "lame.cz", "no-authority.cz", "malformed.cz", "moved.cz"]
)
def test_nothing_usable_is_servfail(running, name):
    assert resolve(running, name).rcode() == dns.rcode.SERVFAIL


@pytest.mark.parametrize("name", ["behind.cz", "stale.cz"])
def test_bogus_is_servfail_with_its_reason(running, name):
    response = resolve(running, name)
    assert response.rcode() == dns.rcode.SERVFAIL
    assert [o.code for o in response.options if isinstance(o, dns.edns.EDEOption)] == [6]
    lax = resolve(running, name, checking=False)
    assert texts(lax.answer, "A") == ["31.53.12.12"]


def test_the_resolver_goes_round_a_broken_server(running):
    assert texts(resolve(running, "half.cz", "NS").answer, "NS")


@pytest.mark.parametrize(
    ("name", "answers"), [("nowhere.cz", 0), ("nobody.example", 0), ("lost.cz", 1)]
)
def test_absent_names_are_nxdomain(running, name, answers):
    response = resolve(running, name)
    assert response.rcode() == dns.rcode.NXDOMAIN
    assert len(response.answer) == answers


def test_endless_aliases_end(running):
    assert resolve(running, "endless-cname.cz").rcode() == dns.rcode.SERVFAIL


def test_names_of_all_machines_resolve(running):
    for name in ("ns1.dns-lab.example", "a.root-lab.test", "silent.quirk.test"):
        assert texts(resolve(running, name).answer, "A"), name


# ------------------------------------------------------------------------------ the rest
def test_questions_are_written_down(running):
    running.questions.clear()
    ask(running, "ShOp.example", "MX")
    assert [(q.server, q.name, q.type, q.transport) for q in running.questions] == [
        ("ns1.dns-lab.example", "shop.example", "MX", "udp")
    ]


def test_a_switch_silences_a_server_and_mends_it(running):
    running.fault("ns1.dns-lab.example", "down")
    with pytest.raises(dns.exception.Timeout):
        ask(running, "shop.example", "A", timeout=0.3)
    running.clear_fault("ns1.dns-lab.example")
    assert ask(running, "shop.example", "A").answer


def test_latency_is_added_to_every_answer():
    with lab.running(WORLD, delay=timedelta(milliseconds=50)) as far:
        before = time.monotonic()
        ask(far, "shop.example", "A")
        ask(far, "shop.example", "A", tcp=True)
        assert time.monotonic() - before >= 0.1
