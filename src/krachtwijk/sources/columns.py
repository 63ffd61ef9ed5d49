# SPDX-License-Identifier: EUPL-1.2
"""Which indicator a column holds, as the catalogue says; columns that nobody knows are told, never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable

from krachtwijk.catalogue.columns import figures, unmapped
from krachtwijk.errors import KrachtwijkError
from krachtwijk.sources.tidy import Target

_NUMBER = re.compile(r"_\d+$")

#: First columns without a name of their own: row numbers of R and pandas, and empty headers.
_UNNAMED = re.compile(r"\d+|Unnamed: \d+|__\d+")


def stem(name: str) -> str:
    """A column name without CBS's running number, in lower case."""
    return _NUMBER.sub("", name).lower()


def targets(source: str, header: Iterable[str], period: str) -> dict[str, Target]:
    """The columns the catalogue knows, for figures of ``period`` (a year) unless the column name states its own.

    Raises KrachtwijkError where two columns say the same thing: which one is right cannot be known.
    """
    found: dict[str, Target] = {}
    for name, figure in figures(source, header, int(period)).items():
        target = Target(figure.indicator, figure.period or period, figure.factor)
        twin = next((n for n, t in found.items() if t == target), None)
        if twin is not None:
            raise KrachtwijkError(
                f"De kolommen {twin} en {name} geven allebei {figure.indicator} over {target.period}",
                where="kop van het bestand",
                mend="Laat een van beide kolommen weg",
            )
        found[name] = target
    return found


def named_years(source: str, header: Iterable[str]) -> tuple[str, ...]:
    """The years that stand in the names of columns with figures; of a change, the year it ends."""
    return tuple(sorted({str(f.years[-1]) for f in figures(source, header).values() if f.years}))


def unknown_columns(
    source: str, header: Iterable[str], period: str, used: Iterable[str]
) -> list[tuple[str, str]]:
    """One warning naming the columns that are neither a figure, nor known to be none, nor ``used`` for code or year."""
    left = [
        name
        for name in unmapped(source, header, int(period))
        if name not in set(used) and not _UNNAMED.fullmatch(name)
    ]
    if not left:
        return []
    text = f"{len(left)} kolom(men) zonder indicator in de catalogus, niet gelezen: {', '.join(left)}"
    return [("unknown_column", text)]
