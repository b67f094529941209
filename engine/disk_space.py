"""What /readyz says of the disks that hold our data: whether room is left on them."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable
from pathlib import Path

LEAST_FREE = 64 * 1024 * 1024  # bytes; SQLite's journal and a publication want about half of it


def disk_message(folders: Iterable[Path], least: int = LEAST_FREE) -> str:
    """ "" while every folder's disk has room, else which are full. A folder that is not there yet
    is no trouble. Raises nothing."""
    free: dict[Path, int] = {}
    for folder in folders:
        with contextlib.suppress(OSError):
            free[folder] = shutil.disk_usage(folder).free
    return "; ".join(
        f"only {left // 1024**2} MB are left for {folder}"
        for folder, left in free.items()
        if left < least
    )
