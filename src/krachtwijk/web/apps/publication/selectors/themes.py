# SPDX-License-Identifier: EUPL-1.2
"""Which figures there are of an indicator: years and levels, and its course in the whole country."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from krachtwijk.catalogue import score_versions
from krachtwijk.geography.codes import COUNTRY
from krachtwijk.monitor.model import LEVELS, ScoreVersion
from krachtwijk.web.apps.publication.selectors.areas import Row
from krachtwijk.web.apps.publication.store import store

#: Per level the years (or pairs of years) with a figure.
Coverage = dict[str, tuple[str, ...]]


def coverage(indicator_id: str) -> Coverage:
    """The levels that an indicator has figures for and their years, levels from large to small."""
    found = store().of_tables("coverage", _all).get(indicator_id, {})
    return {level: found[level] for level in LEVELS if level in found}


def _counts(table: str) -> bool:
    return table == "kerncijfers" or table.split("-")[0] in score_versions()


def _all() -> dict[str, Coverage]:
    """The coverage of every indicator."""
    found: dict[str, Coverage] = {}
    for name in store().names():
        table = store().table(name) if _counts(name) else None
        if table is None:
            continue
        if name == "kerncijfers":
            held = (
                table.frame.lazy()
                .filter(pl.col("value").is_not_null())
                .select(pl.col("indicator", "level", "period").cast(pl.String))
                .unique()
                .collect()
            )
            for (indicator, level), part in held.group_by(["indicator", "level"]):
                found.setdefault(str(indicator), {})[str(level)] = tuple(sorted(part["period"]))
            continue
        version_id, _, level = name.partition("-")
        change, level = level.startswith("ontwikkeling-"), level.removeprefix("ontwikkeling-")
        for indicator, column in _columns(score_versions()[version_id], change=change).items():
            if column in table.frame.columns:
                periods = table.frame.filter(pl.col(column).is_not_null())["period"].cast(pl.String).unique()
                if len(periods):
                    found.setdefault(indicator, {})[level] = tuple(sorted(periods))
    return found


def _columns(version: ScoreVersion, *, change: bool) -> dict[str, str]:
    """By indicator the column of a version's tables that holds it."""
    dimensions = [d.id for d in version.dimensions]
    if change:
        names = {f"d-{version.total}": "total", "vklasse": "class_change"} | {f"d-{d}": d for d in dimensions}
    else:
        names = {
            version.total: "total",
            "lbm": "lbm",
            "klasse": "class_total",
            "kscore": "class_total",
            f"k{version.total}": "class_dev",
            **{d: d for d in dimensions},
            **{f"k{d}": f"class_{d}" for d in dimensions},
        }
    return {f"{version.id}-{name}": column for name, column in names.items()}


def national(indicator_ids: Iterable[str]) -> dict[str, list[Row]]:
    """The figures of the whole country by indicator, in order of year; indicators without are left out."""
    table = store().table("kerncijfers")
    wanted = set(indicator_ids)
    found: dict[str, list[Row]] = {}
    if table is not None:
        for row in sorted(table.rows(COUNTRY), key=lambda r: r["period"]):
            if row["indicator"] in wanted and row["value"] is not None:
                found.setdefault(row["indicator"], []).append(row)
    return found
