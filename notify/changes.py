"""Reads the incident or planned work behind a change at the moment when a message about it is sent.

Jobs hold the change alone. Who still wants the news is asked anew then (subscribers/preferences.py). Writes nothing, sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from clock import Clock
from notify.model import News
from status.events import StatusChanged

READ_AGAIN = timedelta(minutes=1)  # news that many messages tell is read once in a while
REMEMBERED = 16  # changes


class ChangeReader:
    """Reads news for messages of every kind; thousands about one change are one reading."""

    def __init__(self, news: Callable[[StatusChanged], News | None], clock: Clock) -> None:
        self._news = news
        self._clock = clock
        self._read: dict[str, tuple[datetime, News | None]] = {}

    def read(self, change: str) -> News | None:
        """What a change (the payload of `status.changed`) was; None when readers cannot see any
        more what it is about."""
        now = self._clock.now()
        at, news = self._read.get(change, (None, None))
        if at is None or not now - READ_AGAIN < at <= now:
            news = self._news(msgspec.json.decode(change, type=StatusChanged))
            if len(self._read) >= REMEMBERED:
                self._read.clear()
            self._read[change] = (now, news)
        return news
