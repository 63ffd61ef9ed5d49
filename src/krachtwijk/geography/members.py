# SPDX-License-Identifier: EUPL-1.2
"""Which areas belong to which area of a programme, wholly or in part."""

from __future__ import annotations

import polars as pl

from krachtwijk.geography.crosswalks import links
from krachtwijk.monitor.model import Programme
from krachtwijk.warehouse import Warehouse

#: The list of buurten that is laid beside the parts of programmes.
BUURTEN_OF = 2024
#: Where less of a buurt lies in a programme area than this, two borders differ a little and nothing more.
LEAST_SHARE = 0.05


def linked(warehouse: Warehouse, programme: Programme, level: str, year: int) -> pl.DataFrame:
    """Parts of a level and year beside the codes that a programme lists.

    Columns: part (null where none lies in the code), area, listed_level, code, share_of_part (the share of the part
    that lies in the code) and share_of_code.
    """
    columns = ["area", "listed_level", "code"]
    listed = pl.DataFrame(
        [(area.id, listed_level, code) for area in programme.areas for listed_level, code, _ in area.parts],
        schema=dict.fromkeys(columns, pl.String),
        orient="row",
    )
    whole = listed.select(*columns, pl.col("code").alias("part"), share_of_part=1.0, share_of_code=1.0)
    found = [whole.filter(pl.col("listed_level") == level)]
    for (other,), group in listed.filter(pl.col("listed_level") != level).group_by(["listed_level"]):
        crossed = links(
            warehouse, from_level=level, from_year=year, to_level=str(other), to_year=year
        ).select(
            pl.col("to_code").alias("code"),
            pl.col("from_code").alias("part"),
            pl.col("share_of_from").alias("share_of_part"),
            pl.col("share_of_to").alias("share_of_code"),
        )
        found.append(group.join(crossed, on="code", how="left"))
    return pl.concat(found)


def shares(found: pl.DataFrame) -> pl.DataFrame:
    """Of `linked`, which share of a part lies in which area: columns part, area, share."""
    return (
        found.drop_nulls("part")
        .group_by("part", "area")
        .agg(pl.col("share_of_part").sum().clip(upper_bound=1.0).alias("share"))
    )


def members(warehouse: Warehouse, programme: Programme) -> pl.DataFrame:
    """The codes that a programme lists and the buurten that lie in them: columns part, area, share."""
    listed = pl.DataFrame(
        [(code, area.id, 1.0) for area in programme.areas for _, code, _ in area.parts],
        schema={"part": pl.String, "area": pl.String, "share": pl.Float64},
        orient="row",
    )
    inside = shares(linked(warehouse, programme, "buurt", BUURTEN_OF)).filter(pl.col("share") >= LEAST_SHARE)
    return pl.concat([listed, inside]).unique(["part", "area"], keep="first").sort("part", "area")
