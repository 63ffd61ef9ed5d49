# SPDX-License-Identifier: EUPL-1.2
"""R-133: the alarm sounds before an area comes below the zero point."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from krachtwijk.catalogue import score_version
from krachtwijk.monitor.warning.crossing import may_cross, zero_point


@given(start=st.integers(1, 300), fall=st.integers(1, 150))
def test_r133_an_area_that_keeps_falling_is_flagged_before_it_is_below_zero(start: int, fall: int) -> None:
    flagged = False
    distance = start  # thousandths of a point above the zero point, at +0.1 or anywhere else
    while distance - fall > 0:
        distance -= fall
        now, last = np.array([distance / 1000]), np.array([-fall / 1000])
        flagged |= bool(may_cross(now, np.array([0.0]), last, 2, 0.2)[0])
        if distance <= 2 * fall:
            break
    assert flagged or start <= fall  # who was one fall away at the start crossed before a change was known


def test_r133_what_stands_still_rises_or_is_below_already_is_not_said_to_cross() -> None:
    nan = np.nan
    distance = np.array([0.1, 0.1, 0.02, -0.01, 0.05, nan, 0.05])
    change = np.array([0.0, 0.05, -0.005, -0.05, nan, -0.1, nan])
    chance = np.array([0.01, 0.01, 0.1, 0.9, 0.3, nan, 0.1])
    assert may_cross(distance, chance, change, 2, 0.2).tolist() == [
        False,
        False,
        False,
        False,
        True,
        False,
        False,
    ]


def test_r133_the_zero_point_is_where_the_published_classes_change_from_weak_to_adequate() -> None:
    version = score_version("lbm2")
    score, grade = np.array([-0.5, -0.29, -0.28, 0.3, np.nan]), np.array([3.0, 4, 5, 9, 9])
    assert zero_point(version, 2016, score, grade) == pytest.approx(-0.285)
    assert zero_point(version, 2016, score, np.array([3.0, 5, 4, 9, 9])) is None  # classes overlap
    assert zero_point(version, 2016, score, None) is None
    assert zero_point(replace(version, zero_class=None), 2016, score, grade) is None
    lbm3 = score_version("lbm3")
    assert zero_point(lbm3, 2024, score, grade) == lbm3.total_cuts[3] == pytest.approx(-0.16405, abs=1e-5)
