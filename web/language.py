"""The reader's language: one negotiation for pages, problem documents and published pages alike."""

from __future__ import annotations

from flask import g, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response

from db.engine import DatabaseAway
from render.languages import DEFAULT, primary_tag
from web import visitor
from web.site import plumbing

LANG_COOKIE = "jasno_lang"
LONGEST = 500  # of a header that is read
_YEAR = 365 * 24 * 3600


def negotiate(header: str, offered: tuple[str, ...]) -> str:
    """The best offered language for an Accept-Language header (RFC 9110, 12.5.4): the very one, else
    by primary tags: who wants de-AT reads de, who wants pt reads pt-BR. Without a wish that can be
    met: English, else the first offered."""
    wishes = parse_accept_header(header[:LONGEST], LanguageAccept)
    by_tag = {primary_tag(code): code for code in reversed(offered)}
    by_tag |= {code.lower(): code for code in offered}
    accepted = (
        by_tag.get(tag.lower()) or by_tag.get(primary_tag(tag))
        for tag, weight in wishes
        if weight > 0
    )
    return next(filter(None, accepted), first_offered(offered))


def first_offered(offered: tuple[str, ...]) -> str:
    return DEFAULT if DEFAULT in offered else offered[0]


def lang() -> str:
    """The reader's language: by path, then by choice, then the account's, then the browser's."""
    chosen = g.get("lang")
    if chosen is None:
        chosen = g.lang = chosen_language()
    return str(chosen)


def chosen_language() -> str:
    offered = plumbing().site.languages
    wishes = (
        (request.view_args or {}).get("lang", ""),
        request.args.get("lang", ""),
        request.cookies.get(LANG_COOKIE, ""),
    )
    chosen = next((w for w in wishes if w in offered), None) or _of_account(offered)
    return chosen or negotiate(request.headers.get("Accept-Language", ""), offered)


def _of_account(offered: tuple[str, ...]) -> str:
    """The language that somebody signed in has chosen for their account, or ""."""
    try:
        person = visitor.current().person
    except DatabaseAway:
        return ""
    return person.lang if person and person.lang in offered else ""


def remember_language(answer: Response) -> None:
    """Keep a language that was chosen by a link."""
    chosen = request.args.get("lang", "")
    site = plumbing().site
    if chosen in site.languages and request.cookies.get(LANG_COOKIE) != chosen:
        answer.set_cookie(
            LANG_COOKIE, chosen, _YEAR, secure=site.secure, httponly=True, samesite="Lax"
        )
