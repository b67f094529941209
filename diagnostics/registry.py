"""A registry's answer as the `registration` document: what it says, and what comes next. Pure."""

from __future__ import annotations

from datetime import date

import msgspec

from diagnostics.lifecycle import calendar, coming
from facts import Registration, RegistryState
from render.i18n import translate


def document(found: Registration, domain: str, on: date, lang: str = "en") -> dict[str, object]:
    """Plain JSON values in the shape the contract fixes; dates the registry hides are null."""
    return {
        "domain": domain,
        "state": found.state.value,
        "expires": found.expires.isoformat() if found.expires else None,
        "created": found.created.isoformat() if found.created else None,
        "epp": list(found.epp),
        "next": following(found, domain, on, lang),
        "source": found.source or None,
        "server": found.server or None,
        "registrar": found.registrar or None,
        "asked_at": msgspec.to_builtins(found.asked_at),
        "trouble": found.trouble.value if found.trouble else None,
    }


def following(found: Registration, domain: str, on: date, lang: str) -> list[dict[str, object]]:
    """What the registry does when nobody renews, from its calendar; empty when nothing is sure."""
    rules = calendar(domain)
    if rules is None or found.expires is None or found.state is not RegistryState.REGISTERED:
        return []
    steps = coming(rules, found.expires, on)
    return [{"on": step.on.isoformat(), "what": translate(lang, step.what)} for step in steps]
