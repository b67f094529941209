"""The state of monitoring, kept in a file so that a start needs no database.

Owns states.json beside the publication. It is written by atomic replace and never served.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
from pathlib import Path

import msgspec

from db.stored import Stored, UnreadableDocument
from status.model import Snapshot
from status.publishing.publisher import replace_file
from status.state.damping import DebouncedState

log = logging.getLogger(__name__)
FILE = "states.json"
SET_ASIDE = "states.unreadable.json"  # what a newer or broken version left, for a person to see


class StateFile(msgspec.Struct, frozen=True):
    """The last snapshot and where each probe's damping stood."""

    snapshot: Snapshot
    settled: dict[str, DebouncedState]
    votes: dict[str, dict[str, DebouncedState]] = {}  # probe → vantage → where its damping stood


STATES: Stored[StateFile] = Stored("status.state_file", StateFile)


def save(folder: Path, state: StateFile) -> None:
    """Write it down. Raises OSError."""
    replace_file(folder / FILE, STATES.encode(state), sync=False)


def load(folder: Path) -> StateFile | None:
    """What was written down, or None when there is nothing that can be read."""
    try:
        return STATES.decode((folder / FILE).read_bytes())
    except FileNotFoundError:
        return None
    except UnreadableDocument:
        _set_aside(folder)
        return None
    except OSError:
        log.exception("%s cannot be read; starting without it", folder / FILE)
        return None


def _set_aside(folder: Path) -> None:
    """Keep what could not be read, before the next state takes its place."""
    with contextlib.suppress(OSError):
        shutil.copyfile(folder / FILE, folder / SET_ASIDE)
    log.error("%s cannot be read; a copy is kept in %s", folder / FILE, folder / SET_ASIDE)
