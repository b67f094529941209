"""Finds one SMTP reply within a text: a reply line, a log line, a short sentence without a code.

Extracts the recipient, the server and the stage; classifies nothing.
"""

from __future__ import annotations

import re

from explain.bounces import bounce, delivery_report, phrases, receivers, status_codes, transcript
from explain.model import DeliveryFailure, Reason
from explain.pasted_text import fold_to_line

# Endings of words are part of the gap: a run of "errorerror" is not tried in every way.
_CODE_AFTER_ATTRIBUTION = re.compile(
    r"(?:smtp|server|host|said|respon|repl|error|chyb|odpov|blad|odpow|odgovor|gresk|fehler|antwort|"
    r"hlas|returned|vratil|zwroc|javlja|pise|vypis|talk to me|@[\w.-]{3,80}>)"
    r"[^.\n]{0,75}?[\s:'\"(<\[#]([45][0-5]\d)[ \-:](?!\d)"
)
_REPLY_LINE = re.compile(
    r"^[\s>*'\"(<\[\u2022-]*(?:<<<\s*)?(?:error:?\s*)?([45][0-57]\d)(?:[ -]|:\s?)(?=\D|\d\.\d)"
)
_MESSAGE_FIELD = re.compile(r"(?:from|to|od|komu|subject|predmet|date)\s?: ")
_CODE_DEFINITION = re.compile(
    r"[45]\d\d [45]\.\d{1,3}\.\d{1,3}[\w ,]{0,40}? (?:means|stands for|tells you|indicates|znamena|oznacza|znaci|bedeutet)\b"
)
# Exim's main log: date, time, identifier, what became of it (** failed, == put off), address.
_EXIM_LINE = re.compile(
    r"\A(?:\S{1,40} ){1,5}?(\*\*|==) (\S{1,64}@\S{1,253}) (?=\S)(?=.{0,400}\b[RT]=)"
)
_EXIM_REPLY = re.compile(r"(?:[\])]|\b[RT]=\w{1,40}): ")
_POSTFIX_STATUS = re.compile(r"\bstatus=(deferred|bounced|expired|undeliverable) \((.{3,2000})\)")
# Errors that a mail server reports before it reaches another: mail ports, routing, queues.
_MAIL_ROUTING_WORDS = re.compile(
    r"connect to \S{3,253}:(?:25|465|587)\b|\btype=mx\b|name service error for|"
    r"\bmx records?\b.{0,60}(?:non-?exist|not found|no (?:host|address)|point)|"
    r"no (?:relevant )?mx (?:records?|hosts?)\b|retry time(?:out)? (?:not reached|exceeded)|"
    r"mail for \S{3,253} loops back|unrouteable address|"
    r"tls is required, but|cannot start tls|server certificate not (?:trusted|verified)|no tlsa records"
)
# A reply code (RFC 5321, 4.2.3) and nothing of what the server said: by itself, or with a word for "error".
_CODE = r"(?<![\d.,])(?P<{}>421|45[0-5]|5(?:2[13]|3[0458]|4[15]|5[0-7]|71))(?![\d.,]*\d)"
_ERROR = (
    r"\b(?:smtp|errors?|code|chyb\w{0,3}|kod\w{0,2}|blad\w{0,2}|gresk\w|pogresk\w|fehler\w{0,4})"
)
_CODE_ALONE = re.compile(
    rf"\A\W*{_CODE.format('alone')}\W*\Z|{_ERROR}\W{{1,3}}(?:\w{{1,8}}\W{{1,3}})?{_CODE.format('after')}|"
    rf"{_CODE.format('before')}\W{{0,3}}{_ERROR}"
)
MAX_CODE_ALONE = 160  # characters of a text that may name one
MAX_SHORT_TEXT, MAX_CAUSE_OFFSET = (
    300,
    80,
)  # characters of a text, and the part that must name its cause
_NOT_A_SERVER = re.compile(
    r"^\W*(?:i|we|my|our|muj|moje|moj|nas|nase|moja|nasza|nasz)\b|"
    r"\b(?:parcel|courier|paczk|przesylk|zasilk|zasielk|balik|balic|kuryr|kurier|posiljk|paket)\w*|"
    r"\b(?:if|when|whenever|pokud|kdyz|jestlize|ak|ked|jesli|gdy|kiedy|ako|kada|wenn|falls)\b|click (?:here|below|the)|re-?validat|re-?activat|verify your|upgrade your|klikn\w+|kliknij|zweryfikuj|potvrdte|overte|hier klicken"
)
_FAILURE_WORDS = re.compile(
    r"fail|reject|refus|denied|unauth|block|not (?:pass|align|permit|allow|authori|compl|meet)|violat|forg|spoof|"
    r"odmit|selhal|nepros|nesplnu|nevyho|zlyha|zamiet|nepres|nespln|odrzuc|niepowodz|nie (?:spel|przesz|jest upr)|niezgod|"
    r"odbij|neusp|nije|ne (?:zadov|prol)|neni|nie je|fehlgeschl|abgelehnt|nicht"
)
# Classes whose phrases are unambiguous in a short text.
_UNAMBIGUOUS_REASONS = {Reason.RECIPIENT_UNKNOWN, Reason.MAILBOX_FULL, Reason.RELAY_DENIED, Reason.AUTH_FAILED,
          Reason.PTR_MISSING, Reason.RATE_LIMITED}  # fmt: skip


def explains_codes(text: str) -> bool:
    """Whether a text is documentation about codes rather than a reply."""
    return bool(_CODE_DEFINITION.search(fold_to_line(text[:2_000]))) and "?" not in text


def find_coded_reply(text: str) -> DeliveryFailure | None:
    """The first reply of a mail server in a text that has a code; None without one."""
    lines = text.split("\n")[:400]
    personal = bounce.is_personal(text)
    for index, line in enumerate(lines):
        folded_line = fold_to_line(line[:2_000])
        pair, reply_line = status_codes.REPLY_WITH_STATUS.search(line), _REPLY_LINE.match(line)
        if pair and personal and not _is_mail_server_text(line):
            continue  # the number of an invoice looks like a pair of codes
        if logged := _POSTFIX_STATUS.search(line):
            return _failure_of_postfix_log(line, logged)
        if logged := _EXIM_LINE.match(line[:3_000]):
            return _failure_of_exim_log(line[:3_000], logged)
        attributed = _CODE_AFTER_ATTRIBUTION.search(folded_line)
        status = next(
            (m for m in status_codes.STATUS.finditer(line) if not _is_version_number(line, m)), None
        )
        has_code = bool(reply_line or attributed or (status and status[1] in "45"))
        if not pair and not (has_code and _is_mail_server_text(" ".join(lines[index : index + 3]))):
            continue
        block = (
            " ".join([*lines[max(0, index - 2) : index], *lines[index : index + 4]])
            if len(lines) > 1
            else line
        )
        start = max(0, index - 1) if attributed or not reply_line else index
        diagnostic = " ".join(part.strip() for part in lines[start : index + 4])
        reply, enhanced_code = status_codes.find_codes(" ".join(lines[index : index + 4]))
        reply = reply or (reply_line[1] if reply_line else attributed[1] if attributed else "")
        return DeliveryFailure(
            recipient=delivery_report.recipient_in(block)
            or _recipient_elsewhere(text, personal=personal),
            diagnostic=diagnostic,
            reply=reply,
            status=enhanced_code,
            remote=transcript.remote_server(block),
            stage=transcript.smtp_stage(block),
        )
    return None


_BEFORE_VERSION = re.compile(
    r"(?:version|release|upgrade|update|verz\w{1,3}|wersj\w{1,3}|php|wordpress|joomla|drupal|sql|mariadb|nginx|apache|python|kernel|\bv)[ :/=]{0,2}$"
)


def _is_version_number(line: str, status: re.Match[str]) -> bool:
    """Whether three numbers are a software version, not an enhanced status code."""
    return bool(_BEFORE_VERSION.search(line[max(0, status.start() - 16) : status.start()].lower()))


def _recipient_elsewhere(text: str, *, personal: bool) -> str:
    """The recipient named elsewhere in a program's text; "" in a person's."""
    return "" if personal else transcript.first_address(text)


def _failure_of_postfix_log(line: str, logged: re.Match[str]) -> DeliveryFailure:
    """A delivery line of Postfix's log: dsn=, status=, and the answer in brackets."""
    reply, status = status_codes.find_codes(logged[2])
    dsn = status_codes.STATUS.search(line)
    return DeliveryFailure(
        recipient=delivery_report.address_in(line.partition("to=")[2] or line),
        diagnostic=logged[2],
        action="delayed" if logged[1] == "deferred" else "failed",
        reply=reply,
        status=status or (dsn[0] if dsn else ""),
        remote=transcript.remote_server(logged[2]),
        stage=transcript.smtp_stage(logged[2]),
    )


def _failure_of_exim_log(line: str, logged: re.Match[str]) -> DeliveryFailure:
    """A line of Exim's main log; the reply follows the first colon after the route."""
    reply_mark = _EXIM_REPLY.search(line, logged.end())
    diagnostic = line[reply_mark.end() :] if reply_mark else line[logged.end() :]
    reply, status = status_codes.find_codes(diagnostic)
    return DeliveryFailure(
        recipient=logged[2],
        diagnostic=diagnostic,
        action="failed" if logged[1] == "**" else "delayed",
        reply=reply,
        status=status,
        remote=transcript.remote_server(line),
        stage=transcript.smtp_stage(diagnostic),
    )


def _is_mail_server_text(text: str) -> bool:
    """Whether the text around a lone number is a mail server's."""
    if receivers.reason_by_receiver_code("", text):
        return True
    votes = phrases.match_phrases(text)
    return any(votes.get(reason.value, 0) >= phrases.CERTAIN_WEIGHT for reason in Reason) or bool(
        re.search(r"\b(?:smtp|rcpt|esmtp|mailbox|recipient)\b", text, re.IGNORECASE)
    )


def find_uncoded_reply(text: str) -> DeliveryFailure | None:
    """An error without a code that only a mail server reports; None in a person's text."""
    folded = fold_to_line(text[:4_000])
    if not _MAIL_ROUTING_WORDS.search(folded) or bounce.is_personal(folded):
        return None
    return DeliveryFailure(
        delivery_report.address_in(text), text[:1_000], remote=transcript.remote_server(text)
    )


def find_short_reply(text: str) -> DeliveryFailure | None:
    """A short text that is only a mail server's error, without any code; else None."""
    folded = fold_to_line(text[:4_000])
    if (
        len(folded) >= MAX_SHORT_TEXT
        or bounce.is_personal(folded)
        or _MESSAGE_FIELD.match(folded)
        or _NOT_A_SERVER.search(folded)
    ):
        return None
    votes = phrases.match_phrases(text[:MAX_CAUSE_OFFSET])
    best = max((s for s in votes if s in set(Reason)), key=lambda s: votes[s], default="")
    is_failure = best != Reason.AUTH_FAILED or _FAILURE_WORDS.search(
        folded
    )  # DMARC alone is a subject
    if best in _UNAMBIGUOUS_REASONS and is_failure and votes[best] >= phrases.CERTAIN_WEIGHT:
        return DeliveryFailure(delivery_report.address_in(text), text)
    return None


def find_code_alone(text: str) -> str:
    """The reply code of a short text that has nothing of what the server said; "" without one."""
    folded = fold_to_line(text[: 2 * MAX_CODE_ALONE])
    is_of_mail = len(folded) <= MAX_CODE_ALONE and "ftp" not in folded  # it has a 550 of its own
    match = _CODE_ALONE.search(folded) if is_of_mail else None
    return next(code for code in match.groups() if code) if match else ""
