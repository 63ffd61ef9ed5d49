# SPDX-License-Identifier: EUPL-1.2
"""The expected change of a score and, apart from it, how far areas swing around what is expected.

Both are lines: the change in ridge regression (Hoerl and Kennard 1970), the logarithm of the absolute error likewise
(Harvey 1976, Econometrica 44, multiplicative heteroscedasticity), in turn until neither moves. Errors over their
expected size, of areas in parts of the country that a fit did not see, are one distribution; the chance of a decline
is read from it. A small area thus gets a high chance because it swings, which is shown, not because it is known to
fall.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from krachtwijk.errors import KrachtwijkError
from krachtwijk.monitor.index.estimate import FOLDS
from krachtwijk.monitor.warning.features import LEVEL, SIZE, Floats, Ints, Terms

#: Weight of the sum of squared coefficients, in areas. Chosen by learning from one pair of years and looking at
#: another (docs/methods/warning.md); from 30 to 300 hardly anything changes.
PENALTY = 100.0
SPREAD_PENALTY = 30.0
#: A figure further from the mean than this many standard deviations counts as this far.
FURTHEST = 3.0
#: Errors beyond this many times their expected size weigh less (Huber 1964).
BEND = 2.0
ROUNDS = 6
#: A share of the usual error below which an error is as good as none: rounding would make its logarithm run away.
LEAST = 0.01
LEVEL_OF_INTERVAL = 0.90


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """How terms become columns of mean 0 and standard deviation 1: ``centre`` and ``scale`` of each term, and
    ``bend_centre`` and ``bend_scale`` of the bend of each level.
    """

    centre: Floats
    scale: Floats
    bend_centre: Floats
    bend_scale: Floats

    def known(self, terms: Terms) -> Floats:
        """The terms themselves; what is unknown counts as the mean."""
        z = (terms.matrix - self.centre) / self.scale
        return np.where(np.isfinite(z), z.clip(-FURTHEST, FURTHEST), 0.0)

    def bends(self, levels: Floats) -> Floats:
        """The bends of levels that `known` gave."""
        return (_bent(levels) - self.bend_centre) / self.bend_scale

    def columns(self, terms: Terms) -> Floats:
        """Terms and then bends."""
        known = self.known(terms)
        return np.column_stack([known, self.bends(known[:, terms.of(LEVEL)])])


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """One fit. ``weights``: what one standard deviation of terms and then of bends adds to the change, score points;
    ``spread``: what it adds to log |error|, of size, its square and the levels, with their ``spread_centre`` and
    ``spread_scale``.
    """

    shape: Shape
    intercept: float
    weights: Floats
    spread_centre: Floats
    spread_scale: Floats
    spread_intercept: float
    spread: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """``fits``: without each fold and, last, of all. ``errors``: per fit errors over their expected size, sorted; of
    the last those that the other fits made in their folds, of those others their own.
    """

    fits: tuple[Fit, ...]
    errors: tuple[Floats, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """Per area (n,): ``expected`` change, the ``scale`` of its error, and the 90 % interval ``low`` to ``high``."""

    expected: Floats
    scale: Floats
    low: Floats
    high: Floats
    model: Model
    fold: Ints

    def chance(self, threshold: Floats | float) -> Floats:
        """Chance that the change is below ``threshold`` (score points; one, or one per area)."""
        z = (np.broadcast_to(threshold, self.expected.shape) - self.expected) / self.scale
        found = np.empty(len(z))
        for number in np.unique(self.fold):
            here, errors = self.fold == number, self.model.errors[number]
            found[here] = np.interp(z[here], errors, (np.arange(len(errors)) + 0.5) / len(errors))
        return found


def fit(terms: Terms, change: Floats, fold: Ints) -> Model:
    """Learn from areas whose ``change`` (rows,) is known; ``fold`` (rows,) says which part of the country each is in.

    An area that occurs more than once must have the same fold. A term that is nowhere known counts for nothing.
    Raises KrachtwijkError with fewer than five rows per term.
    """
    if len(change) < 5 * terms.matrix.shape[1]:
        raise KrachtwijkError(
            f"Er zijn {len(change)} bekende veranderingen voor {terms.matrix.shape[1]} kenmerken",
            mend="Kies een jaar waarin meer gebieden een score hebben",
        )
    seen = [fold != number for number in range(FOLDS)] + [np.ones(len(change), dtype=bool)]
    fits = tuple(_fit(terms.rows(rows), change[rows]) for rows in seen)
    own = [
        _errors(found, terms.rows(rows), change[rows]) for found, rows in zip(fits[:-1], seen, strict=False)
    ]
    held = [
        _errors(found, terms.rows(~rows), change[~rows]) for found, rows in zip(fits[:-1], seen, strict=False)
    ]
    return Model(fits, (*own, np.sort(np.concatenate(held))))


def forecast(model: Model, terms: Terms, fold: Ints | None = None) -> Forecast:
    """What is expected of each area; with ``fold`` each by the fit that never saw its part of the country."""
    count = len(terms.matrix)
    by = np.full(count, FOLDS, dtype=np.int64) if fold is None else fold
    expected, scale, low, high = (np.empty(count) for _ in range(4))
    for number in np.unique(by):
        here = by == number
        expected[here], scale[here] = _line(model.fits[number], terms.rows(here))
        tails = np.quantile(model.errors[number], [(1 - LEVEL_OF_INTERVAL) / 2, (1 + LEVEL_OF_INTERVAL) / 2])
        low[here], high[here] = expected[here] + np.outer(tails, scale[here])
    return Forecast(expected, scale, low, high, model, by)


def contributions(model: Model, terms: Terms) -> Floats:
    """What each term adds to the expected change of the fit of all: n x terms, a level with its bend.

    Rows and the intercept add up to the expected change.
    """
    found = model.fits[-1]
    known = found.shape.known(terms)
    levels = terms.of(LEVEL)
    parts = known * found.weights[: known.shape[1]]
    parts[:, levels] += found.shape.bends(known[:, levels]) * found.weights[known.shape[1] :]
    return parts


def shaped(terms: Terms) -> Shape:
    """The shape of terms to learn from; 0 and 1 where a term is nowhere known or everywhere the same."""
    centre, scale = _centred(terms.matrix)
    flat = np.zeros(len(terms.of(LEVEL)))
    known = Shape(centre, scale, flat, flat + 1.0).known(terms)
    return Shape(centre, scale, *_centred(_bent(known[:, terms.of(LEVEL)])))


def _errors(found: Fit, terms: Terms, change: Floats) -> Floats:
    """Errors over their expected size, sorted."""
    expected, scale = _line(found, terms)
    return np.sort((change - expected) / scale)


def _centred(values: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of what is known per column; 0 and 1 where that says nothing."""
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, values, 0.0).sum(axis=0) / count
    sd = np.sqrt(np.where(known, (values - mean) ** 2, 0.0).sum(axis=0) / count)
    return mean, np.where(sd > 1e-12, sd, 1.0)


def _bent(levels: Floats) -> Floats:
    # a curve at the middle that runs straight on: a square would run away where few areas are
    return np.sqrt(1.0 + levels**2)


def _spread_terms(known: Floats, terms: Terms) -> Floats:
    size = known[:, terms.of(SIZE)]
    return np.column_stack([size, size**2, known[:, terms.of(LEVEL)]])


def _line(found: Fit, terms: Terms) -> tuple[Floats, Floats]:
    """Expected change and scale of its error."""
    columns = found.shape.columns(terms)
    swing = (_spread_terms(columns, terms) - found.spread_centre) / found.spread_scale
    return (
        found.intercept + times(columns, found.weights),
        np.exp(found.spread_intercept + times(swing, found.spread)),
    )


def times(matrix: Floats, vector: Floats) -> Floats:
    """Matrix times vector."""
    # not through BLAS: the same digits on any number of threads
    return np.einsum("nk,k->n", matrix, vector)


def _ridge(x: Floats, y: Floats, weight: Floats, penalty: float) -> tuple[float, Floats]:
    """Intercept and coefficients that minimise sum w (y - a - x b)^2 + penalty * b^2, with weights of mean 1."""
    w = weight / weight.mean()
    total = w.sum()
    middle, height = np.einsum("n,nk->k", w, x) / total, float((w * y).sum() / total)
    apart = x - middle
    gram = np.einsum("nj,nk->jk", w[:, None] * apart, apart)
    right = np.einsum("n,nk->k", w * (y - height), apart)
    found = np.linalg.solve(gram + penalty * np.eye(x.shape[1]), right)
    return height - float((middle * found).sum()), found


def _fit(terms: Terms, y: Floats) -> Fit:
    shape = shaped(terms)
    columns = shape.columns(terms)
    swing = _spread_terms(columns, terms)
    spread_centre, spread_scale = _centred(swing)
    swing = (swing - spread_centre) / spread_scale
    weight = np.ones(len(y))
    for _ in range(ROUNDS):
        intercept, weights = _ridge(columns, y, weight, PENALTY)
        error = np.abs(y - intercept - times(columns, weights))
        least = max(LEAST * float(np.median(error)), 1e-12)
        spread_intercept, spread = _ridge(swing, np.log(error + least), np.ones(len(y)), SPREAD_PENALTY)
        size = np.exp(spread_intercept + times(swing, spread))
        weight = np.minimum(1.0, BEND * size / np.maximum(error, 1e-12)) / size**2
    return Fit(shape, intercept, weights, spread_centre, spread_scale, spread_intercept, spread)
