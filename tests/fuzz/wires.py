"""Targets: what servers say on the wire. DNS, HTTP, TLS, SMTP, IMAP, POP3, ICMP, RDAP, WHOIS."""

from __future__ import annotations

import asyncio
import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path

import dns.message
import dns.rrset

from clock import SystemClock
from facts import MailboxDialogue, SmtpDialogue
from observe import registry_table
from observe.budget import Budget, OverBudget
from observe.dns import wire
from observe.http.content_coding import Inflater
from observe.http.response import ResponseReader
from observe.mail import imap, pop3, smtp
from observe.mail.mailbox import MailboxConversation, Security, SignIn
from observe.network import Network
from observe.registry.rdap import parse_retry_after
from observe.transport import certificates, ping
from observe.transport.line_protocol import LineConnection
from standards import text as texts
from standards import urls
from standards.certificate_names import covers_host, dns_names
from standards.registration import dates, epp_states, rdap, whois
from standards.registration.model import RegistryState
from standards.registration.registry_time_zones import date_at_midnight
from tests.fuzz.target import Target, mixed, sound, text
from tests.registry_answers import COM, CZ, EU, HR, PL, RDAP, SK, SK_OLD

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
NET = Network(closed=True)
CASES = Path(__file__).parents[1] / "cases"
TLDS = ("cz", "sk", "pl", "hr", "eu", "com", "fr", "jp", "nz", "my", "uk", "")


# ------------------------------------------------------------------ DNS
def _message() -> bytes:
    query = dns.message.make_query("shop.example", "MX", want_dnssec=True)
    answer = dns.message.make_response(query)
    for kind, value in (("MX", "10 mx.shop.example."), ("TXT", '"v=spf1 -all"')):
        answer.answer.append(dns.rrset.from_text("shop.example.", 300, "IN", kind, value))
    return answer.to_wire()


QUERY = wire.build_query("shop.example", "MX", dnssec=True, recurse=False)


def dns_message(data: bytes) -> None:
    decoded = wire.read_message(data)
    if decoded is not None:
        sound(decoded)
    message = wire.parse_message(data)
    if message is not None:
        sound(wire.extended_dns_error(message))
        for section in (message.answer, message.authority, message.additional):
            sound(wire.records(section))
    wire.matches(QUERY, data)
    wire.read_cached(data)


# ------------------------------------------------------------------ HTTP
def http_answer(data: bytes) -> None:
    """All at once or in pieces, it means the same."""
    seen = []
    for size in (len(data) or 1, 7):
        answer, body = ResponseReader(), b""
        for part in (*(data[i : i + size] for i in range(0, len(data), size)), b""):
            if not answer.done:
                body += answer.feed(part)
        assert answer.done
        assert len(body) <= len(data)
        seen.append((answer.head, body, type(answer.fault)))
    assert seen[0] == seen[1]


def http_coding(data: bytes) -> None:
    for coding in ("gzip", "deflate", "br", "x-unknown"):
        coder, out = Inflater(coding), b""
        for start in range(0, len(data), 64):
            out += coder.feed(data[start : start + 64], 5000 - len(out))
            if len(out) >= 5000:
                break
        assert len(out) <= 5000


def address(data: bytes) -> None:
    pasted = text(data)
    with contextlib.suppress(urls.BadUrl):
        parsed = urls.parse_url(pasted)
        assert 0 < parsed.port < 65536
        assert parsed.target.startswith("/")
        assert not set(parsed.host) & set(" /\\@#?\r\n\0")
        again = urls.parse_url(str(parsed))
        assert (again.host, again.port) == (parsed.host, parsed.port)
    with contextlib.suppress(urls.BadUrl):
        assert urls.ascii_host(urls.ascii_host(pasted)) == urls.ascii_host(pasted)


def charset(data: bytes) -> None:
    name, _, rest = data.partition(b"\n")
    for item in (texts.decode_text(rest, text(name)), texts.decode_undeclared(data)):
        item.encode("utf-8")
        assert not set(item) & set("\0\x1b\u202e")


# ------------------------------------------------------------------ TLS, ICMP
def certificate(data: bytes) -> None:
    parsed = certificates.parse_der(data)
    if parsed is None:
        return
    sound(certificates.to_facts(parsed))
    sound(dns_names(parsed))
    covers_host(parsed, "shop.example")
    certificates.is_self_signed(parsed)


def echo(data: bytes) -> None:
    for v6 in (False, True):
        number = ping.parse_echo_reply(data, b"payload!", v6=v6)
        assert number is None or 0 <= number < 65536


# ------------------------------------------------------------------ mail
class Line:
    """A connection that says what it was given, in small pieces, then hangs up."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def read(self, size: int = 64) -> bytes:
        piece, self._data = self._data[: min(size, 97)], self._data[min(size, 97) :]
        return piece

    async def write(self, payload: bytes) -> None:
        assert payload.count(b"\n") <= 1, "a command is one line"

    async def secure(self, *_: object) -> object:
        raise OSError("no TLS here")

    def close(self) -> None: ...


def _conversation(data: bytes, run: object) -> None:
    """IMAP or POP3 with a server that says anything; the line counts as safe to sign in on."""
    budget = Budget(SystemClock())
    seen = MailboxDialogue("imap", "mail.shop.example", "192.0.9.25", 993, NOW)
    speaker = MailboxConversation(LineConnection(NET, budget, Line(data), 500), seen)
    who = SignIn("mara@shop.example", "secret", allow_cleartext=True, read_quota=True)
    with contextlib.suppress(OSError, EOFError, ValueError, OverBudget):
        asyncio.run(run(speaker, Security.NONE, who))
    sound(speaker.dialogue)


def imap_talk(data: bytes) -> None:
    _conversation(data, imap._converse)
    for line in text(data).splitlines()[:50]:
        sound(imap.parse_quota_response(line))
        sound(imap.parse_status_response(line))
        sound(imap.decode_modified_utf7(line))


def pop3_talk(data: bytes) -> None:
    _conversation(data, pop3._converse)


def smtp_talk(data: bytes) -> None:
    with contextlib.suppress(smtp.NotSmtp):
        reply = smtp.parse_reply(text(data).split("\r\n"))
        assert reply is None or 0 <= reply.code <= 999
    seen = SmtpDialogue("mx.shop.example", "192.0.9.25", 25, NOW)
    talk = smtp._SmtpConversation(NET, Budget(SystemClock()), Line(data), seen)
    with contextlib.suppress(OSError, EOFError, ValueError, OverBudget):
        asyncio.run(talk.run(None, implicit=False))
    sound(talk.dialogue)


# ------------------------------------------------------------------ registries
def whois_answer(data: bytes) -> None:
    pasted = texts.decode_undeclared(data)
    for tld in TLDS:
        for domain in ("", f"shop.{tld or 'test'}"):
            seen = whois.parse_whois(pasted, tld, domain)
            sound(seen)
            is_registered = seen.state is RegistryState.REGISTERED
            assert is_registered or not (seen.expires or seen.created or seen.epp)
            assert not (seen.expires and seen.created) or seen.expires >= seen.created
            assert tld not in ("eu", "de") or seen.expires is None
    registry_table.parse_iana_referral(pasted)


def rdap_answer(data: bytes) -> None:
    pasted = text(data)
    for domain in ("shop.cz", "shop.com"):
        with contextlib.suppress(rdap.NotRdap):
            seen = rdap.parse_rdap(pasted, domain)
            sound(seen)
            assert not (seen.expires and seen.created) or seen.expires >= seen.created
            assert not seen.referral or seen.referral.startswith(("http://", "https://"))
    rdap.state_of_not_found(pasted)


def bootstrap(data: bytes) -> None:
    for read in (
        lambda: registry_table.with_bootstrap(data, registry_table.built_in_table(), NOW),
        lambda: registry_table.decode_table(data),
    ):
        with contextlib.suppress(registry_table.InvalidBootstrap):
            assert read().rdap_of("shop.com") is not None


def registry_words(data: bytes) -> None:
    pasted = text(data)
    for tld in TLDS:
        for day_first in (False, True):
            day = dates.parse_date(pasted, day_first=day_first, tld=tld)
            assert day is None or 1980 <= day.year <= 2200
        date_at_midnight(pasted, tld)
    assert set(epp_states.parse_epp_states([pasted])) <= set(epp_states.EPP_SPELLING.values())
    rest = parse_retry_after(pasted, NOW)
    assert rest is None or 0 <= rest.total_seconds() <= 86_400


WORLD = (CASES / "registry" / "answers.txt").read_text("utf-8").split("=== ")[1:]
HTTP = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"5\r\nhello\r\n0\r\nX: y\r\n\r\n"
    ),
    b"HTTP/1.0 301 Moved\r\nLocation: https://x.example/\r\nSet-Cookie: a=b\r\n\r\nrest",
)
IMAP = (
    "* OK IMAP4rev1 ready\r\n* CAPABILITY IMAP4rev1 QUOTA LIST-STATUS\r\na1 OK\r\na3 OK in\r\n",
    '* QUOTA "User quota" (STORAGE 1048576 1048576 MESSAGE 7 100)\r\n',
    '* STATUS "Odeslan&AOk-" (MESSAGES 7 SIZE 4711)\r\n* LIST (\\HasNoChildren) "/" {5}\r\nINBOX\r\n',
)
SMTP = (
    "220 mx.shop.example ESMTP\r\n250-mx.shop.example\r\n250-SIZE 1000\r\n250 8BITMIME\r\n221 Bye\r\n",
    "554 5.7.1 no\r\n",
    "220-a\r\n220 b\r\n502 no\r\n",
)
DAYS = (
    "2027-07-22T23:59:59Z", "22.07.2027", "22-Jul-2027", "Thu Jul 22 23:59:59 GMT 2027",
    "03/04/2027", "before Aug-1996", "20270722", "2024-10-09T22:00:00+00:00", "120",
    "Thu, 15 Jan 2026 12:10:00 GMT", "clientHold https://icann.org/epp#clientHold, ok",
)  # fmt: skip
LIST = {
    "version": "1.0",
    "publication": "2026-01-01T00:00:00Z",
    "services": [[["com"], ["https://x.example/"]]],
}
TARGETS = (
    Target("dns message", dns_message, ("observe.dns.wire",), (_message(), _message()[:30])),
    Target("http answer", http_answer, ("observe.http.response",), HTTP),
    Target("http coding", http_coding, ("observe.http.content_coding",), (b"\x1f\x8b\x08\x00", b"\x0b\x02\x80hello\x03")),
    Target("address", address, ("standards.urls",),
           mixed("https://www.shop.example:8443/a?b=%20#c", "http://[::1]/", "http://0x7f.1/", "žluť.cz")),
    Target("charset", charset, ("standards.text",), mixed("utf-8\nč", b"windows-1250\n\xe8\xf8")),
    Target("certificate", certificate, ("observe.transport.certificates",), (b"\x30\x82\x01\x00",)),
    Target("echo", echo, ("observe.transport.ping",), (b"\x00\x00\x00\x00\x00\x00\x00\x01payload!",)),
    Target("imap talk", imap_talk, ("observe.mail.imap", "observe.transport.line_protocol"), mixed(IMAP)),
    Target("pop3 talk", pop3_talk, ("observe.mail.pop3", "observe.transport.line_protocol"),
           mixed("+OK hi\r\n+OK\r\nUSER\r\nSTLS\r\n.\r\n+OK\r\n", "-ERR no\r\n")),
    Target("smtp talk", smtp_talk, ("observe.mail.smtp",), mixed(SMTP)),
    Target("whois answer", whois_answer, ("standards.registration.whois", "standards.registration.registry_dialects"),
           mixed(CZ, SK, SK_OLD, PL, HR, EU, COM, WORLD)),
    Target("rdap answer", rdap_answer, ("standards.registration.rdap",),
           mixed(json.dumps(RDAP), '{"errorCode": 404, "title": "Auction pending"}')),
    Target("bootstrap", bootstrap, ("observe.registry_table",),
           mixed(json.dumps(LIST), json.dumps({"published": "2026-01-01", "rdap": {"a": "b"}}))),
    Target("registry words", registry_words,
           ("standards.registration.dates", "standards.registration.epp_states", "standards.registration.registry_time_zones", "observe.registry.rdap"), mixed(DAYS)),
)  # fmt: skip
