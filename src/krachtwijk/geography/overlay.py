# SPDX-License-Identifier: EUPL-1.2
"""Which part of one set of outlines lies in which outline of another, by area."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from krachtwijk.geography.boundaries import Floats, Geometries, Outlines

Positions = NDArray[np.int64]

#: A piece below this share of both areas is a trace of simplified borders, not an overlap.
SLIVER = 0.02
#: An area of which at least this share is found counts as wholly covered: the rest is again simplification.
WHOLE = 0.95


def overlay(first: Outlines, second: Outlines) -> pl.DataFrame:
    """Pieces that two sets of outlines share: from_code, to_code, share_of_from, share_of_to (of area).

    Both in RD. Slivers are left out; the shares of a wholly covered area sum to one, those of any other area to the
    share that is covered. Outlines are simplified, so a share is good to a few per cent.
    """
    tree = shapely.STRtree(second.geometries)
    left, right = tree.query(first.geometries, predicate="intersects")
    area = _shared_area(first.geometries[left], second.geometries[right])
    first_area, second_area = shapely.area(first.geometries), shapely.area(second.geometries)
    kept = (area >= SLIVER * first_area[left]) | (area >= SLIVER * second_area[right])
    left, right, area = left[kept], right[kept], area[kept]
    return pl.DataFrame(
        {
            "from_code": np.array(first.codes, dtype=object)[left].tolist(),
            "to_code": np.array(second.codes, dtype=object)[right].tolist(),
            "share_of_from": _shares(area, left, first_area),
            "share_of_to": _shares(area, right, second_area),
        },
        schema_overrides={"from_code": pl.String, "to_code": pl.String},
    )


def _shared_area(first: Geometries, second: Geometries) -> Floats:
    """Area of each intersection. GEOS works outside Python's lock, so threads share the work."""
    chunks = np.array_split(np.arange(len(first)), 16)
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        areas = pool.map(lambda part: shapely.area(shapely.intersection(first[part], second[part])), chunks)
        return np.concatenate(list(areas))


def _shares(area: Floats, owner: Positions, whole: Floats) -> Floats:
    """Pieces as share of their owner's area, scaled to one in total where the owner is wholly covered."""
    found = np.bincount(owner, weights=area, minlength=len(whole))
    total = np.where(found >= WHOLE * whole, found, whole)
    return np.asarray(area / np.maximum(total, found)[owner])
