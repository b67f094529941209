"""What was pasted, to items: the one entrance of this room. Pure, never raises, bounded.

Order: a machine's report, pasted headers, an error of the web or another program, one SMTP answer.
"""

from __future__ import annotations

import re

from diagnostics.explain import (
    bounce,
    clients,
    codes,
    headers,
    phrases,
    receivers,
    report,
    site,
    transcript,
)
from diagnostics.explain.advice import ADVICE, DELAYED, NOTHING, Advice
from diagnostics.explain.judge import judge
from diagnostics.explain.letter import Letter, Part, is_message, read
from diagnostics.explain.mask import masked
from diagnostics.explain.model import Failure, HeaderReading, Item, Kind, Reading, Reason
from diagnostics.explain.plain import is_markup, joined, unquoted, without_markup

MAX_INPUT = 3_000_000
MAX_ITEMS = 100
MAX_MESSAGES = 10
# How a mailbox file (RFC 4155) begins each of its messages.
_MAILBOX = re.compile(rb"^From [^\s:]{1,200} +\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}[^\n]{0,40}\n", re.MULTILINE)  # fmt: skip
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


def explain(data: bytes | str) -> tuple[Item, ...]:
    """What pasted bytes or text mean: one item for each recipient, at least one item."""
    raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
    several = _MAILBOX.split(raw[:MAX_INPUT])[1 : MAX_MESSAGES + 1]
    if len(several) > 1:
        told = [item for one in several for item in _one(one) if item.kind is Kind.BOUNCE]
        return tuple(told[:MAX_ITEMS]) or _one(several[0])
    return _one(raw[:MAX_INPUT])


def _one(raw: bytes) -> tuple[Item, ...]:
    letter = read(raw)
    if not letter.headers:
        letter = _unwrapped(letter)
    own = not letter.headers and bool(letter.parts) and clients.numbered(letter.parts[0].text)
    found = [] if own else bounce.failures(letter)
    if found:
        return tuple(_item(f, Kind.BOUNCE) for f in found[:MAX_ITEMS])
    text = bounce.body(letter)
    if letter.headers:
        seen = headers.reading(letter)
        if not text.strip() or not any(p.text.strip() for p in letter.parts):
            return (_of_headers(letter, seen),) if seen else (_unclear(""),)
        if found_line := _coded(text[:20_000]):
            return (_item(found_line, Kind.SMTP),)
        return _shown(text) or (_unclear("", seen),)
    # An answer with both of its codes can only be a mail server's.
    mail = codes.PAIR.search(text[:20_000]) or clients.coded(text) or clients.of_mail(text)
    first, second = (_said, site.find) if mail else (site.find, _said)
    if said := first(text) or second(text):
        return (said,)
    return _shown(text) or (_unclear(text),)


def _shown(text: str) -> tuple[Item, ...]:
    """What a person's letter shows in paragraphs that a machine wrote: never a bounce, an answer."""
    paragraphs = re.split(r"\n[ \t]*\n", text[:20_000])[:60]
    kept = [unquoted(p) for p in paragraphs if not bounce.speaks(p)]
    block = "\n\n".join(kept)
    if len(kept) == len(paragraphs) or not block.strip():
        return ()
    if bounce.FRAMED.search(block):
        found = bounce.failures(Letter(parts=(Part("text/plain", block),)))
    else:
        coded = _coded(block)
        found = [coded] if coded else []
        if not found and _OF_MAIL.search(joined(block[:4_000])):
            found = [_failed_before_a_word(block)]
    items = (_item(f, Kind.SMTP) for f in found[:MAX_ITEMS])
    return tuple(i for i in items if i.reason not in (Reason.UNCLEAR, Reason.NOT_A_FAILURE))


def _unwrapped(letter: Letter) -> Letter:
    """Pasted text without markup and quoting; a message inside the quoting is read as one."""
    text = letter.parts[0].text if letter.parts else ""
    if is_markup(bare := unquoted(text)):
        text = without_markup(_LONE_MARK.sub(" ", bare))
    plain = unquoted(text)
    if is_message(plain):
        return read(plain.lstrip().encode("utf-8", "replace"))
    forwarded = _forwarded(plain)
    if forwarded:
        inner = read(forwarded.encode("utf-8", "replace"))
        if inner.headers and bounce.failures(inner):
            return inner
    return Letter(parts=(Part("text/plain", plain),))


# The mark of quoting that was put around the source of a page and lost its line.
_LONE_MARK = re.compile(r"(?<=>)[ \t]{1,8}>[ \t]{1,8}(?=<)")
_FORWARD = re.compile(
    r"^[ \t*_]{0,8}(?:-{2,12} ?[^\n-]{4,60} ?-{2,12}|(?:begin )?forwarded message:?|p.eposlan. (?:zpr.va|spr.va):?|"
    r"(?:preposlan|przekazan|proslije|weitergeleitet)[^\n]{0,40})[ \t*_]{0,8}$",
    re.IGNORECASE | re.MULTILINE,
)


_RETURNED = re.compile(r"cop(?:y|ie)|kopi|all the headers", re.IGNORECASE)  # of what was sent
_SENDER_LINE = re.compile(r"^\W{0,3}(?:from|od|von)\W{0,3}:", re.IGNORECASE | re.MULTILINE)


def _forwarded(text: str) -> str:
    """The message after a mail program's "forwarded message" line; "" when there is none."""
    begins = [m.end() for m in _FORWARD.finditer(text[:40_000]) if not _RETURNED.search(m[0])]
    begins += [m.start() for m in _SENDER_LINE.finditer(text[:8_000])]
    for at in sorted(begins)[:60]:
        if is_message(text[at : at + 8_000]):
            return text[at:].lstrip()
    return ""


# ------------------------------------------------------------------ one answer
def _said(text: str) -> Item | None:
    """One answer of a mail server within a text: a line, a log, a mail program's error."""
    plain = text[:20_000]
    if _TEACHES.search(joined(plain[:2_000])) and "?" not in plain:
        return None  # prose that teaches what codes mean
    if found := _coded(plain):
        return _item(found, Kind.SMTP)
    if (of_client := clients.coded(plain)) or (of_client := _client_words(plain)):
        failure = Failure(report.address_in(plain), plain[:1_000])
        return _answer(failure, Reading(of_client, permanent=False), Kind.SMTP)
    flat = joined(plain[:4_000])
    if _OF_MAIL.search(flat) and not bounce.speaks(flat):
        return _item(_failed_before_a_word(plain), Kind.SMTP)
    if len(flat) < 300 and not bounce.speaks(flat) and not _LETTER.match(flat):
        heard = {} if _NO_SERVER.search(flat) else phrases.heard(plain[:NAMED_AT_ONCE]).votes
        best = max((s for s in heard if s in set(Reason)), key=lambda s: heard[s], default="")
        if best in _ALONE and heard[best] >= phrases.SAYS:
            return _item(Failure(report.address_in(plain), plain), Kind.SMTP)
    return None


# What only a mail server says before it has reached another: a mail port, mail routing, a queue.
_OF_MAIL = re.compile(
    r"connect to \S{3,253}:(?:25|465|587)\b|\btype=mx\b|name service error for|"
    r"\bmx records?\b.{0,60}(?:non-?exist|not found|no (?:host|address)|point)|"
    r"no (?:relevant )?mx (?:records?|hosts?)\b|retry time(?:out)? (?:not reached|exceeded)|"
    r"mail for \S{3,253} loops back|unrouteable address|"
    r"tls is required, but|cannot start tls|server certificate not (?:trusted|verified)|no tlsa records|\bmta-sts\b|daneverify"
)


def _failed_before_a_word(plain: str) -> Failure:
    return Failure(report.address_in(plain), plain[:1_000], remote=transcript.remote(plain))


NAMED_AT_ONCE = 110
_NO_SERVER = re.compile(
    r"^\W*(?:i|we|my|our|muj|moje|moj|nas|nase|moja|nasza|nasz)\b|click (?:here|below|the)|re-?validat|re-?activat|verify your|upgrade your|klikn\w+|kliknij|zweryfikuj|potvrdte|overte|hier klicken"
)
# Classes whose phrases mean mail and nothing else when a short text says just that.
_ALONE = {Reason.RECIPIENT_UNKNOWN, Reason.MAILBOX_FULL, Reason.RELAY_DENIED, Reason.AUTH_FAILED,
          Reason.PTR_MISSING, Reason.RATE_LIMITED}  # fmt: skip


def _client_words(plain: str) -> Reason | None:
    """A mail program's error, unless a person tells of one in a letter of their own."""
    return None if bounce.speaks(clients.unasked(plain)) else clients.worded(plain)


def _coded(plain: str) -> Failure | None:
    lines = plain.split("\n")[:400]
    spoken = bounce.speaks(plain)
    for at, line in enumerate(lines):
        folded_line = joined(line[:2_000])
        pair, alone = codes.PAIR.search(line), _LINE.match(line)
        if pair and spoken and not _speaks(line):
            continue  # the number of an invoice looks like a pair of codes
        if logged := _LOGGED.search(line):
            return _from_log(line, logged)
        if logged := _EXIM.match(line[:3_000]):
            return _of_exim(line[:3_000], logged)
        said = _SAID.search(folded_line)
        status = codes.STATUS.search(line)
        coded = bool(alone or said or (status and status[1] in "45"))
        if not pair and not (coded and _speaks(" ".join(lines[at : at + 3]))):
            continue
        block = (
            " ".join([*lines[max(0, at - 2) : at], *lines[at : at + 4]]) if len(lines) > 1 else line
        )
        start = max(0, at - 1) if said or not alone else at
        words = " ".join(one.strip() for one in lines[start : at + 4])
        reply, code = codes.find(" ".join(lines[at : at + 4]))
        reply = reply or (alone[1] if alone else said[1] if said else "")
        return Failure(
            recipient=report.recipient_in(block) or _named(plain, spoken=spoken),
            diagnostic=words,
            reply=reply,
            status=code,
            remote=transcript.remote(block),
            stage=transcript.stage(block),
        )
    return None


def _named(plain: str, *, spoken: bool) -> str:
    """The recipient named elsewhere in what a program wrote; in a person's letter anybody may be."""
    return "" if spoken else transcript.first_address(plain)


def _from_log(line: str, logged: re.Match[str]) -> Failure:
    """A delivery line of Postfix's log: dsn=, status=, and the answer in brackets."""
    reply, status = codes.find(logged[2])
    dsn = codes.STATUS.search(line)
    return Failure(
        recipient=report.address_in(line.partition("to=")[2] or line),
        diagnostic=logged[2],
        action="delayed" if logged[1] == "deferred" else "failed",
        reply=reply,
        status=status or (dsn[0] if dsn else ""),
        remote=transcript.remote(logged[2]),
        stage=transcript.stage(logged[2]),
    )


def _of_exim(line: str, logged: re.Match[str]) -> Failure:
    """A line of Exim's main log; what was said stands behind the first colon after the route."""
    said = _EXIM_SAID.search(line, logged.end())
    words = line[said.end() :] if said else line[logged.end() :]
    reply, status = codes.find(words)
    return Failure(
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


# ------------------------------------------------------------------ items
def _item(failure: Failure, kind: Kind) -> Item:
    return _answer(failure, judge(failure), kind)


def _answer(failure: Failure, reading: Reading, kind: Kind) -> Item:
    advice = ADVICE[reading.reason]
    late = failure.action == "delayed" and reading.reason is not Reason.NOT_A_FAILURE
    keep = frozenset({failure.recipient.lower()}) - {""}
    code, status = codes.find(failure.diagnostic)
    return Item(
        kind,
        reading.reason.value,
        reading.permanent,
        advice.owner,
        advice.title,
        advice.says,
        DELAYED if late else advice.next,
        recipient=failure.recipient,
        reply=failure.reply or code,
        status=failure.status or status,
        remote=failure.remote,
        articles=advice.articles,
        checks=advice.checks,
        text=masked(failure.diagnostic or failure.around[:400], keep),
    )


def _plain_item(kind: Kind, reason: str, advice: Advice, text: str) -> Item:
    return Item(
        kind, reason, None, advice.owner, advice.title, advice.says, advice.next,
        articles=advice.articles, checks=advice.checks, text=masked(text),
    )  # fmt: skip


def _unclear(text: str, seen: HeaderReading | None = None) -> Item:
    """No error in it: said so, with the way on. Of a letter nothing is repeated."""
    item = _plain_item(Kind.UNCLEAR, Reason.UNCLEAR.value, NOTHING, text[:200])
    return headers.joined_to(item, seen)


def _of_headers(letter: Letter, seen: HeaderReading) -> Item:
    """Headers alone: did the message prove where it comes from, and how long was it on its way."""
    del letter
    failed = headers.failed(seen)
    advice = ADVICE[Reason.AUTH_FAILED] if failed else headers.FINE
    reason = Reason.AUTH_FAILED if failed else Reason.NOT_A_FAILURE
    item = _plain_item(Kind.SMTP, reason.value, advice, headers.summary(seen))
    return headers.joined_to(item, seen)
