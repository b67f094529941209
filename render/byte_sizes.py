"""How sizes in bytes are shown: in the figures of hosting panels, a GB being 1024³ bytes. Pure."""

from __future__ import annotations

from babel import Locale
from babel.units import format_unit

UNITS = tuple(f"digital-{size}byte" for size in ("", "kilo", "mega", "giga", "tera"))
STEP = 1024  # as every panel counts: a customer finds the same figure there


def byte_size(value: object, locale: Locale) -> str:
    """A size in bytes, as panels show it: a GB is 1024³ bytes."""
    size, units = float(str(value)), list(UNITS)
    while abs(round(size, 1)) >= STEP and len(units) > 1:
        size, units = size / STEP, units[1:]
    return format_unit(round(size, 1), units[0], "short", locale=locale)
