"""How long before its end a certificate should have been renewed. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta


def warning_period(not_before: datetime, not_after: datetime, usual: timedelta) -> timedelta:
    """How long before the end a renewal is late: what is usual, but no more than a sixth of the
    lifetime. Authorities' clients renew with a third of it left, with a half below ten days (RFC
    9773 and the profiles of Let's Encrypt)."""
    return min(usual, (not_after - not_before) / 6)
