"""Diagnoses for programs: POST /api/diagnoses starts one, GET /api/diagnoses/<token> tells of it,
POST /api/explain says what a pasted error means.

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
from subject import Rejected
from web import problems, visitor
from web.language import lang
from web.site import plumbing
from wizard.page_context import (
    EXPLAINING,
    MAX_REPORT,
    WizardParts,
    cookie_hash,
    current_visitor,
    decoded,
    may_see,
)
from wizard.reports.report import document
from wizard.runs import start
from wizard.runs.start import RunRequester


class Pasted(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST /api/explain: a report, headers or an error, as text. Nothing is kept."""

    text: str


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST /api/diagnoses."""

    target: str
    symptom: str = symptoms.SOMETHING_ELSE
    answers: dict[str, str] = {}
    instructions: str = ""  # what another provider wants set; its symptom is "instructions"


def blueprint(parts: WizardParts) -> Blueprint:
    """The diagnoses of the public API."""
    rooms = Blueprint("diagnostics_api", __name__)

    def begin() -> Response:
        wanted = _wanted()
        asker = RunRequester(current_visitor(), visitor.asker(), cookie_hash())
        pasted = wanted.instructions[: start.MAX_PASTED]
        begun = parts.start.from_text(
            wanted.target,
            symptoms.INSTRUCTIONS if pasted else wanted.symptom,
            asker,
            answers={symptoms.RECORDS_ANSWER: pasted} if pasted else wanted.answers,
        )
        if isinstance(begun, Rejected):
            raise problems.invalid({"target": sentence(lang(), begun.reason, begun.args)})
        run, token = begun
        place = f"/api/diagnoses/{token}"
        body = {"state": run.state.value, "url": place, "report": f"/r/{token}"}
        answer = Response(msgspec.json.encode(body), 202, content_type="application/json")
        answer.headers["Location"] = place
        return answer

    def tell(token: str) -> Response:
        run = parts.store.by_token(token) or parts.store.by_share(token)
        if run is None:
            raise problems.not_found()
        full = parts.store.by_token(token) is not None and may_see(run)
        report = parts.reports.full(run) if full else parts.reports.public(run)
        body = msgspec.json.encode(document(report, lang(), parts.articles))
        answer = Response(body, content_type="application/json")
        if run.state in (RunState.QUEUED, RunState.RUNNING):
            answer.headers["Retry-After"] = "1"
        return answer

    def explained() -> Response:
        pasted = decoded(Pasted, MAX_REPORT).text
        plumbing().limiter.check("explain", visitor.asker(), EXPLAINING)
        told = explaining.document(explain(pasted), lang(), extract_identifiers(pasted))
        return Response(msgspec.json.encode(told), content_type="application/json")

    rooms.post("/api/explain")(explained)
    rooms.post("/api/diagnoses")(begin)
    rooms.get("/api/diagnoses/<token>")(tell)
    return rooms


def _wanted() -> Wanted:
    return decoded(Wanted)
