# SPDX-License-Identifier: EUPL-1.2
"""Bars from zero, and places on the nine classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from krachtwijk.documents.charts.base import Form, Scale, drawing, num, stroke, write


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from zero; ``step`` is the class (1-9) that colours it, None without class."""

    label: str
    value: float | None
    step: int | None = None
    note: str = ""


def bars(name: str, items: Sequence[Bar], *, title: str, desc: str, form: Form, zero: str = "") -> str:
    """Horizontal bars from zero, each under its own label with its value at the end: contributions to a total.

    ``zero`` says what zero stands for, under its line.
    """
    width, row, edge = 360.0, 42.0, 62.0
    present = [b.value for b in items if b.value is not None]
    scale = Scale(min([0.0, *present]), max([0.0, *present]), edge, width - edge)
    base, bottom = scale(0.0), row * len(items)
    parts = []
    for index, bar in enumerate(items):
        top = index * row
        parts.append(write(0, top + 14, bar.label, "label"))
        parts.append(stroke(base, top + 18, base, top + 38, "nul"))
        if bar.value is None:
            parts.append(write(base + 6, top + 33, bar.note, "waarde stil"))
            continue
        place = scale(bar.value)
        step = f"k{bar.step}" if bar.step else "zonder-klasse"
        parts.append(
            f'<rect class="staaf {step}" x="{num(min(base, place))}" y="{num(top + 20)}" '
            f'width="{num(abs(place - base))}" height="16"/>'
        )
        right = bar.value >= 0
        parts.append(
            write(
                place + (6 if right else -6), top + 33, form(bar.value), "waarde", "start" if right else "end"
            )
        )
    if zero:
        anchor = "start" if base < width / 3 else "end" if base > width * 2 / 3 else "middle"
        parts.append(write(base, bottom + 12, zero, "as", anchor))
        bottom += 18
    return drawing(name, "staven", (width, bottom), title, desc, parts)


def steps(
    name: str, items: Sequence[tuple[str, int | None]], *, title: str, desc: str, low: str, high: str
) -> str:
    """Where things stand on the nine classes: the scale on top, a row per thing with its dot and its number."""
    width, left, cell, row = 360.0, 108.0, 26.0, 28.0
    scale = 14.0
    parts = [
        f'<rect class="staaf k{step}" x="{num(left + (step - 1) * cell)}" y="18" width="{num(cell)}" '
        f'height="{num(scale)}"/>'
        for step in range(1, 10)
    ]
    parts += [write(left, 12, low, "as"), write(left + 9 * cell, 12, high, "as", "end")]
    top = 18 + scale
    for label, step in items:
        middle = top + row / 2 + 2
        parts.append(write(0, middle + 4, label, "label"))
        parts.append(stroke(left, middle, left + 9 * cell, middle, "raster"))
        if step is not None:
            x = left + (step - 0.5) * cell
            parts.append(f'<circle class="punt gebied" cx="{num(x)}" cy="{num(middle)}" r="5"/>')
            right = step < 9
            parts.append(
                write(x + (10 if right else -10), middle - 4, str(step), "as", "start" if right else "end")
            )
        top += row
    return drawing(name, "stappen", (width, top + 4), title, desc, parts)
