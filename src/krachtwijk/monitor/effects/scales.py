# SPDX-License-Identifier: EUPL-1.2
"""Scales for an ordered class: equal steps are a choice, so an answer is also given on scales that do not need them."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from krachtwijk.monitor.space.arrays import Floats


def place(values: Floats) -> Floats:
    """(n, T) per period the share of units (0-100) that stand lower, plus half of those that stand equal.

    Missing values stay missing and count for nobody.
    """
    ranks = rankdata(values, axis=0, nan_policy="omit")
    many = np.isfinite(values).sum(axis=0)
    return np.asarray((ranks - 0.5) / np.where(many > 0, many, 1) * 100)


def above(values: Floats, limit: int) -> Floats:
    """(n, T) 100 where the class is above ``limit``, else 0: a mean is a share in per cent, and needs no steps."""
    return np.where(np.isfinite(values), 100.0 * (values > limit), np.nan)


def as_score(classes: Floats, scores: Floats) -> Floats:
    """(n, T) each class as the mean score of its class, over the units and periods where both are known.

    ``scores`` (n, T), NaN where unknown. A class that no score is known of becomes NaN.
    """
    both = np.isfinite(classes) & np.isfinite(scores)
    made = np.full(classes.shape, np.nan)
    for one in np.unique(classes[np.isfinite(classes)]):
        of_class = scores[both & (classes == one)]
        if len(of_class):
            made[classes == one] = of_class.mean()
    return made
