# SPDX-License-Identifier: EUPL-1.2
"""Who goes where: tables of people between areas, and between classes of the outcome.

A share is of the people of a row. Intervals of shares: Wilson, JASA 22, 1927.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from krachtwijk.monitor.persons.flows import ABSENT, CAME, ELSEWHERE, LEFT, STAY, Floats, Flows, Ints, Tally

#: Who a table of classes is about.
GROUPS: dict[str, tuple[int, ...]] = {"stayers": (STAY,), "leavers": (LEFT,), "comers": (CAME,)}


@dataclass(frozen=True, slots=True)
class AreaMoves:
    """``people`` (n, n + 2): residents of each area with a known outcome in the first year, by where they live in the
    last; the last two columns are elsewhere in the table, and no longer in it.
    """

    areas: tuple[str, ...]
    people: Ints


def area_moves(found: Flows) -> AreaMoves:
    """Where the residents of each area of the first year live in the last."""
    n = len(found.areas)
    people: Ints = np.zeros((n, n + 2), np.int64)
    rows = np.flatnonzero((found.origin >= 0) & found.known[:, 0])
    to = found.destination[rows]
    column = np.where(to == ELSEWHERE, n, np.where(to == ABSENT, n + 1, to))
    np.add.at(people, (found.origin[rows], column), found.people[rows])
    return AreaMoves(found.areas, people)


def class_moves(held: Tally) -> Ints:
    """(areas, 3, k, k): people by class in the first and in the last year, per area and group of `GROUPS`.

    Raises ValueError where the tally was made without cuts.
    """
    k = len(held.change.cuts) + 1
    if k == 1:
        raise ValueError("a table of classes needs cuts")
    return np.stack([held.tagged[:, kinds].sum(axis=1) for kinds in GROUPS.values()], axis=1).reshape(
        len(held.areas), len(GROUPS), k, k
    )


def shares(people: Ints) -> tuple[Floats, Floats, Floats]:
    """Shares of each row (the last axis), low and high end of their 90 % interval; NaN where a row is empty."""
    z = 1.6448536269514722  # the 95 % point of the normal distribution
    n = people.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = people / n
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return p, np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)
