# SPDX-License-Identifier: EUPL-1.2
"""The chance of an event that has no size, such as falling a class: ridge logistic regression.

Source: le Cessie and Van Houwelingen 1992, Applied Statistics 41. It serves the record of years from which only
classes are known; scores have `model`, which keeps what is expected apart from how far areas swing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from krachtwijk.monitor.index.estimate import FOLDS
from krachtwijk.monitor.warning.features import Bools, Floats, Ints, Terms
from krachtwijk.monitor.warning.model import Shape, shaped, times

PENALTY = 30.0
ROUNDS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Odds:
    """Per fit (without each fold and, last, of all) its shape, intercept and weights on log odds."""

    fits: tuple[tuple[Shape, float, Floats], ...]


def fit(terms: Terms, event: Bools, fold: Ints) -> Odds:
    """Learn from rows whose ``event`` (rows,) is known; ``fold`` (rows,) as in `model.fit`."""
    seen = [fold != number for number in range(FOLDS)] + [np.ones(len(event), dtype=bool)]
    return Odds(tuple(_fit(terms.rows(rows), event[rows]) for rows in seen))


def chance(odds: Odds, terms: Terms, fold: Ints | None = None) -> Floats:
    """Chance of the event per area (n,); with ``fold`` each by the fit that never saw its part of the country."""
    by = np.full(len(terms.matrix), FOLDS, dtype=np.int64) if fold is None else fold
    found = np.empty(len(by))
    for number in np.unique(by):
        here = by == number
        shape, intercept, weights = odds.fits[number]
        found[here] = _logistic(intercept + times(shape.columns(terms.rows(here)), weights))
    return found


def _logistic(x: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-x))


def _fit(terms: Terms, event: Bools) -> tuple[Shape, float, Floats]:
    shape = shaped(terms)
    x = np.column_stack([np.ones(len(event)), shape.columns(terms)])
    penalty = np.diag([0.0] + [PENALTY] * (x.shape[1] - 1))
    rate = (event.sum() + 0.5) / (len(event) + 1.0)  # never 0 or 1: such odds have no logarithm
    found = np.zeros(x.shape[1])
    found[0] = np.log(rate / (1.0 - rate))
    for _ in range(ROUNDS):
        p = _logistic(times(x, found))
        gram = np.einsum("nj,nk->jk", (p * (1.0 - p))[:, None] * x, x)
        step = np.linalg.solve(gram + penalty, np.einsum("n,nk->k", event - p, x) - penalty @ found)
        found += step
        if np.abs(step).max() < 1e-10:
            break
    return shape, float(found[0]), found[1:]
