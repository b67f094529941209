"""/desk/caller: the page where an agent types the code that a caller reads out.

Every try is counted and audited. It tells the agent who that is and what they may order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from accounts.caller_codes import CallerCodeLimits, CallerCodes, is_code
from accounts.form_fields import FormFields
from accounts.model import Assurance, Contact, ContactRole, Person
from accounts.order_policy import ROLES, Action, PolicyRule, orders
from accounts.store import AccountStore
from hosting.model import Account
from portal.desk import staff
from render.i18n import N_, translate
from subject import RejectedSubject, parse_subject
from tickets.access import AccountDirectory
from web.forms.results import last_result, redirect_with_result
from web.language import lang
from web.page import page
from web.site import plumbing

WRONG = N_(
    "Nobody who may speak for this service is signed in with this code just now. Ask them to open "
    "“My account” and to read the code out once more; it changes every hour and at each sign-in."
)
NO_SERVICE = N_("Please say which service it is about, or the caller's address.")
NO_CODE = N_("Please type the six digits that the caller reads out.")


PossibleCallers = tuple[tuple[Person, tuple[Contact, ...]], ...]  # with their roles there


@dataclass(frozen=True, slots=True)
class VerifiedAccount:
    """A hosting account of the caller: what they are to it, and what they may order, with the
    reason against the rest (msgids)."""

    name: str
    role: ContactRole
    orders: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CallerPages:
    """The page and what it is made of."""

    accounts: AccountStore
    hosting: AccountDirectory
    codes: CallerCodes
    rules: Mapping[Action, PolicyRule]

    def show(self) -> AnyResponse:
        """GET /desk/caller; a link may name the service."""
        staff()
        result = last_result()
        for person, roles in self._possible_callers(result["service"]) if result else ():
            code = self.codes.code_of(person.id) if person.id == result["person"] else None
            if code and code.until == datetime.fromisoformat(result["until"]):
                return self._verified(person, roles, code.until)
        return self._page({"service": request.args.get("service", "")})

    def verify(self) -> AnyResponse:
        """POST /desk/caller."""
        agent, fields = staff(), FormFields(request.form)
        service, typed = fields.line("service", 500), fields.line("code", 40)
        errors = fields.messages(lang())
        if not service:
            errors["service"] = translate(lang(), NO_SERVICE)
        if not is_code(typed):
            errors["code"] = translate(lang(), NO_CODE)
        if errors:
            return self._page(request.form, errors)
        callers = self._possible_callers(service)
        limits = CallerCodeLimits(plumbing().limiter, agent.id, _keys(callers, service))
        limits.count_try()
        for person, roles in callers:
            if code := self.codes.confirmed(person.id, typed):
                limits.refund_try()
                self._audit_verified(agent, person, roles, service)
                until = code.until.isoformat()
                result = {"person": person.id, "service": service, "until": until}
                return redirect_with_result("/desk/caller", result)
        self.accounts.audit(agent.id, "caller.refused", "person:", {"service": service[:200]})
        return self._page(request.form, {"code": translate(lang(), WRONG)})

    def _audit_verified(
        self, agent: Person, person: Person, roles: tuple[Contact, ...], service: str
    ) -> None:
        detail = {"service": service[:200], "accounts": ", ".join(c.account for c in roles)}
        self.accounts.audit(agent.id, "caller.verified", f"person:{person.id}", detail)

    def _verified(self, person: Person, roles: tuple[Contact, ...], until: datetime) -> AnyResponse:
        accounts = [self._verified_account(contact) for contact in roles]
        return page(
            "portal/caller.html", person=person, accounts=accounts, until=until, roles=ROLES
        )

    def _verified_account(self, contact: Contact) -> VerifiedAccount:
        account = self.hosting.account(contact.account)
        name = account.name if account else contact.account
        may = orders(contact.role, Assurance.STRONG, self.rules)
        return VerifiedAccount(name, contact.role, may)

    def _possible_callers(self, service: str) -> PossibleCallers:
        """Who may speak for a service, an account or as an address, each with their roles there."""
        person, _ = self.accounts.credentials(service) if "@" in service else (None, "")
        if person is not None:
            return ((person, person.contacts),) if person.contacts else ()
        account = self.hosting.account(service) or self._account_of(service)
        if account is None:
            return ()
        people = self.accounts.contacts_of(account.id)
        return tuple((p, tuple(c for c in p.contacts if c.account == account.id)) for p in people)

    def _account_of(self, service: str) -> Account | None:
        subject = parse_subject(service)
        if isinstance(subject, RejectedSubject):
            return None
        return self.hosting.account_of(subject.domain)

    def _page(
        self, form: Mapping[str, str], errors: Mapping[str, str] | None = None
    ) -> AnyResponse:
        status = 422 if errors else 200
        return page("portal/caller.html", status, person=None, form=form, errors=errors or {})


def _keys(callers: PossibleCallers, service: str) -> tuple[str, ...]:
    """Against whom a try counts: everybody whose code it may hit, else what was asked for."""
    return tuple(person.id for person, _ in callers) or (service.lower(),)


def blueprint(pages: CallerPages) -> Blueprint:
    """/desk/caller."""
    caller_pages = Blueprint("callers", __name__)
    caller_pages.add_url_rule("/desk/caller", "show", pages.show)
    caller_pages.add_url_rule("/desk/caller", "verify", pages.verify, methods=["POST"])
    return caller_pages
