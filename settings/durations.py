"""How settings write a duration: "90s", "5m", "1d". Pure."""

from __future__ import annotations


def as_duration(length: float) -> str:
    """Seconds as settings write a duration."""
    length = max(length, 0.001)
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if length >= size and length % size == 0:
            return f"{length / size:g}{unit}"
    return f"{length:.10g}s"
