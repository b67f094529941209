"""One answer of a mail server within a text: a line, a log, a short sentence without a number. Pure.

It never judges; it finds whom the answer was about, who gave it, and at which step.
"""

from __future__ import annotations

import re

from explain.bounces import bounce, delivery_report, phrases, receivers, status_codes, transcript
from explain.model import DeliveryFailure, Reason
from explain.plain_text import joined

# Endings of words are part of the gap: a run of "errorerror" is not tried in every way.
_SAID = re.compile(
    r"(?:smtp|server|host|said|respon|repl|error|chyb|odpov|blad|odpow|odgovor|gresk|fehler|antwort|"
    r"hlas|returned|vratil|zwroc|javlja|pise|vypis|talk to me|@[\w.-]{3,80}>)"
    r"[^.\n]{0,75}?[\s:'\"(<\[#]([45][0-5]\d)[ \-:](?!\d)"
)
_LINE = re.compile(
    r"^[\s>*'\"(<\[\u2022-]*(?:<<<\s*)?(?:error:?\s*)?([45][0-57]\d)(?:[ -]|:\s?)(?=\D|\d\.\d)"
)
_LETTER = re.compile(r"(?:from|to|od|komu|subject|predmet|date)\s?: ")
_TEACHES = re.compile(
    r"[45]\d\d [45]\.\d{1,3}\.\d{1,3}[\w ,]{0,40}? (?:means|stands for|tells you|indicates|znamena|oznacza|znaci|bedeutet)\b"
)
# Exim's main log: date, time, identifier, what became of it (** failed, == put off), address.
_EXIM = re.compile(r"(?:\S{1,40} ){1,5}?(\*\*|==) (\S{1,64}@\S{1,253}) (?=\S)(?=.{0,400}\b[RT]=)")
_EXIM_SAID = re.compile(r"(?:[\])]|\b[RT]=\w{1,40}): ")
_LOGGED = re.compile(r"\bstatus=(deferred|bounced|expired|undeliverable) \((.{3,2000})\)")
# What only a mail server says before it has reached another: a mail port, mail routing, a queue.
_OF_MAIL = re.compile(
    r"connect to \S{3,253}:(?:25|465|587)\b|\btype=mx\b|name service error for|"
    r"\bmx records?\b.{0,60}(?:non-?exist|not found|no (?:host|address)|point)|"
    r"no (?:relevant )?mx (?:records?|hosts?)\b|retry time(?:out)? (?:not reached|exceeded)|"
    r"mail for \S{3,253} loops back|unrouteable address|"
    r"tls is required, but|cannot start tls|server certificate not (?:trusted|verified)|no tlsa records"
)
SHORT, NAMED_AT_ONCE = 300, 80  # characters of a text, and in which it says its cause
_NO_SERVER = re.compile(
    r"^\W*(?:i|we|my|our|muj|moje|moj|nas|nase|moja|nasza|nasz)\b|"
    r"\b(?:parcel|courier|paczk|przesylk|zasilk|zasielk|balik|balic|kuryr|kurier|posiljk|paket)\w*|"
    r"\b(?:if|when|whenever|pokud|kdyz|jestlize|ak|ked|jesli|gdy|kiedy|ako|kada|wenn|falls)\b|click (?:here|below|the)|re-?validat|re-?activat|verify your|upgrade your|klikn\w+|kliknij|zweryfikuj|potvrdte|overte|hier klicken"
)
_FAILING = re.compile(
    r"fail|reject|refus|denied|unauth|block|not (?:pass|align|permit|allow|authori|compl|meet)|violat|forg|spoof|"
    r"odmit|selhal|nepros|nesplnu|nevyho|zlyha|zamiet|nepres|nespln|odrzuc|niepowodz|nie (?:spel|przesz|jest upr)|niezgod|"
    r"odbij|neusp|nije|ne (?:zadov|prol)|neni|nie je|fehlgeschl|abgelehnt|nicht"
)
# Classes whose phrases mean mail and nothing else when a short text says just that.
_ALONE = {Reason.RECIPIENT_UNKNOWN, Reason.MAILBOX_FULL, Reason.RELAY_DENIED, Reason.AUTH_FAILED,
          Reason.PTR_MISSING, Reason.RATE_LIMITED}  # fmt: skip


def teaches(plain: str) -> bool:
    """Whether a text is prose that teaches what codes mean."""
    return bool(_TEACHES.search(joined(plain[:2_000]))) and "?" not in plain


def coded(plain: str) -> DeliveryFailure | None:
    """The first line of a text that a mail server must have said; None without one."""
    lines = plain.split("\n")[:400]
    spoken = bounce.speaks(plain)
    for at, line in enumerate(lines):
        folded_line = joined(line[:2_000])
        pair, alone = status_codes.PAIR.search(line), _LINE.match(line)
        if pair and spoken and not _speaks(line):
            continue  # the number of an invoice looks like a pair of codes
        if logged := _LOGGED.search(line):
            return _from_log(line, logged)
        if logged := _EXIM.match(line[:3_000]):
            return _of_exim(line[:3_000], logged)
        said = _SAID.search(folded_line)
        status = next(
            (m for m in status_codes.STATUS.finditer(line) if not _versioned(line, m)), None
        )
        coded = bool(alone or said or (status and status[1] in "45"))
        if not pair and not (coded and _speaks(" ".join(lines[at : at + 3]))):
            continue
        block = (
            " ".join([*lines[max(0, at - 2) : at], *lines[at : at + 4]]) if len(lines) > 1 else line
        )
        start = max(0, at - 1) if said or not alone else at
        words = " ".join(one.strip() for one in lines[start : at + 4])
        reply, code = status_codes.find(" ".join(lines[at : at + 4]))
        reply = reply or (alone[1] if alone else said[1] if said else "")
        return DeliveryFailure(
            recipient=delivery_report.recipient_in(block) or _named(plain, spoken=spoken),
            diagnostic=words,
            reply=reply,
            status=code,
            remote=transcript.remote(block),
            stage=transcript.stage(block),
        )
    return None


_VERSION = re.compile(
    r"(?:version|release|upgrade|update|verz\w{1,3}|wersj\w{1,3}|php|wordpress|joomla|drupal|sql|mariadb|nginx|apache|python|kernel|\bv)[ :/=]{0,2}$"
)


def _versioned(line: str, status: re.Match[str]) -> bool:
    """Whether three numbers are a version of something, not an enhanced code."""
    return bool(_VERSION.search(line[max(0, status.start() - 16) : status.start()].lower()))


def _named(plain: str, *, spoken: bool) -> str:
    """The recipient named elsewhere in what a program wrote; in a person's letter anybody may be."""
    return "" if spoken else transcript.first_address(plain)


def _from_log(line: str, logged: re.Match[str]) -> DeliveryFailure:
    """A delivery line of Postfix's log: dsn=, status=, and the answer in brackets."""
    reply, status = status_codes.find(logged[2])
    dsn = status_codes.STATUS.search(line)
    return DeliveryFailure(
        recipient=delivery_report.address_in(line.partition("to=")[2] or line),
        diagnostic=logged[2],
        action="delayed" if logged[1] == "deferred" else "failed",
        reply=reply,
        status=status or (dsn[0] if dsn else ""),
        remote=transcript.remote(logged[2]),
        stage=transcript.stage(logged[2]),
    )


def _of_exim(line: str, logged: re.Match[str]) -> DeliveryFailure:
    """A line of Exim's main log; what was said stands behind the first colon after the route."""
    said = _EXIM_SAID.search(line, logged.end())
    words = line[said.end() :] if said else line[logged.end() :]
    reply, status = status_codes.find(words)
    return DeliveryFailure(
        recipient=logged[2],
        diagnostic=words,
        action="failed" if logged[1] == "**" else "delayed",
        reply=reply,
        status=status,
        remote=transcript.remote(line),
        stage=transcript.stage(words),
    )


def _speaks(text: str) -> bool:
    """Whether the words around a lone number are those of a mail server."""
    if receivers.verdict("", text):
        return True
    votes = phrases.heard(text).votes
    return any(votes.get(reason.value, 0) >= phrases.SAYS for reason in Reason) or bool(
        re.search(r"\b(?:smtp|rcpt|esmtp|mailbox|recipient)\b", text, re.IGNORECASE)
    )


def unnumbered(plain: str) -> DeliveryFailure | None:
    """What only a mail server says before it has reached another; None in a person's letter."""
    flat = joined(plain[:4_000])
    if not _OF_MAIL.search(flat) or bounce.speaks(flat):
        return None
    return DeliveryFailure(
        delivery_report.address_in(plain), plain[:1_000], remote=transcript.remote(plain)
    )


def alone(plain: str) -> DeliveryFailure | None:
    """A short text that says just what a server says, without any number."""
    flat = joined(plain[:4_000])
    if len(flat) >= SHORT or bounce.speaks(flat) or _LETTER.match(flat) or _NO_SERVER.search(flat):
        return None
    heard = phrases.heard(plain[:NAMED_AT_ONCE]).votes
    best = max((s for s in heard if s in set(Reason)), key=lambda s: heard[s], default="")
    fails = best != Reason.AUTH_FAILED or _FAILING.search(flat)  # DMARC alone is a subject
    if best in _ALONE and fails and heard[best] >= phrases.SAYS:
        return DeliveryFailure(delivery_report.address_in(plain), plain)
    return None
