# SPDX-License-Identifier: EUPL-1.2
"""Where an area stands among the others of its level: percentiles in the country and within its city.

A percentile says which share of the areas scores lower; it ranks nobody and says nothing about how far apart areas lie.
Only scores of one version and one period are ever set beside each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import narwhals as nw

from krachtwijk.monitor.frames import opened

if TYPE_CHECKING:
    from narwhals.typing import IntoFrameT

#: Among fewer areas a percentile says more than is known.
LEAST = 10


def percentile(value: nw.Expr, by: Sequence[str]) -> nw.Expr:
    """Share (0-100) of a group's values that lie lower, plus half of those equal, each value counting itself.

    Null where the value is null; nulls do not count. A group is all rows with equal ``by``.
    """
    return (value.rank(method="average").over(*by) - 0.5) / value.count().over(*by) * 100.0


def positions(
    frame: IntoFrameT,
    measures: Sequence[str],
    *,
    city: str = "city",
    key: str = "area",
    period: str = "period",
    least: int = LEAST,
) -> IntoFrameT:
    """One row per area, period and measure: its percentile among all areas and among those of its city.

    ``frame`` is eager, of one version and one level, one row per area and period, with a column per measure (score
    points, null where there is none) and ``city`` (null where the area is no part of one). Columns out: key, period,
    measure, percentile and percentile_city (0-100), lower and lower_city (how many areas score lower), areas and
    areas_city (how many have a score, itself counted). Percentile and lower are null among fewer than ``least`` areas,
    and in the country also where all areas that score lie in fewer than ``least`` cities: they do not stand for the
    country. An area without a city is taken as one.
    """
    long = (
        opened(frame)
        .unpivot(on=list(measures), index=[key, period, city], variable_name="measure", value_name="value")
        .filter(~nw.col("value").is_null())
        .with_columns(
            nw.when(nw.col(city).is_null()).then(nw.col(key)).otherwise(nw.col(city)).alias("__place")
        )
    )
    group = [period, "measure"]
    value = nw.col("value")
    spread = long.group_by(*group).agg(nw.col("__place").n_unique().alias("__places"))
    counted = long.join(spread, on=group, how="left").with_columns(
        value.count().over(*group).alias("areas"),
        value.count().over(*group, "__place").alias("__in_city"),
        percentile(value, group).alias("__all"),
        percentile(value, [*group, "__place"]).alias("__city"),
        (value.rank(method="min").over(*group) - 1).alias("__lower"),
        (value.rank(method="min").over(*group, "__place") - 1).alias("__lower_city"),
    )
    in_country = (nw.col("areas") >= least) & (nw.col("__places") >= least)
    in_city = ~nw.col(city).is_null()
    told_in_city = in_city & (nw.col("__in_city") >= least)
    return counted.select(
        key,
        period,
        "measure",
        nw.when(in_country).then(nw.col("__all")).alias("percentile"),
        nw.when(in_country).then(nw.col("__lower").cast(nw.Int32)).alias("lower"),
        "areas",
        nw.when(told_in_city).then(nw.col("__city")).alias("percentile_city"),
        nw.when(told_in_city).then(nw.col("__lower_city").cast(nw.Int32)).alias("lower_city"),
        nw.when(in_city).then(nw.col("__in_city")).alias("areas_city"),
    ).to_native()
