"""Pages of watches: `/r/<token>/watch`, `/watch/<token>`.

GET shows, POST acts. Letters go to the signed-in person, or to a contact of the hosting account
that the domain belongs to; to nobody else, whatever is typed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import msgspec
from flask import Blueprint, Response, make_response, redirect, request

from accounts import text_input
from accounts.model import Assurance, Person
from diagnostics.model import Run
from render.i18n import N_
from web import problems, visitor
from web.forms.results import last_result, redirect_with_result
from web.language import lang
from web.page import page
from web.rate_limits import Rate
from web.site import plumbing
from wizard.page_context import WizardParts, current_visitor, may_see, visible_watch
from wizard.reports.report import report_line
from wizard.runs.handler import END_STATES
from wizard.watches.model import MAX_PER_PERSON, Watch, WatchState, watched_findings
from wizard.watches.store import WatchStore

REQUESTER_RATE = Rate(5, timedelta(hours=1))
BEGIN_RATE = Rate(10, timedelta(hours=1))  # each is a letter
READER_RATE = Rate(3, timedelta(days=1))
MAX_WATCHES = 2_000  # watches altogether
NOTHING = N_("There is nothing to watch: the report found nothing that needs care.")


class WatchLink(msgspec.Struct):
    """A watch as programs see it."""

    state: str = msgspec.field(name="standing")  # as it is published
    domain: str
    looks: int
    created_at: str
    until: str
    next_at: str | None


@dataclass(frozen=True, slots=True)
class WatchPages:
    """What the pages need. `contacts` are the people of the account that a domain belongs to."""

    parts: WizardParts
    watches: WatchStore
    contacts: Callable[[str], tuple[Person, ...]]
    site: str

    # ------------------------------------------------------------------ on the report
    def watch(self, token: str) -> Response:
        """POST /r/<token>/watch."""
        run, person = self._run(token), _signed_in_person()
        if person is not None:
            self._begin(run, person)
            return make_response(redirect(f"/r/{token}#watch", 303))
        self._ask(run, request.form.get("email", ""))
        return make_response(redirect_with_result(f"/r/{token}/watch", {"asked": "yes"}))

    def asked(self, token: str) -> Response:
        """GET /r/<token>/watch: what follows after an address was typed."""
        run = self._run(token)
        if not last_result():
            return make_response(redirect(f"/r/{token}#watch", 303))
        return page("wizard/watches/asked.html", token=token, domain=run.subject.domain)

    def stop_here(self, token: str) -> Response:
        """POST /r/<token>/watch/stop."""
        watch = visible_watch(self.watches.of_run, self._run(token))
        if watch is not None:
            self.watches.stop(watch.id)
        return make_response(redirect(f"/r/{token}#watch", 303))

    def _run(self, token: str) -> Run:
        """The run, ended, for who may act on it. Everybody else learns nothing."""
        run = self.parts.store.by_token(token)
        if run is None or not may_see(run) or run.state not in END_STATES:
            raise problems.not_found()
        return run

    def _begin(self, run: Run, person: Person) -> Watch:
        if not watched_findings(self.parts.reports.for_person(run, person.id)):
            raise problems.invalid({"watch": NOTHING})
        own_watches = self.watches.of_person(person.id)
        existing = next((w for w in own_watches if w.domain == run.subject.domain), None)
        if existing is not None and existing.state is not WatchState.PENDING:
            return existing
        full = len(own_watches) - (existing is not None) >= MAX_PER_PERSON
        if full or self.watches.count() >= MAX_WATCHES:
            raise problems.too_many(timedelta(hours=1))
        with plumbing().limiter.counted("watch.begin", person.id, BEGIN_RATE):
            if existing is not None:  # who has only typed this address is not to be waited for
                self.watches.stop(existing.id)
            return self.watches.begin(
                run, person.id, person.email, person.lang or lang(), confirmed=True
            )

    def _ask(self, run: Run, typed: str) -> None:
        """A letter to the contact whose address was typed, if there is one; the page says the same
        in either case."""
        with plumbing().limiter.counted("watch.asker", visitor.rate_limit_key(), REQUESTER_RATE):
            self._begin_for_reader(run, typed)

    def _begin_for_reader(self, run: Run, typed: str) -> None:
        address = text_input.address(typed)
        people = self.contacts(run.subject.domain)
        reader = next(
            (p for p in people if address and text_input.address(p.email) == address), None
        )
        if reader is None or not watched_findings(self.parts.reports.for_person(run, reader.id)):
            return
        if self.watches.count(reader.id) >= MAX_PER_PERSON or self.watches.count() >= MAX_WATCHES:
            return
        limiter = plumbing().limiter
        with limiter.counted_when_done("watch.reader", reader.id, READER_RATE) as pause:
            if not pause:  # a refusal is told to nobody: it would say whose address this is
                self.watches.begin(
                    run, reader.id, reader.email, reader.lang or lang(), confirmed=False
                )

    # ------------------------------------------------------------------ its own page
    def show(self, token: str) -> Response:
        """GET /watch/<token>."""
        watch = self._watch(token)
        first = self.parts.store.by_id(watch.first)
        report = self.parts.reports.public(first) if first else None
        titles = [report_line(j, lang()).title for j in watched_findings(report)] if report else []
        report_path = f"/r/{self.watches.report_token(watch.look_name)}" if watch.looks else ""
        return page(
            "wizard/watches/watch.html", watch=watch, token=token, titles=titles, report=report_path
        )

    def confirm(self, token: str) -> Response:
        """POST /watch/<token>/confirm."""
        self.watches.confirm(self._watch(token).id)
        return make_response(redirect(f"/watch/{token}", 303))

    def stop(self, token: str) -> Response:
        """POST /watch/<token>/stop."""
        self.watches.stop(self._watch(token).id)
        return make_response(redirect(f"/watch/{token}", 303))

    def _watch(self, token: str) -> Watch:
        watch = self.watches.by_token(token)
        if watch is None:
            raise problems.not_found()
        return watch

    # ------------------------------------------------------------------ for programs
    def api(self, token: str) -> Response:
        """GET, POST and DELETE /api/diagnoses/<token>/watch, with a session."""
        run, person = self._run(token), _signed_in_person()
        if person is None:
            raise problems.not_found()
        watch = visible_watch(self.watches.of_run, run)
        if request.method == "POST":
            watch = self._begin(run, person)
        elif request.method == "DELETE" and watch is not None:
            self.watches.stop(watch.id)
            watch = self.watches.by_id(watch.id)
        if watch is None:
            raise problems.not_found()
        return Response(msgspec.json.encode(_watch_link(watch)), content_type="application/json")


def _signed_in_person() -> Person | None:
    current = current_visitor()
    return current.person if current.assurance >= Assurance.SIGNED_IN else None


def _watch_link(watch: Watch) -> WatchLink:
    at = watch.next_at
    return WatchLink(
        watch.state.value,
        watch.domain,
        watch.looks,
        watch.created_at.isoformat(),
        watch.until.isoformat(),
        at.isoformat() if at else None,
    )


def blueprint(pages: WatchPages) -> Blueprint:
    """The pages and the API of watching."""
    rooms = Blueprint("watches", __name__)
    rooms.post("/r/<token>/watch")(pages.watch)
    rooms.get("/r/<token>/watch")(pages.asked)
    rooms.post("/r/<token>/watch/stop")(pages.stop_here)
    rooms.get("/watch/<token>")(pages.show)
    rooms.post("/watch/<token>/confirm")(pages.confirm)
    rooms.post("/watch/<token>/stop", endpoint="stop")(pages.stop)
    rooms.add_url_rule(
        "/api/diagnoses/<token>/watch", "api", pages.api, methods=["GET", "POST", "DELETE"]
    )
    return rooms
