"""Detects bounces and extracts the failures they report: structure first, then wording.

Only a mail system's report is a bounce; a person's message that complains about mail is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from explain.bounces import delivery_report, phrases, status_codes, transcript
from explain.bounces.message import ParsedMessage
from explain.model import DeliveryFailure
from explain.pasted_text import fold_to_line, is_markup, strip_markup

_MAIL_SYSTEM_SENDER = re.compile(
    r"mailer.?daemon|mail ?deliver|mail ?system|mdaemon|mail ?admin|system ?administrator|"
    r"post.?master|content.?filter|amazonses|email-bounces|delivery ?sub|bounce"
)
_CERTAIN_MAIL_SYSTEM = re.compile(
    r"mailer.?daemon|mail deliver\w* (?:sub)?system|email-bounces|bounces?@"
)
_BOUNCE_SUBJECT = re.compile(
    r"undeliver|returned (?:mail|message)|(?:mail|delivery|message|non.?delivery)[ -]?(?:delivery)? ?"
    r"(?:fail|status|notif|error|report|problem)|failure notice|delivery (?:has )?fail|mail failure|"
    r"could not be delivered|n(?:edoruc|elze dorucit|ie mozna dostarczyc|eisporu|edostavljen|epovedlo dorucit|emozno dorucit|icht zustell|on remis|on distribu|o entregad)|vracen\w* (?:zprav|sprav)|niedostarcz|zwrot|zwroc|"
    r"user unknown!?$|kezbesit|impossibile recapitare|unzustell|mancata"
)
# Reports known by their shape in any language: Exchange closes its code with ##, Google opens with
# a title between asterisks and shows the answer of the receiving server. Exchange 2003 signs with its
# name and code; Postfix and Exim put an answer into a frame of their own.
_REPORT_SHAPE = re.compile(
    r"<[\w-]{1,60}(?:\.[\w-]{1,60}){1,6} #[45]\.\d{1,3}\.\d{1,3}\b|"
    r"\bSMTP error from remote (?:mail )?server after |\brefused to talk to me: [45]\d\d|"
    r"\[[\da-fA-F.:]{3,45}\]\)?(?::\d{1,5})? ?said: [45]\d\d|\(in reply to [\w ]{4,40} command\)|"
    r"^[^\w\n]{0,3}#?[45]\d\d[ -][45]\.\d{1,3}\.\d{1,3} .{0,400}##\s*$|"
    r"\A\s*\*\* ?\S.{2,80}\*\*\s(?s:.{0,2000}?)(?:^\s*[45]\d\d[ -]|support\.google\.com/mail)",
    re.MULTILINE,
)
_REPORT_TYPE = re.compile(
    r"report-type\s*=\s*\"?(?:global-)?(delivery-status|feedback-report|disposition)", re.IGNORECASE
)
_COMPLAINT_SUBJECT = re.compile(
    r"^(?:fw: )?complaint about message from|^(?:dmarc )?forensic report|^abuse report"
)
_FEEDBACK_OPENING = re.compile(
    r"^\W*this is an? (?:\w+[ -]){0,4}(?:abuse|opt-out|complaint|fraud|feedback|not-spam|virus|authentication failure)[\w -]{0,20} report"
)
_PERSONAL_WORDS = re.compile(
    r"\b(?:hello|hi|dear|please help|thanks|thank you|help|i am|i have|i tried|why|how can|dobry den|ahoj|prosim|dekuj\w*|"
    r"dakuj\w*|muj|moj\w*|mam|mame|nefunguj\w*|nejde|nechodi|proc|preco|witam|dzien dobry|prosze|dziekuj\w*|nie dziala|"
    r"dlaczego|pozdrav\w*|postovani|dobar dan|lijep pozdrav|molim|hvala|ne radi|zasto|bok|imam|guten tag|sehr geehrte\w*|hallo|bitte|danke|bonjour|merci|buongiorno|grazie|hola|gracias|jo napot|koszonom|"
    r"vazen[yai]\w*|szanown\w*|dobry den|mila|mily|czesc|s pozdravem|z powazaniem)\b"
)
# Read receipts of mail clients: To, Subject and Sent of the message, one below the other.
_READ_RECEIPT = re.compile(
    r"^[^\w\n]{0,8}(?:to|komu|do|za|prima|an|c.mzett)\s?:[^\n]{0,200}\n\W{0,8}(?:subject|p.edm.t|predmet|temat|betreff|t.rgy)\s?:"
    r"[^\n]{0,300}\n\W{0,8}(?:sent|odesl.no|odoslan.|wys.ano|poslano|gesendet|elk.ldve)\b",
    re.IGNORECASE | re.MULTILINE,
)
_QUESTION_MARK = re.compile(r"\?(?=[\s\"')]|$)")  # not the one inside a link
ADDRESS_IN_FRAME = re.compile(r"^[\s>]{0,8}<[^\s<>@]{1,64}@[^\s<>]{3,253}>: \S", re.MULTILINE)
_AUTO_HEADERS = ("x-autoreply", "x-autorespond", "x-auto-response-suppress", "x-autoreply-from")
_RECIPIENT_FIELD = re.compile(
    r"^(?:original-rcpt-to|removal-recipient|original-recipient|final-recipient)\s?:\s*(.*)$",
    re.IGNORECASE | re.MULTILINE,
)


def failures(message: ParsedMessage) -> list[DeliveryFailure]:
    """The failures that a message, or one attached to it, reports; [] for an ordinary message."""
    reported = _reported_failures(message)
    if reported:
        return reported
    for attached in message.inner:
        if nested := failures(attached):
            return nested
    return []


def body(message: ParsedMessage) -> str:
    """The first readable part's text, or ""."""
    return next(iter(_readable_texts(message)), "")


def _readable_texts(message: ParsedMessage) -> list[str]:
    plain_texts = [p.text for p in message.parts if p.type == "text/plain" and p.text.strip()]
    plain_texts = [strip_markup(t) if is_markup(t) else t for t in plain_texts]
    html_texts = [strip_markup(p.text) for p in message.parts if p.type == "text/html"]
    return [*plain_texts[:3], *[t for t in html_texts[:2] if t.strip()]]


def _reported_failures(message: ParsedMessage) -> list[DeliveryFailure]:
    texts = _readable_texts(message)
    readable = texts[0] if texts else ""
    if feedback := _delivered_reports(message, readable):
        return feedback
    status_parts = [p.text for p in message.parts if p.type == "message/delivery-status"]
    structured = [f for text in status_parts for f in delivery_report.failures(text)]
    if not structured:
        structured = next((s for s in (_failures_in_pasted_fields(t) for t in texts) if s), [])
    if not structured:
        structured = next((s for s in map(delivery_report.ses_failures, texts) if s), [])
        if structured:
            return structured
    by_machine = is_machine_report(message)
    if structured:
        return _with_words(structured, texts)
    if auto_reply := _automatic_reply(message, readable, by_machine=by_machine):
        return [auto_reply]
    return _failures_in_words(message, texts, by_machine=by_machine)


def _failures_in_pasted_fields(text: str) -> list[DeliveryFailure]:
    if not delivery_report.has_fields(text):
        return []
    report = transcript.without_original(text)
    reported = delivery_report.failures(
        report if delivery_report.has_fields(report) else text, strict=False
    )
    return [f for f in reported if f.recipient or f.diagnostic or f.action]


def is_personal(text: str) -> bool:
    """Whether a text is written by a person rather than a program."""
    opening = fold_to_line(text[:600])
    return bool(_PERSONAL_WORDS.search(opening) or _QUESTION_MARK.search(opening))


def is_machine_report(message: ParsedMessage) -> bool:
    """Whether the headers are those of a mail system's report."""
    sender = fold_to_line(
        message.header("from") or message.header("sender") or message.header("od")
    )
    if _REPORT_TYPE.search(message.header("content-type")) or message.header("x-failed-recipients"):
        return True
    null_sender = message.header("return-path").strip() == "<>"
    if (
        null_sender
        and message.inner
        and not phrases.has_certain_phrase(_subject(message), phrases.AUTOMATIC)
    ):
        return True  # a null sender that returns a message (RFC 5321, 4.5.5)
    if _CERTAIN_MAIL_SYSTEM.search(sender) or null_sender:
        return bool(_CERTAIN_MAIL_SYSTEM.search(sender)) or bool(
            _BOUNCE_SUBJECT.search(_subject(message))
        )
    no_sender = bool(message.headers) and sender.strip() in ("", "<>")
    return (no_sender or bool(_MAIL_SYSTEM_SENDER.search(sender))) and bool(
        _BOUNCE_SUBJECT.search(_subject(message))
    )


def _subject(message: ParsedMessage) -> str:
    names = ("subject", "predmet", "temat", "betreff")
    return fold_to_line(next((s for n in names if (s := message.header(n))), "")[:300])


def _delivered_reports(message: ParsedMessage, readable: str) -> list[DeliveryFailure]:
    """Complaints (RFC 5965) and read receipts (RFC 8098): reports of mail that did arrive."""
    parts = [p.text for p in message.parts if p.type == "message/feedback-report"]
    receipts = [p.text for p in message.parts if p.type == "message/disposition-notification"]
    report = (parts or receipts or [""])[0]
    if not report and not _COMPLAINT_SUBJECT.search(_subject(message)):
        opening = fold_to_line(readable[:300])
        if not _FEEDBACK_OPENING.search(opening) or message.headers:
            return []
    recipients = [delivery_report.address_in(m[1]) for m in _RECIPIENT_FIELD.finditer(report)][:100]
    unique = list(dict.fromkeys(filter(None, recipients))) or [""]
    return [_delivered(recipient, readable) for recipient in unique]


def _delivered(recipient: str, text: str) -> DeliveryFailure:
    """A report of mail that did arrive, with the beginning of its words."""
    return DeliveryFailure(recipient=recipient, action="delivered", diagnostic=text[:500])


def _automatic_reply(
    message: ParsedMessage, readable: str, *, by_machine: bool
) -> DeliveryFailure | None:
    """A vacation notice or a receipt: an answer, not a failure (RFC 3834)."""
    if by_machine and not phrases.has_certain_phrase(_subject(message), phrases.AUTOMATIC):
        return None
    marked_automatic = message.header("auto-submitted").lower().startswith("auto-replied")
    marked_automatic = marked_automatic or any(message.header(name) for name in _AUTO_HEADERS)
    marked_automatic = marked_automatic or message.header("precedence").lower() in (
        "auto_reply",
        "auto-reply",
    )
    subject = _subject(message)
    if not message.headers and phrases.has_certain_phrase(readable[:2_000], phrases.REPORT):
        return None
    worded_automatic = phrases.has_certain_phrase(
        f"{subject} . {readable[:400]}", phrases.AUTOMATIC
    )
    is_certain = worded_automatic and (
        marked_automatic
        or phrases.has_certain_phrase(subject, phrases.AUTOMATIC)
        or _is_vacation_notice(readable)
    )
    if not is_certain and (not marked_automatic or _mentions_failure(readable)):
        return None
    return _delivered(delivery_report.mailbox_in(message.header("from")), readable)


def _is_vacation_notice(readable: str) -> bool:
    """A text without headers that is itself a vacation notice: short and in the first person."""
    return (
        len(readable) < 1_500
        and "?" not in readable
        and phrases.has_certain_phrase(readable[:500], phrases.AUTOMATIC)
    )


def _mentions_failure(text: str) -> bool:
    votes = phrases.match_phrases(text)
    return phrases.REPORT in votes or any(status_codes.find_codes(text))


def _failures_in_words(
    message: ParsedMessage, texts: Sequence[str], *, by_machine: bool
) -> list[DeliveryFailure]:
    """The failures of a report without structured fields, from its wording."""
    header_recipients = [
        a for a in message.header("x-failed-recipients").replace(" ", "").split(",") if a
    ]
    for text in texts:
        report = transcript.without_original(text)
        votes = phrases.match_phrases(report)
        report_vote = phrases.match_phrases(text).get(phrases.REPORT, 0)
        has_report_shape = bool(_REPORT_SHAPE.search(text[:20_000]))
        if (
            _READ_RECEIPT.search(text[:4_000])
            and phrases.DELIVERED in votes
            and not _names_cause(votes)
        ):
            return [_delivered(_first_address(report), report)]
        is_likely = report_vote or ADDRESS_IN_FRAME.search(report[:20_000])
        if not (
            by_machine
            or has_report_shape
            or report_vote >= phrases.CERTAIN_WEIGHT
            or (is_likely and _is_machine_answer(report))
        ):
            continue
        if (
            phrases.DELIVERED in votes
            and not any(status_codes.find_codes(report))
            and not _names_cause(votes)
        ):
            return [_delivered((header_recipients or [_first_address(report)])[0], report)]
        reported = transcript.failures(text, known_recipients=header_recipients)
        if by_machine or any(f.recipient for f in reported) or _first_address(text):
            if not _any_names_cause(reported) and text is not texts[-1]:
                continue
            return [_with_subject(f, message, delayed=phrases.DELAYED in votes) for f in reported]
    return []


def _is_machine_answer(text: str) -> bool:
    """Whether a text that only leans to a report names a cause or a code, and no person speaks."""
    return not is_personal(text) and (
        any(status_codes.find_codes(text)) or _names_cause(phrases.match_phrases(text))
    )


def _names_cause(votes: Mapping[str, float]) -> bool:
    not_causes = (phrases.REPORT, phrases.AUTOMATIC, phrases.DELIVERED, phrases.DELAYED)
    return any(w >= phrases.CERTAIN_WEIGHT for s, w in votes.items() if s not in not_causes)


def _any_names_cause(reported: Sequence[DeliveryFailure]) -> bool:
    return any(
        f.reply or f.status or _names_cause(phrases.match_phrases(f.diagnostic)) for f in reported
    )


def _with_subject(
    failure: DeliveryFailure, message: ParsedMessage, *, delayed: bool
) -> DeliveryFailure:
    around = f"{_subject(message)} . {failure.around}" if message.headers else failure.around
    action = failure.action or ("delayed" if delayed and not failure.reply.startswith("5") else "")
    return replace(failure, around=around, action=action)


def _first_address(text: str) -> str:
    return delivery_report.address_in(text[:2_000])


def _with_words(structured: list[DeliveryFailure], texts: Sequence[str]) -> list[DeliveryFailure]:
    """Structured failures completed from the wording: the stage, and a missing diagnostic."""
    if not texts:
        return structured
    worded_by_recipient = {
        f.recipient.lower(): f for text in texts[:1] for f in transcript.failures(text)
    }
    around = transcript.without_original(texts[0])
    return [_merge_failure(f, worded_by_recipient, around) for f in structured]


def _merge_failure(
    failure: DeliveryFailure, worded_by_recipient: dict[str, DeliveryFailure], around: str
) -> DeliveryFailure:
    worded = worded_by_recipient.get(failure.recipient.lower())
    if worded is None:
        is_single = len(worded_by_recipient) == 1
        worded = next(iter(worded_by_recipient.values())) if is_single else None
    if worded is None:
        return replace(failure, around=around)
    lacks_diagnostic = not failure.diagnostic
    return replace(
        failure,
        around=around,
        diagnostic=worded.diagnostic if lacks_diagnostic else failure.diagnostic,
        reply=failure.reply or worded.reply,
        status=failure.status or worded.status,
        recipient=failure.recipient or worded.recipient,
        remote=failure.remote or worded.remote,
        stage=worded.stage,
    )
