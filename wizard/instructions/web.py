"""Page `/check/instructions`: takes pasted instructions and starts a run that compares them with DNS.

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
from subject import RejectedSubject, Subject
from web import visitor
from web.page import page
from web.site import plumbing
from wizard.page_context import (
    EXPLAIN_RATE,
    LONG_TEXT,
    WizardParts,
    redirect_to_report,
    requester_of_request,
)

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
        "wizard/instructions/compare.html",
        422 if errors else 200,
        domain=domain,
        text=text,
        errors=errors or {},
    )


def blueprint(parts: WizardParts) -> Blueprint:
    """The one page of this room."""
    routes = Blueprint("instructions", __name__)

    def show() -> Response:
        return form(request.args.get("domain", ""), "")

    def begin() -> Response:
        pasted = request.form.get("target", "")  # handed on from the wizard's box
        text, domain = request.form.get("text", pasted), request.form.get("domain", "").strip()
        if len(text) > LONG_TEXT:
            plumbing().limiter.check("explain", visitor.rate_limit_key(), EXPLAIN_RATE)
        subject = parts.start.subject_of(domain or guess_domain(text))
        errors: dict[str, tuple[str, Mapping[str, Argument]]] = {}
        if isinstance(subject, RejectedSubject):
            errors["domain"] = (subject.reason, subject.args)
        if reason := _refused(text, subject):
            errors["text"] = (reason, {})
        if errors or isinstance(subject, RejectedSubject):
            return form(domain, text, errors)
        requester, new_cookie = requester_of_request()
        answers = {symptoms.RECORDS_ANSWER: text}
        _, token = parts.start.run(subject, symptoms.INSTRUCTIONS, requester, answers=answers)
        return redirect_to_report(token, new_cookie)

    routes.get("/check/instructions")(show)
    routes.post("/check/instructions")(begin)
    return routes


def _refused(text: str, subject: Subject | RejectedSubject) -> str:
    """Why a text cannot be compared (a msgid), or ""."""
    if not text.strip():
        return EMPTY
    if len(text) > MAX_TEXT:
        return TOO_LONG
    domain = subject.domain if isinstance(subject, Subject) else ANY_DOMAIN
    return "" if parse_instructions(text, domain) else NOTHING
