# SPDX-License-Identifier: EUPL-1.2
"""Maps as SVG text: outlines and classes in, the same bytes out every time, for page, paper and preview image alike.

The looks are in class names (`static/krachtwijk/maps.css`), so that a strict content policy and a house style both
hold. Paths come ready-made from `geography.sheets`; a caller colours them. A map without links is a picture (``img``);
with links it is a group of links, each with the words of its area.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

#: why an area has no class: nothing published, or kept secret because it would be about too few people
Absence = Literal["", "geen", "geheim"]


@dataclass(frozen=True, slots=True)
class MapArea:
    """An area: ``path`` in units of the sheet, ``step`` the colour (1-9) or None, ``label`` the words of its class.

    Without ``step`` it is hatched, or grey where ``absence`` is ``geheim``. ``href`` makes it a link; ``x``, ``y`` is a
    point inside it.
    """

    code: str
    name: str
    path: str
    step: int | None = None
    label: str = ""
    href: str = ""
    x: int = 0
    y: int = 0
    absence: Absence = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class MapOutline:
    """A line over the areas: ``kind`` is ``programma``, ``rand`` (border) or ``gekozen``; ``label`` says whose.

    With ``ground`` it lies hatched under the areas too: what of it is no area has no figure.
    """

    path: str
    kind: str = "programma"
    label: str = ""
    ground: bool = False


@dataclass(frozen=True, slots=True)
class MapRing:
    """A ring that says from afar where something lies."""

    x: int
    y: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class MapName:
    """A name on the map; ``rank`` 1 is the most important. What a small screen has no room for is left to the style."""

    text: str
    x: int
    y: int
    rank: int = 1
    kind: str = "plaats"


def areas_map(
    name: str,
    size: tuple[int, int],
    areas: Sequence[MapArea],
    *,
    title: str,
    desc: str,
    outlines: Sequence[MapOutline] = (),
    rings: Sequence[MapRing] = (),
    names: Sequence[MapName] = (),
    kind: str = "",
) -> str:
    """A map of areas coloured by class. ``name`` is unique on its page; ``size`` is (width, height) in units.

    Areas that are links are no tab stops: the list beside a map has the same links, and a script may make the map one
    stop within which arrow keys walk. Every area has its name and words as a title.
    """
    linked = any(area.href for area in areas)
    role = "group" if linked else "img"
    ids = f"{name}-t {name}-d"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class={quoteattr(f"kaartbeeld {kind}".rstrip())} '
        f'id={quoteattr(name)} role="{role}" viewBox="0 0 {size[0]} {size[1]}" width="{size[0]}" height="{size[1]}" '
        f"aria-labelledby={quoteattr(ids)}>",
        f"<title id={quoteattr(f'{name}-t')}>{escape(title)}</title>",
        f"<desc id={quoteattr(f'{name}-d')}>{escape(desc)}</desc>",
        f'<defs><pattern id={quoteattr(f"{name}-arcering")} width="8" height="8" patternUnits="userSpaceOnUse">'
        '<path class="arcering" d="M-2 2l4-4M0 8l8-8M6 10l4-4"/></pattern></defs>',
        *(
            f'<path class="vlak geen grond" fill="url(#{escape(name)}-arcering)" d="{o.path}"/>'
            for o in outlines
            if o.ground
        ),
        '<g class="gebieden">',
        *(_area(area, name) for area in areas),
        "</g>",
    ]
    if outlines or rings or names:
        parts.append('<g class="erboven" aria-hidden="true">')
        for outline in outlines:
            if outline.kind != "rand":  # a light line under the dark one keeps it visible on every colour
                parts.append(f'<path class="lijn-licht" d="{outline.path}"/>')
            parts.append(f'<path class="lijn-{escape(outline.kind)}" d="{outline.path}"/>')
        parts += [f'<circle class="ring" cx="{ring.x}" cy="{ring.y}" r="7"/>' for ring in rings]
        parts += [
            f'<text class="kaartnaam {n.kind} rang-{_rank(n.rank)}" x="{n.x}" y="{n.y}">{escape(n.text)}</text>'
            for n in names
        ]
        parts.append("</g>")
    return "".join(parts) + "</svg>"


def _rank(rank: int) -> int:
    """Three sizes of importance: the first five, the next seven, the rest."""
    return 1 if rank <= 5 else 2 if rank <= 12 else 3


def _area(area: MapArea, name: str) -> str:
    words = f"{area.name}: {area.label}" if area.label else area.name
    look, fill = f"vlak k{area.step}", ""
    if area.step is None:
        look = "vlak geheim" if area.absence == "geheim" else "vlak geen"
        fill = "" if area.absence == "geheim" else f' fill="url(#{escape(name)}-arcering)"'
    if area.chosen:
        look += " gekozen"
    title = f"<title>{escape(words)}</title>"
    code = quoteattr(area.code)
    if not area.href:
        return f'<path class="{look}" data-code={code}{fill} d="{area.path}">{title}</path>'
    return (
        f'<a href={quoteattr(area.href)} tabindex="-1" data-code={code} data-x="{area.x}" data-y="{area.y}">{title}'
        f'<path class="{look}"{fill} d="{area.path}"/></a>'
    )
