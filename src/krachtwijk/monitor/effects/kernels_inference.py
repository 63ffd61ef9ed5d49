# SPDX-License-Identifier: EUPL-1.2
"""Loops over pairs of places and over draws. Import this inside the function that needs it: numba loads slowly.

Every sum is made in a fixed order, and a draw follows from a seed and its number, so the digits do not depend on how
many threads there are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange

from krachtwijk.monitor.space.kernels import _mixed


@njit(cache=True, parallel=True)
def near_sums(
    x: Any, y: Any, row: Any, column: Any, start: Any, cutoff: float, kernel: int, values: Any, out: Any
) -> None:
    """``out[i]`` = Σ over places j within the cutoff of i of kernel(distance) · ``values[j]``.

    Places stand in order of row and column of a grid with sides of the cutoff; those of a cell are
    ``start[cell]:start[cell + 1]``, cells counted row by row. kernel: 0 uniform, 1 Bartlett, 2 two discs.
    """
    rows, columns = start.shape[0] - 1, start.shape[1] - 1
    wide = values.shape[1]
    square = cutoff * cutoff
    pieces = (len(x) + 255) // 256
    for piece in prange(pieces):
        total = np.empty(wide)
        for i in range(piece * 256, min(piece * 256 + 256, len(x))):
            total[:] = 0.0
            for r in range(max(row[i] - 1, 0), min(row[i] + 2, rows)):
                first = start[r, max(column[i] - 1, 0)]
                last = start[r, min(column[i] + 2, columns)]
                for j in range(first, last):
                    far = (x[i] - x[j]) * (x[i] - x[j]) + (y[i] - y[j]) * (y[i] - y[j])
                    if far > square:
                        continue
                    share = np.sqrt(far) / cutoff
                    if kernel == 0:
                        weight = 1.0
                    elif kernel == 1:
                        weight = 1.0 - share
                    else:
                        share = min(share, 1.0)
                        weight = 2.0 / np.pi * (np.arccos(share) - share * np.sqrt(1.0 - share * share))
                    for k in range(wide):
                        total[k] += weight * values[j, k]
            out[i] = total


@njit(cache=True)
def signs(seed: Any, points: Any, exact: bool, out: Any) -> None:
    """``out`` (draws, clusters): of each draw a weight out of ``points`` per cluster; ``exact`` counts through ±1."""
    many = np.uint64(len(points))
    for draw in range(len(out)):
        state = _mixed(_mixed(seed) + np.uint64(draw) * np.uint64(0xD1B54A32D192ED03))
        for g in range(out.shape[1]):
            if exact:
                out[draw, g] = -1.0 if (draw >> g) & 1 else 1.0
            else:
                state = state + np.uint64(0x9E3779B97F4A7C15)
                out[draw, g] = points[np.int64((_mixed(state) >> np.uint64(32)) * many >> np.uint64(32))]


@njit(cache=True)
def wild_statistics(
    weights: Any, scores: Any, own: Any, across: Any, bread: Any, term: int, out: Any
) -> None:
    """``out[b]``: the t of one term in draw b, without its small-sample factor, which is that of every draw.

    ``scores`` (G, k): Xᵍ'ũᵍ of the fit under the null. ``own`` (G,): a·scores and ``across`` (G, k): a·Xᵍ'Xᵍ, with a
    the term's row of ``bread`` (X'X)⁻¹.
    """
    clusters, k = scores.shape
    for b in range(len(weights)):
        total = np.zeros(k)
        for g in range(clusters):
            for c in range(k):
                total[c] += weights[b, g] * scores[g, c]
        shift = np.zeros(k)
        for r in range(k):
            for c in range(k):
                shift[r] += bread[r, c] * total[c]
        variance = 0.0
        for g in range(clusters):
            part = weights[b, g] * own[g]
            for c in range(k):
                part -= across[g, c] * shift[c]
            variance += part * part
        out[b] = shift[term] / np.sqrt(variance) if variance > 0.0 else 0.0
