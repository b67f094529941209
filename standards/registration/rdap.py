"""RDAP domain objects and errors (RFC 9083), parsed. Personal data of entities is not kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date

from standards.registration import epp_states
from standards.registration.model import RegistryState
from standards.registration.registry_dialects import THROTTLED
from standards.registration.registry_time_zones import date_at_midnight
from standards.registration.whois import MAX_RAW, WhoisAnswer
from standards.text import sanitise
from standards.urls import BadUrl, ascii_host

Json = Mapping[str, object]
MAX_ITEMS = 200  # of any list
MAX_TEXT = 2000
WITHHELD_WORDS = re.compile(r"auction|reserved|blocked|restricted|not available|prohibited")
# Errors about the TLD, the query or the server itself, which say nothing about the name.
WRONG_SERVER_WORDS = re.compile(
    r"not authoritative|not responsible|support|\btld\b|top.level|invalid|malformed|unknown (?:path|resource)"
    r"|no rdap|bootstrap|endpoint|\burl\b|\broute\b"
)
RESERVED_STATUSES = frozenset(("blocked", "restricted", "withheld", "notallowed", "unassignable"))
AVAILABLE_STATUSES = frozenset(("available", "free", "unregistered", "notregistered"))
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d)(?:$|[Tt ](?:[01]\d|2[0-4]):?[0-5]\d)")


class NotRdap(ValueError):
    """The body is no RDAP answer about this domain; the message says why."""


def parse_rdap(body: str, domain: str) -> WhoisAnswer:
    """Parse a response body about a domain. Raises NotRdap, also for an answer about another name.

    An error object in place of a domain (RFC 9083, 6) gives its own state: throttled or available.
    """
    answer = _object(_json(body))
    if _text(answer.get("objectClassName")).lower() != "domain":
        if (error_state := state_of_not_found(body)) and error_state is not RegistryState.UNKNOWN:
            return WhoisAnswer(error_state)
        if _number(answer.get("errorCode")) == 429:
            return WhoisAnswer(RegistryState.THROTTLED)
        raise NotRdap("the answer is not about a domain")
    if not _is_about(answer, domain):
        raise NotRdap("the answer is about another domain")
    statuses = [_text(word) for word in _list(answer.get("status"))]
    event_dates = _event_dates(answer, domain.rpartition(".")[2])
    expires, created = event_dates.get("expiration"), event_dates.get("registration")
    return WhoisAnswer(
        _state(statuses, expires=expires, exists=bool(expires or created or _nameservers(answer))),
        expires=None if expires and created and expires < created else expires,
        created=created,
        epp=epp_states.parse_epp_states(statuses),
        registrar=next(_registrars(answer), "")[:120],
        nameservers=_nameservers(answer),
        signed=_signed(answer),
        raw=_raw(answer),
        registrar_expires=event_dates.get("registrarexpiration"),
        referral=_referral(answer),
    )


def _state(statuses: list[str], *, expires: date | None, exists: bool) -> RegistryState:
    """The state by the status values; with an expiry date or other data it is registered."""
    letters = {"".join(c for c in word.lower() if c.isalpha()) for word in statuses}
    if (letters & RESERVED_STATUSES and not exists) or (
        any("reserved" in word for word in letters) and not expires
    ):
        return RegistryState.RESERVED
    return (
        RegistryState.AVAILABLE
        if letters & AVAILABLE_STATUSES and not exists
        else RegistryState.REGISTERED
    )


def state_of_not_found(body: str) -> RegistryState | None:
    """The state that an error object with code 404 reports; None when the body is no such object.

    A name that awaits an auction is reserved, not available (.cz: "Auction pending").
    """
    try:
        answer = _object(_json(body))
    except NotRdap:
        return None
    if _number(answer.get("errorCode")) != 404:
        return None
    texts = [_text(answer.get("title")), *map(_text, _list(answer.get("description")))]
    lowered = " ".join(texts).lower()
    if THROTTLED.search(lowered):
        return RegistryState.THROTTLED
    if WRONG_SERVER_WORDS.search(lowered):
        return RegistryState.UNKNOWN
    return RegistryState.RESERVED if WITHHELD_WORDS.search(lowered) else RegistryState.AVAILABLE


def _json(body: str) -> object:
    try:
        value: object = json.loads(body.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise NotRdap("the answer is not JSON") from error
    return value


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value[:MAX_ITEMS] if isinstance(value, list) else []


def _text(value: object) -> str:
    return sanitise(value[:MAX_TEXT]) if isinstance(value, str) else ""


def _number(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 6:
        return int(value)
    return value if isinstance(value, int) else 0


def _is_about(answer: Json, domain: str) -> bool:
    """Whether the object is about the domain; one that carries no name is assumed to be."""
    names = {_host(_text(answer.get(key))) for key in ("ldhName", "unicodeName")} - {""}
    return not names or _host(domain) in names


def _host(text: str) -> str:
    try:
        return ascii_host(text.lower()) if text else ""
    except BadUrl:
        return text.lower()


def _event_dates(answer: Json, tld: str) -> dict[str, date]:
    """The date of each event action; an action with two different dates is left out.

    Actions are compared by their letters: "Registrar Expiration", "registrar_expiration".
    """
    days_by_action: dict[str, set[date | None]] = {}
    for item in _list(answer.get("events")):
        event = _object(item)
        action = "".join(c for c in _text(event.get("eventAction")).lower() if c.isalpha())
        days_by_action.setdefault(action, set()).add(
            _event_date(_text(event.get("eventDate")), tld)
        )
    known_days = {action: days - {None} for action, days in days_by_action.items()}
    return {
        action: day for action, days in known_days.items() if len(days) == 1 for day in days if day
    }


def _event_date(text: str, tld: str) -> date | None:
    """The date of an RFC 3339 time: the day that begins then in the registry's zone, or as written."""
    match = _TIMESTAMP.match(text.strip())
    try:
        day = date_at_midnight(text, tld) or date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None
    return day if day and 1980 <= day.year <= 2200 else None


def _entities(holder: Json, depth: int = 3) -> Iterator[Json]:
    """All entities, nested ones after those that hold them, to a depth of three."""
    if depth:
        nested = [_object(item) for item in _list(holder.get("entities"))]
        yield from nested
        for entity in nested:
            yield from _entities(entity, depth - 1)


def _registrars(answer: Json) -> Iterator[str]:
    for entity in _entities(answer):
        roles = entity.get("roles")
        role_list = _list(roles) if isinstance(roles, list) else [roles]
        name = _vcard_name(entity) or _text(entity.get("handle"))
        if (
            name
            and not name.isdigit()
            and any(_text(role).lower() == "registrar" for role in role_list)
        ):
            yield name


def _vcard_name(entity: Json) -> str:
    """The formatted name of a jCard (RFC 7095): ["vcard", [["fn", {}, "text", NAME], …]]."""
    card = _list(entity.get("vcardArray"))
    for item in _list(card[1]) if len(card) > 1 else ():
        property_ = _list(item)
        if len(property_) > 3 and property_[0] in ("fn", "org"):
            value = property_[3]
            if property_[0] == "org" and isinstance(value, list) and value:
                value = value[0]  # of an organisation and its units (3.3.1.3) the organisation
            if name := _text(value):
                return name
    return ""


def _referral(answer: Json) -> str:
    """The URL of the registrar's own RDAP answer (a link with rel "related"), or ""."""
    for item in _list(answer.get("links")):
        link = _object(item)
        href = _text(link.get("href"))
        related = _text(link.get("rel")).lower() == "related"
        is_rdap = "rdap" in _text(link.get("type")).lower() or "/domain/" in href
        if related and is_rdap and href.startswith(("https://", "http://")):
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
    """The members about the registration itself as JSON, without entities and notices."""
    members = {k: answer[k] for k in ("ldhName", "status", "events", "secureDNS") if k in answer}
    try:
        return sanitise(json.dumps(members, ensure_ascii=False))[:MAX_RAW]
    except RecursionError:  # nested deeper than can be written
        return ""
