"""What /readyz says of the background work: whether engines live and are well, and jobs get done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from db.engine import DatabaseAway
from engine import heartbeat_file
from jobs.queue import Queue

DEAD_AFTER = timedelta(seconds=10)
STALLED_AFTER = timedelta(minutes=10)


def engines_message(var: Path, now: datetime) -> str:
    """ "" when every engine here lives and is well, else one sentence for /readyz."""
    messages = (
        engine_message(_who(path), heartbeat_file.read(path), now)
        for path in heartbeat_file.places(var)
    )
    return "; ".join(text for text in messages if text)


def _who(path: Path) -> str:
    roles = path.stem.removeprefix("engine").removeprefix("-").replace("-", " and ")
    return f"the engine that shall {roles}" if roles else "the engine"


def engine_message(who: str, beat: heartbeat_file.EngineHeartbeat | None, now: datetime) -> str:
    if beat is None:
        return f"{who} has never beaten"
    age = now - beat.at
    if age > DEAD_AFTER:
        return f"{who} has been silent for {int(age.total_seconds())} s"
    troubles = beat.troubles.items()
    return "; ".join(f"{part}: {text}" for part, text in troubles if part != heartbeat_file.PROBES)


def probes_message(var: Path) -> str:
    """Which probes cannot work where they look from, as the engine told last; "" when all can."""
    beat = heartbeat_file.read(var / heartbeat_file.FILE)
    return beat.troubles.get(heartbeat_file.PROBES, "") if beat else ""


def jobs_message(queue: Queue, var: Path, now: datetime) -> str:
    """ "" while jobs get done, else which kinds stand, and for how long: no engine has the role for
    them, or the one that has it is stuck. A queue that moves slowly is well. Raises nothing."""
    kinds = _known_kinds(var)
    return _stalled_message(queue, now, lambda kind: not kinds or kind in kinds)


def unknown_jobs_message(queue: Queue, var: Path, now: datetime) -> str:
    """The same for kinds that no engine here knows: left by another release, and no reason to be
    unready. Raises nothing."""
    kinds = _known_kinds(var)
    return _stalled_message(queue, now, lambda kind: bool(kinds) and kind not in kinds)


def _known_kinds(var: Path) -> frozenset[str]:
    """What the engines of this machine tell; nothing where there are none, or older ones."""
    beats = map(heartbeat_file.read, heartbeat_file.places(var))
    return frozenset(kind for beat in beats if beat for kind in beat.job_kinds)


def _stalled_message(queue: Queue, now: datetime, is_meant: Callable[[str], bool]) -> str:
    try:
        stalled = queue.stalled(now - STALLED_AFTER)
    except DatabaseAway:
        return ""  # the part "database" tells
    return "; ".join(
        f"{kind} is due for {(now - since) // timedelta(minutes=1)} min and nothing of it gets done"
        for kind, since in sorted(stalled.items())
        if is_meant(kind)
    )
