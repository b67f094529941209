"""DNS messages: a question as bytes, an answer as facts. Pure; dnspython's codec does the work.

Values are in presentation form; names inside NS, CNAME, PTR, MX, SRV and SOA values are lower case
and without the trailing dot, as every name in facts is (the root stays ".").
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from standards.dns_types import Record

PAYLOAD = 1232  # DNS flag day 2020
MAX_RECORDS = 4096  # in one message; more are not read
MAX_REMEMBERED = 4096  # bytes of a message worth remembering
_NAMED = frozenset(("NS", "CNAME", "PTR", "MX", "SRV", "SOA", "DNAME"))
_STYLE = dns.rdata.RdataStyle(omit_final_dot=True, base64_chunk_size=0, hex_chunk_size=0)
_FLAGS = {"aa": dns.flags.AA, "tc": dns.flags.TC, "ra": dns.flags.RA, "ad": dns.flags.AD}
_NO_QUESTION = frozenset(("FORMERR", "SERVFAIL", "NOTIMP", "REFUSED"))


class MessageMatch(Enum):
    """Whether a datagram is the answer to our question."""

    YES = "yes"
    CASE = "case"  # right but for the letter case we had mixed in: ask again by TCP
    NO = "no"


class BadName(ValueError):
    """The name cannot be asked for: empty or over-long labels, or not ASCII."""


def question(name: str, type: str, *, dnssec: bool, recurse: bool, edns: bool = True) -> bytes:
    """A query as wire bytes (RFC 1035, 4.1), with a random id and randomly mixed letter case.

    Written out by hand: a diagnosis asks some seventy times.
    """
    bits = secrets.randbits(16 + 256)
    flags_ = dns.flags.RD if recurse else 0
    head = struct.pack("!6H", bits & 0xFFFF, flags_, 1, 0, 0, 1 if edns else 0)
    asked = _name(name, bits >> 16) + struct.pack("!2H", _type(type), dns.rdataclass.IN)
    if not edns:
        return head + asked
    options = 0x8000 if dnssec else 0  # the DO bit (RFC 6891, 6.1.3)
    return head + asked + struct.pack("!BHHIH", 0, dns.rdatatype.OPT, PAYLOAD, options, 0)


def _type(text: str) -> int:
    try:
        return int(dns.rdatatype.from_text(text))
    except (dns.exception.DNSException, ValueError) as wrong:
        raise BadName(str(wrong)) from wrong


def _name(name: str, bits: int) -> bytes:
    """A name on the wire, each letter in upper or lower case as the bits say."""
    if not name.isascii():
        raise BadName("not ASCII")
    lower = name.lower().rstrip(".") if "\\" not in name else name
    mixed = "".join(c.upper() if bits >> (i % 256) & 1 else c for i, c in enumerate(lower))
    if "\\" in mixed:
        try:
            return dns.name.from_text(mixed).to_wire() or b""
        except (dns.exception.DNSException, UnicodeError) as wrong:
            raise BadName(str(wrong)) from wrong
    labels = [label.encode() for label in mixed.split(".")] if mixed else []
    if any(not 0 < len(label) < 64 for label in labels) or len(mixed) > 253:
        raise BadName("a label or the name is empty or too long")
    return b"".join(bytes((len(label),)) + label for label in labels) + b"\0"


def matches(query: bytes, answer: bytes) -> MessageMatch:
    """Compare header and question of an answer with what was asked (RFC 5452, 9.1)."""
    if len(answer) < 12 or answer[:2] != query[:2] or not answer[2] & 0x80 or answer[2] & 0x78:
        return MessageMatch.NO
    if answer[4:6] == b"\0\0":
        name = dns.rcode.to_text(dns.rcode.Rcode(answer[3] & 0x0F))
        return MessageMatch.YES if name in _NO_QUESTION else MessageMatch.NO
    end = 12
    while query[end]:
        end += query[end] + 1
    asked = query[12 : end + 5]
    given = answer[12 : end + 5]
    if answer[4:6] != b"\0\1" or given.lower() != asked.lower() or given[-4:] != asked[-4:]:
        return MessageMatch.NO
    return MessageMatch.YES if given == asked else MessageMatch.CASE


@dataclass(frozen=True, slots=True)
class DnsMessage:
    """A message as facts; `explained` is the resolver's own reason (Extended DNS Error, RFC 8914)."""

    rcode: str
    flags: tuple[str, ...] = ()
    answers: tuple[Record, ...] = ()
    authority: tuple[Record, ...] = ()
    additional: tuple[Record, ...] = ()
    explained: str = ""


def read(answer: bytes) -> DnsMessage | None:
    """What a message tells, or None when the bytes are none that can be read.

    Servers of one zone mostly say the same, byte by byte but for the id and the letter case of the
    question, so small answers are remembered.
    """
    if len(answer) < 12 or sum(struct.unpack("!4H", answer[4:12])) > MAX_RECORDS:
        return None
    if len(answer) > MAX_REMEMBERED or answer[4:6] != b"\0\1":
        return _read(answer[2:])
    end = 12
    while end < len(answer) and answer[end]:
        end += answer[end] + 1
    return remembered(answer[2:12] + answer[12:end].lower() + answer[end:])


@lru_cache(maxsize=1024)
def remembered(rest: bytes) -> DnsMessage | None:
    """The same by the bytes behind the id."""
    return _read(rest)


def _read(rest: bytes) -> DnsMessage | None:
    message = parse(b"\0\0" + rest)
    if message is None:
        return None
    try:
        return DnsMessage(
            dns.rcode.to_text(message.rcode()),
            tuple(text for text, bit in _FLAGS.items() if message.flags & bit),
            records(message.answer),
            records(message.authority),
            records(message.additional),
            explained(message),
        )
    except (dns.exception.DNSException, ValueError):
        return None


def parse(answer: bytes) -> dns.message.Message | None:
    """The decoded message, or None when the bytes are no DNS message."""
    try:
        return dns.message.from_wire(answer, ignore_trailing=True, one_rr_per_rrset=True)
    except (dns.exception.DNSException, ValueError, IndexError, KeyError, AttributeError):
        return None


def explained(message: dns.message.Message) -> str:
    """The resolver's own reason, such as "DNSSEC Bogus"; or ""."""
    for option in message.options:
        if isinstance(option, dns.edns.EDEOption):
            said = f": {option.text}" if option.text else ""
            return f"{option.code.name.replace('_', ' ').lower()}{said}"[:200]
    return ""


def records(section: Iterable[dns.rrset.RRset]) -> tuple[Record, ...]:
    """A section's records of class IN, one by one, in order."""
    return tuple(
        Record(name_text(rrset.name), dns.rdatatype.to_text(rrset.rdtype), rrset.ttl, _value(rd))
        for rrset in section
        if rrset.rdclass == dns.rdataclass.IN
        for rd in rrset
    )


def name_text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()


def _value(rdata: dns.rdata.Rdata) -> str:
    if dns.rdatatype.to_text(rdata.rdtype) in _NAMED:
        return rdata.to_styled_text(_STYLE).lower()
    return rdata.to_text()
