"""Translates a probe's reason, which is stored in English, for whoever reads operators' pages. Pure.

Sentences that probes write are known again, and the
spans, dates and numbers in them are read back, so that they are told as the reader's language does.
What is not known stays as it is: words of servers, of jobs and of operators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from render.i18n import N_
from render.languages import DEFAULT
from render.message_fields import FIELD
from render.message_format import formats, number, sentence

# {reason} is one of these again, {what} one of SUBJECTS. Fields with a kind are told as the reader's
# language does, other fields as they are.
REASONS = (
    N_("step {n} of {count}: {reason}"),
    N_("step {n} of {count} ({name}): {reason}"),
    N_("{reason}, step {n} of {count}"),
    N_("{reason}, step {n} of {count} ({name})"),
    N_("{reason} (seen from {places})"),
    N_("well from {n} of {count} places"),
    N_("{n} steps in {seconds:number} s: {times} s"),
    N_("{status} in {seconds:number} s"),
    N_("answered {status}"),
    N_("answered {status}, wanted {wanted}"),
    N_("{what} took {seconds:number} s, limit {limit:number} s"),
    N_("no answer in time"),
    N_("no answer within {seconds:number} s"),
    N_("no time was left of {seconds:number} s"),
    N_("redirects in a circle"),
    N_("more than {n} redirects"),
    N_("redirects to no address"),
    N_("redirects what was sent to another host"),
    N_("leads to {address}, wanted {wanted}"),
    N_("leads to another address, wanted {wanted}"),
    N_("the page did not come whole in time"),
    N_("the page did not come whole: {detail}"),
    N_("the page does not contain {text}"),
    N_("the page contains {text}"),
    N_("the page does not match {text}"),
    N_("the page matches {text}"),
    N_("the header {name} is there"),
    N_("the header {name} is absent, wanted {wanted}"),
    N_("the header {name} is another, wanted {wanted}"),
    N_("the header {name} is {text}, wanted {wanted}"),
    N_("the answer is not JSON"),
    N_("the answer is longer than 2 MB, too long to be read as JSON"),
    N_("JSON: {condition} does not hold"),
    N_("JSON: {condition} does not hold, it is {text}"),
    N_("JSON: {condition}: there is no such value"),
    N_("save {name}: {source}: there is no such value"),
    N_("the certificate ended {day:date}"),
    N_("the certificate ends in {left:duration}"),
    N_("the certificate ends in less than a minute"),
    N_("the certificate is not valid before {moment:datetime}"),
    N_("the certificate is for another name"),
    N_("the certificate is not trusted: {detail}"),
    N_("the certificate does not name {names}"),
    N_("issued by {issuer}"),
    N_("speaks {version} only"),
    N_("{version}, {left:duration} left"),
    N_("{version}, less than a minute left"),
    N_("{version}, no time left"),
    N_("connected to {address}"),
    N_("nothing matched {text}: the last line was {line}"),
    N_("nothing matched {text}: no line came"),
    N_("nothing matched {text}: {detail}"),
    N_("does not offer STARTTLS"),
    N_("offers STARTTLS and refuses it"),
    N_("refuses TLS: {detail}"),
    N_("greeted with {text}"),
    N_("the greeting is {text}"),
    N_("the sign-in was refused"),
    N_("the sign-in was refused: {detail}"),
    N_("signing in was not tried"),
    N_("our own trust roots cannot be read: {detail}"),
    N_("no echo came back"),
    N_("{n} of {count} echoes"),
    N_("{n} of {count} echoes, {milliseconds:number} ms"),
    N_("answered without authority"),
    N_("no {type} record in the answer"),
    N_("there is a {type} record"),
    N_("{values} is not among the answers"),
    N_("{values} is not expected"),
    N_("{n} answers"),
    N_("the servers do not say the same"),
    N_("the servers have different serial numbers"),
    N_("there is no server to ask"),
    N_("nobody above the zone answered"),
    N_("the zone is not delegated: {detail}"),
    N_("the name is {state}"),
    N_("the registry holds it: {states}"),
    N_("the registrar is {name}"),
    N_("the registry said nothing: {state}"),
    N_("registered; this registry publishes no end"),
    N_("ends in {left:days}, on {day:date}"),
    N_("ended on {day:date}"),
    N_("no heartbeat has come yet"),
    N_("the last heartbeat was {age:duration} ago; the next was due {moment:datetime}"),
    N_("a run began {age:duration} ago and has not ended"),
    N_("heard {age:duration} ago"),
    N_("the job said {state}"),
    N_("took {seconds:number} s"),
    N_("no member has data"),
    N_("{n} of {count} up"),
    N_("{n} of {count} down: {names}"),
    N_("{n} of {count} not well: {names}"),
    N_("nobody has said anything else"),
    N_("the database cannot be asked"),
    N_("the probe itself broke; see the log"),
    N_("our own limit: {detail}"),
    N_("we could not look: {detail}"),
    N_("{where}: {reason}"),
)
SUBJECTS = {
    "the answer": N_("the answer"),
    "all steps together": N_("all steps together"),
    "looking up the name": N_("looking up the name"),
    "connecting": N_("connecting"),
    "the TLS handshake": N_("the TLS handshake"),
    "the handshake": N_("the TLS handshake"),
    "the first byte": N_("the first byte"),
    "the conversation": N_("the conversation"),
    "the dialogue": N_("the conversation"),
    "the echo": N_("the echo"),
}
TROUBLES = {
    "timeout": N_("nothing came in time"),
    "refused": N_("the connection was refused"),
    "reset": N_("the connection was broken off"),
    "unreachable": N_("there is no way to it"),
    "nxdomain": N_("the name does not exist"),
    "servfail": N_("the name servers could not answer"),
    "tls": N_("the encryption failed"),
    "protocol": N_("the answer could not be understood"),
    "blocked": N_("our own guard refused the address"),
}
_COUNTS = frozenset(("n", "count"))
_SPANS = {"s": 1, "minutes": 60, "hours": 3600, "days": 86400}
_MOST = 500  # characters, of what is kept


@dataclass(frozen=True, slots=True)
class ShownReason:
    """A reason, and the language that it is in."""

    text: str
    lang: str


def shown_reason(reason: str, lang: str, zone: str = "UTC") -> ShownReason:
    """A reason as a reader of a language is shown it, with moments told in a zone."""
    translated = _translated(reason[:_MOST], lang, zone)
    return ShownReason(translated or reason, lang if translated else DEFAULT)


@lru_cache(maxsize=2048)
def _translated(reason: str, lang: str, zone: str) -> str:
    """ "" for what is not known."""
    if around := _filled(_AROUND_OTHERS, reason, lang, zone):
        return around
    trouble, colon, detail = reason.partition(": ")
    if trouble in TROUBLES:
        cause = trouble if lang == DEFAULT else sentence(lang, TROUBLES[trouble])
        return f"{cause}{colon}{detail}"
    return _filled(_ORDERED, reason, lang, zone)


def _filled(texts: Iterable[str], reason: str, lang: str, zone: str) -> str:
    """The first of some sentences that a reason is, in a language; "" when it is none."""
    for text in texts:
        fields = _fields_of(text, reason)
        if fields is not None and (values := _values(fields, lang, zone)) is not None:
            return sentence(lang, text, values, zone)
    return ""


def _values(fields: Mapping[str, object], lang: str, zone: str) -> dict[str, object] | None:
    """What a sentence is filled with; None when a part of it is not known."""
    values = dict(fields)
    if "what" in values:
        subject = SUBJECTS.get(str(values["what"]))
        values["what"] = sentence(lang, subject) if subject else ""
    if "reason" in values:
        values["reason"] = _translated(str(values["reason"]), lang, zone)
    if "times" in values:
        times = map(_number, str(values["times"]).split(" + "))
        values["times"] = " + ".join("" if t is None else number(t, formats(lang)) for t in times)
    return None if "" in values.values() else values


def _own_words(text: str) -> int:
    return len(FIELD.sub("", text).strip(": "))


_ORDERED = tuple(sorted(REASONS, key=_own_words, reverse=True))
_AROUND_OTHERS = tuple(text for text in _ORDERED if "{reason}" in text and _own_words(text))


def _fields_of(text: str, reason: str) -> dict[str, object] | None:
    """What stands in a reason where a sentence has fields, each as short as may be; None when it
    is another sentence."""
    fields = list(FIELD.finditer(text))
    first, *between = FIELD.sub("\0", text).split("\0")
    if not fields:
        return {} if reason == text else None
    if not reason.startswith(first):
        return None
    values: dict[str, object] = {}
    rest = reason[len(first) :]
    for field, after in zip(fields, between, strict=True):
        name, kind = field[1], field[2] or ""
        part, matches, rest = _cut(rest, after, is_last=field is fields[-1])
        value = _count(part) if name in _COUNTS else _READERS.get(kind, str)(part)
        if not matches or not part or value is None:
            return None
        values[name] = value
    return None if rest else values


def _cut(text: str, separator: str, *, is_last: bool) -> tuple[str, bool, str]:
    """What stands before a separator, whether there is one, and what stands behind it."""
    if is_last:
        return text.removesuffix(separator), text.endswith(separator), ""
    value, matches, rest = text.partition(separator)
    return value, bool(matches), rest


# ------------------------------------------------------------------ typed fields, read back
def _count(text: str) -> str | None:
    return text if text.isdecimal() else None


def _number(text: str) -> float | None:
    return float(text) if text.isascii() and text.replace(".", "", 1).isdecimal() else None


def _span(text: str) -> float | None:
    """The seconds of "2 days", "119 minutes", "a minute"."""
    if text == "a minute":
        return 60
    amount, _, unit = text.partition(" ")
    number = _number(amount)
    return None if number is None or unit not in _SPANS else number * _SPANS[unit]


def _days(text: str) -> int | None:
    amount, _, unit = text.partition(" ")
    return int(amount) if amount.isdecimal() and unit == "days" else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M UTC").replace(tzinfo=UTC)
    except ValueError:
        return None


_READERS: Mapping[str, Callable[[str], object]] = {
    "number": _number,
    "duration": _span,
    "days": _days,
    "date": _day,
    "datetime": _moment,
}
