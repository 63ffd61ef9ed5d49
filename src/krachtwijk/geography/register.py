# SPDX-License-Identifier: EUPL-1.2
"""Which areas there are: every code of every level and packaged year, with its name and the areas it lies in."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache

import polars as pl

from krachtwijk.catalogue import DATA
from krachtwijk.errors import KrachtwijkError
from krachtwijk.geography import codes, packaged
from krachtwijk.warehouse import Warehouse

FILE = DATA / "geography" / "registers.toml"
FORMAT = "1"  # counts up when the tables made here change shape or rule


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
    return packaged.kept(
        warehouse, f"codes-{packaged.fingerprint(files, FORMAT)}.parquet", _known_codes
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
