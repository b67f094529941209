"""A page for whoever asks: template, language, visitor, form token, in one call."""

from __future__ import annotations

import logging

from flask import Response, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from render.i18n import negotiate
from web import csrf, visitor
from web.problems import Problem
from web.site import Nobody, plumbing

log = logging.getLogger("jasno.web")
LANG_COOKIE = "jasno_lang"
_YEAR = 365 * 24 * 3600


def lang() -> str:
    """The reader's language: by path, then by choice, then the account's, then the browser's."""
    found = g.get("lang")
    if found is None:
        found = g.lang = _choose()
    return str(found)


def _choose() -> str:
    shipped = plumbing().site.languages
    person = visitor.current().person
    wishes = (
        (request.view_args or {}).get("lang", ""),
        request.args.get("lang", ""),
        request.cookies.get(LANG_COOKIE, ""),
        person.lang if person else "",
    )
    chosen = next((w for w in wishes if w in shipped), None)
    return chosen or negotiate(request.headers.get("Accept-Language", ""), shipped)


def page(template: str, status: int = 200, **values: object) -> Response:
    """A rendered template as an answer; it knows lang, visitor, csrf(), site and path."""
    parts = plumbing()
    body = parts.pages.render(
        template,
        lang(),
        **{
            "site": parts.site,
            "visitor": visitor.current(),
            "csrf": csrf.field,
            "path": request.path,
            "now": parts.clock.now(),
            **values,
        },
    )
    answer = Response(body, status, content_type="text/html; charset=utf-8")
    answer.headers["Content-Language"] = lang()
    answer.headers["Vary"] = "Accept-Language, Cookie"
    return answer


def problem_page(problem: Problem) -> Response:
    """A problem for people. It must work when nothing else does."""
    if problem.id == "sign_in_needed" and request.method in csrf.SAFE:
        back = request.full_path.rstrip("?")
        sent = redirect(f"/sign-in?next={_quoted(back)}", 303)
        return Response(status=303, headers={"Location": sent.headers["Location"]})
    if g.get("database_away"):
        g.visitor = Nobody()
    try:
        return page("problem.html", problem.status, problem=problem)
    except Exception:
        log.exception("the problem page itself broke")
        return Response(f"{problem.title}.\n", problem.status, content_type="text/plain")


def _quoted(path: str) -> str:
    return "".join(
        c if c.isalnum() or c in "/-_.~" else f"%{b:02X}" for c in path for b in c.encode()
    )


def remember_language(answer: AnyResponse) -> None:
    """Keep a language that was chosen by a link."""
    wish = request.args.get("lang", "")
    parts = plumbing()
    if wish in parts.site.languages and request.cookies.get(LANG_COOKIE) != wish:
        answer.set_cookie(
            LANG_COOKIE, wish, _YEAR, secure=parts.site.secure, httponly=True, samesite="Lax"
        )
