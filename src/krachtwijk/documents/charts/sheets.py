# SPDX-License-Identifier: EUPL-1.2
"""A legend, and finished charts together on one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from krachtwijk.documents.charts.base import drawing, num, short, write


def key(name: str, entries: Sequence[tuple[int | None, str]], *, title: str) -> str:
    """The legend of a map: per class its colour (None: hatched, no figure) and its words, with how many areas."""
    width, row = 400.0, 20.0
    parts = []
    for index, (step, words) in enumerate(entries):
        look = f"staaf k{step}" if step else "staaf geen"
        parts.append(f'<rect class="{look}" x="0.5" y="{num(index * row + 2.5)}" width="22" height="14"/>')
        parts.append(write(30, index * row + 14, words, "sleutel"))
    told = ". ".join(words for _, words in entries)
    return drawing(name, "legenda", (width, max(row * len(entries), row)), title, told, parts)


def sheet(
    name: str,
    charts: Sequence[tuple[str, str]],
    *,
    heading: Sequence[str],
    foot: Sequence[str],
    columns: int = 1,
) -> str:
    """Finished charts, each under its name, with heading and source lines; the first of ``heading`` is the title."""
    charts = [(label, _fitted(svg)) for label, svg in charts]
    sizes = [_size_shown(svg) for _, svg in charts]
    cell_width = max((w for w, _ in sizes), default=400.0)
    label_room = 20.0 if any(label for label, _ in charts) else 0.0
    columns = max(1, min(columns, len(charts)))
    edge, gap = 16.0, 16.0
    width = 2 * edge + columns * cell_width + (columns - 1) * gap
    room = width - 2 * edge
    across = int(room / 6.2)
    titles = _wrapped(heading[0], int(room / 9.4)) if heading else []
    heads = [*titles, *(part for text in heading[1:] for part in _wrapped(text, across))]
    feet = [part for text in foot for part in _wrapped(text, int(across * 1.15))]
    parts, y = [], edge + 6
    for index, text in enumerate(heads):
        parts.append(write(edge, y + 8, text, "kop" if index < len(titles) else "uitleg"))
        y += 20 if index < len(titles) else 16
    y += 10
    for start in range(0, len(charts), columns):
        row = charts[start : start + columns]
        for column, (label, svg) in enumerate(row):
            left = edge + column * (cell_width + gap)
            if label:
                parts.append(write(left, y + 12, short(label, int(cell_width / 6)), "label"))
            parts.append(svg.replace("<svg ", f'<svg x="{num(left)}" y="{num(y + label_room)}" ', 1))
        y += max(tall for _, tall in sizes[start : start + columns]) + label_room + gap
    for text in feet:
        parts.append(write(edge, y + 8, text, "voet"))
        y += 13
    height = y + edge
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="blad grafiek" role="img" '
        f'viewBox="0 0 {num(width)} {num(height)}" '
        f'width="{num(2 * width)}" height="{num(2 * height)}" aria-labelledby={quoteattr(f"{name}-blad")}>'
        f"<title id={quoteattr(f'{name}-blad')}>{escape(heading[0] if heading else name)}</title>"
        f'<rect class="papier" width="{num(width)}" height="{num(height)}"/>' + "".join(parts) + "</svg>"
    )


def _size(svg: str) -> tuple[float, float]:
    """Width and height of a chart of ours in its own units, out of its viewBox."""
    _, _, width, height = svg.split('viewBox="', 1)[1].split('"', 1)[0].split()
    return float(width), float(height)


def _fitted(svg: str, most: float = 400.0) -> str:
    """A drawing in larger units (a map) shown no wider than a chart."""
    width, height = _size(svg)
    if width <= most:
        return svg
    was = f'width="{num(width)}" height="{num(height)}"'
    return svg.replace(was, f'width="{num(most)}" height="{num(height * most / width)}"', 1)


def _size_shown(svg: str) -> tuple[float, float]:
    """Width and height at which a drawing is shown."""
    _, _, rest = svg.partition(' width="')
    width, _, rest = rest.partition('"')
    return float(width), float(rest.partition('height="')[2].partition('"')[0])


def _wrapped(text: str, room: int) -> list[str]:
    """A text in lines of at most ``room`` characters, a longer word on a line of its own."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
