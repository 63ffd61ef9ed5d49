# SPDX-License-Identifier: EUPL-1.2
"""Which indicator a column holds, as the catalogue says; columns that nobody knows are told, never guessed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from krachtwijk.catalogue import indicators_of
from krachtwijk.catalogue.columns import figures, is_non_figure
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

    Where several indicators share a stem (flats: electricity and gas) only an exact name decides: that of the year,
    else that of the nearest year. Raises KrachtwijkError where two columns say the same thing.
    """
    names = list(header)
    exact, shared = _exact_names(source, int(period))
    found: dict[str, Target] = {}
    for name, figure in figures(source, names, int(period)).items():
        if stem(name) not in shared:
            found[name] = Target(figure.indicator, figure.period or period, figure.factor)
    for name in names:
        if name.lower() in exact:
            found[name] = Target(exact[name.lower()][0], period, exact[name.lower()][1])
    for target, count in Counter(found.values()).items():
        if count > 1:
            twins = [name for name in names if found.get(name) == target]
            raise KrachtwijkError(
                f"De kolommen {' en '.join(twins)} geven allebei {target.indicator} over {target.period}",
                where="kop van het bestand",
                mend="Laat een van beide kolommen weg",
            )
    return found


@cache
def _exact_names(source: str, year: int) -> tuple[dict[str, tuple[str, float]], frozenset[str]]:
    """Exact column names with indicator and factor, those of the nearest year first, and the stems they share."""
    claims = [(i.id, c) for i in indicators_of(source) for c in i.columns if c.source == source]
    dated = [
        (abs(named - year), name.lower(), identifier, column.factor)
        for identifier, column in claims
        for named, name in column.names.items()
    ]
    exact = {name: (identifier, factor) for _, name, identifier, factor in sorted(dated, reverse=True)}
    stems = Counter(column.stem.lower() for _, column in claims)
    return exact, frozenset(name for name, count in stems.items() if count > 1)


def named_years(source: str, header: Iterable[str]) -> tuple[str, ...]:
    """The years that stand in the names of columns with figures; of a change, the year it ends."""
    return tuple(sorted({str(f.years[-1]) for f in figures(source, header).values() if f.years}))


def unknown_columns(source: str, header: Iterable[str], known: Iterable[str]) -> list[tuple[str, str]]:
    """One warning naming the columns that are neither ``known`` nor, by the catalogue, without a figure."""
    passed = set(known)
    left = [
        name
        for name in header
        if name not in passed and not _UNNAMED.fullmatch(name) and not is_non_figure(source, name)
    ]
    if not left:
        return []
    text = f"{len(left)} kolom(men) zonder indicator in de catalogus, niet gelezen: {', '.join(left)}"
    return [("unknown_column", text)]
