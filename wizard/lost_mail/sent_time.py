"""When a lost message was sent, as people write days and times. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_TIME = re.compile(r"\d{1,2}[:.h]\d{2}")
_DAY = re.compile(
    r"\d{4}-\d{2}-\d{2}|\d{1,2}\. ?\d{1,2}\.|\d{1,2}/\d{1,2}|\d{1,2}\.? \w{3,}", re.UNICODE
)
_DATE_FORMATS = tuple(
    f"{day} {time}"
    for day in ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y")
    for time in ("%H:%M", "%H:%M:%S", "%H.%M")
)
_PAUSE = re.compile(r"(?<=\d)(?:,|T(?=\d)| ?(?:v|ve|o|u|w|at)(?= ))")  # between day and time
_DAY_DOT = re.compile(r"(?<=\d)\. (?=\d{1,2}\.|\d{4})")


def is_to_the_minute(when: str) -> bool:
    """Whether a day and a time stand in it, in whatever words."""
    return bool(_TIME.search(when) and _DAY.search(when))


def sent_at(when: str, zone: str) -> datetime | None:
    """The moment a message was sent, in UTC; None when it was not given so that we can tell."""
    text = _DAY_DOT.sub(".", " ".join(_PAUSE.sub(" ", when).split()))
    zone_info: ZoneInfo | None = ZoneInfo(zone)
    if text.endswith(" UTC"):
        text, zone_info = text.removesuffix(" UTC"), None
    for date_format in _DATE_FORMATS:
        try:
            at = datetime.strptime(text, date_format)  # noqa: DTZ007 - the zone is given below
        except ValueError:
            continue
        return at.replace(tzinfo=zone_info or UTC).astimezone(UTC)
    return None
