# SPDX-License-Identifier: EUPL-1.2
"""The profile of each area on a few declared figures, and the areas that look most alike by them."""

from __future__ import annotations

import numpy as np
import polars as pl

from krachtwijk.catalogue import indicators, peer_sets
from krachtwijk.monitor.model import PeerFigure, PeerSet
from krachtwijk.monitor.peers import nearest
from krachtwijk.runs.common import editions_in, store
from krachtwijk.warehouse import ResultInfo, Warehouse

RULE = "vergelijkbaar-2"
PLACES = 8
#: A share of fewer people than this is not shown.
LEAST_COUNT = 10
COUNTED = ("personen", "huishoudens")


def run(warehouse: Warehouse) -> list[ResultInfo]:
    """Tables ``profiel`` (level, area, figure, period, value, middle) and ``vergelijkbaar`` (level, area, place, peer,
    distance, figures).
    """
    profiles, peers = [], []
    for made in peer_sets().values():
        known = observed(warehouse, made)
        if known.height:
            hidden = withheld(warehouse, made)
            profiles.append(profile(known, made, hidden))
            peers.append(alike(known, made, hidden))
    if not profiles:
        return []
    return [
        store(warehouse, name, frame, rule=RULE, editions=editions_in(frame))
        for name, frame in (("profiel", pl.concat(profiles)), ("vergelijkbaar", pl.concat(peers)))
    ]


def observed(warehouse: Warehouse, made: PeerSet) -> pl.DataFrame:
    """One row per area with enough inhabitants: a column per indicator that the set uses, and the editions."""
    wanted = {"inwoners", *(f.indicator for f in made.figures), *(f.over for f in made.figures if f.over)}
    long = (
        warehouse.observations(level=made.level, indicators=wanted, periods=[made.period])
        .filter(pl.col("value").is_not_null())
        .select("area", "indicator", "value", "edition")
        .collect()
    )
    wide = long.pivot("indicator", index="area", values="value", aggregate_function="first")
    wide = wide.with_columns(
        pl.lit(None, pl.Float64).alias(n) for n in sorted(wanted) if n not in wide.columns
    )
    editions = long.group_by("area").agg(pl.col("edition").cast(pl.String).unique().sort().str.join(" "))
    return wide.join(editions, on="area").filter(pl.col("inwoners") >= made.least).sort("area")


def quotient(figure: PeerFigure) -> pl.Expr:
    """The figure of each area in its unit; null where a part is missing or there is nothing to divide by."""
    top = pl.col(figure.indicator)
    if figure.over:
        top = pl.when(pl.col(figure.over) > 0).then(top / pl.col(figure.over))
    return top * figure.factor


def withheld(warehouse: Warehouse, made: PeerSet) -> pl.DataFrame:
    """Area and indicator of every key figure of a set that the site withholds."""
    table = warehouse.result("kerncijfers")
    if table is None:
        return pl.DataFrame(schema={"area": pl.String, "indicator": pl.String})
    wanted = {f.indicator for f in made.figures} | {f.over for f in made.figures if f.over}
    columns = {name: pl.col(name).cast(pl.String) for name in ("level", "area", "indicator", "period")}
    return (
        table.filter(
            (columns["level"] == made.level)
            & (columns["period"] == made.period)
            & columns["indicator"].is_in(sorted(wanted))
            & pl.col("status").cast(pl.String).str.starts_with("suppressed")
        )
        .select(columns["area"], columns["indicator"])
        .unique()
        .collect()
    )


def profile(known: pl.DataFrame, made: PeerSet, hidden: pl.DataFrame) -> pl.DataFrame:
    """Per area and figure its value, and the middle one (median) of all areas of the level.

    A share of a small count is left out, and so are one that leaves a small count and one of a withheld figure:
    times its base it would give that back. The median is of all areas: of thousands it gives no one back.
    """
    parts = []
    for figure in made.figures:
        value = quotient(figure)
        shown = value
        if figure.over and indicators()[figure.indicator].unit in COUNTED and figure.unit == "%":
            count, rest = pl.col(figure.indicator), pl.col(figure.over) - pl.col(figure.indicator)
            shown = pl.when((count >= LEAST_COUNT) & (rest >= LEAST_COUNT)).then(value)
        names = [n for n in (figure.indicator, figure.over) if n]
        closed = hidden.filter(pl.col("indicator").is_in(names))["area"].implode()
        shown = pl.when(~pl.col("area").is_in(closed)).then(shown)
        parts.append(
            known.select(
                pl.lit(made.level).alias("level"),
                "area",
                pl.lit(figure.id).alias("figure"),
                pl.lit(made.period).alias("period"),
                shown.alias("value"),
                value.median().alias("middle"),
                "edition",
            ).drop_nulls("value")
        )
    return pl.concat(parts).sort("area", maintain_order=True)


def alike(known: pl.DataFrame, made: PeerSet, hidden: pl.DataFrame) -> pl.DataFrame:
    """Per area its nearest others. An area that lacks one of the figures has no peers and is nobody's.

    Nor has one of which a figure is withheld: from its distance to eight known areas that figure could be worked out.
    """
    columns = [
        (quotient(f).log() if f.scale == "log" else quotient(f)).cast(pl.Float64).alias(f.id)
        for f in made.figures
    ]
    complete = known.join(hidden, on="area", how="anti").select("area", "edition", *columns)
    complete = complete.filter(pl.all_horizontal(pl.col(f.id).is_finite() for f in made.figures))
    values = complete.select(f.id for f in made.figures).to_numpy()
    index, distance = nearest(np.asarray(values, dtype=np.float64), PLACES)
    areas, places = complete["area"].to_numpy(), index.shape[1]
    return pl.DataFrame(
        {
            "area": np.repeat(areas, places).tolist(),
            "place": np.tile(np.arange(1, places + 1, dtype=np.int8), len(areas)),
            "peer": areas[index.ravel()].tolist(),
            "distance": distance.ravel().round(4),
            "edition": np.repeat(complete["edition"].to_numpy(), places).tolist(),
        },
        schema_overrides={"area": pl.String, "peer": pl.String, "edition": pl.String},
    ).select(
        pl.lit(made.level).alias("level"),
        "area",
        "place",
        "peer",
        "distance",
        pl.lit(" ".join(f.id for f in made.figures)).alias("figures"),
        pl.lit(made.period).alias("period"),
        "edition",
    )
