"""What each probe kind makes of what it saw; what it accepts as settings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from facts import Certificate, Exchange, Handshake, Phases
from observe.transport.tcp import PortProbe
from standards.dns_types import Lookup, Record, Trouble
from status.model import Grade
from status.probing.kinds import KINDS, check, dns, http, tcp
from tests.status_fixtures import AT

UP, SLOW, DOWN, UNKNOWN = Grade.UP, Grade.DEGRADED, Grade.DOWN, Grade.UNKNOWN
QUICK = Phases(first_byte=timedelta(seconds=0.2))


def exchange(status=200, **more):
    return http.HttpProbeFact("GET https://www.sklep.example/", (answer(status, **more),))


def answer(status=200, **more):
    return Exchange("https://www.sklep.example/", AT, status=status, **{"phases": QUICK, **more})


def shake(days=90, **more):
    leaf = Certificate(
        "cn", "ca", (), AT - timedelta(days=60), AT + timedelta(days=days), "1", "f", "ec", 256, "s"
    )
    values = {"verified": True, "name_matches": True, "chain": (leaf,), **more}
    return Handshake("www.sklep.example", "1.2.3.4", 443, AT, **values)


@pytest.mark.parametrize(
    ("fact", "settings", "grade", "reason"),
    [
        (exchange(), {}, UP, "200"),
        (exchange(301), {}, UP, "301"),
        (exchange(404), {}, DOWN, "404"),
        (exchange(503, reason="Busy"), {}, DOWN, "503 Busy"),
        (exchange(401), {"status": (401,)}, UP, "401"),
        (exchange(200), {"status": (401,)}, DOWN, "200"),
        (exchange(excerpt="Hello"), {"contains": "Hello"}, UP, ""),
        (exchange(excerpt="Hullo"), {"contains": "Hello"}, DOWN, "does not contain"),
        (exchange(excerpt="Fatal error"), {"lacks": "Fatal"}, DOWN, "contains 'Fatal'"),
        (exchange(phases=Phases(body=timedelta(seconds=4))), {}, SLOW, "4.00 s"),
        (exchange(phases=Phases(body=timedelta(seconds=4))), {"slow_after": 0}, UP, ""),
        (exchange(0, trouble=Trouble.TIMEOUT), {}, DOWN, "timeout"),
        (exchange(0, trouble=Trouble.REFUSED, detail="x"), {}, DOWN, "refused: x"),
        (exchange(0, trouble=Trouble.BLOCKED), {}, UNKNOWN, "blocked"),
        (exchange(0, trouble=Trouble.OVERBUDGET), {}, DOWN, "in time"),
        (exchange(handshake=shake()), {}, UP, ""),
        (exchange(handshake=shake(3)), {}, SLOW, "ends in 3 days"),
        (exchange(handshake=shake(3)), {"certificate_days": 2}, UP, ""),
        (exchange(handshake=shake(name_matches=False)), {}, DOWN, "another name"),
        (exchange(handshake=shake(verified=False)), {}, DOWN, "not trusted"),
        (exchange(handshake=shake(verified=False)), {"trust": False}, UP, ""),
    ],
)
def test_http(fact, settings, grade, reason):
    verdict = http.judge(fact, http.HttpProbeSettings(**settings))
    assert verdict.grade is grade
    assert reason in verdict.reason


def dns_fact(*lookups, type="A"):
    return dns.DnsProbeFact("www.sklep.example", type, lookups)


def lookup(*values, rcode="NOERROR", **more):
    return dns_fact(address_lookup(*values, rcode=rcode, **more))


def address_lookup(*values, rcode="NOERROR", **more):
    answers = tuple(Record("www.sklep.example", "A", 60, v) for v in values)
    return Lookup("www.sklep.example", "A", "1.1.1.1", AT, rcode=rcode, answers=answers, **more)


@pytest.mark.parametrize(
    ("fact", "settings", "grade", "reason"),
    [
        (lookup("1.2.3.4"), {}, UP, "1 answers"),
        (lookup("1.2.3.4"), {"expect": ("1.2.3.4",)}, UP, ""),
        (lookup("1.2.3.4"), {"expect": ("4.3.2.1",)}, DOWN, "4.3.2.1 is not among"),
        (lookup(), {}, DOWN, "no A record"),
        (lookup(rcode="SERVFAIL"), {}, DOWN, "SERVFAIL"),
        (lookup(rcode="", trouble=Trouble.TIMEOUT), {}, DOWN, "timeout"),
        (lookup("1.2.3.4", elapsed=timedelta(seconds=2)), {}, SLOW, "2.00 s"),
    ],
)
def test_dns(fact, settings, grade, reason):
    verdict = dns.judge(fact, dns.DnsProbeSettings(**settings))
    assert verdict.grade is grade
    assert reason in verdict.reason


def test_tcp():
    grades = [
        tcp.judge(PortProbe("h", 25, AT, **more), tcp.TcpProbeSettings()).grade
        for more in (
            {"ip": "1.2.3.4"},
            {"connect": timedelta(seconds=2)},
            {"trouble": Trouble.REFUSED},
            {"trouble": Trouble.BLOCKED},
        )
    ]
    assert grades == [UP, SLOW, DOWN, UNKNOWN]


def test_wrong_settings_are_told_plainly():
    for kind in KINDS:
        check(kind.name, {})
        with pytest.raises(ValueError, match="nonsense"):
            check(kind.name, {"nonsense": 1})
    with pytest.raises(ValueError, match="slow_after"):
        check("http", {"slow_after": "soon"})
    with pytest.raises(ValueError, match="known kinds: http, dns, tcp, tls"):
        check("htpp", {})


def test_cookies_and_pages_are_not_kept():
    fact = exchange(500, excerpt="x" * 60_000, headers=(("set-cookie", "id=1"), ("server", "n")))
    stored = http.redacted(fact, http.HttpProbeSettings()).last
    assert len(stored.excerpt) == 300
    assert stored.headers == (("server", "n"),)
