"""A log that says a thing once: repetitions are counted, and told with the next word on it.

Only warnings and worse are held back. Nothing is dropped without a count.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

WINDOW = 600.0  # seconds for which a repeated line is only counted
FREE = 5  # lines of one wording, each about something else, that pass within that time
KNOWN = 2_000  # wordings that are remembered


@dataclass(slots=True)
class _Said:
    """One wording: until when it is held back, what passed, what was counted."""

    until: float
    passed: int = 0
    held: int = 0
    name: str = ""
    level: int = logging.WARNING
    last: str = ""


class DeduplicatingHandler(logging.StreamHandler[TextIO]):
    """Writes log lines, repeated ones once in ten minutes with their number."""

    def __init__(
        self, stream: TextIO | None = None, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(stream)
        self._now = now
        self._said: dict[tuple[object, ...], _Said] = {}
        self._due = float("inf")  # when the first counted wording may speak again

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, or count it."""
        now = self._now()
        if now >= self._due:
            self._tell(now)
        if record.levelno < logging.WARNING or self._passes(record, now):
            super().emit(record)

    def close(self) -> None:
        """Tell what was only counted, at the end."""
        self._tell(float("inf"))
        super().close()

    def _passes(self, record: logging.LogRecord, now: float) -> bool:
        """The same line once, the same wording about five different things."""
        text = _text(record)
        wording = self._known(record, _cause(record), now)
        line = self._known(record, (text, *_cause(record)), now)
        if line.passed >= 1 or wording.passed >= FREE:
            line.passed += 1
            wording.held += 1
            wording.last = text
            self._due = min(self._due, wording.until)
            return False
        line.passed += 1
        wording.passed += 1
        return True

    def _known(self, record: logging.LogRecord, more: tuple[object, ...], now: float) -> _Said:
        key = (record.name, record.levelno, str(record.msg), *more)
        known = self._said.get(key)
        if known is None or now >= known.until:
            if len(self._said) >= KNOWN:
                self._tell(float("inf"))
            known = _Said(now + WINDOW, name=record.name, level=record.levelno)
            self._said[key] = known
        return known

    def _tell(self, now: float) -> None:
        """Write the counts whose time is over, and forget these wordings."""
        over = [key for key, said in self._said.items() if now >= said.until]
        for key in over:
            said = self._said.pop(key)
            if said.held:
                text = f"{said.held} more like this in ten minutes: {said.last}"
                super().emit(logging.LogRecord(said.name, said.level, "", 0, "%s", (text,), None))
        self._due = min((s.until for s in self._said.values() if s.held), default=float("inf"))


def _text(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return str(record.msg)


def _cause(record: logging.LogRecord) -> tuple[object, ...]:
    """What an exception is and where it came from, so that another defect is another line."""
    if not record.exc_info or record.exc_info[0] is None:
        return ()
    trace = record.exc_info[2]
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = (trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace else ()
    return (record.exc_info[0].__name__, *place)
