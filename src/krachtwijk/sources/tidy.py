# SPDX-License-Identifier: EUPL-1.2
"""From text cells to observations: markers become a status, numbers are parsed, nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from krachtwijk.geography import codes
from krachtwijk.warehouse.store import OBSERVATIONS, STATUSES
from krachtwijk.warehouse.tables import LINE, Table

#: Markers of Dutch publications (data README, quirk 4). None of them is a number.
MARKERS = {
    ".": "missing",
    "-": "missing",
    "nan": "missing",
    "na": "missing",
    "n/a": "missing",
    "null": "missing",
    "none": "missing",
    "-99995": "missing",
    "-99999": "missing",
    "-99999999": "missing",
    "-99997": "secret",
    "-99998": "secret",
    "geheim": "secret",
    "x": "secret",
    "nihil": "not_applicable",
}
#: Those that look like numbers, also after a spreadsheet made them -99998.0.
NUMBER_MARKERS = {float(text): status for text, status in MARKERS.items() if text.startswith("-9")}

_STATUS = pl.Enum(STATUSES)


@dataclass(frozen=True, slots=True)
class Target:
    """What a column holds: an indicator, in a period, with a factor to the catalogue's unit."""

    indicator: str
    period: str
    factor: float = 1.0


@dataclass(slots=True)
class Reading:
    """What an adapter made of a table. ``rejected`` is (line, reason); a line is rejected whole or kept whole.

    ``observations`` has the columns of OBSERVATIONS and the line each came from.
    """

    observations: pl.DataFrame
    rejected: list[tuple[int, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)
    geo_year: int = 0


def _plain_number(cell: pl.Expr) -> pl.Expr:
    """The cell with a decimal point: ``1,8`` and ``1.234,5`` are Dutch; anything else is left to the parser."""
    dutch = cell.str.contains(r"^[-+]?(\d+|\d{1,3}(\.\d{3})+),\d+$")
    return (
        pl.when(dutch)
        .then(cell.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
        .otherwise(cell)
    )


def parse(cell: pl.Expr, blank: str, good: str) -> tuple[pl.Expr, pl.Expr]:
    """Value and status of text cells without padding.

    The value is null unless the status is ``good``; the status is null where a cell is neither number nor marker.
    """
    number = _plain_number(cell).cast(pl.Float64, strict=False)
    marker = cell.str.to_lowercase().replace_strict(
        {**MARKERS, "": blank}, default=None, return_dtype=_STATUS
    )
    numeric = number.replace_strict(NUMBER_MARKERS, default=None, return_dtype=_STATUS)
    fine = number.is_finite().fill_null(False) & numeric.is_null()
    status = pl.when(fine).then(pl.lit(good, _STATUS)).otherwise(pl.coalesce(numeric, marker))
    return pl.when(fine).then(number), status


def tidy(
    table: Table,
    *,
    code: pl.Expr,
    columns: Mapping[str, Target],
    geo_year: int,
    period: pl.Expr | None = None,
    skip: pl.Expr | None = None,
    blank: str = "not_applicable",
    good: str = "ok",
) -> Reading:
    """Melt a wide table into observations.

    ``code`` gives the area code of a row, ``columns`` what each value column holds, ``period`` overrides the target's
    period per row (null: not a year). ``skip`` gives the reason to leave a row out, or null. A row is also rejected
    where its code has no known shape, where it has no period, where it repeats a code and period already read, or
    where a value is neither number nor marker. ``blank`` is the status of an empty cell (StatLine: impossible; R and
    pandas exports: missing), ``good`` that of a number (``estimated`` where a model made it).
    """
    frame = table.frame.with_columns(
        codes.clean_expr(code.fill_null("")).alias("__area"),
        (pl.lit("") if period is None else period).alias("__period"),
    ).with_columns(codes.level_expr(pl.col("__area")).alias("__level"))
    reason = pl.coalesce(
        pl.lit(None, pl.String) if skip is None else skip,
        pl.when(pl.col("__level").is_null()).then(
            pl.format("gebiedscode '{}' heeft geen bekende vorm", pl.col("__area").str.slice(0, 40))
        ),
        pl.when(pl.col("__period").is_null()).then(pl.lit("geen heel jaar in de kolom met de periode")),
    )
    frame = frame.with_columns(reason.alias("__reason"))
    rejected = frame.filter(pl.col("__reason").is_not_null()).select(LINE, "__reason").rows()
    frame = frame.filter(pl.col("__reason").is_null())
    first = pl.struct("__area", "__period").is_first_distinct()
    rejected += [
        (line, f"gebied {area} staat al op een eerdere regel")
        for line, area in frame.filter(~first).select(LINE, "__area").rows()
    ]
    frame = frame.filter(first)

    long = _melt(frame, {c: t for c, t in columns.items() if c in frame.columns})
    value, status = parse(pl.col("__text"), blank, good)
    long = long.with_columns(value.alias("value"), status.alias("status"))
    wrong = long.filter(pl.col("status").is_null())
    if wrong.height:
        told = wrong.group_by(LINE, maintain_order=True).first()
        rejected += [
            (line, f"kolom {column}: '{text[:40]}' is geen getal")
            for line, column, text in told.select(LINE, "__column", "__text").rows()
        ]
        long = long.join(told.select(LINE), on=LINE, how="anti")
    observations = long.select(
        pl.col("__level").alias("level"),
        pl.col("__area").alias("area"),
        pl.lit(geo_year, pl.Int16).alias("geo_year"),
        "period",
        "indicator",
        pl.col("value") * pl.col("__factor"),
        "status",
        pl.lit(None, pl.Float64).alias("weight"),
        LINE,
    )
    return Reading(observations, sorted([*rejected, *table.broken]), geo_year=geo_year)


def _melt(frame: pl.DataFrame, columns: Mapping[str, Target]) -> pl.DataFrame:
    """One row per area and column, column after column, with the column's indicator, period and factor beside it."""
    index = [LINE, "__level", "__area", "__period"]
    long = frame.select(*index, *columns).unpivot(
        on=list(columns), index=index, variable_name="__column", value_name="__text"
    )
    targets = pl.DataFrame(
        {
            "indicator": [t.indicator for t in columns.values()],
            "__stated": [t.period for t in columns.values()],
            "__factor": [t.factor for t in columns.values()],
        },
        schema={"indicator": pl.String, "__stated": pl.String, "__factor": pl.Float64},
    ).select(pl.all().repeat_by(frame.height).explode(empty_as_null=False))
    return long.hstack(targets).with_columns(
        pl.col("__text").fill_null("").str.strip_chars(),
        pl.when(pl.col("__period") == "").then("__stated").otherwise("__period").alias("period"),
    )


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
