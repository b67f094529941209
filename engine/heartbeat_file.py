"""The heartbeat file that an engine writes every few seconds; readiness.py reads it."""

from __future__ import annotations

import contextlib
import os
from datetime import datetime
from pathlib import Path

import msgspec

from render.exposition import Sample

FILE = "engine.json"
PROBES = "probes"  # the part for probes that cannot work here, told by itself
_LATE = "how late a look began, at worst, since the heartbeat before"
_BEAT = "when an engine last said that it lives; roles are those of one with few"
_TROUBLES = "how many of an engine's parts are in trouble, as /readyz names them"


class EngineHeartbeat(msgspec.Struct, frozen=True):
    """One heartbeat. `troubles` are sentences by part, empty when all is well; `late_ms` is how late
    a look began, at worst, since the heartbeat before. `job_kinds` are those that this release knows
    how to do, in whichever role."""

    at: datetime
    pid: int
    started_at: datetime
    late_ms: float = 0.0
    troubles: dict[str, str] = {}
    job_kinds: tuple[str, ...] = ()


def write(var: Path, beat: EngineHeartbeat, name: str = "") -> None:
    """Replace the file; `name` is that of an engine with few roles. A full disk is no reason to
    stop."""
    path = file_of(var, name)
    fresh = var / f".{path.name}.{os.getpid()}"
    with contextlib.suppress(OSError):
        fresh.write_bytes(msgspec.json.encode(beat))
        fresh.replace(path)


def remove(var: Path, name: str) -> None:
    """An engine with few roles ends as it was asked to, and is missed by nobody."""
    if name:
        with contextlib.suppress(OSError):
            file_of(var, name).unlink()


def file_of(var: Path, name: str) -> Path:
    return var / (f"engine-{name}.json" if name else FILE)


def read(path: Path) -> EngineHeartbeat | None:
    """The last heartbeat, or None when there is none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=EngineHeartbeat)
    except (OSError, msgspec.DecodeError):
        return None


def places(var: Path) -> tuple[Path, ...]:
    """The files of all engines that live in a data folder, or fell there; that of the one that
    watches comes first, and is missed when it is not there."""
    return var / FILE, *sorted(var.glob("engine-*.json"))


def samples(var: Path) -> tuple[Sample, ...]:
    """What the last heartbeats say in numbers, for /metrics; nothing of an engine without one. How
    late looks begin is told by the one that looks."""
    beats = ((path, beat) for path in places(var) if (beat := read(path)) is not None)
    return tuple(sample for path, beat in beats for sample in _samples(path, beat))


def _samples(path: Path, beat: EngineHeartbeat) -> tuple[Sample, ...]:
    name = path.stem.removeprefix("engine").removeprefix("-")
    roles = (("roles", name.replace("-", ",")),) if name else ()
    late = Sample("jasno_engine_late_seconds", beat.late_ms / 1000, help=_LATE)
    troubles = sum(bool(text) for part, text in beat.troubles.items() if part != PROBES)
    return (
        *(() if name else (late,)),
        Sample("jasno_engine_heartbeat_timestamp_seconds", beat.at.timestamp(), roles, _BEAT),
        Sample("jasno_engine_troubles", troubles, roles, _TROUBLES),
    )
