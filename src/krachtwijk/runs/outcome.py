# SPDX-License-Identifier: EUPL-1.2
"""The Outcomemonitor of one programme: values of area, city, rest of the city and country; gaps, verdicts, counts.

It exists for programme areas only (R-148). Area figures are averages over the inhabitants of the area's parts; each
carries its coverage. The city is the published figure where there is one, except for classes, whose rounding to whole
numbers would drown the gap: there area and city are both averages over postcodes. The zero measurement is frozen at the
first run (R-138).
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import get_args

import polars as pl

from krachtwijk.catalogue import disclosure
from krachtwijk.catalogue import indicator as find_indicator
from krachtwijk.errors import KrachtwijkError
from krachtwijk.geography.codes import COUNTRY
from krachtwijk.geography.programmes import check_programme, with_parts
from krachtwijk.monitor.gaps import (
    TargetStatus,
    Verdict,
    clustered_share,
    course,
    margin_of_gap,
    pooled_noise,
    reach,
    withhold_few,
    withhold_low_coverage,
)
from krachtwijk.monitor.grouping import told_apart
from krachtwijk.monitor.model import Programme, ProgrammeArea
from krachtwijk.monitor.score import weighted_mean
from krachtwijk.runs.common import editions_in, store
from krachtwijk.runs.membership import membership
from krachtwijk.warehouse import ResultInfo, Warehouse

RULE = "outcome-2"
#: How areas are put in groups that can be told apart, beside the rule of the gaps.
GROUP_RULE = "groep-1"
#: Finest level first at which a programme's parts and the figures meet.
PART_LEVELS = ("pc4", "buurt")
KEYS = ["kind", "unit", "indicator", "period"]


def run(warehouse: Warehouse, programme: Programme) -> list[ResultInfo]:
    """All outcome tables of a programme; none where it has no area with a known boundary or no figures."""
    check_programme(programme, warehouse)
    programme = with_parts(programme)
    if not any(area.parts for area in programme.areas):
        return []
    parts = [
        part for name in programme.indicators if (part := _series(warehouse, programme, name)) is not None
    ]
    if not parts:
        return []
    series, baseline = _with_frozen_baseline(warehouse, programme, pl.concat(parts))
    editions = editions_in(series)
    gaps = _gaps(series, programme)
    judged = _judge(gaps, programme)
    targets = _targets(gaps, programme)
    made = {
        "nulmeting": baseline,
        "reeks": series.sort(KEYS),
        "": judged,
        "verschil": _yearly(gaps),
        "telling": _count(judged),
        "doelen": targets,
        "doeltelling": _count_targets(targets),
    }
    return [
        store(
            warehouse,
            f"outcome-{programme.id}" + (f"-{suffix}" if suffix else ""),
            frame,
            rule=RULE,
            editions=editions,
            settings=f"{programme!r} {GROUP_RULE}",
        )
        for suffix, frame in made.items()
        if frame.height
    ]


def _series(warehouse: Warehouse, programme: Programme, name: str) -> pl.DataFrame | None:
    """Values of one indicator for every area, city, rest of city and the country, per year; None without figures."""
    indicator = find_indicator(name)
    if indicator.aggregation != "gewogen-gemiddelde":
        raise KrachtwijkError(
            f"Van {indicator.label} is geen verschil met de stad te maken: het is geen aandeel, gemiddelde of score",
            where=f"programma {programme.id}, indicators",
            mend="Kies een aandeel, een gemiddelde of een score",
        )
    observations = (
        warehouse.observations(indicators=[name]).filter(pl.col("period").str.len_chars() == 4).collect()
    )
    observations = _shown(warehouse, observations)
    level = next((lv for lv in PART_LEVELS if (observations["level"] == lv).any()), None)
    if level is None:
        return None
    used = observations.filter(pl.col("level") == level)
    # each year's figures go with the codes of their own year
    grid = pl.concat(
        _grid(membership(warehouse, programme, level, int(geo_year)), part)
        for (geo_year,), part in used.group_by(["geo_year"])
    )
    summed = weighted_mean(grid, ["kind", "unit", "period"], ["value"], weight="weight")
    summed = withhold_few(summed, minimum=disclosure().limit)
    summed = withhold_low_coverage(summed, coverage="value_coverage").select(
        "kind",
        "unit",
        pl.lit(name).alias("indicator"),
        "period",
        "value",
        pl.col("value_coverage").alias("coverage"),
        pl.lit("eigen optelling").alias("origin"),
    )
    if indicator.unit != "klasse":
        used = observations.filter(pl.col("level").is_in([level, "gemeente", "land"]))
        summed = _prefer_published(summed, used, programme)
    editions = " ".join(editions_in(pl.concat([used.select("edition"), grid.select("edition")])))
    return summed.with_columns(pl.lit(editions).alias("edition"))


def _shown(warehouse: Warehouse, observations: pl.DataFrame) -> pl.DataFrame:
    """Without figures that the key figures withhold: of an area's mean and its other parts they would follow."""
    figures = warehouse.result("kerncijfers")
    if figures is None:
        return observations
    names = ("level", "area", "indicator", "period")
    withheld = (
        figures.filter(pl.col("indicator").is_in(observations["indicator"].unique().to_list()))
        .filter(pl.col("status").cast(pl.String).str.starts_with("suppressed"))
        .select(pl.col(names).cast(pl.String))
        .collect()
    )
    return observations.join(withheld, on=names, how="anti", maintain_order="left")


def _grid(members: pl.DataFrame, observations: pl.DataFrame) -> pl.DataFrame:
    """Every part in every period, also without a figure: it still counts in the coverage."""
    figures = observations.select("period", pl.col("area").alias("part"), "value")
    return members.join(figures.select("period").unique(), how="cross").join(
        figures, on=["part", "period"], how="left"
    )


def _prefer_published(summed: pl.DataFrame, observations: pl.DataFrame, programme: Programme) -> pl.DataFrame:
    """Put the published figure of city and country in place of our own sum, where there is one."""
    cities = [code for code, _ in programme.cities]
    official = observations.filter(pl.col("value").is_not_null()).select(
        pl.when(pl.col("level") == "gemeente")
        .then(pl.lit("stad"))
        .when(pl.col("level") == "land")
        .then(pl.lit("land"))
        .alias("kind"),
        pl.when(pl.col("level") == "land").then(pl.lit(COUNTRY)).otherwise("area").alias("unit"),
        "indicator",
        "period",
        pl.col("value").alias("__official"),
    )
    official = official.filter(
        ((pl.col("kind") == "stad") & pl.col("unit").is_in(cities)) | (pl.col("kind") == "land")
    )
    known = pl.col("__official").is_not_null()
    return summed.join(official, on=KEYS, how="left").select(
        *KEYS,
        pl.coalesce("__official", "value").alias("value"),
        pl.when(known).then(1.0).otherwise("coverage").alias("coverage"),
        pl.when(known).then(pl.lit("gepubliceerd")).otherwise("origin").alias("origin"),
    )


def _baseline_year(programme: Programme, area: ProgrammeArea | None = None) -> int:
    return int((area.baseline if area and area.baseline else programme.baseline)[:4])


def _with_frozen_baseline(
    warehouse: Warehouse, programme: Programme, series: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The series with the zero measurement as first published, and the table that keeps it so.

    What an earlier run froze wins over what later editions say; an indicator or area that comes later adds its own.
    """
    years = {_baseline_year(programme), *(_baseline_year(programme, a) for a in programme.areas)}
    measured = series.filter(pl.col("value").is_not_null())
    zero_periods = [
        measured.filter(pl.col("period").cast(pl.Int32) <= year)
        .group_by("indicator")
        .agg(pl.col("period").max())
        for year in years
    ]
    zero = measured.join(pl.concat(zero_periods).unique(), on=["indicator", "period"]).select(series.columns)
    kept = warehouse.result(f"outcome-{programme.id}-nulmeting")
    if kept is not None:
        frozen = kept.select(series.columns).collect()
        zero = pl.concat([frozen, zero.join(frozen, on=KEYS, how="anti")])
    # only what still belongs to the programme: an indicator taken off its list keeps its zero measurement, unseen
    followed = zero.join(series, on=KEYS, how="semi")
    series = pl.concat([series.join(followed, on=KEYS, how="anti"), followed])
    return series, zero.sort(KEYS)


def _gaps(series: pl.DataFrame, programme: Programme) -> pl.DataFrame:
    """Per area, indicator and year: value, the three comparisons and the gap to the city; periods are integers."""
    city = pl.DataFrame(
        {"area": [a.id for a in programme.areas], "city_code": [a.city_code for a in programme.areas]}
    )
    series = series.with_columns(pl.col("period").cast(pl.Int32))

    def values(kind: str, name: str, key: str) -> pl.DataFrame:
        return series.filter(pl.col("kind") == kind).select(
            pl.col("unit").alias(key), "indicator", "period", pl.col("value").alias(name)
        )

    country = values("land", "country", "land").drop("land")
    return (
        series.filter(pl.col("kind") == "gebied")
        .select(pl.col("unit").alias("area"), "indicator", "period", "value", "coverage", "edition")
        .join(city, on="area")
        .join(values("stad", "city", "city_code"), on=["city_code", "indicator", "period"], how="left")
        .join(values("stad-zonder", "rest", "city_code"), on=["city_code", "indicator", "period"], how="left")
        .join(country, on=["indicator", "period"], how="left")
        .with_columns((pl.col("value") - pl.col("city")).alias("gap"))
        .sort("area", "indicator", "period")
    )


def _yearly(gaps: pl.DataFrame) -> pl.DataFrame:
    """The gap of every year with its interval, where series of three or more measurements tell the noise."""
    margins = pl.DataFrame(
        [(name, margin_of_gap(sd, freedom)) for name, sd, freedom in _noise(gaps).rows()],
        schema={"indicator": pl.String, "margin": pl.Float64},
        orient="row",
    )
    return (
        gaps.filter(pl.col("gap").is_not_null())
        .join(margins, on="indicator", how="left")
        .select(
            "area",
            "city_code",
            "indicator",
            pl.col("period").cast(pl.String),
            "value",
            "city",
            "gap",
            (pl.col("gap") - pl.col("margin")).alias("low"),
            (pl.col("gap") + pl.col("margin")).alias("high"),
            "coverage",
            "edition",
        )
        .sort("area", "indicator", "period")
    )


def _noise(gaps: pl.DataFrame) -> pl.DataFrame:
    return pooled_noise(gaps.select("area", "indicator", "period", "gap"))


def _judge(gaps: pl.DataFrame, programme: Programme) -> pl.DataFrame:
    """One row per area, indicator and window, also where there is nothing to tell: then it says why."""
    noise = {name: (sd, freedom) for name, sd, freedom in _noise(gaps).rows()}
    by_key = {
        (str(area), str(name)): part
        for (area, name), part in gaps.filter(pl.col("gap").is_not_null()).group_by(["area", "indicator"])
    }
    coverage = dict(
        gaps.group_by("area", "indicator")
        .agg(pl.col("coverage").max())
        .select(pl.concat_str("area", "indicator", separator="|"), "coverage")
        .rows()
    )
    # the frozen zero measurement may rest on an older edition than the rest
    editions = {
        str(name): " ".join(editions_in(part))
        for (name,), part in gaps.group_by(["indicator"], maintain_order=True)
    }
    rows = []
    for area in programme.areas:
        for name in editions:
            noise_sd, freedom = noise.get(name, (None, math.inf))
            found = by_key.get((area.id, name))
            yearly = {} if found is None else {row["period"]: row for row in found.to_dicts()}
            for window in programme.windows:
                judged = course(
                    {year: row["gap"] for year, row in yearly.items()},
                    start=max(window.start, _baseline_year(programme, area))
                    if area.baseline
                    else window.start,
                    end=window.end,
                    direction=find_indicator(name).direction,
                    noise_sd=noise_sd,
                    freedom=freedom,
                )
                at_end = yearly.get(judged.end, {}) if judged.end is not None else {}
                value = at_end.get("value")
                rows.append(
                    {
                        "area": area.id,
                        "city_code": area.city_code,
                        "indicator": name,
                        "window": window.id,
                        **{key: cell for key, cell in asdict(judged).items() if key not in {"gap_end"}},
                        "value": value,
                        "city": at_end.get("city"),
                        "rest": at_end.get("rest"),
                        "country": at_end.get("country"),
                        "gap_city": judged.gap_end,
                        "gap_rest": _difference(value, at_end.get("rest")),
                        "gap_country": _difference(value, at_end.get("country")),
                        "coverage": at_end.get("coverage", coverage.get(f"{area.id}|{name}", 0.0)),
                        "edition": editions[name],
                    }
                )
    numbers = ("gap_start", "change", "change_first", "noise", "value", "city", "rest", "country", "gap_city")
    told = pl.DataFrame(
        rows,
        schema_overrides=dict.fromkeys((*numbers, "gap_rest", "gap_country", "coverage"), pl.Float64)
        | dict.fromkeys(("start", "end", "first", "last", "points"), pl.Int32),
        infer_schema_length=None,
    )
    return _grouped(told, noise)


def _grouped(judged: pl.DataFrame, noise: dict[str, tuple[float, float]]) -> pl.DataFrame:
    """Column ``group``: areas that cannot be told apart by their change share a number; None without a verdict."""
    known = judged.filter(pl.col("verdict") != "unknown")
    found = [
        (area, name, window, group)
        for (name, window), part in known.group_by(["indicator", "window"], maintain_order=True)
        for sd, freedom in [noise[str(name)]]
        for area, group in told_apart(
            dict(part.select("area", "change").rows()), noise_sd=math.sqrt(2.0) * sd, freedom=freedom
        ).items()
    ]
    keys = ["area", "indicator", "window"]
    groups = pl.DataFrame(found, schema=dict.fromkeys(keys, pl.String) | {"group": pl.Int32}, orient="row")
    return judged.join(groups, on=keys, how="left", maintain_order="left")


def _difference(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other


def _count(judged: pl.DataFrame) -> pl.DataFrame:
    """Per indicator and window: how many areas got which verdict, and the share closing among those with a verdict."""
    verdicts = get_args(Verdict)
    rows = []
    for (name, window), part in judged.group_by(["indicator", "window"], maintain_order=True):
        known = part.filter(pl.col("verdict") != "unknown")
        share = clustered_share((known["verdict"] == "closing").to_list(), known["city_code"].to_list())
        counts = dict(part["verdict"].value_counts().rows())
        rows.append(
            {
                "indicator": name,
                "window": window,
                **{verdict: counts.get(verdict, 0) for verdict in verdicts},
                "areas": part.height,
                "share": share.share,
                "low": share.low,
                "high": share.high,
                "effective": share.effective,
                "cities": share.clusters,
                "edition": part["edition"][0],
            }
        )
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(("share", "low", "high"), pl.Float64))


def _targets(gaps: pl.DataFrame, programme: Programme) -> pl.DataFrame:
    """Per target and area: reached, on course, behind or unknown, with the years it rests on."""
    rows = []
    for target in programme.targets:
        series = gaps.filter((pl.col("indicator") == target.indicator) & pl.col("gap").is_not_null())
        for area in programme.areas:
            yearly = dict(series.filter(pl.col("area") == area.id).select("period", "gap").rows())
            status, zero = reach(
                yearly,
                baseline=_baseline_year(programme, area),
                by=target.by,
                direction=find_indicator(target.indicator).direction,
            )
            rows.append(
                {
                    "area": area.id,
                    "target": target.id,
                    "indicator": target.indicator,
                    "status": status,
                    "zero": zero,
                    "last": max(yearly, default=None),
                    "by": target.by,
                    "edition": " ".join(editions_in(series)),
                }
            )
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(("zero", "last", "by"), pl.Int32))


def _count_targets(targets: pl.DataFrame) -> pl.DataFrame:
    """Per target: how many areas stand where, and the year of the last measurement."""
    if targets.height == 0:
        return targets
    return targets.group_by("target", maintain_order=True).agg(
        *((pl.col("status") == status).sum().alias(status) for status in get_args(TargetStatus)),
        pl.col("last").max(),
        pl.col("edition").first(),
    )
