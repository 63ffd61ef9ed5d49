# SPDX-License-Identifier: EUPL-1.2
"""What a fit gives, whatever fitted it, and the arithmetic that all fits share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array
from scipy.stats import t as student

from krachtwijk.monitor.space.arrays import Floats, Whole

Covariance: TypeAlias = Literal["cluster", "hc1", "none"]
COVARIANCES: tuple[Covariance, ...] = ("cluster", "hc1", "none")
LEVEL = 0.95
#: A column of which no more than this share of its squares is left beside the earlier ones adds nothing.
_NOTHING_LEFT = 1e-10
#: Rows of a block in products of tall tables.
_BLOCK = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class Estimated:
    """Coefficients with what is needed to doubt them. K terms, in the unit of the values.

    ``terms``: their names. ``coef``, ``se``, ``t``, ``p`` (two-sided), ``low`` and ``high`` (95 %): (K,).
    ``covariance``: (K, K), already times ``correction``, the small-sample factor. ``degrees``: of freedom of
    t. ``clusters`` and ``n_obs``: counts of what the fit used. ``r2_within``: share of variance beside the
    fixed effects that the terms tell. ``dropped``: terms that say nothing beside earlier ones and the
    effects. ``left_out``: observations that tell nothing (alone in their group, or no counterfactual).

    ``lever`` (n, L) and ``error`` (n, S), K = L·S: their products per unit are its `influence`.
    """

    terms: tuple[str, ...]
    coef: Floats
    covariance: Floats
    se: Floats
    t: Floats
    p: Floats
    low: Floats
    high: Floats
    clusters: int
    n_obs: int
    r2_within: float
    correction: float
    degrees: int
    lever: Floats
    error: Floats
    dropped: tuple[str, ...] = ()
    left_out: int = 0

    @property
    def influence(self) -> Floats:
        """(n, K): what each unit adds to each coefficient's error (bread times score); zero where left out.

        Sums to zero over units. The clustered covariance is ``correction`` times the products of its sums by
        cluster.
        """
        return (self.lever[:, :, None] * self.error[:, None, :]).reshape(len(self.lever), -1)


def compact(codes: NDArray[Any]) -> tuple[Whole, int]:
    """Codes of any kind as 0 to many − 1, in their order, and how many there are."""
    codes = np.asarray(codes)
    if codes.dtype.kind in "iu" and len(codes) and codes.min() >= 0 and codes.max() < 4 * len(codes):
        present = np.zeros(int(codes.max()) + 1, dtype=bool)  # a table of all numbers instead of sorting
        present[codes] = True
        return (np.cumsum(present) - 1)[codes], int(present.sum())
    found, place = np.unique(codes, return_inverse=True)
    return np.asarray(place, dtype=np.int64).ravel(), len(found)


def adder(place: Whole, many: int, weight: Floats | None = None) -> csc_array:
    """(many, n) matrix that sums rows per place 0 to many − 1, each times its weight."""
    amount = np.ones(len(place)) if weight is None else weight
    return csc_array((amount, place, np.arange(len(place) + 1)), shape=(many, len(place)))


def nested(place: Whole, many: int, cluster: Whole) -> bool:
    """Whether everyone in the same place 0 to many − 1 is in the same cluster."""
    one = np.zeros(many, dtype=np.int64)
    one[place] = cluster
    return bool((one[place] == cluster).all())


def small_sample(
    n_obs: Any, terms: Any, effects: Sequence[tuple[Any, bool]], clusters: Any = None
) -> tuple[Any, Any]:
    """The factor of a covariance and the degrees of freedom of t, as pyfixest gives them by default.

    ``effects``: levels of each set of fixed effects and whether it lies within clusters; these cost no
    freedom, one for all levels. (N − 1)/(N − k) · G/(G − 1) with ``clusters`` G, N/(N − k) without.
    """
    cost = terms + sum(levels for levels, _ in effects) - max(len(effects) - 1, 0)
    if clusters is None:
        return n_obs / (n_obs - cost), n_obs - cost
    cost = cost - sum(levels - 1 for levels, within in effects if within)
    return (n_obs - 1) / (n_obs - cost) * (clusters / (clusters - 1)), clusters - 1


def independent(gram: Floats, raw: Floats) -> Whole:
    """Numbers of the columns that are no combination of earlier ones, from their products (K, K).

    ``raw``: their squares before fixed effects were taken out.
    """
    kept: list[int] = []
    for column in range(len(gram)):
        left = gram[column, column]
        if kept:
            beside = gram[np.ix_(kept, kept)]
            left = left - gram[column, kept] @ np.linalg.solve(beside, gram[kept, column])
        if left > _NOTHING_LEFT * raw[column]:
            kept.append(column)
    return np.array(kept, dtype=np.int64)


def times(rows: Floats, matrix: Floats) -> Floats:
    """rows (n, a) @ matrix (a, b), block by block: small products stay on one thread, which is faster."""
    out = np.empty((len(rows), matrix.shape[1]))
    for first in range(0, len(rows), _BLOCK):
        np.matmul(rows[first : first + _BLOCK], matrix, out=out[first : first + _BLOCK])
    return out


def across(left: Floats, right: Floats) -> Floats:
    """left (n, a) transposed @ right (n, b), in blocks: one order of summing on any number of threads."""
    total = np.zeros((left.shape[1], right.shape[1]))
    for first in range(0, len(left), _BLOCK):
        total += left[first : first + _BLOCK].T @ right[first : first + _BLOCK]
    return total


def clustered(lever: Floats, error: Floats, cluster: Whole, many: int) -> Floats:
    """(L·S, L·S): products of the influence summed by cluster, without the (n, L·S) table in between."""
    add = adder(cluster, many)
    sums = np.concatenate([add @ (lever[:, [column]] * error) for column in range(lever.shape[1])], axis=1)
    return np.asarray(sums.T @ sums, dtype=np.float64)


def concluded(
    terms: Sequence[str],
    coef: Floats,
    meat: Floats | None,
    *,
    correction: float,
    degrees: int,
    clusters: int,
    n_obs: int,
    r2_within: float,
    lever: Floats,
    error: Floats,
    dropped: Sequence[str] = (),
    left_out: int = 0,
) -> Estimated:
    """Standard errors, tests and intervals from ``meat``, products of influence (K, K); NaN without it."""
    covariance = np.full((len(coef), len(coef)), np.nan) if meat is None else correction * meat
    se = np.sqrt(np.diag(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = coef / se
    far = student.ppf((1 + LEVEL) / 2, degrees) * se
    return Estimated(
        terms=tuple(terms),
        coef=coef,
        covariance=covariance,
        se=se,
        t=t,
        p=np.asarray(2 * student.sf(np.abs(t), degrees)),
        low=coef - far,
        high=coef + far,
        clusters=clusters,
        n_obs=n_obs,
        r2_within=r2_within,
        correction=correction,
        degrees=degrees,
        lever=lever,
        error=error,
        dropped=tuple(dropped),
        left_out=left_out,
    )
