# SPDX-License-Identifier: EUPL-1.2
"""Health per wijk and buurt (RIVM, StatLine 50090NED, OData UntypedDataSet): percentages of adults, made by a model."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from krachtwijk.sources.columns import targets, unknown_columns
from krachtwijk.sources.periods import stated_years, whole_year
from krachtwijk.sources.tidy import Reading, tidy
from krachtwijk.warehouse.tables import Table

ADULTS = "20300"
VALUE = "MW00000"

#: One division in areas for all years of the table (data README); a later edition may move on.
CODES = 2020


@dataclass(frozen=True, slots=True)
class Health:
    """All adults (18 years and older), the estimate itself; other ages and the margins are left out."""

    id: str = "rivm-gezondheid"
    title: str = "Gezondheid per wijk en buurt (50090NED)"
    expects: str = "Leeftijd, Marges, WijkenEnBuurten, Perioden, percentages"

    def recognises(self, table: Table) -> bool:
        """The two dimensions that only this table has."""
        return {"Leeftijd", "Marges", "WijkenEnBuurten", "Perioden"} <= set(table.columns)

    def own_periods(self, table: Table) -> tuple[str, ...]:
        """The column `Perioden`."""
        return stated_years(table, "Perioden")

    def read(self, table: Table, period: str) -> Reading:
        """Percentages with status `estimated`."""
        found = targets(self.id, table.columns, period)
        age, margin = (pl.col(c).str.strip_chars() for c in ("Leeftijd", "Marges"))
        skip = pl.coalesce(
            pl.when(margin != VALUE).then(pl.lit("een marge, niet de schatting zelf")),
            pl.when(age != ADULTS).then(
                pl.lit("leeftijdsgroep die al in het totaal van 18 jaar en ouder zit, of een andere")
            ),
        )
        reading = tidy(
            table,
            code=pl.col("WijkenEnBuurten"),
            columns=found,
            geo_year=max(CODES, int(period)),
            period=whole_year(pl.col("Perioden")),
            skip=skip,
            good="estimated",
        )
        reading.warnings += unknown_columns(self.id, table.columns, found)
        parts = table.frame.select(
            pl.struct(age.alias("age"), margin.alias("margin")).unique().alias("part")
        ).unnest("part")
        if parts.height > 1:
            ages, margins = (", ".join(sorted(parts[c].unique().drop_nulls())) for c in ("age", "margin"))
            reading.warnings.append(
                (
                    "double_count",
                    f"Het bestand geeft hetzelfde meer dan één keer: leeftijd {ages}; marges {margins}. "
                    f"Alleen leeftijd {ADULTS} (18 jaar en ouder) met marge {VALUE} (de waarde) is gelezen",
                )
            )
        return reading


FAMILIES = (Health(),)
