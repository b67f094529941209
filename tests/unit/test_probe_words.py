"""What each probe kind says, word for word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from facts import (
    DialogueLine,
    Exchange,
    MailboxDialogue,
    SmtpDialogue,
)
from observe.mail.mailbox import Security
from observe.transport.ping import PingResult
from observe.transport.tcp import PortProbe
from standards.dns_types import Trouble
from standards.registration.model import RegistryState
from status.model import Condition, Grade, Signal
from status.probing import response_conditions
from status.probing.certificate_limits import time_left
from status.probing.kinds import (
    dns,
    domain,
    group,
    heartbeat,
    http,
    imap,
    manual,
    ping,
    smtp,
    tcp,
    tls,
)
from status.probing.probe_kind import InternalFacts, PushedSignal, encode_fact
from tests.status_fixtures import AT, probe
from tests.unit.test_probe_values import SHAKE, lookup, registered

UP, SLOW, DOWN, UNKNOWN = Grade.UP, Grade.DEGRADED, Grade.DOWN, Grade.UNKNOWN
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def verdict_of(module, fact, **settings) -> Signal:
    return module.judge(fact, module.KIND.settings(**settings))


# ---------------------------------------------------------------- words
@pytest.mark.parametrize(
    ("module", "fact", "settings", "signal"),
    [
        (ping, PingResult("h", AT, sent=3), {}, Signal(DOWN, "no echo came back")),
        (ping, PingResult("h", AT, sent=3, times=(SECOND / 50,) * 2), {}, Signal(UP, "2 of 3 echoes, 20.0 ms")),
        (ping, PingResult("h", AT, sent=3, times=(SECOND / 50,)), {}, Signal(SLOW, "1 of 3 echoes")),
        (ping, PingResult("h", AT, sent=4, times=(SECOND / 50,)), {"lost_down": 0.75}, Signal(SLOW, "1 of 4 echoes")),
        (ping, PingResult("h", AT, sent=4, times=(SECOND / 50,)), {"lost_down": 0.7}, Signal(DOWN, "1 of 4 echoes")),
        (ping, PingResult("h", AT, sent=2, times=(SECOND / 50,)), {"lost": 0.5}, Signal(UP, "1 of 2 echoes, 20.0 ms")),
        (ping, PingResult("h", AT, sent=1, times=(SECOND / 2,)), {}, Signal(UP, "1 of 1 echoes, 500.0 ms")),
        (ping, PingResult("h", AT, sent=1, times=(SECOND,)), {}, Signal(SLOW, "the echo took 1.00 s, limit 0.5 s")),
        (tcp, PortProbe("h", 22, AT, "192.0.2.1"), {}, Signal(UP, "connected to 192.0.2.1")),
        (tcp, PortProbe("h", 22, AT, resolve=SECOND / 2, connect=SECOND / 2 + SECOND / 100), {},
         Signal(SLOW, "connecting took 1.01 s, limit 1 s")),
        (tcp, PortProbe("h", 22, AT, unmet="^SSH"), {}, Signal(DOWN, "nothing matched '^SSH': no line came")),
        (tcp, PortProbe("h", 22, AT, unmet="^SSH", detail="late"), {}, Signal(DOWN, "nothing matched '^SSH': late")),
        (tcp, PortProbe("h", 22, AT, unmet="x", lines=(
            DialogueLine(sent=False, text="a"), DialogueLine(sent=False, text="b" * 90), DialogueLine(sent=True, text="c"))),
         {}, Signal(DOWN, f"nothing matched 'x': the last line was {'b' * 80!r}")),
        (tls, SHAKE, {}, Signal(UP, "TLSv1.3, 30 days left")),
        (tls, replace(SHAKE, chain=(), valid_until=None), {}, Signal(UP, "TLSv1.3, no time left")),
        (tls, replace(SHAKE, version="TLSv1.1"), {}, Signal(DOWN, "speaks TLSv1.1 only")),
        (tls, replace(SHAKE, version="SSLv3"), {"version": "TLSv1"}, Signal(DOWN, "speaks SSLv3 only")),
        (tls, replace(SHAKE, version="TLSv1"), {"version": "TLSv1"}, Signal(UP, "TLSv1, 30 days left")),
        (tls, SHAKE, {"names": ("a.example", "c.example", "d.example")},
         Signal(DOWN, "the certificate does not name c.example, d.example")),
        (tls, SHAKE, {"issuer": "CN=R3"}, Signal(DOWN, "issued by CN=R11")),
        (tls, replace(SHAKE, chain=()), {"issuer": "CN=R3"}, Signal(DOWN, "issued by nobody")),
        (tls, replace(SHAKE, elapsed=3 * SECOND), {}, Signal(SLOW, "the handshake took 3.00 s, limit 2 s")),
        (tls, replace(SHAKE, trouble=Trouble.TLS), {}, Signal(DOWN, "tls")),
        (tls, replace(SHAKE, trust_checked=False), {},
         Signal(UNKNOWN, "our own trust roots cannot be read: [network] ca_bundle")),
        (tls, SHAKE, {"certificate_days_down": 26}, Signal(DOWN, "the certificate ends in 25 days")),
        (tls, SHAKE, {"certificate_days_down": 25}, Signal(UP, "TLSv1.3, 30 days left")),
        (tls, replace(SHAKE, valid_until=AT), {}, Signal(DOWN, "the certificate ended 2026-01-15")),
        (tls, replace(SHAKE, valid_until=AT + SECOND), {}, Signal(SLOW, "the certificate ends in less than a minute")),
        (tls, replace(SHAKE, chain=(replace(SHAKE.chain[0], not_after=AT),)), {},
         Signal(DOWN, "the certificate ended 2026-01-15")),
        (tls, replace(SHAKE, chain=(replace(SHAKE.chain[0], not_before=AT + SECOND),)), {},
         Signal(DOWN, "the certificate is not valid before 2026-01-15 12:00 UTC")),
        (tls, replace(SHAKE, chain=(replace(SHAKE.chain[0], not_before=AT),)), {}, Signal(UP, "TLSv1.3, 30 days left")),
        (tls, replace(SHAKE, name_matches=False), {}, Signal(DOWN, "the certificate is for another name")),
        (tls, replace(SHAKE, verified=False, verify_error="self-signed"), {},
         Signal(DOWN, "the certificate is not trusted: self-signed")),
        (tls, replace(SHAKE, valid_until=None), {}, Signal(UP, "TLSv1.3, 30 days left")),
        (tls, replace(SHAKE, valid_until=None), {"certificate_days_down": 21}, Signal(DOWN, "the certificate ends in 20 days")),
        (tls, replace(SHAKE, name_matches=False), {"trust": False}, Signal(UP, "TLSv1.3, 30 days left")),
        (tls, SHAKE, {"certificate_days": 26}, Signal(SLOW, "the certificate ends in 25 days")),
        (tls, SHAKE, {"certificate_days": 25}, Signal(UP, "TLSv1.3, 30 days left")),
        (smtp, SmtpDialogue("mx", "", 25, AT, "x" * 120, 220, starttls=True, handshake=SHAKE), {}, Signal(UP, "x" * 100)),
        (smtp, SmtpDialogue("mx", "", 25, AT, "x" * 300, 554), {}, Signal(DOWN, f"greeted with 554 {'x' * 183}")),
        (smtp, SmtpDialogue("mx", "", 25, AT, "y" * 120, 220), {"greeting": "^x"},
         Signal(DOWN, f"the greeting is {'y' * 100!r}")),
        (smtp, SmtpDialogue("mx", "", 25, AT, "ok", 220), {}, Signal(DOWN, "does not offer STARTTLS")),
        (smtp, SmtpDialogue("mx", "", 25, AT, "ok", 220, starttls=True), {}, Signal(DOWN, "offers STARTTLS and refuses it")),
        (smtp, SmtpDialogue("mx", "", 465, AT, "ok", 220), {"security": "tls"}, Signal(DOWN, "offers STARTTLS and refuses it")),
        (smtp, SmtpDialogue("mx", "", 25, AT, "ok", 220, elapsed=6 * SECOND), {"security": "optional"},
         Signal(SLOW, "the conversation took 6.00 s, limit 5 s")),
        (smtp, SmtpDialogue("mx", "", 465, AT, handshake=replace(SHAKE, trouble=Trouble.TLS, detail="no")), {"security": "tls"},
         Signal(DOWN, "tls: no")),
        (imap, MailboxDialogue("imap", "h", "", 993, AT, "x" * 120, elapsed=SECOND), {}, Signal(UP, "x" * 100)),
        (imap, MailboxDialogue("imap", "h", "", 143, AT, refused="n" * 120), {"security": Security.STARTTLS},
         Signal(DOWN, f"refuses TLS: {'n' * 100}")),
        (imap, MailboxDialogue("imap", "h", "", 993, AT, "y" * 120), {"greeting": "^x"},
         Signal(DOWN, f"the greeting is {'y' * 100!r}")),
        (imap, MailboxDialogue("imap", "h", "", 993, AT), {"user": "u", "password": "p"},
         Signal(UNKNOWN, "signing in was not tried")),
        (imap, MailboxDialogue("imap", "h", "", 993, AT, signed_in=False, refused="a3 NO [ALERT] p is wrong"), {"user": "u", "password": "p"},
         Signal(DOWN, "the sign-in was refused")),
        (imap, MailboxDialogue("imap", "h", "", 993, AT, signed_in=False, refused="-ERR [SYS/TEMP] later"),
         {"user": "u", "password": "p"}, Signal(DOWN, "the sign-in was refused: SYS/TEMP")),
        (imap, MailboxDialogue("imap", "h", "", 993, AT, elapsed=6 * SECOND), {},
         Signal(SLOW, "the conversation took 6.00 s, limit 5 s")),
        (dns, dns.DnsProbeFact("a", "A", ()), {}, Signal(DOWN, "there is no server to ask")),
        (dns, dns.DnsProbeFact("a", "A", (), dns.PARENTS_SILENT), {}, Signal(UNKNOWN, "nobody above the zone answered")),
        (dns, dns.DnsProbeFact("a", "A", (), "the zone is gone"), {}, Signal(DOWN, "the zone is gone")),
        (dns, dns.DnsProbeFact("a", "A", (lookup("192.0.2.1", "192.0.2.2"),)), {}, Signal(UP, "2 answers")),
        (dns, dns.DnsProbeFact("a", "A", (lookup("192.0.2.1", elapsed=2 * SECOND),)), {},
         Signal(SLOW, "the answer took 2.00 s, limit 1 s")),
        (dns, dns.DnsProbeFact("a", "A", (lookup(),)), {}, Signal(DOWN, "no A record in the answer")),
        (dns, dns.DnsProbeFact("a", "A", (lookup("192.0.2.1"),)), {"absent": True}, Signal(DOWN, "there is a A record")),
        (dns, dns.DnsProbeFact("a", "A", (lookup(trouble=Trouble.TIMEOUT),)), {"absent": True}, Signal(DOWN, "timeout")),
        (dns, dns.DnsProbeFact("a", "A", (lookup(trouble=Trouble.NXDOMAIN, rcode=""),)), {"absent": True}, Signal(UP, "0 answers")),
        (dns, dns.DnsProbeFact("a", "A", (lookup("192.0.2.1"), lookup(rcode="REFUSED", server="s", server_name="ns1"))), {},
         Signal(DOWN, "ns1 s: answered REFUSED")),
        (dns, dns.DnsProbeFact("a", "A", (lookup("192.0.2.1"),)), {"expect": ("192.0.2.1", "192.0.2.7", "192.0.2.8")},
         Signal(DOWN, "192.0.2.7, 192.0.2.8 is not among the answers")),
        (dns, dns.DnsProbeFact("a", "A", (lookup("192.0.2.1", "192.0.2.2", "192.0.2.3"),)),
         {"expect": ("192.0.2.1",), "exactly": True}, Signal(DOWN, "192.0.2.2, 192.0.2.3 is not expected")),
        (dns, dns.DnsProbeFact("a", "SOA", (lookup("ns h 7", type="SOA"), lookup("ns h 8", type="SOA"))), {"type": "SOA"},
         Signal(SLOW, "the servers have different serial numbers")),
        (dns, dns.DnsProbeFact("a", "SOA", (lookup("ns h", type="SOA"), lookup("ns x", type="SOA"))), {"type": "SOA"},
         Signal(UP, "1 answers")),
        (dns, dns.DnsProbeFact("a", "A", (lookup("192.0.2.1"), lookup("192.0.2.2"))), {},
         Signal(DOWN, "the servers do not say the same")),
        (dns, dns.DnsProbeFact("a", "A", (lookup("192.0.2.1"),)), {"authoritative": True},
         Signal(DOWN, "answered without authority")),
        (domain, registered(expires=(AT + 30 * DAY).date()), {}, Signal(UP, "ends in 30 days, on 2026-02-14")),
        (domain, registered(expires=(AT + 29 * DAY).date()), {}, Signal(SLOW, "ends in 29 days, on 2026-02-13")),
        (domain, registered(expires=(AT + 3 * DAY).date()), {}, Signal(SLOW, "ends in 3 days, on 2026-01-18")),
        (domain, registered(expires=(AT + 2 * DAY).date()), {}, Signal(DOWN, "ends in 2 days, on 2026-01-17")),
        (domain, registered(expires=(AT - DAY).date()), {}, Signal(DOWN, "ended on 2026-01-14")),
        (domain, registered(registrar_expires=(AT + 40 * DAY).date()), {}, Signal(UP, "ends in 40 days, on 2026-02-24")),
        (domain, registered(registrar="Other"), {"registrar": "ours"}, Signal(SLOW, "the registrar is Other")),
        (domain, registered(), {"registrar": "ours"}, Signal(SLOW, "the registrar is not told")),
        (domain, registered(registrar="OURS Ltd"), {"registrar": "ours"},
         Signal(UP, "registered; this registry publishes no end")),
        (domain, registered(epp=("ok", "clientHold", "pendingDelete")), {},
         Signal(DOWN, "the registry holds it: clientHold, pendingDelete")),
        (domain, replace(registered(), state=RegistryState.AVAILABLE), {}, Signal(DOWN, "the name is available")),
        (domain, replace(registered(), state=RegistryState.THROTTLED), {}, Signal(UNKNOWN, "the registry said nothing: throttled")),
    ],
)  # fmt: skip
def test_a_look_is_told_in_these_words(module, fact, settings, signal) -> None:
    assert verdict_of(module, fact, **settings) == signal


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=2), "2 days"),
        (timedelta(days=2) - SECOND, "47 hours"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=2) - SECOND, "119 minutes"),
        (timedelta(minutes=2), "2 minutes"),
        (timedelta(minutes=2) - SECOND, "a minute"),
        (timedelta(minutes=1), "a minute"),
        (timedelta(minutes=1) - SECOND, "less than a minute"),
        (timedelta(microseconds=1), "less than a minute"),
        (timedelta(0), "no time"),
    ],
)
def test_time_left_in_the_fitting_unit(left: timedelta, words: str) -> None:
    assert time_left(left) == words


@pytest.mark.parametrize(
    ("rcodes", "resolved_by_us", "failed"),
    [(("SERVFAIL", ""), True, True), (("REFUSED",), True, True), (("SERVFAIL", "NOERROR"), True, False),
     (("NXDOMAIN",), True, False), (("SERVFAIL",), False, False)],
)  # fmt: skip
def test_when_our_own_resolvers_failed(rcodes, resolved_by_us: bool, failed: bool) -> None:  # noqa: FBT001
    fact = dns.DnsProbeFact(
        "a", "A", tuple(lookup(rcode=r) for r in rcodes), resolved=resolved_by_us
    )
    assert dns.name_lookup_failed(fact) is failed


def test_what_is_kept_of_a_registration() -> None:
    kept = domain.without_raw_answer(
        registered(raw="x" * 1200, registrar="r"), domain.DomainProbeSettings()
    )
    assert (kept.raw, kept.registrar) == ("x" * 1000, "r")


def test_what_is_kept_of_a_page() -> None:
    hop = Exchange(
        "http://a/", AT, status=301, excerpt="moved", headers=(("set-cookie", "s"), ("x", "y"))
    )
    last = replace(hop, status=200, excerpt="p" * 400)
    kept = http.redacted(http.HttpProbeFact("GET /", (hop, last)), http.HttpProbeSettings())
    assert [(h.excerpt, h.headers) for h in kept.hops] == [
        ("", (("x", "y"),)),
        ("p" * 300, (("x", "y"),)),
    ]


# ---------------------------------------------------------------- told to us
MEMBERS = {"a": Condition.MAJOR_OUTAGE, "b": Condition.DEGRADED_PERFORMANCE, "c": Condition.OPERATIONAL,
           "d": Condition.OPERATIONAL, "e": Condition.UNDER_MAINTENANCE,
           "A": Condition.PARTIAL_OUTAGE, "B": Condition.DEGRADED_PERFORMANCE}  # fmt: skip


@pytest.mark.parametrize(
    ("of", "settings", "signal"),
    [
        ("abc", {}, Signal(DOWN, "a down")),
        ("bc", {}, Signal(SLOW, "b slow")),
        ("cde", {}, Signal(UP, "2 of 2 up")),
        ("e", {}, Signal(UNKNOWN, "no member has data")),
        ("x", {}, Signal(UNKNOWN, "no member has data")),
        ("ac", {"rule": "share"}, Signal(DOWN, "1 of 2 down: a")),
        ("acd", {"rule": "share"}, Signal(SLOW, "1 of 3 not well: a")),
        ("abcd", {"rule": "share", "down_share": 0.25}, Signal(DOWN, "1 of 4 down: a")),
        ("abcd", {"rule": "share"}, Signal(SLOW, "2 of 4 not well: a, b")),
        ("aAc", {}, Signal(DOWN, "a, A down")),
        ("bBc", {}, Signal(SLOW, "b, B slow")),
        ("aAc", {"rule": "share"}, Signal(DOWN, "2 of 3 down: a, A")),
        ("abcd", {"rule": "share", "degraded_share": 0.6}, Signal(UP, "3 of 4 up")),
        ("bcd", {"rule": "share", "down_share": 0.0}, Signal(SLOW, "1 of 3 not well: b")),
    ],
)
def test_a_group_names_its_members(of: str, settings, signal: Signal) -> None:
    wanted = group.GroupProbeSettings(of=tuple(of), **settings)
    configured = probe("cluster", kind="group", target="")
    assert group.judge(configured, wanted, InternalFacts(None, MEMBERS), AT)[0] == signal


@pytest.mark.parametrize(
    ("last", "signal"),
    [
        (PushedSignal(AT, "down", "broken"), Signal(DOWN, "broken")),
        (PushedSignal(AT, "start", "going"), Signal(UNKNOWN, "going")),
        (None, Signal(SLOW, "nobody has said anything else")),
    ],
)
def test_the_last_word_by_hand(last: PushedSignal | None, signal: Signal) -> None:
    pushed = {"p": last} if last else {}
    wanted = manual.ManualProbeSettings(initial=SLOW)
    configured = probe("p", kind="manual", target="")
    kept = encode_fact(last) if last else ""
    assert manual.judge(configured, wanted, InternalFacts(pushed), AT) == (signal, kept)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [(manual, manual.ManualProbeSettings()), (heartbeat, heartbeat.HeartbeatProbeSettings())],
)
def test_without_a_database_nobody_knows_the_last_word(kind, settings) -> None:
    configured = probe("p", kind="manual", target="")
    judged = kind.judge(configured, settings, InternalFacts(None), AT)
    assert judged == (Signal(UNKNOWN, "the database cannot be asked"), "")


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (SECOND, "heard 1 s ago"),
        (119 * SECOND, "heard 119 s ago"),
        (120 * SECOND, "heard 2 minutes ago"),
        (timedelta(minutes=119), "heard 119 minutes ago"),
        (timedelta(minutes=120), "heard 2 hours ago"),
    ],
)
def test_how_long_ago_a_job_was_heard(ago: timedelta, words: str) -> None:
    last = PushedSignal(AT - ago, "up", good_at=AT - ago)
    wanted = heartbeat.HeartbeatProbeSettings(every="1d")
    configured = probe("p", kind="heartbeat", target="")
    assert heartbeat.judge(configured, wanted, InternalFacts({"p": last}), AT)[0] == Signal(
        UP, words
    )


def test_a_condition_that_does_not_hold_is_quoted_as_written() -> None:
    read = response_conditions.parse_json_condition
    assert response_conditions.unmet_json_condition('{"a": 1}', (read(" a == 2 "),)) == (
        "JSON:  a == 2  does not hold, it is '1'"
    )
    assert (
        response_conditions.unmet_json_condition("{}", (read("a"),))
        == "JSON: a: there is no such value"
    )
    assert response_conditions.unmet_json_condition("{", (read("a"),)) == "the answer is not JSON"
    long = response_conditions.unmet_json_condition(f'{{"a": "{"x" * 99}"}}', (read("a == 1"),))
    assert long == f"JSON: a == 1 does not hold, it is {'x' * 80!r}"
