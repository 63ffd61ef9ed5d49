# SPDX-License-Identifier: EUPL-1.2
"""What lies around an area: the areas it borders on, those it overlaps, and for a 100 m square those that hold it."""

from __future__ import annotations

import polars as pl

from krachtwijk.geography import cells
from krachtwijk.geography.boundaries import outlines
from krachtwijk.geography.crosswalks import links
from krachtwijk.geography.neighbours import holding, neighbours
from krachtwijk.runs.common import store
from krachtwijk.warehouse import ResultInfo, Warehouse

RULE = "buren-2"
#: Per level the outlines and the margin in metres: about what simplifying left of each (`outlines.toml`).
BORDERS = (("gemeente", 2024, 60.0), ("wijk", 2022, 100.0), ("pc4", 2023, 15.0), ("buurt", 2024, 15.0))
#: Per level the outlines that squares are laid in.
HOLDERS = (("buurt", 2024), ("wijk", 2022), ("pc4", 2023), ("gemeente", 2024))
#: A smaller part of an area than this is two borders drawn a little differently.
LEAST_SHARE = 0.05


def run(warehouse: Warehouse) -> list[ResultInfo]:
    """Tables ``buren`` (level, area, neighbour, border in metres), ``overlap`` (area, level, other, share, basis) and
    ``ligging`` (of a square: area, and the code of each level that holds it).
    """
    borders = pl.concat(
        neighbours(outlines(level, year), margin).select(
            pl.lit(level).alias("level"),
            "area",
            "neighbour",
            "border",
            pl.lit(f"grenzen-{level}-{year}").alias("edition"),
        )
        for level, year, margin in BORDERS
    )
    made = [store(warehouse, "buren", borders, rule=RULE, editions=())]
    made.append(store(warehouse, "overlap", overlaps(warehouse), rule=RULE, editions=()))
    squares = (
        warehouse.observations(level="cel100m").select("area").unique().collect()["area"].sort().to_list()
    )
    if squares:
        points = cells.centres(squares)
        held = {level: holding(points, outlines(level, year)) for level, year in HOLDERS}
        made.append(
            store(
                warehouse,
                "ligging",
                pl.DataFrame({"area": squares, **held}).with_columns(
                    pl.lit(" ".join(f"grenzen-{level}-{year}" for level, year in HOLDERS)).alias("edition")
                ),
                rule=RULE,
                editions=(),
            )
        )
    return made


def overlaps(warehouse: Warehouse) -> pl.DataFrame:
    """Buurten and postcodes that share ground: of a buurt its share of surface, of a postcode that of inhabitants."""
    found = links(warehouse, from_level="buurt", from_year=2024, to_level="pc4", to_year=2023)
    of_buurt = found.select(
        pl.col("from_code").alias("area"),
        pl.lit("pc4").alias("level"),
        pl.col("to_code").alias("other"),
        pl.col("share_of_from").alias("share"),
        pl.lit("oppervlakte").alias("basis"),
    )
    of_postcode = found.select(
        pl.col("to_code").alias("area"),
        pl.lit("buurt").alias("level"),
        pl.col("from_code").alias("other"),
        pl.col("share_of_to").alias("share"),
        "basis",
    )
    return (
        pl.concat([of_buurt, of_postcode])
        .filter(pl.col("share") >= LEAST_SHARE)
        # per cent: an exact share of the inhabitants of a postcode gives those of a small buurt back
        .with_columns(pl.col("share").round(2))
        .sort("area", "other")
        .with_columns(pl.lit("grenzen-buurt-2024 grenzen-pc4-2023").alias("edition"))
    )
