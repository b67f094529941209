"""RDAP answers (RFC 9083) read as facts. Pure; personal data in entities is not kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime

from facts import RegistryState
from observe import epp
from observe.texts import plain
from observe.whois import MAX_RAW, Answer

Json = Mapping[str, object]


class NotRdap(ValueError):
    """The body is no RDAP answer about this domain."""


def parse(body: str, domain: str) -> Answer:
    """Read a domain object. Raises NotRdap, also for an answer about another name."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise NotRdap("the answer is not JSON") from wrong
    answer = _object(found)
    name = _text(answer.get("ldhName")).lower().rstrip(".")
    if answer.get("objectClassName") != "domain" or (name and name != domain):
        raise NotRdap("the answer is not about this domain")
    said = [_text(word) for word in _list(answer.get("status"))]
    reserved = any("reserved" in word.lower() for word in said)
    events = dict(_events(answer))
    return Answer(
        RegistryState.RESERVED if reserved else RegistryState.REGISTERED,
        expires=events.get("expiration") or events.get("registrar expiration"),
        created=events.get("registration"),
        epp=epp.statuses(said),
        registrar=next(_registrars(answer), "")[:120],
        nameservers=_nameservers(answer),
        signed=_signed(answer),
        raw=_raw(answer),
    )


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return plain(value) if isinstance(value, str) else ""


def _events(answer: Json) -> Iterator[tuple[str, date]]:
    for item in _list(answer.get("events")):
        event = _object(item)
        day = _day(_text(event.get("eventDate")))
        if day is not None:
            yield _text(event.get("eventAction")).lower(), day


def _day(text: str) -> date | None:
    """The date of an RFC 3339 time, as written: registries count days in their own zone."""
    try:
        return datetime.fromisoformat(text.strip()).date()
    except ValueError:
        pass
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def _registrars(answer: Json) -> Iterator[str]:
    for item in _list(answer.get("entities")):
        entity = _object(item)
        if "registrar" in _list(entity.get("roles")):
            yield _vcard_name(entity) or _text(entity.get("handle"))


def _vcard_name(entity: Json) -> str:
    """The formatted name of a jCard (RFC 7095): ["vcard", [["fn", {}, "text", NAME], …]]."""
    card = _list(entity.get("vcardArray"))
    for item in _list(card[1]) if len(card) > 1 else ():
        line = _list(item)
        if len(line) > 3 and line[0] in ("fn", "org") and isinstance(line[3], str) and line[3]:
            return plain(line[3])
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
    return plain(json.dumps(kept, ensure_ascii=False))[:MAX_RAW]
