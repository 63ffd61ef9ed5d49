# SPDX-License-Identifier: EUPL-1.2
"""What changed in the figures of a result table when a run replaced it, so that no figure changes silently.

A cell counts as changed when its row is in both tables and its value is not the same; for numbers, when they differ by
more than one part in 10^9, so that the order of an addition is no news. Columns that only tell where a figure comes
from (edition, rule, run) do not count. Old and new values are shown as examples only where both stand in the open: a
figure that is or was withheld is counted and never shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

PROVENANCE = ("edition", "rule", "run")
#: Columns that together name a row, in whatever table they occur; numbers and words beside them are its figures.
KEYS = ("level", "kind", "area", "unit", "target", "indicator", "window", "period", "geo_year")
#: Statuses of a figure that stands in the open; any other word in a column `status` with a `value` withholds it.
OPEN = ("ok", "estimated")
EXAMPLES = 20
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Change:
    """The difference between two runs of one table. ``causes``: ``editions``, ``rule``, ``software``, ``facts``.

    ``cells`` counts changed figures in ``rows`` rows of both; ``added`` and ``removed`` count rows, the columns that
    came and went are listed. ``examples`` are (key, column, old, new), the largest change first.
    """

    table: str
    before: str
    after: str
    before_made_at: str
    made_at: str
    causes: tuple[str, ...]
    rows: int
    cells: int
    added: int
    removed: int
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    by_column: dict[str, int] = field(default_factory=dict)
    examples: tuple[dict[str, Any], ...] = ()
    editions_added: tuple[str, ...] = ()
    editions_removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What `compare` finds; all zero and empty where the figures are the same."""

    rows: int = 0
    cells: int = 0
    added: int = 0
    removed: int = 0
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    by_column: dict[str, int] = field(default_factory=dict)
    examples: tuple[dict[str, Any], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.cells or self.added or self.removed or self.columns_added or self.columns_removed)


def keys_of(frame: pl.DataFrame) -> list[str]:
    """The columns that name a row, in the order of KEYS."""
    return [name for name in KEYS if name in frame.columns]


def _differs(column: str, old: pl.DataType, new: pl.DataType) -> pl.Expr:
    before, after = pl.col(column), pl.col(f"{column}__new")
    if old.is_numeric() and new.is_numeric():
        before, after = before.cast(pl.Float64), after.cast(pl.Float64)
        scale = pl.max_horizontal(before.abs(), after.abs(), pl.lit(1.0))
        near = ((before - after).abs() <= TOLERANCE * scale) | before.eq_missing(after)
        return pl.when(before.is_null() | after.is_null()).then(before.ne_missing(after)).otherwise(~near)
    return before.cast(pl.String).ne_missing(after.cast(pl.String))


def compare(before: pl.DataFrame, after: pl.DataFrame) -> Difference:
    """The figures of one table before and after: same key, other value; rows and columns that came and went.

    A table whose rows have no unique key in both is compared by whole rows: a changed one is one gone and one added.
    """
    before, after = (f.drop(c for c in PROVENANCE if c in f.columns) for f in (before, after))
    if before.equals(after):
        return Difference()
    keys = [name for name in keys_of(before) if name in after.columns]
    shared = [name for name in before.columns if name in after.columns and name not in keys]
    columns_added = tuple(c for c in after.columns if c not in before.columns)
    columns_removed = tuple(c for c in before.columns if c not in after.columns)
    names = (columns_added, columns_removed)
    if not keys or any(f.select(keys).hash_rows().n_unique() < f.height for f in (before, after)):
        return _by_whole_rows(before, after, [*keys, *shared], names)
    before, after = _without_twins(before, after, [*keys, *shared])
    before, after = (
        f.with_columns(pl.col(k).cast(pl.String).fill_null("") for k in keys) for f in (before, after)
    )
    added = after.join(before, on=keys, how="anti").height
    removed = before.join(after, on=keys, how="anti").height
    both = before.select(*keys, *shared).join(
        after.select(*keys, *(pl.col(c).alias(f"{c}__new") for c in shared)), on=keys
    )
    flags = both.with_columns(
        _differs(c, before.schema[c], after.schema[c]).alias(f"{c}__differs") for c in shared
    )
    counts = {c: int(flags[f"{c}__differs"].sum()) for c in shared}
    by_column = {c: n for c, n in counts.items() if n}
    touched = flags.filter(pl.any_horizontal(f"{c}__differs" for c in by_column)) if by_column else None
    return Difference(
        rows=touched.height if touched is not None else 0,
        cells=sum(by_column.values()),
        added=added,
        removed=removed,
        by_column=by_column,
        examples=_examples(touched, keys, list(by_column)) if touched is not None else (),
        columns_added=columns_added,
        columns_removed=columns_removed,
    )


def _without_twins(
    before: pl.DataFrame, after: pl.DataFrame, columns: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both without the rows that stand in the other word for word (told by a hash of 64 bits): mostly all of them."""
    first, second = before.select(columns).hash_rows(), after.select(columns).hash_rows()
    return before.filter(~first.is_in(second.implode())), after.filter(~second.is_in(first.implode()))


def _by_whole_rows(
    before: pl.DataFrame,
    after: pl.DataFrame,
    columns: Sequence[str],
    names: tuple[tuple[str, ...], tuple[str, ...]],
) -> Difference:
    def counted(frame: pl.DataFrame, sign: int) -> pl.DataFrame:
        words = frame.select(pl.col(c).cast(pl.String).fill_null("") for c in columns)
        return words.group_by(columns).agg((pl.len().cast(pl.Int64) * sign).alias("__times"))

    balance = (
        pl.concat([counted(before, -1), counted(after, 1)]).group_by(columns).agg(pl.col("__times").sum())
    )["__times"]
    return Difference(
        added=int(balance.filter(balance > 0).sum()),
        removed=-int(balance.filter(balance < 0).sum()),
        columns_added=names[0],
        columns_removed=names[1],
    )


def _examples(touched: pl.DataFrame, keys: list[str], columns: list[str]) -> tuple[dict[str, Any], ...]:
    """Up to 20 changed cells that stand in the open before and after, the largest change (to its size) first."""
    if "status" in touched.columns and "value" in touched.columns:
        for name in ("status", "status__new"):
            touched = touched.filter(pl.col(name).cast(pl.String).is_in(OPEN))
    found: list[tuple[float, dict[str, Any]]] = []
    for column in columns:
        new = f"{column}__new"
        cells = touched.filter(
            pl.col(f"{column}__differs") & pl.col(column).is_not_null() & pl.col(new).is_not_null()
        )
        numeric = cells.schema[column].is_numeric() and cells.schema[new].is_numeric()
        size = (
            (pl.col(column).cast(pl.Float64) - pl.col(new).cast(pl.Float64)).abs()
            / pl.max_horizontal(
                pl.col(column).cast(pl.Float64).abs(), pl.col(new).cast(pl.Float64).abs(), 1e-12
            )
            if numeric
            else pl.lit(0.0)
        )
        top = cells.with_columns(size.alias("__size")).sort(
            pl.col("__size"), *keys, descending=[True] + [False] * len(keys)
        )
        for row in top.head(EXAMPLES).to_dicts():
            example = {
                "key": {k: row[k] for k in keys},
                "column": column,
                "old": _plain(row[column]),
                "new": _plain(row[new]),
            }
            found.append((row["__size"], example))
    found.sort(key=lambda pair: -pair[0])
    return tuple(example for _, example in found[:EXAMPLES])


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | bool) else str(value)
