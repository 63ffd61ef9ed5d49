# SPDX-License-Identifier: EUPL-1.2
"""The Leefbaarometer's files: 2.0 (scores, classes, published changes) and 3.0 (map service and official CSV)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from krachtwijk.sources.tidy import Reading, Target, tidy
from krachtwijk.warehouse.tables import Table

DIMENSIONS_3 = ("won", "fys", "vrz", "soc", "onv")


def _years(table: Table, column: str) -> tuple[str, ...]:
    return tuple(sorted(table.frame[column].str.strip_chars().drop_nulls().unique().to_list()))


@dataclass(frozen=True, slots=True)
class Service3:
    """Leefbaarometer 3.0 as the map service gives it: one year, classes and deviations."""

    id: str = "lbm3"
    title: str = "Leefbaarometer 3.0"
    expects: str = "id, kscore, afw, won, fys, vrz, soc, onv, year"

    def recognises(self, table: Table) -> bool:
        """The map service's own column names."""
        return {"id", "kscore", "kafw", "afw", *DIMENSIONS_3} <= set(table.columns)

    def own_periods(self, table: Table) -> tuple[str, ...]:
        """The column `year`, where present."""
        return _years(table, "year") if "year" in table.columns else ()

    def read(self, table: Table, period: str) -> Reading:
        """Deviations and published classes."""
        values = {c: Target(f"lbm3-{c}", period) for c in ("lbm", "afw", *DIMENSIONS_3)}
        classes = {f"k{c}": Target(f"lbm3-k{c}", period) for c in ("score", "afw", *DIMENSIONS_3)}
        return tidy(
            table,
            code=pl.col("id"),
            columns=values | classes,
            geo_year=int(period or self.own_periods(table)[-1]),
            period=pl.col("year") if "year" in table.columns else None,
            blank="missing",
        )


@dataclass(frozen=True, slots=True)
class Official3:
    """Leefbaarometer 3.0 as the official CSV gives it: several years, `lbm` and deviations, no classes."""

    id: str = "lbm3"
    title: str = "Leefbaarometer 3.0, officiële CSV"
    expects: str = "bu_code, wk_code, gm_code of PC4, jaar, lbm, afw, fys, onv, soc, vrz, won"

    def _code(self, table: Table) -> str | None:
        return next((c for c in table.columns if re.fullmatch(r"(bu|wk|gm)_code|pc4", c.lower())), None)

    def recognises(self, table: Table) -> bool:
        """A code column, `jaar`, `lbm` and the five dimensions."""
        return self._code(table) is not None and {"jaar", "lbm", "afw", *DIMENSIONS_3} <= set(table.columns)

    def own_periods(self, table: Table) -> tuple[str, ...]:
        """The column `jaar`."""
        return _years(table, "jaar")

    def read(self, table: Table, period: str) -> Reading:
        """Levels and deviations per year."""
        return tidy(
            table,
            code=pl.col(self._code(table) or ""),
            columns={c: Target(f"lbm3-{c}", period) for c in ("lbm", "afw", *DIMENSIONS_3)},
            geo_year=int(self.own_periods(table)[-1]),
            period=pl.col("jaar"),
            blank="missing",
        )


FAMILIES = (Service3(), Official3())
