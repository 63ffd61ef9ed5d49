# SPDX-License-Identifier: EUPL-1.2
"""Key figures per area: everything the publications say about it, sorted so that one area reads fast."""

from __future__ import annotations

import polars as pl

from krachtwijk.runs.common import store
from krachtwijk.warehouse import ResultInfo, Warehouse

RULE = "kerncijfers-1"
#: Families whose figures have an own instrument and table.
OWN_TABLE = ("lbm2", "lbm3")


def run(warehouse: Warehouse) -> list[ResultInfo]:
    """Table ``kerncijfers``: level, area, indicator, period, value, status, geo_year, edition."""
    editions = [m.edition for m in warehouse.editions() if m.source not in OWN_TABLE]
    if not editions:
        return []
    frame = (
        warehouse.observations(editions=editions)
        .filter(~pl.col("status").cast(pl.String).is_in(["missing", "not_applicable"]))
        .select("level", "area", "indicator", "period", "value", "status", "geo_year", "edition")
        .collect()
        .sort("area", "indicator", "period")
    )
    return [store(warehouse, "kerncijfers", frame, rule=RULE, editions=editions)]
