# SPDX-License-Identifier: EUPL-1.2
"""Which areas there are: every code of every level and packaged year, with its name and the areas it lies in."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from krachtwijk.catalogue import DATA
from krachtwijk.errors import KrachtwijkError
from krachtwijk.geography import codes, packaged
from krachtwijk.warehouse import Warehouse

# Outlines bring GDAL, PROJ and GEOS: half a second that a list of codes does not need. Functions import them.
if TYPE_CHECKING:
    from krachtwijk.geography.boundaries import Outlines

FILE = DATA / "geography" / "registers.toml"
FORMAT = "2"  # counts up when the tables made here change shape or rule

LINK = pl.List(pl.Struct({"code": pl.String, "share": pl.Float64, "how": pl.String}))
#: Columns of `register`.
REGISTER = pl.Schema(
    {
        "level": pl.String(),
        "code": pl.String(),
        "name": pl.String(),
        "names": pl.List(pl.Struct({"year": pl.Int16, "name": pl.String})),
        "years": pl.List(pl.Int16),
        "first_year": pl.Int16(),
        "last_year": pl.Int16(),
        "current": pl.Boolean(),
        "wijk": pl.String(),
        "gemeente": pl.String(),
        "gemeente_name": pl.String(),
        "provincie": pl.String(),
        "lon": pl.Float64(),
        "lat": pl.Float64(),
        "successors": LINK,
        "predecessors": LINK,
    }
)


@dataclass(frozen=True, slots=True)
class Register:
    """One list of codes of one level and year; the fields are those of `registers.toml`."""

    level: str
    year: int
    file: str
    code: str
    name: str | None = None
    prefix: str = ""
    width: int = 0
    only: dict[str, str] = field(default_factory=dict)
    without: str | None = None
    gemeente: str | None = None
    gemeente_prefix: str = ""
    gemeente_width: int = 0
    weight: str | None = None
    provincie: str | None = None
    complete: bool = True

    def read(self) -> pl.DataFrame:
        """Columns level, code, year, name, gemeente, provincie (as written, or null) and weight; one row per code."""
        wanted = [self.code, self.name, self.gemeente, self.weight, self.provincie, *self.only]
        table = packaged.columns(self.file, list(dict.fromkeys(c for c in wanted if c)))
        for column, value in self.only.items():
            table = table.filter(pl.col(column) == value)

        def text(column: str | None) -> pl.Expr:
            return pl.col(column) if column else pl.lit(None, pl.String)

        frame = table.select(
            pl.lit(self.level).alias("level"),
            (pl.lit(self.prefix) + codes.clean_expr(pl.col(self.code)).str.zfill(self.width)).alias("code"),
            pl.lit(self.year, pl.Int16).alias("year"),
            text(self.name).alias("name"),
            (pl.lit(self.gemeente_prefix) + text(self.gemeente).str.zfill(self.gemeente_width)).alias(
                "gemeente"
            ),
            text(self.provincie).alias("provincie"),
            text(self.weight).cast(pl.Float64).alias("weight"),
        ).drop_nulls("code")
        if self.without:
            frame = frame.filter(~pl.col("code").str.starts_with(self.without))
        wrong = frame.filter(codes.level_expr(pl.col("code")).ne_missing(self.level))
        if wrong.height:
            raise KrachtwijkError(
                f"Code {wrong['code'][0]} is geen {self.level}code",
                where=f"{self.file}, kolom {self.code}",
                mend=f"Herstel het bestand of de regel van deze lijst in {FILE.name}",
            )
        return frame.sort("weight", descending=True, nulls_last=True, maintain_order=True).unique(
            "code", keep="first", maintain_order=True
        )


@cache
def registers() -> tuple[Register, ...]:
    """The lists of `registers.toml`, in the order of the file."""
    return tuple(Register(**entry) for entry in tomllib.loads(FILE.read_text("utf-8"))["register"])


def years(level: str, *, complete: bool = True) -> tuple[int, ...]:
    """Years of which a list of this level is packaged; with ``complete`` only lists of the whole country."""
    return tuple(sorted({r.year for r in registers() if r.level == level and (r.complete or not complete)}))


def known_codes(warehouse: Warehouse) -> pl.DataFrame:
    """Every code of every packaged year: level, code, year, name, gemeente, gemeente_name, provincie, parent.

    One row per level, code and year. A name that a list lacks comes from the nearest year of the same code. 100 m cells
    are not listed: they are known by rule (`cells`). Kept in the warehouse's cache until a list changes.
    """
    files = [FILE, *(DATA / r.file for r in registers())]
    return packaged.kept(warehouse, f"codes-{packaged.fingerprint(files, FORMAT)}.parquet", _known_codes)


def register(warehouse: Warehouse) -> pl.DataFrame:
    """One row per level and code, of all years together.

    name          the newest; ``names`` lists (year, name) where the name differed
    years         those whose list holds the code; ``first_year``, ``last_year``; ``current``: in the newest full list
    wijk, gemeente, gemeente_name, provincie   the areas it lies in (newest known), null where that is unknown
    lon, lat      a point inside the area in degrees, null where no outline or label point is known
    successors    for a code that is not current: (code, share, how), where ``share`` is the part of its area that went
                  there (null where only one place is known) and ``how`` is `koppeltabel` (a published crosswalk),
                  `ligging` (overlay of outlines, or the old label point in a new outline) or `naam` (the one area of
                  that name in the same gemeente)
    predecessors  the same seen from the other side
    """
    files = [FILE, *(DATA / r.file for r in registers()), *outline_files()]
    return packaged.kept(
        warehouse, f"register-{packaged.fingerprint(files, FORMAT)}.parquet", lambda: _register(warehouse)
    )


def outline_files() -> list[Path]:
    """The files that overlays and points are made of, for a fingerprint."""
    from krachtwijk.geography import boundaries, succession

    return [boundaries.FILE, succession.LABELS, *(DATA / f.file for f in boundaries.files())]


def area(warehouse: Warehouse, code: str) -> dict[str, Any]:
    """The register's row of one code, 100 m cells by rule. Raises KrachtwijkError where the code never existed."""
    code = codes.clean(code)
    found = register(warehouse).filter(pl.col("code") == code)
    if found.height:
        return found.row(0, named=True)
    if codes.level(code) == "cel100m":
        from krachtwijk.geography import cells

        lon, lat = cells.centres_wgs84([code])[0].tolist()
        return dict.fromkeys(REGISTER) | {
            "level": "cel100m",
            "code": code,
            "name": f"Vierkant {code}",
            "current": True,
            "lon": lon,
            "lat": lat,
            **{empty: [] for empty in ("names", "years", "successors", "predecessors")},
        }
    raise KrachtwijkError(
        f"Gebied {code} komt in geen enkele lijst voor",
        mend="Controleer de code, bijvoorbeeld GM0363, WK036300, BU03630000 of 1011",
    )


def _register(warehouse: Warehouse) -> pl.DataFrame:
    from krachtwijk.geography import succession

    frame = _over_years(known_codes(warehouse))
    found = succession.successors(frame)
    after = _links(found, "from_code", "to_code", "successors")
    before = _links(found, "to_code", "from_code", "predecessors")
    return (
        frame.join(_points(), on=["level", "code"], how="left")
        .join(after, on=["level", "code"], how="left")
        .join(before, on=["level", "code"], how="left")
        .with_columns(pl.col("successors", "predecessors").fill_null([]))
        .select(pl.col(name).cast(kind) for name, kind in REGISTER.items())
        .sort("level", "code")
    )


def _over_years(known: pl.DataFrame) -> pl.DataFrame:
    newest = pl.DataFrame({"level": levels(), "__newest": [years(level)[-1] for level in levels()]})
    named = pl.struct("year", "name").filter(pl.col("name").is_not_null())
    return (
        known.sort("year")
        .group_by("level", "code")
        .agg(
            pl.col("name").drop_nulls().last(),
            pl.when(pl.col("name").drop_nulls().n_unique() > 1).then(named.implode()).alias("names"),
            pl.col("year").alias("years"),
            pl.col("year").first().alias("first_year"),
            pl.col("year").last().alias("last_year"),
            pl.col("gemeente", "gemeente_name", "provincie").drop_nulls().last(),
        )
        .join(newest, on="level", how="left")
        .with_columns(
            pl.coalesce("name", "code").alias("name"),
            pl.col("names").fill_null([]),
            (pl.col("last_year") >= pl.col("__newest")).fill_null(True).alias("current"),
            pl.when(pl.col("level") == "buurt")
            .then(codes.wijk_expr(pl.col("code")))
            .when(pl.col("level") == "wijk")
            .then("code")
            .alias("wijk"),
        )
    )


def _links(found: pl.DataFrame, of: str, to: str, name: str) -> pl.DataFrame:
    return (
        found.sort("share", descending=True)
        .group_by("level", pl.col(of).alias("code"), maintain_order=True)
        .agg(pl.struct(pl.col(to).alias("code"), "share", "how").alias(name))
    )


def levels() -> list[str]:
    """Levels with a list of codes, in the order of the file."""
    return list(dict.fromkeys(r.level for r in registers()))


def _points() -> pl.DataFrame:
    """A point inside each area: of its newest outline, else the label point of 2014."""
    from krachtwijk.geography import boundaries, succession

    parts = [
        _located(boundaries.outlines(entry.level, entry.year, entry.crs)) for entry in boundaries.files()
    ]
    labels = succession.label_points().select("level", "code", "lon", "lat", pl.lit(2014).alias("year"))
    return (
        pl.concat([*parts, _located(boundaries.country()), _located(boundaries.stadsdelen()), labels])
        .sort("year", descending=True)
        .unique(["level", "code"], keep="first")
        .drop("year")
    )


def _located(shapes: Outlines) -> pl.DataFrame:
    from krachtwijk.geography import boundaries

    points = boundaries.project_points(shapes.points(), shapes.crs, "wgs84")
    return pl.DataFrame(
        {
            "level": [shapes.level] * len(shapes.codes),
            "code": shapes.codes,
            "lon": points[:, 0],
            "lat": points[:, 1],
            "year": [shapes.year] * len(shapes.codes),
        },
        schema_overrides={"year": pl.Int32},
    )


def _known_codes() -> pl.DataFrame:
    frame = pl.concat(r.read() for r in registers()).unique(
        ["level", "code", "year"], keep="first", maintain_order=True
    )
    named = _from_nearest_year(frame, "name")
    by_code = pl.col("level").is_in(["buurt", "wijk", "stadsdeel"])
    named = named.with_columns(
        pl.when(by_code)
        .then(codes.gemeente_expr(pl.col("code")))
        .when(pl.col("level") == "gemeente")
        .then("code")
        .otherwise("gemeente")
        .alias("gemeente")
    )
    pc4 = named.filter(pl.col("level") == "pc4")
    named = pl.concat([named.filter(pl.col("level") != "pc4"), _from_nearest_year(pc4, "gemeente")])
    gemeenten = _provinces(named)
    named = (
        named.drop("provincie", "weight")
        .sort("year")
        .join_asof(
            gemeenten.select("gemeente", "year", "gemeente_name", "provincie").sort("year"),
            on="year",
            by="gemeente",
            strategy="nearest",
            check_sortedness=False,
        )
    )
    country = pl.DataFrame(
        {"level": "land", "code": codes.COUNTRY, "year": sorted(named["year"].unique()), "name": "Nederland"},
        schema_overrides={"year": pl.Int16},
    )
    return (
        pl.concat([named, country], how="diagonal")
        .with_columns(
            pl.when(pl.col("level") == "pc4")
            .then(pl.concat_str("code", "gemeente_name", separator=" ", ignore_nulls=True))
            .otherwise("name")
            .alias("name"),
            pl.when(pl.col("level") == "buurt")
            .then(codes.wijk_expr(pl.col("code")))
            .when(pl.col("level") == "gemeente")
            .then("provincie")
            .when(pl.col("level") == "provincie")
            .then(pl.lit(codes.COUNTRY))
            .otherwise("gemeente")
            .alias("parent"),
        )
        .select("level", "code", "year", "name", "gemeente", "gemeente_name", "provincie", "parent")
        .sort("level", "code", "year")
    )


def _from_nearest_year(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Fill a column where it is null from the same code in the nearest year that has it."""
    source = frame.filter(pl.col(column).is_not_null()).select(
        "level", "code", "year", pl.col(column).alias("__known")
    )
    return (
        frame.sort("year")
        .join_asof(
            source.sort("year"),
            on="year",
            by=["level", "code"],
            strategy="nearest",
            check_sortedness=False,
        )
        .with_columns(pl.coalesce(column, "__known").alias(column))
        .drop("__known")
    )


def _provinces(frame: pl.DataFrame) -> pl.DataFrame:
    """Gemeente, year, name and province code; lists write the province as code, bare number or name."""
    provinces = frame.filter(pl.col("level") == "provincie").select(
        pl.col("code").alias("__province"), pl.col("name").alias("provincie")
    )
    gemeenten = (
        frame.filter(pl.col("level") == "gemeente")
        .join(provinces, on="provincie", how="left")
        .with_columns(
            pl.coalesce(
                "__province",
                pl.lit("PV") + pl.col("provincie").str.extract(r"^(?:PV)?(\d\d)$"),
            ).alias("provincie")
        )
        .drop("__province", "gemeente")
    )
    return _from_nearest_year(gemeenten, "provincie").rename({"code": "gemeente", "name": "gemeente_name"})
