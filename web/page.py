"""A page for whoever asks: template, language, visitor, form token, in one call."""

from __future__ import annotations

import logging

from flask import Response, g, redirect, request

from web import visitor
from web.forms import csrf, kept_forms
from web.forms.local_paths import safe_next
from web.language import lang
from web.problems import Problem
from web.site import AnonymousVisitor, plumbing

log = logging.getLogger("jasno.web")


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
        g.visitor = AnonymousVisitor()
    try:
        return page("problem.html", problem.status, problem=problem, **_typed(problem))
    except Exception:
        log.exception("the problem page itself broke")
        return Response(f"{problem.title}.\n", problem.status, content_type="text/plain")


def _typed(problem: Problem) -> dict[str, object]:
    """What was typed in a form that could not be acted on, to be copied; and without being signed
    in, where to sign in so that it comes back. Words that another site sent are not shown."""
    if problem.id != "sign_in_needed":
        is_form = request.method not in csrf.SAFE and csrf.is_sent_from_here()
        typed = kept_forms.typed(kept_forms.sent_fields()) if is_form and _is_read(problem) else ()
        return {"typed": typed, "sign_in": "", "again": _form_page(problem)}
    typed = kept_forms.written(kept_forms.sent_fields())
    token = kept_forms.keep() if typed else ""
    back = f"/kept?kept={token}" if token else kept_forms.sending_page()
    return {"typed": typed, "is_kept": bool(token), "sign_in": f"/sign-in?next={_quoted(back)}"}


def _form_page(problem: Problem) -> str:
    """The page with the form that was sent, "" when nobody knows it."""
    if problem.id != "kept_no_longer":
        return kept_forms.sending_page()
    return safe_next(request.form.get(kept_forms.KEPT_PAGE, ""))


def _is_read(problem: Problem) -> bool:
    """Whether the body of this request was read: it was neither too large, nor late, nor damaged."""
    return problem.status not in (400, 408, 413) and problem.id != "busy"


def _quoted(path: str) -> str:
    return "".join(
        c if c.isalnum() or c in "/-_.~" else f"%{b:02X}" for c in path for b in c.encode()
    )
