# SPDX-License-Identifier: EUPL-1.2
"""Numbers of things: a bar divided by count, a dot for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from krachtwijk.documents.charts.base import Scale, drawing, num, stroke, write


@dataclass(frozen=True, slots=True)
class Stack:
    """Counts that add up to a whole: (class name, count, word) in the order drawn; ``note`` where there are none."""

    label: str
    parts: tuple[tuple[str, int, str], ...]
    note: str = ""


#: So many signs fit on a line under a bar.
LINE = 58


def stacks(
    name: str, items: Sequence[Stack], *, title: str, desc: str, form: Callable[[int], str] = str
) -> str:
    """One bar per row, divided by count, each count said in words under it, so that no colour has to be known.

    ``form`` writes a count.
    """
    width, row, more = 360.0, 58.0, 16.0
    parts = []
    top = -row
    under = 0.0  # what the words of the row above took beyond one line
    for item in items:
        top, under = top + row + under, 0.0
        parts.append(write(0, top + 14, item.label, "label"))
        whole = sum(count for _, count, _ in item.parts)
        if not whole:
            parts.append(write(0, top + 34, item.note, "waarde stil"))
            continue
        x = Scale(0, whole, 0.5, width - 0.5)
        at = 0
        for kind, count, _ in item.parts:
            if count:
                parts.append(
                    f'<rect class="deel {kind}" x="{num(x(at))}" y="{num(top + 20)}" '
                    f'width="{num(x(at + count) - x(at))}" height="14"/>'
                )
            at += count
        for place, line in enumerate(_lines([f"{form(n)} {word}" for _, n, word in item.parts if n])):
            under = place * more
            parts.append(write(0, top + 49 + under, line, "as"))
    return drawing(name, "stapels", (width, top + row + under), title, desc, parts)


def _lines(words: Sequence[str]) -> Iterator[str]:
    line = ""
    for word in words:
        if line and len(line) + len(word) > LINE:
            yield line
            line = ""
        line = f"{line} · {word}" if line else word
    yield line


@dataclass(frozen=True, slots=True)
class Tally:
    """A number of things under one word; ``low`` and ``high`` bound the number where it is uncertain.

    ``role`` is `vol`, `leeg`, `vast` or `stip`: how a dot is drawn. The word says what it means.
    """

    label: str
    count: int
    role: str
    low: float | None = None
    high: float | None = None
    note: str = ""


def tallies(name: str, items: Sequence[Tally], *, title: str, desc: str) -> str:
    """One dot per thing, a row per word, with the interval of a count as a line on the same scale."""
    width, left, row = 360.0, 96.0, 26.0
    most = max([1.0, *(i.count for i in items), *(i.high for i in items if i.high is not None)])
    step = min((width - left) / (most + 1), 14.0)
    radius = min(step * 0.38, 4.5)
    parts, top = [], 0.0
    for item in items:
        middle = top + 13
        parts.append(write(0, middle + 4, item.label, "label"))
        parts.append(write(left - 10, middle + 4, str(item.count), "waarde", "end"))
        parts += [
            f'<circle class="telpunt {item.role}" cx="{num(left + (at + 0.5) * step)}" cy="{num(middle)}" '
            f'r="{num(radius)}"/>'
            for at in range(item.count)
        ]
        top += row
        if item.low is not None and item.high is not None:
            start, end = left + item.low * step, left + item.high * step
            parts.append(stroke(start, top, end, top, "interval"))
            parts += [stroke(x, top - 4, x, top + 4, "interval") for x in (start, end)]
            if item.note:
                parts.append(write(end + 8, top + 4, item.note, "as"))
            top += 18
    return drawing(name, "tellingen", (width, top), title, desc, parts)
