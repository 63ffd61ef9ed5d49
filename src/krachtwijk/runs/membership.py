# SPDX-License-Identifier: EUPL-1.2
"""Who belongs where: for each part (postcode, buurt) the groups it counts in and the inhabitants it brings."""

from __future__ import annotations

import polars as pl

from krachtwijk.geography import members
from krachtwijk.geography.codes import COUNTRY
from krachtwijk.geography.crosswalks import links
from krachtwijk.monitor.model import Programme
from krachtwijk.runs.weights import with_stand_ins
from krachtwijk.warehouse import Warehouse


def inhabitants(warehouse: Warehouse, level: str, year: int) -> pl.DataFrame:
    """Inhabitants per part: columns part, inhabitants, edition; the publication nearest in time to ``year``.

    Withheld numbers have a stand-in (`runs.weights`): a sum of our own would give them back.
    """
    found = (
        warehouse.observations(level=level, indicators=["inwoners"])
        .filter(pl.col("value").is_not_null())
        .with_columns((pl.col("period").cast(pl.Int32) - year).abs().alias("distance"))
        .sort("distance", "sequence")
        .group_by("area", maintain_order=True)
        .agg(
            pl.col("period").first().cast(pl.String),
            pl.col("value").first().alias("inhabitants"),
            pl.col("edition").first(),
        )
        .collect()
    )
    return with_stand_ins(warehouse, level, found).drop("period").rename({"area": "part"})


def unreached(warehouse: Warehouse, linked: pl.DataFrame, year: int) -> pl.DataFrame:
    """Inhabitants of listed codes where no part reaches: columns area, inhabitants. They count as not covered."""
    people = [
        inhabitants(warehouse, level, year).select(
            pl.lit(level).alias("listed_level"), pl.col("part").alias("code"), "inhabitants"
        )
        for level in linked["listed_level"].unique()
    ]
    left = 1.0 - pl.col("share_of_code").sum().clip(upper_bound=1.0)
    return (
        linked.group_by("area", "listed_level", "code")
        .agg(left.alias("left"))
        .join(pl.concat(people), on=["listed_level", "code"])
        .group_by("area")
        .agg((pl.col("inhabitants") * pl.col("left")).sum())
    )


def city_shares(warehouse: Warehouse, level: str, year: int) -> pl.DataFrame:
    """Which share of a part lies in which municipality: columns part, city, share; only parts of that year's list."""
    return links(warehouse, from_level=level, from_year=year, to_level="gemeente", to_year=year).select(
        pl.col("from_code").alias("part"),
        pl.col("to_code").alias("city"),
        pl.col("share_of_from").alias("share"),
    )


def membership(warehouse: Warehouse, programme: Programme, level: str, year: int) -> pl.DataFrame:
    """A part counts in its area, its city, the rest of that city, and the country: part, kind, unit, weight, edition.

    Kinds are ``gebied``, ``stad``, ``stad-zonder`` (the city without all programme areas) and ``land``; the weight
    is in inhabitants. Parts without known inhabitants count nowhere; inhabitants without a part stand under part null.
    """
    in_city = city_shares(warehouse, level, year)
    # a renumbered area has inhabitants under its old and its new code: only one of them belongs to this year
    people = inhabitants(warehouse, level, year).join(in_city.select("part").unique(), on="part", how="semi")
    linked = members.linked(warehouse, programme, level, year)
    areas = members.shares(linked)
    cities = in_city.filter(pl.col("city").is_in([code for code, _ in programme.cities]))
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
        "part", "kind", "unit", (pl.col("share") * pl.col("inhabitants")).alias("weight"), "edition"
    )
    without = unreached(warehouse, linked, year).select(
        pl.lit(None, pl.String).alias("part"),
        pl.lit("gebied").alias("kind"),
        pl.col("area").alias("unit"),
        pl.col("inhabitants").alias("weight"),
        pl.lit(None, pl.String).alias("edition"),
    )
    # in one order, so that sums over it come out equal to the last bit, whatever the order of the editions
    return pl.concat([weighted, without]).filter(pl.col("weight") > 0).sort("kind", "unit", "part")
