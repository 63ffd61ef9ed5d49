# SPDX-License-Identifier: EUPL-1.2
"""From one level to another in steps: what makes a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from krachtwijk.documents.charts.base import Form, Scale, drawing, num, stroke, write


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a change with its interval; ``value`` None is not drawn, ``note`` says why."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""


def cascade(
    name: str,
    parts: Sequence[Part],
    *,
    begin: tuple[str, float],
    end: tuple[str, float],
    title: str,
    desc: str,
    form: Form,
    level: Form,
) -> str:
    """Steps from one level to another, each bar where the one before it ended, under its own label.

    ``begin`` and ``end`` name the two levels, ``form`` writes a step and ``level`` a level.
    """
    width, row, edge = 360.0, 42.0, 62.0
    at = begin[1]
    spans: list[tuple[float, float]] = []
    reach = [begin[1], end[1]]
    for part in parts:
        spans.append((at, at + (part.value or 0.0)))
        if part.value is not None:
            reach += [
                spans[-1][1],
                *(at + bound for bound in (part.low, part.high) if bound is not None),
            ]
        at = spans[-1][1]
    room = (max(reach) - min(reach)) * 0.04 or 1.0
    x = Scale(min(reach) - room, max(reach) + room, edge, width - edge)
    drawn = _level(x, 0.0, begin, level)
    for index, (part, (start, stop)) in enumerate(zip(parts, spans, strict=True), 1):
        top = index * row
        drawn.append(write(0, top + 14, part.label, "label op"))
        drawn.append(stroke(x(start), top - 4, x(start), top + 20, "raster"))
        if part.value is None:
            drawn.append(write(x(start) + 6, top + 33, part.note, "waarde stil"))
            continue
        step = "k7" if part.value >= 0 else "k3"
        drawn.append(
            f'<rect class="staaf {step}" x="{num(min(x(start), x(stop)))}" y="{num(top + 20)}" '
            f'width="{num(max(abs(x(stop) - x(start)), 0.5))}" height="16"/>'
        )
        ends = [x(stop)]
        if part.low is not None and part.high is not None:
            ends = [x(start + part.low), x(start + part.high)]
            drawn.append(stroke(ends[0], top + 28, ends[1], top + 28, "interval"))
        right = part.value >= 0
        place = max([*ends, x(start)]) + 6 if right else min([*ends, x(start)]) - 6
        drawn.append(write(place, top + 33, form(part.value), "waarde", "start" if right else "end"))
    drawn += _level(x, row * (len(parts) + 1), end, level)
    return drawing(name, "trap", (width, row * (len(parts) + 2)), title, desc, drawn)


def _level(x: Scale, top: float, held: tuple[str, float], level: Form) -> list[str]:
    label, value = held
    return [
        write(0, top + 14, label, "label"),
        f'<circle class="punt gebied" cx="{num(x(value))}" cy="{num(top + 28)}" r="5"/>',
        write(x(value) + 10, top + 33, level(value), "waarde"),
    ]
