# SPDX-License-Identifier: EUPL-1.2
"""The smallest effect that a test would have found, before its outcome is read: from an error, or from placebos.

Formulas, sources and when not to use them: docs/methods/power.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, t

from krachtwijk.monitor.space.arrays import Floats


def smallest(error: float, *, power: float = 0.8, level: float = 0.05, degrees: float | None = None) -> float:
    """The effect found with this probability by a two-sided test: (q₁₋ₐ/₂ + q_power) · error.

    Bloom, Evaluation Review 19, 1995; q of the normal distribution, or of Student's with ``degrees`` of freedom
    (clusters less 1). With 80 % power at 5 % it is 2.80 errors. Raises ValueError.
    """
    _probabilities(power, level)
    if not (np.isfinite(error) and error > 0):
        raise ValueError("an error is a number above 0")
    law = norm if degrees is None else t(degrees)
    return float((law.ppf(1 - level / 2) + law.ppf(power)) * error)


def found_by(effects: Floats, error: float, *, level: float = 0.05, degrees: float | None = None) -> Floats:
    """(m,) probability that a two-sided test finds each effect, of either sign; at 0 it is the level.

    With ``degrees`` the statistic is Student's t moved by effect/error, the same approximation as `smallest`.
    """
    _probabilities(0.8, level)
    law = norm if degrees is None else t(degrees)
    limit, moved = law.ppf(1 - level / 2), np.asarray(effects, dtype=np.float64) / error
    return np.asarray(law.sf(limit - moved) + law.cdf(-limit - moved))


@dataclass(frozen=True, slots=True)
class Band:
    """What placebo programmes gave. ``low``, ``high``: an estimate on or beyond is found at the ``level``.

    ``up``, ``down``: the smallest positive and negative effect found with the ``power``, beside what placebos gave by
    chance (NaN where no effect is). ``draws``: how many placebos; ``middle``: their median, far from 0 where the rule
    by which areas were chosen moves estimates by itself (regression to the mean).
    """

    low: float
    high: float
    up: float
    down: float
    middle: float
    level: float
    power: float
    draws: int


def from_placebos(placebos: Floats, *, power: float = 0.8, level: float = 0.05) -> Band:
    """The band of placebo estimates (D,), and the effects that planted in them would have left it.

    An effect moves a linear estimate by exactly itself, so planting it in each placebo's outcomes and fitting again
    gives the placebo estimate plus the effect. An estimate is found if at most ⌊level/2 · (D + 1)⌋ − 1 placebos lie as
    far on its side, so the test keeps its level with any D. Raises ValueError where D cannot reach the level.
    """
    _probabilities(power, level)
    drawn = np.sort(np.asarray(placebos, dtype=np.float64))
    many = len(drawn)
    beyond = int(np.floor(level / 2 * (many + 1) + 1e-9))
    if drawn.ndim != 1 or not np.isfinite(drawn).all() or beyond < 1:
        raise ValueError(
            f"placebos are numbers, at least {int(np.ceil(2 / level)) - 1} of them for this level"
        )
    low, high = float(drawn[beyond - 1]), float(drawn[many - beyond])
    needed = int(np.ceil(power * many - 1e-9))
    # the effect at which so many placebos would have stood beyond the limit
    up = high - float(drawn[many - needed])
    down = low - float(drawn[needed - 1])
    return Band(
        low=low,
        high=high,
        up=up if up > 0 else np.nan,
        down=down if down < 0 else np.nan,
        middle=float(np.median(drawn)),
        level=level,
        power=power,
        draws=many,
    )


def placebo_p(estimate: float, placebos: Floats) -> float:
    """Two-sided probability of an estimate among placebos (D,): 2 (min(#≥, #≤) + 1)/(D + 1), at most 1."""
    drawn = np.asarray(placebos, dtype=np.float64)
    fewest = min(int((drawn >= estimate).sum()), int((drawn <= estimate).sum()))
    return min(1.0, 2 * (fewest + 1) / (len(drawn) + 1))


def curve(effects: Floats, placebos: Floats, *, level: float = 0.05) -> Floats:
    """(m,) share of placebos (D,) that each effect, planted in them, would have put on or beyond their band."""
    drawn = np.asarray(placebos, dtype=np.float64)
    band = from_placebos(drawn, level=level)
    moved = drawn[None, :] + np.asarray(effects, dtype=np.float64)[:, None]
    return np.asarray(((moved <= band.low) | (moved >= band.high)).mean(axis=1))


def _probabilities(power: float, level: float) -> None:
    if not (0 < level < power < 1):
        raise ValueError("level and power are probabilities, the level below the power")
