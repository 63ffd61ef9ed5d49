# SPDX-License-Identifier: EUPL-1.2
"""How sure is an estimate, when places near each other and areas of one city are not independent.

Two forms go in. `conley` takes the *influence* of each unit (what it adds to the coefficients: bread times score, as
`panel.Estimated` gives it), for its variance is a quadratic form of it. The wild bootstrap and the jackknife refit, so
they take `Moments`: of each cluster X'X and X'y. Of a balanced panel with one moment of change both follow from the
unit's mean after less its mean before. Formulas and sources: docs/methods/conley-and-clusters.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from krachtwijk.monitor.space.arrays import Floats, Whole
from krachtwijk.monitor.space.moran import corrected

Kernel: TypeAlias = Literal["uniform", "bartlett", "discs"]
KERNELS: tuple[Kernel, ...] = ("uniform", "bartlett", "discs")
Draws: TypeAlias = Literal["rademacher", "webb"]
#: What a cluster's residuals are multiplied by: two points, or six (Webb 2014) where clusters are few.
POINTS: dict[str, tuple[float, ...]] = {
    "rademacher": (-1.0, 1.0),
    "webb": (-(1.5**0.5), -1.0, -(0.5**0.5), 0.5**0.5, 1.0, 1.5**0.5),
}
#: Up to so many clusters all 2ᴳ signs are counted through, and nothing is drawn.
ENUMERATED = 12
#: So near to the statistic itself counts as equal: two orders of the same sum.
_TIE = 1e-9


def conley(influence: Floats, xy: Floats, cutoff: float, kernel: Kernel = "bartlett") -> Floats:
    """(K, K) covariance Σᵢⱼ k(dᵢⱼ) ψᵢψⱼ' (Conley, Journal of Econometrics 92, 1999), without small-sample factor.

    ``influence`` (n, K) ψ, ``xy`` (n, 2) in metres, ``cutoff`` in metres. Kernels within the cutoff r: uniform 1,
    bartlett 1 − d/r, discs (the share that two discs of diameter r have in common). Only discs cannot give a negative
    variance in the plane. Same digits on any number of threads. Raises ValueError.
    """
    influence, xy = np.asarray(influence, dtype=np.float64), np.asarray(xy, dtype=np.float64)
    if influence.ndim != 2 or xy.shape != (len(influence), 2) or not len(influence):
        raise ValueError("influence (n, K) and xy (n, 2) have a row per unit")
    if not (np.isfinite(influence).all() and np.isfinite(xy).all()):
        raise ValueError("influence and places are numbers")
    if not (np.isfinite(cutoff) and cutoff > 0) or kernel not in KERNELS:
        raise ValueError(f"cutoff is a number of metres above 0, kernel one of {', '.join(KERNELS)}")
    from krachtwijk.monitor.effects.kernels_inference import near_sums

    # a grid with far more cells than units is only emptiness: a wider cell finds the same pairs
    span = np.ptp(xy, axis=0)
    side = max(cutoff, float(np.sqrt((span[0] + cutoff) * (span[1] + cutoff) / (4.0 * len(xy) + 16.0))))
    column, row = ((xy - xy.min(axis=0)) // side).astype(np.int64).T
    columns, rows = int(column.max()) + 1, int(row.max()) + 1
    cell = row * columns + column
    order = np.argsort(cell, kind="stable")
    begin = np.searchsorted(cell[order], np.arange(rows * columns + 1))
    start = np.empty((rows + 1, columns + 1), dtype=np.int64)
    start[:rows, :columns] = begin[:-1].reshape(rows, columns)
    start[:rows, columns] = begin[columns::columns]
    start[rows] = len(xy)
    sums, ordered = np.empty_like(influence), np.ascontiguousarray(influence[order])
    near_sums(
        np.ascontiguousarray(xy[order, 0]),
        np.ascontiguousarray(xy[order, 1]),
        row[order],
        column[order],
        start,
        float(cutoff),
        KERNELS.index(kernel),
        ordered,
        sums,
    )
    meat = ordered.T @ sums
    return np.asarray((meat + meat.T) / 2)


@dataclass(frozen=True, slots=True)
class Moments:
    """Of each cluster what a linear fit needs: ``squares`` (G, k, k) Xᵍ'WXᵍ and ``products`` (G, k) Xᵍ'Wyᵍ."""

    squares: Floats
    products: Floats

    def __len__(self) -> int:
        return len(self.products)


def moments(
    outcome: Floats,
    design: Floats,
    cluster: Whole,
    *,
    weight: Floats | None = None,
    absorbed: Whole | None = None,
) -> Moments:
    """Sums per cluster of outcome (n,) and design (n, k), which holds its own constant.

    ``cluster`` (n,) codes of any kind; ``absorbed`` (n,) codes of effects taken out beforehand (units of a panel),
    each within one cluster: effects that cross clusters stand as columns of the design. Raises ValueError.
    """
    outcome, design = np.asarray(outcome, dtype=np.float64), np.asarray(design, dtype=np.float64)
    n = len(outcome)
    weights = np.ones(n) if weight is None else np.asarray(weight, dtype=np.float64)
    if outcome.shape != (n,) or design.ndim != 2 or len(design) != n or np.shape(cluster) != (n,):
        raise ValueError("outcome, design and cluster have a row per observation")
    if not (np.isfinite(outcome).all() and np.isfinite(design).all()) or weights.shape != (n,):
        raise ValueError("outcome and design are numbers; every observation has a weight")
    if not (np.isfinite(weights).all() and (weights > 0).all()):
        raise ValueError("weights are numbers above 0")
    whose = np.unique(cluster, return_inverse=True)[1]
    both = np.column_stack([design, outcome])
    if absorbed is not None:
        unit = np.unique(absorbed, return_inverse=True)[1]
        homes = np.unique(np.column_stack([unit, whose]), axis=0)
        if len(homes) != unit.max() + 1:
            raise ValueError("an absorbed effect lies within one cluster")
        crowd = np.bincount(unit, weights=weights)
        for column in both.T:
            column -= (np.bincount(unit, weights=weights * column) / crowd)[unit]
    order = np.argsort(whose, kind="stable")
    starts = np.flatnonzero(np.diff(whose[order], prepend=-1))
    both, weights = both[order], weights[order]
    width = both.shape[1]
    total = np.empty((len(starts), width, width))
    for r in range(width):
        for c in range(r, width):
            total[:, r, c] = total[:, c, r] = np.add.reduceat(weights * both[:, r] * both[:, c], starts)
    return Moments(np.ascontiguousarray(total[:, :-1, :-1]), np.ascontiguousarray(total[:, :-1, -1]))


def coefficients(sums: Moments) -> Floats:
    """(k,) least squares. Raises ValueError where columns of the design say the same."""
    return np.asarray(_bread(sums.squares.sum(axis=0)) @ sums.products.sum(axis=0))


def clustered(sums: Moments) -> Floats:
    """(k, k) covariance of `coefficients` by cluster (CV1), times G/(G − 1) and nothing else."""
    bread = _bread(sums.squares.sum(axis=0))
    scores = sums.products - sums.squares @ (bread @ sums.products.sum(axis=0))
    parts = scores @ bread
    return np.asarray(parts.T @ parts * (len(sums) / (len(sums) - 1)))


def jackknife(sums: Moments) -> Floats:
    """(k, k) covariance from leaving out each cluster in turn (CV3: Bell and McCaffrey 2002; MacKinnon, Nielsen and
    Webb, Journal of Applied Econometrics 38, 2023): (G − 1)/G Σ (βₒ₍g₎ − β)(βₒ₍g₎ − β)'.

    Raises ValueError where without some cluster the coefficients are not determined (a term lives in that one only).
    """
    squares, products = sums.squares.sum(axis=0), sums.products.sum(axis=0)
    whole = _bread(squares) @ products
    without = np.empty_like(sums.products)
    for g in range(len(sums)):
        try:
            without[g] = _bread(squares - sums.squares[g]) @ (products - sums.products[g])
        except ValueError as error:
            raise ValueError(f"without cluster {g} (in order of code) there is no estimate") from error
    apart = without - whole
    return np.asarray(apart.T @ apart * ((len(sums) - 1) / len(sums)))


@dataclass(frozen=True, slots=True)
class Wild:
    """``t`` of the term (against ``null``, CV1 with G/(G − 1)) and its two-sided ``p`` among the draws.

    ``low``, ``high``: the values that the test does not reject at ``level`` (NaN where none was asked). ``exact``: all
    2ᴳ signs were counted; else p = (1 + number as far) / (1 + draws).
    """

    coefficient: float
    t: float
    p: float
    low: float
    high: float
    level: float
    draws: int
    exact: bool


def wild_bootstrap(
    sums: Moments,
    term: int,
    *,
    null: float = 0.0,
    draws: int = 9999,
    points: Draws = "rademacher",
    seed: int = 1,
    level: float = 0.05,
    interval: bool = True,
) -> Wild:
    """The restricted wild cluster bootstrap-t (Cameron, Gelbach and Miller, REStat 90, 2008; six points: Webb 2014).

    The fit is made with the term held at ``null``; in each draw the residuals of a whole cluster are multiplied by one
    number. Up to `ENUMERATED` clusters all signs are counted through (``points`` rademacher). The interval holds the
    values that are not rejected, by halving. Same seed, same digits. Raises ValueError.
    """
    clusters, k = sums.products.shape
    if not 0 <= term < k or clusters < 2 or draws < 1 or points not in POINTS or not 0 < level < 1:
        raise ValueError(
            "term is a column of the design; 2 clusters or more; 1 draw or more; level within 0 and 1"
        )
    from krachtwijk.monitor.effects.kernels_inference import signs

    exact = points == "rademacher" and clusters <= ENUMERATED
    weights = np.empty((2**clusters if exact else draws, clusters))
    signs(np.uint64(seed), np.asarray(POINTS[points]), exact, weights)
    tested = _Tested(sums, term, weights, exact)
    t, p = tested.at(null)
    low = high = np.nan
    if interval:
        low, high = tested.edge(-1, level), tested.edge(1, level)
    return Wild(
        coefficient=float(tested.whole[term]),
        t=t,
        p=p,
        low=low,
        high=high,
        level=level,
        draws=len(weights),
        exact=exact,
    )


class _Tested:
    """One term with its draws, tested against any value."""

    def __init__(self, sums: Moments, term: int, weights: Floats, exact: bool) -> None:
        self.sums, self.term, self.weights, self.exact = sums, term, weights, exact
        self.squares, self.products = sums.squares.sum(axis=0), sums.products.sum(axis=0)
        self.bread = _bread(self.squares)
        self.whole = self.bread @ self.products
        self.error = float(np.sqrt(clustered(sums)[term, term]))
        self.across = np.ascontiguousarray(sums.squares @ self.bread[term])
        self.drawn = np.empty(len(weights))

    def at(self, null: float) -> tuple[float, float]:
        """t and p of the hypothesis that the coefficient is ``null``."""
        from krachtwijk.monitor.effects.kernels_inference import wild_statistics

        others = np.arange(len(self.whole)) != self.term
        held = np.full(len(self.whole), null)
        if others.any():
            left = self.products[others] - null * self.squares[others, self.term]
            held[others] = np.linalg.solve(self.squares[np.ix_(others, others)], left)
        scores = np.ascontiguousarray(self.sums.products - self.sums.squares @ held)
        own = scores @ self.bread[self.term]
        wild_statistics(self.weights, scores, own, self.across, self.bread, self.term, self.drawn)
        clusters = len(self.sums)
        t = (float(self.whole[self.term]) - null) / self.error
        drawn = np.abs(self.drawn) * np.sqrt((clusters - 1) / clusters)
        far = int((drawn >= abs(t) * (1 - _TIE) - _TIE).sum())
        return t, far / len(drawn) if self.exact else (1 + far) / (1 + len(drawn))

    def edge(self, side: int, level: float) -> float:
        """The farthest value on one side that is not rejected; infinite where nothing is."""
        middle = float(self.whole[self.term])
        step = self.error * float(student.ppf(1 - level / 2, len(self.sums) - 1))
        inside, outside = 0.0, 1.0
        while self.at(middle + side * outside * step)[1] > level:
            inside, outside = outside, outside * 2
            if outside > 1e6:
                return side * np.inf
        while outside - inside > 1e-6 * outside:
            half = (inside + outside) / 2
            if self.at(middle + side * half * step)[1] > level:
                inside = half
            else:
                outside = half
        return middle + side * inside * step


@dataclass(frozen=True, slots=True)
class Found:
    """``adjusted`` (n,) probabilities and ``found`` (n,): those at or below the rate."""

    adjusted: Floats
    found: NDArray[np.bool_]


def false_discovery(p: Floats, q: float = 0.05, method: Literal["bh", "by"] = "bh") -> Found:
    """Of the tests that stand out, a share of at most ``q`` is expected to be chance.

    bh: Benjamini and Hochberg (1995), for tests that are independent or move together; by: Benjamini and Yekutieli
    (2001), for any. Missing probabilities do not count as tests. Raises ValueError.
    """
    p = np.asarray(p, dtype=np.float64)
    if method not in ("bh", "by") or not 0 < q < 1 or not (np.isnan(p) | ((p >= 0) & (p <= 1))).all():
        raise ValueError("p and q are probabilities; method is bh or by")
    adjusted = corrected(p, method)
    return Found(adjusted, np.asarray(adjusted <= q))


def _bread(squares: Floats) -> Floats:
    """The inverse of X'X, scaled first so that units do not matter for what counts as the same column."""
    size = np.sqrt(np.diag(squares))
    if not (size > 0).all():
        raise ValueError("a column of the design is empty")
    scaled = squares / np.outer(size, size)
    if np.linalg.eigvalsh(scaled)[0] <= 1e-12:
        raise ValueError("columns of the design say the same")
    return np.asarray(np.linalg.inv(scaled) / np.outer(size, size))
