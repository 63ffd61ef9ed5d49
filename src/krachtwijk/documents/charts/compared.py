# SPDX-License-Identifier: EUPL-1.2
"""Many areas on one drawing, each a group with its key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from krachtwijk.documents.charts.base import (
    Form,
    Scale,
    drawing,
    kept_clear,
    num,
    short,
    stroke,
    ticks,
    write,
)
from krachtwijk.documents.charts.line import Line, Point, course_marks, domain, years_shown


@dataclass(frozen=True, slots=True)
class Course:
    """A course of the explorer: ``key`` ties it to the same area elsewhere, ``role`` as in `Line`."""

    key: str
    label: str
    points: tuple[Point, ...]
    role: str = "gebied"


@dataclass(frozen=True, slots=True)
class Spot:
    """An area in a scatter plot, with its intervals where they are known (low, high)."""

    key: str
    label: str
    x: float
    y: float
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis measures and how its numbers are written; ``marks`` None asks for round values."""

    label: str
    form: Form
    marks: Sequence[float] | None = None


#: So many lines or dots carry their own name; more would cover one another.
NAMED_AT_MOST = 12


def courses(
    name: str,
    lines: Sequence[Course],
    *,
    title: str,
    desc: str,
    form: Form,
    years: Sequence[int],
    marks: Sequence[float] | None = None,
    zero: str = "",
    breaks: Sequence[tuple[int, str]] = (),
) -> str:
    """Many courses on one drawing, each a group with its key; up to twelve are named at their end.

    ``years`` are all measured years: a year without a figure interrupts a line. ``breaks`` are years from which
    figures are made in another way: a dotted rule with its word. ``zero`` names the line of zero.
    """
    named = [ln for ln in lines if ln.role == "gebied"]
    many = len(named) > NAMED_AT_MOST
    width, height, left, top, bottom = 400.0, 250.0, 44.0, 16.0, 26.0
    right = 74.0 if many else 112.0
    years = sorted(years)
    marks = marks or domain([Line(ln.label, ln.points) for ln in lines])
    x = Scale(years[0], years[-1], left, width - right)
    y = Scale(marks[0], marks[-1], height - bottom, top)
    parts = [stroke(left, y(mark), width - right, y(mark), "raster") for mark in marks]
    parts += [write(left - 6, y(mark) + 4, form(mark), "as", "end") for mark in marks]
    parts += [write(x(year), height - 8, str(year), "as", "middle") for year in years_shown(years, x)]
    if zero and marks[0] < 0 < marks[-1]:
        parts.append(stroke(left, y(0), width - right, y(0), "nul"))
        parts.append(write(left + 4, y(0) - 4, zero, "as op"))
    for year, word in breaks:
        at = max(left, x(year) - (x(years[-1]) - x(years[0])) / max(2 * (years[-1] - years[0]), 1))
        parts.append(stroke(at, top, at, height - bottom, "breuk"))
        parts.append(write(at, top - 5, word, "as", "middle" if at < width - right - 20 else "end"))
    ends = []
    for line in lines:
        own = [p for p in line.points if p.value is not None]
        if own and (line.role != "gebied" or not many):
            ends.append((line, own[-1]))
    gap = 15.0 if len(ends) < 13 else 13.0
    spread = kept_clear([y(p.value) for _, p in ends if p.value is not None], gap, top, height - bottom)
    label_at = {line.key: place for (line, _), place in zip(ends, spread, strict=True)}
    order = {line.key: n for n, line in enumerate(named)}
    behind, front = [], []
    for line in sorted(lines, key=lambda ln: ln.role == "gebied"):
        kind = (
            line.role if line.role != "gebied" or many else f"gebied r{order[line.key] % NAMED_AT_MOST + 1}"
        )
        drawn = course_marks(Line(line.label, line.points, line.role), years, x, y, 1.8 if many else 2.6)
        if many and any(part.startswith("<polyline") for part in drawn):
            drawn = [part for part in drawn if not part.startswith("<circle")]
        bands = [part for part in drawn if part.startswith("<polygon")]
        drawn = [part for part in drawn if not part.startswith("<polygon")]
        if line.key in label_at:
            end = next(p for p in reversed(line.points) if p.value is not None)
            place, start = label_at[line.key], x(end.year)
            drawn.append(
                f'<path class="naar" d="M{num(start + 4)} {num(y(end.value or 0.0))}'
                f'L{num(max(start + 12, width - right + 12))} {num(place)}"/>'
            )
            at = max(start + 15, width - right + 15)
            drawn.append(write(at, place + 4, short(line.label, 16), f"naam {line.role}"))
        opening = f"data-gebied={quoteattr(line.key)}><title>{escape(_told(line, form))}</title>"
        front.append(f'<g class="loop {kind}" {opening}{"".join(drawn)}</g>')
        if bands:  # a band may never hide another line
            behind.append(f'<g class="loop achter {kind}" {opening}{"".join(bands)}</g>')
    parts += behind + front
    return drawing(name, "verloop veel" if many else "verloop", (width, height), title, desc, parts)


def _told(line: Course, form: Form) -> str:
    """A course in words: its name with the first and the last figure."""
    held = [(p.year, p.value) for p in line.points if p.value is not None]
    ends = held[:1] + held[-1:] if len(held) > 1 else held
    return ": ".join([line.label, ", ".join(f"{form(value)} ({year})" for year, value in ends)])


def scatter(
    name: str,
    spots: Sequence[Spot],
    *,
    title: str,
    desc: str,
    across: Axis,
    up: Axis,
    lines: Sequence[tuple[str, float, float]] = (),
    equal: str = "",
) -> str:
    """Two measures against each other, a dot per area; ``lines`` are (name, x, y) to compare with.

    ``equal`` names the line where both are the same, for two measures with the same marks; dots then have no names.
    """
    width, height, left, right, top, bottom = 400.0, 330.0, 48.0, 14.0, 24.0, 46.0
    wide = [v for s in spots for v in (s.x, *(s.x_range or ()))] + [line[1] for line in lines]
    high = [v for s in spots for v in (s.y, *(s.y_range or ()))] + [line[2] for line in lines]
    across_marks = across.marks or ticks(min(wide, default=0.0), max(wide, default=1.0))
    up_marks = up.marks or ticks(min(high, default=0.0), max(high, default=1.0))
    x = Scale(across_marks[0], across_marks[-1], left, width - right)
    y = Scale(up_marks[0], up_marks[-1], height - bottom, top)
    parts = [stroke(left, y(m), width - right, y(m), "raster") for m in up_marks]
    parts += [stroke(x(m), top, x(m), height - bottom, "raster") for m in across_marks]
    parts += [write(left - 6, y(m) + 4, up.form(m), "as", "end") for m in up_marks]
    parts += [write(x(m), height - bottom + 16, across.form(m), "as", "middle") for m in across_marks]
    parts.append(write(0, 12, f"↑ {short(up.label, 54)}", "as"))
    parts.append(write(width - right, height - 8, f"{short(across.label, 54)} →", "as", "end"))
    for label, value_x, value_y in lines:
        parts.append(stroke(x(value_x), top, x(value_x), height - bottom, "vergelijk"))
        parts.append(stroke(left, y(value_y), width - right, y(value_y), "vergelijk"))
        parts.append(write(width - right - 2, y(value_y) - 4, label, "as op", "end"))
    if equal:
        parts.append(
            stroke(x(across_marks[0]), y(up_marks[0]), x(across_marks[-1]), y(up_marks[-1]), "vergelijk")
        )
        parts.append(write(x(across_marks[-1]) - 8, y(up_marks[-1]) + 6, equal, "as op", "end"))
    few = len(spots) <= NAMED_AT_MOST and not equal
    ordered = sorted(spots, key=lambda s: s.key)
    written: list[tuple[float, float]] = []
    for spot in ordered:
        at_x, at_y = x(spot.x), y(spot.y)
        drawn = []
        if spot.x_range:
            drawn.append(stroke(x(spot.x_range[0]), at_y, x(spot.x_range[1]), at_y, "interval"))
        if spot.y_range:
            drawn.append(stroke(at_x, y(spot.y_range[0]), at_x, y(spot.y_range[1]), "interval"))
        drawn.append(f'<circle class="punt gebied" cx="{num(at_x)}" cy="{num(at_y)}" r="{4 if few else 3}"/>')
        if few:
            anchor, move = ("start", 8) if at_x < width * 0.68 else ("end", -8)
            place = at_y + 4
            while any(
                abs(place - other_y) < 11 and abs(at_x - other_x) < 120 for other_x, other_y in written
            ):
                place += 3
            written.append((at_x, place))
            drawn.append(write(at_x + move, place, short(spot.label, 22), "naam op", anchor))
        told = f"{spot.label}: {across.form(spot.x)}, {up.form(spot.y)}"
        parts.append(
            f'<g class="loop gebied" data-gebied={quoteattr(spot.key)}><title>{escape(told)}</title>'
            f"{''.join(drawn)}</g>"
        )
    return drawing(name, "spreiding", (width, height), title, desc, parts)
