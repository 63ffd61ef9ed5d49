# SPDX-License-Identifier: EUPL-1.2
"""Figures as dots with their interval, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from krachtwijk.documents.charts.base import Form, Scale, drawing, num, short, stroke, ticks, write


@dataclass(frozen=True, slots=True)
class Dot:
    """A figure with its interval; ``around`` is what it is held against: a range drawn behind it."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""
    around: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class DotGroup:
    """Rows of a dot plot that belong together under a heading; an empty heading is not drawn."""

    heading: str
    dots: tuple[Dot, ...]


def dot_table(
    name: str,
    groups: Sequence[DotGroup],
    *,
    title: str,
    desc: str,
    form: Form,
    middle: float | None = None,
    middle_label: str = "",
    marks: Sequence[float] | None = None,
) -> str:
    """Many rows on one scale: label left, dot with interval right, a group on a ground of its own under its heading.

    ``middle`` draws a line to compare with, named above by ``middle_label``; ``note`` of a dot is its class (``k1``).
    """
    width, row, head, label = 400.0, 22.0, 30.0, 176.0
    every = [d for group in groups for d in group.dots]
    values = [v for d in every for v in (d.value, d.low, d.high) if v is not None]
    if middle is not None:
        values.append(middle)
    marks = marks or ticks(min(values, default=0.0), max(values, default=1.0), 3)
    x = Scale(marks[0], marks[-1], label + 6, width - 12)
    top = 22.0 if middle_label else 4.0
    ground: list[str] = []
    rows: list[str] = []
    y = top
    for group in groups:
        start = y
        if group.heading:
            rows.append(write(4, y + 20, group.heading, "label kop"))
            y += head
        for dot in group.dots:
            rows.append(write(4, y + 15, short(dot.label, 28), "label"))
            if dot.value is None:
                rows.append(write(label + 6, y + 15, dot.note, "waarde stil"))
            else:
                if dot.low is not None and dot.high is not None:
                    rows.append(stroke(x(dot.low), y + 11, x(dot.high), y + 11, "interval"))
                rows.append(
                    f'<circle class="punt gebied" cx="{num(x(dot.value))}" cy="{num(y + 11)}" r="4.5"/>'
                )
            y += row
        if group.heading:
            ground.append(
                f'<rect class="groep" x="0" y="{num(start)}" width="{num(width)}" height="{num(y - start)}"/>'
            )
            y += 8
    frame = [stroke(x(mark), top, x(mark), y, "raster") for mark in marks]
    frame += [write(x(mark), y + 15, form(mark), "as", "middle") for mark in marks]
    if middle is not None:
        frame.append(stroke(x(middle), top, x(middle), y, "nul"))
        if middle_label:
            room = 3.3 * len(middle_label)
            anchor = "end" if x(middle) + room > width else "start" if x(middle) < room else "middle"
            frame.append(write(x(middle), 14, middle_label, "as", anchor))
    return drawing(name, "stippen tabel", (width, y + 20), title, desc, [*ground, *frame, *rows])


def dots(
    name: str,
    items: Sequence[Dot],
    *,
    title: str,
    desc: str,
    form: Form,
    bounds: tuple[float, float] | None = None,
    middle: float | None = None,
) -> str:
    """A dot with its interval per row, under its own label; ``middle`` draws a line to compare with."""
    width, row, edge = 360.0, 42.0, 8.0
    values = [v for d in items for v in (d.value, d.low, d.high, *(d.around or ())) if v is not None]
    marks = ticks(*(bounds or (min(values, default=0.0), max(values, default=1.0))))
    left = max(edge, 3.3 * len(form(marks[0])))  # half of the first label stands left of its mark
    x = Scale(marks[0], marks[-1], left, width - edge - 40)
    base = row * len(items) + 8
    parts = [stroke(x(mark), 4, x(mark), base, "raster") for mark in marks]
    parts += [write(x(mark), base + 16, form(mark), "as", "middle") for mark in marks]
    parts += [
        f'<rect class="band" x="{num(x(dot.around[0]))}" y="{num(index * row + 20)}" '
        f'width="{num(x(dot.around[1]) - x(dot.around[0]))}" height="16"/>'
        for index, dot in enumerate(items)
        if dot.around is not None
    ]
    if middle is not None:
        parts.append(stroke(x(middle), 4, x(middle), base, "nul"))
    for index, dot in enumerate(items):
        top = index * row
        parts.append(write(0, top + 14, dot.label, "label op"))
        if dot.value is None:
            parts.append(write(0, top + 33, dot.note, "waarde stil"))
            continue
        if dot.low is not None and dot.high is not None:
            parts.append(stroke(x(dot.low), top + 28, x(dot.high), top + 28, "interval"))
        parts.append(f'<circle class="punt gebied" cx="{num(x(dot.value))}" cy="{num(top + 28)}" r="5"/>')
        parts.append(write(width, top + 32, form(dot.value), "waarde", "end"))
    return drawing(name, "stippen", (width, base + 22), title, desc, parts)


#: Letters of a name that fit in half the width of a drawing of places.
BESIDE = 25


@dataclass(frozen=True, slots=True)
class Place:
    """A place on a line from 0 to 100, among all (``whole``) and among those nearby (``part``); None is not drawn."""

    label: str
    whole: float | None
    part: float | None = None


def places(
    name: str,
    items: Sequence[Place],
    *,
    title: str,
    desc: str,
    ends: tuple[str, str],
    middle: str,
    whole: str,
    part: str = "",
) -> str:
    """Dots on lines from low (0) to high (100), each line under its own label; ``ends`` and ``middle`` name the scale.

    A filled dot is the place among all, an open diamond that among those nearby; ``whole`` and ``part`` name the two.
    """
    # two names of some length do not fit beside each other: then one stands under the other
    beside = not (whole and part) or max(len(whole), len(part)) <= BESIDE
    width, row, edge, top = 360.0, 40.0, 8.0, 26.0 if beside else 44.0
    x = Scale(0.0, 100.0, edge, width - edge)
    base = top + row * len(items)
    parts = []
    if whole:
        parts += [
            f'<circle class="punt gebied" cx="{num(edge)}" cy="8" r="5"/>',
            write(edge + 10, 12, whole, "as"),
        ]
    if part:
        left, line = (width / 2 + 6 if whole else edge, 8.0) if beside else (edge, 26.0)
        parts += [_diamond(left, line), write(left + 10, line + 4, part, "as")]
    parts.append(stroke(x(50), top + 16, x(50), base, "raster"))
    for index, item in enumerate(items):
        y = top + index * row + 28
        parts.append(write(0, y - 12, item.label, "label op"))
        parts.append(stroke(x(0), y, x(100), y, "baan"))
        if item.part is not None:
            parts.append(_diamond(x(item.part), y))
        if item.whole is not None:
            parts.append(f'<circle class="punt gebied" cx="{num(x(item.whole))}" cy="{num(y)}" r="5"/>')
    parts.append(write(x(0) - edge, base + 14, ends[0], "as"))
    parts.append(write(x(50), base + 14, middle, "as", "middle"))
    parts.append(write(x(100) + edge, base + 14, ends[1], "as", "end"))
    return drawing(name, "plaatsen", (width, base + 20), title, desc, parts)


def _diamond(x: float, y: float, size: float = 6.0) -> str:
    corners = " ".join(
        f"{num(a)},{num(b)}" for a, b in ((x, y - size), (x + size, y), (x, y + size), (x - size, y))
    )
    return f'<polygon class="ruit" points="{corners}"/>'
