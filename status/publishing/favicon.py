"""The icon of the status page, coloured by its headline's tone. Pure."""

from status.model import Condition

_TONES = {
    Condition.OPERATIONAL: ("#157347", "M7.5 12.5l3 3 6-7"),
    Condition.DEGRADED_PERFORMANCE: ("#b87700", "M12 6v7M12 16.6v.4"),
    Condition.PARTIAL_OUTAGE: ("#b04a08", "M12 6v7M12 16.6v.4"),
    Condition.MAJOR_OUTAGE: ("#b3261e", "M8 8l8 8M16 8l-8 8"),
    Condition.UNDER_MAINTENANCE: ("#2459b5", "M8 12h8"),
}


def favicon(tone: str) -> bytes:
    """A circle with a sign; a tone that is no condition is grey with a question mark."""
    colour, sign = _TONES.get(Condition(tone), ("", "")) if tone in set(Condition) else ("", "")
    colour, sign = colour or "#66727e", sign or "M9.5 9.5a2.5 2.5 0 1 1 2.5 3.4v.8M12 16.6v.4"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
        f'<circle cx="12" cy="12" r="11" fill="{colour}"/>'
        f'<path d="{sign}" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round"/>'
        "</svg>"
    ).encode()
