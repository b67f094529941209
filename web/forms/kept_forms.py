"""A form sent after its writer's session had ended: kept over signing in, for the same person.
Whoever hands over `Plumbing.form_keeper` keeps it, for the person who had signed in where it was sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import g, request

from db.act_step import set_step
from db.engine import DatabaseAway
from web import visitor
from web.forms import csrf
from web.logs.token_paths import SIGNALS
from web.problems import Problem, kept_no_longer
from web.rate_limits import Rate
from web.site import plumbing

KEEPING, KEEPING_LIMIT = "tickets.keep", Rate(20, timedelta(hours=1))
LONGEST = 200_000  # of a form's fields, as they are sent
WORDS = frozenset(
    {"text", "title", "message", "reason", "because"}
)  # also with a language: text-cs
# Further fields that people type into, beside those of WORDS
TYPED = frozenset(
    {"service", "target", "subject", "back", "client", "when", "since", "mailbox", "domain"}
)
KEPT_PAGE = "kept_page"  # the page that a kept form was first sent from
SECRET = frozenset(
    {csrf.FIELD, csrf.KEPT_FIELD, KEPT_PAGE, "code", "password"}
)  # neither kept nor shown

SentFields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class KeptForm:
    """Where a form was sent, from which page ("" when the browser did not say), and its fields."""

    action: str
    page: str
    fields: SentFields


def is_words(name: str) -> bool:
    """Whether a field holds what somebody wrote, rather than what they chose."""
    return name.partition("-")[0] in WORDS


def typed(fields: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """What somebody typed in a form, each once, to be copied: what they wrote, and whatever else
    holds several words."""
    values = (
        value.strip()
        for name, value in fields
        if is_words(name) or name in TYPED or name.startswith("fact_") or len(value.split()) > 1
    )
    return tuple(dict.fromkeys(filter(None, values)))


def written(fields: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """What somebody wrote in a form."""
    return tuple(value for name, value in fields if is_words(name) and value.strip())


def sent_fields() -> SentFields:
    """The fields of this request that may be kept and shown."""
    fields = request.form.items(multi=True)
    return tuple((name, value) for name, value in fields if name not in SECRET)


def sending_page() -> str:
    """The path of our page that this request was sent from, "" when the browser does not say."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc.lower() != request.host.lower():
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def keep() -> str:
    """Keep the form of this request; the token that brings it back, "" when it was not kept."""
    body, keeper = urlencode(sent_fields()), plumbing().form_keeper
    if keeper is None or len(body) > LONGEST:
        return ""
    form = {"action": request.path, "page": sending_page(), "body": body}
    try:
        with plumbing().limiter.counted(KEEPING, visitor.rate_limit_key(), KEEPING_LIMIT):
            return keeper.keep(form)
    except (Problem, DatabaseAway):
        return ""


def begin_kept() -> None:
    """Have the act of this request take its kept form along, so that it is sent once. Raises
    kept_no_longer when that has happened already."""
    set_step(None)
    if request.method != "POST" or request.path.startswith((*csrf.WITHOUT_FORM, *SIGNALS)):
        return
    token, keeper = request.form.get(csrf.KEPT_FIELD, ""), plumbing().form_keeper
    if not token or keeper is None:
        return
    saved, person = keeper.load(token), visitor.current().person
    if saved and saved.get("action") != request.path:
        return  # another form of the same page
    if not person:
        return  # asked to sign in once more, which keeps the form anew
    if saved.get("person") != person.id:
        raise kept_no_longer()
    g.kept_form = token
    set_step(keeper.drop_step(token))


def end_kept(error: BaseException | None = None) -> None:
    """What follows this request takes nothing along."""
    del error
    set_step(None)


def kept_form(saved: Mapping[str, str], person: str) -> KeptForm | None:
    """A form that `keep` kept, for the person it was kept for; None for everybody else: a link
    might bring them words that are not theirs."""
    if not saved.get("person") or saved["person"] != person:
        return None
    fields = tuple(parse_qsl(saved.get("body", ""), keep_blank_values=True))
    return KeptForm(saved.get("action", ""), saved.get("page", ""), fields)
