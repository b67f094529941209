"""Explanations as the published JSON document, as the page's view, and as ticket text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from explain.bounces.advice import CODE_ALONE
from explain.identifiers import MessageIdentifiers, extract_identifiers
from explain.model import Explanation, ExplanationKind, HeaderReading, Reason
from explain.reading import explain
from kb.owners import OWNERS
from render.i18n import N_, translate
from render.languages import DEFAULT
from render.message_format import sentence
from subject import RejectedSubject, Subject, parse_subject

MAX_DOMAINS = 3
MAX_BODY = 4_000


def document(
    items: Iterable[Explanation], lang: str = DEFAULT, identifiers: MessageIdentifiers | None = None
) -> dict[str, object]:
    """The published document; `title`, `says` and `next` are in `lang`. `identifiers` adds the
    message's identifiers, queues and dates."""
    published: dict[str, object] = {"items": [_item(item, lang) for item in items]}
    if identifiers:
        published["message"] = {
            "ids": list(identifiers.message_ids),
            "queues": list(identifiers.queues),
            "dates": [at.isoformat() for at in identifiers.dates],
        }
    return published


def _item(item: Explanation, lang: str) -> dict[str, object]:
    published: dict[str, object] = {
        "kind": item.kind.value,
        "reason": item.reason,
        "permanent": item.permanent,
        "recipient": item.recipient,
        "reply": item.reply,
        "status": item.status,
        "remote": item.remote,
        "owner": item.owner.value,
        "articles": list(item.articles),
        "checks": list(item.checks),
        "text": item.text,
        "title": translate(lang, item.title),
        "says": translate(lang, item.says),
        "next": translate(lang, item.next),
    }
    if item.headers is not None:
        published["headers"] = _headers(item.headers)
    return published


def _headers(headers: HeaderReading) -> dict[str, object]:
    return {
        "author_domain": headers.author_domain,
        "message_id": headers.message_id,
        "queue_ids": list(headers.queue_ids),
        "said_by": headers.authserv,
        "sent": headers.sent.isoformat() if headers.sent else None,
        "sender_proven": {"pass": True, "fail": False}.get(headers.proof.result),
        "arc": {"result": headers.arc, "links": headers.arc_links},
        "total_delay": _seconds(headers.total),
        "verdicts": [
            {
                "method": v.method,
                "result": v.result,
                "domain": v.domain,
                "aligned": v.aligned,
                "note": v.note,
            }
            for v in headers.verdicts
        ],
        "path": [
            {
                "server": hop.server,
                "from": hop.came_from,
                "at": hop.at.isoformat() if hop.at else None,
                "delay": _seconds(hop.delay),
                "ip": hop.ip,
                "protocol": hop.protocol,
                "secure": hop.secure,
                "queue_id": hop.queue_id,
                "clock_behind": _seconds(hop.skew),
            }
            for hop in headers.hops
        ],
    }


def _seconds(span: timedelta | None) -> float | None:
    return span.total_seconds() if span is not None else None


@dataclass(frozen=True, slots=True)
class ExplanationPage:
    """The page's view: explanations, domains to check (the likeliest culprit first), the message's
    identifiers, and the draft of a ticket (symptom, category, subject, body)."""

    items: tuple[Explanation, ...]
    domains: tuple[str, ...]
    symptom: str
    category: str
    subject: str
    body: str
    identifiers: MessageIdentifiers = field(default_factory=MessageIdentifiers)


def explain_page(text: str, lang: str) -> ExplanationPage | None:
    """The view of a pasted text; None when it is a subject to check, or holds no known error."""
    subject = parse_subject(text)
    if isinstance(subject, Subject) and len(text.split()) == 1:
        return None
    items = explain(text)
    first = items[0]
    is_known = any(item.kind is not ExplanationKind.UNCLEAR for item in items)
    is_code_alone = first.title == CODE_ALONE.title and not isinstance(subject, Subject)
    if not is_known and not is_code_alone and first.headers is None:
        return None
    is_mail = first.kind in (ExplanationKind.BOUNCE, ExplanationKind.SMTP, ExplanationKind.UNCLEAR)
    identifiers = extract_identifiers(text) if is_mail else MessageIdentifiers()
    return ExplanationPage(
        items,
        _domains_to_check(items, subject, identifiers, is_mail=is_mail),
        _symptom(items, is_mail=is_mail),
        "mail" if is_mail else "web",
        translate(lang, first.title),
        "\n\n".join(
            filter(None, (ticket_excerpts(items, lang), identifier_lines(identifiers, lang)))
        ),
        identifiers,
    )


def domain_of(address: str) -> str:
    """The part after the @, lower case; "" when there is none."""
    return address.rpartition("@")[2].strip(". ").lower() if "@" in address else ""


def _symptom(items: tuple[Explanation, ...], *, is_mail: bool) -> str:
    if not is_mail:
        return "site_down"
    sending = any(
        i.reason in _SENDER_SIDE_REASONS or i.reason == Reason.RELAY_DENIED for i in items
    )
    return "mail_not_sent" if sending else "mail_not_arriving"


# With these the sender's side is to be looked at, not the recipient's.
_SENDER_SIDE_REASONS = frozenset({Reason.AUTH_FAILED, Reason.PTR_MISSING, Reason.BLOCKED_IP,
                      Reason.POLICY_OR_SPAM, Reason.RATE_LIMITED})  # fmt: skip
_SENDING_DOMAIN = re.compile(
    r"(?:dmarc (?:policy )?(?:of|for)|sending domain|spf \[|domain of|from domain|sender address \[?)\s*<?(?:[^\s@]{1,64}@)?((?:[\w-]{1,63}\.){1,8}[a-z]{2,24})",
    re.IGNORECASE,
)


def _domains_to_check(
    items: tuple[Explanation, ...],
    subject: Subject | RejectedSubject,
    identifiers: MessageIdentifiers,
    *,
    is_mail: bool,
) -> tuple[str, ...]:
    """The domains worth checking: the sender's or recipients' for mail, else the one in the text.

    A host in the text of mail may as well be a server's or a blocklist's.
    """
    if not is_mail:
        return (subject.host,) if isinstance(subject, Subject) else ()
    names = [domain_of(item.recipient) for item in items]
    if any(item.reason in _SENDER_SIDE_REASONS for item in items):
        domains_in_text = [m[1] for item in items if (m := _SENDING_DOMAIN.search(item.text))]
        author_domains = [item.headers.author_domain for item in items if item.headers]
        sender_domains = [domain_of(sender) for sender in identifiers.senders[:1]]
        names = [*domains_in_text, *author_domains, *sender_domains, *names]
    subjects = [parse_subject(name) for name in names]
    domains = [s.host for s in subjects if isinstance(s, Subject)]
    return tuple(dict.fromkeys(domains))[:MAX_DOMAINS]


def ticket_excerpts(items: Sequence[Explanation], lang: str) -> str:
    """The explanations as ticket text: one paragraph each, private parts masked."""
    paragraphs: list[str] = []
    for item in items[:10]:
        codes = " ".join(filter(None, (item.reply, item.status)))
        details = " · ".join(filter(None, (item.recipient, codes, item.remote)))
        paragraphs.append(
            "\n".join(filter(None, (translate(lang, item.title), details, item.text)))
        )
    return "\n\n".join(paragraphs)[:MAX_BODY]


MESSAGE_ID = N_("Message-ID: {ids:code}")
QUEUE_IDS = N_("Identifiers in queues: {ids:code}")
DATES_WRITTEN = N_("Dates in the headers: {dates:code}")


def identifier_lines(identifiers: MessageIdentifiers, lang: str) -> str:
    """The message's identifiers as lines of text; "" without any."""
    dates = [at.strftime("%Y-%m-%d %H:%M:%S UTC") for at in identifiers.dates]
    lines = (
        (MESSAGE_ID, "ids", identifiers.message_ids),
        (QUEUE_IDS, "ids", identifiers.queues),
        (DATES_WRITTEN, "dates", dates),
    )
    return "\n".join(sentence(lang, text, {name: list(v)}) for text, name, v in lines if v)


def owner_in_words(item: Explanation, lang: str) -> str:
    """The owner of the fix, in words of a language."""
    return translate(lang, OWNERS[item.owner])
