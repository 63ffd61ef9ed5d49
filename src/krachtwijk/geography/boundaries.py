# SPDX-License-Identifier: EUPL-1.2
"""Outlines of areas: read, repaired, in RD (EPSG:28992) or WGS84 (EPSG:4326), and joined to larger ones."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Literal

import numpy as np
import polars as pl
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray

from krachtwijk.catalogue import DATA
from krachtwijk.errors import KrachtwijkError
from krachtwijk.geography import codes, packaged

FILE = DATA / "geography" / "outlines.toml"
#: The crosswalk of Amsterdam: one row per buurt with its codes of 2015 and 2022, stadsdeel and outline.
KOPPELING = "geography/amsterdam-buurt-2015-2022-koppeling-rd.csv.gz"
CRS = Literal["rd", "wgs84"]
EPSG = {"rd": 28992, "wgs84": 4326}

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OutlineFile:
    """A packaged file of outlines; the fields are those of `outlines.toml`."""

    level: str
    year: int
    file: str
    crs: CRS
    code: str
    precision: int
    name: str | None = None
    wkt: str | None = None
    complete: bool = True
    note: str = ""


@dataclass(frozen=True)
class Outlines:
    """Outlines of one level and year: ``codes``, ``names`` and valid ``geometries`` of equal length, in ``crs``.

    ``empty`` names the codes that the file gives without a geometry and that are left out; ``repaired`` those whose
    geometry was invalid and is mended.
    """

    level: str
    year: int
    codes: tuple[str, ...]
    names: tuple[str, ...]
    geometries: Geometries
    crs: CRS
    empty: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()

    def to(self, crs: CRS) -> Outlines:
        """The same outlines in another coordinate system."""
        if crs == self.crs:
            return self
        return Outlines(
            self.level,
            self.year,
            self.codes,
            self.names,
            project(self.geometries, self.crs, crs),
            crs,
            self.empty,
            self.repaired,
        )

    @cached_property
    def index(self) -> dict[str, int]:
        """Position of each code."""
        return {code: position for position, code in enumerate(self.codes)}

    def points(self) -> Floats:
        """A point inside each outline, (n, 2), in this coordinate system."""
        return np.asarray(shapely.get_coordinates(shapely.point_on_surface(self.geometries)))


@cache
def _transformer(source: CRS, target: CRS) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(EPSG[source], EPSG[target], always_xy=True)


def project_points(points: Floats, source: CRS, target: CRS) -> Floats:
    """Points (n, 2) as x, y in metres (rd) or lon, lat in degrees (wgs84), from one system to the other."""
    if source == target:
        return points
    x, y = _transformer(source, target).transform(points[:, 0], points[:, 1])
    return np.column_stack([x, y])


def project(geometries: Geometries, source: CRS, target: CRS) -> Geometries:
    """Geometries from one coordinate system to the other, all coordinates at once."""
    return np.asarray(
        shapely.transform(geometries, lambda points: project_points(points, source, target)), dtype=object
    )


@cache
def files() -> tuple[OutlineFile, ...]:
    """The packaged outline files, newest first within a level."""
    return tuple(OutlineFile(**entry) for entry in tomllib.loads(FILE.read_text("utf-8"))["outlines"])


def years(level: str, *, complete: bool = True) -> tuple[int, ...]:
    """Years of which outlines of this level are packaged; with ``complete`` only those of the whole country."""
    return tuple(sorted(f.year for f in files() if f.level == level and (f.complete or not complete)))


@cache
def outlines(level: str, year: int, crs: CRS = "rd") -> Outlines:
    """Outlines of a level and year. Raises KrachtwijkError where none are packaged."""
    for entry in files():
        if (entry.level, entry.year) == (level, year):
            return _read(entry).to(crs)
    raise KrachtwijkError(
        f"Er zijn geen grenzen van {level} {year}",
        mend="Er zijn er van: " + ", ".join(f"{f.level} {f.year}" for f in files()),
    )


@cache
def nearest(level: str, year: int, crs: CRS = "rd") -> Outlines:
    """Of every code with an outline in any packaged year: the outline of the year nearest to ``year``.

    For codes of years without outlines of their own. It takes an equal code for an equal area, which is not always true
    (data README, quirk 3); the newer of two equally near years wins.
    """
    chosen: dict[str, tuple[str, Any]] = {}
    entries = [f for f in files() if f.level == level]
    for entry in sorted(entries, key=lambda f: (abs(f.year - year), -f.year)):
        part = _read(entry).to(crs)
        for code, name, geometry in zip(part.codes, part.names, part.geometries, strict=True):
            chosen.setdefault(code, (name, geometry))
    return Outlines(
        level,
        year,
        tuple(chosen),
        tuple(name for name, _ in chosen.values()),
        np.array([geometry for _, geometry in chosen.values()], dtype=object),
        crs,
    )


@cache
def _read(entry: OutlineFile) -> Outlines:
    path = DATA / entry.file
    if entry.wkt:
        table = packaged.columns(entry.file, [entry.code, entry.name or entry.code, entry.wkt])
        area_codes = table[entry.code].to_list()
        names = table[entry.name or entry.code].to_list()
        geometries = shapely.from_wkt(table[entry.wkt].str.replace(r"^SRID=\d+;", "").to_numpy())
    else:
        wanted = [entry.code, *([entry.name] if entry.name else [])]
        meta, _, wkb, fields = pyogrio.raw.read(packaged.virtual(path), columns=wanted)
        column = dict(zip(meta["fields"].tolist(), fields, strict=True))
        area_codes = [codes.clean(str(code)) for code in column[entry.code]]
        names = [str(name) for name in column[entry.name or entry.code]]
        geometries = shapely.from_wkb(wkb)
    return clean(entry.level, entry.year, area_codes, names, geometries, entry.crs)


def clean(
    level: str,
    year: int,
    area_codes: Sequence[str],
    names: Sequence[str],
    geometries: Geometries,
    crs: CRS,
) -> Outlines:
    """Leave out what has no geometry, mend what is invalid, keep only polygons."""
    code = np.asarray(area_codes, dtype=object)
    empty = shapely.is_missing(geometries) | shapely.is_empty(geometries)
    kept = np.asarray(geometries, dtype=object)[~empty]
    invalid = ~shapely.is_valid(kept)
    kept[invalid] = [_polygons(g) for g in shapely.make_valid(kept[invalid])]
    return Outlines(
        level,
        year,
        tuple(code[~empty]),
        tuple(np.asarray(names, dtype=object)[~empty]),
        kept,
        crs,
        empty=tuple(sorted(code[empty])),
        repaired=tuple(sorted(code[~empty][invalid])),
    )


def _polygons(geometry: Any) -> Any:
    """The polygons of a mended geometry, without the lines and points that mending may leave."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])


def dissolve(
    source: Outlines, parts: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Join outlines to areas: programme areas out of postcodes, stadsdelen out of buurten.

    ``parts`` maps an area's id on its codes. Returns the joined geometry per id (in the source's coordinate system; ids
    without any outline are left out) and, per id, the codes for which there is no outline.
    """
    joined, absent = {}, {}
    for area, wanted in parts.items():
        found = [source.index[c] for c in wanted if c in source.index]
        lacking = [c for c in wanted if c not in source.index]
        if found:
            joined[area] = shapely.union_all(source.geometries[found])
        if lacking:
            absent[area] = lacking
    return joined, absent


@cache
def country() -> Outlines:
    """The Netherlands as the union of the provinces, in RD."""
    provinces = outlines("provincie", years("provincie")[-1])
    shape = np.array([shapely.union_all(provinces.geometries)], dtype=object)
    return Outlines("land", provinces.year, (codes.COUNTRY,), ("Nederland",), shape, "rd")


@cache
def stadsdelen() -> Outlines:
    """The stadsdelen of the dated list, each the union of its buurten of 2015, in RD."""
    members = stadsdeel_list()
    named = dict(members.select("stadsdeel", "name").iter_rows())
    parts = members.filter(pl.col("year") == 2015).group_by("stadsdeel", maintain_order=True).agg("buurt")
    joined, _ = dissolve(outlines("buurt", 2015), dict(parts.iter_rows()))
    return Outlines(
        "stadsdeel",
        2022,
        tuple(joined),
        tuple(named[code] for code in joined),
        np.array(list(joined.values()), dtype=object),
        "rd",
    )


@cache
def stadsdeel_list() -> pl.DataFrame:
    """Which buurt lies in which stadsdeel: stadsdeel, name, year, buurt; from the crosswalk of Amsterdam.

    The codes are ours (`SD0363A`): CBS knows no stadsdelen. `year` is that of the buurt code: 2015 or 2022.
    """
    table = packaged.columns(
        KOPPELING, ["STADSDEELCODE", "STADSDEELNAAM", "BUURTCODE_CBS_2015", "BUURTCODE_CBS_2022"]
    )
    return (
        table.select(
            (pl.lit("SD0363") + pl.col("STADSDEELCODE")).alias("stadsdeel"),
            pl.col("STADSDEELNAAM").alias("name"),
            pl.col("BUURTCODE_CBS_2015").alias("2015"),
            pl.col("BUURTCODE_CBS_2022").alias("2022"),
        )
        .unpivot(["2015", "2022"], index=["stadsdeel", "name"], variable_name="year", value_name="buurt")
        .with_columns(pl.col("year").cast(pl.Int16))
    )


def without_geometry() -> list[tuple[str, int, str]]:
    """(level, year, code) of every area whose outline the publication leaves empty, for a page to name."""
    return [(f.level, f.year, code) for f in files() for code in _read(f).empty]
