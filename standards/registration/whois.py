"""Parses WHOIS answers (RFC 3912) to state, dates and name servers, by the registry's dialect or a general rule.

Prefers unknown to wrong. Contact data is dropped here: `raw` keeps technical lines only.
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
from standards.registration import registry_dialects as words
from standards.registration.model import RegistryState
from standards.urls import BadUrl, ascii_host

MAX_RAW = 3000
MAX_KEYS_WHEN_AVAILABLE = 5  # lines with keys in an answer that a name is free
DateReader = Callable[[str], date | None]
WhoisFields = tuple[tuple[str, str], ...]  # (lower-case key, value), in order


@dataclass(frozen=True, slots=True)
class WhoisAnswer:
    """A registry's answer about a domain, from WHOIS or RDAP. A date that is not published is None;
    `epp` are states in camelCase; `signed` is None when DNSSEC is not mentioned."""

    state: RegistryState
    expires: date | None = None
    created: date | None = None
    epp: tuple[str, ...] = ()
    registrar: str = ""
    nameservers: tuple[str, ...] = ()
    signed: bool | None = None
    raw: str = ""
    registrar_expires: date | None = None  # by the registrar, may be earlier than the registry's
    referral: str = ""  # the registrar's own WHOIS server or RDAP URL


def parse_whois(text: str, tld: str = "", domain: str = "") -> WhoisAnswer:
    """Parse a whole answer; never raises.

    `tld` selects the registry's dialect, `domain` the record about it where there are several.
    """
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = words.DOT_LEADERS.sub(r"\1: ", words.CUT_OFF_DATE.sub("", text[:65536]))
    record = _record(_with_keys(words.FOREIGN_LABEL.sub(_english_label, text)), domain)
    if record is None:
        return WhoisAnswer(RegistryState.UNKNOWN)
    tld = tld.lower().rpartition(".")[2]
    dialect = words.DIALECTS.get(tld, words.RegistryDialect())
    fields, domain_fields = _fields(record), _fields(_without_contacts(record))
    state = _state(record, domain_fields, fields)
    if state is not RegistryState.REGISTERED:
        return WhoisAnswer(state, raw=_raw(domain_fields))
    day_first = dialect.day_first or bool(re.search("dd/mm/yyyy|jj/mm/aaaa", record.lower()))
    read_date = partial(dates.parse_date, day_first=day_first, tld=tld)
    strict_fields = _fields(
        _without_contacts(record, strict=True)
    )  # where a section about others tells a date, too
    expires, created = (
        next(
            filter(
                None,
                (
                    _date(fields_read, keys, general, read_date)
                    for fields_read in (domain_fields, strict_fields)
                ),
            ),
            None,
        )
        for keys, general in (
            (dialect.expires, words.EXPIRES_KEY),
            (dialect.created, words.CREATED_KEY),
        )
    )
    registrar_expires = _agreed_date(domain_fields, words.REGISTRAR_DATE_KEYS, read_date)
    plausible = (
        expires is not None and not (created and expires < created) and not dialect.no_expiry
    )
    return WhoisAnswer(
        state,
        expires=expires if plausible else None,
        created=created,
        epp=epp.parse_epp_states(v for k, v in domain_fields if words.STATUS_KEY.match(k)),
        registrar=_registrar(fields),
        nameservers=_nameservers(fields),
        signed=_signed(domain_fields),
        raw=_raw(domain_fields),
        registrar_expires=registrar_expires,
        referral=_referral(fields),
    )


def _english_label(label: re.Match[str]) -> str:
    return words.ENGLISH_LABELS[label[0]]


def _with_keys(text: str) -> str:
    """Tonic's plain list of name servers (.to) as key-value lines; any other text unchanged."""
    head, _, listing = text.strip().partition("\n")
    if not head.lower().startswith("tonic whoisd"):
        return text
    servers = (words.TONIC_SERVER_LINE.match(line.strip().lower()) for line in listing.split("\n"))
    server_lines = "\n".join(f"nserver: {match[1]}" for match in servers if match)
    return server_lines or text


def _record(text: str, domain: str) -> str | None:
    """The record about the domain where an answer holds several; None when none of them is.

    A single unreadable name in another script is assumed to be the domain.
    """
    headings = [(m.start(), _host(m[1])) for m in words.DOMAIN_LINE.finditer(text)]
    names, asked_host = {name for _, name in headings if "." in name}, _host(domain)
    garbled = "xn--" in asked_host and not all(name.isascii() for name in names)
    if not domain or not names or names == {asked_host} or (garbled and len(names) == 1):
        return text
    start = next((offset for offset, name in headings if name == asked_host), None)
    if start is None:
        return None
    next_starts = (offset for offset, name in headings if offset > start and name != asked_host)
    return text[start : next(next_starts, len(text))]


def _host(text: str) -> str:
    try:
        return ascii_host(text.strip(".,;[]\"'"))
    except BadUrl:
        return text.lower()


def _without_contacts(text: str, *, strict: bool = False) -> str:
    """The text without the sections about contacts, companies and key sets.

    Unless `strict`, a section that only begins with a company's line and holds no address stays.
    """
    kept_paragraphs = []
    for paragraph in re.split(r"\n\s*\n", text):
        lines = (line for line in paragraph.split("\n") if line.strip()[:1] not in ("", "%", "#"))
        heading = words.CONTACT_SECTION.match(next(lines, ""))
        about_others = heading and (strict or heading[1] or words.CONTACT_LINE.search(paragraph))
        if not about_others or words.DOMAIN_LINE.search(paragraph):
            kept_paragraphs.append(paragraph)
    return "\n\n".join(kept_paragraphs)


def _fields(text: str) -> WhoisFields:
    """Keys with their values; a key with an empty value takes the lines below it."""
    pairs: list[tuple[str, str]] = []
    open_key, indent = "", 0
    for line in text.split("\n")[:3000]:
        stripped = line.strip()
        if not stripped or stripped[0] in "%#>" or len(stripped) > 400:
            open_key = "" if not stripped and pairs and pairs[-1][1] else open_key
            continue
        match = _key_and_value(line)
        if match and not match[2].startswith("//"):
            key = _key(match[1])
            value = match[2].strip()
            open_key, indent = key, len(line) - len(line.lstrip())
            pairs.append((key, value))
        elif open_key and (
            len(line) - len(line.lstrip()) > indent
            or not pairs[-1][1]
            or (words.NAME_SERVER_KEY.match(open_key) and words.HOST.match(stripped.lower()))
        ):
            pairs.append((open_key, stripped))
    return tuple(pairs)


def _key_and_value(line: str) -> re.Match[str] | None:
    """The key and the value of a line; none of a host with its addresses, whose colons are IPv6's."""
    if words.HOST_WITH_ADDRESS.match(line):
        return None
    stripped = line.strip()
    return (
        words.DATE_LINE.search(stripped)
        or words.KEY_VALUE_LINE.match(line)
        or words.SPACED_LINE.match(line)
        or words.BARE_HEADING.match(line)
        or words.DATE_SENTENCE.search(stripped)
    )


def _key(text: str) -> str:
    """A key in one spelling: no accents, no brackets, the English half of a double name."""
    unaccented = unicodedata.normalize("NFKD", text.lower().partition("(")[0]).strip(" .")
    unaccented = "".join(c for c in unaccented if not unicodedata.combining(c)).rpartition(" / ")[2]
    return re.sub(r"[\s_\-]+", " ", unaccented)


def _date(
    fields: WhoisFields, keys: tuple[str, ...], general: re.Pattern[str], read_date: DateReader
) -> date | None:
    """The date under the first of the registry's own keys, else the one that all matching keys give."""
    for key in keys:
        name, _, value_prefix = key.partition("=")
        if values := [v for k, v in fields if k == name and v.lower().startswith(value_prefix)]:
            return _agreed_date(fields, (name,), read_date) if any(values) else None
    matching_keys = dict.fromkeys(k for k, v in fields if v and general.match(k))
    registry_keys = [k for k in words.REGISTRY_DATE_KEYS if k in matching_keys]
    return _agreed_date(fields, registry_keys[:1] or tuple(matching_keys), read_date)


def _agreed_date(fields: WhoisFields, keys: Iterable[str], read_date: DateReader) -> date | None:
    """The only date under some keys; None when they give different ones."""
    dates_read = [read_date(v) for v in _values(fields, keys)]
    days = {day for day in dates_read if day}
    return days.pop() if len(days) == 1 and dates_read[0] else None


def _referral(fields: WhoisFields) -> str:
    """The registrar's WHOIS server as thin registries name it, or ""."""
    servers = _values(fields, ("registrar whois server", "whois server"))
    server = _host(servers[0]) if servers else ""
    return server if words.HOST.fullmatch(server) else ""


def _values(fields: WhoisFields, keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(v for key in keys for k, v in fields if k == key and v)


def _registrar(fields: WhoisFields) -> str:
    """The registrar's name; where the key is a heading, the name below it."""
    heading = False
    for key, value in fields:
        if value and (key in words.REGISTRAR_KEYS or (heading and key in words.NAME_KEYS)):
            return value[:120]
        heading = key in words.REGISTRAR_KEYS
    return ""


def _nameservers(fields: WhoisFields) -> tuple[str, ...]:
    """The servers, also of a line that repeats the name before them; .dk calls the name itself "DNS"."""
    own_names = {value.lower() for key, value in fields if key in ("domain", "domain name")}
    hosts = (
        (key, words.HOST.search(value.lower().rpartition(" ns ")[2]))
        for key, value in fields
        if words.NAME_SERVER_KEY.match(key)
    )
    names = (host[1] for key, host in hosts if host and not (key == "dns" and host[1] in own_names))
    return tuple(dict.fromkeys(name for name in names if name not in words.NO_NAME_SERVERS))[:16]


def _signed(fields: WhoisFields) -> bool | None:
    """Whether the domain's own fields say so, or list its keys; None when its words are not known."""
    stated = next(iter(_values(fields, ("dnssec", "signed"))), "").lower()
    if words.SIGNED.match(stated) or _values(fields, words.DNSSEC_KEYS):
        return True
    return False if words.UNSIGNED.match(stated) else None


def _state(text: str, domain_fields: WhoisFields, fields: WhoisFields) -> RegistryState:
    """Throttled, available, reserved or registered, by status values, data and wording; else unknown."""
    statuses = [v.lower() for k, v in domain_fields if words.STATUS_KEY.match(k) and v]
    exists = _has_date(domain_fields) or bool(_nameservers(fields))
    for pattern, state in words.STATE_BY_STATUS:
        is_available = state is RegistryState.AVAILABLE
        if any(pattern.match(status) for status in statuses) and not (is_available and exists):
            return state
    if exists or _describes_registration(fields, statuses):
        return RegistryState.REGISTERED
    if any(words.STATUS_TAKEN_BACK.match(status) for status in statuses):
        return RegistryState.RESERVED
    without_terms = _without_terms(text)
    lowered = re.sub(r"(?m)^[ \t%#*;>]+", "", without_terms)
    stated = next(
        (state_meant for pattern, state_meant in words.STATE_BY_WORDS if pattern.search(lowered)),
        None,
    )
    return stated or _state_by_absence(lowered, _fields(without_terms))


def _state_by_absence(lowered: str, fields: WhoisFields) -> RegistryState:
    """Available when the wording says so and there are few keys: an unreadable record has more."""
    if len({key for key, value in fields if value}) > MAX_KEYS_WHEN_AVAILABLE:
        return RegistryState.UNKNOWN
    lines = (line for line in lowered.split("\n") if not words.NOT_ABOUT_THE_NAME.match(line))
    is_available = any(words.AVAILABLE.search(line) for line in lines)
    return RegistryState.AVAILABLE if is_available else RegistryState.UNKNOWN


def _has_date(domain_fields: WhoisFields) -> bool:
    """Whether any of the domain's own fields is a creation or expiry date."""
    return any(
        (words.EXPIRES_KEY.match(k) or words.CREATED_KEY.match(k) or k in words.REGISTRAR_DATE_KEYS)
        and dates.parse_date(v, day_first=True)
        for k, v in domain_fields
    )


def _describes_registration(fields: WhoisFields, statuses: list[str]) -> bool:
    """Whether the answer describes a registration: it has an EPP state or a registrant."""
    has_known_state = any(epp.to_epp_state(s) for s in statuses) or bool(
        epp.parse_epp_states(statuses)
    )
    return has_known_state or bool(_values(fields, ("registrant", "holder", "holder c", "owner")))


def _without_terms(text: str) -> str:
    """The text without terms of use, which mention limits and availability too."""
    paragraphs = re.split(r"\n[ \t%#*;-]*\n", text.lower())
    kept_paragraphs = (
        p
        for p in paragraphs
        if len(p) < 800 and not (len(p) > 120 and words.TERMS_OF_USE.search(p))
    )
    return "\n\n".join(kept_paragraphs)


def _raw(fields: WhoisFields) -> str:
    """The fields about the registration itself, none about people, cut to MAX_RAW characters."""
    lines = (
        f"{key}: {value}"
        for key, value in fields
        if words.TECHNICAL_KEY.match(key)
        or words.STATUS_KEY.match(key)
        or words.EXPIRES_KEY.match(key)
        or words.CREATED_KEY.match(key)
        or words.NAME_SERVER_KEY.match(key)
    )
    return "\n".join(dict.fromkeys(lines))[:MAX_RAW]
