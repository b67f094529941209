"""Structured reports to failures: RFC 3464 fields (in a part or pasted as text), Amazon's JSON. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

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
ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'`]{1,64}@(?:\[[\d.a-fA-F:]+\]|[\w-]+(?:\.[\w-]+)*\.?)")
QUOTED_ADDRESS = re.compile(r"\"[^\"\s@]{1,64}\"@[\w.-]{1,253}")
SCHEME = re.compile(r"^(?:smtp|rfc822|mailto|imceaex|x-local)[:;=]", re.IGNORECASE)
_HOST = re.compile(
    r"([A-Za-z0-9_](?:[\w-]*\.)+[\w-]{2,63}|\d{1,3}(?:\.\d{1,3}){3}|\[[\da-fA-F:.]+\])"
)


@dataclass(frozen=True, slots=True)
class RecipientFields:
    """The fields of one block; names in lower case."""

    fields: dict[str, str]

    def get(self, name: str) -> str:
        return self.fields.get(name, "")


def groups(text: str, *, strict: bool) -> Iterator[RecipientFields]:
    """Blocks of fields. Pasted text may have lost its blank lines and its indentation."""
    fields: dict[str, str] = {}
    last = ""
    for line in text.replace("\r\n", "\n").split("\n")[:4_000]:
        match = _FIELD.match(line)
        if match:
            name = match[1].lower()
            again = name in fields and name in _PER_RECIPIENT
            if again and (name in ("final-recipient", "action", "original-recipient")):
                yield RecipientFields(fields)
                fields = {}
            fields.setdefault(name, match[2].strip())
            last = name
        elif not line.strip():
            if fields:
                yield RecipientFields(fields)
            fields, last = {}, ""
        elif last and len(fields[last]) < 4_000 and (strict or last == "diagnostic-code"):
            fields[last] += " " + line.strip()
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
    reporting = ""
    found: list[DeliveryFailure] = []
    for group in groups(text, strict=strict):
        reporting = host(group.get("reporting-mta")) or reporting
        if not any(group.get(n) for n in ("final-recipient", "original-recipient", "action",
                                          "diagnostic-code")):  # fmt: skip
            if found and group.get("status") and not found[-1].status:
                continue
            if not group.get("status"):
                continue
        found.append(_failure(group, reporting))
        if len(found) >= MAX_RECIPIENTS:
            break
    return found


def _failure(group: RecipientFields, reporting: str) -> DeliveryFailure:
    diagnostic = _diagnostic(group.get("diagnostic-code"))
    field_status = status_codes.STATUS.search(group.get("status"))
    reply, status = status_codes.find(diagnostic)
    given = field_status[0] if field_status else ""
    return DeliveryFailure(
        recipient=_recipient(group),
        diagnostic=diagnostic or _comment(group.get("status")),
        action=group.get("action").split()[0].strip(";,.").lower() if group.get("action") else "",
        reply=reply,
        status=_telling(given, status),
        remote=host(group.get("remote-mta")) or reporting,
    )


_EXITS = {"67": "user unknown", "68": "host unknown", "75": "temporary failure"}


def _diagnostic(field: str) -> str:
    """The answer without its type; a program's exit status (sysexits.h) becomes words."""
    kind, _, said = field.partition(";")
    if kind.strip().lower() == "x-unix" and (code := said.strip().split(" ")[0]).isdigit():
        return f"{_EXITS.get(code, 'unknown mailer error')} {code}"
    return re.sub(r"^[\w-]{1,40}\s?;\s*", "", field)


def _telling(field: str, said: str) -> str:
    """The field's code unless it says nothing while the answer says more."""
    if not field or (field.endswith(".0.0") and said):
        return said or field
    return field


def _comment(status: str) -> str:
    match = re.search(r"\(([^()]{3,300})\)", status)
    return match[1] if match else ""


def _recipient(group: RecipientFields) -> str:
    for name in ("final-recipient", "original-recipient", "x-actual-recipient"):
        if address := address_in(group.get(name).partition(";")[2] or group.get(name)):
            return address
    return address_in(group.get("diagnostic-code"))


def address_in(text: str) -> str:
    """The first mail address of a text, "" when it has none."""
    text = text[:2_000]
    if match := QUOTED_ADDRESS.search(text):
        return match[0]
    match = ADDRESS.search(text)
    return SCHEME.sub("", match[0]).strip(".'") if match else ""


_ANGLED = re.compile(r"<\s*([^<>\s]{1,320}@[^<>\s]{1,253})\s*>")


def mailbox_in(field: str) -> str:
    """The address of a From or To field: what stands in angle brackets at its end, whatever the
    name before it pretends to be (RFC 5322, 3.4); "" when there is none."""
    angled = _ANGLED.findall(field[:2_000])
    return address_in(f"<{angled[-1]}>" if angled else re.sub(r"\([^()]*\)", " ", field))


# What stands before the sender's address, and before the recipient's, in one line of a log or answer.
_SENT_BY = re.compile(r"(?:\bfrom|\bsender|<=)\s?[:=]?\s?<?$", re.IGNORECASE)
_SENT_TO = re.compile(r"(?:\brcpt to|\bto|=>|->|\u2192|\*\*|\bfor)\s?[:=]?\s?<?$", re.IGNORECASE)


def recipient_in(text: str) -> str:
    """The address a line was about: one named as the recipient, else the first that is no sender's."""
    text = text[:2_000]
    if match := QUOTED_ADDRESS.search(text):
        return match[0]
    others: list[str] = []
    for match in list(ADDRESS.finditer(text))[:20]:
        before = text[max(0, match.start() - 12) : match.start()]
        who = SCHEME.sub("", match[0]).strip(".'")
        if _SENT_TO.search(before):
            return who
        if not _SENT_BY.search(before):
            others.append(who)
    return others[0] if others else ""


def host(text: str) -> str:
    """A server's name or address out of a field such as "dns; mx.example.com (1.2.3.4)"."""
    rest = text.partition(";")[2] or text
    match = _HOST.search(rest[:400])
    return match[1].strip("[].").lower() if match else ""


# ------------------------------------------------------------------ Amazon SES
def notices(text: str) -> list[DeliveryFailure]:
    """The recipients of a JSON notification (Amazon SES, also wrapped by SNS)."""
    start = text.find("{")
    if start < 0 or ("otification" not in text[:200_000] and "eventType" not in text[:200_000]):
        return []
    flat = " ".join(text[start : start + 100_000].replace("\r", "").split("\n"))
    for candidate in (flat, flat.replace('\\"', '"').replace('"{', "{").replace('}"', "}")):
        try:
            value, _ = json.JSONDecoder().raw_decode(candidate)
        except (ValueError, RecursionError):
            continue
        if found := _noticed(value):
            return found
    return []


def _noticed(value: object, depth: int = 0) -> list[DeliveryFailure]:
    if not isinstance(value, dict) or depth > 3:
        return []
    inner = _loaded(value.get("Message"))
    if isinstance(inner, dict):
        return _noticed(inner, depth + 1)
    kind = str(value.get("notificationType") or value.get("eventType") or "").lower()
    if kind == "bounce":
        return _bounced(value.get("bounce"))
    if kind in ("delivery", "complaint", "send", "open", "click"):
        return [
            DeliveryFailure(recipient=_someone(value, kind), action="delivered", diagnostic=kind)
        ]
    return []


def _loaded(inner: object) -> object:
    """A document inside a document, as SNS wraps them."""
    if not isinstance(inner, str):
        return inner
    try:
        return json.loads(inner)
    except (ValueError, RecursionError):
        return None


def _bounced(bounce: object) -> list[DeliveryFailure]:
    if not isinstance(bounce, dict):
        return []
    people = bounce.get("bouncedRecipients")
    found: list[DeliveryFailure] = []
    for one in people[:MAX_RECIPIENTS] if isinstance(people, list) else ():
        if not isinstance(one, dict):
            continue
        said = str(one.get("diagnosticCode") or bounce.get("bounceSubType") or "")[:4_000]
        reply, status = status_codes.find(said)
        found.append(
            DeliveryFailure(
                recipient=str(one.get("emailAddress") or "")[:320],
                diagnostic=re.sub(r"^smtp\s?;\s*", "", said),
                action=str(one.get("action") or "failed")[:20].lower(),
                reply=reply,
                status=str(one.get("status") or status)[:12],
                remote=host(str(bounce.get("remoteMtaIp") or bounce.get("reportingMTA") or "")),
            )
        )
    return found


def _someone(value: dict[str, object], kind: str) -> str:
    part = value.get(kind)
    people = part.get("recipients") if isinstance(part, dict) else None
    return str(people[0])[:320] if isinstance(people, list) and people else ""
