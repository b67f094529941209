"""Answers of the lab's web servers as values: pages, redirects, errors, slow and endless bodies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum


class Flow(StrEnum):
    """How the bytes of an answer come."""

    PLAIN = "plain"
    ENDLESS = "endless"  # a body without end
    TRICKLE = "trickle"  # one byte at a time
    GZIP_BOMB = "gzip_bomb"  # small on the wire, huge when opened
    BROTLI_BOMB = "brotli_bomb"
    HANG = "hang"  # the request is read and never answered
    RESET = "reset"  # the connection is thrown away
    CUT = "cut"  # ends before the promised length
    GARBAGE = "garbage"  # bytes that are no HTTP
    HUGE_HEADER = "huge_header"  # one header of a megabyte


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer. In a Location, {scheme} {host} {path} {next} are filled from the request;
    {next} is the number at the end of the path, plus one."""

    status: int = 200
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    wait: timedelta = timedelta(0)  # before the first byte
    flow: Flow = Flow.PLAIN


def page(title: str, text: str = "", *, wait: timedelta = timedelta(0)) -> Answer:
    """A small HTML page."""
    body = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><h1>{title}</h1><p>{text}</p></body></html>"
    )
    return Answer(body=body, headers=(("Content-Type", "text/html; charset=utf-8"),), wait=wait)


def redirect(to: str, status: int = 301) -> Answer:
    """A redirect to another address."""
    return Answer(status=status, headers=(("Location", to),), body="Moved.")


def error(status: int, text: str = "", *, wait: timedelta = timedelta(0)) -> Answer:
    """An error page as common servers word it."""
    title = WORDING.get(status, "Error")
    error_page = page(f"{status} {title}", text or title)
    return Answer(status=status, body=error_page.body, headers=error_page.headers, wait=wait)


def flowing(flow: Flow, *, status: int = 200) -> Answer:
    """An answer whose bytes come in an unpleasant way."""
    return Answer(status=status, flow=flow, headers=(("Content-Type", "text/html"),))


WORDING = {
    400: "Bad Request",
    401: "Unauthorized",
    421: "Misdirected Request",
    431: "Request Header Fields Too Large",
    451: "Unavailable For Legal Reasons",
    507: "Insufficient Storage",
    524: "A Timeout Occurred",
    526: "Invalid SSL Certificate",
    530: "Origin DNS Error",
    403: "Forbidden",
    404: "Not Found",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    508: "Resource Limit Is Reached",
    509: "Bandwidth Limit Exceeded",
}
GREETING = page(
    "Apache2 Debian Default Page",
    "It works! This is the server's own page: no site is set up for this name yet.",
)
SUSPENDED = replace(
    page("This account has been suspended", "Please contact your hosting provider."), status=503
)
LISTING = page("Index of /", "Parent Directory")
MISSING = error(404, "The requested URL was not found on this server.")
FULL = error(
    500,
    "PHP Warning: file_put_contents(): write failed: No space left on device (disk quota exceeded)",
)
NO_DATABASE = error(500, "Error establishing a database connection")
