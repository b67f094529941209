"""Pages of the wizard and the report: `/check` and `/r/<token>`. GET shows, POST acts.

Knows who may see what only through runs/access.py; opens nothing to the outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import msgspec
from flask import Blueprint, Response, make_response, redirect, request

from diagnostics import symptoms
from diagnostics.checks import CHECKS
from diagnostics.evidence.keys import KNOWN_INCIDENT
from diagnostics.model import Report, Run, RunState
from explain.document import ExplanationPage, domain_of, explain_page
from explain.domain_typos import intended_provider
from explain.model import Explanation
from instructions.detection import is_record_list
from kb.owners import OWNERS
from subject import RejectedSubject
from web import problems, visitor
from web.forms.results import redirect_with_result, take_result
from web.language import lang
from web.middleware.request_headers import names_tag
from web.page import page
from web.site import plumbing
from wizard.page_context import (
    EXPLAIN_RATE,
    LONG_TEXT,
    WizardParts,
    is_mailbox_here,
    may_test,
    redirect_to_report,
    requester_of_request,
    view_of,
    visible_watch,
)
from wizard.reports import phrases, views
from wizard.reports.changes import compare_reports
from wizard.reports.report import document, report_line, subject_note
from wizard.runs.access import View
from wizard.runs.handler import END_STATES
from wizard.runs.privacy import visible_run
from wizard.runs.start import clean_answers
from wizard.runs.store import hash_token

SHARE_DAYS = (1, 7, 30)


@dataclass(frozen=True, slots=True)
class OpenedRun:
    """A run, and how much of it this visitor may see."""

    whole: Run
    token: str
    view: View

    @property
    def full(self) -> bool:
        """Whether the visitor sees more than the public view, and may act on the run."""
        return self.view is not View.PUBLIC

    @property
    def run(self) -> Run:
        """The run as far as this visitor sees it."""
        return visible_run(self.whole, self.view)


def blueprint(parts: WizardParts) -> Blueprint:
    """The pages of the wizard and the report."""
    routes = Blueprint("diagnostics", __name__)
    pages = WizardPages(parts)
    routes.get("/check")(pages.check)
    routes.post("/check")(pages.begin)
    routes.get("/r/<token>.json", endpoint="json")(pages.as_json)
    routes.get("/r/<token>/progress")(pages.progress)
    routes.get("/r/<token>/evidence")(pages.evidence)
    routes.get("/r/<token>")(pages.show)
    routes.post("/r/<token>/again")(pages.again)
    routes.post("/r/<token>/answers")(pages.answers)
    routes.post("/r/<token>/share")(pages.share)
    routes.post("/r/<token>/shares/<int:share>/revoke")(pages.revoke)
    return routes


class WizardPages:
    """One method for each address."""

    def __init__(self, parts: WizardParts) -> None:
        self._parts = parts

    # ------------------------------------------------------------ the wizard
    def check(self) -> Response:
        """The box and the symptoms."""
        target, symptom = request.args.get("target", ""), request.args.get("symptom", "")
        return self._form(target, symptom, None)

    def begin(self) -> Response:
        """A run for what was typed, or the form again with the reason."""
        target = request.form.get("target", "")
        symptom = request.form.get("symptom", "") or symptoms.SOMETHING_ELSE
        if len(target) > LONG_TEXT:
            plumbing().limiter.check("explain", visitor.rate_limit_key(), EXPLAIN_RATE)
        if is_record_list(target):
            return make_response(redirect("/check/instructions", 307))
        if explanation := explain_page(target, lang()):
            return self._explained(explanation)
        requester, new_cookie = requester_of_request()
        started = self._parts.start.from_text(target, symptom, requester)
        if isinstance(started, RejectedSubject):
            return self._form(target, symptom, started)
        return redirect_to_report(started[1], new_cookie)

    def _explained(self, explanation: ExplanationPage) -> Response:
        """What a pasted message means. Nothing of it is stored; a domain of the reader's own is
        checked at once."""
        checked, token = self._check_own(explanation)
        slugs = {slug for item in explanation.items for slug in item.articles}
        articles = {slug: self._parts.article(slug, lang()) for slug in slugs}
        return page(
            "wizard/explained.html",
            shown=explanation,
            domains=[domain for domain in explanation.domains if domain != checked],
            slips={
                item.recipient: intended_provider(domain_of(item.recipient))
                for item in explanation.items
            },
            checked=checked,
            token=token,
            owners=OWNERS,
            checks={check.id: check.title for check in CHECKS},
            titles={slug: article.title if article else "" for slug, article in articles.items()},
        )

    def _check_own(self, explanation: ExplanationPage) -> tuple[str, str]:
        """The first domain of the reader's own that the message is about, and the run started on
        it; "" when none is theirs or there is no room for a run."""
        requester, _ = requester_of_request()
        for domain in explanation.domains:
            if not self._parts.start.is_theirs(requester.visitor, domain):
                continue
            try:
                started = self._parts.start.from_text(domain, explanation.symptom, requester)
            except problems.Problem:
                return "", ""
            return ("", "") if isinstance(started, RejectedSubject) else (domain, started[1])
        return "", ""

    def _form(self, target: str, symptom: str, rejected: RejectedSubject | None) -> Response:
        return page(
            "wizard/check.html",
            422 if rejected else 200,
            target=target,
            symptom=symptom,
            symptoms=symptoms.SYMPTOMS,
            something_else=symptoms.SOMETHING_ELSE,
            rejected=rejected,
            demo_examples=self._parts.start.demo_examples,
            incident=self._parts.incident() if self._parts.incident else None,
        )

    # ------------------------------------------------------------ the report
    def _open(self, token: str) -> OpenedRun:
        """The run behind a report's token or a share link's. Raises not_found."""
        run = self._parts.store.by_token(token)
        if run is not None:
            return OpenedRun(run, token, view_of(run))
        shared = self._parts.store.by_share(token)
        if shared is None:
            raise problems.not_found()
        return OpenedRun(shared, token, View.PUBLIC)

    def _owned(self, token: str) -> OpenedRun:
        """The run, for who may act on it. Everybody else learns nothing."""
        opened = self._open(token)
        if not opened.full:
            raise problems.not_found()
        return opened

    def _report(self, opened: OpenedRun) -> Report:
        return self._parts.reports.visible(opened.whole, opened.view)

    def show(self, token: str) -> Response:
        """The report, or its progress while the run is under way."""
        opened = self._open(token)
        if opened.run.state in END_STATES:
            return self._finished(opened, take_result().get("link", ""))
        values = {**self._progress(opened), **_common(opened)}
        return page("wizard/progress.html", 200, ticket=self._parts.ticket(opened.run), **values)

    def _finished(self, opened: OpenedRun, link: str = "") -> Response:
        report = self._report(opened)
        previous = self._parts.reports.previous_report(opened.run, view_of) if opened.full else None
        differences = compare_reports(previous, report) if previous is not None else None
        fixed = (
            [report_line(judged, lang()).title for judged in differences.fixed]
            if differences
            else []
        )
        common = _common(opened)
        incident = report.evidence.get(KNOWN_INCIDENT)
        if report.run.subject.above:
            common["note"] = subject_note(report.run.subject, lang())
        return page(
            "wizard/report.html",
            200,
            view=views.report_page(
                report,
                lang(),
                self._parts.articles,
                changes=differences,
                fixed=fixed,
                zone=plumbing().site.time_zone,
            ),
            shares=self._parts.store.shares(opened.run.id) if opened.full else (),
            share_days=SHARE_DAYS,
            link=link,
            explained_answers=self._explained_answers(opened.run) if opened.full else (),
            owners=OWNERS,
            watch=visible_watch(self._parts.watch, opened.run) if opened.full else None,
            is_over=incident is not None
            and bool(incident.id)
            and self._parts.incident_is_over(incident.id),
            ticket=self._parts.ticket(opened.run),
            mailbox_test=opened.full
            and may_test(self._parts, opened.run)
            and is_mailbox_here(report),
            **common,
        )

    def _explained_answers(self, run: Run) -> tuple[tuple[str, Explanation], ...]:
        """What the error messages mean that the customer pasted as answers: question, item."""
        symptom = symptoms.find(run.symptom)
        questions = [q for q in (symptom.questions if symptom else ()) if q.pasted]
        pasted = ((q.text, explain_page(run.answers.get(q.id, ""), lang())) for q in questions)
        return tuple((text, explanation.items[0]) for text, explanation in pasted if explanation)

    def evidence(self, token: str) -> Response:
        """Everything the run saw, for experts; as private as the report."""
        opened = self._open(token)
        gathered = views.evidence_parts(self._report(opened).evidence)
        return page("wizard/evidence.html", 200, gathered=gathered, **_common(opened))

    def _progress(self, opened: OpenedRun) -> dict[str, object]:
        report = self._report(opened)
        checks = self._parts.reports.evaluator.selected_checks(report.run)
        waiting_before = self._parts.store.count_before(opened.run)
        zone = plumbing().site.time_zone
        return {"progress": views.progress(report, checks, lang(), waiting_before, zone)}

    def progress(self, token: str) -> Response:
        """The changing part of a running report; polled. `X-Done` tells that it has ended."""
        opened = self._open(token)
        tag = self._tag(opened)
        if names_tag(request.headers.get("If-None-Match", ""), tag):
            return _tagged(Response(status=304), tag, opened)
        values = {**self._progress(opened), **_common(opened)}
        return _tagged(page("wizard/progress_part.html", 200, **values), tag, opened)

    def as_json(self, token: str) -> Response:
        """The report as a document; polled by programs, with an ETag."""
        opened = self._open(token)
        tag = self._tag(opened)
        if names_tag(request.headers.get("If-None-Match", ""), tag):
            return _tagged(Response(status=304), tag, opened)
        body = msgspec.json.encode(document(self._report(opened), lang(), self._parts.articles))
        return _tagged(Response(body, content_type="application/json"), tag, opened)

    def _tag(self, opened: OpenedRun) -> str:
        run = opened.run
        ahead = self._parts.store.count_before(run) if run.state is RunState.QUEUED else 0
        version = self._parts.store.version(run.id)
        return hash_token(f"{run.id} {version} {ahead} {opened.view} {lang()}")[:20]

    # ------------------------------------------------------------ acting on it
    def again(self, token: str) -> Response:
        """Check again, past every cache; the new report marks what changed."""
        run = self._owned(token).run
        requester, new_cookie = requester_of_request()
        _, new_token = self._parts.start.run(
            run.subject, run.symptom, requester, previous=run.id, fresh=True, answers=run.answers
        )
        return redirect_to_report(new_token, new_cookie)

    def answers(self, token: str) -> Response:
        """Keep the answers to the follow-up questions."""
        opened = self._owned(token)
        run = opened.whole
        unseen = {k: text for k, text in run.answers.items() if k not in opened.run.answers}
        self._parts.store.answer(run.id, {**unseen, **clean_answers(request.form)})
        return make_response(redirect(f"/r/{token}{'#answers' if run.finished_at else ''}", 303))

    def share(self, token: str) -> Response:
        """Make a read-only link to the public view; it is shown this once."""
        opened = self._owned(token)
        run = opened.run
        days = request.form.get("days", "")
        valid = timedelta(days=int(days) if days in map(str, SHARE_DAYS) else SHARE_DAYS[0])
        _, share_token = self._parts.store.share(run.id, valid)
        link = f"{plumbing().site.url}/r/{share_token}"
        return make_response(redirect_with_result(f"/r/{token}", {"link": link}, "#share"))

    def revoke(self, token: str, share: int) -> Response:
        """End a share link."""
        run = self._owned(token).run
        self._parts.store.revoke(run.id, share)
        return make_response(redirect(f"/r/{token}#share", 303))


def _common(opened: OpenedRun) -> dict[str, object]:
    """What every page of a run shows."""
    run = opened.run
    return {
        "run": run,
        "token": opened.token,
        "full": opened.full,
        "subject_text": run.subject.text,
        "symptom": symptoms.find(run.symptom),
        "answered": symptoms.answered(run.symptom, run.answers, lang()) if opened.full else (),
        "note": subject_note(run.subject, lang()) if opened.full else "",
        "caution": phrases.CAUTIONS.get(run.subject.caution, ""),
        "statuses": {s.value: text for s, text in phrases.STATUSES.items()},
        "steps": {s.value: text for s, text in phrases.CHANGES.items()},
    }


def _tagged(answer: Response, tag: str, opened: OpenedRun) -> Response:
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = "no-store"
    if opened.run.state in END_STATES:
        answer.headers["X-Done"] = "1"
    return answer
