"""A stored fact as operators read it: from where, what was sent, what came back, how long. Pure.

Knows the shapes that observing yields; what it does not know stays in the raw text below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

import msgspec

from render.i18n import N_
from status.model import Observation

Json = Mapping[str, object]
FROM, TO, SENT, BACK, TIMES = (
    N_("Seen from"),
    N_("Asked"),
    N_("Sent"),
    N_("Came back"),
    N_("How long"),
)
_PHASES = ("resolve", "connect", "tls", "first_byte", "body", "dialogue")
_LINES = 40


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One look's evidence: (label msgid, lines) in reading order, and the whole as it is kept."""

    rows: tuple[tuple[str, tuple[str, ...]], ...]
    raw: str


def told(seen: Observation) -> EvidenceLine:
    """What is known of a look."""
    rows: list[tuple[str, tuple[str, ...]]] = [(FROM, (seen.vantage,))]
    try:
        fact = msgspec.json.decode(seen.fact) if seen.fact else {}
    except (msgspec.DecodeError, UnicodeError, RecursionError):  # it was cut to its beginning
        return EvidenceLine(tuple(rows), seen.fact)
    if isinstance(fact, dict):
        rows += [(label, lines) for label, lines in _rows(fact, seen) if lines]
    return EvidenceLine(tuple(rows), msgspec.json.format(seen.fact, indent=1) if seen.fact else "")


def _rows(fact: Json, seen: Observation) -> list[tuple[str, tuple[str, ...]]]:
    parts = _tables(fact, "hops") or _tables(fact, "lookups") or (fact,)
    lines = _tables(fact, "lines")
    sent = [str(fact["sent"])] if isinstance(fact.get("sent"), str) else []
    sent += [str(one.get("text", "")) for one in lines if one.get("sent") is True]
    heard = [str(one.get("text", "")) for one in lines if one.get("sent") is False]
    back = [text for part in parts for text in _back(part)] + heard
    times = [text for part in parts if (text := _times(part))]
    return [
        (TO, tuple(text for part in parts if (text := _asked(part)))),
        (SENT, tuple(sent[:_LINES])),
        (BACK, tuple(back[:_LINES])),
        (TIMES, tuple(times) or (_span(seen.elapsed),)),
    ]


def _tables(fact: Json, key: str) -> tuple[Json, ...]:
    value = fact.get(key)
    found = value if isinstance(value, list) else []
    return tuple(one for one in found if isinstance(one, dict))


def _asked(part: Json) -> str:
    """Where it went: an address with its port, a name server."""
    where = part.get("ip") or part.get("server")
    if not where:
        return str(part.get("url") or part.get("host") or "")
    port = part.get("port")
    name = part.get("url") or part.get("host") or part.get("server_name") or ""
    return f"{where}{f' port {port}' if port else ''} {f'({name})' if name else ''}".strip()


def _back(part: Json) -> list[str]:
    found = []
    if part.get("status"):
        found.append(f"{part['status']} {part.get('reason', '')}".strip())
    headers = part.get("headers")
    for pair in headers[:15] if isinstance(headers, list) else ():
        name, value = pair
        found.append(f"{name}: {value}")
    if part.get("code"):
        found.append(f"{part['code']} {part.get('greeting', '')}".strip())
    elif part.get("greeting"):
        found.append(str(part["greeting"]))
    if part.get("rcode"):
        found.append(str(part["rcode"]))
    found += [f"{a.get('type')} {a.get('value')}" for a in _tables(part, "answers")]
    if part.get("excerpt"):
        found.append(str(part["excerpt"])[:300])
    if part.get("trouble"):
        found.append(f"{part['trouble']} {part.get('detail', '')}".strip())
    return found


def _times(part: Json) -> str:
    phases = part.get("phases")
    source = cast("Json", phases) if isinstance(phases, dict) else part
    spans = [(name, source.get(name)) for name in _PHASES]
    said = [f"{name} {_span(_duration(v))}" for name, v in spans if isinstance(v, str)]
    return ", ".join(said)


def _duration(text: str) -> timedelta:
    try:
        return msgspec.convert(text, timedelta)
    except msgspec.ValidationError:
        return timedelta(0)


def _span(span: timedelta) -> str:
    return f"{span / timedelta(milliseconds=1):.1f} ms"
