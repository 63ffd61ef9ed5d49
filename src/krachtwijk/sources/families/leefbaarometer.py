# SPDX-License-Identifier: EUPL-1.2
"""The Leefbaarometer's files: 2.0 (scores, classes, published changes) and 3.0 (map service and official CSV)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from krachtwijk.catalogue.columns import figures
from krachtwijk.sources.columns import named_years, targets, unknown_columns
from krachtwijk.sources.periods import stated_years, whole_year
from krachtwijk.sources.tidy import Reading, tidy
from krachtwijk.warehouse.tables import Table

DIMENSIONS_3 = ("won", "fys", "vrz", "soc", "onv")

#: The 2.0 files of 2012-2016 were all published in the area codes of 2016 (data README: 100 % match).
CODES = 2016


@dataclass(frozen=True, slots=True)
class Service3:
    """Leefbaarometer 3.0 as the map service gives it: one year, classes and deviations."""

    id: str = "lbm3"
    title: str = "Leefbaarometer 3.0"
    expects: str = "id, kscore, kafw, afw, won, fys, vrz, soc, onv, year"

    def recognises(self, table: Table) -> bool:
        """The map service's own column names."""
        return {"id", "kscore", "kafw", "afw", *DIMENSIONS_3} <= set(table.columns)

    def own_periods(self, table: Table) -> tuple[str, ...]:
        """The column `year`, where present."""
        return stated_years(table, "year")

    def read(self, table: Table, period: str) -> Reading:
        """Deviations and published classes."""
        found = targets("lbm3", table.columns, period)
        reading = tidy(
            table,
            code=pl.col("id"),
            columns=found,
            geo_year=int(period),
            period=whole_year(pl.col("year")) if "year" in table.columns else None,
            blank="missing",
        )
        reading.warnings += unknown_columns(self.id, table.columns, found)
        return reading


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
        return stated_years(table, "jaar")

    def read(self, table: Table, period: str) -> Reading:
        """Levels and deviations per year; a first column without a name holds row numbers."""
        found = targets("lbm3", table.columns, period)
        code = str(self._code(table))
        reading = tidy(
            table,
            code=pl.col(code),
            columns=found,
            geo_year=int(period),
            period=whole_year(pl.col("jaar")),
            blank="missing",
        )
        reading.warnings += unknown_columns(self.id, table.columns, [*found, code])
        return reading


@dataclass(frozen=True, slots=True)
class Version2:
    """Leefbaarometer 2.0: scores per row and year or per column and year, classes, and published changes."""

    id: str = "lbm2"
    title: str = "Leefbaarometer 2.0"
    expects: str = "GBD, CODE of WK_CODE met RLB… en JAAR, DLB… met BEGIN en EINDE, RLB…jj, KLjj of VKLjjjj"

    def _column(self, table: Table, *wanted: str) -> str | None:
        """The first of the wanted columns that stands in the header, in capitals or not."""
        upper = {c.upper(): c for c in table.columns}
        return next((upper[c] for c in wanted if c in upper), None)

    def _code(self, table: Table) -> str | None:
        return self._column(table, "GBD", "CODE", "BU_CODE", "WK_CODE", "GM_CODE", "PC4")

    def recognises(self, table: Table) -> bool:
        """An area column and at least one column of scores, classes or changes with its period."""
        found = figures(self.id, table.columns)
        dated = any(f.years for f in found.values()) or self._column(table, "JAAR", "EINDE")
        return self._code(table) is not None and bool(found) and bool(dated)

    def own_periods(self, table: Table) -> tuple[str, ...]:
        """Years of the rows, or of the column names (`RLBRMTR16` is 2016, `VKL0216` runs from 2002 to 2016)."""
        column = self._column(table, "JAAR", "EINDE")
        return stated_years(table, column) if column else named_years(self.id, table.columns)

    def read(self, table: Table, period: str) -> Reading:
        """Scores, classes and published changes; a change has two years as its period."""
        found = targets(self.id, table.columns, period)
        code, year, begin, end = (
            self._code(table),
            self._column(table, "JAAR"),
            self._column(table, "BEGIN"),
            self._column(table, "EINDE"),
        )
        rows: pl.Expr | None = None
        if year:
            rows = whole_year(pl.col(year))
        elif begin and end:
            rows = pl.concat_str(whole_year(pl.col(begin)), whole_year(pl.col(end)), separator="-")
        reading = tidy(
            table,
            code=pl.col(str(code)),
            columns=found,
            geo_year=max(CODES, int(period)),
            period=rows,
            blank="missing",
        )
        reading.warnings += unknown_columns(self.id, table.columns, [*found, str(code)])
        return reading


FAMILIES = (Service3(), Official3(), Version2())
