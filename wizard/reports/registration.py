"""The `registration` document: a registry's answer, and what comes next. Pure."""

from __future__ import annotations

from datetime import date

import msgspec

from facts import Registration
from render.i18n import N_, translate
from render.languages import DEFAULT
from standards.registration.lifecycle import (
    LifecycleStage,
    calendar,
    is_unpaid_renewal,
    stage_start,
    upcoming_events,
    year_before,
)
from standards.registration.model import RegistryState
from wizard.reports.epp_sentences import explain_states

UNPAID_UNTIL = N_(
    "Until then the registrar can give the renewal back; the date does not prove that it is paid."
)
DELETION_STATES = frozenset(("redemptionPeriod", "pendingRestore", "pendingDelete"))


# What happens when a stage begins; for lists of what comes next.
STAGE_SENTENCES: dict[LifecycleStage, str] = {
    LifecycleStage.ACTIVE: N_("The registration is valid."),
    LifecycleStage.GRACE: N_("The registration expires. The name still works and can be renewed."),
    LifecycleStage.STOPPED: N_("Website and e-mail stop. The name can still be renewed as usual."),
    LifecycleStage.REGISTRAR: N_(
        "The registration expires. The registrar may stop the name at any time."
    ),
    LifecycleStage.RESTORE: N_(
        "Website and e-mail stop. The name comes back only for an extra fee."
    ),
    LifecycleStage.DELETING: N_("The name can no longer be saved and waits to be deleted."),
    LifecycleStage.RELEASED: N_("The name is deleted, and somebody else may register it."),
}


def document(
    registration: Registration, domain: str, today: date, lang: str = DEFAULT
) -> dict[str, object]:
    """Plain JSON values in the shape the contract fixes; dates the registry hides are null.

    `expires` is the registry's date; where it gives none, the registrar's. `expires_by` tells which.
    """
    end_date = registration.expires or registration.registrar_expires
    source = "registry" if registration.expires else "registrar" if end_date else None
    registrar_date = registration.registrar_expires
    return {
        "domain": domain,
        "state": registration.state.value,
        "expires": end_date.isoformat() if end_date else None,
        "expires_by": source,
        "registrar_expires": registrar_date.isoformat() if registrar_date else None,
        "created": registration.created.isoformat() if registration.created else None,
        "epp": list(registration.epp),
        "meaning": [translate(lang, text) for text in explain_states(registration.epp)],
        "next": upcoming_steps(registration, domain, today, lang),
        "source": registration.source or None,
        "server": registration.server or None,
        "registrar": registration.registrar or None,
        "asked_at": msgspec.to_builtins(registration.asked_at),
        "trouble": registration.trouble.value if registration.trouble else None,
    }


def upcoming_steps(
    registration: Registration, domain: str, today: date, lang: str
) -> list[dict[str, object]]:
    """What the registry does when nobody renews, from its calendar; empty when nothing is sure.

    A date that the registry has moved ahead by itself says nothing of what follows a deletion.
    """
    calendar_rules, end_date = (
        calendar(domain),
        registration.expires or registration.registrar_expires,
    )
    if (
        calendar_rules is None
        or end_date is None
        or registration.state is not RegistryState.REGISTERED
    ):
        return []
    if calendar_rules.auto_renews and DELETION_STATES & set(registration.epp):
        return []
    rows = [
        (step.on, STAGE_SENTENCES[step.stage])
        for step in upcoming_events(calendar_rules, end_date, today)
    ]
    if calendar_rules.auto_renews and is_unpaid_renewal(
        registration.epp, registration.expires, registration.registrar_expires, today
    ):
        grace_end = stage_start(calendar_rules, year_before(end_date), LifecycleStage.RESTORE)
        if grace_end:  # the day on which the registry's grace for a renewal of its own is over
            rows.insert(0, (grace_end, UNPAID_UNTIL))
    translated = ((day, translate(lang, sentence_id)) for day, sentence_id in rows if day >= today)
    return [{"on": day.isoformat(), "what": sentence_id} for day, sentence_id in translated]
