# SPDX-License-Identifier: EUPL-1.2
"""Courses over years."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from krachtwijk.documents.charts.base import Form, Scale, drawing, num, spread_out, stroke, ticks, write


@dataclass(frozen=True, slots=True)
class Point:
    """One figure of a course; ``value`` None is a gap that no line may bridge."""

    year: int
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A course over years. ``role`` is a class name: ``gebied``, ``stad`` or ``land``."""

    label: str
    points: tuple[Point, ...]
    role: str = "gebied"


def _segments(points: Sequence[Point], years: Sequence[int]) -> list[list[Point]]:
    """Runs of points with a value and no measured year missing between them."""
    by_year = {p.year: p for p in points if p.value is not None}
    runs: list[list[Point]] = [[]]
    for year in years:
        if year in by_year:
            runs[-1].append(by_year[year])
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def course_marks(line: Line, years: Sequence[int], x: Scale, y: Scale, radius: float) -> list[str]:
    """One course as marks: its band, its line with gaps left open, and a point per figure."""
    parts = []
    for run in _segments(line.points, years):
        band = [p for p in run if p.low is not None and p.high is not None]
        if len(band) > 1:
            there = " ".join(f"{num(x(p.year))},{num(y(p.high))}" for p in band if p.high is not None)
            back = " ".join(f"{num(x(p.year))},{num(y(p.low))}" for p in reversed(band) if p.low is not None)
            parts.append(f'<polygon class="band {line.role}" points="{there} {back}"/>')
        if len(run) > 1:
            route = " ".join(f"{num(x(p.year))},{num(y(p.value))}" for p in run if p.value is not None)
            parts.append(f'<polyline class="lijn {line.role}" points="{route}"/>')
        parts += [
            f'<circle class="punt {line.role}" cx="{num(x(p.year))}" cy="{num(y(p.value))}" r="{num(radius)}"/>'
            for p in run
            if p.value is not None
        ]
    return parts


def domain(lines: Iterable[Line], *, about: int = 4) -> tuple[float, ...]:
    """Ticks that cover every value and interval of the lines; the first and last bound the drawing."""
    values = [
        v for line in lines for p in line.points for v in (p.value, p.low, p.high) if v is not None
    ] or [0.0, 1.0]
    return ticks(min(values), max(values), about)


def series(
    name: str,
    lines: Sequence[Line],
    *,
    title: str,
    desc: str,
    form: Form,
    marks: Sequence[float] | None = None,
    years: Sequence[int] | None = None,
) -> str:
    """A course over years with bands, gaps left open, and each line named at its end."""
    width, height, left, right, top, bottom = 400.0, 230.0, 44.0, 112.0, 10.0, 26.0
    years = sorted(years or {p.year for line in lines for p in line.points})
    marks = marks or domain(lines)
    x = Scale(years[0], years[-1], left, width - right)
    y = Scale(marks[0], marks[-1], height - bottom, top)
    parts = [stroke(left, y(mark), width - right, y(mark), "raster") for mark in marks]
    parts += [write(left - 6, y(mark) + 4, form(mark), "as", "end") for mark in marks]
    parts += [write(x(year), height - 8, str(year), "as", "middle") for year in years_shown(years, x)]
    for line in reversed(lines):
        parts += course_marks(line, years, x, y, 3.5 if line.role == "gebied" else 2.5)
    named = [(line, run[-1]) for line in lines if (run := [p for p in line.points if p.value is not None])]
    heights = spread_out([y(p.value) for _, p in named if p.value is not None], 16)
    parts += [
        write(x(point.year) + 8, place + 4, line.label, f"naam {line.role}")
        for (line, point), place in zip(named, heights, strict=True)
    ]
    return drawing(name, "reeks", (width, height), title, desc, parts)


def years_shown(years: Sequence[int], x: Scale, room: float = 34.0) -> list[int]:
    """The years that can be written under the axis without touching; first and last always are."""
    shown = [years[0]]
    for year in years[1:-1]:
        if x(year) - x(shown[-1]) >= room and x(years[-1]) - x(year) >= room:
            shown.append(year)
    return shown if len(years) == 1 else [*shown, years[-1]]


def panels(
    entries: Sequence[tuple[str, str, str, Sequence[Line]]],
    *,
    form: Form,
    marks: Sequence[float] | None = None,
    left: float = 26.0,
) -> list[str]:
    """Small multiples: one small chart per (name, title, description, lines), all on one scale.

    ``left`` is the room for the numbers beside the axis.
    """
    width, height, right, top, bottom = 168.0, 92.0, 8.0, 6.0, 18.0
    everything = [line for _, _, _, lines in entries for line in lines]
    years = sorted({p.year for line in everything for p in line.points})
    if not years:
        return []
    marks = marks or domain(everything, about=3)
    x = Scale(years[0], years[-1], left, width - right)
    y = Scale(marks[0], marks[-1], height - bottom, top)
    frame = [
        *(stroke(left, y(mark), width - right, y(mark), "raster") for mark in (marks[0], marks[-1])),
        write(left - 4, y(marks[0]) + 4, form(marks[0]), "as", "end"),
        write(left - 4, y(marks[-1]) + 4, form(marks[-1]), "as", "end"),
        write(left, height - 4, str(years[0]), "as"),
        write(width - right, height - 4, str(years[-1]), "as", "end"),
    ]
    return [
        drawing(
            name,
            "paneel",
            (width, height),
            title,
            desc,
            [*frame, *(part for line in reversed(lines) for part in course_marks(line, years, x, y, 2))],
        )
        for name, title, desc, lines in entries
    ]
