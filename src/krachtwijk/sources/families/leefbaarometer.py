# SPDX-License-Identifier: EUPL-1.2
"""The Leefbaarometer's files: 2.0 (scores, classes, published changes) and 3.0 (map service and official CSV)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from krachtwijk.catalogue import indicators_of
from krachtwijk.sources.columns import targets, unknown_columns
from krachtwijk.sources.periods import stated_years, whole_year
from krachtwijk.sources.tidy import Reading, Target, tidy
from krachtwijk.warehouse.tables import Table

DIMENSIONS_3 = ("won", "fys", "vrz", "soc", "onv")

#: The 2.0 files of 2012-2016 were all published in the area codes of 2016 (data README: 100 % match).
CODES_2 = 2016


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
        text = ("id", "name", "gemeente", "year", "provincie", "provincie_code")
        reading.warnings += unknown_columns(table.columns, found, text)
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
        numbers = {c for c in table.columns[:1] if c.isdigit() or c.lower().startswith("unnamed")}
        text = {code, "jaar", "bu_naam", "wk_naam", "gm_naam", *numbers}
        reading.warnings += unknown_columns(table.columns, found, text)
        return reading


_WIDE = re.compile(r"(RLB[A-Z]{3,4}|KL)(\d\d)")
_CHANGE = re.compile(r"(VKL)(\d\d)(\d\d)")


@dataclass(frozen=True, slots=True)
class Version2:
    """Leefbaarometer 2.0: scores per row and year or per column and year, classes, and published changes."""

    id: str = "lbm2"
    title: str = "Leefbaarometer 2.0"
    expects: str = "GBD, CODE of WK_CODE met RLB… en JAAR, DLB… met BEGIN en EINDE, RLB…jj, KLjj of VKLjjjj"

    def _code(self, table: Table) -> str | None:
        wanted = ("GBD", "CODE", "BU_CODE", "WK_CODE", "GM_CODE", "PC4")
        upper = {c.upper(): c for c in table.columns}
        return next((upper[c] for c in wanted if c in upper), None)

    def _targets(self, table: Table) -> dict[str, Target]:
        """Columns of any year: `RLBRMTR16` is 2016, `VKL0216` runs from 2002 to 2016."""
        known = {c.stem.upper(): i.id for i in indicators_of("lbm2") for c in i.columns if c.source == "lbm2"}
        found = {}
        for name in table.columns:
            upper = name.upper()
            if match := _CHANGE.fullmatch(upper):
                stem, period = match[1], f"20{match[2]}-20{match[3]}"
            elif match := _WIDE.fullmatch(upper):
                stem, period = match[1], f"20{match[2]}"
            else:
                stem, period = upper, ""
            if stem in known:
                found[name] = Target(known[stem], period)
        return found

    def _column(self, table: Table, wanted: str) -> str | None:
        return next((c for c in table.columns if c.upper() == wanted), None)

    def recognises(self, table: Table) -> bool:
        """An area column and at least one column of scores, classes or changes with its period."""
        found = self._targets(table)
        dated = any(t.period for t in found.values())
        long = self._column(table, "JAAR") or (self._column(table, "BEGIN") and self._column(table, "EINDE"))
        return self._code(table) is not None and bool(found) and (dated or bool(long))

    def own_periods(self, table: Table) -> tuple[str, ...]:
        """Years of the rows, or of the column names."""
        years = stated_years(
            table, *(c for c in (self._column(table, "JAAR"), self._column(table, "EINDE")) if c)
        )
        named = {t.period[-4:] for t in self._targets(table).values() if t.period}
        return years or tuple(sorted(named))

    def read(self, table: Table, period: str) -> Reading:
        """Scores, classes and published changes; a change has two years as its period."""
        found = self._targets(table)
        begin, end, year = (self._column(table, c) for c in ("BEGIN", "EINDE", "JAAR"))
        rows: pl.Expr | None = None
        if year:
            rows = whole_year(pl.col(year))
        elif begin and end:
            rows = pl.concat_str(whole_year(pl.col(begin)), whole_year(pl.col(end)), separator="-")
        reading = tidy(
            table,
            code=pl.col(str(self._code(table))),
            columns=found,
            geo_year=max(CODES_2, int(period)),
            period=rows,
            blank="missing",
        )
        text = {c for c in (self._code(table), begin, end, year) if c} | {"wk_naam", "gm_naam", "naam"}
        reading.warnings += unknown_columns(table.columns, found, text)
        return reading


FAMILIES = (Service3(), Official3(), Version2())
