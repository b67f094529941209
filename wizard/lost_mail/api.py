"""POST /api/lost-mail: the same as the page, for programs. Nothing of what is sent is kept."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response

from accounts import text_input
from explain.document import document
from render.i18n import N_, translate
from render.message_format import sentence
from web import problems, visitor
from web.language import lang
from web.site import plumbing
from wizard.lost_mail.case import EXTENTS, SIDES, LostMailQuestion, LostMessage
from wizard.lost_mail.web import LostMailLook, check, look
from wizard.page_context import EXPLAINING, MAX_REPORT, WizardParts, decoded


class LostMailBody(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST /api/lost-mail. `side` is receiving or sending, `extent` one, some or all;
    `when` is in the portal's time unless it names UTC; `back` is what came back, or headers."""

    sender: str = ""
    recipient: str = ""
    side: str = ""
    when: str = ""
    extent: str = ""
    back: str = ""
    nothing_back: bool = False
    spam_looked: bool = False
    subject: str = ""
    client: str = ""
    check: bool = True


def blueprint(parts: WizardParts) -> Blueprint:
    """The one address of this room's API."""
    room = Blueprint("lost_api", __name__)

    def tell() -> Response:
        asked = decoded(LostMailBody, MAX_REPORT)
        plumbing().limiter.check("explain", visitor.asker(), EXPLAINING)
        seen = look(parts, _case(asked))
        if not (seen.case.sender or seen.case.recipient):
            raise problems.invalid({"sender": sentence(lang(), NOBODY)})
        domain, token = check(parts, seen.case)[:2] if asked.check else ("", "")
        body = msgspec.json.encode(_told(seen, domain, token))
        return Response(body, content_type="application/json")

    room.post("/api/lost-mail")(tell)
    return room


NOBODY = N_(
    "Please give at least the address of the sender or the recipient, or paste what came back."
)


def _case(asked: LostMailBody) -> LostMessage:
    return LostMessage(
        side=asked.side if asked.side in dict(SIDES) else "",
        sender=text_input.line(asked.sender, 254),
        recipient=text_input.line(asked.recipient, 254),
        when=text_input.line(asked.when, 60),
        extent=asked.extent if asked.extent in dict(EXTENTS) else "",
        spam="yes" if asked.spam_looked else "",
        nothing="yes" if asked.nothing_back else "",
        back=asked.back,
        subject=text_input.line(asked.subject, 200),
        client=text_input.line(asked.client, 300),
    )


def _asked(ask: LostMailQuestion, reader: str) -> dict[str, str]:
    return {
        "name": ask.name,
        "question": translate(reader, ask.text),
        "bad": translate(reader, ask.bad),
        "good": translate(reader, ask.good),
    }


def _told(seen: LostMailLook, domain: str, token: str) -> dict[str, object]:
    case, reader = seen.case, lang()
    return {
        "known": {
            "side": case.side,
            "sender": case.sender,
            "recipient": case.recipient,
            "when": case.when,
            "found": seen.filled.found,
        },
        "have": seen.gauge.have,
        "needed": seen.gauge.needed,
        "missing": [_asked(ask, reader) for ask in seen.gauge.missing],
        "hints": [sentence(reader, hint.text, hint.args) for hint in seen.hints],
        **document(seen.items, reader, seen.lifted),
        "checked": domain,
        "report": f"/r/{token}" if token else "",
        "request": {
            "category": "mail",
            "service": seen.request.service,
            "text": seen.request.text,
            "facts": seen.request.answers,
        },
    }
