# SPDX-License-Identifier: EUPL-1.2
"""Loops over units, once per made-up programme. Import this inside the function that needs it.

Each programme is one thread's work in a fixed order, so the digits do not depend on the number of threads. No
fast maths.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange


@njit(cache=True)
def _inverse(gram: Any, raw: Any, out: Any) -> None:
    """``out``: the inverse of a symmetric ``gram`` (K, K) over its independent columns, NaN in the others.

    A column of which no more than 1e-10 of ``raw`` is left beside the earlier ones counts as dependent.
    """
    many = len(gram)
    lower = np.zeros((many, many))
    kept = np.zeros(many, np.bool_)
    for j in range(many):
        left = gram[j, j]
        for k in range(j):
            if kept[k]:
                value = gram[j, k]
                for m in range(k):
                    value -= lower[j, m] * lower[k, m]
                lower[j, k] = value / lower[k, k]
                left -= lower[j, k] ** 2
        kept[j] = left > 1e-10 * raw[j]
        if kept[j]:
            lower[j, j] = np.sqrt(left)
        else:
            lower[j, :] = 0.0
    solved = np.zeros(many)
    for column in range(many):
        for j in range(many):
            if kept[j]:
                value = 1.0 if j == column else 0.0
                for m in range(j):
                    value -= lower[j, m] * solved[m]
                solved[j] = value / lower[j, j]
            else:
                solved[j] = 0.0
        for j in range(many - 1, -1, -1):
            if kept[j]:
                value = solved[j]
                for m in range(j + 1, many):
                    value -= lower[m, j] * solved[m]
                solved[j] = value / lower[j, j]
        for j in range(many):
            out[j, column] = solved[j] if kept[j] and kept[column] else np.nan


@njit(cache=True, parallel=True)
def fit_classes(
    codes: Any,
    change: Any,
    weight: Any,
    cell: Any,
    cell_group: Any,
    cell_cluster: Any,
    groups: int,
    clusters: int,
    classes: int,
    coef: Any,
    variance: Any,
    counted: Any,
) -> None:
    """Least squares of ``change`` on dummies of classes 1 … K beside group means, and clustered variances.

    ``codes`` (D, n), −1 for left out; ``cell`` (n,): which pair of group and cluster a unit is in. Writes
    ``coef`` and ``variance`` (D, K), without small-sample factor, and ``counted`` (D, 4): units, groups,
    clusters and terms that the fit used; a unit alone in its group does not count.
    """
    cells = len(cell_group)
    for draw in prange(len(codes)):
        sums = np.zeros((cells, classes + 1))
        mass = np.zeros((cells, classes + 1))
        heads = np.zeros((cells, classes + 1), np.int64)
        for i in range(codes.shape[1]):
            k = codes[draw, i]
            if k >= 0:
                w = weight[i]
                sums[cell[i], k] += w * change[i]
                mass[cell[i], k] += w
                heads[cell[i], k] += 1

        total = np.zeros(groups)
        mean = np.zeros(groups)
        crowd = np.zeros(groups, np.int64)
        share = np.zeros((groups, classes + 1))
        by_class = np.zeros((groups, classes + 1))
        for c in range(cells):
            g = cell_group[c]
            for k in range(classes + 1):
                total[g] += mass[c, k]
                mean[g] += sums[c, k]
                crowd[g] += heads[c, k]
                share[g, k] += mass[c, k]
                by_class[g, k] += sums[c, k]
        gram = np.zeros((classes, classes))
        raw = np.zeros(classes)
        rhs = np.zeros(classes)
        used = 0
        for g in range(groups):
            if crowd[g] < 2:
                continue
            counted[draw, 0] += crowd[g]
            counted[draw, 1] += 1
            mean[g] /= total[g]
            for k in range(classes + 1):
                share[g, k] /= total[g]
            for k in range(classes):
                raw[k] += share[g, k + 1] * total[g]
                rhs[k] += by_class[g, k + 1] - share[g, k + 1] * total[g] * mean[g]
                gram[k, k] += share[g, k + 1] * total[g]
                for j in range(classes):
                    gram[k, j] -= share[g, k + 1] * share[g, j + 1] * total[g]
        bread = np.zeros((classes, classes))
        _inverse(gram, raw, bread)
        effect = np.zeros(classes + 1)
        for k in range(classes):
            if not np.isnan(bread[k, k]):
                used += 1
                for j in range(classes):
                    if not np.isnan(bread[k, j]):
                        effect[k + 1] += bread[k, j] * rhs[j]
        counted[draw, 3] = used

        score = np.zeros((clusters, classes))
        present = np.zeros(clusters, np.bool_)
        for c in range(cells):
            g = cell_group[c]
            if crowd[g] < 2:
                continue
            level = mean[g]
            for k in range(1, classes + 1):
                level -= share[g, k] * effect[k]
            for j in range(classes + 1):
                if heads[c, j] == 0:
                    continue
                present[cell_cluster[c]] = True
                left = sums[c, j] - mass[c, j] * (level + effect[j])
                for k in range(classes):
                    score[cell_cluster[c], k] += ((1.0 if j == k + 1 else 0.0) - share[g, k + 1]) * left
        counted[draw, 2] = present.sum()
        for k in range(classes):
            if np.isnan(bread[k, k]):
                coef[draw, k] = np.nan
                variance[draw, k] = np.nan
                continue
            coef[draw, k] = effect[k + 1]
            for q in range(clusters):
                lean = 0.0
                for j in range(classes):
                    if not np.isnan(bread[k, j]):
                        lean += bread[k, j] * score[q, j]
                variance[draw, k] += lean * lean
