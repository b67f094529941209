"""Fills {name} and {name:kind} in texts: dates, durations, numbers and lists in the reader's formats."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

import idna
from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from render.byte_sizes import byte_size
from render.i18n import FilledText, translate
from render.languages import language, languages, locale_of, localized
from render.message_fields import FIELD

# Of a template; plain JSON. An operator's text is a mapping: language → text.
Argument = str | int | float | bool | list[str] | dict[str, str] | None
T = TypeVar("T")
MAX_SAID = 2  # a text in a sentence in a message
_PUNYCODE = re.compile(r"\bxn--[a-z0-9-]+")
_DAYS_FROM, _DAYS_UNTIL = timedelta(days=2), timedelta(days=438)  # told in days


@cache
def formats(lang: str) -> Locale:
    """The locale whose formats a language is shown in."""
    shipped = languages().get(lang)
    return shipped.locale if shipped else locale_of(lang)


class Formatter(Protocol):
    def __call__(self, value: object, locale: Locale) -> str: ...


def days(value: object, locale: Locale) -> str:
    """A count of days with the language's own plural."""
    return format_unit(int(str(value)), "duration-day", "long", locale=locale)


def duration(value: object, locale: Locale) -> str:
    """Seconds as a rounded span in words; of days up to a year as so many days: thirty are not
    four weeks."""
    span = timedelta(seconds=float(str(value)))
    if _DAYS_FROM <= abs(span) < _DAYS_UNTIL:
        return days(round(span / timedelta(days=1)), locale)
    return format_timedelta(span, granularity="second", threshold=2, locale=locale)


def day(value: object, locale: Locale) -> str:
    """An ISO date (or date) written out."""
    on = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    return _day(date(on.year, on.month, on.day), locale)


@lru_cache(maxsize=4096)  # the same days stand in the bars of thousands of services
def _day(on: date, locale: Locale) -> str:
    return format_date(on, "long", locale=locale)


def month(value: object, locale: Locale) -> str:
    """The month of an ISO date (or date), as a heading."""
    on = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    return format_date(on, "LLLL y", locale=locale)


def moment(value: object, locale: Locale, zone: str = "UTC") -> str:
    """An ISO moment (or datetime) with its zone named."""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return format_datetime(
        at,
        language(locale.language).datetime,
        tzinfo=ZoneInfo(zone),
        locale=locale,
    )


def second(value: datetime, locale: Locale, zone: str = "UTC") -> str:
    """The time of day to the second with its zone named, for evidence."""
    return format_datetime(value, "HH:mm:ss z", tzinfo=ZoneInfo(zone), locale=locale)


def terminal_moment(at: datetime, zone: str) -> str:
    """A moment as the command line prints it: sortable, with its zone named."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S %Z}"


def readable(text: str) -> str:
    """Names with diacritics as people write them; other scripts stay encoded (they may deceive)."""

    def decode(match: re.Match[str]) -> str:
        try:
            label = idna.decode(match[0])
        except idna.IDNAError:
            return match[0]
        latin = all(c.isascii() or unicodedata.name(c, "").startswith("LATIN") for c in label)
        return label if latin else match[0]

    return _PUNYCODE.sub(decode, text)


def listed(value: object, locale: Locale) -> str:
    """A list of values joined as the language joins them."""
    values = value if isinstance(value, (list, tuple)) else [value]
    return format_list([readable(str(v)) for v in values], locale=locale) if values else ""


def number(value: object, locale: Locale) -> str:
    return format_decimal(float(str(value)), locale=locale)


def milliseconds(value: object, locale: Locale) -> str:
    """A short time: 0.42 ms, 120 ms, 1.25 s. The signs of the units are those of every language."""
    span = float(str(value))
    unit, amount = ("s", span / 1000) if span >= 999.5 else ("ms", span)
    digits = 0 if amount >= 100 else 1 if amount >= 10 else 2
    return f"{format_decimal(round(amount, digits), locale=locale)}\N{NO-BREAK SPACE}{unit}"


def clock_hour(value: datetime, locale: Locale, zone: str = "UTC") -> str:
    """The time of day at an axis."""
    return format_skeleton("Hm", value, ZoneInfo(zone), locale=locale)


def short_day(value: datetime, locale: Locale, zone: str = "UTC") -> str:
    """The day and month at an axis."""
    return format_skeleton("MMMd", value, ZoneInfo(zone), locale=locale)


def percent(value: object, locale: Locale) -> str:
    """A share between 0 and 1 as a percentage, two decimals at most, never rounded up to 100."""
    return _percent(rounded_share(float(str(value))), locale)


def rounded_share(share: float) -> float:
    """A share as percentages tell it, so that what reads the same compares the same."""
    return round(min(share, 0.9999) if share < 1 else share, 4)


@lru_cache(maxsize=32_768)  # a page of thousands of services says the same few again and again
def _percent(share: float, locale: Locale) -> str:
    return format_percent(share, locale=locale, decimal_quantization=False)


def plain(value: object, locale: Locale) -> str:
    return listed(value, locale) if isinstance(value, (list, tuple)) else readable(str(value))


def exact(value: object, locale: Locale) -> str:
    """A value to copy: never respelled."""
    del locale
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


KINDS: dict[str, Formatter] = {
    "": plain,
    "bytes": byte_size,
    "days": days,
    "duration": duration,
    "date": day,
    "month": month,
    "datetime": moment,
    "list": listed,
    "number": number,
    "percent": percent,
    "milliseconds": milliseconds,
    "host": plain,
    "code": exact,
}


def in_language(value: T, lang: str) -> T | str:
    """An argument as readers of a language are given it."""
    return localized(value, lang) if isinstance(value, Mapping) else value


def fill(template: str, args: Mapping[str, object], lang: str, zone: str = "UTC") -> str:
    """A translated template with its arguments in place, as plain text (not markup).
    Moments are told in `zone`.

    An argument that is missing or of the wrong form is shown as it is: a report never fails.
    {name:said} is a whole msgid of its own (a sentence or a term), filled with the same arguments;
    a sentence may hold a term, no more. It may be the words of others instead, such as a TXT
    record: what looks like a field there and is none, as SPF's %{i}, stays.
    """
    return _filled(template, args, (lang, zone), depth=MAX_SAID)


def _filled(
    template: str, args: Mapping[str, object], reader: tuple[str, str], *, depth: int
) -> str:
    lang, zone = reader
    locale = formats(lang)

    def replace_field(match: re.Match[str]) -> str:
        name, kind = match[1], match[2] or ""
        value = in_language(args.get(name), lang)
        if value is None:
            return "–" if depth == MAX_SAID else match[0]
        if kind == "said" and depth:
            return _filled(translate(lang, str(value)), args, reader, depth=depth - 1)
        try:
            if kind == "datetime":
                return moment(value, locale, zone)
            return KINDS.get(kind, plain)(value, locale)
        except (ValueError, TypeError):
            return str(value)

    return FIELD.sub(replace_field, template)


def sentence(
    lang: str,
    text: str,
    args: Mapping[str, object] | None = None,
    zone: str = "UTC",
) -> str:
    """A msgid in a language, filled."""
    return fill(translate(lang, text), {**values_of(text), **(args or {})}, lang, zone)


def values_of(text: str) -> Mapping[str, object]:
    """What a text brings to be filled with; nothing when it is a plain one."""
    return text.values if isinstance(text, FilledText) else {}


def message(lang: str, text: str) -> str:
    """A msgid in a language, filled where it brings what it is filled with: others may be shown
    with braces of their own."""
    return sentence(lang, text) if isinstance(text, FilledText) else translate(lang, text)
