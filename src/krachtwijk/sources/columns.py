# SPDX-License-Identifier: EUPL-1.2
"""Which indicator a column holds: CBS gives the same topic another running number every year (data README, quirk 7)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from krachtwijk.catalogue import indicators_of
from krachtwijk.sources.tidy import Target

_NUMBER = re.compile(r"_\d+$")
_YEAR = re.compile(r"(?:19|20)\d\d")


def stem(name: str) -> str:
    """A column name without CBS's running number, in lower case."""
    return _NUMBER.sub("", name).lower()


def targets(source: str, header: Iterable[str], period: str) -> dict[str, Target]:
    """The columns of a header that the catalogue knows, for figures of ``period`` (a year).

    The exact name of that year goes first, then the stem where one column has it and one indicator claims it, then an
    exact name of another year.
    """
    names = {name.lower(): name for name in header}
    by_stem: dict[str, list[str]] = {}
    for name in names.values():
        by_stem.setdefault(stem(name), []).append(name)
    claims = [(i.id, c) for i in indicators_of(source) for c in i.columns if c.source == source]
    claimed = Counter(c.stem.lower() for _, c in claims)
    found: dict[str, Target] = {}
    for identifier, column in claims:
        exact = [column.names[int(period)]] if int(period) in column.names else []
        others = [name for year, name in sorted(column.names.items(), reverse=True) if str(year) != period]
        same = by_stem.get(column.stem.lower(), [])
        choices = [names.get(n.lower()) for n in exact]
        choices += same if len(same) == 1 and claimed[column.stem.lower()] == 1 else []
        choices += [names.get(n.lower()) for n in others]
        chosen = next((name for name in choices if name is not None and name not in found), None)
        if chosen is not None:
            found[chosen] = Target(identifier, period, column.factor)
    return found


def yearly_targets(source: str, header: Iterable[str]) -> dict[str, Target]:
    """The same where the year stands in the column name itself: ``INW2000``, ``I2011_014``. The period is that year."""
    exact: dict[str, tuple[str, float]] = {}
    stems: dict[str, tuple[str, float]] = {}
    for indicator in indicators_of(source):
        for column in indicator.columns:
            if column.source == source:
                stems[column.stem.lower()] = (indicator.id, column.factor)
                exact |= {name.lower(): (indicator.id, column.factor) for name in column.names.values()}
    found: dict[str, Target] = {}
    for name in header:
        year = _YEAR.search(name)
        if year is None:
            continue
        without = (name[: year.start()] + name[year.end() :]).lower()
        claim = exact.get(name.lower()) or stems.get(without) or stems.get(without.strip("_"))
        if claim is not None:
            found[name] = Target(claim[0], year.group(), claim[1])
    return found


def unknown_columns(
    header: Iterable[str], known: Iterable[str], text: Iterable[str]
) -> list[tuple[str, str]]:
    """One warning that names the value columns no indicator claims; ``text`` are stems of identifying columns."""
    passed = set(known) | set(text)
    left = [n for n in header if n not in passed and stem(n) not in passed and not n.startswith("__")]
    if not left:
        return []
    return [
        (
            "unknown_column",
            f"{len(left)} kolom(men) zonder indicator in de catalogus, niet gelezen: {', '.join(left)}",
        )
    ]
