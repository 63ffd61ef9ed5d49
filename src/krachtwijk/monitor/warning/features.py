# SPDX-License-Identifier: EUPL-1.2
"""What is known of areas in one year, as the columns from which a change of the score is expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from krachtwijk.monitor.index.estimate import mean_around

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]

#: What a column is: how high a dimension stands now, how much higher it stands around the area, how many people live
#: there, how the dimension changed last, and how the total changed last around the area.
LEVEL, AROUND, SIZE, CHANGE, NEIGHBOURS = "niveau", "omgeving", "grootte", "verandering", "buren"


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of n areas in one year, nan where unknown.

    ``level``: n x dimensions, score points. ``change``: the same, over the last known interval. ``size``: inhabitants
    (n,). ``area``, ``neighbour``: row numbers of areas that adjoin, both ways.
    """

    level: Floats
    change: Floats
    size: Floats
    area: Ints
    neighbour: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """``matrix``: n x terms, nan where unknown. Per term ``code`` (see `LEVEL` and the others) and ``dimension`` (its
    number, -1 where it belongs to none).
    """

    matrix: Floats
    code: tuple[str, ...]
    dimension: tuple[int, ...]

    def of(self, *codes: str) -> Ints:
        """Column numbers of the terms with one of these codes."""
        return np.array([n for n, code in enumerate(self.code) if code in codes], dtype=np.int64)

    def rows(self, kept: Bools) -> Terms:
        """The same terms of some of the areas."""
        return Terms(self.matrix[kept], self.code, self.dimension)


def around(values: Floats, known: Known) -> Floats:
    """Plain mean of the adjoining areas with a value, nan where there is none; (n, columns) in and out."""
    return mean_around(values, np.ones(len(values)), known.area, known.neighbour)


def terms(known: Known) -> Terms:
    """The columns from which a change is expected, in a fixed order."""
    dimensions = range(known.level.shape[1])
    parts = (
        (LEVEL, known.level, dimensions),
        (AROUND, around(known.level, known) - known.level, dimensions),
        (SIZE, np.log(np.maximum(known.size, 1.0))[:, None], [-1]),
        (CHANGE, known.change, dimensions),
        (NEIGHBOURS, around(known.change.sum(axis=1, keepdims=True), known), [-1]),
    )
    return Terms(
        matrix=np.column_stack([block for _, block, _ in parts]),
        code=tuple(code for code, block, _ in parts for _ in range(block.shape[1])),
        dimension=tuple(number for _, _, numbers in parts for number in numbers),
    )


def stacked(parts: list[Terms]) -> Terms:
    """The same terms of several years, one below the other."""
    return Terms(np.concatenate([p.matrix for p in parts]), parts[0].code, parts[0].dimension)
