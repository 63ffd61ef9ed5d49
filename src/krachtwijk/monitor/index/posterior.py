# SPDX-License-Identifier: EUPL-1.2
"""What the true values of many areas may be, given measurements with an error: empirical Bayes over all indicators.

Measured values spread wider than true ones: error is added to them. Who adds error once more gets tables that no
country could have. Drawn from here, the values of a table spread as the true ones do. See docs/methods/uncertainty.md.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]

#: What is known without error counts as measured with this share of its standard deviation.
EXACT = 1e-4
#: Points of the quadrature.
POINTS = 24
#: The number of points of skewness from which a lognormal says less than it seems.
MOST_SKEWED = 4.0


def posterior(
    values: Floats, errors: Floats, drawn: npt.NDArray[np.int64]
) -> tuple[Floats, Floats, npt.NDArray[np.float32]]:
    """Centre (k, n), scales (drawn, 4) and factors (n, drawn*(drawn+1)/2) of the true values, for `kernels_draws`.

    ``values`` (k, n), NaN where missing; ``errors`` (k, n) their standard errors; ``drawn``: the columns that have any.
    Errors are normal and independent; true values are normal, or lognormal where skewed, with any correlation between
    columns. A missing value stays missing. With z the centre plus a deviation, a column of ``drawn`` is z where it is
    not skewed (the deviation times scale), otherwise start + size * exp(bend * z): the four scales.
    """
    from krachtwijk.monitor.index.kernels_draws import factors

    k, n = values.shape
    order = np.concatenate(
        [np.setdiff1d(np.arange(k), drawn), drawn]
    )  # those known exactly first: see `factors`
    present = np.isfinite(values[order])
    mean = np.nanmean(values[order], axis=1)
    spread = np.nanstd(values[order], axis=1)
    z = np.where(present, (values[order] - mean[:, None]) / spread[:, None], 0.0)
    error = np.where(present, np.maximum(errors[order] / spread[:, None], EXACT), 1.0)
    correlation, true = prior(z, error, present)
    shapes = np.array([shape(z[j][present[j]], float(true[j])) for j in range(k)])
    shapes[: k - drawn.size] = 0.0
    for j in range(k):
        z[j], error[j] = linear(z[j], error[j], float(true[j]), shapes[j])
    means = np.empty((n, k))
    factor = np.empty((n, drawn.size * (drawn.size + 1) // 2), dtype=np.float32)
    factors(
        np.linalg.inv(correlation),
        np.ascontiguousarray(z.T),
        np.ascontiguousarray(np.where(present, error**-2.0, 0.0).T),
        drawn.size,
        means,
        factor,
    )
    centre = values.copy()
    scales = np.zeros((drawn.size, 4))
    for place, j in enumerate(drawn):
        at = k - drawn.size + place
        bend, start, size = shapes[at]
        own = means[:, at]
        if bend:
            scales[place] = 0.0, bend, mean[at] + spread[at] * start, spread[at] * size
        else:
            scales[place, 0] = true[at] * spread[at]
            own = mean[at] + own * scales[place, 0]
        centre[j] = np.where(present[at], own, np.nan)
    return centre, scales, factor


def prior(z: Floats, error: Floats, present: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Correlation (k, k) and standard deviation (k) of the true values, out of measurements ``z`` and ``error`` (k, n).

    ``z`` has mean 0. What all areas together show is the spread of true values plus that of errors; the mean squared
    error is taken off the diagonal (method of moments). Correlations are drawn towards zero as far as their own
    sampling variance says (Schäfer and Strimmer 2005, doi:10.2202/1544-6115.1175), and made positive definite.
    """
    k = z.shape[0]
    pairs = present.astype(np.float64) @ present.T.astype(np.float64)
    observed = (z @ z.T) / np.maximum(pairs, 1.0)
    noise = (error**2 * present).sum(axis=1) / present.sum(axis=1)
    true = np.maximum(np.diag(observed) - noise, 1e-3 * np.diag(observed))
    scale = np.sqrt(np.outer(true, true))
    correlation = observed / scale
    off = ~np.eye(k, dtype=bool)
    if k > 1:
        total = np.sqrt(np.outer(np.diag(observed), np.diag(observed)))
        seen = np.clip(observed / total, -1, 1)
        variance = (1 - seen**2) ** 2 / np.maximum(pairs - 1, 1) * (total / scale) ** 2
        square = float((correlation[off] ** 2).sum())
        correlation *= 1 - min(1.0, float(variance[off].sum()) / square if square else 1.0)
    np.fill_diagonal(correlation, 1.0)
    roots, vectors = np.linalg.eigh(correlation)
    correlation = (vectors * np.maximum(roots, 1e-3)) @ vectors.T
    size = np.sqrt(np.diag(correlation))
    return correlation / np.outer(size, size), np.sqrt(true)


def shape(z: Floats, true: float) -> tuple[float, float, float]:
    """How true values follow from a normal number: bend, start, size of start + size * exp(bend * normal).

    A lognormal with the moments of the true values: mean 0, standard deviation ``true``, and the third moment of the
    measured, to which symmetric errors add nothing. A skewness within three standard errors is none (bend 0).
    """
    n = z.size
    third = float((z**3).mean()) / true**3
    noise = np.sqrt(6.0 / n) * (float((z**2).mean()) / true**2) ** 1.5
    if abs(third) < 3 * noise:
        return 0.0, 0.0, 0.0
    skewness = min(abs(third), MOST_SKEWED)
    # (w + 2) sqrt(w - 1) = skewness, with w = exp(bend²): one real root, by hyperbolic functions
    root = 2.0 * np.cosh(np.arccosh(1 + skewness**2 / 2) / 3) - 1
    bend = float(np.sqrt(np.log(root)))
    size = float(true / np.sqrt(root * (root - 1)))
    side = 1.0 if third > 0 else -1.0
    return side * bend, -side * size * float(np.sqrt(root)), side * size


def linear(z: Floats, error: Floats, true: float, rule: npt.NDArray[np.float64]) -> tuple[Floats, Floats]:
    """Measurements and errors as those of the normal number behind them.

    Of a skewed one: those that would leave the number with the same mean and standard deviation as the measurement
    does (its moments by Gauss-Hermite quadrature around the likeliest value; Naylor and Smith 1982, Applied Statistics
    31). A tangent would not do: where the curve is flat, a measurement tells what is too high and not what is too low.
    """
    bend, start, size = rule
    if not bend:
        return z / true, error / true
    likely = np.zeros_like(z)
    for _ in range(12):
        value = start + size * np.exp(bend * likely)
        slope = bend * (value - start)
        seen, own = likely + (z - value) / slope, error / np.abs(slope)
        step = seen / (1 + own**2) - likely
        likely = likely + np.clip(step, -0.5, 0.5)
    own = error / np.abs(bend * size * np.exp(bend * likely))
    width = 1 / np.sqrt(1 + own**-2)
    nodes, weights = np.polynomial.hermite.hermgauss(POINTS)
    place = likely + np.sqrt(2.0) * width * nodes[:, None]
    log = -0.5 * (place**2 + ((z - start - size * np.exp(bend * place)) / error) ** 2) + nodes[:, None] ** 2
    share = weights[:, None] * np.exp(log - log.max(axis=0))
    share /= share.sum(axis=0)
    middle = (share * place).sum(axis=0)
    precision = 1 / (share * (place - middle) ** 2).sum(axis=0)
    told = np.maximum(precision - 1, EXACT)
    return middle * (1 + told) / told, told**-0.5
