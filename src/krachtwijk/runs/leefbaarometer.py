# SPDX-License-Identifier: EUPL-1.2
"""The Leefbaarometer view: per version and level one table of scores and classes and one of development.

Where a level is published, the published score and class are shown. Where it is not, buurten are added up by
inhabitants and marked *eigen optelling*. Nothing is ever subtracted across versions.
"""

from __future__ import annotations

import polars as pl

from krachtwijk.catalogue import disclosure, score_version
from krachtwijk.geography.codes import COUNTRY
from krachtwijk.geography.crosswalks import links
from krachtwijk.monitor.gaps import withhold_few, withhold_low_coverage
from krachtwijk.monitor.model import ScoreVersion
from krachtwijk.monitor.score import classes, development, weighted_mean
from krachtwijk.runs.common import editions_in, store
from krachtwijk.runs.weights import with_stand_ins
from krachtwijk.warehouse import ResultInfo, Warehouse

RULE = "leefbaarometer-2"
PUBLISHED_LEVELS = ("gemeente", "wijk", "pc4", "buurt")
#: Levels that are added up from buurten.
OWN_LEVELS = ("wijk", "stadsdeel", "gemeente", "provincie")
#: The publication that gives the inhabitants by which buurten of a score year are added up.
WEIGHTS = ("cbs-kwb", "2024")


def run(warehouse: Warehouse) -> list[ResultInfo]:
    """All score and development tables that the editions in the warehouse allow."""
    made: list[ResultInfo] = []
    for version in (score_version("lbm2"), score_version("lbm3")):
        scores = {level: published(warehouse, version, level) for level in PUBLISHED_LEVELS}
        for level, frame in own_sums(warehouse, version, scores["buurt"]).items():
            known = scores.get(level)
            scores[level] = (
                frame
                if known is None
                else pl.concat(
                    [known, frame.join(known, on=["area", "period"], how="anti")], how="diagonal_relaxed"
                )
            )
        scores["land"] = national_mean(version, scores["gemeente"])
        for level, table in scores.items():
            if table is None or table.height == 0:
                continue
            made.append(_store(warehouse, f"{version.id}-{level}", table.sort("area", "period")))
            if level == "land":
                continue
            change = developments(warehouse, version, level, table)
            if change.height:
                made.append(
                    _store(warehouse, f"{version.id}-ontwikkeling-{level}", change.sort("area", "period"))
                )
    return made


def _store(warehouse: Warehouse, name: str, frame: pl.DataFrame) -> ResultInfo:
    return store(warehouse, name, frame, rule=RULE, editions=editions_in(frame))


def wide(observations: pl.DataFrame, prefix: str) -> pl.DataFrame:
    """One row per area and period, a column per figure without its prefix, and the editions they came from."""
    keys = ["area", "period"]
    figures = observations.pivot("indicator", index=keys, values="value", aggregate_function="first")
    editions = observations.group_by(keys).agg(pl.col("edition").unique().sort().str.join(" "))
    return figures.join(editions, on=keys).rename(lambda name: name.removeprefix(prefix))


def published(warehouse: Warehouse, version: ScoreVersion, level: str) -> pl.DataFrame | None:
    """Published scores and classes of a level; None where no edition has them. Unscored areas are left out."""
    observations = (
        warehouse.observations(version.id, level=level)
        .filter(pl.col("value").is_not_null() & (pl.col("period").str.len_chars() == 4))
        .collect()
    )
    if observations.height == 0:
        return None
    frame = wide(observations, f"{version.id}-")
    dimensions = [d.id for d in version.dimensions]
    names = {"klasse": "class_total", "kscore": "class_total", "kafw": "class_dev", version.total: "total"}
    names |= {f"k{d}": f"class_{d}" for d in dimensions}
    frame = frame.rename({old: new for old, new in names.items() if old in frame.columns})
    wanted = ["total", "lbm", *dimensions, "class_total", "class_dev", *(f"class_{d}" for d in dimensions)]
    frame = frame.with_columns(
        pl.lit(None, pl.Float64).alias(name) for name in wanted if name not in frame.columns
    )
    return frame.select(
        "area",
        "period",
        *(pl.col(c).cast(pl.Int8) if c.startswith("class_") else pl.col(c) for c in wanted),
        pl.lit("gepubliceerd").alias("origin"),
        pl.when(pl.col("class_total").is_not_null()).then(pl.lit("gepubliceerd")).alias("class_origin"),
        pl.lit(1.0).alias("coverage"),
        "edition",
    )


def inhabitants_of_buurten(warehouse: Warehouse) -> pl.DataFrame:
    """By how many inhabitants each buurt counts in a sum: `area`, `inhabitants`, `weight_edition`.

    Withheld numbers have a stand-in (`runs.weights`): a sum of our own would give them back.
    """
    source, period = WEIGHTS
    found = (
        warehouse.observations(source, level="buurt", indicators=["inwoners"], periods=[period])
        .select(
            pl.col("area", "period").cast(pl.String),
            pl.col("value").alias("inhabitants"),
            pl.col("edition").alias("weight_edition"),
        )
        .collect()
    )
    return with_stand_ins(warehouse, "buurt", found).drop("period")


def summed(
    version: ScoreVersion, buurten: pl.DataFrame, inhabitants: pl.DataFrame, parents: pl.DataFrame
) -> pl.DataFrame:
    """Scores of buurten added up by inhabitants to areas: those of the result table `<version>-<level>`.

    ``buurten`` is the version's table of buurten, ``inhabitants`` comes from `inhabitants_of_buurten`, ``parents`` says
    which `share` (0 to 1) of the buurt `area` lies in `parent`. A parent of which too few inhabitants have a score is
    left out, and so is one with fewer inhabitants than the disclosure limit.
    """
    dimensions = [d.id for d in version.dimensions]
    # every inhabited buurt counts in the coverage, also one without a score
    parts = (
        inhabitants.join(parents, on="area")
        .select("area", "parent", pl.col("inhabitants") * pl.col("share"))
        .join(buurten.select("period").unique(), how="cross")
        .join(buurten.select("area", "period", "total", *dimensions), on=["area", "period"], how="left")
    )
    means = weighted_mean(parts, ["parent", "period"], ["total", *dimensions], weight="inhabitants")
    for column in ("total", *dimensions):
        means = withhold_low_coverage(means, value=column, coverage=f"{column}_coverage")
    means = withhold_few(means, value="total", minimum=disclosure().limit)
    means = means.filter(pl.col("total").is_not_null()).rename(
        {"parent": "area", "total_coverage": "coverage", "total": version.total}
    )
    edition = " ".join(sorted({*editions_in(buurten), *editions_in(inhabitants, "weight_edition")}))
    return (
        classes(means, version)
        .rename({version.total: "total"})
        .select(
            "area",
            "period",
            "total",
            *dimensions,
            "class_total",
            "class_dev",
            *(f"class_{d}" for d in dimensions),
            pl.lit("eigen optelling").alias("origin"),
            pl.lit("berekend").alias("class_origin"),
            "coverage",
            pl.lit(edition).alias("edition"),
        )
    )


def own_sums(
    warehouse: Warehouse, version: ScoreVersion, buurten: pl.DataFrame | None
) -> dict[str, pl.DataFrame]:
    """Scores of higher levels added up from buurten by inhabitants, with classes where the version has rulers."""
    if buurten is None or not version.deviation_cuts:
        return {}
    period = WEIGHTS[1]
    inhabitants = inhabitants_of_buurten(warehouse)
    if inhabitants.height == 0:
        return {}
    found: dict[str, pl.DataFrame] = {}
    for level in OWN_LEVELS:
        upward = links(
            warehouse, from_level="buurt", from_year=int(period), to_level=level, to_year=int(period)
        )
        parents = upward.select(
            pl.col("from_code").alias("area"),
            pl.col("to_code").alias("parent"),
            pl.col("share_of_from").alias("share"),
        )
        found[level] = summed(version, buurten, inhabitants, parents)
    return found


def national_mean(version: ScoreVersion, gemeenten: pl.DataFrame | None) -> pl.DataFrame | None:
    """The country: deviation 0 by definition in every scored year (R-131), with the known national mean as level.

    Not an own sum: buurten of 2024 averaged by inhabitants give +0.021, for the publisher weighs otherwise.
    """
    if gemeenten is None:
        return None
    scored = gemeenten.filter(pl.col("total").is_not_null())
    means = {str(year): mean for year, mean in version.national_means.items()}
    columns = [version.total, *(d.id for d in version.dimensions)]
    frame = (
        scored.group_by("period")
        .agg(pl.col("edition").first())
        .select(
            pl.lit(COUNTRY).alias("area"),
            "period",
            pl.col("period").replace_strict(means, default=None, return_dtype=pl.Float64).alias("lbm"),
            *(pl.lit(0.0).alias(column) for column in columns),
            pl.lit("definitie").alias("origin"),
            pl.lit(1.0).alias("coverage"),
            "edition",
        )
    )
    if version.deviation_cuts:
        frame = classes(frame, version).with_columns(pl.lit("berekend").alias("class_origin"))
    else:
        frame = frame.with_columns(pl.lit(None, pl.Int8).alias("class_total"))
    return frame.rename({version.total: "total"})


def developments(
    warehouse: Warehouse, version: ScoreVersion, level: str, scores: pl.DataFrame
) -> pl.DataFrame:
    """Change between each pair of years of one version: published where it is, else by the published rule."""
    dimensions = [d.id for d in version.dimensions]
    columns = ["total", *dimensions]
    pairs = _published_changes(warehouse, version, level)
    scored = scores.filter(pl.col("total").is_not_null()).rename({"total": version.total})
    years = sorted({int(year) for year in scored["period"].unique().to_list()})
    calculated = [
        development(scored, version, start=start, end=end).rename({version.total: "total"})
        for index, start in enumerate(years)
        for end in years[index + 1 :]
    ]
    edition = " ".join(editions_in(scored)) if calculated else ""
    own = (
        pl.concat(calculated).with_columns(
            pl.lit("berekend").alias("origin"), pl.lit(edition).alias("edition")
        )
        if calculated
        else None
    )
    if pairs is None:
        return own if own is not None else pl.DataFrame(schema={"area": pl.String, "period": pl.String})
    if own is None:
        return pairs
    # a published class of change may stand where no published change does: keep the class, add the sum
    joined = pairs.join(own, on=["area", "period"], how="full", coalesce=True, suffix="_own")
    return joined.select(
        "area",
        "period",
        *(pl.coalesce(c, f"{c}_own").alias(c) for c in columns),
        "class_change",
        pl.when(pl.col("total").is_not_null())
        .then(pl.lit("gepubliceerd"))
        .otherwise("basis_own")
        .alias("basis"),
        pl.when(pl.col("total").is_not_null())
        .then(pl.lit("gepubliceerd"))
        .otherwise("origin_own")
        .alias("origin"),
        pl.coalesce("edition", "edition_own").alias("edition"),
    )


def _published_changes(warehouse: Warehouse, version: ScoreVersion, level: str) -> pl.DataFrame | None:
    observations = (
        warehouse.observations(version.id, level=level)
        .filter(pl.col("value").is_not_null() & (pl.col("period").str.len_chars() == 9))
        .collect()
    )
    if observations.height == 0:
        return None
    frame = wide(observations, f"{version.id}-")
    names = {f"d-{version.total}": "total", "vklasse": "class_change"}
    names |= {f"d-{d.id}": d.id for d in version.dimensions}
    frame = frame.rename({old: new for old, new in names.items() if old in frame.columns})
    frame = frame.with_columns(
        pl.lit(None, pl.Float64).alias(name)
        for name in ("total", *(d.id for d in version.dimensions), "class_change")
        if name not in frame.columns
    )
    published_basis = pl.when(pl.col("total").is_not_null()).then(pl.lit("gepubliceerd"))
    return frame.select(
        "area",
        "period",
        "total",
        *(d.id for d in version.dimensions),
        pl.col("class_change").cast(pl.Int8),
        published_basis.alias("basis"),
        published_basis.alias("origin"),
        "edition",
    )
