"""SPF over real DNS on loopback: every section of RFC 7208, and the same questions to pyspf."""

from __future__ import annotations

import asyncio

import dns.exception
import dns.message
import dns.query
import dns.rdatatype
import pytest
import spf as pyspf

from lab.flat_resolver import serving
from observe.budget import Budget
from observe.network import Network
from standards.queries import join_strings
from tests.spf_suite import SpfCase, read
from wizard.spf.lookup import check_sender

TABLE, CASES = read()
SECTIONS = {"2.4", "3.1", "3.3", "4.3", "4.4", "4.5", "4.6.1", "4.6.2", "4.6.4", "4.7", "5", "5.1",
            "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "6", "6.1", "6.2", "7.1", "7.2", "7.3"}  # fmt: skip
# Where pyspf says otherwise, and who is right.
DIFFERS = {
    ("7.1", "a@m0.example"): "“%{d0}” keeps zero parts, a syntax error (7.3); pyspf expands it",
}


def test_every_section_has_a_case() -> None:
    assert {case.section for case in CASES} >= SECTIONS


async def test_every_case_over_real_dns() -> None:
    async with serving(TABLE) as endpoint:
        net = Network(resolvers=(endpoint,), closed=True)

        async def verdict_of(case: SpfCase) -> str:
            seen = await check_sender(net, Budget(net.clock), case.ip, case.sender, case.helo)
            verdicts = (seen.result, seen.mechanism, seen.explanation)
            wanted = (case.result, case.mechanism, case.explanation)
            return "" if verdicts == wanted else f"{case}: {verdicts}"

        wrong = [text for case in CASES if (text := await verdict_of(case))]
    assert wrong == []


async def test_pyspf_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    """An oracle asked through the same port; its look-up is the one thing that is replaced."""
    async with serving(TABLE) as endpoint:
        host, port = endpoint.split(":")

        def lookup(name, qtype, tcpfallback=True, timeout=5):  # noqa: FBT002 - pyspf's own shape
            del tcpfallback
            query = dns.message.make_query(name, qtype)
            try:
                answer, _ = dns.query.udp_with_fallback(query, host, timeout, int(port))
            except dns.exception.DNSException as error:
                raise pyspf.TempError("DNS", str(error)) from error
            if answer.rcode() == 2:
                raise pyspf.TempError("DNS", "SERVFAIL")
            return [
                ((rrset.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(rrset.rdtype)), v)
                for rrset in answer.answer
                for v in map(_value, rrset)
            ]

        monkeypatch.setattr(pyspf, "DNSLookup", lookup)
        verdicts = {}
        for case in CASES:
            theirs = await asyncio.to_thread(pyspf.check2, case.ip, case.sender, case.helo)
            verdicts[case.section, case.sender, case.ip, case.helo] = theirs[0]
    odd = {
        key: (case.result, verdicts[key])
        for case in CASES
        if (key := (case.section, case.sender, case.ip, case.helo))
        and verdicts[key] != case.result
        and (case.section, case.sender) not in DIFFERS
    }
    assert odd == {}


def _value(rdata):
    """An rdata in the form pyspf expects of its look-ups."""
    match dns.rdatatype.to_text(rdata.rdtype):
        case "TXT" | "SPF":
            return list(rdata.strings)
        case "MX":
            return rdata.preference, rdata.exchange.to_text(omit_final_dot=True)
        case "CNAME" | "PTR":
            return rdata.target.to_text(omit_final_dot=True)
        case _:
            return join_strings(rdata.to_text())
