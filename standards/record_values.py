"""Values of DNS records compared by what they mean, however they are spelled (RFC 1035, 5.1; 4343)."""

from __future__ import annotations

from functools import lru_cache

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.tokenizer

_TEXT_TYPES = frozenset({"TXT", "SPF"})


@lru_cache(maxsize=4096)
def comparison_key(record_type: str, value: str) -> bytes:
    """Equal for values that mean the same record data; any text has one.

    Addresses, numbers, hex and base64 count by their value, names without case and final dot. Texts
    count as a whole: neither quotes nor the strings they are cut into matter.
    """
    record_type, value = record_type.upper(), value.strip()
    if record_type in _TEXT_TYPES:
        return _text_key(value)
    try:
        rdata = dns.rdata.from_text(
            dns.rdataclass.IN, dns.rdatatype.from_text(record_type), value, origin=dns.name.root
        )
        target = getattr(rdata, "target", None)
        if isinstance(target, dns.name.Name):  # of HTTPS and SVCB, the digest keeps the case
            rdata = rdata.replace(target=target.canonicalize())
        digest = rdata.to_digestable(dns.name.root)
    except (dns.exception.DNSException, ValueError):
        return b"?" + value.strip('"').rstrip(".").lower().encode("utf-8", "surrogatepass")
    return b"=" + (digest.lower() if record_type == "CAA" else digest)


def is_record_type(text: str) -> bool:
    """Whether this names a type of record (RFC 6895, 3.1), by name or as TYPE65280."""
    try:
        return bool(dns.rdatatype.from_text(text.upper()))
    except (dns.rdatatype.UnknownRdatatype, ValueError):
        return False


def _text_key(value: str) -> bytes:
    """The bytes of a text: of quoted strings as zone files write them, else of what stands there."""
    if not value.startswith('"'):
        value = f'"{value}"' if "\\" in value else '"' + value.replace('"', '\\"') + '"'
    try:
        strings = dns.tokenizer.Tokenizer(f"({value}\n)").get_remaining()  # lines go on in brackets
        return b"=" + b"".join(s.unescape_to_bytes().value for s in strings)
    except (dns.exception.DNSException, ValueError):
        return b"?" + value.strip('"').encode("utf-8", "surrogatepass")
