# SPDX-License-Identifier: EUPL-1.2
"""Editions, the publications they belong to, and whole result tables."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from krachtwijk.catalogue import SourceFamily, indicators, source_families
from krachtwijk.monitor.model import Break
from krachtwijk.warehouse import Manifest, ResultInfo, Warehouse
from krachtwijk.web.apps.publication.selectors.areas import Row
from krachtwijk.web.apps.publication.store import store


def has_data() -> bool:
    """Whether any result table was made."""
    return bool(store().names())


def results() -> list[ResultInfo]:
    """The runs behind the current result tables."""
    return [t.info for name in store().names() if (t := store().table(name)) is not None]


def editions() -> list[Manifest]:
    """All editions in order of arrival."""
    return list(store().editions().values())


def edition(identifier: str) -> Manifest | None:
    """One edition, or None. Its warnings name no small number of people."""
    return store().derived("editions as told", _as_told).get(identifier)


def _as_told(warehouse: Warehouse) -> dict[str, Manifest]:
    return {
        made.edition: replace(
            made,
            warnings=tuple(
                {**warning, "text": without_content(str(warning.get("text", "")))}
                for warning in made.warnings
            ),
        )
        for made in warehouse.editions()
    }


@dataclass(frozen=True, slots=True)
class Source:
    """A publication: its editions (newest period first), its newest year, the next one, its breaks and its tables."""

    family: SourceFamily
    editions: tuple[Manifest, ...]
    newest: int
    breaks: tuple[Break, ...]
    tables: tuple[str, ...]

    @property
    def next(self) -> int | None:
        """The year of the next publication, None where none is to be expected."""
        return self.newest + self.family.every if self.family.every else None


def _last_year(edition: Manifest) -> int:
    return max(int(period[-4:]) for period in edition.periods)


def publications() -> list[Source]:
    """The publications of which editions were taken in, in the order of `sources.toml`; unknown ones last."""
    by_source: dict[str, list[Manifest]] = {}
    for made in editions():
        by_source.setdefault(made.source, []).append(made)
    known = source_families()
    order = {name: place for place, name in enumerate(known)}
    found = []
    for name in sorted(by_source, key=lambda n: (order.get(n, len(order)), n)):
        held = by_source[name]
        ids = {e.edition for e in held}
        subjects = {i for e in held for i in e.indicators}
        breaks = {
            b.text: b
            for i in indicators().values()
            if i.id in subjects and any(c.source == name for c in i.columns)
            for b in i.breaks
        }
        found.append(
            Source(
                family=known.get(name) or SourceFamily(name, held[0].title, "", "", 0, "", ""),
                editions=tuple(sorted(held, key=lambda e: (-_last_year(e), e.title))),
                newest=max(_last_year(e) for e in held),
                breaks=tuple(sorted(breaks.values(), key=lambda b: b.year)),
                tables=tuple(i.table for i in results() if ids & set(i.editions)),
            )
        )
    return found


def rejected(identifier: str) -> list[dict[str, Any]]:
    """The first lines of an edition's file that were not used: line, reason. Never what stood on the line."""
    lines = store().warehouse.rejected(identifier).head(200).to_dicts()
    return [{**line, "reason": without_content(line["reason"])} for line in lines]


_QUOTED = re.compile(r"'[^']*'")
_SMALL_TOTAL = re.compile(r" tellen op tot [^:]*?(meer dan het totaal van \w+): [1-9](?![\d.]).*$", re.DOTALL)


def without_content(reason: str) -> str:
    """A message about a file without the cell it quotes or the total below ten that it names: a cell may be small."""
    return _SMALL_TOTAL.sub(r" tellen op tot \1", _QUOTED.sub("'…'", reason))


def table_rows(name: str) -> list[Row]:
    """A whole result table; empty where it was never made."""
    table = store().table(name)
    return [] if table is None else table.frame.to_dicts()
