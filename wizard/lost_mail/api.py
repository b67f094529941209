"""POST /api/lost-mail: the same as the page, for programs. Nothing of what is sent is kept."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response

from accounts.form_fields import FormFields
from explain.document import document
from render.i18n import N_, translate
from render.message_format import sentence
from web import problems, visitor
from web.language import lang
from web.site import plumbing
from wizard.lost_mail.case import EXTENTS, SIDES, LostMailQuestion, LostMessage
from wizard.lost_mail.web import LostMailLook, assess, start_check
from wizard.page_context import EXPLAIN_RATE, MAX_REPORT, WizardParts, decode_body

_LENGTHS = {"sender": 254, "recipient": 254, "when": 60, "subject": 200, "client": 300}


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
    routes = Blueprint("lost_api", __name__)

    def tell() -> Response:
        body = decode_body(LostMailBody, MAX_REPORT)
        plumbing().limiter.check("explain", visitor.rate_limit_key(), EXPLAIN_RATE)
        look_result = assess(parts, _case(body))
        if not (look_result.case.sender or look_result.case.recipient):
            raise problems.invalid({"sender": sentence(lang(), NO_ADDRESS)})
        domain, token = start_check(parts, look_result.case)[:2] if body.check else ("", "")
        answer_body = msgspec.json.encode(_document(look_result, domain, token))
        return Response(answer_body, content_type="application/json")

    routes.post("/api/lost-mail")(tell)
    return routes


NO_ADDRESS = N_(
    "Please give at least the address of the sender or the recipient, or paste what came back."
)


def _case(body: LostMailBody) -> LostMessage:
    """What was sent, whole. Raises invalid for what is longer than we take."""
    fields = FormFields({name: getattr(body, name) for name in _LENGTHS})
    lines = {name: fields.line(name, longest) for name, longest in _LENGTHS.items()}
    if fields.errors:
        raise problems.invalid(fields.messages(lang()))
    return LostMessage(
        side=body.side if body.side in dict(SIDES) else "",
        extent=body.extent if body.extent in dict(EXTENTS) else "",
        spam="yes" if body.spam_looked else "",
        nothing="yes" if body.nothing_back else "",
        back=body.back,
        **lines,
    )


def _question_document(question: LostMailQuestion, language: str) -> dict[str, str]:
    return {
        "name": question.name,
        "question": translate(language, question.text),
        "bad": translate(language, question.bad),
        "good": translate(language, question.good),
    }


def _document(result: LostMailLook, domain: str, token: str) -> dict[str, object]:
    case, reader_lang = result.case, lang()
    return {
        "known": {
            "side": case.side,
            "sender": case.sender,
            "recipient": case.recipient,
            "when": case.when,
            "found": result.filled.sources,
        },
        "have": result.gauge.have,
        "needed": result.gauge.needed,
        "missing": [_question_document(question, reader_lang) for question in result.gauge.missing],
        "hints": [sentence(reader_lang, hint.text, hint.args) for hint in result.hints],
        **document(result.items, reader_lang, result.lifted),
        "checked": domain,
        "report": f"/r/{token}" if token else "",
        "request": {
            "category": "mail",
            "service": result.request.service,
            "text": result.request.text,
            "facts": result.request.answers,
        },
    }
