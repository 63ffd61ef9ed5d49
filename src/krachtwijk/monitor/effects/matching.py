# SPDX-License-Identifier: EUPL-1.2
"""Look-alikes: areas outside the programme that stood alike at the start, so that both would fall back to the mean.

Formulas, sources and when not to use them: docs/methods/matching.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from krachtwijk.monitor.effects.inference import Moments, coefficients, moments
from krachtwijk.monitor.space.arrays import Floats, Whole

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Balance:
    """Per figure of the baseline (m,). ``before``, ``after``: the chosen less the others (all of the pool; the
    look-alikes), in standard deviations of the chosen and the pool together. ``ratio``: variance of the chosen by that
    of their look-alikes. Beyond 0.1, and 0.5 to 2, is doubtful (Stuart, Statistical Science 25, 2010).
    """

    before: Floats
    after: Floats
    ratio: Floats


@dataclass(frozen=True, slots=True)
class Matched:
    """``chosen`` (t,): places of matched units, ``others`` (t, k): their look-alikes, nearest first, −1 where fewer
    lie within the caliper; ``distance`` (t, k) in standard deviations. ``unmatched``: places of units without any.

    ``weight`` (n,): 1 for the chosen, for others how often they stand in, in all as much as the chosen.
    ``standard`` (n, m): the baseline in standard deviations. ``balance``: how alike they became.
    """

    chosen: Whole
    others: Whole
    distance: Floats
    unmatched: Whole
    weight: Floats
    standard: Floats
    balance: Balance

    @property
    def used(self) -> int:
        """How many different units stand in as look-alikes."""
        return len(np.unique(self.others[self.others >= 0]))


def match(
    baseline: Floats,
    treated: Flags,
    pool: Flags | None = None,
    *,
    group: NDArray[np.generic] | None = None,
    caliper: float = 0.25,
    neighbours: int = 1,
) -> Matched:
    """For each treated unit the ``neighbours`` units of the pool nearest on the baseline (n, m), with replacement.

    Distance is Euclidean over figures in standard deviations, at most ``caliper``. ``pool`` (n,): who may stand in (all
    others where not given); ``group`` (n,): within which (a city). Raises ValueError where nobody has a look-alike, a
    used baseline is missing, or a figure does not differ.
    """
    baseline, treated = np.asarray(baseline, dtype=np.float64), np.asarray(treated, dtype=bool)
    baseline = baseline.reshape(len(treated), -1)
    pool = ~treated if pool is None else np.asarray(pool, dtype=bool)
    both = treated | pool
    if pool.shape != treated.shape or (pool & treated).any() or not treated.any() or not pool.any():
        raise ValueError("treated and pool (n,) each hold units, and none holds those of the other")
    if not np.isfinite(baseline[both]).all():
        raise ValueError("a unit without a baseline: leave it out of treated and pool")
    if not caliper > 0 or neighbours < 1:
        raise ValueError("caliper is above 0, neighbours 1 or more")
    spread = baseline[both].std(axis=0)
    if not (spread > 0).all():
        raise ValueError("a figure of the baseline is the same everywhere")
    standard = (baseline - baseline[both].mean(axis=0)) / spread
    codes = np.zeros(len(treated), dtype=np.int64)
    if group is not None:
        codes = np.unique(group, return_inverse=True)[1].astype(np.int64)
    chosen = np.flatnonzero(treated)
    others = np.full((len(chosen), neighbours), -1, dtype=np.int64)
    far = np.full((len(chosen), neighbours), np.nan)
    for code in np.unique(codes[chosen]):
        mine = np.flatnonzero(codes[chosen] == code)
        near = np.flatnonzero(pool & (codes == code))
        if not len(near):
            continue
        wide = min(neighbours, len(near))
        distance, place = cKDTree(standard[near]).query(standard[chosen[mine]], k=wide)
        distance, place = distance.reshape(len(mine), wide), place.reshape(len(mine), wide)
        within = distance <= caliper
        others[mine[:, None], np.arange(wide)] = np.where(within, near[place], -1)
        far[mine[:, None], np.arange(wide)] = np.where(within, distance, np.nan)
    found = others[:, 0] >= 0
    if not found.any():
        raise ValueError("nobody has a look-alike within the caliper")
    unmatched = chosen[~found]
    chosen, others, far = chosen[found], others[found], far[found]
    weight = np.zeros(len(treated))
    share = (others >= 0) / (others >= 0).sum(axis=1, keepdims=True)
    np.add.at(weight, others[others >= 0], share[others >= 0])
    weight[chosen] = 1.0
    return Matched(
        chosen=chosen,
        others=others,
        distance=far,
        unmatched=unmatched,
        weight=weight,
        standard=standard,
        balance=_balance(standard, weight, treated, pool),
    )


def _balance(standard: Floats, weight: Floats, treated: Flags, pool: Flags) -> Balance:
    inside, outside = weight * treated, weight * pool
    mine, theirs = (
        side @ np.where(side[:, None] > 0, standard, 0.0) / side.sum() for side in (inside, outside)
    )
    spreads = [
        side @ np.where(side[:, None] > 0, (standard - mean) ** 2, 0.0) / side.sum()
        for side, mean in ((inside, mine), (outside, theirs))
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = spreads[0] / spreads[1]
    before = standard[treated].mean(axis=0) - standard[pool].mean(axis=0)
    return Balance(before=before, after=mine - theirs, ratio=ratio)


@dataclass(frozen=True, slots=True)
class Compared:
    """``plain``: change of the chosen less that of their look-alikes; ``effect``: with what little they still differed
    at the start taken off. ``units``: chosen ones compared.

    ``influence`` (n, 1): what each unit adds to the effect, for `inference.conley`; ``sums``: by cluster, term 0 is the
    effect, for `inference.clustered`, `jackknife` and `wild_bootstrap`.
    """

    effect: float
    plain: float
    units: int
    influence: Floats
    sums: Moments


def compare(change: Floats, matched: Matched, cluster: NDArray[np.generic] | None = None) -> Compared:
    """What changed (n,) among matched units beside their look-alikes; ``cluster`` (n,), else each unit its own.

    Least squares of change on being chosen and on the baseline, by the weights of matching, which are taken as given
    (Ho, Imai, King and Stuart, Political Analysis 15, 2007; Abadie and Spiess, JASA 117, 2022). Raises ValueError where
    a matched unit has no change, or where there are too few of them for so many figures.
    """
    change = np.asarray(change, dtype=np.float64)
    used = np.flatnonzero(matched.weight > 0)
    inside = np.isin(used, matched.chosen)
    y, weight = change[used], matched.weight[used]
    if not np.isfinite(y).all():
        raise ValueError("a matched unit has no change: leave it out before matching")
    whose = used if cluster is None else np.asarray(cluster)[used]
    design = np.column_stack([inside, np.ones(len(used)), matched.standard[used]])
    sums = moments(y, design, whose, weight=weight)
    heights = coefficients(sums)
    lever = design @ np.linalg.inv(sums.squares.sum(axis=0))[0]
    influence = np.zeros((len(change), 1))
    influence[used, 0] = weight * lever * (y - design @ heights)
    return Compared(
        effect=float(heights[0]),
        plain=float(y[inside].mean() - np.average(y[~inside], weights=weight[~inside])),
        units=len(matched.chosen),
        influence=influence,
        sums=sums,
    )
