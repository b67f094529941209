"""RDAP answers (RFC 9083) read as facts. Pure; personal data in entities is not kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date

from standards.registration import epp_states
from standards.registration.model import RegistryState
from standards.registration.time_zones import midnight
from standards.registration.whois import MAX_RAW, WhoisAnswer
from standards.registration.whois_vocabulary import THROTTLED
from standards.text import plain
from standards.urls import BadUrl, ascii_host

Json = Mapping[str, object]
MAX_ITEMS = 200  # of any list
MAX_TEXT = 2000
WITHHELD = re.compile(r"auction|reserved|blocked|restricted|not available|prohibited")
# The server does not know the ending, the question or itself; of the name it says nothing.
ELSEWHERE = re.compile(
    r"not authoritative|not responsible|support|\btld\b|top.level|invalid|malformed|unknown (?:path|resource)"
    r"|no rdap|bootstrap|endpoint|\burl\b|\broute\b"
)
HELD = frozenset(("blocked", "restricted", "withheld", "notallowed", "unassignable"))
FREE = frozenset(("available", "free", "unregistered", "notregistered"))
_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)(?:$|[Tt ](?:[01]\d|2[0-4]):?[0-5]\d)")


class NotRdap(ValueError):
    """The body is no RDAP answer about this domain."""


def parse(body: str, domain: str) -> WhoisAnswer:
    """Read a domain object. Raises NotRdap, also for an answer about another name.

    An error object in place of a domain (RFC 9083, 6) tells its own state: throttled or available.
    """
    answer = _object(_json(body))
    if _text(answer.get("objectClassName")).lower() != "domain":
        if (absent := absence(body)) and absent is not RegistryState.UNKNOWN:
            return WhoisAnswer(absent)
        if _number(answer.get("errorCode")) == 429:
            return WhoisAnswer(RegistryState.THROTTLED)
        raise NotRdap("the answer is not about a domain")
    if not _about(answer, domain):
        raise NotRdap("the answer is about another domain")
    said = [_text(word) for word in _list(answer.get("status"))]
    days = _days(answer, domain.rpartition(".")[2])
    ends, created = days.get("expiration"), days.get("registration")
    return WhoisAnswer(
        _state(said, ends=ends, lives=bool(ends or created or _nameservers(answer))),
        expires=None if ends and created and ends < created else ends,
        created=created,
        epp=epp_states.statuses(said),
        registrar=next(_registrars(answer), "")[:120],
        nameservers=_nameservers(answer),
        signed=_signed(answer),
        raw=_raw(answer),
        registrar_expires=days.get("registrarexpiration"),
        about=_referral(answer),
    )


def _state(said: list[str], *, ends: date | None, lives: bool) -> RegistryState:
    """What the statuses of a domain object say; one that ends, or lives, is registered."""
    letters = {"".join(c for c in word.lower() if c.isalpha()) for word in said}
    if (letters & HELD and not lives) or (any("reserved" in w for w in letters) and not ends):
        return RegistryState.RESERVED
    return RegistryState.AVAILABLE if letters & FREE and not lives else RegistryState.REGISTERED


def absence(body: str) -> RegistryState | None:
    """What an error object with the code 404 says of the name; None when it is no such object.

    A name that waits for an auction is not there, and not to be had either (.cz: "Auction pending").
    """
    try:
        answer = _object(_json(body))
    except NotRdap:
        return None
    if _number(answer.get("errorCode")) != 404:
        return None
    said = [_text(answer.get("title")), *map(_text, _list(answer.get("description")))]
    low = " ".join(said).lower()
    if THROTTLED.search(low):
        return RegistryState.THROTTLED
    if ELSEWHERE.search(low):
        return RegistryState.UNKNOWN
    return RegistryState.RESERVED if WITHHELD.search(low) else RegistryState.AVAILABLE


def _json(body: str) -> object:
    try:
        found: object = json.loads(body.lstrip("\ufeff"))
    except (ValueError, RecursionError) as wrong:
        raise NotRdap("the answer is not JSON") from wrong
    return found


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value[:MAX_ITEMS] if isinstance(value, list) else []


def _text(value: object) -> str:
    return plain(value[:MAX_TEXT]) if isinstance(value, str) else ""


def _number(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 6:
        return int(value)
    return value if isinstance(value, int) else 0


def _about(answer: Json, domain: str) -> bool:
    """Is this object about the name? One that names none is taken at its address's word."""
    names = {_host(_text(answer.get(key))) for key in ("ldhName", "unicodeName")} - {""}
    return not names or _host(domain) in names


def _host(text: str) -> str:
    try:
        return ascii_host(text.lower()) if text else ""
    except BadUrl:
        return text.lower()


def _days(answer: Json, tld: str) -> dict[str, date]:
    """The day of each event; one that has two different days has none for sure.

    Names of events are compared by their letters: "Registrar Expiration", "registrar_expiration".
    """
    found: dict[str, set[date | None]] = {}
    for item in _list(answer.get("events")):
        event = _object(item)
        action = "".join(c for c in _text(event.get("eventAction")).lower() if c.isalpha())
        found.setdefault(action, set()).add(_day(_text(event.get("eventDate")), tld))
    sure = {action: days - {None} for action, days in found.items()}
    return {action: day for action, days in sure.items() if len(days) == 1 for day in days if day}


def _day(text: str, tld: str) -> date | None:
    """The date of an RFC 3339 time: the day that begins then in the registry's zone, or as written."""
    match = _STAMP.match(text.strip())
    try:
        found = midnight(text, tld) or date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None
    return found if found and 1980 <= found.year <= 2200 else None


def _entities(holder: Json, depth: int = 3) -> Iterator[Json]:
    """Entities, those inside entities too, the outer ones first."""
    if depth:
        inside = [_object(item) for item in _list(holder.get("entities"))]
        yield from inside
        for entity in inside:
            yield from _entities(entity, depth - 1)


def _registrars(answer: Json) -> Iterator[str]:
    for entity in _entities(answer):
        roles = entity.get("roles")
        named = _list(roles) if isinstance(roles, list) else [roles]
        called = _vcard_name(entity) or _text(entity.get("handle"))
        if called and any(_text(role).lower() == "registrar" for role in named):
            yield called


def _vcard_name(entity: Json) -> str:
    """The formatted name of a jCard (RFC 7095): ["vcard", [["fn", {}, "text", NAME], …]]."""
    card = _list(entity.get("vcardArray"))
    for item in _list(card[1]) if len(card) > 1 else ():
        line = _list(item)
        if len(line) > 3 and line[0] in ("fn", "org") and isinstance(line[3], str) and line[3]:
            return _text(line[3])
    return ""


def _referral(answer: Json) -> str:
    """The registrar's own answer about this domain (rel "related", RDAP's media type)."""
    for item in _list(answer.get("links")):
        link = _object(item)
        href = _text(link.get("href"))
        related = _text(link.get("rel")).lower() == "related"
        speaks = "rdap" in _text(link.get("type")).lower() or "/domain/" in href
        if related and speaks and href.startswith(("https://", "http://")):
            return href
    return ""


def _nameservers(answer: Json) -> tuple[str, ...]:
    names = (
        _text(_object(server).get("ldhName")).lower().rstrip(".")
        for server in _list(answer.get("nameservers"))
    )
    return tuple(dict.fromkeys(name for name in names if name))[:16]


def _signed(answer: Json) -> bool | None:
    signed = _object(answer.get("secureDNS")).get("delegationSigned")
    return signed if isinstance(signed, bool) else None


def _raw(answer: Json) -> str:
    """The parts about the registration itself, without entities and notices."""
    kept = {k: answer[k] for k in ("ldhName", "status", "events", "secureDNS") if k in answer}
    try:
        return plain(json.dumps(kept, ensure_ascii=False))[:MAX_RAW]
    except RecursionError:  # nested deeper than can be written
        return ""
