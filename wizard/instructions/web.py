"""`/check/instructions`: paste what another provider wants set, get it compared with what is there.

GET shows the form, POST starts a run; the comparison is a report like any other.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, request

from diagnostics import symptoms
from instructions.detection import ANY_DOMAIN, guess_domain
from instructions.reading import MAX_TEXT, parse_instructions
from render.i18n import N_
from render.message_format import Argument
from subject import Rejected, Subject, parse_subject
from web import visitor
from web.page import page
from web.site import plumbing
from wizard.page_context import EXPLAINING, LONG, WizardParts, asker_of_request, sent

NOTHING = N_(
    "We found no DNS record in this text. Please paste the part that names them: type (A, CNAME, MX, "
    "TXT), name and value."
)
EMPTY = N_("Please paste the instructions.")
TOO_LONG = N_("This is too long for us to read. Please shorten it to the part with the records.")


def form(
    domain: str, text: str, errors: Mapping[str, tuple[str, Mapping[str, Argument]]] | None = None
) -> Response:
    """The form, with what was typed and what is wrong with it (msgid and arguments, by field)."""
    return page(
        "diagnostics/instructions.html",
        422 if errors else 200,
        domain=domain[:300],
        text=text[:MAX_TEXT],
        errors=errors or {},
    )


def blueprint(parts: WizardParts) -> Blueprint:
    """The one page of this room."""
    room = Blueprint("instructions", __name__)

    def show() -> Response:
        return form(request.args.get("domain", ""), "")

    def begin() -> Response:
        pasted = request.form.get("target", "")  # handed on from the wizard's box
        text, domain = request.form.get("text", pasted), request.form.get("domain", "").strip()
        if len(text) > LONG:
            plumbing().limiter.check("explain", visitor.asker(), EXPLAINING)
        subject = parse_subject(domain or guess_domain(text))
        wrong: dict[str, tuple[str, Mapping[str, Argument]]] = {}
        if isinstance(subject, Rejected):
            wrong["domain"] = (subject.reason, subject.args)
        if reason := _refused(text, subject):
            wrong["text"] = (reason, {})
        if wrong or isinstance(subject, Rejected):
            return form(domain, text, wrong)
        asker, fresh = asker_of_request()
        answers = {symptoms.RECORDS_ANSWER: text}
        _, token = parts.start.run(subject, symptoms.INSTRUCTIONS, asker, answers=answers)
        return sent(token, fresh)

    room.get("/check/instructions")(show)
    room.post("/check/instructions")(begin)
    return room


def _refused(text: str, subject: Subject | Rejected) -> str:
    """Why a text cannot be compared (a msgid), or ""."""
    if not text.strip():
        return EMPTY
    if len(text) > MAX_TEXT:
        return TOO_LONG
    domain = subject.domain if isinstance(subject, Subject) else ANY_DOMAIN
    return "" if parse_instructions(text, domain) else NOTHING
