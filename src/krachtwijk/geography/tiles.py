# SPDX-License-Identifier: EUPL-1.2
"""Map tiles: one PMTiles file per level and outline year, with the classes of the result tables as small integers.

Under `<home>/tiles/`, for each geography: `<id>.pmtiles` (layer `areas`), `<id>.parquet` (the same areas as a table,
so that map and list never differ) and, for municipalities, `<id>-names.geojson` (a point per name). `manifest.json`
says of what each was made.

Attributes beside `code`, `name` and `town` (name of the municipality): `<measure>_<period>` (`total_2024`, `won_2024`,
`change_2002_2016`, `gez-eenzaam_2020`), a class from 1, 0 where there is none, -1 where it is kept secret. No scores:
what is drawn is a class, and integers keep a tile small.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyogrio
import shapely

from krachtwijk.catalogue import programmes
from krachtwijk.geography import packaged
from krachtwijk.geography.boundaries import Outlines, dissolve, outlines, project
from krachtwijk.monitor.model import Programme
from krachtwijk.warehouse import Warehouse

LAYER = "areas"
#: raised when the content of the files changes in another way than by their inputs
LAYOUT = 3
#: below this zoom the map shows municipalities, from it the smaller areas
FINE_ZOOM = 9
#: the result table with classes of outcome indicators, and what stands for a figure that is kept secret
INDICATOR_CLASSES, SECRET = "kerncijfers-klassen", -1


@dataclass(frozen=True, slots=True)
class Geography:
    """Areas that are drawn together: outlines of a level and year, the result tables about them, zooms min and max.

    ``parent`` is the geography of municipalities in which these areas lie, None for municipalities themselves. With
    ``indicators`` the areas carry the classes of outcome indicators too.
    """

    id: str
    level: str
    year: int
    tables: tuple[str, ...]
    zooms: tuple[int, int]
    parent: str | None = None
    indicators: bool = False


#: Outlines are not there for every year: those nearest to the geography of the publication are drawn (99.75 % of the
#: postcodes, 98 % of the municipalities and 85 % of the wijken of 2016 are found in them).
GEOGRAPHIES = {
    g.id: g
    for g in (
        # the largest first: two are made at a time
        Geography(
            "buurt-2024", "buurt", 2024, ("lbm3-buurt",), (FINE_ZOOM, 10), "gemeente-2024", indicators=True
        ),
        Geography(
            "pc4-2023", "pc4", 2023, ("lbm2-pc4", "lbm2-ontwikkeling-pc4"), (FINE_ZOOM, 10), "gemeente-2015"
        ),
        Geography(
            "wijk-2022",
            "wijk",
            2022,
            ("lbm2-wijk", "lbm2-ontwikkeling-wijk"),
            (FINE_ZOOM, 10),
            "gemeente-2015",
        ),
        Geography("gemeente-2024", "gemeente", 2024, ("lbm3-gemeente",), (4, 10), indicators=True),
        Geography(
            "gemeente-2015", "gemeente", 2015, ("lbm2-gemeente", "lbm2-ontwikkeling-gemeente"), (4, 10)
        ),
    )
}


def folder(warehouse: Warehouse) -> Path:
    """Where the tiles of a home stand."""
    return warehouse.home / "tiles"


def manifest(warehouse: Warehouse) -> dict[str, dict[str, Any]]:
    """What was made: id → fingerprint of its inputs, bounds (west, south, east, north) and number of areas."""
    try:
        content: dict[str, dict[str, Any]] = json.loads(
            (folder(warehouse) / "manifest.json").read_text("utf-8")
        )
    except (FileNotFoundError, ValueError):
        return {}
    return content


def build_tiles(warehouse: Warehouse, progress: Callable[[str], object] | None = None) -> list[Path]:
    """Make what is missing or of other inputs than now; returns every tile file, newly made or not.

    ``progress`` is called with the id of each geography that is made, when it is done. A kill half-way leaves the files
    of before; running again resumes.
    """
    wanted = {g.id: _fingerprint(warehouse, g) for g in GEOGRAPHIES.values()}
    outlined = {f"programme-{p.id}": p for p in programmes().values() if any(a.parts for a in p.areas)}
    wanted |= {identifier: _hash(repr(p.areas)) for identifier, p in outlined.items()}
    made = manifest(warehouse)
    stale = [
        identifier
        for identifier, fingerprint in wanted.items()
        if made.get(identifier, {}).get("fingerprint") != fingerprint
        or not (folder(warehouse) / f"{identifier}.pmtiles").exists()
    ]

    def make(identifier: str) -> None:
        if identifier in outlined:
            facts = _make_programme(warehouse, identifier, outlined[identifier])
        else:
            facts = _make_geography(warehouse, GEOGRAPHIES[identifier])
        facts["fingerprint"] = wanted[identifier]
        made[identifier] = facts

    for identifier in {GEOGRAPHIES[i].parent or i for i in stale if i in GEOGRAPHIES}:
        _outlines(identifier)  # read once, before two threads ask for the same
    with ThreadPoolExecutor(2) as pool:
        for identifier, _ in zip(stale, pool.map(make, stale), strict=True):
            _write_manifest(warehouse, {i: made[i] for i in wanted if i in made})
            if progress is not None:
                progress(identifier)
    return [folder(warehouse) / f"{identifier}.pmtiles" for identifier in wanted]


def _hash(text: str) -> str:
    return hashlib.sha256(f"{LAYOUT}\n{text}".encode()).hexdigest()[:12]


def _fingerprint(warehouse: Warehouse, geography: Geography) -> str:
    tables = (*geography.tables, INDICATOR_CLASSES) if geography.indicators else geography.tables
    infos = (warehouse.result_info(table) for table in tables)
    return _hash(repr((geography, [info.run for info in infos if info is not None])))


@cache
def _outlines(identifier: str) -> Outlines:
    geography = GEOGRAPHIES[identifier]
    return outlines(geography.level, geography.year, "wgs84")


def class_columns(warehouse: Warehouse, tables: Sequence[str]) -> pl.DataFrame:
    """One row per area with a column per measure and period that has classes: `total_2024`, `change_2002_2016`."""
    wide = pl.DataFrame({"code": []}, schema={"code": pl.String})
    for table in tables:
        result = warehouse.result(table)
        if result is None:
            continue
        names = result.collect_schema()
        measures = [c for c in names if c.startswith("class_") and names[c].is_integer()]
        for (period,), rows in (
            result.select("area", "period", *measures).collect().partition_by("period", as_dict=True).items()
        ):
            suffix = str(period).replace("-", "_")
            part = rows.select(
                pl.col("area").alias("code"),
                *(
                    pl.col(m).cast(pl.Int16).alias(f"{m.removeprefix('class_')}_{suffix}")
                    for m in measures
                    if rows[m].null_count() < rows.height
                ),
            )
            if part.width > 1:
                wide = wide.join(part, on="code", how="full", coalesce=True)
    return wide


def indicator_columns(warehouse: Warehouse, level: str) -> pl.DataFrame:
    """One row per area of a level with a column per outcome indicator and year: `gez-eenzaam_2020`."""
    result = warehouse.result(INDICATOR_CLASSES)
    if result is None:
        return pl.DataFrame({"code": []}, schema={"code": pl.String})
    rows = (
        result.filter(pl.col("level") == level)
        .select(
            pl.col("area").alias("code"),
            pl.concat_str("indicator", "period", separator="_").alias("column"),
            pl.when(pl.col("status") == "secret")
            .then(SECRET)
            .otherwise(pl.col("class"))
            .cast(pl.Int16)
            .alias("class"),
        )
        .collect()
    )
    return rows.pivot("column", index="code", values="class")


def _municipalities(areas: Outlines, parent: str) -> list[str | None]:
    """Code of the municipality in which a point inside each area lies."""
    around = _outlines(parent)
    points, polygons = shapely.STRtree(around.geometries).query(
        shapely.points(areas.points()), predicate="within"
    )
    found: dict[int, str] = {int(p): around.codes[int(a)] for p, a in zip(points, polygons, strict=True)}
    return [found.get(i) for i in range(len(areas.codes))]


def table_of(warehouse: Warehouse, geography: Geography) -> pl.DataFrame:
    """The areas of a geography: code, name, gemeente (code), town (its name), a point inside, bounds, classes."""
    areas = _outlines(geography.id)
    municipalities = _outlines(geography.parent or geography.id)
    towns = dict(zip(municipalities.codes, municipalities.names, strict=True))
    points, bounds = areas.points(), shapely.bounds(areas.geometries)
    parents = list(areas.codes) if geography.parent is None else _municipalities(areas, geography.parent)
    frame = pl.DataFrame(
        {
            "code": areas.codes,
            "name": areas.names,
            "gemeente": parents,
            "town": [towns.get(code or "", "") for code in parents],
            "lon": points[:, 0].round(5),
            "lat": points[:, 1].round(5),
            **{side: bounds[:, i].round(5) for i, side in enumerate(("west", "south", "east", "north"))},
        }
    )
    classes = class_columns(warehouse, geography.tables)
    if geography.indicators:
        classes = classes.join(
            indicator_columns(warehouse, geography.level), on="code", how="full", coalesce=True
        )
    return frame.join(classes, on="code", how="left", maintain_order="left").with_columns(
        pl.col(c).fill_null(0) for c in classes.columns if c != "code"
    )


def _write_tiles(
    path: Path, geometries: Any, attributes: dict[str, Any], zooms: tuple[int, int], description: str
) -> None:
    """A PMTiles file with one layer, in GDAL's vector tile writer."""
    pyogrio.raw.write(
        str(path),
        shapely.to_wkb(geometries),
        list(attributes.values()),
        list(attributes),
        driver="PMTiles",
        layer=LAYER,
        geometry_type="MultiPolygon",
        promote_to_multi=True,
        crs="EPSG:4326",
        dataset_options={
            "NAME": path.stem,
            "DESCRIPTION": description,
            "MINZOOM": zooms[0],
            "MAXZOOM": zooms[1],
            "EXTENT": 4096,  # at zoom 10 a unit is 6 metres: finer than the outlines are
            "MAX_SIZE": 4_000_000,  # never drop an area to make a tile smaller
        },
    )


def _make_geography(warehouse: Warehouse, geography: Geography) -> dict[str, Any]:
    frame = table_of(warehouse, geography)
    areas = _outlines(geography.id)
    left_out = {"gemeente", "lon", "lat", "west", "south", "east", "north"}
    attributes = {
        name: frame[name].to_numpy()
        if frame[name].dtype != pl.String
        else np.asarray(frame[name].to_list(), object)
        for name in frame.columns
        if name not in left_out
    }
    with _workplace(warehouse) as work:
        _write_tiles(
            work / f"{geography.id}.pmtiles", areas.geometries, attributes, geography.zooms, "CBS / Kadaster"
        )
        frame.write_parquet(work / f"{geography.id}.parquet")
        if geography.parent is None:
            weights = _weights(geography)
            _name_points(
                work / f"{geography.id}-names.geojson",
                areas.names,
                areas.points(),
                [weights.get(code, 0) for code in areas.codes],
            )
    scored = set(class_columns(warehouse, geography.tables)["code"])
    return {
        "areas": frame.height,
        "bounds": [float(b) for b in shapely.total_bounds(areas.geometries)],
        "undrawn": len(scored.difference(areas.codes)),  # classified, but no outline of this year
    }


@cache
def _inhabitants() -> dict[str, float]:
    """Inhabitants per postcode, as the outline file gives them."""
    table = packaged.columns("geography/pc4-rd.geojson.gz", ["postcode", "inwoners"])
    return dict(
        table.select("postcode", pl.col("inwoners").cast(pl.Float64).fill_null(0).fill_nan(0)).iter_rows()
    )


def _weights(geography: Geography) -> dict[str, int]:
    """About how many people live in a municipality: larger towns get their name on the map first."""
    postcodes = _outlines("pc4-2023")
    counted: dict[str, int] = {}
    for code, parent in zip(postcodes.codes, _municipalities(postcodes, geography.id), strict=True):
        if parent is not None:
            counted[parent] = counted.get(parent, 0) + int(_inhabitants().get(code, 0))
    return counted


def _name_points(path: Path, names: Sequence[str], points: Any, weights: Sequence[int]) -> None:
    """GeoJSON with a point (lon, lat) per name; a larger weight is shown first."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": name, "weight": weight},
            "geometry": {"type": "Point", "coordinates": [round(float(lon), 5), round(float(lat), 5)]},
        }
        for name, (lon, lat), weight in zip(names, points, weights, strict=True)
    ]
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False), "utf-8"
    )


#: the geography whose outlines stand for a part of a programme area
PART_GEOGRAPHIES = {"pc4": "pc4-2023", "wijk": "wijk-2022", "buurt": "buurt-2024"}


#: the publications draw a border between neighbours twice, a little differently: joined areas are closed over gaps of
#: twice this many metres; holes and loose specks smaller than this many square metres are left out
GAP, SPECK = 25.0, 20_000.0


def programme_outlines(programme: Programme) -> dict[str, Any]:
    """Area id → outline (WGS84) of the parts of a programme's area together; areas without any outline are left out."""
    found: dict[str, list[Any]] = {}
    for level, identifier in PART_GEOGRAPHIES.items():
        wanted = {a.id: [code for kind, code, _ in a.parts if kind == level] for a in programme.areas}
        wanted = {area: codes for area, codes in wanted.items() if codes}
        if wanted:
            for area, outline in dissolve(_outlines(identifier).to("rd"), wanted)[0].items():
                found.setdefault(area, []).append(outline)
    closed = np.asarray([_closed(shapely.union_all(parts)) for parts in found.values()], dtype=object)
    return dict(zip(found, project(closed, "rd", "wgs84"), strict=True))


def _closed(outline: Any) -> Any:
    """An outline in metres without the slivers that joining leaves."""
    smooth = outline.buffer(GAP, join_style="mitre").buffer(-GAP, join_style="mitre")
    kept = [
        shapely.Polygon(
            part.exterior, [ring for ring in part.interiors if shapely.Polygon(ring).area > SPECK]
        )
        for part in shapely.get_parts(smooth)
        if part.area > SPECK
    ]
    return shapely.MultiPolygon(kept)


def _make_programme(warehouse: Warehouse, identifier: str, programme: Programme) -> dict[str, Any]:
    joined = programme_outlines(programme)
    names = {a.id: a.name for a in programme.areas}
    geometries = np.asarray(list(joined.values()), dtype=object)
    attributes = {
        "code": np.asarray(list(joined), object),
        "name": np.asarray([names[i] for i in joined], object),
    }
    with _workplace(warehouse) as work:
        _write_tiles(work / f"{identifier}.pmtiles", geometries, attributes, (4, 11), programme.source)
        points = shapely.get_coordinates(shapely.point_on_surface(geometries))
        _name_points(
            work / f"{identifier}-names.geojson", [names[i] for i in joined], points, [0] * len(joined)
        )
    return {"areas": len(joined), "bounds": [float(b) for b in shapely.total_bounds(geometries)]}


class _workplace:  # noqa: N801 - reads as the verb it is in a `with`
    """A folder whose files move to `tiles/` when all went well, one rename each, the tiles last."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.target = folder(warehouse)
        self.parent = warehouse.home / "tmp"

    def __enter__(self) -> Path:
        self.parent.mkdir(parents=True, exist_ok=True)
        self.work = Path(tempfile.mkdtemp(dir=self.parent))
        return self.work

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.target.mkdir(parents=True, exist_ok=True)
            for path in sorted(self.work.iterdir(), key=lambda p: p.suffix == ".pmtiles"):
                path.replace(self.target / path.name)
        shutil.rmtree(self.work, ignore_errors=True)


def _write_manifest(warehouse: Warehouse, content: dict[str, dict[str, Any]]) -> None:
    work = folder(warehouse) / "manifest.json.new"
    work.write_text(json.dumps(content, indent=1, sort_keys=True), "utf-8")
    work.replace(folder(warehouse) / "manifest.json")
