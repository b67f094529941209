"""Builds this room: people, sessions, passwords, API tokens, and what an action asks of people."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from accounts.api_tokens.store import ApiTokenStore
from accounts.caller_codes import CallerCodes
from accounts.model import Assurance
from accounts.order_policy import POLICY, Action, PolicyRule
from accounts.passwords import Passwords
from accounts.sign_in_limits import SignInLimits
from accounts.store import IDLE, LIFETIME, AccountStore
from accounts.web import blueprint, visitor_of
from context import RoomContext
from room import Blueprints, Chore, Retention, Room
from room_ports import ProvidedPart
from settings import schema
from settings.choices import all_checked, one_of
from web.site import VISITOR


@dataclass(frozen=True)
class AccountsRoom(Room):
    """Who is asking, and what they may do. `passwords_in_use` replaces Argon2's usual costs,
    `sleep` how guessing is slowed down."""

    ctx: RoomContext
    passwords_in_use: Passwords | None = None
    sleep: Callable[[float], None] = time.sleep
    name = "accounts"

    @cached_property
    def store(self) -> AccountStore:
        """People, roles, sessions, audit."""
        return AccountStore(self.ctx.db, self.ctx.clock)

    @cached_property
    def passwords(self) -> Passwords:
        """Argon2id."""
        return self.passwords_in_use or Passwords()

    @cached_property
    def tokens(self) -> ApiTokenStore:
        """Programs that may use the API."""
        return ApiTokenStore(self.ctx.db, self.ctx.clock)

    @cached_property
    def caller_codes(self) -> CallerCodes | None:
        """Codes for calls and chats; None where the operator takes orders by sign-in only."""
        if not self.ctx.settings.policy.caller_codes:
            return None
        return CallerCodes(self.store, self.ctx.clock, self.ctx.secret)

    @cached_property
    def rules(self) -> Mapping[Action, PolicyRule]:
        """What an action asks of whoever orders it. Raises SettingsError."""
        return configured_rules(self.ctx.settings.policy)

    def configured(self) -> Iterable[Callable[[], object]]:
        return (lambda: self.rules,)

    @cached_property
    def sign_in_limits(self) -> SignInLimits:
        """How often passwords may be guessed, and who has signed in in a browser before."""
        return SignInLimits(self.store, self.ctx.secret, self.sleep)

    def blueprints(self) -> Blueprints:
        return (blueprint(self.store, self.passwords, self.sign_in_limits),)

    def provides(self) -> Iterable[ProvidedPart]:
        return (VISITOR.given(lambda: visitor_of(self.store)),)

    def chores(self) -> Mapping[str, Chore]:
        audit_period = self.ctx.settings.retention.audit
        return {
            "forgetting sessions": self.store.forget_sessions,
            "forgetting the audit log": lambda: self.store.forget_audit(self.ctx.ago(audit_period)),
            "forgetting revoked tokens": lambda: self.tokens.forget_revoked(
                self.ctx.ago(audit_period)
            ),
        }

    def retention(self) -> Iterable[Retention]:
        sessions, people = ("accounts_sessions",), ("accounts_people", "accounts_contacts")
        removed = "until `app.py user remove`"
        return (
            Retention("people who may sign in, and their roles", people, why=removed),
            Retention("sessions without use", sessions, after=IDLE),
            Retention("sessions in use", sessions, after=LIFETIME),
            Retention("the audit log", ("accounts_audit",), "audit"),
            Retention("API tokens that were revoked", ("accounts_keys",), "audit"),
            Retention("API tokens", ("accounts_keys",), why="until they are revoked"),
        )


def configured_rules(section: schema.PolicySection) -> Mapping[Action, PolicyRule]:
    """The rules, with the operator's own levels. Raises SettingsError."""
    all_checked(
        lambda action: one_of(action, (a.value for a in Action), "[policy] actions"),
        section.actions,
    )
    return {
        action: replace(rule, assurance=Assurance(section.actions.get(action, rule.assurance)))
        for action, rule in POLICY.items()
    }
