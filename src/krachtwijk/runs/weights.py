# SPDX-License-Identifier: EUPL-1.2
"""By how many inhabitants an area counts in a sum that everybody may see.

A mean of areas gives their weights back: who knows the scores of two buurten and of the two together works out how
many people live in each, and may choose the buurten. So a sum uses what is published: where inhabitants are withheld
a stand-in counts that a reader could make too. It is the middle of what may be behind it, or an equal part of what the
shown areas leave of the shown whole.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import polars as pl

from krachtwijk.catalogue import disclosure
from krachtwijk.warehouse import Warehouse

_KEYS = ("area", "period")


def with_stand_ins(warehouse: Warehouse, level: str, frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` (area, period, inhabitants, …) of one level with a stand-in where inhabitants are withheld."""
    limit = disclosure().limit
    info = warehouse.result_info("kerncijfers")
    count = pl.col("inhabitants")
    few = pl.when((count > 0) & (count < limit)).then(limit / 2).otherwise(count).alias("inhabitants")
    if info is None:  # nothing is published yet that withholds more than what is small
        return frame.with_columns(few)
    hidden = _stand_ins(warehouse.home, info.run, level)
    return (
        frame.join(hidden, on=_KEYS, how="left", maintain_order="left")
        .with_columns(few)
        .with_columns(pl.coalesce("stand_in", "inhabitants").alias("inhabitants"))
        .drop("stand_in")
    )


@lru_cache(8)
def _stand_ins(home: Path, _run: str, level: str) -> pl.DataFrame:
    """Area, period and stand-in of every area of a level whose inhabitants are withheld; from published rows alone."""
    rules = disclosure()
    table = Warehouse(home).result("kerncijfers")
    assert table is not None
    shown = (
        table.filter(
            (pl.col("indicator") == rules.inhabitants)
            & pl.col("level")
            .cast(pl.String)
            .is_in(["buurt", "wijk", "gemeente"] if level != "pc4" else [level])
        )
        .select(pl.col("level", "area", "period", "status").cast(pl.String), "value")
        .collect()
        .unique(["level", *_KEYS], keep="first", maintain_order=True)
    )
    whole = shown.filter(pl.col("value").is_not_null()).select(
        pl.col("area").alias("parent"), "period", pl.col("value").alias("total")
    )
    digits = pl.col("area").str.slice(2)
    wijk = pl.lit("WK") + digits.str.slice(0, 6)
    gemeente = pl.lit("GM") + digits.str.slice(0, 4)
    parts = shown.filter(pl.col("level") == level)
    if level == "buurt":
        known = whole.rename({"parent": "wijk", "total": "of_wijk"})
        parts = parts.with_columns(wijk.alias("wijk")).join(known, on=["wijk", "period"], how="left")
        parent = pl.when(pl.col("of_wijk").is_not_null()).then("wijk").otherwise(gemeente)
    else:
        parent = gemeente
    small = pl.col("status") == "suppressed"
    hidden = pl.col("status") == "suppressed_with"
    left = pl.col("total") - pl.col("value").sum() - small.sum() * rules.limit / 2
    parts = parts.with_columns(parent.alias("parent"))
    if level == "buurt":  # of a gemeente only what lies outside the wijken that are shown themselves
        inside = (
            whole.join(parts.select("parent", "period").unique(), on=["parent", "period"], how="semi")
            .filter(pl.col("parent").str.starts_with("WK"))
            .select(
                (pl.lit("GM") + pl.col("parent").str.slice(2, 4)).alias("parent"),
                "period",
                pl.col("total").alias("value"),
                pl.lit("ok").alias("status"),
            )
        )
        parts = pl.concat([parts, inside], how="diagonal")
    share = (
        parts.join(whole, on=["parent", "period"], how="left")
        .group_by("parent", "period")
        .agg((left.first() / hidden.sum()).alias("share"), hidden.any().alias("asked"))
        .filter("asked")
    )
    return (
        parts.filter(small | hidden)
        .join(share, on=["parent", "period"], how="left")
        .select(
            *_KEYS,
            pl.when(small)
            .then(rules.limit / 2)
            .otherwise(pl.max_horizontal(pl.col("share").fill_null(0.0), pl.lit(rules.limit)))
            .alias("stand_in"),
        )
        .sort(_KEYS)
    )
