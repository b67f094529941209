"""What was pasted, to items: the one entrance of this room. Pure, never raises, bounded.

Order: a machine's report, pasted headers, an error of the web or another program, one SMTP answer.
"""

from __future__ import annotations

import re

from explain.bounces import bounce, delivery_report, smtp_reply, status_codes
from explain.bounces.advice import ADVICE, DELAYED, NOTHING, FailureAdvice
from explain.bounces.classification import judge
from explain.bounces.message import MessagePart, ParsedMessage, is_message, read
from explain.errors import mail_clients, site
from explain.headers import authentication
from explain.masking import masked, unspoken
from explain.model import (
    DeliveryFailure,
    Explanation,
    ExplanationKind,
    FailureReading,
    HeaderReading,
    Reason,
)
from explain.plain_text import is_markup, unquoted, without_markup

MAX_INPUT = 3_000_000
MAX_ITEMS = 100
MAX_MESSAGES = 10
# How a mailbox file (RFC 4155) begins each of its messages.
_MAILBOX = re.compile(rb"^From [^\s:]{1,200} +\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}[^\n]{0,40}\n", re.MULTILINE)  # fmt: skip


def explain(data: bytes | str) -> tuple[Explanation, ...]:
    """What pasted bytes or text mean: one item for each recipient, at least one item."""
    raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
    raw = unspoken(raw[:MAX_INPUT])
    several = _MAILBOX.split(raw[:MAX_INPUT])[1 : MAX_MESSAGES + 1]
    if len(several) > 1:
        told = [
            item for one in several for item in _one(one) if item.kind is ExplanationKind.BOUNCE
        ]
        return tuple(told[:MAX_ITEMS]) or _one(several[0])
    return _one(raw[:MAX_INPUT])


def _one(raw: bytes) -> tuple[Explanation, ...]:
    letter = read(raw)
    if not letter.headers:
        letter = _unwrapped(letter)
    own = not letter.headers and bool(letter.parts) and mail_clients.numbered(letter.parts[0].text)
    found = [] if own else bounce.failures(letter)
    if found:
        return tuple(_item(f, ExplanationKind.BOUNCE) for f in found[:MAX_ITEMS])
    text = bounce.body(letter)
    return _of_letter(letter, text) if letter.headers else _of_text(text)


def _of_letter(letter: ParsedMessage, text: str) -> tuple[Explanation, ...]:
    """A message with headers that is no report: headers alone, or what its text shows."""
    seen = authentication.reading(letter)
    if not text.strip() or not any(p.text.strip() for p in letter.parts):
        return (_of_headers(letter, seen),) if seen else (_unclear(""),)
    if found := smtp_reply.coded(text[:20_000]):
        return (_item(found, ExplanationKind.SMTP),)
    return _shown(text) or (_unclear("", seen),)


def _of_text(text: str) -> tuple[Explanation, ...]:
    """A text that is no report: an answer of a mail server, or an error of another program."""
    if bounce.FRAMED.search(text[:20_000]) and (shown := _shown(text)):
        return shown
    # An answer with both of its codes can only be a mail server's.
    mail = (
        status_codes.PAIR.search(text[:20_000])
        or mail_clients.coded(text)
        or mail_clients.of_mail(text)
    )
    first, second = (_said, site.find) if mail else (site.find, _said)
    if said := first(text) or second(text):
        return (said,)
    return _shown(text) or (_unclear(text),)


def _shown(text: str) -> tuple[Explanation, ...]:
    """What a person's letter shows in paragraphs that a machine wrote: never a bounce, an answer."""
    paragraphs = re.split(r"\n[ \t]*\n", text[:20_000])[:60]
    kept = [unquoted(p) for p in paragraphs if not bounce.speaks(p)]
    block = "\n\n".join(kept)
    if len(kept) == len(paragraphs) or not block.strip():
        return ()
    if bounce.FRAMED.search(block):
        found = bounce.failures(ParsedMessage(parts=(MessagePart("text/plain", block),)))
    else:
        one = smtp_reply.coded(block) or smtp_reply.unnumbered(block)
        found = [one] if one else []
    items = (_item(f, ExplanationKind.SMTP) for f in found[:MAX_ITEMS])
    return tuple(i for i in items if i.reason not in (Reason.UNCLEAR, Reason.NOT_A_FAILURE))


def _unwrapped(letter: ParsedMessage) -> ParsedMessage:
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
    return ParsedMessage(parts=(MessagePart("text/plain", plain),))


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
def _said(text: str) -> Explanation | None:
    """One answer of a mail server within a text: a line, a log, a mail program's error."""
    plain = text[:20_000]
    if smtp_reply.teaches(plain):
        return None
    if found := smtp_reply.coded(plain):
        return _item(found, ExplanationKind.SMTP)
    if (of_client := mail_clients.coded(plain)) or (of_client := _client_words(plain)):
        failure = DeliveryFailure(delivery_report.address_in(plain), plain[:1_000])
        return _answer(failure, FailureReading(of_client, permanent=False), ExplanationKind.SMTP)
    found = smtp_reply.unnumbered(plain) or smtp_reply.alone(plain)
    return _item(found, ExplanationKind.SMTP) if found else None


def _client_words(plain: str) -> Reason | None:
    """A mail program's error, unless a person tells of one in a letter of their own."""
    return None if bounce.speaks(mail_clients.unasked(plain)) else mail_clients.worded(plain)


# ------------------------------------------------------------------ items
def _item(failure: DeliveryFailure, kind: ExplanationKind) -> Explanation:
    return _answer(failure, judge(failure), kind)


def _answer(
    failure: DeliveryFailure, reading: FailureReading, kind: ExplanationKind
) -> Explanation:
    advice = ADVICE[reading.reason]
    late = failure.action == "delayed" and reading.reason is not Reason.NOT_A_FAILURE
    keep = frozenset({failure.recipient.lower()}) - {""}
    code, status = status_codes.find(failure.diagnostic)
    return Explanation(
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


def _plain_item(
    kind: ExplanationKind, reason: str, advice: FailureAdvice, text: str
) -> Explanation:
    return Explanation(
        kind, reason, None, advice.owner, advice.title, advice.says, advice.next,
        articles=advice.articles, checks=advice.checks, text=masked(text),
    )  # fmt: skip


def _unclear(text: str, seen: HeaderReading | None = None) -> Explanation:
    """No error in it: said so, with the way on. Of a letter nothing is repeated."""
    item = _plain_item(ExplanationKind.UNCLEAR, Reason.UNCLEAR.value, NOTHING, text[:200])
    return authentication.joined_to(item, seen)


def _of_headers(letter: ParsedMessage, seen: HeaderReading) -> Explanation:
    """Headers alone: did the message prove where it comes from, and how long was it on its way."""
    del letter
    failed = authentication.failed(seen)
    advice = ADVICE[Reason.AUTH_FAILED] if failed else authentication.FINE
    reason = Reason.AUTH_FAILED if failed else Reason.NOT_A_FAILURE
    item = _plain_item(ExplanationKind.SMTP, reason.value, advice, authentication.summary(seen))
    return authentication.joined_to(item, seen)
