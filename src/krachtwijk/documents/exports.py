# SPDX-License-Identifier: EUPL-1.2
"""Result tables as files to take away: CSV with its description (CSVW), GeoPackage. Parquet goes as it is stored.

A file is made at its first request and kept in `cache/downloads/<table>/`, named after the run. One process makes it at
a time; who comes second waits and finds it. Nothing but result tables is ever written here: editions are not public.
"""

from __future__ import annotations

import fcntl
import gzip
import re
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyogrio
import shapely

from krachtwijk.catalogue import Field, dictionary, score_versions
from krachtwijk.catalogue.dictionary import PLACEHOLDER
from krachtwijk.geography import boundaries
from krachtwijk.warehouse import Manifest, ResultInfo, Warehouse

#: A higher level of compression makes the largest table three times slower for a tenth less to send.
GZIP_LEVEL = 5
#: Levels of areas whose outlines are packaged.
OUTLINED = ("land", "provincie", "gemeente", "stadsdeel", "wijk", "buurt", "pc4")
CC_BY = "https://creativecommons.org/licenses/by/4.0/"
#: who must be named for the outlines (CC BY 4.0)
OUTLINES = "CBS / Kadaster"


# --- making a file once -----------------------------------------------------------------------------------------


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _once(warehouse: Warehouse, info: ResultInfo, suffix: str, make: Callable[[Path], None]) -> Path:
    """The file of a run, made by ``make`` if it is not there. Files of earlier runs of the table go."""
    target = warehouse.cache("downloads", info.table, f"{info.run}.{suffix}")
    if target.exists():
        return target
    with _alone(target.with_name("lock")):
        if not target.exists():
            # the suffix stays at the end: the writer of GeoPackages wants it there
            work = target.with_name(f"tmp-{uuid.uuid4().hex}.{suffix}")
            try:
                make(work)
                work.replace(target)
            finally:
                work.unlink(missing_ok=True)
            for other in target.parent.iterdir():
                if not other.name.startswith(f"{info.run}.") and other.name != "lock":
                    other.unlink(missing_ok=True)
    return target


def stored(warehouse: Warehouse, info: ResultInfo) -> Path:
    """The table as it is stored: Parquet."""
    return warehouse.home / "results" / info.table / f"{info.run}.parquet"


def csv(warehouse: Warehouse, info: ResultInfo) -> Path:
    """A result table as CSV (RFC 4180, UTF-8, comma, decimal point, empty where there is no value), streamed."""
    return _once(warehouse, info, "csv", lambda path: pl.scan_parquet(stored(warehouse, info)).sink_csv(path))


def csv_gz(warehouse: Warehouse, info: ResultInfo) -> Path:
    """The same, compressed: what a browser gets."""
    plain = csv(warehouse, info)

    def make(path: Path) -> None:
        with (
            plain.open("rb") as source,
            path.open("wb") as raw,
            gzip.GzipFile("", "wb", GZIP_LEVEL, raw, mtime=0) as target,
        ):
            shutil.copyfileobj(source, target, 1 << 20)

    return _once(warehouse, info, "csv.gz", make)


# --- CSV on the Web ---------------------------------------------------------------------------------------------

_XSD = {
    "String": "string",
    "Boolean": "boolean",
    "Int8": "byte",
    "Int16": "short",
    "Int32": "int",
    "Int64": "long",
    "UInt8": "unsignedByte",
    "UInt16": "unsignedShort",
    "UInt32": "unsignedInt",
    "UInt64": "unsignedLong",
    "Float32": "float",
    "Float64": "double",
}


def datatype(kind: pl.DataType) -> str:
    """The CSVW name of a column's type; words with a fixed list (enumerations) are strings."""
    return _XSD.get(str(kind.base_type()), "string")


def variable(column: str) -> str:
    """A column's name as CSVW takes it, which knows no hyphen; the header of the file stays as it is."""
    return re.sub(r"[^A-Za-z0-9_.]", "_", column)


def label_of(table: str, column: str, found: Field) -> tuple[str, str]:
    """Dutch and English label of a column; a dimension goes by its own name."""
    version = score_versions().get(table.split("-")[0])
    if PLACEHOLDER in found.name and version is not None:
        for dimension in version.dimensions:
            if column.removeprefix("class_") == dimension.id:
                return f"{found.label}: {dimension.label}", f"{found.label_en}: {dimension.label_en}"
    return found.label, found.label_en


def _column(table: str, name: str, kind: pl.DataType) -> dict[str, Any]:
    described: dict[str, Any] = {"name": variable(name), "titles": name, "datatype": datatype(kind)}
    found = dictionary().field(table, name)
    if found is not None:
        label, label_en = label_of(table, name, found)
        # the first title is the header of the file: a validator compares the two
        described["titles"] = {"und": name, "nl": label, "en": label_en}
        described["dc:description"] = [
            {"@value": found.meaning, "@language": "nl"},
            {"@value": found.meaning_en, "@language": "en"},
        ]
        if found.unit:
            described["schema:unitText"] = found.unit
        if found.key:
            described["required"] = True
    if name == "period":
        described["propertyUrl"] = "http://purl.org/dc/terms/temporal"
    elif name == "edition":
        described["propertyUrl"] = "http://purl.org/dc/terms/source"
    elif name == "area":
        described["propertyUrl"] = "http://purl.org/dc/terms/spatial"
    return described


def licences(editions: Sequence[Manifest]) -> list[str]:
    """The licences of editions, each once, in order."""
    return list(dict.fromkeys(e.licence for e in editions if e.licence))


def attributions(editions: Sequence[Manifest]) -> list[str]:
    """Who must be named, each once, in order."""
    return list(dict.fromkeys(e.attribution for e in editions if e.attribution))


def csvw(
    info: ResultInfo, schema: pl.Schema, editions: Sequence[Manifest], *, url: str, about: str = ""
) -> dict[str, Any]:
    """The description of a table's CSV by the W3C's *Metadata Vocabulary for Tabular Data*.

    ``url`` is that of the CSV, relative to the description; ``about`` where the fields are explained.
    """
    kind = dictionary().kind(info.table)
    columns = tuple(schema.names())
    key = dictionary().key(info.table, columns)
    made: dict[str, Any] = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "nl"}],
        "@type": "Table",
        "url": url,
        "dc:title": info.table if kind is None else kind.label,
        "dc:identifier": f"{info.table}/{info.run}",
        "dc:modified": {"@value": info.made_at[:10], "@type": "xsd:date"},
        # a table without an edition rests on the packaged outlines alone
        "dc:rights": attributions(editions) or [OUTLINES],
        "dc:license": [{"@id": CC_BY} if text == "CC BY 4.0" else text for text in licences(editions)]
        or [{"@id": CC_BY}],
        "dc:source": [
            {"dc:identifier": e.edition, "dc:title": e.title, "dc:rights": e.attribution} for e in editions
        ],
        "prov:wasGeneratedBy": {"dc:identifier": info.run, "dc:conformsTo": info.rule},
        "dialect": {
            "encoding": "utf-8",
            "delimiter": ",",
            "quoteChar": '"',
            "doubleQuote": True,
            "header": True,
            "headerRowCount": 1,
            "lineTerminators": ["\n"],
        },
        "tableSchema": {"columns": [_column(info.table, name, schema[name]) for name in columns]},
    }
    if kind is not None:
        made["dc:description"] = [
            {"@value": kind.meaning, "@language": "nl"},
            {"@value": kind.meaning_en, "@language": "en"},
        ]
    if about:
        made["rdfs:seeAlso"] = {"@id": about}
    if key:
        made["tableSchema"]["primaryKey"] = [variable(name) for name in key]
    return made


# --- GeoPackage -------------------------------------------------------------------------------------------------


def level_of(table: str) -> str | None:
    """The level of a table of the Leefbaarometer whose areas have outlines; None for other tables."""
    kind, level = dictionary().kind(table), table.rsplit("-", 1)[-1]
    return level if kind is not None and kind.id in ("scores", "ontwikkeling") and level in OUTLINED else None


def _outlines(level: str, year: int) -> tuple[dict[str, int], list[str], Any, list[int]]:
    """Of every code the outline of the nearest year: place by code, names, geometries (RD), year of each."""
    if level in ("land", "stadsdeel"):
        whole = [boundaries.country() if level == "land" else boundaries.stadsdelen()]
    else:
        years = sorted(boundaries.years(level, complete=False), key=lambda y: (abs(y - year), -y))
        whole = [boundaries.outlines(level, y) for y in years]
    places: dict[str, int] = {}
    names: list[str] = []
    shapes: list[Any] = []
    from_year: list[int] = []
    for part in whole:
        for code, name, shape in zip(part.codes, part.names, part.geometries, strict=True):
            if code not in places:
                places[code] = len(shapes)
                names.append(name)
                shapes.append(shape)
                from_year.append(part.year)
    return places, names, np.array(shapes, dtype=object), from_year


def _attribute(values: pl.Series) -> tuple[Any, Any]:
    """A column as an array that GDAL takes, and where it has no value."""
    mask = values.is_null().to_numpy()
    if values.dtype.is_float():
        return values.fill_null(0.0).to_numpy(), mask
    if values.dtype.is_integer() or values.dtype == pl.Boolean:
        return values.cast(pl.Int32).fill_null(0).to_numpy(), mask
    return values.cast(pl.String).fill_null("").to_numpy().astype(object), mask


def _dated(path: Path, made_at: str) -> None:
    """Put the time of the run in place of that of writing: one run gives the same bytes, whoever writes them."""
    moment = datetime.fromisoformat(made_at).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE gpkg_contents SET last_change = ?", (moment,))
    # in how many turns it was written depends on the machine: both counts of that stand in the header of the file
    with path.open("r+b") as file:
        for place in (24, 92):
            file.seek(place)
            file.write((1).to_bytes(4, "big"))


def geopackage(warehouse: Warehouse, info: ResultInfo) -> Path | None:
    """A table with areas as GeoPackage in RD (EPSG:28992): a layer per period, a row per area with an outline.

    Beside the table's columns: ``name`` and ``outline_year``, the year of the outline drawn, which is the nearest there
    is. Areas without an outline are left out. None for a table without areas that can be drawn.
    """
    level = level_of(info.table)
    if level is None:
        return None

    def make(path: Path) -> None:
        frame = pl.read_parquet(stored(warehouse, info))
        for (period,), rows in sorted(
            frame.partition_by("period", as_dict=True).items(), key=lambda pair: pair[0], reverse=True
        ):
            places, names, shapes, years = _outlines(level, int(str(period)[-4:]))
            rows = rows.filter(pl.col("area").is_in(list(places))).sort("area")
            if rows.height == 0:
                continue
            at = [places[code] for code in rows["area"]]
            rows = rows.with_columns(
                pl.Series("name", [names[i] for i in at]), pl.Series("outline_year", [years[i] for i in at])
            )
            attributes = [_attribute(rows[name]) for name in rows.columns]
            pyogrio.raw.write(
                str(path),
                shapely.to_wkb(shapes[at]),
                [values for values, _ in attributes],
                rows.columns,
                field_mask=[mask for _, mask in attributes],
                driver="GPKG",
                layer=f"{info.table}-{period}".replace("-", "_"),
                geometry_type="MultiPolygon",
                promote_to_multi=True,
                crs="EPSG:28992",
                append=path.exists(),
            )
        if path.exists():
            _dated(path, info.made_at)

    return _once(warehouse, info, "gpkg", make)
