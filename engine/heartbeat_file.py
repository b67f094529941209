"""The heartbeat file: how the web process knows that the engine lives, and how well."""

from __future__ import annotations

import contextlib
import os
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

FILE = "engine.json"
DEAD_AFTER = timedelta(seconds=10)


class EngineHeartbeat(msgspec.Struct, frozen=True):
    """One heartbeat. `troubles` are sentences by part; empty when all is well."""

    at: datetime
    pid: int
    started_at: datetime
    late_ms: float = 0.0
    troubles: dict[str, str] = {}


def write(var: Path, beat: EngineHeartbeat, name: str = "") -> None:
    """Replace the file; `name` is that of an engine with few roles. A full disk is no reason to
    stop."""
    place = file_of(var, name)
    fresh = var / f".{place.name}.{os.getpid()}"
    with contextlib.suppress(OSError):
        fresh.write_bytes(msgspec.json.encode(beat))
        fresh.replace(place)


def remove(var: Path, name: str) -> None:
    """An engine with few roles ends as it was asked to, and is missed by nobody."""
    if name:
        with contextlib.suppress(OSError):
            file_of(var, name).unlink()


def file_of(var: Path, name: str) -> Path:
    return var / (f"engine-{name}.json" if name else FILE)


def read(place: Path) -> EngineHeartbeat | None:
    """The last heartbeat, or None when there is none that can be read."""
    try:
        return msgspec.json.decode(place.read_bytes(), type=EngineHeartbeat)
    except (OSError, msgspec.DecodeError):
        return None


def health_message(var: Path, now: datetime) -> str:
    """ "" when every engine here lives and is well, else one sentence for /readyz."""
    messages = [engine_message("the engine", read(var / FILE), now)]
    for place in sorted(var.glob("engine-*.json")):
        roles = place.stem.removeprefix("engine-").replace("-", " and ")
        messages.append(engine_message(f"the engine that shall {roles}", read(place), now))
    return "; ".join(text for text in messages if text)


def engine_message(who: str, beat: EngineHeartbeat | None, now: datetime) -> str:
    if beat is None:
        return f"{who} has never beaten"
    age = now - beat.at
    if age > DEAD_AFTER:
        return f"{who} has been silent for {int(age.total_seconds())} s"
    return "; ".join(f"{part}: {text}" for part, text in beat.troubles.items())
