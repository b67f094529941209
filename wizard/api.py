"""POST /api/diagnoses starts a self-check, GET …/<token> returns it; POST /api/explain explains a pasted error.

A caller without a session gets public scope, as on the page.
"""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response

from diagnostics import symptoms
from diagnostics.model import RunState
from explain import document as explaining
from explain import explain
from explain.identifiers import extract_identifiers
from render.message_format import sentence
from subject import RejectedSubject
from web import problems, visitor
from web.language import lang
from web.site import plumbing
from wizard.page_context import (
    EXPLAIN_RATE,
    MAX_REPORT,
    WizardParts,
    cookie_hash,
    current_visitor,
    decode_body,
    view_of,
)
from wizard.reports.report import document
from wizard.runs.access import View
from wizard.runs.limits import RunRequester


class PastedText(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST /api/explain: a report, headers or an error, as text. Nothing is kept."""

    text: str


class DiagnosisRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST /api/diagnoses."""

    target: str
    symptom: str = symptoms.SOMETHING_ELSE
    answers: dict[str, str] = {}
    instructions: str = ""  # what another provider wants set; its symptom is "instructions"


def blueprint(parts: WizardParts) -> Blueprint:
    """The diagnoses of the public API."""
    routes = Blueprint("diagnostics_api", __name__)

    def begin() -> Response:
        body = _wanted()
        requester = RunRequester(current_visitor(), visitor.rate_limit_key(), cookie_hash())
        pasted = body.instructions
        started = parts.start.from_text(
            body.target,
            symptoms.INSTRUCTIONS if pasted else body.symptom,
            requester,
            answers={symptoms.RECORDS_ANSWER: pasted} if pasted else body.answers,
        )
        if isinstance(started, RejectedSubject):
            raise problems.invalid({"target": sentence(lang(), started.reason, started.args)})
        run, token = started
        location = f"/api/diagnoses/{token}"
        answer_body = {"state": run.state.value, "url": location, "report": f"/r/{token}"}
        answer = Response(msgspec.json.encode(answer_body), 202, content_type="application/json")
        answer.headers["Location"] = location
        return answer

    def tell(token: str) -> Response:
        run = parts.store.by_token(token) or parts.store.by_share(token)
        if run is None:
            raise problems.not_found()
        is_shared = parts.store.by_token(token) is None
        report = parts.reports.visible(run, View.PUBLIC if is_shared else view_of(run))
        body = msgspec.json.encode(document(report, lang(), parts.articles))
        answer = Response(body, content_type="application/json")
        if run.state in (RunState.QUEUED, RunState.RUNNING):
            answer.headers["Retry-After"] = "1"
        return answer

    def explained() -> Response:
        pasted = decode_body(PastedText, MAX_REPORT).text
        plumbing().limiter.check("explain", visitor.rate_limit_key(), EXPLAIN_RATE)
        explanation_document = explaining.document(
            explain(pasted), lang(), extract_identifiers(pasted)
        )
        return Response(msgspec.json.encode(explanation_document), content_type="application/json")

    routes.post("/api/explain")(explained)
    routes.post("/api/diagnoses")(begin)
    routes.get("/api/diagnoses/<token>")(tell)
    return routes


def _wanted() -> DiagnosisRequest:
    return decode_body(DiagnosisRequest)
