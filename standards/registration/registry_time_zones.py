"""Time zones of registries, in which their days begin and end.

Registries that publish an instant for a date publish its local midnight: .cz gives the tenth of
October as 2024-10-09T22:00:00Z.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

REGISTRY_ZONES = {
    "at": "Europe/Vienna",
    "be": "Europe/Brussels",
    "bg": "Europe/Sofia",
    "ch": "Europe/Zurich",
    "cz": "Europe/Prague",
    "de": "Europe/Berlin",
    "dk": "Europe/Copenhagen",
    "ee": "Europe/Tallinn",
    "es": "Europe/Madrid",
    "eu": "Europe/Brussels",
    "fi": "Europe/Helsinki",
    "fr": "Europe/Paris",
    "gr": "Europe/Athens",
    "hr": "Europe/Zagreb",
    "hu": "Europe/Budapest",
    "ie": "Europe/Dublin",
    "it": "Europe/Rome",
    "li": "Europe/Zurich",
    "lt": "Europe/Vilnius",
    "lu": "Europe/Luxembourg",
    "lv": "Europe/Riga",
    "nl": "Europe/Amsterdam",
    "no": "Europe/Oslo",
    "pl": "Europe/Warsaw",
    "pt": "Europe/Lisbon",
    "ro": "Europe/Bucharest",
    "rs": "Europe/Belgrade",
    "ru": "Europe/Moscow",
    "se": "Europe/Stockholm",
    "su": "Europe/Moscow",
    "si": "Europe/Ljubljana",
    "sk": "Europe/Bratislava",
    "tr": "Europe/Istanbul",
    "ua": "Europe/Kyiv",
    "uk": "Europe/London",
    "xn--p1ai": "Europe/Moscow",
}
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(?:\.\d{1,9})?(?:([Zz])|([+-]\d\d):?(\d\d))(?![\d:])"
)


@cache
def _zone(tld: str) -> tzinfo:
    try:
        return ZoneInfo(REGISTRY_ZONES[tld]) if tld in REGISTRY_ZONES else UTC
    except ZoneInfoNotFoundError:  # a machine without time zones
        return UTC


def registry_today(domain: str, at: datetime) -> date:
    """The date at the registry of a domain at a moment (aware); in UTC when its zone is unknown."""
    return at.astimezone(_zone(domain.rpartition(".")[2].lower())).date()


def date_at_midnight(text: str, tld: str) -> date | None:
    """The date whose local midnight at the registry of `tld` is the instant in a text, or None."""
    match = _INSTANT.search(text) if tld in REGISTRY_ZONES else None
    if match is None:
        return None
    offset = "+00:00" if match[4] else f"{match[5]}:{match[6]}"
    try:
        instant = datetime.fromisoformat(f"{match[1]}T{match[2]}{match[3] or ':00'}{offset}")
        local = instant.astimezone(_zone(tld))
    except (ValueError, OverflowError):
        return None
    is_midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
    return local.date() if is_midnight else None
