# SPDX-License-Identifier: EUPL-1.2
"""A small installation for the pages: result tables of real rows from packaged publications, in the agreed shapes.

The outcome tables are worked out here in plain Polars from the published classes, apart from the engine, so that the
pages can be tested against figures that a reader can follow.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from krachtwijk.catalogue import DATA, programme, score_version
from krachtwijk.runs import leefbaarometer
from krachtwijk.sources import ingest_file
from krachtwijk.warehouse import ResultInfo, Warehouse

PUBLICATIONS = DATA / "publications"
LBM = PUBLICATIONS / "leefbaarometer"
DIMENSIONS_2 = ("won", "bev", "vrz", "vei", "fys")


def read(path: Path) -> pl.DataFrame:
    """A packaged CSV with codes as text."""
    return pl.read_csv(path, infer_schema_length=None, schema_overrides={"GBD": pl.String, "CODE": pl.String})


def write(warehouse: Warehouse, table: str, frame: pl.DataFrame, rule: str = "proef-1") -> None:
    """Store a table with its three common columns."""
    edition = "proef-2016-0000"
    frame = frame.with_columns(
        pl.lit(edition).alias("edition"), pl.lit(rule).alias("rule"), pl.lit(f"proef-{table}").alias("run")
    )
    warehouse.write_result(frame, ResultInfo(table, f"proef-{table}", rule, (edition,), rows=0))


def lbm2_classes(level: str) -> pl.DataFrame:
    """Area, period, class_total."""
    name = {"pc4": "lbm2-pc4-klasse-2002-2016.csv.gz"}.get(level, f"lbm2-{level}-klasse-2002-2016.csv")
    wide = read(LBM / name)
    code = wide.columns[0]
    return (
        wide.select(pl.col(code).cast(pl.String).alias("area"), pl.col(r"^KL\d\d$"))
        .unpivot(index="area", variable_name="period", value_name="class_total")
        .with_columns(
            pl.col("period").str.replace("KL", "20"), pl.col("class_total").cast(pl.Int8, strict=False)
        )
    )


def lbm2_scores(level: str) -> pl.DataFrame:
    """Area, period, total and the five dimensions."""
    names = {"rmtr": "total", **{d: d for d in DIMENSIONS_2}}
    if level == "pc4":
        wide = read(LBM / "lbm2-pc4-dimensiescore-2012-2016.csv.gz")
        parts = [
            wide.select(
                pl.col("GBD").alias("area"),
                pl.lit(f"20{year}").alias("period"),
                *(pl.col(f"RLB{k.upper()}{year}").cast(pl.Float64).alias(v) for k, v in names.items()),
            )
            for year in (12, 14, 16)
        ]
        return pl.concat(parts)
    return read(LBM / f"lbm2-{level}-dimensiescore-stand-2012-2016.csv.gz").select(
        pl.col("GBD").alias("area"),
        pl.col("JAAR").cast(pl.String).alias("period"),
        *(pl.col(f"RLB{k.upper()}").cast(pl.Float64, strict=False).alias(v) for k, v in names.items()),
    )


def lbm2(level: str) -> pl.DataFrame:
    """The result table of version 2.0: classes of five years, scores of three."""
    none = pl.lit(None, pl.Int8)
    return (
        lbm2_classes(level)
        .join(lbm2_scores(level), on=["area", "period"], how="left")
        .with_columns(
            pl.lit(None, pl.Float64).alias("lbm"),
            none.alias("class_dev"),
            *(none.alias(f"class_{d}") for d in DIMENSIONS_2),
            pl.lit("gepubliceerd").alias("origin"),
            pl.lit("gepubliceerd").alias("class_origin"),
            pl.lit(1.0).alias("coverage"),
        )
    )


def lbm3_wijk() -> pl.DataFrame:
    """Version 3.0 of the 14 wijken of Amstelveen, four years, without classes."""
    dims = [d.id for d in score_version("lbm3").dimensions]
    none = pl.lit(None, pl.Int8)
    return pl.read_csv(LBM / "lbm3-wijk-amstelveen-2014-2022.csv").select(
        pl.col("wk_code").alias("area"),
        pl.col("jaar").cast(pl.String).alias("period"),
        pl.col("afw").alias("total"),
        "lbm",
        *dims,
        none.alias("class_total"),
        pl.lit(5, pl.Int8).alias("class_dev"),
        *(none.alias(f"class_{d}") for d in dims),
        pl.lit("eigen optelling").alias("origin"),
        pl.lit("berekend").alias("class_origin"),
        pl.lit(0.87).alias("coverage"),
    )


def key_figures() -> pl.DataFrame:
    """Inhabitants of 2024 per buurt, and one that is secret."""
    kwb = pl.read_csv(PUBLICATIONS / "cbs-kwb/kwb-2024-85984NED-buurt-11cols.csv.gz")
    frame = kwb.select(
        pl.lit("buurt").alias("level"),
        pl.col("WijkenEnBuurten").str.strip_chars().alias("area"),
        pl.lit("inwoners").alias("indicator"),
        pl.lit("2024").alias("period"),
        pl.col("AantalInwoners_5").cast(pl.Float64).alias("value"),
        pl.lit("ok").alias("status"),
        pl.lit(2024).alias("geo_year"),
    )
    secret = frame.head(1).with_columns(
        pl.lit("2017").alias("period"), pl.lit(None).alias("value"), pl.lit("secret").alias("status")
    )
    return pl.concat([frame, secret], how="vertical_relaxed")


def outcome(warehouse: Warehouse) -> None:
    """Gaps in published class between area and city, 2002-2016; the area is the mean of its postcodes."""
    made = programme("krachtwijken-2007")
    indicator = "lbm2-klasse"
    parts = pl.DataFrame(
        [(a.id, a.city_code, code) for a in made.areas for level, code, _ in a.parts if level == "pc4"],
        schema=["unit", "city", "area"],
        orient="row",
    )
    value = pl.col("class_total").mean().alias("value")
    own = lbm2_classes("pc4").join(parts, on="area").group_by("unit", "city", "period").agg(value)
    city = lbm2_classes("gemeente").rename({"area": "city"}).group_by("city", "period").agg(value)
    country = lbm2_classes("gemeente").group_by("period").agg(value)
    cities = parts["city"].unique().to_list()
    common = (pl.lit(indicator).alias("indicator"), pl.lit(1.0).alias("coverage"))
    origin = pl.lit("eigen optelling").alias("origin")
    series = pl.concat(
        [
            own.select(pl.lit("gebied").alias("kind"), "unit", "period", "value", *common, origin),
            city.filter(pl.col("city").is_in(cities)).select(
                pl.lit("stad").alias("kind"), pl.col("city").alias("unit"), "period", "value", *common, origin
            ),
            country.select(
                pl.lit("land").alias("kind"), pl.lit("NL").alias("unit"), "period", "value", *common, origin
            ),
        ]
    )
    write(warehouse, f"outcome-{made.id}-reeks", series)
    rows = []
    for window in made.windows:
        both = own.join(city.rename({"value": "city_value"}), on=["city", "period"], how="left").with_columns(
            (pl.col("value") - pl.col("city_value")).alias("gap")
        )
        first = both.filter(pl.col("period") == str(window.start)).select(
            "unit", pl.col("gap").alias("gap_start")
        )
        last = both.filter(pl.col("period") == str(window.end)).join(first, on="unit", how="left")
        rows.append(
            last.with_columns((pl.col("gap") - pl.col("gap_start")).alias("change")).select(
                pl.col("unit").alias("area"),
                pl.lit(indicator).alias("indicator"),
                pl.lit(window.id).alias("window"),
                pl.lit(window.start).alias("start"),
                pl.lit(window.end).alias("end"),
                "value",
                pl.col("city_value").alias("city"),
                pl.lit(None, pl.Float64).alias("rest"),
                pl.lit(None, pl.Float64).alias("country"),
                pl.col("gap").alias("gap_city"),
                pl.lit(None, pl.Float64).alias("gap_rest"),
                pl.lit(None, pl.Float64).alias("gap_country"),
                "gap_start",
                "change",
                pl.lit(0.2).alias("noise"),
                pl.lit(5).alias("points"),
                pl.when(pl.col("change") > 0.2)
                .then(pl.lit("closing"))
                .when(pl.col("change") < -0.2)
                .then(pl.lit("widening"))
                .when(pl.col("change").is_null())
                .then(pl.lit("unknown"))
                .otherwise(pl.lit("stable"))
                .alias("verdict"),
                pl.when(pl.col("change").abs() > 0.2)
                .then(pl.lit("beyond-noise"))
                .otherwise(pl.lit("within-noise"))
                .alias("reason"),
                pl.lit(window.start == 2012).alias("two_points"),
                pl.lit(2002).alias("first"),
                pl.lit(2016).alias("last"),
                pl.lit(None, pl.Float64).alias("change_first"),
                pl.lit(1.0).alias("coverage"),
            )
        )
    gaps = pl.concat(rows)
    write(warehouse, f"outcome-{made.id}", gaps)
    counts = gaps.group_by("indicator", "window").agg(
        *(
            (pl.col("verdict") == word).sum().cast(pl.Int64).alias(word)
            for word in ("closing", "stable", "widening", "unknown")
        )
    )
    share = pl.col("closing") / (pl.col("closing") + pl.col("stable") + pl.col("widening"))
    write(
        warehouse,
        f"outcome-{made.id}-telling",
        counts.with_columns(
            share.alias("share"),
            (share - 0.15).alias("low"),
            (share + 0.15).alias("high"),
            pl.lit(18).alias("cities"),
        ),
    )
    write(
        warehouse,
        f"outcome-{made.id}-doelen",
        pl.DataFrame(
            {
                "area": [a.id for a in made.areas],
                "target": made.targets[0].id,
                "status": ["reached", "behind", "unknown", "on-course"] * 10,
                "zero": 2002,
                "last": 2016,
            }
        ),
    )


def build(home: Path) -> Warehouse:
    """Write all tables under ``home``."""
    warehouse = Warehouse(home)
    for level in ("buurt", "gemeente"):
        ingest_file(warehouse, LBM / f"lbm3-{level}-2024.csv.gz")
    leefbaarometer.run(warehouse)
    for level in ("pc4", "wijk", "gemeente"):
        write(warehouse, f"lbm2-{level}", lbm2(level))
    write(warehouse, "lbm3-wijk", lbm3_wijk())
    write(warehouse, "kerncijfers", key_figures())
    outcome(warehouse)
    return warehouse
