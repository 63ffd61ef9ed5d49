# SPDX-License-Identifier: EUPL-1.2
"""Scales that need no equal steps: by hand, and what may not change them."""

from __future__ import annotations

import numpy as np
import pytest

from krachtwijk.monitor.effects import scales

CLASSES = np.array([[1.0, 5.0], [5.0, 5.0], [5.0, 7.0], [9.0, np.nan]])


def test_a_place_is_the_share_that_stands_lower_plus_half_of_the_equal_ones() -> None:
    made = scales.place(CLASSES)
    assert made[:, 0] == pytest.approx([12.5, 50.0, 50.0, 87.5])
    assert made[:3, 1] == pytest.approx([100 / 3, 100 / 3, 250 / 3])
    assert np.isnan(made[3, 1])
    # only the order counts, not the steps
    assert scales.place(CLASSES**3)[:3] == pytest.approx(made[:3])


def test_above_a_class_is_a_share_in_per_cent() -> None:
    made = scales.above(CLASSES, 4)
    assert made[:, 0].tolist() == [0, 100, 100, 100]
    assert np.isnan(made[3, 1])


def test_a_class_as_the_mean_score_of_its_class_over_all_years() -> None:
    scores = np.array([[-0.4, 0.0], [0.1, 0.2], [np.nan, 0.3], [0.9, 0.9]])
    made = scales.as_score(CLASSES, scores)
    assert made[0].tolist() == pytest.approx([-0.4, 0.1])  # class 5: 0.0, 0.1, 0.2
    assert made[2].tolist() == pytest.approx([0.1, 0.3])
    assert np.isnan(scales.as_score(np.array([[2.0]]), np.array([[np.nan]]))).all()
