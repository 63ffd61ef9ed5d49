# SPDX-License-Identifier: EUPL-1.2
"""How far from a programme: rings at fixed distances, in order of adjoining, or where the data put their edges.

Formulas, sources and when not to use them: docs/methods/rings.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.stats import norm

from krachtwijk.monitor.space.arrays import Floats, Whole
from krachtwijk.monitor.space.cells import Neighbours

Flags = NDArray[np.bool_]


def distance_to(xy: Floats, programme: Flags) -> tuple[Floats, Whole]:
    """Metres from each unit (n, 2) to the nearest unit of the programme (n,), and which unit that is.

    Units of the programme are 0 from themselves. Raises ValueError where there are none, or a place is no number.
    """
    xy, programme = np.asarray(xy, dtype=np.float64), np.asarray(programme, dtype=bool)
    if xy.ndim != 2 or xy.shape[1] != 2 or programme.shape != (len(xy),) or not np.isfinite(xy).all():
        raise ValueError("xy (n, 2) are numbers, programme (n,) says which units are in it")
    inside = np.flatnonzero(programme)
    if not len(inside):
        raise ValueError("no unit is in the programme")
    far, place = cKDTree(xy[inside]).query(xy)
    which = inside[place]
    which[inside] = inside
    return np.asarray(far), np.asarray(which, dtype=np.int64)


def steps_to(near: Neighbours, programme: Flags, *, most: int = 5) -> Whole:
    """(n,) borders to cross to the programme: 0 in it, 1 adjoining it, … up to ``most``, −1 beyond.

    Who adjoins whom counts both ways. Raises ValueError.
    """
    programme = np.asarray(programme, dtype=bool)
    if programme.shape != (len(near),) or most < 1:
        raise ValueError("programme has a row per unit; most is 1 or more")
    either = near.matrix()
    either = either + either.T
    steps = np.where(programme, 0, -1).astype(np.int64)
    for step in range(1, most + 1):
        touched = either @ (steps >= 0).astype(np.float64) > 0
        steps[touched & (steps < 0)] = step
    return steps


def ring_codes(distance: Floats, programme: Flags, cuts: Sequence[float]) -> Whole:
    """(n,) codes: 1 in the programme, 1 + k in ring k (from cut k − 1, 0 at first, up to and with cut k), 0 beyond.

    ``distance`` in metres or in steps, missing or negative is beyond. Raises ValueError unless cuts rise from above 0.
    """
    distance, programme = np.asarray(distance, dtype=np.float64), np.asarray(programme, dtype=bool)
    limits = np.asarray(cuts, dtype=np.float64)
    if limits.ndim != 1 or not len(limits) or not (np.diff(limits, prepend=0.0) > 0).all():
        raise ValueError("cuts are distances above 0, each larger than the one before")
    if distance.shape != programme.shape:
        raise ValueError("distance and programme have a row per unit")
    code = np.searchsorted(limits, distance, side="left") + 2
    code[np.isnan(distance) | (distance < 0) | (code > len(limits) + 1)] = 0
    code[programme] = 1
    return np.asarray(code, dtype=np.int64)


def exposure(codes: Whole, rings: int) -> Flags:
    """(n, 1 + rings) columns for `panel.estimate`: the programme, then each ring. Beyond is in none of them."""
    return np.asarray(codes[:, None] == np.arange(1, rings + 2)[None, :])


@dataclass(frozen=True, slots=True)
class Rings:
    """``edges`` (J + 1,) and per ring (J,): ``units``, mean ``change``, and ``effect``: that less the farthest ring's.

    ``error``: of the effect, with the changes of units independent and of any variance; 0 for the farthest ring.
    """

    edges: Floats
    units: Whole
    change: Floats
    effect: Floats
    error: Floats

    def __len__(self) -> int:
        return len(self.effect)

    def at(self, distance: Floats) -> Floats:
        """The effect at distances; before the first and after the last edge that of the first and last ring."""
        place = np.searchsorted(self.edges[1:-1], distance, side="right")
        return np.asarray(self.effect[place])


def ringed(distance: Floats, change: Floats, edges: Sequence[float] | None = None) -> Rings:
    """What changed (n,) by distance (n,), as steps of a curve; the farthest ring stands for no effect.

    Without ``edges`` (J + 1, units beyond them left out) the data put them: quantiles of the distance, their number by
    `number_of_rings` (Butts, Journal of Urban Economics 133, 2023). Raises ValueError where a ring holds fewer than 2.
    """
    distance, change = _usable(distance, change)
    if edges is None:
        limits = _quantiles(distance, number_of_rings(distance, change))
        place = np.minimum(np.searchsorted(limits[1:], distance, side="left"), len(limits) - 2)
    else:
        limits = np.asarray(edges, dtype=np.float64)
        if limits.ndim != 1 or len(limits) < 3 or not (np.diff(limits) > 0).all():
            raise ValueError("edges are three or more distances, each larger than the one before")
        within = (distance >= limits[0]) & (distance <= limits[-1])
        distance, change = distance[within], change[within]
        place = np.searchsorted(limits[1:-1], distance, side="left")
    units = np.bincount(place, minlength=len(limits) - 1)
    if units.min() < 2:
        raise ValueError("a ring holds fewer than 2 units")
    mean = np.bincount(place, weights=change, minlength=len(units)) / units
    spread = np.bincount(place, weights=(change - mean[place]) ** 2, minlength=len(units)) / (units - 1)
    variance = spread / units
    error = np.sqrt(variance + variance[-1])
    error[-1] = 0.0
    return Rings(limits, units.astype(np.int64), mean, mean - mean[-1], error)


def number_of_rings(distance: Floats, change: Floats) -> int:
    """How many rings of equally many units err least, at least 2.

    The integrated squared error of a step curve is B/J² + V J/n, least at J = (2 B n/V)^⅓. B and V are estimated twice
    (Cattaneo, Crump, Farrell and Feng, American Economic Review 114, 2024, supplement): from a parabola and a normal
    density, then with so many rings from a broken line and the variance within rings. Raises ValueError below 20 units.
    """
    distance, change = _usable(distance, change)
    n = len(distance)
    x = (distance - distance.min()) / np.ptp(distance)
    powers = x[:, None] ** np.arange(3)
    beta = np.linalg.lstsq(powers, np.column_stack([change, change * change]), rcond=None)[0]
    noise = powers @ beta[:, 1] - (powers @ beta[:, 0]) ** 2
    # a density that is near 0 at the ends would make the bias there endless
    width = float(x.std(ddof=1))
    density = np.maximum(norm.pdf(x, x.mean(), width), norm.pdf(norm.ppf(0.975) * width, 0, width))
    slope = beta[1, 0] + 2 * beta[2, 0] * x
    bias = float((slope * slope / (density * density)).mean()) / 12
    first = _least(bias, float(noise.mean()) / n)
    many = max(first, int(np.ceil((2 * n) ** (1 / 3))))

    knots = _quantiles(x, many)
    many = len(knots) - 1
    place = np.minimum(np.searchsorted(knots[1:], x, side="left"), many - 1)
    share = (x - knots[place]) / np.diff(knots)[place]
    heights = _broken_line(place, share, change, many)
    units = np.bincount(place, minlength=many)

    def mean(values: Floats) -> Floats:
        return np.asarray(np.bincount(place, weights=values, minlength=many) / units)

    off = np.diff(heights)[place] * (share - 0.5)
    off -= mean(off)[place]
    left = change - mean(change)[place]
    variance = float(mean(left * left).sum()) / (n - many)
    return max(2, _least(float((off * off).mean()) * many**2, variance / many))


def _broken_line(place: Whole, share: Floats, values: Floats, many: int) -> Floats:
    """(many + 1,) heights at the knots of the connected line nearest to values at ``share`` of part ``place``."""
    gram, right = np.zeros((many + 1, many + 1)), np.zeros(many + 1)
    here = np.arange(many)
    for one, weight in ((0, 1 - share), (1, share)):
        right[one : many + one] += np.bincount(place, weights=weight * values, minlength=many)
        gram[here + one, here + one] += np.bincount(place, weights=weight * weight, minlength=many)
    gram[here, here + 1] = gram[here + 1, here] = np.bincount(
        place, weights=share * (1 - share), minlength=many
    )
    return np.asarray(np.linalg.lstsq(gram, right, rcond=None)[0])


def _least(bias: float, variance: float) -> int:
    return int(np.ceil((2 * bias / variance) ** (1 / 3))) if variance > 0 else 1


def _quantiles(values: Floats, many: int) -> Floats:
    """Edges (≤ many + 1,) of parts with equally many; where many are equal there are fewer parts."""
    return np.unique(np.quantile(values, np.arange(many + 1) / many, method="averaged_inverted_cdf"))


def _usable(distance: Floats, change: Floats) -> tuple[Floats, Floats]:
    distance, change = np.asarray(distance, dtype=np.float64), np.asarray(change, dtype=np.float64)
    if distance.shape != change.shape or distance.ndim != 1:
        raise ValueError("distance and change have a row per unit")
    if not (np.isfinite(distance).all() and np.isfinite(change).all()):
        raise ValueError("distance and change are numbers")
    if len(distance) < 20 or len(np.unique(distance)) < 10:
        raise ValueError("rings need 20 units at 10 distances or more")
    return distance, change
