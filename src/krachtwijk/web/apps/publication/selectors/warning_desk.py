# SPDX-License-Identifier: EUPL-1.2
"""Early warnings of single areas, for who may see them: the row of the result table beside what people did about it.

Not public. Whoever calls this looked first who asks (`permissions.for_warnings`).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from krachtwijk.warehouse import ResultInfo
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.publication.models import Waarschuwing
from krachtwijk.web.apps.publication.selectors.areas import Area, Row, area, known_areas
from krachtwijk.web.apps.publication.store import Table, store

#: The table of one level; what else is called `waarschuwing-…` is about how well it works, and public.
NAME = re.compile(r"waarschuwing-([a-z0-9]+)")
#: Figures of a warning that are kept beside what somebody did, with their decimals.
FIGURES = {"probability": 3, "expected": 3, "low": 3, "high": 3, "score": 3, "chance_below": 3}


class Key(NamedTuple):
    """Which warning: level, area and the year as of which it was made."""

    level: str
    area: str
    period: str

    @property
    def subject(self) -> str:
        """What a warning is called in the register."""
        return f"waarschuwing {self.level} {self.area} {self.period}"


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning: its area, its figures (None where the newest table has none) and what people did (None: nothing)."""

    key: Key
    area: Area
    row: Row | None
    known: Waarschuwing | None

    @property
    def open(self) -> bool:
        """Whether nothing was decided yet."""
        return self.known is None or self.known.state == Waarschuwing.OPEN

    @property
    def version(self) -> int:
        """How often somebody acted."""
        return self.known.version if self.known else 0

    @property
    def figures(self) -> Mapping[str, float | None]:
        """The figures as the table has them now, else as they were when somebody last acted."""
        if self.row is not None:
            return self.row
        held = self.known.figures if self.known else {}
        return {name: None if text is None else float(text) for name, text in held.items()}

    @property
    def changed(self) -> Mapping[str, float | None]:
        """The figures that were last acted on, where a later run gives others; empty where they are the same."""
        if self.row is None or self.known is None or figures_of(self.row) == self.known.figures:
            return {}
        return {n: None if text is None else float(text) for n, text in self.known.figures.items()}

    def late(self, today: datetime.date) -> bool:
        """Whether the day by which the owner would decide is over."""
        return self.open and self.known is not None and self.known.due is not None and self.known.due < today


def figures_of(row: Row) -> dict[str, str | None]:
    """The figures of a warning as text: so they stand in the register, and so two runs are held against each other."""
    return {
        name: None if row.get(name) is None else f"{row[name]:.{decimals}f}"
        for name, decimals in FIGURES.items()
    }


def levels() -> list[str]:
    """The levels for which there are warnings, by name."""
    held = (NAME.fullmatch(name) for name in store().kept_for_desks())
    return [found[1] for found in held if found]


def info_of(level: str) -> ResultInfo | None:
    """The run that made the warnings of a level."""
    table = _table(level)
    return table.info if table else None


def periods(level: str) -> list[str]:
    """The years as of which there are warnings, the newest first."""
    table = _table(level)
    if table is None:
        return []
    return table.derived("periods", lambda frame: sorted(set(frame["period"].cast(pl.String)), reverse=True))


def followed(level: str) -> dict[Key, Waarschuwing]:
    """What people did about warnings of a level."""
    rows = Waarschuwing.objects.filter(level=level).select_related("owner")
    return {Key(level, row.area, row.period): row for row in rows}


def warned(
    level: str,
    period: str,
    known: Mapping[Key, Waarschuwing],
    municipalities: Iterable[str] | None,
    whole: bool,
) -> list[Warned]:
    """Warnings of a year in these municipalities (None: in all): those to look at first and those that somebody acted
    on, or with ``whole`` every area that has a score."""
    mine = {key.area for key in known if key.period == period}
    found: dict[str, Row] = {}
    if (table := _table(level)) is not None:
        rows = table.frame.lazy().filter(pl.col("period").cast(pl.String) == period)
        if municipalities is not None:
            rows = rows.filter(pl.col("area").is_in(sorted(_inside(level, municipalities))))
        if not whole:
            rows = rows.filter(pl.col("flagged") | pl.col("crossing") | pl.col("area").is_in(sorted(mine)))
        # the shortest horizon is told, and comes last
        found = {row["area"]: row for row in rows.sort("horizon", descending=True).collect().to_dicts()}
    keep = None if municipalities is None else set(municipalities)
    made = []
    for code in sorted(found.keys() | mine):
        place = area(code)
        if place is not None and (keep is None or place.gemeente in keep):
            key = Key(level, code, period)
            made.append(Warned(key, place, found.get(code), known.get(key)))
    return made


def one(key: Key) -> Warned | None:
    """One warning; None where there is neither a figure nor anything that somebody did."""
    return next(iter(several([key])), None)


def several(keys: Iterable[Key]) -> list[Warned]:
    """The warnings of these keys that there are, in the order given; a key may hold any text."""
    places = {
        key: place
        for key in keys
        if (place := area(key.area)) is not None and place.level == key.level and key.period.isdecimal()
    }
    named = {part: {getattr(key, part) for key in places} for part in Key._fields}
    rows = Waarschuwing.objects.filter(**{f"{part}__in": values for part, values in named.items()})
    held = {Key(row.level, row.area, row.period): row for row in rows.select_related("owner")}
    made = []
    for key, place in places.items():
        table = _table(key.level)
        of_area = [r for r in table.rows(key.area) if r["period"] == key.period] if table else []
        # the shortest horizon is told
        row = min(of_area, key=lambda r: r["horizon"], default=None)
        if row is not None or key in held:
            made.append(Warned(key, place, row, held.get(key)))
    return made


def waiting_for(user: User) -> int:
    """How many warnings somebody was asked to decide about."""
    return Waarschuwing.objects.filter(owner=user, state=Waarschuwing.OPEN).count()


def _table(level: str) -> Table | None:
    return store().for_desks(f"waarschuwing-{level}")


def _inside(level: str, municipalities: Iterable[str]) -> set[str]:
    """The codes of a level that lie in these municipalities, of whatever year."""
    held = known_areas().frame.filter(
        (pl.col("level") == level) & pl.col("gemeente").is_in(sorted(municipalities))
    )
    return set(held["code"])
