# SPDX-License-Identifier: EUPL-1.2
"""Classes of outcome indicators for the map: an area against the nation, on one ruler per indicator and year.

Indicators are those of a programme or of an outcome theme that have a wanted direction and are known nearly everywhere.
"""

from __future__ import annotations

import polars as pl

from krachtwijk.catalogue import indicators, programmes, themes
from krachtwijk.monitor.ruler import STEPS, ruler
from krachtwijk.runs.common import store
from krachtwijk.warehouse import ResultInfo, Warehouse

RULE = "kaartklassen-1"
CLASSES, RULERS = "kerncijfers-klassen", "kerncijfers-linialen"
#: the level whose areas spread the ruler, and the levels that are classed with it
SPREAD, LEVELS = "buurt", ("gemeente", "buurt")
#: fewer areas with a figure than this, and an indicator is not drawn: level -> areas
ENOUGH = {"gemeente": 300, "buurt": 9000}


def mapped() -> tuple[str, ...]:
    """Outcome indicators with a wanted direction, in the order of the catalogue."""
    named = {name for programme in programmes().values() for name in programme.indicators}
    outcome = {theme.id for theme in themes().values() if "outcome" in theme.lists}
    return tuple(
        i.id
        for i in indicators().values()
        if i.direction != "neutraal" and (i.id in named or i.theme in outcome) and not i.id.startswith("lbm")
    )


def run(warehouse: Warehouse) -> list[ResultInfo]:
    """Tables ``kerncijfers-klassen`` (class per area) and ``kerncijfers-linialen`` (centre, sd, cuts per indicator)."""
    figures = warehouse.result("kerncijfers")
    if figures is None:
        return []
    rows = (
        figures.filter(pl.col("indicator").is_in(mapped()) & pl.col("level").is_in(["land", *LEVELS]))
        .select("level", "area", "indicator", "period", "value", pl.col("status").cast(pl.String), "edition")
        .collect()
        .unique(["level", "area", "indicator", "period"], keep="first", maintain_order=True)
    )
    classes, rulers = [], []
    for (indicator, period), part in sorted(
        rows.partition_by(["indicator", "period"], as_dict=True).items(), key=lambda item: str(item[0])
    ):
        known = dict(part.filter(pl.col("value").is_not_null()).group_by("level").len().iter_rows())
        if any(known.get(level, 0) < least for level, least in ENOUGH.items()):
            continue
        nation = part.filter(pl.col("level") == "land")["value"].drop_nulls().to_list()
        spread = part.filter(pl.col("level") == SPREAD)["value"].drop_nulls().to_numpy()
        made = ruler(spread, nation[0] if nation else None)
        if made is None:
            continue
        editions = " ".join(sorted(set(part["edition"].to_list())))
        rulers.append(
            {
                "indicator": indicator,
                "period": period,
                "centre": made.centre,
                "centre_origin": "land" if nation else SPREAD,
                "sd": made.sd,
                "areas": len(spread),
                **{f"cut_{k}": cut for k, cut in enumerate(made.cuts, start=2)},
                "edition": editions,
            }
        )
        areas = part.filter(pl.col("level") != "land")
        above = [(pl.col("value") >= cut).cast(pl.Int8) for cut in made.cuts]
        classes.append(areas.with_columns((pl.sum_horizontal(above) + 1).cast(pl.Int8).alias("class")))
    if not classes:
        return []
    frame = (
        pl.concat(classes)
        .with_columns(pl.when(pl.col("value").is_not_null()).then("class").alias("class"))
        .select("level", "area", "indicator", "period", "class", "status", "edition")
        .sort("area", "indicator", "period")
    )
    names = sorted({e for row in rulers for e in str(row["edition"]).split()})
    settings = repr((STEPS, SPREAD, ENOUGH))
    return [
        store(warehouse, CLASSES, frame, rule=RULE, editions=names, settings=settings),
        store(warehouse, RULERS, pl.DataFrame(rulers), rule=RULE, editions=names, settings=settings),
    ]
