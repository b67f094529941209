"""Sentences for the EPP states of a domain. Pure.

A lock (…Prohibited) is normal: it keeps others from taking or changing the name. One of renewing is
none: it keeps the holder from keeping the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from render.i18n import N_

LOCK = N_("Locked against changes by others. This is normal and protects the name.")
MEANINGS: dict[str, str] = {
    "ok": N_("The registry lists no hold and no lock."),
    "clientHold": N_("The registrar has taken the name out of service."),
    "serverHold": N_("The registry has taken the name out of service."),
    "inactive": N_("No name servers are set, so the name leads nowhere."),
    "redemptionPeriod": N_("The name was deleted, and can still be restored for a fee."),
    "pendingRestore": N_("The name is being restored."),
    "pendingDelete": N_("The name is about to be deleted, and it is too late to renew it."),
    "pendingTransfer": N_("A transfer to another registrar is under way."),
    "pendingCreate": N_("The registration is under way."),
    "pendingRenew": N_("The renewal is under way."),
    "pendingUpdate": N_("A change is under way."),
    "addPeriod": N_("The name was registered only a few days ago."),
    "renewPeriod": N_("The name was renewed only a few days ago."),
    "transferPeriod": N_("The name was transferred only a few days ago."),
    "clientRenewProhibited": N_(
        "The registrar does not let the name be renewed. Ask there why, well before the date."
    ),
    "serverRenewProhibited": N_(
        "The registry does not let the name be renewed. Ask the registrar why, well before the date."
    ),
    "autoRenewPeriod": N_(
        "The registry has moved the date ahead by itself. This does not mean that it is paid."
    ),
}


def explain_states(states: Iterable[str]) -> Iterator[str]:
    """What the states mean, each once, as msgids; a state without words is passed over."""
    texts = (MEANINGS.get(s) or (LOCK if s.endswith("Prohibited") else "") for s in states)
    return iter(dict.fromkeys(text for text in texts if text))
