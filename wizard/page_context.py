"""What the pages of self-checks share: the visitor, what of a run they may see, the browser's cookie.

Imports no page. Decides nothing itself: who may see what is in runs/access.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar

import msgspec
from flask import Response, after_this_request, make_response, redirect, request

from accounts.model import NOBODY, Visitor
from diagnostics.checks.mail.readings import sends_through_provider
from diagnostics.collectors.model import OpenIncident
from diagnostics.model import Report, Run, Scope
from kb.model import Article
from render.characters import printable_json
from web import problems, visitor
from web.rate_limits import Rate
from web.site import plumbing
from wizard.reports.report import Articles, no_articles
from wizard.runs import access
from wizard.runs.access import View
from wizard.runs.handler import Reports
from wizard.runs.limits import RunRequester
from wizard.runs.start import RunStarter
from wizard.runs.store import RunStore, hash_token
from wizard.ticket_link import TicketLink, TicketOfRun

COOKIE = "jasno_asker"
_SHORTEST_COOKIE = 20  # characters; a shorter one is none of ours
_COOKIE_SECONDS = 365 * 24 * 3600
# Reading a long text costs: so many in so long from one asker.
LONG_TEXT = 2_000
EXPLAIN_RATE = Rate(60, timedelta(minutes=10))
MAX_BODY = 30_000
MAX_REPORT = 400_000
T = TypeVar("T")


class OwnedWatch(Protocol):
    """A watch, as far as these pages decide about it: whose it is."""

    @property
    def person(self) -> str: ...


WatchT = TypeVar("WatchT", bound=OwnedWatch)


def no_article(slug: str, lang: str) -> Article | None:
    """For tests and terminals that have no library."""
    del slug, lang
    return None


def no_watch(run: Run) -> OwnedWatch | None:
    """Where nothing is watched."""
    del run
    return None


def no_ticket(run: Run) -> TicketLink | None:
    """Where nobody sends check links."""
    del run
    return None


def nothing_is_over(incident: str) -> bool:
    """Where nobody tells of incidents."""
    del incident
    return False


@dataclass(frozen=True, slots=True)
class WizardParts:
    """What the pages of this room need."""

    store: RunStore
    reports: Reports
    start: RunStarter
    articles: Articles = no_articles
    incident: Callable[[], OpenIncident | None] | None = None  # open anywhere
    article: Callable[[str, str], Article | None] = no_article  # by slug and language
    watch: Callable[[Run], OwnedWatch | None] = no_watch
    mailbox_hosts: tuple[str, ...] = ()  # where customers' mailboxes can be tried
    incident_is_over: Callable[[str], bool] = nothing_is_over
    ticket: TicketOfRun = no_ticket


def current_visitor() -> Visitor:
    """The visitor as accounts know one; a plumbing that knows nobody gives a stranger."""
    current = visitor.current()
    return current if isinstance(current, Visitor) else NOBODY


def _browser_cookie() -> str:
    """The browser's own cookie, "" when it has none that may be ours."""
    value = request.cookies.get(COOKIE, "")
    return value if len(value) >= _SHORTEST_COOKIE else ""


def cookie_hash() -> str:
    """The hash of the browser's own cookie, "" when it has none."""
    value = _browser_cookie()
    return hash_token(value) if value else ""


def view_of(run: Run) -> View:
    """How much whoever sends this request sees of a run."""
    return access.view_for(current_visitor(), run, cookie_hash())


def may_see(run: Run) -> bool:
    """Whether whoever sends this request sees more than the public view of a run."""
    return view_of(run) is not View.PUBLIC


def reader_view(run: Run) -> View:
    """The view for a page whose own rules let a reader look into a run: all but what the asker
    typed, and that too for the asker and for staff."""
    view = view_of(run)
    return View.ACCOUNT if view is View.PUBLIC else view


def visible_watch(find_watch: Callable[[Run], WatchT | None], run: Run) -> WatchT | None:
    """The watch on a run, for who may know of it."""
    watch = find_watch(run)
    is_visible = watch is not None and access.can_see_watch(current_visitor(), run, watch.person)
    return watch if is_visible else None


def may_test(parts: WizardParts, run: Run) -> bool:
    """A mailbox test is for contacts of the account, where there are hosts of ours to sign in to."""
    is_theirs = parts.start.is_theirs(current_visitor(), run.subject.domain)
    return bool(parts.mailbox_hosts) and run.scope is Scope.CONTACT and is_theirs


def is_mailbox_here(report: Report) -> bool:
    """Whether a report is about a mailbox, or about a domain whose mailboxes are with us."""
    return bool(report.run.subject.mailbox) or sends_through_provider(report.evidence)


def requester_of_request() -> tuple[RunRequester, str]:
    """Who asks, and the value of a new cookie when the browser has none yet."""
    value = _browser_cookie()
    new_cookie = "" if value else secrets.token_urlsafe(24)
    return RunRequester(
        current_visitor(), visitor.rate_limit_key(), hash_token(value or new_cookie)
    ), new_cookie


def requester_with_cookie() -> RunRequester:
    """Who asks; whatever answers this request brings the new cookie, so that who is not signed in
    sees all of their run in this browser."""
    requester, new_cookie = requester_of_request()
    after_this_request(lambda answer: with_cookie(answer, new_cookie))
    return requester


def redirect_to_report(token: str, new_cookie: str) -> Response:
    return with_cookie(make_response(redirect(f"/r/{token}", 303)), new_cookie)


def with_cookie(answer: Response, new_cookie: str) -> Response:
    """The answer, with a new cookie that lets this browser see what it started."""
    if new_cookie:
        secure = plumbing().site.secure
        answer.set_cookie(
            COOKIE, new_cookie, _COOKIE_SECONDS, httponly=True, secure=secure, samesite="Lax"
        )
    return answer


def decode_body(type_: type[T], max_size: int = MAX_BODY) -> T:
    """The body of this request. Raises bad_request, invalid and too_large."""
    raw = request.get_data(cache=False)
    if len(raw) > max_size:
        raise problems.too_large()
    try:
        return msgspec.json.decode(printable_json(raw), type=type_)
    except msgspec.ValidationError as wrong:
        raise problems.invalid({"body": str(wrong)}) from wrong
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise problems.bad_request() from wrong
