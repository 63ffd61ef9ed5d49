# SPDX-License-Identifier: EUPL-1.2
"""A score estimated from public figures, with the error that it makes where it has not looked.

Ridge regression of a published score and its dimensions on figures of an area, their squares and the mean of
the areas around it
(Hoerl and Kennard 1970). One penalty for all targets, so that the estimated dimensions add up to the estimated
total exactly as
the published ones do. Error comes from blocks: an area is estimated by a fit that saw nothing of its part of
the country, because
neighbours resemble each other and would tell each other's score (Roberts et al. 2017, Ecography 40).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from krachtwijk.errors import KrachtwijkError

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

FOLDS = 10
PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
# A figure further from the mean than this many standard deviations counts as this far: one odd area must not
# bend a line.
FURTHEST = 4.0
LEVEL = 0.90


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """``matrix``: areas x terms, each of mean 0 and standard deviation 1. ``figure``: per term the number of
    its figure. ``form``: per term ``value``, ``square`` or ``around``.
    """

    matrix: Floats
    figure: Ints
    form: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Estimated:
    """What came out, one row per area and one column per target.

    ``values``: of an area with a published score from a fit without its block, of others from the fit of all;
    score points.
    ``low``, ``high``: 90 % interval of the first target. ``scale``: the size of an error to be expected per area.
    ``errors``: published minus estimated over ``scale``, of every area with a score, sorted. ``fits``: fits x
    terms x targets, a fit
    without each fold and, last, the fit of all; ``intercepts``: fits x targets. ``fold``: per area the number
    of its fit, -1 (the
    last) without a score. ``spread``: standard errors of the last fit (jackknife over folds). ``penalty``: the
    one it chose.
    """

    values: Floats
    low: Floats
    high: Floats
    scale: Floats
    errors: Floats
    fits: Floats
    intercepts: Floats
    spread: Floats
    penalty: float
    fold: Ints


@dataclass(frozen=True, slots=True)
class Quality:
    """How near estimates came: shares of variance told (plain, and with inhabitants as weights), errors in
    score points.
    """

    areas: int
    r2: float
    r2_weighted: float
    rmse: float
    mae: float
    bias: float


def design(values: Floats, around: Floats | None = None) -> Design:
    """The terms of a fit: each figure, its square, and the mean around the area where ``around`` is given.

    ``values`` and ``around`` are areas x figures, nan where unknown: what is unknown counts as the mean. A
    figure that is the
    same everywhere gives no term.
    """
    known = _standard(values)
    parts = [(known, "value"), (_standard(known**2, missing=np.isnan(values)), "square")]
    if around is not None:
        parts.append((_standard(around), "around"))
    columns, figure, form = [], [], []
    for block, name in parts:
        for number in range(block.shape[1]):
            if block[:, number].any():
                columns.append(block[:, number])
                figure.append(number)
                form.append(name)
    return Design(np.column_stack(columns), np.array(figure, dtype=np.int64), tuple(form))


def mean_around(values: Floats, size: Floats, area: Ints, neighbour: Ints) -> Floats:
    """Mean of the neighbours' figures, by their ``size``; nan where no neighbour has the figure. ``area`` and
    ``neighbour`` are pairs of row numbers.
    """
    weight = np.isfinite(values[neighbour]) * size[neighbour, None]
    total, base = np.zeros_like(values), np.zeros_like(values)
    np.add.at(total, area, weight * np.nan_to_num(values[neighbour]))
    np.add.at(base, area, weight)
    return np.divide(total, base, out=np.full_like(values, np.nan), where=base > 0)


def blocks(x: Floats, y: Floats, metres: float) -> Ints:
    """Number of the square of ``metres`` wide in which each point (metres) lies; the same number, the same
    square.
    """
    _, number = np.unique(np.stack([np.floor(x / metres), np.floor(y / metres)]), axis=1, return_inverse=True)
    return np.asarray(number, dtype=np.int64).ravel()


def estimate(terms: Floats, targets: Floats, block: Ints, size: Floats, *, seed: int = 0) -> Estimated:
    """Fit ``targets`` (areas x targets, nan where nothing is published; the first is the total) on ``terms``,
    held out by ``block``.

    ``size`` (inhabitants) tells how errors shrink with the size of an area. Whole blocks go into ten folds by
    ``seed``.
    Raises KrachtwijkError with fewer than ten blocks or fewer scores than three times the terms.
    """
    known: npt.NDArray[np.bool_] = np.asarray(np.isfinite(targets).all(axis=1))
    fold = np.where(known, folds(block, known, seed), -1)
    if known.sum() < 3 * terms.shape[1]:
        raise KrachtwijkError(
            f"Er zijn {known.sum()} gebieden met een score voor {terms.shape[1]} termen",
            mend="Neem minder cijfers of meer gebieden",
        )
    seen = [known & (fold != number) for number in range(FOLDS)] + [known]
    made = [_fit(terms[rows], targets[rows]) for rows in seen]
    fits, intercepts = np.stack([fit for fit, _, _ in made]), np.stack([mean for _, mean, _ in made])
    values = intercepts[fold] + np.einsum("at,atk->ak", terms, fits[fold])
    error = targets[known, 0] - values[known, 0]
    scale = _scale(error, size[known], size)
    errors = np.sort(error / scale[known])
    low, high = np.quantile(errors, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    apart = fits[:FOLDS] - fits[:FOLDS].mean(axis=0)
    return Estimated(
        values=values,
        low=values[:, 0] + low * scale,
        high=values[:, 0] + high * scale,
        scale=scale,
        errors=errors,
        fits=fits,
        intercepts=intercepts,
        spread=np.sqrt((FOLDS - 1) / FOLDS * (apart**2).sum(axis=0)),
        penalty=made[-1][2],
        fold=fold,
    )


def quality(published: Floats, estimated: Floats, size: Floats) -> Quality:
    """How near ``estimated`` came to ``published`` (score points) where both are known."""
    both = np.isfinite(published) & np.isfinite(estimated)
    y, error, weight = published[both], published[both] - estimated[both], size[both]
    mean = np.average(y, weights=weight)
    return Quality(
        areas=int(both.sum()),
        r2=float(1 - (error**2).sum() / ((y - y.mean()) ** 2).sum()),
        r2_weighted=float(1 - (weight * error**2).sum() / (weight * (y - mean) ** 2).sum()),
        rmse=float(np.sqrt((error**2).mean())),
        mae=float(np.abs(error).mean()),
        bias=float(error.mean()),
    )


def covered(found: Estimated, published: Floats, size: Floats) -> npt.NDArray[np.bool_]:
    """Per area with a score whether it lies in an interval that its own fold had no part in (False elsewhere).

    Scale and quantiles are taken of the other folds, so this is the coverage that an area without a score may
    expect.
    """
    inside = np.zeros(len(size), dtype=bool)
    for number in range(FOLDS):
        held, others = found.fold == number, (found.fold != number) & (found.fold >= 0)
        error = published[others] - found.values[others, 0]
        scale = _scale(error, size[others], size)
        low, high = np.quantile(error / scale[others], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        z = (published[held] - found.values[held, 0]) / scale[held]
        inside[held] = (low <= z) & (z <= high)
    return inside


def class_chances(found: Estimated, cuts: Floats) -> Floats:
    """Per area the chance of each class, 1 to len(cuts)+1, of its first target: areas x classes, rows add up to 1.

    ``cuts``: rising lower limits of classes 2 and higher, score points.
    """
    reach = (cuts[None, :] - found.values[:, :1]) / found.scale[:, None]
    below = np.searchsorted(found.errors, reach, side="left") / len(found.errors)
    edges = np.concatenate([np.zeros((len(reach), 1)), below, np.ones((len(reach), 1))], axis=1)
    return np.diff(edges, axis=1)


def rank_chances(
    found: Estimated, worst: int, *, draws: int = 1000, seed: int = 0
) -> tuple[Ints, Ints, Floats]:
    """Per area the 90 % interval of its rank (1 scores highest) and the chance to be among the ``worst``.

    Each draw gives every area an error of its own, so it holds for errors that areas do not share.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    areas = len(found.scale)
    ranks = np.empty((draws, areas), dtype=np.int32)
    for draw in range(draws):
        error = found.errors[generator.integers(0, len(found.errors), areas)]
        ranks[draw, np.argsort(-found.values[:, 0] - found.scale * error, kind="stable")] = np.arange(
            1, areas + 1
        )
    low, high = np.quantile(ranks, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0, method="inverted_cdf")
    return low.astype(np.int64), high.astype(np.int64), (ranks > areas - worst).mean(axis=0)


def contributions(terms: Design, found: Estimated, target: int = 0) -> Floats:
    """Areas x figures: what each figure, with its square and surroundings, adds to the estimate of an area, in
    score points.

    With the intercept of the area's fit they add up to its estimate.
    """
    parts = terms.matrix * found.fits[found.fold, :, target]
    out = np.zeros((len(parts), int(terms.figure.max()) + 1))
    for term, number in enumerate(terms.figure):
        out[:, number] += parts[:, term]
    return out


def published_cuts(score: Floats, grade: Ints, classes: int) -> Floats:
    """Lower limits of classes 2 and higher as the published classes show them: half way between the highest
    score of one class
    and the lowest of the next.

    Empty where two classes overlap or one holds no area: then the score does not tell the class.
    """
    cuts = []
    for number in range(2, classes + 1):
        below, from_here = score[grade == number - 1], score[grade == number]
        if not len(below) or not len(from_here) or below.max() > from_here.min():
            return np.empty(0)
        cuts.append((below.max() + from_here.min()) / 2)
    return np.array(cuts)


def _standard(values: Floats, missing: npt.NDArray[np.bool_] | None = None) -> Floats:
    """Mean 0, standard deviation 1, at most FURTHEST away; unknown is 0. A constant column is 0 throughout."""
    unknown = np.isnan(values) if missing is None else missing
    counted = (~unknown).sum(axis=0).clip(1)
    filled = np.where(unknown, 0.0, values)
    mean = filled.sum(axis=0) / counted
    centred = np.where(unknown, 0.0, filled - mean)
    deviation = np.sqrt((centred**2).sum(axis=0) / counted)
    return np.divide(centred, deviation, out=np.zeros_like(centred), where=deviation > 1e-12).clip(
        -FURTHEST, FURTHEST
    )


def folds(block: Ints, known: npt.NDArray[np.bool_], seed: int) -> Ints:
    """Whole blocks over ten folds of about equal numbers of areas with a score: the largest first, each to the
    emptiest fold.
    """
    names, counts = np.unique(block[known], return_counts=True)
    if len(names) < FOLDS:
        raise KrachtwijkError(
            f"De gebieden liggen in {len(names)} blokken",
            mend=f"Neem kleinere blokken: er zijn er minstens {FOLDS} nodig",
        )
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(names))
    order = order[np.argsort(-counts[order], kind="stable")]
    filled, place = np.zeros(FOLDS), np.empty(len(names), dtype=np.int64)
    for number in order:
        place[number] = int(filled.argmin())
        filled[place[number]] += counts[number]
    return place[np.searchsorted(names, block).clip(max=len(names) - 1)]


def _fit(terms: Floats, targets: Floats) -> tuple[Floats, Floats, float]:
    """Ridge regression whose penalty errs least on the first target when each area is left out in turn:
    coefficients, intercepts, penalty.
    """
    centre, mean = terms.mean(axis=0), targets.mean(axis=0)
    centred = terms - centre
    power, axes = np.linalg.eigh(centred.T @ centred)
    along = centred @ axes
    pushed = along.T @ (targets - mean)
    best, least = PENALTIES[0], np.inf
    for penalty in PENALTIES:
        shrink = 1 / (power + penalty)
        left = targets[:, 0] - mean[0] - along @ (shrink * pushed[:, 0])
        hat = (along**2 @ shrink) + 1 / len(terms)
        loss = float(((left / (1 - hat)) ** 2).mean())
        if loss < least:
            best, least = penalty, loss
    line = axes @ (pushed / (power + best)[:, None])
    return line, mean - centre @ line, best


def _scale(error: Floats, size: Floats, wanted: Floats) -> Floats:
    """Size of an error to be expected by inhabitants: log |error| as a line in log size, never larger than for
    the smallest seen.
    """
    x = np.log(np.maximum(size, 1.0))
    y = np.log(np.maximum(np.abs(error), 1e-6))
    slope, intercept = np.polyfit(x, y, 1)
    return np.exp(intercept + min(slope, 0.0) * np.log(np.maximum(wanted, 1.0)).clip(x.min(), x.max()))
