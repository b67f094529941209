"""How long and for how many runs a check link works, and whether it still does. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from tickets.model import Invite

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=30)
USUAL = timedelta(days=7)
MOST_RUNS = 50
USUAL_RUNS = 3


def expiry(created_at: datetime, valid: timedelta) -> datetime:
    """When a link ends that is to live for so long. Raises ValueError."""
    if not SHORTEST <= valid <= LONGEST:
        raise ValueError(f"a check link lives from {SHORTEST} to {LONGEST}, not {valid}")
    return created_at + valid


def allowed_runs(runs: int) -> int:
    """How many runs a link has. Raises ValueError."""
    if not 1 <= runs <= MOST_RUNS:
        raise ValueError(f"a check link has 1 to {MOST_RUNS} runs, not {runs}")
    return runs


def is_valid(invite: Invite, now: datetime) -> bool:
    """Whether a link lives and has runs left. Taking a run asks the same once more, in one
    conditional update (store.claim)."""
    return invite.expires_at > now and invite.runs_left > 0
