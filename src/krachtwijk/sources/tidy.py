# SPDX-License-Identifier: EUPL-1.2
"""From text cells to observations: markers become a status, numbers are parsed, nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from krachtwijk.catalogue import indicator
from krachtwijk.warehouse.store import OBSERVATIONS, STATUSES
from krachtwijk.warehouse.tables import LINE, Table

#: Markers of Dutch publications (data README, quirk 4). None of them is a number.
MARKERS = {
    ".": "missing",
    "-99995": "missing",
    "-99999999": "missing",
    "nan": "missing",
    "na": "missing",
    "none": "missing",
    "-99997": "secret",
    "-99998": "secret",
    "geheim": "secret",
    "x": "secret",
    "nihil": "not_applicable",
}

#: Level by the first two characters of a code; postcodes and cells have their own shape.
PREFIXES = {"NL": "land", "PV": "provincie", "GM": "gemeente", "SD": "stadsdeel", "WK": "wijk", "BU": "buurt"}


@dataclass(frozen=True, slots=True)
class Target:
    """What a column holds: an indicator, in a period, with a factor to the catalogue's unit."""

    indicator: str
    period: str
    factor: float = 1.0


@dataclass(slots=True)
class Reading:
    """What an adapter made of a table. ``rejected`` is (line, reason); a line is rejected whole or kept whole."""

    observations: pl.DataFrame
    rejected: list[tuple[int, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)
    geo_year: int = 0


def clean_code(code: pl.Expr) -> pl.Expr:
    """A code as published, without padding, in capitals."""
    return code.str.strip_chars().str.to_uppercase()


def level_of(code: pl.Expr) -> pl.Expr:
    """Level of a code by its shape; null where it has none we know."""
    expression = pl.when(code.str.contains(r"^[1-9]\d{3}$")).then(pl.lit("pc4"))
    expression = expression.when(code.str.contains(r"^E\d{4}N\d{4}$")).then(pl.lit("cel100m"))
    shapes = {
        "NL": r"^NL\d{2}$",
        "PV": r"^PV\d{2}$",
        "GM": r"^GM\d{4}$",
        "SD": r"^SD\d{4}[A-Z0-9]{1,2}$",
        "WK": r"^WK\d{4}[A-Z0-9]{2}$",
        "BU": r"^BU\d{4}[A-Z0-9]{4}$",
    }
    for prefix, shape in shapes.items():
        expression = expression.when(code.str.contains(shape)).then(pl.lit(PREFIXES[prefix]))
    return expression.otherwise(None)


def tidy(
    table: Table,
    *,
    code: pl.Expr,
    columns: Mapping[str, Target],
    geo_year: int,
    period: pl.Expr | None = None,
    skip: pl.Expr | None = None,
    skip_reason: str = "",
    blank: str = "not_applicable",
    markers: Mapping[str, str] | None = None,
) -> Reading:
    """Melt a wide table into observations.

    ``code`` gives the area code of a row, ``columns`` what each value column holds, ``period`` overrides the target's
    period per row. Rows where ``skip`` holds are rejected with ``skip_reason``. A row is also rejected where its code
    has no known shape, where it repeats a code and period already read, or where a value is neither number nor marker.
    ``blank`` is the status of an empty cell (StatLine: impossible; R and pandas exports: missing).
    """
    known = MARKERS | dict(markers or {})
    frame = table.frame.with_columns(clean_code(code).alias("area"))
    frame = frame.with_columns(level_of(pl.col("area")).alias("level"))
    if period is not None:
        frame = frame.with_columns(period.cast(pl.String).str.strip_chars().alias("__period"))
    else:
        frame = frame.with_columns(pl.lit(None, pl.String).alias("__period"))

    def reasons(mask: pl.Expr, text: pl.Expr) -> pl.Expr:
        return pl.when(mask).then(text)

    doubled = pl.struct("area", "__period").is_first_distinct().not_()
    reason = pl.coalesce(
        reasons(skip, pl.lit(skip_reason)) if skip is not None else pl.lit(None, pl.String),
        reasons(
            pl.col("level").is_null(),
            pl.format("gebiedscode '{}' heeft geen bekende vorm", pl.col("area").fill_null("")),
        ),
    )
    frame = frame.with_columns(reason.alias("__reason"))
    rejected = frame.filter(pl.col("__reason").is_not_null()).select(LINE, "__reason").rows()
    frame = frame.filter(pl.col("__reason").is_null()).with_columns(doubled.alias("__doubled"))
    rejected += [
        (line, f"gebied {area} staat al op een eerdere regel")
        for line, area in frame.filter("__doubled").select(LINE, "area").rows()
    ]
    frame = frame.filter(~pl.col("__doubled"))

    present = [name for name in columns if name in frame.columns]
    long = frame.select(LINE, "level", "area", "__period", *present).unpivot(
        on=present, index=[LINE, "level", "area", "__period"], variable_name="__column", value_name="__text"
    )
    targets = pl.DataFrame(
        {
            "__column": present,
            "indicator": [columns[c].indicator for c in present],
            "__target_period": [columns[c].period for c in present],
            "__factor": [columns[c].factor for c in present],
        },
        schema={
            "__column": pl.String,
            "indicator": pl.String,
            "__target_period": pl.String,
            "__factor": pl.Float64,
        },
    )
    long = long.join(targets, on="__column", how="left", maintain_order="left")
    cell = pl.col("__text").fill_null("").str.strip_chars()
    # a marker may have come through a spreadsheet as a number: -99998.0
    plain = cell.str.to_lowercase().str.replace(r"^(-9{4,}\d*)\.0+$", "$1")
    long = long.with_columns(
        pl.when(cell == "")
        .then(pl.lit(blank))
        .otherwise(plain.replace_strict(known, default=None, return_dtype=pl.String))
        .alias("__marker"),
        cell.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False).alias("__number"),
    )
    wrong = long.filter(
        pl.col("__marker").is_null() & (pl.col("__number").is_null() | ~pl.col("__number").is_finite())
    )
    if wrong.height:
        told = wrong.group_by(LINE, maintain_order=True).agg(
            pl.format("kolom {}: '{}' is geen getal", "__column", "__text").first().alias("reason")
        )
        rejected += told.select(LINE, "reason").rows()
        long = long.join(told.select(LINE), on=LINE, how="anti")
    observations = long.select(
        "level",
        "area",
        pl.lit(geo_year, pl.Int16).alias("geo_year"),
        pl.coalesce("__period", "__target_period").alias("period"),
        "indicator",
        pl.when(pl.col("__marker").is_null()).then(pl.col("__number") * pl.col("__factor")).alias("value"),
        pl.col("__marker").fill_null("ok").cast(pl.Enum(STATUSES)).alias("status"),
        pl.lit(None, pl.Float64).alias("weight"),
        LINE,
    )
    rejected += list(table.broken)
    return Reading(observations=observations, rejected=sorted(rejected), geo_year=geo_year)


def with_weights(observations: pl.DataFrame) -> pl.DataFrame:
    """Give each observation the number of inhabitants that the same publication states for its area and period."""
    inhabitants = observations.filter(
        (pl.col("indicator") == "inwoners") & pl.col("value").is_not_null()
    ).select("level", "area", "period", pl.col("value").alias("__inhabitants"))
    if inhabitants.height == 0:
        return observations
    return observations.join(inhabitants, on=["level", "area", "period"], how="left").with_columns(
        pl.coalesce("__inhabitants", "weight").alias("weight")
    )


def conform(observations: pl.DataFrame) -> pl.DataFrame:
    """Exactly the columns and types of OBSERVATIONS."""
    return observations.select(pl.col(name).cast(kind) for name, kind in OBSERVATIONS.items())


def label_of(identifier: str) -> str:
    """Dutch label of an indicator, for messages."""
    return indicator(identifier).label
