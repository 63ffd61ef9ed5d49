# SPDX-License-Identifier: EUPL-1.2
"""The 100 m squares of CBS. `E2303N5800` is the square whose lower left corner is (230300, 580000) in RD (EPSG:28992).

Everything works on whole columns: codes in and (n, 2) arrays out, or the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import shapely

from krachtwijk.errors import KrachtwijkError
from krachtwijk.geography.boundaries import Floats, Geometries, project_points
from krachtwijk.geography.codes import SHAPES

SIZE = 100  # metres


def corners(codes: Sequence[str]) -> Floats:
    """Lower left corners (n, 2) in RD metres. Raises KrachtwijkError on a code that is not a 100 m square."""
    column = pl.Series("code", list(codes), dtype=pl.String)
    wrong = column.filter(~column.str.contains(SHAPES["cel100m"]).fill_null(False))
    if len(wrong):
        raise KrachtwijkError(
            f"'{wrong[0]}' is geen code van een vierkant van 100 bij 100 meter",
            mend="Schrijf de code als E2303N5800: linkeronderhoek in honderden meters, RD",
        )
    east = column.str.slice(1, 4).cast(pl.Float64).to_numpy()
    north = column.str.slice(6, 4).cast(pl.Float64).to_numpy()
    return np.column_stack([east, north]) * SIZE


def centres(codes: Sequence[str]) -> Floats:
    """Centres (n, 2) in RD metres."""
    return corners(codes) + SIZE / 2


def centres_wgs84(codes: Sequence[str]) -> Floats:
    """Centres (n, 2) as lon, lat in degrees."""
    return project_points(centres(codes), "rd", "wgs84")


def polygons(codes: Sequence[str]) -> Geometries:
    """The squares as polygons in RD."""
    low = corners(codes)
    return np.asarray(shapely.box(low[:, 0], low[:, 1], low[:, 0] + SIZE, low[:, 1] + SIZE), dtype=object)


def cells_at(points: Floats) -> list[str]:
    """Codes of the squares that hold the points (n, 2) in RD metres; a lower or left edge belongs to the square."""
    index = np.floor(np.asarray(points, dtype=np.float64) / SIZE)
    if not ((index >= 0) & (index <= 9999)).all():
        raise KrachtwijkError(
            "Een punt ligt buiten het raster van vierkanten",
            mend="Geef coördinaten in meters in het Rijksdriehoekstelsel (EPSG:28992)",
        )
    whole = index.astype(np.int64)
    return [f"E{east:04d}N{north:04d}" for east, north in whole.tolist()]


def cells_at_wgs84(points: Floats) -> list[str]:
    """Codes of the squares that hold the points (n, 2) given as lon, lat in degrees."""
    return cells_at(project_points(np.asarray(points, dtype=np.float64), "wgs84", "rd"))
