"""Headers of every answer, the names we answer to, and what may not be in a request."""

from __future__ import annotations

from flask import Request, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response as AnyResponse

from render.characters import printable
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
_TOKEN_PAGES = (
    "/r/",
    "/invite/",
    "/subscribe/",
    "/watch/",
    "/heartbeat/",
    "/ping/",
    "/api/diagnoses/",
    "/api/push/",
)


# A job's output comes as it is and is cleaned where it is kept; its word may not be lost for it.
RAW_BODIES = ("/heartbeat/", "/ping/")

UNTOUCHED = ("password",)  # fields of forms


class TextRequest(Request):
    """A request whose forms lose what XML 1.0 forbids, such as the colours of a pasted log line;
    passwords stay as they are typed, and NUL is refused."""

    def _load_form_data(self) -> None:
        is_loaded = "form" in self.__dict__
        super()._load_form_data()
        if not is_loaded:
            self.__dict__["form"] = ImmutableMultiDict(
                (name, value if name in UNTOUCHED else _text(value))
                for name, value in self.__dict__["form"].items(multi=True)
            )


def _text(value: str) -> str:
    return value if value.isprintable() else "\0".join(map(printable, value.split("\0")))


def decorate(answer: AnyResponse) -> None:
    """Put the headers on. What a view has set itself stays, except on pages with a token."""
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if plumbing().site.secure:
        answer.headers.setdefault("Strict-Transport-Security", HSTS)
    if request.path.startswith(_TOKEN_PAGES):
        for name, value in PRIVATE.items():
            answer.headers[name] = value
    answer.headers.setdefault("Cache-Control", "no-store")


def vet() -> None:
    """Refuse what no page of ours sends: NUL characters would end texts early in a database, and
    line breaks in an address would end headers and log lines."""
    refused = request.environ.get(BODY_REFUSED)
    if refused:
        raise body_busy() if refused == BUSY else body_late()
    if any(c < " " or c == "\x7f" for c in request.path) or any(
        "\0" in value for value in request.args.values()
    ):
        raise bad_request()
    if request.method in ("GET", "HEAD", "OPTIONS") or request.path.startswith(RAW_BODIES):
        return
    raw = request.get_data()  # kept, so that a JSON body sent as a form can still be read
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        if any("\0" in value for value in request.form.values()):
            raise bad_request()
    elif b"\\u0000" in raw or b"\0" in raw:
        raise bad_request()
