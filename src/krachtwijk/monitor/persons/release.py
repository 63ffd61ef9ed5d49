# SPDX-License-Identifier: EUPL-1.2
"""What of these tables may leave the secure room: every cell that a reader could see or work out, and their sums.

A cell is a set of people: those who stayed in an area, those of them who rose, those who moved between two areas of one
city. All tables of one pair of years are about the same cells, whichever is asked for, and areas on several levels are
tied by their sums; so the tables are protected together, and two tables that are made apart agree. Cells of earlier
releases stay as they were: shown is shown, hidden stays hidden.

Hidden first: a cell from 1 up to the limit; one in which everybody has the same outcome; and, where the outcome is an
amount, one in which a few people make up most of the sum (the p % rule and the (2, k) rule, Hundepool and others,
Statistical Disclosure Control, Wiley 2012). Then as many others as `monitor.disclosure.shield` needs. What is hidden
takes every figure of that cell with it: number, mean, part of the change, error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from krachtwijk.monitor.disclosure import SHOWN, States, Sums, shield
from krachtwijk.monitor.model import LIMIT
from krachtwijk.monitor.persons.flows import (
    CAME,
    CAME_LAST,
    FALLEN,
    GONE,
    LEFT,
    LEFT_FIRST,
    NEW,
    RISEN,
    SAME,
    STAY,
    STAY_FIRST,
    STAY_LAST,
    Flows,
    Ints,
    Tally,
    tally,
    two_largest,
)

#: The cells of an area that tables show, by the kinds of residents in each.
PARTS: dict[str, tuple[int, ...]] = {
    "stayers": (STAY,),
    "measured_out": (STAY_FIRST,),
    "moved_out": (LEFT, LEFT_FIRST),
    "gone": (GONE,),
    "outflow": (STAY_FIRST, LEFT, LEFT_FIRST, GONE),
    "measured_in": (STAY_LAST,),
    "moved_in": (CAME, CAME_LAST),
    "entered": (NEW,),
    "inflow": (STAY_LAST, CAME, CAME_LAST, NEW),
    "leavers": (LEFT,),
    "leavers_lost": (LEFT_FIRST,),
    "comers": (CAME,),
    "comers_new": (CAME_LAST,),
    "followed": (STAY, LEFT),
    "lost": (GONE, STAY_FIRST, LEFT_FIRST),
}
#: Those whose rise or fall is counted.
TWICE = {"stayers": STAY, "leavers": LEFT, "comers": CAME}
DIRECTIONS = {"fallen": FALLEN, "same": SAME, "risen": RISEN}
#: Sums within an area: total, parts. The first of a year is told by `people`.
WITHIN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("outflow", ("measured_out", "moved_out", "gone")),
    ("moved_out", ("leavers", "leavers_lost")),
    ("inflow", ("measured_in", "moved_in", "entered")),
    ("moved_in", ("comers", "comers_new")),
    ("followed", ("stayers", "leavers")),
    ("lost", ("gone", "measured_out", "leavers_lost")),
)
#: The sides (first year, last year) in which a part has an outcome.
_FIRST = {
    "first",
    "stayers",
    "measured_out",
    "moved_out",
    "gone",
    "outflow",
    "leavers",
    "leavers_lost",
    "followed",
    "lost",
}
_LAST = {
    "last",
    "stayers",
    "measured_in",
    "moved_in",
    "entered",
    "inflow",
    "leavers",
    "comers",
    "comers_new",
    "followed",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """Least people in a cell (``limit``); and for amounts ``p`` (%: how near the second largest may come to knowing the
    largest) and ``k`` (%: what the two largest may make up together; 0: any).
    """

    limit: float = LIMIT
    amounts: bool = False
    p: float = 10.0
    k: float = 85.0


@dataclass(slots=True)
class Release:
    """Cells by name with their ``people``, which are ``unsafe`` by themselves, the ``sums`` over them, and what earlier
    releases did: ``before`` (name → was it shown). Of amounts, the ``totals`` of a cell in both years (NaN where it has
    none) and the ``margin`` within which each may not be known. ``state`` is filled by `settle`.
    """

    rules: Rules = field(default_factory=Rules)
    people: dict[str, int] = field(default_factory=dict)
    unsafe: set[str] = field(default_factory=set)
    sums: dict[tuple[tuple[str, int], ...], None] = field(default_factory=dict)
    before: dict[str, bool] = field(default_factory=dict)
    totals: dict[str, tuple[float, float]] = field(default_factory=dict)
    margin: dict[str, tuple[float, float]] = field(default_factory=dict)
    state: dict[str, int] = field(default_factory=dict)

    def cell(self, name: str, people: int, *, unsafe: bool = False) -> None:
        """Add a cell; the same name is the same people. Raises ValueError where it has another number."""
        if self.people.setdefault(name, int(people)) != int(people):
            raise ValueError(f"{name}: {self.people[name]} and {people} people")
        if unsafe:
            self.unsafe.add(name)

    def sum(self, total: Iterable[str], parts: Iterable[str]) -> None:
        """Cells that together make as many people as others, all by name; those without people are left out."""
        row = [(name, -1) for name in total if self.people[name]]
        row += [(name, 1) for name in parts if self.people[name]]
        if row:
            self.sums[tuple(row)] = None

    def shown(self, name: str) -> bool:
        """Whether a cell may be seen. Nobody is told of by a cell without people."""
        return self.state[name] == SHOWN

    def settle(self) -> list[str]:
        """Decide about every cell; gives the names of those that earlier releases now give away: with any, this
        release must not be made.
        """
        names = list(self.people)
        place = {name: number for number, name in enumerate(names)}
        values = np.array([self.people[name] for name in names], dtype=np.float64)
        sums = Sums.of([[(place[name], sign) for name, sign in row] for row in self.sums])
        fixed = np.array([self.before.get(name) is True for name in names], dtype=np.bool_)
        hidden = np.array([self.before.get(name) is False for name in names], dtype=np.bool_) & (values > 0)
        few = (values > 0) & (values < self.rules.limit)
        telling = np.array([name in self.unsafe for name in names], dtype=np.bool_) & ~few & (values > 0)
        low = np.where(few, 0.0, np.where(telling, np.maximum(values - self.rules.limit, 0.0), np.nan))
        high = np.where(few, self.rules.limit, np.where(telling, values + self.rules.limit, np.nan))
        while True:
            states, failed = shield(values, sums, low, high, hidden=hidden, fixed=fixed)
            more = self._amounts(names, states, fixed, failed)
            if not (more & (states == SHOWN)).any():
                break
            hidden |= more
        self.state = dict(zip(names, states.tolist(), strict=True))
        return [names[number] for number in failed]

    def _amounts(
        self, names: Sequence[str], states: States, fixed: npt.NDArray[np.bool_], failed: list[int]
    ) -> npt.NDArray[np.bool_]:
        """Cells that must be hidden as well, so that no total of a dominated cell can be told within its margin."""
        found: npt.NDArray[np.bool_] = np.zeros(len(names), np.bool_)
        for side in (0, 1):
            if not any(margin[side] > 0 for margin in self.margin.values()):
                continue
            inside = [
                n for n in range(len(names)) if np.isfinite(self.totals.get(names[n], (np.nan,) * 2)[side])
            ]
            place = {names[n]: number for number, n in enumerate(inside)}
            values = np.array([self.totals[names[n]][side] for n in inside])
            rows = [
                [(place[cell], sign) for cell, sign in row]
                for row in self.sums
                if all(cell in place for cell, _ in row)
            ]
            margin = np.array([self.margin.get(names[n], (0.0, 0.0))[side] for n in inside])
            # in thousandths of the whole: amounts of any size are then as exact
            unit = values.max() / 1000.0
            made, not_had = shield(
                values / unit,
                Sums.of(rows),
                np.where(margin > 0, np.maximum(values - margin, 0.0) / unit, np.nan),
                np.where(margin > 0, (values + margin) / unit, np.nan),
                hidden=states[inside] > 0,
                fixed=fixed[inside],
            )
            found[np.array(inside, dtype=np.int64)] |= made > 0
            failed += [inside[n] for n in not_had]
        return found


def name(level: str, area: str, part: str, first: int, last: int, *more: str) -> str:
    """The name of a cell of an area between two years."""
    return "|".join((level, area, part, f"{first}-{last}", *more))


def everybody(level: str, area: str, year: int) -> str:
    """The name of the cell of all residents with a known outcome in a year."""
    return "|".join((level, area, "people", str(year)))


@dataclass(frozen=True, slots=True)
class Level:
    """Flows between the areas of one level, every area of the table in exactly one; ``parent`` (areas,) is the index of
    each in the next level, of which the last has none. ``moves``: its table of moves between areas is published too.
    """

    name: str
    flows: Flows
    parent: npt.ArrayLike | None = None
    moves: bool = False


def add_years(
    release: Release,
    levels: Sequence[Level],
    first: int,
    last: int,
    *,
    directions: bool = False,
    classes: bool = False,
) -> None:
    """Add every cell and sum of the tables of one pair of years; levels from small areas to large. With ``directions``
    who rose and fell too, with ``classes`` also from which class to which.
    """
    tallies = [tally(level.flows) for level in levels]
    for level, held in zip(levels, tallies, strict=True):
        for index in range(len(held.areas)):
            _add_area(release, level.name, held, index, (first, last), directions, classes)
        if level.moves:
            _add_moves(release, level, held, first, last)
    for level, above, held, over in zip(levels, levels[1:], tallies, tallies[1:], strict=False):
        assert level.parent is not None, "a level with another above it tells where its areas lie"
        _add_levels(release, (level, held), (above, over), (first, last), directions, classes)


def _add_area(
    release: Release,
    level: str,
    held: Tally,
    at: int,
    years: tuple[int, int],
    directions: bool,
    classes: bool,
) -> None:
    area, (first, last) = held.areas[at], years

    def called(part: str, *more: str) -> str:
        return name(level, area, part, first, last, *more)

    for part, kinds in PARTS.items():
        release.cell(called(part), held.people[at, kinds].sum(), unsafe=_alike(held, at, part, kinds))
        if release.rules.amounts:
            _weigh(release, called(part), held, at, part, kinds)
    starters = (STAY, *PARTS["outflow"])
    enders = (STAY, *PARTS["inflow"])
    for year, kinds, part in ((first, starters, "first"), (last, enders, "last")):
        release.cell(everybody(level, area, year), held.people[at, kinds].sum())
        if release.rules.amounts:
            _weigh(release, everybody(level, area, year), held, at, part, kinds)
    release.sum([everybody(level, area, first)], [called("stayers"), called("outflow")])
    release.sum([everybody(level, area, last)], [called("stayers"), called("inflow")])
    release.sum([everybody(level, area, first)], [called("followed"), called("lost")])
    for total, parts in WITHIN:
        release.sum([called(total)], [called(part) for part in parts])
    if not directions:
        return
    way = held.change.direction()
    for group, kind in TWICE.items():
        for direction, which in DIRECTIONS.items():
            tags = np.flatnonzero(way == which)
            release.cell(called(group, direction), held.tagged[at, kind, tags].sum())
            if classes:
                for tag in tags.tolist():
                    release.cell(called(group, direction, str(tag)), held.tagged[at, kind, tag])
                release.sum(
                    [called(group, direction)], [called(group, direction, str(t)) for t in tags.tolist()]
                )
        release.sum([called(group)], [called(group, d) for d in DIRECTIONS])
    for direction, which in DIRECTIONS.items():
        both = held.tagged[at][[STAY, LEFT]][:, way == which].sum()
        release.cell(called("followed", direction), both)
        release.sum([called("followed", direction)], [called(g, direction) for g in ("stayers", "leavers")])


def _alike(held: Tally, at: int, part: str, kinds: tuple[int, ...]) -> bool:
    """Whether all people of a cell have one and the same outcome: its mean is then the figure of each of them."""
    n = held.people[at, kinds].sum()
    if n < 2:
        return False
    sums = held.sums[at, kinds].sum(axis=0)
    found = []
    for side, which in ((_FIRST, 0), (_LAST, 1)):
        if part in side:
            spread = sums[2 + which] - sums[which] ** 2 / n
            found.append(spread <= 1e-10 * max(sums[2 + which], 1e-300))
    return any(found)


def _weigh(release: Release, cell: str, held: Tally, at: int, part: str, kinds: tuple[int, ...]) -> None:
    """The totals of a cell, and whether a few people make up too much of one."""
    n, sums = held.people[at, kinds].sum(), held.sums[at, kinds].sum(axis=0)
    most = two_largest(np.zeros(len(kinds), np.int64), held.largest[at, kinds], 1)[0]
    totals, margins = [np.nan, np.nan], [0.0, 0.0]
    for side, which in ((_FIRST, 0), (_LAST, 1)):
        if part not in side or not n:
            continue
        totals[which] = float(sums[which] + held.centre * n)
        first, second = most[2 * which : 2 * which + 2].tolist()
        others = totals[which] - first - second
        wanted = release.rules.p / 100.0 * first - others
        if wanted > 0 or (release.rules.k and first + second > release.rules.k / 100.0 * totals[which]):
            margins[which] = max(wanted, release.rules.p / 100.0 * first)
            release.unsafe.add(cell)
    # the total of the first year of everybody is that of the last year too, in another pair of years
    held_before = release.totals.get(cell, (np.nan, np.nan))
    release.totals[cell] = tuple(np.where(np.isnan(totals), held_before, totals).tolist())
    if any(margins):
        release.margin[cell] = tuple(np.maximum(margins, release.margin.get(cell, (0.0, 0.0))).tolist())


def _add_moves(release: Release, level: Level, held: Tally, first: int, last: int) -> None:
    found, areas = level.flows, held.areas
    pairs: dict[tuple[int, int], int] = {}
    inside = (found.origin >= 0) & (found.destination >= 0) & found.known[:, 0]
    for o, d, n in zip(
        found.origin[inside].tolist(),
        found.destination[inside].tolist(),
        found.people[inside].tolist(),
        strict=True,
    ):
        pairs[o, d] = pairs.get((o, d), 0) + n
    rows: dict[int, list[str]] = {}
    for (o, d), n in pairs.items():
        cell = name(level.name, areas[o], "to", first, last, areas[d])
        release.cell(cell, n)
        if o == d:
            parts = [name(level.name, areas[o], p, first, last) for p in ("stayers", "measured_out")]
            release.sum([cell], parts)
        else:
            rows.setdefault(o, []).append(cell)
    for o, cells in rows.items():
        release.sum([name(level.name, areas[o], "moved_out", first, last)], cells)


def _add_levels(
    release: Release,
    below: tuple[Level, Tally],
    above: tuple[Level, Tally],
    years: tuple[int, int],
    directions: bool,
    classes: bool,
) -> None:
    """The sums between an area and the areas in it; who moved between these is a cell of its own."""
    (level, held), (over, whole), (first, last) = below, above, years
    parent = np.asarray(level.parent, dtype=np.int64)
    moved = _moved_within(level.flows, parent, len(whole.areas))
    way = held.change.direction()
    for at, area in enumerate(whole.areas):
        inside = np.flatnonzero(parent == at).tolist()

        def mine(part: str, *more: str, area: str = area) -> str:
            return name(over.name, area, part, first, last, *more)

        def theirs(part: str, *more: str, inside: list[int] = inside) -> list[str]:
            return [name(level.name, held.areas[i], part, first, last, *more) for i in inside]

        for year in (first, last):
            release.sum(
                [everybody(over.name, area, year)],
                [everybody(level.name, held.areas[i], year) for i in inside],
            )
        for part in ("gone", "entered"):
            release.sum([mine(part)], theirs(part))
        for stays, out, comes, which in (
            ("stayers", "leavers", "comers", "both"),
            ("measured_out", "leavers_lost", "", "first"),
            ("measured_in", "", "comers_new", "last"),
        ):
            between = mine("within", which)
            release.cell(between, int(moved[which][at].sum()))
            release.sum([mine(stays)], [*theirs(stays), between])
            for part in (out, comes):
                if part:
                    release.sum([mine(part), between], theirs(part))
        for direction, number in DIRECTIONS.items() if directions else ():
            tags = np.flatnonzero(way == number)
            finer = [(str(tag),) for tag in tags.tolist()] if classes else []
            for more, chosen in zip([(), *finer], [tags, *tags[:, None]], strict=False):
                between = mine("within", "both", direction, *more)
                release.cell(between, int(moved["both"][at][chosen].sum()))
                release.sum(
                    [mine("stayers", direction, *more)], [*theirs("stayers", direction, *more), between]
                )
                for part in ("leavers", "comers"):
                    release.sum([mine(part, direction, *more), between], theirs(part, direction, *more))
        if directions:
            release.sum([mine("within", "both")], [mine("within", "both", d) for d in DIRECTIONS])


def _moved_within(found: Flows, parent: Ints, areas: int) -> Mapping[str, Ints]:
    """(areas, tags) of those known in both years, (areas, 1) in one, who moved between areas of the same parent."""
    apart = (found.origin >= 0) & (found.destination >= 0) & (found.origin != found.destination)
    apart &= parent[np.maximum(found.origin, 0)] == parent[np.maximum(found.destination, 0)]
    first, last = found.known.T
    counts = {}
    for which, chosen in (("both", first & last), ("first", first & ~last), ("last", ~first & last)):
        rows = np.flatnonzero(apart & chosen)
        tag = found.tag[rows] if which == "both" else np.zeros(len(rows), np.int64)
        made: Ints = np.zeros((areas, found.change.tags if which == "both" else 1), np.int64)
        np.add.at(made, (parent[found.origin[rows]], tag), found.people[rows])
        counts[which] = made
    return counts
