"""WHOIS answers (RFC 3912) read as facts: rules per registry, and a careful general one. Pure.

Prefers unknown to wrong. Contact lines never leave this file: `raw` keeps technical lines only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from facts import RegistryState
from observe import dates, epp

MAX_RAW = 3000
Fields = tuple[tuple[str, str], ...]  # (lower-case key, value), in order


@dataclass(frozen=True, slots=True)
class Answer:
    """What a WHOIS answer says."""

    state: RegistryState
    expires: date | None = None
    created: date | None = None
    epp: tuple[str, ...] = ()
    registrar: str = ""
    nameservers: tuple[str, ...] = ()
    signed: bool | None = None
    raw: str = ""


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How one registry writes; the defaults are the general rule."""

    expires: tuple[str, ...] = ()
    created: tuple[str, ...] = ()
    first_object: bool = False  # later objects (contacts, key sets) have dates of their own
    day_first: bool = False
    no_expiry: bool = False  # whatever looks like an expiry date is not the domain's


_FRED = _Dialect(("expire",), ("registered",), first_object=True)
_DIALECTS = {
    "cz": _FRED,
    "tz": _FRED,
    "sk": _Dialect(("valid until", "valid date"), ("created",)),
    "pl": _Dialect(("renewal date", "expiration date"), ("created",)),
    "hr": _Dialect(
        ("registrar registration expiration date", "expires"), ("creation date", "created")
    ),
    "eu": _Dialect(no_expiry=True),
    "de": _Dialect(no_expiry=True),
    "com": _Dialect(("registry expiry date", "expiration date"), ("creation date",)),
    "net": _Dialect(("registry expiry date", "expiration date"), ("creation date",)),
    **dict.fromkeys(
        ("fr", "re", "pm", "tf", "wf", "yt", "bg", "im", "pt", "hk", "tn"), _Dialect(day_first=True)
    ),
}
_EXPIRES = re.compile(
    r"^(?:registry |registrar registration |domain |record |registration |domain name )?"
    r"(?:expir(?:y|es|e|ation|ing)?(?: (?:date|on|at|time))?|exp date|valid (?:until|till|date)"
    r"|validity|paid till|renewal date|renewal|fecha de vencimiento|fecha de expiracion"
    r"|vencimiento|date d'expiration)$"
)
_CREATED = re.compile(
    r"^(?:domain |record |registry |domain name )?(?:creat(?:ed|ion)(?: (?:date|on|at))?|registered(?: (?:on|date))?"
    r"|registration date|registration time|domain registered|activated|fecha de creacion"
    r"|fecha de registro|domain create date|activated on|commencement date)$"
)
_STATUS = re.compile(
    r"^(?:domain |epp |registration |domain name |x |estatus del )?(?:status|state|statuses|dominio)$"
)
_REGISTRAR = ("sponsoring registrar", "registrar", "registrar name", "registrar organization")
_SERVER = re.compile(r"^(?:domain )?(?:n(?:ame)? ?servers?|host ?names?|nserver|dns)(?: ?\d+)?$")
_KEYED = re.compile(r"^\s*\[?([A-Za-z][\w .,/()'\-]{0,48}?)\]?[\s.]*(?:\]\s|:)[\s.]*(.*)$")
_SPACED = re.compile(r"^([A-Z][a-z]+(?:-[a-z]+)*) {3,}(\S.*)$")  # old .sk
_SENTENCE = re.compile(
    r"(?:record|domain|registration) (expires|created|registered) on[ .:]+(.*)$", re.IGNORECASE
)
_HOST = re.compile(
    r"(?<![\w.@-])((?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62})\.?(?![\w@])"
)

_THROTTLED = re.compile(
    r"request limit exceeded|quota .{0,60}exceeded|exceeded .{0,40}(?:quota|limit|allowed)"
    r"|requests? per second|access control limit|too many (?:requests|queries|connections)"
    r"|(?:query|lookup|rate|connection|access|daily|request|maximum) ?limit (?:has been )?(?:exceeded|reached)"
    r"|number of (?:allowed |permitted )?(?:queries|requests).{0,30}(?:exceeded|reached)"
    r"|excessive (?:querying|queries|number)|exceeded the maximum|try again later"
    r"|(?:you(?:r ip)?|address|host|access).{0,40}(?:is|are|been|has been|temporarily) (?:temporarily )?"
    r"(?:blocked|blacklisted|banned|denied|refused)|ip address blocked|looked up too|please (?:slow down|wait)"
)
_TERMS = re.compile(
    r"terms (?:and conditions )?of use|you agree|by (?:using|submitting)|lawful purposes"
    r"|information purposes|status codes|is rate limited|copyright"
)
_RESERVED = re.compile(
    r"\breserved (?:by|name)|is reserved|name is restricted|restricted (?:domain|from)|^restricted\.?$"
    r"|^reserved\b|or is reserved|not available for registration|no registration status listed",
    re.MULTILINE,
)
_FAILED = re.compile(
    r"^http/1|<html|<!doctype|(?:internal|server|system|database|service|connection) error"
    r"|unavailable|timed? ?out|maintenance"
)
_AVAILABLE = re.compile(
    r"no match|not? found|no entries found|no entry found|no (?:such domain|data found|data was found)"
    r"|not regist(?:e)?red|is available(?: for|\.|$)|available for (?:registration|purchase)"
    r"|no object found|object does not exist|does not exist|no (?:domain )?records? (?:matching|were found|was found|found)|no existe"
    r"|not have an entry|could not find|nothing found|nincs tal|no information (?:was found|available)"
    r"|no se encuentra|no results|^--- ~$|has not been registered|is free\b|no disponible",
    re.MULTILINE,
)
_STATUS_AVAILABLE = re.compile(
    r"^(?:available|free|not registered|no object found|not found|none|no match|disponible)\W*$"
)
_STATUS_RESERVED = re.compile(
    r"^(?:reserved|restricted|not_open|blocked by registry|forbidden|no registration status)\b"
)
_STATUS_UNKNOWN = re.compile(r"^(?:invalid|not allowed|unavailable)\b")
_BY_STATUS = (
    (_STATUS_AVAILABLE, RegistryState.AVAILABLE),
    (_STATUS_RESERVED, RegistryState.RESERVED),
    (_STATUS_UNKNOWN, RegistryState.UNKNOWN),
)
_BY_WORDS = (
    (_THROTTLED, RegistryState.THROTTLED),
    (_FAILED, RegistryState.UNKNOWN),
    (_RESERVED, RegistryState.RESERVED),
    (_AVAILABLE, RegistryState.AVAILABLE),
)
_TECHNICAL = re.compile(
    r"^(?:domain|domain name|nsset|keyset|dnssec|dnskey|ds|dsrecord|ds rdata|changed|updated|last modified"
    r"|updated date|last update|option.*|hold|dom public)$"
)


def parse(text: str, tld: str = "") -> Answer:
    """Read a whole answer. `tld` picks the registry's own rules."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")[:65536]
    dialect = _DIALECTS.get(tld.lower().rpartition(".")[2], _Dialect())
    fields = _fields(_domain_object(text) if dialect.first_object else text)
    state = _state(text, fields)
    if state is not RegistryState.REGISTERED:
        return Answer(state, raw=_raw(fields))
    day_first = dialect.day_first or "dd/mm/yyyy" in text.lower()
    expires = _first_date(fields, dialect.expires, _EXPIRES.match, day_first=day_first)
    return Answer(
        state,
        expires=None if dialect.no_expiry else expires,
        created=_first_date(fields, dialect.created, _CREATED.match, day_first=day_first),
        epp=epp.statuses(v for k, v in fields if _STATUS.match(k)),
        registrar=_registrar(fields),
        nameservers=_nameservers(fields),
        signed=_signed(fields),
        raw=_raw(fields),
    )


def _domain_object(text: str) -> str:
    """The paragraph that describes the domain itself; the whole text when there is none."""
    for paragraph in re.split(r"\n\s*\n", text):
        if re.search(r"^domain:", paragraph, re.MULTILINE):
            return paragraph
    return text


def _fields(text: str) -> Fields:
    """Keys with their values; a key with an empty value takes the lines below it."""
    found: list[tuple[str, str]] = []
    open_key, indent = "", 0
    for line in text.split("\n")[:3000]:
        bare = line.strip()
        if not bare or bare[0] in "%#>" or len(bare) > 400:
            open_key = "" if not bare and found and found[-1][1] else open_key
            continue
        match = _KEYED.match(line) or _SPACED.match(line) or _sentence(bare)
        if match and not match[2].startswith("//"):
            key = _key(match[1])
            value = match[2].strip()
            open_key, indent = key, len(line) - len(line.lstrip())
            found.append((key, value))
        elif open_key and (len(line) - len(line.lstrip()) > indent or not found[-1][1]):
            found.append((open_key, bare))
    return tuple(found)


def _sentence(bare: str) -> re.Match[str] | None:
    return _SENTENCE.search(bare)


def _key(text: str) -> str:
    return re.sub(r"[\s_\-]+", " ", text.strip(" .").lower())


def _first_date(
    fields: Fields,
    keys: tuple[str, ...],
    matches: Callable[[str], object],
    *,
    day_first: bool,
) -> date | None:
    """The date under the registry's own keys in their order, else under any that means it."""
    ordered = [v for key in keys for k, v in fields if k == key]
    general = [] if ordered else [v for k, v in fields if matches(k)]
    found = (dates.parse(value, day_first=day_first) for value in (*ordered, *general))
    return next((day for day in found if day is not None), None)


def _values(fields: Fields, keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(v for key in keys for k, v in fields if k == key and v)


def _registrar(fields: Fields) -> str:
    """The registrar's name; where the key is a heading, the name below it."""
    heading = False
    for key, value in fields:
        if value and (key in _REGISTRAR or (heading and key in ("name", "organisation"))):
            return value[:120]
        heading = key in _REGISTRAR
    return ""


def _nameservers(fields: Fields) -> tuple[str, ...]:
    hosts = (_HOST.search(v.lower()) for k, v in fields if _SERVER.match(k))
    return tuple(dict.fromkeys(host[1] for host in hosts if host))[:16]


def _signed(fields: Fields) -> bool | None:
    said = [v.lower() for k, v in fields if k == "dnssec"]
    if said:
        return said[0].startswith(("signed", "yes", "active", "true"))
    keys = ("keyset", "dnskey", "ds", "dsrecord", "ds rdata", "dsset")
    return True if _values(fields, keys) else None


def _state(text: str, fields: Fields) -> RegistryState:
    """Throttled, available, reserved and registered told apart; else unknown."""
    statuses = [v.lower() for k, v in fields if _STATUS.match(k) and v]
    for pattern, meaning in _BY_STATUS:
        if any(pattern.match(status) for status in statuses):
            return meaning
    if _described(fields, statuses):
        return RegistryState.REGISTERED
    low = _without_terms(text)
    said = (meaning for pattern, meaning in _BY_WORDS if pattern.search(low))
    return next(said, RegistryState.UNKNOWN)


def _described(fields: Fields, statuses: list[str]) -> bool:
    """Does the answer describe an existing registration?"""
    dated = any(
        (_EXPIRES.match(k) or _CREATED.match(k)) and dates.parse(v, day_first=True)
        for k, v in fields
    )
    known = any(epp.canonical(s) for s in statuses) or bool(epp.statuses(statuses))
    named = bool(
        _nameservers(fields) or _values(fields, ("registrant", "holder", "holder c", "owner"))
    )
    return dated or known or named


def _without_terms(text: str) -> str:
    """The text without its terms of use, which speak of limits and availability too."""
    paragraphs = re.split(r"\n[ \t%#*;-]*\n", text.lower())
    kept = (p for p in paragraphs if len(p) < 800 and not _TERMS.search(p))
    lines = (re.sub(r"^[\s%#*;>]+", "", line) for p in kept for line in p.split("\n"))
    return "\n".join(lines)


def _raw(fields: Fields) -> str:
    """Only lines about the registration itself, none about people."""
    kept = (
        f"{key}: {value}"
        for key, value in fields
        if _TECHNICAL.match(key)
        or _STATUS.match(key)
        or _EXPIRES.match(key)
        or _CREATED.match(key)
        or _SERVER.match(key)
    )
    return "\n".join(dict.fromkeys(kept))[:MAX_RAW]
