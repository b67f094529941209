"""The entry point: pasted bytes or text to explanations. Never raises, bounded.

Order: a delivery report, message headers, an error of the web or another program, one SMTP reply.
"""

from __future__ import annotations

import re

from explain.bounces import bounce, delivery_report, smtp_reply, status_codes
from explain.bounces.advice import ADVICE, CODE_ALONE, DELAYED, NO_ERROR_FOUND, FailureAdvice
from explain.bounces.classification import classify_failure
from explain.bounces.message import MessagePart, ParsedMessage, is_message, parse_message
from explain.errors import mail_clients, site
from explain.headers import authentication
from explain.masking import mask_excerpt, redact_protocol_passwords
from explain.model import (
    DeliveryFailure,
    Explanation,
    ExplanationKind,
    FailureReading,
    HeaderReading,
    Reason,
)
from explain.pasted_text import is_markup, strip_markup, strip_quoting

MAX_INPUT = 3_000_000
MAX_TEXT = 20_000  # of a text that is no report
MAX_ITEMS = 100
MAX_MESSAGES = 10
# How a mailbox file (RFC 4155) begins each of its messages.
_MBOX_SEPARATOR = re.compile(rb"^From [^\s:]{1,200} +\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}[^\n]{0,40}\n", re.MULTILINE)  # fmt: skip


def explain(data: bytes | str) -> tuple[Explanation, ...]:
    """Explain pasted bytes or text: one item a recipient, at least one item."""
    raw = data.encode(errors="replace") if isinstance(data, str) else data
    raw = redact_protocol_passwords(raw[:MAX_INPUT])
    messages = _MBOX_SEPARATOR.split(raw)[1 : MAX_MESSAGES + 1]
    if len(messages) > 1:
        items = [
            item
            for message in messages
            for item in _explain_message(message)
            if item.kind is ExplanationKind.BOUNCE
        ]
        return tuple(items[:MAX_ITEMS]) or _explain_message(messages[0])
    return _explain_message(raw)


def _explain_message(raw: bytes) -> tuple[Explanation, ...]:
    message = parse_message(raw)
    if not message.headers:
        message = _strip_wrapping(message)
    is_client_error = (
        not message.headers
        and bool(message.parts)
        and mail_clients.has_client_number(message.parts[0].text)
    )
    failures = [] if is_client_error else bounce.failures(message)
    if failures:
        return tuple(_explain_failure(f, ExplanationKind.BOUNCE) for f in failures[:MAX_ITEMS])
    text = bounce.body(message)[:MAX_TEXT]
    return _explain_ordinary_message(message, text) if message.headers else _explain_text(text)


def _explain_ordinary_message(message: ParsedMessage, text: str) -> tuple[Explanation, ...]:
    """A message that is no report: its headers, or the errors its text quotes."""
    headers = authentication.read_headers(message)
    if not text.strip() or not any(p.text.strip() for p in message.parts):
        return (_explain_headers(headers),) if headers else (_unclear(""),)
    if failure := smtp_reply.find_coded_reply(text):
        return (_explain_failure(failure, ExplanationKind.SMTP),)
    return _explain_quoted_errors(text) or (_unclear("", headers),)


def _explain_text(text: str) -> tuple[Explanation, ...]:
    """A text that is no report: an SMTP reply, or an error of another program."""
    if bounce.ADDRESS_IN_FRAME.search(text) and (quoted_errors := _explain_quoted_errors(text)):
        return quoted_errors
    # A reply with both of its codes can only be a mail server's.
    is_mail = (
        status_codes.REPLY_WITH_STATUS.search(text)
        or mail_clients.reason_by_code(text)
        or mail_clients.names_mail_protocol(text)
    )
    first, second = (
        (_explain_smtp_reply, site.find_site_error)
        if is_mail
        else (site.find_site_error, _explain_smtp_reply)
    )
    if explanation := first(text) or second(text):
        return (explanation,)
    return _explain_quoted_errors(text) or (_unclear(text),)


def _explain_quoted_errors(text: str) -> tuple[Explanation, ...]:
    """Errors quoted in a person's message, explained as SMTP replies, never as bounces."""
    paragraphs = re.split(r"\n[ \t]*\n", text)[:60]
    machine_paragraphs = [strip_quoting(p) for p in paragraphs if not bounce.is_personal(p)]
    block = "\n\n".join(machine_paragraphs)
    if len(machine_paragraphs) == len(paragraphs) or not block.strip():
        return ()
    if bounce.ADDRESS_IN_FRAME.search(block):
        failures = bounce.failures(ParsedMessage(parts=(MessagePart("text/plain", block),)))
    else:
        failure = smtp_reply.find_coded_reply(block) or smtp_reply.find_uncoded_reply(block)
        failures = [failure] if failure else []
    items = (_explain_failure(f, ExplanationKind.SMTP) for f in failures[:MAX_ITEMS])
    return tuple(i for i in items if i.reason not in (Reason.UNCLEAR, Reason.NOT_A_FAILURE))


def _strip_wrapping(message: ParsedMessage) -> ParsedMessage:
    """Pasted text without markup and quoting; a message inside the quoting is parsed as one."""
    text = message.parts[0].text if message.parts else ""
    if is_markup(without_quoting := strip_quoting(text)):
        text = strip_markup(_STRAY_QUOTE_MARK.sub(" ", without_quoting))
    plain_text = strip_quoting(text)
    if is_message(plain_text):
        return parse_message(plain_text.lstrip().encode(errors="replace"))
    forwarded = _forwarded_message(plain_text)
    if forwarded:
        inner = parse_message(forwarded.encode(errors="replace"))
        if inner.headers and bounce.failures(inner):
            return inner
    return ParsedMessage(parts=(MessagePart("text/plain", plain_text),))


# The mark of quoting that was put around the source of a page and lost its line.
_STRAY_QUOTE_MARK = re.compile(r"(?<=>)[ \t]{1,8}>[ \t]{1,8}(?=<)")
_FORWARD_LINE = re.compile(
    r"^[ \t*_]{0,8}(?:-{2,12} ?[^\n-]{4,60} ?-{2,12}|(?:begin )?forwarded message:?|p.eposlan. (?:zpr.va|spr.va):?|"
    r"(?:preposlan|przekazan|proslije|weitergeleitet)[^\n]{0,40})[ \t*_]{0,8}$",
    re.IGNORECASE | re.MULTILINE,
)


_RETURNED_COPY = re.compile(r"cop(?:y|ie)|kopi|all the headers", re.IGNORECASE)  # of what was sent
_SENDER_LINE = re.compile(r"^\W{0,3}(?:from|od|von)\W{0,3}:", re.IGNORECASE | re.MULTILINE)


def _forwarded_message(text: str) -> str:
    """The message after a mail program's "forwarded message" line; "" when there is none."""
    starts = [
        m.end() for m in _FORWARD_LINE.finditer(text[:40_000]) if not _RETURNED_COPY.search(m[0])
    ]
    starts += [m.start() for m in _SENDER_LINE.finditer(text[:8_000])]
    for start in sorted(starts)[:60]:
        if is_message(text[start : start + 8_000]):
            return text[start:].lstrip()
    return ""


# ------------------------------------------------------------------ one answer
def _explain_smtp_reply(text: str) -> Explanation | None:
    """One SMTP reply within a text: a line, a log line, a mail client's error."""
    if smtp_reply.explains_codes(text):
        return None
    if failure := smtp_reply.find_coded_reply(text):
        return _explain_failure(failure, ExplanationKind.SMTP)
    if (client_reason := mail_clients.reason_by_code(text)) or (
        client_reason := _client_error_by_words(text)
    ):
        failure = DeliveryFailure(delivery_report.address_in(text), text[:1_000])
        return _explanation(
            failure, FailureReading(client_reason, permanent=False), ExplanationKind.SMTP
        )
    failure = smtp_reply.find_uncoded_reply(text) or smtp_reply.find_short_reply(text)
    return _explain_failure(failure, ExplanationKind.SMTP) if failure else None


def _client_error_by_words(text: str) -> Reason | None:
    """A mail client's error by its words, unless the text is a person's own."""
    return (
        None
        if bounce.is_personal(mail_clients.without_dialog_question(text))
        else mail_clients.reason_by_words(text)
    )


# ------------------------------------------------------------------ items
def _explain_failure(failure: DeliveryFailure, kind: ExplanationKind) -> Explanation:
    return _explanation(failure, classify_failure(failure), kind)


def _explanation(
    failure: DeliveryFailure, reading: FailureReading, kind: ExplanationKind
) -> Explanation:
    advice = ADVICE[reading.reason]
    is_delayed = failure.action == "delayed" and reading.reason is not Reason.NOT_A_FAILURE
    keep = frozenset({failure.recipient.lower()}) - {""}
    code, status = status_codes.find_codes(failure.diagnostic)
    return Explanation(
        kind,
        reading.reason.value,
        reading.permanent,
        advice.owner,
        advice.title,
        advice.says,
        DELAYED if is_delayed else advice.next,
        recipient=failure.recipient,
        reply=failure.reply or code,
        status=failure.status or status,
        remote=failure.remote,
        articles=advice.articles,
        checks=advice.checks,
        text=mask_excerpt(failure.diagnostic or failure.around[:400], keep),
    )


def _explanation_without_failure(
    kind: ExplanationKind, reason: str, advice: FailureAdvice, text: str
) -> Explanation:
    return Explanation(
        kind, reason, None, advice.owner, advice.title, advice.says, advice.next,
        articles=advice.articles, checks=advice.checks, text=mask_excerpt(text),
    )  # fmt: skip


def _unclear(text: str, headers: HeaderReading | None = None) -> Explanation:
    """An explanation of kind UNCLEAR; a message's text is not repeated."""
    advice = CODE_ALONE if smtp_reply.find_code_alone(text) else NO_ERROR_FOUND
    item = _explanation_without_failure(
        ExplanationKind.UNCLEAR, Reason.UNCLEAR.value, advice, text[:200]
    )
    return authentication.with_headers(item, headers)


def _explain_headers(headers: HeaderReading) -> Explanation:
    """Headers alone: whether the sender is authenticated, and the path's delays."""
    failed = authentication.is_authentication_failed(headers)
    advice = ADVICE[Reason.AUTH_FAILED] if failed else authentication.NO_FAILURE
    reason = Reason.AUTH_FAILED if failed else Reason.NOT_A_FAILURE
    item = _explanation_without_failure(
        ExplanationKind.SMTP, reason.value, advice, authentication.verdicts_in_a_line(headers)
    )
    return authentication.with_headers(item, headers)
