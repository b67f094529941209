"""Names and values of records in one form, so that what is wanted and what is there compare. Pure."""

from __future__ import annotations

import re
from ipaddress import ip_address

from instructions.vocabulary import APEX, OWN, PLACEHOLDERS
from kb.folding import fold
from standards.queries import join_strings
from standards.spf.correction import repair_records
from standards.spf.record import is_spf
from standards.urls import BadUrl, ascii_host

TYPES = ("A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "CAA")
MAX_VALUE = 4096
MAX_TTL = 604_800
_UNITS = {
    "": 1,
    "s": 1,
    "m": 60,
    "min": 60,
    "h": 3600,
    "hod": 3600,
    "hour": 3600,
    "d": 86_400,
    "w": 604_800,
}
_TTL = re.compile(r"(\d{1,7})\s*(hours?|hod|min|[smhdw])?(?:[a-z. ]*)", re.IGNORECASE)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_OWN_ENDS = tuple(sorted(OWN, key=len, reverse=True))
_MERE_LABELS = re.compile(r"[a-z0-9_*]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")


class Unreadable(ValueError):
    """Not a value of its type."""


def host(text: str) -> str:
    """A host name as a value: lower-case A-labels, no last dot, at least two labels."""
    name = text.strip().strip("\"'`<>()[],;").lower()
    name = re.sub(r"^[a-z]+://", "", name).split("/")[0].rstrip(".")
    try:
        found = ascii_host(name)
    except BadUrl as wrong:
        raise Unreadable(text) from wrong
    if (
        "." not in found
        or is_address(found)
        or not re.search(r"\.([a-z]{2,63}|xn--[a-z0-9-]+)$", found)
    ):
        raise Unreadable(text)
    return found


def is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def owner_name(text: str, domain: str) -> str:
    """The whole name of a record's owner: relative ones below the domain, "@" the domain itself.

    Placeholders for one's own domain count as the domain. Raises Unreadable.
    """
    typed = text.strip().strip("\"'`").rstrip(":").strip()
    folded = fold(typed)
    if not typed or folded in APEX or folded.startswith("@ "):
        return domain
    absolute = folded.endswith(".")
    name = folded.rstrip(".") if typed.isascii() else typed.lower().rstrip(".")
    name = re.sub(r"^https?://", "", name).rstrip("/")
    name = re.sub(r"\.?@$", "", name) or domain
    name = _own(name, domain)
    if name == domain or name.endswith(f".{domain}"):
        return _labels(name)
    if absolute or _whole(name):
        return _labels(name)
    return _labels(f"{name}.{domain}")


def _own(name: str, domain: str) -> str:
    """The name with the placeholder at its end replaced by the domain."""
    for end in _OWN_ENDS:
        if name == end:
            return domain
        if name.endswith(f".{end}"):
            return f"{name.removesuffix(end)}{domain}"
    return name


def _whole(name: str) -> bool:
    """Whether a name without its last dot is meant whole: a foreign host, not a label or two."""
    if "." not in name or name.startswith(("_", "*")) or "._" in name:
        return False
    return bool(
        re.search(r"\.(com|net|org|info|eu|cz|sk|pl|hr|de|at|hu|si|io|example|test)$", name)
    )


def _labels(name: str) -> str:
    star = name.startswith("*.")
    try:
        rest = ascii_host(name.removeprefix("*."))
    except BadUrl as wrong:
        raise Unreadable(name) from wrong
    if is_address(rest) or not _MERE_LABELS.fullmatch(rest):
        raise Unreadable(name)
    return f"*.{rest}" if star else rest


def value(type: str, text: str, domain: str, priority: str = "") -> str:
    """A value in the form of `Wanted`. Raises Unreadable when it is none of this type."""
    text = text.strip()
    if not text or len(text) > MAX_VALUE:
        raise Unreadable(text[:80])
    reader = _READERS.get(type)
    if reader is None:
        raise Unreadable(type)
    return reader(text, domain, priority)


def _address(version: int, text: str) -> str:
    cleaned = text.strip("\"'`<>()[],;")
    try:
        found = ip_address(cleaned)
    except ValueError as wrong:
        raise Unreadable(text) from wrong
    if found.version != version:
        raise Unreadable(text)
    return found.compressed


def _a(text: str, _domain: str, _priority: str) -> str:
    return _address(4, text)


def _aaaa(text: str, _domain: str, _priority: str) -> str:
    return _address(6, text)


def _target(text: str, domain: str, _priority: str) -> str:
    if fold(text.strip()) in ("@", *OWN):
        return domain
    return host(_own(text.strip().rstrip(".").lower(), domain))


def _mx(text: str, domain: str, priority: str) -> str:
    fields = [f.strip("()[],;\"'`") for f in text.split()]
    fields = [f for f in fields if f]
    numbers = [f for f in fields if f.isdigit() and int(f) < 65_536]
    names = [f for f in fields if not f.isdigit()]
    if fields == ["0", "."] or (names == ["."]):
        return "0 ."  # null MX (RFC 7505)
    if len(names) != 1:
        raise Unreadable(text)
    before = priority.strip() or (numbers[0] if numbers else "10")
    if not before.isdigit() or int(before) > 65_535:
        raise Unreadable(text)
    return f"{int(before)} {_target(names[0], domain, '')}"


def unquoted(text: str) -> str:
    """The text of a TXT value: quotes off, several strings joined (RFC 1035, 3.3.14)."""
    text = text.strip().replace("“", '"').replace("”", '"').replace("„", '"')
    strings = _STRING.findall(text)
    if strings and not _STRING.sub("", text).strip(" ()\t"):
        return "".join(
            s.replace('\\"', '"').replace("\\;", ";").replace("\\\\", "\\") for s in strings
        )
    return text.strip("`'").strip().replace("\\;", ";")


def _txt(text: str, _domain: str, _priority: str) -> str:
    found = re.sub(r"\s+", " ", unquoted(text))
    if not found:
        raise Unreadable(text)
    return found


def _srv(text: str, domain: str, _priority: str) -> str:
    fields = text.split()
    if len(fields) != 4 or not all(f.isdigit() and int(f) < 65_536 for f in fields[:3]):
        raise Unreadable(text)
    numbers = " ".join(str(int(f)) for f in fields[:3])
    return f"{numbers} {'.' if fields[3] == '.' else _target(fields[3], domain, '')}"


def _caa(text: str, _domain: str, _priority: str) -> str:
    found = re.fullmatch(r'(\d{1,3})\s+([a-z0-9]{1,15})\s+"?([^"]*)"?', text.strip(), re.IGNORECASE)
    if not found:
        raise Unreadable(text)
    return f"{int(found[1])} {found[2].lower()} {found[3].strip()}"


_READERS = {
    "A": _a,
    "AAAA": _aaaa,
    "CNAME": _target,
    "NS": _target,
    "MX": _mx,
    "TXT": _txt,
    "SRV": _srv,
    "CAA": _caa,
}


def seconds(text: str) -> int:
    """A TTL as written ("3600", "1 h", "1 hour"); 0 when it is none."""
    found = _TTL.fullmatch(text.strip())
    if not found:
        return 0
    unit = (found[2] or "").lower()
    unit = "hour" if unit.startswith("hour") else unit
    return min(int(found[1]) * _UNITS.get(unit, 1), MAX_TTL)


def unfilled(text: str) -> bool:
    """Whether a value still holds a placeholder ("<your-token>", "xxxx"), or cannot be SPF so."""
    folded = fold(text)
    if is_spf(text) and not repair_records([text]):
        return True
    if re.search(r"<[^>@]{2,60}>|(?<!%)\{[^}]{2,60}\}|\[[^\]]{2,60}\]", folded):
        return True
    return any(mark in folded for mark in PLACEHOLDERS)


def canonical(type: str, value_: str) -> str:
    """A value from a DNS answer in the form of `Wanted`; as it is when it cannot be read."""
    text = join_strings(value_) if type == "TXT" else value_.strip()
    try:
        return value(type, text, "")
    except Unreadable:
        return text.rstrip(".").lower() if type in ("CNAME", "NS", "MX", "SRV") else text
