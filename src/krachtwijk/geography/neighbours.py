# SPDX-License-Identifier: EUPL-1.2
"""Which areas share a border, out of their packaged outlines.

Outlines are simplified one by one, so neighbours overlap or leave a gap of a few metres. A border is therefore the part
of one outline that runs within a margin of the other area; a touch at one point leaves nothing of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from krachtwijk.geography.boundaries import Floats, Outlines
from krachtwijk.geography.overlay import Positions


def neighbours(outlines: Outlines, margin: float) -> pl.DataFrame:
    """Pairs of areas with a shared border: area, neighbour, border (metres); each pair stands in both directions.

    ``outlines`` in RD; ``margin`` in metres, about what simplifying leaves. The length is that of one outline within
    ``margin`` of the other area, less the margin that it runs on past both ends; a border shorter than twice the margin
    cannot be told from a touch and is left out. Outlines that reach over water border there too.
    """
    shapes = outlines.geometries
    borders = shapely.boundary(shapes)
    wide = _shared_out(len(shapes), lambda part: shapely.buffer(shapes[part], margin, quad_segs=2))
    low_x, low_y, high_x, high_y = shapely.bounds(shapes).T
    half = margin / 2
    boxes = shapely.box(low_x - half, low_y - half, high_x + half, high_y + half)
    left, right = shapely.STRtree(boxes).query(boxes)
    once = left < right
    left, right = left[once], right[once]
    shapely.prepare(wide)
    near = shapely.intersects(wide[right], borders[left])
    left, right = left[near], right[near]
    length = _shared_out(
        len(left),
        lambda part: shapely.length(shapely.intersection(borders[left[part]], wide[right[part]])),
    )
    length = length - 2 * margin
    kept = length > 2 * margin
    left, right, length = left[kept], right[kept], length[kept]
    names = np.array(outlines.codes, dtype=object)
    return pl.DataFrame(
        {
            "area": names[np.concatenate([left, right])].tolist(),
            "neighbour": names[np.concatenate([right, left])].tolist(),
            "border": np.concatenate([length, length]).round(),
        },
        schema={"area": pl.String, "neighbour": pl.String, "border": pl.Float64},
    ).sort("area", "neighbour")


def _shared_out(count: int, work: Callable[[Positions], NDArray[Any]]) -> NDArray[Any]:
    """The work on positions 0 .. count-1, in parts. GEOS works outside Python's lock, so threads share it."""
    parts = np.array_split(np.arange(count), 16)
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        return np.concatenate(list(pool.map(work, parts)))


def holding(points: Floats, outlines: Outlines) -> list[str | None]:
    """Per point (n, 2) in RD the code of the area that holds it, None where none does; on a border the first one."""
    found: list[str | None] = [None] * len(points)
    which, area = shapely.STRtree(outlines.geometries).query(shapely.points(points), predicate="intersects")
    for point, position in sorted(zip(which.tolist(), area.tolist(), strict=True), reverse=True):
        found[point] = outlines.codes[position]
    return found
