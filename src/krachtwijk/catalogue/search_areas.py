# SPDX-License-Identifier: EUPL-1.2
"""How the ministry looked for displacement, as numbers: `data/studies/<programme>-ministerie.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from krachtwijk.catalogue.loading import DATA, _build, programme, read_toml, score_version
from krachtwijk.errors import KrachtwijkError
from krachtwijk.monitor.effects.search_areas import Lines

#: What a change is measured in: classes (2002-2016) or the score itself (2012-2016).
BASES = ("klasse", "score")


@dataclass(frozen=True, slots=True)
class SearchWindow:
    """Two years between which changes are taken; ``basis``: ``klasse`` or ``score``."""

    start: int
    end: int
    basis: str

    @property
    def id(self) -> str:
        """As the tables name it: 2008-2012."""
        return f"{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class PublishedCount:
    """How many of so many units the report counted, and on which page of the copy."""

    search: str
    indication: str
    window: str
    alarms: int
    units: int
    page: str


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """Which scores, regions, classes, lines and windows; ``receiving``: highest classes that may receive, ours first.

    ``draws``: how many placebo programmes of the study the counts are held against.
    """

    programme: str
    version: str
    level: str
    regions: int
    region_field: str
    inhabitants: int
    receiving: tuple[int, ...]
    lines: Lines
    windows: tuple[SearchWindow, ...]
    published: tuple[PublishedCount, ...]
    draws: int = 99


def load_search_plan(path: Path) -> SearchPlan:
    """A file as a plan. Raises KrachtwijkError, which names file and entry, on a mistake."""
    entry = dict(read_toml(path))
    entry["lines"] = _build(Lines, entry.pop("lines", {}), path)
    entry["windows"] = [_build(SearchWindow, e, path) for e in entry.pop("window", [])]
    entry["published"] = [_build(PublishedCount, e, path) for e in entry.pop("published", [])]
    made = _build(SearchPlan, entry, path)
    programme(made.programme)
    version = score_version(made.version)
    for window in made.windows:
        where = f"{path.name}, {window.id}"
        unknown = {window.start, window.end} - set(version.years)
        if unknown or window.start >= window.end:
            raise KrachtwijkError(
                f"Venster {window.id} past niet bij {version.name}",
                where=where,
                mend=f"Kies twee oplopende jaren uit: {', '.join(map(str, version.years))}",
            )
        if window.basis not in BASES:
            raise KrachtwijkError(
                f"Onbekende basis {window.basis}", where=where, mend=f"Kies uit: {', '.join(BASES)}"
            )
    classes = len(version.class_labels)
    if not made.receiving or any(not 1 <= number <= classes for number in made.receiving):
        raise KrachtwijkError(
            "De hoogste klasse die problemen kan ontvangen ontbreekt of bestaat niet",
            where=f"{path.name}, receiving",
            mend=f"Noem een of meer klassen van 1 tot en met {classes}",
        )
    return made


@cache
def search_plan(identifier: str) -> SearchPlan | None:
    """The plan of a programme, None where it has none."""
    path = DATA / "studies" / f"{identifier}-ministerie.toml"
    return load_search_plan(path) if path.exists() else None
