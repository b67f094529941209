"""When a job's next heartbeat is due by its cron expression, in the job's own time zone. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

try:
    from cronsim import CronSim, CronSimError
except ModuleNotFoundError:  # upgraded, and the new packages not installed yet: the rest goes on
    IS_INSTALLED = False
else:
    IS_INSTALLED = True

FIELDS = ("minute", "hour", "day of month", "month", "day of week")
MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
# A word that comes at most so much too early was meant for the run that is due, as clocks differ:
# two minutes, and of runs that follow each other soon a quarter of the time between them.
EARLY = timedelta(minutes=2)
EARLY_SHARE = 4
_TRIED = 100  # dates in one change of clocks that lie behind us already
_START = datetime(2024, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=4096)
def check_cron(expression: str) -> None:
    """Return when an expression can be meant. Raises ValueError with a plain reason."""
    if not IS_INSTALLED:
        raise ValueError("cron needs the package cronsim of requirements.lock: run make install")
    quoted = f'cron "{expression[:100]}"'
    fields = _fields(expression)
    if len(fields) != len(FIELDS):
        macros = f" {', '.join(MACROS)};" if expression.lstrip().startswith("@") else ""
        raise ValueError(f"{quoted} has {len(fields)} fields;{macros} cron has 5: {_listed()}")
    try:
        next(CronSim(" ".join(fields), _START))
    except CronSimError as error:
        wrong = str(error).removeprefix("Bad ").replace("-", " ")
        at = dict(zip(FIELDS, fields, strict=True)).get(wrong, "")
        raise ValueError(f'{quoted}: "{at}" is no {wrong}; the fields are {_listed()}') from None
    except StopIteration:
        raise ValueError(f"{quoted}: that day never comes") from None


@lru_cache(maxsize=4096)
def next_due(expression: str, zone: ZoneInfo, after: datetime) -> datetime:
    """The next moment, in UTC, at which a cron of Debian in that zone would start the job after
    `after`: also on the days on which its clocks change."""
    # In an hour that comes twice the clock alone does not say which of the two it is.
    dates = islice(CronSim(" ".join(_fields(expression)), after.astimezone(zone)), _TRIED)
    ahead = (moment for due in dates if (moment := due.astimezone(UTC)) > after)
    first: datetime | None = next(ahead, None)
    if first is None:
        raise ValueError(f"{expression!r} has no date after {after}")
    second: datetime = next(ahead, first)
    return second if first - after <= min(EARLY, (second - first) / EARLY_SHARE) else first


def _fields(expression: str) -> list[str]:
    return MACROS.get(expression.strip().lower(), expression).split()


def _listed() -> str:
    return ", ".join(FIELDS)
