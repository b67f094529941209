"""Recurring work as people choose it, written as a rule (RFC 5545). Pure.

Which dates follow from it, over changes of clocks: state/recurrence.py."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from render.i18n import N_
from status.incidents.validation import RuleViolation, known_zone
from status.state.recurrence import LAST_YEAR

REPETITIONS: Mapping[str, str] = {
    "": N_("No, once"),
    "daily": N_("Each day"),
    "workdays": N_("Each day from Monday to Friday"),
    "weekly": N_("Each week, on this day of the week"),
    "monthly-day": N_("Each month, on this day of the month (or on its last day)"),
    "monthly-weekday": N_(
        "Each month, on this day of the week (such as each second Sunday; a fifth one only in"
        " months that have five)"
    ),
    "monthly-last": N_("Each month, on the last such day of the week"),
    "yearly": N_("Each year, on this day"),
}
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_SHORTEST_MONTH = 28


@dataclass(frozen=True, slots=True)
class Repetition:
    """What was chosen: how often, each how many of them (`every`), and until which day."""

    kind: str = ""
    every: str = ""
    until: str = ""

    def rule(self, begin: datetime, zone: str) -> str:
        """The rule of work that first begins then, by the clock of the zone; "" for once.
        Raises RuleViolation with all that is amiss."""
        if not self.kind:
            return ""
        local = begin.astimezone(known_zone(zone))
        if problems := self.problems(local.date()):
            raise RuleViolation(problems)
        parts = [_frequency(self.kind, local)]
        if int(self.every.strip() or 1) > 1:
            parts.append(f"INTERVAL={int(self.every)}")
        if until := _day(self.until):
            parts.append(f"UNTIL={until:%Y%m%d}")
        return ";".join(parts)

    def problems(self, first: date | None = None) -> dict[str, str]:
        """What is amiss with what was chosen, by field; `first` is the day on which it begins."""
        if not self.kind:
            return {}
        problems: dict[str, str] = {}
        every, until = self.every.strip() or "1", _day(self.until)
        if self.kind not in REPETITIONS:
            problems["repeat"] = N_("Choose one of the offered answers.")
        if not re.fullmatch("0*[1-9][0-9]?", every, re.ASCII):
            problems["every"] = N_("Give a number from 1 to 99.")
        if self.until.strip() and not (until and until.year <= LAST_YEAR):
            problems["until"] = N_("Give a day, such as 2026-12-31.")
        elif until and first and until < first:
            problems["until"] = N_("The last day lies before the first one.")
        return problems


ONCE = Repetition()


def _frequency(kind: str, begin: datetime) -> str:
    day = _DAYS[begin.weekday()]
    which = (begin.day - 1) // 7 + 1
    leap_day = (begin.month, begin.day) == (2, 29)
    rules = {
        "daily": "FREQ=DAILY",
        "workdays": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "weekly": f"FREQ=WEEKLY;BYDAY={day}",
        "monthly-day": f"FREQ=MONTHLY;{_month_day(begin.day)}",
        "monthly-weekday": f"FREQ=MONTHLY;BYDAY={which}{day}",
        "monthly-last": f"FREQ=MONTHLY;BYDAY=-1{day}",
        "yearly": f"FREQ=YEARLY;BYMONTH=2;{_month_day(29)}" if leap_day else "FREQ=YEARLY",
    }
    return rules[kind]


def _month_day(day: int) -> str:
    """A day of the month; the last one of months that are shorter."""
    if day <= _SHORTEST_MONTH:
        return f"BYMONTHDAY={day}"
    days = ",".join(str(d) for d in range(_SHORTEST_MONTH, day + 1))
    return f"BYMONTHDAY={days};BYSETPOS=-1"


def _day(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text.strip())
    return None
