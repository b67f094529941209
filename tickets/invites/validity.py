"""How long and for how many runs a check link works, and whether it still does. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from tickets.model import Invite

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=30)
MOST_RUNS = 50


def expiry(created_at: datetime, valid: timedelta) -> datetime:
    """When a link ends that was wanted for so long; held within bounds."""
    return created_at + max(SHORTEST, min(valid, LONGEST))


def allowed_runs(wanted: int) -> int:
    """How many runs a link has; held within bounds."""
    return max(1, min(wanted, MOST_RUNS))


def is_valid(invite: Invite, now: datetime) -> bool:
    """Whether a link lives and has runs left. Taking a run asks the same once more, in one
    conditional update (store.claim)."""
    return invite.expires_at > now and invite.runs_left > 0
