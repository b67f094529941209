"""DNS messages: queries built as bytes, answers decoded to facts with dnspython's codec. No I/O.

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

EDNS_PAYLOAD = 1232  # DNS flag day 2020
MAX_RECORDS = 1024  # in one message; one with more is not read
MAX_CACHED_BYTES = 4096  # bytes of a message worth remembering
_TYPES_WITH_NAMES = frozenset(("NS", "CNAME", "PTR", "MX", "SRV", "SOA", "DNAME"))
_STYLE = dns.rdata.RdataStyle(omit_final_dot=True, base64_chunk_size=0, hex_chunk_size=0)
_FLAGS = {"aa": dns.flags.AA, "tc": dns.flags.TC, "ra": dns.flags.RA, "ad": dns.flags.AD}
_RCODES_WITHOUT_QUESTION = frozenset(("FORMERR", "SERVFAIL", "NOTIMP", "REFUSED"))


class MessageMatch(Enum):
    """Whether a datagram is the answer to our query."""

    YES = "yes"
    CASE = "case"  # right but for the letter case we had mixed in: ask again by TCP
    NO = "no"


class BadName(ValueError):
    """The name cannot be asked for: empty or over-long labels, or not ASCII."""


def build_query(name: str, type: str, *, dnssec: bool, recurse: bool, edns: bool = True) -> bytes:
    """A query as wire bytes (RFC 1035, 4.1), with a random id and randomly mixed letter case.

    Written out by hand: a diagnosis asks some seventy times.
    """
    bits = secrets.randbits(16 + 256)
    header_flags = dns.flags.RD if recurse else 0
    header = struct.pack("!6H", bits & 0xFFFF, header_flags, 1, 0, 0, 1 if edns else 0)
    question_section = _encode_name(name, bits >> 16) + struct.pack(
        "!2H", _type_code(type), dns.rdataclass.IN
    )
    if not edns:
        return header + question_section
    edns_flags = 0x8000 if dnssec else 0  # the DO bit (RFC 6891, 6.1.3)
    return (
        header
        + question_section
        + struct.pack("!BHHIH", 0, dns.rdatatype.OPT, EDNS_PAYLOAD, edns_flags, 0)
    )


def _type_code(text: str) -> int:
    try:
        return int(dns.rdatatype.from_text(text))
    except (dns.exception.DNSException, ValueError) as error:
        raise BadName(str(error)) from error


def _encode_name(name: str, bits: int) -> bytes:
    """A name on the wire, each letter in upper or lower case as the bits say."""
    if not name.isascii():
        raise BadName("not ASCII")
    lower = name.lower().rstrip(".") if "\\" not in name else name
    mixed_case = "".join(c.upper() if bits >> (i % 256) & 1 else c for i, c in enumerate(lower))
    if "\\" in mixed_case:
        try:
            return dns.name.from_text(mixed_case).to_wire() or b""
        except (dns.exception.DNSException, UnicodeError) as error:
            raise BadName(str(error)) from error
    labels = [label.encode() for label in mixed_case.split(".")] if mixed_case else []
    if any(not 0 < len(label) < 64 for label in labels) or len(mixed_case) > 253:
        raise BadName("a label or the name is empty or too long")
    return b"".join(bytes((len(label),)) + label for label in labels) + b"\0"


def matches(query: bytes, answer: bytes) -> MessageMatch:
    """Compare header and question of an answer with what was asked (RFC 5452, 9.1)."""
    if len(answer) < 12 or answer[:2] != query[:2] or not answer[2] & 0x80 or answer[2] & 0x78:
        return MessageMatch.NO
    if answer[4:6] == b"\0\0":
        name = dns.rcode.to_text(dns.rcode.Rcode(answer[3] & 0x0F))
        return MessageMatch.YES if name in _RCODES_WITHOUT_QUESTION else MessageMatch.NO
    end = 12
    while query[end]:
        end += query[end] + 1
    question = query[12 : end + 5]
    echoed = answer[12 : end + 5]
    if answer[4:6] != b"\0\1" or echoed.lower() != question.lower() or echoed[-4:] != question[-4:]:
        return MessageMatch.NO
    return MessageMatch.YES if echoed == question else MessageMatch.CASE


@dataclass(frozen=True, slots=True)
class DnsMessage:
    """A decoded message; `extended_error` is the resolver's own reason (RFC 8914), or ""."""

    rcode: str
    flags: tuple[str, ...] = ()
    answers: tuple[Record, ...] = ()
    authority: tuple[Record, ...] = ()
    additional: tuple[Record, ...] = ()
    extended_error: str = ""


def read_message(answer: bytes) -> DnsMessage | None:
    """Decode a message; None when the bytes are malformed.

    Servers of one zone mostly answer alike but for the id and the letter case of the question, so
    small answers are cached.
    """
    if len(answer) < 12 or sum(struct.unpack("!4H", answer[4:12])) > MAX_RECORDS:
        return None
    if len(answer) > MAX_CACHED_BYTES or answer[4:6] != b"\0\1":
        return _decode_message(answer[2:])
    end = 12
    while end < len(answer) and answer[end]:
        end += answer[end] + 1
    return read_cached(answer[2:12] + answer[12:end].lower() + answer[end:])


@lru_cache(maxsize=1024)
def read_cached(after_id: bytes) -> DnsMessage | None:
    """Decode the bytes after the id, cached."""
    return _decode_message(after_id)


def _decode_message(after_id: bytes) -> DnsMessage | None:
    message = parse_message(b"\0\0" + after_id)
    if message is None:
        return None
    try:
        return DnsMessage(
            dns.rcode.to_text(message.rcode()),
            tuple(text for text, bit in _FLAGS.items() if message.flags & bit),
            records(message.answer),
            records(message.authority),
            records(message.additional),
            extended_dns_error(message),
        )
    except (dns.exception.DNSException, ValueError):
        return None


def parse_message(answer: bytes) -> dns.message.Message | None:
    """The decoded message, or None when the bytes are no DNS message."""
    try:
        return dns.message.from_wire(answer, ignore_trailing=True, one_rr_per_rrset=True)
    except (dns.exception.DNSException, ValueError, IndexError, KeyError, AttributeError):
        return None


def extended_dns_error(message: dns.message.Message) -> str:
    """The Extended DNS Error of a message (RFC 8914), such as "dnssec bogus"; or ""."""
    for option in message.options:
        if isinstance(option, dns.edns.EDEOption):
            extra_text = f": {option.text}" if option.text else ""
            return f"{option.code.name.replace('_', ' ').lower()}{extra_text}"[:200]
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
    if dns.rdatatype.to_text(rdata.rdtype) in _TYPES_WITH_NAMES:
        return rdata.to_styled_text(_STYLE).lower()
    return rdata.to_text()
