"""A value that must be one of some names: refused with what is allowed and the nearest right name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar
from zoneinfo import ZoneInfo, available_timezones

from settings.checking import SettingsError
from settings.near_names import did_you_mean

GivenT = TypeVar("GivenT")
CheckedT = TypeVar("CheckedT")


def one_of(value: str, allowed: Iterable[str], key: str) -> str:
    """The value when it is allowed. Raises SettingsError with the nearest right name."""
    names = sorted(allowed)
    if value in names:
        return value
    raise SettingsError(
        f'{key} is "{value}"{did_you_mean(value, names) or "."} Allowed: {", ".join(names)}'
    )


def all_checked(
    check: Callable[[GivenT], CheckedT], given: Iterable[GivenT]
) -> tuple[CheckedT, ...]:
    """What `check` makes of each. Raises one SettingsError that tells what is wrong with any."""
    checked, mistakes = [], []
    for each in given:
        try:
            checked.append(check(each))
        except SettingsError as error:
            mistakes.append(str(error))
    if mistakes:
        raise SettingsError("\n".join(dict.fromkeys(mistakes)))
    return tuple(checked)


def time_zone(name: str, key: str) -> ZoneInfo:
    """A time zone that this machine knows. Raises SettingsError with the nearest right name."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        allowed = "Allowed: names such as UTC or Europe/Prague"
        meant = did_you_mean(name, available_timezones()) or "."
        raise SettingsError(f'{key} is "{name}"{meant} {allowed}') from None
