"""Badges of components and of the whole page (SVG, shields.io's JSON), and the coloured favicon. Pure.
The icon of the status page takes its headline's tone.
"""

from __future__ import annotations

import unicodedata
from html import escape

import msgspec

from render.i18n import translate
from status import labels
from status.model import Condition

SVG = "image/svg+xml"
WHOLE_PAGE = "_all"  # no component can be called so
_COLOURS = {
    Condition.OPERATIONAL: ("#157347", "brightgreen"),
    Condition.DEGRADED_PERFORMANCE: ("#8a5a00", "yellow"),
    Condition.PARTIAL_OUTAGE: ("#b04a08", "orange"),
    Condition.MAJOR_OUTAGE: ("#b3261e", "red"),
    Condition.UNDER_MAINTENANCE: ("#2459b5", "blue"),
    Condition.NO_DATA: ("#56616b", "lightgrey"),
}
_ICONS = {
    Condition.OPERATIONAL: ("#157347", "M7.5 12.5l3 3 6-7"),
    Condition.DEGRADED_PERFORMANCE: ("#b87700", "M12 6v7M12 16.6v.4"),
    Condition.PARTIAL_OUTAGE: ("#b04a08", "M12 6v7M12 16.6v.4"),
    Condition.MAJOR_OUTAGE: ("#b3261e", "M8 8l8 8M16 8l-8 8"),
    Condition.UNDER_MAINTENANCE: ("#2459b5", "M8 12h8"),
}
_WIDE = "mwMWÁČĎÉĚŇŘŠŤÚŮŽABCDGHKNOPQRUVXYZ@%&"
_THIN = "iljtfrI.,:;|!'() "


def badge(label: str, condition: Condition, lang: str) -> tuple[bytes, bytes]:
    """The badge of a component, or of the whole page: as SVG, and as shields.io reads it."""
    message = translate(lang, labels.CONDITIONS[condition])
    svg_colour, shields_colour = _COLOURS[condition]
    return (
        svg_badge(label, message, svg_colour),
        shields_endpoint(label, message, shields_colour),
    )


def shields_endpoint(label: str, message: str, colour: str) -> bytes:
    """The endpoint schema of shields.io."""
    return msgspec.json.encode(
        {
            "schemaVersion": 1,
            "label": label,
            "message": message or "–",
            "color": colour,
            "cacheSeconds": 60,
        }
    )


def svg_badge(label: str, message: str, colour: str) -> bytes:
    """A flat badge with its words for screen readers; white on these colours passes 4.5:1."""
    left, right = _width(label), _width(message)
    width = left + right
    label_text = escape(f"{label}: {message}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img"'
        f' aria-label="{label_text}"><title>{label_text}</title>'
        f'<rect width="{width}" height="20" rx="3" fill="#3a4149"/>'
        f'<path d="M{left} 0h{right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{right - 3}z"'
        f' fill="{colour}"/>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif"'
        ' font-size="11">'
        f'<text x="{left / 2:g}" y="14" textLength="{left - 12}">{escape(label)}</text>'
        f'<text x="{left + right / 2:g}" y="14" textLength="{right - 12}">{escape(message)}</text>'
        "</g></svg>"
    ).encode()


def _width(text: str) -> int:
    """About as wide as Verdana sets it at 11 pixels, with six pixels on each side."""
    return 12 + round(sum(map(_character_width, text)))


def _character_width(char: str) -> float:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0  # it stands on the one before
    if unicodedata.east_asian_width(char) in "WF":
        return 11  # a whole square
    return 4.2 if char in _THIN else 8.6 if char in _WIDE else 6.9


def favicon(tone: str) -> bytes:
    """A circle with a sign; a tone that is no condition is grey with a question mark."""
    colour, sign = _ICONS.get(Condition(tone), ("", "")) if tone in set(Condition) else ("", "")
    colour, sign = colour or "#66727e", sign or "M9.5 9.5a2.5 2.5 0 1 1 2.5 3.4v.8M12 16.6v.4"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
        f'<circle cx="12" cy="12" r="11" fill="{colour}"/>'
        f'<path d="{sign}" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round"/>'
        "</svg>"
    ).encode()
