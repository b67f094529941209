"""The kinds beyond a plain request: conditions, certificates, mail, ping, registries, words told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from facts import (
    Certificate,
    DialogueLine,
    Exchange,
    Handshake,
    MailboxDialogue,
    Phases,
    Registration,
    SmtpDialogue,
)
from observe.mail.mailbox import Security
from observe.transport.ping import PingResult
from observe.transport.tcp import PortProbe
from standards.dns_types import Lookup, Record, Trouble
from standards.registration.model import RegistryState
from status.model import Condition, Grade
from status.probing.kinds import (
    check,
    dns,
    domain,
    group,
    http,
    imap,
    manual,
    ping,
    smtp,
    tcp,
    tls,
)
from status.probing.probe_kind import InternalFacts, PushedSignal
from tests.status_fixtures import AT, probe

UP, SLOW, DOWN, UNKNOWN = Grade.UP, Grade.DEGRADED, Grade.DOWN, Grade.UNKNOWN
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def judged(module, fact, settings, grade, reason=""):
    verdict = module.judge(fact, module.KIND.settings(**settings))
    assert (verdict.grade, reason in verdict.reason) == (grade, True), verdict


def visit(status=200, outcome="arrived", hops=1, **more):
    values = {"phases": Phases(first_byte=SECOND / 10), **more}
    seen = Exchange("https://www.sklep.example/new", AT, status=status, **values)
    return http.HttpProbeFact("GET /", (seen,) * hops, outcome)


JSON = '{"status": "ok", "checks": [{"name": "db", "ms": 12}], "odd name": {"a": null}}'


@pytest.mark.parametrize(
    ("fact", "settings", "grade", "reason"),
    [
        (visit(204), {"status": ("2xx",)}, UP, ""),
        (visit(304), {"status": ("200-299", 304)}, UP, ""),
        (visit(302), {"status": ("200-299",)}, DOWN, "302"),
        (visit(429), {"status_degraded": (429,)}, SLOW, "429"),
        (visit(500), {"only_degrades": ("status",)}, SLOW, "500"),
        (visit(headers=(("x-cache", "HIT"),)), {"header": {"X-Cache": "HIT|STALE"}}, UP, ""),
        (visit(headers=(("x-cache", "MISS"),)), {"header": {"x-cache": "HIT"}}, DOWN, "MISS"),
        (visit(), {"header": {"x-cache": "HIT"}}, DOWN, "absent"),
        (visit(headers=(("server", "nginx/1.2"),)), {"header": {"server": "!\\d"}}, DOWN, "not"),
        (visit(headers=(("x-debug", "1"),)), {"header": {"x-debug": ""}}, DOWN, "is there"),
        (visit(excerpt="v1.22"), {"matches": r"^v\d+\.\d+$"}, UP, ""),
        (visit(excerpt="v1"), {"matches": r"^v\d+\.\d+$"}, DOWN, "does not match"),
        (visit(excerpt="PHP Warning"), {"lacks_match": "(Warning|Fatal)"}, DOWN, "matches"),
        (visit(excerpt="x"), {"contains": "y", "only_degrades": ("text",)}, SLOW, "contain"),
        (visit(excerpt=JSON), {"json": ('status == "ok"', "checks[0].ms < 50")}, UP, ""),
        (visit(excerpt=JSON), {"json": ("checks[0].ms < 5",)}, DOWN, "it is '12'"),
        (visit(excerpt=JSON), {"json": ("checks[1].ms < 5",)}, DOWN, "no such value"),
        (visit(excerpt=JSON), {"json": ("len(checks) >= 1", 'checks[0].name ~ "^d"')}, UP, ""),
        (visit(excerpt=JSON), {"json": ('["odd name"].a',)}, DOWN, "does not hold"),
        (visit(excerpt=JSON), {"json": ("status != ok",)}, DOWN, "does not hold"),
        (visit(excerpt=JSON), {"json": ("status > 3",)}, DOWN, "does not hold"),
        (visit(excerpt="<html>"), {"json": ("status",)}, DOWN, "not JSON"),
        (visit(outcome="loop", hops=3), {"follow": True}, DOWN, "circle"),
        (visit(302, outcome="too_many"), {"follow": True}, DOWN, "more than 5"),
        (visit(), {"follow": True, "lands_on": "/new$"}, UP, ""),
        (visit(), {"follow": True, "lands_on": "/old$"}, DOWN, "wanted"),
        (visit(301, headers=(("location", "/new"),)), {"lands_on": "^/new"}, UP, ""),
        (visit(phases=Phases(connect=SECOND)), {"connect_within": 0.5}, SLOW, "connecting"),
        (visit(phases=Phases(tls=SECOND)), {"tls_within": 0.5}, SLOW, "TLS"),
        (visit(phases=Phases(resolve=SECOND)), {"resolve_within": 0.5}, SLOW, "looking up"),
        (visit(phases=Phases(first_byte=SECOND)), {"first_byte_within": 0.5}, SLOW, "first byte"),
        # the graver of two is told
        (visit(429, excerpt="x"), {"status_degraded": (429,), "contains": "y"}, DOWN, "contain"),
    ],
)
def test_http_conditions(fact, settings, grade, reason):
    judged(http, fact, settings, grade, reason)


def test_http_figures_are_those_of_blackbox_exporter():
    phases = Phases(SECOND, 2 * SECOND, 3 * SECOND, 4 * SECOND, 5 * SECOND)
    figures = {(f.name, f.labels): f.value for f in http.measure(visit(phases=phases, hops=2))}
    name = "probe_http_duration_seconds"
    took = [figures[name, (("phase", p),)] for p in ("resolve", "connect", "tls", "processing")]
    assert took == [1, 2, 3, 4]
    assert figures["probe_http_redirects", ()] == 1
    assert figures["probe_http_status_code", ()] == 200


def shaken(days=90, age=DAY, **more):
    leaf = Certificate(
        "cn", "CN=R11,O=Let's Encrypt", ("sklep.example", "*.sklep.example"),
        AT - age, AT + days * DAY, "1", "f", "ec", 256, "s",
    )  # fmt: skip
    values = {"verified": True, "name_matches": True, "chain": (leaf,), "version": "TLSv1.3"}
    return Handshake("sklep.example", "31.60.1.1", 443, AT, **(values | more))


@pytest.mark.parametrize(
    ("fact", "settings", "grade", "reason"),
    [
        (shaken(), {}, UP, "90 days"),
        (shaken(10, 80 * DAY), {}, SLOW, "10 days"),
        (shaken(10, 80 * DAY), {"certificate_days": 9}, UP, "10 days"),
        (shaken(10), {"certificate_days_down": 11}, DOWN, "10 days"),
        # a 160-hour certificate is renewed with half of it left, one of 45 days with a third
        (shaken(6.6, DAY / 15), {}, UP, "6 days"),
        (shaken(1.2, 5.4 * DAY), {}, UP, "28 hours left"),
        (shaken(1.05, 5.55 * DAY), {}, SLOW, "25 hours"),
        (shaken(1 / 24, 5.55 * DAY), {}, SLOW, "ends in 60 minutes"),
        (shaken(1 / 48, 5.55 * DAY), {}, SLOW, "ends in 30 minutes"),
        (shaken(14, 31 * DAY), {}, UP, "14 days"),
        (shaken(7.4, 37.6 * DAY), {}, SLOW, "7 days"),
        (shaken(6.6, DAY / 15), {"certificate_days": 7}, SLOW, "6 days"),
        (shaken(-1), {}, DOWN, "ended 2026-01-14"),
        (shaken(0), {}, DOWN, "ended 2026-01-15"),
        (shaken(90, -DAY / 24), {}, DOWN, "not valid before 2026-01-15 13:00 UTC"),
        (shaken(90, 0 * DAY), {}, UP, "90 days"),
        (shaken(90, -DAY), {"trust": False}, UP, ""),
        (shaken(verified=False, verify_error="self-signed"), {}, DOWN, "self-signed"),
        (shaken(verified=False), {"trust": False}, UP, ""),
        (shaken(name_matches=False), {}, DOWN, "another name"),
        (shaken(version="TLSv1.2"), {"version": "TLSv1.3"}, DOWN, "TLSv1.2 only"),
        (shaken(), {"names": ("sklep.example", "cdn.example")}, DOWN, "cdn.example"),
        (shaken(), {"issuer": "Let's Encrypt"}, UP, ""),
        (shaken(), {"issuer": "Sectigo"}, DOWN, "R11"),
        (shaken(elapsed=3 * SECOND), {}, SLOW, "handshake took"),
        (shaken(trouble=Trouble.TLS, detail="handshake failure"), {}, DOWN, "handshake failure"),
    ],
)
def test_tls(fact, settings, grade, reason):
    judged(tls, fact, settings, grade, reason)
    assert any(f.name == "probe_ssl_earliest_cert_expiry" for f in tls.measure(fact))


@pytest.mark.parametrize(
    ("more", "settings", "grade", "reason"),
    [
        ({}, {"dialogue": ({"expect": "^SSH"},)}, UP, ""),
        ({"unmet": "^SSH", "lines": (DialogueLine(sent=False, text="HTTP"),)}, {}, DOWN, "'HTTP'"),
        ({"unmet": "^SSH", "trouble": Trouble.TIMEOUT, "detail": "late"}, {}, DOWN, "late"),
        ({"handshake": shaken(3, 60 * DAY)}, {"tls": True}, SLOW, "3 days"),
        ({"dialogue": 2 * SECOND}, {}, SLOW, "dialogue took"),
    ],
)
def test_tcp(more, settings, grade, reason):
    tcp_settings = {k: v for k, v in settings.items() if k != "dialogue"}
    judged(tcp, PortProbe("h", 22, AT, ip="31.60.1.1", **more), tcp_settings, grade, reason)
    check("tcp", settings)


def lookup(*values, type="A", server="31.50.0.1", **more):
    answers = tuple(Record("sklep.example", type, 60, v) for v in values)
    fields = {"rcode": "NOERROR", "flags": ("aa",), "answers": answers, **more}
    return Lookup("sklep.example", type, server, AT, **fields)


def soa(serial, server):
    return lookup(f"ns1.example h.example {serial} 1 2 3 4", type="SOA", server=server)


@pytest.mark.parametrize(
    ("lookups", "settings", "grade", "reason"),
    [
        (
            (lookup("1.1.1.1"), lookup("1.1.1.1", server="31.50.0.2")),
            {"authoritative": True},
            UP,
            "",
        ),
        (
            (lookup("1.1.1.1"), lookup("1.1.1.2", server="31.50.0.2")),
            {},
            DOWN,
            "do not say the same",
        ),
        (
            (lookup("1.1.1.1"), lookup(rcode="REFUSED", server="31.50.0.2")),
            {},
            DOWN,
            "31.50.0.2: answ",
        ),
        ((lookup("1.1.1.1", flags=()),), {"authoritative": True}, DOWN, "without authority"),
        (
            (lookup("1.1.1.1", "2.2.2.2"),),
            {"expect": ("1.1.1.1",), "exactly": True},
            DOWN,
            "2.2.2.2",
        ),
        (
            (lookup('"v=spf1 " "-all"', type="TXT"),),
            {"type": "TXT", "expect": ("v=spf1 -all",)},
            UP,
            "",
        ),
        ((lookup("mx.example", type="MX"),), {"type": "mx", "expect": ("mx.example.",)}, UP, ""),
        ((lookup(rcode="NXDOMAIN"),), {"absent": True}, UP, ""),
        ((lookup("1.1.1.1"),), {"absent": True}, DOWN, "there is a A"),
        ((soa(1, "a"), soa(2, "b")), {"type": "SOA"}, SLOW, "serial"),
        ((soa(2, "a"), soa(2, "b")), {"type": "SOA"}, UP, ""),
        ((), {}, DOWN, "no server"),
    ],
)
def test_dns(lookups, settings, grade, reason):
    record_type = str(settings.get("type", "A")).upper()
    judged(dns, dns.DnsProbeFact("sklep.example", record_type, lookups), settings, grade, reason)


@pytest.mark.parametrize(
    ("more", "settings", "grade", "reason"),
    [
        ({"code": 220, "starttls": True, "handshake": shaken()}, {}, UP, ""),
        ({"code": 220}, {}, DOWN, "does not offer"),
        ({"code": 220}, {"security": "optional"}, UP, ""),
        ({"code": 220, "starttls": True}, {}, DOWN, "refuses it"),
        ({"code": 421, "greeting": "busy"}, {}, DOWN, "421 busy"),
        ({"code": 220, "starttls": True, "handshake": shaken(2, 60 * DAY)}, {}, SLOW, "2 days"),
        ({"code": 220, "greeting": "other"}, {"greeting": "^mx1"}, DOWN, "'other'"),
        (
            {"trouble": Trouble.UNREACHABLE, "detail": "port 25 is closed to us here"},
            {},
            UNKNOWN,
            "",
        ),
        ({"trouble": Trouble.TIMEOUT}, {}, DOWN, "timeout"),
    ],
)
def test_smtp(more, settings, grade, reason):
    judged(smtp, SmtpDialogue("mx1.example", "31.70.1.1", 25, AT, **more), settings, grade, reason)


SIGNED = {"user": "probe", "password": "p"}


@pytest.mark.parametrize(
    ("more", "settings", "grade", "reason"),
    [
        ({"greeting": "OK ready", "handshake": shaken()}, {}, UP, "OK ready"),
        ({"handshake": shaken(trouble=Trouble.TLS)}, {"trust": False}, DOWN, "tls"),
        ({"refused": "BAD no"}, {"security": Security.STARTTLS}, DOWN, "refuses TLS: BAD no"),
        ({"handshake": shaken(), "signed_in": True}, SIGNED, UP, ""),
        ({"handshake": shaken(), "signed_in": False, "refused": "NO"}, SIGNED, DOWN, "was refused"),
        ({"refused": "not tried"}, {**SIGNED, "security": Security.NONE}, UNKNOWN, "not tried"),
        ({"trouble": Trouble.PROTOCOL, "detail": "not an IMAP greeting"}, {}, DOWN, "not an IMAP"),
    ],
)
def test_mailboxes(more, settings, grade, reason):
    fact = MailboxDialogue("imap", "mail.example", "31.70.1.1", 993, AT, **more)
    judged(imap, fact, settings, grade, reason)


@pytest.mark.parametrize(
    ("more", "grade", "reason"),
    [
        ({"sent": 3, "times": (SECOND / 100,) * 3}, UP, "3 of 3 echoes, 10.0 ms"),
        ({"sent": 3, "times": (SECOND / 100,)}, SLOW, "1 of 3"),
        ({"sent": 3, "times": (SECOND,) * 3}, SLOW, "the echo took"),
        ({"sent": 3, "trouble": Trouble.TIMEOUT}, DOWN, "timeout"),
        ({"available": False, "trouble": Trouble.BLOCKED}, UNKNOWN, "not available here"),
        ({"trouble": Trouble.BLOCKED}, UNKNOWN, "blocked"),
    ],
)
def test_ping(more, grade, reason):
    judged(ping, PingResult("h", AT, "31.60.1.1", **more), {}, grade, reason)


def registered(days=100, state=RegistryState.REGISTERED, **more):
    return Registration("sklep.example", state, AT, expires=(AT + days * DAY).date(), **more)


@pytest.mark.parametrize(
    ("fact", "grade", "reason"),
    [
        (registered(), UP, "100 days"),
        (registered(20), SLOW, "20 days"),
        (registered(1), DOWN, "1 days"),
        (registered(epp=("clientHold",)), DOWN, "clientHold"),
        (registered(epp=("clientTransferProhibited",)), UP, ""),
        (registered(epp=("pendingDelete",)), DOWN, "pendingDelete"),
        (registered(state=RegistryState.AVAILABLE), DOWN, "available"),
        (registered(state=RegistryState.THROTTLED), UNKNOWN, "throttled"),
        (registered(state=RegistryState.UNKNOWN, detail="no answer"), UNKNOWN, "no answer"),
        (replace(registered(), expires=None), UP, "publishes no end"),
    ],
)
def test_domain(fact, grade, reason):
    judged(domain, fact, {}, grade, reason)


# ------------------------------------------------------------------ words told
def test_manual():
    configured = probe("by-hand", kind="manual", target="")
    for inside, grade in (
        (InternalFacts(), UNKNOWN),
        (InternalFacts({}), UP),
        (InternalFacts({"by-hand": PushedSignal(AT - 300 * DAY, "degraded", "slow disks")}), SLOW),
    ):
        assert manual.judge(configured, manual.ManualProbeSettings(), inside, AT)[0].grade is grade


GOOD, SLOWED, OUT = Condition.OPERATIONAL, Condition.DEGRADED_PERFORMANCE, Condition.MAJOR_OUTAGE
WORK, DARK = Condition.UNDER_MAINTENANCE, Condition.NO_DATA


@pytest.mark.parametrize(
    ("conditions", "settings", "grade"),
    [
        ([GOOD, GOOD], {}, UP),
        ([GOOD, SLOWED], {}, SLOW),
        ([GOOD, OUT], {}, DOWN),
        ([GOOD, WORK, DARK], {}, UP),
        ([WORK, DARK], {}, UNKNOWN),
        ([OUT, GOOD, GOOD, GOOD], {"rule": "share"}, SLOW),
        ([OUT, OUT, GOOD, GOOD], {"rule": "share"}, DOWN),
        ([OUT, GOOD, GOOD, GOOD], {"rule": "share", "degraded_share": 0.5}, UP),
    ],
)
def test_group(conditions, settings, grade):
    seen = {f"m{n}": c for n, c in enumerate(conditions)}
    group_settings = group.GroupProbeSettings(of=tuple(seen), **settings)
    configured = probe("cluster", kind="group", target="")
    assert group.judge(configured, group_settings, InternalFacts(None, seen), AT)[0].grade is grade
