"""`/check/lost-mail`: what the mail team needs to find one message, asked once. GET shows, POST looks.

Nothing typed here is stored; the request to the mail team takes it along when it is sent.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, request

from accounts import text_input
from diagnostics import symptoms
from explain import explain
from explain.document import domain_of
from explain.identifiers import MessageIdentifiers, extract_identifiers
from explain.model import Explanation, ExplanationKind
from kb.owners import OWNERS
from render.i18n import translate
from render.meter import CompletenessMeter
from subject import Rejected
from web import problems, visitor
from web.language import lang
from web.page import page
from web.site import plumbing
from wizard.lost_mail import case as cases
from wizard.lost_mail.case import (
    ASKS,
    EXTENTS,
    RECEIVING,
    SIDES,
    AnsweredQuestion,
    LostMailQuestion,
    LostMessage,
)
from wizard.lost_mail.hints import Hint, hints
from wizard.lost_mail.request import LostMailRequest
from wizard.lost_mail.request import request as written
from wizard.page_context import (
    EXPLAINING,
    LONG,
    WizardParts,
    asker_of_request,
    current_visitor,
    may_see,
    remembered,
)

MAX_BACK = 120_000
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


def look(parts: WizardParts, asked: LostMessage) -> LostMailLook:
    """What is known, what is missing and what can be said at once. Stores and starts nothing."""
    who = current_visitor()

    def mine(domain: str) -> bool:
        return bool(domain) and parts.start.is_theirs(who, domain)

    items = explain(asked.back) if asked.back else ()
    found = extract_identifiers(asked.back) if asked.back else MessageIdentifiers()
    me = who.person.email if who.person else ""
    filled = cases.fill(asked, items, found, mine, me)
    case = filled.case
    site, now = plumbing().site, plumbing().clock.now()
    sent = cases.sent_at(case.when, site.time_zone)
    told = tuple(item for item in items if item.kind is not ExplanationKind.UNCLEAR or item.headers)
    return LostMailLook(
        filled, told[:MAX_ITEMS], found, cases.gauge(case), hints(case, told, sent, now),
        written(case, items, found, lang()),
    )  # fmt: skip


def check(parts: WizardParts, case: LostMessage) -> tuple[str, str, str]:
    """Starts the checks that fit on the domain of whoever asks: its name, the report's token, and
    a new cookie's value. "" when the side is not known or there is no room for a run."""
    domain = domain_of(case.own)
    if not domain:
        return "", "", ""
    symptom = "mail_not_arriving" if case.side == RECEIVING else "mail_not_sent"
    extent = translate(lang(), dict(EXTENTS).get(case.extent, "")) if case.extent else ""
    # What was pasted is not among the answers: it is kept nowhere.
    answers = {"since": case.when, "client": case.client, "who": extent}
    asker, fresh = asker_of_request()
    try:
        begun = parts.start.from_text(case.own, symptom, asker, answers=answers)
    except problems.Problem:
        return "", "", ""
    return ("", "", "") if isinstance(begun, Rejected) else (domain, begun[1], fresh)


def blueprint(parts: WizardParts) -> Blueprint:
    """The one page of this room."""
    room = Blueprint("lost", __name__)

    def show() -> Response:
        asked = LostMessage(**{name: text_input.line(request.args.get(name, ""), 254) for name in ("sender", "recipient")})  # fmt: skip
        return _page(parts, look(parts, asked), fresh_form=True)

    def ask() -> Response:
        asked = _read()
        if len(asked.back) > LONG:
            plumbing().limiter.check("explain", visitor.asker(), EXPLAINING)
        seen = look(parts, asked)
        if not (seen.case.sender or seen.case.recipient):
            return _page(parts, seen, status=422)
        domain, token = _running(parts, seen.case)
        fresh = ""
        if not token:
            domain, token, fresh = check(parts, seen.case)
        return remembered(_page(parts, seen, domain=domain, token=token), fresh)

    room.get("/check/lost-mail")(show)
    room.post("/check/lost-mail")(ask)
    return room


def _read() -> LostMessage:
    sent = request.form
    return LostMessage(
        side=_one_of(sent.get("side", ""), dict(SIDES)),
        sender=_address(sent.get("sender", "")),
        recipient=_address(sent.get("recipient", "")),
        when=text_input.line(sent.get("when", ""), 60),
        extent=_one_of(sent.get("extent", ""), dict(EXTENTS)),
        spam="yes" if sent.get("spam") else "",
        nothing="yes" if sent.get("nothing") else "",
        back=text_input.text(sent.get("back", ""), MAX_BACK),
        subject=text_input.line(sent.get("subject", ""), 200),
        client=text_input.line(sent.get("client", ""), 300),
    )


def _address(raw: str) -> str:
    return text_input.line(raw, 254).strip("<> ").removeprefix("mailto:")


def _one_of(value: str, known: dict[str, str]) -> str:
    return value if value in known else ""


def _running(parts: WizardParts, case: LostMessage) -> tuple[str, str]:
    """The run started by an earlier look at the same domain, when it is the asker's own."""
    token, domain = request.form.get("run", "")[:200], domain_of(case.own)
    run = parts.store.by_token(token) if token and domain else None
    mine = run is not None and run.subject.host == domain and may_see(run)
    return (domain, token) if mine else ("", "")


def _page(
    parts: WizardParts, seen: LostMailLook, status: int = 200, domain: str = "", token: str = "", *,
    fresh_form: bool = False,
) -> Response:  # fmt: skip
    slugs = [slug for hint in seen.hints for slug in hint.articles]
    slugs += [slug for item in seen.items for slug in item.articles]
    slugs = list(dict.fromkeys([*slugs, "mail-lost"]))[:5]
    found = {slug: parts.article(slug, lang()) for slug in slugs}
    return page(
        "diagnostics/lost.html",
        status,
        seen=seen,
        case=seen.case,
        asks={ask.name: ask for ask in ASKS},
        sides=SIDES,
        extents=EXTENTS,
        first=fresh_form,
        checked=domain,
        token=token,
        other=domain_of(seen.case.other),
        owners=OWNERS,
        articles={slug: article.title for slug, article in found.items() if article},
        symptom=symptoms.SOMETHING_ELSE,
    )
