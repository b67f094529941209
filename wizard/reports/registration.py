"""A registry's answer as the `registration` document: what it says, and what comes next. Pure."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from diagnostics.checks.domain.epp_meanings import meanings
from diagnostics.lifecycle import calendar, coming, jumped, year_before
from facts import Registration
from render.i18n import N_, translate
from render.languages import DEFAULT
from standards.registration.model import RegistryState

UNPAID_UNTIL = N_(
    "Until then the registrar can give the renewal back; the date does not prove that it is paid."
)
BACK_OUT = timedelta(days=45)  # the auto-renew grace period of the generic endings
OVER = frozenset(("redemptionPeriod", "pendingRestore", "pendingDelete"))


def document(found: Registration, domain: str, on: date, lang: str = DEFAULT) -> dict[str, object]:
    """Plain JSON values in the shape the contract fixes; dates the registry hides are null.

    `expires` is the registry's date; where it gives none, the registrar's. `expires_by` tells which.
    """
    ends = found.expires or found.registrar_expires
    by = "registry" if found.expires else "registrar" if ends else None
    registrars = found.registrar_expires
    return {
        "domain": domain,
        "state": found.state.value,
        "expires": ends.isoformat() if ends else None,
        "expires_by": by,
        "registrar_expires": registrars.isoformat() if registrars else None,
        "created": found.created.isoformat() if found.created else None,
        "epp": list(found.epp),
        "meaning": [translate(lang, text) for text in meanings(found.epp)],
        "next": following(found, domain, on, lang),
        "source": found.source or None,
        "server": found.server or None,
        "registrar": found.registrar or None,
        "asked_at": msgspec.to_builtins(found.asked_at),
        "trouble": found.trouble.value if found.trouble else None,
    }


def following(found: Registration, domain: str, on: date, lang: str) -> list[dict[str, object]]:
    """What the registry does when nobody renews, from its calendar; empty when nothing is sure.

    A date that the registry has moved ahead by itself says nothing of what follows a deletion.
    """
    rules, ends = calendar(domain), found.expires or found.registrar_expires
    if rules is None or ends is None or found.state is not RegistryState.REGISTERED:
        return []
    if rules.auto_renews and OVER & set(found.epp):
        return []
    rows = [(step.on, step.what) for step in coming(rules, ends, on)]
    if rules.auto_renews and jumped(found.epp, found.expires, found.registrar_expires, on):
        rows.insert(0, (year_before(ends) + BACK_OUT, UNPAID_UNTIL))
    told = ((day, translate(lang, what)) for day, what in rows if day >= on)
    return [{"on": day.isoformat(), "what": what} for day, what in told]
