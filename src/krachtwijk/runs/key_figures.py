# SPDX-License-Identifier: EUPL-1.2
"""Key figures per area: everything the publications say about it but what would tell of fewer than ten people.

Sorted so that one area reads fast. Editions stay whole; what stands here is what everybody may see.
"""

from __future__ import annotations

import polars as pl

from krachtwijk.catalogue import disclosure, indicators
from krachtwijk.runs.common import store
from krachtwijk.runs.disclosure import summary, suppress
from krachtwijk.warehouse import ResultInfo, Warehouse

RULE = "kerncijfers-4"
#: Families whose figures have an own instrument and table.
OWN_TABLE = ("lbm2", "lbm3")


def run(warehouse: Warehouse) -> list[ResultInfo]:
    """Table ``kerncijfers``: level, area, indicator, period, value, status, geo_year, edition.

    ``status`` is one of `runs.disclosure.SHOWN_STATUSES`.
    """
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
    frame = suppress(frame, disclosure(), indicators())
    return [store(warehouse, "kerncijfers", frame, rule=RULE, editions=editions, extra=summary(frame))]
