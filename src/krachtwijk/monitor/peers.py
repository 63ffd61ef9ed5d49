# SPDX-License-Identifier: EUPL-1.2
"""Peer areas: those that look most alike on a few declared figures about who lives there and how it is built.

A peer is no better or worse and needs not be near; it is an area with which a comparison says more than with the mean.
The figures are declared in `data/peers.toml`. Scores, income and origin are no part of them: a peer found by its score
would make every comparison of scores empty.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]

#: The quartiles of a normal distribution lie this many standard deviations apart.
QUARTILES_APART = 1.349


def standardised(values: Floats) -> Floats:
    """Columns (n, k) around their median, in robust standard deviations (interquartile range / 1.349).

    A column whose middle half is one value is left in its own unit: dividing by nothing is no scale.
    """
    low, middle, high = np.percentile(values, [25, 50, 75], axis=0)
    spread = (high - low) / QUARTILES_APART
    return np.asarray((values - middle) / np.where(spread > 0, spread, 1.0), dtype=np.float64)


def nearest(values: Floats, places: int = 8) -> tuple[Positions, Floats]:
    """Per row of complete figures (n, k) the positions of the nearest other rows and their distances, both (n, m).

    ``m`` is ``places``, or n-1 where there are fewer. Distance is Euclidean over the standardised figures, divided by
    √k so that sets of another size can be read alike: 1 is about a standard deviation on each figure. The nearest comes
    first; of equally near rows the one that stands first, as far as 16 are told apart. Raises ValueError on missing
    figures: who lacks one has no peers.
    """
    if not np.isfinite(values).all():
        raise ValueError("peers need every figure of every area")
    n, k = values.shape
    m = min(places, n - 1)
    if m < 1:
        return np.zeros((n, 0), dtype=np.int64), np.zeros((n, 0))
    points = standardised(values) / np.sqrt(k)
    asked = min(n, m + 9)  # itself, and a few more, so that equally near ones are told apart by their order
    distance, index = cKDTree(points).query(points, k=asked)
    distance = np.where(index == np.arange(n)[:, None], np.inf, distance)
    order = np.lexsort((index, np.round(distance, 12)), axis=1)[:, :m]
    return (
        np.take_along_axis(index, order, axis=1).astype(np.int64),
        np.take_along_axis(distance, order, axis=1),
    )
