"""The sign-in page, signing out, the session cookie, and who sends a request.

An unknown address and a wrong password get the same answer after the same work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from flask import Blueprint, Request, Response, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from accounts import text_input
from accounts.model import NOBODY, Assurance, Person, Visitor
from accounts.passwords import Passwords, PasswordsBusy
from accounts.random_tokens import fresh_token
from accounts.sign_in_limits import SignInLimits, SignInTry, SlowedDownTooMany
from accounts.store import LIFETIME, AccountStore
from db.engine import DatabaseAway
from render.i18n import N_
from web import visitor as asking
from web.forms.local_paths import safe_next
from web.page import page
from web.problems import FOR_CUSTOMERS, away, not_found, sign_in_needed
from web.site import FormKeeper, plumbing

BROWSER_KEPT = timedelta(days=365)
BUSY_PAUSE = "5"  # seconds
BUSY = N_(
    "Many people are signing in just now, and your password was not looked at. Please send it"
    " again in a few seconds."
)
GUESSED_AT = N_(
    "Many are trying to sign in with this address just now, so that each try waits its turn, and"
    " yours found no place. Please send it again in a few seconds, or from a browser in which you"
    " have signed in before."
)
FOR_STAFF = (  # where a path begins; whom its pages are for
    ("/desk", N_("This page is for agents who are signed in.")),
    ("/ops", N_("This page is for operators who are signed in.")),
)
WRONG = N_("This address and password do not go together. Please look at both once more.")


def cookie_name() -> str:
    """The session cookie's name; bound to this very host where there is https."""
    return "__Host-jasno_session" if plumbing().site.secure else "jasno_session"


MARK = "jasno_signed_in"  # for scripts of published pages: "1" while somebody is signed in


def browser_cookie_name() -> str:
    """The cookie by which a browser that has signed in is known; it opens nothing by itself."""
    return "__Host-jasno_browser" if plumbing().site.secure else "jasno_browser"


def _browser_cookie() -> str:
    return request.cookies.get(browser_cookie_name(), "")[:200]


def visitor_of(store: AccountStore) -> Callable[[Request], Visitor]:
    """What web/ asks for: a request's visitor, without a database when no cookie is sent.

    While the database is away everybody is nobody, so that pages without accounts keep working;
    `signed_in` then says that this part is resting instead of asking to sign in.
    """

    def look(request: Request) -> Visitor:
        token = request.cookies.get(cookie_name(), "")
        try:
            return store.visitor(token) if token else NOBODY
        except DatabaseAway:
            g.database_away = True
            return NOBODY

    return look


def keeper_of(keeper: FormKeeper, limits: SignInLimits) -> FormKeeper:
    """What web/ asks for: keeps a form for the person who signed in last in the browser that
    sent it, and nothing of strangers ("")."""

    def keep(form: Mapping[str, str]) -> str:
        person = limits.last_signed_in(_browser_cookie())
        return keeper.keep({**form, "person": person}) if person else ""

    return replace(keeper, keep=keep)


def who() -> Visitor:
    """The visitor of the running request, with roles and assurance."""
    visitor = asking.current()
    return visitor if isinstance(visitor, Visitor) else NOBODY


def signed_in() -> Person:
    """The person behind the request. Raises sign_in_needed for nobody, away without a database."""
    person = who().person
    if person is None:
        raise away() if g.get("database_away") else sign_in_needed(whom_for(request.path))
    return person


def whom_for(path: str) -> str:
    """Whom the page at a path is for, in one sentence (a msgid)."""
    begun = (words for start, words in FOR_STAFF if path.startswith(start))
    return next(begun, FOR_CUSTOMERS)


@dataclass(frozen=True, slots=True)
class SignInPages:
    """The sign-in desk: counts tries, compares, and opens sessions."""

    store: AccountStore
    passwords: Passwords
    limits: SignInLimits

    def person(self, email: str, password: str) -> Person | None:
        """Whoever these belong to. Raises too_many, PasswordsBusy and SlowedDownTooMany."""
        person, stored = self.store.credentials(email)
        browser = _browser_cookie()
        attempt = SignInTry(email, person, asking.rate_limit_key(), browser)
        with self.limits.counted(plumbing().limiter, attempt) as counting:
            right = self.passwords.check(stored, password, first=counting.is_known)
            counting.right = right and person is not None
        if not right or person is None:
            author = f"person:{person.id}" if person else "person:"
            self.store.audit("", "session.refused", author, {"address": asking.rate_limit_key()})
            return None
        if self.passwords.stale(stored):
            with suppress(PasswordsBusy):  # another time
                self.store.renew_hash(person.id, stored, self.passwords.hash(password))
        return person

    def open(self, person: Person, target: str) -> AnyResponse:
        """A new session under a new token; the one of this browser ends."""
        token = fresh_token()
        self.store.open_session(
            person,
            token,
            method="password",
            assurance=Assurance.SIGNED_IN,
            replaces=request.cookies.get(cookie_name(), ""),
            address=asking.address(),
            agent=text_input.line(request.headers.get("User-Agent", ""), 200),
        )
        asking.forget()
        g.signed_in = True
        home = "/desk" if person.is_staff() else "/me"
        answer = redirect(target or home, 303)
        _set_cookie(answer, cookie_name(), token, LIFETIME)
        browser = _browser_cookie()
        if self.limits.last_signed_in(browser) != person.id:
            browser = self.limits.browser_cookie(person)
        _set_cookie(answer, browser_cookie_name(), browser, BROWSER_KEPT)
        return answer


def _set_cookie(answer: AnyResponse, name: str, value: str, lifetime: timedelta) -> None:
    secure = plumbing().site.secure
    answer.set_cookie(name, value, max_age=lifetime, secure=secure, httponly=True, samesite="Lax")


def blueprint(store: AccountStore, passwords: Passwords, limits: SignInLimits) -> Blueprint:
    """/sign-in, /sign-out and the ending of one's own sessions."""
    pages_blueprint = Blueprint("accounts", __name__)
    signing = SignInPages(store, passwords, limits)

    @pages_blueprint.get("/sign-in")
    def form() -> AnyResponse:
        target = safe_next(request.args.get("next", ""))
        if who().person is not None:
            return redirect(target or "/me", 303)
        return _form(target)

    @pages_blueprint.post("/sign-in")
    def sign_in() -> AnyResponse:
        target = safe_next(request.form.get("next", ""))
        email, password = request.form.get("email", ""), request.form.get("password", "")
        try:
            person = signing.person(email, password)
        except (PasswordsBusy, SlowedDownTooMany) as refusal:
            reason = BUSY if isinstance(refusal, PasswordsBusy) else GUESSED_AT
            answer = _form(target, text_input.clean_line(email), reason, 503)
            answer.headers["Retry-After"] = BUSY_PAUSE
            return answer
        if person is None:
            return _form(target, text_input.clean_line(email), WRONG)
        return signing.open(person, target)

    @pages_blueprint.post("/sign-out")
    def sign_out() -> AnyResponse:
        visitor = who()
        if visitor.person is not None:
            store.end_session(visitor.session, visitor.person.id)
        asking.forget()
        g.signed_in = False
        answer = redirect("/", 303)
        answer.delete_cookie(cookie_name(), path="/", secure=plumbing().site.secure, httponly=True)
        return answer

    @pages_blueprint.post("/sign-out/<session>")
    def end(session: str) -> AnyResponse:
        if not store.end_session(session[:64], signed_in().id):
            raise not_found()
        asking.forget()
        return redirect("/me#sessions", 303)

    pages_blueprint.after_app_request(_mark)
    return pages_blueprint


def _mark(answer: AnyResponse) -> AnyResponse:
    """Tell the browser's scripts whether somebody is signed in, where that has changed."""
    visitor = None if g.get("database_away") else g.get("visitor")
    signed_in_now = g.get("signed_in", visitor.person is not None if visitor else None)
    is_marked = request.cookies.get(MARK) == "1"
    if signed_in_now is None or signed_in_now is is_marked:
        return answer
    secure = plumbing().site.secure
    if signed_in_now:
        answer.set_cookie(MARK, "1", max_age=LIFETIME, secure=secure, samesite="Lax", path="/")
    else:
        answer.delete_cookie(MARK, path="/", secure=secure, samesite="Lax")
    return answer


def _form(target: str, email: str = "", error: str = "", status: int = 422) -> Response:
    return page(
        "accounts/sign_in.html",
        status if error else 200,
        next=target,
        email=email,
        error=error,
        whom_for=whom_for(target),
        writing=target.startswith("/tickets/new"),
        was_signed_out=target.startswith("/kept?"),
    )
