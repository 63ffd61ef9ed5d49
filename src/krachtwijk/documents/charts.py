# SPDX-License-Identifier: EUPL-1.2
"""Charts as SVG text: plain data in, the same bytes out every time, for page and paper alike.

Every chart has a title and a description for who cannot see it, labels its lines directly and carries its looks in
class names only, so that a strict content policy and a house style both hold. Numbers are written by the caller's
``form``, because how a number is written depends on the reader's language.
"""

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


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from zero; ``step`` is the class (1-9) that colours it, None without class."""

    label: str
    value: float | None
    step: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Dot:
    """A figure with its interval."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""


def ticks(low: float, high: float, about: int = 4) -> tuple[float, ...]:
    """Round values (1, 2 or 5 times a power of ten apart) that cover ``low`` .. ``high``, the ends included."""
    if high <= low:
        low, high = low - 0.5, high + 0.5
    rough = (high - low) / max(about, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(n * step, 10) + 0.0 for n in range(first, last + 1))


def _n(value: float) -> str:
    """A coordinate: at most one decimal, never -0."""
    return f"{round(value, 1) + 0.0:g}"


def _text(x: float, y: float, content: str, kind: str, anchor: str = "start") -> str:
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}"{place}>{escape(content)}</text>'


def _rule(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"/>'


def _svg(name: str, kind: str, size: tuple[float, float], title: str, desc: str, parts: Iterable[str]) -> str:
    width, height = size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="grafiek {kind}" role="img" '
        f'viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" height="{_n(height)}" '
        f"aria-labelledby={quoteattr(f'{name}-t {name}-d')}>"
        f"<title id={quoteattr(f'{name}-t')}>{escape(title)}</title>"
        f"<desc id={quoteattr(f'{name}-d')}>{escape(desc)}</desc>" + "".join(parts) + "</svg>"
    )


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
        parts.append(_text(0, top + 14, bar.label, "label"))
        parts.append(_rule(base, top + 18, base, top + 38, "nul"))
        if bar.value is None:
            parts.append(_text(base + 6, top + 33, bar.note, "waarde stil"))
            continue
        place = scale(bar.value)
        step = f"k{bar.step}" if bar.step else "zonder-klasse"
        parts.append(
            f'<rect class="staaf {step}" x="{_n(min(base, place))}" y="{_n(top + 20)}" '
            f'width="{_n(abs(place - base))}" height="16"/>'
        )
        right = bar.value >= 0
        parts.append(
            _text(
                place + (6 if right else -6), top + 33, form(bar.value), "waarde", "start" if right else "end"
            )
        )
    if zero:
        anchor = "start" if base < width / 3 else "end" if base > width * 2 / 3 else "middle"
        parts.append(_text(base, bottom + 12, zero, "as", anchor))
        bottom += 18
    return _svg(name, "staven", (width, bottom), title, desc, parts)


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


def _course(line: Line, years: Sequence[int], x: Scale, y: Scale, radius: float) -> list[str]:
    parts = []
    for run in _segments(line.points, years):
        band = [p for p in run if p.low is not None and p.high is not None]
        if len(band) > 1:
            there = " ".join(f"{_n(x(p.year))},{_n(y(p.high))}" for p in band if p.high is not None)
            back = " ".join(f"{_n(x(p.year))},{_n(y(p.low))}" for p in reversed(band) if p.low is not None)
            parts.append(f'<polygon class="band {line.role}" points="{there} {back}"/>')
        if len(run) > 1:
            route = " ".join(f"{_n(x(p.year))},{_n(y(p.value))}" for p in run if p.value is not None)
            parts.append(f'<polyline class="lijn {line.role}" points="{route}"/>')
        parts += [
            f'<circle class="punt {line.role}" cx="{_n(x(p.year))}" cy="{_n(y(p.value))}" r="{_n(radius)}"/>'
            for p in run
            if p.value is not None
        ]
    return parts


def _spread(places: Sequence[float], gap: float) -> list[float]:
    """Label places moved apart until ``gap`` lies between neighbours, in the order given, kept around their middle."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + gap)
    shift = (sum(places) - sum(moved)) / len(places) if places else 0.0
    return [m + shift for m in moved]


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
    parts = [_rule(left, y(mark), width - right, y(mark), "raster") for mark in marks]
    parts += [_text(left - 6, y(mark) + 4, form(mark), "as", "end") for mark in marks]
    parts += [_text(x(year), height - 8, str(year), "as", "middle") for year in _shown(years, x)]
    for line in reversed(lines):
        parts += _course(line, years, x, y, 3.5 if line.role == "gebied" else 2.5)
    named = [(line, run[-1]) for line in lines if (run := [p for p in line.points if p.value is not None])]
    heights = _spread([y(p.value) for _, p in named if p.value is not None], 16)
    parts += [
        _text(x(point.year) + 8, place + 4, line.label, f"naam {line.role}")
        for (line, point), place in zip(named, heights, strict=True)
    ]
    return _svg(name, "reeks", (width, height), title, desc, parts)


def _shown(years: Sequence[int], x: Scale, room: float = 34.0) -> list[int]:
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
) -> list[str]:
    """Small multiples: one small chart per (name, title, description, lines), all on one scale."""
    width, height, left, right, top, bottom = 168.0, 92.0, 26.0, 8.0, 6.0, 18.0
    everything = [line for _, _, _, lines in entries for line in lines]
    years = sorted({p.year for line in everything for p in line.points})
    if not years:
        return []
    marks = marks or domain(everything, about=3)
    x = Scale(years[0], years[-1], left, width - right)
    y = Scale(marks[0], marks[-1], height - bottom, top)
    frame = [
        *(_rule(left, y(mark), width - right, y(mark), "raster") for mark in (marks[0], marks[-1])),
        _text(left - 4, y(marks[0]) + 4, form(marks[0]), "as", "end"),
        _text(left - 4, y(marks[-1]) + 4, form(marks[-1]), "as", "end"),
        _text(left, height - 4, str(years[0]), "as"),
        _text(width - right, height - 4, str(years[-1]), "as", "end"),
    ]
    return [
        _svg(
            name,
            "paneel",
            (width, height),
            title,
            desc,
            [*frame, *(part for line in reversed(lines) for part in _course(line, years, x, y, 2))],
        )
        for name, title, desc, lines in entries
    ]


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
    values = [v for d in items for v in (d.value, d.low, d.high) if v is not None]
    marks = ticks(*(bounds or (min(values, default=0.0), max(values, default=1.0))))
    x = Scale(marks[0], marks[-1], edge, width - edge - 40)
    base = row * len(items) + 8
    parts = [_rule(x(mark), 4, x(mark), base, "raster") for mark in marks]
    parts += [_text(x(mark), base + 16, form(mark), "as", "middle") for mark in marks]
    if middle is not None:
        parts.append(_rule(x(middle), 4, x(middle), base, "nul"))
    for index, dot in enumerate(items):
        top = index * row
        parts.append(_text(0, top + 14, dot.label, "label op"))
        if dot.value is None:
            parts.append(_text(0, top + 33, dot.note, "waarde stil"))
            continue
        if dot.low is not None and dot.high is not None:
            parts.append(_rule(x(dot.low), top + 28, x(dot.high), top + 28, "interval"))
        parts.append(f'<circle class="punt gebied" cx="{_n(x(dot.value))}" cy="{_n(top + 28)}" r="5"/>')
        parts.append(_text(width, top + 32, form(dot.value), "waarde", "end"))
    return _svg(name, "stippen", (width, base + 22), title, desc, parts)
