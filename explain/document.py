"""Items as the published document (`explain --json`) and as words in the reader's language. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from explain.identifiers import MessageIdentifiers, lift
from explain.model import Explanation, ExplanationKind, HeaderReading, Reason
from explain.reading import explain
from kb.owners import OWNERS
from render.i18n import N_, translate
from render.languages import DEFAULT
from render.message_format import sentence
from subject import Rejected, Subject, parse_subject

MAX_DOMAINS = 3
MAX_BODY = 4_000


def document(
    items: Iterable[Explanation], lang: str = DEFAULT, found: MessageIdentifiers | None = None
) -> dict[str, object]:
    """The document scripts lean on; `title`, `says`, `next` are in the language asked for. `found`
    adds what a postmaster looks the message up by."""
    made: dict[str, object] = {"items": [_item(item, lang) for item in items]}
    if found:
        made["message"] = {
            "ids": list(found.message_ids),
            "queues": list(found.queues),
            "dates": [at.isoformat() for at in found.dates],
        }
    return made


def _item(item: Explanation, lang: str) -> dict[str, object]:
    made: dict[str, object] = {
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
        made["headers"] = _headers(item.headers)
    return made


def _headers(seen: HeaderReading) -> dict[str, object]:
    return {
        "author_domain": seen.author_domain,
        "message_id": seen.message_id,
        "queue_ids": list(seen.queue_ids),
        "said_by": seen.authserv,
        "sent": seen.sent.isoformat() if seen.sent else None,
        "sender_proven": {"pass": True, "fail": False}.get(seen.proof.result),
        "arc": {"result": seen.arc, "links": seen.arc_links},
        "total_delay": _seconds(seen.total),
        "verdicts": [
            {
                "method": v.method,
                "result": v.result,
                "domain": v.domain,
                "aligned": v.aligned,
                "note": v.note,
            }
            for v in seen.verdicts
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
            for hop in seen.hops
        ],
    }


def _seconds(span: timedelta | None) -> float | None:
    return span.total_seconds() if span is not None else None


@dataclass(frozen=True, slots=True)
class Explained:
    """What the page shows: the items, names to check (the likeliest culprit first), what the message
    can be looked up by, and what a ticket would begin with."""

    items: tuple[Explanation, ...]
    domains: tuple[str, ...]
    symptom: str
    category: str
    subject: str
    body: str
    lifted: MessageIdentifiers = field(default_factory=MessageIdentifiers)


def explained(text: str, lang: str) -> Explained | None:
    """What a pasted text means; None when it is a subject to check, or holds no error we know."""
    found = parse_subject(text)
    if isinstance(found, Subject) and len(text.split()) == 1:
        return None
    items = explain(text)
    first = items[0]
    if all(item.kind is ExplanationKind.UNCLEAR for item in items) and first.headers is None:
        return None
    mail = first.kind in (ExplanationKind.BOUNCE, ExplanationKind.SMTP, ExplanationKind.UNCLEAR)
    told = lift(text) if mail else MessageIdentifiers()
    return Explained(
        items,
        _domains(items, found, told, mail=mail),
        _symptom(items, mail=mail),
        "mail" if mail else "web",
        translate(lang, first.title),
        "\n\n".join(filter(None, (excerpts(items, lang), facts(told, lang)))),
        told,
    )


def domain_of(address: str) -> str:
    """The part after the @, lower case; "" when there is none."""
    return address.rpartition("@")[2].strip(". ").lower() if "@" in address else ""


def _symptom(items: tuple[Explanation, ...], *, mail: bool) -> str:
    if not mail:
        return "site_down"
    sending = any(i.reason in _SENDERS or i.reason == Reason.RELAY_DENIED for i in items)
    return "mail_not_sent" if sending else "mail_not_arriving"


# With these the sender's side is to be looked at, not the recipient's.
_SENDERS = frozenset({Reason.AUTH_FAILED, Reason.PTR_MISSING, Reason.BLOCKED_IP,
                      Reason.POLICY_OR_SPAM, Reason.RATE_LIMITED})  # fmt: skip
_SENDING = re.compile(
    r"(?:dmarc (?:policy )?(?:of|for)|sending domain|spf \[|domain of|from domain|sender address \[?)\s*<?(?:[^\s@]{1,64}@)?((?:[\w-]{1,63}\.){1,8}[a-z]{2,24})",
    re.IGNORECASE,
)


def _domains(
    items: tuple[Explanation, ...],
    found: Subject | Rejected,
    told: MessageIdentifiers,
    *,
    mail: bool,
) -> tuple[str, ...]:
    """The names worth checking: of mail the sender's or the recipients' domains, else what the
    text names."""
    named = [item.recipient.rpartition("@")[2].strip(".").lower() for item in items]
    if any(item.reason in _SENDERS for item in items):
        said = [m[1].lower() for item in items if (m := _SENDING.search(item.text))]
        heads = [item.headers.author_domain for item in items if item.headers]
        own = [sender.rpartition("@")[2].lower() for sender in told.senders]
        named = [*said, *filter(None, heads), *own[:1], *named]
    subjects = [parse_subject(name) for name in dict.fromkeys(filter(None, named)) if mail]
    if not subjects and isinstance(found, Subject):
        subjects = [found]
    domains = [s.host for s in subjects if isinstance(s, Subject)]
    return tuple(dict.fromkeys(domains))[:MAX_DOMAINS]


def excerpts(items: Sequence[Explanation], lang: str) -> str:
    """What a ticket says of the items: one paragraph for each, private parts masked."""
    told: list[str] = []
    for item in items[:10]:
        codes = " ".join(filter(None, (item.reply, item.status)))
        known = " · ".join(filter(None, (item.recipient, codes, item.remote)))
        told.append("\n".join(filter(None, (translate(lang, item.title), known, item.text))))
    return "\n\n".join(told)[:MAX_BODY]


MESSAGE_ID = N_("Message-ID: {ids:code}")
QUEUE = N_("Identifiers in queues: {ids:code}")
WRITTEN = N_("Dates in the headers: {dates:code}")


def facts(found: MessageIdentifiers, lang: str) -> str:
    """What a postmaster looks the message up by, in lines; "" when nothing was found."""
    dates = [at.strftime("%Y-%m-%d %H:%M:%S UTC") for at in found.dates]
    lines = (
        (MESSAGE_ID, "ids", found.message_ids),
        (QUEUE, "ids", found.queues),
        (WRITTEN, "dates", dates),
    )
    return "\n".join(sentence(lang, text, {name: list(v)}) for text, name, v in lines if v)


def who(item: Explanation, lang: str) -> str:
    """Who can fix it, in words."""
    return translate(lang, OWNERS[item.owner])
