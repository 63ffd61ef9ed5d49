# SPDX-License-Identifier: EUPL-1.2
"""From the header of a publication to the figures it holds: which indicator, with which factor, of which years."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from krachtwijk.catalogue.loading import indicators_of, non_figures
from krachtwijk.monitor.model import Column

_NUMBER = re.compile(r"_\d+$")


@dataclass(frozen=True, slots=True)
class Figure:
    """What a column holds. ``years`` are those in the column's own name: none, one, or begin and end of a change."""

    indicator: str
    factor: float
    years: tuple[int, ...]

    @property
    def period(self) -> str | None:
        """The period that the name states (``2012``, ``2012-2016``), None where it states none."""
        return "-".join(str(year) for year in self.years) or None


@cache
def _pattern(stem: str) -> re.Pattern[str]:
    """A stem as an expression: ``{jaar}`` stands for a year of four digits, ``{jj}`` for one of two."""
    text = re.escape(stem.lower()).replace(r"\{jaar\}", r"(\d{4})").replace(r"\{jj\}", r"(\d\d)")
    return re.compile(text)


def _year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (1900 if int(digits) >= 70 else 2000)


def _found(column: Column, header: Sequence[str], year: int | None) -> list[tuple[str, tuple[int, ...]]]:
    """The header names that are this column, with the years in them; the exact name of the year goes first.

    A full name goes before a name without its running number. A stem without a year in it that fits several names is
    ambiguous and finds nothing: nothing is guessed.
    """
    exact = column.names.get(year) if year is not None else None
    if exact is not None:
        return [(name, ()) for name in header if name.lower() == exact.lower()]
    pattern = _pattern(column.stem)
    for shorten in (False, True):
        hits = [
            (name, tuple(_year(digits) for digits in match.groups()))
            for name in header
            if (match := pattern.fullmatch((_NUMBER.sub("", name) if shorten else name).lower()))
        ]
        if hits:
            return hits if pattern.groups or len(hits) == 1 else []
    return []


def figures(source: str, header: Iterable[str], year: int | None = None) -> dict[str, Figure]:
    """What each column of a header holds, by column name; columns without a figure are absent.

    ``source`` is the publication family, ``year`` that of the publication, where known.
    """
    names = list(header)
    found = {}
    for indicator in indicators_of(source):
        for column in indicator.columns:
            if column.source == source:
                for name, years in _found(column, names, year):
                    found[name] = Figure(indicator.id, column.factor, years)
    return found


@cache
def _non_figure_patterns(source: str) -> tuple[re.Pattern[str], ...]:
    return tuple(
        _pattern(stem) for entry in non_figures() if entry.source == source for stem in entry.columns
    )


def is_non_figure(source: str, name: str) -> bool:
    """Whether the catalogue says that this column holds no figure (a code, a name, a class in words)."""
    forms = {name.lower(), _NUMBER.sub("", name).lower()}
    return any(p.fullmatch(form) for p in _non_figure_patterns(source) for form in forms)


def unmapped(source: str, header: Iterable[str], year: int | None = None) -> list[str]:
    """Columns that are neither a figure of the catalogue nor known to be none: new, renamed or ambiguous ones."""
    names = list(header)
    known = figures(source, names, year)
    return [name for name in names if name not in known and not is_non_figure(source, name)]
