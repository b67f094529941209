"""Access to runs: the scope of a new one, and how much of an old one somebody sees. Pure.

Everything comes from the session; nothing from the request's own words.
"""

from __future__ import annotations

from enum import StrEnum
from hmac import compare_digest

from accounts.model import Assurance, Visitor
from diagnostics.model import Run, Scope


class View(StrEnum):
    """How much of a run somebody sees; privacy.py makes each from what the keys declare."""

    PUBLIC = "public"  # what anyone who holds a link may see
    ACCOUNT = "account"  # all but what the asker pasted: the other contacts of the account
    WHOLE = "whole"  # who began it, and staff


def scope_for(visitor: Visitor, account: str) -> tuple[Scope, str]:
    """The scope of a run that this visitor starts on a domain of `account` ("" for nobody's),
    and the hosting account it may look into."""
    if visitor.person is None or visitor.assurance < Assurance.SIGNED_IN:
        return Scope.PUBLIC, ""
    if visitor.person.is_staff():
        return Scope.STAFF, account
    if account and visitor.person.role_on(account) is not None:
        return Scope.CONTACT, account
    return Scope.PUBLIC, ""


def view_for(visitor: Visitor, run: Run, cookie_hash: str = "") -> View:
    """How much of a run the visitor sees. `cookie_hash` is that of the browser's own cookie; it
    opens only what the run could collect for anybody."""
    person = visitor.person if visitor.assurance >= Assurance.SIGNED_IN else None
    if person is not None and person.is_staff():
        return View.WHOLE
    is_own = person is not None and run.person == person.id
    if run.scope is Scope.PUBLIC:
        is_same_browser = bool(
            run.session and cookie_hash and compare_digest(run.session, cookie_hash)
        )
        return View.WHOLE if is_own or is_same_browser else View.PUBLIC
    if person is None or not run.account or person.role_on(run.account) is None:
        return View.PUBLIC
    return View.WHOLE if is_own else View.ACCOUNT


def view_of_person(run: Run, person: str) -> View:
    """The same for somebody who is not here now, but known to be a contact of the account."""
    return View.WHOLE if person and run.person == person else View.ACCOUNT


def can_see_watch(visitor: Visitor, run: Run, person: str) -> bool:
    """Whether somebody who sees all of a run may know that it is watched for `person`. On a run for
    anybody that is the person alone: whoever typed an address must not learn whose it is."""
    signed_in = visitor.person if visitor.assurance >= Assurance.SIGNED_IN else None
    is_theirs = signed_in is not None and (signed_in.is_staff() or signed_in.id == person)
    return run.scope is not Scope.PUBLIC or is_theirs
