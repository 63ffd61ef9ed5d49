# SPDX-License-Identifier: EUPL-1.2
"""One comparison of changes with every doubt beside it: by city, by leaving out a city, by distance, by bootstrap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from krachtwijk.monitor.effects.estimated import compact, nested
from krachtwijk.monitor.effects.inference import (
    Moments,
    clustered,
    coefficients,
    conley,
    jackknife,
    moments,
    wild_bootstrap,
)
from krachtwijk.monitor.effects.panel import Panel, estimate
from krachtwijk.monitor.effects.plan import Inference
from krachtwijk.monitor.space.arrays import Floats, Whole

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Tested:
    """A term: ``coef`` with ``se`` by cluster (CRV1), its interval (95 %) and ``p``; ``se_jackknife`` (CV3, NaN where a
    term lives in one cluster), ``se_conley``, ``p_wild``; ``areas`` in the term, ``comparison``: in none.
    """

    term: str
    coef: float
    se: float
    low: float
    high: float
    p: float
    se_jackknife: float
    se_conley: float
    p_wild: float
    areas: int
    comparison: int
    clusters: int


def tested(
    change: Floats,
    terms: Floats | Flags,
    names: Sequence[str],
    *,
    cluster: Whole,
    xy: Floats,
    rule: Inference,
    within: Whole | None = None,
    beside: Floats | None = None,
    weight: Floats | None = None,
) -> list[Tested]:
    """Least squares of the change (n,) of each area on terms (n, K), which says what each area is exposed to.

    ``cluster`` (n,) codes; ``xy`` (n, 2) metres; ``within`` (n,) groups that are compared inside only; ``beside``
    (n, B): columns held constant, without rows of their own in the answer. A term that tells nothing is left out. The
    change of two years is what fixed effects of areas and years leave of them, so this equals that panel.
    """
    columns = terms if beside is None else np.column_stack([terms, beside])
    called = [*names, *(f"naast {k}" for k in range(columns.shape[1] - len(names)))]
    panel = Panel(np.column_stack([np.zeros_like(change), change]), cluster, weight)
    fit = estimate(panel, columns, np.array([False, True]), period_effects=within, names=called)
    far = np.sqrt(np.diag(conley(fit.influence, xy, rule.cutoff, rule.kernel)))

    kept = [called.index(term) for term in fit.terms]
    design, absorbed = columns[:, kept].astype(np.float64), None
    if within is None:
        design = np.column_stack([design, np.ones(len(change))])
    else:
        group, groups = compact(within)
        if nested(group, groups, compact(cluster)[0]):
            absorbed = group
        else:
            design = np.column_stack([design, np.eye(groups)[group]])
    sums = moments(change, design, cluster, weight=weight, absorbed=absorbed)
    try:
        leaving = np.sqrt(np.diag(jackknife(sums)))
    except ValueError:  # a term that lives in one city only
        leaving = np.full(design.shape[1], np.nan)
    comparison = int((~terms.astype(bool).any(axis=1)).sum())
    return [
        Tested(
            term=term,
            coef=float(fit.coef[place]),
            se=float(fit.se[place]),
            low=float(fit.low[place]),
            high=float(fit.high[place]),
            p=float(fit.p[place]),
            se_jackknife=float(leaving[place]),
            se_conley=float(far[place]),
            p_wild=wild_bootstrap(
                sums, place, draws=rule.bootstraps, points=rule.weights, seed=rule.seed, interval=False
            ).p,
            areas=int(terms[:, called.index(term)].astype(bool).sum()),
            comparison=comparison,
            clusters=fit.clusters,
        )
        for place, term in enumerate(fit.terms)
        if term in names
    ]


def concluded_by(
    term: str, sums: Moments, *, rule: Inference, se_conley: float, areas: int, comparison: int
) -> Tested:
    """The first term of a fit that is known by its sums per cluster (CV1 with G/(G − 1))."""
    coef, se = float(coefficients(sums)[0]), float(np.sqrt(clustered(sums)[0, 0]))
    degrees = len(sums) - 1
    far = float(student.ppf(0.975, degrees)) * se
    wild = wild_bootstrap(sums, 0, draws=rule.bootstraps, points=rule.weights, seed=rule.seed, interval=False)
    return Tested(
        term=term,
        coef=coef,
        se=se,
        low=coef - far,
        high=coef + far,
        p=float(2 * student.sf(abs(coef / se), degrees)),
        se_jackknife=float(np.sqrt(jackknife(sums)[0, 0])),
        se_conley=se_conley,
        p_wild=wild.p,
        areas=areas,
        comparison=comparison,
        clusters=len(sums),
    )


def alike(treated: Flags, pool: Flags, cell: Whole, fewest: int) -> Floats:
    """(n,) weights that lay a pool beside treated areas of the same cell: 1 for the treated, for the others of a cell
    the treated over the others there; 0 where a cell has fewer than ``fewest`` others.

    Least squares with these weights and a group per cell gives the mean over treated areas of what they changed more
    than the mean of their cell.
    """
    place, many = compact(cell)
    inside = np.bincount(place, weights=treated.astype(float), minlength=many)
    others = np.bincount(place, weights=pool.astype(float), minlength=many)
    used = ((others >= fewest) & (others > 0) & (inside > 0))[place]
    share = inside[place] / np.where(others[place] > 0, others[place], 1.0)
    return np.asarray(np.where(used & treated, 1.0, np.where(used & pool, share, 0.0)))
