"""What probes say of a look, in the language of whoever reads it. Pure.

Reasons are kept in English, as probes wrote them; here their sentences are known again. What is not
known stays as it is: words of servers, of jobs and of operators.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from render.i18n import N_
from render.languages import DEFAULT
from render.message_fields import FIELD
from render.message_format import sentence

# {reason} is one of these again, {what} one of SUBJECTS; other fields stay as they are.
REASONS = (
    N_("step {n} of {count}: {reason}"),
    N_("step {n} of {count} ({name}): {reason}"),
    N_("{reason}, step {n} of {count}"),
    N_("{reason}, step {n} of {count} ({name})"),
    N_("{reason} (seen from {places})"),
    N_("well from {n} of {count} places"),
    N_("{n} steps in {seconds} s: {times} s"),
    N_("{status} in {seconds} s"),
    N_("answered {status}"),
    N_("answered {status}, wanted {wanted}"),
    N_("{what} took {seconds} s, limit {limit} s"),
    N_("no answer in time"),
    N_("no answer within {seconds} s"),
    N_("no time was left of {seconds} s"),
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
    N_("the certificate ended {day}"),
    N_("the certificate ends in {left}"),
    N_("the certificate is not valid before {moment}"),
    N_("the certificate is for another name"),
    N_("the certificate is not trusted: {detail}"),
    N_("the certificate does not name {names}"),
    N_("issued by {issuer}"),
    N_("speaks {version} only"),
    N_("{version}, {left} left"),
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
    N_("{n} of {count} echoes, {milliseconds} ms"),
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
    N_("ends in {n} days, on {day}"),
    N_("no heartbeat has come yet"),
    N_("the last heartbeat was {age} ago; the next was due {moment}"),
    N_("a run began {age} ago and has not ended"),
    N_("heard {age} ago"),
    N_("the job said {state}"),
    N_("took {seconds} s"),
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
_NUMBERS = frozenset(("n", "count", "seconds", "limit", "milliseconds"))
_MOST = 500  # characters, of what is kept


@dataclass(frozen=True, slots=True)
class ShownReason:
    """A reason, and the language that it is in."""

    text: str
    lang: str


def shown_reason(reason: str, lang: str) -> ShownReason:
    """A reason as a reader of a language is shown it."""
    translated = "" if lang == DEFAULT else _translated(reason[:_MOST], lang)
    return ShownReason(translated or reason, lang if translated else DEFAULT)


@lru_cache(maxsize=2048)
def _translated(reason: str, lang: str) -> str:
    """ "" for what is not known."""
    if around := _filled(_AROUND_OTHERS, reason, lang):
        return around
    trouble, colon, detail = reason.partition(": ")
    if trouble in TROUBLES:
        return f"{sentence(lang, TROUBLES[trouble])}{colon}{detail}"
    return _filled(_ORDERED, reason, lang)


def _filled(texts: Iterable[str], reason: str, lang: str) -> str:
    """The first of some sentences that a reason is, in a language; "" when it is none."""
    for text in texts:
        fields = _fields_of(text, reason)
        if fields is not None and (values := _values(fields, lang)) is not None:
            return sentence(lang, text, values)
    return ""


def _values(fields: Mapping[str, str], lang: str) -> dict[str, str] | None:
    """What a sentence is filled with; None when a part of it is not known."""
    values = dict(fields)
    if "what" in values:
        subject = SUBJECTS.get(values["what"])
        values["what"] = sentence(lang, subject) if subject else ""
    if "reason" in values:
        values["reason"] = _translated(values["reason"], lang)
    return values if all(values.values()) else None


def _own_words(text: str) -> int:
    return len(FIELD.sub("", text).strip(": "))


_ORDERED = tuple(sorted(REASONS, key=_own_words, reverse=True))
_AROUND_OTHERS = tuple(text for text in _ORDERED if "{reason}" in text and _own_words(text))


def _fields_of(text: str, reason: str) -> dict[str, str] | None:
    """What stands in a reason where a sentence has fields, each as short as may be; None when it
    is another sentence."""
    names = [field[1] for field in FIELD.finditer(text)]
    first, *between = FIELD.sub("\0", text).split("\0")
    if not names:
        return {} if reason == text else None
    if not reason.startswith(first):
        return None
    fields, rest = {}, reason[len(first) :]
    for name, after in zip(names, between, strict=True):
        is_last = name == names[-1]
        value, matches, rest = _cut(rest, after, is_last=is_last)
        if not matches or not value or (name in _NUMBERS and not _is_number(value)):
            return None
        fields[name] = value
    return None if rest else fields


def _cut(text: str, separator: str, *, is_last: bool) -> tuple[str, bool, str]:
    """What stands before a separator, whether there is one, and what stands behind it."""
    if is_last:
        return text.removesuffix(separator), text.endswith(separator), ""
    value, matches, rest = text.partition(separator)
    return value, bool(matches), rest


def _is_number(text: str) -> bool:
    return text.replace(".", "").isdigit()
