# SPDX-License-Identifier: EUPL-1.2
"""Which areas can be told apart by their change: groups for who sorts, so that chance makes no ranking.

"Cannot be told apart" is no equivalence: A and B may be alike, B and C too, and A and C not. So a rule is needed that
cuts an ordered row of changes into groups without overlap. The rule (``groep-1``) is that of Scott and Knott (1974, A
cluster analysis method for grouping means in the analysis of variance, Biometrics 30, 507-512).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv

from krachtwijk.monitor.gaps import CONFIDENCE

Floats = npt.NDArray[np.float64]


def told_apart(changes: Mapping[str, float], *, noise_sd: float, freedom: float = math.inf) -> dict[str, int]:
    """The group of each area, 1 for the group with the largest changes, by area.

    ``noise_sd`` is the standard deviation of one change, in the unit of the changes, with ``freedom`` degrees of
    freedom. The row of changes is cut where the variance between both sides is largest; a cut holds if that variance is
    larger than chance makes it at the module's confidence (likelihood ratio); each side is then cut again. Within a
    group the differences can all be chance, so order inside a group means nothing. Equal changes share a group. Every
    area is in exactly one group and the order in which areas are given does not matter.
    """
    values: Floats = np.unique(np.asarray(list(changes.values()), dtype=np.float64))[::-1]
    counts = np.array([sum(v == value for v in changes.values()) for value in values], dtype=np.float64)
    starts = sorted(_starts(values, counts, 0, noise_sd**2, freedom))
    group = {
        float(value): int(np.searchsorted(starts, place, side="right")) for place, value in enumerate(values)
    }
    return {area: group[float(change)] for area, change in changes.items()}


def _starts(values: Floats, counts: Floats, offset: int, variance: float, freedom: float) -> list[int]:
    """Places in a falling row of distinct values (each occurring ``counts`` times) where a group begins."""
    cut = _cut(values, counts, variance, freedom)
    if cut is None:
        return [offset] if len(values) else []
    return [
        *_starts(values[:cut], counts[:cut], offset, variance, freedom),
        *_starts(values[cut:], counts[cut:], offset + cut, variance, freedom),
    ]


def _cut(values: Floats, counts: Floats, variance: float, freedom: float) -> int | None:
    """How many of the values form the upper part, None where the row cannot be told from one group."""
    if len(values) < 2:
        return None
    n = float(counts.sum())
    centred = values - float((counts * values).sum()) / n
    upper = np.cumsum(counts * centred)[:-1]
    size = np.cumsum(counts)[:-1]
    between = upper**2 / size + upper**2 / (n - size)
    cut = int(np.argmax(between)) + 1
    if math.isinf(freedom):
        estimate = variance
    else:
        estimate = (float((counts * centred**2).sum()) + freedom * variance) / (n + freedom)
    ratio = math.pi / (2 * (math.pi - 2)) * float(between[cut - 1])
    # the quantile of chi-square with n / (π − 2) degrees of freedom; scipy.stats takes a second to import
    critical = 2 * float(gammaincinv(n / (2 * (math.pi - 2)), CONFIDENCE))
    return cut if ratio > estimate * critical else None
