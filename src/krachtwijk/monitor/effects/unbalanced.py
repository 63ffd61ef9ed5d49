# SPDX-License-Identifier: EUPL-1.2
"""Two sets of fixed effects over rows in any number and order, taken out exactly.

Of a bipartite least squares problem the larger side (units) is a diagonal, so it is eliminated; what is left
is a dense system of the smaller side (periods, or groups by periods), solved directly. No iterations, so no
tolerance to choose. A balanced panel is faster in `panel`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from krachtwijk.monitor.effects.estimated import (
    COVARIANCES,
    Covariance,
    Estimated,
    clustered,
    compact,
    concluded,
    independent,
    nested,
    small_sample,
)
from krachtwijk.monitor.space.arrays import Floats, Whole, summed

#: The most levels that the smaller set may have: a dense system of 0.3 GB.
MOST = 6_000


@dataclass(frozen=True, slots=True, eq=False)
class TwoWay:
    """The least squares system of unit and period effects: made once, solved for any right side.

    ``mass`` (units, periods): sums of weights of the rows of a pair. ``component``: (units + periods,) which
    levels hang together through rows; differences across components mean nothing. A level without rows is a
    component alone.
    """

    mass: csr_array
    of_unit: Floats
    of_period: Floats
    component: Whole
    free: NDArray[np.bool_]
    factor: tuple[Floats, bool]

    def solved(self, by_unit: Floats, by_period: Floats) -> tuple[Floats, Floats]:
        """Effects (units, m) and (periods, m) with the fitted sums ``by_unit`` and ``by_period``.

        In each component the effect of one period is 0; so is a level without rows.
        """
        divisor = np.where(self.of_unit > 0, self.of_unit, 1.0)[:, None]
        right = by_period - self.mass.T @ (by_unit / divisor)
        period = np.zeros_like(right)
        if self.free.any():
            period[self.free] = cho_solve(self.factor, right[self.free])
        return (by_unit - self.mass @ period) / divisor, period


def two_way(unit: Whole, period: Whole, weight: Floats, units: int, periods: int) -> TwoWay:
    """The system of rows: codes ``unit`` and ``period`` (N,) from 0, ``weight`` (N,), 0 for no row.

    Raises ValueError with more than 6,000 periods.
    """
    if periods > MOST:
        raise ValueError(
            f"{periods} period effects are more than {MOST}: let the larger set be the units, or group them"
        )
    mass = coo_array((weight, (unit, period)), shape=(units, periods)).tocsr()
    mass.eliminate_zeros()
    of_unit, of_period = mass.sum(axis=1), mass.sum(axis=0)
    rows, columns = mass.nonzero()
    bipartite = coo_array(
        (np.ones(len(rows)), (rows, units + columns)), shape=(units + periods, units + periods)
    )
    _, component = connected_components(bipartite, directed=False)
    free = of_period > 0
    free[np.unique(component[units:], return_index=True)[1]] = False
    scaled = mass.multiply(1 / np.where(of_unit > 0, of_unit, 1.0)[:, None]).tocsr()
    schur = np.diag(of_period) - (mass.T @ scaled).toarray()
    inner = schur[np.ix_(free, free)]
    factor = cho_factor(inner) if free.any() else (inner, False)
    return TwoWay(mass, of_unit, of_period, component, free, factor)


def fit(
    values: Floats,
    terms: Floats,
    *,
    unit: NDArray[Any],
    period: NDArray[Any],
    cluster: NDArray[Any],
    weight: Floats | None = None,
    cov: Covariance = "cluster",
    names: Sequence[str] | None = None,
) -> Estimated:
    """Least squares of values (N,) on terms (N, K) beside unit and period effects, rows in any order.

    ``unit``, ``period`` (or group and period together) and ``cluster``: (N,) codes of any kind; ``weight``
    above 0. Rows that alone have their unit or period tell nothing and are left out, again until none is
    left, as pyfixest does. ``lever`` and ``error`` have a row per row given. Raises ValueError.
    """
    values, terms = np.asarray(values, dtype=np.float64), np.asarray(terms, dtype=np.float64)
    terms = terms.reshape(len(terms), -1)
    many = len(values)
    weight = np.ones(many) if weight is None else np.asarray(weight, dtype=np.float64)
    names = [f"x{1 + k}" for k in range(terms.shape[1])] if names is None else names
    if cov not in COVARIANCES:
        raise ValueError(f"cov is one of {', '.join(COVARIANCES)}")
    if any(len(part) != many for part in (terms, unit, period, cluster, weight)) or values.ndim != 1:
        raise ValueError("values, terms, unit, period, cluster and weight have an entry per row")
    if len(names) != terms.shape[1] or len(set(names)) != len(names):
        raise ValueError("names has a name per column of terms, each once")
    bad = ~(np.isfinite(values) & np.isfinite(terms).all(axis=1) & np.isfinite(weight) & (weight > 0))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise ValueError(
            f"unit {unit[row]} in period {period[row]} has no number as value or term, or no weight above 0"
        )
    (whose, units), (when, periods), (bunch, bunches) = (
        compact(np.asarray(codes)) for codes in (unit, period, cluster)
    )
    telling = _telling(whose, when)
    if not telling.any():
        raise ValueError("no unit stands in more than one period: nothing is left to estimate with")
    w = np.where(telling, weight, 0.0)
    system = two_way(whose, when, w, units, periods)
    columns = [values, *terms.T]
    sums = [(summed(whose, w * column, units), summed(when, w * column, periods)) for column in columns]
    alpha, gamma = system.solved(*(np.stack(side, axis=1) for side in zip(*sums, strict=True)))
    y, *lefts = (column - alpha[whose, k] - gamma[when, k] for k, column in enumerate(columns))
    left = np.stack(lefts)
    weighted = left * w
    gram = weighted @ left.T
    kept = independent(gram, w @ terms**2)
    if not len(kept):
        raise ValueError("no term tells anything beside the fixed effects")
    used = int(telling.sum())
    effects = (_levels(whose, units, bunch, telling), _levels(when, periods, bunch, telling))
    bunches = int((np.bincount(bunch[telling], minlength=bunches) > 0).sum())
    if cov == "cluster" and bunches < 2:
        raise ValueError("fewer than two clusters: no standard error can be had from them")
    if len(kept) < len(left):
        left, weighted, gram = left[kept], weighted[kept], gram[np.ix_(kept, kept)]
    factor, degrees = small_sample(used, len(kept), effects, None if cov == "hc1" else max(bunches, 2))
    if not 0 < factor < np.inf:
        raise ValueError("as many terms and effects as rows: nothing is left to estimate with")
    coef = np.asarray(np.linalg.solve(gram, weighted @ y), dtype=np.float64)
    residual = y - coef @ left
    lever, error = (np.linalg.inv(gram) @ weighted).T, residual[:, None]
    meat = None
    if cov == "cluster":
        meat = clustered(lever, error, bunch, int(bunch.max()) + 1)
    elif cov == "hc1":
        scores = lever * error
        meat = scores.T @ scores
    return concluded(
        [names[k] for k in kept],
        coef,
        meat,
        correction=float(factor),
        degrees=int(degrees),
        clusters=bunches,
        n_obs=used,
        r2_within=1 - float(w @ residual**2) / float(w @ y**2),
        lever=lever,
        error=error,
        dropped=[name for k, name in enumerate(names) if k not in kept],
        left_out=len(values) - used,
    )


def _levels(place: Whole, many: int, cluster: Whole, telling: NDArray[np.bool_]) -> tuple[int, bool]:
    """How many levels have rows that tell something, and whether all of these lie within clusters."""
    if not telling.all():
        place, cluster = place[telling], cluster[telling]
    return int((np.bincount(place, minlength=many) > 0).sum()), nested(place, many, cluster)


def _telling(unit: Whole, period: Whole) -> NDArray[np.bool_]:
    """Which rows share both unit and period with others that do."""
    telling = np.ones(len(unit), dtype=bool)
    while True:
        counts = (np.bincount(place, weights=telling)[place] for place in (unit, period))
        alone = telling & np.any([count < 2 for count in counts], axis=0)
        if not alone.any():
            return telling
        telling &= ~alone
