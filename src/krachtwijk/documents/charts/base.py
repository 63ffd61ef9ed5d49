# SPDX-License-Identifier: EUPL-1.2
"""What every chart is made of: a scale, round values, places, and the SVG around it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

Form = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from values (``low`` .. ``high``) to places (``start`` .. ``end``) on the paper."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a value; outside the domain the line goes on."""
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def ticks(low: float, high: float, about: int = 4) -> tuple[float, ...]:
    """Round values (1, 2 or 5 times a power of ten apart) that cover ``low`` .. ``high``, the ends included."""
    if high <= low:
        low, high = low - 0.5, high + 0.5
    rough = (high - low) / max(about, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(n * step, 10) + 0.0 for n in range(first, last + 1))


def num(value: float) -> str:
    """A coordinate: at most one decimal, never -0."""
    return f"{round(value, 1) + 0.0:g}"


def write(x: float, y: float, content: str, kind: str, anchor: str = "start") -> str:
    """A text of class ``kind`` with its base line at ``y``; ``anchor`` is the side of it that stands at ``x``."""
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="{kind}" x="{num(x)}" y="{num(y)}"{place}>{escape(content)}</text>'


def stroke(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line of class ``kind`` between two places."""
    return f'<line class="{kind}" x1="{num(x1)}" y1="{num(y1)}" x2="{num(x2)}" y2="{num(y2)}"/>'


def drawing(
    name: str, kind: str, size: tuple[float, float], title: str, desc: str, parts: Iterable[str]
) -> str:
    """A chart of class ``kind`` around its parts; its title and description are tied to ``name``."""
    width, height = size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="grafiek {kind}" role="img" '
        f'viewBox="0 0 {num(width)} {num(height)}" width="{num(width)}" height="{num(height)}" '
        f"aria-labelledby={quoteattr(f'{name}-t {name}-d')}>"
        f"<title id={quoteattr(f'{name}-t')}>{escape(title)}</title>"
        f"<desc id={quoteattr(f'{name}-d')}>{escape(desc)}</desc>" + "".join(parts) + "</svg>"
    )


def short(text: str, room: int) -> str:
    """A label that fits; whoever draws a long one gives the whole name in the table beside it."""
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"


def spread_out(places: Sequence[float], gap: float) -> list[float]:
    """Label places moved apart until ``gap`` lies between neighbours, in the order given, kept around their middle."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + gap)
    shift = (sum(places) - sum(moved)) / len(places) if places else 0.0
    return [m + shift for m in moved]


def kept_clear(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Label places moved apart as `spread_out` does, and then kept between ``low`` and ``high`` as far as they fit."""
    moved = spread_out(places, gap)
    if not moved:
        return moved
    down = max(0.0, low - min(moved))
    up = max(0.0, max(moved) + down - high)
    return [m + down - up for m in moved]
