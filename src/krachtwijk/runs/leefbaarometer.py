# SPDX-License-Identifier: EUPL-1.2
"""The Leefbaarometer view: one result table per version and level, published figures first."""

from __future__ import annotations

import hashlib

import polars as pl

from krachtwijk import __version__
from krachtwijk.catalogue import score_version
from krachtwijk.monitor.model import ScoreVersion
from krachtwijk.monitor.score import classes
from krachtwijk.warehouse import ResultInfo, Warehouse

RULE = "leefbaarometer-1"


def run_id(rule: str, editions: list[str]) -> str:
    """A run's name: the same rule, software and editions give the same run, so running again changes nothing."""
    text = "\n".join([rule, __version__, *sorted(editions)])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def wide(observations: pl.DataFrame, version: ScoreVersion) -> pl.DataFrame:
    """One row per area and period with a column per figure, named without the version's prefix."""
    return (
        observations.select("area", "period", "edition", "indicator", "value")
        .pivot("indicator", index=["area", "period", "edition"], values="value", aggregate_function="first")
        .rename(lambda name: name.removeprefix(f"{version.id}-"))
    )


def published(warehouse: Warehouse, version: ScoreVersion, level: str) -> ResultInfo | None:
    """Result table ``<version>-<level>`` from the published scores, or None where none were taken in."""
    dimensions = [d.id for d in version.dimensions]
    observations = warehouse.observations(version.id, level=level).collect()
    if observations.height == 0:
        return None
    scores = wide(observations, version)
    editions = sorted(scores["edition"].unique().to_list())
    run = run_id(RULE, editions)
    if version.deviation_cuts:
        scores = classes(scores, version)
    frame = scores.select(
        "area",
        "period",
        pl.col(version.total).alias("total"),
        *dimensions,
        "class_total",
        "class_dev",
        *(f"class_{d}" for d in dimensions),
        pl.lit("gepubliceerd").alias("origin"),
        "edition",
        pl.lit(RULE).alias("rule"),
        pl.lit(run).alias("run"),
    ).sort("area", "period")
    return warehouse.write_result(
        frame,
        ResultInfo(
            table=f"{version.id}-{level}",
            run=run,
            rule=RULE,
            editions=tuple(editions),
            rows=0,
            software=__version__,
        ),
    )


def run(warehouse: Warehouse) -> list[ResultInfo]:
    """All result tables of the Leefbaarometer view."""
    made = [published(warehouse, score_version("lbm3"), level) for level in ("gemeente", "buurt")]
    return [info for info in made if info is not None]
