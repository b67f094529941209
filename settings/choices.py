"""A value that must be one of some names: refused with what is allowed and the nearest right name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar
from zoneinfo import ZoneInfo, available_timezones

from settings.mistakes import SettingsError, refuse
from settings.near_names import did_you_mean

GivenT = TypeVar("GivenT")
CheckedT = TypeVar("CheckedT")


def one_of(value: str, allowed: Iterable[str], key: str) -> str:
    """The value when it is allowed. Raises SettingsError with the nearest right name."""
    names = sorted(set(allowed))
    if value in names:
        return value
    raise SettingsError(
        f'{key} is "{value}"{did_you_mean(value, names) or "."} Allowed: {", ".join(names)}'
    )


class Mistakes:
    """Gathers what is wrong, so that all of it is told at once: `with mistakes: …` for each part that
    may raise SettingsError, then `refuse()`."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def __enter__(self) -> None:
        """A part that may be refused."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, SettingsError):
            self._texts.append(str(error))
        return isinstance(error, SettingsError)

    def refuse(self) -> None:
        """Raise one SettingsError for all; nothing when there is none."""
        refuse(tuple(dict.fromkeys(self._texts)))


def all_checked(
    check: Callable[[GivenT], CheckedT], given: Iterable[GivenT]
) -> tuple[CheckedT, ...]:
    """What `check` makes of each. Raises one SettingsError that tells what is wrong with any."""
    checked, mistakes = [], Mistakes()
    for each in given:
        with mistakes:
            checked.append(check(each))
    mistakes.refuse()
    return tuple(checked)


def time_zone(name: str, key: str) -> ZoneInfo:
    """A time zone that this machine knows. Raises SettingsError with the nearest right name."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        allowed = "Allowed: names such as UTC or Europe/Prague"
        meant = did_you_mean(name, available_timezones()) or "."
        raise SettingsError(f'{key} is "{name}"{meant} {allowed}') from None
