"""The wizard and the report: `/check` and `/r/<token>`. GET shows, POST acts.

Knows who may see what only through access.py; opens nothing to the outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import msgspec
from flask import Blueprint, Response, make_response, redirect, request

from diagnostics import symptoms
from diagnostics.checks import CHECKS
from diagnostics.model import Report, Run, RunState
from explain.document import Explained, domain_of, explain_page
from explain.domain_typos import intended_provider
from explain.model import Explanation
from instructions.detection import is_record_list
from kb.owners import OWNERS
from subject import Rejected
from web import problems, visitor
from web.language import lang
from web.page import page
from web.site import plumbing
from wizard.page_context import (
    EXPLAINING,
    LONG,
    WizardParts,
    asker_of_request,
    may_see,
    may_test,
    sent,
    watch_of,
)
from wizard.reports import phrases, views
from wizard.reports.changes import changes
from wizard.reports.report import document, noted, worded
from wizard.runs.handler import ENDED
from wizard.runs.start import trimmed
from wizard.runs.store import hashed

SHARE_DAYS = (1, 7, 30)


@dataclass(frozen=True, slots=True)
class Opened:
    """A run as this visitor may see it."""

    run: Run
    token: str
    full: bool


def blueprint(parts: WizardParts) -> Blueprint:
    """The pages of the wizard and the report."""
    rooms = Blueprint("diagnostics", __name__)
    pages = WizardPages(parts)
    rooms.get("/check")(pages.check)
    rooms.post("/check")(pages.begin)
    rooms.get("/r/<token>.json", endpoint="json")(pages.as_json)
    rooms.get("/r/<token>/progress")(pages.progress)
    rooms.get("/r/<token>/evidence")(pages.evidence)
    rooms.get("/r/<token>")(pages.show)
    rooms.post("/r/<token>/again")(pages.again)
    rooms.post("/r/<token>/answers")(pages.answers)
    rooms.post("/r/<token>/share")(pages.share)
    rooms.post("/r/<token>/shares/<int:share>/revoke")(pages.revoke)
    return rooms


class WizardPages:
    """One method for each address."""

    def __init__(self, parts: WizardParts) -> None:
        self._parts = parts

    # ------------------------------------------------------------ the wizard
    def check(self) -> Response:
        """The box and the symptoms."""
        target, symptom = request.args.get("target", ""), request.args.get("symptom", "")
        return self._form(target[:300], symptom, None)

    def begin(self) -> Response:
        """A run for what was typed, or the form again with the reason."""
        target = request.form.get("target", "")
        symptom = request.form.get("symptom", "") or symptoms.SOMETHING_ELSE
        if len(target) > LONG:
            plumbing().limiter.check("explain", visitor.asker(), EXPLAINING)
        if is_record_list(target):
            return make_response(redirect("/check/instructions", 307))
        if shown := explain_page(target, lang()):
            return self._explained(shown)
        asker, fresh = asker_of_request()
        begun = self._parts.start.from_text(target, symptom, asker)
        if isinstance(begun, Rejected):
            return self._form(target, symptom, begun)
        return sent(begun[1], fresh)

    def _explained(self, shown: Explained) -> Response:
        """What a pasted message means. Nothing of it is stored; a domain of the reader's own is
        checked at once."""
        checked, token = self._check_own(shown)
        slugs = {slug for item in shown.items for slug in item.articles}
        found = {slug: self._parts.article(slug, lang()) for slug in slugs}
        return page(
            "diagnostics/explained.html",
            shown=shown,
            domains=[domain for domain in shown.domains if domain != checked],
            slips={
                item.recipient: intended_provider(domain_of(item.recipient)) for item in shown.items
            },
            checked=checked,
            token=token,
            owners=OWNERS,
            checks={check.id: check.title for check in CHECKS},
            titles={slug: article.title if article else "" for slug, article in found.items()},
        )

    def _check_own(self, shown: Explained) -> tuple[str, str]:
        """The first domain of the reader's own that the message is about, and the run started on
        it; "" when none is theirs or there is no room for a run."""
        asker, _ = asker_of_request()
        for domain in shown.domains:
            if not self._parts.start.is_theirs(asker.visitor, domain):
                continue
            try:
                begun = self._parts.start.from_text(domain, shown.symptom, asker)
            except problems.Problem:
                return "", ""
            return ("", "") if isinstance(begun, Rejected) else (domain, begun[1])
        return "", ""

    def _form(self, target: str, symptom: str, rejected: Rejected | None) -> Response:
        return page(
            "diagnostics/check.html",
            422 if rejected else 200,
            target=target[:2000],
            symptom=symptom,
            symptoms=symptoms.SYMPTOMS,
            something_else=symptoms.SOMETHING_ELSE,
            rejected=rejected,
            incident=self._parts.incident() if self._parts.incident else None,
        )

    # ------------------------------------------------------------ the report
    def _open(self, token: str) -> Opened:
        """The run behind a report's token or a share link's. Raises not_found."""
        run = self._parts.store.by_token(token)
        if run is not None:
            return Opened(run, token, may_see(run))
        shared = self._parts.store.by_share(token)
        if shared is None:
            raise problems.not_found()
        return Opened(shared, token, full=False)

    def _own(self, token: str) -> Run:
        """The run, for who may act on it. Everybody else learns nothing."""
        opened = self._open(token)
        if not opened.full:
            raise problems.not_found()
        return opened.run

    def _report(self, opened: Opened) -> Report:
        reports = self._parts.reports
        return reports.full(opened.run) if opened.full else reports.public(opened.run)

    def show(self, token: str) -> Response:
        """The report, or its progress while the run is under way."""
        opened = self._open(token)
        if opened.run.state in ENDED:
            return self._finished(opened)
        return page("diagnostics/progress.html", 200, **self._progress(opened), **_common(opened))

    def _finished(self, opened: Opened, link: str = "") -> Response:
        report = self._report(opened)
        before = self._parts.reports.before(opened.run) if opened.full else None
        changed = changes(before, report) if before is not None else None
        fixed = [worded(judged, lang()).title for judged in changed.fixed] if changed else []
        common = _common(opened)
        if report.run.subject.above:
            common["note"] = noted(report.run.subject, lang())
        return page(
            "diagnostics/report.html",
            200,
            told=views.page(
                report,
                lang(),
                self._parts.articles,
                changes=changed,
                fixed=fixed,
                zone=plumbing().site.time_zone,
            ),
            shares=self._parts.store.shares(opened.run.id) if opened.full else (),
            share_days=SHARE_DAYS,
            link=link,
            said=self._said(opened.run) if opened.full else (),
            owners=OWNERS,
            watch=watch_of(self._parts.watch, opened.run) if opened.full else None,
            mailbox_test=opened.full and may_test(self._parts, opened.run),
            **common,
        )

    def _said(self, run: Run) -> tuple[tuple[str, Explanation], ...]:
        """What the error messages mean that the customer pasted as answers: question, item."""
        symptom = symptoms.find(run.symptom)
        asked = [q for q in (symptom.questions if symptom else ()) if q.pasted]
        pasted = ((q.text, explain_page(run.answers.get(q.id, ""), lang())) for q in asked)
        return tuple((text, found.items[0]) for text, found in pasted if found)

    def evidence(self, token: str) -> Response:
        """Everything the run saw, for experts; as private as the report."""
        opened = self._open(token)
        gathered = views.gathered(self._report(opened).evidence)
        return page("diagnostics/evidence.html", 200, gathered=gathered, **_common(opened))

    def _progress(self, opened: Opened) -> dict[str, object]:
        report = self._report(opened)
        called = self._parts.reports.judging.called(report.run)
        ahead = self._parts.store.ahead(opened.run)
        zone = plumbing().site.time_zone
        return {"progress": views.progress(report, called, lang(), ahead, zone)}

    def progress(self, token: str) -> Response:
        """The changing part of a running report; polled. `X-Done` tells that it has ended."""
        opened = self._open(token)
        tag = self._tag(opened)
        if request.if_none_match.contains(tag):
            return _tagged(Response(status=304), tag, opened)
        values = {**self._progress(opened), **_common(opened)}
        return _tagged(page("diagnostics/progress_part.html", 200, **values), tag, opened)

    def as_json(self, token: str) -> Response:
        """The report as a document; polled by programs, with an ETag."""
        opened = self._open(token)
        tag = self._tag(opened)
        if request.if_none_match.contains(tag):
            return _tagged(Response(status=304), tag, opened)
        body = msgspec.json.encode(document(self._report(opened), lang(), self._parts.articles))
        return _tagged(Response(body, content_type="application/json"), tag, opened)

    def _tag(self, opened: Opened) -> str:
        run = opened.run
        ahead = self._parts.store.ahead(run) if run.state is RunState.QUEUED else 0
        version = self._parts.store.version(run.id)
        return hashed(f"{run.id} {version} {ahead} {opened.full} {lang()}")[:20]

    # ------------------------------------------------------------ acting on it
    def again(self, token: str) -> Response:
        """Check again, past every cache; the new report marks what changed."""
        run = self._own(token)
        asker, fresh = asker_of_request()
        _, new = self._parts.start.run(
            run.subject, run.symptom, asker, previous=run.id, fresh=True, answers=run.answers
        )
        return sent(new, fresh)

    def answers(self, token: str) -> Response:
        """Keep the answers to the follow-up questions."""
        run = self._own(token)
        self._parts.store.answer(run.id, trimmed(request.form))
        return make_response(redirect(f"/r/{token}{'#answers' if run.finished_at else ''}", 303))

    def share(self, token: str) -> Response:
        """Make a read-only link to the public view; it is shown this once."""
        run = self._own(token)
        days = request.form.get("days", "")
        valid = timedelta(days=int(days) if days in map(str, SHARE_DAYS) else SHARE_DAYS[0])
        _, made = self._parts.store.share(run.id, valid)
        opened = Opened(run, token, full=True)
        link = f"{plumbing().site.url}/r/{made}"
        if run.state in ENDED:
            return self._finished(opened, link)
        return make_response(redirect(f"/r/{token}", 303))

    def revoke(self, token: str, share: int) -> Response:
        """End a share link."""
        run = self._own(token)
        self._parts.store.revoke(run.id, share)
        return make_response(redirect(f"/r/{token}#share", 303))


def _common(opened: Opened) -> dict[str, object]:
    """What every page of a run shows."""
    run = opened.run
    return {
        "run": run,
        "token": opened.token,
        "full": opened.full,
        "shown": run.subject.text if opened.full else run.subject.host,
        "symptom": symptoms.find(run.symptom),
        "answered": symptoms.answered(run.symptom, run.answers, lang()) if opened.full else (),
        "note": noted(run.subject, lang()) if opened.full else "",
        "caution": phrases.CAUTIONS.get(run.subject.caution, ""),
        "statuses": {s.value: text for s, text in phrases.STATUSES.items()},
        "steps": {s.value: text for s, text in phrases.CHANGES.items()},
    }


def _tagged(answer: Response, tag: str, opened: Opened) -> Response:
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = "no-store"
    if opened.run.state in ENDED:
        answer.headers["X-Done"] = "1"
    return answer
