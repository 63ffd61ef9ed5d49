# SPDX-License-Identifier: EUPL-1.2
"""People who do not exist, by year, in areas that do not exist, with a split that is known beforehand.

For tests, examples and measurements at national size. The same seed gives the same bits on every machine: draws as in
`monitor.space.generator`, and only + − × ÷ √ after them. No figure in it says anything about a real place or person.

Everybody is of one of two kinds for good; kinds differ in outcome, in how often they move and in where to. Who lives in
an area when a year begins gains that area's progress in it. Then some leave the table and some move, whatever their
gain was. So what stayers gained, and what coming and going did, follow from the rates alone: `World.truth`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from krachtwijk.monitor.persons.flows import Floats
from krachtwijk.monitor.persons.split import TERMS
from krachtwijk.monitor.space.generator import bells, uniforms

MOST_AREAS = 65_535


@dataclass(frozen=True, slots=True)
class Year:
    """Everybody in the table in one year: (n,) ``person`` ascending, ``area`` from 0, ``outcome`` (NaN: not known)."""

    year: int
    person: NDArray[np.uint32]
    area: NDArray[np.uint16]
    outcome: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class World:
    """Rates by kind (2, …) and area (…, A), all per year.

    ``first`` and ``years``: the first year and how many. ``people`` in it; ``entering`` each year after. ``size`` (A,):
    where people live at first; ``high`` (A,): share of them of kind 1; ``high_new``: of those who enter. ``progress``
    (A,): gain of who lives there. ``leave`` (2,): chance to move; ``pull`` (2, A): where to, the old area included.
    ``exit``: chance to leave the table. ``outcome`` (2,): mean by kind; ``own``, ``noise``: sd between people and
    between years of one person. ``unknown``: share of outcomes not known.
    """

    seed: int
    first: int
    years: int
    people: int
    entering: int
    size: Floats
    high: Floats
    high_new: float
    progress: Floats
    leave: Floats
    pull: Floats
    exit: float
    outcome: Floats
    own: float
    noise: float
    unknown: float

    def table(self) -> Iterator[Year]:
        """The people of each year, one year at a time."""
        everyone = self.people + self.entering * (self.years - 1)
        begin = np.maximum((np.arange(everyone) - self.people) // max(self.entering, 1) + 1, 0)
        place = _chosen(self.size, uniforms(self.seed, 1, everyone))
        share = np.where(begin > 0, self.high_new, self.high[place])
        kind = (uniforms(self.seed, 2, everyone) < share).astype(np.int8)
        # who enters comes where its kind is drawn to
        for z in (0, 1):
            late = np.flatnonzero((begin > 0) & (kind == z))
            place[late] = _chosen(self.pull[z], uniforms(self.seed, 3, everyone)[late])
        held = self.outcome[kind] + self.own * bells(self.seed, 1, everyone)
        gone: NDArray[np.bool_] = np.zeros(everyone, np.bool_)
        for number in range(self.years):
            if number:
                here = (begin < number) & ~gone
                held += np.where(here, self.progress[place], 0.0)
                gone |= here & (uniforms(self.seed, 100 + number, everyone) < self.exit)
                moves = here & (uniforms(self.seed, 200 + number, everyone) < self.leave[kind])
                to = uniforms(self.seed, 300 + number, everyone)
                for z in (0, 1):
                    rows = np.flatnonzero(moves & (kind == z))
                    place[rows] = _chosen(self.pull[z], to[rows])
            rows = np.flatnonzero((begin <= number) & ~gone)
            outcome = (held + self.noise * bells(self.seed, 100 + number, everyone))[rows].astype(np.float32)
            if self.unknown:
                outcome[uniforms(self.seed, 1_000 + number, everyone)[rows] < self.unknown] = np.nan
            yield Year(self.first + number, rows.astype(np.uint32), place[rows].astype(np.uint16), outcome)

    def truth(self, first: int, last: int) -> Floats:
        """(A, 7) the terms of `split` between two years by the rates alone: what a table of ever more people tends to.

        Raises ValueError where the years are not in the table, in that order.
        """
        start, end = first - self.first, last - self.first
        if not 0 <= start < end < self.years:
            raise ValueError("two years of the table, the first one first")
        n = len(self.size)
        stay0, stay1, stays = np.zeros(n), np.zeros(n), np.zeros(n)
        count: dict[str, Floats] = {name: np.zeros(n) for name in TERMS}
        total: dict[str, Floats] = {name: np.zeros(n) for name in TERMS}
        for z in (0, 1):
            share = self.high if z else 1.0 - self.high
            share_new = self.high_new if z else 1.0 - self.high_new
            kernel = (1.0 - self.exit) * (
                (1.0 - self.leave[z]) * np.eye(n) + self.leave[z] * np.tile(self.pull[z], (n, 1))
            )
            enter = self.entering * share_new * self.pull[z]
            alive, gained = self.people * self.size * share, np.zeros(n)
            for _ in range(start):
                gained = (gained + alive * self.progress) @ kernel
                alive = alive @ kernel + enter
            # from here on by the area of the first year, and apart those who enter
            pairs, gain = np.diag(alive), np.zeros((n, n))
            new, gain_new, power = np.zeros(n), np.zeros(n), np.eye(n)
            for _ in range(end - start):
                gain = (gain + pairs * self.progress) @ kernel
                pairs = pairs @ kernel
                gain_new = (gain_new + new * self.progress) @ kernel
                new = new @ kernel + enter
                power = power @ kernel
            before = self.outcome[z] * pairs + gained[:, None] * power
            after = before + gain
            stays += np.diag(pairs)
            stay0 += np.diag(before)
            stay1 += np.diag(after)
            for name, people, outcomes in (
                ("moved_in", pairs.sum(axis=0) - np.diag(pairs), after.sum(axis=0) - np.diag(after)),
                ("entered", new, self.outcome[z] * new + gain_new),
                ("moved_out", pairs.sum(axis=1) - np.diag(pairs), before.sum(axis=1) - np.diag(before)),
                (
                    "gone",
                    alive - pairs.sum(axis=1),
                    self.outcome[z] * alive + gained - before.sum(axis=1),
                ),
            ):
                count[name] += people
                total[name] += outcomes
        enders = stays + count["moved_in"] + count["entered"]
        starters = stays + count["moved_out"] + count["gone"]
        terms = np.zeros((n, len(TERMS)))
        terms[:, 0] = (stay1 - stay0) / stays
        for name in ("moved_in", "entered"):
            terms[:, TERMS.index(name)] = (total[name] - count[name] * stay1 / stays) / enders
        for name in ("moved_out", "gone"):
            terms[:, TERMS.index(name)] = -(total[name] - count[name] * stay0 / stays) / starters
        return terms


def world(
    seed: int = 1,
    *,
    people: int = 20_000,
    areas: int = 8,
    first: int = 2008,
    years: int = 10,
    moving: float = 1.0,
    unknown: float = 0.01,
) -> World:
    """A world of so many people, areas and years.

    In the first areas fewer are of the better-off kind, and those rather move to the last: by moves the first areas
    lose much of what their stayers gain. ``moving`` scales how often people move. Raises ValueError on a size that is
    none.
    """
    if not (0 < people < 2**31 and 2 <= areas <= MOST_AREAS and 2 <= years <= 100):
        raise ValueError("1 person, 2 to 65,535 areas and 2 to 100 years at least")
    if not (0 <= moving <= 5 and 0 <= unknown < 1):
        raise ValueError("`moving` from 0 to 5, `unknown` from 0 to 1")
    rank = np.arange(areas) / (areas - 1.0)
    weight = 0.5 + uniforms(seed, 9_001, areas)
    return World(
        seed=seed,
        first=first,
        years=years,
        people=people,
        entering=max(1, people // 80),
        size=weight / np.cumsum(weight)[-1],
        high=0.25 + 0.5 * rank,
        high_new=0.3,
        progress=0.04 + 0.04 * uniforms(seed, 9_002, areas),
        leave=np.array([0.07, 0.1]) * moving,
        pull=np.stack([_shares(1.7 - 1.4 * rank), _shares(0.2 + 1.6 * rank)]),
        exit=0.012,
        outcome=np.array([4.0, 6.0]),
        own=0.7,
        noise=0.5,
        unknown=unknown,
    )


def _shares(weight: Floats) -> Floats:
    return np.asarray(weight / np.cumsum(weight)[-1])


def _chosen(share: Floats, draw: Floats) -> NDArray[np.int64]:
    """An area per draw, by shares that add up to 1."""
    edge = np.cumsum(share)
    return np.minimum(np.searchsorted(edge, draw, side="right"), len(share) - 1).astype(np.int64)
