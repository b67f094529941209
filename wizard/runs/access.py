"""Access to runs: the scope of a new one, and who sees all of an old one. Pure.

Everything comes from the session; nothing from the request's own words.
"""

from __future__ import annotations

from hmac import compare_digest

from accounts.model import Assurance, Visitor
from diagnostics.model import Run, Scope


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


def can_see_all(visitor: Visitor, run: Run, cookie_hash: str = "") -> bool:
    """Whether the visitor sees the full view of a run. `asker` is the hash of the browser's own
    cookie; it opens only what the run could collect for anybody."""
    person = visitor.person if visitor.assurance >= Assurance.SIGNED_IN else None
    if person is not None and person.is_staff():
        return True
    if run.scope is Scope.PUBLIC:
        is_own = person is not None and run.person == person.id
        return is_own or bool(
            run.session and cookie_hash and compare_digest(run.session, cookie_hash)
        )
    if person is None or not run.account:
        return False
    return person.role_on(run.account) is not None


def can_see_watch(visitor: Visitor, run: Run, person: str) -> bool:
    """Whether somebody who sees all of a run may know that it is watched for `person`. On a run for
    anybody that is the person alone: whoever typed an address must not learn whose it is."""
    signed_in = visitor.person if visitor.assurance >= Assurance.SIGNED_IN else None
    is_theirs = signed_in is not None and (signed_in.is_staff() or signed_in.id == person)
    return run.scope is not Scope.PUBLIC or is_theirs
