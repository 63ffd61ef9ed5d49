# SPDX-License-Identifier: EUPL-1.2
"""Registered crimes (police, StatLine 47018NED): the whole table by kind of crime, or one number per area."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from krachtwijk.errors import KrachtwijkError
from krachtwijk.sources.columns import stem, targets, unknown_columns
from krachtwijk.sources.periods import stated_years, whole_year
from krachtwijk.sources.tidy import Reading, tidy
from krachtwijk.warehouse.tables import Table

TOTAL = "0.0.0"

#: The table gives all years in the newest division in areas; every code of the packaged files is one of 2025.
CODES = 2025


@dataclass(frozen=True, slots=True)
class Crimes:
    """All crimes together (`0.0.0`). The kinds of crime are parts of that total and are never added to it."""

    id: str = "politie-misdrijven"
    title: str = "Geregistreerde misdrijven (47018NED)"
    expects: str = "WijkenEnBuurten, GeregistreerdeMisdrijven, en soms SoortMisdrijf en Perioden"

    def recognises(self, table: Table) -> bool:
        """A count of registered crimes per area."""
        return {"wijkenenbuurten", "geregistreerdemisdrijven"} <= {stem(c) for c in table.columns}

    def own_periods(self, table: Table) -> tuple[str, ...]:
        """The column `Perioden`, where present."""
        return stated_years(table, "Perioden")

    def read(self, table: Table, period: str) -> Reading:
        """The total per area and year; refused where a file has kinds of crime but not their total."""
        found = targets(self.id, table.columns, period)
        skip = None
        warnings = []
        if "SoortMisdrijf" in table.columns:
            kind = pl.col("SoortMisdrijf").fill_null("").str.strip_chars()
            kinds = sorted(table.frame.select(kind.unique()).to_series())
            if TOTAL not in kinds:
                raise KrachtwijkError(
                    "Dit bestand heeft wel soorten misdrijven, maar niet het totaal (0.0.0)",
                    where=f"{table.path}, kolom SoortMisdrijf",
                    mend="Haal de tabel op met SoortMisdrijf 0.0.0 erbij; soorten optellen geeft geen totaal",
                )
            parts = [k for k in kinds if k != TOTAL]
            skip = pl.when(kind != TOTAL).then(pl.lit("soort misdrijf, zit al in het totaal 0.0.0"))
            if parts:
                warnings.append(
                    (
                        "double_count",
                        f"Het totaal {TOTAL} staat naast {len(parts)} eigen onderdelen ({', '.join(parts[:5])}"
                        f"{' …' if len(parts) > 5 else ''}). Alleen het totaal is gelezen; wie alles optelt, "
                        "telt de meeste misdrijven dubbel",
                    )
                )
        reading = tidy(
            table,
            code=pl.col("WijkenEnBuurten"),
            columns=found,
            geo_year=max(CODES, int(period)),
            period=whole_year(pl.col("Perioden")) if "Perioden" in table.columns else None,
            skip=skip,
        )
        reading.warnings += warnings + unknown_columns(self.id, table.columns, found)
        return reading


FAMILIES = (Crimes(),)
