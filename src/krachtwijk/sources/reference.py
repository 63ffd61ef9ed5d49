# SPDX-License-Identifier: EUPL-1.2
"""Published figures that an ingested file is held against, also in an empty home: what the package itself carries."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

import polars as pl

from krachtwijk.catalogue import DATA, indicators, publications
from krachtwijk.geography import codes, packaged
from krachtwijk.sources.families import recognise
from krachtwijk.warehouse import Warehouse
from krachtwijk.warehouse.store import OBSERVATIONS
from krachtwijk.warehouse.tables import read_table

FILE = DATA / "reference.toml"
FORMAT = "1"  # counts up when the table made here changes shape or rule

#: Levels whose figures are totals of a level below.
PARENTS = ("wijk", "gemeente", "land")


@cache
def _facts() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text("utf-8"))


def statline_year(table: str) -> int | None:
    """The year of a yearly StatLine table by its number; None where the table has several years or is not known."""
    year = _facts()["statline_year"].get(table)
    return None if year is None else int(year)


def national_inhabitants() -> dict[str, int]:
    """Inhabitants of the country on 1 January, by year (CBS StatLine 37296ned)."""
    return {str(year): int(count) for year, count in _facts()["inhabitants"].items()}


def estimated_share() -> dict[str, float]:
    """By indicator, the share of a total by which estimated parts may exceed it."""
    entry = _facts()["estimated"]
    return {str(name): float(entry["share"]) for name in entry["indicators"]}


def sums() -> set[str]:
    """Indicators of which the areas add up to the level above."""
    return {i.id for i in indicators().values() if i.aggregation == "som"}


def figures(warehouse: Warehouse) -> pl.DataFrame:
    """Totals and inhabitants that the packaged publications state: columns of OBSERVATIONS plus ``origin``.

    Every figure that adds up, at the levels wijk, gemeente and land; inhabitants at every level. Kept in the cache
    until a packaged file or the catalogue changes.
    """
    files = [FILE, DATA / "publications" / "manifest.toml", *(DATA / "indicators").glob("*.toml")]
    name = f"reference-{packaged.fingerprint(files, FORMAT)}.parquet"
    return packaged.kept(warehouse, name, _figures)


def _figures() -> pl.DataFrame:
    adding = sums()
    sources = {c.source for i in indicators().values() if i.id in adding for c in i.columns}
    parts = [_country()]
    for publication in publications():
        if not publication.ingest or publication.source not in sources:
            continue
        table = read_table(publication.path)
        family = recognise(table, publication.source)
        own = family.own_periods(table)
        read = family.read(table, own[-1] if own else str(publication.period)).observations
        parts.append(
            read.filter(
                pl.col("value").is_not_null()
                & (
                    (pl.col("indicator") == "inwoners")
                    | (pl.col("indicator").is_in(adding) & pl.col("level").is_in(PARENTS))
                )
            )
            .select(*OBSERVATIONS)
            .with_columns(pl.lit(publication.title).alias("origin"))
        )
    return pl.concat(parts)


def _country() -> pl.DataFrame:
    years = national_inhabitants()
    return pl.DataFrame(
        {
            "level": "land",
            "area": codes.COUNTRY,
            "geo_year": [int(y) for y in years],
            "period": list(years),
            "indicator": "inwoners",
            "value": [float(v) for v in years.values()],
            "status": "ok",
            "weight": None,
            "origin": "CBS StatLine 37296ned",
        },
        schema={**OBSERVATIONS, "origin": pl.String()},
    )
