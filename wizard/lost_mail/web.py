"""Page `/check/lost-mail`: collects what the mail team needs. GET shows the form, POST assesses it.

Nothing typed here is stored; the request to the mail team takes it along when it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from flask import Blueprint, Response, request

from accounts import text_input
from accounts.form_fields import FormFields
from diagnostics import symptoms
from explain import explain
from explain.document import domain_of
from explain.identifiers import MessageIdentifiers, extract_identifiers
from explain.model import Explanation, ExplanationKind
from kb.owners import OWNERS
from render.i18n import translate
from render.meter import CompletenessMeter
from subject import RejectedSubject
from web import problems, visitor
from web.language import lang
from web.page import page
from web.site import plumbing
from wizard.lost_mail import case as cases
from wizard.lost_mail.case import (
    EXTENTS,
    QUESTIONS,
    RECEIVING,
    SIDES,
    AnsweredQuestion,
    LostMailQuestion,
    LostMessage,
)
from wizard.lost_mail.hints import Hint, hints
from wizard.lost_mail.request import LostMailRequest
from wizard.lost_mail.request import mail_team_request as written
from wizard.lost_mail.sent_time import sent_at
from wizard.page_context import (
    EXPLAIN_RATE,
    LONG_TEXT,
    WizardParts,
    current_visitor,
    may_see,
    requester_of_request,
    with_cookie,
)

MAX_BACK = 120_000
NO_ERRORS: Mapping[str, str] = MappingProxyType({})
MAX_ITEMS = 5


@dataclass(frozen=True, slots=True)
class LostMailLook:
    """Everything said of one case: read from a form or from the API alike."""

    filled: AnsweredQuestion
    items: tuple[Explanation, ...]
    lifted: MessageIdentifiers
    gauge: CompletenessMeter[LostMailQuestion]
    hints: tuple[Hint, ...]
    request: LostMailRequest

    @property
    def case(self) -> LostMessage:
        return self.filled.case


def assess(parts: WizardParts, typed: LostMessage) -> LostMailLook:
    """What is known, what is missing and what can be said at once. Stores and starts nothing."""
    visitor_now = current_visitor()

    def is_theirs(domain: str) -> bool:
        return bool(domain) and parts.start.is_theirs(visitor_now, domain)

    items = explain(typed.back) if typed.back else ()
    lifted = extract_identifiers(typed.back) if typed.back else MessageIdentifiers()
    own_address = visitor_now.person.email if visitor_now.person else ""
    filled = cases.fill_in(typed, items, lifted, is_theirs, own_address)
    case = filled.case
    site, now = plumbing().site, plumbing().clock.now()
    sent = sent_at(case.when, site.time_zone)
    relevant = tuple(
        item for item in items if item.kind is not ExplanationKind.UNCLEAR or item.headers
    )
    return LostMailLook(
        filled, relevant[:MAX_ITEMS], lifted, cases.completeness(case), hints(case, relevant, sent, now),
        written(case, items, lifted, lang()),
    )  # fmt: skip


def start_check(parts: WizardParts, case: LostMessage) -> tuple[str, str, str]:
    """Starts the checks that fit on the domain of whoever asks: its name, the report's token, and
    a new cookie's value. "" when the side is not known or there is no room for a run."""
    domain = domain_of(case.own)
    if not domain:
        return "", "", ""
    symptom = "mail_not_arriving" if case.side == RECEIVING else "mail_not_sent"
    extent = translate(lang(), dict(EXTENTS).get(case.extent, "")) if case.extent else ""
    # What was pasted is not among the answers: it is kept nowhere.
    answers = {"since": case.when, "client": case.client, "who": extent}
    requester, new_cookie = requester_of_request()
    try:
        started = parts.start.from_text(case.own, symptom, requester, answers=answers)
    except problems.Problem:
        return "", "", ""
    return (
        ("", "", "") if isinstance(started, RejectedSubject) else (domain, started[1], new_cookie)
    )


def blueprint(parts: WizardParts) -> Blueprint:
    """The one page of this room."""
    routes = Blueprint("lost", __name__)

    def show() -> Response:
        typed = LostMessage(**{name: text_input.clean_line(request.args.get(name, "")) for name in ("sender", "recipient")})  # fmt: skip
        return _lost_mail_page(parts, assess(parts, typed), fresh_form=True)

    def ask() -> Response:
        typed, errors = _read_form()
        if errors:
            blank = assess(parts, LostMessage())
            unsearched = replace(blank, filled=replace(blank.filled, case=typed))
            return _lost_mail_page(parts, unsearched, 422, fresh_form=True, errors=errors)
        if len(typed.back) > LONG_TEXT:
            plumbing().limiter.check("explain", visitor.rate_limit_key(), EXPLAIN_RATE)
        result = assess(parts, typed)
        if not (result.case.sender or result.case.recipient):
            return _lost_mail_page(parts, result, status=422)
        domain, token = _run_in_progress(parts, result.case)
        new_cookie = ""
        if not token:
            domain, token, new_cookie = start_check(parts, result.case)
        return with_cookie(_lost_mail_page(parts, result, domain=domain, token=token), new_cookie)

    routes.get("/check/lost-mail")(show)
    routes.post("/check/lost-mail")(ask)
    return routes


def _read_form() -> tuple[LostMessage, dict[str, str]]:
    """What was typed, whole, and what of it cannot be taken, by field."""
    form, fields = request.form, FormFields(request.form)
    typed = LostMessage(
        side=_choice(form.get("side", ""), dict(SIDES)),
        sender=_address(fields.address("sender")),
        recipient=_address(fields.address("recipient")),
        when=fields.line("when", 60),
        extent=_choice(form.get("extent", ""), dict(EXTENTS)),
        spam="yes" if form.get("spam") else "",
        nothing="yes" if form.get("nothing") else "",
        back=fields.text("back", MAX_BACK),
        subject=fields.line("subject", 200),
        client=fields.line("client", 300),
    )
    return typed, fields.messages(lang())


def _address(typed: str) -> str:
    return typed.strip("<> ")


def _choice(value: str, choices: dict[str, str]) -> str:
    return value if value in choices else ""


def _run_in_progress(parts: WizardParts, case: LostMessage) -> tuple[str, str]:
    """The run started by an earlier look at the same domain, when it is the asker's own."""
    token, domain = request.form.get("run", "")[:200], domain_of(case.own)
    run = parts.store.by_token(token) if token and domain else None
    is_theirs = run is not None and run.subject.host == domain and may_see(run)
    return (domain, token) if is_theirs else ("", "")


def _lost_mail_page(
    parts: WizardParts, result: LostMailLook, status: int = 200, domain: str = "", token: str = "", *,
    fresh_form: bool = False, errors: Mapping[str, str] = NO_ERRORS,
) -> Response:  # fmt: skip
    slugs = [slug for hint in result.hints for slug in hint.articles]
    slugs += [slug for item in result.items for slug in item.articles]
    slugs = list(dict.fromkeys([*slugs, "mail-lost"]))[:5]
    articles = {slug: parts.article(slug, lang()) for slug in slugs}
    return page(
        "wizard/lost_mail/search.html",
        status,
        result=result,
        case=result.case,
        questions={question.name: question for question in QUESTIONS},
        sides=SIDES,
        extents=EXTENTS,
        first=fresh_form,
        errors=errors,
        checked=domain,
        token=token,
        other=domain_of(result.case.other),
        owners=OWNERS,
        articles={slug: article.title for slug, article in articles.items() if article},
        symptom=symptoms.SOMETHING_ELSE,
    )
