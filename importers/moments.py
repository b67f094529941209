"""Dates and times as other programs write them, in UTC; those without a zone by the clock of a given one. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from clock import moments_showing
from importers.source import NotImported, quoted

_YEARS = range(1990, 2200)


@dataclass(slots=True)
class MomentReader:
    """Reads moments, and counts those that name no zone, and those of them that its clock showed
    twice: the first is taken."""

    zone: ZoneInfo
    without_zone: int = 0
    shown_twice: int = 0

    def read(self, value: object, field: str) -> datetime | None:
        """The moment; None when nothing is written. Raises NotImported when it is none."""
        if value is None or value == "":
            return None
        moment = _parse(value)
        if moment is None or moment.year not in _YEARS:
            raise NotImported(f"{field}: {quoted(value)} is no time")
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        candidates = moments_showing(moment, self.zone)
        if not candidates:
            raise NotImported(f"{field}: the clock of {self.zone.key} skipped {quoted(value)}")
        self.without_zone += 1
        self.shown_twice += len(candidates) > 1
        return candidates[0]


def _parse(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):  # a day alone, as YAML has it
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the zone comes later
    if not isinstance(value, str) or len(value) > 60:
        return None
    text = value.strip().removesuffix(" UTC").strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    is_utc = value.strip().endswith(" UTC") and moment.tzinfo is None
    return moment.replace(tzinfo=UTC) if is_utc else moment
