"""The heartbeat file: how the web process knows that the engine lives, and how well."""

from __future__ import annotations

import contextlib
import os
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

FILE = "engine.json"
DEAD_AFTER = timedelta(seconds=10)


class Beat(msgspec.Struct, frozen=True):
    """One heartbeat. `troubles` are sentences by part; empty when all is well."""

    at: datetime
    pid: int
    started_at: datetime
    late_ms: float = 0.0
    troubles: dict[str, str] = {}


def write(var: Path, beat: Beat) -> None:
    """Replace the file. A full disk is no reason to stop."""
    fresh = var / f".{FILE}.{os.getpid()}"
    with contextlib.suppress(OSError):
        fresh.write_bytes(msgspec.json.encode(beat))
        fresh.replace(var / FILE)


def read(var: Path) -> Beat | None:
    """The last heartbeat, or None when there is none that can be read."""
    try:
        return msgspec.json.decode((var / FILE).read_bytes(), type=Beat)
    except (OSError, msgspec.DecodeError):
        return None


def said(var: Path, now: datetime) -> str:
    """ "" when the engine lives and is well, else one sentence for /readyz."""
    beat = read(var)
    if beat is None:
        return "the engine has never beaten"
    age = now - beat.at
    if age > DEAD_AFTER:
        return f"the engine has been silent for {int(age.total_seconds())} s"
    return "; ".join(f"{part}: {text}" for part, text in beat.troubles.items())
