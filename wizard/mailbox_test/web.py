"""Pages of the login test: `/r/<token>/mailbox`. GET shows, POST acts; works without scripts.

Open to signed-in contacts of the account whose domain it is, and to nobody else, staff included:
nobody types another one's password. The password is sealed here at once and goes no further.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response, request

from accounts.model import Person
from diagnostics.login_test import SYMPTOM_ID
from diagnostics.model import Run
from render.i18n import N_
from subject import RejectedSubject, Subject, SubjectKind, parse_subject
from web import problems, visitor
from web.page import page
from web.problems import Problem
from web.rate_limits import Rate
from web.site import plumbing
from wizard.mailbox_test.sealing import MAX_LENGTH
from wizard.mailbox_test.store import CredentialSubmissions
from wizard.page_context import (
    WizardParts,
    current_visitor,
    may_see,
    may_test,
    redirect_to_report,
    requester_of_request,
    view_of,
)
from wizard.runs.privacy import visible_run
from wizard.runs.store import InTransaction

ATTEMPTS = Rate(5, timedelta(hours=1))  # of one person at one mailbox
NO_MAILBOX = N_("Please write the whole address of the mailbox, such as name@your-domain.")
NOT_YOURS = N_("This mailbox does not belong to a domain of your hosting account.")
TOO_LONG = N_("No password is that long. Did you paste something else?")
LINE_BREAK = N_("A password cannot hold a line break.")


def unavailable() -> Problem:
    """No engine lives that a password could be sealed to."""
    return Problem(
        "mailbox_test_away",
        503,
        N_("The mailbox cannot be tested just now"),
        N_("Please try again in a minute. Your password was not kept and went nowhere."),
        retry_after=timedelta(seconds=60),
    )


@dataclass(frozen=True, slots=True)
class MailboxTestPages:
    """One method for each address."""

    parts: WizardParts
    store: CredentialSubmissions

    def show(self, token: str) -> Response:
        """GET: the form."""
        run = self._run(token)
        return self._form(token, run.subject.mailbox)

    def test(self, token: str) -> Response:
        """POST: a run that signs in, or the form again with the reason."""
        run = self._run(token)
        typed = request.form.get("mailbox", "").strip()
        password = request.form.get("password", "")
        errors, subject = self._errors(typed, password)
        if errors or subject is None:
            return self._form(token, typed, errors)
        person = _contact()
        engines = self.store.live_engines()
        if not engines and password:
            raise unavailable()
        saving = self.store.save_with_run(password, engines, visitor.address())
        if not password:
            return self._start(run, subject, saving)
        key = f"{person.id} {subject.mailbox.lower()}"
        with plumbing().limiter.counted("mailbox.test", key, ATTEMPTS):
            return self._start(run, subject, saving)

    def _start(self, run: Run, subject: Subject, saving: InTransaction) -> Response:
        requester, new_cookie = requester_of_request()
        previous = run.id if run.symptom == SYMPTOM_ID else ""
        _, new_token = self.parts.start.run(
            subject,
            SYMPTOM_ID,
            requester,
            previous=previous,
            fresh=True,
            answers=run.answers,
            in_transaction=saving,
        )
        return redirect_to_report(new_token, new_cookie)

    def _run(self, token: str) -> Run:
        """The run, for a contact of its account. Everybody else learns nothing."""
        run = self.parts.store.by_token(token)
        if run is None or not may_see(run) or not may_test(self.parts, run):
            raise problems.not_found()
        return visible_run(run, view_of(run))

    def _errors(self, typed: str, password: str) -> tuple[dict[str, str], Subject | None]:
        subject = parse_subject(typed)
        if isinstance(subject, RejectedSubject) or subject.kind is not SubjectKind.MAILBOX:
            return {"mailbox": NO_MAILBOX}, None
        if not self.parts.start.is_theirs(current_visitor(), subject.domain):
            return {"mailbox": NOT_YOURS}, None
        if len(password.encode()) > MAX_LENGTH:
            return {"password": TOO_LONG}, subject
        if any(sign in password for sign in "\r\n\0"):
            return {"password": LINE_BREAK}, subject
        return {}, subject

    def _form(self, token: str, mailbox: str, errors: Mapping[str, str] | None = None) -> Response:
        answer = page(
            "wizard/mailbox_test/test.html",
            422 if errors else 200,
            token=token,
            mailbox=mailbox,
            errors=errors or {},
            hosts=list(self.parts.mailbox_hosts),
        )
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer


def _contact() -> Person:
    person = current_visitor().person
    if person is None:
        raise problems.not_found()
    return person


def blueprint(pages: MailboxTestPages) -> Blueprint:
    """The pages of this room."""
    routes = Blueprint("diagnostics_mailbox", __name__)
    routes.get("/r/<token>/mailbox")(pages.show)
    routes.post("/r/<token>/mailbox")(pages.test)
    return routes
