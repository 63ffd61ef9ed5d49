# SPDX-License-Identifier: EUPL-1.2
"""Who belongs where: for each part (postcode, buurt) the groups it counts in and the inhabitants it brings."""

from __future__ import annotations

import polars as pl

from krachtwijk.geography.codes import COUNTRY, gemeente_expr
from krachtwijk.geography.crosswalks import links
from krachtwijk.monitor.model import Programme
from krachtwijk.warehouse import Warehouse


def inhabitants(warehouse: Warehouse, level: str, year: int) -> pl.DataFrame:
    """Inhabitants per part: columns part, inhabitants; per part the publication nearest in time to ``year``."""
    return (
        warehouse.observations(level=level, indicators=["inwoners"])
        .filter(pl.col("value").is_not_null())
        .with_columns((pl.col("period").cast(pl.Int32) - year).abs().alias("distance"))
        .sort("distance", "sequence")
        .group_by("area", maintain_order=True)
        .agg(pl.col("value").first().alias("inhabitants"))
        .rename({"area": "part"})
        .collect()
    )


def area_shares(
    warehouse: Warehouse, programme: Programme, level: str, year: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Which share of a part's inhabitants lives in which programme area, and who lives where no part reaches.

    The first has columns part, area, share. The second has area and inhabitants: of the area's own codes, those that no
    part of this level and year can be linked to; they count as not covered.
    """
    listed = pl.DataFrame(
        [(area.id, part_level, code) for area in programme.areas for part_level, code, _ in area.parts],
        schema={"area": pl.String, "level": pl.String, "code": pl.String},
        orient="row",
    )
    shares, unreached = [], []
    for (part_level,), group in listed.group_by(["level"]):
        if part_level == level:
            shares.append(group.select(pl.col("code").alias("part"), "area", pl.lit(1.0).alias("share")))
            continue
        crossed = links(
            warehouse, from_level=level, from_year=year, to_level=str(part_level), to_year=year
        ).join(group, left_on="to_code", right_on="code")
        shares.append(
            crossed.group_by(pl.col("from_code").alias("part"), "area").agg(
                pl.col("share_of_from").sum().clip(upper_bound=1.0).alias("share")
            )
        )
        reached = crossed.group_by("to_code").agg(pl.col("share_of_to").sum().alias("reached"))
        unreached.append(
            group.join(inhabitants(warehouse, str(part_level), year), left_on="code", right_on="part")
            .join(reached, left_on="code", right_on="to_code", how="left")
            .select(
                "area", pl.col("inhabitants") * (1.0 - pl.col("reached").fill_null(0.0)).clip(lower_bound=0.0)
            )
        )
    nobody = pl.DataFrame(schema={"area": pl.String, "inhabitants": pl.Float64})
    return pl.concat(shares), pl.concat([nobody, *unreached]).group_by("area").agg(
        pl.col("inhabitants").sum()
    )


def city_shares(warehouse: Warehouse, level: str, year: int, parts: pl.Series) -> pl.DataFrame:
    """Which share of a part's inhabitants lives in which municipality: columns part, city, share."""
    if level in {"buurt", "wijk"}:
        return pl.DataFrame({"part": parts}).select(
            "part", gemeente_expr(pl.col("part")).alias("city"), pl.lit(1.0).alias("share")
        )
    return links(warehouse, from_level=level, from_year=year, to_level="gemeente", to_year=year).select(
        pl.col("from_code").alias("part"),
        pl.col("to_code").alias("city"),
        pl.col("share_of_from").alias("share"),
    )


def membership(warehouse: Warehouse, programme: Programme, level: str, year: int) -> pl.DataFrame:
    """Columns part, kind, unit, weight: a part counts in its area, its city, the rest of that city, and the country.

    Kinds are ``gebied``, ``stad``, ``stad-zonder`` (the city without all programme areas) and ``land``; the weight
    is in inhabitants. Parts without known inhabitants count nowhere; inhabitants without a part stand under part null.
    """
    people = inhabitants(warehouse, level, year)
    areas, unreached = area_shares(warehouse, programme, level, year)
    cities = city_shares(warehouse, level, year, people["part"]).filter(
        pl.col("city").is_in([code for code, _ in programme.cities])
    )
    inside = areas.group_by("part").agg(pl.col("share").sum().clip(upper_bound=1.0).alias("inside"))
    outside = 1.0 - pl.col("inside").fill_null(0.0)
    groups = pl.concat(
        [
            areas.select("part", pl.lit("gebied").alias("kind"), pl.col("area").alias("unit"), "share"),
            cities.select("part", pl.lit("stad").alias("kind"), pl.col("city").alias("unit"), "share"),
            cities.join(inside, on="part", how="left").select(
                "part",
                pl.lit("stad-zonder").alias("kind"),
                pl.col("city").alias("unit"),
                pl.col("share") * outside,
            ),
            people.select(
                "part",
                pl.lit("land").alias("kind"),
                pl.lit(COUNTRY).alias("unit"),
                pl.lit(1.0).alias("share"),
            ),
        ]
    )
    weighted = groups.join(people, on="part").select(
        "part", "kind", "unit", (pl.col("share") * pl.col("inhabitants")).alias("weight")
    )
    without = unreached.select(
        pl.lit(None, pl.String).alias("part"),
        pl.lit("gebied").alias("kind"),
        pl.col("area").alias("unit"),
        pl.col("inhabitants").alias("weight"),
    )
    # in one order, so that sums over it come out equal to the last bit, whatever the order of the editions
    return pl.concat([weighted, without]).filter(pl.col("weight") > 0).sort("kind", "unit", "part")
