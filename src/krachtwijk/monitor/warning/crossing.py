# SPDX-License-Identifier: EUPL-1.2
"""The zero point of a score, and which areas may come below it (R-133)."""

from __future__ import annotations

import numpy as np

from krachtwijk.monitor.model import ScoreVersion
from krachtwijk.monitor.warning.features import Bools, Floats

#: Scores were published with three decimals: what differs less than this many decimals show is the same.
DECIMALS = 6


def zero_point(version: ScoreVersion, year: int, score: Floats, grade: Floats | None) -> float | None:
    """The upper limit of the version's zero class in ``year``, score points: the published one, else half way between
    the highest score up to that class and the lowest above. None where neither is known or classes overlap.
    """
    if version.zero_class is None:
        return None
    if version.total_cuts and version.total_cuts_year == year:
        return version.total_cuts[version.zero_class - 1]
    if grade is None:
        return None
    graded = np.isfinite(score) & np.isfinite(grade)
    under, above = score[graded & (grade <= version.zero_class)], score[graded & (grade > version.zero_class)]
    if not len(under) or not len(above) or under.max() > above.min():
        return None
    return round(float(under.max() + above.min()) / 2, DECIMALS)


def may_cross(distance: Floats, chance: Floats, change: Floats, ahead: float, least: float) -> Bools:
    """Which areas are above the zero point now and may be below it soon: all (n,), nan where unknown.

    ``distance`` above the zero point and last ``change``, score points; ``chance`` to be below it at the horizon.
    True where the chance is at least ``least``, and where the last change, ``ahead`` times over, would bring the area
    there. The second is a rule of caution and no forecast: scores that fell mostly come back, so the chance alone
    would see an area that keeps falling too late.
    """
    falling = (change < 0) & (np.round(distance + ahead * change, DECIMALS) <= 0)
    return (distance > 0) & ((chance >= least) | falling)
