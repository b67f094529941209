"""The clock that the lab's servers read: what they need of one, and the machine's own."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class LabClock(Protocol):
    """Where the lab learns the time; any clock of the house fits."""

    def now(self) -> datetime:
        """Aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never step back."""
        ...


class WallClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()
