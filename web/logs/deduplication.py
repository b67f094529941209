"""Deduplication of log messages: a repeated one is counted, and logged once with its count.

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
MOST_WORDINGS = 2_000  # wordings that are remembered


@dataclass(slots=True)
class RepeatedMessage:
    """One wording: until when it is held back, what passed, what was counted."""

    until: float
    passed: int = 0
    counted: int = 0
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
        self._messages: dict[tuple[object, ...], RepeatedMessage] = {}
        self._due = float("inf")  # when the first counted wording may speak again

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, or count it."""
        now = self._now()
        if now >= self._due:
            self._report_repeats(now)
        if record.levelno < logging.WARNING or self._passes(record, now):
            super().emit(record)

    def close(self) -> None:
        """Tell what was only counted, at the end."""
        self._report_repeats(float("inf"))
        super().close()

    def _passes(self, record: logging.LogRecord, now: float) -> bool:
        """The same line once, the same wording about five different things."""
        text = _text(record)
        wording = self._repeated(record, _cause(record), now)
        line = self._repeated(record, (text, *_cause(record)), now)
        if line.passed >= 1 or wording.passed >= FREE:
            line.passed += 1
            wording.counted += 1
            wording.last = text
            self._due = min(self._due, wording.until)
            return False
        line.passed += 1
        wording.passed += 1
        return True

    def _repeated(
        self, record: logging.LogRecord, more: tuple[object, ...], now: float
    ) -> RepeatedMessage:
        key = (record.name, record.levelno, str(record.msg), *more)
        repeated = self._messages.get(key)
        if repeated is None or now >= repeated.until:
            if len(self._messages) >= MOST_WORDINGS:
                self._report_repeats(float("inf"))
            repeated = RepeatedMessage(now + WINDOW, name=record.name, level=record.levelno)
            self._messages[key] = repeated
        return repeated

    def _report_repeats(self, now: float) -> None:
        """Write the counts whose time is over, and forget these wordings."""
        over = [key for key, state in self._messages.items() if now >= state.until]
        for key in over:
            repeated = self._messages.pop(key)
            if repeated.counted:
                text = f"{repeated.counted} more like this in ten minutes: {repeated.last}"
                super().emit(
                    logging.LogRecord(repeated.name, repeated.level, "", 0, "%s", (text,), None)
                )
        self._due = min(
            (s.until for s in self._messages.values() if s.counted), default=float("inf")
        )


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
    source_line = (trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace else ()
    return (record.exc_info[0].__name__, *source_line)
