"""Canonical rdata, so that wanted and present records can be compared."""

from __future__ import annotations

import re
from ipaddress import ip_address

from instructions.vocabulary import OWN_DOMAIN_WORDS, PLACEHOLDERS, UNITS, has_stem
from kb.folding import fold
from standards.queries import join_strings
from standards.spf.correction import repair_records
from standards.spf.record import is_spf
from standards.urls import BadUrl, ascii_host, is_address

TYPES = ("A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "CAA")
MAX_VALUE = 4096
MAX_TTL = 604_800
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_TTL = re.compile(r"(\d{1,7})\s*([^\W\d_]*)(?:\s*\([^()]*\)|\D*)")
_DOMAIN_PLACEHOLDERS = tuple(sorted(OWN_DOMAIN_WORDS, key=len, reverse=True))
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


class UnreadableValue(ValueError):
    """The text is no valid value of its record type."""


def parse_host(text: str) -> str:
    """A host name in lower-case A-labels with at least two labels. Raises UnreadableValue."""
    name = text.strip().strip("\"'`<>()[],;").lower()
    name = re.sub(r"^[a-z]+://", "", name).split("/")[0].rstrip(".")
    try:
        ascii_name = ascii_host(name)
    except BadUrl as error:
        raise UnreadableValue from error
    if (
        "." not in ascii_name
        or is_address(ascii_name)
        or not re.search(r"\.([a-z]{2,63}|xn--[a-z0-9-]+)$", ascii_name)
    ):
        raise UnreadableValue
    return ascii_name


def is_below(name: str, domain: str) -> bool:
    """Whether a name is the domain or one below it."""
    return f".{name.lower().rstrip('.')}".endswith(f".{domain}")


def fill_domain(name: str, domain: str) -> str:
    """The name with the placeholder at its end replaced by the domain, if that is known."""
    for placeholder in _DOMAIN_PLACEHOLDERS if domain else ():
        if name == placeholder:
            return domain
        if name.endswith(f".{placeholder}"):
            return f"{name.removesuffix(placeholder)}{domain}"
    return name


def parse_value(type: str, text: str, domain: str, priority: str = "") -> str:
    """A value in the form of `WantedRecord`. Raises UnreadableValue when it is none of the type."""
    text = text.strip()
    if not text or len(text) > MAX_VALUE:
        raise UnreadableValue
    reader = _PARSERS.get(type)
    if reader is None:
        raise UnreadableValue
    return reader(text, domain, priority)


def _parse_address(version: int, text: str) -> str:
    cleaned = text.strip("\"'`<>()[],;")
    try:
        address = ip_address(cleaned)
    except ValueError as error:
        raise UnreadableValue from error
    if address.version != version:
        raise UnreadableValue
    return address.compressed


def _parse_a(text: str, _domain: str, _priority: str) -> str:
    return _parse_address(4, text)


def _parse_aaaa(text: str, _domain: str, _priority: str) -> str:
    return _parse_address(6, text)


def _parse_target(text: str, domain: str, _priority: str) -> str:
    if domain and fold(text) in ("@", *OWN_DOMAIN_WORDS):
        return domain
    return parse_host(fill_domain(text.rstrip(".").lower(), domain))


def _parse_mx(text: str, domain: str, priority: str) -> str:
    fields = [f for f in (f.strip("()[],;\"'`") for f in text.split()) if f]
    names = [f for f in fields if not f.isdecimal()]
    if names == ["."]:
        return "0 ."  # null MX (RFC 7505)
    if len(names) != 1:
        raise UnreadableValue
    place = fields.index(names[0])
    # the number before the name, for a lifetime may stand before that; else the one behind it
    preference = priority.strip() or next(iter((*reversed(fields[:place]), *fields[place + 1 :])), "10")  # fmt: skip
    if not preference.isdecimal() or int(preference) > 65_535:
        raise UnreadableValue
    return f"{int(preference)} {_parse_target(names[0], domain, '')}"


def unquote_txt(text: str) -> str:
    """The text of a TXT value: without quotes, character-strings joined (RFC 1035, 3.3.14)."""
    text = text.strip().replace("“", '"').replace("”", '"').replace("„", '"')
    strings = _STRING.findall(text)
    if strings and not _STRING.sub("", text).strip(" ()\t"):
        return "".join(
            s.replace('\\"', '"').replace("\\;", ";").replace("\\\\", "\\") for s in strings
        )
    return text.strip("`'").strip().replace("\\;", ";")


def _parse_txt(text: str, _domain: str, _priority: str) -> str:
    joined = re.sub(r"\s+", " ", unquote_txt(text))
    if not joined:
        raise UnreadableValue
    return joined


def _parse_srv(text: str, domain: str, _priority: str) -> str:
    fields = text.split()
    if len(fields) != 4 or not all(f.isdecimal() and int(f) < 65_536 for f in fields[:3]):
        raise UnreadableValue
    numbers = " ".join(str(int(f)) for f in fields[:3])
    return f"{numbers} {'.' if fields[3] == '.' else _parse_target(fields[3], domain, '')}"


def _parse_caa(text: str, _domain: str, _priority: str) -> str:
    match = re.fullmatch(r'(\d{1,3})\s+([a-z0-9]{1,15})\s+"?([^"]*)"?', text.strip(), re.IGNORECASE)
    if not match:
        raise UnreadableValue
    return f"{int(match[1])} {match[2].lower()} {match[3].strip()}"


_PARSERS = {
    "A": _parse_a,
    "AAAA": _parse_aaaa,
    "CNAME": _parse_target,
    "NS": _parse_target,
    "MX": _parse_mx,
    "TXT": _parse_txt,
    "SRV": _parse_srv,
    "CAA": _parse_caa,
}


def parse_ttl(text: str) -> int:
    """A TTL in seconds ("3600", "1 h", "1 hodina"); 0 when it is none."""
    match = _TTL.fullmatch(text.strip())
    if not match:
        return 0
    unit = fold(match[2])
    seconds = (_SECONDS[name] for name, words in UNITS.items() if has_stem(unit, words))
    return min(int(match[1]) * (next(seconds, 0) if unit else 1), MAX_TTL)


def has_placeholder(text: str) -> bool:
    """Whether a value still has a placeholder ("<your-token>", "xxxx"), or is SPF beyond repair."""
    folded = fold(text)
    if is_spf(text) and not repair_records([text]):
        return True
    if re.search(r"<[^<>@]{2,60}>|(?<!%)\{[^{}]{2,60}\}|\[[^\[\]]{2,60}\]", folded):
        return True
    return any(mark in folded for mark in PLACEHOLDERS)


def canonical_value(type: str, rdata: str) -> str:
    """Rdata of a DNS answer in the form of `WantedRecord`; nearly as it is when unreadable."""
    text = join_strings(rdata) if type == "TXT" else rdata.strip()
    try:
        return parse_value(type, text, "")
    except UnreadableValue:
        return text.rstrip(".").lower() if type in ("CNAME", "NS", "MX", "SRV") else text
