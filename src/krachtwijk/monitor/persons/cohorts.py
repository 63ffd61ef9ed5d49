# SPDX-License-Identifier: EUPL-1.2
"""Those who lived in an area in the first year, followed wherever they live; and those who came since.

Progress is the mean of y_t − y₀ over people whose outcome is known in both years, so of the same people. Its error is
s/√n with s the standard deviation of the differences (see `split` for whom it speaks about).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from krachtwijk.monitor.persons.flows import (
    CAME,
    FALLEN,
    GONE,
    LEFT,
    LEFT_FIRST,
    RISEN,
    SAME,
    STAY,
    STAY_FIRST,
    Floats,
    Ints,
    Tally,
)

#: Who is followed: the residents of the first year together, those of them who live there (still or again), those who
#: live elsewhere, and residents of the last year who lived elsewhere in the first.
GROUPS: dict[str, tuple[int, ...]] = {
    "followed": (STAY, LEFT),
    "stayers": (STAY,),
    "leavers": (LEFT,),
    "comers": (CAME,),
}
#: Residents of the first year of whom there is no figure in the last.
LOST = (GONE, STAY_FIRST, LEFT_FIRST)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Per area and group of `GROUPS`, (areas, 4, …): ``people`` known twice, their means in the first and last year,
    the ``progress`` between with its ``error``, and that of the last mean, ``error_last`` (units of the outcome); how
    many ``moved`` (…, 3: fallen, same, risen).

    ``lost`` (areas,): residents of the first year without a figure in the last. NaN where a group is empty.
    """

    areas: tuple[str, ...]
    people: Ints
    mean_first: Floats
    mean_last: Floats
    progress: Floats
    error: Floats
    error_last: Floats
    moved: Ints
    lost: Ints

    def shares(self) -> Floats:
        """(areas, 4, 3) shares that fell, stayed the same, rose."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.moved / self.people[..., None]


def cohort(held: Tally, *, sampled: float = 0.0) -> Cohort:
    """Follow the residents of every area between the two years of a tally; ``sampled`` as in `split`."""
    n = _by_group(held.people).astype(np.int64)
    s0, s1, q0, q1, q01 = np.moveaxis(_by_group(held.sums), -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        progress = (s1 - s0) / n
        variance = (q0 + q1 - 2.0 * q01) / n - progress * progress
        error = np.sqrt(np.maximum(variance, 0.0) / np.maximum(n - 1.0, 1.0) * (1.0 - sampled))
        spread = q1 / n - (s1 / n) ** 2
        error_last = np.sqrt(np.maximum(spread, 0.0) / np.maximum(n - 1.0, 1.0) * (1.0 - sampled))
        first, last = s0 / n + held.centre, s1 / n + held.centre
    tagged = _by_group(held.tagged).astype(np.int64)
    way = held.change.direction()
    moved = np.stack([tagged[..., way == w].sum(axis=-1) for w in (FALLEN, SAME, RISEN)], axis=-1)
    return Cohort(
        held.areas,
        n,
        first,
        last,
        progress,
        np.where(n > 0, error, np.nan),
        np.where(n > 0, error_last, np.nan),
        moved,
        held.people[:, LOST].sum(axis=1),
    )


def _by_group(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.stack([values[:, kinds].sum(axis=1) for kinds in GROUPS.values()], axis=1)
