"""Structured delivery reports: RFC 3464 fields (a MIME part or pasted text), Amazon SES JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from explain.bounces import status_codes
from explain.model import DeliveryFailure

MAX_RECIPIENTS = 100
_FIELD = re.compile(
    r"^\s{0,4}(final-recipient|original-recipient|action|status|diagnostic-code|remote-mta|"
    r"reporting-mta|x-actual-recipient|last-attempt-date|will-retry-until|arrival-date|"
    r"received-from-mta|final-log-id|feedback-type|x-[a-z0-9-]+|original-envelope-id)\s?:\s*(.*)$",
    re.IGNORECASE,
)
_PER_RECIPIENT = ("final-recipient", "original-recipient", "action", "status", "diagnostic-code",
                  "remote-mta", "x-actual-recipient")  # fmt: skip
ADDRESS = re.compile(
    r"(?<![^\s<>()\[\],;:\"'`])[^\s<>()\[\],;:\"'`]{1,64}@(?:\[[\d.a-fA-F:]+\]|[\w-]+(?:\.[\w-]+)*\.?)"
)
QUOTED_ADDRESS = re.compile(r"\"[^\"\s@]{1,64}\"@[\w.-]{1,253}")
_OWN_LETTER = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")  # RFC 6533, 3
SCHEME = re.compile(r"^(?:smtp|rfc822|mailto|imceaex|x-local)[:;=]", re.IGNORECASE)
_HOST = re.compile(
    r"((?<![A-Za-z0-9_])[A-Za-z0-9_](?:[\w-]*\.)+[\w-]{2,63}|\d{1,3}(?:\.\d{1,3}){3}|\[[\da-fA-F:.]+\])"
)


@dataclass(frozen=True, slots=True)
class RecipientFields:
    """The fields of one block; names in lower case."""

    fields: dict[str, str]

    def get(self, name: str) -> str:
        return self.fields.get(name, "")


def field_groups(text: str, *, strict: bool) -> Iterator[RecipientFields]:
    """The groups of fields, one a recipient; pasted text may lack blank lines and indentation."""
    fields: dict[str, str] = {}
    last_name = ""
    for line in text.replace("\r\n", "\n").split("\n")[:4_000]:
        match = _FIELD.match(line)
        if match:
            name = match[1].lower()
            is_repeated = name in fields and name in _PER_RECIPIENT
            if is_repeated and (name in ("final-recipient", "action", "original-recipient")):
                yield RecipientFields(fields)
                fields = {}
            fields.setdefault(name, match[2].strip())
            last_name = name
        elif not line.strip():
            if fields:
                yield RecipientFields(fields)
            fields, last_name = {}, ""
        elif (
            last_name
            and len(fields[last_name]) < 4_000
            and (strict or last_name == "diagnostic-code")
        ):
            fields[last_name] += " " + line.strip()
    if fields:
        yield RecipientFields(fields)


def has_fields(text: str) -> bool:
    """Whether a text holds the fields of a delivery status for at least one recipient."""
    names = {m[1].lower() for line in text.split("\n") if (m := _FIELD.match(line))}
    return len(names & set(_PER_RECIPIENT)) >= 2 and bool(
        names & {"final-recipient", "original-recipient", "diagnostic-code"}
    )


def failures(text: str, *, strict: bool = True) -> list[DeliveryFailure]:
    """One failure a recipient block, in the order of the report (RFC 3464)."""
    reporting_mta = ""
    reported: list[DeliveryFailure] = []
    for group in field_groups(text, strict=strict):
        reporting_mta = server_name(group.get("reporting-mta")) or reporting_mta
        if not any(group.get(n) for n in ("final-recipient", "original-recipient", "action",
                                          "diagnostic-code")):  # fmt: skip
            status = status_codes.STATUS.search(group.get("status"))
            if status and reported and not reported[-1].status:
                reported[-1] = replace(reported[-1], status=status[0])  # an empty line before it
                continue
            if not group.get("status"):
                continue
        reported.append(_failure(group, reporting_mta))
        if len(reported) >= MAX_RECIPIENTS:
            break
    return reported


def _failure(group: RecipientFields, reporting_mta: str) -> DeliveryFailure:
    diagnostic = _diagnostic(group.get("diagnostic-code"))
    field_status = status_codes.STATUS.search(group.get("status"))
    reply, status = status_codes.find_codes(diagnostic)
    status_given = field_status[0] if field_status else ""
    return DeliveryFailure(
        recipient=_recipient(group),
        diagnostic=diagnostic or _comment(group.get("status")),
        action=group.get("action").split()[0].strip(";,.").lower() if group.get("action") else "",
        reply=reply,
        status=_more_specific_status(status_given, status),
        remote=server_name(group.get("remote-mta")) or reporting_mta,
    )


_EXIT_STATUS_WORDS = {"67": "user unknown", "68": "host unknown", "75": "temporary failure"}


def _diagnostic(field: str) -> str:
    """The diagnostic without its type; an exit status (sysexits.h) is replaced by words."""
    kind, _, diagnostic = field.partition(";")
    code = next(iter(diagnostic.split()), "")
    if kind.strip().lower() == "x-unix" and code.isdigit():
        return f"{_EXIT_STATUS_WORDS.get(code, 'unknown mailer error')} {code}"
    return re.sub(r"^[\w-]{1,40}\s?;\s*", "", field)


def _more_specific_status(status_field: str, status_in_text: str) -> str:
    """The status field, or the one in the diagnostic when the field is only x.0.0."""
    if not status_field or (status_field.endswith(".0.0") and status_in_text):
        return status_in_text or status_field
    return status_field


def _comment(status: str) -> str:
    match = re.search(r"\(([^()]{3,300})\)", status)
    return match[1] if match else ""


def _recipient(group: RecipientFields) -> str:
    for name in ("final-recipient", "original-recipient", "x-actual-recipient"):
        kind, _, value = group.get(name).partition(";")
        is_in_own_letters = kind.strip().lower() == "utf-8"
        if address := address_in(_with_own_letters(value) if is_in_own_letters else value or kind):
            return address
    return address_in(group.get("diagnostic-code"))


def _with_own_letters(address: str) -> str:
    """An address of the type utf-8 (RFC 6533, 3) with its letters in place of their numbers."""

    def letter(match: re.Match[str]) -> str:
        number = int(match[1], 16)
        printable = number < 0x110000 and chr(number).isprintable()
        return chr(number) if printable else match[0]

    return _OWN_LETTER.sub(letter, address)


def address_in(text: str) -> str:
    """The first mail address of a text, "" when it has none."""
    text = text[:2_000]
    if match := QUOTED_ADDRESS.search(text):
        return match[0]
    match = ADDRESS.search(text)
    return SCHEME.sub("", match[0]).strip(".'") if match else ""


_IN_ANGLE_BRACKETS = re.compile(r"<\s*([^<>\s]{1,320}@[^<>\s]{1,253})\s*>")


def mailbox_in(field: str) -> str:
    """The address of a From or To field (RFC 5322, 3.4): the last one in angle brackets, whatever
    the display name contains; "" when there is none."""
    angled = _IN_ANGLE_BRACKETS.findall(field[:2_000])
    return address_in(f"<{angled[-1]}>" if angled else re.sub(r"\([^()]*\)", " ", field))


# What precedes what is no recipient, and the recipient's address, in a log line or reply.
_BEFORE_OTHERS = re.compile(
    r"(?:\bfrom|\bsender|<=|\bmessage-id|\breply-to|\breferences)\s?[:=]?\s?<?$", re.IGNORECASE
)
_BEFORE_RECIPIENT = re.compile(
    r"(?:\brcpt to|\bto|=>|->|\u2192|\*\*|\bfor)\s?[:=]?\s?<?$", re.IGNORECASE
)


def recipient_in(text: str) -> str:
    """The recipient in a line: an address marked as such, else the first that is no sender's."""
    text = text[:2_000]
    if match := QUOTED_ADDRESS.search(text):
        return match[0]
    candidates: list[str] = []
    for match in list(ADDRESS.finditer(text))[:20]:
        before = text[max(0, match.start() - 16) : match.start()]
        address = SCHEME.sub("", match[0]).strip(".'")
        if _BEFORE_OTHERS.search(before):
            continue
        if _BEFORE_RECIPIENT.search(before):
            return address
        candidates.append(address)
    return candidates[0] if candidates else ""


def server_name(text: str) -> str:
    """A server's name or address out of a field such as "dns; mx.example.com (1.2.3.4)"."""
    name_part = text.partition(";")[2] or text
    match = _HOST.search(name_part[:400])
    return match[1].strip("[].").lower() if match else ""


# ------------------------------------------------------------------ Amazon SES
def ses_failures(text: str) -> list[DeliveryFailure]:
    """The recipients of a JSON notification (Amazon SES, also wrapped by SNS)."""
    start = text.find("{")
    if start < 0 or ("otification" not in text[:200_000] and "eventType" not in text[:200_000]):
        return []
    document = " ".join(text[start : start + 100_000].replace("\r", "").split("\n"))
    for candidate in (document, document.replace('\\"', '"').replace('"{', "{").replace('}"', "}")):
        try:
            value, _ = json.JSONDecoder().raw_decode(candidate)
        except (ValueError, RecursionError):
            continue
        if reported := _ses_notification_failures(value):
            return reported
    return []


def _ses_notification_failures(value: object, depth: int = 0) -> list[DeliveryFailure]:
    if not isinstance(value, dict) or depth > 3:
        return []
    message = _nested_json(value.get("Message"))
    if isinstance(message, dict):
        return _ses_notification_failures(message, depth + 1)
    kind = str(value.get("notificationType") or value.get("eventType") or "").lower()
    if kind == "bounce":
        return _ses_bounce_failures(value.get("bounce"))
    if kind in ("delivery", "complaint", "send", "open", "click"):
        return [
            DeliveryFailure(
                recipient=_first_ses_recipient(value, kind), action="delivered", diagnostic=kind
            )
        ]
    return []


def _nested_json(value: object) -> object:
    """A document inside a document, as SNS wraps them."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _ses_bounce_failures(bounce: object) -> list[DeliveryFailure]:
    if not isinstance(bounce, dict):
        return []
    recipients = bounce.get("bouncedRecipients")
    reported: list[DeliveryFailure] = []
    for recipient in recipients[:MAX_RECIPIENTS] if isinstance(recipients, list) else ():
        if not isinstance(recipient, dict):
            continue
        diagnostic = str(recipient.get("diagnosticCode") or bounce.get("bounceSubType") or "")[
            :4_000
        ]
        reply, status = status_codes.find_codes(diagnostic)
        reported.append(
            DeliveryFailure(
                recipient=str(recipient.get("emailAddress") or "")[:320],
                diagnostic=re.sub(r"^smtp\s?;\s*", "", diagnostic),
                action=str(recipient.get("action") or "failed")[:20].lower(),
                reply=reply,
                status=str(recipient.get("status") or status)[:12],
                remote=server_name(
                    str(bounce.get("remoteMtaIp") or bounce.get("reportingMTA") or "")
                ),
            )
        )
    return reported


def _first_ses_recipient(value: dict[str, object], kind: str) -> str:
    part = value.get(kind)
    recipients = part.get("recipients") if isinstance(part, dict) else None
    return str(recipients[0])[:320] if isinstance(recipients, list) and recipients else ""
