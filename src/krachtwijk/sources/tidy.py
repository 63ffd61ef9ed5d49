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
    "geheim": "secret",
    "x": "secret",
    "nihil": "not_applicable",
}
#: Markers that look like numbers, also after a spreadsheet made them -99998.0.
NUMBER_MARKERS = {
    -99995.0: "missing",
    -99999.0: "missing",
    -99999999.0: "missing",
    -99997.0: "secret",
    -99998.0: "secret",
}

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


def parse(column: str, blank: str, good: str) -> tuple[pl.Expr, pl.Expr]:
    """Value and status of a text column. The value is null unless the status is ``good``; the status is null where
    the cell is neither a number nor a marker."""
    cell = pl.col(column).fill_null("").str.strip_chars()
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

    present = [name for name in columns if name in frame.columns]
    parsed = {name: parse(name, blank, good) for name in present}
    values = frame.select(value.alias(name) for name, (value, _) in parsed.items())
    statuses = frame.select(status.alias(name) for name, (_, status) in parsed.items())
    bad = statuses.select(pl.any_horizontal(pl.all().is_null()).alias("bad"))["bad"] if present else None
    if bad is not None and bad.any():
        for index in bad.arg_true():
            row = statuses.row(index)
            column = present[row.index(None)]
            text = str(frame[column][index]).strip()[:40]
            rejected.append((frame[LINE][index], f"kolom {column}: '{text}' is geen getal"))
        frame, values, statuses = frame.filter(~bad), values.filter(~bad), statuses.filter(~bad)
    rejected += list(table.broken)
    return Reading(_melt(frame, values, statuses, columns, geo_year), sorted(rejected), geo_year=geo_year)


def _melt(
    frame: pl.DataFrame,
    values: pl.DataFrame,
    statuses: pl.DataFrame,
    columns: Mapping[str, Target],
    geo_year: int,
) -> pl.DataFrame:
    """One block of rows per column, one below the other: areas are written once and never joined."""
    parts = [
        frame.select(
            pl.col("__level").alias("level"),
            pl.col("__area").alias("area"),
            pl.lit(geo_year, pl.Int16).alias("geo_year"),
            pl.when(pl.col("__period") == "")
            .then(pl.lit(columns[name].period))
            .otherwise("__period")
            .alias("period"),
            pl.lit(columns[name].indicator).alias("indicator"),
            (values[name] * columns[name].factor).alias("value"),
            statuses[name].alias("status"),
            pl.lit(None, pl.Float64).alias("weight"),
            LINE,
        )
        for name in values.columns
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema={**OBSERVATIONS, LINE: pl.Int32})


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
