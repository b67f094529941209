"""What /readyz says of the background work: whether engines live and are well, and jobs get done."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from db.engine import DatabaseAway
from engine import heartbeat_file
from jobs.queue import Queue

DEAD_AFTER = timedelta(seconds=10)
STANDING_AFTER = timedelta(minutes=10)


def engines_message(var: Path, now: datetime) -> str:
    """ "" when every engine here lives and is well, else one sentence for /readyz."""
    messages = [engine_message("the engine", heartbeat_file.read(var / heartbeat_file.FILE), now)]
    for place in sorted(var.glob("engine-*.json")):
        roles = place.stem.removeprefix("engine-").replace("-", " and ")
        messages.append(
            engine_message(f"the engine that shall {roles}", heartbeat_file.read(place), now)
        )
    return "; ".join(text for text in messages if text)


def engine_message(who: str, beat: heartbeat_file.EngineHeartbeat | None, now: datetime) -> str:
    if beat is None:
        return f"{who} has never beaten"
    age = now - beat.at
    if age > DEAD_AFTER:
        return f"{who} has been silent for {int(age.total_seconds())} s"
    return "; ".join(f"{part}: {text}" for part, text in beat.troubles.items())


def jobs_message(queue: Queue, now: datetime) -> str:
    """ "" while jobs get done, else which kinds stand, and for how long: no engine runs them, or
    the one that should is stuck. A queue that moves slowly is well. Raises nothing."""
    try:
        standing = queue.standing(now - STANDING_AFTER)
    except DatabaseAway:
        return ""  # the part "database" tells
    return "; ".join(
        f"{kind} is due for {(now - since) // timedelta(minutes=1)} min and nothing of it gets done"
        for kind, since in sorted(standing.items())
    )
