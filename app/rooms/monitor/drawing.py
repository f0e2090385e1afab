"""Small pictures of numbers: a row of bars as points of an SVG, with the words that say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 120, 28


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: left, top, width and height in the picture's units."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Sparkline:
    """The bars of a trend; `most` the highest value, `last` the newest, `total` of all."""

    bars: tuple[Bar, ...]
    most: int
    last: int
    total: int


def sparkline(values: Sequence[int]) -> Sparkline:
    """Draw a trend, oldest first; nothing is as high as a hair, so that a gap is seen as one."""
    most = max(values, default=0)
    step = WIDTH / max(1, len(values))
    bars = []
    for place, value in enumerate(values):
        height = max(1.0, (HEIGHT - 2) * value / most) if most and value else 0.6
        bars.append(
            Bar(round(place * step, 2), round(HEIGHT - height, 2), round(step - 1, 2), round(height, 2))
        )
    return Sparkline(tuple(bars), most, values[-1] if values else 0, sum(values))
