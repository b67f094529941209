"""What contacts may order: which action needs which assurance and which role. Pure.

What programs may do: api_tokens/model.py, and `role=` in status/api/routes.py.

The operator edits the levels in `[policy]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from accounts.model import Assurance, ContactRole, Visitor
from render.i18n import N_


class Action(StrEnum):
    """What a request asks of the provider, by what it could break."""

    INFORMATION = "information"
    DIAGNOSE = "diagnose"
    BILLING = "billing"  # invoices and payments
    CONFIGURE = "configure"  # DNS, redirects, hosting settings
    RESTORE = "restore"  # bring a backup back
    OWNERSHIP = "ownership"  # contacts, holder, cancellation


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """The least assurance, and the roles that may order it. No roles: anybody."""

    assurance: Assurance
    roles: frozenset[ContactRole] = frozenset()


@dataclass(frozen=True, slots=True)
class PolicyDecision:
    """Whether it may be ordered; if not, `reason` is a msgid that says why and what helps."""

    allowed: bool
    reason: str = ""


_ALL = frozenset(ContactRole)
_TECHNICAL = frozenset({ContactRole.OWNER, ContactRole.TECHNICAL})
_OWNER = frozenset({ContactRole.OWNER})

POLICY: Mapping[Action, PolicyRule] = MappingProxyType(
    {
        Action.INFORMATION: PolicyRule(Assurance.UNVERIFIED),
        Action.DIAGNOSE: PolicyRule(Assurance.SIGNED_IN, _ALL),
        Action.BILLING: PolicyRule(
            Assurance.SIGNED_IN, frozenset({ContactRole.OWNER, ContactRole.BILLING})
        ),
        Action.CONFIGURE: PolicyRule(Assurance.SIGNED_IN, _TECHNICAL),
        Action.RESTORE: PolicyRule(Assurance.SIGNED_IN, _TECHNICAL),
        Action.OWNERSHIP: PolicyRule(Assurance.STRONG, _OWNER),
    }
)

LABELS: Mapping[Action, str] = MappingProxyType(
    {
        Action.INFORMATION: N_("ask for information"),
        Action.DIAGNOSE: N_("have the account's services examined"),
        Action.BILLING: N_("order changes of invoices and payments"),
        Action.CONFIGURE: N_("order changes of settings"),
        Action.RESTORE: N_("order a backup to be restored"),
        Action.OWNERSHIP: N_("change contacts and ownership"),
    }
)

ROLES: Mapping[str, str] = MappingProxyType(
    {
        "owner": N_("owner contact"),
        "technical": N_("technical contact"),
        "billing": N_("billing contact"),
        "staff": N_("our support"),
        "stranger": N_("not a contact of the account"),
    }
)

LEVELS: Mapping[int, str] = MappingProxyType(
    {
        Assurance.UNVERIFIED: N_("not verified"),
        Assurance.LINK: N_("verified by a link sent to the mailbox"),
        Assurance.SIGNED_IN: N_("signed in"),
        Assurance.STRONG: N_("signed in and confirmed a second way"),
    }
)

_NO_CONTACT = N_("Only a contact of this account can order this.")
_WRONG_ROLE: Mapping[ContactRole, str] = MappingProxyType(  # owners may order everything
    {
        ContactRole.BILLING: N_(
            "A billing contact cannot order technical changes. Please ask the owner or a technical contact of the account."
        ),
        ContactRole.TECHNICAL: N_(
            "A technical contact cannot order this. Please ask the owner or the billing contact of the account."
        ),
    }
)
_SIGN_IN = N_("This needs a signed-in person.")
_TOO_UNSURE: Mapping[Assurance, str] = MappingProxyType(  # by the level that is needed
    {
        Assurance.LINK: _SIGN_IN,
        Assurance.SIGNED_IN: _SIGN_IN,
        Assurance.STRONG: N_("This needs the person to be confirmed in a second way."),
    }
)


def may(
    visitor: Visitor,
    account: str,
    action: Action,
    rules: Mapping[Action, PolicyRule] = POLICY,
) -> PolicyDecision:
    """Whether a visitor may order an action on a hosting account."""
    return judge(
        visitor.person.role_on(account) if visitor.person and account else None,
        visitor.assurance,
        action,
        rules,
    )


def judge(
    role: ContactRole | None,
    assurance: Assurance,
    action: Action,
    rules: Mapping[Action, PolicyRule] = POLICY,
) -> PolicyDecision:
    """The same for a role and an assurance that were written down earlier."""
    rule = rules[action]
    if role is None and rule.roles:
        return PolicyDecision(False, _NO_CONTACT)
    if role is not None and rule.roles and role not in rule.roles:
        return PolicyDecision(False, _WRONG_ROLE[role])
    if assurance < rule.assurance:
        return PolicyDecision(False, _TOO_UNSURE[rule.assurance])
    return PolicyDecision(True)


def orders(
    role: ContactRole | None, assurance: Assurance, rules: Mapping[Action, PolicyRule] = POLICY
) -> tuple[tuple[str, str], ...]:
    """What somebody may order, and why not the rest: (msgid, reason or "")."""
    verdicts = ((action, judge(role, assurance, action, rules)) for action in LABELS)
    return tuple((LABELS[action], verdict.reason) for action, verdict in verdicts)
