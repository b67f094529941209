"""WHOIS answers (RFC 3912) read as facts: rules per registry, and a careful general one. Pure.

Prefers unknown to wrong. Contact lines never leave this file: `raw` keeps technical lines only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial

from standards.registration import dates
from standards.registration import epp_states as epp
from standards.registration import whois_vocabulary as words
from standards.registration.model import RegistryState
from standards.urls import BadUrl, ascii_host

MAX_RAW = 3000
MOST_OF_NOTHING = 5  # lines with keys in an answer that a name is free
Read = Callable[[str], date | None]
Fields = tuple[tuple[str, str], ...]  # (lower-case key, value), in order


@dataclass(frozen=True, slots=True)
class WhoisAnswer:
    """What a WHOIS answer says."""

    state: RegistryState
    expires: date | None = None
    created: date | None = None
    epp: tuple[str, ...] = ()
    registrar: str = ""
    nameservers: tuple[str, ...] = ()
    signed: bool | None = None
    raw: str = ""
    registrar_expires: date | None = None  # the registrar's own date, which is not the registry's
    about: str = ""  # where the registrar itself answers


def parse(text: str, tld: str = "", domain: str = "") -> WhoisAnswer:
    """Read a whole answer. `tld` picks the registry's own rules, `domain` one record of several."""
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = words.LEADERS.sub(r"\1: ", words.CUT.sub("", text[:65536]))
    only = _record(_keyed(words.FOREIGN.sub(_in_english, text)), domain)
    if only is None:
        return WhoisAnswer(RegistryState.UNKNOWN)
    tld = tld.lower().rpartition(".")[2]
    dialect = words.DIALECTS.get(tld, words.RegistryDialect())
    fields, own = _fields(only), _fields(_own(only))
    state = _state(only, own, fields)
    if state is not RegistryState.REGISTERED:
        return WhoisAnswer(state, raw=_raw(own))
    day_first = dialect.day_first or bool(re.search("dd/mm/yyyy|jj/mm/aaaa", only.lower()))
    read = partial(dates.parse, day_first=day_first, tld=tld)
    alone = _fields(_own(only, strict=True))  # where a section about others tells a date, too
    ends, created = (
        next(filter(None, (_date(part, keys, general, read) for part in (own, alone))), None)
        for keys, general in (
            (dialect.expires, words.EXPIRES),
            (dialect.created, words.CREATED),
        )
    )
    registrars = _agreed(own, words.BY_REGISTRAR, read)
    sane = ends is not None and not (created and ends < created) and not dialect.no_expiry
    return WhoisAnswer(
        state,
        expires=ends if sane else None,
        created=created,
        epp=epp.statuses(v for k, v in own if words.STATUS.match(k)),
        registrar=_registrar(fields),
        nameservers=_nameservers(fields),
        signed=_signed(fields),
        raw=_raw(own),
        registrar_expires=registrars,
        about=_referral(fields),
    )


def _in_english(label: re.Match[str]) -> str:
    return words.LABELS[label[0]]


def _keyed(text: str) -> str:
    """Tonic's list of servers (.to) as lines with keys; any other text as it is."""
    head, _, rest = text.strip().partition("\n")
    if not head.lower().startswith("tonic whoisd"):
        return text
    servers = (words.LISTED.match(line.strip().lower()) for line in rest.split("\n"))
    keyed = "\n".join(f"nserver: {found[1]}" for found in servers if found)
    return keyed or text


def _record(text: str, domain: str) -> str | None:
    """The record about the domain where an answer holds several; None when none of them is.

    A single name that cannot be read, in letters of its own, is taken for the one asked.
    """
    found = [(m.start(), _host(m[1])) for m in words.NAMED.finditer(text)]
    names, wanted = {name for _, name in found if "." in name}, _host(domain)
    garbled = "xn--" in wanted and not all(name.isascii() for name in names)
    if not domain or not names or names == {wanted} or (garbled and len(names) == 1):
        return text
    begins = next((at for at, name in found if name == wanted), None)
    if begins is None:
        return None
    ends = (at for at, name in found if at > begins and name != wanted)
    return text[begins : next(ends, len(text))]


def _host(text: str) -> str:
    try:
        return ascii_host(text.strip(".,;[]\"'"))
    except BadUrl:
        return text.lower()


def _own(text: str, *, strict: bool = False) -> str:
    """The text without the paragraphs about people, companies and key sets.

    Unless `strict`, one that only opens with a company's line and holds no address is kept.
    """
    kept = []
    for paragraph in re.split(r"\n\s*\n", text):
        lines = (line for line in paragraph.split("\n") if line.strip()[:1] not in ("", "%", "#"))
        other = words.OTHERS.match(next(lines, ""))
        others = other and (strict or other[1] or words.ADDRESSED.search(paragraph))
        if not others or words.NAMED.search(paragraph):
            kept.append(paragraph)
    return "\n\n".join(kept)


def _fields(text: str) -> Fields:
    """Keys with their values; a key with an empty value takes the lines below it."""
    found: list[tuple[str, str]] = []
    open_key, indent = "", 0
    for line in text.split("\n")[:3000]:
        bare = line.strip()
        if not bare or bare[0] in "%#>" or len(bare) > 400:
            open_key = "" if not bare and found and found[-1][1] else open_key
            continue
        match = words.DATED.search(bare) or words.KEYED.match(line) or words.SPACED.match(line)
        match = match or words.SENTENCE.search(bare)
        if match and not match[2].startswith("//"):
            key = _key(match[1])
            value = match[2].strip()
            open_key, indent = key, len(line) - len(line.lstrip())
            found.append((key, value))
        elif open_key and (len(line) - len(line.lstrip()) > indent or not found[-1][1]):
            found.append((open_key, bare))
    return tuple(found)


def _key(text: str) -> str:
    """A key in one spelling: no accents, no brackets, the English half of a double name."""
    plain = unicodedata.normalize("NFKD", text.lower().partition("(")[0]).strip(" .")
    plain = "".join(c for c in plain if not unicodedata.combining(c)).rpartition(" / ")[2]
    return re.sub(r"[\s_\-]+", " ", plain)


def _date(
    fields: Fields, keys: tuple[str, ...], general: re.Pattern[str], read: Read
) -> date | None:
    """The date under the first of the registry's own keys, else the one all that mean it agree on."""
    for key in keys:
        name, _, start = key.partition("=")
        if values := [v for k, v in fields if k == name and v.lower().startswith(start)]:
            return _agreed(fields, (name,), read) if any(values) else None
    meant = dict.fromkeys(k for k, v in fields if v and general.match(k))
    first = [k for k in words.REGISTRY_DATE if k in meant]
    return _agreed(fields, first[:1] or tuple(meant), read)


def _agreed(fields: Fields, keys: Iterable[str], read: Read) -> date | None:
    """The one date under some keys: two that differ are two records, and neither is sure."""
    found = [read(v) for v in _values(fields, keys)]
    days = {day for day in found if day}
    return days.pop() if len(days) == 1 and found[0] else None


def _referral(fields: Fields) -> str:
    """The registrar's own WHOIS server, as thin registries name it."""
    named = _values(fields, ("registrar whois server", "whois server"))
    place = _host(named[0]) if named else ""
    return place if words.HOST.fullmatch(place) else ""


def _values(fields: Fields, keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(v for key in keys for k, v in fields if k == key and v)


def _registrar(fields: Fields) -> str:
    """The registrar's name; where the key is a heading, the name below it."""
    heading = False
    for key, value in fields:
        if value and (key in words.REGISTRAR or (heading and key in ("name", "organisation"))):
            return value[:120]
        heading = key in words.REGISTRAR
    return ""


def _nameservers(fields: Fields) -> tuple[str, ...]:
    hosts = (words.HOST.search(v.lower()) for k, v in fields if words.SERVER.match(k))
    return tuple(dict.fromkeys(host[1] for host in hosts if host))[:16]


def _signed(fields: Fields) -> bool | None:
    said = [v.lower() for k, v in fields if k == "dnssec"]
    if said:
        return said[0].startswith(("signed", "yes", "active", "true"))
    keys = ("keyset", "dnskey", "ds", "dsrecord", "ds rdata", "dsset")
    return True if _values(fields, keys) else None


def _state(text: str, own: Fields, fields: Fields) -> RegistryState:
    """Throttled, available, reserved and registered told apart; else unknown."""
    statuses = [v.lower() for k, v in own if words.STATUS.match(k) and v]
    exists = _dated(own) or bool(_nameservers(fields))
    for pattern, meaning in words.BY_STATUS:
        free = meaning is RegistryState.AVAILABLE
        if any(pattern.match(status) for status in statuses) and not (free and exists):
            return meaning
    if exists or _described(fields, statuses):
        return RegistryState.REGISTERED
    if any(words.STATUS_TAKEN_BACK.match(status) for status in statuses):
        return RegistryState.RESERVED
    spoken = _without_terms(text)
    low = re.sub(r"(?m)^[ \t%#*;>]+", "", spoken)
    said = next((meant for pattern, meant in words.BY_WORDS if pattern.search(low)), None)
    return said or _absent(low, _fields(spoken))


def _absent(low: str, told: Fields) -> RegistryState:
    """Is the name free by the answer's words? A record that we cannot read may say such words too."""
    if len({key for key, value in told if value}) > MOST_OF_NOTHING:
        return RegistryState.UNKNOWN
    about = (line for line in low.split("\n") if not words.NOT_THE_NAME.match(line))
    free = any(words.AVAILABLE.search(line) for line in about)
    return RegistryState.AVAILABLE if free else RegistryState.UNKNOWN


def _dated(own: Fields) -> bool:
    """Does any of the domain's own lines tell when it began or ends?"""
    return any(
        (words.EXPIRES.match(k) or words.CREATED.match(k) or k in words.BY_REGISTRAR)
        and dates.parse(v, day_first=True)
        for k, v in own
    )


def _described(fields: Fields, statuses: list[str]) -> bool:
    """Does the answer describe an existing registration, by its states or its holder?"""
    known = any(epp.canonical(s) for s in statuses) or bool(epp.statuses(statuses))
    return known or bool(_values(fields, ("registrant", "holder", "holder c", "owner")))


def _without_terms(text: str) -> str:
    """The text without its terms of use, which speak of limits and availability too."""
    paragraphs = re.split(r"\n[ \t%#*;-]*\n", text.lower())
    kept = (p for p in paragraphs if len(p) < 800 and not (len(p) > 120 and words.TERMS.search(p)))
    return "\n\n".join(kept)


def _raw(fields: Fields) -> str:
    """Only lines about the registration itself, none about people."""
    kept = (
        f"{key}: {value}"
        for key, value in fields
        if words.TECHNICAL.match(key)
        or words.STATUS.match(key)
        or words.EXPIRES.match(key)
        or words.CREATED.match(key)
        or words.SERVER.match(key)
    )
    return "\n".join(dict.fromkeys(kept))[:MAX_RAW]
