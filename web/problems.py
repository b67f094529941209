"""Every error answer of pages and APIs (404, 403, 429, stale form …), as one type (RFC 9457).

Programs get a problem document; people get a page that says what happened and what next.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from db.engine import DatabaseAway
from db.stored import UnreadableDocument
from render.i18n import N_, translate
from render.message_format import message

log = logging.getLogger("jasno.web")
JSON = "application/problem+json"


@dataclass(eq=False)
class Problem(Exception):
    """Raise it from anywhere below a request. Texts are msgids; `fields` map a field to one."""

    id: str
    status: int
    title: str
    detail: str
    retry_after: timedelta | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


FOR_CUSTOMERS = N_("This page is for signed-in customers.")


def not_found() -> Problem:
    """Also what a stranger gets for somebody else's page: existence is not told."""
    return Problem(
        "not_found",
        404,
        N_("There is nothing here"),
        N_("The address may be mistyped, the page may have moved, or it is not yours to see."),
    )


def forbidden() -> Problem:
    """Signed in, but not allowed."""
    return Problem(
        "forbidden",
        403,
        N_("This is not open to you"),
        N_("Your account may not do this. If you think it should, ask us."),
    )


def sign_in_needed(whom_for: str = FOR_CUSTOMERS) -> Problem:
    """Nobody is signed in; people are led to the sign-in page. `whom_for`, a msgid, says whom the
    page is for."""
    return Problem("sign_in_needed", 401, N_("Please sign in"), whom_for)


def invalid(fields: Mapping[str, str]) -> Problem:
    """What was sent does not fit; `fields` map each field to the reason."""
    return Problem(
        "invalid",
        422,
        N_("Something in the form needs another look"),
        N_("Go back, mend what is named below, and send it again."),
        fields=fields,
    )


def changed_meanwhile(fields: Mapping[str, str]) -> Problem:
    """Somebody else has written since the version that was named."""
    return Problem(
        "changed_meanwhile",
        409,
        N_("Somebody else was faster"),
        N_("Read it again and send yours with the version it has now."),
        fields=fields,
    )


def precondition_failed() -> Problem:
    """None of the versions in If-Match is the one that is there."""
    return Problem(
        "precondition_failed",
        412,
        N_("Somebody else was faster"),
        N_("Read it again and send yours with the ETag it has now."),
    )


def bad_request() -> Problem:
    """What was sent cannot be read at all."""
    return Problem(
        "bad_request",
        400,
        N_("We could not read the request"),
        N_("What arrived was damaged or incomplete. Go back and try once more."),
    )


def stale_form() -> Problem:
    """A form without a valid token: an old page, or another site's."""
    return Problem(
        "stale_form",
        403,
        N_("The form has grown old"),
        N_("For your safety we did not act on it. Go back, load the page again and send it again."),
    )


def kept_no_longer() -> Problem:
    """A form kept over signing in that is gone, or was never this person's."""
    return Problem(
        "kept_no_longer",
        404,
        N_("This form is kept no longer"),
        N_(
            "It was sent already, or the day for which it was kept is over, or somebody else wrote"
            " it. Nothing was sent just now."
        ),
    )


def too_large() -> Problem:
    """More than we take."""
    return Problem(
        "too_large",
        413,
        N_("That is too much at once"),
        N_("What you sent is larger than we can take. Shorten it and send it again."),
    )


def too_many(retry_after: timedelta) -> Problem:
    """Too often; says when to come back."""
    return Problem(
        "too_many",
        429,
        N_("A moment, please"),
        N_("There have been many requests from your side. Try again a little later."),
        retry_after=retry_after,
    )


_AWAY = N_(
    "This needs our database, which cannot be reached just now. The status page keeps working."
)
_AWAY_SENT = N_(
    "This needs our database, which cannot be reached just now. We cannot tell whether what you sent"
    " was taken: please look before you send it again. The status page keeps working."
)


def away(retry_after: timedelta = timedelta(seconds=30)) -> Problem:
    """The database is not there; the status page still is. Of a form that was sent nobody knows
    then how far it came."""
    is_reading = request.method in ("GET", "HEAD")
    return Problem(
        "away",
        503,
        N_("This part is resting"),
        _AWAY if is_reading else _AWAY_SENT,
        retry_after=retry_after,
    )


def body_busy() -> Problem:
    """More forms are being received than we take at a time."""
    return Problem(
        "busy",
        503,
        N_("Many forms are arriving just now"),
        N_("Yours was not read. Go back and send it once more in a few seconds."),
        retry_after=timedelta(seconds=5),
        headers={"Connection": "close"},
    )


def body_late() -> Problem:
    """A request whose body did not arrive in time, or not whole."""
    return Problem(
        "late",
        408,
        N_("Your form did not arrive whole"),
        N_("We waited a while and then stopped. Go back and send it once more."),
        headers={"Connection": "close"},
    )


def unreadable() -> Problem:
    """A document of ours that this version cannot read."""
    return Problem(
        "unreadable",
        500,
        N_("What is kept of this cannot be read"),
        N_(
            "A stored entry is damaged, or was written by a newer version. It is kept as it is, and"
            " everything else works. Operators find it named by “app.py db documents”."
        ),
    )


def broken() -> Problem:
    """Our own mistake."""
    return Problem(
        "broken",
        500,
        N_("Something broke on our side"),
        N_("It has been noted. Try again in a moment; if it stays, tell us what you were doing."),
    )


_BY_STATUS = {
    400: bad_request,
    401: sign_in_needed,
    403: forbidden,
    404: not_found,
    413: too_large,
    422: bad_request,
}


def from_http(error: HTTPException) -> Problem:
    """A framework's error as a problem."""
    problem = _BY_STATUS.get(error.code or 500)
    if problem is not None:
        return problem()
    if error.code == 405:
        allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
        return Problem(
            "method",
            405,
            N_("That cannot be done here"),
            N_("This address exists, but not for this kind of request."),
            headers={"Allow": allowed} if allowed else {},
        )
    return broken() if (error.code or 500) >= 500 else bad_request()


def wants_json() -> bool:
    """Whether the request comes from a program."""
    if request.path.startswith("/api/") or request.path.endswith(".json"):
        return True
    best = request.accept_mimetypes.best_match(("text/html", "application/json", JSON))
    return best in ("application/json", JSON)


def document(problem: Problem, language: str) -> bytes:
    """The problem document."""
    body: dict[str, object] = {
        "type": f"/problems/{problem.id}",
        "title": translate(language, problem.title),
        "status": problem.status,
        "detail": translate(language, problem.detail),
    }
    if problem.fields:
        body["errors"] = [
            {"field": name, "detail": message(language, text)}
            for name, text in problem.fields.items()
        ]
    return msgspec.json.encode(body)


def headers(problem: Problem) -> dict[str, str]:
    """What the answer must carry besides its body."""
    headers_by_name = {"Cache-Control": "no-store", **problem.headers}
    if problem.retry_after is not None:
        headers_by_name["Retry-After"] = str(max(1, math.ceil(problem.retry_after.total_seconds())))
    if problem.status == 401:
        headers_by_name.setdefault("WWW-Authenticate", 'Bearer realm="jasno"')
    return headers_by_name


def noted(error: Exception) -> Problem:
    """An exception as a problem, logged when it is our fault."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return from_http(error)
    if isinstance(error, DatabaseAway):
        log.warning("%s %s: %s", request.method, ascii(request.path), error)
        g.database_away = True
        return away()
    if isinstance(error, UnreadableDocument):
        log.warning("%s %s: %s", request.method, ascii(request.path), error)
        return unreadable()
    log.error("%s %s broke", request.method, ascii(request.path), exc_info=error)
    return broken()


def install(app: Flask, page: Callable[[Problem], Response], lang: Callable[[], str]) -> None:
    """Turn every exception of a request into an answer, in the language that `lang` tells."""

    def answer(error: Exception) -> Response:
        problem = noted(error)
        if wants_json():
            response = Response(document(problem, lang()), problem.status, content_type=JSON)
            response.headers["Content-Language"] = lang()
            response.headers["Vary"] = "Accept, Accept-Language, Cookie"
        else:
            response = page(problem)
        response.headers.update(headers(problem))
        return response

    app.register_error_handler(Exception, answer)
