# SPDX-License-Identifier: EUPL-1.2
"""Where the area of an ended code went: by a published crosswalk, else by place, else by name."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import shapely

from krachtwijk.catalogue import DATA
from krachtwijk.geography import boundaries, codes, packaged
from krachtwijk.geography.boundaries import Outlines
from krachtwijk.geography.overlay import overlay

LABELS = DATA / "geography" / "buurt-2014-labelpunten.csv.gz"
#: A successor that got less of the old area than this is a corrected border, not a successor.
LEAST_SHARE = 0.05

LINKS = pl.Schema(
    {
        "level": pl.String(),
        "from_code": pl.String(),
        "to_code": pl.String(),
        "share": pl.Float64(),
        "how": pl.String(),
    }
)


@cache
def label_points() -> pl.DataFrame:
    """The label points of the buurten of 2014: level, code, lon, lat."""
    table = packaged.columns(f"geography/{LABELS.name}", ["statcode", "lon", "lat"])
    return table.select(
        pl.lit("buurt").alias("level"),
        pl.col("statcode").alias("code"),
        pl.col("lon", "lat").cast(pl.Float64),
    )


@cache
def koppeltabel() -> pl.DataFrame:
    """The published crosswalk of Amsterdam, old to new buurt codes: from_code (2015), to_code (2022), one to one."""
    return packaged.columns(boundaries.KOPPELING, ["BUURTCODE_CBS_2015", "BUURTCODE_CBS_2022"]).select(
        pl.col("BUURTCODE_CBS_2015").alias("from_code"), pl.col("BUURTCODE_CBS_2022").alias("to_code")
    )


def successors(register: pl.DataFrame) -> pl.DataFrame:
    """Links (LINKS) from every ended code to its successors, as far as known.

    ``register`` has level, code, name, gemeente and current, one row per level and code. For each code the best
    source that speaks of it is used: the crosswalk, then outlines or label points, then names.
    """
    ended = register.filter(~pl.col("current"))
    found = [_by_crosswalk(ended)]
    for step in (_by_outline, _by_label_point, _by_name):
        known = pl.concat(found).select("level", pl.col("from_code").alias("code"))
        rest = ended.join(known, on=["level", "code"], how="anti")
        found.append(step(rest, register, pl.concat(found)))
    return pl.concat(found)


def _conform(frame: pl.DataFrame, level: str | pl.Expr, how: str) -> pl.DataFrame:
    filled = frame.with_columns(
        (pl.lit(level) if isinstance(level, str) else level).alias("level"), pl.lit(how).alias("how")
    )
    return filled.select(pl.col(name).cast(kind) for name, kind in LINKS.items())


def _by_crosswalk(ended: pl.DataFrame) -> pl.DataFrame:
    wanted = ended.filter(pl.col("level") == "buurt")["code"]
    table = koppeltabel().filter(
        pl.col("from_code").is_in(wanted.implode()), pl.col("from_code") != pl.col("to_code")
    )
    return _conform(table.with_columns(pl.lit(1.0).alias("share")), "buurt", "koppeltabel")


def _by_outline(rest: pl.DataFrame, register: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Ended gemeenten, wijken and buurten with an outline of their own, laid over newer outlines."""
    parts = []
    for level in ("gemeente", "wijk", "buurt"):
        wanted = set(rest.filter(pl.col("level") == level)["code"])
        old = select(boundaries.nearest(level, 2022), wanted)
        new = boundaries.outlines("gemeente" if level == "gemeente" else "buurt", 2024)
        pieces = overlay(old, new)
        if level == "wijk":  # the wijken of 2024 are known by their buurten
            pieces = pieces.with_columns(codes.wijk_expr(pl.col("to_code")).alias("to_code"))
        parts.append(
            _conform(
                pieces.group_by("from_code", "to_code")
                .agg(pl.col("share_of_from").sum().alias("share"))
                .filter(pl.col("share") >= LEAST_SHARE, pl.col("from_code") != pl.col("to_code")),
                level,
                "ligging",
            )
        )
    return pl.concat([*parts, _merged_gemeenten(rest)])


def _merged_gemeenten(rest: pl.DataFrame) -> pl.DataFrame:
    """Ended gemeenten without an outline of their own: where their wijken of 2014 lie now."""
    known = set(boundaries.nearest("gemeente", 2022).codes)
    wanted = set(rest.filter(pl.col("level") == "gemeente")["code"]) - known
    wijken = boundaries.outlines("wijk", 2014)
    old = select(wijken, {code for code in wijken.codes if "GM" + code[2:6] in wanted})
    area = pl.DataFrame({"from_code": list(old.codes), "area": shapely.area(old.geometries)})
    pieces = (
        overlay(old, boundaries.outlines("gemeente", 2024))
        .join(area, on="from_code")
        .with_columns(codes.gemeente_expr(pl.col("from_code")).alias("from_code"))
        .group_by("from_code", "to_code")
        .agg((pl.col("share_of_from") * pl.col("area")).sum().alias("share"))
        .with_columns(pl.col("share") / pl.col("share").sum().over("from_code"))
        .filter(pl.col("share") >= LEAST_SHARE)
    )
    return _conform(pieces, "gemeente", "ligging")


def select(source: Outlines, wanted: set[str]) -> Outlines:
    """Only the outlines of the wanted codes."""
    positions = [position for position, code in enumerate(source.codes) if code in wanted]
    return Outlines(
        source.level,
        source.year,
        tuple(source.codes[p] for p in positions),
        tuple(source.names[p] for p in positions),
        source.geometries[positions],
        source.crs,
    )


def _by_label_point(rest: pl.DataFrame, register: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Ended buurten whose label point of 2014 lies in a buurt of 2024. The share is unknown: a point has no area."""
    labels = label_points().join(rest, on=["level", "code"], how="semi")
    new = boundaries.outlines("buurt", 2024, "wgs84")
    points = shapely.points(labels.select("lon", "lat").to_numpy())
    of, into = shapely.STRtree(new.geometries).query(points, predicate="within")
    frame = pl.DataFrame(
        {
            "from_code": labels["code"].gather(of),
            "to_code": np.array(new.codes, dtype=object)[into].tolist(),
            "share": pl.Series([None] * len(of), dtype=pl.Float64),
        },
        schema_overrides={"to_code": pl.String},
    )
    moved = frame.unique("from_code", keep="first", maintain_order=True).filter(
        pl.col("from_code") != pl.col("to_code")
    )
    return _conform(moved, "buurt", "ligging")


def _by_name(rest: pl.DataFrame, register: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Ended buurten and wijken whose name one current area of the same or the succeeding gemeente bears."""
    named = pl.col("level").is_in(["buurt", "wijk"])
    key = pl.col("name").str.to_lowercase().str.replace_all(r"[^\p{L}\d]", "").alias("key")
    merged = found.filter(pl.col("level") == "gemeente").select(
        pl.col("from_code").alias("gemeente"), pl.col("to_code").alias("now")
    )
    old = (
        rest.filter(named, pl.col("name") != pl.col("code"))
        .join(merged, on="gemeente", how="left")
        .select(
            "level", pl.col("code").alias("from_code"), pl.coalesce("now", "gemeente").alias("gemeente"), key
        )
    )
    new = register.filter(named, pl.col("current")).select(
        "level", pl.col("code").alias("to_code"), "gemeente", key
    )
    pairs = old.join(new, on=["level", "gemeente", "key"]).filter(
        pl.len().over("level", "from_code") == 1, pl.col("from_code") != pl.col("to_code")
    )
    return _conform(pairs.with_columns(pl.lit(None, pl.Float64).alias("share")), pl.col("level"), "naam")
