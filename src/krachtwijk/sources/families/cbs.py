# SPDX-License-Identifier: EUPL-1.2
"""Tables of CBS with one row per area and one column per topic: they differ in names, not in shape."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from krachtwijk.sources.columns import named_years, stem, targets, unknown_columns
from krachtwijk.sources.periods import stated_years, whole_year
from krachtwijk.sources.tidy import Reading, tidy
from krachtwijk.warehouse.tables import Table


@dataclass(frozen=True, slots=True)
class AreaTable:
    """A table by area. ``codes`` are the code columns, the finest first: a row is of the first one it fills.

    All names are stems in lower case. One of the sets in ``needs`` must stand in the header; ``periods`` are columns
    with the year; ``water`` names the column that marks water and areas abroad.
    """

    id: str
    title: str
    expects: str
    codes: tuple[str, ...]
    needs: tuple[frozenset[str], ...]
    periods: tuple[str, ...] = ()
    water: str | None = None
    blank: str = "missing"

    def _columns(self, table: Table, stems: tuple[str, ...]) -> list[str]:
        """Columns of the header with these stems, in the order of ``stems``."""
        by_stem = {stem(c): c for c in reversed(table.columns)}
        return [by_stem[s] for s in stems if s in by_stem]

    def recognises(self, table: Table) -> bool:
        """One of the code columns and one of the sets of needed columns."""
        present = {stem(c) for c in table.columns}
        return bool(present & set(self.codes)) and any(needed <= present for needed in self.needs)

    def own_periods(self, table: Table) -> tuple[str, ...]:
        """The column with the year, where present, else the years in the names of the columns (squares)."""
        stated = stated_years(table, *self._columns(table, self.periods))
        return stated or named_years(self.id, table.columns)

    def read(self, table: Table, period: str) -> Reading:
        """Every column that the catalogue knows; water and areas abroad are left out by name."""
        found = targets(self.id, table.columns, period)
        coded = self._columns(table, self.codes)
        stripped = (pl.col(c).str.strip_chars() for c in coded)
        dated = [c for c in self._columns(table, self.periods) if stated_years(table, c)]
        reading = tidy(
            table,
            code=pl.coalesce(pl.when(c != "").then(c) for c in stripped),
            columns=found,
            geo_year=int(period),
            period=whole_year(pl.col(dated[0])) if dated else None,
            skip=self._skip(table),
            blank=self.blank,
        )
        reading.warnings += unknown_columns(self.id, table.columns, [*found, *coded, *dated])
        return reading

    def _skip(self, table: Table) -> pl.Expr | None:
        marked = self._columns(table, (self.water,)) if self.water else []
        if not marked:
            return None
        mark = pl.col(marked[0]).str.strip_chars().str.to_uppercase()
        return (
            pl.when(mark == "JA")
            .then(pl.lit("waterdeel van een gebied"))
            .when(mark == "B")
            .then(pl.lit("buitenland"))
        )


class EnglishTable(AreaTable):
    """The same, of a file that someone reworked: `416.0` beside `39,7` never comes from CBS itself."""

    __slots__ = ()
    FILLED = ("Higher_", "Avg_Income", "Avg_Std", "Pct_Lowest", "Pct_Highest", "Pct_Low_", "Pct_Below")

    def read(self, table: Table, period: str) -> Reading:
        """Incomes of a reworked file have status `estimated`: gaps were filled by a third party (data README)."""
        reading = AreaTable.read(self, table, period)
        found = targets(self.id, table.columns, period)
        filled = {t.indicator for c, t in found.items() if c.startswith(self.FILLED)}
        cells = table.frame.select(list(found))
        points = any(cells[c].str.contains(r"^\s*\d+\.0\s*$").any() for c in cells.columns)
        commas = any(cells[c].str.contains(r"^\s*\d+,\d+\s*$").any() for c in cells.columns)
        if points and commas and filled:
            reading.observations = reading.observations.with_columns(
                pl.when(pl.col("indicator").is_in(filled) & (pl.col("status") == "ok"))
                .then(pl.lit("estimated", reading.observations.schema["status"]))
                .otherwise("status")
                .alias("status")
            )
            reading.warnings.append(
                (
                    "filled_in",
                    "Dit bestand is bewerkt (punt en komma als decimaalteken door elkaar) en inkomens zijn door de "
                    "bewerker deels ingevuld: opgenomen als schatting, niet geschikt om gaten te beoordelen",
                )
            )
        return reading


FAMILIES = (
    AreaTable(
        id="cbs-ses-woa",
        title="SES-WOA per wijk en buurt (85163NED)",
        expects="Perioden, Regiocode (gemeente, wijk, buurt) (code), SES-WOA/Totaalscore/Gemiddelde score (Getal)",
        codes=("regiocode (gemeente, wijk, buurt) (code)",),
        needs=(frozenset({"ses-woa/totaalscore/gemiddelde score (getal)"}),),
        periods=("perioden",),
        blank="not_applicable",
    ),
    AreaTable(
        id="cbs-nabijheid",
        title="Nabijheid voorzieningen per wijk en buurt",
        expects="DistrictsAndNeighbourhoods, supermarkets_within_1km, distance_to_primary_school …",
        codes=("districtsandneighbourhoods", "encoding"),
        needs=(frozenset({"supermarkets_within_1km"}), frozenset({"distance_to_primary_school"})),
        blank="not_applicable",
    ),
    EnglishTable(
        id="cbs-kwb-en",
        title="Kerncijfers wijken en buurten, Engelse kolomnamen (Amsterdam)",
        expects="District_Type, Municipality_Name, Area_Code en cijfers",
        codes=("area_code",),
        needs=(frozenset({"district_type", "municipality_name"}),),
    ),
    AreaTable(
        id="cbs-kwb-tmap",
        title="Kerncijfers per wijk of gemeente 2022, Engelse kolomnamen",
        expects="code, name, province, population, dwelling_total …",
        codes=("code",),
        needs=(frozenset({"population", "dwelling_total"}),),
    ),
    AreaTable(
        id="cbs-pc4",
        title="Kerncijfers per postcode (4 cijfers)",
        expects="pc4 of postcode4, aantal_inwoners …",
        codes=("pc4", "postcode4", "postcode"),
        needs=(frozenset({"aantal_inwoners"}),),
        periods=("jaar",),
    ),
    AreaTable(
        id="cbs-vierkant",
        title="Vierkanten van 100 bij 100 meter",
        expects="C28992R100 en kolommen met een jaar: INW2000 …",
        codes=("c28992r100",),
        needs=(frozenset(),),
    ),
    AreaTable(
        id="cbs-wbk",
        title="Wijk- en buurtkaart (kenmerken)",
        expects="BU_CODE, WK_CODE of GM_CODE met AANT_INW; of buurtcode, wijkcode of gemeentecode met aantal_inwoners",
        codes=("bu_code", "buurtcode", "wk_code", "wijkcode", "gm_code", "gemeentecode"),
        needs=(frozenset({"aant_inw"}), frozenset({"aantal_inwoners"})),
        periods=("jaar",),
        water="water",
    ),
    AreaTable(
        id="cbs-kwb",
        title="Kerncijfers wijken en buurten",
        expects="WijkenEnBuurten, AantalInwoners …",
        codes=("wijkenenbuurten", "codering"),
        needs=(frozenset({"aantalinwoners"}), frozenset({"wijkenenbuurten", "codering"})),
        periods=("perioden",),
        blank="not_applicable",
    ),
)
