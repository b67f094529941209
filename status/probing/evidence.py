"""Evidence of an observation as operators read it: from where, what was sent, what came back, how long. Pure.

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
FROM, TO, SENT, ANSWERED, TIMES = (
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


def describe_observation(observation: Observation) -> EvidenceLine:
    """What is known of a look."""
    rows: list[tuple[str, tuple[str, ...]]] = [(FROM, (observation.vantage,))]
    try:
        fact = msgspec.json.decode(observation.fact) if observation.fact else {}
    except (msgspec.DecodeError, UnicodeError, RecursionError):  # it was cut to its beginning
        return EvidenceLine(tuple(rows), observation.fact)
    if isinstance(fact, dict):
        rows += [(label, lines) for label, lines in _rows(fact, observation) if lines]
    return EvidenceLine(
        tuple(rows), msgspec.json.format(observation.fact, indent=1) if observation.fact else ""
    )


def _rows(fact: Json, observation: Observation) -> list[tuple[str, tuple[str, ...]]]:
    parts = _objects(fact, "hops") or _objects(fact, "lookups") or (fact,)
    lines = _objects(fact, "lines")
    steps = _objects(fact, "steps")
    sent = [str(fact["sent"])] if isinstance(fact.get("sent"), str) and not steps else []
    sent += [f"{step.get('step')}: {step.get('sent')}" for step in steps]
    sent += [str(line.get("text", "")) for line in lines if line.get("sent") is True]
    received = [str(line.get("text", "")) for line in lines if line.get("sent") is False]
    answers = [text for part in parts for text in _answer_lines(part)] + received
    times = [f"{step.get('step')}: {_span(_duration(str(step.get('took'))))}" for step in steps]
    times = times or [text for part in parts if (text := _timings(part))]
    return [
        (TO, tuple(text for part in parts if (text := _destination(part)))),
        (SENT, tuple(sent[:_LINES])),
        (ANSWERED, tuple(answers[:_LINES])),
        (TIMES, tuple(times) or (_span(observation.elapsed),)),
    ]


def _objects(fact: Json, key: str) -> tuple[Json, ...]:
    value = fact.get(key)
    items = value if isinstance(value, list) else []
    return tuple(item for item in items if isinstance(item, dict))


def _destination(part: Json) -> str:
    """Where it went: an address with its port, a name server."""
    where = part.get("ip") or part.get("server")
    if not where:
        return str(part.get("url") or part.get("host") or "")
    port = part.get("port")
    name = part.get("url") or part.get("host") or part.get("server_name") or ""
    return f"{where}{f' port {port}' if port else ''} {f'({name})' if name else ''}".strip()


def _answer_lines(part: Json) -> list[str]:
    lines = []
    if part.get("status"):
        lines.append(f"{part['status']} {part.get('reason', '')}".strip())
    headers = part.get("headers")
    for pair in headers[:15] if isinstance(headers, list) else ():
        name, value = pair
        lines.append(f"{name}: {value}")
    if part.get("code"):
        lines.append(f"{part['code']} {part.get('greeting', '')}".strip())
    elif part.get("greeting"):
        lines.append(str(part["greeting"]))
    if part.get("rcode"):
        lines.append(str(part["rcode"]))
    lines += [f"{a.get('type')} {a.get('value')}" for a in _objects(part, "answers")]
    if part.get("excerpt"):
        lines.append(str(part["excerpt"])[:300])
    if part.get("trouble"):
        lines.append(f"{part['trouble']} {part.get('detail', '')}".strip())
    return lines


def _timings(part: Json) -> str:
    phases = part.get("phases")
    source = cast("Json", phases) if isinstance(phases, dict) else part
    spans = [(name, source.get(name)) for name in _PHASES]
    timings = [f"{name} {_span(_duration(v))}" for name, v in spans if isinstance(v, str)]
    return ", ".join(timings)


def _duration(text: str) -> timedelta:
    try:
        return msgspec.convert(text, timedelta)
    except msgspec.ValidationError:
        return timedelta(0)


def _span(span: timedelta) -> str:
    return f"{span / timedelta(milliseconds=1):.1f} ms"
