# SPDX-License-Identifier: EUPL-1.2
"""Lists of areas: which codes exist in a year. They hold no figures; the check on codes reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import polars as pl

from krachtwijk.errors import KrachtwijkError
from krachtwijk.sources.tidy import Reading, Target, tidy
from krachtwijk.warehouse.tables import Table

_COLUMN = re.compile(r"(Buurt|Wijk|Gemeente)(20\d\d)")
_PREFIX = {"Buurt": ("BU", 8), "Wijk": ("WK", 6), "Gemeente": ("GM", 4)}


def _coded(table: Table) -> tuple[str, re.Match[str]] | None:
    return next(((c, m) for c in table.columns if (m := _COLUMN.fullmatch(c))), None)


@dataclass(frozen=True, slots=True)
class Names:
    """Codes with names: `Identifier, Title` (StatLine) or `Buurt2025, buurtnaam2025` without prefix.

    An edition says of each code that it exists in that year (indicator `gebied`, value 1).
    """

    id: str = "gebiedsnamen"
    title: str = "Lijst van gebieden"
    expects: str = "Identifier, Title; of Buurt2025, buurtnaam2025 (ook Wijk, Gemeente)"

    def recognises(self, table: Table) -> bool:
        """Two columns: a code and a name."""
        return len(table.columns) == 2 and (
            {"Identifier", "Title"} == set(table.columns) or _coded(table) is not None
        )

    def own_periods(self, table: Table) -> tuple[str, ...]:
        """The year in the name of the code column, where it stands there."""
        coded = _coded(table)
        return (coded[1][2],) if coded else ()

    def read(self, table: Table, period: str) -> Reading:
        """One observation per code; codes without prefix get theirs back."""
        coded = _coded(table)
        if coded:
            prefix, width = _PREFIX[coded[1][1]]
            code = pl.lit(prefix) + pl.col(coded[0]).str.strip_chars().str.zfill(width)
        else:
            code = pl.col("Identifier")
        listed = replace(table, frame=table.frame.with_columns(pl.lit("1").alias("bestaat")))
        return tidy(listed, code=code, columns={"bestaat": Target("gebied", period)}, geo_year=int(period))


@dataclass(frozen=True, slots=True)
class PostcodeGemeente:
    """Addresses per postcode and gemeente: a crosswalk, which is geography and not a publication of figures."""

    id: str = "pc4-gemeente"
    title: str = "Postcodes per gemeente"
    expects: str = ""

    def recognises(self, table: Table) -> bool:
        """A gemeente, a postcode and a count of addresses."""
        return "PC4" in table.columns and "aantal_pc6huisnr" in table.columns

    def own_periods(self, table: Table) -> tuple[str, ...]:
        """Refuses: there is nothing to date."""
        raise KrachtwijkError(
            "Dit bestand koppelt postcodes aan gemeenten en bevat geen cijfers over gebieden",
            where=str(table.path),
            mend="U hoeft niets te doen: de koppeling zit al in de geografie van het pakket",
        )

    def read(self, table: Table, period: str) -> Reading:
        """Never reached: `own_periods` refuses."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Compiled:
    """A table that others put together from several publications, with gaps filled in: refused."""

    id: str = "samengesteld"
    title: str = "Samengestelde tabel"
    expects: str = ""

    def recognises(self, table: Table) -> bool:
        """Own column names that mix the Leefbaarometer, SES-WOA and noise."""
        return {"leefbarometer_score", "social_economische_score_gemiddeld"} <= set(table.columns)

    def own_periods(self, table: Table) -> tuple[str, ...]:
        """Refuses: it cannot be walked back to a publication."""
        raise KrachtwijkError(
            "Dit bestand is door anderen samengesteld en ontbrekende waarden zijn ingevuld",
            where=str(table.path),
            mend="Geef de publicaties zelf: Kerncijfers wijken en buurten, Leefbaarometer, SES-WOA, Nabijheid",
        )

    def read(self, table: Table, period: str) -> Reading:
        """Never reached: `own_periods` refuses."""
        raise NotImplementedError


FAMILIES = (Names(), PostcodeGemeente(), Compiled())
