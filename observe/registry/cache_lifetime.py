"""How long a registry's answer is used before it is asked again. Pure."""

from __future__ import annotations

from datetime import timedelta

from facts import Registration
from standards.registration.model import RegistryState

LIFETIME = timedelta(hours=24)
SHORT_LIFETIME = timedelta(hours=1)  # news that its owner is busy changing
STALE_LIFETIME = timedelta(days=7)  # still better than nothing while the registry does not answer
CHANGING_STATES = frozenset(
    ("clientHold", "serverHold", "redemptionPeriod", "pendingRestore", "pendingDelete", "inactive")
)


def cache_lifetime(registration: Registration) -> timedelta:
    """How long an answer may be reused: an hour for states that a payment or order changes."""
    expires = registration.expires or registration.registrar_expires
    is_expiring = expires is not None and expires <= registration.asked_at.date() + timedelta(
        days=3
    )
    is_changing = (
        registration.state is not RegistryState.REGISTERED
        or is_expiring
        or CHANGING_STATES & set(registration.epp)
    )
    return SHORT_LIFETIME if is_changing else LIFETIME
