"""Security headers of every answer (CSP, HSTS, caching), and control characters of requests: cleaned or refused."""

from __future__ import annotations

from flask import Request, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.utils import cached_property
from werkzeug.wrappers import Response as AnyResponse

from render.characters import printable
from web.logs.token_paths import SIGNALS, TOKEN_PATHS
from web.problems import bad_request, body_busy, body_late
from web.site import plumbing

MAX_BODY = 1_000_000
BODY_REFUSED = "jasno.body_refused"  # in the environment of a request whose body was not taken
BUSY, LATE = "busy", "late"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
HSTS = "max-age=31536000"
PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
UNTOUCHED = ("password",)  # fields of forms


class TextRequest(Request):
    """A request whose forms and queries lose what no text holds (XML 1.0), such as NUL or the
    colours of a pasted log line, so that nobody loses a form for a character nobody sees;
    passwords stay as they are typed."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The query's fields."""
        return _cleaned(super().args)

    def _load_form_data(self) -> None:
        is_loaded = "form" in self.__dict__
        super()._load_form_data()
        if not is_loaded:
            self.__dict__["form"] = _cleaned(self.__dict__["form"])


def _cleaned(fields: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict(
        (name, value if name in UNTOUCHED else printable(value))
        for name, value in fields.items(multi=True)
    )


def decorate(answer: AnyResponse) -> None:
    """Put the headers on. What a view has set itself stays, except on pages with a token."""
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if plumbing().site.secure:
        answer.headers.setdefault("Strict-Transport-Security", HSTS)
    if request.path.startswith(TOKEN_PATHS):
        for name, value in PRIVATE.items():
            answer.headers[name] = value
    answer.headers.setdefault("Cache-Control", "no-store")


def vet() -> None:
    """Refuse what no page of ours sends: NUL characters in passwords and in what programs send
    would end texts early in a database, and line breaks in an address headers and log lines."""
    refused = request.environ.get(BODY_REFUSED)
    if refused:
        raise body_busy() if refused == BUSY else body_late()
    is_program = request.path.startswith("/api/")
    if any(c < " " or c == "\x7f" for c in request.path) or (
        is_program and b"%00" in request.query_string
    ):
        raise bad_request()
    if request.method in ("GET", "HEAD", "OPTIONS") or request.path.startswith(SIGNALS):
        return
    raw = request.get_data()  # kept, so that a JSON body sent as a form can still be read
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        if any("\0" in request.form.get(name, "") for name in UNTOUCHED):
            raise bad_request()
        if is_program and (b"%00" in raw or b"\0" in raw):
            raise bad_request()
    elif b"\\u0000" in raw or b"\0" in raw:
        raise bad_request()
