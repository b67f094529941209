"""Circuit breaker of a panel: one that fails again and again is left alone for a while."""

from __future__ import annotations

import threading

from clock import Clock
from hosting.panel import PanelError

FAILURE_THRESHOLD = 3  # failures in a row after which the panel is left alone
COOL_DOWN_SECONDS = 20.0  # how long it is left alone


class CircuitBreaker:
    """After FAILURE_THRESHOLD failures in a row the panel is left alone for COOL_DOWN_SECONDS."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until = 0.0

    def check(self) -> None:
        """Raises PanelError while the panel is left alone. Afterwards one failure is enough."""
        with self._lock:
            if self._failures >= FAILURE_THRESHOLD and self._clock.monotonic() < self._open_until:
                raise PanelError("the panel has been failing and is left alone for a moment")

    def record_failure(self) -> None:
        """The panel failed."""
        with self._lock:
            self._failures += 1
            self._open_until = self._clock.monotonic() + COOL_DOWN_SECONDS

    def record_status(self, status: int) -> None:
        """The panel answered: with 500 and above it failed, with anything else it is there."""
        if status >= 500:
            self.record_failure()
            return
        with self._lock:
            self._failures = 0
