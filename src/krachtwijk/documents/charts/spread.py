# SPDX-License-Identifier: EUPL-1.2
"""How many draws gave what, and where one figure lies among them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from krachtwijk.documents.charts.base import Form, Scale, drawing, num, stroke, ticks, write

#: About as many columns as fit beside each other and still differ.
COLUMNS = 30


def histogram(
    name: str,
    values: Sequence[float],
    *,
    title: str,
    desc: str,
    form: Form,
    value: float,
    label: str,
    around: tuple[float, float] | None = None,
    around_label: str = "",
) -> str:
    """Columns with how many of ``values`` lie where, and a line at ``value`` named ``label``.

    ``around`` is a range of those values, drawn as a ground and named below.
    """
    width, height, edge, top = 400.0, 190.0, 12.0, 30.0
    below = 44.0 if around_label else 24.0
    marks = ticks(min([value, *values]), max([value, *values]), 4)
    x = Scale(marks[0], marks[-1], edge, width - edge)
    step = (marks[-1] - marks[0]) / COLUMNS
    limits = [marks[0] + at * step for at in range(1, COLUMNS)]
    counts = [0] * COLUMNS
    for drawn in values:
        counts[bisect_right(limits, drawn)] += 1
    base = height - below
    y = Scale(0.0, max(counts, default=1) or 1, base, top)
    parts = []
    if around is not None:
        parts.append(
            f'<rect class="band" x="{num(x(around[0]))}" y="{num(top)}" '
            f'width="{num(x(around[1]) - x(around[0]))}" height="{num(base - top)}"/>'
        )
    wide = (width - 2 * edge) / COLUMNS
    parts += [
        f'<rect class="staaf zonder-klasse" x="{num(edge + at * wide)}" y="{num(y(count))}" '
        f'width="{num(wide)}" height="{num(base - y(count))}"/>'
        for at, count in enumerate(counts)
        if count
    ]
    parts.append(stroke(edge, base, width - edge, base, "raster"))
    parts += [write(x(mark), base + 16, form(mark), "as", "middle") for mark in marks[1:-1]]
    parts += [
        write(edge, base + 16, form(marks[0]), "as"),
        write(width - edge, base + 16, form(marks[-1]), "as", "end"),
    ]
    if around is not None and around_label:
        parts.append(write(width / 2, base + 36, around_label, "as", "middle"))
    room = 4.2 * len(label)
    anchor = "end" if x(value) + room > width else "start" if x(value) < room else "middle"
    parts.append(stroke(x(value), top - 8, x(value), base, "nul"))
    parts.append(write(x(value), top - 14, label, "label kop", anchor))
    return drawing(name, "verdeling", (width, height), title, desc, parts)
