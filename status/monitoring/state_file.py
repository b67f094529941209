"""What the engine knows in memory and keeps in a file, so that a start needs no database.

Owns states.json beside the publication. It is written by atomic replace and never served.
"""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from status.model import Snapshot
from status.publishing.publisher import replace
from status.state.damping import DebouncedState

log = logging.getLogger(__name__)
FILE = "states.json"
SCHEMA = 1


class StateFile(msgspec.Struct, frozen=True):
    """The last snapshot and where each probe's damping stood."""

    snapshot: Snapshot
    settled: dict[str, DebouncedState]
    votes: dict[str, dict[str, DebouncedState]] = {}  # probe → vantage → where its damping stood
    schema: int = SCHEMA


def remember(folder: Path, memory: StateFile) -> None:
    """Write it down. Raises OSError."""
    replace(folder / FILE, msgspec.json.encode(memory), sync=False)


def recall(folder: Path) -> StateFile | None:
    """What was written down, or None when there is nothing that can be read."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=StateFile)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, msgspec.ValidationError):
        log.exception("%s cannot be read; starting without it", folder / FILE)
        return None
