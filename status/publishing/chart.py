"""A line of response times as one SVG path, with its words. Pure."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH, HEIGHT = 240, 40
_SCALES = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000)


@dataclass(frozen=True, slots=True)
class ChartLine:
    """`path` begins anew after each gap; fastest, slowest and newest in seconds, `top` the scale."""

    path: str
    fastest: float
    slowest: float
    latest: float
    top: float
    width: int = WIDTH
    height: int = HEIGHT


def line(values: tuple[int | None, ...]) -> ChartLine | None:
    """The picture of some milliseconds in equal steps; None when there are fewer than two."""
    answered = [v for v in values if v is not None]
    if len(answered) < 2:
        return None
    top = next((s for s in _SCALES if s >= max(answered)), max(answered))
    step = WIDTH / max(1, len(values) - 1)
    parts: list[str] = []
    drawing = False
    for index, value in enumerate(values):
        if value is None:
            drawing = False
            continue
        height = HEIGHT - 1 - (HEIGHT - 2) * value / top
        parts.append(f"{'L' if drawing else 'M'}{index * step:.1f} {height:.1f}")
        if not drawing:
            parts.append("h.1")  # a lone value is a dot
        drawing = True
    seconds = (min(answered) / 1000, max(answered) / 1000, answered[-1] / 1000, top / 1000)
    return ChartLine("".join(parts), *seconds)
