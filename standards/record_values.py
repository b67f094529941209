"""Values of DNS records compared by what they mean, however they are spelled (RFC 1035, 5.1; 4343)."""

from __future__ import annotations

from functools import lru_cache

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

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
        digest = rdata.to_digestable(dns.name.root)
    except (dns.exception.DNSException, ValueError):
        return b"?" + value.strip('"').rstrip(".").lower().encode("utf-8", "surrogatepass")
    return b"=" + (digest.lower() if record_type == "CAA" else digest)


def _text_key(value: str) -> bytes:
    """The bytes of a text: of quoted strings as zone files write them, else of what stands there."""
    if not value.startswith('"'):
        value = '"' + value.replace('"', '\\"') + '"' if "\\" not in value else f'"{value}"'
    try:
        rdata = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.TXT, _in_strings(value))
    except (dns.exception.DNSException, ValueError):
        return b"?" + value.strip('"').encode("utf-8", "surrogatepass")
    return b"=" + b"".join(getattr(rdata, "strings", ()))


def _in_strings(value: str) -> str:
    """One long string cut into pieces that a record can hold; several stay as they are."""
    if len(value.encode("utf-8", "surrogatepass")) <= 255 or '" "' in value or "\\" in value:
        return value
    body = value[1:-1]
    return " ".join(f'"{body[n : n + 60]}"' for n in range(0, len(body), 60))
