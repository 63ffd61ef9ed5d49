# SPDX-License-Identifier: EUPL-1.2
"""Where each area stands among the others of its level, per version and period of the Leefbaarometer."""

from __future__ import annotations

import polars as pl

from krachtwijk.catalogue import score_versions
from krachtwijk.geography.register import register
from krachtwijk.monitor.position import positions
from krachtwijk.runs.common import editions_in, store
from krachtwijk.warehouse import ResultInfo, Warehouse

RULE = "positie-1"
LEVELS = ("provincie", "gemeente", "stadsdeel", "wijk", "pc4", "buurt")


def run(warehouse: Warehouse) -> list[ResultInfo]:
    """Tables ``<version>-positie-<level>`` of every score table there is; needs those of `runs.leefbaarometer`."""
    cities = register(warehouse).select(
        "level", pl.col("code").alias("area"), pl.col("gemeente").alias("city")
    )
    made = []
    for version in score_versions().values():
        for level in LEVELS:
            scores = warehouse.result(f"{version.id}-{level}")
            if scores is None:
                continue
            measures = ["total", *(d.id for d in version.dimensions)]
            frame = scores.select("area", "period", *measures, "edition").collect()
            in_cities = level not in ("provincie", "gemeente")
            known = cities.filter((pl.col("level") == level) & pl.lit(in_cities)).drop("level")
            found = positions(frame.drop("edition").join(known, on="area", how="left"), measures)
            editions = editions_in(frame)
            made.append(
                store(
                    warehouse,
                    f"{version.id}-positie-{level}",
                    found.sort("area", "period", maintain_order=True).with_columns(
                        # an area's place rests on the scores of all others
                        pl.lit(" ".join(editions)).alias("edition")
                    ),
                    rule=RULE,
                    editions=editions,
                )
            )
    return made
