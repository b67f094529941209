"""Items as the published document (`explain --json`) and as words in the reader's language. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from diagnostics.explain.model import HeaderReading, Item, Kind
from diagnostics.explain.read import explain
from diagnostics.model import Subject
from diagnostics.parse import Rejected, parse
from diagnostics.phrases import OWNERS
from render.i18n import translate

MAX_DOMAINS = 3
MAX_BODY = 4_000


def document(items: Iterable[Item], lang: str = "en") -> dict[str, object]:
    """The document scripts lean on; `title`, `says`, `next` are in the language asked for."""
    return {"items": [_item(item, lang) for item in items]}


def _item(item: Item, lang: str) -> dict[str, object]:
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
        "verdicts": [
            {"method": v.method, "result": v.result, "domain": v.domain, "aligned": v.aligned}
            for v in seen.verdicts
        ],
        "path": [
            {
                "server": hop.server,
                "from": hop.came_from,
                "at": hop.at.isoformat() if hop.at else None,
                "delay": hop.delay.total_seconds() if hop.delay is not None else None,
            }
            for hop in seen.hops
        ],
    }


@dataclass(frozen=True, slots=True)
class Explained:
    """What the page shows: the items, names to check, and what a ticket would begin with."""

    items: tuple[Item, ...]
    domains: tuple[str, ...]
    symptom: str
    category: str
    subject: str
    body: str


def explained(text: str, lang: str) -> Explained | None:
    """What a pasted text means; None when it is a subject to check, or holds no error we know."""
    found = parse(text)
    if isinstance(found, Subject) and len(text.split()) == 1:
        return None
    items = explain(text)
    first = items[0]
    if all(item.kind is Kind.UNCLEAR for item in items) and first.headers is None:
        return None
    mail = first.kind in (Kind.BOUNCE, Kind.SMTP, Kind.UNCLEAR)
    return Explained(
        items,
        _domains(items, found, mail=mail),
        "mail_not_arriving" if mail else "site_down",
        "mail" if mail else "web",
        translate(lang, first.title),
        _body(items, lang),
    )


def _domains(items: tuple[Item, ...], found: Subject | Rejected, *, mail: bool) -> tuple[str, ...]:
    """The names worth checking: of mail the recipients' domains, else what the text names."""
    named = [item.recipient.rpartition("@")[2].strip(".").lower() for item in items]
    subjects = [parse(name) for name in dict.fromkeys(filter(None, named)) if mail]
    if not subjects and isinstance(found, Subject):
        subjects = [found]
    domains = [s.host for s in subjects if isinstance(s, Subject)]
    return tuple(dict.fromkeys(domains))[:MAX_DOMAINS]


def _body(items: tuple[Item, ...], lang: str) -> str:
    """What a ticket begins with: one paragraph for each item, private parts masked."""
    told: list[str] = []
    for item in items[:10]:
        codes = " ".join(filter(None, (item.reply, item.status)))
        facts = " · ".join(filter(None, (item.recipient, codes, item.remote)))
        told.append("\n".join(filter(None, (translate(lang, item.title), facts, item.text))))
    return "\n\n".join(told)[:MAX_BODY]


def who(item: Item, lang: str) -> str:
    """Who can fix it, in words."""
    return translate(lang, OWNERS[item.owner])
