"""A zone that answers with hundreds of values keeps neither the event loop nor us busy."""

from __future__ import annotations

import asyncio
import struct
import threading
from datetime import UTC, datetime

import pytest

from diagnostics.collectors.dns.query_walks import WalkDriver, trimmed
from observe.dns import exchange, wire
from standards.dns_types import Lookup, Record
from standards.queries import MAX_POLICIES, Query, likely_policies, reply_from_lookup
from standards.spf.check_host import check_host
from standards.spf.lookup_tree import walk_lookup_tree

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ZONE = "cafe.example"
SPF = '"v=spf1 ip4:192.0.2.7 -all"'
TOKENS = tuple(f'"token-{number}={"x" * 150}"' for number in range(290))


def lookup(*values, name=ZONE, rcode="NOERROR"):
    records = tuple(Record(name, "TXT", 60, value) for value in values)
    return Lookup(name, "TXT", "192.0.2.53", NOW, rcode=rcode, answers=records)


class Answered(WalkDriver):
    """Answers every question with the same values."""

    def __init__(self, *values):
        self.values, self.lookups = values, {}

    async def look_up(self, question):
        answer = lookup(*self.values) if question.name == ZONE else lookup(rcode="NXDOMAIN")
        return self.lookups.setdefault(question, answer)


def test_a_policy_is_found_among_hundreds_of_values_and_few_of_them_are_read():
    values = reply_from_lookup(lookup(*TOKENS, SPF), Query(ZONE, "TXT")).values
    assert len(values) == MAX_POLICIES
    assert values[0] == "v=spf1 ip4:192.0.2.7 -all"
    assert likely_policies(TOKENS[2::-1]) == TOKENS[2::-1]


def test_the_same_few_of_hundreds_are_read_whoever_answers_in_whatever_order():
    policies = tuple(f'"v=spf1 include:f{number}.example"' for number in range(900))
    assert likely_policies(policies) == likely_policies(policies[::-1])
    assert likely_policies(TOKENS + policies[:9]) == likely_policies(policies[8::-1] + TOKENS[::-1])


def test_the_record_of_a_look_up_keeps_the_policy_of_hundreds_of_values():
    kept = trimmed(lookup(*TOKENS, SPF), lambda value: "v=spf1" in value)
    assert kept.values() == (SPF,)


async def test_a_walk_is_read_beside_the_event_loop():
    threads = []

    def steps():
        threads.append(threading.current_thread())
        replies = yield (Query(ZONE, "TXT"), Query("other.example", "TXT"))
        threads.append(threading.current_thread())
        return replies

    first, second = await Answered(SPF).walk(steps())
    assert first.values == ("v=spf1 ip4:192.0.2.7 -all",)
    assert not second.exists
    assert len(threads) == 2
    assert threading.current_thread() not in threads


async def test_walks_end_with_what_they_return_or_raise():
    driver = Answered(*TOKENS, SPF)
    assert (await driver.walk(walk_lookup_tree(ZONE))).problem == ""
    verdict = await driver.walk_singly(check_host("192.0.2.7", f"a@{ZONE}", ZONE))
    assert verdict.result == "pass"
    with pytest.raises(ValueError):
        await driver.walk_singly(check_host("no address", f"a@{ZONE}", ZONE))
    assert await driver.walk(iter(())) is None


def message(count):
    """An answer with so many short TXT records, and the question."""
    question = b"\4cafe\7example\0" + struct.pack("!2H", 16, 1)
    record = b"\xc0\x0c" + struct.pack("!2HIH", 16, 1, 60, 6) + b"\5token"
    return struct.pack("!6H", 7, 0x8400, 1, count, 0, 0) + question + count * record


async def test_a_long_answer_is_decoded_while_the_event_loop_goes_on():
    decoding = asyncio.create_task(exchange.decode(message(wire.MAX_RECORDS - 1)))
    turns = 0
    while not decoding.done():
        await asyncio.sleep(0)
        turns += 1
    assert len(decoding.result().answers) == wire.MAX_RECORDS - 1
    assert turns > 3  # two, when the loop itself decodes


def test_an_answer_with_thousands_of_records_is_not_read():
    assert wire.read_message(message(wire.MAX_RECORDS)) is None
