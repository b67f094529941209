"""How panels write figures: units, and the many spellings of "unlimited". Pure.

A wrong type, a missing field or a figure below zero is "not known" (None), never 0 or unlimited.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from hosting.model import Resource, Usage

PanelRow = Mapping[str, object]

ABSENT: Final = object()  # what a field that is not there reads as; null is something else
KIB, MIB = 1024, 1024**2
LARGEST = 2**62  # bytes or pieces; nobody has more, and every store can keep it
DAILY = timedelta(days=1)  # the age of figures that a panel counts nightly without saying when
USER = re.compile(r"[a-z0-9][a-z0-9_.-]{0,31}")
DOMAIN = re.compile(r"\A(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+")
MAX_WORD = 300
MAX_ROWS = 5_000
UNLIMITED_WORDS = frozenset({
    "unlimited", "unmetered", "infinite", "infinity", "∞", "&infin;", "none", "no limit",
    "neomezeno", "neomezené", "neomezený", "bez omezení", "neobmedzené", "neobmedzený",
    "bez limitu", "nieograniczony", "bez ograniczeń", "neograničeno", "unbegrenzt",
    "neomejeno", "unbeschränkt", "illimité", "illimitée", "illimitato", "illimitata", "ilimitado",
    "ilimitada", "sin límite", "nelimitat", "nelimitată", "korlátlan", "onbeperkt", "необмежено",
    "без обмежень", "неограниченно", "неограничено", "без ограничений", "obegränsat",
})  # fmt: skip
_NUMBER = re.compile(r"-?[0-9]{1,19}(\.[0-9]{1,9})?")
_FLAGS = {"1": True, "yes": True, "true": True, "y": True, "on": True,
          "0": False, "no": False, "false": False, "n": False, "off": False}  # fmt: skip


@dataclass(frozen=True, slots=True)
class UsageLimit:
    """A limit that the panel told: so much, or None for unlimited."""

    limit: int | None


def amount(value: object, unit: int = 1) -> int | None:
    """A figure in units of `unit`, rounded to whole ones; None when it cannot be one."""
    number = _number(value)
    if number is None or number < 0:
        return None
    whole = int((number * unit).to_integral_value(ROUND_HALF_UP))
    return whole if whole <= LARGEST else None


def bound(
    value: object, unit: int = 1, *, zero: bool = False, minus: bool = False, null: bool = False
) -> UsageLimit | None:
    """A limit. `zero`, `minus` and `null` say whether 0, -1 and null are "unlimited" in this
    panel; words for it always are. None when it is not known."""
    if value is None:
        return UsageLimit(None) if null else None
    if isinstance(value, str) and value.strip().casefold() in UNLIMITED_WORDS:
        return UsageLimit(None)
    number = _number(value)
    if (minus and number == -1) or (zero and number == 0):
        return UsageLimit(None)
    limit_amount = amount(value, unit)
    return None if limit_amount is None else UsageLimit(limit_amount)


def usage(
    resource: Resource, used: int | None, most: UsageLimit | None, as_of: datetime, source: str
) -> tuple[Usage, ...]:
    """One line of usage, or none when either figure is not known."""
    if used is None or most is None:
        return ()
    unit = "count" if resource is Resource.INODES else "bytes"
    return (Usage(resource, used, most.limit, unit, as_of, source),)


def flag(value: object) -> bool | None:
    """Yes or no in the ways panels write it; None for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return _FLAGS.get(str(value)) if value in (0, 1) else None
    return _FLAGS.get(value.strip().casefold()) if isinstance(value, str) else None


def word(value: object) -> str:
    """A short printable text, "" for anything else."""
    if not isinstance(value, str):
        return ""
    stripped = value.strip()
    return stripped if len(stripped) <= MAX_WORD and stripped.isprintable() else ""


def row(value: object) -> PanelRow:
    """An object's fields; none for anything else."""
    return value if isinstance(value, dict) else {}


def rows(value: object) -> tuple[PanelRow, ...]:
    """The objects in a list; none for anything else."""
    items = value if isinstance(value, list) else []
    return tuple(item for item in items[:MAX_ROWS] if isinstance(item, dict))


def within(name: str, domain: str) -> bool:
    """Whether a name is the domain or lies below it."""
    return name == domain or name.endswith("." + domain)


def public(candidates: Iterable[object]) -> tuple[str, ...]:
    """The addresses that the internet can see; behind NAT a panel knows only inner ones."""
    addresses = []
    for candidate in candidates:
        try:
            if ipaddress.ip_address(word(candidate)).is_global:
                addresses.append(word(candidate))
        except ValueError:
            continue
    return tuple(addresses)


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value) if abs(value) <= LARGEST else None
    if isinstance(value, float):
        return Decimal(repr(value)) if abs(value) <= LARGEST else None  # also refuses NaN
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return Decimal(value.strip())
    return None
