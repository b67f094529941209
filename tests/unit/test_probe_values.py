"""The numbers that each probe kind publishes, name by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

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
from observe.transport.ping import PingResult
from observe.transport.tcp import PortProbe
from standards.dns_types import Lookup, Record, Trouble
from standards.registration.model import RegistryState
from status.model import Grade
from status.probing.kinds import (
    dns,
    domain,
    http,
    mailbox,
    ping,
    smtp,
    tcp,
    tls,
)
from tests.status_fixtures import AT

UP, SLOW, DOWN, UNKNOWN = Grade.UP, Grade.DEGRADED, Grade.DOWN, Grade.UNKNOWN
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
LEAF = Certificate(
    "CN=a.example", "CN=R11", ("a.example", "b.example"), AT - 60 * DAY, AT + 30 * DAY,
    "1", "ab" * 32, "ec", 256, "sha256",
)  # fmt: skip
ROOT = replace(LEAF, subject="CN=R11", not_after=AT + 20 * DAY)
SHAKE = Handshake(
    "a.example", "192.0.2.1", 443, AT, "TLSv1.3", "AES", (LEAF, ROOT), verified=True, name_matches=True,
    valid_until=AT + 25 * DAY,
)  # fmt: skip
SHAKEN_NUMBERS = {
    ("probe_tls_version_info", (("version", "TLS 1.3"),)): 1,
    ("probe_tls_cipher_info", (("cipher", "AES"),)): 1,
    ("probe_ssl_earliest_cert_expiry", ()): (AT + 20 * DAY).timestamp(),
    ("probe_ssl_last_chain_info", (
        ("fingerprint_sha256", "ab" * 32), ("issuer", "CN=R11"), ("subject", "CN=a.example"),
        ("subjectalternative", "a.example,b.example"))): 1,
    ("probe_ssl_last_chain_expiry_timestamp_seconds", ()): (AT + 25 * DAY).timestamp(),
}  # fmt: skip
V4, V6 = {("probe_ip_protocol", ()): 4}, {("probe_ip_protocol", ()): 6}


def numbers(measured) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {(m.name, m.labels): m.value for m in measured}


def resolved(seconds: float) -> dict[tuple[str, tuple[()]], float]:
    return {("probe_dns_lookup_time_seconds", ()): seconds}


# ---------------------------------------------------------------- numbers
def test_numbers_of_handshakes_and_ports() -> None:
    assert numbers(tls.measure(SHAKE)) == V4 | SHAKEN_NUMBERS
    assert numbers(tls.measure(replace(SHAKE, ip="2001:db8::1")))["probe_ip_protocol", ()] == 6
    assert tls.measure(Handshake("a", "", 443, AT, trouble=Trouble.TLS)) == ()
    unsure = numbers(tls.measure(replace(SHAKE, verified=False)))
    assert set(SHAKEN_NUMBERS) - set(unsure) == {
        ("probe_ssl_last_chain_expiry_timestamp_seconds", ())
    }
    bare = numbers(tls.measure(replace(SHAKE, ip="", chain=(), valid_until=None)))
    assert bare == {key: 1 for key in SHAKEN_NUMBERS if key[0].startswith("probe_tls")}
    port = PortProbe("a", 22, AT, "2001:db8::1", resolve=SECOND / 4)
    assert numbers(tcp.measure(port)) == V6 | resolved(0.25)
    talk = replace(
        port, ip="192.0.2.1", lines=(DialogueLine(sent=False, text="x"),), handshake=SHAKE
    )
    assert numbers(tcp.measure(talk)) == V4 | resolved(0.25) | SHAKEN_NUMBERS | {
        ("probe_failed_due_to_regex", ()): 0
    }
    unmet = replace(port, ip="", unmet="^SSH")
    assert numbers(tcp.measure(unmet)) == resolved(0.25) | {("probe_failed_due_to_regex", ()): 1}


def test_numbers_of_mail_servers() -> None:
    talk = SmtpDialogue("mx", "192.0.2.1", 25, AT, handshake=SHAKE)
    assert numbers(smtp.measure(talk)) == V4 | SHAKEN_NUMBERS
    assert numbers(smtp.measure(replace(talk, ip="2001:db8::1", handshake=None))) == V6
    assert smtp.measure(replace(talk, ip="", handshake=None)) == ()
    dialogue = MailboxDialogue(
        "imap", "mail", "192.0.2.1", 993, AT, resolve=SECOND / 2, handshake=SHAKE
    )
    assert numbers(mailbox.measure(dialogue)) == V4 | resolved(0.5) | SHAKEN_NUMBERS
    bare = replace(dialogue, ip="", handshake=None)
    assert numbers(mailbox.measure(bare)) == resolved(0.5)


def test_numbers_of_echoes() -> None:
    name = "probe_icmp_duration_seconds"
    result = PingResult("h", AT, "192.0.2.1", 3, (SECOND, SECOND / 4), SECOND / 2)
    assert numbers(ping.measure(result)) == V4 | {
        (name, (("phase", "resolve"),)): 0.5,
        (name, (("phase", "rtt"),)): 0.25,
    }
    nothing = PingResult("h", AT)
    assert numbers(ping.measure(nothing)) == {(name, (("phase", "resolve"),)): 0}
    assert numbers(ping.measure(replace(result, ip="::1")))["probe_ip_protocol", ()] == 6


def test_numbers_of_pages() -> None:
    phases = Phases(SECOND, 2 * SECOND, 3 * SECOND, 4 * SECOND, 5 * SECOND)
    page = Exchange(
        "https://a/", AT, ip="192.0.2.1", status=200, handshake=SHAKE, phases=phases, body_bytes=11,
        headers=(("content-length", "7"),),
    )  # fmt: skip
    name = "probe_http_duration_seconds"
    parts = zip(
        ("resolve", "connect", "tls", "processing", "transfer"), (1, 2, 3, 4, 5), strict=True
    )
    expected = {(name, (("phase", part),)): seconds for part, seconds in parts}
    expected |= {
        (f"probe_http_{key}", ()): value
        for key, value in {
            "status_code": 200, "redirects": 2, "ssl": 1, "version": 1.1, "content_length": 7,
            "uncompressed_body_length": 11,
        }.items()
    }  # fmt: skip
    seen = numbers(http.measure(http.HttpProbeFact("GET /", (page,) * 3)))
    assert seen == expected | resolved(1) | V4 | SHAKEN_NUMBERS
    silent = numbers(http.measure(http.HttpProbeFact("GET /", (Exchange("http://a/", AT),))))
    assert silent["probe_http_version", ()] == 0
    assert silent["probe_http_ssl", ()] == 0
    assert ("probe_ip_protocol", ()) not in silent


@pytest.mark.parametrize(
    ("value", "length"),
    [
        ("0", 0),
        ("12", 12),
        ("", -1),
        ("-1", -1),
        ("1 2", -1),
        ("²", -1),
        ("9" * 15, 10**15 - 1),
        ("9" * 16, -1),
    ],
)
def test_a_length_that_is_none_is_minus_one(value: str, length: float) -> None:
    page = Exchange("http://a/", AT, status=200, headers=(("content-length", value),))
    measured = numbers(http.measure(http.HttpProbeFact("GET /", (page,))))
    assert measured["probe_http_content_length", ()] == length


def lookup(*values: str, type: str = "A", server: str = "192.0.2.53", **more) -> Lookup:
    answers = tuple(Record("a.example", type, 60, value) for value in values)
    return Lookup("a.example", type, server, AT, **{"rcode": "NOERROR", "answers": answers, **more})


def test_numbers_of_look_ups_are_those_of_the_slowest_server() -> None:
    soa = "ns h 2026011501 1 2 3 4"
    quick = lookup(soa, type="SOA", elapsed=SECOND / 4)
    slow = lookup(
        soa,
        type="SOA",
        elapsed=SECOND / 2,
        authority=quick.answers * 2,
        additional=quick.answers * 3,
    )
    expected = resolved(0.5) | {
        ("probe_dns_duration_seconds", (("phase", "request"),)): 0.5,
        ("probe_dns_query_succeeded", ()): 1,
        ("probe_dns_answer_rrs", ()): 1,
        ("probe_dns_authority_rrs", ()): 2,
        ("probe_dns_additional_rrs", ()): 3,
        ("probe_dns_serial", ()): 2026011501,
    }
    assert numbers(dns.measure(dns.DnsProbeFact("a", "SOA", (quick, slow)))) == expected
    mute = replace(slow, trouble=Trouble.TIMEOUT, answers=())
    failed = numbers(dns.measure(dns.DnsProbeFact("a", "SOA", (quick, mute))))
    assert failed["probe_dns_query_succeeded", ()] == 0
    assert ("probe_dns_serial", ()) not in failed
    assert numbers(dns.measure(dns.DnsProbeFact("a", "A", ()))) == {
        ("probe_dns_query_succeeded", ()): 0
    }


def registered(**more) -> Registration:
    return Registration("a.example", RegistryState.REGISTERED, AT, **more)


def test_numbers_of_registrations() -> None:
    end = date(2026, 3, 1)
    stamp = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
    name = ("probe_domain_expiry_timestamp_seconds", ())
    assert numbers(domain.measure(registered(expires=end))) == {name: stamp}
    assert numbers(domain.measure(registered(registrar_expires=end))) == {name: stamp}
    assert domain.measure(registered()) == ()
