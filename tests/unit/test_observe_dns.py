"""Asking DNS over real sockets: what is believed, what is not, and what silence costs."""

import time
from contextlib import AsyncExitStack

import dns.flags
import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lab
from clock import SystemClock
from facts import Delegated, Delegation, NameServer, Vantage
from lab.demo import WORLD
from observe.budget import Budget
from observe.dns import dns_client as odns
from observe.dns import wire
from observe.dns import zone as zones
from observe.network import Network
from standards.dns_types import Trouble
from tests.observe_servers import Dns, net, serve_dns


def budget(**limits):
    return Budget(SystemClock(), **limits)


async def test_an_answer_becomes_records_in_lower_case_without_final_dots():
    zone = {("shop.example", "MX"): ["10 Mail.Shop.Example.", "0 ."]}
    async with serve_dns(Dns(zone)) as server:
        seen = await odns.ask(net(), budget(), "Shop.Example.", "MX", server.address)
    assert sorted(seen.values()) == ["0 .", "10 mail.shop.example"]
    assert (seen.rcode, seen.flags, seen.transport, seen.trouble) == (
        "NOERROR",
        ("aa",),
        "udp",
        None,
    )
    assert seen.answers[0].name == seen.name == "shop.example"


async def test_text_keeps_its_case():
    zone = {("shop.example", "TXT"): ['"v=DKIM1; p=AbC"']}
    async with serve_dns(Dns(zone)) as server:
        seen = await odns.ask(net(), budget(), "shop.example", "TXT", server.address)
    assert seen.values() == ('"v=DKIM1; p=AbC"',)


async def test_a_cut_answer_is_asked_again_by_tcp():
    server = Dns({("big.example", "A"): ["31.0.0.1"]})

    def cut(query, transport):
        message = server.reply(query)
        if transport == "udp":
            message.answer = []
            message.flags |= dns.flags.TC
        return message.to_wire()

    server.respond = cut
    async with serve_dns(server):
        seen = await odns.ask(net(), budget(), "big.example", "A", server.address)
    assert (seen.values(), seen.transport) == (("31.0.0.1",), "tcp")
    assert [t for _, _, t in server.queries] == ["udp", "tcp"]


async def test_forged_answers_are_passed_over_and_the_true_one_is_taken():
    server = Dns({("shop.example", "A"): ["31.0.0.1"]})

    def spoofed(query, transport):
        true = server.reply(query)
        forged = dns.message.from_wire(true.to_wire())
        forged.id = (query.id + 1) % 65536
        other = dns.message.make_response(dns.message.make_query("evil.example", "A"))
        other.id = query.id
        return [b"", b"\0" * 5, forged.to_wire(), other.to_wire(), true.to_wire()]

    server.respond = spoofed
    async with serve_dns(server):
        seen = await odns.ask(net(), budget(), "shop.example", "A", server.address)
    assert seen.values() == ("31.0.0.1",)


async def test_an_answer_in_other_letter_case_is_checked_by_tcp():
    server = Dns({("shop.example", "A"): ["31.0.0.1"]})

    def lowered(query, transport):
        raw = server.reply(query).to_wire()
        if transport == "tcp":
            return raw
        lie = dns.message.from_wire(raw.lower())
        lie.id = query.id
        return lie.to_wire()

    server.respond = lowered
    async with serve_dns(server):
        seen = await odns.ask(net(), budget(), "shop.example", "A", server.address)
    assert (seen.transport, seen.values()) == ("tcp", ("31.0.0.1",))


async def test_malformed_answers_are_protocol_trouble_not_silence():
    server = Dns()
    server.respond = lambda query, transport: broken(query)
    async with serve_dns(server):
        seen = await odns.ask(net(), budget(), "shop.example", "A", server.address)
    assert seen.trouble is Trouble.PROTOCOL
    assert seen.rcode == ""


def broken(query):
    """The right header and question, then an answer count with nothing behind it."""
    raw = bytearray(query.to_wire())
    raw[2] |= 0x84
    raw[6:8] = b"\0\3"
    raw[10:12] = b"\0\0"
    return bytes(raw[: len(raw) - 11])


async def test_a_server_that_knows_no_edns_is_asked_without():
    server = Dns({("shop.example", "A"): ["31.0.0.1"]})

    def old(query, transport):
        message = server.reply(query)
        if query.edns >= 0:
            message.answer = []
            message.set_rcode(1)
        return message.to_wire()

    server.respond = old
    async with serve_dns(server):
        seen = await odns.ask(net(), budget(), "shop.example", "A", server.address)
    assert seen.values() == ("31.0.0.1",)


async def test_silence_is_waited_for_once_in_a_run():
    server = Dns(respond=lambda query, transport: None)
    async with serve_dns(server):
        run = budget()
        started = time.monotonic()
        first = await odns.ask(net(), run, "a.example", "A", server.address, timeout=0.6)
        rest = [await odns.ask(net(), run, f"{i}.example", "A", server.address) for i in range(3)]
        spent = time.monotonic() - started
    assert {x.trouble for x in (first, *rest)} == {Trouble.TIMEOUT}
    assert spent < 0.6 + 3 * odns.SILENT_SERVER_TIMEOUT + 0.5
    assert len([n for n, _, _ in server.queries if n == "a.example"]) == 2  # asked once more


async def test_a_lost_datagram_is_asked_again_and_a_slow_answer_still_counts():
    server = Dns({("shop.example", "A"): ["31.0.0.1"]})
    server.respond = lambda query, transport: (
        server.reply(query).to_wire() if len(server.queries) > 1 else None
    )
    async with serve_dns(server):
        seen = await odns.ask(net(), budget(), "shop.example", "A", server.address, timeout=1.0)
    assert seen.values() == ("31.0.0.1",)


async def test_a_closed_port_is_refused_and_a_private_server_is_blocked():
    async with serve_dns(Dns()) as server:
        address = server.address
        assert (
            await odns.ask(Network(), budget(), "a.example", "A", address)
        ).trouble is Trouble.BLOCKED
        queries = list(server.queries)
    refused = await odns.ask(net(), budget(), "a.example", "A", address, timeout=1.0)
    assert (refused.trouble, queries) == (Trouble.REFUSED, [])


async def test_an_unmapped_server_in_a_closed_network_is_never_asked():
    seen = await odns.ask(Network(closed=True), budget(), "a.example", "A", "31.0.0.1")
    assert seen.trouble is Trouble.UNREACHABLE


async def test_time_that_runs_out_is_our_limit_not_the_servers_silence():
    async with serve_dns(Dns(respond=lambda query, transport: None)) as server:
        run = budget(seconds=0.3)
        seen = await odns.ask(net(), run, "a.example", "A", server.address)
        assert seen.trouble is Trouble.OVERBUDGET
        assert (
            await odns.ask(net(), run, "b.example", "A", server.address)
        ).trouble is Trouble.OVERBUDGET


async def test_a_budget_without_lookups_says_so():
    async with serve_dns(Dns()) as server:
        seen = await odns.ask(net(), budget(lookups=0), "a.example", "A", server.address)
        assert seen.trouble is Trouble.OVERBUDGET
        assert server.queries == []


@pytest.mark.parametrize(
    "name", ["a" * 64 + ".example", "a..example", "é.example", ".".join("a" * 300)]
)
async def test_a_name_dns_cannot_carry_is_told(name):
    seen = await odns.ask(net(), budget(), name, "A", "127.0.0.1:9")
    assert seen.trouble is Trouble.PROTOCOL


async def test_a_resolver_is_asked_once_in_a_run_and_again_in_the_next():
    async with serve_dns(Dns({("shop.example", "A"): ["31.0.0.1"]})) as server:
        network, run = net(resolvers=[server.address]), budget()
        for item in (run, run, budget()):
            assert (await odns.resolve(network, item, "shop.example", "A")).values()
        assert len(server.queries) == 2


async def test_a_dead_resolver_does_not_hide_the_living_one():
    living = Dns({("shop.example", "A"): ["31.0.0.1"]})
    async with serve_dns(Dns(respond=lambda q, t: None)) as dead, serve_dns(living) as alive:
        network = net(resolvers=[dead.address, alive.address])
        started = time.monotonic()
        seen = await odns.resolve(network, budget(), "shop.example", "A")
    assert seen.values() == ("31.0.0.1",)
    assert time.monotonic() - started < 1.9


async def test_addresses_follow_aliases_and_tell_why_there_are_none():
    zone = {
        ("www.example", "CNAME"): ["host.example."],
        ("host.example", "A"): ["31.0.0.1"],
        ("host.example", "AAAA"): ["2a00::1"],
        ("mail.example", "MX"): ["10 host.example."],
    }
    server = Dns(zone)

    def with_alias(query, transport):
        message = server.reply(query)
        if query.question[0].name.to_text().lower() == "www.example.":
            alias = dns.message.make_query("www.example", "CNAME")
            message.answer = server.reply(alias).answer
        return message.to_wire()

    server.respond = with_alias
    async with serve_dns(server):
        network = net(resolvers=[server.address])
        assert await odns.addresses(network, budget(), "www.example") == (
            ("31.0.0.1", "2a00::1"),
            None,
        )
        assert await odns.addresses(network, budget(), "mail.example") == ((), None)
        assert await odns.addresses(network, budget(), "gone.example") == ((), Trouble.NXDOMAIN)


async def test_without_any_resolver_a_closed_network_asks_nobody():
    addresses = await odns.addresses(Network(closed=True), budget(), "shop.example")
    assert addresses == ((), Trouble.UNREACHABLE)


async def test_everywhere_asks_each_reachable_address_once():
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(
            serve_dns(Dns({("z.example", "SOA"): ["m. r. 1 2 3 4 5"]}))
        )
        two = await stack.enter_async_context(
            serve_dns(Dns({("z.example", "SOA"): ["m. r. 2 2 3 4 5"]}))
        )
        hosts = {"31.0.0.1:53": first.address, "31.0.0.2:53": two.address}
        zone = Delegation(
            "z.example",
            "example",
            Delegated.YES,
            servers=(
                NameServer("a.example", (), ("31.0.0.1", "2a00::1")),
                NameServer("b.example", (), ("31.0.0.2", "31.0.0.1")),
            ),
        )
        network = Network.from_table({"hosts": hosts, "closed": True})
        seen = await zones.ask_everywhere(network, budget(), zone, [("z.example", "SOA")] * 2)
    assert [(x.server_name, x.server, x.values()[0][4:5]) for x in seen] == [
        ("a.example", "31.0.0.1", "1"),
        ("b.example", "31.0.0.2", "2"),
    ]
    assert len(first.queries) == len(two.queries) == 1
    six = Network.from_table({"closed": True}, vantage=Vantage("six", ipv4=False, ipv6=True))
    assert [
        x.server for x in await zones.ask_everywhere(six, budget(), zone, [("z.example", "SOA")])
    ] == ["2a00::1"]


async def test_delegations_of_the_lab_are_told_apart():
    async with lab.start(WORLD) as running:
        network = Network.from_table(running.network)
        healthy = await zones.delegation(network, budget(), "orchard.example")
        assert (healthy.outcome, healthy.parent) == (Delegated.YES, "example")
        assert {s.name for s in healthy.servers} == {"ns1.polaris.example", "ns2.polaris.example"}
        assert all(x.rcode == "NOERROR" and "aa" in x.flags for x in (*healthy.soa, *healthy.ns))
        gone = await zones.delegation(network, budget(), "no-such-name.example")
        assert gone.outcome is Delegated.NXDOMAIN
        inside = await zones.delegation(network, budget(), "www.orchard.example")
        assert (inside.outcome, inside.parent) == (Delegated.NO, "orchard.example")


async def test_one_silent_server_costs_two_seconds_and_walks_share_their_roots():
    async with lab.start(WORLD) as running:
        network, run = Network.from_table(running.network), budget()
        running.fault("ns2.polaris.example", "hang")
        started = time.monotonic()
        zone = await zones.delegation(network, run, "orchard.example")
        questions = [("orchard.example", t) for t in ("A", "AAAA", "MX", "TXT")]
        seen = await zones.ask_everywhere(network, run, zone, questions)
        assert time.monotonic() - started < 3.8  # each phase waiting anew would be four
        assert {x.trouble for x in seen} == {None, Trouble.TIMEOUT}
        hints = set(running.network["root_hints"])
        roots = [q for q in running.questions if q.server in hints]
        await zones.delegation(network, run, "tower.example")
        again = [q for q in running.questions if q.server in hints]
        assert 0 < len(roots) == len(again)


@given(st.binary(max_size=600))
def test_any_bytes_are_a_message_or_none(raw):
    message = wire.parse_message(raw)
    wire.read_message(raw)
    if message is not None:
        for section in (message.answer, message.authority, message.additional):
            assert all(r.name == r.name.lower() for r in wire.records(section))
    query = wire.build_query("shop.example", "A", dnssec=True, recurse=False)
    wire.matches(query, raw)
    wire.matches(query, query[:2] + raw)


@given(st.data())
def test_a_damaged_answer_never_raises(data):
    query = wire.build_query("shop.example", "MX", dnssec=False, recurse=True)
    response = dns.message.make_response(dns.message.from_wire(query))
    response.answer.append(
        dns.rrset.from_text(
            "shop.example.", 60, "IN", "MX", "10 a.shop.example.", "20 b.shop.example."
        )
    )
    raw = bytearray(response.to_wire())
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    wire.matches(query, bytes(raw))
    message = wire.parse_message(bytes(raw))
    wire.read_message(bytes(raw))
    if message is not None:
        wire.records(message.answer)
